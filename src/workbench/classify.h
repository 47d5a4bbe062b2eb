#pragma once

// One sale put to the law: words from a command line or a table's row in, a ruling out.

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "rules/decide.h"
#include "workbench/law.h"

namespace headrace::workbench {

struct Ruling {
  std::string entry;    // `3A090.a`, `none`, `UNDETERMINED(needs PD)`, `DEPENDS(TPP 4800)`
  std::string outcome;  // `NLR`, `LICENCE_PD`, ..., `UNDETERMINED`, `DEPENDS`
  std::string reasons;  // the clauses that decided, in one line
  rules::Answer entry_answer, outcome_answer;
};

class Classifier {
 public:
  // The law must have rules `list_class` and `outcome`.
  static base::Result<std::unique_ptr<Classifier>> make(const LawBook& law);

  // Tells the case one fact in words; "" leaves it unknown. Names are those of facts and of the
  // columns of batch files: date, io_GBps, dram_GBps. A name that is no fact is an error.
  base::Result<void> tell(rules::Case& asked, std::string_view name, std::string_view value) const;
  base::Result<void> tell_fact(rules::Case& asked, int fact, std::string_view value) const;
  base::Result<void> tell_date(rules::Case& asked, std::string_view value) const;
  std::optional<int> fact_named(std::string_view name) const;
  bool knows(std::string_view name) const;
  Ruling rule(const rules::Case& asked);

  const LawBook& law() const { return law_; }
  rules::Judge& judge() { return judge_; }
  int entry_rule() const { return entry_; }
  int outcome_rule() const { return outcome_; }
  // A condition as it is written, on one line.
  std::string text(text::Span span) const;
  std::string condition(const rules::Clause& clause) const;
  // A code with its words.
  std::string words(int type, int code) const;
  std::optional<int> find_code(int type, std::string_view word) const;

 private:
  explicit Classifier(const LawBook& law);
  std::unexpected<base::Error> unknown_code(const rules::Fact& fact, std::string_view value) const;
  std::string state(const rules::Answer& answer, int type, bool short_form) const;
  const std::string& reason(const rules::Clause* clause);

  const LawBook& law_;
  rules::Judge judge_;
  int entry_ = -1, outcome_ = -1;
  std::unordered_map<const rules::Clause*, std::string> reasons_;
  std::unordered_map<std::string, int> columns_;             // fact by the name of a column
  std::vector<std::unordered_map<std::string, int>> codes_;  // by lower-case code and words
};

}  // namespace headrace::workbench
