#include "workbench/rulings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "text/calendar.h"

namespace headrace::workbench {
namespace {

using Json = nlohmann::ordered_json;
using rules::Book;
using rules::Case;
using rules::Fact;
using rules::Term;
using rules::Truth;

std::string day(double years) { return text::iso(text::from_years(years)); }

const char* word(Truth truth) {
  return truth == Truth::kYes ? "yes" : truth == Truth::kNo ? "no" : "unknown";
}

std::string code_text(const Book& book, const rules::Codes& codes, int type) {
  std::string text;
  const auto& names = book.enums[type].codes;
  for (size_t i = 0; i < names.size(); ++i)
    if (codes.test(i)) text += (text.empty() ? "" : " or ") + names[i];
  return text;
}

Json answer_json(const Book& book, const rules::Answer& answer, int rule) {
  const int type = book.rules[rule].type;
  const auto& codes = book.enums[type].codes;
  Json out;
  out["determined"] = answer.determined();
  out["possible"] = Json::array();
  for (size_t i = 0; i < codes.size(); ++i)
    if (answer.codes.test(i)) out["possible"].push_back(codes[i]);
  out["needs"] = Json::array();
  for (const rules::Need& need : answer.needs) {
    out["needs"].push_back({{"fact", book.facts[need.fact].name},
                            {"given_as_range", need.ranged},
                            {"if", need.above},
                            {"then", code_text(book, need.if_above, type)},
                            {"else", code_text(book, need.if_below, type)}});
  }
  return out;
}

Json number_json(const std::optional<rules::Interval>& value, bool ranged) {
  if (value && value->is_point()) return value->low;
  if (value && ranged) return {{"low", value->low}, {"high", value->high}};
  return nullptr;
}

Json facts_json(Classifier& classifier, const Case& asked) {
  const Book& book = classifier.law().book;
  const auto& read = book.rules[classifier.outcome_rule()].facts;
  Json facts = Json::object();
  for (size_t i = 0; i < book.facts.size(); ++i) {
    const Fact& fact = book.facts[i];
    const int index = static_cast<int>(i);
    if (fact.table < 0 && std::find(read.begin(), read.end(), index) == read.end()) continue;
    if (fact.kind == Fact::Kind::kNumber) {
      facts[fact.name] =
          number_json(classifier.judge().number(asked, index), asked.facts[i].ranged);
    } else if (fact.kind == Fact::Kind::kCode) {
      const auto codes = classifier.judge().codes(asked, index);
      facts[fact.name] = codes && codes->count() == 1
                             ? Json(book.enums[fact.type].codes[codes->_Find_first()])
                             : Json(nullptr);
    } else if (asked.facts[i].state == rules::Known::State::kTold) {
      facts[fact.name] = asked.facts[i].truth == Truth::kYes;
    }
  }
  return facts;
}

Json trace_json(Classifier& classifier, const Case& asked) {
  const Book& book = classifier.law().book;
  Json trace = Json::array();
  for (int rule : rules_below(book, classifier.outcome_rule())) {
    for (const rules::Step& step : classifier.judge().trace(asked, rule)) {
      Json line = {{"rule", book.rules[rule].name},
                   {"clause", step.clause->label},
                   {"exception", step.exception},
                   {"condition", classifier.condition(*step.clause)},
                   {"holds", word(step.holds)},
                   {"answer", book.enums[book.rules[rule].type].codes[step.clause->code]}};
      line["since"] =
          step.clause->since == rules::kAlways ? Json(nullptr) : Json(day(step.clause->since));
      line["cite"] = step.clause->cite;
      line["sources"] = step.clause->sources;
      trace.push_back(std::move(line));
    }
  }
  return trace;
}

Json codes_json(const rules::Enum& decl) {
  Json out = Json::array();
  for (size_t i = 0; i < decl.codes.size(); ++i)
    out.push_back({{"code", decl.codes[i]},
                   {"title", decl.titles[i].empty() ? decl.codes[i] : decl.titles[i]}});
  return out;
}

// What a term comes to on a day when no case can change it.
std::optional<double> constant(const Book& book, int term, double date) {
  if (term < 0) return std::nullopt;
  const Term& node = book.terms[term];
  if (node.op == Term::Op::kNumber) return node.number;
  if (node.op != Term::Op::kDated) return std::nullopt;
  const rules::Dated& dated = book.dated[node.ref];
  int value = dated.base;
  for (const auto& clause : dated.clauses)
    if (clause.from <= date) value = clause.value;
  if (value < 0 || book.terms[value].op != Term::Op::kNumber) return std::nullopt;
  return book.terms[value].number;
}

// The constants that the law compares a fact with, ascending, within `low` and `high`, both added.
std::vector<double> cuts(const Book& book, int fact, double date, double low, double high) {
  std::vector<double> out = {low, high};
  for (const Term& term : book.terms) {
    if (term.op != Term::Op::kCompare || term.args.size() != 2) continue;
    for (int side : {0, 1}) {
      const Term& mine = book.terms[term.args[side]];
      if (mine.op != Term::Op::kFact || mine.ref != fact) continue;
      const auto value = constant(book, term.args[1 - side], date);
      if (value && *value > low && *value < high) out.push_back(*value);
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

// The case without its chip: what the catalogue says of that chip is told instead.
Case without_chip(Classifier& classifier, const Case& asked) {
  const Book& book = classifier.law().book;
  Case out = asked;
  const auto chip = book.find_fact("chip");
  if (!chip || asked.facts[*chip].codes.count() != 1) return out;
  const size_t row = asked.facts[*chip].codes._Find_first();
  for (size_t i = 0; i < book.facts.size(); ++i) {
    const Fact& fact = book.facts[i];
    const bool open = asked.facts[i].state == rules::Known::State::kUntold;
    if (!open || fact.table != *chip || row >= fact.cells.size() || !fact.cells[row]) continue;
    if (fact.kind == Fact::Kind::kNumber) out.tell(static_cast<int>(i), *fact.cells[row]);
    if (fact.kind == Fact::Kind::kCondition)
      out.tell_truth(static_cast<int>(i), *fact.cells[row] != 0);
  }
  out.facts[*chip] = {};
  return out;
}

}  // namespace

std::vector<int> rules_below(const Book& book, int rule) {
  std::vector<int> order;
  const auto add = [&](int each) {
    if (std::find(order.begin(), order.end(), each) == order.end()) order.push_back(each);
  };
  for (int inner : book.rules[rule].rules)
    for (int each : rules_below(book, inner)) add(each);
  add(rule);
  return order;
}

Json ruling_to_json(Classifier& classifier, const Case& asked, const Ruling& ruling) {
  const Book& book = classifier.law().book;
  Json out;
  out["schema"] = "headrace.classify/1";
  out["date"] = day(asked.date);
  out["class"] = ruling.entry;
  out["outcome"] = ruling.outcome;
  out["reasons"] = ruling.reasons;
  out["class_detail"] = answer_json(book, ruling.entry_answer, classifier.entry_rule());
  out["outcome_detail"] = answer_json(book, ruling.outcome_answer, classifier.outcome_rule());
  out["facts"] = facts_json(classifier, asked);
  out["trace"] = trace_json(classifier, asked);
  out["notice"] = kNoAdvice;
  return out;
}

std::vector<Stretch> over_time(Classifier& classifier, Case asked) {
  std::vector<double> dates = classifier.law().book.changes();
  dates.insert(dates.begin(), text::to_years({2018, 1, 1}));
  std::vector<Stretch> stretches;
  for (double date : dates) {
    asked.date = date;
    Ruling ruling = classifier.rule(asked);
    if (!stretches.empty() && stretches.back().ruling.entry == ruling.entry &&
        stretches.back().ruling.outcome == ruling.outcome &&
        stretches.back().ruling.reasons == ruling.reasons)
      continue;
    stretches.push_back({date, std::move(ruling)});
  }
  return stretches;
}

Json stretches_to_json(const std::vector<Stretch>& stretches) {
  Json out = Json::array();
  for (const Stretch& each : stretches)
    out.push_back({{"from", day(each.from)},
                   {"class", each.ruling.entry},
                   {"outcome", each.ruling.outcome},
                   {"reasons", each.ruling.reasons}});
  return out;
}

Json law_to_json(Classifier& classifier) {
  const Book& book = classifier.law().book;
  Json out = {{"facts", Json::array()}, {"acts", Json::array()}};
  for (const Fact& fact : book.facts) {
    Json line = {{"name", fact.name}, {"title", fact.shown()}};
    switch (fact.kind) {
      case Fact::Kind::kNumber:
        line["kind"] = "number";
        line["unit"] = fact.unit.text();
        break;
      case Fact::Kind::kCondition:
        line["kind"] = "condition";
        break;
      case Fact::Kind::kCode:
        line["kind"] = "code";
        line["codes"] = codes_json(book.enums[fact.type]);
        break;
    }
    line["from_chip"] = fact.table >= 0;
    line["assumed"] = fact.assumed;
    out["facts"].push_back(std::move(line));
  }
  out["outcomes"] = codes_json(book.enums[book.rules[classifier.outcome_rule()].type]);
  out["changes"] = Json::array();
  for (double date : book.changes()) out["changes"].push_back(day(date));
  const text::CsvTable& acts = classifier.law().acts;
  for (const auto& row : acts.rows) {
    Json line;
    for (size_t i = 0; i < row.size(); ++i) line[acts.header[i]] = row[i];
    out["acts"].push_back(std::move(line));
  }
  out["notice"] = kNoAdvice;
  return out;
}

Json catalogue_to_json(Classifier& classifier, const Case& asked) {
  const Book& book = classifier.law().book;
  Json out = Json::array();
  const auto fact = book.find_fact("chip");
  if (!fact) return out;
  const rules::Enum& decl = book.enums[book.facts[*fact].type];
  Case each = without_chip(classifier, asked);
  // Figures told for a chip of one's own are not those of the catalogue's.
  for (size_t i = 0; i < book.facts.size(); ++i) {
    const bool of_chip = book.facts[i].table == *fact || book.facts[i].name == "pd";
    if (of_chip) each.facts[i] = {};
  }
  for (size_t chip = 0; chip < decl.codes.size(); ++chip) {
    each.tell_code(*fact, static_cast<int>(chip));
    Json line = {{"id", decl.codes[chip]}, {"name", decl.titles[chip]}};
    if (decl.table)
      for (const char* column : {"designer", "country", "node_nm", "source"})
        if (const auto at = decl.table->column(column)) line[column] = decl.table->rows[chip][*at];
    for (const char* name : {"tpp", "pd", "io", "dram", "area"})
      if (const auto index = book.find_fact(name))
        line[name] = number_json(classifier.judge().number(each, *index), false);
    line["stretches"] = stretches_to_json(over_time(classifier, each));
    out.push_back(std::move(line));
  }
  return out;
}

Json plane_to_json(Classifier& classifier, const Case& asked) {
  const Book& book = classifier.law().book;
  const auto tpp = book.find_fact("tpp"), pd = book.find_fact("pd");
  if (!tpp || !pd) return nullptr;
  const std::vector<double> across = cuts(book, *tpp, asked.date, 100, 200'000),
                            up = cuts(book, *pd, asked.date, 0.1, 100);
  Json out = {{"tpp", across}, {"pd", up}, {"cells", Json::array()}};
  Case cell = without_chip(classifier, asked);
  for (size_t j = 0; j + 1 < up.size(); ++j) {
    Json row = Json::array();
    for (size_t i = 0; i + 1 < across.size(); ++i) {
      cell.tell(*tpp, std::sqrt(across[i] * across[i + 1]));
      cell.tell(*pd, std::sqrt(up[j] * up[j + 1]));
      const Ruling ruling = classifier.rule(cell);
      row.push_back({{"class", ruling.entry}, {"outcome", ruling.outcome}});
    }
    out["cells"].push_back(std::move(row));
  }
  return out;
}

}  // namespace headrace::workbench
