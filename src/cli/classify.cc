#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/law.h"
#include "cli/terminal.h"
#include "report/layout.h"
#include "rules/explain.h"
#include "text/calendar.h"
#include "text/markup.h"
#include "workbench/batch.h"

namespace headrace::cli {
namespace {

using Json = nlohmann::ordered_json;
using rules::Truth;
using workbench::Classifier;
using workbench::Ruling;

constexpr size_t kMostBytes = size_t{1} << 30;

// ---------------------------------------------------------------- the case

rules::Case read_case(const Classifier& classifier, const Arguments& args) {
  rules::Case asked(classifier.law().book);
  asked.date = args.date.empty() ? today() : day_or_end(args.date);
  if (args.words.size() > 1)
    end_with(kUsage, "one chip at a time; a table of them goes to --batch");
  if (!args.words.empty()) or_end(classifier.tell(asked, "chip", args.words[0]));
  for (const auto& [name, value] : args.facts) {
    if (!classifier.knows(name))
      end_with(kNotFound,
               fmt::format("there is no fact '{}'\n  see: docs/methods/export-rules.md", name));
    const auto told = classifier.tell(asked, name, value);
    if (!told && told.error().kind == base::Error::Kind::kInvalid)
      end_with(kUsage, told.error().message);
    or_end(told);
  }
  const auto& book = classifier.law().book;
  if (asked.facts[*book.find_fact("destination")].codes.none())
    end_with(kUsage, "where to? Give the country: --to CN");
  return asked;
}

std::string code_text(const Classifier& classifier, const rules::Codes& codes, int type,
                      bool with_words) {
  std::string text;
  const auto& decl = classifier.law().book.enums[type];
  for (size_t i = 0; i < decl.codes.size(); ++i) {
    if (!codes.test(i)) continue;
    text += (text.empty() ? "" : " or ") +
            (with_words ? classifier.words(type, static_cast<int>(i)) : decl.codes[i]);
  }
  return text;
}

std::string name_of(Classifier& classifier, const rules::Case& asked, const char* fact) {
  const auto& book = classifier.law().book;
  const int index = *book.find_fact(fact);
  const auto codes = classifier.judge().codes(asked, index);
  if (!codes || codes->count() != 1) return "";
  const auto& decl = book.enums[book.facts[index].type];
  const size_t code = codes->_Find_first();
  return decl.titles[code].empty() ? decl.codes[code] : decl.titles[code];
}

// ---------------------------------------------------------------- for people

const char* word(Truth truth) {
  return truth == Truth::kYes ? "yes" : truth == Truth::kNo ? "no" : "unknown";
}

// Rules that the outcome asks, the deepest first, as a person reads them.
void rules_below(const rules::Book& book, int rule, std::vector<int>& order) {
  for (int inner : book.rules[rule].rules) rules_below(book, inner, order);
  if (std::find(order.begin(), order.end(), rule) == order.end()) order.push_back(rule);
}

// What an open answer hangs on, the first few.
void add_branches(const Classifier& classifier, const rules::Answer& answer, int type,
                  std::string& out) {
  for (size_t i = 0; i < std::min<size_t>(answer.needs.size(), 3); ++i) {
    const rules::Need& need = answer.needs[i];
    out += fmt::format("  if {}: {}\n  if {}: {}\n", need.above,
                       code_text(classifier, need.if_above, type, false), need.below,
                       code_text(classifier, need.if_below, type, false));
  }
}

std::string figures_of(Classifier& classifier, const rules::Case& asked) {
  const auto& book = classifier.law().book;
  std::string figures;
  for (const char* name : {"tpp", "pd", "io", "dram"}) {
    const auto fact = book.find_fact(name);
    if (!fact) continue;
    const std::string value = figure(classifier.judge().number(asked, *fact));
    const bool plain = value == "unknown" || book.facts[*fact].unit.text() == "1";
    figures += fmt::format("{}{} {}{}", figures.empty() ? "  " : ", ", book.facts[*fact].shown(),
                           value, plain ? "" : " GB/s");
  }
  return figures + "\n";
}

report::Table table_of(const std::vector<rules::Reason>& reasons) {
  report::Table table{{{"clause"}, {"because", false, true}, {"holds"}, {"since"}}, {}};
  for (const rules::Reason& reason : reasons) {
    const std::string label =
        reason.clause->label.empty() ? reason.rule->name : reason.clause->label;
    const double since = reason.clause->since;
    table.rows.push_back({(reason.exception ? "except " : "") + label, reason.because,
                          word(reason.holds), since == rules::kAlways ? "" : day(since)});
  }
  return table;
}

std::string sources_of(const std::vector<rules::Reason>& reasons) {
  std::vector<std::string> sources;
  for (const rules::Reason& reason : reasons)
    if (reason.holds != Truth::kNo)
      for (const std::string& source : reason.clause->sources)
        if (std::find(sources.begin(), sources.end(), source) == sources.end())
          sources.push_back(source);
  std::string out = sources.empty() ? "" : " Sources: headrace rules show";
  for (const std::string& source : sources) out += " " + source;
  return out;
}

std::string for_people(Classifier& classifier, const rules::Case& asked, const Ruling& ruling,
                       const Arguments& args) {
  const int type = classifier.law().book.rules[classifier.outcome_rule()].type;
  const std::string chip = name_of(classifier, asked, "chip");
  const bool determined = ruling.outcome_answer.determined();
  std::string out = fmt::format(
      "{} to {} on {}: {}\n", chip.empty() ? "A chip" : chip,
      name_of(classifier, asked, "destination"), day(asked.date),
      determined ? classifier.words(type, ruling.outcome_answer.code()) : ruling.outcome);
  out += fmt::format("  entry of the list: {}\n", ruling.entry);
  if (!determined) {
    out += fmt::format("  possible: {}\n",
                       code_text(classifier, ruling.outcome_answer.codes, type, false));
    add_branches(classifier, ruling.outcome_answer, type, out);
  }
  out += figures_of(classifier, asked);
  const auto reasons =
      rules::explain(classifier.judge(), classifier.law().book, asked, classifier.outcome_rule());
  if (!reasons.empty()) out += "\n" + report::render(table_of(reasons), look_of(args));
  return out + fmt::format("\n{}{}\n", kNoAdvice, sources_of(reasons));
}

// ---------------------------------------------------------------- for machines

Json answer_json(const Classifier& classifier, const rules::Answer& answer, int rule) {
  const auto& book = classifier.law().book;
  const auto& codes = book.enums[book.rules[rule].type].codes;
  Json out;
  out["determined"] = answer.determined();
  out["possible"] = Json::array();
  for (size_t i = 0; i < codes.size(); ++i)
    if (answer.codes.test(i)) out["possible"].push_back(codes[i]);
  out["needs"] = Json::array();
  for (const rules::Need& need : answer.needs) {
    out["needs"].push_back(
        {{"fact", book.facts[need.fact].name},
         {"given_as_range", need.ranged},
         {"if", need.above},
         {"then", code_text(classifier, need.if_above, book.rules[rule].type, false)},
         {"else", code_text(classifier, need.if_below, book.rules[rule].type, false)}});
  }
  return out;
}

std::string for_machines(Classifier& classifier, const rules::Case& asked, const Ruling& ruling) {
  const auto& book = classifier.law().book;
  Json out;
  out["schema"] = "headrace.classify/1";
  out["date"] = day(asked.date);
  out["class"] = ruling.entry;
  out["outcome"] = ruling.outcome;
  out["reasons"] = ruling.reasons;
  for (const auto& [key, rule, answer] :
       {std::tuple{"class_detail", classifier.entry_rule(), &ruling.entry_answer},
        std::tuple{"outcome_detail", classifier.outcome_rule(), &ruling.outcome_answer}})
    out[key] = answer_json(classifier, *answer, rule);
  Json facts = Json::object();
  for (size_t i = 0; i < book.facts.size(); ++i) {
    const rules::Fact& fact = book.facts[i];
    const int index = static_cast<int>(i);
    const auto& read = book.rules[classifier.outcome_rule()].facts;
    if (fact.table < 0 && std::find(read.begin(), read.end(), index) == read.end()) continue;
    if (fact.kind == rules::Fact::Kind::kNumber) {
      const auto value = classifier.judge().number(asked, index);
      if (value && value->is_point())
        facts[fact.name] = value->low;
      else if (value && asked.facts[i].ranged)
        facts[fact.name] = {{"low", value->low}, {"high", value->high}};
      else
        facts[fact.name] = nullptr;
    } else if (fact.kind == rules::Fact::Kind::kCode) {
      const auto codes = classifier.judge().codes(asked, index);
      facts[fact.name] = codes && codes->count() == 1
                             ? Json(book.enums[fact.type].codes[codes->_Find_first()])
                             : Json(nullptr);
    } else if (asked.facts[i].state == rules::Known::State::kTold) {
      facts[fact.name] = asked.facts[i].truth == Truth::kYes;
    }
  }
  out["facts"] = facts;
  out["trace"] = Json::array();
  std::vector<int> order;
  rules_below(book, classifier.outcome_rule(), order);
  for (int rule : order) {
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
      out["trace"].push_back(line);
    }
  }
  out["notice"] = kNoAdvice;
  return out.dump(2) + "\n";
}

// ---------------------------------------------------------------- batches

std::string read_all(const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  if (!file) end_with(kIo, fmt::format("cannot read '{}'", path));
  std::istream& from = path == "-" ? std::cin : file;
  std::ostringstream all;
  all << from.rdbuf();
  std::string text = std::move(all).str();
  if (from.bad()) end_with(kIo, fmt::format("cannot read '{}'", path));
  if (text.size() > kMostBytes) end_with(kInvalid, "the table has more than 1 GiB");
  return text;
}

int run_batch(const workbench::LawBook& law, const Arguments& args) {
  const workbench::Batch batch =
      or_end(workbench::classify_table(law, read_all(args.batch), args.threads));
  write_result(args, batch.text);
  for (const std::string& error : batch.errors) say(error);
  if (batch.wrong > 0)
    say(fmt::format("{} of {} rows could not be answered; the others are", batch.wrong,
                    batch.rows));
  return batch.wrong > 0 ? kInvalid : kDone;
}

// ---------------------------------------------------------------- over time

struct Stretch {
  double from = 0;  // kAlways: from the beginning
  Ruling ruling;
};

std::vector<Stretch> timeline(Classifier& classifier, rules::Case asked) {
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

const char* colour(const std::string& outcome) {
  if (outcome == "NLR") return "#7fb685";
  if (outcome == "LICENCE_PD") return "#c8553d";
  if (outcome == "UNDETERMINED" || outcome == "DEPENDS") return "#c9c9c9";
  if (outcome == "NAC_25D" || outcome == "ACA_NLR" || outcome == "LICENCE_PA" ||
      outcome == "LICENCE_CBC")
    return "#f0c05a";
  return "#e08e45";
}

// One bar, a row of words below it for each stretch.
std::string drawing(const std::vector<Stretch>& stretches, const std::string& title) {
  constexpr double kFirst = 2018, kLast = 2028, kWidth = 760, kLeft = 20;
  const auto x = [&](double years) {
    return kLeft + (std::min(years, kLast) - kFirst) / (kLast - kFirst) * kWidth;
  };
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 800 {}\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n"
      "<title>{}</title>\n<text x=\"20\" y=\"24\" font-size=\"15\">{}</text>\n",
      120 + 20 * stretches.size(), text::escape_markup(title), text::escape_markup(title));
  for (size_t i = 0; i < stretches.size(); ++i) {
    const double begin = x(stretches[i].from),
                 end = i + 1 < stretches.size() ? x(stretches[i + 1].from) : x(kLast);
    const Ruling& ruling = stretches[i].ruling;
    const double y = 104 + 20.0 * static_cast<double>(i);
    out += fmt::format(
        "<rect x=\"{:.1f}\" y=\"40\" width=\"{:.1f}\" height=\"24\" "
        "fill=\"{}\"><title>{}</title></rect>\n",
        begin, end - begin, colour(ruling.outcome),
        text::escape_markup(day(stretches[i].from) + ": " + ruling.outcome));
    out += fmt::format(
        "<rect x=\"20\" y=\"{:.0f}\" width=\"10\" height=\"10\" fill=\"{}\"/><text x=\"36\" "
        "y=\"{:.0f}\">{}</text>\n",
        y - 9, colour(ruling.outcome), y,
        text::escape_markup(fmt::format("{}  {}  {}", day(stretches[i].from), ruling.outcome,
                                        report::shorten(ruling.reasons, 90))));
  }
  for (int year = 2018; year <= 2028; year += 2)
    out +=
        fmt::format("<text x=\"{:.1f}\" y=\"80\" text-anchor=\"middle\" fill=\"#555\">{}</text>\n",
                    x(year), year);
  out += fmt::format("<text x=\"20\" y=\"{}\" fill=\"#555\">{}</text>\n</svg>\n",
                     112 + 20 * stretches.size(), kNoAdvice);
  return out;
}

int run_timeline(Classifier& classifier, const rules::Case& asked, const Arguments& args) {
  const std::vector<Stretch> stretches = timeline(classifier, asked);
  const std::string chip = name_of(classifier, asked, "chip");
  const std::string title = fmt::format("{} to {}", chip.empty() ? "A chip" : chip,
                                        name_of(classifier, asked, "destination"));
  if (args.svg) {
    write_result(args, drawing(stretches, title));
    return kDone;
  }
  if (args.format == Format::kJson) {
    Json out = {{"schema", "headrace.timeline/1"},
                {"title", title},
                {"stretches", Json::array()},
                {"notice", kNoAdvice}};
    for (const Stretch& each : stretches)
      out["stretches"].push_back({{"from", day(each.from)},
                                  {"class", each.ruling.entry},
                                  {"outcome", each.ruling.outcome},
                                  {"reasons", each.ruling.reasons}});
    write_result(args, out.dump(2) + "\n");
    return kDone;
  }
  report::Table table{{{"from"}, {"class"}, {"outcome"}, {"because", false, true}}, {}};
  for (const Stretch& each : stretches)
    table.rows.push_back(
        {day(each.from), each.ruling.entry, each.ruling.outcome, each.ruling.reasons});
  report::Look look = look_of(args);
  if (args.format == Format::kCsv) {
    std::string out = "from,class,outcome,reasons\n";
    const auto quoted = [](const std::string& text) {
      if (text.find_first_of(",\"\n") == std::string::npos) return text;
      std::string cell = "\"";
      for (char c : text) cell += c == '"' ? std::string("\"\"") : std::string(1, c);
      return cell + "\"";
    };
    for (const auto& row : table.rows)
      out += fmt::format("{},{},{},{}\n", row[0], quoted(row[1]), row[2], quoted(row[3]));
    write_result(args, out);
    return kDone;
  }
  if (args.format == Format::kMarkdown)
    write_result(args, report::render_markdown(table));
  else
    write_result(args,
                 fmt::format("{}\n\n{}\n{}\n", title, report::render(table, look), kNoAdvice));
  return kDone;
}

}  // namespace

int classify_command(const Arguments& args) {
  check_output(args);
  LawSession session = open_law(args);
  Classifier& classifier = *session.classifier;
  if (!args.batch.empty()) return run_batch(*session.law, args);
  const rules::Case asked = read_case(classifier, args);
  if (args.timeline || args.svg) return run_timeline(classifier, asked, args);
  const Ruling ruling = classifier.rule(asked);
  switch (args.format.value_or(Format::kTable)) {
    case Format::kJson:
      write_result(args, for_machines(classifier, asked, ruling));
      break;
    case Format::kCsv: {
      std::string reasons = ruling.reasons;
      for (size_t i = 0; (i = reasons.find('"', i)) != std::string::npos; i += 2)
        reasons.insert(i, 1, '"');
      write_result(args, fmt::format("class,outcome,reasons\n\"{}\",{},\"{}\"\n", ruling.entry,
                                     ruling.outcome, reasons));
      break;
    }
    case Format::kNetcdf:  // refused by check_output
    case Format::kMarkdown:
    case Format::kTable:
      write_result(args, for_people(classifier, asked, ruling, args));
  }
  return kDone;
}

}  // namespace headrace::cli
