// Equations written as a list: several of one variable, or `1, 2; 3, 4`, are those of its elements,
// the last dimension fastest.

#include <fmt/format.h>

#include <algorithm>

#include "import/names.h"
#include "import/xmile/document.h"
#include "text/utf8.h"

namespace headrace::import::xmile {
namespace {

// `1, 2; 3, 4`: numbers alone, so that no comma is one between a function's arguments.
void part_list(Variable& variable) {
  const Text list = variable.equations.front();
  if (list.value.find_first_not_of("0123456789.eE+-,; \t\r\n") != std::string::npos) return;
  std::vector<Text> parts;
  for (size_t begin = 0; begin <= list.value.size();) {
    const size_t end = std::min(list.value.find_first_of(",;", begin), list.value.size());
    Text part;
    part.value = list.value.substr(begin, end - begin);
    part.span = list.span;
    if (!part.empty()) parts.push_back(std::move(part));
    begin = end + 1;
  }
  if (parts.size() > 1) variable.equations = std::move(parts);
}

bool spread(const std::vector<Dimension>& dimensions, Variable& variable) {
  std::vector<const Dimension*> dims;
  size_t count = 1;
  for (const std::string& name : variable.dimensions) {
    const auto dim = std::ranges::find_if(
        dimensions, [&](const Dimension& d) { return canonical(d.name) == canonical(name); });
    if (dim == dimensions.end()) return false;
    dims.push_back(&*dim);
    count *= dim->elements.size();
    if (count > variable.equations.size()) return false;
  }
  if (count != variable.equations.size()) return false;
  for (size_t flat = 0; flat < count; ++flat) {
    Element element;
    element.equation = variable.equations[flat];
    element.span = element.equation->span;
    element.subscripts.resize(dims.size());
    for (size_t d = dims.size(), rest = flat; d-- > 0; rest /= dims[d]->elements.size())
      element.subscripts[d] = dims[d]->elements[rest % dims[d]->elements.size()];
    variable.elements.push_back(std::move(element));
  }
  variable.equation.reset();
  return true;
}

void spread_one(const File& file, Variable& variable, text::Diagnostics& diagnostics) {
  if (!variable.dimensions.empty() && variable.equations.size() == 1) part_list(variable);
  if (variable.equations.size() < 2) return;
  if (variable.elements.empty() && spread(file.dimensions, variable)) return;
  diagnostics.error(
      text::Kind::kSyntax, variable.span,
      fmt::format("`{}` has {} equations and another number of elements",
                  text::printable(display(variable.name)), variable.equations.size()));
}

std::vector<std::string> names_in(const std::vector<Text>& flows) {
  std::vector<std::string> names;
  for (const Text& flow : flows) names.push_back(canonical(trimmed(flow.value)));
  return names;
}

// Flows that stand with each element are the array's, unless they are others for each.
void gather_flows(Variable& variable, text::Diagnostics& diagnostics) {
  if (variable.elements.empty()) return;
  const Element& first = variable.elements.front();
  for (const Element& element : variable.elements) {
    const bool alike = names_in(element.inflows) == names_in(first.inflows) &&
                       names_in(element.outflows) == names_in(first.outflows);
    if (alike) continue;
    diagnostics.error(text::Kind::kBadStatement, element.span,
                      "flows of one element are not read: give them to the stock");
    return;
  }
  if (first.inflows.empty() && first.outflows.empty()) return;
  if (variable.equation || !variable.inflows.empty() || !variable.outflows.empty()) {
    diagnostics.error(text::Kind::kBadStatement, first.span,
                      "flows of one element are not read: give them to the stock");
    return;
  }
  variable.inflows = first.inflows;
  variable.outflows = first.outflows;
}

}  // namespace

void spread_equations(File& file, text::Diagnostics& diagnostics) {
  for (Model& model : file.models) {
    for (Variable& variable : model.variables) {
      gather_flows(variable, diagnostics);
      spread_one(file, variable, diagnostics);
    }
  }
}

}  // namespace headrace::import::xmile
