#include "export/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/undefined.h"
#include "syntax/print.h"
#include "syntax/syntax.h"
#include "text/calendar.h"
#include "text/utf8.h"

namespace headrace::exports {
namespace {

using syntax::BinaryOp;
using syntax::CompareOp;

}  // namespace

std::string shown(std::string_view name) { return text::printable(name.substr(0, 200)); }

Writer::Writer(const syntax::Tree& tree, size_t own, const WriteOptions& options,
               text::Diagnostics& diagnostics)
    : tree_(tree), devices_(tree), own_(own), options_(options), diagnostics_(diagnostics) {
  for (size_t i = 0; i < tree.top_level.size(); ++i) {
    const syntax::Statement& statement = tree[tree.top_level[i]];
    if (const auto* function = std::get_if<syntax::FunctionDecl>(&statement.node)) {
      // A function of the model takes the place of one of the library.
      if (i >= own && own_functions_.contains(function->name.text)) continue;
      if (i < own) own_functions_.insert(function->name.text);
      functions_[function->name.text] = function;
      function_statements_[function->name.text] = &statement;
    }
    if (i >= own) continue;
    if (const auto* table = std::get_if<syntax::TableDecl>(&statement.node))
      tables_[table->name.text] = table;
    if (const auto* dim = std::get_if<syntax::DimDecl>(&statement.node))
      dims_[dim->name.text] = dim;
    if (const auto* time = std::get_if<syntax::TimeDecl>(&statement.node)) {
      runge_kutta_ = time->method == syntax::TimeDecl::Method::kRk4;
      clock_ = clock_of(*time);
      step_ = clock_.step;
    }
    if (const auto* map = std::get_if<syntax::MapDecl>(&statement.node); map && map->name)
      maps_[map->name->text] = map;
    if (const auto* data = std::get_if<syntax::DataDecl>(&statement.node);
        data && !data->dims.empty()) {
      arrays_.insert(data->name.text);
      data_[data->name.text] = data;
    }
    if (const auto* value = std::get_if<syntax::ValueDecl>(&statement.node)) {
      values_[value->name.text] = value;
      if (!value->dims.empty()) arrays_.insert(value->name.text);
    }
    if (const auto* stock = std::get_if<syntax::StockDecl>(&statement.node)) {
      stocks_.insert(stock->name.text);
      if (!stock->dims.empty()) arrays_.insert(stock->name.text);
    }
  }
  if (xmile()) devices_.find(this->own());
  if (!xmile()) find_controls();
  name_all();
  check_units();
  if (!xmile()) find_limits();
  find_curves();
}

std::vector<const syntax::Statement*> Writer::own() const {
  std::vector<const syntax::Statement*> all;
  for (size_t i = 0; i < own_; ++i) all.push_back(&tree_[tree_.top_level[i]]);
  return all;
}

// Units have names only there.
void Writer::check_units() {
  for (const syntax::Statement* statement : own()) {
    if (const auto* unit = std::get_if<syntax::UnitDecl>(&statement->node)) {
      if (unit->definition)
        passed_over(unit->names[0].span,
                    fmt::format("the size of `{}`", shown(unit->names[0].text)));
    } else if (const auto* value = std::get_if<syntax::ValueDecl>(&statement->node)) {
      if (value->kind != syntax::ValueDecl::Kind::kMeasure) check_unit(value->unit);
    } else if (const auto* stock = std::get_if<syntax::StockDecl>(&statement->node)) {
      check_unit(stock->unit);
    }
  }
}

void Writer::check_unit(const std::optional<syntax::UnitExpr>& unit) {
  if (unit && unit->factor != 1) passed_over(unit->span, "the factor of a unit");
}

void Writer::cannot(Span span, const std::string& what) {
  // An equation may be said more than once, for each element.
  if (!told_.insert({span.source.index, span.begin, what}).second) return;
  if (options_.lossy) return passed_over(span, what);
  diagnostics_.error(text::Kind::kUnsupported, span,
                     fmt::format("{} cannot be said in {}", what, xmile() ? "XMILE" : "Vensim"));
}
void Writer::passed_over(Span span, const std::string& what) {
  diagnostics_.warning(text::Kind::kPassedOver, span,
                       fmt::format("{} is lost in {}", what, xmile() ? "XMILE" : "Vensim"));
}
Said Writer::bad(Span span, const std::string& what) {
  cannot(span, what);
  return {"0", Hold::kAtom};
}

const syntax::TableDecl* Writer::table(const std::string& name) const {
  const auto at = tables_.find(name);
  return at == tables_.end() ? nullptr : at->second;
}
const syntax::DimDecl* Writer::dimension(const std::string& name) const {
  const auto at = dims_.find(name);
  return at == dims_.end() ? nullptr : at->second;
}

Names Writer::indexes(const std::vector<syntax::DimensionUse>& dims,
                      const std::vector<std::string>& places) {
  Names names;
  std::map<std::string, size_t> copies;
  for (size_t d = 0; d < dims.size(); ++d) {
    const std::string& dimension = dims[d].dimension.text;
    names[place_name(dimension, ++copies[dimension])] = places[d];
    if (dims[d].index) names[dims[d].index->text] = places[d];
  }
  return names;
}

// How `Names` calls the place that a dimension has for the `copy`-th time.
std::string Writer::place_name(const std::string& dimension, size_t copy) {
  return copy < 2 ? dimension : fmt::format("{}\n{}", dimension, copy);
}

std::string Writer::range(const std::string& name, size_t copy) {
  if (copy < 2) return spelled(name);
  std::string& text = copies_[{name, copy}];
  if (!text.empty()) return text;
  text = spell(fresh(fmt::format("{} {}", bare(name), copy)));
  other_names_.emplace_back(text, spelled(name));
  return text;
}

std::vector<const syntax::Statement*> Writer::take_wanted_functions() {
  std::vector<const syntax::Statement*> found;
  for (const std::string& name : wanted_) {
    if (wanted_done_.insert(name).second) found.push_back(function_statements_.at(name));
  }
  wanted_.clear();
  return found;
}

std::string Writer::number(double value) const {
  if (value == base::kUndefined && !xmile()) return ":NA:";
  if (std::isinf(value)) {
    const std::string most = xmile() ? "INF" : "1e+308";
    return value > 0 ? most : "-" + most;
  }
  return fmt::format("{}", value);
}

bool Writer::is_undefined(ExprId id) const {
  const auto* word = std::get_if<syntax::Reference>(&tree_[id].node);
  return word && word->indexes.empty() && word->name.text == "undefined" &&
         !spelled_.contains("undefined");
}

std::optional<double> Writer::literal(ExprId id) const {
  const auto& node = tree_[id].node;
  if (const auto* number = std::get_if<syntax::Number>(&node)) return number->value;
  const auto* unary = std::get_if<syntax::Unary>(&node);
  if (!unary || unary->op != syntax::UnaryOp::kNegate) return std::nullopt;
  const auto value = literal(unary->operand);
  return value ? std::optional(-*value) : std::nullopt;
}

std::optional<double> Writer::settled(ExprId id, const Names& names) const {
  const auto* reference = std::get_if<syntax::Reference>(&tree_[id].node);
  if (!reference) return literal(id);
  const std::string& name = reference->name.text;
  const auto found = values_.find(name);
  // Within a function the name may be that of a parameter, which `names` holds.
  if (names.contains(name) || found == values_.end()) return std::nullopt;
  const syntax::ValueDecl& value = *found->second;
  if (value.kind != syntax::ValueDecl::Kind::kLet || !value.dims.empty() || !value.value ||
      !value.clauses.empty())
    return std::nullopt;
  return literal(*value.value);
}

std::string Writer::expression(ExprId id, const Names& names) { return say(id, names).text; }

std::string Writer::at(ExprId id, const Names& names, Hold hold) {
  Said said = say(id, names);
  return said.hold < hold ? fmt::format("({})", said.text) : std::move(said.text);
}

Said Writer::say(ExprId id, const Names& names) {
  if (auto asked = say_asked(id, names)) return *asked;
  const syntax::Expr& expr = tree_[id];
  return std::visit(
      [&](const auto& node) -> Said {
        using Node = std::decay_t<decltype(node)>;
        if constexpr (std::is_same_v<Node, syntax::Number>) {
          return {number(node.value), node.value < 0 ? Hold::kUnary : Hold::kAtom};
        } else if constexpr (std::is_same_v<Node, syntax::Date>) {
          return {number(text::to_years({node.year, node.month, node.day})), Hold::kAtom};
        } else if constexpr (std::is_same_v<Node, syntax::Boolean>) {
          return {node.value ? "1" : "0", Hold::kAtom};
        } else if constexpr (std::is_same_v<Node, syntax::Reference>) {
          return say_reference(node, names, expr.span);
        } else if constexpr (std::is_same_v<Node, syntax::Unary>) {
          if (node.op == syntax::UnaryOp::kNegate)
            return {"-" + at(node.operand, names, Hold::kPower), Hold::kUnary};
          const std::string inner = at(node.operand, names, Hold::kAtom);
          return {xmile() ? "NOT " + inner : ":NOT: " + inner, Hold::kLogic};
        } else if constexpr (std::is_same_v<Node, syntax::Binary>) {
          return say_binary(node, names);
        } else if constexpr (std::is_same_v<Node, syntax::Comparison>) {
          return say_comparison(node, names);
        } else if constexpr (std::is_same_v<Node, syntax::If>) {
          // The library says `if true` where two values have one unit. Elsewhere both would be
          // needed, which may be a circle.
          if (const auto* sure = std::get_if<syntax::Boolean>(&tree_[node.condition].node))
            return say(sure->value ? node.then_value : node.else_value, names);
          const std::string c = expression(node.condition, names);
          const std::string a = expression(node.then_value, names);
          const std::string b = expression(node.else_value, names);
          if (xmile()) return {fmt::format("(IF {} THEN {} ELSE {})", c, a, b), Hold::kAtom};
          return {fmt::format("IF THEN ELSE({}, {}, {})", c, a, b), Hold::kAtom};
        } else if constexpr (std::is_same_v<Node, syntax::Call>) {
          return say_call(node, names, expr.span);
        } else if constexpr (std::is_same_v<Node, syntax::Range>) {
          return middle(node, names, expr.span);
        } else {
          return bad(expr.span, "this");
        }
      },
      expr.node);
}

// Half-way between the ends of an interval: what is left of a distribution. Where its median is
// known both ends are that.
Said Writer::middle(const syntax::Range& range, const Names& names, Span span) {
  cannot(span, "a distribution");
  if (range.low == range.high) return say(range.low, names);
  return {fmt::format("({} + {}) / 2", at(range.low, names, Hold::kSum),
                      at(range.high, names, Hold::kSum)),
          Hold::kProduct};
}

std::string Writer::reference(const std::string& name, const Names& names, Span span) {
  return say_reference({{name, span}, {}}, names, span).text;
}

Said Writer::say_reference(const syntax::Reference& node, const Names& names, Span span) {
  const std::string& name = node.name.text;
  // A dimension of that name hides no clock.
  const bool clock = name == "time" && dims_.contains(name);
  if (const auto local = names.find(name); local != names.end() && node.indexes.empty() && !clock) {
    const auto position = positions_.find(name);
    return {position == positions_.end() ? local->second : position->second, Hold::kAtom};
  }
  if (node.indexes.empty() && (!spelled_.contains(name) || dims_.contains(name))) {
    static const std::map<std::string, std::pair<const char*, const char*>> kWords = {
        {"time", {"TIME", "Time"}},
        {"time.step", {"DT", "TIME STEP"}},
        {"time.start", {"STARTTIME", "INITIAL TIME"}},
        {"time.end", {"STOPTIME", "FINAL TIME"}},
        {"pi", {"PI", "3.14159265358979"}},
        {"infinity", {"INF", "1e+308"}},
        {"undefined", {"-6.490371073168534e+32", ":NA:"}}};
    // What both tools call the time moves within a step of Runge-Kutta.
    const bool held = name == "time.held" && !runge_kutta_;
    if (const auto found = kWords.find(held ? "time" : name); found != kWords.end()) {
      const bool moves = name.starts_with("time");
      return {xmile() ? found->second.first
              : moves ? word(found->second.second)
                      : found->second.second,
              Hold::kAtom};
    }
    // A member compared with an index is its position; a unit is one of it.
    std::set<size_t> positions;
    for (const auto& [dim, decl] : dims_) {
      for (size_t k = 0; k < decl->members.size(); ++k) {
        if (decl->members[k].text != name) continue;
        if (!xmile()) return {member(dim, name), Hold::kAtom};
        positions.insert(k + 1);
      }
    }
    if (positions.size() > 1)
      return bad(span, fmt::format("`{}`, whose position hangs on the range,", shown(name)));
    if (!positions.empty()) return {std::to_string(*positions.begin()), Hold::kAtom};
    return is_unit(name) ? Said{"1", Hold::kAtom} : bad(span, fmt::format("`{}`", shown(name)));
  }
  std::string text = spelled(name);
  if (node.indexes.empty()) {
    if ((!xmile() || !positions_.empty()) && arrays_.contains(name)) {
      // Vensim wants the subscripts of every array, XMILE in the equation of one element.
      const auto dims = dims_of(name);
      std::vector<std::string> places;
      std::map<std::string, size_t> copies;
      for (const std::string& dim : dims) {
        const auto local = names.find(place_name(dim, ++copies[dim]));
        if (local == names.end()) return bad(span, fmt::format("`{}` as a whole", shown(name)));
        places.push_back(local->second);
      }
      text += fmt::format("[{}]", fmt::join(places, ","));
    } else if (!xmile() && in_macro_) {
      text += "$";
    }
    return {text, Hold::kAtom};
  }
  if (!xmile() && in_macro_) return bad(span, fmt::format("`{}` within a function", shown(name)));
  std::vector<std::string> places;
  std::map<std::string, size_t> stars;
  const std::vector<std::string> dims = xmile() ? std::vector<std::string>() : dims_of(name);
  for (size_t k = 0; k < node.indexes.size(); ++k) {
    const syntax::Index& each = node.indexes[k];
    if (k >= dims.size()) {
      places.push_back(index(each, names));
    } else if (each.kind == syntax::Index::Kind::kStar) {
      places.push_back(range(dims[k], ++stars[dims[k]]) + "!");
    } else if (each.kind == syntax::Index::Kind::kNumber) {
      places.push_back(member(dims[k], std::to_string(each.number)));
    } else if (const auto own = own_member(dims[k], each, names)) {
      places.push_back(*own);
    } else {
      places.push_back(index(each, names));
    }
  }
  return {fmt::format("{}[{}]", text, fmt::join(places, xmile() ? ", " : ",")), Hold::kAtom};
}

std::vector<std::string> Writer::dims_of(const std::string& name) const {
  std::vector<std::string> dims;
  for (const syntax::Statement* statement : own()) {
    const std::vector<syntax::DimensionUse>* uses = nullptr;
    if (const auto* value = std::get_if<syntax::ValueDecl>(&statement->node);
        value && value->name.text == name)
      uses = &value->dims;
    if (const auto* stock = std::get_if<syntax::StockDecl>(&statement->node);
        stock && stock->name.text == name)
      uses = &stock->dims;
    if (const auto* data = std::get_if<syntax::DataDecl>(&statement->node);
        data && data->name.text == name)
      uses = &data->dims;
    if (!uses) continue;
    for (const auto& use : *uses) dims.push_back(use.dimension.text);
    break;
  }
  return dims;
}

bool Writer::is_member(const std::string& name) const {
  return std::ranges::any_of(dims_, [&](const auto& dim) {
    return std::ranges::any_of(dim.second->members,
                               [&](const syntax::Name& one) { return one.text == name; });
  });
}

std::optional<std::string> Writer::own_member(const std::string& dim, const syntax::Index& index,
                                              const Names& names) const {
  const syntax::DimDecl* decl = dimension(dim);
  if (!decl || index.kind != syntax::Index::Kind::kName || index.number != 0 ||
      !index.map.text.empty() || names.contains(index.name.text))
    return std::nullopt;
  const bool has = std::ranges::any_of(
      decl->members, [&](const syntax::Name& one) { return one.text == index.name.text; });
  if (!has) return std::nullopt;
  return member(decl->parent ? decl->parent->text : dim, index.name.text);
}

bool Writer::reads_map(ExprId id) const {
  return any_of(id, [](const syntax::Expr& expr) {
    const auto* reference = std::get_if<syntax::Reference>(&expr.node);
    return reference && std::ranges::any_of(reference->indexes, [](const syntax::Index& index) {
             return !index.map.text.empty();
           });
  });
}

void Writer::names_in(ExprId id, std::set<std::string>& names) const {
  any_of(id, [&](const syntax::Expr& expr) {
    if (const auto* reference = std::get_if<syntax::Reference>(&expr.node))
      names.insert(reference->name.text);
    if (const auto* call = std::get_if<syntax::Call>(&expr.node)) names.insert(call->function.text);
    return false;
  });
}

// An index read through a map is the range at the map's other end, or the member that a fixed one
// leads to.
std::string Writer::mapped(const syntax::Index& index, const Names& names) {
  const auto found = maps_.find(index.map.text);
  if (found == maps_.end()) return spelled(index.name.text);
  const syntax::MapDecl& map = *found->second;
  const auto local = names.find(index.name.text);
  const std::string from = local != names.end() ? local->second : spelled(index.name.text);
  for (const auto& [a, b] : map.pairs) {
    if (member(map.from.text, a.text) == from) return member(map.to.text, b.text);
  }
  if (xmile()) cannot(index.span, "a map between dimensions");
  return spelled(map.to.text);
}

std::string Writer::index(const syntax::Index& index, const Names& names) {
  if (!index.map.text.empty()) return mapped(index, names);
  if (index.kind == syntax::Index::Kind::kStar) {
    if (!xmile()) cannot(index.span, "a `*`");
    return "*";
  }
  if (index.kind == syntax::Index::Kind::kNumber) return std::to_string(index.number);
  const auto local = names.find(index.name.text);
  std::string text = local != names.end() ? local->second : spelled(index.name.text);
  if (index.number == 0) return text;
  if (!xmile()) cannot(index.span, "an element before or after another");
  // In the equation of one element its number: a variable may be called as the element is.
  if (const auto position = positions_.find(index.name.text); position != positions_.end())
    text = position->second;
  return fmt::format("{} {} {}", text, index.number > 0 ? '+' : '-', std::abs(index.number));
}

Said Writer::say_binary(const syntax::Binary& node, const Names& names) {
  const auto join = [&](const char* sign, Hold own, Hold left, Hold right) -> Said {
    return {fmt::format("{} {} {}", at(node.left, names, left), sign, at(node.right, names, right)),
            own};
  };
  switch (node.op) {
    case BinaryOp::kAdd:
      return join("+", Hold::kSum, Hold::kSum, Hold::kProduct);
    case BinaryOp::kSubtract:
      return join("-", Hold::kSum, Hold::kSum, Hold::kProduct);
    case BinaryOp::kMultiply:
      return join("*", Hold::kProduct, Hold::kProduct, Hold::kUnary);
    case BinaryOp::kDivide:
      return join("/", Hold::kProduct, Hold::kProduct, Hold::kUnary);
    case BinaryOp::kPower:
      return join("^", Hold::kPower, Hold::kAtom, Hold::kAtom);
    case BinaryOp::kAnd:
      return join(xmile() ? "AND" : ":AND:", Hold::kLogic, Hold::kCompare, Hold::kCompare);
    case BinaryOp::kOr:
      return join(xmile() ? "OR" : ":OR:", Hold::kLogic, Hold::kCompare, Hold::kCompare);
  }
  return {};
}

// The member that an index is compared with, whatever else is called so.
std::optional<Said> Writer::say_compared_member(const syntax::Comparison& node, size_t place,
                                                const Names& names) const {
  const auto* member = std::get_if<syntax::Reference>(&tree_[node.operands[place]].node);
  if (node.operands.size() != 2 || !member || !member->indexes.empty()) return std::nullopt;
  const auto* index = std::get_if<syntax::Reference>(&tree_[node.operands[1 - place]].node);
  if (!index || !index->indexes.empty() || names.contains(member->name.text)) return std::nullopt;
  const auto dim = dims_.find(index->name.text);
  if (dim == dims_.end() || !names.contains(index->name.text)) return std::nullopt;
  const auto& members = dim->second->members;
  const auto at = std::ranges::find(members, member->name.text, &syntax::Name::text);
  if (at == members.end()) return std::nullopt;
  return xmile() ? Said{std::to_string(at - members.begin() + 1), Hold::kAtom}
                 : Said{this->member(dim->first, at->text), Hold::kAtom};
}

Said Writer::say_comparison(const syntax::Comparison& node, const Names& names) {
  const auto side = [&](size_t place) {
    if (const auto member = say_compared_member(node, place, names)) return member->text;
    return at(node.operands[place], names, Hold::kSum);
  };
  const auto sign = [](CompareOp op) {
    const std::string_view text = syntax::spelling(op);
    return text == "==" ? "=" : text == "!=" ? "<>" : text;
  };
  std::string text;
  for (size_t i = 0; i < node.ops.size(); ++i) {
    if (i) text += xmile() ? " AND " : " :AND: ";
    text += fmt::format("{} {} {}", side(i), sign(node.ops[i]), side(i + 1));
  }
  return {text, node.ops.size() > 1 ? Hold::kLogic : Hold::kCompare};
}

}  // namespace headrace::exports
