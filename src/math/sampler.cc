#include "math/sampler.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "math/elementary.h"
#include "math/kernels.h"

namespace headrace::math {
namespace {

using Family = Distribution::Family;

// Quantiles of beta and gamma near zero follow v^(1 / shape); for small shapes the logarithm is
// the smoother function.
bool steep_at_zero(const Distribution& d) {
  return (d.family() == Family::kGamma || d.family() == Family::kBeta) && d.parameters()[0] < 0.75;
}

Distribution without_scale(const Distribution& d) {
  const auto p = d.parameters();
  if (d.family() == Family::kGamma) return *gamma(p[0], 1);
  if (d.family() == Family::kBeta) return *beta(p[0], p[1]);
  if (d.family() == Family::kStudentT) return *student_t(p[0]);
  return d;
}

}  // namespace

Sampler::Sampler(const Distribution& distribution) : distribution_(distribution) {
  switch (distribution.family()) {
    case Family::kPoint:
    case Family::kNormal:
    case Family::kLognormal:
    case Family::kUniform:
    case Family::kTriangular:
    case Family::kExponential:
      return;
    case Family::kBeta:
    case Family::kGamma:
    case Family::kStudentT:
    case Family::kMixture:
    case Family::kTruncated:
      build_table();
      return;
    case Family::kPoisson:
    case Family::kBernoulli:
    case Family::kDiscrete:
      build_counts();
      return;
  }
}

void Sampler::build_table() {
  const auto p = distribution_.parameters();
  if (distribution_.family() == Family::kGamma) factor_ = p[1];
  if (distribution_.family() == Family::kStudentT) shift_ = p[1], factor_ = p[2];
  if (distribution_.family() == Family::kBeta) shift_ = p[2], factor_ = p[3] - p[2];
  const Distribution standard = without_scale(distribution_);
  table_of_logarithms_ = steep_at_zero(standard);
  const auto tail = [this](auto quantile) -> QuantileTable::Tail {
    if (!table_of_logarithms_) return quantile;
    return [quantile](double v) { return log(quantile(v)); };
  };
  QuantileTable::Options options;
  // An absolute error of a logarithm is a relative error of the value.
  options.scale.relative = !table_of_logarithms_;
  if (standard.lower_quantile(0) < 0) {
    options.scale.floor = 1e-3 * (standard.quantile(0.75) - standard.quantile(0.25));
  }
  options.smooth = standard.parts().empty();
  if (table_of_logarithms_ || standard.family() == Family::kStudentT) options.cell_bits = 4;
  table_.emplace(tail([standard](double v) { return standard.lower_quantile(v); }),
                 tail([standard](double v) { return standard.upper_quantile(v); }), options);
}

void Sampler::build_counts() {
  std::vector<Counts::Step>& steps = counts_.steps;
  if (distribution_.family() == Family::kDiscrete) {
    for (const auto& atom : distribution_.atoms()) {
      steps.push_back({atom.value, atom.cumulative, 1 - atom.cumulative});
    }
  } else {
    // No uniform number lies within 2^-53 of 0 or 1.
    const double last = distribution_.upper_quantile(0x1p-54);
    for (double k = distribution_.lower_quantile(0x1p-54); k <= last; ++k) {
      steps.push_back({k, distribution_.cdf(k), distribution_.survival(k)});
    }
  }
  steps.back().cumulative = 1;
  steps.back().above = 0;
  const size_t size = std::clamp<size_t>(2 * steps.size(), 64, 1 << 16);
  size_t at = 0;
  for (size_t i = 0; i < size; ++i) {
    const double u = static_cast<double>(i) / static_cast<double>(size);
    while (steps[at].below(u)) ++at;
    counts_.guide.push_back(static_cast<uint32_t>(at));
  }
}

void Sampler::quantiles(std::span<const double> u, std::span<double> out) const {
  CHECK(u.size() == out.size());
  const auto p = distribution_.parameters();
  const size_t n = u.size();
  if (table_) {
    for (size_t i = 0; i < n; ++i) out[i] = (*table_)(u[i]);
    if (table_of_logarithms_) kernels().exponentiate(out.data(), out.data(), n);
    if (shift_ != 0 || factor_ != 1) {
      for (double& x : out) x = shift_ + factor_ * x;
    }
    return;
  }
  if (!counts_.steps.empty()) {
    const auto guides = static_cast<double>(counts_.guide.size());
    for (size_t i = 0; i < n; ++i) {
      size_t at = counts_.guide[static_cast<size_t>(u[i] * guides)];
      while (counts_.steps[at].below(u[i])) ++at;
      out[i] = counts_.steps[at].value;
    }
    return;
  }
  switch (distribution_.family()) {
    case Family::kNormal:
      return kernels().normal(p[0], p[1], u.data(), out.data(), n);
    case Family::kLognormal:
      return kernels().lognormal(p[0], p[1], u.data(), out.data(), n);
    case Family::kUniform:
      return kernels().uniform(p[0], p[1], u.data(), out.data(), n);
    case Family::kTriangular:
      return kernels().triangular(p[0], p[1], p[2], u.data(), out.data(), n);
    case Family::kExponential:
      return kernels().exponential(p[0], u.data(), out.data(), n);
    default:
      std::fill(out.begin(), out.end(), p[0]);
  }
}

void quantiles(const Distribution& distribution, std::span<const double> u, std::span<double> out) {
  Sampler(distribution).quantiles(u, out);
}

}  // namespace headrace::math
