#pragma once

// Charts of a calibration as SVG. Each is a function of its numbers alone; colours come from the
// page. Nothing to draw gives "".

#include <string>

#include "study/calibration/assessment.h"

namespace headrace::report {

// Prior as an outline, posterior filled, over the same bins.
std::string shares_svg(const study::Shares& shares, const std::string& title);

// How the ranks of groups of chains fall into bins: all lines lie near 1 when the chains agree.
// `effective` draws in all say how near.
std::string ranks_svg(const study::Trail& trail, double effective);

// The chains over their steps, as bands.
std::string trail_svg(const study::Trail& trail);

// A quantity before and after, and the reading of it, on one line. `reading` may be NaN.
std::string interval_svg(const study::Spread5& before, const study::Spread5& after, double reading,
                         const std::string& title);

}  // namespace headrace::report
