#pragma once

// Functions of whole slices of arrays (model/array_functions.def), which both back ends call.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/model.h"

namespace headrace::code {

// What -2^109 stands for in Vensim, whose missing value is an ordinary number.
inline constexpr double kNotAvailable = -0x1p109;

// Where a slice lies: element e of lane l at data[e * pitch + l * lane].
struct SlabShape {
  uint64_t rows = 1, columns = 1;
  uint64_t pitch = 1;
  uint64_t lane = 0;  // 1, or 0 for numbers that all lanes share
};
struct ArrayShape {
  uint64_t function = 0;  // a model::ArrayFunction
  uint64_t count = 1;     // elements of the result
  uint64_t slabs = 0;     // that follow, each a SlabShape
};

// The shape of a call as numbers, for headrace_array.
std::vector<uint64_t> pack(const ArrayShape& shape, const std::vector<SlabShape>& slabs);

// out[e][l] := element e of the function's result for lane l. `out` is [count][lanes].
extern "C" void headrace_array(const uint64_t* shape, const double* const* slabs, double* out,
                               size_t lanes);

// One lane's slice.
struct Values {
  std::span<const double> of;
  size_t rows = 1, columns = 1;
  double number() const { return of[0]; }
  size_t size() const { return of.size(); }
  double operator[](size_t i) const { return of[i]; }
};

// The functions themselves, for one lane; `out` has the size of the result.
void sort_order(const Values& values, double direction, std::span<double> out);
void rank(const Values& values, double direction, std::span<double> out);
void reorder(const Values& values, const Values& order, std::span<double> out);
double element_at(const Values& values, double offset);
double vector_select(const Values& chosen, const Values& values, double missing, double action,
                     double errors);
void inverse(const Values& matrix, std::span<double> out);
void allocate_available(const Values& request, const Values& profile, double supply,
                        std::span<double> out);
void allocate_by_priority(const Values& request, const Values& priority, double width,
                          double supply, std::span<double> out);
double market_priority(const Values& request, const Values& priority, double width, double supply);
double market_price(const Values& demand, const Values& demand_profile, const Values& supply,
                    const Values& supply_profile);
double demand_at_price(const Values& profile, double quantity, double price);
double supply_at_price(const Values& profile, double quantity, double price);
double vector_lookup(const Values& values, double x, double low, double high, double mode);
// The least number at which the distribution reaches the share; NaN for impossible parameters.
double poisson_quantile(double share, double mean);
double binomial_quantile(double share, double trials, double chance);
double beta_quantile(double share, double alpha, double beta);
double gamma_quantile(double share, double shape, double scale);
double normal_quantile(double share, double mean, double sd);
double normal_share(double z);

}  // namespace headrace::code
