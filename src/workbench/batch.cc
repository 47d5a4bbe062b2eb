#include "workbench/batch.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/workers.h"

namespace headrace::workbench {
namespace {

using base::Error;

constexpr size_t kRowsATask = 2000;
constexpr size_t kMostErrors = 100;

std::unexpected<Error> wrong(std::string message) {
  return base::fail(Error::Kind::kInvalid, std::move(message));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

// ---------------------------------------------------------------- text

// The record of RFC 4180 text at `at`, which then stands behind it; a quoted cell may hold line
// breaks.
std::string_view next_record(std::string_view text, size_t& at) {
  const size_t begin = at;
  bool quoted = false, at_cell = true;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      if (quoted || at_cell) quoted = !quoted;
      at_cell = false;
    } else if (!quoted && c == '\n') {
      break;
    } else {
      at_cell = !quoted && c == ',';
    }
  }
  std::string_view record = text.substr(begin, at - begin);
  while (!record.empty() && record.back() == '\r') record.remove_suffix(1);
  if (at < text.size()) ++at;
  return record;
}

// The cells of a record, quotes undone. False when a quote never closes.
bool read_cells(std::string_view record, std::vector<std::string>& cells) {
  size_t count = 0;
  const auto next_cell = [&]() -> std::string& {
    if (count == cells.size()) cells.emplace_back();
    cells[count].clear();
    return cells[count++];
  };
  std::string* cell = &next_cell();
  bool quoted = false;
  for (size_t at = 0; at < record.size(); ++at) {
    const char c = record[at];
    if (quoted) {
      if (c != '"')
        *cell += c;
      else if (at + 1 < record.size() && record[at + 1] == '"')
        *cell += c, ++at;
      else
        quoted = false;
    } else if (c == '"' && cell->empty()) {
      quoted = true;
    } else if (c == ',') {
      cell = &next_cell();
    } else {
      *cell += c;
    }
  }
  cells.resize(count);
  return !quoted;
}

void append_cell(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\n\r") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

// ---------------------------------------------------------------- rows

struct Column {
  std::string name;
  int fact = -1;  // -1: the date, or a column that is kept and not read
  bool is_date = false, needed = false;
};

struct Row {
  std::string_view record;
  size_t number = 0;  // as an editor counts lines of one record each
};

// What is wrong with a row; "" when it is told.
std::string tell_row(const Classifier& classifier, const std::vector<Column>& columns,
                     const Row& row, std::vector<std::string>& cells, rules::Case& asked) {
  if (!read_cells(row.record, cells))
    return fmt::format("row {}: a quote never closes", row.number);
  if (cells.size() != columns.size())
    return fmt::format("row {}: {} cells, and the header has {}", row.number, cells.size(),
                       columns.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    const Column& column = columns[i];
    if (column.needed && trimmed(cells[i]).empty())
      return fmt::format("row {}, column {}: empty", row.number, column.name);
    if (!column.is_date && column.fact < 0) continue;
    const auto told = column.is_date ? classifier.tell_date(asked, cells[i])
                                     : classifier.tell_fact(asked, column.fact, cells[i]);
    if (!told)
      return fmt::format("row {}, column {}: {}", row.number, column.name, told.error().message);
  }
  return "";
}

void answer_row(Classifier& classifier, const std::string& problem, const rules::Case& asked,
                std::string_view record, Batch& out) {
  ++out.rows;
  out.text += record;
  if (!problem.empty()) {
    out.text += ",,,";
    append_cell(out.text, "error: " + problem);
    ++out.wrong;
    if (out.errors.size() < kMostErrors) out.errors.push_back(problem);
  } else {
    const Ruling ruling = classifier.rule(asked);
    for (const std::string* cell : {&ruling.entry, &ruling.outcome, &ruling.reasons}) {
      out.text += ',';
      append_cell(out.text, *cell);
    }
  }
  out.text += '\n';
}

std::vector<Column> columns_of(const Classifier& classifier, std::vector<std::string> header) {
  std::vector<Column> columns;
  for (std::string& name : header) {
    Column column;
    column.is_date = name == "date";
    column.needed = column.is_date || name == "destination";
    column.fact = classifier.fact_named(name).value_or(-1);
    column.name = std::move(name);
    columns.push_back(std::move(column));
  }
  return columns;
}

// Every worker has a classifier of its own; the answers of each task are put together in order.
void answer_rows(const LawBook& law, const std::vector<Column>& columns,
                 const std::vector<Row>& rows, unsigned threads, Batch& batch) {
  const size_t tasks = (rows.size() + kRowsATask - 1) / kRowsATask;
  std::vector<Batch> parts(tasks);
  std::vector<std::unique_ptr<Classifier>> classifiers(base::thread_count(threads));
  base::parallel_for(tasks, threads, [&](size_t task, unsigned worker) {
    auto& classifier = classifiers[worker];
    if (!classifier) classifier = std::move(*Classifier::make(law));
    const rules::Case blank(law.book);
    rules::Case asked = blank;
    std::vector<std::string> cells;
    const size_t end = std::min(rows.size(), (task + 1) * kRowsATask);
    for (size_t i = task * kRowsATask; i < end; ++i) {
      asked = blank;
      const std::string problem = tell_row(*classifier, columns, rows[i], cells, asked);
      answer_row(*classifier, problem, asked, rows[i].record, parts[task]);
    }
  });
  for (Batch& part : parts) {
    batch.text += part.text;
    batch.rows += part.rows;
    batch.wrong += part.wrong;
    for (std::string& error : part.errors)
      if (batch.errors.size() < kMostErrors) batch.errors.push_back(std::move(error));
  }
}

}  // namespace

base::Result<Batch> classify_table(const LawBook& law, std::string_view text, unsigned threads) {
  const auto classifier = Classifier::make(law);
  if (!classifier) return std::unexpected(classifier.error());
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  size_t at = 0;
  while (at < text.size() && (text[at] == '\n' || text[at] == '\r')) ++at;
  if (at == text.size()) return wrong("the table is empty");
  const size_t begin = at;
  const std::string_view first = next_record(text, at);
  std::vector<std::string> header;
  if (!read_cells(first, header)) return wrong("a quote in the first line never closes");
  for (std::string& name : header) name = trimmed(name);
  Batch batch;
  const bool has_header = std::find(header.begin(), header.end(), "date") != header.end();
  if (has_header) {
    batch.text = std::string(first) + ",class,outcome,reasons\n";
  } else {
    if (header.size() != 3)
      return wrong(
          "the first line names no column 'date', and is not of the form chip,date,destination");
    header = {"chip", "date", "destination"};
    batch.text = "chip,date,destination,class,outcome,reasons\n";
    at = begin;
  }
  if (std::find(header.begin(), header.end(), "destination") == header.end())
    return wrong("there is no column 'destination'");
  std::vector<Row> rows;
  for (size_t number = has_header ? 2 : 1; at < text.size(); ++number) {
    const std::string_view record = next_record(text, at);
    if (!record.empty()) rows.push_back({record, number});
  }
  answer_rows(law, columns_of(**classifier, std::move(header)), rows, threads, batch);
  return batch;
}

}  // namespace headrace::workbench
