// `headrace rules` and `headrace chips`: the register of acts and the catalogue.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/law.h"
#include "cli/terminal.h"
#include "report/layout.h"

namespace headrace::cli {
namespace {

using Json = nlohmann::ordered_json;
using workbench::Classifier;

std::string cell(const text::CsvTable& table, size_t row, std::string_view column) {
  const auto at = table.column(column);
  return at ? table.rows[row][*at] : "";
}

void write_table(const Arguments& args, const report::Table& table, const std::string& before,
                 const std::string& after) {
  switch (args.format.value_or(Format::kTable)) {
    case Format::kJson: {
      Json rows = Json::array();
      for (const auto& row : table.rows) {
        Json one;
        for (size_t i = 0; i < row.size(); ++i) one[table.columns[i].head] = row[i];
        rows.push_back(one);
      }
      return write_result(args, rows.dump(2) + "\n");
    }
    case Format::kCsv: {
      std::string out;
      const auto line = [&](const auto& cells, const auto& text) {
        for (size_t i = 0; i < cells.size(); ++i) {
          std::string value = text(cells[i]);
          for (size_t q = 0; (q = value.find('"', q)) != std::string::npos; q += 2)
            value.insert(q, 1, '"');
          out += (i ? "," : "") +
                 (value.find_first_of(",\"\n") == std::string::npos ? value : "\"" + value + "\"");
        }
        out += '\n';
      };
      line(table.columns, [](const report::Column& column) { return column.head; });
      for (const auto& row : table.rows) line(row, [](const std::string& text) { return text; });
      return write_result(args, out);
    }
    case Format::kMarkdown:
      return write_result(args, report::render_markdown(table));
    case Format::kNetcdf:  // refused by check_output
    case Format::kTable:
      break;
  }
  write_result(args, before + report::render(table, look_of(args)) + after);
}

// ---------------------------------------------------------------- rules

int list_rules(const LawSession& session, const Arguments& args) {
  const text::CsvTable& acts = session.law->acts;
  report::Table table{{{"id"}, {"from"}, {"to"}, {"by"}, {"kind"}, {"name", false, true}}, {}};
  for (size_t row = 0; row < acts.rows.size(); ++row)
    table.rows.push_back({cell(acts, row, "id"), cell(acts, row, "date"), cell(acts, row, "end"),
                          cell(acts, row, "jurisdiction"), cell(acts, row, "kind"),
                          cell(acts, row, "title")});
  write_table(args, table, "", fmt::format("\n{} More: headrace rules show ID\n", kNoAdvice));
  return kDone;
}

void clauses_from(const Classifier& classifier, const rules::Rule& rule,
                  const std::vector<rules::Clause>& clauses, const std::string& id,
                  std::string& out) {
  for (const rules::Clause& clause : clauses) {
    if (std::find(clause.sources.begin(), clause.sources.end(), id) != clause.sources.end())
      out += fmt::format("  {} {}: when {}, {}\n", rule.name, clause.label,
                         classifier.condition(clause),
                         classifier.law().book.enums[rule.type].codes[clause.code]);
    clauses_from(classifier, rule, clause.exceptions, id, out);
  }
}

int show_rule(const LawSession& session, const Arguments& args) {
  const text::CsvTable& acts = session.law->acts;
  std::string out;
  for (size_t i = 1; i < args.words.size(); ++i) {
    const std::string& id = args.words[i];
    std::vector<std::string> known;
    bool found = false;
    for (size_t row = 0; row < acts.rows.size(); ++row) {
      known.push_back(cell(acts, row, "id"));
      if (known.back() != id) continue;
      found = true;
      out += fmt::format("{}  {}\n", id, cell(acts, row, "title"));
      for (const char* field :
           {"date", "published", "end", "jurisdiction", "kind", "citation", "confidence", "url"})
        if (const std::string text = cell(acts, row, field); !text.empty())
          out += fmt::format("  {:<13}{}\n", field, text);
      std::string clauses;
      for (const rules::Rule& rule : session.law->book.rules)
        clauses_from(*session.classifier, rule, rule.clauses, id, clauses);
      if (!clauses.empty()) out += "clauses that rest on it\n" + clauses;
    }
    if (!found) {
      const std::string near = text::nearest(id, known);
      end_with(kNotFound, fmt::format("unknown rule '{}'\n  {}", id,
                                      near.empty() ? "list all with: headrace rules list"
                                                   : fmt::format("did you mean: {}?", near)));
    }
  }
  if (out.empty()) end_with(kUsage, "which rule? headrace rules show R011");
  write_result(args, out + kNoAdvice + "\n");
  return kDone;
}

int diff_rules(const LawSession& session, const Arguments& args) {
  if (args.words.size() != 3)
    end_with(kUsage, "two days are compared: headrace rules diff 2022-08-01 2023-12-01");
  double first = day_or_end(args.words[1]), second = day_or_end(args.words[2]);
  if (second < first) std::swap(first, second);
  const std::string from = day(first), to = day(second);
  const text::CsvTable& acts = session.law->acts;
  std::string before = fmt::format("from {} to {}\n", from, to);
  for (size_t row = 0; row < acts.rows.size(); ++row) {
    const std::string began = cell(acts, row, "date"), ended = cell(acts, row, "end");
    if (began > from && began <= to)
      before +=
          fmt::format("+ {}  {}  {}\n", cell(acts, row, "id"), began, cell(acts, row, "title"));
    if (!ended.empty() && ended >= from && ended < to)
      before +=
          fmt::format("- {}  {}  {}\n", cell(acts, row, "id"), ended, cell(acts, row, "title"));
  }
  Classifier& classifier = *session.classifier;
  const auto& book = session.law->book;
  const std::string destination = args.affects.empty() ? "CN" : args.affects;
  const int nation = code_or_end(classifier, "destination", destination);
  report::Table table{
      {{"chip"}, {"class before"}, {"outcome before"}, {"class after"}, {"outcome after"}}, {}};
  const int chips = book.facts[*book.find_fact("chip")].type;
  for (size_t chip = 0; chip < book.enums[chips].codes.size(); ++chip) {
    rules::Case asked(book);
    asked.tell_code(*book.find_fact("chip"), static_cast<int>(chip));
    asked.tell_code(*book.find_fact("destination"), nation);
    asked.tell_code(*book.find_fact("origin"),
                    *book.enums[book.facts[*book.find_fact("origin")].type].find("US"));
    asked.date = first;
    const auto old = classifier.rule(asked);
    asked.date = second;
    const auto now = classifier.rule(asked);
    if (old.entry != now.entry || old.outcome != now.outcome)
      table.rows.push_back(
          {book.enums[chips].codes[chip], old.entry, old.outcome, now.entry, now.outcome});
  }
  write_table(args, table,
              before + fmt::format("\nchips that change, shipped from the United States to {}\n",
                                   destination),
              fmt::format("\n{}\n", kNoAdvice));
  return kDone;
}

// ---------------------------------------------------------------- chips

std::string number_of(Classifier& classifier, const rules::Case& asked, const char* fact) {
  return figure(classifier.judge().number(asked, *classifier.law().book.find_fact(fact)));
}

int list_chips(const LawSession& session, const Arguments& args) {
  Classifier& classifier = *session.classifier;
  const auto& book = session.law->book;
  const int fact = *book.find_fact("chip");
  const auto& decl = book.enums[book.facts[fact].type];
  report::Table table{{{"id"},
                       {"name", false, true},
                       {"TPP", true},
                       {"PD", true},
                       {"I/O GB/s", true},
                       {"DRAM GB/s", true}},
                      {}};
  for (size_t chip = 0; chip < decl.codes.size(); ++chip) {
    rules::Case asked(book);
    asked.tell_code(fact, static_cast<int>(chip));
    table.rows.push_back({decl.codes[chip], decl.titles[chip], number_of(classifier, asked, "tpp"),
                          number_of(classifier, asked, "pd"), number_of(classifier, asked, "io"),
                          number_of(classifier, asked, "dram")});
  }
  write_table(args, table, "", "\nMore: headrace chips show ID\n");
  return kDone;
}

int show_chip(const LawSession& session, const Arguments& args) {
  if (args.words.size() != 2) end_with(kUsage, "which chip? headrace chips show h20");
  Classifier& classifier = *session.classifier;
  const auto& book = session.law->book;
  const int fact = *book.find_fact("chip");
  const int chip = code_or_end(classifier, "chip", args.words[1]);
  const auto& decl = book.enums[book.facts[fact].type];
  rules::Case asked(book);
  asked.tell_code(fact, chip);
  std::string out = fmt::format("{}  {}\n", decl.codes[chip], decl.titles[chip]);
  if (decl.table) {
    for (size_t column = 2; column < decl.table->header.size(); ++column) {
      const std::string& text = decl.table->rows[chip][column];
      if (!text.empty()) out += fmt::format("  {:<12}{}\n", decl.table->header[column], text);
    }
  }
  out += fmt::format("derived\n  {:<12}{}\n  {:<12}{}\n", "TPP",
                     number_of(classifier, asked, "tpp"), "PD", number_of(classifier, asked, "pd"));
  write_result(args, out);
  return kDone;
}

}  // namespace

int rules_command(const Arguments& args) {
  check_output(args);
  const std::string what = args.words.empty() ? "list" : args.words[0];
  const LawSession session = open_law(args);
  if (what == "list") return list_rules(session, args);
  if (what == "show") return show_rule(session, args);
  if (what == "diff") return diff_rules(session, args);
  end_with(kUsage, fmt::format("'{}' is not list, show or diff\n  see: headrace help rules", what));
}

int chips_command(const Arguments& args) {
  check_output(args);
  const std::string what = args.words.empty() ? "list" : args.words[0];
  const LawSession session = open_law(args);
  if (what == "list") return list_chips(session, args);
  if (what == "show") return show_chip(session, args);
  end_with(kUsage, fmt::format("'{}' is not list or show\n  see: headrace help chips", what));
}

}  // namespace headrace::cli
