// Sharing what is scarce by priority, as the allocation functions of Vensim do.
//
// Each requester i asks for r_i >= 0 and has a profile: of its request the share s_i(p) stands at
// priorities above p. s falls from 1 to 0 around the requester's priority c, over its width w:
//
//   kind 0  fixed        served first, whatever the priority
//        1  rectangular  straight down between c - w/2 and c + w/2
//        2  triangular   the integral of a triangle over the same interval
//        3  normal       that of a normal curve with standard deviation w, but at least 0.05
//        4  exponential  that of exp(-|p - c| / w) / (2 w)
//        5  elastic      1 up to c, then (p / c)^-extra, and nothing beyond c + w
//
// The market clears at the one p where the shares add up to the supply S:
//
//   sum r_i s_i(p) = S        allocation_i = r_i s_i(p)
//
// The sum falls with p, so p is found between two ends that close in on it, until no number lies
// between them: each step goes where the line through both sums crosses S, with the sum of an end
// that stays drawn nearer to S by half (the Illinois method), and every third to the middle unless
// the ends came eight times closer. There the sums at both ends bracket S, and each requester gets
// the mean of its shares at both, weighted such that the sum is S up to rounding; this also settles
// ties of profiles without width, which share in proportion to what they ask for. Where supply
// meets all requests, all are met.
//
// A kind raised by 10, of any requester, wants whole numbers: each allocation is cut to one, and
// the units that are left of the whole ones go to the largest remainders, the first among equals.
//
// Where supply can vary too, each supplier offers what a demander of its profile would not ask for,
// q (1 - s(p)), and the market's price is the p at which both sums are equal. Fixed quantities of a
// side do not move with the price. Where nothing fits, the price is the end of the span in which
// the profiles change: the lower one when more is offered than wanted, else the upper one. That
// span is w/2 to either side of a rectangle or triangle, 5 deviations of a normal and 10 w of an
// exponential curve. Where all quantities are fixed the price is not available.
//
// Source: the pages on allocation of the Vensim manual,
// https://www.vensim.com/documentation/24330.html; the least deviation and the ends of the span are
// those of Vensim's own output for `allocate_normal_width` and `allocate_price` in the repository
// climateinteractive/SDEverywhere.

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "code/device/arrays.h"
#include "math/elementary.h"

namespace headrace::code {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Profile {
  int kind = 1;
  double priority = 0, width = 0, extra = 0;
};

// Of the normal curve.
double deviation(const Profile& profile) { return std::max(profile.width, 0.05); }

// The share of a standard normal curve above z, as Vensim computes it: formula 26.2.16 of
// Abramowitz and Stegun, Handbook of Mathematical Functions (1964). It is off by less than 1e-5.
double normal_above(double z) {
  if (z < 0) return 1 - normal_above(-z);
  const double t = 1 / (1 + 0.33267 * z);
  const double density = math::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
  return density * t * (0.4361836 + t * (-0.1201676 + t * 0.9372980));
}

// The share of the request that stands at priorities above p.
double share_above(const Profile& profile, double p) {
  const double from_centre = p - profile.priority, w = profile.width;
  if (profile.kind == 5) {
    if (from_centre <= 0) return 1;
    return from_centre > w ? 0 : math::pow(p / profile.priority, -profile.extra);
  }
  if (profile.kind == 3) return normal_above(from_centre / deviation(profile));
  if (!(w > 0)) return from_centre < 0 ? 1 : 0;
  const double z = from_centre / w;
  if (profile.kind == 4) return z < 0 ? 1 - 0.5 * math::exp(z) : 0.5 * math::exp(-z);
  if (z <= -0.5) return 1;
  if (z >= 0.5) return 0;
  if (profile.kind == 1) return 0.5 - z;
  return z < 0 ? 1 - 2 * (z + 0.5) * (z + 0.5) : 2 * (0.5 - z) * (0.5 - z);
}

// How far from its priority a profile still changes.
double reach(const Profile& profile) {
  const double w = std::max(profile.width, 0.0);
  if (profile.kind == 3) return 40 * deviation(profile);
  if (profile.kind == 4) return 750 * w;
  return w + 1e-9 * std::fabs(profile.priority) + 1e-300;
}

class Market {
 public:
  Market(std::span<const double> requests, std::span<const Profile> profiles)
      : requests_(requests), profiles_(profiles), low_(requests.size()), high_(requests.size()) {}

  // Supply lies between 0 and the sum of the requests. Gives the priority p.
  double clear(double supply, std::span<double> out) {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const Profile& profile : profiles_) {
      low = std::min(low, profile.priority - reach(profile));
      high = std::max(high, profile.priority + reach(profile));
    }
    close_in(supply, low, high);
    const double most = sum_at(low, low_), least = sum_at(high, high_);
    const double part = most > least ? std::clamp((supply - least) / (most - least), 0.0, 1.0) : 0;
    for (size_t i = 0; i < out.size(); ++i) out[i] = high_[i] + part * (low_[i] - high_[i]);
    return low + part * (high - low);
  }

 private:
  // Moves the ends together until no number lies between them.
  void close_in(double supply, double& low, double& high) {
    double over = sum_at(low, low_) - supply, under = sum_at(high, high_) - supply;
    double width = high - low;
    int stayed = 0;  // of steps in a row that moved the same end: above 0 the low one
    for (int step = 1;; ++step) {
      const double middle = low + (high - low) / 2;
      if (!(low < middle && middle < high)) return;
      double p = middle;
      if (step % 3 != 0 || high - low <= width / 8) {
        if (step % 3 == 0) width = high - low;
        p = low + (high - low) * (over / (over - under));
        const double least =  // a step that crosses S rather than creep up to it
            2 * std::numeric_limits<double>::epsilon() * std::fabs(middle);
        p = std::min(std::max(p, low + least), high - least);
        if (!(low < p && p < high)) p = middle;
      } else {
        width = high - low;
      }
      const double beyond = sum_at(p, low_) - supply;
      if (beyond >= 0) {
        low = p, over = beyond;
        stayed = std::max(stayed, 0) + 1;
        if (stayed > 1) under /= 2;
      } else {
        high = p, under = beyond;
        stayed = std::min(stayed, 0) - 1;
        if (stayed < -1) over /= 2;
      }
    }
  }

  double sum_at(double p, std::vector<double>& shares) const {
    double sum = 0;
    for (size_t i = 0; i < requests_.size(); ++i)
      sum += shares[i] = requests_[i] > 0 ? requests_[i] * share_above(profiles_[i], p) : 0;
    return sum;
  }

  std::span<const double> requests_;
  std::span<const Profile> profiles_;
  std::vector<double> low_, high_;
};

void make_whole(std::span<double> out) {
  double left = 0;
  std::vector<double> remainder(out.size());
  for (size_t i = 0; i < out.size(); ++i) {
    const double whole = std::floor(out[i] + 1e-9);
    remainder[i] = out[i] - whole;
    left += remainder[i];
    out[i] = whole;
  }
  std::vector<size_t> order(out.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t a, size_t b) { return remainder[a] > remainder[b]; });
  for (size_t i : order) {
    if (left < 1 - 1e-9 || remainder[i] <= 0) break;
    out[i] += 1;
    left -= 1;
  }
}

bool valid(double request, const Profile& profile) {
  const bool numbers = !std::isnan(request) && std::isfinite(profile.priority) &&
                       std::isfinite(profile.width) && !std::isnan(profile.extra);
  const bool elastic = profile.kind != 5 || profile.priority > 0;
  return numbers && profile.kind >= 0 && profile.kind <= 5 && elastic;
}

void allocate(std::vector<double> requests, std::span<const Profile> profiles, double supply,
              std::span<double> out) {
  bool fine = !std::isnan(supply);
  double total = 0, fixed = 0;
  for (size_t i = 0; i < requests.size(); ++i) {
    fine = fine && valid(requests[i], profiles[i]);
    requests[i] = std::max(requests[i], 0.0);
    total += requests[i];
    if (profiles[i].kind == 0) fixed += requests[i];
  }
  if (!fine) return std::ranges::fill(out, kNaN), void();
  if (supply >= total) return std::ranges::copy(requests, out.begin()), void();
  supply = std::max(supply, 0.0);
  const double first = fixed > supply ? supply / fixed : 1;
  std::vector<double> others = requests;
  for (size_t i = 0; i < others.size(); ++i) {
    if (profiles[i].kind == 0) others[i] = 0;
  }
  Market(others, profiles).clear(std::max(supply - fixed, 0.0), out);
  for (size_t i = 0; i < out.size(); ++i) {
    if (profiles[i].kind == 0) out[i] = first * requests[i];
  }
}

// Nothing for a kind that does not exist; `whole` when one of them wants whole numbers.
Profile profile_of(const double* row, bool& whole) {
  double kind = std::nearbyint(row[0]);
  if (kind >= 10) whole = true, kind -= 10;
  return {kind >= 0 && kind <= 5 ? static_cast<int>(kind) : -1, row[1], row[2], row[3]};
}

std::vector<Profile> profiles_of(const Values& profile, size_t count, bool& whole) {
  std::vector<Profile> profiles(count);
  for (size_t i = 0; i < count; ++i)
    profiles[i] = profile_of(profile.of.data() + i * profile.columns, whole);
  return profiles;
}

double demanded(const Profile& profile, double quantity, double p) {
  return profile.kind == 0 ? quantity : quantity * share_above(profile, p);
}

// An elastic supplier offers all from its priority on, below it (p / c)^extra of it, and nothing
// below c - w.
double supplied(const Profile& profile, double quantity, double p) {
  if (profile.kind == 0) return quantity;
  if (profile.kind != 5) return quantity * (1 - share_above(profile, p));
  const double below = profile.priority - p;
  if (below <= 0) return quantity;
  return below > profile.width || p <= 0
             ? 0
             : quantity * math::pow(p / profile.priority, profile.extra);
}

// How far from its priority a profile moves the price of a market.
double span(const Profile& profile) {
  const double w = std::max(profile.width, 0.0);
  if (profile.kind == 3) return 5 * deviation(profile);
  if (profile.kind == 4) return 10 * w;
  return profile.kind == 5 ? w : w / 2;
}

// One side of a market.
struct Side {
  std::span<const double> quantities;
  std::vector<Profile> profiles;
  double at(double p, double (*amount)(const Profile&, double, double)) const {
    double sum = 0;
    for (size_t i = 0; i < quantities.size(); ++i)
      sum += amount(profiles[i], std::max(quantities[i], 0.0), p);
    return sum;
  }
  bool is_valid() const {
    for (size_t i = 0; i < quantities.size(); ++i) {
      if (!valid(quantities[i], profiles[i])) return false;
    }
    return true;
  }
};

}  // namespace

double market_price(const Values& demand, const Values& demand_profile, const Values& supply,
                    const Values& supply_profile) {
  bool whole = false;
  const Side wanted{demand.of, profiles_of(demand_profile, demand.size(), whole)};
  const Side offered{supply.of, profiles_of(supply_profile, supply.size(), whole)};
  if (!wanted.is_valid() || !offered.is_valid()) return kNaN;
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Side* side : {&wanted, &offered}) {
    for (const Profile& profile : side->profiles) {
      if (profile.kind == 0) continue;
      low = std::min(low, profile.priority - span(profile));
      high = std::max(high, profile.priority + span(profile));
    }
  }
  if (low > high) return kNotAvailable;
  for (;;) {
    const double middle = low + (high - low) / 2;
    if (!(low < middle && middle < high)) return middle;
    (wanted.at(middle, demanded) > offered.at(middle, supplied) ? low : high) = middle;
  }
}

double demand_at_price(const Values& profile, double quantity, double price) {
  bool whole = false;
  const Profile one = profile_of(profile.of.data(), whole);
  if (!valid(quantity, one) || std::isnan(price)) return kNaN;
  return demanded(one, std::max(quantity, 0.0), price);
}

double supply_at_price(const Values& profile, double quantity, double price) {
  bool whole = false;
  const Profile one = profile_of(profile.of.data(), whole);
  if (!valid(quantity, one) || std::isnan(price)) return kNaN;
  return supplied(one, std::max(quantity, 0.0), price);
}

void allocate_available(const Values& request, const Values& profile, double supply,
                        std::span<double> out) {
  bool whole = false;
  const std::vector<Profile> profiles = profiles_of(profile, request.size(), whole);
  allocate({request.of.begin(), request.of.end()}, profiles, supply, out);
  if (whole && !(out.size() > 0 && std::isnan(out[0]))) make_whole(out);
}

namespace {

std::vector<Profile> rectangles(const Values& priority, double width) {
  std::vector<Profile> profiles(priority.size());
  for (size_t i = 0; i < profiles.size(); ++i) profiles[i] = {1, priority[i], width, 0};
  return profiles;
}

}  // namespace

double market_priority(const Values& request, const Values& priority, double width, double supply) {
  const std::vector<Profile> profiles = rectangles(priority, width);
  std::vector<double> requests(request.of.begin(), request.of.end()), shares(request.size());
  double total = 0, lowest = std::numeric_limits<double>::infinity(), highest = -lowest;
  bool fine = !std::isnan(supply);
  for (size_t i = 0; i < requests.size(); ++i) {
    fine = fine && valid(requests[i], profiles[i]);
    requests[i] = std::max(requests[i], 0.0);
    total += requests[i];
    lowest = std::min(lowest, priority[i] - std::max(width, 0.0) / 2);
    highest = std::max(highest, priority[i] + std::max(width, 0.0) / 2);
  }
  if (!fine) return kNaN;
  if (supply >= total) return lowest;
  if (supply <= 0) return highest;
  return Market(requests, profiles).clear(supply, shares);
}

void allocate_by_priority(const Values& request, const Values& priority, double width,
                          double supply, std::span<double> out) {
  const std::vector<Profile> profiles = rectangles(priority, width);
  allocate({request.of.begin(), request.of.end()}, profiles, supply, out);
}

}  // namespace headrace::code
