// Distributions as their medians, which a run at central values takes. An equation that stands for
// elements with different medians is followed by one for each element.
//
//   param x[c] = low[c] to high[c]
//   param x[c] = 1.5
//     [b] = 2.5

#include <algorithm>
#include <cmath>
#include <set>

#include "export/series.h"
#include "export/writer.h"

namespace headrace::exports {
namespace {

using syntax::ExprId;
using syntax::ValueDecl;

class Medians {
 public:
  Medians(syntax::Tree tree, size_t own, const ReadData& read)
      : tree_(std::move(tree)), own_(own), read_(read) {}

  syntax::Tree run() {
    for (size_t i = 0; i < own_; ++i) {
      const syntax::Statement& statement = tree_[tree_.top_level[i]];
      if (const auto* dim = std::get_if<syntax::DimDecl>(&statement.node)) {
        for (const syntax::Name& member : dim->members)
          members_[dim->name.text].insert(member.text);
      }
      if (const auto* function = std::get_if<syntax::FunctionDecl>(&statement.node))
        functions_.insert(function->name.text);
    }
    for (size_t i = 0; i < own_; ++i) {
      auto* value = std::get_if<ValueDecl>(&tree_.statements[tree_.top_level[i].index].node);
      const auto found = value ? read_.medians.find(value->name.text) : read_.medians.end();
      if (found != read_.medians.end()) settle(*value, found->second);
    }
    return std::move(tree_);
  }

 private:
  void settle(ValueDecl& value, const std::vector<Median>& medians) {
    std::vector<syntax::Clause> more;
    if (value.value) settle(*value.value, {}, medians, more);
    for (const syntax::Clause& clause : value.clauses) {
      if (!clause.date) settle(clause.value, clause.pattern, medians, more);
    }
    // In the place of an equation for the same element, which is the one settled.
    for (syntax::Clause& clause : more) {
      const bool there = std::ranges::any_of(value.clauses, [&](const syntax::Clause& other) {
        return !other.date && is_same(other.pattern, clause.pattern);
      });
      if (!there) value.clauses.push_back(std::move(clause));
    }
  }

  void settle(ExprId id, const std::vector<syntax::Index>& pattern,
              const std::vector<Median>& medians, std::vector<syntax::Clause>& more) {
    if (!is_distribution_here(id)) return;
    const text::Span span = tree_[id].span;
    std::vector<const Median*> of;
    for (const Median& median : medians) {
      if (matches(pattern, median.element)) of.push_back(&median);
    }
    if (of.empty()) return;
    set(id, of.front()->value);
    for (const Median* median : of) {
      if (median->value == of.front()->value) continue;
      syntax::Clause clause;
      for (const std::string& member : median->element)
        clause.pattern.push_back({syntax::Index::Kind::kName, {member, span}, 0, span, {}});
      clause.value = tree_.add({syntax::Number{}, span});
      clause.span = span;
      set(clause.value, median->value);
      more.push_back(std::move(clause));
    }
  }

  // An interval without length: that numbers are lost is told where it is said.
  void set(ExprId id, double value) {
    const text::Span span = tree_[id].span;
    ExprId number = tree_.add({syntax::Number{std::fabs(value), {}, {}}, span});
    if (value < 0) number = tree_.add({syntax::Unary{syntax::UnaryOp::kNegate, number}, span});
    syntax::Range range{};
    range.low = range.high = number;
    tree_.exprs[id.index].node = range;
  }

  bool is_distribution_here(ExprId id) const {
    const auto& node = tree_[id].node;
    const auto* call = std::get_if<syntax::Call>(&node);
    return std::holds_alternative<syntax::Range>(node) ||
           (call && is_distribution(call->function.text) &&
            !functions_.contains(call->function.text));
  }

  bool matches(const std::vector<syntax::Index>& pattern,
               const std::vector<std::string>& element) const {
    for (size_t d = 0; d < pattern.size() && d < element.size(); ++d) {
      if (pattern[d].kind == syntax::Index::Kind::kStar) continue;
      const std::string name = pattern[d].kind == syntax::Index::Kind::kNumber
                                   ? std::to_string(pattern[d].number)
                                   : pattern[d].name.text;
      const auto range = members_.find(name);
      if (name != element[d] && (range == members_.end() || !range->second.contains(element[d])))
        return false;
    }
    return true;
  }

  static bool is_same(const std::vector<syntax::Index>& a, const std::vector<syntax::Index>& b) {
    return std::ranges::equal(a, b, [](const syntax::Index& x, const syntax::Index& y) {
      const auto name = [](const syntax::Index& index) {
        return index.kind == syntax::Index::Kind::kNumber ? std::to_string(index.number)
                                                          : index.name.text;
      };
      return name(x) == name(y);
    });
  }

  syntax::Tree tree_;
  size_t own_;
  const ReadData& read_;
  std::map<std::string, std::set<std::string>> members_;
  std::set<std::string> functions_;
};

}  // namespace

syntax::Tree with_medians(syntax::Tree tree, size_t own, const ReadData& read) {
  return Medians(std::move(tree), own, read).run();
}

}  // namespace headrace::exports
