#include "study/calibration/subspace.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace headrace::study {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr size_t kPoints = 48;     // at which gradients are taken
constexpr double kReach = 0.25;    // of a difference to either side, in scores
constexpr double kLeftOut = 0.02;  // at most so much divergence is left to the prior, in nats
constexpr size_t kMostDirections = 48;

Eigen::Map<const VectorXd> vector(const std::vector<double>& x) {
  return {x.data(), static_cast<Index>(x.size())};
}
Eigen::Map<VectorXd> vector(std::vector<double>& x) {
  return {x.data(), static_cast<Index>(x.size())};
}

// Each chosen point, moved to either side along each coordinate: point p, coordinate i, side s is
// at (p * coordinates + i) * 2 + s.
Points neighbours(const Population& population, const std::vector<size_t>& chosen) {
  const size_t d = population.z.size();
  Points out(d, std::vector<double>(chosen.size() * d * 2));
  for (size_t j = 0; j < d; ++j) {
    for (size_t p = 0; p < chosen.size(); ++p) {
      const double z = population.z[j][chosen[p]];
      const size_t first = p * d * 2;
      std::fill_n(out[j].begin() + static_cast<std::ptrdiff_t>(first), d * 2, z);
      out[j][first + j * 2] = z - kReach;
      out[j][first + j * 2 + 1] = z + kReach;
    }
  }
  return out;
}

// One column a point. A derivative that a failed neighbour leaves open counts as 0.
MatrixXd gradients(const std::vector<double>& likelihood, size_t d, size_t points, double temper) {
  MatrixXd out(static_cast<Index>(d), static_cast<Index>(points));
  for (size_t p = 0; p < points; ++p) {
    for (size_t i = 0; i < d; ++i) {
      const size_t at = (p * d + i) * 2;
      const double slope = temper * (likelihood[at + 1] - likelihood[at]) / (2 * kReach);
      out(static_cast<Index>(i), static_cast<Index>(p)) = std::isfinite(slope) ? slope : 0;
    }
  }
  return out;
}

// The leading eigenvectors of G G' / points, by way of the small matrix G' G.
Points leading(const MatrixXd& g) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(g.transpose() * g /
                                                       static_cast<double>(g.cols()));
  const VectorXd& values = solver.eigenvalues();  // ascending
  Points out;
  double rest = 0.5 * values.cwiseMax(0).sum();
  for (Index k = values.size(); k-- > 0 && rest > kLeftOut && out.size() < kMostDirections;) {
    rest -= 0.5 * values[k];
    const VectorXd direction = (g * solver.eigenvectors().col(k)).normalized();
    out.emplace_back(direction.begin(), direction.end());
  }
  return out;
}

}  // namespace

std::vector<double> Subspace::project(const std::vector<double>& z) const {
  if (whole()) return z;
  std::vector<double> out;
  for (const auto& direction : basis) out.push_back(vector(direction).dot(vector(z)));
  return out;
}

Points Subspace::project(const Points& z) const {
  if (whole()) return z;
  Points out(basis.size(), std::vector<double>(z[0].size()));
  for (size_t j = 0; j < basis.size(); ++j) {
    for (size_t i = 0; i < z.size(); ++i) vector(out[j]) += basis[j][i] * vector(z[i]);
  }
  return out;
}

void Subspace::add(std::vector<double>& z, const std::vector<double>& by) const {
  if (whole()) {
    vector(z) += vector(by);
    return;
  }
  for (size_t j = 0; j < basis.size(); ++j) vector(z) += by[j] * vector(basis[j]);
}

size_t subspace_evaluations(size_t coordinates, size_t points) {
  return coordinates <= kFewCoordinates ? 0 : 2 * coordinates * std::min(kPoints, points);
}

base::Result<std::optional<Subspace>> find_subspace(const Population& population, double temper,
                                                    const Random& random, uint64_t stage,
                                                    const LogLikelihood& likelihood) {
  const size_t d = population.z.size();
  if (d <= kFewCoordinates) return Subspace{};
  std::vector<size_t> chosen;
  for (size_t p = 0; p < std::min(kPoints, population.size()); ++p) {
    chosen.push_back(random.below(population.size(), p, stage));
  }
  std::vector<double> values;
  const auto done = likelihood(neighbours(population, chosen), values);
  if (!done) return std::unexpected(done.error());
  if (!*done) return std::optional<Subspace>();
  Subspace out{leading(gradients(values, d, chosen.size(), temper))};
  if (out.basis.empty()) {  // nothing is told anywhere: one direction is as good as another
    out.basis.emplace_back(d).front() = 1;
  }
  return out;
}

}  // namespace headrace::study
