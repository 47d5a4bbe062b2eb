#include "study/sensitivity/sobol.h"

#include <algorithm>
#include <cmath>

#include "base/hash.h"
#include "base/workers.h"
#include "math/design.h"
#include "math/philox.h"
#include "summary/quantile.h"

namespace headrace::study {
namespace {

// Uniform numbers of the factors' inputs, from the first or the second half of the dimensions; the
// other inputs stay in their middle.
Columns design(const Subject& subject, const std::vector<Factor>& factors, uint64_t rows,
               bool second) {
  Columns columns(subject.model.inputs.size(), std::vector<double>(rows, 0.5));
  std::vector<uint32_t> moved;
  for (const Factor& factor : factors) {
    moved.insert(moved.end(), factor.inputs.begin(), factor.inputs.end());
  }
  const bool fits = 2 * moved.size() <= math::kSobolDimensions;
  for (uint32_t m = 0; m < moved.size(); ++m) {
    const std::string key = (second ? "second " : "first ") + subject.model.inputs[moved[m]].name;
    const auto dimension = static_cast<uint32_t>(second ? moved.size() + m : m);
    math::sample(math::Design::kSobol, subject.options.seed, base::hash(key), 0, rows,
                 columns[moved[m]], fits ? dimension : math::kPadded);
  }
  run::transform_inputs(subject.model, columns, subject.options.threads);
  return columns;
}

// The outputs of A and B, centred, with their variance.
struct Base {
  std::vector<double> a, b;
  double mean = 0, variance = 0;
};

void centre(Base& base) {
  double n = 0, sum = 0, squares = 0;
  for (const auto* f : {&base.a, &base.b}) {
    for (const double v : *f) {
      if (!std::isnan(v)) n += 1, sum += v;
    }
  }
  base.mean = n > 0 ? sum / n : 0;
  for (auto* f : {&base.a, &base.b}) {
    for (double& v : *f) {
      v -= base.mean;
      if (!std::isnan(v)) squares += v * v;
    }
  }
  base.variance = n > 1 ? squares / (n - 1) : NAN;
}

// What one row adds to the two numerators and to the variance.
struct Row {
  double first, total, variance;
};

std::vector<Row> rows_of(const Base& base, const std::vector<double>& ab) {
  std::vector<Row> rows;
  for (size_t j = 0; j < ab.size(); ++j) {
    const double a = base.a[j], b = base.b[j], c = ab[j] - base.mean;
    if (std::isnan(a) || std::isnan(b) || std::isnan(c)) continue;
    rows.push_back({b * (c - a), (a - c) * (a - c) / 2, (a * a + b * b) / 2});
  }
  return rows;
}

Estimate with_interval(double value, std::vector<double>& resampled) {
  const double ends[] = {0.025, 0.975};
  const std::vector<double> interval = summary::quantiles(resampled, ends);
  return {value, interval[0], interval[1]};
}

// `picks`: the rows of each resample, as numbers in (0, 1).
SobolIndex index_of(const Factor& factor, const std::vector<Row>& rows, double variance,
                    const std::vector<std::vector<double>>& picks) {
  const auto n = static_cast<double>(rows.size());
  Row sum{0, 0, 0};
  for (const Row& row : rows) sum.first += row.first, sum.total += row.total;
  std::vector<double> first, total;
  for (const std::vector<double>& pick : picks) {
    Row s{0, 0, 0};
    for (size_t j = 0; j < rows.size(); ++j) {
      const Row& row = rows[static_cast<size_t>(pick[j] * n)];
      s.first += row.first, s.total += row.total, s.variance += row.variance;
    }
    first.push_back(s.variance > 0 ? s.first / s.variance : 0);
    total.push_back(s.variance > 0 ? s.total / s.variance : 0);
  }
  SobolIndex index;
  index.factor = factor;
  index.first = with_interval(sum.first / n / variance, first);
  index.total = with_interval(sum.total / n / variance, total);
  return index;
}

std::vector<std::vector<double>> resamples(const Subject& subject, const SobolOptions& options) {
  std::vector<std::vector<double>> picks(options.resamples, std::vector<double>(options.rows));
  base::parallel_for(picks.size(), subject.options.threads, [&](size_t r, unsigned) {
    math::uniforms(subject.options.seed, base::hash("resampled rows"), 0, r, picks[r]);
  });
  return picks;
}

base::Error infinite_output() {
  return {base::Error::Kind::kInvalid,
          "the output is infinite in some draws (\"never\"), so it has no variance to share out\n"
          "  --method draws uses its ranks instead"};
}

bool any_infinite(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(), [](double v) { return std::isinf(v); });
}

}  // namespace

base::Result<std::optional<SobolIndices>> sobol_indices(const Subject& subject,
                                                        const std::vector<Factor>& factors,
                                                        const Target& target,
                                                        const SobolOptions& options) {
  const uint64_t rows = options.rows;
  const bool noisy = !subject.program.noises.empty();
  const size_t runs = 2 + factors.size() + (noisy ? 1 : 0);
  Columns a = design(subject, factors, rows, false), b = design(subject, factors, rows, true);
  SobolIndices out;
  out.rows = rows;
  size_t part = 0;
  bool stopped = false;
  const auto outputs = [&](const Columns& inputs,
                           uint64_t first_draw) -> base::Result<std::vector<double>> {
    auto result = run_at(subject, inputs, rows, first_draw, {part++, runs});
    if (!result) return std::unexpected(result.error());
    stopped = !*result;
    if (stopped) return std::vector<double>();
    out.runs += rows;
    out.failed += (*result)->failed;
    if (any_infinite(values_of(**result, target))) return std::unexpected(infinite_output());
    return values_of(**result, target);
  };
  Base base;
  for (const bool second : {false, true}) {
    auto f = outputs(second ? b : a, second ? rows : 0);
    if (!f) return std::unexpected(f.error());
    if (stopped) return std::optional<SobolIndices>();
    (second ? base.b : base.a) = std::move(*f);
  }
  centre(base);
  out.varies = base.variance > 0;
  const auto picks = resamples(subject, options);
  std::vector<std::vector<Row>> all_rows;
  for (size_t f = 0; f < factors.size() + (noisy ? 1 : 0); ++f) {
    const bool is_noise = f == factors.size();
    const auto swap_columns = [&] {
      if (is_noise) return;
      for (const uint32_t input : factors[f].inputs) std::swap(a[input], b[input]);
    };
    swap_columns();
    auto ab = outputs(a, is_noise ? rows : 0);
    swap_columns();
    if (!ab) return std::unexpected(ab.error());
    if (stopped) return std::optional<SobolIndices>();
    all_rows.push_back(rows_of(base, *ab));
    if (all_rows.back().size() < 2) {
      return base::fail(base::Error::Kind::kInvalid, "no row of the design went through whole");
    }
  }
  out.indices.resize(all_rows.size());
  if (!out.varies) base.variance = 1;  // then all numerators are 0
  base::parallel_for(all_rows.size(), subject.options.threads, [&](size_t f, unsigned) {
    const Factor factor = f < factors.size() ? factors[f] : Factor{"noise", {}};
    out.indices[f] = index_of(factor, all_rows[f], base.variance, picks);
  });
  for (const SobolIndex& index : out.indices) out.sum_first += index.first.value;
  std::stable_sort(
      out.indices.begin(), out.indices.end(),
      [](const SobolIndex& x, const SobolIndex& y) { return x.total.value > y.total.value; });
  return std::optional<SobolIndices>(std::move(out));
}

}  // namespace headrace::study
