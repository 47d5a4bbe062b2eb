#include "text/csv.h"

#include <fmt/format.h>

#include <unordered_map>

#include "base/check.h"
#include "text/utf8.h"

namespace headrace::text {
namespace {

struct Row {
  std::vector<std::string> cells;
  std::vector<CsvTable::Range> ranges;
};

class Reader {
 public:
  Reader(const SourceSet& sources, SourceId source, Diagnostics& diagnostics, CsvLimits limits)
      : text_(sources[source].text), diagnostics_(diagnostics), limits_(limits) {
    table_.source = source;
  }

  std::optional<CsvTable> read() {
    const size_t errors = diagnostics_.errors();
    if (const size_t at = find_invalid_utf8(text_); at != text_.npos) {
      fail(at, at + 1, "this byte is not UTF-8 text");
      return std::nullopt;
    }
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
    read_header();
    while (!stopped_ && at_ < text_.size()) {
      Row row = read_row();
      if (!stopped_ && !row.cells.empty()) add(std::move(row));
    }
    if (diagnostics_.errors() > errors) return std::nullopt;
    return std::move(table_);
  }

 private:
  // row = cell *(COMMA cell) (LF / CRLF / end of text). No cells for an empty line.
  Row read_row() {
    Row row;
    if (end_of_line()) return row;
    do {
      if (++cells_ > limits_.cells || row.cells.size() == limits_.columns) {
        too_large(row.cells.size());
        return row;
      }
      const size_t begin = at_;
      row.cells.push_back(at_ < text_.size() && text_[at_] == '"' ? quoted() : bare());
      row.ranges.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(at_)});
    } while (!stopped_ && comma());
    if (!stopped_) end_of_line();
    return row;
  }

  // bare = *(any but COMMA, LF, quote)
  std::string bare() {
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != ',' && !at_line_end()) {
      if (text_[at_] == '"') {
        fail(at_, at_ + 1, "a quote inside a cell that does not begin with one")->hint =
            "put the whole cell in quotes and double those inside";
        stopped_ = true;
        break;
      }
      ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  // quoted = QUOTE *(any but QUOTE / QUOTE QUOTE) QUOTE
  std::string quoted() {
    const size_t begin = at_++;
    std::string cell;
    while (true) {
      const size_t quote = text_.find('"', at_);
      if (quote == text_.npos) {
        fail(begin, begin + 1, "this quote is never closed");
        stopped_ = true;
        return cell;
      }
      cell += text_.substr(at_, quote - at_);
      at_ = quote + 1;
      if (at_ == text_.size() || text_[at_] != '"') break;
      cell += '"';
      ++at_;
    }
    if (at_ < text_.size() && text_[at_] != ',' && !at_line_end()) {
      fail(at_, at_ + 1, "text after the closing quote of a cell");
      stopped_ = true;
    }
    return cell;
  }

  bool comma() {
    if (at_ >= text_.size() || text_[at_] != ',') return false;
    ++at_;
    return true;
  }

  bool at_line_end() const {
    return text_[at_] == '\n' || (text_[at_] == '\r' && text_.substr(at_, 2) == "\r\n");
  }

  bool end_of_line() {
    if (at_ >= text_.size() || !at_line_end()) return false;
    at_ += text_[at_] == '\r' ? 2 : 1;
    return true;
  }

  void read_header() {
    Row row;
    while (!stopped_ && row.cells.empty() && at_ < text_.size()) row = read_row();
    if (stopped_) return;
    if (row.cells.empty()) {
      fail(0, 0, "this table has no header row");
      stopped_ = true;
      return;
    }
    table_.header = std::move(row.cells);
    table_.ranges = std::move(row.ranges);
    check_names();
  }

  void check_names() {
    std::unordered_map<std::string_view, size_t> first;
    for (size_t i = 0; i < table_.header.size(); ++i) {
      const std::string& name = table_.header[i];
      if (name.empty()) continue;
      const auto [found, is_new] = first.emplace(name, i);
      if (is_new) continue;
      Span span = table_.header_span(i);
      Diagnostic* error =
          fail(span.begin, span.end, fmt::format("two columns are called `{}`", name));
      error->labels.push_back({table_.header_span(found->second), "first here"});
    }
  }

  void add(Row row) {
    const size_t width = table_.header.size();
    if (row.cells.size() != width) {
      const uint32_t begin = row.ranges.front().begin;
      auto cells = [](size_t n) { return fmt::format("{} cell{}", n, n == 1 ? "" : "s"); };
      Diagnostic* error =
          fail(begin, row.ranges.back().end,
               fmt::format("this row has {}, the header has {}", cells(row.cells.size()), width));
      error->labels.push_back(
          {table_.header_span(0).merge(table_.header_span(width - 1)), cells(width)});
      return;
    }
    table_.rows.push_back(std::move(row.cells));
    table_.ranges.insert(table_.ranges.end(), row.ranges.begin(), row.ranges.end());
  }

  void too_large(size_t width) {
    const std::string limit = width == limits_.columns ? fmt::format("{} columns", limits_.columns)
                                                       : fmt::format("{} cells", limits_.cells);
    diagnostics_.error(Kind::kTooLarge, span(at_, at_ + 1),
                       fmt::format("this table has more than {}", limit));
    stopped_ = true;
  }

  Diagnostic* fail(size_t begin, size_t end, std::string message) {
    return &diagnostics_.error(Kind::kBadData, span(begin, end), std::move(message));
  }

  Span span(size_t begin, size_t end) const {
    return {table_.source, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  }

  std::string_view text_;
  Diagnostics& diagnostics_;
  CsvLimits limits_;
  CsvTable table_;
  size_t at_ = 0;
  size_t cells_ = 0;
  bool stopped_ = false;  // what follows a broken quote cannot be told apart
};

}  // namespace

Span CsvTable::header_span(size_t column) const {
  CHECK(column < header.size());
  return {source, ranges[column].begin, ranges[column].end};
}

Span CsvTable::span(size_t row, size_t column) const {
  CHECK(row < rows.size() && column < header.size());
  const Range range = ranges[(row + 1) * header.size() + column];
  return {source, range.begin, range.end};
}

Span CsvTable::row_span(size_t row) const {
  return span(row, 0).merge(span(row, header.size() - 1));
}

std::optional<size_t> CsvTable::column(std::string_view name) const {
  for (size_t i = 0; i < header.size(); ++i) {
    if (header[i] == name) return i;
  }
  return std::nullopt;
}

std::optional<CsvTable> read_csv(const SourceSet& sources, SourceId source,
                                 Diagnostics& diagnostics, CsvLimits limits) {
  CHECK(source.valid() && source.index < sources.size());
  return Reader(sources, source, diagnostics, limits).read();
}

}  // namespace headrace::text
