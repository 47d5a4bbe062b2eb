// Law: enumerated answers, the facts of a case, groups whose members change, and rules.

#include <fmt/format.h>

#include "syntax/parser.h"

namespace headrace::syntax {

using text::Kind;

// enum = "enum" name [title] "=" code ("," code)*            code = member [string]
//      | "enum" name [title] "from" string "by" name ["called" name]
EnumDecl Parser::parse_enum() {
  EnumDecl decl;
  expect(K::kEnum);
  decl.name = parse_name("the name of the answers");
  decl.title = parse_title();
  if (take(K::kFrom)) {
    decl.file = Name{"", span(peek())};
    decl.file->text = parse_text("the path of a CSV file in quotes");
    if (!failed_ && !take_word("by")) fail_expected("`by` and a column");
    decl.column = parse_name("a column");
    if (take_word("called")) decl.words = parse_name("the column with the words");
  } else {
    expect(K::kAssign, "and the codes");
    do {
      Name code = parse_member();
      decl.codes.push_back({std::move(code), parse_title()});
    } while (take(K::kComma));
  }
  check_finished("`,` or the end of the statement");
  return decl;
}

// An expression about a case, in which `x in group` may stand.
ExprId Parser::parse_case_expr() {
  in_case_ = true;
  const ExprId id = parse_expr();
  in_case_ = false;
  return id;
}

// What follows the left side of `x in group`.
ExprId Parser::parse_membership(size_t begin, ExprId first) {
  expect(K::kIn);
  Call call;
  call.membership = true;
  call.function = parse_name("the name of a group");
  call.arguments.push_back({std::nullopt, std::nullopt, first});
  return add(begin, std::move(call), {first});
}

// fact = "fact" name [title] ":" (unitexpr | name) ["from" name "column" name] ["=" expr]
// provenance
FactDecl Parser::parse_fact() {
  FactDecl fact;
  expect(K::kFact);
  fact.name = parse_name("the name of the fact");
  fact.title = parse_title();
  if (auto type = parse_unit_annotation())
    fact.type = std::move(*type);
  else if (!failed_)
    fail_expected("`:` and a unit, an `enum` or `condition`");
  if (is(K::kFrom) && is_name(1)) {
    advance();
    fact.table = parse_name("an `enum` that is read from a file");
    if (!failed_ && !take_word("column")) fail_expected("`column`");
    fact.column = parse_name("a column");
  }
  if (take(K::kAssign)) fact.value = parse_case_expr();
  parse_provenance(fact.provenance);
  check_finished("`from`, `=`, a source or the end of the statement");
  return fact;
}

// from = "from" sum ("with" | "without") member ("," member)* (provenance | "cite" string)*
GroupClause Parser::parse_group_clause() {
  size_t begin = pos_;
  GroupClause clause;
  expect(K::kFrom);
  clause.date = parse_sum();
  clause.joins = take(K::kWith);
  if (!clause.joins && !failed_ && !take_word("without")) fail_expected("`with` or `without`");
  do clause.members.push_back(parse_member());
  while (take(K::kComma));
  parse_provenance(clause.provenance, &clause.cite);
  clause.span = span_from(begin);
  return clause;
}

// group = "group" name [title] "of" name "=" member ("," member)* (provenance | "cite" string)*
// from*
GroupDecl Parser::parse_group() {
  GroupDecl group;
  expect(K::kGroup);
  group.name = parse_name("the name of the group");
  group.title = parse_title();
  if (!failed_ && !take_word("of")) fail_expected("`of` and an `enum`");
  group.of = parse_name("an `enum`");
  expect(K::kAssign, "and the members");
  do group.members.push_back(parse_member());
  while (take(K::kComma));
  parse_provenance(group.provenance, &group.cite);
  for (;;) {
    if (failed_) recover([this] { return is(K::kFrom); });
    if (!is(K::kFrom)) break;
    group.clauses.push_back(parse_group_clause());
  }
  check_finished("`,`, a date, a source or the end of the statement");
  return group;
}

bool Parser::at_rule_clause() const {
  if (is(K::kString)) return true;
  if (is(K::kFrom)) return kind(1) != K::kSourceId;
  return is_word("under") || is_word("when") || is_word("except");
}

// clause = ["except"] [string] ["under" name] ["from" sum] ["to" sum] ["when" expr] "=" member
//          (provenance | "cite" string)*
RuleClause Parser::parse_rule_clause() {
  size_t begin = pos_;
  RuleClause clause;
  clause.exception = take_word("except");
  clause.label = parse_title();
  if (take_word("under")) clause.act = parse_name("the name of an act");
  if (take(K::kFrom)) clause.from = parse_sum();
  if (take(K::kTo)) clause.to = parse_sum();
  if (take_word("when")) clause.when = parse_case_expr();
  expect(K::kAssign, "and a code");
  clause.value = parse_member();
  clause.span = span_from(begin);
  parse_provenance(clause.provenance, &clause.cite);
  return clause;
}

// rule = "rule" name [title] ":" name "=" member (provenance | "cite" string)* clause*
RuleDecl Parser::parse_rule() {
  RuleDecl rule;
  expect(K::kRule);
  rule.name = parse_name("the name of the rule");
  rule.title = parse_title();
  expect(K::kColon, "and the `enum` of its answers");
  rule.type = parse_name("an `enum`");
  expect(K::kAssign, "and the answer when no clause holds");
  rule.otherwise = parse_member();
  parse_provenance(rule.provenance, &rule.cite);
  for (;;) {
    if (failed_) {
      in_case_ = false;
      recover([this] { return at_rule_clause(); });
    }
    if (done()) break;
    if (!at_rule_clause()) {
      check_finished("a clause, a source or the end of the statement");
      continue;
    }
    rule.clauses.push_back(parse_rule_clause());
  }
  return rule;
}

}  // namespace headrace::syntax
