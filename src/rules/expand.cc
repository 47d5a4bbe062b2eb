// The law as functions of the model.
//
// A rule becomes two functions. `law of licence` has a parameter for each fact that the rule reads
// and asks the other rules' own such functions; its body is a chain, the latest clause outermost:
//
//   let so_far_1 = <the answer when no clause holds>
//   let so_far_2 = if <oldest clause holds> then <its code>
//                  else if <it may hold and its code differs> then undetermined
//                  else so_far_1
//   ...
//
// `licence` is what equations call. It finds what the call leaves out, in the catalogue by the row
// that the case names or from other facts, and then asks `law of licence` once. An answer that
// hangs on something unknown is no number, so the draw fails and says where.

#include "rules/expand.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "rules/conditions.h"

namespace headrace::rules {
namespace {

using syntax::CompareOp;
using syntax::ExprId;
using syntax::Name;
using text::Kind;
using text::Span;
using Op = Term::Op;

std::string law_of(const Rule& rule) { return "law of " + rule.name; }

// ---------------------------------------------------------------- codes

// `Enum.CODE` in the model's own equations becomes the place of the code.
void replace_codes(const Book& book, syntax::Tree& tree, text::Diagnostics& diagnostics) {
  for (syntax::Expr& expr : tree.exprs) {
    auto* reference = std::get_if<syntax::Reference>(&expr.node);
    if (!reference || !reference->indexes.empty()) continue;
    const std::string& name = reference->name.text;
    for (const Enum& decl : book.enums) {
      if (!name.starts_with(decl.name + ".")) continue;
      const std::string code = name.substr(decl.name.size() + 1);
      const auto place = decl.find(code);
      if (!place) {
        auto& diagnostic =
            diagnostics.error(Kind::kUnknownCode, reference->name.span,
                              fmt::format("`{}` is no code of `{}`", code, decl.name));
        if (auto near = text::nearest(code, decl.codes); !near.empty())
          diagnostic.hint = fmt::format("did you mean `{}.{}`?", decl.name, near);
      }
      expr.node = syntax::Number{place ? *place + 1.0 : 0, std::nullopt, ""};
      break;
    }
  }
}

// ---------------------------------------------------------------- one function being made

class Function {
 public:
  Function(const Book& book, syntax::Tree& tree, const std::string& name, Span span)
      : Function(book, tree, name, span, [&book](int fact) { return book.facts[fact].name; }) {}
  Function(const Book& book, syntax::Tree& tree, const std::string& name, Span span,
           Conditions::NameOf name_of)
      : book(book),
        tree(tree),
        write(tree),
        name_of(std::move(name_of)),
        conditions(book, write, this->name_of),
        span_(span) {
    decl_.name = {name, span};
  }
  Function(const Function&) = delete;

  void parameter(const std::string& name, std::optional<syntax::UnitExpr> unit,
                 std::optional<ExprId> default_value) {
    syntax::Parameter made;
    made.name = {name, span_};
    made.unit = std::move(unit);
    made.default_value = default_value;
    decl_.parameters.push_back(std::move(made));
  }

  // A line `let name = value`; what stands for it afterwards.
  ExprId let(const std::string& name, ExprId value) {
    decl_.locals.push_back(write.let(name, value, span_));
    return write.name(name, span_);
  }

  // True from one day to another.
  ExprId in_force(double from, double to, Span span) {
    const std::string name = fmt::format("in force {}", ++windows_);
    std::vector<syntax::Clause> clauses;
    const auto add = [&](double at, bool starts) {
      syntax::Clause clause;
      clause.date = write.date(at, span);
      clause.value = write.truth(starts, span);
      clause.span = span;
      clauses.push_back(std::move(clause));
    };
    if (from != kAlways) add(from, true);
    if (to != kNever) add(to, false);
    decl_.locals.push_back(
        write.let(name, write.truth(from == kAlways, span), span, std::move(clauses)));
    return write.name(name, span);
  }

  void finish(ExprId result) {
    decl_.result = result;
    tree.top_level.push_back(tree.add(syntax::Statement{std::move(decl_), "", span_}));
  }

  const Book& book;
  syntax::Tree& tree;
  Writer write;
  Conditions::NameOf name_of;
  Conditions conditions;
  int chains = 0;

 private:
  Span span_;
  syntax::FunctionDecl decl_;
  int windows_ = 0;
};

// ---------------------------------------------------------------- groups

// The members by their places, neighbours as one range.
ExprId one_of(Writer& write, const Codes& codes, ExprId which, Span span) {
  std::vector<ExprId> parts;
  for (size_t i = 0; i < kMaxCodes; ++i) {
    if (!codes.test(i)) continue;
    size_t last = i;
    while (last + 1 < kMaxCodes && codes.test(last + 1)) ++last;
    const auto low = static_cast<double>(i + 1), high = static_cast<double>(last + 1);
    parts.push_back(last == i
                        ? write.compare(which, CompareOp::kEqual, write.number(low, span), span)
                        : write.between(low, which, high, span));
    i = last;
  }
  return write.any(parts, span);
}

void add_group(const Book& book, const Group& group, syntax::Tree& tree) {
  const Span span = group.span;
  Function made(book, tree, group.name, span);
  made.parameter("which", std::nullopt, std::nullopt);
  const ExprId which = made.write.name("which", span);
  ExprId value = one_of(made.write, group.base, which, span);
  Codes codes = group.base;
  for (const auto& clause : group.clauses) {
    codes = clause.joins ? codes | clause.members : codes & ~clause.members;
    const ExprId started = made.in_force(clause.from, kNever, span);
    const ExprId now = one_of(made.write, codes, which, span);
    value =
        made.write.either(made.write.both(started, now, span),
                          made.write.both(made.write.inverse(started, span), value, span), span);
  }
  made.finish(value);
}

// ---------------------------------------------------------------- the law itself

Condition holds(Function& made, const Clause& clause) {
  Condition all{made.write.truth(true, clause.span), {}, true};
  bool any = false;
  const auto require = [&](const Condition& part) {
    if (!any) {
      all = part;
    } else {
      const ExprId yes = made.write.both(all.yes, part.yes, clause.span);
      all = {yes, all.sure && part.sure ? yes : made.write.both(all.may, part.may, clause.span),
             all.sure && part.sure};
    }
    any = true;
  };
  const auto certain = [](ExprId yes) { return Condition{yes, yes, true}; };
  if (clause.act >= 0)
    require(certain(made.write.name(made.book.dated[clause.act].name, clause.span)));
  if (clause.from != kAlways || clause.to != kNever)
    require(certain(made.in_force(clause.from, clause.to, clause.span)));
  if (clause.when >= 0) require(made.conditions.condition(clause.when));
  all.may = all.sure ? all.yes : all.may;
  return all;
}

// The chain of clauses, which are kept with the latest first.
ExprId among(Function& made, const std::vector<Clause>& clauses, ExprId value) {
  for (size_t i = clauses.size(); i-- > 0;) {
    const Clause& clause = clauses[i];
    const Span span = clause.span;
    ExprId answer = made.write.number(clause.code + 1.0, span);
    if (!clause.exceptions.empty()) answer = among(made, clause.exceptions, answer);
    const Condition test = holds(made, clause);
    if (!test.sure) {
      value = made.let(fmt::format("so far {}", ++made.chains), value);
      const ExprId differs = made.write.compare(answer, CompareOp::kNotEqual, value, span);
      value = made.write.choice(made.write.both(test.may, differs, span),
                                made.write.number(kUndetermined, span), value, span);
    }
    value = made.write.choice(test.yes, answer, value, span);
  }
  return value;
}

// The law of a rule, asked with the facts as they are named here.
ExprId ask(Function& made, const Rule& rule, Span span) {
  std::vector<syntax::Argument> arguments;
  for (int index : rule.facts)
    arguments.push_back({Name{made.book.facts[index].name, span}, std::nullopt,
                         made.write.name(made.name_of(index), span)});
  return made.write.call(law_of(rule), std::move(arguments), span);
}

// The unit of a fact as it is written.
std::optional<syntax::UnitExpr> unit_of(const syntax::Tree& tree, const Fact& fact) {
  if (fact.kind != Fact::Kind::kNumber || fact.unit.text() == "1") return std::nullopt;
  for (syntax::StatementId id : tree.top_level) {
    auto* decl = std::get_if<syntax::FactDecl>(&tree[id].node);
    if (decl && decl->name.text == fact.name) return decl->type;
  }
  return std::nullopt;
}

void add_law(const Book& book, const Rule& rule, syntax::Tree& tree) {
  const Span span = rule.span;
  Function made(book, tree, law_of(rule), span);
  for (int index : rule.facts)
    made.parameter(book.facts[index].name, unit_of(tree, book.facts[index]), std::nullopt);
  for (int asked : rule.rules) {
    const Rule& other = book.rules[asked];
    made.let(Conditions::answer_name(other), ask(made, other, span));
  }
  const ExprId otherwise =
      rule.otherwise_rule < 0
          ? made.write.number(rule.otherwise + 1.0, span)
          : made.write.name(Conditions::answer_name(book.rules[rule.otherwise_rule]), span);
  made.finish(among(made, rule.clauses, otherwise));
}

// ---------------------------------------------------------------- what equations call

ExprId unknown(Function& made, const Fact& fact, Span span) {
  return fact.kind == Fact::Kind::kCode ? made.write.number(kNoCode, span)
                                        : made.write.quantity(kUnknown, fact.unit, span);
}

// It is read from the catalogue or derived from others when a call leaves it out.
bool is_found(const Fact& fact) { return fact.table >= 0 || (fact.value >= 0 && !fact.assumed); }

std::vector<int> facts_below(const Book& book, int term) {
  std::vector<int> facts, stack{term};
  while (!stack.empty()) {
    const int at = stack.back();
    stack.pop_back();
    if (at < 0) continue;
    const Term& node = book.terms[at];
    if (node.op == Op::kFact || node.op == Op::kFactIs || node.op == Op::kIn)
      facts.push_back(node.ref);
    stack.insert(stack.end(), node.args.begin(), node.args.end());
  }
  return facts;
}

// The facts that a rule reads, each after those that it is found from.
void add_needed(const Book& book, int index, std::vector<int>& order) {
  if (std::find(order.begin(), order.end(), index) != order.end()) return;
  const Fact& fact = book.facts[index];
  if (is_found(fact)) {
    if (fact.table >= 0) add_needed(book, fact.table, order);
    for (int each : facts_below(book, fact.value)) add_needed(book, each, order);
  }
  order.push_back(index);
}

// The cells [begin, end) by the row that the case names, as a tree of small height.
ExprId cells(Function& made, const Fact& fact, size_t begin, size_t end, Span span) {
  if (end - begin == 1) {
    const auto& cell = fact.cells[begin];
    if (!cell) return unknown(made, fact, span);
    return made.write.quantity(fact.kind == Fact::Kind::kCode ? *cell + 1 : *cell, fact.unit, span);
  }
  const size_t middle = begin + (end - begin) / 2;
  const ExprId row = made.write.name(made.name_of(fact.table), span);
  const ExprId first = made.write.compare(
      row, CompareOp::kLessEqual, made.write.number(static_cast<double>(middle), span), span);
  return made.write.choice(first, cells(made, fact, begin, middle, span),
                           cells(made, fact, middle, end, span), span);
}

ExprId cell_of_row(Function& made, const Fact& fact, Span span) {
  if (fact.cells.empty()) return unknown(made, fact, span);
  const ExprId row = made.write.name(made.name_of(fact.table), span);
  return made.write.choice(made.conditions.is_known(made.book.facts[fact.table], row, span),
                           cells(made, fact, 0, fact.cells.size(), span), unknown(made, fact, span),
                           span);
}

ExprId constant(Function& made, const Fact& fact, Span span) {
  const double value = made.book.terms[fact.value].number;
  return made.write.quantity(fact.kind == Fact::Kind::kCode ? value + 1 : value, fact.unit, span);
}

// What other facts make of one, or unknown.
ExprId derived(Function& made, const Fact& fact, Span span) {
  if (fact.value < 0) return unknown(made, fact, span);
  if (fact.assumed) return constant(made, fact, span);
  if (fact.kind == Fact::Kind::kCondition) {
    const Condition test = made.conditions.condition(fact.value);
    const ExprId no = made.write.number(0, span);
    const ExprId open =
        test.sure ? no : made.write.choice(test.may, unknown(made, fact, span), no, span);
    return made.write.choice(test.yes, made.write.number(1, span), open, span);
  }
  const auto known = made.conditions.known(fact.value);
  const ExprId value = made.conditions.number(fact.value);
  return known ? made.write.choice(*known, value, unknown(made, fact, span), span) : value;
}

// What is told, else the cell of the catalogue, else what other facts make of it.
void find(Function& made, int index, Span span) {
  const Fact& fact = made.book.facts[index];
  ExprId value = derived(made, fact, span);
  const auto prefer = [&](ExprId better) {
    value = made.write.choice(made.conditions.is_known(fact, better, span), better, value, span);
  };
  if (fact.table >= 0) prefer(made.let("cell of " + fact.name, cell_of_row(made, fact, span)));
  prefer(made.write.name(fact.name, span));
  made.let(made.name_of(index), value);
}

void add_question(const Book& book, const Rule& rule, syntax::Tree& tree) {
  const Span span = rule.span;
  Function made(book, tree, rule.name, span, [&](int fact) {
    return (is_found(book.facts[fact]) ? "fact " : "") + book.facts[fact].name;
  });
  std::vector<int> needed;
  for (int index : rule.facts) add_needed(book, index, needed);
  for (int index : needed) {
    const Fact& fact = book.facts[index];
    made.parameter(
        fact.name, unit_of(tree, fact),
        fact.assumed && !is_found(fact) ? constant(made, fact, span) : unknown(made, fact, span));
  }
  for (int index : needed)
    if (is_found(book.facts[index])) find(made, index, span);
  const ExprId answer = made.let("answer", ask(made, rule, span));
  const ExprId told = made.write.compare(answer, CompareOp::kNotEqual,
                                         made.write.number(kUndetermined, span), span);
  const ExprId nothing = made.write.number(std::nan(""), span);
  made.finish(made.let("determined answer", made.write.choice(told, answer, nothing, span)));
}

// In a call of a rule facts are told by name. Conditions become numbers there, and what the rule
// does not read is left out: which facts it reads is its own business.
void prepare_call(const Book& book, const Rule& rule, Writer& write, const syntax::Tree& tree,
                  std::vector<syntax::Argument>& arguments, text::Diagnostics& diagnostics) {
  std::vector<int> needed;
  for (int index : rule.facts) add_needed(book, index, needed);
  std::erase_if(arguments, [&](const syntax::Argument& argument) {
    if (!argument.label) {
      diagnostics
          .error(Kind::kBadCall, tree[argument.value].span,
                 fmt::format("`{}` is told facts by name", rule.name))
          .hint = "write `fact = value` for each that is known";
      return true;
    }
    const auto fact = book.find_fact(argument.label->text);
    return fact && std::find(needed.begin(), needed.end(), *fact) == needed.end();
  });
  for (syntax::Argument& argument : arguments) {
    const auto fact = book.find_fact(argument.label->text);
    if (!fact || book.facts[*fact].kind != Fact::Kind::kCondition) continue;
    const Span span = tree[argument.value].span;
    argument.value =
        write.choice(argument.value, write.number(1, span), write.number(0, span), span);
  }
}

void prepare_calls(const Book& book, syntax::Tree& tree, text::Diagnostics& diagnostics) {
  Writer write(tree);
  for (size_t i = 0, count = tree.exprs.size(); i < count; ++i) {
    auto* call = std::get_if<syntax::Call>(&tree.exprs[i].node);
    const auto rule = call ? book.find_rule(call->function.text) : std::nullopt;
    if (!rule) continue;
    auto arguments = std::move(call->arguments);
    prepare_call(book, book.rules[*rule], write, tree, arguments, diagnostics);
    std::get<syntax::Call>(tree.exprs[i].node).arguments = std::move(arguments);
  }
}

}  // namespace

void expand(const Book& book, syntax::Tree& tree, text::Diagnostics& diagnostics) {
  replace_codes(book, tree, diagnostics);
  prepare_calls(book, tree, diagnostics);
  for (const Group& group : book.groups) add_group(book, group, tree);
  for (const Rule& rule : book.rules) add_law(book, rule, tree);
  for (const Rule& rule : book.rules) add_question(book, rule, tree);
}

}  // namespace headrace::rules
