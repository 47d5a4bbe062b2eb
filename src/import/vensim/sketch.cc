// Where variables stand on the diagram. The lines of a sketch:
//
//   *title                                  a view begins
//   10,number,name,x,y,width,height,shape,bits,...   a variable; without bit 1 a shadow of one
//   11,number,...,x,y,...                   a valve; the variable after it with bit 32 of the shape
//                                           is the name of its flow
//
// The place of a flow is that of its valve.

#include <charconv>
#include <utility>

#include "import/names.h"
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

bool has_bit(const std::string& word, unsigned bit) {
  const auto value = number(word);
  return value && *value >= 0 && *value < 1e9 && (static_cast<unsigned>(*value) & bit) != 0;
}

using Point = std::pair<double, double>;

std::optional<Point> point(std::string_view line) {
  const auto x = number(field(line, 3)), y = number(field(line, 4));
  if (!x || !y) return std::nullopt;
  return Point{*x, *y};
}

}  // namespace

void read_sketch(const Translation& t, std::string_view text, Layout& layout) {
  constexpr std::string_view kFirstView = "View 1";
  std::vector<import::Place> shadows;  // of use where nothing else shows the variable
  std::set<std::string> seen;
  std::string view;
  std::optional<Point> valve;
  for (size_t at = text.find("\\---///"); at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with('*')) {
      view = trimmed(line.substr(1));
      if (view == kFirstView) view.clear();
    }
    const auto before = std::exchange(valve, std::nullopt);
    if (line.starts_with("11,")) valve = point(line);
    if (!line.starts_with("10,")) continue;
    const Symbol* symbol = find_symbol(t, field(line, 2));
    auto place = point(line);
    if (!symbol || !place) continue;
    if (before && has_bit(field(line, 7), 32)) place = before;
    const import::Place read{symbol->name, place->first, place->second, view};
    if (!has_bit(field(line, 8), 1))
      shadows.push_back(read);
    else if (seen.insert(symbol->name).second)
      layout.places.push_back(read);
  }
  for (const import::Place& shadow : shadows) {
    if (seen.insert(shadow.name).second) layout.places.push_back(shadow);
  }
}

}  // namespace headrace::import::vensim
