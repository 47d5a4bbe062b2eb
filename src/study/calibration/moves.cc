#include "study/calibration/moves.h"

#include <algorithm>
#include <cmath>

namespace headrace::study {
namespace {

// Numbers of one chain at one step: below 16 what decides, above the normal ones.
enum Which : uint64_t { kKind, kAccept, kScale, kFirst, kSecond, kThird, kStretch, kNormals = 16 };

std::vector<double> point(const Population& population, size_t k) {
  std::vector<double> z;
  for (const auto& column : population.z) z.push_back(column[k]);
  return z;
}

struct Proposal {
  std::vector<double> z;
  double log_ratio = 0;  // of the proposal densities, back over forth
};

class Proposer {
 public:
  Proposer(const Population& archive, const Envelope& envelope, const Random& random, uint64_t step)
      : archive_(archive), envelope_(envelope), random_(random), step_(step) {}

  Proposal propose(const std::vector<double>& z, uint64_t chain) const {
    const double kind = random_.uniform(chain, step_, kKind);
    if (kind < 0.45) return independent(z, chain);
    if (kind < 0.80) return difference(z, chain);
    if (kind < 0.90 && z.size() > 1) return snooker(z, chain);
    return scaled(z, chain);
  }

 private:
  std::vector<double> normals(uint64_t chain) const {
    std::vector<double> out(envelope_.dimensions());
    for (size_t i = 0; i < out.size(); ++i) out[i] = random_.normal(chain, step_, kNormals + i);
    return out;
  }
  std::vector<double> any(uint64_t chain, Which which) const {
    return point(archive_, random_.below(archive_.size(), chain, step_, which));
  }
  double stride(const std::vector<double>& z) const {
    return 2.38 / std::sqrt(2 * static_cast<double>(z.size()));
  }

  Proposal independent(const std::vector<double>& z, uint64_t chain) const {
    Proposal p;
    p.z = envelope_.draw(normals(chain), random_.uniform(chain, step_, kStretch),
                         random_.uniform(chain, step_, kScale));
    p.log_ratio = envelope_.log_density(z) - envelope_.log_density(p.z);
    return p;
  }

  Proposal difference(const std::vector<double>& z, uint64_t chain) const {
    const std::vector<double> a = any(chain, kFirst), b = any(chain, kSecond);
    const double u = random_.uniform(chain, step_, kScale);
    const double g = u < 0.1 ? 1.0 : stride(z) * (0.5 + u);
    Proposal p{z, 0};
    for (size_t i = 0; i < z.size(); ++i) {
      p.z[i] += g * (a[i] - b[i]) + 1e-4 * random_.normal(chain, step_, kNormals + i);
    }
    return p;
  }

  Proposal snooker(const std::vector<double>& z, uint64_t chain) const {
    const std::vector<double> centre = any(chain, kFirst), a = any(chain, kSecond),
                              b = any(chain, kThird);
    double length = 0, along = 0;
    for (size_t i = 0; i < z.size(); ++i) {
      length += (z[i] - centre[i]) * (z[i] - centre[i]);
      along += (z[i] - centre[i]) * (a[i] - b[i]);
    }
    Proposal p{z, 0};
    if (!(length > 0)) return p;
    const double g = 1.2 + random_.uniform(chain, step_, kScale);
    const double factor = 1 + g * along / length;
    for (size_t i = 0; i < z.size(); ++i) p.z[i] = centre[i] + factor * (z[i] - centre[i]);
    p.log_ratio = static_cast<double>(z.size() - 1) * std::log(std::fabs(factor));
    return p;
  }

  Proposal scaled(const std::vector<double>& z, uint64_t chain) const {
    const std::vector<double> a = any(chain, kFirst), b = any(chain, kSecond);
    const double g = 0.1 * stride(z) * random_.normal(chain, step_, kScale);
    Proposal p{z, 0};
    for (size_t i = 0; i < z.size(); ++i) p.z[i] += g * (a[i] - b[i]);
    return p;
  }

  const Population& archive_;
  const Envelope& envelope_;
  const Random& random_;
  uint64_t step_;
};

bool accepts(double log_odds, double u) { return std::log(u) < log_odds; }

}  // namespace

base::Result<Step> move(Population& chains, const Population& archive, const Envelope& envelope,
                        double temper, const Random& random, uint64_t step,
                        const LogLikelihood& likelihood) {
  const size_t n = chains.size();
  const Proposer proposer(archive, envelope, random, step);
  Population proposed{Points(chains.z.size(), std::vector<double>(n)), std::vector<double>(n)};
  std::vector<double> log_ratio(n);
  for (size_t k = 0; k < n; ++k) {
    const Proposal p = proposer.propose(point(chains, k), k);
    for (size_t i = 0; i < p.z.size(); ++i) proposed.z[i][k] = p.z[i];
    log_ratio[k] = p.log_ratio;
  }
  const auto done = likelihood(proposed.z, proposed.likelihood);
  if (!done) return std::unexpected(done.error());
  if (!*done) return Step{0, true};
  Step result;
  for (size_t k = 0; k < n; ++k) {
    if (!(proposed.likelihood[k] > -HUGE_VAL)) continue;
    const double odds = temper * (proposed.likelihood[k] - chains.likelihood[k]) +
                        log_prior(proposed.z, k) - log_prior(chains.z, k) + log_ratio[k];
    if (!accepts(odds, random.uniform(k, step, kAccept))) continue;
    for (size_t i = 0; i < chains.z.size(); ++i) chains.z[i][k] = proposed.z[i][k];
    chains.likelihood[k] = proposed.likelihood[k];
    ++result.accepted;
  }
  return result;
}

}  // namespace headrace::study
