#pragma once

// The model as nodes and links: who is computed from whom.

#include <optional>
#include <vector>

#include "study/trace/evaluate.h"

namespace headrace::study {

// The equation that moves a node: of a value its own, of a stock its net rate, of a delay or a
// value of the step before its input. Nothing for inputs, data, noise, starting values and what
// looks back over the run (`behind`).
std::optional<Equation> moving_equation(const model::Model& model, const Node& node);

// Whether the equation gives the change of the node rather than the node.
bool is_state(const model::Model& model, const Node& node);

struct Link {
  uint32_t from = 0, to = 0;  // in Structure::nodes
};

// The nodes that lie on a loop with the root, which are all on loops with each other, and the
// links between them: one cycle partition of the model. Empty when the root is on no loop.
struct Structure {
  std::vector<Node> nodes;
  std::vector<Link> links;
};
Structure partition_of(const model::Model& model, const Node& root);

// The simple cycles of the structure as lists of links; nothing when there are more than `most`.
std::optional<std::vector<std::vector<uint32_t>>> find_loops(const Structure& structure,
                                                             size_t most);

}  // namespace headrace::study
