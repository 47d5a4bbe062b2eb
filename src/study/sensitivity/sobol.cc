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

std::vector<std::vector<double>> resamples(const Subject& subject, unsigned count, size_t rows) {
  std::vector<std::vector<double>> picks(count, std::vector<double>(rows));
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

// Matrices A and B, and A with one factor from B for each factor and for noise.
class Matrices {
 public:
  Matrices(const Subject& subject, const std::vector<Factor>& factors, uint64_t rows)
      : subject_(subject),
        factors_(factors),
        rows_(rows),
        noisy_(!subject.program.noises.empty()),
        a_(design(subject, factors, rows, false)),
        b_(design(subject, factors, rows, true)) {}

  size_t count() const { return 2 + factors_.size() + (noisy_ ? 1 : 0); }

  // So many that the draws of a block feed many threads, and that a long study has many blocks; a
  // block's inputs are in memory together.
  uint64_t rows_in_block() const {
    const uint64_t least = 8192 / count(), most = 65536 / count();
    return std::max<uint64_t>(64, std::clamp(rows_ / 64, least, most));
  }

  // How many runs failed, then the outputs of these rows: all of A, all of B, ...
  PartResult outputs(const Target& target, uint64_t first, uint64_t rows) const;

 private:
  struct Run {
    std::vector<size_t> matrices;
    uint64_t first_draw = 0;  // keys the noise
  };

  // Without noise one run holds all. Otherwise each matrix has one, as its draws share their noise
  // with those of others.
  std::vector<Run> runs(uint64_t first) const {
    std::vector<Run> out(noisy_ ? count() : 1);
    for (size_t m = 0; m < count(); ++m) {
      Run& run = out[noisy_ ? m : 0];
      run.matrices.push_back(m);
      if (m == kB || m == noise()) run.first_draw = rows_;
      run.first_draw += first;
    }
    return out;
  }
  size_t noise() const { return kFactors + factors_.size(); }

  Columns inputs(const std::vector<size_t>& matrices, uint64_t first, uint64_t rows) const {
    Columns columns(a_.size());
    for (const size_t m : matrices) {
      std::vector<bool> from_b(a_.size(), m == kB);
      if (m >= kFactors && m < noise()) {
        for (const uint32_t input : factors_[m - kFactors].inputs) from_b[input] = true;
      }
      for (size_t i = 0; i < columns.size(); ++i) {
        const double* values = (from_b[i] ? b_ : a_)[i].data() + first;
        columns[i].insert(columns[i].end(), values, values + rows);
      }
    }
    return columns;
  }

  static constexpr size_t kB = 1, kFactors = 2;

  const Subject& subject_;
  const std::vector<Factor>& factors_;
  uint64_t rows_;
  bool noisy_;
  Columns a_, b_;
};

PartResult Matrices::outputs(const Target& target, uint64_t first, uint64_t rows) const {
  std::vector<double> out = {0};
  const std::vector<Run> all = runs(first);
  const uint64_t block = rows_in_block();
  const size_t blocks = (rows_ + block - 1) / block;
  for (size_t r = 0; r < all.size(); ++r) {
    const auto result =
        run_at(subject_, inputs(all[r].matrices, first, rows), rows * all[r].matrices.size(),
               all[r].first_draw, {first / block * all.size() + r, blocks * all.size()});
    if (!result) return std::unexpected(result.error());
    if (!*result) return std::optional<std::vector<double>>();
    const std::vector<double>& values = values_of(**result, target);
    if (any_infinite(values)) return std::unexpected(infinite_output());
    out[0] += static_cast<double>((*result)->failed);
    out.insert(out.end(), values.begin(), values.end());
  }
  return out;
}

// The outputs of all matrices, one block of rows after the other until all are done or the study is
// stopped.
base::Result<Columns> all_outputs(const Matrices& matrices, const Target& target,
                                  const SobolOptions& options, SobolIndices& out) {
  Columns outputs(matrices.count());
  while (out.rows < options.rows) {
    const uint64_t rows = std::min(matrices.rows_in_block(), options.rows - out.rows);
    const auto block =
        do_part(options.remember, [&] { return matrices.outputs(target, out.rows, rows); });
    if (!block) return std::unexpected(block.error());
    if (!*block) break;
    const double* values = (**block).data();
    out.failed += static_cast<uint64_t>(*values++);
    for (std::vector<double>& column : outputs) {
      column.insert(column.end(), values, values + rows);
      values += rows;
    }
    out.rows += rows;
  }
  out.runs = out.rows * matrices.count();
  return outputs;
}

}  // namespace

base::Result<SobolIndices> sobol_indices(const Subject& subject, const std::vector<Factor>& factors,
                                         const Target& target, const SobolOptions& options) {
  const Matrices matrices(subject, factors, options.rows);
  SobolIndices out;
  out.asked = options.rows;
  auto outputs = all_outputs(matrices, target, options, out);
  if (!outputs) return std::unexpected(outputs.error());
  if (out.rows == 0) return out;
  Base base;
  base.a = std::move((*outputs)[0]), base.b = std::move((*outputs)[1]);
  centre(base);
  out.varies = base.variance > 0;
  if (!out.varies) base.variance = 1;  // then all numerators are 0
  const auto picks = resamples(subject, options.resamples, out.rows);
  std::vector<std::vector<Row>> all_rows;
  for (size_t m = 2; m < matrices.count(); ++m) {
    all_rows.push_back(rows_of(base, (*outputs)[m]));
    if (all_rows.back().size() < 2) {
      return base::fail(base::Error::Kind::kInvalid, "no row of the design went through whole");
    }
  }
  out.indices.resize(all_rows.size());
  base::parallel_for(all_rows.size(), subject.options.threads, [&](size_t f, unsigned) {
    const Factor factor = f < factors.size() ? factors[f] : Factor{"noise", {}};
    out.indices[f] = index_of(factor, all_rows[f], base.variance, picks);
  });
  for (const SobolIndex& index : out.indices) out.sum_first += index.first.value;
  std::stable_sort(
      out.indices.begin(), out.indices.end(),
      [](const SobolIndex& x, const SobolIndex& y) { return x.total.value > y.total.value; });
  return out;
}

}  // namespace headrace::study
