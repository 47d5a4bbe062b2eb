#pragma once

// Readings of a quantity: as they might come out, and what one that came out says of each draw.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace headrace::study {

// How far a reading may be off.
struct ReadingError {
  enum class Form { kNone, kNormal, kLognormal };
  Form form = Form::kNone;
  double spread = 0;  // kNormal: in the quantity's unit; kLognormal: of its logarithm
};

// One reading for each draw of the quantity; the errors are keyed by (seed, name, draw). NaN where
// the quantity is, or where it is not above 0 and the error is lognormal.
std::vector<double> simulated_readings(std::span<const double> quantity, const ReadingError& error,
                                       uint64_t seed, std::string_view name);

// The log likelihood of a reading in each draw, without its constant; -inf where it is impossible.
// The error is not kNone.
std::vector<double> log_likelihoods(std::span<const double> quantity, const ReadingError& error,
                                    double reading);

// The weights of draws, which add up to 1; empty when all are impossible.
std::vector<double> normalized(std::span<const double> log_weights);
// As how many equally likely draws these count: 1 / sum of squares.
double effective_draws(std::span<const double> weights);

// As many draws again, equally likely, each taken as often as its weight says to within one
// (systematic resampling, Kitagawa 1996), in ascending order.
std::vector<uint32_t> resampled(std::span<const double> weights, uint64_t seed);

}  // namespace headrace::study
