#pragma once

// What an answer rests on: the inputs it depends on, near or far, and who says so.

#include <span>
#include <string>
#include <vector>

#include "model/model.h"

namespace headrace::report {

struct Evidence {
  std::vector<std::string> sources;    // ids, those of the nearest inputs first, each once
  std::vector<std::string> assumed;    // inputs called a guess, in the model's order
  std::vector<std::string> unsourced;  // inputs without any word on where they come from
};

// Follows every variable that the expressions read, the nearest first, flows into stocks and
// starting values included. Inputs are params and data.
Evidence evidence_of(const model::Model& model, std::span<const model::ExprId> roots);
Evidence evidence_of(const model::Model& model, std::span<const model::VarId> roots);
// Of all inputs of the model.
Evidence evidence_of(const model::Model& model);

// The title of a source as people read it, with its date; the id when it has no title.
std::string title_of(const model::Model& model, const std::string& id);

// `14 sources, 3 guesses and 2 unsourced values`; parts that are 0 are left out; "nothing but the
// model's own numbers" when all are.
std::string in_words(const Evidence& evidence);

}  // namespace headrace::report
