#include "study/calibration/likelihood.h"

#include <fmt/format.h>

#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>
#include <map>

#include "math/distribution.h"
#include "math/special.h"

namespace headrace::study {
namespace {

using model::Observation;
using Form = Observation::Form;
using Bound = Observation::Bound;

constexpr double kNever = -std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
const double kHalfLogTwoPi = 0.5 * std::log(2 * M_PI);

double log_gamma(double x) { return boost::math::lgamma(x, math::SpecialPolicy()); }

double log_student_t(double degrees, double t) {
  return log_gamma((degrees + 1) / 2) - log_gamma(degrees / 2) - 0.5 * std::log(degrees * M_PI) -
         (degrees + 1) / 2 * std::log1p(t * t / degrees);
}

// The distribution of the limit of a bound, with the terms of the draw.
base::Result<math::Distribution> limit(const Observation& observation, const Seen& seen) {
  const auto& t = seen.terms;
  switch (observation.form) {
    case Form::kPoint:
      return math::point(t[0]);
    case Form::kNormal:
      return math::normal(t[0], t[1]);
    case Form::kLognormal:
      return math::lognormal(std::log(t[0]), t[1]);
    case Form::kStudentT:
      return math::student_t(t[2], t[0], t[1]);
    case Form::kOpinion:
      return *observation.distribution;
    case Form::kPoisson:
    case Form::kNegativeBinomial:
      break;
  }
  return math::point(t[0]);
}

double log_bound(const Observation& observation, const Seen& seen) {
  const auto distribution = limit(observation, seen);
  if (!distribution) return kNever;
  // At most: the limit lies at or above the quantity.
  const double p =
      observation.bound == Bound::kAtMost
          ? 1 - (observation.form == Form::kPoint ? (seen.quantity > seen.terms[0] ? 1.0 : 0.0)
                                                  : 1 - distribution->survival(seen.quantity))
          : distribution->cdf(seen.quantity);
  return p > 0 ? std::log(p) : kNever;
}

double log_reading(const Observation& observation, const Seen& seen) {
  const double x = seen.quantity;
  const auto& t = seen.terms;
  switch (observation.form) {
    case Form::kNormal: {
      if (!(t[1] > 0)) return kNever;
      const double z = (t[0] - x) / t[1];
      return -0.5 * z * z - std::log(t[1]) - kHalfLogTwoPi;
    }
    case Form::kLognormal: {
      if (!(x > 0) || !(t[0] > 0) || !(t[1] > 0)) return kNever;
      const double z = std::log(t[0] / x) / t[1];
      return -0.5 * z * z - std::log(t[1] * t[0]) - kHalfLogTwoPi;
    }
    case Form::kStudentT:
      if (!(t[1] > 0) || !(t[2] > 0)) return kNever;
      return log_student_t(t[2], (t[0] - x) / t[1]) - std::log(t[1]);
    case Form::kPoisson:
      if (x == 0) return t[0] == 0 ? 0 : kNever;
      if (!(x > 0)) return kNever;
      return t[0] * std::log(x) - x - log_gamma(t[0] + 1);
    case Form::kNegativeBinomial: {
      if (!(x > 0) || !(t[1] > 0)) return kNever;
      const double k = t[1];
      return log_gamma(t[0] + k) - log_gamma(k) - log_gamma(t[0] + 1) - k * std::log1p(x / k) +
             t[0] * (std::log(x) - std::log(x + k));
    }
    case Form::kOpinion: {
      const double p = observation.distribution->density(x);
      return p > 0 ? std::log(p) : kNever;
    }
    case Form::kPoint:
      break;
  }
  return kNever;
}

uint32_t add_measure(model::Model& model, const Observation& observation, size_t number,
                     std::string_view part, model::ExprId value) {
  model::Measure measure;
  measure.name = fmt::format("observe/{}/{}", number + 1, part);
  measure.unit_text = observation.unit_text;
  measure.value = value;
  measure.type = model[value].type;
  measure.made = true;
  measure.span = observation.span;
  model.measures.push_back(std::move(measure));
  return static_cast<uint32_t>(model.measures.size() - 1);
}

bool has_spread(const Observation& o) {
  return o.bound == Bound::kNone && (o.form == Form::kNormal || o.form == Form::kLognormal) &&
         !o.terms[0].expr.valid() && !o.terms[1].expr.valid();
}

}  // namespace

std::vector<Asked> ask_observations(model::Model& model, const std::vector<uint32_t>& which) {
  std::vector<Asked> asked;
  for (uint32_t o : which) {
    const Observation observation = model.observations[o];
    Asked one;
    one.observation = o;
    one.quantity = add_measure(model, observation, o, "quantity", observation.measure);
    for (const Observation::Term& term : observation.terms) {
      one.terms.push_back(term.expr.valid() ? add_measure(model, observation, o, "term", term.expr)
                                            : int64_t{-1});
    }
    asked.push_back(std::move(one));
  }
  return asked;
}

Seen seen(const Observation& observation, const Asked& asked, const run::RunResult& result,
          size_t draw) {
  Seen out;
  out.quantity = result.measures[asked.quantity].values[draw];
  for (size_t i = 0; i < asked.terms.size(); ++i) {
    out.terms.push_back(asked.terms[i] < 0
                            ? observation.terms[i].value
                            : result.measures[static_cast<size_t>(asked.terms[i])].values[draw]);
  }
  return out;
}

double log_likelihood(const Observation& observation, const Seen& seen, double widen) {
  double l = 0;
  if (widen != 1 && seen.terms.size() > 1) {
    Seen wider = seen;
    wider.terms[1] *= widen;
    return log_likelihood(observation, wider);
  }
  l = observation.bound == Bound::kNone ? log_reading(observation, seen)
                                        : log_bound(observation, seen);
  return std::isnan(l) ? kNever : l;
}

std::optional<double> replicate(const Observation& observation, const Seen& seen, double widen,
                                const Random& random, uint64_t draw, uint64_t which) {
  if (observation.bound != Bound::kNone) return std::nullopt;
  const double u = random.uniform(draw, which);
  const auto& t = seen.terms;
  const auto at = [u](const base::Result<math::Distribution>& d) {
    return d ? std::optional(d->quantile(u)) : std::nullopt;
  };
  switch (observation.form) {
    case Form::kNormal:
      return seen.quantity + widen * t[1] * math::normal_quantile(u);
    case Form::kLognormal:
      return seen.quantity * std::exp(widen * t[1] * math::normal_quantile(u));
    case Form::kStudentT:
      return at(math::student_t(t[2], seen.quantity, t[1]));
    case Form::kPoisson:
      return at(math::poisson(seen.quantity));
    case Form::kNegativeBinomial: {  // a Poisson number whose mean is drawn from a gamma one
      const auto mean = at(math::gamma(t[1], seen.quantity / t[1]));
      if (!mean || !(*mean > 0)) return mean;
      const auto count = math::poisson(*mean);
      return count ? std::optional(count->quantile(random.uniform(draw, which, 1))) : std::nullopt;
    }
    case Form::kOpinion:
    case Form::kPoint:
      return std::nullopt;
  }
  return std::nullopt;
}

double reading(const Observation& observation) {
  const bool has = observation.bound == Bound::kNone && observation.form != Form::kOpinion &&
                   observation.form != Form::kPoint && !observation.terms[0].expr.valid();
  return has ? observation.terms[0].value : kNaN;
}

void widen_disagreeing(const model::Model& model, std::vector<Asked>& asked) {
  std::map<std::string, std::vector<Asked*>> groups;
  for (Asked& one : asked) {
    const Observation& o = model.observations[one.observation];
    if (has_spread(o)) groups[o.text + (o.form == Form::kNormal ? " n" : " l")].push_back(&one);
  }
  for (auto& [text, group] : groups) {
    if (group.size() < 2) continue;
    double weight = 0, sum = 0;
    const auto number = [&](const Asked* one) {
      const Observation& o = model.observations[one->observation];
      return o.form == Form::kNormal ? o.terms[0].value : std::log(o.terms[0].value);
    };
    const auto precision = [&](const Asked* one) {
      const double s = model.observations[one->observation].terms[1].value;
      return 1 / (s * s);
    };
    for (const Asked* one : group) weight += precision(one), sum += precision(one) * number(one);
    double square = 0;
    for (const Asked* one : group) {
      square += precision(one) * (number(one) - sum / weight) * (number(one) - sum / weight);
    }
    const double ratio = std::sqrt(square / static_cast<double>(group.size() - 1));
    for (Asked* one : group) one->widen = std::max(1.0, ratio);
  }
}

}  // namespace headrace::study
