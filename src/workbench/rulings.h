#pragma once

// Rulings as JSON and over time: what `headrace classify` prints and the page shows.

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "workbench/classify.h"

namespace headrace::workbench {

inline constexpr const char* kNoAdvice = "Not legal advice.";

// Rules that a rule asks and itself, the deepest first, as a person reads them.
std::vector<int> rules_below(const rules::Book& book, int rule);

// Schema headrace.classify/1: the ruling, what it hangs on, every fact, and each clause in force.
nlohmann::ordered_json ruling_to_json(Classifier& classifier, const rules::Case& asked,
                                      const Ruling& ruling);

// How long one ruling stood.
struct Stretch {
  double from = 0;  // years of the model calendar; the first one has stood since 2018 or longer
  Ruling ruling;
};
// The same case on every day since 2018.
std::vector<Stretch> over_time(Classifier& classifier, rules::Case asked);
nlohmann::ordered_json stretches_to_json(const std::vector<Stretch>& stretches);

// The facts that can be told, with the codes of those that are one of a few; the register of acts.
nlohmann::ordered_json law_to_json(Classifier& classifier);

// Every chip of the catalogue in the place of the case's own: its figures, and its rulings over
// time.
nlohmann::ordered_json catalogue_to_json(Classifier& classifier, const rules::Case& asked);

// The plane of total performance and performance density on the case's day, cut where the law
// compares either with a constant: one ruling holds in each cell. The case's other facts hold
// everywhere. Nothing when the law has no facts `tpp` and `pd`.
nlohmann::ordered_json plane_to_json(Classifier& classifier, const rules::Case& asked);

}  // namespace headrace::workbench
