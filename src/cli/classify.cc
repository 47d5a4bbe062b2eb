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
using workbench::Stretch;

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
  const std::vector<Stretch> stretches = workbench::over_time(classifier, asked);
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
                {"stretches", workbench::stretches_to_json(stretches)},
                {"notice", kNoAdvice}};
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
      write_result(args, workbench::ruling_to_json(classifier, asked, ruling).dump(2) + "\n");
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
