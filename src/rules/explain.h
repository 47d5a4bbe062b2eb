#pragma once

// Why a rule answers as it does, in few words: the clauses that decide, each with the figures of
// the case put in. `Judge::trace` has all clauses; this leaves out what a reader need not know.

#include <string>
#include <vector>

#include "rules/decide.h"

namespace headrace::rules {

struct Reason {
  const Rule* rule = nullptr;
  const Clause* clause = nullptr;
  bool exception = false;
  Truth holds = Truth::kOpen;
  std::string because;  // "TPP 2368 >= 4800"; empty: nothing but its date
};

// The clauses that decide what `rule` answers, those of the rules it asks before its own:
// the one that holds, with its exceptions; else those that are open; else those that fail for a
// figure or a place. What fails only because of something taken for granted is left out.
std::vector<Reason> explain(Judge& judge, const Book& book, const Case& asked, int rule);

}  // namespace headrace::rules
