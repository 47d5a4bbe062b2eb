#pragma once

// What a foreign model says besides its equations: where things stand on its diagram, into which
// parts its author divided it, and what reading it has settled.

#include <map>
#include <string>
#include <vector>

namespace headrace::import {

struct Place {
  std::string name;  // of the variable, as the tree spells it
  double x = 0, y = 0;
  std::string view;  // the page of the diagram that shows it; "" is the first
};

struct Heading {
  size_t statement;  // the top-level one with which the part begins
  std::string title;
  std::string text;  // what the author says about the part
};

struct Layout {
  std::vector<Place> places;
  std::vector<Heading> headings;  // of the parts in order
  // Variables whose values the reader took in, as the tree spells them, and what they settled ("the
  // clock"): that does not follow when they are replaced.
  std::map<std::string, std::string> taken_in;
};

}  // namespace headrace::import
