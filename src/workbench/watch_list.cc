#include "workbench/watch_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "text/csv.h"

namespace headrace::workbench {
namespace {

using base::Error;
using Form = study::ReadingError::Form;

std::string trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t at = 0; at <= text.size();) {
    const size_t next = std::min(text.find(',', at), text.size());
    std::string part = trimmed(std::string_view(text).substr(at, next - at));
    if (!part.empty()) parts.push_back(std::move(part));
    at = next + 1;
  }
  return parts;
}

// A row of a table, with its place for messages.
class Row {
 public:
  Row(const Project& project, const text::CsvTable& table, size_t row)
      : project_(project), table_(table), row_(row) {}

  std::string cell(std::string_view name) const {
    const auto column = table_.column(name);
    return column ? trimmed(table_.rows[row_][*column]) : std::string();
  }
  std::unexpected<Error> wrong(const std::string& why) const {
    const text::Source& source = project_.sources[table_.source];
    const auto line = source.position(table_.row_span(row_).begin).line;
    return base::fail(Error::Kind::kInvalid, fmt::format("{}:{}: {}", source.name, line, why));
  }

 private:
  const Project& project_;
  const text::CsvTable& table_;
  size_t row_;
};

base::Result<text::CsvTable> read_table(Project& project, const std::filesystem::path& path,
                                        const std::vector<std::string>& needed) {
  const auto file = project.sources.load(path);
  if (!file) return std::unexpected(file.error());
  text::Diagnostics found;
  auto table = text::read_csv(project.sources, *file, found);
  if (!table) {
    std::string why = text::render(found, project.sources);
    while (why.ends_with('\n')) why.pop_back();
    return base::fail(Error::Kind::kInvalid, why);
  }
  for (const std::string& name : needed) {
    if (table->column(name)) continue;
    return base::fail(Error::Kind::kInvalid,
                      fmt::format("{}:1: there is no column '{}'", path.string(), name));
  }
  return std::move(*table);
}

// `3 month`, `1 year`, and so on, in months.
std::optional<int> parse_every(const std::string& text) {
  const size_t space = text.find(' ');
  if (space == std::string::npos) return std::nullopt;
  const auto count = number(text.substr(0, space));
  std::string unit = trimmed(std::string_view(text).substr(space));
  if (unit.ends_with('s')) unit.pop_back();
  const int months = unit == "month" ? 1 : unit == "quarter" ? 3 : unit == "year" ? 12 : 0;
  if (!count || months == 0 || *count < 1 || *count > 1200 || *count != std::floor(*count)) {
    return std::nullopt;
  }
  return months * static_cast<int>(*count);
}

base::Result<WatchLine> watch_line(const Row& row) {
  WatchLine out;
  out.id = row.cell("id"), out.title = row.cell("title"), out.reads = row.cell("reads");
  out.unit = row.cell("unit"), out.source = row.cell("source"), out.note = row.cell("note");
  if (out.id.empty()) return row.wrong("an indicator needs an id");
  if (out.reads.empty()) return row.wrong("`reads` says nothing; write what the model calls it");
  const auto error = parse_reading_error(row.cell("error"));
  if (!error) return row.wrong(error.error().message);
  out.error = *error;
  const std::string next = row.cell("next"), every = row.cell("every");
  if (!next.empty()) {
    out.next = text::parse_date(next);
    if (!out.next) return row.wrong(fmt::format("'{}' is not a date, as in 2026-02-10", next));
  }
  if (!every.empty()) {
    const auto months = parse_every(every);
    if (!months) {
      return row.wrong(fmt::format("'{}' is not an interval: 3 month, 1 quarter, 1 year", every));
    }
    if (!out.next) return row.wrong("`every` needs a date in `next` to count from");
    out.every_months = *months;
  }
  return out;
}

base::Result<DecisionLine> decision_line(const Row& row) {
  DecisionLine out{row.cell("id"),   row.cell("title"), row.cell("utility"),
                   row.cell("unit"), row.cell("note"),  split(row.cell("options"))};
  if (out.id.empty()) return row.wrong("a decision needs an id");
  if (out.options.size() < 2) return row.wrong("`options` names fewer than two scenarios");
  if (out.utility.empty()) return row.wrong("`utility` says nothing");
  return out;
}

template <class Line>
base::Result<std::vector<Line>> read_lines(Project& project, const std::filesystem::path& path,
                                           const std::vector<std::string>& needed,
                                           base::Result<Line> (*read)(const Row&)) {
  const auto table = read_table(project, path, needed);
  if (!table) return std::unexpected(table.error());
  std::vector<Line> lines;
  std::set<std::string> ids;
  for (size_t r = 0; r < table->rows.size(); ++r) {
    const Row row(project, *table, r);
    auto line = read(row);
    if (!line) return std::unexpected(line.error());
    if (!ids.insert(line->id).second) {
      return row.wrong(fmt::format("a second line with the id '{}'", line->id));
    }
    lines.push_back(std::move(*line));
  }
  return lines;
}

bool there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

}  // namespace

base::Result<std::vector<WatchLine>> read_watch_list(Project& project, const std::string& path) {
  const std::filesystem::path own = project.folder / "watch.csv";
  if (path.empty() && !there(own)) return std::vector<WatchLine>();
  return read_lines<WatchLine>(project, path.empty() ? own : std::filesystem::path(path),
                               {"id", "reads"}, watch_line);
}

base::Result<std::vector<DecisionLine>> read_decisions(Project& project) {
  const std::filesystem::path own = project.folder / "decisions.csv";
  if (!there(own)) return std::vector<DecisionLine>();
  return read_lines<DecisionLine>(project, own, {"id", "options", "utility"}, decision_line);
}

base::Result<study::ReadingError> parse_reading_error(const std::string& text) {
  const auto wrong = [&text](const char* why) {
    return base::fail(Error::Kind::kInvalid, fmt::format("the error '{}': {}", text, why));
  };
  if (text.empty()) return study::ReadingError{};
  if (text.starts_with("gsd ")) {
    const auto gsd = number(trimmed(std::string_view(text).substr(4)));
    if (!gsd || !(*gsd > 1) || !std::isfinite(*gsd)) return wrong("a gsd is a number above 1");
    return study::ReadingError{Form::kLognormal, std::log(*gsd)};
  }
  if (text.ends_with('%')) {
    const auto share = number(trimmed(std::string_view(text).substr(0, text.size() - 1)));
    if (!share || !(*share > 0) || !std::isfinite(*share)) return wrong("expected a share above 0");
    return study::ReadingError{Form::kLognormal, std::log1p(*share / 100)};
  }
  const auto sd =
      number(text.starts_with("sd ") ? trimmed(std::string_view(text).substr(3)) : text);
  if (!sd || !(*sd > 0) || !std::isfinite(*sd)) {
    return wrong("expected a number above 0, `sd 0.05`, `gsd 1.3` or `10%`");
  }
  return study::ReadingError{Form::kNormal, *sd};
}

std::optional<text::Date> next_release(const WatchLine& line, text::Date day) {
  if (!line.next) return std::nullopt;
  if (*line.next >= day) return line.next;
  if (line.every_months == 0) return std::nullopt;
  const auto months = [](text::Date date) { return 12 * date.year + date.month - 1; };
  const int first = months(*line.next);
  const int passed = (months(day) - first) / line.every_months;
  for (int k = std::max(0, passed);; ++k) {
    const int month = first + k * line.every_months;
    text::Date date{month / 12, month % 12 + 1, line.next->day};
    if (date.year > 9999) return std::nullopt;
    date.day = std::min(date.day, text::days_in_month(date.year, date.month));
    if (date >= day) return date;
  }
}

}  // namespace headrace::workbench
