#pragma once

// Numbers as text: exact ones for machines, short ones for people.

#include <cstdint>
#include <string>

namespace headrace::report {

// The shortest decimal text that reads back to the same double. `nan`, `inf`, `-inf`.
std::string exact(double value);

// Two significant figures, three when the first is a 1, with k, M, bn, tn from ten thousand up:
// `0.38`, `1.46`, `230k`, `6.1M`. Below a thousandth and past a thousand tn: `1.2e-5`.
std::string rounded(double value);

// `100 000`: digits in groups of three.
std::string grouped(uint64_t value);

// The odds of a claim in words: `in 38 of 100 futures`, `in all futures`, `in fewer than 1 of
// 100 futures`. `single`: one run, so `holds` or `does not hold`. NaN: `not known`.
std::string odds_in_words(double odds, bool single);

// A moment of a model: an ISO date in calendar models, else the number. +inf is `never`.
std::string exact_time(double time, bool calendar);

// The same for people: the month in calendar models.
std::string rounded_time(double time, bool calendar);

// A unit as it follows a number: "" for dimensionless, else a space and the unit.
std::string unit_suffix(const std::string& unit);

}  // namespace headrace::report
