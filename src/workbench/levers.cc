#include "workbench/levers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "workbench/live.h"
#include "workbench/names.h"

namespace headrace::workbench {
namespace {

using base::Error;

std::optional<uint32_t> find_input(const model::Model& model, const std::string& name) {
  for (uint32_t i = 0; i < model.inputs.size(); ++i) {
    if (model.inputs[i].name == name) return i;
  }
  return std::nullopt;
}

// A number and what follows it.
std::optional<double> take_number(std::string_view& text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || !std::isfinite(value)) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (text.starts_with('%')) text.remove_prefix(1), value /= 100;
  while (text.starts_with(' ')) text.remove_prefix(1);
  return value;
}

}  // namespace

base::Result<Lever> parse_lever(const std::string& text) {
  const auto wrong = [&text](const char* why) {
    return base::fail(Error::Kind::kUsage,
                      fmt::format("--lever '{}': {}, as in 'price=2 to 9'", text, why));
  };
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return wrong("expected name=LOW to HIGH");
  Lever lever;
  lever.name = text.substr(0, equals);
  while (lever.name.ends_with(' ')) lever.name.pop_back();
  std::string_view rest = std::string_view(text).substr(equals + 1);
  const auto low = take_number(rest);
  if (!low || !rest.starts_with("to ")) return wrong("expected LOW to HIGH");
  rest.remove_prefix(3);
  const auto high = take_number(rest);
  if (!high || !rest.empty()) return wrong("expected LOW to HIGH");
  if (!(*low < *high)) return wrong("LOW is not below HIGH");
  lever.low = *low, lever.high = *high;
  return lever;
}

base::Result<void> free_constant(model::Model& model, const std::string& name) {
  const std::vector<Choice> known = choices(model);
  const auto found = std::ranges::find_if(
      known, [&](const Choice& choice) { return model[choice.variable].name == name; });
  if (found == known.end()) {
    std::vector<std::string> names;
    for (const model::Input& input : model.inputs) names.push_back(input.name);
    for (const Choice& choice : known) names.push_back(model[choice.variable].name);
    return std::unexpected(not_found("input", name, names));
  }
  const model::VarId id = found->variable;
  const auto is_its = [id](const model::ScheduleItem& item) { return item.variable == id; };
  std::erase_if(model.initial_order, is_its);
  std::erase_if(model.step_order, is_its);
  model::Variable& variable = model.variables[id.index];
  variable.kind = model::VarKind::kParam;
  variable.pieces.clear();
  model.inputs.push_back({id, 0, name, *math::point(found->value)});
  return {};
}

base::Result<std::vector<uint32_t>> place_levers(model::Model& model,
                                                 const std::vector<Lever>& levers) {
  std::vector<uint32_t> out;
  for (const Lever& lever : levers) {
    if (!find_input(model, lever.name)) {
      if (auto freed = free_constant(model, lever.name); !freed) {
        return std::unexpected(freed.error());
      }
    }
    const uint32_t place = *find_input(model, lever.name);
    if (std::ranges::find(out, place) != out.end()) {
      return base::fail(Error::Kind::kUsage, fmt::format("'{}' is a lever twice", lever.name));
    }
    out.push_back(place);
  }
  return out;
}

}  // namespace headrace::workbench
