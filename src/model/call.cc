// Calls: tables, built-in functions of one moment, and the way to all others.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/builtins.h"
#include "model/context.h"

namespace headrace::model {
namespace {

constexpr BuiltinInfo kBuiltins[] = {
#define BUILTIN(id, spelling, least, most, form) {Builtin::id, spelling, least, most, Form::form},
#include "model/builtins.def"
#undef BUILTIN
};

ExprId too_many(Context& context, const BuiltinInfo& info, const syntax::Call& call, Span span) {
  std::string wanted = info.least == info.most ? fmt::format("{}", info.least)
                       : info.most > 10        ? fmt::format("at least {}", info.least)
                                               : fmt::format("{} to {}", info.least, info.most);
  context.error(Kind::kBadCall, span,
                fmt::format("`{}` wants {} argument{}, not {}", info.spelling, wanted,
                            wanted == "1" ? "" : "s", call.arguments.size()));
  return context.bad(span);
}

ExprId apply_same(Context& context, Op op, ExprId x, Span span) {
  x = as_number(context, x);
  return context.apply(op, {x}, Type::kNumber, context[x].unit, span);
}

ExprId plain(Context& context, ExprId x, std::string_view function) {
  return fitted(context, as_number(context, x), {}, fmt::format("the argument of `{}`", function));
}

Op elementwise(Builtin id) {
  switch (id) {
    case Builtin::kAbs:
      return Op::kAbs;
    case Builtin::kFloor:
      return Op::kFloor;
    case Builtin::kCeil:
      return Op::kCeil;
    case Builtin::kRound:
      return Op::kRound;
    case Builtin::kTrunc:
      return Op::kTrunc;
    case Builtin::kExp:
      return Op::kExp;
    case Builtin::kSin:
      return Op::kSin;
    case Builtin::kCos:
      return Op::kCos;
    case Builtin::kTan:
      return Op::kTan;
    case Builtin::kAsin:
      return Op::kAsin;
    case Builtin::kAcos:
      return Op::kAcos;
    case Builtin::kAtan:
      return Op::kAtan;
    default:
      return Op::kLn;
  }
}

// ---------------------------------------------------------------- functions with rules of their
// own

ExprId lower_log(Context& context, const std::vector<ExprId>& v, Builtin id, Span span) {
  const ExprId x = plain(context, v[0], id == Builtin::kLog ? "log" : "log10");
  const ExprId top = context.apply(Op::kLn, {x}, Type::kNumber, {}, span);
  if (id == Builtin::kLog10)
    return context.apply(Op::kDivide, {top, context.constant(std::log(10.0), span)}, Type::kNumber,
                         {}, span);
  const ExprId base = plain(context, v[1], "log");
  const ExprId bottom = context.apply(Op::kLn, {base}, Type::kNumber, {}, span);
  return context.apply(Op::kDivide, {top, bottom}, Type::kNumber, {}, span);
}

ExprId lower_sqrt(Context& context, ExprId x, Span span) {
  x = as_number(context, x);
  if (context.is_bad(x)) return context.bad(span);
  const Unit unit = raised(context, context[x].unit, *units::Rational::make(1, 2), span);
  return context.apply(Op::kSqrt, {x}, Type::kNumber, unit, span);
}

ExprId lower_pair(Context& context, Op op, ExprId a, ExprId b, Span span, std::string_view verb) {
  if (context.is_bad(a) || context.is_bad(b)) return context.bad(span);
  const bool dates =
      context[a].type == Type::kDate && context[b].type == Type::kDate && op != Op::kMod;
  if (!dates) a = as_number(context, a), b = as_number(context, b);
  if (!align(context, a, b, span, verb)) return context.bad(span);
  const bool any = context.infos[a.index].any_unit && context.infos[b.index].any_unit;
  const ExprId id = context.apply(op, {a, b}, context[a].type, context[a].unit, span);
  context.infos[id.index].any_unit |= any;
  return id;
}

ExprId lower_safe_divide(Context& context, const Env& env, std::vector<ExprId> v, Span span) {
  const ExprId a = as_number(context, v[0]);
  const ExprId b = bind_once(context, env, as_number(context, v[1]), "divisor");
  if (context.is_bad(a) || context.is_bad(b)) return context.bad(span);
  const Unit unit = per(context, context[a].unit, context[b].unit, span);
  ExprId otherwise = v.size() > 2 ? as_number(context, v[2]) : context.constant(0, span, unit);
  otherwise = fitted(context, otherwise, unit, "the quotient");
  if (context.is_bad(otherwise)) return context.bad(span);
  const ExprId zero = context.constant(0, span, context[b].unit);
  const ExprId is_zero = context.apply(Op::kEqual, {b, zero}, Type::kBoolean, {}, span);
  const ExprId quotient = context.apply(Op::kDivide, {a, b}, Type::kNumber, unit, span);
  return context.apply(Op::kSelect, {is_zero, otherwise, quotient}, Type::kNumber, unit, span);
}

ExprId lower_own(Context& context, const Env& env, const BuiltinInfo& info,
                 const std::vector<ExprId>& v, Span span) {
  switch (info.id) {
    case Builtin::kLog10:
    case Builtin::kLog:
      return lower_log(context, v, info.id, span);
    case Builtin::kSqrt:
      return lower_sqrt(context, v[0], span);
    case Builtin::kSign:
      return context.apply(Op::kSign, {as_number(context, v[0])}, Type::kNumber, {}, span);
    case Builtin::kMod:
      return lower_pair(context, Op::kMod, v[0], v[1], span, "take the remainder of");
    case Builtin::kClamp: {
      const ExprId low = lower_pair(context, Op::kMax, v[0], v[1], span, "clamp");
      return lower_pair(context, Op::kMin, low, v[2], span, "clamp");
    }
    case Builtin::kMin:
    case Builtin::kMax: {
      ExprId all = v[0];
      const Op op = info.id == Builtin::kMin ? Op::kMin : Op::kMax;
      for (size_t i = 1; i < v.size(); ++i)
        all = lower_pair(context, op, all, v[i], span, "compare");
      return all;
    }
    case Builtin::kSafeDivide:
      return lower_safe_divide(context, env, v, span);
    default:
      return context.bad(span);
  }
}

// ---------------------------------------------------------------- size and position

const syntax::Reference* bare_name(const Context& context, SyntaxId id) {
  const auto* reference = std::get_if<syntax::Reference>(&context.tree[id].node);
  return reference && reference->indexes.empty() ? reference : nullptr;
}

ExprId lower_size(Context& context, const Env& env, const syntax::Call& call, Span span) {
  const auto* reference = bare_name(context, call.arguments[0].value);
  if (!reference) {
    context.error(Kind::kBadCall, span, "`size` wants the name of a dimension");
    return context.bad(span);
  }
  const auto dim = find_dimension(context, env, reference->name);
  if (!dim) return context.bad(span);
  return context.constant(static_cast<double>(context.model[*dim].members.size()), span);
}

ExprId lower_position(Context& context, const Env& env, const syntax::Call& call, Span span) {
  if (const auto* reference = bare_name(context, call.arguments[0].value)) {
    for (size_t i = env.bound.size(); i-- > 0;) {
      const BoundIndex& bound = env.bound[i];
      if (bound.hidden || bound.summed || bound.name != reference->name.text) continue;
      if (!bound.index.valid()) return context.constant(bound.position + 1, span);
      return context.add({Position{bound.index}, Type::kNumber, {}, span});
    }
  }
  context.error(Kind::kBadCall, span, "`position` wants the name of an index that is bound here");
  return context.bad(span);
}

// ---------------------------------------------------------------- tables

ExprId lower_table_call(Context& context, const Env& env, const Symbol& symbol,
                        const syntax::Call& call, Span span) {
  if (call.arguments.size() != 1 || call.arguments[0].label || call.arguments[0].weight ||
      !call.bindings.empty()) {
    context
        .error(Kind::kBadCall, span,
               fmt::format("the table `{}` wants one input", call.function.text))
        .labels.push_back({symbol.span, "declared here"});
    return context.bad(span);
  }
  const TableId table(symbol.id);
  const Unit input_unit = context.table_inputs[table.index];
  ExprId input = lower(context, env, call.arguments[0].value, &input_unit);
  if (context.is_bad(input)) return context.bad(span);
  if (context[input].type == Type::kDate && input_unit == context[input].unit)
    input = context.with(input, Type::kNumber, input_unit);
  input = fitted(context, as_number(context, input), input_unit,
                 fmt::format("the input of `{}`", call.function.text),
                 text::Label{symbol.span, "declared here"});
  const std::optional<Unit>& unit = context.table_units[table.index];
  const ExprId value =
      context.add({Lookup{table, input}, Type::kNumber, unit.value_or(Unit()), span});
  context.infos[value.index].unknown_unit = !unit;
  return value;
}

ExprId unknown_function(Context& context, const syntax::Call& call, Span span) {
  auto& diagnostic = context.error(Kind::kUnknownFunction, call.function.span,
                                   fmt::format("there is no function `{}`", call.function.text));
  std::vector<std::string> names = builtin_names();
  for (const auto& [name, symbol] : context.functions) names.push_back(name);
  for (const auto& [name, symbol] : context.symbols) {
    if (symbol.kind == Symbol::Kind::kTable) names.push_back(name);
  }
  if (auto near = suggest(context, call.function.text, names); !near.empty())
    diagnostic.hint = fmt::format("did you mean `{}`?", near);
  else if (context.symbols.contains(call.function.text))
    diagnostic.hint = "a subscript stands in square brackets, a product needs `*`";
  return context.bad(span);
}

ExprId lower_builtin(Context& context, const Env& env, const BuiltinInfo& info,
                     const syntax::Call& call, Span span) {
  if (call.arguments.size() < info.least || call.arguments.size() > info.most)
    return too_many(context, info, call, span);
  if (info.form == Form::kReducer && is_reducer(info.spelling, call))
    return lower_reducer(context, env, call, span);
  if (info.form == Form::kArray) return lower_array_call(context, env, call, span);
  if (!call.bindings.empty()) {
    context.error(Kind::kBadCall, call.bindings.front().index.span,
                  fmt::format("`{}` takes no `for`", info.spelling));
    return context.bad(span);
  }
  switch (info.form) {
    case Form::kChance:
      context
          .error(Kind::kBadDistribution, span,
                 fmt::format(
                     "`{}` is a distribution, and only the whole value of a `param` can be one",
                     info.spelling))
          .hint = "give it a `param` of its own";
      return context.bad(span);
    case Form::kAnswer:
      return lower_first_time(context, env, call, span);
    case Form::kStateful:
      return lower_stateful(context, env, call, span);
    case Form::kDims:
      return info.id == Builtin::kSize ? lower_size(context, env, call, span)
                                       : lower_position(context, env, call, span);
    case Form::kSame:
    case Form::kPlain:
    case Form::kOwn:
    case Form::kReducer:
    case Form::kArray:
      break;
  }
  std::vector<ExprId> values;
  for (const syntax::Argument& argument : call.arguments) {
    if (argument.label || argument.weight) {
      context.error(Kind::kBadCall, argument.label ? argument.label->span : span,
                    fmt::format("the arguments of `{}` have no labels", info.spelling));
      return context.bad(span);
    }
    values.push_back(lower(context, env, argument.value));
  }
  for (ExprId value : values) {
    if (context.is_bad(value)) return context.bad(span);
  }
  if (info.form == Form::kSame) return apply_same(context, elementwise(info.id), values[0], span);
  if (info.form == Form::kPlain)
    return context.apply(elementwise(info.id), {plain(context, values[0], info.spelling)},
                         Type::kNumber, {}, span);
  return lower_own(context, env, info, values, span);
}

}  // namespace

const BuiltinInfo* find_builtin(std::string_view name) {
  const auto* at = std::find_if(std::begin(kBuiltins), std::end(kBuiltins),
                                [&](const BuiltinInfo& info) { return info.spelling == name; });
  return at == std::end(kBuiltins) ? nullptr : at;
}

bool is_builtin(std::string_view name) { return find_builtin(name) != nullptr; }

std::vector<std::string> builtin_names() {
  std::vector<std::string> names;
  for (const BuiltinInfo& info : kBuiltins) names.emplace_back(info.spelling);
  return names;
}

bool is_stateful_builtin(std::string_view name) {
  const BuiltinInfo* info = find_builtin(name);
  return info && info->form == Form::kStateful;
}

ExprId lower_call(Context& context, const Env& env, const syntax::Call& call, Span span) {
  if (const Symbol* table = find_table(context, call.function))
    return lower_table_call(context, env, *table, call, span);
  if (const Symbol* function = find_function(context, call.function))
    return lower_user_call(context, env, *function, call, span);
  if (const BuiltinInfo* info = find_builtin(call.function.text))
    return lower_builtin(context, env, *info, call, span);
  return unknown_function(context, call, span);
}

bool match_arguments(Context& context, const syntax::Call& call, Span span,
                     const std::vector<std::string>& names, size_t required,
                     std::vector<const syntax::Argument*>& out) {
  out.assign(names.size(), nullptr);
  size_t next = 0;
  for (const syntax::Argument& argument : call.arguments) {
    size_t place = next;
    if (argument.label) {
      const auto at = std::find(names.begin(), names.end(), argument.label->text);
      if (at == names.end()) {
        auto& diagnostic = context.error(
            Kind::kBadCall, argument.label->span,
            fmt::format("`{}` has no parameter `{}`", call.function.text, argument.label->text));
        if (auto near = suggest(context, argument.label->text, names); !near.empty())
          diagnostic.hint = fmt::format("did you mean `{}`?", near);
        return false;
      }
      place = static_cast<size_t>(at - names.begin());
    } else {
      ++next;
    }
    if (place >= names.size() || argument.weight) {
      context.error(Kind::kBadCall, span,
                    fmt::format("`{}` wants at most {} argument{}, not {}", call.function.text,
                                names.size(), names.size() == 1 ? "" : "s", call.arguments.size()));
      return false;
    }
    if (out[place]) {
      context.error(Kind::kBadCall, context.tree[argument.value].span,
                    fmt::format("`{}` is given twice", names[place]));
      return false;
    }
    out[place] = &argument;
  }
  for (size_t i = 0; i < required; ++i) {
    if (out[i]) continue;
    context.error(Kind::kBadCall, span,
                  fmt::format("`{}` wants a value for `{}`", call.function.text, names[i]));
    return false;
  }
  return true;
}

}  // namespace headrace::model
