// Functions are put in place at each call. Parameters become the arguments' expressions, locals
// become variables of their own, named after the call: `orders/smooth.level`, with a value for each
// combination of the indexes in scope at the call.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/context.h"

namespace headrace::model {
namespace {

constexpr double kMaxStages = 10'000;

bool may_call(Context& context, const Env& env, const syntax::FunctionDecl& function, Span span) {
  for (const Scope* scope = env.scope.get(); scope; scope = scope->caller.get()) {
    if (scope->function != &function) continue;
    context
        .error(Kind::kRecursiveFunction, span, fmt::format("`{}` calls itself", function.name.text))
        .labels.push_back({function.name.span, "declared here"});
    return false;
  }
  if (!env.scope || env.scope->depth < kMaxCallDepth) return true;
  context.error(Kind::kTooDeep, span,
                fmt::format("more than {} functions within functions", kMaxCallDepth));
  return false;
}

// ---------------------------------------------------------------- parameters

// `start : time.moment` takes a date in a calendar model and a number in others.
bool is_moment(const syntax::Parameter& parameter) {
  return parameter.unit && parameter.unit->terms.size() == 1 &&
         parameter.unit->terms[0].name.text == "time.moment";
}

std::optional<Unit> parameter_unit(Context& context, const syntax::Parameter& parameter) {
  return parameter.unit ? resolve_unit(context, *parameter.unit) : std::nullopt;
}

ExprId lower_argument(Context& context, const Env& env, const syntax::Parameter& parameter,
                      SyntaxId text, const std::string& function) {
  if (is_moment(parameter)) return lower_moment(context, env, text);
  const auto unit = parameter_unit(context, parameter);
  const ExprId value = lower(context, env, text, unit ? &*unit : nullptr);
  if (!unit || context.is_bad(value)) return value;
  return fitted(context, as_number(context, value), *unit,
                fmt::format("`{}` of `{}`", parameter.name.text, function));
}

bool bind_parameters(Context& context, const Env& caller, const Env& body,
                     const syntax::FunctionDecl& function,
                     const std::vector<const syntax::Argument*>& arguments) {
  bool fine = true;
  Env binding = caller;
  binding.owner = body.owner;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const syntax::Parameter& parameter = function.parameters[i];
    ExprId value = arguments[i] ? lower_argument(context, binding, parameter, arguments[i]->value,
                                                 function.name.text)
                                : lower_argument(context, body, parameter, *parameter.default_value,
                                                 function.name.text);
    fine &= !context.is_bad(value);
    if (arguments[i]) value = bind_once(context, binding, value, "." + parameter.name.text);
    Local local;
    local.value = value;
    local.span = parameter.name.span;
    body.scope->locals.emplace(parameter.name.text, std::move(local));
  }
  return fine;
}

// ---------------------------------------------------------------- locals

const syntax::Name& local_name(const syntax::Statement& statement) {
  if (auto* stock = std::get_if<syntax::StockDecl>(&statement.node)) return stock->name;
  if (auto* dim = std::get_if<syntax::DimDecl>(&statement.node)) return dim->name;
  return std::get<syntax::ValueDecl>(statement.node).name;
}

// `dim stage = n` with a parameter n: members 1 to n.
std::vector<std::string> numbered_members(Context& context, const Env& env,
                                          const syntax::DimDecl& decl) {
  std::vector<std::string> members;
  for (const syntax::Name& member : decl.members) members.push_back(member.text);
  if (members.size() != 1) return members;
  const auto parameter = env.scope->locals.find(members[0]);
  if (parameter == env.scope->locals.end() || !parameter->second.value.valid()) return members;
  const auto count = evaluate(context, parameter->second.value, {});
  if (!count || *count < 1 || *count > kMaxStages || *count != std::floor(*count)) {
    context.error(
        Kind::kNotConstant, context[parameter->second.value].span,
        fmt::format("`{}` must be a whole number from 1 to {} that is the same in every run",
                    members[0], kMaxStages));
    return {};
  }
  members.clear();
  for (int k = 1; k <= static_cast<int>(*count); ++k) members.push_back(std::to_string(k));
  return members;
}

bool declare_dim(Context& context, const Env& env, const syntax::DimDecl& decl) {
  if (decl.file || decl.parent) {
    context.error(Kind::kBadStatement, decl.name.span,
                  "a dimension inside a function lists its members");
    return false;
  }
  Dimension dimension;
  dimension.name = fmt::format("{}.{}", env.owner, decl.name.text);
  dimension.members = numbered_members(context, env, decl);
  dimension.root = DimId(context.model.dimensions.size());
  dimension.span = decl.name.span;
  for (uint32_t k = 0; k < dimension.members.size(); ++k) dimension.in_root.push_back(k);
  const bool fine = !dimension.members.empty();
  env.scope->dims.emplace(decl.name.text, dimension.root);
  context.model.dimensions.push_back(std::move(dimension));
  return fine;
}

bool declare_locals(Context& context, const Env& env, const syntax::FunctionDecl& function) {
  bool fine = true;
  for (StatementId id : function.locals) {
    if (auto* dim = std::get_if<syntax::DimDecl>(&context.tree[id].node))
      fine &= declare_dim(context, env, *dim);
  }
  for (StatementId id : function.locals) {
    const syntax::Statement& statement = context.tree[id];
    if (std::holds_alternative<syntax::DimDecl>(statement.node)) continue;
    Local local;
    local.statement = id;
    local.state = Local::State::kWaiting;
    local.span = local_name(statement).span;
    const auto* stock = std::get_if<syntax::StockDecl>(&statement.node);
    const auto& uses = stock ? stock->dims : std::get<syntax::ValueDecl>(statement.node).dims;
    fine &= resolve_dims(context, env, uses, local.dims, local.index_names);
    auto [at, fresh] = env.scope->locals.emplace(local_name(statement).text, local);
    if (fresh) continue;
    context
        .error(Kind::kDuplicateName, local.span,
               fmt::format("`{}` is declared twice in `{}`", at->first, function.name.text))
        .labels.push_back({at->second.span, "first here"});
    fine = false;
  }
  return fine;
}

void prepend(std::vector<Piece>& pieces, const Env& env) {
  const Piece call = made_piece(env, {});
  for (Piece& piece : pieces)
    piece.indexes.insert(piece.indexes.begin(), call.indexes.begin(), call.indexes.end());
}

// Pieces over the local's own dimensions, with the call's indexes in front.
std::vector<Piece> lower_local_pieces(Context& context, const Env& env, const Local& local,
                                      const std::optional<SyntaxId>& value,
                                      const std::vector<syntax::Clause>& clauses, ValueGoal& goal) {
  const auto layered = clauses_of(value, clauses, context.tree[local.statement].span);
  auto pieces =
      lower_clauses(context, env, local.dims, local.index_names, layered, local.span, goal,
                    [&](const Env& inner, const LayeredClause& clause, ValueGoal& wanted) {
                      return lower_clause_value(context, inner, clause, wanted);
                    });
  prepend(pieces, env);
  return pieces;
}

Variable local_variable(Context& context, const Env& env, const Local& local, VarKind kind,
                        const std::string& name) {
  Variable made = made_variable(context, env, kind, "." + name, local.span);
  made.dims.insert(made.dims.end(), local.dims.begin(), local.dims.end());
  return made;
}

bool lower_local_let(Context& context, const Env& env, Local& local, const std::string& name,
                     const syntax::ValueDecl& decl) {
  ValueGoal goal;
  if (decl.unit) goal.unit = resolve_unit(context, *decl.unit);
  if (local.dims.empty() && decl.clauses.empty() && decl.value) {
    ExprId value = lower(context, env, *decl.value, goal.unit ? &*goal.unit : nullptr);
    if (goal.unit) value = fitted(context, as_number(context, value), *goal.unit, "`" + name + "`");
    local.value = bind_once(context, env, value, "." + name);
    return !context.is_bad(value);
  }
  if (env.mode == Mode::kAnswer) {
    context.error(Kind::kBadCall, env.scope->call,
                  "a function with arrays or dated values cannot stand between answers");
    return false;
  }
  Variable made = local_variable(context, env, local, VarKind::kLet, name);
  made.pieces = lower_local_pieces(context, env, local, decl.value, decl.clauses, goal);
  made.unit = goal.unit.value_or(Unit());
  made.type = goal.type.value_or(Type::kNumber);
  made.unit_text = show(context, made.unit);
  local.variable = context.add_variable(std::move(made));
  local.prefix = call_subscripts(context, env);
  return !goal.any_bad;
}

bool lower_local_stock(Context& context, const Env& env, Local& local, const std::string& name,
                       const syntax::StockDecl& decl) {
  if (!decl.inflows.empty() || !decl.outflows.empty() || decl.nonnegative || !decl.net_rate) {
    context
        .error(Kind::kBadStatement, decl.name.span, "a stock inside a function has a `d/dt` line")
        .hint = "write `d/dt = ...`";
    return false;
  }
  if (context.model.clock.is_static || env.mode == Mode::kAnswer) {
    const bool no_time = context.model.clock.is_static;
    context.error(no_time ? Kind::kMissingTime : Kind::kNotConstant, env.scope->call,
                  fmt::format("`{}` keeps a state over time{}", env.scope->function->name.text,
                              no_time ? ", and there is no `time` statement"
                                      : ", and other parts of this answer say when"));
    return false;
  }
  ValueGoal goal;
  goal.type = Type::kNumber;
  if (decl.unit) goal.unit = resolve_unit(context, *decl.unit);
  Variable made = local_variable(context, env, local, VarKind::kStock, name);
  made.initial = lower_local_pieces(context, env, local, decl.initial, decl.clauses, goal);
  made.unit = goal.unit.value_or(Unit());
  made.unit_text = show(context, made.unit);
  if (goal.any_bad) return false;
  local.variable = context.add_variable(std::move(made));
  local.prefix = call_subscripts(context, env);
  const VarId id = local.variable;
  const std::vector<DimId> dims = local.dims;
  const std::vector<std::string> names = local.index_names;
  context.deferred.push_back([&context, env, id, dims, names, &decl] {
    const CallFrame frame(context, env.scope.get());
    Env inner = env;
    for (size_t i = 0; i < dims.size(); ++i)
      inner.bound.push_back(
          {names[i], dims[i], context.add_full_index(names[i], dims[i]), 0, false, false, 0});
    const Unit rate = per(context, context.var(id).unit, context.clock_unit, decl.name.span);
    const ExprId value = lower_in(context, inner, *decl.net_rate, rate, "the rate of change");
    context.var(id).pieces = {made_piece(inner, value)};
  });
  return true;
}

}  // namespace

bool ensure_local(Context& context, const Env& env, const std::string& name) {
  Local& local = env.scope->locals.at(name);
  if (local.state == Local::State::kDone) return local.value.valid() || local.variable.valid();
  if (local.state == Local::State::kActive) {
    context.error(Kind::kCycle, local.span, fmt::format("`{}` is computed from itself", name));
    return false;
  }
  local.state = Local::State::kActive;
  // The body's own scope: without the indexes of reducers around the use.
  Env body = env;
  body.bound = env.scope->bound;
  body.bare_sums = false;
  body.guards.clear();
  const syntax::Statement& statement = context.tree[local.statement];
  const auto* stock = std::get_if<syntax::StockDecl>(&statement.node);
  const bool fine = stock ? lower_local_stock(context, body, local, name, *stock)
                          : lower_local_let(context, body, local, name,
                                            std::get<syntax::ValueDecl>(statement.node));
  local.state = Local::State::kDone;
  return fine;
}

ExprId lower_user_call(Context& context, const Env& env, const Symbol& symbol,
                       const syntax::Call& call, Span span) {
  const auto& function = std::get<syntax::FunctionDecl>(context.tree[symbol.statement].node);
  if (!may_call(context, env, function, span)) return context.bad(span);
  if (++context.calls_made > kMaxCalls) {
    if (!context.too_large)
      context.error(
          Kind::kTooLarge, span,
          fmt::format("more than {} calls of functions once all are put in place", kMaxCalls));
    context.too_large = true;
    return context.bad(span);
  }
  if (!call.bindings.empty()) {
    context.error(Kind::kBadCall, call.bindings.front().index.span,
                  fmt::format("`{}` takes no `for`", function.name.text));
    return context.bad(span);
  }
  std::vector<std::string> names;
  size_t required = 0;
  for (const syntax::Parameter& parameter : function.parameters) {
    names.push_back(parameter.name.text);
    if (!parameter.default_value) required = names.size();
  }
  std::vector<const syntax::Argument*> arguments;
  if (!match_arguments(context, call, span, names, required, arguments)) return context.bad(span);

  Env body = env;
  body.scope = std::make_shared<Scope>();
  body.scope->function = &function;
  body.scope->call = span;
  body.scope->caller = env.scope;
  body.scope->depth = env.scope ? env.scope->depth + 1 : 1;
  body.owner = context.made_name(env, function.name.text);
  body.bare_sums = false;
  body.guards.clear();
  for (BoundIndex& bound : body.bound) bound.hidden = true;
  body.scope->bound = body.bound;
  if (!bind_parameters(context, env, body, function, arguments)) return context.bad(span);

  const CallFrame frame(context, body.scope.get());
  if (!declare_locals(context, body, function)) return context.bad(span);
  const auto unit = function.unit ? resolve_unit(context, *function.unit) : std::nullopt;
  const ExprId result = lower(context, body, function.result, unit ? &*unit : nullptr);
  if (!unit || context.is_bad(result)) return result;
  return fitted(context, as_number(context, result), *unit,
                fmt::format("the result of `{}`", function.name.text));
}

}  // namespace headrace::model
