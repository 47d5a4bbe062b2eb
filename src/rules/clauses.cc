// Rules: their clauses, acts and exceptions.

#include <fmt/format.h>

#include <algorithm>

#include "rules/gatherer.h"
#include "text/calendar.h"

namespace headrace::rules {

using syntax::ExprId;
using syntax::Name;
using text::Kind;
using text::Span;
using Op = Term::Op;
using units::Unit;

void Gatherer::declare_rule(const syntax::RuleDecl& decl) {
  check_new(decl.name);
  const auto type = enum_named(decl.type);
  if (!type) return;
  Rule rule;
  rule.name = decl.name.text;
  rule.title = decl.title.value_or("");
  rule.type = *type;
  rule.span = decl.name.span;
  book_.rules.push_back(std::move(rule));
  rule_decls_.push_back(&decl);
}

void Gatherer::fill_rule(int index) {
  std::vector<Clause> clauses;
  Clause* open = nullptr;
  for (const syntax::RuleClause& written : rule_decls_[index]->clauses) {
    auto clause = read_clause(written, book_.rules[index].type);
    if (!clause) {
      if (!written.exception) open = nullptr;
      continue;
    }
    if (!written.exception) {
      clauses.push_back(std::move(*clause));
      open = &clauses.back();
    } else if (open) {
      open->exceptions.push_back(std::move(*clause));
    } else if (clauses.empty()) {
      error(Kind::kBadRule, written.span, "there is no clause before this exception");
    }
  }
  for (Clause& clause : clauses) sort_clauses(clause.exceptions);
  sort_clauses(clauses);
  book_.rules[index].clauses = std::move(clauses);
  read_otherwise(index);
}

void Gatherer::read_otherwise(int index) {
  Rule& rule = book_.rules[index];
  const Name& name = rule_decls_[index]->otherwise;
  const auto other = book_.find_rule(name.text);
  if (other && book_.rules[*other].type == rule.type && !book_.enums[rule.type].find(name.text)) {
    rule.otherwise_rule = *other;
  } else if (const auto code = code_named(rule.type, name)) {
    rule.otherwise = *code;
  }
}

void Gatherer::sort_clauses(std::vector<Clause>& clauses) {
  std::stable_sort(clauses.begin(), clauses.end(),
                   [](const Clause& a, const Clause& b) { return a.since > b.since; });
}

std::optional<Clause> Gatherer::read_clause(const syntax::RuleClause& written, int type) {
  Clause clause;
  clause.label = written.label.value_or("");
  clause.span = written.span;
  clause.cite = written.cite.value_or("");
  for (const Name& source : written.provenance.sources) clause.sources.push_back(source.text);
  const auto code = code_named(type, written.value);
  if (!code) return std::nullopt;
  clause.code = *code;
  if (written.act && !stand_under(clause, *written.act)) return std::nullopt;
  if (written.from) {
    const auto date = date_of(*written.from);
    if (!date) return std::nullopt;
    clause.from = clause.since = *date;
  }
  if (written.to) {
    const auto date = date_of(*written.to);
    if (!date) return std::nullopt;
    clause.to = *date;
    if (clause.to <= clause.from) {
      error(Kind::kDateOrder, tree_[*written.to].span, "this clause ends before it begins");
      return std::nullopt;
    }
  }
  if (written.when) {
    clause.when = condition(*written.when);
    if (clause.when < 0) return std::nullopt;
  }
  return clause;
}

// An act is a `let` that is false before its date and true from then on, perhaps only until
// another act takes its place.
bool Gatherer::stand_under(Clause& clause, const Name& act) {
  if (!values_.contains(act.text)) {
    auto& diagnostic =
        error(Kind::kUnknownName, act.span, fmt::format("there is no act `{}`", act.text));
    std::vector<std::string> known;
    for (const auto& [each, decl] : values_) known.push_back(each);
    if (auto near = text::nearest(act.text, known); !near.empty())
      diagnostic.hint = fmt::format("did you mean `{}`?", near);
    else
      diagnostic.hint =
          fmt::format("declare it: `let {} = false`, and below `from DATE = true`", act.text);
    return false;
  }
  clause.act = dated_named(act.text);
  if (clause.act < 0) return false;
  const Dated& dated = book_.dated[clause.act];
  if (!dated.truth) {
    error(Kind::kBadRule, act.span, fmt::format("`{}` is no act: it is a number", act.text)).hint =
        "an act is true while it is in force";
    return false;
  }
  for (const syntax::Clause& each : values_[act.text]->clauses) {
    auto* boolean = std::get_if<syntax::Boolean>(&tree_[each.value].node);
    auto* date = each.date ? std::get_if<syntax::Date>(&tree_[*each.date].node) : nullptr;
    if ((boolean && !boolean->value) || !date) continue;
    clause.since = text::to_years({date->year, date->month, date->day});
    if (clause.cite.empty()) clause.cite = each.cite.value_or("");
    if (clause.sources.empty())
      for (const Name& source : each.provenance.sources) clause.sources.push_back(source.text);
    break;
  }
  return true;
}

}  // namespace headrace::rules
