// `--set x[a]=3` where x is data: the numbers are kept under another name, and x is an input that
// begins with them.
//
//   data x[d] from "x.csv" cells B2     becomes
//
//   data "_x (as told)"[d] from "x.csv" cells B2
//   param x[d] = "_x (as told)"[d]
//
// A series over time is no input. What replaces it is an input of its own, which is infinite where
// the series still counts:
//
//   param "x (set)"[d] = infinity
//   let x[d] = if "x (set)"[d] < infinity then "x (set)"[d] else "_x (as told)"[d]

#include "workbench/set_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace headrace::workbench {
namespace {

using syntax::DataDecl;

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

// The statements that stand in for the data, which are `kept` under another name.
class StandIn {
 public:
  StandIn(syntax::Tree& tree, const DataDecl& data) : tree_(tree), data_(data) {}

  syntax::ValueDecl input(const std::string& kept) {
    return declared(syntax::ValueDecl::Kind::kParam, data_.name.text, element(kept));
  }
  syntax::ValueDecl replacement(const std::string& set) {
    return declared(syntax::ValueDecl::Kind::kParam, set, name("infinity"));
  }
  syntax::ValueDecl series(const std::string& set, const std::string& kept) {
    syntax::Comparison is_set{
        {element(set), name("infinity")}, {syntax::CompareOp::kLess}, {data_.name.span}};
    syntax::If choice{add(std::move(is_set)), element(set), element(kept)};
    return declared(syntax::ValueDecl::Kind::kLet, data_.name.text, add(std::move(choice)));
  }

 private:
  template <typename Node>
  syntax::ExprId add(Node node) {
    return tree_.add(syntax::Expr{std::move(node), data_.name.span});
  }
  syntax::ExprId name(const std::string& word) {
    return add(syntax::Reference{{word, data_.name.span}, {}});
  }

  // An index of its own for each dimension, since one may stand twice.
  syntax::Name index(size_t place) const {
    return {fmt::format("place {}", place + 1), data_.name.span};
  }
  syntax::ExprId element(const std::string& array) {
    syntax::Reference reference{{array, data_.name.span}, {}};
    for (size_t k = 0; k < data_.dims.size(); ++k) {
      syntax::Index place;
      place.name = index(k);
      place.span = data_.name.span;
      reference.indexes.push_back(std::move(place));
    }
    return add(std::move(reference));
  }
  syntax::ValueDecl declared(syntax::ValueDecl::Kind kind, const std::string& name,
                             syntax::ExprId value) const {
    syntax::ValueDecl decl;
    decl.kind = kind;
    decl.name = {name, data_.name.span};
    decl.unit = data_.unit;
    if (name == data_.name.text) {
      decl.title = data_.title;
      decl.provenance = data_.provenance;
    }
    for (size_t k = 0; k < data_.dims.size(); ++k)
      decl.dims.push_back({data_.dims[k].dimension, index(k)});
    decl.value = value;
    return decl;
  }

  syntax::Tree& tree_;
  const DataDecl& data_;
};

}  // namespace

bool stays_the_same(const DataDecl& data) {
  if (data.parts.empty()) return !data.at;
  return std::ranges::all_of(data.parts, [](const DataDecl::Part& part) {
    return !part.cells || part.cells->along == syntax::Cells::Along::kNothing;
  });
}

std::string make_settable(Project& project, const std::string& name) {
  if (const auto known = project.set_series.find(name); known != project.set_series.end())
    return known->second;
  syntax::Tree& tree = project.tree;
  const auto own = tree.top_level.begin() + static_cast<std::ptrdiff_t>(project.own_statements);
  const auto found = std::find_if(tree.top_level.begin(), own, [&](syntax::StatementId id) {
    const auto* data = std::get_if<DataDecl>(&tree[id].node);
    return data && data->name.text == name;
  });
  if (found == own) return name;
  const syntax::StatementId id = *found;
  const auto place = found - tree.top_level.begin();
  const DataDecl data = std::get<DataDecl>(tree[id].node);
  StandIn stand_in(tree, data);
  const std::string kept = free_name(tree, fmt::format("_{} (as told)", name));
  const std::string doc = tree[id].doc;
  const text::Span span = tree[id].span;
  const auto insert = [&](syntax::ValueDecl decl, std::string text) {
    const syntax::StatementId added = tree.add(syntax::Statement{std::move(decl), text, span});
    tree.top_level.insert(tree.top_level.begin() + place, added);
    ++project.own_statements;
  };
  std::string replaced = name;
  if (stays_the_same(data)) {
    insert(stand_in.input(kept), doc);
  } else {
    replaced = free_name(tree, fmt::format("{} (set)", name));
    insert(stand_in.replacement(replaced), {});
    insert(stand_in.series(replaced, kept), doc);
    project.set_series.emplace(name, replaced);
    if (const auto taken = project.layout.taken_in.find(name);
        taken != project.layout.taken_in.end())
      project.layout.taken_in.emplace(replaced, taken->second);
  }
  syntax::Statement& told = tree.statements[id.index];
  auto& told_data = std::get<DataDecl>(told.node);
  told_data.name.text = kept;
  told_data.title.reset();
  told.doc.clear();
  return replaced;
}

}  // namespace headrace::workbench
