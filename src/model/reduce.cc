// Reducers: sum, mean, min, max, product, any, all, count over members.
//
// The indexes come from `for` bindings, from stars, and, without `for`, from the dimensions of
// arrays named without brackets. The text of the argument is looked through for stars and bare
// arrays first, so that all its indexes are in scope when it gets its meaning.

#include <fmt/format.h>

#include <algorithm>

#include "model/builtins.h"
#include "model/context.h"

namespace headrace::model {
namespace {

constexpr double kMostTerms = 1e10;  // of reducers within each other, for all elements: minutes

struct Use {
  DimId dimension;
  uint32_t repeat = 0;
  Span span;
};

class Uses {
 public:
  Uses(Context& context, const Env& env, bool bare_arrays)
      : context_(context), env_(env), bare_arrays_(bare_arrays) {}

  std::vector<Use> find(SyntaxId root) {
    std::vector<SyntaxId> stack{root};
    while (!stack.empty()) {
      const SyntaxId id = stack.back();
      stack.pop_back();
      const auto& node = context_.tree[id].node;
      if (auto* reference = std::get_if<syntax::Reference>(&node))
        take(*reference, context_.tree[id].span);
      std::vector<SyntaxId> children = below(node);
      stack.insert(stack.end(), children.rbegin(), children.rend());
    }
    return std::move(uses_);
  }

 private:
  std::vector<SyntaxId> below(const decltype(syntax::Expr::node)& node) const {
    if (auto* unary = std::get_if<syntax::Unary>(&node)) return {unary->operand};
    if (auto* binary = std::get_if<syntax::Binary>(&node)) return {binary->left, binary->right};
    if (auto* chain = std::get_if<syntax::Comparison>(&node)) return chain->operands;
    if (auto* choice = std::get_if<syntax::If>(&node))
      return {choice->condition, choice->then_value, choice->else_value};
    if (auto* at = std::get_if<syntax::At>(&node)) return {at->value};
    if (auto* over = std::get_if<syntax::Over>(&node)) return {over->value};
    if (auto* call = std::get_if<syntax::Call>(&node)) {
      const BuiltinInfo* info = find_builtin(call->function.text);
      const bool inner = info && info->form == Form::kReducer && is_reducer(info->spelling, *call);
      const bool apart = info && (info->form == Form::kDims || info->form == Form::kArray);
      if (inner || apart) return {};
      std::vector<SyntaxId> children;
      for (size_t i = 0; i < call->arguments.size(); ++i) {
        if (!takes_whole_array(context_, *call, i)) children.push_back(call->arguments[i].value);
      }
      return children;
    }
    return {};
  }

  std::vector<DimId> dims_of(const std::string& name) const {
    if (env_.scope) {
      auto local = env_.scope->locals.find(name);
      if (local != env_.scope->locals.end()) return local->second.dims;
    }
    const auto symbol = context_.symbols.find(name);
    if (symbol == context_.symbols.end() || symbol->second.kind != Symbol::Kind::kVariable)
      return {};
    return context_.var(VarId(symbol->second.id)).dims;
  }

  void take(const syntax::Reference& node, Span span) {
    const std::vector<DimId> dims = dims_of(node.name.text);
    const bool bare = node.indexes.empty();
    if (bare && !bare_arrays_) return;
    if (!bare && node.indexes.size() != dims.size()) return;  // told when it is lowered
    std::map<uint32_t, uint32_t> repeats;
    for (size_t i = 0; i < dims.size(); ++i) {
      if (!bare && node.indexes[i].kind != syntax::Index::Kind::kStar) continue;
      add({dims[i], repeats[dims[i].index]++, span});
    }
  }

  void add(const Use& use) {
    for (const Use& other : uses_) {
      if (other.dimension == use.dimension && other.repeat == use.repeat) return;
      const bool related =
          context_.model[other.dimension].root == context_.model[use.dimension].root;
      if (related && other.dimension != use.dimension) {
        auto& diagnostic = context_.error(
            Kind::kShapeMismatch, use.span,
            fmt::format("one array here runs over `{}`, another over `{}`",
                        context_.model[use.dimension].name, context_.model[other.dimension].name));
        diagnostic.labels.push_back({other.span, context_.model[other.dimension].name});
        diagnostic.hint =
            "name the index: `... for i in " + context_.model[use.dimension].name + "`";
      }
    }
    uses_.push_back(use);
  }

  Context& context_;
  const Env& env_;
  bool bare_arrays_;
  std::vector<Use> uses_;
};

bool bind(Context& context, const syntax::Call& call, Env& env, std::vector<IndexId>& indexes) {
  bool fine = true;
  for (const syntax::Binding& binding : call.bindings) {
    const auto dim = find_dimension(context, env, binding.dimension);
    if (!dim) {
      fine = false;
      continue;
    }
    const bool taken = std::any_of(env.bound.begin(), env.bound.end(), [&](const BoundIndex& b) {
      return !b.hidden && !b.summed && b.name == binding.index.text;
    });
    if (taken) {
      context.error(Kind::kDuplicateName, binding.index.span,
                    fmt::format("an index `{}` is bound here already", binding.index.text));
      fine = false;
      continue;
    }
    const IndexId index = context.add_full_index(binding.index.text, *dim);
    indexes.push_back(index);
    env.bound.push_back({binding.index.text, *dim, index, 0, false, false, 0});
  }
  return fine;
}

ReduceKind kind_of(Builtin id) {
  switch (id) {
    case Builtin::kMin:
      return ReduceKind::kMin;
    case Builtin::kMax:
      return ReduceKind::kMax;
    case Builtin::kProduct:
      return ReduceKind::kProduct;
    case Builtin::kAny:
      return ReduceKind::kAny;
    case Builtin::kAll:
      return ReduceKind::kAll;
    default:
      return ReduceKind::kSum;
  }
}

bool wants_condition(Builtin id) {
  return id == Builtin::kAny || id == Builtin::kAll || id == Builtin::kCount;
}

// The unit of a product over n members is the n-th power.
Unit product_unit(Context& context, const Unit& unit, const std::vector<IndexId>& indexes,
                  Span span) {
  if (unit == Unit()) return unit;
  int64_t count = 1;
  for (IndexId index : indexes)
    count = std::min<int64_t>(count * static_cast<int64_t>(context.model[index].positions.size()),
                              100000);
  const auto exponent = units::Rational::make(count, 1);
  if (exponent) return raised(context, unit, *exponent, span);
  context.error(Kind::kTooLarge, span, "a product of so many quantities has no usable unit");
  return {};
}

ExprId finish(Context& context, Builtin id, ExprId body, const std::vector<IndexId>& indexes,
              Span span) {
  if (context.is_bad(body)) return context.bad(span);
  if (id == Builtin::kCount) body = context.with(body, Type::kNumber, {});
  const Type type = context[body].type;
  Unit unit = context[body].unit;
  if (id == Builtin::kProduct) unit = product_unit(context, unit, indexes, span);
  const bool any_unit = context.infos[body.index].any_unit;
  const ExprId reduced = context.add({Reduce{kind_of(id), indexes, body}, type, unit, span});
  context.infos[reduced.index].any_unit |= any_unit;
  if (id != Builtin::kMean) return reduced;
  double count = 1;
  for (IndexId index : indexes) count *= static_cast<double>(context.model[index].positions.size());
  return context.apply(Op::kDivide, {reduced, context.constant(count, span)}, type, unit, span);
}

// How often what is reduced is computed, for all elements and in all reducers around it.
bool is_too_much(Context& context, const Env& inner, Span span) {
  double terms = 1;
  for (const BoundIndex& bound : inner.bound) {
    if (bound.index.valid())
      terms *= static_cast<double>(context.model[bound.index].positions.size());
  }
  if (terms <= kMostTerms) return false;
  context
      .error(Kind::kTooLarge, span,
             fmt::format("this goes over {:.3g} combinations of members, more than {:.0e}", terms,
                         kMostTerms))
      .hint = "what does not change with an inner index can be a variable of its own";
  return true;
}

}  // namespace

bool is_reducer(std::string_view name, const syntax::Call& call) {
  if (name == "min" || name == "max") return call.arguments.size() == 1 || !call.bindings.empty();
  return true;
}

bool bind_members(Context& context, const Env& env, const syntax::Call& call, SyntaxId argument,
                  Env& inner, std::vector<IndexId>& indexes) {
  inner = env;
  std::erase_if(inner.bound, [](const BoundIndex& bound) { return bound.summed && !bound.hidden; });
  for (const BoundIndex& bound : env.bound) {  // the members of an outer reducer, for state only
    if (!bound.summed || bound.hidden) continue;
    BoundIndex outer = bound;
    outer.hidden = true;
    inner.bound.push_back(outer);
  }
  if (!bind(context, call, inner, indexes)) return false;
  inner.bare_sums = call.bindings.empty();
  for (const Use& use : Uses(context, inner, inner.bare_sums).find(argument)) {
    const IndexId index = context.add_full_index(context.model[use.dimension].name, use.dimension);
    indexes.push_back(index);
    inner.bound.push_back({"", use.dimension, index, 0, false, true, use.repeat});
  }
  return true;
}

ExprId lower_reducer(Context& context, const Env& env, const syntax::Call& call, Span span) {
  const Builtin id = find_builtin(call.function.text)->id;
  const syntax::Argument& argument = call.arguments.front();
  if (call.arguments.size() != 1 || argument.label || argument.weight) {
    context.error(Kind::kBadCall, span,
                  fmt::format("`{}` over members wants one value", call.function.text));
    return context.bad(span);
  }
  Env inner;
  std::vector<IndexId> indexes;
  if (!bind_members(context, env, call, argument.value, inner, indexes)) return context.bad(span);
  if (indexes.empty()) {
    context
        .error(Kind::kShapeMismatch, span,
               fmt::format("`{}` has no members to run over here", call.function.text))
        .hint = fmt::format("`{0}(x[*])`, or `{0}(... for i in dimension)`", call.function.text);
    return context.bad(span);
  }
  if (is_too_much(context, inner, span)) return context.bad(span);
  const ExprId body = wants_condition(id) ? lower_condition(context, inner, argument.value)
                                          : lower_number(context, inner, argument.value);
  return finish(context, id, body, indexes, span);
}

}  // namespace headrace::model
