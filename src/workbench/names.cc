#include "workbench/names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "import/names.h"
#include "syntax/syntax.h"
#include "text/calendar.h"
#include "workbench/set_data.h"

namespace headrace::workbench {
namespace {

using base::Error;

std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Separators in quotes are none.
std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (const char c : text) {
    quoted = quoted != (c == '"');
    if (c == separator && !quoted)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  for (std::string& part : parts) part = trimmed(part);
  return parts;
}

std::string unquoted(const std::string& name) {
  const bool quoted = name.size() >= 2 && name.front() == '"' && name.back() == '"';
  return quoted ? name.substr(1, name.size() - 2) : name;
}

std::vector<std::string> scenario_names(const Project& project) {
  std::vector<std::string> names;
  for (syntax::StatementId id : project.tree.top_level) {
    const auto* scenario = std::get_if<syntax::ScenarioDecl>(&project.tree[id].node);
    if (scenario) names.push_back(scenario->name.text);
  }
  return names;
}

bool can_be_set(const syntax::ValueDecl& decl) {
  return decl.kind == syntax::ValueDecl::Kind::kParam || decl.kind == syntax::ValueDecl::Kind::kLet;
}

// No array, and no series over time.
bool is_one_number(const Project& project, const std::string& name) {
  return std::ranges::any_of(project.tree.top_level, [&](syntax::StatementId id) {
    const auto& node = project.tree[id].node;
    if (const auto* value = std::get_if<syntax::ValueDecl>(&node))
      return value->name.text == name && value->dims.empty();
    const auto* data = std::get_if<syntax::DataDecl>(&node);
    return data && data->name.text == name && data->dims.empty() && stays_the_same(*data);
  });
}

std::vector<std::string> settable_names(const Project& project) {
  std::vector<std::string> names;
  for (syntax::StatementId id : project.tree.top_level) {
    const auto* value = std::get_if<syntax::ValueDecl>(&project.tree[id].node);
    if (value && can_be_set(*value)) names.push_back(value->name.text);
  }
  return names;
}

// Why what is called so cannot be set; nothing when nothing is.
std::optional<Error> why_not_set(const Project& project, const std::string& name) {
  const auto no = [&](const std::string& what, const std::string& instead) {
    return Error{Error::Kind::kNotFound,
                 fmt::format("cannot set '{}': it is {}\n  {}", name, what, instead)};
  };
  for (size_t i = 0; i < project.own_statements; ++i) {
    const auto& node = project.tree[project.tree.top_level[i]].node;
    if (const auto* flow = std::get_if<syntax::ValueDecl>(&node); flow && flow->name.text == name)
      return no(flow->kind == syntax::ValueDecl::Kind::kMeasure ? "a measure" : "a flow",
                "its equation computes it; set what that is made of");
    if (const auto* stock = std::get_if<syntax::StockDecl>(&node);
        stock && stock->name.text == name) {
      const auto* start = stock->initial
                              ? std::get_if<syntax::Reference>(&project.tree[*stock->initial].node)
                              : nullptr;
      return no("a stock", start ? fmt::format("it starts from '{}': set that", start->name.text)
                                 : "what flows moves it; its start can be changed in the text");
    }
    if (const auto* table = std::get_if<syntax::TableDecl>(&node);
        table && table->name.text == name)
      return no("a table", "its points can be changed in the text");
  }
  return std::nullopt;
}

bool contains(const std::vector<std::string>& names, const std::string& word) {
  return std::find(names.begin(), names.end(), word) != names.end();
}

// The one of the names that other tools take for `word`; `word` itself where it is one of them.
std::string spelling_among(const std::vector<std::string>& names, const std::string& word) {
  const std::string wanted = import::canonical(word);
  std::string found = word;
  int others = 0;
  for (const std::string& name : names) {
    if (name == word) return word;
    if (import::canonical(name) == wanted && ++others == 1) found = name;
  }
  return others == 1 ? found : word;
}

// What values have: variables, and the members of dimensions.
struct Words {
  std::vector<std::string> variables, members;
};

Words words_of(const Project& project) {
  Words words;
  const auto own = project.tree.top_level.begin();
  for (size_t i = 0; i < project.own_statements; ++i) {
    const auto& node = project.tree[own[static_cast<std::ptrdiff_t>(i)]].node;
    if (const auto* value = std::get_if<syntax::ValueDecl>(&node))
      words.variables.push_back(value->name.text);
    else if (const auto* stock = std::get_if<syntax::StockDecl>(&node))
      words.variables.push_back(stock->name.text);
    else if (const auto* data = std::get_if<syntax::DataDecl>(&node))
      words.variables.push_back(data->name.text);
    else if (const auto* table = std::get_if<syntax::TableDecl>(&node))
      words.variables.push_back(table->name.text);
    else if (const auto* dim = std::get_if<syntax::DimDecl>(&node))
      for (const syntax::Name& member : dim->members) words.members.push_back(member.text);
  }
  return words;
}

Words words_of(const model::Model& model) {
  Words words;
  for (const model::Variable& variable : model.variables) {
    if (!variable.made) words.variables.push_back(variable.name);
  }
  for (const model::Dimension& dim : model.dimensions)
    words.members.insert(words.members.end(), dim.members.begin(), dim.members.end());
  return words;
}

std::string spelling_among(Words words, const std::string& word) {
  if (contains(words.variables, word)) return word;
  const size_t bracket = word.ends_with(']') ? word.find('[') : std::string::npos;
  if (bracket == std::string::npos) return spelling_among(words.variables, unquoted(word));
  std::ranges::sort(words.members);
  words.members.erase(std::unique(words.members.begin(), words.members.end()), words.members.end());
  std::vector<std::string> members;
  for (const std::string& member : split(word.substr(bracket + 1, word.size() - bracket - 2), ','))
    members.push_back(spelling_among(words.members, unquoted(member)));
  const std::string name = unquoted(trimmed(word.substr(0, bracket)));
  return fmt::format("{}[{}]", spelling_among(words.variables, name), fmt::join(members, ","));
}

std::optional<double> parse_number(const std::string& word) {
  double value = 0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (failure != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

syntax::Index member_index(const std::string& word, text::Span span) {
  syntax::Index index;
  index.span = span;
  const bool is_number = !word.empty() && std::all_of(word.begin(), word.end(),
                                                      [](char c) { return c >= '0' && c <= '9'; });
  if (is_number && word.size() < 9) {
    index.kind = syntax::Index::Kind::kNumber;
    index.number = std::stoi(word);
  } else {
    index.name = {unquoted(word), span};
  }
  return index;
}

}  // namespace

Error not_found(const std::string& kind, const std::string& word, std::vector<std::string> names) {
  std::vector<std::string> near;
  while (near.size() < 3) {
    const std::string best = text::nearest(word, names);
    if (best.empty()) break;
    near.push_back(best);
    std::erase(names, best);
  }
  std::string message = fmt::format("unknown {} '{}'", kind, word);
  if (!near.empty()) {
    message += fmt::format("\n  did you mean: {}?", fmt::join(near, ", "));
  } else if (!names.empty()) {
    const size_t all = names.size();
    if (all > 8) names.resize(8);
    message += fmt::format("\n  there {}: {}{}", all == 1 ? "is" : "are", fmt::join(names, ", "),
                           all > 8 ? ", ..." : "");
  } else {
    message += fmt::format("\n  the model has none");
  }
  return {Error::Kind::kNotFound, message};
}

bool is_loose(const Project& project) {
  return std::ranges::any_of(project.tree.top_level, [&](syntax::StatementId id) {
    const auto* decl = std::get_if<syntax::ModelDecl>(&project.tree[id].node);
    return decl && decl->loose_units;
  });
}

std::string own_spelling(const Project& project, const std::string& word) {
  return is_loose(project) ? spelling_among(words_of(project), word) : word;
}

std::string own_spelling(const model::Model& model, const std::string& word) {
  return model.loose_units ? spelling_among(words_of(model), word) : word;
}

std::string with_quoted_names(const Project& project, const std::string& text) {
  if (!is_loose(project)) return text;
  const Words words = words_of(project);
  std::map<std::string, std::string> names;  // by canonical form, one of each
  for (const auto* list : {&words.variables, &words.members})
    for (const std::string& name : *list) names.emplace(import::canonical(name), name);
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || static_cast<unsigned char>(c) >= 0x80;
  };
  std::string out;
  for (size_t at = 0; at < text.size();) {
    if (text[at] == '"') {  // in quotes already
      const size_t end = std::min(text.find('"', at + 1), text.size() - 1);
      out.append(text, at, end + 1 - at);
      at = end + 1;
      continue;
    }
    size_t longest = 0;
    std::string own;
    for (size_t end = at;
         is_part(text[at]) && end < text.size() && (is_part(text[end]) || text[end] == ' ');) {
      while (end < text.size() && is_part(text[end])) ++end;
      const std::string word = text.substr(at, end - at);
      const auto found = names.find(import::canonical(word));
      const bool exact = contains(words.variables, word) || contains(words.members, word);
      if (found != names.end()) longest = end, own = exact ? word : found->second;
      while (end < text.size() && text[end] == ' ') ++end;
    }
    const bool function =
        longest < text.size() && text[longest] == '(' && text.find(' ', at) >= longest;
    if (longest > 0 && !function) {
      out += syntax::print_name(own);
      at = longest;
      continue;
    }
    do out += text[at++];
    while (at < text.size() && is_part(text[at - 1]) && is_part(text[at]));
  }
  return out;
}

base::Result<std::vector<std::string>> find_scenarios(const Project& project,
                                                      const std::string& word) {
  const std::vector<std::string> known = scenario_names(project);
  if (contains(known, word)) return std::vector{word};
  std::vector<std::string> stack;
  for (const std::string& part : split(word, '+')) {
    if (contains(known, part)) {
      stack.push_back(part);
    } else if (part != "base" && part != "current") {
      return std::unexpected(not_found("scenario", part, known));
    }
  }
  return stack;
}

base::Result<syntax::OverlayEntry> parse_set(Project& project, const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return base::fail(Error::Kind::kUsage, fmt::format("--set '{}': expected name=value", text));
  }
  std::string left = own_spelling(project, trimmed(text.substr(0, equals)));
  const std::string value = trimmed(text.substr(equals + 1));
  for (const char* form : {"shift:", "given:"}) {
    if (value.starts_with(form)) {
      return base::fail(
          Error::Kind::kUsage,
          fmt::format("--set '{}': '{}' is not available in this version", text, form));
    }
  }
  std::vector<std::string> members;
  if (const size_t bracket = left.find('['); bracket != std::string::npos && left.back() == ']') {
    members = split(left.substr(bracket + 1, left.size() - bracket - 2), ',');
    left = trimmed(left.substr(0, bracket));
  }
  left = unquoted(left);
  const std::string name = make_settable(project, left);
  const std::vector<std::string> known = settable_names(project);
  if (!contains(known, name))
    return std::unexpected(why_not_set(project, name).value_or(not_found("input", name, known)));

  const text::SourceId name_source = project.sources.add("--set", left);
  const text::Span name_span{name_source, 0, static_cast<uint32_t>(left.size())};
  const text::SourceId value_source = project.sources.add("--set " + left, value);
  syntax::OverlayEntry entry;
  entry.name = {name, name_span};
  text::Diagnostics diagnostics;
  entry.clause.value =
      syntax::parse_expression(project.sources, value_source, project.tree, diagnostics);
  entry.clause.span = {value_source, 0, static_cast<uint32_t>(value.size())};
  for (const std::string& member : members) {
    entry.clause.pattern.push_back(member_index(member, name_span));
  }
  if (diagnostics.has_errors()) {
    std::string shown = text::render(diagnostics, project.sources);
    while (shown.ends_with('\n')) shown.pop_back();
    return base::fail(Error::Kind::kUsage, fmt::format("cannot read --set '{}'\n{}", text, shown));
  }
  return entry;
}

Numbers settling_numbers(const Project& project, const std::vector<std::string>& sets) {
  Numbers numbers;
  for (const std::string& text : sets) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = own_spelling(project, unquoted(trimmed(text.substr(0, equals))));
    const auto value = parse_number(trimmed(text.substr(equals + 1)));
    if (value && project.layout.taken_in.contains(name) && is_one_number(project, name))
      numbers[name] = *value;
  }
  return numbers;
}

base::Result<std::string> moment(const std::string& word) {
  if (text::parse_date(word) || parse_number(word)) return word;
  return base::fail(
      Error::Kind::kUsage,
      fmt::format("'{}' is not a moment: expected 2030, 2030Q2, 2030-06 or 2030-06-15, "
                  "or a number in a model without dates",
                  word));
}

base::Result<double> moment_value(const std::string& word, bool calendar) {
  if (const auto date = text::parse_date(word); date && calendar) return text::to_years(*date);
  if (const auto number = parse_number(word)) return *number;
  auto readable = moment(word);
  if (!readable) return std::unexpected(readable.error());
  return base::fail(Error::Kind::kUsage,
                    fmt::format("'{}' is a date, but the model's time is a plain number", word));
}

base::Result<std::vector<Pick>> find_outputs(const model::Model& model,
                                             const std::vector<std::string>& names) {
  std::vector<Pick> picks;
  for (const std::string& written : names) {
    const std::string word = own_spelling(model, unquoted(trimmed(written)));
    if (const auto id = model.find(word)) {
      picks.push_back({word, *id});
      continue;
    }
    bool found = false;
    for (const model::Measure& measure : model.measures) {
      found = found ||
              (!measure.made && (measure.name == word || measure.name + measure.member == word));
    }
    if (found) {
      picks.push_back({word, {}});
      continue;
    }
    std::vector<std::string> known;
    for (uint32_t v = 0; v < model.variables.size(); ++v) {
      const model::VarId id(v);
      if (!model[id].made) known.push_back(model[id].name);
      const bool may_hold = word.starts_with(model[id].name) && word.ends_with(']');
      for (uint32_t e = 0; may_hold && !found && e < model[id].size(model); ++e) {
        if (model.element_name(id, e) != word) continue;
        picks.push_back({word, id});
        found = true;
      }
    }
    for (const model::Measure& measure : model.measures) {
      if (!measure.made) known.push_back(measure.name);
    }
    if (!found) return std::unexpected(not_found("variable", word, known));
  }
  return picks;
}

std::string reference_of(const std::string& word) {
  const size_t bracket = word.ends_with(']') ? word.find('[') : std::string::npos;
  if (bracket == std::string::npos) return syntax::print_name(unquoted(word));
  std::string inside = word.substr(bracket + 1, word.size() - bracket - 2);
  const bool is_written_out = inside.find_first_of("\"()") != std::string::npos;
  if (!is_written_out) {
    std::vector<std::string> members;
    for (const std::string& member : split(inside, ',')) {
      const bool is_number = member.find_first_not_of("0123456789") == std::string::npos;
      members.push_back(is_number ? member : syntax::print_name(member));
    }
    inside = fmt::format("{}", fmt::join(members, ", "));
  }
  return fmt::format("{}[{}]", syntax::print_name(unquoted(trimmed(word.substr(0, bracket)))),
                     inside);
}

std::string declared_dimensions(const Project& project, const std::string& name) {
  auto brackets = [](const std::vector<syntax::DimensionUse>& dims) {
    std::string out;
    for (const syntax::DimensionUse& use : dims) {
      out += (out.empty() ? "[" : ", ") + syntax::print_name(use.dimension.text);
    }
    return out.empty() ? out : out + "]";
  };
  for (syntax::StatementId id : project.tree.top_level) {
    const auto& node = project.tree[id].node;
    if (const auto* value = std::get_if<syntax::ValueDecl>(&node);
        value && value->name.text == name) {
      return brackets(value->dims);
    }
    if (const auto* stock = std::get_if<syntax::StockDecl>(&node);
        stock && stock->name.text == name) {
      return brackets(stock->dims);
    }
    if (const auto* data = std::get_if<syntax::DataDecl>(&node); data && data->name.text == name) {
      return brackets(data->dims);
    }
  }
  return "";
}

}  // namespace headrace::workbench
