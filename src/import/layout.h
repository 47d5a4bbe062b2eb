#pragma once

// What a foreign model says besides its equations: where things stand on its diagram, and into
// which parts its author divided it.

#include <string>
#include <utility>
#include <vector>

namespace headrace::import {

struct Place {
  std::string name;  // of the variable, as the tree spells it
  double x = 0, y = 0;
  std::string view;  // the page of the diagram that shows it; "" is the first
};

struct Layout {
  std::vector<Place> places;
  // The parts in order: the top-level statement with which each begins, and its title.
  std::vector<std::pair<size_t, std::string>> headings;
};

}  // namespace headrace::import
