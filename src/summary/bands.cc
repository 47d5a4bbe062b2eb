#include "summary/bands.h"

#include <limits>

#include "base/check.h"

namespace headrace::summary {
namespace {

Band from_moments(const Moments& m) {
  Band band;
  band.mean = m.count > 0 ? m.mean : std::numeric_limits<double>::quiet_NaN();
  band.sd = m.sd();
  band.finite = m.count;
  band.nan_count = m.nan_count;
  return band;
}

}  // namespace

Band Summarizer::summarize(std::span<const double> values, std::span<const double> probabilities,
                           std::span<const double> next) {
  finder_.expect(next);
  const Moments m = moments(values);
  Band band = from_moments(m);
  band.quantiles.resize(probabilities.size());
  if (m.count == values.size()) {
    finder_.find(values, {m.min, m.max}, probabilities, band.quantiles);
  } else {
    finder_.find(values, probabilities, band.quantiles);
  }
  return band;
}

Band summarize(std::span<const double> values, std::span<const double> probabilities) {
  return Summarizer().summarize(values, probabilities);
}

Band summarize(const Sketch& sketch, const Moments& moments,
               std::span<const double> probabilities) {
  CHECK(sketch.count() == moments.count + moments.infinite_count);
  Band band = from_moments(moments);
  band.quantiles = sketch.quantiles(probabilities);
  return band;
}

}  // namespace headrace::summary
