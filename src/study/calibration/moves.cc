#include "study/calibration/moves.h"

#include <algorithm>
#include <cmath>

#include "base/workers.h"

namespace headrace::study {
namespace {

// Numbers of one chain at one step: below 16 what decides, above the normal ones of w and of the
// rest.
enum Which : uint64_t {
  kKind,
  kAccept,
  kScale,
  kFirst,
  kSecond,
  kThird,
  kStretch,
  kRest,
  kNormals = 16,
  kStretches = 1 << 20,
  kRests = 1 << 21
};

using Vector = std::vector<double>;

Vector point(const Points& points, size_t k) {
  Vector z;
  z.reserve(points.size());
  for (const auto& column : points) z.push_back(column[k]);
  return z;
}

struct Proposal {
  Vector w;
  double log_ratio = 0;  // of the proposal densities, back over forth
};

double log_normal(const Vector& w) {
  double sum = 0;
  for (double x : w) sum += x * x;
  return -0.5 * sum;
}

// The proposals of one chain at one step.
class Proposer {
 public:
  Proposer(const Guide& guide, const Random& random, uint64_t chain, uint64_t step)
      : guide_(guide), random_(random), chain_(chain), step_(step) {}

  // Moves z. Gives what the acceptance needs besides the likelihood.
  double propose(Vector& z) const {
    const Subspace& subspace = guide_.subspace;
    const Vector w = subspace.project(z);
    const Proposal to = informed(w);
    const double ratio = log_normal(to.w) - log_normal(w) + to.log_ratio;
    if (subspace.whole()) {
      z = to.w;
      return ratio;
    }
    move_rest(z, to.w);
    return ratio;
  }

 private:
  double uniform(Which which) const { return random_.uniform(chain_, step_, which); }
  Vector normals(size_t n, uint64_t from) const {
    Vector out(n);
    for (size_t i = 0; i < n; ++i) out[i] = random_.normal(chain_, step_, from + i);
    return out;
  }
  Vector any(Which which) const {
    const size_t size = guide_.archive[0].size();
    return point(guide_.archive, random_.below(size, chain_, step_, which));
  }
  static double stride(const Vector& w) {
    return 2.38 / std::sqrt(2 * static_cast<double>(w.size()));
  }

  Proposal informed(const Vector& w) const {
    double kind = uniform(kKind);
    if (!guide_.subspace.whole()) {
      if (kind < kRestAlone) return {w, 0};
      kind = (kind - kRestAlone) / (1 - kRestAlone);
    }
    if (kind < 0.25) return independent(w);
    if (kind < 0.50) return crank(w);
    if (kind < 0.80) return difference(w);
    if (kind < 0.90 && w.size() > 1) return snooker(w);
    return scaled(w);
  }

  // A step of the rest, and w replaced: a z + b e, put right along the directions.
  void move_rest(Vector& z, const Vector& to) const {
    const double u = uniform(kRest);
    const double b = u < 0.5 ? 1 : u < 0.75 ? 0.5 : 0.2;
    const double a = std::sqrt(1 - b * b);
    const Vector e = normals(z.size(), kRests);
    for (size_t i = 0; i < z.size(); ++i) z[i] = a * z[i] + b * e[i];
    Vector by = guide_.subspace.project(z);
    for (size_t j = 0; j < by.size(); ++j) by[j] = to[j] - by[j];
    guide_.subspace.add(z, by);
  }

  Proposal independent(const Vector& w) const {
    const Envelope& envelope = guide_.envelope;
    // A chi-squared number of 4 degrees of freedom is -2 ln(u v).
    static_assert(Envelope::kDegrees == 4);
    const double square = -2 * std::log(uniform(kStretch) * uniform(kScale));
    const double stretch = std::sqrt(4 / std::max(square, 1e-300));
    Vector y = normals(w.size(), kNormals);
    for (double& x : y) x *= stretch;
    return {envelope.colour(y), envelope.log_density(envelope.whiten(w)) - envelope.log_density(y)};
  }

  Proposal crank(const Vector& w) const {
    const Envelope& envelope = guide_.envelope;
    Vector y = envelope.whiten(w);
    const double before = envelope.log_density(y);
    double square = 0, chi_squared = 0;
    for (double x : y) square += x * x;
    for (double x : normals(Envelope::kDegrees + w.size(), kStretches)) chi_squared += x * x;
    const double s = std::sqrt((Envelope::kDegrees + square) / chi_squared);
    const double u = uniform(kScale);
    const double b = u < 0.4 ? 1 : u < 0.7 ? 0.5 : 0.2;
    const double a = std::sqrt(1 - b * b);
    const Vector e = normals(w.size(), kNormals);
    for (size_t i = 0; i < y.size(); ++i) y[i] = a * y[i] + b * s * e[i];
    return {envelope.colour(y), before - envelope.log_density(y)};
  }

  Proposal difference(const Vector& w) const {
    const Vector a = any(kFirst), b = any(kSecond);
    const double u = uniform(kScale);
    const double g = u < 0.1 ? 1.0 : stride(w) * (0.5 + u);
    const Vector e = normals(w.size(), kNormals);
    Proposal p{w, 0};
    for (size_t i = 0; i < w.size(); ++i) p.w[i] += g * (a[i] - b[i]) + 1e-4 * e[i];
    return p;
  }

  Proposal snooker(const Vector& w) const {
    const Vector centre = any(kFirst), a = any(kSecond), b = any(kThird);
    double length = 0, along = 0;
    for (size_t i = 0; i < w.size(); ++i) {
      length += (w[i] - centre[i]) * (w[i] - centre[i]);
      along += (w[i] - centre[i]) * (a[i] - b[i]);
    }
    Proposal p{w, 0};
    if (!(length > 0)) return p;
    const double g = 1.2 + uniform(kScale);
    const double factor = 1 + g * along / length;
    for (size_t i = 0; i < w.size(); ++i) p.w[i] = centre[i] + factor * (w[i] - centre[i]);
    p.log_ratio = static_cast<double>(w.size() - 1) * std::log(std::fabs(factor));
    return p;
  }

  Proposal scaled(const Vector& w) const {
    const Vector a = any(kFirst), b = any(kSecond);
    const double g = 0.1 * stride(w) * random_.normal(chain_, step_, kScale);
    Proposal p{w, 0};
    for (size_t i = 0; i < w.size(); ++i) p.w[i] += g * (a[i] - b[i]);
    return p;
  }

  static constexpr double kRestAlone = 0.15;

  const Guide& guide_;
  const Random& random_;
  uint64_t chain_, step_;
};

bool accepts(double log_odds, double u) { return std::log(u) < log_odds; }

}  // namespace

base::Result<Step> move(Population& chains, const Guide& guide, double temper, const Random& random,
                        uint64_t step, const LogLikelihood& likelihood) {
  const size_t n = chains.size();
  Population proposed{Points(chains.z.size(), Vector(n)), Vector(n)};
  Vector log_ratio(n);
  base::parallel_for(n, 0, [&](size_t k, unsigned) {
    Vector z = point(chains.z, k);
    log_ratio[k] = Proposer(guide, random, k, step).propose(z);
    for (size_t i = 0; i < z.size(); ++i) proposed.z[i][k] = z[i];
  });
  const auto done = likelihood(proposed.z, proposed.likelihood);
  if (!done) return std::unexpected(done.error());
  if (!*done) return Step{0, true};
  Step result;
  for (size_t k = 0; k < n; ++k) {
    if (!(proposed.likelihood[k] > -HUGE_VAL)) continue;
    const double odds = temper * (proposed.likelihood[k] - chains.likelihood[k]) + log_ratio[k];
    if (!accepts(odds, random.uniform(k, step, kAccept))) continue;
    for (size_t i = 0; i < chains.z.size(); ++i) chains.z[i][k] = proposed.z[i][k];
    chains.likelihood[k] = proposed.likelihood[k];
    ++result.accepted;
  }
  return result;
}

}  // namespace headrace::study
