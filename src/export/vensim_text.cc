#include "export/vensim_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "export/words.h"
#include "syntax/syntax.h"

namespace headrace::exports {
namespace {

constexpr std::string_view kStars = "********************************************************";

// A comment may hold neither bars nor waves.
std::string plain(std::string_view words) {
  std::string text(words);
  for (char& c : text) c = c == '|' ? '/' : c == '~' ? '-' : c;
  return text;
}

// The words, and the range of values that their end tells: `Range: [0,10,1]`.
std::pair<std::string, std::string> without_range(const std::string& words) {
  constexpr std::string_view kMark = "Range: [";
  const size_t mark = words.rfind(kMark);
  if (mark == std::string::npos || !words.ends_with(']') ||
      (mark > 0 && words[mark - 1] != ' ' && words[mark - 1] != '\n') ||
      words.find_first_not_of("0123456789.,+-eE? ", mark + kMark.size()) != words.size() - 1)
    return {words, ""};
  return {words.substr(0, mark > 0 ? mark - 1 : 0), words.substr(mark + kMark.size() - 1)};
}

}  // namespace

std::string vensim_equation(const std::string& text, const std::string& units,
                            const std::string& words) {
  const auto [said, range] = without_range(words);
  return fmt::format("{}\n\t~\t{}{}\n\t~\t{}\n\t|\n\n", text, units,
                     range.empty() ? "" : (units.empty() ? "" : " ") + range, plain(said));
}

// Stars would close the name.
std::string vensim_group(std::string_view name, std::string_view words) {
  std::string title = plain(name);
  for (char& c : title) c = c == '\n' || c == '\t' ? ' ' : c == '*' ? '+' : c;
  return fmt::format("{0}\n\t{1}{2}\n{0}~\n\t\t{3}\n\t|\n\n", kStars,
                     title.starts_with('.') ? "" : ".", title, plain(words));
}

std::string vensim_unit(const std::optional<syntax::UnitExpr>& unit) {
  if (!unit) return {};
  syntax::UnitExpr bare = *unit;
  std::vector<std::string> names;  // as they are, where the printer would put them into quotes
  for (auto& term : bare.terms) {
    names.push_back(std::exchange(term.name.text, fmt::format("unit_{}_", names.size())));
  }
  std::string text = syntax::print(bare);
  for (size_t k = names.size(); k-- > 0;) {
    const std::string mark = fmt::format("unit_{}_", k);
    text.replace(text.find(mark), mark.size(), names[k]);
  }
  return text == "1" ? "Dmnl" : text;
}

std::string vensim_words(const std::optional<std::string>& title, const std::string& doc,
                         const syntax::Provenance& provenance) {
  std::string words = words_of(title, doc, provenance, " ");
  std::ranges::replace(words, '\n', ' ');
  return words;
}

}  // namespace headrace::exports
