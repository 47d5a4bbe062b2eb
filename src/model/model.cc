#include "model/model.h"

#include <fmt/format.h>

namespace headrace::model {

size_t Variable::size(const Model& model) const {
  size_t size = 1;
  for (DimId dim : dims) size *= model[dim].members.size();
  return size;
}

std::optional<VarId> Model::find(std::string_view name) const {
  for (size_t i = 0; i < variables.size(); ++i) {
    if (variables[i].name == name) return VarId(i);
  }
  return std::nullopt;
}

std::string Model::element_name(VarId variable, uint32_t element) const {
  const Variable& var = (*this)[variable];
  if (var.dims.empty()) return var.name;
  std::string members;
  for (size_t i = var.dims.size(); i-- > 0;) {
    const Dimension& dimension = (*this)[var.dims[i]];
    const size_t count = dimension.members.size();
    const std::string& member = dimension.members[element % count];
    members = members.empty() ? member : fmt::format("{},{}", member, members);
    element /= static_cast<uint32_t>(count);
  }
  return fmt::format("{}[{}]", var.name, members);
}

}  // namespace headrace::model
