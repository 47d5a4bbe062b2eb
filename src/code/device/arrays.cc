// Sorting, picking and matrices; and the way from lanes to one lane.

#include "code/device/arrays.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace headrace::code {

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// The element that a number names, to the nearest; nothing outside.
std::optional<size_t> element(double number, size_t count) {
  const double place = std::nearbyint(number);
  if (!(place >= 0 && place < static_cast<double>(count))) return std::nullopt;  // NaN too
  return static_cast<size_t>(place);
}

std::vector<uint32_t> sorted(const Values& values, double direction) {
  std::vector<uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0u);
  const bool ascending = direction > 0;
  std::ranges::stable_sort(order, [&](uint32_t a, uint32_t b) {
    const double x = values[a], y = values[b];
    if (std::isnan(x) || std::isnan(y)) return !std::isnan(x);
    return ascending ? x < y : y < x;
  });
  return order;
}

}  // namespace

void sort_order(const Values& values, double direction, std::span<double> out) {
  std::ranges::copy(sorted(values, direction), out.begin());
}

void rank(const Values& values, double direction, std::span<double> out) {
  const std::vector<uint32_t> order = sorted(values, direction);
  for (size_t place = 0; place < order.size(); ++place)
    out[order[place]] = static_cast<double>(place + 1);
}

void reorder(const Values& values, const Values& order, std::span<double> out) {
  for (size_t k = 0; k < out.size(); ++k) out[k] = element_at(values, order[k]);
}

double element_at(const Values& values, double offset) {
  const auto at = element(offset, values.size());
  return at ? values[*at] : kNotAvailable;
}

// VECTOR SELECT of Vensim. An element is chosen when `chosen` is not 0. With c its number and x its
// value, over the chosen ones, in their order:
//   action 0  sum of c x      1  product of c x   2  least c x      3  greatest c x
//          4  mean of c x     5  product of x^c   6  sum of x       7  product of x
//          8  least x         9  greatest x      10  mean of x
// None chosen gives `missing`. `errors` 1 makes that an error, 2 more than one chosen, 3 both; an
// error is NaN, which marks the draw. An action that does not exist is NaN.
double vector_select(const Values& chosen, const Values& values, double missing, double action,
                     double errors) {
  size_t count = 0;
  for (double c : chosen.of) count += c != 0;
  const double mode = std::nearbyint(errors);
  if (count == 0) return mode == 1 || mode == 3 ? kNaN : missing;
  if (count > 1 && (mode == 2 || mode == 3)) return kNaN;
  const double what = std::nearbyint(action);
  if (!(what >= 0 && what <= 10)) return kNaN;
  double sum = 0, product = 1, least = 0, greatest = 0;
  bool first = true;
  for (size_t i = 0; i < chosen.size(); ++i) {
    const double c = chosen[i];
    if (c == 0) continue;
    const double x = what <= 4 ? c * values[i] : what == 5 ? std::pow(values[i], c) : values[i];
    sum += x;
    product *= x;
    least = first || x < least ? x : least;
    greatest = first || x > greatest ? x : greatest;
    first = false;
  }
  switch (static_cast<int>(what)) {
    case 0:
    case 6:
      return sum;
    case 1:
    case 5:
    case 7:
      return product;
    case 2:
    case 8:
      return least;
    case 3:
    case 9:
      return greatest;
    default:
      return sum / static_cast<double>(count);
  }
}

// Gauss and Jordan with partial pivoting: the matrix becomes the unit matrix step by step, and what
// is done to it is done to the unit matrix beside it.
void inverse(const Values& matrix, std::span<double> out) {
  const size_t n = matrix.columns;
  std::vector<double> left(matrix.of.begin(), matrix.of.end());
  std::ranges::fill(out, 0.0);
  for (size_t i = 0; i < n; ++i) out[i * n + i] = 1;
  for (size_t k = 0; k < n; ++k) {
    size_t pivot = k;
    for (size_t r = k + 1; r < n; ++r) {
      if (std::fabs(left[r * n + k]) > std::fabs(left[pivot * n + k])) pivot = r;
    }
    const double head = left[pivot * n + k];
    if (!(std::fabs(head) > 0) || std::isinf(head)) {
      std::ranges::fill(out, kNaN);
      return;
    }
    for (size_t c = 0; c < n; ++c) {
      std::swap(left[pivot * n + c], left[k * n + c]);
      std::swap(out[pivot * n + c], out[k * n + c]);
    }
    for (size_t c = 0; c < n; ++c) left[k * n + c] /= head, out[k * n + c] /= head;
    for (size_t r = 0; r < n; ++r) {
      const double factor = left[r * n + k];
      if (r == k || factor == 0) continue;
      for (size_t c = 0; c < n; ++c) {
        left[r * n + c] -= factor * left[k * n + c];
        out[r * n + c] -= factor * out[k * n + c];
      }
    }
  }
}

// ---------------------------------------------------------------- lanes

namespace {

void apply(model::ArrayFunction function, std::span<const Values> in, std::span<double> out) {
  using enum model::ArrayFunction;
  switch (function) {
    case kSortOrder:
      return sort_order(in[0], in[1].number(), out);
    case kRank:
      return rank(in[0], in[1].number(), out);
    case kReorder:
      return reorder(in[0], in[1], out);
    case kElementAt:
      out[0] = element_at(in[0], in[1].number());
      return;
    case kVectorSelect:
      out[0] = vector_select(in[0], in[1], in[2].number(), in[3].number(), in[4].number());
      return;
    case kInverse:
      return inverse(in[0], out);
    case kAllocateAvailable:
      return allocate_available(in[0], in[1], in[2].number(), out);
    case kAllocateByPriority:
      return allocate_by_priority(in[0], in[1], in[2].number(), in[3].number(), out);
    case kMarketPriority:
      out[0] = market_priority(in[0], in[1], in[2].number(), in[3].number());
      return;
    case kMarketPrice:
      out[0] = market_price(in[0], in[1], in[2], in[3]);
      return;
    case kDemandAtPrice:
      out[0] = demand_at_price(in[0], in[1].number(), in[2].number());
      return;
    case kSupplyAtPrice:
      out[0] = supply_at_price(in[0], in[1].number(), in[2].number());
      return;
    case kVectorLookup:
      out[0] = vector_lookup(in[0], in[1].number(), in[2].number(), in[3].number(), in[4].number());
      return;
    case kPoissonQuantile:
      out[0] = poisson_quantile(in[0].number(), in[1].number());
      return;
    case kBinomialQuantile:
      out[0] = binomial_quantile(in[0].number(), in[1].number(), in[2].number());
      return;
    case kBetaQuantile:
      out[0] = beta_quantile(in[0].number(), in[1].number(), in[2].number());
      return;
    case kGammaQuantile:
      out[0] = gamma_quantile(in[0].number(), in[1].number(), in[2].number());
      return;
    case kNormalShare:
      out[0] = normal_share(in[0].number());
      return;
    case kNormalQuantile:
      out[0] = normal_quantile(in[0].number(), in[1].number(), in[2].number());
      return;
  }
}

struct Call {
  ArrayShape shape;
  std::vector<SlabShape> slabs;
};

Call unpack(const uint64_t* shape) {
  Call call{{shape[0], shape[1], shape[2]}, {}};
  for (uint64_t s = 0; s < call.shape.slabs; ++s) {
    const uint64_t* at = shape + 3 + 4 * s;
    call.slabs.push_back({at[0], at[1], at[2], at[3]});
  }
  return call;
}

}  // namespace

std::vector<uint64_t> pack(const ArrayShape& shape, const std::vector<SlabShape>& slabs) {
  std::vector<uint64_t> numbers = {shape.function, shape.count, slabs.size()};
  for (const SlabShape& slab : slabs)
    numbers.insert(numbers.end(), {slab.rows, slab.columns, slab.pitch, slab.lane});
  return numbers;
}

// Reading one element of a long slice needs no copy of it.
static void elements_at(const Call& call, const double* const* slabs, double* out, size_t lanes) {
  const SlabShape &values = call.slabs[0], &offsets = call.slabs[1];
  for (size_t lane = 0; lane < lanes; ++lane) {
    const auto at = element(slabs[1][lane * offsets.lane], values.rows * values.columns);
    out[lane] = at ? slabs[0][*at * values.pitch + lane * values.lane] : kNotAvailable;
  }
}

void headrace_array(const uint64_t* packed, const double* const* slabs, double* out, size_t lanes) {
  const Call call = unpack(packed);
  const auto function = static_cast<model::ArrayFunction>(call.shape.function);
  if (function == model::ArrayFunction::kElementAt) return elements_at(call, slabs, out, lanes);
  std::vector<std::vector<double>> own(call.slabs.size());
  std::vector<Values> values(call.slabs.size());
  bool shared = true;
  for (size_t s = 0; s < own.size(); ++s) {
    const SlabShape& slab = call.slabs[s];
    own[s].resize(slab.rows * slab.columns);
    values[s] = {own[s], slab.rows, slab.columns};
    shared = shared && slab.lane == 0;
  }
  std::vector<double> result(call.shape.count);
  for (size_t lane = 0; lane < lanes; ++lane) {
    for (size_t s = 0; s < own.size() && (lane == 0 || !shared); ++s) {
      const SlabShape& slab = call.slabs[s];
      for (size_t e = 0; e < own[s].size(); ++e)
        own[s][e] = slabs[s][e * slab.pitch + lane * slab.lane];
    }
    if (lane == 0 || !shared) apply(function, values, result);
    for (size_t e = 0; e < result.size(); ++e) out[e * lanes + lane] = result[e];
  }
}

}  // namespace headrace::code
