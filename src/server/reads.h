#pragma once

// What reads what in a model, as its text has it: variables that the compiler made are looked
// through.

#include <optional>
#include <string>
#include <vector>

#include "model/model.h"

namespace headrace::server {

// The variables of the text that these expressions read, each once, in the order of the model.
std::vector<model::VarId> reads(const model::Model& model, std::vector<model::ExprId> roots);

// One element of a variable that an expression is, or stands for at a time.
struct Element {
  model::VarId variable;
  std::string name;
  const model::Tally* tally = nullptr;  // how it stands for it
};

std::optional<Element> element_of(const model::Model& model, model::ExprId id);

// The first quantity over time that an answer looks at, by name.
std::optional<std::string> series_of(const model::Model& model, std::vector<model::ExprId> roots);

}  // namespace headrace::server
