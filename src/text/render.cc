// Diagnostics as text.
//
//   growth.model:14:23: error: cannot add `1/year` and `person` [unit-mismatch]
//      14 |   inflow = birth_rate + population
//         |            ---------- ^ ----------
//         |            1/year       person
//       4 | birth_rate : 1/year = 0.02
//         | ---------- declared here
//
// The marks of one diagnostic are grouped by the line on which they begin, the main span's line
// first, then the others in the order of the labels. A line is drawn as cells, one column each:
// tabs become spaces, one code point is one column, and what a terminal must not receive (controls,
// broken bytes, direction marks) becomes an escape of several cells. Marks live in the same
// columns.
//
// One mark alone on its line has its words beside it. Several have theirs beneath, each starting
// under its mark: from right to left, each takes the first row where it fits, and a bar leads down
// to those that had to go lower. What is to the left starts left of everything placed before, so
// its bar never crosses another's words.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "text/diagnostic.h"
#include "text/utf8.h"

namespace headrace::text {
namespace {

constexpr size_t kTabStop = 4;
constexpr size_t kGutter = 5;         // columns for line numbers, more when the number is longer
constexpr size_t kLineColumns = 100;  // of source text; longer lines are cut around the marks
constexpr size_t kBefore = 30;        // columns kept before the first mark of a cut line
constexpr size_t kLineBytes = 2000;   // of a cut line that are looked at
constexpr size_t kMaxLabels = 24;     // drawn; the rest are counted

using Cells = std::vector<std::string>;

// begin and end are bytes within the line, later columns of what is shown.
struct Mark {
  size_t begin = 0;
  size_t end = 0;
  bool main = false;
  std::string text;
};

struct Group {
  SourceId source;
  uint32_t line = 0;
  std::vector<Mark> marks;
};

struct Palette {
  std::string_view bold, error, warning, note, dim, off;
};

constexpr Palette kPlain{"", "", "", "", "", ""};
constexpr Palette kColored{"\x1b[1m",    "\x1b[1;31m", "\x1b[1;33m",
                           "\x1b[1;36m", "\x1b[34m",   "\x1b[0m"};

std::string_view word(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kNote:
      return "note";
  }
  return "";
}

std::string_view paint(const Palette& palette, Severity severity) {
  switch (severity) {
    case Severity::kError:
      return palette.error;
    case Severity::kWarning:
      return palette.warning;
    case Severity::kNote:
      return palette.note;
  }
  return "";
}

bool is_somewhere(Span span, const SourceSet& sources) {
  return span.source.valid() && span.source.index < sources.size();
}

// Puts one code point of `text` into each cell from `column` on.
void write(Cells& row, size_t column, std::string_view text) {
  for (size_t at = 0; at < text.size(); ++column) {
    const uint32_t length = decode(text, at).length;
    if (row.size() <= column) row.resize(column + 1, " ");
    row[column] = std::string(text.substr(at, length));
    at += length;
  }
}

bool is_free(const Cells& row, size_t begin, size_t end) {
  for (size_t i = begin; i < std::min(end, row.size()); ++i) {
    if (row[i] != " ") return false;
  }
  return true;
}

std::string joined(const Cells& row) {
  std::string line = std::accumulate(row.begin(), row.end(), std::string());
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

// A part of one line as it is shown. Byte first + i of the line begins at column columns[i].
struct Shown {
  Cells cells;
  std::vector<size_t> columns;
  size_t first = 0;
  bool cut_left = false;
  bool cut_right = false;

  size_t column(size_t byte) const {
    return columns[std::clamp(byte, first, first + columns.size() - 1) - first];
  }
};

Shown lay_out(std::string_view line, size_t first, size_t last) {
  Shown shown;
  shown.first = first;
  shown.cut_left = first > 0;
  shown.cut_right = last < line.size();
  for (size_t at = first; at < last;) {
    const Decoded step = decode(line, at);
    const std::string_view bytes = line.substr(at, step.length);
    shown.columns.insert(shown.columns.end(), step.length, shown.cells.size());
    at += step.length;
    if (bytes == "\t") {
      shown.cells.resize(shown.cells.size() + kTabStop - shown.cells.size() % kTabStop, " ");
    } else if (bytes != kByteOrderMark || at > 3) {
      write(shown.cells, shown.cells.size(), printable(bytes, step));
    }
  }
  shown.columns.push_back(shown.cells.size());
  return shown;
}

// The bytes of the line worth looking at: all of it, or those around `anchor`.
Shown lay_out_around(std::string_view line, size_t anchor) {
  if (line.size() <= kLineBytes) return lay_out(line, 0, line.size());
  size_t first = anchor - std::min(anchor, kLineBytes / 4);
  size_t last = std::min(line.size(), first + kLineBytes);
  for (int i = 0; i < 3 && first > 0 && is_continuation(line[first]); ++i) --first;
  for (int i = 0; i < 3 && last < line.size() && is_continuation(line[last]); ++i) ++last;
  return lay_out(line, first, last);
}

// Drops columns far from `anchor` and says so with dots.
void cut(Shown& shown, size_t anchor) {
  const size_t total = shown.cells.size();
  size_t first = 0;
  size_t last = total;
  if (total > kLineColumns) {
    first = std::min(anchor - std::min(anchor, kBefore), total - kLineColumns);
    last = first + kLineColumns;
  }
  shown.cut_left |= first > 0;
  shown.cut_right |= last < total;
  shown.cells = Cells(shown.cells.begin() + static_cast<ptrdiff_t>(first),
                      shown.cells.begin() + static_cast<ptrdiff_t>(last));
  const size_t dots = shown.cut_left ? 3 : 0;
  shown.cells.insert(shown.cells.begin(), dots, ".");
  if (shown.cut_right) shown.cells.insert(shown.cells.end(), 3, ".");
  for (size_t& column : shown.columns) column = std::clamp(column, first, last) - first + dots;
}

// Takes those of `marks` that begin within what is shown, with their columns.
std::vector<Mark> take_visible(std::vector<Mark>& marks, const Shown& shown) {
  const size_t dots_left = shown.cut_left ? 3 : 0;
  const size_t limit = shown.cells.size() - (shown.cut_right ? 3 : 0);
  std::vector<Mark> taken;
  std::vector<Mark> left;
  const size_t anchor = marks.front().begin;
  for (Mark& mark : marks) {
    const bool outside = mark.begin < shown.first ||
                         mark.begin >= shown.first + shown.columns.size() ||
                         (shown.cut_left && shown.column(mark.begin) == dots_left) ||
                         (shown.cut_right && shown.column(mark.begin) >= limit);
    if (outside && mark.begin != anchor) {
      left.push_back(std::move(mark));
      continue;
    }
    const size_t begin = shown.column(mark.begin);
    const size_t end = std::max(begin + 1, shown.column(mark.end));
    taken.push_back({begin, end, mark.main, std::move(mark.text)});
  }
  marks = std::move(left);
  return taken;
}

// The words under a line, in rows.
std::vector<Cells> stack_words(std::vector<Mark> marks) {
  std::ranges::stable_sort(marks, std::ranges::greater(), &Mark::begin);
  std::vector<Cells> rows;
  for (const Mark& mark : marks) {
    if (mark.text.empty()) continue;
    const size_t end = mark.begin + count_code_points(mark.text) + 2;
    size_t row = 0;
    while (row < rows.size() && !is_free(rows[row], mark.begin, end)) ++row;
    if (row == rows.size()) rows.emplace_back();
    write(rows[row], mark.begin, mark.text);
    for (size_t above = 0; above < row; ++above) {
      if (is_free(rows[above], mark.begin, mark.begin + 1)) write(rows[above], mark.begin, "|");
    }
  }
  return rows;
}

Cells underline(const std::vector<Mark>& marks) {
  Cells row;
  for (bool main : {false, true}) {
    for (const Mark& mark : marks) {
      if (mark.main == main)
        write(row, mark.begin, std::string(mark.end - mark.begin, main ? '^' : '-'));
    }
  }
  return row;
}

class Drawing {
 public:
  Drawing(const SourceSet& sources, const Palette& palette)
      : sources_(sources), palette_(palette) {}

  void draw(const Diagnostic& diagnostic) {
    diagnostic_ = &diagnostic;
    header();
    const std::vector<Group> groups = group();
    gutter_ = kGutter;
    for (const Group& g : groups) gutter_ = std::max(gutter_, fmt::formatted_size("{}", g.line));
    SourceId shown = diagnostic.span.source;
    for (const Group& g : groups) {
      if (g.source != shown) place(g);
      shown = g.source;
      lines(g);
    }
    for (const std::string& words : nowhere_)
      out_ += fmt::format("{:{}} = {}\n", "", gutter_, words);
    const size_t labels = diagnostic.labels.size();
    if (labels > kMaxLabels) {
      out_ += fmt::format("{:{}} = and {} more places\n", "", gutter_, labels - kMaxLabels);
    }
    if (diagnostic.hint.empty()) return;
    out_ += fmt::format("{}hint:{} {}\n", palette_.bold, palette_.off, printable(diagnostic.hint));
  }

  std::string take() { return std::move(out_); }

 private:
  void header() {
    const Diagnostic& d = *diagnostic_;
    out_ += palette_.bold;
    if (is_somewhere(d.span, sources_)) {
      const Source& source = sources_[d.span.source];
      const Position at = source.position(d.span.begin);
      out_ += fmt::format("{}:{}:{}: ", printable(source.name), at.line, at.column);
    }
    out_ += fmt::format("{}{}{}:{}{} {}{} [{}]\n", palette_.off, paint(palette_, d.severity),
                        word(d.severity), palette_.off, palette_.bold, printable(d.message),
                        palette_.off, spelling(d.kind));
  }

  std::vector<Group> group() {
    nowhere_.clear();
    std::vector<Group> groups;
    if (is_somewhere(diagnostic_->span, sources_)) add(groups, diagnostic_->span, true, "");
    const size_t count = std::min(diagnostic_->labels.size(), kMaxLabels);
    for (size_t i = 0; i < count; ++i) {
      const Label& label = diagnostic_->labels[i];
      if (is_somewhere(label.span, sources_)) {
        add(groups, label.span, false, printable(label.text));
      } else if (!label.text.empty()) {
        nowhere_.push_back(printable(label.text));
      }
    }
    return groups;
  }

  void add(std::vector<Group>& groups, Span span, bool main, std::string text) const {
    const Source& source = sources_[span.source];
    const uint32_t line = source.position(span.begin).line;
    const size_t length = source.line(line).size();
    Mark mark{std::min<size_t>(span.begin - std::min(span.begin, source.lines[line - 1]), length),
              0, main, std::move(text)};
    const size_t size = span.end - std::min(span.begin, span.end);
    mark.end = std::min(mark.begin + size, length);
    auto same_line = [&](const Group& g) { return g.source == span.source && g.line == line; };
    auto found = std::ranges::find_if(groups, same_line);
    if (found == groups.end()) found = groups.insert(groups.end(), {span.source, line, {}});
    // Words about the very span that is marked already go to that mark.
    for (Mark& other : found->marks) {
      if (other.begin != mark.begin || other.end != mark.end || !other.text.empty()) continue;
      other.text = std::move(mark.text);
      return;
    }
    found->marks.push_back(std::move(mark));
  }

  void place(const Group& g) {
    const Source& source = sources_[g.source];
    const auto byte = static_cast<uint32_t>(source.lines[g.line - 1] + g.marks.front().begin);
    const Position at = source.position(byte);
    out_ +=
        fmt::format("{:{}} in {}:{}:{}\n", "", gutter_, printable(source.name), at.line, at.column);
  }

  void lines(const Group& g) {
    const std::string_view line = sources_[g.source].line(g.line);
    std::vector<Mark> marks = g.marks;
    while (!marks.empty()) {
      Shown shown = lay_out_around(line, marks.front().begin);
      cut(shown, shown.column(marks.front().begin));
      const std::vector<Mark> visible = take_visible(marks, shown);
      row(fmt::format("{}", g.line), joined(shown.cells));
      marked(visible);
    }
  }

  void marked(const std::vector<Mark>& marks) {
    Cells under = underline(marks);
    for (std::string& cell : under) {
      if (cell == "^") {
        cell = fmt::format("{}^{}", paint(palette_, diagnostic_->severity), palette_.off);
      }
    }
    if (marks.size() == 1) {
      if (!marks[0].text.empty()) write(under, under.size() + 1, marks[0].text);
      row("", joined(under));
      return;
    }
    row("", joined(under));
    for (const Cells& words : stack_words(marks)) row("", joined(words));
  }

  void row(std::string_view number, std::string_view text) {
    out_ += fmt::format("{}{:>{}} |{}", palette_.dim, number, gutter_, palette_.off);
    if (!text.empty()) out_ += ' ';
    out_ += text;
    out_ += '\n';
  }

  const SourceSet& sources_;
  const Palette& palette_;
  const Diagnostic* diagnostic_ = nullptr;
  std::vector<std::string> nowhere_;  // words of labels that point nowhere
  size_t gutter_ = kGutter;
  std::string out_;
};

}  // namespace

std::string render(const Diagnostics& diagnostics, const SourceSet& sources, bool color) {
  std::vector<const Diagnostic*> order;
  for (const Diagnostic& d : diagnostics.all()) order.push_back(&d);
  std::ranges::stable_sort(order, [](const Diagnostic* a, const Diagnostic* b) {
    return std::pair(a->span.source, a->span.begin) < std::pair(b->span.source, b->span.begin);
  });
  Drawing drawing(sources, color ? kColored : kPlain);
  for (const Diagnostic* d : order) drawing.draw(*d);
  return drawing.take();
}

}  // namespace headrace::text
