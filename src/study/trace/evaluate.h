#pragma once

// An equation of the model computed again, for all draws, with some of what it reads taken from
// another moment or another run: what would have been, had only this changed.

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/model.h"
#include "run/run.h"

namespace headrace::study {

// One element of a variable, or time itself (no variable).
struct Node {
  model::VarId variable;
  uint32_t element = 0;
  bool is_time() const { return !variable.valid(); }
  bool operator==(const Node&) const = default;
  auto operator<=>(const Node& other) const {
    return std::pair(variable.index, element) <=> std::pair(other.variable.index, other.element);
  }
};

// The values of a run that kept its series at every step.
class Values {
 public:
  Values(const model::Model& model, const run::RunResult& result);
  // One value a draw; of time one value for all (a span of length 1).
  std::span<const double> at(const Node& node, size_t step) const;
  size_t draws() const { return draws_; }
  size_t steps() const { return times_.size(); }
  double time(size_t step) const { return times_[step]; }
  const model::Model& model() const { return model_; }

 private:
  const model::Model& model_;
  size_t draws_;
  const std::vector<double>& times_;
  std::vector<std::vector<const double*>> series_;  // [variable][element]
};

struct State {
  const Values* values;
  size_t step;
};

// An equation: an expression with its indexes in place.
struct Equation {
  model::ExprId expr;
  std::vector<std::pair<model::IndexId, uint32_t>> places;  // index -> ordinal
};

// The equation of an element in these pieces; nothing when none covers it.
std::optional<Equation> equation_of(const model::Model& model, const model::Variable& variable,
                                    const std::vector<model::Piece>& pieces, uint32_t element);

// What an equation reads, each once, in order of first use.
std::vector<Node> reads_of(const model::Model& model, const Equation& equation);

// The equation at a state; `moved` and what it is there come from another state.
std::vector<double> evaluate(const model::Model& model, const Equation& equation, State state,
                             const Node* moved = nullptr, State moved_state = {});

// The choices in an equation: of min and max which argument binds, of an `if` whether it is true.
struct Choice {
  std::string kind;                // "min", "max", "if"
  std::vector<std::string> names;  // of the arguments; of an `if` the condition's
  std::vector<double> shares;      // of draws in which each binds; of an `if` in which it is true
};
std::vector<Choice> choices_in(const model::Model& model, const Equation& equation, State state);

}  // namespace headrace::study
