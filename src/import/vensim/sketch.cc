// Where variables stand on the diagram: lines `10,number,name,x,y,...` of the sketch.

#include <charconv>

#include "import/vensim/translation.h"

namespace headrace::import::vensim {
namespace {

// The field at a place, quotes taken off; "" when there is none.
std::string field(std::string_view line, size_t wanted) {
  std::string result;
  size_t number = 0;
  bool quoted = false;
  for (size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '\\' && quoted && at + 1 < line.size() && line[at + 1] == '"') {
      if (number == wanted) result += line[++at];
    } else if (line[at] == '"') {
      quoted = !quoted;
    } else if (line[at] == ',' && !quoted) {
      if (++number > wanted) return result;
    } else if (number == wanted) {
      result += line[at];
    }
  }
  return result;
}

std::optional<double> number(const std::string& word) {
  double value = 0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (failure != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

}  // namespace

void read_sketch(const Translation& t, std::string_view text, Layout& layout) {
  std::set<std::string> seen;  // shadows of a variable in other views are left out
  for (size_t at = text.find("\\---///"); at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with("10,")) continue;
    const Symbol* symbol = find_symbol(t, field(line, 2));
    const auto x = number(field(line, 3)), y = number(field(line, 4));
    if (symbol && x && y && seen.insert(symbol->name).second)
      layout.places.push_back({symbol->name, *x, *y});
  }
}

}  // namespace headrace::import::vensim
