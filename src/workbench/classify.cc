#include "workbench/classify.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "text/calendar.h"
#include "text/diagnostic.h"

namespace headrace::workbench {
namespace {

using base::Error;
using rules::Answer;
using rules::Fact;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

std::optional<double> read_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::unexpected<Error> wrong(std::string message) {
  return base::fail(Error::Kind::kInvalid, std::move(message));
}

// `4800` or `4600..5000`, not below 0.
base::Result<rules::Interval> read_range(const Fact& fact, std::string_view text) {
  const size_t dots = text.find("..");
  const auto low = read_number(text.substr(0, dots));
  const auto high = dots == std::string_view::npos ? low : read_number(text.substr(dots + 2));
  if (!low || !high)
    return wrong(
        fmt::format("'{}' is no number for {}; write 4800, or 4600..5000", text, fact.shown()));
  if (*low < 0 || *high < 0) return wrong(fmt::format("{} is below 0: '{}'", fact.shown(), text));
  if (*low > *high)
    return wrong(fmt::format("the range '{}' of {} is upside down", text, fact.shown()));
  return rules::Interval{*low, *high};
}

std::optional<bool> read_truth(std::string_view text) {
  const std::string word = lower(text);
  if (word == "1" || word == "yes" || word == "true") return true;
  if (word == "0" || word == "no" || word == "false") return false;
  return std::nullopt;
}

}  // namespace

base::Result<std::unique_ptr<Classifier>> Classifier::make(const LawBook& law) {
  for (const char* name : {"list_class", "outcome"}) {
    if (!law.book.find_rule(name))
      return wrong(fmt::format("the model has no rule '{}', which classify asks", name));
  }
  return std::unique_ptr<Classifier>(new Classifier(law));
}

Classifier::Classifier(const LawBook& law) : law_(law), judge_(law.book) {
  entry_ = *law.book.find_rule("list_class");
  outcome_ = *law.book.find_rule("outcome");
  for (size_t i = 0; i < law.book.facts.size(); ++i)
    columns_[law.book.facts[i].name] = static_cast<int>(i);
  for (const char* name : {"io", "dram"}) {
    if (const auto fact = law.book.find_fact(name)) columns_[fmt::format("{}_GBps", name)] = *fact;
  }
  for (const rules::Enum& decl : law.book.enums) {
    auto& words = codes_.emplace_back();
    for (size_t i = 0; i < decl.codes.size(); ++i)
      words.emplace(lower(decl.codes[i]), static_cast<int>(i));
    for (size_t i = 0; i < decl.titles.size(); ++i)
      if (!decl.titles[i].empty()) words.emplace(lower(decl.titles[i]), static_cast<int>(i));
    // `H100` for `h100_sxm`: the first of its name.
    for (size_t i = 0; i < decl.codes.size(); ++i) {
      const std::string code = lower(decl.codes[i]);
      for (size_t bar = code.find('_'); bar != std::string::npos; bar = code.find('_', bar + 1))
        words.emplace(code.substr(0, bar), static_cast<int>(i));
    }
  }
}

bool Classifier::knows(std::string_view name) const {
  return name == "date" || columns_.contains(std::string(name));
}

std::optional<int> Classifier::find_code(int type, std::string_view word) const {
  const auto& exact = law_.book.enums[type];
  if (auto code = exact.find(word)) return code;
  std::string folded = lower(word);
  auto at = codes_[type].find(folded);
  if (at == codes_[type].end()) {
    std::replace(folded.begin(), folded.end(), ' ', '_');
    at = codes_[type].find(folded);
  }
  return at == codes_[type].end() ? std::nullopt : std::optional(at->second);
}

std::optional<int> Classifier::fact_named(std::string_view name) const {
  const auto at = columns_.find(std::string(name));
  return at == columns_.end() ? std::nullopt : std::optional(at->second);
}

base::Result<void> Classifier::tell(rules::Case& asked, std::string_view name,
                                    std::string_view value) const {
  if (name == "date") return tell_date(asked, value);
  if (const auto fact = fact_named(name)) return tell_fact(asked, *fact, value);
  return wrong(fmt::format("there is no fact '{}'", name));
}

base::Result<void> Classifier::tell_date(rules::Case& asked, std::string_view value) const {
  value = trimmed(value);
  if (value.empty()) return {};
  const auto date = text::parse_date(value);
  if (!date) return wrong(fmt::format("'{}' is no date; write 2023-11-17", value));
  asked.date = text::to_years(*date);
  return {};
}

base::Result<void> Classifier::tell_fact(rules::Case& asked, int index,
                                         std::string_view value) const {
  value = trimmed(value);
  if (value.empty()) return {};
  const Fact& fact = law_.book.facts[index];
  switch (fact.kind) {
    case Fact::Kind::kNumber: {
      const auto range = read_range(fact, value);
      if (!range) return std::unexpected(range.error());
      asked.tell(index, range->low, range->high);
      return {};
    }
    case Fact::Kind::kCondition: {
      const auto truth = read_truth(value);
      if (!truth)
        return wrong(fmt::format("'{}' is neither yes (1) nor no (0): {}", value, fact.shown()));
      asked.tell_truth(index, *truth);
      return {};
    }
    case Fact::Kind::kCode:
      break;
  }
  const auto code = find_code(fact.type, value);
  if (!code) return unknown_code(fact, value);
  asked.tell_code(index, *code);
  return {};
}

std::unexpected<Error> Classifier::unknown_code(const Fact& fact, std::string_view value) const {
  const rules::Enum& decl = law_.book.enums[fact.type];
  std::vector<std::string> known = decl.codes;
  known.insert(known.end(), decl.titles.begin(), decl.titles.end());
  // Every word of two letters is near some country.
  const std::string near = value.size() > 2 && value.size() < 60 ? text::nearest(value, known) : "";
  return base::fail(Error::Kind::kNotFound,
                    fmt::format("unknown {} '{}'{}", fact.shown(), value.substr(0, 60),
                                near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
}

std::string Classifier::text(text::Span span) const {
  std::string out;
  for (char c : law_.sources.text(span)) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  return out;
}

std::string Classifier::condition(const rules::Clause& clause) const {
  return clause.when < 0 ? "always" : text(law_.book.terms[clause.when].span);
}

std::string Classifier::words(int type, int code) const {
  const rules::Enum& decl = law_.book.enums[type];
  return decl.titles[code].empty() ? decl.codes[code]
                                   : fmt::format("{}, {}", decl.codes[code], decl.titles[code]);
}

// What an answer that is not determined waits for: what is unknown before what is a range.
std::string Classifier::state(const Answer& answer, int type, bool short_form) const {
  if (answer.determined()) return law_.book.enums[type].codes[answer.code()];
  const bool unknown =
      answer.needs.empty() || std::any_of(answer.needs.begin(), answer.needs.end(),
                                          [](const auto& need) { return !need.ranged; });
  if (short_form) return unknown ? "UNDETERMINED" : "DEPENDS";
  std::string list;
  std::vector<int> named;
  for (const rules::Need& need : answer.needs) {
    if (unknown == need.ranged) continue;
    if (unknown && std::find(named.begin(), named.end(), need.fact) != named.end()) continue;
    named.push_back(need.fact);
    const Fact& fact = law_.book.facts[need.fact];
    const std::string& name = fact.kind == Fact::Kind::kNumber ? fact.shown() : fact.name;
    list += (list.empty() ? "" : ", ") + (unknown ? name : need.above);
  }
  return fmt::format("{}({}{})", unknown ? "UNDETERMINED" : "DEPENDS",
                     unknown ? "needs " : "on whether ", list);
}

const std::string& Classifier::reason(const rules::Clause* clause) {
  static const std::string kNone;
  if (!clause) return kNone;
  auto [at, fresh] = reasons_.try_emplace(clause);
  if (fresh) {
    at->second = clause->label.empty() ? condition(*clause) : clause->label;
    if (!clause->cite.empty()) at->second += fmt::format(" [{}]", clause->cite);
  }
  return at->second;
}

Ruling Classifier::rule(const rules::Case& asked) {
  rules::Decision decision = judge_.decide(asked, {entry_, outcome_});
  Ruling ruling;
  ruling.entry_answer = std::move(decision.answers[0]);
  ruling.outcome_answer = std::move(decision.answers[1]);
  const int entry_type = law_.book.rules[entry_].type,
            outcome_type = law_.book.rules[outcome_].type;
  ruling.entry = state(ruling.entry_answer, entry_type, false);
  ruling.outcome = state(ruling.outcome_answer, outcome_type, true);
  const auto add = [&](const std::string& text) {
    if (!text.empty()) ruling.reasons += (ruling.reasons.empty() ? "" : "; ") + text;
  };
  for (const Answer* answer : {&ruling.entry_answer, &ruling.outcome_answer}) {
    if (answer->determined()) {
      add(reason(answer->clause));
    } else {
      for (const rules::Need& need : answer->needs) {
        const std::string text = "depends on whether " + need.above;
        if (ruling.reasons.find(text) == std::string::npos) add(text);
      }
    }
  }
  if (ruling.reasons.empty())
    ruling.reasons = "no clause applies";
  else if (ruling.outcome_answer.determined() && !ruling.outcome_answer.clause)
    ruling.reasons += "; no licence rule reaches this sale";
  if (decision.conflict) {
    add(fmt::format("conflict in {}: '{}' and '{}' both hold", decision.conflict->rule->name,
                    decision.conflict->first->label, decision.conflict->second->label));
  }
  return ruling;
}

}  // namespace headrace::workbench
