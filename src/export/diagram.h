#pragma once

// What the diagrams of other tools show of a model: variables where the layout has them, the pipes
// of flows, and an arrow to each variable from those that its equation names.

#include <optional>
#include <string>
#include <vector>

#include "export/writer.h"
#include "import/layout.h"

namespace headrace::exports {

struct View {
  struct Item {
    enum class Kind { kStock, kFlow, kOther };
    std::string name;  // as the tree spells it
    Kind kind = Kind::kOther;
    double x = 0, y = 0;
  };
  struct End {                    // of a pipe
    std::optional<size_t> stock;  // among the items; a cloud where none
    double x = 0, y = 0;
  };
  struct Pipe {
    size_t flow = 0;  // among the items
    End from, to;
  };
  struct Arrow {
    size_t from = 0, to = 0;  // among the items
    bool at_start = false;    // of an initial value
  };
  std::string title;  // "" of the first
  std::vector<Item> items;
  std::vector<Pipe> pipes;    // one for each flow
  std::vector<Arrow> arrows;  // none beside a pipe
};

// The name and the kind of what a diagram can show, without a place.
std::optional<View::Item> item_of(const syntax::Statement& statement);

// The views in the order in which the layout names them. What has no place in the layout is in
// none; nor are the pipes and arrows between two views.
std::vector<View> views_of(const Writer& writer, const import::Layout& layout);

}  // namespace headrace::exports
