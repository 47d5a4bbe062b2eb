// How distributions are made from what modellers write, and how they are described.
#include <fmt/format.h>

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>
#include <limits>

#include "math/distribution.h"
#include "math/normal_quantile.h"
#include "math/special.h"

namespace headrace::math {

using Family = Distribution::Family;

// The one place that may construct.
struct Make {
  static Distribution simple(Family family, std::array<double, 4> parameters) {
    return {family, parameters};
  }
  static Distribution atoms(std::vector<Distribution::Atom> atoms) {
    Distribution d(Family::kDiscrete, {});
    d.atoms_ = std::make_shared<const std::vector<Distribution::Atom>>(std::move(atoms));
    return d;
  }
  static Distribution nested(Family family, std::array<double, 4> parameters,
                             std::vector<Distribution::Part> parts) {
    Distribution d(family, parameters);
    for (const auto& part : parts) d.depth_ = std::max(d.depth_, part.distribution.depth_ + 1);
    d.parts_ = std::make_shared<const std::vector<Distribution::Part>>(std::move(parts));
    return d;
  }
  static Distribution cut(const Distribution& whole, double low, double high) {
    Distribution d = nested(Family::kTruncated, {low, high}, {{1, whole}});
    const double before = std::nextafter(low, -HUGE_VAL);  // an atom on the low end stays
    d.cut_ = {.below = whole.cdf(before),
              .within = 0,
              .above = whole.survival(high),
              .survival_low = whole.survival(before),
              .cdf_high = whole.cdf(high)};
    Distribution::Cut& c = d.cut_;
    c.within = c.cdf_high < 0.5       ? c.cdf_high - c.below
               : c.survival_low < 0.5 ? c.survival_low - c.above
                                      : 1 - c.below - c.above;
    return d;
  }
  static double within(const Distribution& d) { return d.cut_.within; }
  static int depth(const Distribution& d) { return d.depth_; }
};

namespace {

constexpr double kFive = 1.6448536269514722;  // the 95 % quantile of the standard normal
constexpr size_t kMostParts = 1000;
constexpr size_t kMostAtoms = 1'000'000;
constexpr int kDeepest = 8;

std::unexpected<base::Error> refuse(std::string message) {
  return base::fail(base::Error::Kind::kInvalid, std::move(message));
}

template <class... Number>
bool finite(Number... x) {
  return (std::isfinite(x) && ...);
}

std::unexpected<base::Error> not_finite(const char* what) {
  return refuse(fmt::format("the parameters of {} must be finite numbers", what));
}

// Three or four digits, without an exponent where a person would write none.
std::string number(double x) {
  const double size = std::fabs(x);
  if (size >= 1000 && size < 1e9) {
    const double unit = std::pow(10.0, std::floor(std::log10(size)) - 2);
    return fmt::format("{:.0f}", std::round(x / unit) * unit);
  }
  return fmt::format("{:.3g}", x);
}

}  // namespace

Draws point(double value) {
  if (!finite(value)) return not_finite("a point");
  return Make::simple(Family::kPoint, {value});
}

Draws normal(double mean, double sd) {
  if (!finite(mean, sd)) return not_finite("normal");
  if (sd < 0) return refuse(fmt::format("the standard deviation is {}, below zero", number(sd)));
  if (sd == 0) return point(mean);
  return Make::simple(Family::kNormal, {mean, sd});
}

Draws lognormal(double mu, double sigma) {
  if (!finite(mu, sigma)) return not_finite("lognormal");
  if (sigma < 0) return refuse(fmt::format("sigma is {}, below zero", number(sigma)));
  if (std::fabs(mu) + 9 * sigma > 700) {
    return refuse(fmt::format("lognormal(mu {}, sigma {}) reaches beyond the range of numbers",
                              number(mu), number(sigma)));
  }
  if (sigma == 0) return point(std::exp(mu));
  return Make::simple(Family::kLognormal, {mu, sigma});
}

Draws lognormal_from_mean(double mean, double sd) {
  if (!finite(mean, sd)) return not_finite("lognormal");
  if (!(mean > 0)) {
    return refuse(fmt::format("a lognormal is positive, but its mean is {}", number(mean)));
  }
  if (sd < 0) return refuse(fmt::format("the standard deviation is {}, below zero", number(sd)));
  const double variance = std::log1p(sd / mean * (sd / mean));
  return lognormal(std::log(mean) - variance / 2, std::sqrt(variance));
}

Draws lognormal_from_median(double median, double geometric_sd) {
  if (!finite(median, geometric_sd)) return not_finite("lognormal");
  if (!(median > 0)) {
    return refuse(fmt::format("a lognormal is positive, but its median is {}", number(median)));
  }
  if (geometric_sd < 1) {
    return refuse(
        fmt::format("the geometric standard deviation is {}; it is a factor of at least 1",
                    number(geometric_sd)));
  }
  return lognormal(std::log(median), std::log(geometric_sd));
}

Draws uniform(double low, double high) {
  if (!finite(low, high, high - low)) return not_finite("uniform");
  if (!(low < high)) {
    return refuse(
        fmt::format("the low end {} is not below the high end {}", number(low), number(high)));
  }
  return Make::simple(Family::kUniform, {low, high});
}

Draws triangular(double low, double mode, double high) {
  if (!finite(low, mode, high) || high - low > 1e150) return not_finite("triangular");
  if (!(low < high) || mode < low || mode > high) {
    return refuse(fmt::format("triangular needs low, mode and high in rising order, not {}, {}, {}",
                              number(low), number(mode), number(high)));
  }
  return Make::simple(Family::kTriangular, {low, mode, high});
}

// The beta with mean (low + 4 mode + high) / 6 (Malcolm, Roseboom, Clark and Fazar 1959).
Draws pert(double low, double mode, double high) {
  if (!finite(low, mode, high, high - low)) return not_finite("pert");
  if (!(low < high) || mode < low || mode > high) {
    return refuse(fmt::format("pert needs low, mode and high in rising order, not {}, {}, {}",
                              number(low), number(mode), number(high)));
  }
  const double place = (mode - low) / (high - low);
  return beta(1 + 4 * place, 1 + 4 * (1 - place), low, high);
}

Draws beta(double alpha, double beta, double low, double high) {
  if (!finite(alpha, beta, low, high, high - low)) return not_finite("beta");
  if (!(alpha >= 1e-2 && beta >= 1e-2 && alpha <= 1e8 && beta <= 1e8)) {
    return refuse(fmt::format("the shapes of beta lie between 0.01 and 1e8, but are {} and {}",
                              number(alpha), number(beta)));
  }
  if (!(low < high)) {
    return refuse(
        fmt::format("the low end {} is not below the high end {}", number(low), number(high)));
  }
  return Make::simple(Family::kBeta, {alpha, beta, low, high});
}

Draws beta_from_mean(double mean, double sd) {
  if (!finite(mean, sd)) return not_finite("beta");
  if (!(mean > 0 && mean < 1)) {
    return refuse(fmt::format("the mean of a beta lies between 0 and 1, but is {}", number(mean)));
  }
  const double most = std::sqrt(mean * (1 - mean));
  if (!(sd > 0 && sd < most)) {
    return refuse(
        fmt::format("a beta with mean {} has a standard deviation between 0 and {}, not {}",
                    number(mean), number(most), number(sd)));
  }
  const double sum = mean * (1 - mean) / (sd * sd) - 1;
  return beta(mean * sum, (1 - mean) * sum);
}

Draws beta_from_mode(double mode, double low, double high, double coverage) {
  if (!finite(mode, low, high)) return not_finite("beta");
  if (!(0 <= low && low < high && high <= 1 && mode >= low && mode <= high)) {
    return refuse(
        fmt::format("beta(mode {0}, {1} to {2}) needs 0 <= {1} <= {0} <= {2} <= 1 and an "
                    "interval that is not empty",
                    number(mode), number(low), number(high)));
  }
  // With alpha = 1 + mode k and beta = 1 + (1 - mode) k the mode stays while k narrows the
  // distribution; the probability of the interval rises with k from its length.
  const auto within = [&](double k) {
    const double a = 1 + mode * k;
    const double b = 1 + (1 - mode) * k;
    return boost::math::ibeta(a, b, high, SpecialPolicy()) -
           boost::math::ibeta(a, b, low, SpecialPolicy());
  };
  const double percent = coverage * 100;
  if (high - low >= coverage) {
    return refuse(
        fmt::format("{} to {} leaves less than {} % outside already when all values are "
                    "equally likely; no beta with one mode has that {} % interval",
                    number(low), number(high), number(100 - percent), number(percent)));
  }
  double narrow = 1;
  while (narrow < 1e8 && within(narrow) < coverage) narrow *= 2;
  if (within(narrow) < coverage) {
    return refuse(fmt::format("no beta with mode {} has {} % of its probability between {} and {}",
                              number(mode), number(percent), number(low), number(high)));
  }
  double wide = 0;
  for (int step = 0; step < 80; ++step) {
    const double middle = (wide + narrow) / 2;
    (within(middle) < coverage ? wide : narrow) = middle;
  }
  return beta(1 + mode * narrow, 1 + (1 - mode) * narrow);
}

Draws gamma(double shape, double scale) {
  if (!finite(shape, scale)) return not_finite("gamma");
  if (!(shape >= 1e-2 && shape <= 1e8)) {
    return refuse(
        fmt::format("the shape of gamma lies between 0.01 and 1e8, but is {}", number(shape)));
  }
  if (!(scale > 0)) {
    return refuse(fmt::format("the scale of gamma is {}; it must be above zero", number(scale)));
  }
  return Make::simple(Family::kGamma, {shape, scale});
}

Draws gamma_from_mean(double mean, double sd) {
  if (!finite(mean, sd)) return not_finite("gamma");
  if (!(mean > 0 && sd > 0)) {
    return refuse(
        fmt::format("gamma needs a mean and a standard deviation above zero, not {} and {}",
                    number(mean), number(sd)));
  }
  return gamma(mean / sd * (mean / sd), sd / mean * sd);
}

Draws exponential(double mean) {
  if (!finite(mean)) return not_finite("exponential");
  if (!(mean > 0)) {
    return refuse(
        fmt::format("the mean of exponential is {}; it must be above zero", number(mean)));
  }
  return Make::simple(Family::kExponential, {mean});
}

Draws student_t(double degrees, double location, double scale) {
  if (!finite(degrees, location, scale)) return not_finite("student_t");
  if (!(degrees >= 0.5 && degrees <= 1e8)) {
    return refuse(
        fmt::format("the degrees of freedom lie between 0.5 and 1e8, but are {}", number(degrees)));
  }
  if (!(scale > 0)) {
    return refuse(
        fmt::format("the scale of student_t is {}; it must be above zero", number(scale)));
  }
  return Make::simple(Family::kStudentT, {degrees, location, scale});
}

Draws poisson(double mean) {
  if (!finite(mean)) return not_finite("poisson");
  if (mean < 0 || mean > 1e8) {
    return refuse(
        fmt::format("the mean of poisson lies between 0 and 1e8, but is {}", number(mean)));
  }
  if (mean == 0) return point(0);
  return Make::simple(Family::kPoisson, {mean});
}

Draws bernoulli(double probability) {
  if (!(probability >= 0 && probability <= 1)) {
    return refuse(
        fmt::format("a probability lies between 0 and 1, but is {}", number(probability)));
  }
  return Make::simple(Family::kBernoulli, {probability});
}

double half_width(double coverage) {
  return coverage == 0.9 ? kFive : normal_quantile((1 + coverage) / 2);
}

Draws normal_interval(double low, double high, double coverage) {
  if (!finite(low, high, high - low)) return not_finite("an interval");
  if (!(low < high)) {
    return refuse(
        fmt::format("the low end {} is not below the high end {}", number(low), number(high)));
  }
  return normal(low + (high - low) / 2, (high - low) / (2 * half_width(coverage)));
}

Draws lognormal_interval(double low, double high, double coverage) {
  if (!finite(low, high)) return not_finite("an interval");
  if (!(low < high)) {
    return refuse(
        fmt::format("the low end {} is not below the high end {}", number(low), number(high)));
  }
  if (!(low > 0)) {
    return refuse(
        fmt::format("a lognormal is positive, but its interval starts at {}", number(low)));
  }
  return lognormal((std::log(low) + std::log(high)) / 2,
                   (std::log(high) - std::log(low)) / (2 * half_width(coverage)));
}

Draws interval(double low, double high, double coverage) {
  return low > 0 && high > 0 ? lognormal_interval(low, high, coverage)
                             : normal_interval(low, high, coverage);
}

Draws discrete(std::span<const Choice> choices) {
  if (choices.empty()) return refuse("a discrete distribution needs at least one value");
  if (choices.size() > kMostAtoms)
    return refuse("a discrete distribution has a million values at most");
  double total = 0;
  for (const Choice& choice : choices) {
    if (!finite(choice.value)) return not_finite("a discrete distribution");
    if (!(choice.weight >= 0)) {
      return refuse(fmt::format("the weight of {} is {}, below zero", number(choice.value),
                                number(choice.weight)));
    }
    total += choice.weight;
  }
  if (!(total > 0 && finite(total))) return refuse("the weights add up to nothing");
  std::vector<Choice> sorted(choices.begin(), choices.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Choice& x, const Choice& y) { return x.value < y.value; });
  std::vector<Distribution::Atom> atoms;
  double sum = 0;
  for (const Choice& choice : sorted) {
    if (choice.weight == 0) continue;
    sum += choice.weight;
    if (!atoms.empty() && atoms.back().value == choice.value) {
      atoms.back().weight += choice.weight / total;
      atoms.back().cumulative = sum / total;
    } else {
      atoms.push_back({choice.value, choice.weight / total, sum / total});
    }
  }
  atoms.back().cumulative = 1;
  return Make::atoms(std::move(atoms));
}

Draws mixture(std::span<const WeightedDistribution> parts) {
  if (parts.empty()) return refuse("a mixture needs at least one distribution");
  double total = 0;
  for (const auto& part : parts) {
    if (!(part.weight >= 0)) {
      return refuse(fmt::format("the weight {} in a mixture is below zero", number(part.weight)));
    }
    total += part.weight;
  }
  if (!(total > 0 && finite(total))) return refuse("the weights add up to nothing");
  // A mixture inside a mixture becomes part of it, so nesting costs nothing.
  std::vector<Distribution::Part> flat;
  for (const auto& [weight, distribution] : parts) {
    if (weight == 0) continue;
    if (distribution.family() == Family::kMixture) {
      for (const auto& inner : distribution.parts()) {
        flat.push_back({weight / total * inner.weight, inner.distribution});
      }
    } else {
      flat.push_back({weight / total, distribution});
    }
    if (flat.size() > kMostParts) return refuse("a mixture has a thousand parts at most");
  }
  if (flat.size() == 1) return flat.front().distribution;
  Distribution made = Make::nested(Family::kMixture, {}, std::move(flat));
  if (Make::depth(made) > kDeepest) return refuse("distributions are nested too deeply");
  return made;
}

namespace {

// The counts of a Poisson variable in [low, high] as choices.
Draws truncated_poisson(const Distribution& whole, double low, double high) {
  const double first = std::max({0.0, std::ceil(low), whole.lower_quantile(1e-18)});
  const double last = std::min(std::floor(high), whole.upper_quantile(1e-18));
  if (!(first <= last) || last - first >= static_cast<double>(kMostAtoms)) {
    return refuse(fmt::format("almost nothing of {} lies between {} and {}", whole.describe(),
                              number(low), number(high)));
  }
  std::vector<Choice> choices;
  const double mean = whole.parameters()[0];
  for (double k = first; k <= last; ++k) {
    const double weight =
        k < mean ? whole.cdf(k) - whole.cdf(k - 1) : whole.survival(k - 1) - whole.survival(k);
    choices.push_back({k, std::max(weight, 0.0)});
  }
  return discrete(choices);
}

}  // namespace

Draws truncated(const Distribution& whole, double low, double high) {
  if (!(low < high)) {
    return refuse(
        fmt::format("the low end {} is not below the high end {}", number(low), number(high)));
  }
  const auto nothing_left = [&] {
    return refuse(fmt::format("almost nothing of {} lies between {} and {}", whole.describe(),
                              number(low), number(high)));
  };
  switch (whole.family()) {
    case Family::kPoint:
      if (whole.mean() < low || whole.mean() > high) return nothing_left();
      return whole;
    case Family::kBernoulli: {
      const double p = whole.mean();
      return truncated(*discrete(std::vector<Choice>{{0, 1 - p}, {1, p}}), low, high);
    }
    case Family::kDiscrete: {
      std::vector<Choice> left;
      for (const auto& atom : whole.atoms()) {
        if (atom.value >= low && atom.value <= high) left.push_back({atom.value, atom.weight});
      }
      if (left.empty()) return nothing_left();
      return discrete(left);
    }
    case Family::kPoisson:
      return truncated_poisson(whole, low, high);
    case Family::kNormal:
    case Family::kLognormal:
    case Family::kUniform:
    case Family::kTriangular:
    case Family::kBeta:
    case Family::kGamma:
    case Family::kExponential:
    case Family::kStudentT:
    case Family::kMixture:
      break;
    case Family::kTruncated: {
      const auto ends = whole.parameters();
      const double inner_low = std::max(low, ends[0]);
      const double inner_high = std::min(high, ends[1]);
      if (!(inner_low < inner_high)) return nothing_left();
      return truncated(whole.parts().front().distribution, inner_low, inner_high);
    }
  }
  Distribution made = Make::cut(whole, low, high);
  if (!(Make::within(made) > 1e-280)) return nothing_left();
  if (Make::depth(made) > kDeepest) return refuse("distributions are nested too deeply");
  return made;
}

namespace {

std::string family_and_parameters(const Distribution& d) {
  const auto p = d.parameters();
  switch (d.family()) {
    case Family::kPoint:
      return fmt::format("point({})", number(p[0]));
    case Family::kNormal:
      return fmt::format("normal(mean {}, sd {})", number(p[0]), number(p[1]));
    case Family::kLognormal:
      return fmt::format("lognormal(mu {}, sigma {})", number(p[0]), number(p[1]));
    case Family::kUniform:
      return fmt::format("uniform({} to {})", number(p[0]), number(p[1]));
    case Family::kTriangular:
      return fmt::format("triangular(low {}, mode {}, high {})", number(p[0]), number(p[1]),
                         number(p[2]));
    case Family::kBeta: {
      const std::string shapes = fmt::format("alpha {}, beta {}", number(p[0]), number(p[1]));
      if (p[2] == 0 && p[3] == 1) return fmt::format("beta({})", shapes);
      return fmt::format("beta({}, on {} to {})", shapes, number(p[2]), number(p[3]));
    }
    case Family::kGamma:
      return fmt::format("gamma(shape {}, scale {})", number(p[0]), number(p[1]));
    case Family::kExponential:
      return fmt::format("exponential(mean {})", number(p[0]));
    case Family::kStudentT:
      return fmt::format("student_t(degrees {}, location {}, scale {})", number(p[0]), number(p[1]),
                         number(p[2]));
    case Family::kPoisson:
      return fmt::format("poisson(mean {})", number(p[0]));
    case Family::kBernoulli:
      return fmt::format("bernoulli({})", number(p[0]));
    case Family::kDiscrete:
      return fmt::format("discrete({} values)", d.atoms().size());
    case Family::kMixture: {
      std::string text = "mixture(";
      for (size_t i = 0; i < d.parts().size(); ++i) {
        if (i == 4) return text + fmt::format(", and {} more)", d.parts().size() - 4);
        if (i > 0) text += ", ";
        text += fmt::format("{} {}", number(d.parts()[i].weight),
                            family_and_parameters(d.parts()[i].distribution));
      }
      return text + ")";
    }
    case Family::kTruncated: {
      std::string text = family_and_parameters(d.parts().front().distribution);
      if (std::isfinite(p[0])) text += fmt::format(" at least {}", number(p[0]));
      if (std::isfinite(p[0]) && std::isfinite(p[1])) text += " and";
      if (std::isfinite(p[1])) text += fmt::format(" at most {}", number(p[1]));
      return text;
    }
  }
  return {};
}

}  // namespace

std::string Distribution::describe() const {
  const std::string head = family_and_parameters(*this);
  if (family_ == Family::kPoint) return head;
  if (family_ == Family::kBernoulli) return head + fmt::format(", mean {}", number(mean()));
  return head + fmt::format(", 90 % {} to {}, median {}", number(quantile(0.05)),
                            number(quantile(0.95)), number(quantile(0.5)));
}

}  // namespace headrace::math
