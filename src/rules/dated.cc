// Values of the model that the law reads: what they are from which day on.

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

int Gatherer::dated_term(const std::string& name, Span span) {
  const int index = dated_named(name);
  if (index < 0) return -1;
  const int made = add(Op::kDated, span, {}, 0, index);
  if (made >= 0) {
    book_.terms[made].truth = book_.dated[index].truth;
    book_.terms[made].unit = book_.dated[index].unit;
  }
  return made;
}

int Gatherer::dated_named(const std::string& name) {
  if (const auto at = dated_.find(name); at != dated_.end()) {
    if (at->second >= 0 && book_.dated[at->second].base == -2)
      error(Kind::kCycle, values_[name]->name.span, fmt::format("`{}` hangs on itself", name));
    return at->second;
  }
  const syntax::ValueDecl& decl = *values_[name];
  const int index = static_cast<int>(book_.dated.size());
  dated_[name] = index;
  Dated dated;
  dated.name = name;
  dated.title = decl.title.value_or("");
  dated.span = decl.name.span;
  dated.base = -2;
  if (decl.unit) {
    if (auto unit = unit_of(*decl.unit)) dated.unit = *unit;
  }
  book_.dated.push_back(dated);
  std::vector<const syntax::Clause*> clauses;
  std::optional<ExprId> base = decl.value;
  for (const syntax::Clause& clause : decl.clauses) clauses.push_back(&clause);
  for (const syntax::Clause* overlay : overlays_[name]) {
    if (overlay->date) {
      std::erase_if(clauses, [&](const auto* each) { return same_date(*each, *overlay); });
      clauses.push_back(overlay);
    } else {
      clauses.clear();
      base = overlay->value;
    }
  }
  // What changes from run to run, or has members, is unknown to a rule.
  dated.truth = base && is_truth(*base);
  book_.dated[index].truth = dated.truth;
  dated.base = base && decl.dims.empty() ? dated_value(*base, dated) : add_unknown(dated);
  for (const syntax::Clause* clause : clauses) {
    Dated::Clause made;
    const auto* date =
        clause->date ? std::get_if<syntax::Date>(&tree_[*clause->date].node) : nullptr;
    if (!date || clause->ramp || !clause->pattern.empty()) {
      dated.base = add_unknown(dated);
      dated.clauses.clear();
      break;
    }
    made.from = text::to_years({date->year, date->month, date->day});
    made.value = dated_value(clause->value, dated);
    made.cite = clause->cite.value_or("");
    for (const Name& source : clause->provenance.sources) made.sources.push_back(source.text);
    dated.clauses.push_back(std::move(made));
  }
  std::stable_sort(dated.clauses.begin(), dated.clauses.end(),
                   [](const auto& a, const auto& b) { return a.from < b.from; });
  book_.dated[index] = std::move(dated);
  return index;
}

bool Gatherer::same_date(const syntax::Clause& a, const syntax::Clause& b) const {
  if (!a.date || !b.date) return false;
  auto* x = std::get_if<syntax::Date>(&tree_[*a.date].node);
  auto* y = std::get_if<syntax::Date>(&tree_[*b.date].node);
  return x && y && x->year == y->year && x->month == y->month && x->day == y->day;
}

bool Gatherer::is_truth(ExprId id) const {
  const auto& node = tree_[id].node;
  if (auto* binary = std::get_if<syntax::Binary>(&node))
    return binary->op == syntax::BinaryOp::kAnd || binary->op == syntax::BinaryOp::kOr;
  if (auto* unary = std::get_if<syntax::Unary>(&node)) return unary->op == syntax::UnaryOp::kNot;
  return std::holds_alternative<syntax::Boolean>(node) ||
         std::holds_alternative<syntax::Comparison>(node);
}

int Gatherer::add_unknown(const Dated& dated) {
  const int id = add(Op::kUnknown, dated.span);
  if (id >= 0) book_.terms[id].truth = dated.truth, book_.terms[id].unit = dated.unit;
  return id;
}

// The value when it is the same in every run, else an unknown.
int Gatherer::dated_value(ExprId id, const Dated& dated) {
  if (!is_plain(id, 0)) return add_unknown(dated);
  return dated.truth ? condition(id) : number_in(id, dated.unit, dated.name);
}

bool Gatherer::is_plain(ExprId id, int depth) const {
  if (depth > kMostLevels) return false;
  const auto& node = tree_[id].node;
  const auto inner = [&](ExprId each) { return is_plain(each, depth + 1); };
  if (std::holds_alternative<syntax::Number>(node) || std::holds_alternative<syntax::Boolean>(node))
    return true;
  if (auto* reference = std::get_if<syntax::Reference>(&node))
    return reference->indexes.empty() &&
           (values_.contains(reference->name.text) || book_.units.find(reference->name.text));
  if (auto* unary = std::get_if<syntax::Unary>(&node)) return inner(unary->operand);
  if (auto* binary = std::get_if<syntax::Binary>(&node))
    return binary->op != syntax::BinaryOp::kPower && inner(binary->left) && inner(binary->right);
  if (auto* comparison = std::get_if<syntax::Comparison>(&node))
    return std::all_of(comparison->operands.begin(), comparison->operands.end(), inner);
  return false;
}

}  // namespace headrace::rules
