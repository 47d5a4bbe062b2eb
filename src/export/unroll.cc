// Functions with arrays inside, written out:
//
//   function delay_n(input, delay, n) =         function delay_n_2(input, delay) =
//     dim stage = n                               let part = delay / 2
//     let part = delay / n                        stock inside_1 = ...
//     stock inside[stage] = ...                   stock inside_2 = ...
//     return sum(inside[s] for s in stage)        return inside_1 + inside_2
//
// The sizes are numbers at the call. With them every index within is a number, too, so that a
// condition on an index has one answer, and only its side is written. What is left has no arrays.

#include "export/unroll.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace headrace::exports {
namespace {

using syntax::BinaryOp;
using syntax::CompareOp;
using syntax::FunctionDecl;
using syntax::StockDecl;
using syntax::ValueDecl;

constexpr size_t kMostLocals = 600;     // of one function
constexpr size_t kMostTerms = 100'000;  // expressions of all functions
constexpr int kDeepest = 100;

using Numbers = std::map<std::string, double>;

bool holds(CompareOp op, double a, double b) {
  switch (op) {
    case CompareOp::kLess:
      return a < b;
    case CompareOp::kLessEqual:
      return a <= b;
    case CompareOp::kGreater:
      return a > b;
    case CompareOp::kGreaterEqual:
      return a >= b;
    case CompareOp::kEqual:
      return a == b;
    case CompareOp::kNotEqual:
      break;
  }
  return a != b;
}

// The number that an expression of inputs and of the clock is, where it is one in every run.
class Constants {
 public:
  explicit Constants(const syntax::Tree& tree, size_t own) : tree_(tree) {
    for (size_t i = 0; i < own; ++i) {
      const syntax::Statement& statement = tree[tree.top_level[i]];
      if (const auto* value = std::get_if<ValueDecl>(&statement.node))
        values_[value->name.text] = *value;
      if (const auto* time = std::get_if<syntax::TimeDecl>(&statement.node)) step_ = time->step;
    }
  }

  // Names of inputs that the number hangs on are added to `read`. Within a function names mean
  // something else.
  std::optional<double> of(ExprId id, std::set<std::string>& read, bool in_function,
                           int depth = 0) const {
    if (depth > kDeepest) return std::nullopt;
    const auto inner = [&](ExprId one) { return of(one, read, in_function, depth + 1); };
    const auto& node = tree_[id].node;
    if (const auto* number = std::get_if<syntax::Number>(&node)) return number->value;
    if (const auto* unary = std::get_if<syntax::Unary>(&node)) {
      const auto value = inner(unary->operand);
      if (!value || unary->op != syntax::UnaryOp::kNegate) return std::nullopt;
      return -*value;
    }
    if (const auto* binary = std::get_if<syntax::Binary>(&node)) {
      const auto a = inner(binary->left), b = inner(binary->right);
      return a && b ? joined(binary->op, *a, *b) : std::nullopt;
    }
    if (const auto* choice = std::get_if<syntax::If>(&node)) {
      const auto* asked = std::get_if<syntax::Comparison>(&tree_[choice->condition].node);
      if (!asked || asked->ops.size() != 1) return std::nullopt;
      const auto a = inner(asked->operands[0]), b = inner(asked->operands[1]);
      if (!a || !b) return std::nullopt;
      return inner(holds(asked->ops[0], *a, *b) ? choice->then_value : choice->else_value);
    }
    if (const auto* call = std::get_if<syntax::Call>(&node))
      return of_call(*call, read, in_function, depth);
    const auto* name = std::get_if<syntax::Reference>(&node);
    if (!name || !name->indexes.empty()) return std::nullopt;
    if (name->name.text == "time.step") return step_;
    const auto value = values_.find(name->name.text);
    if (in_function || value == values_.end()) return std::nullopt;
    if (!value->second.dims.empty() || !value->second.clauses.empty() || !value->second.value)
      return std::nullopt;
    if (value->second.kind == ValueDecl::Kind::kParam) read.insert(name->name.text);
    return inner(*value->second.value);
  }
  double step() const { return step_; }

 private:
  static std::optional<double> joined(BinaryOp op, double a, double b) {
    switch (op) {
      case BinaryOp::kAdd:
        return a + b;
      case BinaryOp::kSubtract:
        return a - b;
      case BinaryOp::kMultiply:
        return a * b;
      case BinaryOp::kDivide:
        return a / b;
      case BinaryOp::kPower:
        return std::pow(a, b);
      case BinaryOp::kAnd:
      case BinaryOp::kOr:
        break;
    }
    return std::nullopt;
  }

  std::optional<double> of_call(const syntax::Call& call, std::set<std::string>& read,
                                bool in_function, int depth) const {
    std::vector<double> a;
    if (!call.bindings.empty() || call.arguments.empty()) return std::nullopt;
    for (const syntax::Argument& argument : call.arguments) {
      const auto value = of(argument.value, read, in_function, depth + 1);
      if (!value || argument.label) return std::nullopt;
      a.push_back(*value);
    }
    const std::string& name = call.function.text;
    if (name == "initial") return a[0];
    if (name == "floor") return std::floor(a[0]);
    if (name == "ceil") return std::ceil(a[0]);
    if (name == "trunc") return std::trunc(a[0]);
    if (name == "round") return std::nearbyint(a[0]);  // halves to even
    if (name == "stella_round") return std::floor(a[0] + 0.5);
    if (a.size() < 2) return std::nullopt;
    if (name == "min") return std::ranges::min(a);
    if (name == "max") return std::ranges::max(a);
    return std::nullopt;
  }

  const syntax::Tree& tree_;
  std::map<std::string, ValueDecl> values_;
  double step_ = 1;
};

class Unroller {
 public:
  Unroller(syntax::Tree tree, size_t own, Dialect dialect, text::Diagnostics& diagnostics)
      : tree_(std::move(tree)),
        own_(own),
        dialect_(dialect),
        diagnostics_(diagnostics),
        constants_(tree_, own) {}

  syntax::Tree run() {
    std::set<uint32_t> library;
    for (size_t i = 0; i < tree_.top_level.size(); ++i) {
      const syntax::Statement& statement = tree_[tree_.top_level[i]];
      if (i >= own_) library.insert(statement.span.source.index);
      note_name(statement);
      if (const auto* table = std::get_if<syntax::TableDecl>(&statement.node); table && i < own_)
        tables_.insert(table->name.text);
      const auto* function = std::get_if<FunctionDecl>(&statement.node);
      if (!function) continue;
      if (i >= own_ && functions_.contains(function->name.text)) continue;  // the model's counts
      functions_[function->name.text] = tree_.top_level[i];
      if (i < own_) note_function(*function);
    }
    const size_t before = tree_.exprs.size();
    for (size_t i = 0; i < before; ++i) {
      const auto* call = std::get_if<syntax::Call>(&tree_.exprs[i].node);
      const text::Span span = tree_.exprs[i].span;
      if (!call || library.contains(span.source.index)) continue;
      if (auto other = sized(*call, span, in_functions_.contains(static_cast<uint32_t>(i))))
        tree_.exprs[i].node = std::move(*other);
    }
    return std::move(tree_);
  }

 private:
  // A function as it is being written out.
  struct Body {
    Numbers numbers;                     // parameters that are sizes
    std::map<std::string, size_t> dims;  // and what they make of the dimensions within
    std::map<std::string, std::vector<std::string>> arrays;  // dimensions of the local ones
    std::set<std::string> names;                             // that are taken within
    std::map<std::pair<std::string, std::vector<size_t>>, std::string> elements;
  };
  using Places = std::map<std::string, size_t>;  // of indexes, from 1

  void note_name(const syntax::Statement& statement) {
    std::visit(
        [&](const auto& node) {
          if constexpr (requires { node.name.text; }) taken_.insert(node.name.text);
        },
        statement.node);
  }

  // A function of the model itself, and the expressions within it.
  void note_function(const FunctionDecl& function) {
    of_model_.insert(function.name.text);
    const auto note = [&](const std::optional<ExprId>& root) {
      if (!root) return;
      any_of(tree_, *root, [&](const syntax::Expr& expr) {
        in_functions_.insert(static_cast<uint32_t>(&expr - tree_.exprs.data()));
        return false;
      });
    };
    note(function.result);
    for (const syntax::Parameter& parameter : function.parameters) note(parameter.default_value);
    for (const syntax::StatementId id : function.locals) {
      if (const auto* value = std::get_if<ValueDecl>(&tree_[id].node)) {
        note(value->value);
        for (const syntax::Clause& clause : value->clauses) note(clause.value);
      } else if (const auto* stock = std::get_if<StockDecl>(&tree_[id].node)) {
        note(stock->initial);
        note(stock->net_rate);
      }
    }
  }

  static bool has_arrays(const syntax::Tree& tree, const FunctionDecl& function) {
    return std::ranges::any_of(function.locals, [&](syntax::StatementId id) {
      return std::holds_alternative<syntax::DimDecl>(tree[id].node);
    });
  }

  // Conveyors, queues and ovens have words of their own in XMILE.
  bool stays(const std::string& name) const {
    if (of_model_.contains(name)) return false;
    if (dialect_ == Dialect::kXmile &&
        (name.starts_with("conveyor") || name.starts_with("queue") || name.starts_with("oven")))
      return true;
    return dialect_ == Dialect::kXmile ? xmile_has(name) : vensim_has(name);
  }

  // The call of a function of the size that the arguments tell.
  std::optional<syntax::Call> sized(syntax::Call call, text::Span span, bool in_function) {
    const auto found = functions_.find(call.function.text);
    if (found == functions_.end() || !call.bindings.empty()) return std::nullopt;
    if (!in_function && tables_.contains(call.function.text)) return std::nullopt;
    if (auto steady = as_steady_delay(call, in_function)) return steady;
    const FunctionDecl function = std::get<FunctionDecl>(tree_[found->second].node);
    if (stays(function.name.text) || !has_arrays(tree_, function)) return std::nullopt;
    Body inside;
    std::set<std::string> read;
    for (const syntax::StatementId id : function.locals) {
      const auto* dim = std::get_if<syntax::DimDecl>(&tree_[id].node);
      if (!dim) continue;
      const auto size = size_of(*dim, function, call, inside.numbers, read, in_function);
      if (!size) return std::nullopt;
      inside.dims[dim->name.text] = *size;
    }
    const std::string name = specialised(function, inside);
    if (name.empty()) return std::nullopt;
    for (const std::string& input : read)
      diagnostics_.warning(
          text::Kind::kPassedOver, span,
          fmt::format("the stages of `{}` are written out as many as `{}` says now; they do not "
                      "follow it in {}",
                      shown(function.name.text), shown(input),
                      dialect_ == Dialect::kXmile ? "XMILE" : "Vensim"));
    syntax::Call other{{name, call.function.span}, {}, {}};
    for (size_t k = 0; k < call.arguments.size(); ++k) {
      const std::string& parameter = call.arguments[k].label ? call.arguments[k].label->text
                                     : k < function.parameters.size()
                                         ? function.parameters[k].name.text
                                         : "";
      if (!inside.numbers.contains(parameter)) other.arguments.push_back(call.arguments[k]);
    }
    return other;
  }

  // A delay that stays the same and has time enough for its stages is DELAYN of XMILE.
  std::optional<syntax::Call> as_steady_delay(syntax::Call call, bool in_function) const {
    const bool all_told = std::ranges::none_of(
        call.arguments, [](const syntax::Argument& one) { return one.label.has_value(); });
    if (dialect_ != Dialect::kXmile || call.function.text != "vensim_delay_n" ||
        of_model_.contains(call.function.text) || call.arguments.size() < 3 || !all_told)
      return std::nullopt;
    std::set<std::string> read;
    const auto delay = constants_.of(call.arguments[1].value, read, in_function);
    const auto count = constants_.of(call.arguments[2].value, read, in_function);
    if (!delay || !count || std::floor(*delay / constants_.step() + 1e-6) < *count)
      return std::nullopt;
    call.function.text = "delay_n";
    return call;
  }

  std::optional<size_t> size_of(const syntax::DimDecl& dim, const FunctionDecl& function,
                                const syntax::Call& call, Numbers& numbers,
                                std::set<std::string>& read, bool in_function) const {
    if (dim.file || dim.parent) return std::nullopt;
    const auto parameter =
        std::ranges::find_if(function.parameters, [&](const syntax::Parameter& one) {
          return dim.members.size() == 1 && one.name.text == dim.members[0].text;
        });
    if (parameter == function.parameters.end()) {
      for (size_t k = 0; k < dim.members.size(); ++k) {
        if (dim.members[k].text != std::to_string(k + 1)) return std::nullopt;
      }
      return dim.members.size();
    }
    std::optional<ExprId> given = parameter->default_value;
    const auto place = static_cast<size_t>(parameter - function.parameters.begin());
    for (size_t k = 0; k < call.arguments.size(); ++k) {
      const auto& label = call.arguments[k].label;
      if (label ? label->text == parameter->name.text : k == place) given = call.arguments[k].value;
    }
    const auto size = given ? constants_.of(*given, read, in_function) : std::nullopt;
    if (!size || *size < 1 || *size > kMostLocals || *size != std::floor(*size))
      return std::nullopt;
    numbers[parameter->name.text] = *size;
    return static_cast<size_t>(*size);
  }

  // The name of the function with these sizes, which is written when it is not there yet; none
  // where it cannot be.
  std::string specialised(const FunctionDecl& function, Body body) {
    auto key = std::pair(function.name.text, body.dims);
    if (const auto at = done_.find(key); at != done_.end()) return at->second;
    done_[key] = "";
    const bool outer = failed_;
    std::string name = function.name.text;
    for (const auto& [parameter, size] : body.numbers) name += fmt::format("_{}", size);
    if (body.numbers.empty()) name += "_written_out";
    const std::string wanted = name;
    for (int k = 2; taken_.contains(name); ++k) name = fmt::format("{}_again_{}", wanted, k);
    taken_.insert(name);
    FunctionDecl other;
    other.name = {name, function.name.span};
    other.unit = function.unit;
    failed_ = std::ranges::any_of(function.parameters,
                                  [](const auto& parameter) { return !parameter.dims.empty(); });
    for (const syntax::Parameter& parameter : function.parameters) {
      body.names.insert(parameter.name.text);
      if (!body.numbers.contains(parameter.name.text)) other.parameters.push_back(parameter);
    }
    name_elements(function, body);
    for (syntax::Parameter& parameter : other.parameters) {
      if (parameter.default_value)
        parameter.default_value = written(*parameter.default_value, body, {}, 0);
    }
    if (!failed_) write_locals(function, body, other);
    if (!failed_) other.result = written(function.result, body, {}, 0);
    if (std::exchange(failed_, outer)) return "";
    done_[key] = name;
    const syntax::Statement& was = tree_[functions_.at(function.name.text)];
    syntax::Statement statement{other, was.doc, was.span};
    const syntax::StatementId id = tree_.add(std::move(statement));
    tree_.top_level.push_back(id);
    return name;
  }

  static const std::vector<syntax::DimensionUse>* dims_of(const syntax::Statement& local) {
    if (const auto* stock = std::get_if<StockDecl>(&local.node)) return &stock->dims;
    if (const auto* value = std::get_if<ValueDecl>(&local.node)) return &value->dims;
    return nullptr;
  }
  static const syntax::Name& name_of(const syntax::Statement& local) {
    if (const auto* stock = std::get_if<StockDecl>(&local.node)) return stock->name;
    return std::get<ValueDecl>(local.node).name;
  }

  // The places of all elements of such an array.
  static std::vector<std::vector<size_t>> places_of(const Body& body,
                                                    const std::vector<std::string>& dims) {
    std::vector<std::vector<size_t>> all{{}};
    for (const std::string& dim : dims) {
      std::vector<std::vector<size_t>> longer;
      for (const auto& one : all) {
        for (size_t k = 1; k <= body.dims.at(dim); ++k) {
          longer.push_back(one);
          longer.back().push_back(k);
        }
      }
      all = std::move(longer);
      if (all.size() > kMostLocals) return {};
    }
    return all;
  }

  void name_elements(const FunctionDecl& function, Body& body) {
    size_t count = 0;
    for (const syntax::StatementId id : function.locals) {
      if (dims_of(tree_[id])) body.names.insert(name_of(tree_[id]).text);
    }
    for (const syntax::StatementId id : function.locals) {
      const auto* uses = dims_of(tree_[id]);
      if (!uses || uses->empty()) continue;
      std::vector<std::string>& dims = body.arrays[name_of(tree_[id]).text];
      for (const syntax::DimensionUse& use : *uses) {
        if (!body.dims.contains(use.dimension.text)) failed_ = true;
        dims.push_back(use.dimension.text);
      }
      if (failed_) return;
      const auto all = places_of(body, dims);
      count += all.size();
      if (all.empty() || count > kMostLocals) failed_ = true;
      for (const auto& places : all) {
        const std::string wanted =
            fmt::format("{}_{}", name_of(tree_[id]).text, fmt::join(places, "_"));
        std::string name = wanted;
        for (int k = 2; !body.names.insert(name).second; ++k)
          name = fmt::format("{}_again_{}", wanted, k);
        body.elements[{name_of(tree_[id]).text, places}] = name;
      }
    }
  }

  void write_locals(const FunctionDecl& function, const Body& body, FunctionDecl& other) {
    for (const syntax::StatementId id : function.locals) {
      const syntax::Statement local = tree_[id];
      const auto* uses = dims_of(local);
      if (!uses) continue;  // a dimension
      std::vector<std::string> dims;
      for (const syntax::DimensionUse& use : *uses) dims.push_back(use.dimension.text);
      for (const auto& at : places_of(body, dims)) {
        Places places;
        for (size_t d = 0; d < at.size(); ++d) {
          const syntax::DimensionUse& use = (*uses)[d];
          // A dimension that stands twice is read by its indexes.
          if (!places.emplace(use.dimension.text, at[d]).second) places.erase(use.dimension.text);
          if (use.index) places[use.index->text] = at[d];
        }
        syntax::Statement one = local;
        if (!at.empty()) name_at(one, body, at);
        std::visit([&](auto& node) { write_local(node, body, places); }, one.node);
        if (failed_) return;
        const syntax::StatementId added = tree_.add(std::move(one));
        other.locals.push_back(added);
      }
    }
  }
  static void name_at(syntax::Statement& local, const Body& body, const std::vector<size_t>& at) {
    auto rename = [&](auto& node) {
      node.name.text = body.elements.at({node.name.text, at});
      node.dims.clear();
    };
    if (auto* stock = std::get_if<StockDecl>(&local.node)) rename(*stock);
    if (auto* value = std::get_if<ValueDecl>(&local.node)) rename(*value);
  }

  void write_local(ValueDecl& value, const Body& body, const Places& places) {
    if (value.value) value.value = written(*value.value, body, places, 0);
    for (syntax::Clause& clause : value.clauses) {
      if (!clause.pattern.empty() || clause.ramp) failed_ = true;
      if (clause.date) clause.date = written(*clause.date, body, places, 0);
      clause.value = written(clause.value, body, places, 0);
    }
  }
  void write_local(StockDecl& stock, const Body& body, const Places& places) {
    if (!stock.clauses.empty() || !stock.inflows.empty() || !stock.outflows.empty()) failed_ = true;
    if (stock.initial) stock.initial = written(*stock.initial, body, places, 0);
    if (stock.net_rate) stock.net_rate = written(*stock.net_rate, body, places, 0);
  }
  template <class Node>
  void write_local(Node&, const Body&, const Places&) {
    failed_ = true;
  }

  // ---------------------------------------------------------------- expressions

  ExprId add(syntax::Expr expr) {
    if (++terms_ > kMostTerms) failed_ = true;
    return tree_.add(std::move(expr));
  }
  ExprId number(double value, text::Span span) {
    if (value < 0)
      return add({syntax::Unary{syntax::UnaryOp::kNegate, number(-value, span)}, span});
    return add({syntax::Number{value, {}, {}}, span});
  }
  ExprId fail(ExprId id) {
    failed_ = true;
    return id;
  }
  std::optional<double> number_in(ExprId id) const {
    if (const auto* number = std::get_if<syntax::Number>(&tree_[id].node); number && !number->unit)
      return number->value;
    if (const auto* unary = std::get_if<syntax::Unary>(&tree_[id].node);
        unary && unary->op == syntax::UnaryOp::kNegate) {
      if (const auto value = number_in(unary->operand)) return -*value;
    }
    return std::nullopt;
  }
  std::optional<bool> answer_in(ExprId id) const {
    const auto* answer = std::get_if<syntax::Boolean>(&tree_[id].node);
    return answer ? std::optional(answer->value) : std::nullopt;
  }

  // The expression with these sizes, at these places.
  ExprId written(ExprId id, const Body& body, const Places& places, int depth) {
    if (failed_ || depth > kDeepest) return fail(id);
    syntax::Expr expr = tree_[id];
    const auto inner = [&](ExprId one) { return written(one, body, places, depth + 1); };
    if (auto* name = std::get_if<syntax::Reference>(&expr.node))
      return reference(id, *name, body, places, expr.span);
    if (auto* unary = std::get_if<syntax::Unary>(&expr.node)) {
      unary->operand = inner(unary->operand);
      const auto answer = answer_in(unary->operand);
      if (answer && unary->op == syntax::UnaryOp::kNot)
        return add({syntax::Boolean{!*answer}, expr.span});
    } else if (auto* binary = std::get_if<syntax::Binary>(&expr.node)) {
      return joined(*binary, inner(binary->left), inner(binary->right), expr.span);
    } else if (auto* asked = std::get_if<syntax::Comparison>(&expr.node)) {
      return compared(*asked, body, places, depth, expr.span);
    } else if (auto* choice = std::get_if<syntax::If>(&expr.node)) {
      choice->condition = inner(choice->condition);
      // The other side may name an element that is not there.
      if (const auto answer = answer_in(choice->condition))
        return inner(*answer ? choice->then_value : choice->else_value);
      choice->then_value = inner(choice->then_value);
      choice->else_value = inner(choice->else_value);
    } else if (auto* call = std::get_if<syntax::Call>(&expr.node)) {
      return called(*call, body, places, depth, expr.span);
    } else if (!std::holds_alternative<syntax::Number>(expr.node) &&
               !std::holds_alternative<syntax::Boolean>(expr.node) &&
               !std::holds_alternative<syntax::Date>(expr.node)) {
      return fail(id);
    }
    return add(std::move(expr));
  }

  ExprId joined(syntax::Binary& node, ExprId left, ExprId right, text::Span span) {
    const auto a = answer_in(left), b = answer_in(right);
    if (node.op == BinaryOp::kAnd || node.op == BinaryOp::kOr) {
      const bool decides = node.op == BinaryOp::kOr;
      if (a) return *a == decides ? left : right;
      if (b) return *b == decides ? right : left;
    }
    const auto x = number_in(left), y = number_in(right);
    if (x && y && node.op == BinaryOp::kAdd) return number(*x + *y, span);
    if (x && y && node.op == BinaryOp::kSubtract) return number(*x - *y, span);
    node.left = left;
    node.right = right;
    return add({node, span});
  }

  ExprId compared(syntax::Comparison node, const Body& body, const Places& places, int depth,
                  text::Span span) {
    bool all = true, known = true;
    for (ExprId& operand : node.operands) {
      operand = written(operand, body, places, depth + 1);
      known = known && number_in(operand);
    }
    if (!known) return add({std::move(node), span});
    for (size_t k = 0; k < node.ops.size(); ++k)
      all =
          all && holds(node.ops[k], *number_in(node.operands[k]), *number_in(node.operands[k + 1]));
    return add({syntax::Boolean{all}, span});
  }

  ExprId reference(ExprId id, const syntax::Reference& node, const Body& body, const Places& places,
                   text::Span span) {
    const std::string& name = node.name.text;
    const auto array = body.arrays.find(name);
    if (array == body.arrays.end()) {
      if (!node.indexes.empty()) return fail(id);  // an array that is not of the function
      if (const auto at = places.find(name); at != places.end())
        return number(static_cast<double>(at->second), span);
      if (const auto at = body.numbers.find(name); at != body.numbers.end())
        return number(at->second, span);
      return id;
    }
    std::vector<size_t> at;
    for (size_t d = 0; d < array->second.size(); ++d) {
      std::string index = array->second[d];
      int more = 0;
      if (!node.indexes.empty()) {
        if (d >= node.indexes.size() || node.indexes[d].kind == syntax::Index::Kind::kStar ||
            !node.indexes[d].map.text.empty())
          return fail(id);
        index = node.indexes[d].name.text;
        more = node.indexes[d].number;
      }
      int64_t place = more;
      if (node.indexes.empty() || node.indexes[d].kind == syntax::Index::Kind::kName) {
        const auto found = places.find(index);
        if (found == places.end()) return fail(id);
        place += static_cast<int64_t>(found->second);
      }
      at.push_back(place < 1 ? 0 : static_cast<size_t>(place));
    }
    const auto element = body.elements.find({name, at});
    if (element == body.elements.end()) return fail(id);  // outside
    return add({syntax::Reference{{element->second, span}, {}}, span});
  }

  ExprId called(syntax::Call call, const Body& body, const Places& places, int depth,
                text::Span span) {
    const std::string& name = call.function.text;
    if ((name == "position" || name == "size") && call.arguments.size() == 1) {
      const auto* of = std::get_if<syntax::Reference>(&tree_[call.arguments[0].value].node);
      if (!of) return fail(call.arguments[0].value);
      if (name == "position") {
        const auto at = places.find(of->name.text);
        if (at != places.end()) return number(static_cast<double>(at->second), span);
      } else if (const auto at = body.dims.find(of->name.text); at != body.dims.end()) {
        return number(static_cast<double>(at->second), span);
      }
      return add({std::move(call), span});
    }
    if (!call.bindings.empty()) return reduced(call, body, places, depth, span);
    for (syntax::Argument& argument : call.arguments) {
      if (argument.weight) return fail(argument.value);
      argument.value = written(argument.value, body, places, depth + 1);
    }
    if (failed_) return add({std::move(call), span});
    const auto other = sized(call, span, true);
    return add({other ? *other : std::move(call), span});
  }

  // sum(x[s] for s in stage) as x_1 + x_2 + ...
  ExprId reduced(const syntax::Call& call, const Body& body, const Places& places, int depth,
                 text::Span span) {
    std::vector<std::string> dims;
    for (const syntax::Binding& binding : call.bindings) {
      if (!body.dims.contains(binding.dimension.text)) return fail(call.arguments[0].value);
      dims.push_back(binding.dimension.text);
    }
    const std::string& name = call.function.text;
    const bool least = name == "min", most = name == "max";
    static const std::set<std::string> kKnown = {"sum", "mean",  "product", "min",
                                                 "max", "count", "any",     "all"};
    const auto all = places_of(body, dims);
    if (!kKnown.contains(name) || call.arguments.size() != 1 || all.empty())
      return fail(call.arguments[0].value);
    std::optional<ExprId> result;
    for (const auto& at : all) {
      Places inside = places;
      for (size_t d = 0; d < at.size(); ++d) {
        inside[call.bindings[d].index.text] = at[d];
        // The dimension's own name stays the place of what is defined, where that runs over it.
        inside.emplace(call.bindings[d].dimension.text, at[d]);
      }
      ExprId term = written(call.arguments[0].value, body, inside, depth + 1);
      if (failed_) return term;
      if (name == "count") {
        const auto answer = answer_in(term);
        term = answer ? number(*answer, span)
                      : add({syntax::If{term, number(1, span), number(0, span)}, span});
      }
      if ((name == "sum" || name == "count") && number_in(term) == 0) continue;
      if (name == "product" && number_in(term) == 1) continue;
      if (!result) {
        result = term;
      } else if (least || most) {
        syntax::Call both{call.function, {}, {}};
        both.arguments = {{{}, {}, *result}, {{}, {}, term}};
        result = add({std::move(both), span});
      } else {
        syntax::Binary both{name == "product" ? BinaryOp::kMultiply
                            : name == "any"   ? BinaryOp::kOr
                            : name == "all"   ? BinaryOp::kAnd
                                              : BinaryOp::kAdd,
                            *result, term, span};
        result = joined(both, *result, term, span);
      }
    }
    if (!result) return number(name == "product" ? 1 : 0, span);
    if (name != "mean") return *result;
    return add({syntax::Binary{BinaryOp::kDivide, *result,
                               number(static_cast<double>(all.size()), span), span},
                span});
  }

  syntax::Tree tree_;
  size_t own_;
  Dialect dialect_;
  text::Diagnostics& diagnostics_;
  Constants constants_;
  std::map<std::string, syntax::StatementId> functions_;
  std::set<std::string> of_model_, tables_, taken_;
  std::set<uint32_t> in_functions_;  // expressions
  std::map<std::pair<std::string, std::map<std::string, size_t>>, std::string> done_;
  bool failed_ = false;
  size_t terms_ = 0;
};

}  // namespace

syntax::Tree unrolled(syntax::Tree tree, size_t own, Dialect dialect,
                      text::Diagnostics& diagnostics) {
  return Unroller(std::move(tree), own, dialect, diagnostics).run();
}

}  // namespace headrace::exports
