// What changes during a run. Answers may read only what does not.

#include "model/context.h"
#include "model/walk.h"

namespace headrace::model {
namespace {

bool varies_itself(const Model& model, const Variable& variable, const std::vector<bool>& known) {
  switch (variable.kind) {
    case VarKind::kStock:
    case VarKind::kPrevious:
    case VarKind::kDelayFixed:
    case VarKind::kBehind:
    case VarKind::kInitial:  // kept with the states, so read like one
    case VarKind::kNoise:
      return true;
    case VarKind::kData:
    case VarKind::kTally:
      return false;
    case VarKind::kParam:
    case VarKind::kLet:
    case VarKind::kFlow:
      break;
  }
  bool result = false;
  for (const Piece& piece : variable.pieces) {
    walk(model, piece.value, [&](const Expr& expr) {
      if (auto* load = std::get_if<Load>(&expr.node)) result |= known[load->variable.index];
      result |=
          std::holds_alternative<TimeNow>(expr.node) || std::holds_alternative<StepTime>(expr.node);
    });
  }
  return result;
}

}  // namespace

// Variables made since the last call are looked at until nothing changes; older ones never read
// them.
void find_varying(Context& context) {
  const size_t first = context.varies.size();
  const auto& variables = context.model.variables;
  context.varies.resize(variables.size(), false);
  std::vector<std::vector<uint32_t>> readers(variables.size() - first);
  std::vector<uint32_t> stack;
  const auto mark = [&](uint32_t id) {
    if (context.varies[id]) return;
    context.varies[id] = true;
    stack.push_back(id);
  };
  for (size_t i = first; i < variables.size(); ++i) {
    if (varies_itself(context.model, variables[i], context.varies)) mark(static_cast<uint32_t>(i));
    const VarKind kind = variables[i].kind;
    if (kind != VarKind::kParam && kind != VarKind::kLet && kind != VarKind::kFlow) continue;
    for (const Piece& piece : variables[i].pieces) {
      walk(context.model, piece.value, [&](const Expr& expr) {
        auto* load = std::get_if<Load>(&expr.node);
        if (load && load->variable.index >= first)
          readers[load->variable.index - first].push_back(static_cast<uint32_t>(i));
      });
    }
  }
  while (!stack.empty()) {
    const uint32_t id = stack.back();
    stack.pop_back();
    if (id < first) continue;
    for (uint32_t reader : readers[id - first]) mark(reader);
  }
}

bool varies(const Context& context, ExprId id) {
  bool result = false;
  walk(context.model, id, [&](const Expr& expr) {
    if (auto* load = std::get_if<Load>(&expr.node)) result |= context.varies[load->variable.index];
    result |=
        std::holds_alternative<TimeNow>(expr.node) || std::holds_alternative<StepTime>(expr.node);
  });
  return result;
}

}  // namespace headrace::model
