// What Vensim itself writes as XMILE is its own language in other clothes: blanks in the names
// within macros, comparisons that are no XML, names in front of equations, further outputs of
// macros. Here these become what XMILE has for them; what its functions mean is in functions.cc.

#include <algorithm>
#include <cctype>
#include <iterator>

#include "import/names.h"
#include "import/xmile/document.h"

namespace headrace::import::xmile {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Vensim leaves blanks in the names within its macros, and the `$` behind what is the model's.
void join_words(std::optional<Text>& text) {
  if (!text) return;
  std::string& value = text->value;
  for (size_t at = 1; at < value.size(); ++at) {
    if (!is_letter(value[at - 1]) && !is_digit(value[at - 1])) continue;
    if (value[at] == '$') value[at] = ' ';
    if (value[at] == ' ' && at + 1 < value.size() && is_letter(value[at + 1])) value[at] = '_';
  }
}

// `name = ...` loses the name; whether it had one of those.
bool drop_name(Text& text, std::initializer_list<std::string_view> names) {
  const size_t equals = text.value.find('=');
  if (equals == std::string::npos) return false;
  const std::string name = canonical(trimmed(std::string_view(text.value).substr(0, equals)));
  if (std::ranges::find(names, name) == names.end()) return false;
  if (text.span.end - text.span.begin == text.value.size())
    text.span.begin += static_cast<uint32_t>(equals + 1);
  text.value.erase(0, equals + 1);
  return true;
}

// What is no sum of flows but a DELAY FIXED or the like stands as `<stock><eqn>name = ...`.
void take_for_value(Variable& variable) {
  if (variable.kind != Variable::Kind::kStock || !variable.equation || variable.net_rate) return;
  if (!variable.inflows.empty() || !variable.outflows.empty()) return;
  if (!drop_name(*variable.equation, {canonical(variable.name)})) return;
  variable.kind = Variable::Kind::kAux;
  variable.equations = {*variable.equation};
}

// An element whose places are the dimensions themselves is all of them.
void take_whole(Variable& variable) {
  for (size_t k = 0; k < variable.elements.size(); ++k) {
    const Element element = variable.elements[k];
    const auto same = [](const std::string& a, const std::string& b) {
      return canonical(a) == canonical(b);
    };
    if (!std::ranges::equal(element.subscripts, variable.dimensions, same)) continue;
    if (variable.equation || variable.gf) return;
    variable.equation = element.equation;
    if (element.equation) variable.equations = {*element.equation};
    variable.initial = element.initial;
    variable.gf = element.gf;
    std::ranges::copy(element.inflows, std::back_inserter(variable.inflows));
    std::ranges::copy(element.outflows, std::back_inserter(variable.outflows));
    variable.elements.erase(variable.elements.begin() + static_cast<std::ptrdiff_t>(k));
    return;
  }
}

// Beside a variable of the model that is called DT, that of the clock is meant.
void name_clock(Variable& variable) {
  if (canonical(variable.name) != "time_step" || !variable.equation) return;
  if (!same_word(trimmed(variable.equation->value), "dt")) return;
  variable.equation->value = "std.DT";
  variable.equations = {*variable.equation};
}

// ---------------------------------------------------------------- outputs of macros

struct Outputs {
  size_t name, open, colon, close;  // of the call's text: `name(arguments:outputs)`
};

// `:AND:` and its kin are no outputs.
size_t behind_word(const std::string& text, size_t colon) {
  const size_t end = text.find(':', colon + 1);
  if (end == std::string::npos) return colon;
  const std::string word = canonical(text.substr(colon + 1, end - colon - 1));
  const bool is_word = word == "and" || word == "or" || word == "not" || word == "na";
  return is_word ? end : colon;
}

std::optional<Outputs> find_outputs(const std::string& text) {
  std::vector<size_t> open;
  std::optional<Outputs> found;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '(') {
      open.push_back(at);
    } else if (text[at] == ')' && !open.empty()) {
      if (found && found->open == open.back()) {
        found->close = at;
        return found;
      }
      open.pop_back();
    } else if (text[at] == ':' && !open.empty() && !found) {
      const size_t behind = behind_word(text, at);
      if (behind == at) {
        size_t name = open.back();
        while (name > 0 && (is_letter(text[name - 1]) || is_digit(text[name - 1]) ||
                            text[name - 1] == ' ' || (text[name - 1] & 0x80)))
          --name;
        found = Outputs{name, open.back(), at, 0};
      }
      at = behind;
    }
  }
  return std::nullopt;
}

// A further output is a variable of its own: the macro once more, with that output as its result.
void give_outputs(File& file, std::vector<Variable>& variables, size_t index) {
  while (variables[index].equation) {
    const Text whole = *variables[index].equation;
    const auto call = find_outputs(whole.value);
    if (!call) return;
    const auto part = [&](size_t from, size_t to) {
      return std::string_view(whole.value).substr(from, to - from);
    };
    const std::string wanted = canonical(trimmed(part(call->name, call->open)));
    const auto macro = std::ranges::find_if(
        file.macros, [&](const Macro& one) { return canonical(one.name) == wanted; });
    if (macro == file.macros.end()) return;
    std::vector<Macro> copies;
    std::vector<std::string> results;
    for (const Variable& inner : macro->variables) {
      if (inner.access != Variable::Access::kOutput || canonical(inner.name) == wanted) continue;
      results.push_back(inner.name);
    }
    size_t begin = call->colon + 1;
    for (size_t k = 0; begin <= call->close; ++k) {
      const size_t end = std::min(whole.value.find(',', begin), call->close);
      if (k >= results.size()) return;  // an error says that the macro has no such output
      Macro copy = *macro;
      copy.name = macro->name + "_" + results[k];
      copy.equation = Text{results[k], macro->span};
      Variable output;
      output.name = display(trimmed(part(begin, end)));
      output.span = variables[index].span;
      output.equation =
          Text{identifier(copy.name) + "(" + std::string(part(call->open + 1, call->colon)) + ")",
               whole.span};
      output.equations = {*output.equation};
      const bool known = std::ranges::any_of(file.macros, [&](const Macro& one) {
        return canonical(one.name) == canonical(copy.name);
      });
      if (!known) copies.push_back(std::move(copy));
      variables.push_back(std::move(output));
      begin = end + 1;
    }
    std::ranges::move(copies, std::back_inserter(file.macros));
    std::string& text = variables[index].equation->value;
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(call->colon),
              text.begin() + static_cast<std::ptrdiff_t>(call->close), ' ');
    variables[index].equations = {*variables[index].equation};
  }
}

}  // namespace

std::string with_comparisons_hidden(std::string_view text) {
  std::string result(text);
  for (size_t at = result.find("<eqn>"); at != std::string::npos; at = result.find("<eqn>", at)) {
    at += 5;
    const size_t end = result.find("</eqn>", at);
    if (end == std::string::npos) break;
    const std::string_view inner(result.data() + at, end - at);
    const bool tags = inner.find("<!") != std::string_view::npos ||
                      inner.find("</") != std::string_view::npos ||
                      inner.find("<eqn") != std::string_view::npos;
    if (!tags)
      std::replace(result.begin() + static_cast<std::ptrdiff_t>(at),
                   result.begin() + static_cast<std::ptrdiff_t>(end), '<', kHiddenLess);
  }
  return result;
}

void read_as_vensim(File& file) {
  drop_name(file.specs.start, {"initial_time"});
  drop_name(file.specs.stop, {"final_time"});
  drop_name(file.specs.step, {"time_step"});
  for (Macro& macro : file.macros) {
    for (Variable& variable : macro.variables) {
      join_words(variable.equation);
      join_words(variable.net_rate);
    }
  }
  for (Model& model : file.models) {
    const size_t count = model.variables.size();
    for (size_t k = 0; k < count; ++k) {
      take_whole(model.variables[k]);
      take_for_value(model.variables[k]);
      name_clock(model.variables[k]);
      give_outputs(file, model.variables, k);
    }
  }
}

}  // namespace headrace::import::xmile
