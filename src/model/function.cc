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

// The default of a parameter tells the unit of a plain 0 in its place.
std::optional<ExprId> zero_like_default(Context& context, const Env& body,
                                        const syntax::Parameter& parameter, SyntaxId text) {
  if (!parameter.default_value || parameter.unit || !is_plain_zero(context.tree, text))
    return std::nullopt;
  ExprInfo info;
  Unit unit;
  {
    const Trial trial(context, true);
    const ExprId like = lower(context, body, *parameter.default_value);
    info = context.infos[like.index];
    unit = context[like].unit;
    if (info.bad || context[like].type != Type::kNumber) return std::nullopt;
  }
  const ExprId zero = context.constant(0, context.tree[text].span, unit);
  context.infos[zero.index].any_unit = info.any_unit;
  context.infos[zero.index].unknown_unit = info.unknown_unit;
  context.saw_unknown |= info.unknown_unit;
  return zero;
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

// ---------------------------------------------------------------- whole arrays

// The array that an argument names, with the indexes that come before its own dimensions.
std::optional<Local> named_array(Context& context, const Env& env, SyntaxId text) {
  const auto* reference = std::get_if<syntax::Reference>(&context.tree[text].node);
  if (!reference || !reference->indexes.empty()) return std::nullopt;
  const std::string& name = reference->name.text;
  Local array;
  if (env.scope && env.scope->locals.contains(name)) {
    if (!ensure_local(context, env, name)) return std::nullopt;
    const Local& local = env.scope->locals.at(name);
    array.value = local.value;
    array.variable = local.variable;
    array.prefix = local.prefix;
    array.dims = local.dims;
    return array;
  }
  const auto symbol = context.symbols.find(name);
  if (symbol == context.symbols.end() || symbol->second.kind != Symbol::Kind::kVariable)
    return std::nullopt;
  array.variable = VarId(symbol->second.id);
  array.dims = context.var(array.variable).dims;
  return array;
}

// Names of dimensions stand for those of the array; a dimension of the model, or one that an
// earlier array has named, must be the same.
bool bind_dims(Context& context, const Env& body, const syntax::Parameter& parameter,
               const Local& array, Span span) {
  for (size_t d = 0; d < parameter.dims.size(); ++d) {
    const std::string& name = parameter.dims[d].text;
    const auto symbol = context.symbols.find(name);
    const bool global =
        symbol != context.symbols.end() && symbol->second.kind == Symbol::Kind::kDimension;
    const DimId wanted = global ? DimId(symbol->second.id) : array.dims[d];
    const auto known = body.scope->dims.emplace(name, wanted).first;
    if (known->second == array.dims[d]) continue;
    context
        .error(Kind::kShapeMismatch, span,
               fmt::format("this array runs over `{}`, and `{}` of `{}` over `{}`",
                           context.model[array.dims[d]].name, parameter.name.text,
                           body.scope->function->name.text, context.model[known->second].name))
        .labels.push_back({parameter.dims[d].span, "declared here"});
    return false;
  }
  return true;
}

bool array_unit_fits(Context& context, const syntax::Parameter& parameter, const Local& array,
                     Span span) {
  const auto unit = parameter_unit(context, parameter);
  if (!unit) return !parameter.unit;
  const Unit& own = context.var(array.variable).unit;
  if (own == *unit || context.loose()) return true;
  const Declaration* declaration = context.declaration(array.variable);
  if (declaration && (declaration->bad || !declaration->unit_known)) return true;
  auto& diagnostic =
      context.error(Kind::kUnitMismatch, span,
                    fmt::format("this array is {}, and `{}` is {}", quoted(context, own),
                                parameter.name.text, quoted(context, *unit)));
  diagnostic.labels.push_back({parameter.name.span, show(context, *unit)});
  if (units::conversion(own, *unit))
    diagnostic.hint = "a whole array is not converted; give it that unit in a `let` of its own";
  return false;
}

bool bind_array(Context& context, const Env& caller, const Env& body,
                const syntax::Parameter& parameter, const syntax::Argument* argument) {
  const std::string& function = body.scope->function->name.text;
  if (parameter.default_value || !argument) {
    context.error(Kind::kBadCall, parameter.name.span,
                  fmt::format("`{}` is a whole array and has no default", parameter.name.text));
    return false;
  }
  const Span span = context.tree[argument->value].span;
  auto array = named_array(context, caller, argument->value);
  if (array && array->value.valid() && context.is_bad(array->value)) return false;
  if (!array || !array->variable.valid() || array->dims.size() != parameter.dims.size()) {
    const auto* named = std::get_if<syntax::Reference>(&context.tree[argument->value].node);
    if (!array && named && named->indexes.empty() &&
        context.is_bad(lower(context, caller, argument->value)))
      return false;  // nothing has this name, and that has been said
    auto& diagnostic = context.error(
        Kind::kShapeMismatch, span,
        fmt::format("`{}` of `{}` is a whole array with {} dimension{}, and this is {}",
                    parameter.name.text, function, parameter.dims.size(),
                    parameter.dims.size() == 1 ? "" : "s",
                    array && array->variable.valid()
                        ? dims_text(context, array->dims).empty()
                              ? "a single value"
                              : "over " + dims_text(context, array->dims)
                        : "not the name of one"));
    diagnostic.labels.push_back({parameter.name.span, "declared here"});
    if (!array) diagnostic.hint = "give the array a name with `let` and pass that";
    return false;
  }
  if (!bind_dims(context, body, parameter, *array, span)) return false;
  if (!array_unit_fits(context, parameter, *array, span)) return false;
  array->span = parameter.name.span;
  body.scope->locals.emplace(parameter.name.text, std::move(*array));
  return true;
}

bool bind_parameters(Context& context, const Env& caller, const Env& body,
                     const syntax::FunctionDecl& function,
                     const std::vector<const syntax::Argument*>& arguments) {
  bool fine = true;
  Env binding = caller;
  binding.owner = body.owner;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const syntax::Parameter& parameter = function.parameters[i];
    if (!parameter.dims.empty()) {
      fine &= bind_array(context, binding, body, parameter, arguments[i]);
      continue;
    }
    const auto zero = arguments[i]
                          ? zero_like_default(context, body, parameter, arguments[i]->value)
                          : std::nullopt;
    ExprId value = zero           ? *zero
                   : arguments[i] ? lower_argument(context, binding, parameter, arguments[i]->value,
                                                   function.name.text)
                                  : lower_argument(context, body, parameter,
                                                   *parameter.default_value, function.name.text);
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
  if (context.is_bad(parameter->second.value)) return {"1"};  // only read for its faults
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
  const auto declare = [&](Variable made) {
    made.unit = goal.unit.value_or(Unit());
    made.type = goal.type.value_or(Type::kNumber);
    made.unit_text = show(context, made.unit);
    local.variable = context.add_variable(std::move(made));
    local.prefix = call_subscripts(context, env);
  };
  Variable made = local_variable(context, env, local, VarKind::kLet, name);
  if (goal.unit) {  // its elements may read each other
    goal.type = Type::kNumber;
    declare(std::move(made));
    local.state = Local::State::kDone;
    auto pieces = lower_local_pieces(context, env, local, decl.value, decl.clauses, goal);
    context.var(local.variable).pieces = std::move(pieces);
    return !goal.any_bad;
  }
  made.pieces = lower_local_pieces(context, env, local, decl.value, decl.clauses, goal);
  declare(std::move(made));
  return !goal.any_bad;
}

// The unit of a stock that starts from a plain 0: that of its rate, times time.
std::optional<Unit> unit_from_rate(Context& context, const Env& env, const std::string& name,
                                   const Local& local, const syntax::StockDecl& decl) {
  if (!local.dims.empty()) return std::nullopt;
  const Trial trial(context, true);
  Env inner = env;
  inner.scope = std::make_shared<Scope>(*env.scope);
  Local& zero = inner.scope->locals.at(name);
  zero.value = context.constant(0, decl.name.span);
  context.infos[zero.value.index].any_unit = true;
  zero.state = Local::State::kDone;
  const ExprId rate = lower(context, inner, *decl.net_rate);
  const ExprInfo& info = context.infos[rate.index];
  if (info.bad || info.any_unit || info.unknown_unit) return std::nullopt;
  return tidy(context, times(context, context[rate].unit, context.clock_unit, decl.name.span));
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
  if (!goal.unit && !goal.any_bad) goal.unit = unit_from_rate(context, env, name, local, decl);
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
    auto& diagnostic =
        context.error(Kind::kCycle, local.span, fmt::format("`{}` is computed from itself", name));
    if (!local.dims.empty())
      diagnostic.hint = fmt::format(
          "where its elements come one after the other, say its unit: `let {}[...] : 1 = ...`",
          name);
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
  context.called.insert(symbol.statement.index);
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
  // What is wrong with it where the call stands is told there, not in the library.
  if (is_library(context, context[result].span)) context.model.exprs[result.index].span = span;
  if (!unit || context.is_bad(result)) return result;
  return fitted(context, as_number(context, result), *unit,
                fmt::format("the result of `{}`", function.name.text));
}

bool takes_whole_array(const Context& context, const syntax::Call& call, size_t argument) {
  const Symbol* found = find_function(context, call.function);
  if (!found) return false;
  const auto& function = std::get<syntax::FunctionDecl>(context.tree[found->statement].node);
  size_t place = argument;
  if (const auto& label = call.arguments[argument].label) {
    for (place = 0; place < function.parameters.size(); ++place) {
      if (function.parameters[place].name.text == label->text) break;
    }
  } else {
    for (size_t i = 0; i < argument; ++i) place -= call.arguments[i].label ? 1 : 0;
  }
  return place < function.parameters.size() && !function.parameters[place].dims.empty();
}

// ---------------------------------------------------------------- bodies that nothing calls

namespace {

bool keeps_state(const Context& context, const syntax::FunctionDecl& function) {
  return std::ranges::any_of(function.locals, [&](StatementId id) {
    return std::holds_alternative<syntax::StockDecl>(context.tree[id].node);
  });
}

// Parameters are bad expressions here: what is built from them says nothing, the rest is checked.
void check_body(Context& context, const syntax::FunctionDecl& function) {
  const Trial trial(context, false);
  Env body;
  body.owner = function.name.text;
  body.scope = std::make_shared<Scope>();
  body.scope->function = &function;
  body.scope->call = function.name.span;
  const CallFrame frame(context, body.scope.get());
  for (const syntax::Parameter& parameter : function.parameters) {
    if (parameter.unit && !is_moment(parameter)) resolve_unit(context, *parameter.unit);
    Local local;
    local.value = parameter.default_value ? lower(context, body, *parameter.default_value)
                                          : context.bad(parameter.name.span);
    local.span = parameter.name.span;
    for (const syntax::Name& name : parameter.dims) {
      const auto symbol = context.symbols.find(name.text);
      if (symbol != context.symbols.end() && symbol->second.kind == Symbol::Kind::kDimension) {
        local.dims.emplace_back(symbol->second.id);
      } else {
        local.dims.emplace_back(context.model.dimensions.size());
        context.model.dimensions.push_back({name.text, {"1"}, local.dims.back(), {0}, name.span});
      }
      body.scope->dims.emplace(name.text, local.dims.back());
    }
    body.scope->locals.emplace(parameter.name.text, std::move(local));
  }
  if (!declare_locals(context, body, function)) return;
  const size_t deferred = context.deferred.size();
  for (StatementId id : function.locals) {
    if (!std::holds_alternative<syntax::DimDecl>(context.tree[id].node))
      ensure_local(context, body, local_name(context.tree[id]).text);
  }
  lower(context, body, function.result);
  for (size_t i = deferred; i < context.deferred.size(); ++i) {
    const auto task = std::move(context.deferred[i]);
    task();
  }
}

}  // namespace

void check_uncalled_functions(Context& context) {
  for (StatementId id : context.tree.top_level) {
    const auto* function = std::get_if<syntax::FunctionDecl>(&context.tree[id].node);
    if (!function || is_library(context, function->name.span)) continue;
    if (context.called.contains(id.index) || context.too_large) continue;
    if (context.model.clock.is_static && keeps_state(context, *function)) continue;
    check_body(context, *function);
  }
}

}  // namespace headrace::model
