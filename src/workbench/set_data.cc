// `--set x[a]=3` where x is data: the numbers are kept under another name, and x is an input that
// begins with them.
//
//   data x[d] from "x.csv" cells B2     becomes
//
//   data "_x (as told)"[d] from "x.csv" cells B2
//   param x[d] = "_x (as told)"[d]

#include "workbench/set_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace headrace::workbench {
namespace {

using base::Error;
using syntax::DataDecl;

bool stays_the_same(const DataDecl& data) {
  if (data.parts.empty()) return !data.at;
  return std::ranges::all_of(data.parts, [](const DataDecl::Part& part) {
    return !part.cells || part.cells->along == syntax::Cells::Along::kNothing;
  });
}

std::string file_of(const DataDecl& data) {
  std::string file = data.file.text;
  for (const DataDecl::Part& part : data.parts) {
    if (file.empty() && part.cells) file = part.cells->file.text;
  }
  return file;
}

std::string free_name(const syntax::Tree& tree, const std::string& wanted) {
  std::set<std::string> taken;
  for (const syntax::StatementId id : tree.top_level) {
    std::visit(
        [&](const auto& node) {
          if constexpr (requires { node.name.text; }) taken.insert(node.name.text);
        },
        tree[id].node);
  }
  std::string name = wanted;
  for (int k = 2; taken.contains(name); ++k) name = fmt::format("{} {}", wanted, k);
  return name;
}

// An index of its own for each dimension, since one may stand twice.
syntax::ValueDecl input_from(syntax::Tree& tree, const DataDecl& data, const std::string& kept) {
  syntax::ValueDecl input;
  input.kind = syntax::ValueDecl::Kind::kParam;
  input.name = data.name;
  input.title = data.title;
  input.unit = data.unit;
  input.provenance = data.provenance;
  syntax::Reference reference{{kept, data.name.span}, {}};
  for (const syntax::DimensionUse& use : data.dims) {
    const std::string index = fmt::format("place {}", input.dims.size() + 1);
    input.dims.push_back({use.dimension, syntax::Name{index, data.name.span}});
    syntax::Index place;
    place.name = {index, data.name.span};
    place.span = data.name.span;
    reference.indexes.push_back(std::move(place));
  }
  input.value = tree.add(syntax::Expr{std::move(reference), data.name.span});
  return input;
}

}  // namespace

base::Result<void> make_settable(Project& project, const std::string& name) {
  syntax::Tree& tree = project.tree;
  const auto own = tree.top_level.begin() + static_cast<std::ptrdiff_t>(project.own_statements);
  const auto found = std::find_if(tree.top_level.begin(), own, [&](syntax::StatementId id) {
    const auto* data = std::get_if<DataDecl>(&tree[id].node);
    return data && data->name.text == name;
  });
  if (found == own) return {};
  const syntax::StatementId id = *found;
  DataDecl data = std::get<DataDecl>(tree[id].node);
  if (!stays_the_same(data))
    return base::fail(
        Error::Kind::kNotFound,
        fmt::format("cannot set '{}': it is a series over time, whose numbers come from {}; change "
                    "them there",
                    name, file_of(data)));
  const std::string kept = free_name(tree, fmt::format("_{} (as told)", name));
  syntax::Statement input{input_from(tree, data, kept), tree[id].doc, tree[id].span};
  data.name.text = kept;
  data.title.reset();
  syntax::Statement& told = tree.statements[id.index];
  told.node = std::move(data);
  told.doc.clear();
  const auto place = found - tree.top_level.begin();
  const syntax::StatementId added = tree.add(std::move(input));
  tree.top_level.insert(tree.top_level.begin() + place, added);
  ++project.own_statements;
  return {};
}

}  // namespace headrace::workbench
