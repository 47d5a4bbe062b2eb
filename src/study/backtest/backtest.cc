#include "study/backtest/backtest.h"

#include <algorithm>
#include <cmath>

#include "study/backtest/score.h"
#include "summary/quantile.h"

namespace headrace::study {
namespace {

using model::Observation;
using Form = Observation::Form;

bool relative(const Observation& o) { return o.form == Form::kLognormal; }

// A reading with a fixed error that is normal on its scale.
bool scored(const Observation& o) {
  return o.bound == Observation::Bound::kNone &&
         (o.form == Form::kNormal || o.form == Form::kLognormal) && !o.terms[0].expr.valid() &&
         !o.terms[1].expr.valid();
}

// A number on the observation's scale, in units of its error.
double scaled(const Observation& o, double value) {
  return (relative(o) ? std::log(value) : value) / o.terms[1].value;
}

// Readings as the model would have given them, on their scale, and the mean likelihood of the one
// that was seen.
struct Forecast {
  std::vector<double> readings;
  double log_score = 0;
};

Forecast forecast(const Observation& o, const Asked& asked, const run::RunResult& result,
                  uint64_t seed) {
  const Random random(seed, "backtest/replicates");
  Forecast out;
  double highest = -HUGE_VAL;
  std::vector<double> logs;
  for (size_t d = 0; d < result.draws; ++d) {
    const Seen there = seen(o, asked, result, d);
    if (std::isnan(there.quantity)) continue;
    logs.push_back(log_likelihood(o, there));
    highest = std::max(highest, logs.back());
    const auto reading = replicate(o, there, 1, random, d, asked.observation);
    if (reading && std::isfinite(scaled(o, *reading))) out.readings.push_back(scaled(o, *reading));
  }
  double sum = 0;
  for (double l : logs) sum += std::exp(l - highest);
  // On the scale of the score: a density of the logarithm has a factor of the reading, and one in
  // units of the error a factor of that.
  const double stretch =
      std::log(o.terms[1].value) + (relative(o) ? std::log(o.terms[0].value) : 0);
  out.log_score = highest > -HUGE_VAL && !logs.empty()
                      ? highest + std::log(sum / static_cast<double>(logs.size())) + stretch
                      : -HUGE_VAL;
  return out;
}

Score score(const Forecast& forecast, double seen) {
  if (forecast.readings.empty()) return {std::nan(""), std::nan(""), -HUGE_VAL};
  return {place(forecast.readings, seen), crps(forecast.readings, seen), forecast.log_score};
}

// The last reading of the same quantity stays as it is. Its spread is that of both errors and of a
// random walk whose steps are those between the earlier readings, when there are two.
std::optional<Score> naive(const model::Model& model, const Observation& o,
                           const std::vector<uint32_t>& known) {
  std::vector<const Observation*> earlier;
  for (uint32_t k : known) {
    const Observation& e = model.observations[k];
    if (scored(e) && e.subject == o.subject && relative(e) == relative(o) && e.moment && o.moment &&
        *e.moment < *o.moment) {
      earlier.push_back(&e);
    }
  }
  if (earlier.empty()) return std::nullopt;
  std::ranges::stable_sort(earlier, [](auto* a, auto* b) { return *a->moment < *b->moment; });
  const auto number = [&](const Observation& e) { return scaled(o, e.terms[0].value); };
  double walk = 0, steps = 0;
  for (size_t k = 1; k < earlier.size(); ++k) {
    const double years = *earlier[k]->moment - *earlier[k - 1]->moment;
    if (!(years > 0)) continue;
    const double change = number(*earlier[k]) - number(*earlier[k - 1]);
    walk += change * change / years, steps += 1;
  }
  const Observation& last = *earlier.back();
  const double error = last.terms[1].value / o.terms[1].value;
  const double drift = steps > 0 ? walk / steps * (*o.moment - *last.moment) : 0;
  const double sd = std::sqrt(1 + error * error + drift);
  const double mean = number(last), seen = scaled(o, o.terms[0].value);
  return Score{math::normal_cdf((seen - mean) / sd), crps_normal(mean, sd, seen),
               log_density_normal(mean, sd, seen)};
}

}  // namespace

Sides split_observations(const model::Model& model, double origin, double until) {
  Sides out;
  for (uint32_t k = 0; k < model.observations.size(); ++k) {
    const auto known = known_at(model, model.observations[k]);
    if (!known || *known <= origin) {
      out.before.push_back(k);
    } else if (*known <= until) {
      if (scored(model.observations[k])) {
        out.after.push_back(k);
      } else {
        ++out.unscored;
      }
    }
  }
  return out;
}

std::vector<Outcome> score_outcomes(const model::Model& model, const std::vector<Asked>& asked,
                                    const run::RunResult& model_result,
                                    const run::RunResult& prior_result,
                                    const std::vector<uint32_t>& known, uint64_t seed) {
  std::vector<Outcome> out;
  for (const Asked& one : asked) {
    const Observation& o = model.observations[one.observation];
    Outcome outcome;
    outcome.observation = one.observation;
    outcome.reading = o.terms[0].value;
    const double seen = scaled(o, outcome.reading);
    const Forecast informed = forecast(o, one, model_result, seed);
    outcome.model = score(informed, seen);
    outcome.prior = score(forecast(o, one, prior_result, seed), seen);
    outcome.naive = naive(model, o, known);
    const double at[] = {0.05, 0.5, 0.95};
    const auto q = summary::quantiles(informed.readings, at);
    const auto back = [&](double s) {
      return relative(o) ? std::exp(s * o.terms[1].value) : s * o.terms[1].value;
    };
    outcome.p5 = back(q[0]), outcome.p50 = back(q[1]), outcome.p95 = back(q[2]);
    out.push_back(outcome);
  }
  return out;
}

}  // namespace headrace::study
