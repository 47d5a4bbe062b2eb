#include "rules/expand.h"

#include <fmt/format.h>

#include <algorithm>

#include "text/calendar.h"

namespace headrace::rules {
namespace {

using syntax::ExprId;
using syntax::Name;
using text::Kind;
using text::Span;
using Op = Term::Op;

class Expander {
 public:
  Expander(const Book& book, syntax::Tree& tree, text::Diagnostics& diagnostics)
      : book_(book), tree_(tree), diagnostics_(diagnostics) {}

  void run() {
    replace_codes();
    for (const Group& group : book_.groups) add_group(group);
    for (const Rule& rule : book_.rules) add_rule(rule);
  }

 private:
  // `Enum.CODE` in the model's own equations.
  void replace_codes() {
    for (syntax::Expr& expr : tree_.exprs) {
      auto* reference = std::get_if<syntax::Reference>(&expr.node);
      if (!reference || !reference->indexes.empty()) continue;
      const std::string& name = reference->name.text;
      for (const Enum& decl : book_.enums) {
        if (!name.starts_with(decl.name + ".")) continue;
        const std::string code = name.substr(decl.name.size() + 1);
        if (const auto place = decl.find(code)) {
          expr.node = syntax::Number{*place + 1.0, std::nullopt, ""};
        } else {
          auto& diagnostic =
              diagnostics_.error(Kind::kUnknownCode, reference->name.span,
                                 fmt::format("`{}` is no code of `{}`", code, decl.name));
          if (auto near = text::nearest(code, decl.codes); !near.empty())
            diagnostic.hint = fmt::format("did you mean `{}.{}`?", decl.name, near);
          expr.node = syntax::Number{0, std::nullopt, ""};
        }
        break;
      }
    }
  }

  ExprId make(decltype(syntax::Expr::node) node, Span span) {
    return tree_.add({std::move(node), span});
  }
  ExprId number(double value, Span span) {
    return make(syntax::Number{value, std::nullopt, ""}, span);
  }
  ExprId truth(bool value, Span span) { return make(syntax::Boolean{value}, span); }
  ExprId reference(const std::string& name, Span span) {
    return make(syntax::Reference{{name, span}, {}}, span);
  }
  ExprId binary(syntax::BinaryOp op, ExprId a, ExprId b, Span span) {
    return make(syntax::Binary{op, a, b, span}, span);
  }
  ExprId negated(ExprId a, Span span) {
    return make(syntax::Unary{syntax::UnaryOp::kNot, a}, span);
  }
  ExprId is(ExprId a, double value, Span span) {
    return make(syntax::Comparison{{a, number(value, span)}, {syntax::CompareOp::kEqual}, {span}},
                span);
  }
  ExprId choice(ExprId test, ExprId yes, ExprId no, Span span) {
    return make(syntax::If{test, yes, no}, span);
  }

  ExprId date(double years, Span span) {
    const text::Date day = text::from_years(years);
    return make(syntax::Date{day.year, day.month, day.day, syntax::Date::Precision::kDay}, span);
  }

  // A local of the function being made that is true from one day to another.
  std::string window(double from, double to, Span span) {
    const std::string name = fmt::format("in force {}", ++windows_);
    syntax::ValueDecl decl;
    decl.kind = syntax::ValueDecl::Kind::kLet;
    decl.name = {name, span};
    decl.value = truth(from == kAlways, span);
    const auto add = [&](double at, bool value) {
      syntax::Clause clause;
      clause.date = date(at, span);
      clause.value = truth(value, span);
      clause.span = span;
      decl.clauses.push_back(std::move(clause));
    };
    if (from != kAlways) add(from, true);
    if (to != kNever) add(to, false);
    function_->locals.push_back(tree_.add(syntax::Statement{std::move(decl), "", span}));
    return name;
  }

  void begin(syntax::FunctionDecl& function, const std::string& name, Span span) {
    function.name = {name, span};
    function_ = &function;
    windows_ = 0;
  }

  void finish(syntax::FunctionDecl function, Span span) {
    tree_.top_level.push_back(tree_.add(syntax::Statement{std::move(function), "", span}));
  }

  // ---------------------------------------------------------------- groups

  // The members by their places, neighbours as one range, in a tree of small height.
  ExprId member_of(const Codes& codes, Span span) {
    std::vector<ExprId> parts;
    for (size_t i = 0; i < kMaxCodes; ++i) {
      if (!codes.test(i)) continue;
      size_t last = i;
      while (last + 1 < kMaxCodes && codes.test(last + 1)) ++last;
      const ExprId which = reference("which", span);
      parts.push_back(last == i
                          ? is(which, i + 1.0, span)
                          : make(
                                syntax::Comparison{
                                    {number(i + 1.0, span), which, number(last + 1.0, span)},
                                    {syntax::CompareOp::kLessEqual, syntax::CompareOp::kLessEqual},
                                    {span, span}},
                                span));
      i = last;
    }
    return parts.empty() ? truth(false, span) : any_of(parts, 0, parts.size(), span);
  }

  ExprId any_of(const std::vector<ExprId>& parts, size_t begin, size_t end, Span span) {
    if (end - begin == 1) return parts[begin];
    const size_t middle = begin + (end - begin) / 2;
    return binary(syntax::BinaryOp::kOr, any_of(parts, begin, middle, span),
                  any_of(parts, middle, end, span), span);
  }

  void add_group(const Group& group) {
    const Span span = group.span;
    syntax::FunctionDecl function;
    begin(function, group.name, span);
    syntax::Parameter which;
    which.name = {"which", span};
    function.parameters.push_back(std::move(which));
    ExprId value = member_of(group.base, span);
    Codes codes = group.base;
    for (const auto& clause : group.clauses) {
      codes = clause.joins ? codes | clause.members : codes & ~clause.members;
      const ExprId started = reference(window(clause.from, kNever, span), span);
      value = binary(syntax::BinaryOp::kOr,
                     binary(syntax::BinaryOp::kAnd, started, member_of(codes, span), span),
                     binary(syntax::BinaryOp::kAnd, negated(started, span), value, span), span);
    }
    function.result = value;
    finish(std::move(function), span);
  }

  // ---------------------------------------------------------------- rules

  void add_rule(const Rule& rule) {
    const Span span = rule.span;
    syntax::FunctionDecl function;
    begin(function, rule.name, span);
    for (int index : rule.facts) function.parameters.push_back(parameter(book_.facts[index], span));
    for (int asked : rule.rules) ask(rule, book_.rules[asked], span);
    const ExprId otherwise = rule.otherwise_rule < 0
                                 ? number(rule.otherwise + 1.0, span)
                                 : reference(answer_name(book_.rules[rule.otherwise_rule]), span);
    function.result = among(rule.clauses, otherwise, span);
    finish(std::move(function), span);
  }

  syntax::Parameter parameter(const Fact& fact, Span span) {
    syntax::Parameter made;
    made.name = {fact.name, span};
    if (fact.kind == Fact::Kind::kNumber && fact.unit.text() != "1") made.unit = unit_of(fact);
    if (fact.assumed) {
      const Term& term = book_.terms[fact.value];
      made.default_value = fact.kind == Fact::Kind::kCondition ? truth(term.number != 0, span)
                           : fact.kind == Fact::Kind::kCode    ? number(term.number + 1, span)
                                                               : number(term.number, span);
    }
    return made;
  }

  std::optional<syntax::UnitExpr> unit_of(const Fact& fact) const {
    for (syntax::StatementId id : tree_.top_level) {
      auto* decl = std::get_if<syntax::FactDecl>(&tree_[id].node);
      if (decl && decl->name.text == fact.name) return decl->type;
    }
    return std::nullopt;
  }

  static std::string answer_name(const Rule& rule) { return "answer of " + rule.name; }

  // A rule that this one asks is answered once.
  void ask(const Rule&, const Rule& asked, Span span) {
    syntax::Call call;
    call.function = {asked.name, span};
    for (int index : asked.facts) {
      const std::string& name = book_.facts[index].name;
      call.arguments.push_back({Name{name, span}, std::nullopt, reference(name, span)});
    }
    syntax::ValueDecl decl;
    decl.kind = syntax::ValueDecl::Kind::kLet;
    decl.name = {answer_name(asked), span};
    decl.value = make(std::move(call), span);
    function_->locals.push_back(tree_.add(syntax::Statement{std::move(decl), "", span}));
  }

  // The latest clause first.
  ExprId among(const std::vector<Clause>& clauses, ExprId value, Span) {
    for (size_t i = clauses.size(); i-- > 0;) {
      const Clause& clause = clauses[i];
      const ExprId answer =
          clause.exceptions.empty()
              ? number(clause.code + 1.0, clause.span)
              : among(clause.exceptions, number(clause.code + 1.0, clause.span), clause.span);
      const auto test = condition(clause);
      value = test ? choice(*test, answer, value, clause.span) : answer;
    }
    return value;
  }

  std::optional<ExprId> condition(const Clause& clause) {
    std::optional<ExprId> all;
    const auto require = [&](ExprId part) {
      all = all ? binary(syntax::BinaryOp::kAnd, *all, part, clause.span) : part;
    };
    if (clause.act >= 0) require(reference(book_.dated[clause.act].name, clause.span));
    if (clause.from != kAlways || clause.to != kNever)
      require(reference(window(clause.from, clause.to, clause.span), clause.span));
    if (clause.when >= 0) require(term(clause.when));
    return all;
  }

  // ---------------------------------------------------------------- terms

  ExprId quantity(const Term& term) {
    const ExprId value = number(term.number, term.span);
    if (term.unit.text() == "1") return value;
    // The unit is built from its text: factors by name, in their order.
    return binary(syntax::BinaryOp::kMultiply, value, unit_product(term.unit.text(), term.span),
                  term.span);
  }

  // A unit's text, `USD/(chip*year)`, as an expression.
  ExprId unit_product(const std::string& text, Span span) {
    std::optional<ExprId> product;
    bool divides = false, tail = false;
    for (size_t i = 0; i < text.size();) {
      const char c = text[i];
      if (c == '*' || c == '/' || c == '(' || c == ')') {
        if (c == '(') tail = true;
        if (c == ')') tail = false;
        if (c == '/') divides = true;
        if (c == '*' && !tail) divides = false;
        ++i;
        continue;
      }
      const bool quoted = c == '"';
      size_t end = quoted ? text.find('"', i + 1) : text.find_first_of("*/()^", i);
      if (end == std::string::npos) end = text.size();
      const std::string name = quoted ? text.substr(i + 1, end - i - 1) : text.substr(i, end - i);
      i = quoted ? std::min(end + 1, text.size()) : end;
      int power = 1;
      if (i < text.size() && text[i] == '^') {
        power = std::atoi(text.c_str() + i + 1);
        i = text.find_first_of("*/()", i + 1);
        if (i == std::string::npos) i = text.size();
      }
      ExprId factor = name == "1" ? number(1, span) : reference(name, span);
      if (power != 1) factor = binary(syntax::BinaryOp::kPower, factor, number(power, span), span);
      product = product ? binary(divides ? syntax::BinaryOp::kDivide : syntax::BinaryOp::kMultiply,
                                 *product, factor, span)
                        : factor;
    }
    return product.value_or(number(1, span));
  }

  ExprId term(int id) {
    const Term& node = book_.terms[id];
    const Span span = node.span;
    const auto arg = [&](size_t i) { return term(node.args[i]); };
    const auto two = [&](syntax::BinaryOp op) { return binary(op, arg(0), arg(1), span); };
    switch (node.op) {
      case Op::kNumber:
        return quantity(node);
      case Op::kTruth:
        return truth(node.number != 0, span);
      case Op::kUnknown:
        return number(0, span);  // Stands for a name in a dated value, which is never expanded.
      case Op::kFact:
        return reference(book_.facts[node.ref].name, span);
      case Op::kDated:
        return reference(book_.dated[node.ref].name, span);
      case Op::kAdd:
        return two(syntax::BinaryOp::kAdd);
      case Op::kSubtract:
        return two(syntax::BinaryOp::kSubtract);
      case Op::kMultiply:
        return two(syntax::BinaryOp::kMultiply);
      case Op::kDivide:
        return two(syntax::BinaryOp::kDivide);
      case Op::kAnd:
        return two(syntax::BinaryOp::kAnd);
      case Op::kOr:
        return two(syntax::BinaryOp::kOr);
      case Op::kNot:
        return negated(arg(0), span);
      case Op::kNegate:
        return make(syntax::Unary{syntax::UnaryOp::kNegate, arg(0)}, span);
      case Op::kMax:
      case Op::kMin: {
        syntax::Call call;
        call.function = {node.op == Op::kMax ? "max" : "min", span};
        for (size_t i = 0; i < node.args.size(); ++i)
          call.arguments.push_back({std::nullopt, std::nullopt, arg(i)});
        return make(std::move(call), span);
      }
      case Op::kCompare:
        return make(syntax::Comparison{{arg(0), arg(1)}, {node.compare}, {span}}, span);
      case Op::kFactIs:
        return is(reference(book_.facts[node.ref].name, span), node.code + 1.0, span);
      case Op::kRuleIs:
        return is(reference(answer_name(book_.rules[node.ref]), span), node.code + 1.0, span);
      case Op::kIn: {
        syntax::Call call;
        call.function = {book_.groups[node.code].name, span};
        call.arguments.push_back(
            {std::nullopt, std::nullopt, reference(book_.facts[node.ref].name, span)});
        return make(std::move(call), span);
      }
      case Op::kIf:
        return choice(arg(0), arg(1), arg(2), span);
    }
    return number(0, span);
  }

  const Book& book_;
  syntax::Tree& tree_;
  text::Diagnostics& diagnostics_;
  syntax::FunctionDecl* function_ = nullptr;
  int windows_ = 0;
};

}  // namespace

void expand(const Book& book, syntax::Tree& tree, text::Diagnostics& diagnostics) {
  Expander(book, tree, diagnostics).run();
}

}  // namespace headrace::rules
