#include "math/adjust.h"

#include <fmt/format.h>

#include <cmath>

namespace headrace::math {
namespace {

using Family = Distribution::Family;

base::Error cannot(const char* what) { return {base::Error::Kind::kUsage, what}; }

Draws scaled_atoms(const Distribution& d, double factor) {
  std::vector<Choice> choices;
  for (const auto& atom : d.atoms()) choices.push_back({factor * atom.value, atom.weight});
  return discrete(choices);
}

Draws scaled_parts(const Distribution& d, double factor) {
  std::vector<WeightedDistribution> parts;
  for (const auto& part : d.parts()) {
    auto moved = scaled(part.distribution, factor);
    if (!moved) return moved;
    parts.push_back({part.weight, *moved});
  }
  return mixture(parts);
}

// A number that reads back to the same bits.
std::string n(double value) { return fmt::format("{}", value); }

}  // namespace

Draws scaled(const Distribution& d, double f) {
  if (!(f > 0) || !std::isfinite(f)) {
    return std::unexpected(cannot("the factor of a shift must be positive"));
  }
  const auto p = d.parameters();
  switch (d.family()) {
    case Family::kPoint:
      return point(f * p[0]);
    case Family::kNormal:
      return normal(f * p[0], f * p[1]);
    case Family::kLognormal:
      return lognormal(p[0] + std::log(f), p[1]);
    case Family::kUniform:
      return uniform(f * p[0], f * p[1]);
    case Family::kTriangular:
      return triangular(f * p[0], f * p[1], f * p[2]);
    case Family::kBeta:
      return beta(p[0], p[1], f * p[2], f * p[3]);
    case Family::kGamma:
      return gamma(p[0], f * p[1]);
    case Family::kExponential:
      return exponential(f * p[0]);
    case Family::kStudentT:
      return student_t(p[0], f * p[1], f * p[2]);
    case Family::kPoisson:
    case Family::kBernoulli:
      return std::unexpected(cannot("a count or a yes-or-no cannot be shifted; pin it"));
    case Family::kDiscrete:
      return scaled_atoms(d, f);
    case Family::kMixture:
      return scaled_parts(d, f);
    case Family::kTruncated: {
      auto inner = scaled(d.parts()[0].distribution, f);
      if (!inner) return inner;
      return truncated(*inner, f * p[0], f * p[1]);
    }
  }
  return std::unexpected(cannot("this distribution cannot be shifted"));
}

bool is_share(const Distribution& d) { return d.family() == Family::kBeta; }

Draws shifted_share(const Distribution& d, double logits) {
  if (!is_share(d) || !std::isfinite(logits)) {
    return std::unexpected(cannot("only shares shift on the log-odds scale"));
  }
  const auto p = d.parameters();
  const double whole = p[0] + p[1];
  const double odds = p[0] / p[1] * std::exp(logits);
  const double mean = odds / (1 + odds);
  return beta(whole * mean, whole * (1 - mean), p[2], p[3]);
}

bool is_positive(const Distribution& d) {
  return d.family() != Family::kPoisson && d.family() != Family::kBernoulli &&
         d.quantile(0.0) >= 0 && d.quantile(0.5) > 0;
}

std::string in_the_language(const Distribution& d) {
  const auto p = d.parameters();
  switch (d.family()) {
    case Family::kPoint:
      return n(p[0]);
    case Family::kNormal:
      return fmt::format("normal({}, {})", n(p[0]), n(p[1]));
    case Family::kLognormal:
      return fmt::format("lognormal(median {}, gsd {})", n(std::exp(p[0])), n(std::exp(p[1])));
    case Family::kUniform:
      return fmt::format("uniform({}, {})", n(p[0]), n(p[1]));
    case Family::kTriangular:
      return fmt::format("triangular({}, {}, {})", n(p[0]), n(p[1]), n(p[2]));
    case Family::kBeta:
      return p[2] == 0 && p[3] == 1 ? fmt::format("beta({}, {})", n(p[0]), n(p[1])) : "";
    case Family::kGamma:
      return fmt::format("gamma({}, {})", n(p[0]), n(p[1]));
    case Family::kExponential:
      return fmt::format("exponential({})", n(p[0]));
    case Family::kStudentT:
      return fmt::format("student_t({}, {}, {})", n(p[0]), n(p[1]), n(p[2]));
    case Family::kPoisson:
      return fmt::format("poisson({})", n(p[0]));
    case Family::kBernoulli:
      return fmt::format("bernoulli({})", n(p[0]));
    case Family::kDiscrete: {
      std::string out;
      for (const auto& atom : d.atoms()) {
        out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", n(atom.weight), n(atom.value));
      }
      return fmt::format("discrete({})", out);
    }
    case Family::kMixture: {
      std::string out;
      for (const auto& part : d.parts()) {
        const std::string inner = in_the_language(part.distribution);
        if (inner.empty()) return "";
        out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", n(part.weight), inner);
      }
      return fmt::format("mixture({})", out);
    }
    case Family::kTruncated: {
      const std::string inner = in_the_language(d.parts()[0].distribution);
      return inner.empty() ? "" : fmt::format("truncate({}, {}, {})", inner, n(p[0]), n(p[1]));
    }
  }
  return "";
}

}  // namespace headrace::math
