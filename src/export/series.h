#pragma once

// What a model reads from files, and how the other tools say it where they cannot read the file:
// numbers as constants, series over time as graphical functions and lookups of the time.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "export/conversions.h"
#include "syntax/tree.h"

namespace headrace::exports {

// The values of one element over time; a number that stays is one point.
struct Series {
  std::vector<std::pair<double, double>> points;  // time and value, times ascending
  bool holds = false;  // each value until the next time, else on the line between; ends clamp
  double shift = 0;    // in steps, added to the time before looking it up
};

// The middle of an input: half of its draws lie above.
struct Median {
  std::vector<std::string> element;  // its members
  double value = 0;
};

// Data by name, their elements row by row; dimensions by name.
struct ReadData {
  std::map<std::string, std::vector<double>> numbers;
  std::map<std::string, std::vector<Series>> series;
  std::map<std::string, std::vector<std::string>> members;  // of those that stand in files
  std::map<std::string, std::vector<Median>> medians;       // of uncertain values
  std::vector<Conversion> conversions;
};

// The tree with the members of dimensions from files written out.
syntax::Tree with_members(syntax::Tree tree, const ReadData& read);
// The tree with the medians of distributions in their place, as intervals without length.
syntax::Tree with_medians(syntax::Tree tree, size_t own, const ReadData& read);

// <gf> of XMILE.
std::string graph_of(const char* type, const std::vector<std::pair<double, double>>& points);

// `step` is that of the run. Points that only a shift below the step tells apart are kept apart.
std::string graph_of(const Series& series, double step);          // as XMILE has it
std::string lookup_points_of(const Series& series, double step);  // (0,1),(1,2)

// The time at which it is looked up: `TIME + 1e-06 * DT`.
std::string time_of(const Series& series, const std::string& time, const std::string& step);

}  // namespace headrace::exports
