// Conditions and values of the law as terms, their units and kinds checked.

#include <fmt/format.h>

#include <cmath>

#include "rules/gatherer.h"

namespace headrace::rules {

using syntax::CompareOp;
using syntax::ExprId;
using syntax::Name;
using text::Kind;
using text::Span;
using Op = Term::Op;
using units::Unit;

int Gatherer::add(Op op, Span span, std::vector<int> args, double number, int ref, int code) {
  if (book_.terms.size() >= kMostTerms) {
    if (!too_large_) error(Kind::kTooLarge, span, "the rules have too many parts");
    too_large_ = true;
    return -1;
  }
  Term term;
  term.op = op;
  term.span = span;
  term.args = std::move(args);
  term.number = number;
  term.ref = ref;
  term.code = code;
  book_.terms.push_back(std::move(term));
  return static_cast<int>(book_.terms.size() - 1);
}

int Gatherer::add_truth(Op op, Span span, std::vector<int> args, double number, int ref, int code) {
  for (int arg : args)
    if (arg < 0) return -1;
  const int id = add(op, span, std::move(args), number, ref, code);
  if (id >= 0) book_.terms[id].truth = true;
  return id;
}

// The parameters of the functions being put in place, innermost last.
std::optional<int> Gatherer::parameter(const std::string& name) const {
  if (calls_.empty()) return std::nullopt;
  const auto at = calls_.back().find(name);
  return at == calls_.back().end() ? std::nullopt : std::optional(at->second);
}

std::optional<int> Gatherer::code_fact(const Name& name) const {
  const auto fact = book_.find_fact(name.text);
  if (fact && book_.facts[*fact].kind == Fact::Kind::kCode) return fact;
  return std::nullopt;
}

// `fact == CODE` or `rule == CODE`; nothing when the comparison is about numbers.
std::optional<int> Gatherer::comparison_of_codes(const syntax::Comparison& node, Span span) {
  if (node.operands.size() != 2) return std::nullopt;
  if (node.ops[0] != CompareOp::kEqual && node.ops[0] != CompareOp::kNotEqual) return std::nullopt;
  for (int side : {0, 1}) {
    auto* subject = std::get_if<syntax::Reference>(&tree_[node.operands[side]].node);
    auto* code = std::get_if<syntax::Reference>(&tree_[node.operands[1 - side]].node);
    if (!subject) continue;
    const auto fact = code_fact(subject->name);
    const auto rule = fact ? std::nullopt : book_.find_rule(subject->name.text);
    if (!fact && !rule) continue;
    if (!code) {
      error(Kind::kBadRule, tree_[node.operands[1 - side]].span,
            fmt::format("`{}` is compared with a code", subject->name.text));
      return -1;
    }
    const int type = fact ? book_.facts[*fact].type : book_.rules[*rule].type;
    const auto place = code_named(type, code->name);
    if (!place) return -1;
    int id = fact ? add_truth(Op::kFactIs, span, {}, 0, *fact, *place)
                  : add_truth(Op::kRuleIs, span, {}, 0, *rule, *place);
    if (node.ops[0] == CompareOp::kNotEqual) id = add_truth(Op::kNot, span, {id});
    return id;
  }
  return std::nullopt;
}

int Gatherer::condition(ExprId id) {
  const syntax::Expr& expr = tree_[id];
  const Span span = expr.span;
  if (++level_ > kMostLevels * 8) {
    --level_;
    error(Kind::kTooDeep, span, "this condition is nested too deep");
    return -1;
  }
  const int made = condition_of(expr, span);
  --level_;
  if (made >= 0 && !book_.terms[made].truth && book_.terms[made].op != Op::kUnknown) {
    error(Kind::kBadRule, span, "a condition is wanted here, and this is a number");
    return -1;
  }
  return made;
}

int Gatherer::condition_of(const syntax::Expr& expr, Span span) {
  if (auto* boolean = std::get_if<syntax::Boolean>(&expr.node))
    return add_truth(Op::kTruth, span, {}, boolean->value);
  if (auto* unary = std::get_if<syntax::Unary>(&expr.node);
      unary && unary->op == syntax::UnaryOp::kNot)
    return add_truth(Op::kNot, span, {condition(unary->operand)});
  if (auto* binary = std::get_if<syntax::Binary>(&expr.node)) {
    const bool both = binary->op == syntax::BinaryOp::kAnd;
    if (both || binary->op == syntax::BinaryOp::kOr) {
      const int left = condition(binary->left);
      return add_truth(both ? Op::kAnd : Op::kOr, span, {left, condition(binary->right)});
    }
  }
  if (auto* comparison = std::get_if<syntax::Comparison>(&expr.node))
    return compared(*comparison, span);
  if (auto* call = std::get_if<syntax::Call>(&expr.node)) {
    if (call->membership) return member(*call, span);
    return called(*call, span, [this](ExprId body) { return condition(body); });
  }
  if (auto* reference = std::get_if<syntax::Reference>(&expr.node)) return named(*reference, span);
  error(Kind::kBadRule, span, "a condition is wanted here").hint =
      "conditions are made of comparisons, `in`, `and`, `or` and `not`";
  return -1;
}

int Gatherer::member(const syntax::Call& call, Span span) {
  auto* subject = std::get_if<syntax::Reference>(&tree_[call.arguments[0].value].node);
  const auto fact = subject ? code_fact(subject->name) : std::nullopt;
  if (!fact) {
    error(Kind::kBadRule, tree_[call.arguments[0].value].span,
          "only a fact that is one of an enum can be a member");
    return -1;
  }
  for (size_t g = 0; g < book_.groups.size(); ++g) {
    if (book_.groups[g].name != call.function.text) continue;
    if (book_.groups[g].type == book_.facts[*fact].type)
      return add_truth(Op::kIn, span, {}, 0, *fact, static_cast<int>(g));
    error(Kind::kBadRule, call.function.span,
          fmt::format("`{}` is a group of `{}`, and `{}` is one of `{}`", call.function.text,
                      book_.enums[book_.groups[g].type].name, subject->name.text,
                      book_.enums[book_.facts[*fact].type].name));
    return -1;
  }
  auto& diagnostic = error(Kind::kUnknownName, call.function.span,
                           fmt::format("there is no group `{}`", call.function.text));
  std::vector<std::string> known;
  for (const Group& each : book_.groups) known.push_back(each.name);
  if (auto near = text::nearest(call.function.text, known); !near.empty())
    diagnostic.hint = fmt::format("did you mean `{}`?", near);
  return -1;
}

int Gatherer::compared(const syntax::Comparison& node, Span span) {
  if (auto made = comparison_of_codes(node, span)) return *made;
  int all = -1;
  for (size_t i = 0; i < node.ops.size(); ++i) {
    const int left = number(node.operands[i]);
    int right = left < 0 ? -1 : number(node.operands[i + 1]);
    if (right >= 0) right = converted(right, book_.terms[left].unit, span);
    const int pair = add_truth(Op::kCompare, span, {left, right});
    if (pair < 0) return -1;
    book_.terms[pair].compare = node.ops[i];
    all = i == 0 ? pair : add_truth(Op::kAnd, span, {all, pair});
  }
  return all;
}

// A number, whatever it stands in the text as.
int Gatherer::number(ExprId id) {
  const syntax::Expr& expr = tree_[id];
  if (++level_ > kMostLevels * 8) {
    --level_;
    error(Kind::kTooDeep, expr.span, "this is nested too deep");
    return -1;
  }
  const int made = number_of(expr, expr.span);
  --level_;
  if (made >= 0 && book_.terms[made].truth) {
    error(Kind::kBadRule, expr.span, "a number is wanted here, and this is a condition");
    return -1;
  }
  return made;
}

int Gatherer::number_in(ExprId id, const Unit& unit, std::string_view what) {
  const int made = number(id);
  if (made < 0) return -1;
  Term& term = book_.terms[made];
  const bool plain = term.op == Op::kNumber && term.unit == Unit();
  if (plain) term.unit = unit;  // A plain number adopts the unit that is declared.
  (void)what;
  return converted(made, unit, tree_[id].span);
}

int Gatherer::converted(int id, const Unit& unit, Span span) {
  const Unit from = book_.terms[id].unit;
  if (from == unit || book_.terms[id].op == Op::kUnknown) return id;
  const bool zero = book_.terms[id].op == Op::kNumber && book_.terms[id].number == 0;
  const auto factor = zero ? std::optional<double>(1) : units::conversion(from, unit);
  if (!factor) {
    error(Kind::kUnitMismatch, span,
          fmt::format("`{}` and `{}` do not go together", unit.text(), from.text()));
    return -1;
  }
  if (book_.terms[id].op == Op::kNumber) {
    const int made = add(Op::kNumber, book_.terms[id].span, {}, book_.terms[id].number * *factor);
    if (made >= 0) book_.terms[made].unit = unit;
    return made;
  }
  const int scale = add(Op::kNumber, span, {}, *factor);
  const int made = add(Op::kMultiply, span, {id, scale});
  if (made >= 0) book_.terms[made].unit = unit;
  return made;
}

int Gatherer::number_of(const syntax::Expr& expr, Span span) {
  if (auto* literal = std::get_if<syntax::Number>(&expr.node)) {
    const int made = add(Op::kNumber, span, {}, literal->value);
    if (made >= 0 && literal->unit) {
      const auto unit = unit_of({1, {*literal->unit}, span});
      if (!unit) {
        error(Kind::kUnknownUnit, literal->unit->name.span,
              fmt::format("there is no unit `{}`", literal->unit->name.text));
        return -1;
      }
      book_.terms[made].unit = *unit;
    }
    return made;
  }
  if (auto* unary = std::get_if<syntax::Unary>(&expr.node);
      unary && unary->op == syntax::UnaryOp::kNegate) {
    const int operand = number(unary->operand);
    return operand < 0 ? -1
                       : with_unit(add(Op::kNegate, span, {operand}), book_.terms[operand].unit);
  }
  if (auto* binary = std::get_if<syntax::Binary>(&expr.node)) return arithmetic(*binary, span);
  if (auto* call = std::get_if<syntax::Call>(&expr.node)) {
    if (call->function.text == "max" || call->function.text == "min") return extreme(*call, span);
    return called(*call, span, [this](ExprId body) { return number(body); });
  }
  if (auto* choice = std::get_if<syntax::If>(&expr.node)) {
    const int test = condition(choice->condition);
    const int yes = number(choice->then_value);
    int no = number(choice->else_value);
    if (test < 0 || yes < 0 || no < 0) return -1;
    no = converted(no, book_.terms[yes].unit, span);
    return no < 0 ? -1 : with_unit(add(Op::kIf, span, {test, yes, no}), book_.terms[yes].unit);
  }
  if (auto* reference = std::get_if<syntax::Reference>(&expr.node)) return named(*reference, span);
  error(Kind::kBadRule, span,
        "rules know numbers, facts, + - * /, max, min, `if` and plain functions");
  return -1;
}

int Gatherer::with_unit(int id, const Unit& unit) {
  if (id >= 0) book_.terms[id].unit = unit;
  return id;
}

int Gatherer::arithmetic(const syntax::Binary& node, Span span) {
  const int left = number(node.left);
  int right = number(node.right);
  if (left < 0 || right < 0) return -1;
  Op op = Op::kAdd;
  const Unit a = book_.terms[left].unit, b = book_.terms[right].unit;
  switch (node.op) {
    case syntax::BinaryOp::kSubtract:
      op = Op::kSubtract;
      [[fallthrough]];
    case syntax::BinaryOp::kAdd:
      right = converted(right, a, span);
      return right < 0 ? -1 : with_unit(fold(op, left, right, span), a);
    case syntax::BinaryOp::kMultiply:
    case syntax::BinaryOp::kDivide: {
      const bool times = node.op == syntax::BinaryOp::kMultiply;
      const auto unit = times ? units::multiply(a, b) : units::divide(a, b);
      if (!unit) {
        error(Kind::kTooLarge, span, unit.error());
        return -1;
      }
      return with_unit(fold(times ? Op::kMultiply : Op::kDivide, left, right, span), *unit);
    }
    default:
      error(Kind::kBadRule, span,
            "rules know numbers, facts, + - * /, max, min, `if` and plain functions");
      return -1;
  }
}

// Arithmetic of constants is done here, once.
int Gatherer::fold(Op op, int left, int right, Span span) {
  const Term &a = book_.terms[left], &b = book_.terms[right];
  if (a.op != Op::kNumber || b.op != Op::kNumber) return add(op, span, {left, right});
  const double value = op == Op::kAdd        ? a.number + b.number
                       : op == Op::kSubtract ? a.number - b.number
                       : op == Op::kMultiply ? a.number * b.number
                                             : a.number / b.number;
  if (!std::isfinite(value)) return add(op, span, {left, right});
  return add(Op::kNumber, span, {}, value);
}

int Gatherer::extreme(const syntax::Call& call, Span span) {
  std::vector<int> args;
  for (const syntax::Argument& argument : call.arguments) {
    int arg = number(argument.value);
    if (arg >= 0 && !args.empty()) arg = converted(arg, book_.terms[args[0]].unit, span);
    if (arg < 0) return -1;
    args.push_back(arg);
  }
  if (args.empty()) {
    error(Kind::kBadCall, span, "this needs something to choose from");
    return -1;
  }
  const Unit unit = book_.terms[args[0]].unit;
  return with_unit(add(call.function.text == "max" ? Op::kMax : Op::kMin, span, std::move(args)),
                   unit);
}

// A function of the model, put in place.
int Gatherer::called(const syntax::Call& call, Span span, const std::function<int(ExprId)>& read) {
  const auto at = functions_.find(call.function.text);
  if (at == functions_.end() || !at->second->locals.empty()) {
    error(Kind::kUnknownFunction, call.function.span,
          fmt::format("rules cannot call `{}`", call.function.text))
        .hint = "they know max, min and functions of the model without lines of their own";
    return -1;
  }
  const syntax::FunctionDecl& function = *at->second;
  if (calls_.size() >= kMostLevels) {
    error(Kind::kRecursiveFunction, call.function.span, "functions within functions, too many");
    return -1;
  }
  std::unordered_map<std::string, int> values;
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    const syntax::Argument& argument = call.arguments[i];
    if (i >= function.parameters.size()) {
      error(Kind::kBadCall, span,
            fmt::format("`{}` has {} parameters", call.function.text, function.parameters.size()));
      return -1;
    }
    const std::string name =
        argument.label ? argument.label->text : function.parameters[i].name.text;
    const int value = number(argument.value);
    if (value < 0) return -1;
    values.emplace(name, value);
  }
  for (const syntax::Parameter& parameter : function.parameters) {
    if (values.contains(parameter.name.text)) continue;
    error(Kind::kBadCall, span, fmt::format("`{}` is missing", parameter.name.text));
    return -1;
  }
  calls_.push_back(std::move(values));
  const int made = read(function.result);
  calls_.pop_back();
  return made;
}

// A fact, a dated value of the model, or a unit.
int Gatherer::named(const syntax::Reference& reference, Span span) {
  const std::string& name = reference.name.text;
  if (auto value = parameter(name)) return *value;
  if (auto fact = book_.find_fact(name)) {
    const Fact& about = book_.facts[*fact];
    if (about.kind == Fact::Kind::kCode) {
      error(Kind::kBadRule, span,
            fmt::format("`{}` is one of `{}`", name, book_.enums[about.type].name))
          .hint = fmt::format("compare it, `{} == CODE`, or ask `{} in GROUP`", name, name);
      return -1;
    }
    const int made = add(Op::kFact, span, {}, 0, *fact);
    if (made >= 0) {
      book_.terms[made].truth = about.kind == Fact::Kind::kCondition;
      book_.terms[made].unit = about.unit;
    }
    return made;
  }
  if (auto rule = book_.find_rule(name)) {
    error(Kind::kBadRule, span, fmt::format("`{}` answers with a code", name)).hint =
        fmt::format("compare it: `{} == CODE`", name);
    return -1;
  }
  if (values_.contains(name)) return dated_term(name, span);
  if (auto unit = book_.units.find(name)) {
    const int made = add(Op::kNumber, span, {}, 1);
    return with_unit(made, *unit);
  }
  auto& diagnostic =
      error(Kind::kUnknownName, span, fmt::format("there is no fact or value `{}`", name));
  std::vector<std::string> known;
  for (const Fact& each : book_.facts) known.push_back(each.name);
  for (const auto& [each, decl] : values_) known.push_back(each);
  if (auto near = text::nearest(name, known); !near.empty())
    diagnostic.hint = fmt::format("did you mean `{}`?", near);
  return -1;
}

}  // namespace headrace::rules
