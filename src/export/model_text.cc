#include "export/model_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "syntax/break_lines.h"
#include "syntax/syntax.h"

namespace headrace::exports {

using import::Layout;

namespace {

// Lines of a comment, none wider than the text.
std::string comment(const std::string& text) {
  std::string out, line;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!line.empty() && line.size() + word.size() + 3 > syntax::kWidest) {
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
    out += syntax::print(part);
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
  return syntax::break_lines(out);
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
