// Clauses that begin on one day must not contradict each other.

#include <fmt/format.h>

#include "rules/decide.h"

namespace headrace::rules {
namespace {

void check_list(const Book& book, Judge& judge, const Rule& rule,
                const std::vector<Clause>& clauses, const std::vector<double>& dates,
                text::Diagnostics& diagnostics) {
  for (size_t i = 0; i < clauses.size(); ++i) {
    for (size_t j = i + 1; j < clauses.size() && clauses[j].since == clauses[i].since; ++j) {
      if (clauses[i].code == clauses[j].code) continue;
      for (double date : dates) {
        if (!judge.both_can_hold(clauses[i], clauses[j], date)) continue;
        auto& diagnostic = diagnostics.error(
            text::Kind::kConflict, clauses[j].span,
            fmt::format("two clauses of `{}` can hold at once and answer `{}` and `{}`", rule.name,
                        book.enums[rule.type].codes[clauses[i].code],
                        book.enums[rule.type].codes[clauses[j].code]));
        diagnostic.labels.push_back({clauses[i].span, "the other one"});
        diagnostic.hint = "make one an `except` of the other, or its date later";
        break;
      }
    }
    check_list(book, judge, rule, clauses[i].exceptions, dates, diagnostics);
  }
}

}  // namespace

void check_conflicts(const Book& book, text::Diagnostics& diagnostics) {
  Judge judge(book);
  std::vector<double> dates = book.changes();
  if (dates.empty()) dates.push_back(2000);
  for (const Rule& rule : book.rules)
    check_list(book, judge, rule, rule.clauses, dates, diagnostics);
}

}  // namespace headrace::rules
