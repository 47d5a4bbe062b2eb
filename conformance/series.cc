#include "series.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <set>

#include "text/utf8.h"

namespace headrace::conformance {
namespace {

// The cells of a line; a cell in double quotes may hold the separator, and a quote as two.
std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (c == '"' && quoted && at + 1 < line.size() && line[at + 1] == '"') {
      cells.back() += line[++at];
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == separator && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c != '\n' && c != '\r') {
      lines.back() += c;
    } else if (!lines.back().empty()) {
      lines.emplace_back();
    }
  }
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

// What is no UTF-8 is Latin-1.
std::string in_utf8(const std::string& text) {
  if (text::find_invalid_utf8(text) == std::string::npos) return text;
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      result += c;
    } else {
      result += static_cast<char>(0xC0 | byte >> 6);
      result += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return result;
}

constexpr double kEmpty = std::numeric_limits<double>::quiet_NaN();

double number(const std::string& cell) {
  const size_t first = cell.find_first_not_of(" \t+");
  if (first == std::string::npos) return kEmpty;
  double value = 0;
  const char* const end = cell.data() + cell.size();
  const auto [stop, error] = std::from_chars(cell.data() + first, end, value);
  return error == std::errc() ? value : kEmpty;
}

std::unexpected<base::Error> invalid(std::string why) {
  return base::fail(base::Error::Kind::kInvalid, std::move(why));
}

}  // namespace

std::string canonical(const std::string& name) {
  std::string result;
  bool gap = false;
  for (size_t at = 0; at < name.size(); ++at) {
    const char c = name[at];
    if (c == ' ' || c == '_' || c == '\t') {
      gap = true;
      continue;
    }
    // Vensim writes a quoted name with its quotes, and quotes in it as \".
    if (c == '"' || (c == '\\' && at + 1 < name.size() && name[at + 1] == '"')) continue;
    const bool tight = c == ',' || c == ']' || c == '[';
    if (gap && !result.empty() && !tight && result.back() != ',') result += ' ';
    gap = false;
    result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

base::Result<Series> read_series(const std::string& text) {
  const std::vector<std::string> lines = lines_of(in_utf8(text));
  if (lines.size() < 2) return invalid("there is no row of values");
  const char separator = lines[0].find('\t') != std::string::npos ? '\t' : ',';
  const std::vector<std::string> header = split(lines[0], separator);
  Series series;
  for (size_t row = 1; row < lines.size(); ++row) {
    const std::vector<std::string> cells = split(lines[row], separator);
    if (cells.size() > header.size() + 1) {
      return invalid(
          fmt::format("row {} has {} cells and the header {}", row, cells.size(), header.size()));
    }
    series.times.push_back(number(cells[0]));
    for (size_t c = 1; c < header.size(); ++c) {
      if (header[c].empty()) continue;
      series.columns[canonical(header[c])].push_back(c < cells.size() ? number(cells[c]) : kEmpty);
    }
  }
  return series;
}

base::Result<Series> read_blocks(const std::string& text) {
  std::map<std::string, std::map<double, double>> blocks;
  std::set<double> times;
  std::map<double, double>* block = nullptr;
  const std::vector<std::string> lines = lines_of(in_utf8(text));
  for (size_t i = 0; i < lines.size(); ++i) {
    const size_t tab = lines[i].find('\t');
    if (tab == std::string::npos) {
      block = &blocks[canonical(lines[i])];
      continue;
    }
    const double time = number(lines[i].substr(0, tab));
    if (!block || std::isnan(time))
      return invalid(fmt::format("line {} belongs to no variable, or has no time", i + 1));
    times.insert(time);
    (*block)[time] = number(lines[i].substr(tab + 1));
  }
  if (times.empty()) return invalid("there is no block of values");
  Series series{{times.begin(), times.end()}, {}};
  for (const auto& [name, values] : blocks) {
    std::vector<double>& column = series.columns[name];
    for (const double time : series.times)
      column.push_back(values.contains(time) ? values.at(time) : kEmpty);
  }
  return series;
}

}  // namespace headrace::conformance
