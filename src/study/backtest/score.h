#pragma once

// How well a forecast, given as draws, met what was seen later.

#include <optional>
#include <span>
#include <vector>

namespace headrace::study {

// The continuous ranked probability score of draws, the smaller the better: E|X - y| - E|X - X'| /
// 2 (Gneiting and Raftery, J. Am. Stat. Assoc. 102, 2007, equation 21), over all pairs of draws.
double crps(std::vector<double> draws, double seen);

// The same of a normal distribution in closed form (ibid., page 367).
double crps_normal(double mean, double sd, double seen);
double log_density_normal(double mean, double sd, double seen);

// The share of the draws below what was seen, half of the equal ones counted.
double place(std::span<const double> draws, double seen);
// Whether the place lies in the middle interval of this share.
bool covers(double place, double share);

}  // namespace headrace::study
