#include "study/calibration/population.h"

#include <Eigen/Dense>
#include <cmath>

namespace headrace::study {
namespace {

constexpr double kWiden = 1.2;  // of the covariance
constexpr double kLeast = 1e-10;

Eigen::MatrixXd covariance(const Points& points, const std::vector<double>& mean) {
  const auto d = static_cast<Eigen::Index>(mean.size());
  Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(d, d);
  Eigen::VectorXd x(d);
  for (size_t k = 0; k < points[0].size(); ++k) {
    for (Eigen::Index i = 0; i < d; ++i) {
      const auto at = static_cast<size_t>(i);
      x[i] = points[at][k] - mean[at];
    }
    sum.noalias() += x * x.transpose();
  }
  return sum / std::max(1.0, static_cast<double>(points[0].size()) - 1);
}

}  // namespace

double log_prior(const Points& z, size_t point) {
  double sum = 0;
  for (const auto& column : z) sum += column[point] * column[point];
  return -0.5 * sum;
}

Envelope::Envelope(const Points& points) {
  for (const auto& column : points) {
    double sum = 0;
    for (double x : column) sum += x;
    mean_.push_back(sum / static_cast<double>(column.size()));
  }
  Eigen::MatrixXd spread = kWiden * covariance(points, mean_);
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

std::vector<double> Envelope::colour(const std::vector<double>& y) const {
  const size_t d = mean_.size();
  std::vector<double> w(mean_);
  for (size_t i = 0; i < d; ++i) {
    for (size_t j = 0; j <= i; ++j) w[i] += factor_[i * d + j] * y[j];
  }
  return w;
}

std::vector<double> Envelope::whiten(const std::vector<double>& w) const {
  const size_t d = mean_.size();
  std::vector<double> y(d);
  for (size_t i = 0; i < d; ++i) {
    double rest = w[i] - mean_[i];
    for (size_t j = 0; j < i; ++j) rest -= factor_[i * d + j] * y[j];
    y[i] = rest / factor_[i * d + i];
  }
  return y;
}

double Envelope::log_density(const std::vector<double>& y) const {
  double square = 0;
  for (double x : y) square += x * x;
  const auto degrees = static_cast<double>(kDegrees);
  return -0.5 * (degrees + static_cast<double>(y.size())) * std::log1p(square / degrees);
}

}  // namespace headrace::study
