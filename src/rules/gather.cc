// From statements to a book: names resolved, in the order that the rules ask each other.

#include <fmt/format.h>

#include <algorithm>

#include "rules/gatherer.h"

namespace headrace::rules {

using syntax::ExprId;
using syntax::Name;
using text::Kind;
using text::Span;
using Op = Term::Op;
using units::Unit;

Book Gatherer::run() {
  collect();
  if (!any_) return std::move(book_);
  declare_units();
  each<syntax::EnumDecl>([&](const auto& decl, Span span) { add_enum(decl, span); });
  each<syntax::FactDecl>([&](const auto& decl, Span) { declare_fact(decl); });
  each<syntax::GroupDecl>([&](const auto& decl, Span span) { add_group(decl, span); });
  each<syntax::RuleDecl>([&](const auto& decl, Span) { declare_rule(decl); });
  size_t next = 0;
  each<syntax::FactDecl>([&](const auto& decl, Span) {
    if (next < declared_facts_.size()) fill_fact(decl, declared_facts_[next++]);
  });
  for (size_t i = 0; i < rule_decls_.size(); ++i) fill_rule(static_cast<int>(i));
  order_rules();
  return std::move(book_);
}

void Gatherer::collect() {
  for (syntax::StatementId id : tree_.top_level) {
    const auto& node = tree_[id].node;
    any_ |= std::holds_alternative<syntax::EnumDecl>(node) ||
            std::holds_alternative<syntax::FactDecl>(node) ||
            std::holds_alternative<syntax::GroupDecl>(node) ||
            std::holds_alternative<syntax::RuleDecl>(node);
    if (auto* value = std::get_if<syntax::ValueDecl>(&node))
      values_.emplace(value->name.text, value);
    if (auto* function = std::get_if<syntax::FunctionDecl>(&node))
      functions_[function->name.text] = function;
  }
}

// The overlays of the scenarios in the order of application, those they stand on before them.
void Gatherer::collect_overlays(const std::vector<std::string>& scenarios) {
  std::map<std::string, const syntax::ScenarioDecl*> known;
  for (syntax::StatementId id : tree_.top_level) {
    if (auto* decl = std::get_if<syntax::ScenarioDecl>(&tree_[id].node))
      known.emplace(decl->name.text, decl);
  }
  std::set<std::string> applied;
  const std::function<void(const std::string&, int)> apply = [&](const std::string& name,
                                                                 int depth) {
    const auto at = known.find(name);
    if (at == known.end() || depth > kMostLevels || !applied.insert(name).second) return;
    for (const Name& base : at->second->base) apply(base.text, depth + 1);
    for (const auto& entry : at->second->entries)
      overlays_[entry.name.text].push_back(&entry.clause);
  };
  for (const std::string& name : scenarios) apply(name, 0);
}

text::Diagnostic& Gatherer::error(Kind kind, Span span, std::string message) {
  return diagnostics_.error(kind, span, std::move(message));
}

void Gatherer::check_new(const Name& name) {
  const auto [at, fresh] = names_.emplace(name.text, name.span);
  if (!fresh) {
    error(Kind::kDuplicateName, name.span, fmt::format("`{}` is declared twice", name.text))
        .labels.push_back({at->second, "first here"});
  } else if (const auto value = values_.find(name.text); value != values_.end()) {
    error(Kind::kDuplicateName, name.span, fmt::format("`{}` is declared twice", name.text))
        .labels.push_back({value->second->name.span, "first here"});
  }
}

std::optional<int> Gatherer::enum_named(const Name& name) {
  if (auto at = book_.find_enum(name.text)) return at;
  auto& diagnostic =
      error(Kind::kUnknownCode, name.span, fmt::format("there is no enum `{}`", name.text));
  std::vector<std::string> known;
  for (const Enum& each : book_.enums) known.push_back(each.name);
  if (auto near = text::nearest(name.text, known); !near.empty())
    diagnostic.hint = fmt::format("did you mean `{}`?", near);
  return std::nullopt;
}

std::optional<int> Gatherer::code_named(int type, const Name& name) {
  const Enum& decl = book_.enums[type];
  if (auto at = decl.find(name.text)) return at;
  auto& diagnostic = error(Kind::kUnknownCode, name.span,
                           fmt::format("`{}` is no code of `{}`", name.text, decl.name));
  if (auto near = text::nearest(name.text, decl.codes); !near.empty())
    diagnostic.hint = fmt::format("did you mean `{}`?", near);
  diagnostic.labels.push_back({decl.span, "its codes are declared here"});
  return std::nullopt;
}

// The facts a rule reads and the rules it asks, through the facts that are derived from others.
void Gatherer::read_by(int term, std::set<int>& facts, std::set<int>& rules,
                       std::set<int>& seen) const {
  std::vector<int> stack{term};
  while (!stack.empty()) {
    const int at = stack.back();
    stack.pop_back();
    if (at < 0 || !seen.insert(at).second) continue;
    const Term& node = book_.terms[at];
    if (node.op == Op::kFact || node.op == Op::kFactIs || node.op == Op::kIn)
      facts.insert(node.ref);
    if (node.op == Op::kRuleIs) rules.insert(node.ref);
    stack.insert(stack.end(), node.args.begin(), node.args.end());
  }
}

void Gatherer::order_rules() {
  const size_t count = book_.rules.size();
  std::vector<int> mark(count, 0), order;
  const std::function<void(int)> visit = [&](int index) {
    if (mark[index] == 2) return;
    if (mark[index] == 1) {
      error(Kind::kCycle, book_.rules[index].span,
            fmt::format("`{}` asks itself", book_.rules[index].name));
      return;
    }
    mark[index] = 1;
    std::set<int> facts, rules, seen;
    const std::function<void(const Clause&)> read = [&](const Clause& clause) {
      read_by(clause.when, facts, rules, seen);
      for (const Clause& each : clause.exceptions) read(each);
    };
    for (const Clause& clause : book_.rules[index].clauses) read(clause);
    if (book_.rules[index].otherwise_rule >= 0) rules.insert(book_.rules[index].otherwise_rule);
    book_.rules[index].rules.assign(rules.begin(), rules.end());
    for (int rule : rules) {
      visit(rule);
      facts.insert(book_.rules[rule].facts.begin(), book_.rules[rule].facts.end());
    }
    book_.rules[index].facts.assign(facts.begin(), facts.end());
    mark[index] = 2;
  };
  for (size_t i = 0; i < count; ++i) visit(static_cast<int>(i));
}

namespace {

template <class List>
std::optional<int> find_named(const List& list, std::string_view name) {
  for (size_t i = 0; i < list.size(); ++i)
    if (list[i].name == name) return static_cast<int>(i);
  return std::nullopt;
}

void add_dates(const std::vector<Clause>& clauses, std::set<double>& dates) {
  for (const Clause& clause : clauses) {
    if (clause.from != kAlways) dates.insert(clause.from);
    if (clause.to != kNever) dates.insert(clause.to);
    add_dates(clause.exceptions, dates);
  }
}

}  // namespace

std::optional<int> Book::find_fact(std::string_view name) const { return find_named(facts, name); }
std::optional<int> Book::find_rule(std::string_view name) const { return find_named(rules, name); }
std::optional<int> Book::find_enum(std::string_view name) const { return find_named(enums, name); }

std::vector<double> Book::changes() const {
  std::set<double> dates;
  for (const Dated& each : dated)
    for (const auto& clause : each.clauses) dates.insert(clause.from);
  for (const Group& each : groups)
    for (const auto& clause : each.clauses) dates.insert(clause.from);
  for (const Rule& each : rules) add_dates(each.clauses, dates);
  return {dates.begin(), dates.end()};
}

Book gather(const syntax::Tree& tree, text::SourceSet& sources, const OpenFile& open,
            const std::vector<std::string>& scenarios, text::Diagnostics& diagnostics) {
  return Gatherer(tree, sources, open, scenarios, diagnostics).run();
}

}  // namespace headrace::rules
