#pragma once

// Loops of a structure that has too many to list: those along which the links are strongest.
//
// From each state a search follows links by the size of their scores, the largest first, and
// carries the product along. It turns back where a node was reached before from the same state with
// at least as large a product, so it visits few paths; it finds the strongest loops mostly, and
// some of the weaker ones. Eberlein and Schoenberg, "Finding the Loops that Matter", Proceedings of
// the 2020 International System Dynamics Conference, appendix I. There the record of the best
// product is kept from one state to the next; here each state begins anew, which finds more.

#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "study/trace/links.h"

namespace headrace::study {

// Loops as lists of links, each turned so that its smallest link stands first.
using LoopSet = std::set<std::vector<uint32_t>>;

// Adds loops until `found` has `most`. `sizes`: the size of each link's score. `starts`: nodes.
void find_strongest_loops(const Structure& structure, std::span<const double> sizes,
                          const std::vector<uint32_t>& starts, size_t most, LoopSet& found);

}  // namespace headrace::study
