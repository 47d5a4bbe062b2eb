#include "export/model_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "syntax/syntax.h"

namespace headrace::exports {

using import::Layout;

namespace {

constexpr size_t kWidest = 110;

// Where a line may be broken: before an operator or after a comma, outside quotes.
class LineBreaker {
 public:
  explicit LineBreaker(std::string_view line) : line_(line) {}

  std::string run() {
    const size_t indent = line_.find_first_not_of(' ');
    const std::string next = "\n" + std::string(indent + 4, ' ');
    std::string out;
    size_t begin = 0;
    while (line_.size() - begin + (begin ? indent + 4 : 0) > kWidest) {
      const size_t cut = last_break(begin, kWidest - (begin ? indent + 4 : 0));
      if (cut == 0) break;
      out.append(line_, begin, cut - begin);
      out += next;
      begin = cut + 1;  // the blank goes
    }
    return out.append(line_, begin);
  }

 private:
  // The last blank that may become a line end within `most` bytes of `begin`; 0 if there is none.
  size_t last_break(size_t begin, size_t most) {
    size_t found = 0, between = 0;
    for (size_t i = begin + 1; i < line_.size() && (i < begin + most || found == 0); ++i) {
      if (inside_quotes(i) || line_[i] != ' ' || i + 1 == line_.size()) continue;
      if (line_[i - 1] == ')' && line_[i + 1] == '(') {
        found = between = i;  // points of a table stay whole
        continue;
      }
      const bool after_comma = line_[i - 1] == ',' && depth_ > 0;
      if (!between && (after_comma || operator_at(i))) found = i;
    }
    return found;
  }

  bool operator_at(size_t i) const {
    static constexpr std::array<std::string_view, 8> kSigns = {" + ",   " - ",  " * ",    " / ",
                                                               " and ", " or ", " then ", " else "};
    return depth_ > 0 && std::ranges::any_of(kSigns, [&](std::string_view sign) {
             return line_.substr(i).starts_with(sign);
           });
  }

  // Positions are asked for in ascending order, but a new search may start further back.
  bool inside_quotes(size_t i) {
    if (i < scanned_) {
      scanned_ = 0;
      depth_ = 0;
      quoted_ = false;
    }
    for (; scanned_ < i; ++scanned_) {
      const char c = line_[scanned_];
      if (quoted_ && c == '\\')
        ++scanned_;
      else if (c == '"')
        quoted_ = !quoted_;
      else if (!quoted_)
        depth_ += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
    }
    return quoted_;
  }

  std::string_view line_;
  size_t scanned_ = 0;
  int depth_ = 0;
  bool quoted_ = false;
};

std::string break_lines(const std::string& text) {
  std::string out;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    const size_t first = line.find_first_not_of(' ');
    const bool doc = first != std::string_view::npos && line[first] == '#';
    out += line.size() > kWidest && !doc ? LineBreaker(line).run() : std::string(line);
    out += '\n';
    begin = end + 1;
  }
  return out;
}

// Lines of a comment, none wider than the text.
std::string comment(const std::string& text) {
  std::string out, line;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!line.empty() && line.size() + word.size() + 3 > kWidest) {
      out += "# " + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return line.empty() ? out : out + "# " + line + "\n";
}

std::string heading(const import::Heading& part) {
  return comment(part.title) + comment(part.text) + "\n";
}

}  // namespace

std::string to_model_text(const syntax::Tree& tree, size_t count, const Layout& layout) {
  syntax::Tree part = tree;
  std::string out;
  size_t begin = 0;
  const auto print_until = [&](size_t end) {
    part.top_level.assign(tree.top_level.begin() + static_cast<ptrdiff_t>(begin),
                          tree.top_level.begin() + static_cast<ptrdiff_t>(end));
    out += break_lines(syntax::print(part));
    begin = end;
  };
  for (size_t i = 0; i < layout.headings.size(); ++i) {
    const import::Heading& part = layout.headings[i];
    const size_t end = i + 1 < layout.headings.size() ? layout.headings[i + 1].statement : count;
    const bool empty = part.statement >= std::min(end, count);
    if (part.statement < begin || (empty && part.text.empty())) continue;
    print_until(std::min(part.statement, count));
    if (!out.empty() && !out.ends_with("\n\n")) out += '\n';
    out += heading(part);
  }
  print_until(count);
  return out;
}

namespace {

// Lines of one comment: `# Title`, `# what is said of it`.
struct Comment {
  size_t begin = 0;
  std::string title, text;
  void add(std::string_view line) {
    while (line.starts_with(' ')) line.remove_prefix(1);
    if (title.empty())
      title = line;
    else
      text += (text.empty() ? "" : " ") + std::string(line);
  }
  // Rows of dashes are no title.
  bool is_heading() const {
    return std::ranges::any_of(title, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             static_cast<unsigned char>(c) >= 0x80;
    });
  }
};

// Comments of whole lines with an empty line behind them.
std::vector<Comment> comments_in(std::string_view text) {
  std::vector<Comment> found;
  std::optional<Comment> open;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
    if (line.starts_with('#') && !line.starts_with("##")) {
      if (!open) open = Comment{begin, {}, {}};
      open->add(line.substr(1));
    } else {
      if (open && line.empty() && open->is_heading()) found.push_back(std::move(*open));
      open.reset();
    }
    begin = end + 1;
  }
  if (open && open->is_heading()) found.push_back(std::move(*open));
  return found;
}

}  // namespace

std::vector<import::Heading> read_headings(const syntax::Tree& tree, size_t count,
                                           const text::SourceSet& sources) {
  std::vector<import::Heading> headings;
  for (size_t begin = 0; begin < count;) {  // file by file
    const text::SourceId source = tree[tree.top_level[begin]].span.source;
    size_t end = begin;
    while (end < count && tree[tree.top_level[end]].span.source == source) ++end;
    size_t next = begin;
    for (Comment& comment : comments_in(sources[source].text)) {
      while (next < end && tree[tree.top_level[next]].span.begin < comment.begin) ++next;
      const bool inside = next > begin && tree[tree.top_level[next - 1]].span.end > comment.begin;
      if (next > begin && !inside)
        headings.push_back({next, std::move(comment.title), std::move(comment.text)});
    }
    begin = end;
  }
  return headings;
}

std::string to_layout_json(const Layout& layout) {
  nlohmann::ordered_json variables = nlohmann::ordered_json::object();
  for (const import::Place& place : layout.places) {
    auto& variable = variables[place.name] = {{"x", place.x}, {"y", place.y}};
    if (!place.view.empty()) variable["view"] = place.view;
  }
  const nlohmann::ordered_json json = {{"schema", "headrace.layout.1"}, {"variables", variables}};
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Layout read_layout_json(const std::string& text) {
  Layout layout;
  const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  const auto schema = json.is_object() ? json.find("schema") : json.end();
  if (schema == json.end() || *schema != "headrace.layout.1") return layout;
  const auto variables = json.find("variables");
  if (variables == json.end() || !variables->is_object()) return layout;
  for (const auto& [name, place] : variables->items()) {
    if (!place.is_object()) continue;
    const auto x = place.find("x"), y = place.find("y"), view = place.find("view");
    if (x == place.end() || y == place.end() || !x->is_number() || !y->is_number()) continue;
    const bool named = view != place.end() && view->is_string();
    layout.places.push_back({name, x->get<double>(), y->get<double>(),
                             named ? view->get<std::string>() : std::string()});
  }
  return layout;
}

}  // namespace headrace::exports
