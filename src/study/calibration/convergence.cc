#include "study/calibration/convergence.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <cstdint>
#include <iterator>
#include <limits>
#include <unsupported/Eigen/FFT>
#include <utility>

#include "math/normal_quantile.h"

namespace headrace::study {
namespace {

using Chains = std::vector<std::vector<double>>;

struct Moments {
  std::vector<double> means, variances;
  double within = 0, between = 0;  // W and B of equations (1) and (2)
};

Moments moments(const Chains& chains) {
  Moments m;
  const auto n = static_cast<double>(chains[0].size());
  const auto count = static_cast<double>(chains.size());
  double grand = 0;
  for (const auto& chain : chains) {
    double mean = 0, square = 0;
    for (double x : chain) mean += x / n;
    for (double x : chain) square += (x - mean) * (x - mean);
    m.means.push_back(mean);
    m.variances.push_back(square / (n - 1));
    m.within += m.variances.back() / count;
    grand += mean / count;
  }
  for (double mean : m.means) m.between += n * (mean - grand) * (mean - grand) / (count - 1);
  return m;
}

bool constant(const Chains& chains) {
  for (const auto& chain : chains) {
    for (double x : chain) {
      if (x != chains[0][0]) return false;
    }
  }
  return true;
}

// The halves of each chain, as chains; an odd last iteration of the first half is left out.
Chains split(const Traces& traces) {
  const size_t half = traces.iterations() / 2;
  Chains out;
  for (size_t c = 0; c < traces.chains; ++c) {
    for (size_t from : {size_t{0}, traces.iterations() - half}) {
      auto& chain = out.emplace_back();
      for (size_t i = 0; i < half; ++i)
        chain.push_back(traces.values[(from + i) * traces.chains + c]);
    }
  }
  return out;
}

// All values in ascending order, each with its place: chain * n + iteration.
using Order = std::vector<std::pair<double, uint32_t>>;

Order sorted(const Chains& chains) {
  Order out;
  out.reserve(chains.size() * chains[0].size());
  for (const auto& chain : chains) {
    for (double x : chain) out.emplace_back(x, static_cast<uint32_t>(out.size()));
  }
  std::sort(out.begin(), out.end());
  return out;
}

// The order of |x - centre|: that of the values above the centre and, backwards, of those below.
Order folded(const Order& order, double centre) {
  Order out;
  out.reserve(order.size());
  auto up = std::lower_bound(order.begin(), order.end(), std::pair{centre, uint32_t{0}});
  auto down = std::make_reverse_iterator(up);
  while (out.size() < order.size()) {
    const bool above =
        down == order.rend() || (up != order.end() && up->first - centre < centre - down->first);
    const auto& [x, at] = above ? *up++ : *down++;
    out.emplace_back(std::fabs(x - centre), at);
  }
  return out;
}

// Ranks over all chains as normal scores, equation (14); equal values share their mean rank.
Chains scores(const Order& order, size_t n) {
  const size_t total = order.size();
  Chains out(total / n, std::vector<double>(n));
  for (size_t first = 0; first < total;) {
    size_t last = first + 1;
    while (last < total && order[last].first == order[first].first) ++last;
    const double rank = 0.5 * static_cast<double>(first + 1 + last);
    const double z = math::normal_quantile((rank - 0.375) / (static_cast<double>(total) + 0.25));
    for (size_t i = first; i < last; ++i) out[order[i].second / n][order[i].second % n] = z;
    first = last;
  }
  return out;
}

double quantile(const Order& order, double p) {
  return order[static_cast<size_t>(p * static_cast<double>(order.size() - 1))].first;
}

template <class F>
Chains mapped(const Chains& chains, F f) {
  Chains out = chains;
  for (auto& chain : out) {
    for (double& x : chain) x = f(x);
  }
  return out;
}

// The autocovariances at all lags, averaged over the chains: the inverse transform of the mean of
// their power spectra, padded so that the ends do not meet (Wiener and Khinchin).
std::vector<double> autocovariances(const Chains& chains, const std::vector<double>& means) {
  const size_t n = chains[0].size(), padded = std::bit_ceil(2 * n);
  Eigen::FFT<double> fft;
  std::vector<double> own(padded);
  std::vector<std::complex<double>> spectrum, power(padded);
  for (size_t c = 0; c < chains.size(); ++c) {
    for (size_t i = 0; i < n; ++i) own[i] = chains[c][i] - means[c];
    fft.fwd(spectrum, own);
    for (size_t k = 0; k < padded; ++k) power[k] += std::norm(spectrum[k]);
  }
  std::vector<double> sums;
  fft.inv(sums, power);
  sums.resize(n);
  const double all = static_cast<double>(n) * static_cast<double>(chains.size());
  for (double& s : sums) s /= all;
  return sums;
}

}  // namespace

double split_rhat(const Chains& chains) {
  if (constant(chains)) return 1;
  const Moments m = moments(chains);
  const auto n = static_cast<double>(chains[0].size());
  if (!(m.within > 0)) return std::numeric_limits<double>::infinity();
  return std::sqrt((n - 1) / n + m.between / (n * m.within));  // (3) and (4)
}

// Equations (10) and (11), with Geyer's initial monotone sequence of pairs.
double effective_size(const Chains& chains) {
  const size_t n = chains[0].size();
  const double total = static_cast<double>(n) * static_cast<double>(chains.size());
  if (constant(chains)) return total;
  const Moments m = moments(chains);
  const auto length = static_cast<double>(n);
  const double variance = m.within * (length - 1) / length + m.between / length;
  const std::vector<double> covariance = autocovariances(chains, m.means);
  const auto correlation = [&](size_t lag) {
    // W itself is the autocovariance at lag 0 with n - 1 below; equation (10).
    return 1 - (m.within - covariance[lag] * length / (length - 1)) / variance;
  };
  double tau = -1, least = HUGE_VAL;
  for (size_t lag = 0; lag + 1 < n; lag += 2) {
    const double pair = (lag == 0 ? 1 : correlation(lag)) + correlation(lag + 1);
    if (!(pair > 0)) break;
    least = std::min(least, pair);
    tau += 2 * least;
  }
  tau = std::max(tau, 1 / std::log10(total));
  return total / tau;
}

Convergence convergence(const Traces& traces) {
  Convergence out;
  if (traces.iterations() < 4) {
    out.rhat = std::numeric_limits<double>::infinity();
    return out;
  }
  const Chains chains = split(traces);
  const size_t n = chains[0].size();
  const Order order = sorted(chains);
  const Chains bulk = scores(order, n);
  const Chains tails = scores(folded(order, quantile(order, 0.5)), n);
  out.rhat = std::max(split_rhat(bulk), split_rhat(tails));
  out.ess_bulk = effective_size(bulk);
  out.ess_mean = effective_size(chains);
  out.ess_tail = HUGE_VAL;
  for (double p : {0.05, 0.95}) {
    const double q = quantile(order, p);
    const Chains below = mapped(chains, [=](double x) { return x <= q ? 1.0 : 0.0; });
    out.ess_tail = std::min(out.ess_tail, effective_size(below));
  }
  return out;
}

}  // namespace headrace::study
