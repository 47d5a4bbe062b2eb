#include "rules/conditions.h"

namespace headrace::rules {

using syntax::BinaryOp;
using syntax::CompareOp;
using syntax::ExprId;
using Op = Term::Op;

Condition Conditions::condition(int id) {
  const Term& term = book_.terms[id];
  switch (term.op) {
    case Op::kTruth:
      return sure(write_.truth(term.number != 0, term.span));
    case Op::kFact:
      return told_condition(term);
    case Op::kDated:
      return sure(write_.name(book_.dated[term.ref].name, term.span));
    case Op::kFactIs:
      return told_code(term, write_.compare(fact(term), CompareOp::kEqual,
                                            write_.number(term.code + 1.0, term.span), term.span));
    case Op::kIn:
      return told_code(term, member(term));
    case Op::kCompare:
      return comparison(term);
    case Op::kRuleIs:
      return answer_is(term);
    case Op::kNot: {
      const Condition inner = condition(term.args[0]);
      if (inner.sure) return sure(write_.inverse(inner.yes, term.span));
      return {write_.inverse(inner.may, term.span), write_.inverse(inner.yes, term.span), false};
    }
    case Op::kAnd:
    case Op::kOr: {
      const BinaryOp op = term.op == Op::kAnd ? BinaryOp::kAnd : BinaryOp::kOr;
      const Condition a = condition(term.args[0]), b = condition(term.args[1]);
      const ExprId yes = write_.binary(op, a.yes, b.yes, term.span);
      if (a.sure && b.sure) return sure(yes);
      return {yes, write_.binary(op, a.may, b.may, term.span), false};
    }
    default:
      return sure(write_.truth(false, term.span));  // no condition: gather lets none through
  }
}

Condition Conditions::comparison(const Term& term) {
  const ExprId compared =
      write_.compare(number(term.args[0]), term.compare, number(term.args[1]), term.span);
  auto all = known(term.args[0]);
  const auto right = known(term.args[1]);
  if (all && right)
    all = write_.both(*all, *right, term.span);
  else if (right)
    all = right;
  if (!all) return sure(compared);
  return {write_.both(*all, compared, term.span),
          write_.either(write_.inverse(*all, term.span), compared, term.span), false};
}

// A rule that cannot tell answers kUndetermined.
Condition Conditions::answer_is(const Term& term) {
  const ExprId answer = write_.name(answer_name(book_.rules[term.ref]), term.span);
  const auto is = [&](double code) {
    return write_.compare(answer, CompareOp::kEqual, write_.number(code, term.span), term.span);
  };
  const ExprId yes = is(term.code + 1.0);
  return {yes, write_.either(yes, is(kUndetermined), term.span), false};
}

Condition Conditions::told_condition(const Term& term) {
  const ExprId zero = write_.number(0, term.span);
  const ExprId yes = write_.compare(fact(term), CompareOp::kGreater, zero, term.span);
  if (!may_be_unknown(book_.facts[term.ref])) return sure(yes);
  return {yes, write_.compare(fact(term), CompareOp::kNotEqual, zero, term.span), false};
}

// A condition on a code: it may hold when the code is unknown.
Condition Conditions::told_code(const Term& term, ExprId yes) {
  if (!may_be_unknown(book_.facts[term.ref])) return sure(yes);
  const ExprId untold =
      write_.compare(fact(term), CompareOp::kEqual, write_.number(kNoCode, term.span), term.span);
  return {yes, write_.either(yes, untold, term.span), false};
}

// A call of the group's function.
ExprId Conditions::member(const Term& term) {
  return write_.call(book_.groups[term.code].name, {{std::nullopt, std::nullopt, fact(term)}},
                     term.span);
}

ExprId Conditions::number(int id) {
  const Term& term = book_.terms[id];
  const auto two = [&](BinaryOp op) {
    return write_.binary(op, number(term.args[0]), number(term.args[1]), term.span);
  };
  switch (term.op) {
    case Op::kNumber:
      return write_.quantity(term.number, term.unit, term.span);
    case Op::kFact:
      return fact(term);
    case Op::kDated:
      return write_.name(book_.dated[term.ref].name, term.span);
    case Op::kAdd:
      return two(BinaryOp::kAdd);
    case Op::kSubtract:
      return two(BinaryOp::kSubtract);
    case Op::kMultiply:
      return two(BinaryOp::kMultiply);
    case Op::kDivide:
      return two(BinaryOp::kDivide);
    case Op::kNegate:
      return write_.negative(number(term.args[0]), term.span);
    case Op::kMax:
    case Op::kMin:
      return extreme(term);
    case Op::kIf:
      return write_.choice(condition(term.args[0]).yes, number(term.args[1]), number(term.args[2]),
                           term.span);
    default:
      return write_.number(0, term.span);  // no number: gather lets none through
  }
}

// The highest passes over what is unknown; the lowest does not.
ExprId Conditions::extreme(const Term& term) {
  std::vector<syntax::Argument> arguments;
  for (int arg : term.args) {
    ExprId value = number(arg);
    if (const auto told = term.op == Op::kMax ? known(arg) : std::nullopt)
      value =
          write_.choice(*told, value, write_.quantity(kUnknown, term.unit, term.span), term.span);
    arguments.push_back({std::nullopt, std::nullopt, value});
  }
  return write_.call(term.op == Op::kMax ? "max" : "min", std::move(arguments), term.span);
}

ExprId Conditions::is_known(const Fact& fact, ExprId value, text::Span span) {
  if (fact.kind == Fact::Kind::kCode)
    return write_.compare(value, CompareOp::kGreater, write_.number(kNoCode, span), span);
  return write_.compare(value, CompareOp::kGreaterEqual, write_.quantity(0, fact.unit, span), span);
}

std::optional<ExprId> Conditions::known(int id) {
  const Term& term = book_.terms[id];
  if (term.op == Op::kFact) {
    const Fact& about = book_.facts[term.ref];
    if (!may_be_unknown(about)) return std::nullopt;
    return is_known(about, fact(term), term.span);
  }
  if (term.truth) {
    const Condition test = condition(id);
    if (test.sure) return std::nullopt;
    return write_.either(test.yes, write_.inverse(test.may, term.span), term.span);
  }
  std::optional<ExprId> result;
  bool always = false;
  for (int arg : term.args) {
    const auto each = known(arg);
    always |= !each;
    if (each && result)
      result = term.op == Op::kMax ? write_.either(*result, *each, term.span)
                                   : write_.both(*result, *each, term.span);
    else if (each)
      result = each;
  }
  return term.op == Op::kMax && always ? std::nullopt : result;
}

}  // namespace headrace::rules
