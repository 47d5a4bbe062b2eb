// Params, lets and flows: declared first, then lowered in an order in which units flow from what
// is declared to what is inferred.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "model/builtins.h"
#include "model/context.h"
#include "syntax/syntax.h"

namespace headrace::model {
namespace {

using syntax::ValueDecl;

VarKind kind_of(ValueDecl::Kind kind) {
  switch (kind) {
    case ValueDecl::Kind::kParam:
      return VarKind::kParam;
    case ValueDecl::Kind::kFlow:
      return VarKind::kFlow;
    case ValueDecl::Kind::kLet:
    case ValueDecl::Kind::kMeasure:
      break;
  }
  return VarKind::kLet;
}

void take_provenance(Variable& variable, const syntax::Provenance& provenance) {
  for (const syntax::Name& source : provenance.sources) variable.sources.push_back(source.text);
  if (provenance.assumed) variable.assumed = provenance.assumed;
  if (provenance.note) variable.note = provenance.note;
}

// Clauses that name sources of their own.
void take_backings(Context& context, VarId id, const std::vector<LayeredClause>& clauses) {
  std::vector<Backing> backings;
  for (const LayeredClause& layered : clauses) {
    const syntax::Clause& clause = layered.clause;
    if (clause.provenance.empty() && !clause.cite) continue;
    const std::vector<DimId> dims = context.var(id).dims;
    auto positions = match_pattern(context, {}, clause.pattern, dims, clause.span);
    if (!positions) continue;
    Backing backing;
    for (const syntax::Index& index : clause.pattern)
      backing.members +=
          (backing.members.empty() ? "[" : ", ") + std::string(context.sources.text(index.span));
    if (!backing.members.empty()) backing.members += "]";
    if (clause.date) backing.date = context.sources.text(context.tree[*clause.date].span);
    backing.positions = std::move(*positions);
    for (const syntax::Name& source : clause.provenance.sources)
      backing.sources.push_back(source.text);
    backing.assumed = clause.provenance.assumed;
    backing.note = clause.provenance.note;
    backing.cite = clause.cite;
    backings.push_back(std::move(backing));
  }
  context.var(id).backings = std::move(backings);
}

void take_unit(Context& context, Variable& variable, Declaration& declaration,
               const std::optional<syntax::UnitExpr>& unit) {
  if (!unit) return;
  const auto resolved = resolve_unit(context, *unit);
  declaration.declared = resolved.value_or(Unit());
  declaration.bad = !resolved;
  declaration.unit_known = true;
  variable.unit = *declaration.declared;
  variable.unit_text = syntax::print(*unit);
}

template <class Decl>
void declare(Context& context, StatementId id, const Decl& decl, VarKind kind) {
  const auto symbol = context.symbols.find(decl.name.text);
  if (symbol == context.symbols.end() || symbol->second.statement != id) return;
  Variable variable;
  variable.name = decl.name.text;
  variable.kind = kind;
  variable.doc = context.tree[id].doc;
  variable.span = context.tree[id].span;
  // Internal, but not what a user may set: an input wants its source, and is shown.
  variable.made = kind != VarKind::kParam && variable.name.starts_with('_');
  Declaration declaration;
  declaration.statement = id;
  declaration.name_span = decl.name.span;
  take_provenance(variable, decl.provenance);
  if constexpr (requires { decl.title; }) variable.title = decl.title.value_or("");
  take_unit(context, variable, declaration, decl.unit);
  if (!resolve_dims(context, {}, decl.dims, variable.dims, declaration.index_names)) {
    declaration.bad = true;
    variable.dims.clear();
    declaration.index_names.clear();
  }
  symbol->second.id = static_cast<uint32_t>(context.model.variables.size());
  context.add_variable(std::move(variable));
  context.declarations.push_back(std::move(declaration));
}

}  // namespace

void declare_variables(Context& context) {
  for (StatementId id : context.tree.top_level) {
    const auto& node = context.tree[id].node;
    if (auto* value = std::get_if<ValueDecl>(&node)) {
      if (value->kind == ValueDecl::Kind::kMeasure) {
        const auto symbol = context.symbols.find(value->name.text);
        if (symbol == context.symbols.end() || symbol->second.statement != id) continue;
        symbol->second.id = static_cast<uint32_t>(context.measures.size());
        context.measures.push_back({id, MeasureDecl::State::kWaiting, {}});
        continue;
      }
      declare(context, id, *value, kind_of(value->kind));
    } else if (auto* stock = std::get_if<syntax::StockDecl>(&node)) {
      declare(context, id, *stock, VarKind::kStock);
    } else if (auto* data = std::get_if<syntax::DataDecl>(&node)) {
      declare(context, id, *data, VarKind::kData);
    }
  }
}

// ---------------------------------------------------------------- one value

namespace {

ExprId lower_value(Context& context, const Env& env, VarId id, const LayeredClause& clause,
                   ValueGoal& goal) {
  const SyntaxId value = clause.clause.value;
  if (context.var(id).kind != VarKind::kParam || !is_distribution(context.tree, value))
    return lower_clause_value(context, env, clause, goal);
  // A distribution beside other values has a param of its own behind it.
  Declaration& declaration = context.declarations[id.index];
  Variable hidden;
  hidden.name = fmt::format("{}/draw{}", context.var(id).name, ++declaration.hidden_inputs);
  hidden.kind = VarKind::kParam;
  hidden.made = true;
  hidden.dims = context.var(id).dims;
  hidden.span = clause.clause.span;
  std::string suffix;
  if (clause.clause.date)
    suffix = " from " + std::string(context.sources.text(context.tree[*clause.clause.date].span));
  const VarId made = context.add_variable(std::move(hidden));
  std::vector<std::vector<uint32_t>> positions;
  for (const BoundIndex& bound : env.bound)
    positions.push_back(context.model[bound.index].positions);
  if (!sample_region(context, env, made, positions, value, suffix, goal)) {
    goal.any_bad = true;
    return context.bad(clause.clause.span);
  }
  Variable& variable = context.var(made);
  variable.unit = goal.unit.value_or(Unit());
  variable.type = goal.type.value_or(Type::kNumber);
  variable.unit_text = show(context, variable.unit);
  return load_made(context, env, made, context.tree[value].span);
}

}  // namespace

// What became known of a value goes to its variable.
static void settle(Context& context, VarId id, ValueGoal& goal, std::vector<Piece>& pieces) {
  Declaration& declaration = context.declarations[id.index];
  declaration.bad |= goal.any_bad;
  const bool unknown = !declaration.declared && !goal.unit && goal.unknown && !context.loose();
  if (unknown) context.unknown_units.push_back(id);
  const Unit unit = goal.unit.value_or(Unit());
  for (const Piece& piece : pieces) {
    if (!context.is_bad(piece.value)) context.at(piece.value).unit = unit;
  }
  Variable& variable = context.var(id);
  variable.unit = unit;
  variable.type = goal.type.value_or(Type::kNumber);
  if (variable.unit_text.empty() && variable.type == Type::kNumber)
    variable.unit_text = show(context, unit);
  declaration.unit_known = !unknown;
}

void report_unknown_units(Context& context) {
  for (VarId id : context.unknown_units) {
    if (context.in_cycle.contains(id.index) || !context.in_loop.contains(id.index)) continue;
    const std::string& name = context.var(id).name;
    context
        .error(Kind::kMissingUnit, context.declarations[id.index].name_span,
               fmt::format("the unit of `{}` follows from itself", name))
        .hint = fmt::format("declare it: `{} : unit = ...`", name);
  }
}

void lower_value_decl(Context& context, VarId id) {
  const auto& decl =
      std::get<ValueDecl>(context.tree[context.declarations[id.index].statement].node);
  std::vector<LayeredClause> clauses =
      clauses_of(decl.value, decl.clauses, context.declarations[id.index].name_span);
  for (const LayeredClause& overlay : context.declarations[id.index].overlays)
    clauses.push_back(overlay);
  take_backings(context, id, clauses);
  ValueGoal goal;
  goal.name = fmt::format("`{}`", decl.name.text);
  if (context.declarations[id.index].declared) {
    goal.unit = context.declarations[id.index].declared;
    goal.type = Type::kNumber;
    goal.label = {decl.name.span, show(context, *goal.unit)};
  }
  if (!goal.unit && context.declarations[id.index].unit_known) {  // read again
    goal.unit = context.var(id).unit;
    goal.type = context.var(id).type;
  }
  Env env;
  env.owner = decl.name.text;
  const auto value = [&](const Env& inner, const LayeredClause& clause, ValueGoal& wanted) {
    return lower_value(context, inner, id, clause, wanted);
  };
  const auto sampled = [&](const std::vector<std::vector<uint32_t>>& positions,
                           const LayeredClause& base) {
    if (context.var(id).kind != VarKind::kParam ||
        !is_distribution(context.tree, base.clause.value))
      return false;
    Env inner = env;
    for (size_t d = 0; d < positions.size(); ++d) {
      const std::string& name = context.declarations[id.index].index_names[d];
      const DimId dim = context.var(id).dims[d];
      inner.bound.push_back(
          {name, dim, context.add_index(name, dim, positions[d]), 0, false, false, 0});
    }
    if (!sample_region(context, inner, id, positions, base.clause.value, "", goal))
      goal.any_bad = true;
    return true;
  };
  const std::vector<DimId> dims = context.var(id).dims;
  const std::vector<std::string> names = context.declarations[id.index].index_names;
  if (context.declarations[id.index].bad) return;
  std::vector<Piece> pieces =
      lower_clauses(context, env, dims, names, clauses, decl.name.span, goal, value, sampled);
  settle(context, id, goal, pieces);
  auto& all = context.var(id).pieces;  // those of sampled regions stand there already
  all.insert(all.end(), pieces.begin(), pieces.end());
}

// ---------------------------------------------------------------- the order of inference

namespace {

// The declared values that the unit and type of each value hang on.
class InferenceOrder {
 public:
  explicit InferenceOrder(Context& context) : context_(context) {}

  // Depth first with a stack of its own, so that long chains of values are fine.
  void visit_all(const std::function<void(VarId)>& lower) {
    for (size_t i = 0; i < context_.declarations.size(); ++i) visit(VarId(i), lower);
  }

 private:
  struct Frame {
    VarId id;
    std::vector<VarId> below;
    size_t next = 0;
  };

  void visit(VarId root, const std::function<void(VarId)>& lower) {
    using State = Declaration::State;
    if (context_.declarations[root.index].state != State::kWaiting) return;
    std::vector<Frame> stack;
    const auto push = [&](VarId id) {
      context_.declarations[id.index].state = State::kActive;
      stack.push_back({id, depends(id), 0});
    };
    push(root);
    while (!stack.empty()) {
      Frame& top = stack.back();
      if (top.next == top.below.size()) {
        const VarId id = top.id;
        stack.pop_back();
        lower(id);
        context_.declarations[id.index].state = State::kDone;
        continue;
      }
      const VarId next = top.below[top.next++];
      if (context_.declarations[next.index].state == State::kWaiting) push(next);
    }
  }

  std::vector<VarId> depends(VarId id) {
    found_.clear();
    functions_.clear();
    const auto& node = context_.tree[context_.declarations[id.index].statement].node;
    if (auto* value = std::get_if<ValueDecl>(&node)) {
      if (value->value) walk(*value->value);
      for (const syntax::Clause& clause : value->clauses) walk_clause(clause);
      for (const LayeredClause& overlay : context_.declarations[id.index].overlays)
        walk_clause(overlay.clause);
    } else if (auto* stock = std::get_if<syntax::StockDecl>(&node)) {
      if (stock->initial) walk(*stock->initial);
      for (const syntax::Clause& clause : stock->clauses) walk_clause(clause);
      const bool bare = !stock->initial || is_plain_zero(context_.tree, *stock->initial);
      if (bare && !stock->unit) {
        for (const auto* list : {&stock->inflows, &stock->outflows}) {
          for (const syntax::Name& name : *list) take(name.text);
        }
        if (stock->net_rate) walk(*stock->net_rate);
      }
    }
    return found_;
  }

  void walk_clause(const syntax::Clause& clause) {
    if (clause.date) walk(*clause.date);
    if (clause.ramp) walk(*clause.ramp);
    walk(clause.value);
  }

  void take(const std::string& name) {
    const auto symbol = context_.symbols.find(name);
    if (symbol == context_.symbols.end() || symbol->second.kind != Symbol::Kind::kVariable) return;
    const VarId id(symbol->second.id);
    if (std::ranges::find(found_, id) == found_.end()) found_.push_back(id);
  }

  void walk(SyntaxId root) {
    std::vector<SyntaxId> stack{root};
    const auto push = [&](SyntaxId id) { stack.push_back(id); };
    while (!stack.empty()) {
      const auto& node = context_.tree[stack.back()].node;
      stack.pop_back();
      if (auto* reference = std::get_if<syntax::Reference>(&node)) take(reference->name.text);
      if (auto* unary = std::get_if<syntax::Unary>(&node)) push(unary->operand);
      if (auto* binary = std::get_if<syntax::Binary>(&node))
        push(binary->right), push(binary->left);
      if (auto* chain = std::get_if<syntax::Comparison>(&node)) {
        for (SyntaxId id : chain->operands) push(id);
      }
      if (auto* choice = std::get_if<syntax::If>(&node))
        push(choice->else_value), push(choice->then_value), push(choice->condition);
      if (auto* range = std::get_if<syntax::Range>(&node)) push(range->high), push(range->low);
      if (auto* call = std::get_if<syntax::Call>(&node)) walk_call(*call, stack);
    }
  }

  void walk_call(const syntax::Call& call, std::vector<SyntaxId>& stack) {
    const bool memory = call.function.text == "previous" || call.function.text == "delay_fixed";
    for (size_t i = 0; i < call.arguments.size(); ++i) {
      const syntax::Argument& argument = call.arguments[i];
      // The start of such a call tells its unit, so its input may wait.
      const bool waits =
          memory && i == 0 && !is_plain_zero(context_.tree, call.arguments.back().value);
      if (!waits) stack.push_back(argument.value);
      if (argument.weight) stack.push_back(*argument.weight);
    }
    const Symbol* function = find_function(context_, call.function);
    if (!function) return;
    if (!functions_.insert(function->statement.index).second) return;
    const auto& decl = std::get<syntax::FunctionDecl>(context_.tree[function->statement].node);
    stack.push_back(decl.result);
    for (StatementId local : decl.locals) {
      if (auto* stock = std::get_if<syntax::StockDecl>(&context_.tree[local].node)) {
        if (stock->initial) stack.push_back(*stock->initial);
      }
      if (auto* value = std::get_if<ValueDecl>(&context_.tree[local].node)) {
        if (value->value) stack.push_back(*value->value);
      }
    }
    for (const syntax::Parameter& parameter : decl.parameters) {
      if (parameter.default_value) stack.push_back(*parameter.default_value);
    }
  }

  Context& context_;
  std::vector<VarId> found_;
  std::set<uint32_t> functions_;
};

}  // namespace

namespace {

void lower_declaration(Context& context, VarId id) {
  const auto& node = context.tree[context.declarations[id.index].statement].node;
  context.saw_unknown = false;
  if (std::holds_alternative<ValueDecl>(node)) lower_value_decl(context, id);
  if (std::holds_alternative<syntax::StockDecl>(node)) lower_stock_decl(context, id);
  if (context.saw_unknown && !context.loose()) context.read_unknown.push_back(id);
}

// Values in a circle were read with units that were not known; now more are. What a first reading
// took for granted is thrown away, so that conversions come out right.
void lower_again(Context& context) {
  size_t unknown = context.unknown_units.size() + 1;
  while (!context.read_unknown.empty() && context.unknown_units.size() < unknown) {
    unknown = context.unknown_units.size();
    context.unknown_units.clear();
    for (VarId id : std::exchange(context.read_unknown, {})) {
      context.var(id).pieces.clear();
      context.var(id).initial.clear();
      std::erase_if(context.model.inputs, [&](const Input& input) { return input.variable == id; });
      lower_declaration(context, id);
    }
  }
}

}  // namespace

void lower_variables(Context& context) {
  InferenceOrder(context).visit_all([&](VarId id) { lower_declaration(context, id); });
  lower_again(context);
  for (size_t i = 0; i < context.deferred.size(); ++i) {  // grows while it runs
    const auto task = std::move(context.deferred[i]);
    task();
  }
  context.deferred.clear();
  limit_outflows(context);
}

}  // namespace headrace::model
