#include "study/calibration/population.h"

#include <Eigen/Dense>
#include <cmath>

namespace headrace::study {
namespace {

constexpr double kWiden = 1.2;  // of the covariance
constexpr double kLeast = 1e-10;

Eigen::MatrixXd covariance(const Population& population, const std::vector<double>& mean) {
  const auto d = static_cast<Eigen::Index>(mean.size());
  Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(d, d);
  Eigen::VectorXd x(d);
  for (size_t k = 0; k < population.size(); ++k) {
    for (Eigen::Index i = 0; i < d; ++i) {
      const auto at = static_cast<size_t>(i);
      x[i] = population.z[at][k] - mean[at];
    }
    sum.noalias() += x * x.transpose();
  }
  return sum / std::max(1.0, static_cast<double>(population.size()) - 1);
}

}  // namespace

double log_prior(const Points& z, size_t point) {
  double sum = 0;
  for (const auto& column : z) sum += column[point] * column[point];
  return -0.5 * sum;
}

Envelope::Envelope(const Population& population) {
  for (const auto& column : population.z) {
    double sum = 0;
    for (double x : column) sum += x;
    mean_.push_back(sum / static_cast<double>(column.size()));
  }
  Eigen::MatrixXd spread = kWiden * covariance(population, mean_);
  double add = kLeast;
  Eigen::LLT<Eigen::MatrixXd> factorised(spread);
  while (factorised.info() != Eigen::Success) {  // ends: a large enough diagonal is positive
    spread.diagonal().array() += add;
    add *= 10;
    factorised.compute(spread);
  }
  const Eigen::MatrixXd lower = factorised.matrixL();
  for (Eigen::Index i = 0; i < lower.rows(); ++i) {
    for (Eigen::Index j = 0; j < lower.cols(); ++j) factor_.push_back(lower(i, j));
  }
}

std::vector<double> Envelope::draw(const std::vector<double>& normals, double u, double v) const {
  // A chi-squared number of 4 degrees of freedom is -2 ln(u v).
  const double stretch = std::sqrt(4 / std::max(-2 * std::log(u * v), 1e-300));
  const size_t d = mean_.size();
  std::vector<double> z(mean_);
  for (size_t i = 0; i < d; ++i) {
    double sum = 0;
    for (size_t j = 0; j <= i; ++j) sum += factor_[i * d + j] * normals[j];
    z[i] += stretch * sum;
  }
  return z;
}

double Envelope::log_density(const std::vector<double>& z) const {
  const size_t d = mean_.size();
  std::vector<double> y(d);
  double square = 0;
  for (size_t i = 0; i < d; ++i) {
    double rest = z[i] - mean_[i];
    for (size_t j = 0; j < i; ++j) rest -= factor_[i * d + j] * y[j];
    y[i] = rest / factor_[i * d + i];
    square += y[i] * y[i];
  }
  return -0.5 * (4 + static_cast<double>(d)) * std::log1p(square / 4);
}

}  // namespace headrace::study
