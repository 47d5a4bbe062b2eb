// What a model asks of its conveyors, queues and ovens, in the words of XMILE and Stella.

#include <fmt/format.h>

#include "export/writer.h"

namespace headrace::exports {

std::optional<Said> Writer::say_asked(ExprId id, const Names& names) {
  if (const auto asked = devices_.asked(id)) {
    if (!asked->element)
      return Said{fmt::format("{}({})", asked->function, spelled(asked->stock)), Hold::kAtom};
    return Said{fmt::format("{}[{}]", spelled(asked->stock), expression(*asked->element, names)),
                Hold::kAtom};
  }
  const syntax::Expr& expr = tree_[id];
  if (const auto* call = std::get_if<syntax::Call>(&expr.node)) {
    if (const auto wish = devices_.wish(*call)) return say(*wish, names);
    return std::nullopt;
  }
  // A value beside a device stands there as its equation.
  const auto* reference = std::get_if<syntax::Reference>(&expr.node);
  if (!reference || !devices_.is_part(reference->name.text)) return std::nullopt;
  const auto value = values_.find(reference->name.text);
  if (value == values_.end() || !value->second->value || !reference->indexes.empty())
    return bad(expr.span, fmt::format("`{}`", shown(reference->name.text)));
  return Said{fmt::format("({})", expression(*value->second->value, names)), Hold::kAtom};
}

}  // namespace headrace::exports
