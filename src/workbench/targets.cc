#include "workbench/targets.h"

#include <fmt/format.h>

#include <algorithm>

#include "syntax/syntax.h"
#include "workbench/names.h"
#include "workbench/questions.h"

namespace headrace::workbench {
namespace {

using base::Error;

enum class What { kNothing, kVariable, kMeasure, kClaim };

// What the project's text calls by this name; `names` gathers all that could have been meant.
What find(const Project& project, const std::string& name, std::vector<std::string>& names) {
  What what = What::kNothing;
  const auto offer = [&](const std::string& known, What kind) {
    names.push_back(known);
    if (known == name) what = kind;
  };
  for (syntax::StatementId id : project.tree.top_level) {
    const auto& node = project.tree[id].node;
    if (const auto* value = std::get_if<syntax::ValueDecl>(&node)) {
      const bool measure = value->kind == syntax::ValueDecl::Kind::kMeasure;
      offer(value->name.text, measure ? What::kMeasure : What::kVariable);
    } else if (const auto* stock = std::get_if<syntax::StockDecl>(&node)) {
      offer(stock->name.text, What::kVariable);
    } else if (const auto* data = std::get_if<syntax::DataDecl>(&node)) {
      offer(data->name.text, What::kVariable);
    } else if (const auto* claim = std::get_if<syntax::ClaimDecl>(&node)) {
      offer(claim->name.text, What::kClaim);
    }
  }
  return what;
}

bool looks_like_an_expression(const std::string& word) {
  return word.find_first_of(" @()*/+<>=") != std::string::npos;
}

// Where the moment of `x@2030`, `x at 2030` or `x over 2028` begins, outside of quotes; npos
// without one.
size_t moment_in(const std::string& word) {
  bool quoted = false;
  for (size_t i = 0; i < word.size(); ++i) {
    quoted = quoted != (word[i] == '"');
    const std::string_view rest = std::string_view(word).substr(i);
    if (!quoted && (rest[0] == '@' || rest.starts_with(" at ") || rest.starts_with(" over ")))
      return i;
  }
  return std::string::npos;
}

std::string unquoted(const std::string& name) {
  const bool quoted = name.size() >= 2 && name.front() == '"' && name.back() == '"';
  return quoted ? name.substr(1, name.size() - 2) : name;
}

base::Result<AskedTarget> ask_measure(Project& project, const AskedTarget& asked,
                                      const std::string& name, const std::string& expression) {
  AskedTarget out = asked;
  out.measure = name;
  add_statements(project, asked.word,
                 fmt::format("measure {} = {}\n", syntax::print_name(name), expression));
  return out;
}

}  // namespace

base::Result<AskedTarget> ask_target(Project& project, const std::string& written,
                                     const std::string& at) {
  const std::string word = own_spelling(project, written);
  AskedTarget asked{word, at, "", ""};
  const size_t bracket = word.ends_with(']') ? word.find('[') : std::string::npos;
  const bool is_element = bracket != std::string::npos;
  const std::string name = unquoted(is_element ? word.substr(0, bracket) : word);
  std::vector<std::string> names;
  const What what = find(project, name, names);
  if (what == What::kNothing) {
    const size_t moment = moment_in(word);
    const std::string before = own_spelling(project, word.substr(0, moment));
    const std::string variable = unquoted(before.substr(0, before.find('[')));
    const bool named =
        moment != std::string::npos && std::ranges::find(names, variable) != names.end();
    if (!named && (!looks_like_an_expression(word) || !text::nearest(before, names).empty()))
      return std::unexpected(not_found("output", word, names));
    if (!at.empty()) {
      return base::fail(Error::Kind::kUsage,
                        fmt::format("--at goes with a variable; write the moment into '{}'", word));
    }
    return ask_measure(project, asked, "output " + word,
                       in_the_language(with_quoted_names(project, word)));
  }
  if (what != What::kVariable) {
    if (!at.empty()) {
      return base::fail(Error::Kind::kUsage,
                        fmt::format("'{}' is a {}, whose moment its text says; --at is for "
                                    "variables",
                                    word, what == What::kClaim ? "claim" : "measure"));
    }
    (what == What::kClaim ? asked.claim : asked.measure) = what == What::kClaim ? name : word;
    return asked;
  }
  const std::string dims = declared_dimensions(project, name);
  if (!dims.empty() && !is_element) {
    return base::fail(Error::Kind::kUsage,
                      fmt::format("'{}' has one value for each of {}; name one, as in {}[...]",
                                  word, dims, word));
  }
  const std::string reference = reference_of(word);
  if (at.empty()) return ask_measure(project, asked, word + " at the end", reference);
  auto when = moment(at);
  if (!when) return std::unexpected(when.error());
  return ask_measure(project, asked, word + " at " + *when, reference + " at " + *when);
}

AskedTarget ask_condition(Project& project, const std::string& option, const std::string& text) {
  AskedTarget asked{text, "", "", option + " " + text};
  add_statements(project, option,
                 fmt::format("claim {} : {}\n", syntax::print_name(asked.claim),
                             in_the_language(with_quoted_names(project, text))));
  return asked;
}

base::Result<study::Target> find_target(const model::Model& model, const AskedTarget& asked) {
  using Kind = study::Target::Kind;
  std::vector<std::string> members;
  for (uint32_t c = 0; c < model.claims.size(); ++c) {
    if (!asked.claim.empty() && model.claims[c].id == asked.claim) {
      return study::Target{Kind::kClaim, c};
    }
  }
  for (uint32_t m = 0; m < model.measures.size(); ++m) {
    const model::Measure& measure = model.measures[m];
    if (measure.made || asked.measure.empty()) continue;
    const std::string whole = measure.name + measure.member;
    if (whole == asked.measure) return study::Target{Kind::kMeasure, m};
    if (measure.name == asked.measure) members.push_back(whole);
  }
  return std::unexpected(not_found("output", asked.word, members));
}

}  // namespace headrace::workbench
