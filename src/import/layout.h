#pragma once

// What a foreign model says besides its equations: where things stand on its diagram, into which
// parts its author divided it, and what reading it has settled.

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace headrace::import {

struct Place {
  std::string name;  // of the variable, as the tree spells it
  double x = 0, y = 0;
};

struct Layout {
  std::vector<Place> places;
  // The parts in order: the top-level statement with which each begins, and its title.
  std::vector<std::pair<size_t, std::string>> headings;
  // Variables whose values the reader took in, as the tree spells them, and what they settled ("the
  // clock"): that does not follow when they are replaced.
  std::map<std::string, std::string> taken_in;
};

}  // namespace headrace::import
