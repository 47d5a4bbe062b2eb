#include "math/correlation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <numeric>

#include "base/check.h"
#include "math/kernels.h"

namespace headrace::math {
namespace {

using Matrix = Eigen::MatrixXd;
using Eigen::Index;

double normal_from_rank(double rank) { return 2 * std::sin(std::numbers::pi * rank / 6); }
double rank_from_normal(double r) {
  return 6 / std::numbers::pi * std::asin(std::clamp(r, -1.0, 1.0) / 2);
}

std::unexpected<CorrelationError> refuse(std::string message, std::vector<std::string> names) {
  return std::unexpected(CorrelationError{std::move(message), std::move(names), {}});
}

// Names in alphabetical order, and the stated pairs of indices into them.
struct Group {
  std::vector<std::string> names;
  std::map<std::pair<size_t, size_t>, double> ranks;

  Matrix correlations() const {
    const auto size = static_cast<Index>(names.size());
    Matrix r = Matrix::Identity(size, size);
    for (const auto& [pair, rank] : ranks) {
      const auto i = static_cast<Index>(pair.first);
      const auto j = static_cast<Index>(pair.second);
      r(i, j) = r(j, i) = normal_from_rank(rank);
    }
    return r;
  }
};

// Cuts all inputs into groups that no stated pair connects.
std::vector<Group> connected(const Group& all) {
  std::vector<size_t> root(all.names.size());
  std::iota(root.begin(), root.end(), size_t{0});
  const auto find = [&](size_t i) {
    while (root[i] != i) i = root[i] = root[root[i]];
    return i;
  };
  for (const auto& [pair, rank] : all.ranks) {
    const size_t a = find(pair.first);
    const size_t b = find(pair.second);
    root[std::max(a, b)] = std::min(a, b);  // the first name stays the root
  }
  std::vector<Group> groups;
  std::vector<size_t> group_of(all.names.size());
  std::vector<size_t> place(all.names.size());
  for (size_t i = 0; i < all.names.size(); ++i) {
    if (find(i) == i) {
      group_of[i] = groups.size();
      groups.emplace_back();
    } else {
      group_of[i] = group_of[find(i)];
    }
    Group& group = groups[group_of[i]];
    place[i] = group.names.size();
    group.names.push_back(all.names[i]);
  }
  for (const auto& [pair, rank] : all.ranks) {
    groups[group_of[pair.first]].ranks[{place[pair.first], place[pair.second]}] = rank;
  }
  return groups;
}

// Cholesky for semidefinite matrices: a pivot that is zero up to rounding, with nothing left below
// it, gives a column of zeros. So perfect correlations are allowed. False when the matrix is none.
bool factor_lower(const Matrix& r, Matrix& lower) {
  constexpr double kZero = 1e-10;
  const Index n = r.rows();
  lower = Matrix::Zero(n, n);
  for (Index j = 0; j < n; ++j) {
    const double pivot = r(j, j) - lower.row(j).head(j).squaredNorm();
    if (pivot < -kZero) return false;
    const bool zero = pivot <= kZero;
    lower(j, j) = zero ? 0 : std::sqrt(pivot);
    for (Index i = j + 1; i < n; ++i) {
      const double rest = r(i, j) - lower.row(i).head(j).dot(lower.row(j).head(j));
      if (zero && std::fabs(rest) > 1e-7) return false;
      lower(i, j) = zero ? 0 : rest / lower(j, j);
    }
  }
  return true;
}

Matrix nearest_semidefinite(const Matrix& a) {
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(a);
  const Eigen::VectorXd kept = eigen.eigenvalues().cwiseMax(0.0);
  return eigen.eigenvectors() * kept.asDiagonal() * eigen.eigenvectors().transpose();
}

// Higham (2002), algorithm 3.3: Dykstra's correction makes the alternating projections end at the
// nearest matrix and not just at a possible one.
Matrix nearest_correlations(const Matrix& wanted) {
  Matrix y = wanted;
  Matrix correction = Matrix::Zero(wanted.rows(), wanted.cols());
  for (int step = 0; step < 200; ++step) {
    const Matrix r = y - correction;
    const Matrix x = nearest_semidefinite(r);
    correction = x - r;
    Matrix next = x;
    next.diagonal().setOnes();
    const double change = (next - y).norm();
    y = std::move(next);
    if (change <= 1e-9 * y.norm()) break;
  }
  return y;
}

double determinant_of_triple(const Matrix& r, Index i, Index j, Index k) {
  const double a = r(i, j);
  const double b = r(i, k);
  const double c = r(j, k);
  return 1 + 2 * a * b * c - a * a - b * b - c * c;
}

// The triple of inputs that contradicts itself most; all inputs when no triple does.
std::vector<size_t> contradiction(const Matrix& r) {
  double worst = -1e-9;
  std::vector<size_t> names(static_cast<size_t>(r.rows()));
  std::iota(names.begin(), names.end(), size_t{0});
  for (Index i = 0; i < r.rows(); ++i) {
    for (Index j = i + 1; j < r.rows(); ++j) {
      for (Index k = j + 1; k < r.rows(); ++k) {
        const double determinant = determinant_of_triple(r, i, j, k);
        if (determinant >= worst) continue;
        worst = determinant;
        names = {static_cast<size_t>(i), static_cast<size_t>(j), static_cast<size_t>(k)};
      }
    }
  }
  return names;
}

CorrelationError infeasible(const Group& group, const Matrix& r) {
  CorrelationError error;
  for (size_t i : contradiction(r)) error.names.push_back(group.names[i]);
  const Matrix nearest = nearest_correlations(r);
  std::vector<std::string> changes;
  for (const auto& [pair, rank] : group.ranks) {
    const double possible =
        rank_from_normal(nearest(static_cast<Index>(pair.first), static_cast<Index>(pair.second)));
    error.nearest.push_back({group.names[pair.first], group.names[pair.second], possible});
    if (std::fabs(possible - rank) < 5e-3 || changes.size() == 6) continue;
    changes.push_back(fmt::format("{}, {} = {:.2f} rather than {:.2f}", group.names[pair.first],
                                  group.names[pair.second], possible, rank));
  }
  error.message =
      fmt::format("the correlations of {} contradict each other; the nearest possible are {}",
                  fmt::join(error.names, ", "), fmt::join(changes, "; "));
  return error;
}

}  // namespace

std::expected<std::vector<Factor>, CorrelationError> factorise(std::span<const RankPair> pairs) {
  Group all;
  for (const RankPair& pair : pairs) {
    all.names.push_back(pair.first);
    all.names.push_back(pair.second);
  }
  std::sort(all.names.begin(), all.names.end());
  all.names.erase(std::unique(all.names.begin(), all.names.end()), all.names.end());
  const auto index = [&](const std::string& name) {
    return static_cast<size_t>(std::lower_bound(all.names.begin(), all.names.end(), name) -
                               all.names.begin());
  };
  for (const RankPair& pair : pairs) {
    if (pair.first == pair.second) {
      return refuse(fmt::format("{} cannot be correlated with itself", pair.first), {pair.first});
    }
    if (!(pair.rank >= -1 && pair.rank <= 1)) {
      return refuse(fmt::format("the correlation of {} and {} is {}; it lies between -1 and 1",
                                pair.first, pair.second, pair.rank),
                    {pair.first, pair.second});
    }
    const std::pair<size_t, size_t> place = std::minmax({index(pair.first), index(pair.second)});
    if (!all.ranks.emplace(place, pair.rank).second) {
      return refuse(
          fmt::format("the correlation of {} and {} is stated twice", pair.first, pair.second),
          {pair.first, pair.second});
    }
  }
  std::vector<Factor> factors;
  for (const Group& group : connected(all)) {
    if (group.names.size() > kMostCorrelated) {
      return refuse(fmt::format("{} inputs are correlated with each other; at most {} can be",
                                group.names.size(), kMostCorrelated),
                    {});
    }
    const Matrix r = group.correlations();
    Matrix lower;
    if (!factor_lower(r, lower)) return std::unexpected(infeasible(group, r));
    Factor factor{group.names, {}};
    for (Index i = 0; i < lower.rows(); ++i) {
      for (Index j = 0; j < lower.cols(); ++j) factor.lower.push_back(lower(i, j));
    }
    factors.push_back(std::move(factor));
  }
  return factors;
}

void correlate(const Factor& factor, std::span<const std::span<double>> u) {
  const size_t size = factor.names.size();
  CHECK(u.size() == size);
  const size_t draws = size == 0 ? 0 : u[0].size();
  for (const auto& numbers : u) CHECK(numbers.size() == draws);
  constexpr size_t kBlock = 256;
  std::vector<std::array<double, kBlock>> z(size);
  std::array<double, kBlock> sum;
  for (size_t first = 0; first < draws; first += kBlock) {
    const size_t n = std::min(kBlock, draws - first);
    for (size_t i = 0; i < size; ++i) kernels().normal(0, 1, &u[i][first], z[i].data(), n);
    for (size_t i = 0; i < size; ++i) {
      // An input that no other one moves keeps its numbers to the last bit.
      bool moved = false;
      sum.fill(0);
      for (size_t j = 0; j <= i; ++j) {
        const double weight = factor.at(i, j);
        if (weight == 0) continue;
        moved |= j != i;
        for (size_t lane = 0; lane < n; ++lane) sum[lane] += weight * z[j][lane];
      }
      if (!moved) continue;
      kernels().normal_cdf(sum.data(), sum.data(), n);
      for (size_t lane = 0; lane < n; ++lane) {
        u[i][first + lane] = std::clamp(sum[lane], 0x1p-53, 1 - 0x1p-53);
      }
    }
  }
}

}  // namespace headrace::math
