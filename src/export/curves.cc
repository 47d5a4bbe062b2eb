// Arrays of lookups. The language has none: what reads a model that has them makes arrays of their
// points and a function that finds the place among them (import/vensim/curves.cc). The other tools
// have them, so such a function and its arrays become one again:
//
//   function "f (of an element)"(x, k) =          f[north]( (0,0),(10,5) )
//     let row = 4 * k                             f[south]( (0,1),(3,2) )
//     ...
//   let y[region] = "f (of an element)"(          y[region] = f[region](time)
//     time, "_place in region"[region] - 1)

#include <fmt/format.h>

#include <algorithm>

#include "export/writer.h"

namespace headrace::exports {
namespace {

constexpr std::string_view kEnd = " (of an element)";

template <class Node>
const Node* as(const syntax::Tree& tree, ExprId id) {
  return std::get_if<Node>(&tree[id].node);
}

// The array of `element_at(array[*, *], place)`.
const std::string* array_read(const syntax::Tree& tree, ExprId id) {
  const auto* call = as<syntax::Call>(tree, id);
  if (!call || call->function.text != "element_at" || call->arguments.size() != 2) return nullptr;
  const auto* array = as<syntax::Reference>(tree, call->arguments[0].value);
  return array ? &array->name.text : nullptr;
}

// `a op b`; nothing where it is something else.
const syntax::Binary* binary(const syntax::Tree& tree, ExprId id, syntax::BinaryOp op) {
  const auto* node = as<syntax::Binary>(tree, id);
  return node && node->op == op ? node : nullptr;
}

}  // namespace

const Curve* Writer::curve(const std::string& function) const {
  const auto at = curves_.find(function);
  return at == curves_.end() ? nullptr : &at->second;
}

bool Writer::reads_by_element(ExprId id) const {
  return any_of(id, [&](const syntax::Expr& expr) {
    const auto* call = std::get_if<syntax::Call>(&expr.node);
    return call && (curve(call->function.text) ||
                    (call->function.text == "reorder" && call->bindings.size() > 1));
  });
}

void Writer::find_curves() {
  for (const syntax::Statement* statement : own()) {
    const auto* function = std::get_if<syntax::FunctionDecl>(&statement->node);
    if (!function) continue;
    if (auto curve = curve_of(*function)) curves_.emplace(function->name.text, std::move(*curve));
  }
  // Arrays of places that nothing else reads.
  std::map<std::string, size_t> uses, here;
  for (const syntax::Expr& expr : tree_.exprs) {
    if (const auto* read = std::get_if<syntax::Reference>(&expr.node)) ++uses[read->name.text];
    const auto* call = std::get_if<syntax::Call>(&expr.node);
    if (!call || !curve(call->function.text) || call->arguments.size() != 2) continue;
    for (const auto& [array, place] : places_in(call->arguments[1].value)) ++here[array];
  }
  for (const auto& [array, count] : here) {
    if (count == uses[array]) of_curves_.insert(array);
  }
}

// The arrays of places that the number of a row is made of, with what stands in their brackets.
std::vector<std::pair<std::string, syntax::Index>> Writer::places_in(ExprId row) const {
  std::vector<std::pair<std::string, syntax::Index>> places;
  any_of(row, [&](const syntax::Expr& expr) {
    const auto* place = std::get_if<syntax::Reference>(&expr.node);
    if (place && place->indexes.size() == 1)
      places.emplace_back(place->name.text, place->indexes[0]);
    return false;
  });
  return places;
}

// The locals are `row`, `here`, and a step for each half of the row; the result is the value at the
// last step, and what the line behind it adds.
std::optional<Curve> Writer::curve_of(const syntax::FunctionDecl& function) {
  const std::string& name = function.name.text;
  if (!name.ends_with(kEnd) || function.parameters.size() != 2) return std::nullopt;
  std::vector<const syntax::ValueDecl*> locals;
  for (const syntax::StatementId id : function.locals) {
    locals.push_back(std::get_if<syntax::ValueDecl>(&tree_[id].node));
    if (!locals.back() || !locals.back()->value) return std::nullopt;
  }
  if (locals.size() < 2 || locals[0]->name.text != "row" || locals[1]->name.text != "here")
    return std::nullopt;
  for (size_t k = 2, half = size_t{1} << (locals.size() - 2); k < locals.size(); ++k) {
    half /= 2;
    if (locals[k]->name.text != fmt::format("step {}", half)) return std::nullopt;
  }
  Curve curve;
  const std::string *x = nullptr, *y = array_read(tree_, function.result), *slope = nullptr;
  const auto* clamped = as<syntax::Call>(tree_, *locals[1]->value);
  if (y) {
    curve.reader = "LOOKUP BACKWARD";
    if (clamped && clamped->arguments.size() == 3)
      x = array_read(tree_, clamped->arguments[1].value);
  } else if (const auto* sum = binary(tree_, function.result, syntax::BinaryOp::kAdd)) {
    if (!clamped) curve.reader = "LOOKUP EXTRAPOLATE";
    y = array_read(tree_, sum->left);
    const auto* more = binary(tree_, sum->right, syntax::BinaryOp::kMultiply);
    const auto* behind = more ? binary(tree_, more->left, syntax::BinaryOp::kSubtract) : nullptr;
    if (more) slope = array_read(tree_, more->right);
    if (behind) x = array_read(tree_, behind->right);
  }
  if (!x || !y || !data_.contains(*x) || !data_.contains(*y)) return std::nullopt;
  curve.x = data_.at(*x), curve.y = data_.at(*y);
  const auto* points = dimension(curve.x->dims.back().dimension.text);
  if (!points || points->members.size() != size_t{1} << (locals.size() - 2) ||
      curve.x->values.size() != curve.y->values.size() || curve.x->dims.size() < 2)
    return std::nullopt;
  for (const std::string* array : {x, y, slope}) {
    if (array) of_curves_.insert(*array);
  }
  of_curves_.insert(points->name.text);
  curve.bare = fresh(bare(name.substr(0, name.size() - kEnd.size())));
  curve.name = spell(curve.bare);
  return curve;
}

// Which element is meant stands in the brackets of the arrays of places, one for each dimension.
Said Writer::say_curve(const Curve& curve, const syntax::Call& call, const Names& names,
                       Span span) {
  std::vector<std::string> places;
  if (call.arguments.size() == 2) {
    for (const auto& [array, place] : places_in(call.arguments[1].value))
      places.push_back(index(place, names));
  }
  if (places.size() + 1 != curve.x->dims.size() || in_macro_)
    return bad(span, fmt::format("this call of `{}`", shown(call.function.text)));
  const std::string input = expression(call.arguments[0].value, names);
  const std::string element =
      fmt::format("{}[{}]", curve.name, fmt::join(places, xmile() ? ", " : ","));
  if (xmile()) return {fmt::format("LOOKUP({}, {})", element, input), Hold::kAtom};
  if (*curve.reader == 0) return {fmt::format("{}({})", element, input), Hold::kAtom};
  return {fmt::format("{}({}, {})", curve.reader, element, input), Hold::kAtom};
}

}  // namespace headrace::exports
