// Units of declarations and of expressions: how they are found, fitted to each other, and told.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "model/context.h"
#include "syntax/syntax.h"

namespace headrace::model {
namespace {

Unit or_one(Context& context, std::expected<Unit, std::string> unit, Span span) {
  if (unit) return *unit;
  context.error(Kind::kTooLarge, span, unit.error());
  return {};
}

void unknown_unit(Context& context, const syntax::Name& name) {
  auto& diagnostic =
      context.error(Kind::kUnknownUnit, name.span, fmt::format("there is no unit `{}`", name.text));
  const std::string near = suggest(context, name.text, context.model.units.names());
  diagnostic.hint = near.empty() ? fmt::format("declare it: `unit {}`", name.text)
                                 : fmt::format("did you mean `{}`?", near);
}

}  // namespace

Unit times(Context& context, const Unit& a, const Unit& b, Span span) {
  return or_one(context, units::multiply(a, b), span);
}

Unit per(Context& context, const Unit& a, const Unit& b, Span span) {
  return or_one(context, units::divide(a, b), span);
}

Unit raised(Context& context, const Unit& unit, units::Rational exponent, Span span) {
  return or_one(context, units::power(unit, exponent), span);
}

std::string show(const Context&, const Unit& unit) { return unit.text(); }

std::string quoted(const Context&, const Unit& unit) {
  const std::string text = unit.text();
  return text == "1" ? "a plain number" : fmt::format("`{}`", text);
}

std::optional<Unit> find_unit(const Context& context, const std::string& name) {
  if (name == "time.unit") return context.clock_unit;
  return context.model.units.find(name);
}

Unit tidy(const Context& context, Unit unit) {
  if (unit.is_dimensionless()) return {};
  static constexpr std::array kTimes = {"year", "quarter", "month",  "week",
                                        "day",  "hour",    "minute", "second"};
  for (bool changed = true; changed;) {
    changed = false;
    const std::string text = unit.text();
    for (const char* a : kTimes) {
      if (text.find(a) == std::string::npos) continue;
      for (const char* b : kTimes) {
        if (a == b || text.find(b) == std::string::npos) continue;
        const auto ratio =
            units::divide(*context.model.units.find(b), *context.model.units.find(a));
        const auto candidate = units::multiply(unit, *ratio);
        if (!candidate || candidate->text().size() >= unit.text().size()) continue;
        unit = *candidate;
        changed = true;
      }
    }
  }
  return unit;
}

// ---------------------------------------------------------------- declarations

std::optional<Unit> resolve_unit(Context& context, const syntax::UnitExpr& expr) {
  Unit unit;
  bool fine = true;
  for (const syntax::UnitTerm& term : expr.terms) {
    const auto named = find_unit(context, term.name.text);
    if (!named) {
      unknown_unit(context, term.name);
      fine = false;
      continue;
    }
    unit = times(context, unit, raised(context, *named, term.exponent, term.name.span), expr.span);
  }
  return fine ? std::optional(unit) : std::nullopt;
}

namespace {

void declare_base(Context& context, const syntax::UnitDecl& decl) {
  for (const syntax::Name& name : decl.names) {
    if (auto unit = context.model.units.declare_base(name.text); !unit)
      context.error(Kind::kDuplicateName, name.span, unit.error());
  }
}

bool is_known(const Context& context, const syntax::UnitExpr& expr) {
  return std::all_of(expr.terms.begin(), expr.terms.end(), [&](const syntax::UnitTerm& term) {
    return context.model.units.find(term.name.text).has_value();
  });
}

void declare_derived(Context& context, const syntax::UnitDecl& decl) {
  const auto unit = resolve_unit(context, *decl.definition);
  const syntax::Name& name = decl.names.front();
  if (!unit) {  // The name exists all the same, so that its uses say nothing.
    (void)context.model.units.declare_base(name.text);
    return;
  }
  auto made = context.model.units.declare_derived(name.text, decl.definition->factor, *unit);
  if (!made) context.error(Kind::kDuplicateName, name.span, made.error());
}

}  // namespace

// Definitions may stand in any order: each round declares those whose parts are known.
void declare_units(Context& context) {
  std::vector<const syntax::UnitDecl*> waiting;
  for (StatementId id : context.tree.top_level) {
    const auto* decl = std::get_if<syntax::UnitDecl>(&context.tree[id].node);
    if (!decl || decl->names.empty()) continue;
    if (decl->definition)
      waiting.push_back(decl);
    else
      declare_base(context, *decl);
  }
  while (!waiting.empty()) {
    std::vector<const syntax::UnitDecl*> later;
    for (const syntax::UnitDecl* decl : waiting) {
      if (is_known(context, *decl->definition))
        declare_derived(context, *decl);
      else
        later.push_back(decl);
    }
    if (later.size() == waiting.size()) {
      for (const syntax::UnitDecl* decl : later) declare_derived(context, *decl);
      return;
    }
    waiting = std::move(later);
  }
}

// ---------------------------------------------------------------- fitting

bool is_plain(const syntax::Tree& tree, SyntaxId id) {
  const auto& node = tree[id].node;
  if (auto* number = std::get_if<syntax::Number>(&node)) return !number->unit;
  if (auto* reference = std::get_if<syntax::Reference>(&node)) {
    return reference->indexes.empty() && reference->name.text == "infinity";
  }
  if (auto* unary = std::get_if<syntax::Unary>(&node))
    return unary->op == syntax::UnaryOp::kNegate && is_plain(tree, unary->operand);
  if (auto* binary = std::get_if<syntax::Binary>(&node)) {
    const bool arithmetic =
        binary->op != syntax::BinaryOp::kAnd && binary->op != syntax::BinaryOp::kOr;
    return arithmetic && is_plain(tree, binary->left) && is_plain(tree, binary->right);
  }
  return false;
}

bool is_plain_zero(const syntax::Tree& tree, SyntaxId id) {
  const auto* number = std::get_if<syntax::Number>(&tree[id].node);
  return number && !number->unit && number->value == 0;
}

ExprId converted(Context& context, ExprId id, const Unit& unit) {
  if (context.is_bad(id)) return id;
  const Expr expr = context[id];
  if (context.infos[id.index].any_unit || context.infos[id.index].unknown_unit)
    return context.with(id, expr.type, unit);
  if (expr.unit == unit) return id;
  const auto factor = units::conversion(expr.unit, unit);
  if (!factor || *factor == 1) return context.with(id, expr.type, unit);
  context.model.conversions.push_back({expr.span, *factor});
  if (auto literal = context.literal(id))
    return context.constant(*literal * *factor, expr.span, unit);
  const ExprId number = context.constant(*factor, expr.span);
  return context.apply(Op::kMultiply, {id, number}, expr.type, unit, expr.span);
}

void label_unit(Context& context, text::Diagnostic& diagnostic, ExprId id) {
  const Expr& expr = context[id];
  diagnostic.labels.push_back(
      {expr.span, context.infos[id.index].any_unit  ? std::string("a plain number")
                  : show(context, expr.unit) == "1" ? std::string("a plain number")
                                                    : show(context, expr.unit)});
  const auto* load = std::get_if<Load>(&expr.node);
  if (!load) return;
  const Declaration* declaration = context.declaration(load->variable);
  if (declaration && declaration->declared && declaration->name_span != expr.span)
    diagnostic.labels.push_back({declaration->name_span, "declared here"});
}

namespace {

text::Diagnostic& mismatch(Context& context, Span span, std::string message) {
  return context.loose() ? context.warning(Kind::kUnitMismatch, span, std::move(message))
                         : context.error(Kind::kUnitMismatch, span, std::move(message));
}

// Whether nothing in the model has a unit but its clock.
bool clock_alone(const Context& context) {
  const auto has_unit = [](const auto& node) {
    using Node = std::decay_t<decltype(node)>;
    if constexpr (std::is_same_v<Node, syntax::StockDecl> ||
                  std::is_same_v<Node, syntax::ValueDecl> ||
                  std::is_same_v<Node, syntax::DataDecl> || std::is_same_v<Node, syntax::TableDecl>)
      return node.unit.has_value();
    else
      return false;
  };
  return std::ranges::none_of(context.tree.top_level, [&](syntax::StatementId id) {
    return std::visit(has_unit, context.tree[id].node);
  });
}

bool is_of_clock(const Context& context, const Unit& unit) {
  if (unit.is_dimensionless()) return true;
  for (const int exponent : {-1, 1, -2, 2}) {
    const auto power = units::power(context.clock_unit, exponent);
    if (power && power->same_dimension(unit)) return true;
  }
  return false;
}

// What nobody has given units cannot be wrong in them: in a model that says none but the clock's.
bool untold(const Context& context, const Unit& a, const Unit& b) {
  return is_of_clock(context, a) && is_of_clock(context, b) && clock_alone(context);
}

bool fits_any(const Context& context, ExprId id) {
  const ExprInfo& info = context.infos[id.index];
  return info.bad || info.any_unit || info.unknown_unit;
}

std::string literal_hint(const Context& context, ExprId id, const Unit& unit) {
  const auto literal = context.literal(id);
  if (!literal || show(context, context[id].unit) != "1") return "";
  const Span span = context[id].span;
  if (!span.source.valid() || is_library(context, span)) return "";
  return fmt::format("write `{} {}`", context.sources.text(span), show(context, unit));
}

}  // namespace

ExprId fitted(Context& context, ExprId id, const Unit& unit, std::string_view what,
              std::optional<text::Label> other) {
  if (context.is_bad(id)) return id;
  if (fits_any(context, id)) return context.with(id, context[id].type, unit);
  if (context.loose() && !(context[id].unit == unit)) {
    if (!context[id].unit.same_dimension(unit) && !untold(context, context[id].unit, unit)) {
      auto& diagnostic =
          mismatch(context, context[id].span,
                   fmt::format("this is {}, and {} is {}", quoted(context, context[id].unit), what,
                               quoted(context, unit)));
      if (other) diagnostic.labels.push_back(*other);
    }
    return context.with(id, context[id].type, unit);
  }
  if (context[id].unit.same_dimension(unit)) return converted(context, id, unit);
  auto& diagnostic =
      mismatch(context, context[id].span,
               fmt::format("this is {}, and {} is {}", quoted(context, context[id].unit), what,
                           quoted(context, unit)));
  label_unit(context, diagnostic, id);
  if (other) diagnostic.labels.push_back(*other);
  diagnostic.hint = literal_hint(context, id, unit);
  return context.bad(context[id].span);
}

bool align(Context& context, ExprId& left, ExprId& right, Span op_span, std::string_view verb) {
  if (context.is_bad(left) || context.is_bad(right)) return false;
  if (fits_any(context, right)) {
    const ExprInfo a = context.infos[left.index], b = context.infos[right.index];
    right = context.with(right, context[right].type, context[left].unit);
    if (fits_any(context, left)) {  // still open on both sides
      context.infos[right.index].any_unit = a.any_unit && b.any_unit;
      context.infos[right.index].unknown_unit = a.unknown_unit || b.unknown_unit;
    }
    return true;
  }
  if (fits_any(context, left)) {
    left = context.with(left, context[left].type, context[right].unit);
    return true;
  }
  if (context.loose()) {
    if (!context[left].unit.same_dimension(context[right].unit) &&
        !untold(context, context[left].unit, context[right].unit)) {
      auto& diagnostic = mismatch(
          context, op_span,
          fmt::format("{} and {} are different kinds of things",
                      quoted(context, context[left].unit), quoted(context, context[right].unit)));
      label_unit(context, diagnostic, left);
      label_unit(context, diagnostic, right);
    }
    right = context.with(right, context[right].type, context[left].unit);
    return true;
  }
  if (context[left].unit.same_dimension(context[right].unit)) {
    if (!(context[left].unit == context[right].unit))
      right = converted(context, right, context[left].unit);
    return true;
  }
  auto& diagnostic =
      mismatch(context, op_span,
               fmt::format("cannot {} {} and {}", verb, quoted(context, context[left].unit),
                           quoted(context, context[right].unit)));
  label_unit(context, diagnostic, left);
  label_unit(context, diagnostic, right);
  diagnostic.hint = literal_hint(context, right, context[left].unit);
  if (diagnostic.hint.empty()) diagnostic.hint = literal_hint(context, left, context[right].unit);
  return false;
}

}  // namespace headrace::model
