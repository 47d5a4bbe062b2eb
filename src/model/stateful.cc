// Built-in functions with a memory: each call makes a variable of the fitting kind, with a value
// for each combination of the indexes in scope.

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "model/builtins.h"
#include "model/context.h"

namespace headrace::model {

Variable made_variable(Context& context, const Env& env, VarKind kind, std::string_view what,
                       Span span) {
  Variable variable;
  variable.name = context.made_name(env, what);
  variable.kind = kind;
  variable.made = true;
  variable.span = span;
  for (const BoundIndex& bound : env.bound) {
    if (bound.index.valid()) variable.dims.push_back(bound.dimension);
  }
  if (element_count(context, variable.dims) > kMaxElements) {
    context.error(Kind::kTooLarge, span,
                  "this value is needed for too many combinations of members");
    variable.dims.clear();
  }
  return variable;
}

Piece made_piece(const Env& env, ExprId value) {
  Piece piece{{}, value};
  for (const BoundIndex& bound : env.bound) {
    if (bound.index.valid()) piece.indexes.push_back(bound.index);
  }
  return piece;
}

namespace {

bool is_trivial(const Expr& expr) {
  return !std::holds_alternative<Apply>(expr.node) && !std::holds_alternative<Reduce>(expr.node) &&
         !std::holds_alternative<Lookup>(expr.node);
}

}  // namespace

ExprId bind_once(Context& context, const Env& env, ExprId value, std::string_view what) {
  if (context.is_bad(value) || env.mode == Mode::kAnswer || is_trivial(context[value]))
    return value;
  const Span span = context[value].span;
  Variable variable = made_variable(context, env, VarKind::kLet, what, span);
  variable.type = context[value].type;
  variable.unit = context[value].unit;
  variable.unit_text = show(context, variable.unit);
  variable.pieces.push_back(made_piece(env, value));
  const VarId id = context.add_variable(std::move(variable));
  const ExprInfo info = context.infos[value.index];
  const ExprId load = load_made(context, env, id, span);
  context.infos[load.index].any_unit = info.any_unit;
  context.infos[load.index].unknown_unit = info.unknown_unit;
  return load;
}

namespace {

VarId add_made(Context& context, Variable variable, ExprId like) {
  variable.type = context[like].type;
  variable.unit = context[like].unit;
  variable.unit_text = show(context, variable.unit);
  return context.add_variable(std::move(variable));
}

// The value before the first step: with a unit of its own it tells the unit of the whole, so that
// the input may be read later, when it depends on this very call.
struct Start {
  ExprId value;
  bool tells_unit = false;
  // What it is computed from is being asked for its unit at this moment. A model with loose units
  // does without: the input may well be what asks.
  bool waits = false;
};

bool within_local(const Env& env) {
  return env.scope && std::ranges::any_of(env.scope->locals, [](const auto& local) {
           return local.second.state == Local::State::kActive;
         });
}

Start lower_start(Context& context, const Env& env, SyntaxId id) {
  const ExprId value = lower(context, env, id);
  // In models of other tools a condition is the number 1 or 0, and the input may be any number.
  if (context.loose() && !context.is_bad(value) && context[value].type == Type::kBoolean)
    return {as_number(context, value), false, true};
  const ExprInfo& info = context.infos[value.index];
  // Within a function what is remembered may hang on this call, which has no name of its own there.
  const bool hangs = info.unknown_unit || (info.any_unit && within_local(env));
  return {value, !info.any_unit && !info.unknown_unit, context.loose() && hangs};
}

ExprId match_type(Context& context, ExprId value, Type type) {
  if (type == Type::kBoolean) return as_condition(context, value);
  if (type == Type::kNumber) return as_number(context, value);
  if (context.is_bad(value) || context[value].type == Type::kDate) return value;
  context.error(Kind::kTypeMismatch, context[value].span, "this is a number, not a date");
  return context.bad(context[value].span);
}

ExprId match(Context& context, ExprId value, VarId variable, std::string_view what) {
  value = match_type(context, value, context.var(variable).type);
  if (context.var(variable).type != Type::kNumber) return value;
  return fitted(context, value, Unit(context.var(variable).unit), what);
}

// previous(x, initial) and delay_fixed(x, duration, initial)
ExprId lower_memory(Context& context, const Env& env, const syntax::Call& call, VarKind kind,
                    const std::vector<SyntaxId>& arguments, Span span) {
  const SyntaxId input = arguments.front(), initial = arguments.back();
  const std::string what = call.function.text;
  Start start = lower_start(context, env, initial);
  if (context.is_bad(start.value)) return context.bad(span);
  ExprId now;
  if (!start.tells_unit && !start.waits) {
    now = lower(context, env, input);
    if (context.is_bad(now)) return context.bad(span);
  }
  Variable made = made_variable(context, env, kind, what, span);
  if (kind == VarKind::kDelayFixed) {
    const ExprId duration =
        lower_in(context, env, arguments[1], context.clock_unit, "the duration of the delay");
    if (context.is_bad(duration)) return context.bad(span);
    made.duration.push_back(made_piece(env, duration));
  }
  const bool unknown = start.waits || (now.valid() && context.infos[now.index].unknown_unit);
  const bool any = now.valid() && context.infos[now.index].any_unit;
  const VarId id = add_made(context, std::move(made), now.valid() ? now : start.value);
  if (!start.waits) start.value = match(context, start.value, id, "the initial value");
  if (context.is_bad(start.value)) return context.bad(span);
  context.var(id).initial.push_back(made_piece(env, start.value));
  if (now.valid()) {
    context.var(id).pieces.push_back(made_piece(env, now));
  } else {
    context.deferred.push_back([&context, env, id, input, waits = start.waits] {
      const ExprId read = lower(context, env, input);
      const ExprId value = waits ? match_type(context, read, context.var(id).type)
                                 : match(context, read, id, "the input");
      context.var(id).pieces.push_back(made_piece(env, value));
    });
  }
  const ExprId load = load_made(context, env, id, span);
  context.infos[load.index].unknown_unit = unknown;
  context.infos[load.index].any_unit |= any;
  return load;
}

// Adds the variable and reads it; it has the type and the unit of the value that it keeps.
ExprId read_made(Context& context, const Env& env, Variable made, ExprId value, Span span) {
  const ExprInfo info = context.infos[value.index];
  const VarId id = add_made(context, std::move(made), value);
  const ExprId load = load_made(context, env, id, span);
  context.infos[load.index].unknown_unit = info.unknown_unit;
  context.infos[load.index].any_unit |= info.any_unit;
  return load;
}

ExprId lower_initial(Context& context, const Env& env, SyntaxId input, Span span) {
  const ExprId value = lower(context, env, input);
  if (context.is_bad(value)) return context.bad(span);
  Variable made = made_variable(context, env, VarKind::kInitial, "initial", span);
  made.pieces.push_back(made_piece(env, value));
  return read_made(context, env, std::move(made), value, span);
}

// active_initial(x, start): x in every step, but `start` while the starting values are found.
ExprId lower_active_initial(Context& context, const Env& env, const std::vector<SyntaxId>& both,
                            Span span) {
  ExprId now = lower_number(context, env, both[0]);
  ExprId start = lower_number(context, env, both[1]);
  if (!align(context, now, start, span, "compare")) return context.bad(span);
  Variable made = made_variable(context, env, VarKind::kLet, "active_initial", span);
  made.pieces.push_back(made_piece(env, now));
  made.initial.push_back(made_piece(env, start));
  return read_made(context, env, std::move(made), now, span);
}

// held(x): x at the start of the step in each stage of it. There is one stage under Euler.
ExprId lower_held(Context& context, const Env& env, SyntaxId input, Span span) {
  const ExprId value = lower(context, env, input);
  if (context.is_bad(value) || context.model.clock.method == Clock::Method::kEuler) return value;
  Variable made = made_variable(context, env, VarKind::kLet, "held", span);
  made.held = true;
  made.pieces.push_back(made_piece(env, value));
  return read_made(context, env, std::move(made), value, span);
}

ExprId lower_behind(Context& context, const Env& env, const std::vector<SyntaxId>& arguments,
                    Span span) {
  ExprId leader = lower_number(context, env, arguments[0]);
  ExprId follower = lower_number(context, env, arguments[1]);
  if (!align(context, leader, follower, span, "compare")) return context.bad(span);
  Variable made = made_variable(context, env, VarKind::kBehind, "behind", span);
  made.pieces.push_back(made_piece(env, leader));
  made.second.push_back(made_piece(env, follower));
  made.unit = context.clock_unit;
  made.unit_text = show(context, made.unit);
  return load_made(context, env, context.add_variable(std::move(made)), span);
}

ExprId lower_noise(Context& context, const Env& env, bool normal, Span span) {
  Variable made =
      made_variable(context, env, VarKind::kNoise, normal ? "noise_normal" : "noise_uniform", span);
  made.key = base::hash(made.name);
  made.noise_is_normal = normal;
  made.unit_text = "1";
  return load_made(context, env, context.add_variable(std::move(made)), span);
}

std::vector<std::string> parameters(Builtin id) {
  switch (id) {
    case Builtin::kPrevious:
      return {"input", "initial"};
    case Builtin::kDelayFixed:
      return {"input", "duration", "initial"};
    case Builtin::kBehind:
      return {"leader", "follower"};
    case Builtin::kInitial:
    case Builtin::kHeld:
      return {"input"};
    case Builtin::kActiveInitial:
      return {"input", "start"};
    default:
      return {};
  }
}

}  // namespace

ExprId lower_stateful(Context& context, const Env& env, const syntax::Call& call, Span span) {
  const Builtin id = find_builtin(call.function.text)->id;
  if (context.model.clock.is_static) {
    context.error(Kind::kMissingTime, span,
                  fmt::format("`{}` needs a `time` statement", call.function.text));
    return context.bad(span);
  }
  if (env.mode == Mode::kAnswer) {
    context
        .error(Kind::kNotConstant, span,
               fmt::format("`{}` changes over time, and other parts of this answer say when",
                           call.function.text))
        .hint = "say when: `... at time.end`, or `over` a period";
    return context.bad(span);
  }
  std::vector<const syntax::Argument*> matched;
  const auto names = parameters(id);
  if (!match_arguments(context, call, span, names, names.size(), matched)) return context.bad(span);
  std::vector<SyntaxId> arguments;
  for (const syntax::Argument* argument : matched) arguments.push_back(argument->value);
  switch (id) {
    case Builtin::kPrevious:
      return lower_memory(context, env, call, VarKind::kPrevious, arguments, span);
    case Builtin::kDelayFixed:
      return lower_memory(context, env, call, VarKind::kDelayFixed, arguments, span);
    case Builtin::kInitial:
      return lower_initial(context, env, arguments[0], span);
    case Builtin::kActiveInitial:
      return lower_active_initial(context, env, arguments, span);
    case Builtin::kHeld:
      return lower_held(context, env, arguments[0], span);
    case Builtin::kBehind:
      return lower_behind(context, env, arguments, span);
    default:
      return lower_noise(context, env, id == Builtin::kNoiseNormal, span);
  }
}

}  // namespace headrace::model
