#include "export/conversions.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

namespace headrace::exports {
namespace {

using syntax::ExprId;
using text::Span;

bool holds(const Span& outer, const Span& inner) {
  return outer.source == inner.source && outer.begin <= inner.begin && inner.end <= outer.end;
}

class Converter {
 public:
  Converter(syntax::Tree tree, size_t own) : tree_(std::move(tree)), own_(own) {}

  Converted run(const std::vector<Conversion>& conversions) {
    for (size_t i = 0; i < tree_.top_level.size(); ++i) {
      const Span span = tree_[tree_.top_level[i]].span;
      statements_.emplace(std::pair(span.source.index, span.begin), i);
    }
    for (const Conversion& conversion : conversions) take(conversion);
    settled_ = find_settled();
    // What is added on the way has been converted.
    const size_t count = tree_.exprs.size();
    for (uint32_t i = 0; i < count; ++i) convert(ExprId(i));
    for (size_t i = 0; i < own_; ++i) {
      if (auto* stock = std::get_if<syntax::StockDecl>(&top(i).node)) convert_flows(*stock);
    }
    find_calls(count);
    for (const auto& [key, place] : places_) {
      if (!place.written) left_.push_back(place.span);
    }
    return {std::move(tree_), std::move(left_)};
  }

 private:
  struct Place {
    Span span;
    std::optional<double> factor;  // none: not the same each time
    bool written = false;
  };
  using Key = std::tuple<uint32_t, uint32_t, uint32_t>;

  static Key key_of(const Span& span) { return {span.source.index, span.begin, span.end}; }
  syntax::Statement& top(size_t i) { return tree_.statements[tree_.top_level[i].index]; }

  // The top-level statement around it.
  std::optional<size_t> statement_of(const Span& span) const {
    auto after = statements_.upper_bound({span.source.index, span.begin});
    if (after == statements_.begin()) return std::nullopt;
    const size_t i = std::prev(after)->second;
    return holds(tree_[tree_.top_level[i]].span, span) ? std::optional(i) : std::nullopt;
  }

  // The body of a function stands for each of its calls, which may have other units.
  void take(const Conversion& conversion) {
    if (const auto statement = statement_of(conversion.span)) {
      const auto& node = tree_[tree_.top_level[*statement]].node;
      if (const auto* function = std::get_if<syntax::FunctionDecl>(&node)) {
        converting_.insert(function->name.text);
        return;
      }
      if (!is_written(*statement)) return;
    }
    const auto [at, fresh] =
        places_.emplace(key_of(conversion.span), Place{conversion.span, conversion.factor, false});
    if (!fresh && at->second.factor != conversion.factor) at->second.factor.reset();
  }

  // Whether it is the user's, and one that the other tools have a word for.
  bool is_written(size_t statement) const {
    if (statement >= own_) return false;
    const auto& node = tree_[tree_.top_level[statement]].node;
    if (const auto* value = std::get_if<syntax::ValueDecl>(&node))
      return value->kind != syntax::ValueDecl::Kind::kMeasure;
    return std::holds_alternative<syntax::StockDecl>(node) ||
           std::holds_alternative<syntax::TableDecl>(node) ||
           std::holds_alternative<syntax::DataDecl>(node);
  }

  // Medians, which have the unit of their variable, and the intervals without length around them.
  std::set<uint32_t> find_settled() const {
    std::set<uint32_t> settled;
    for (uint32_t i = 0; i < tree_.exprs.size(); ++i) {
      const auto* range = std::get_if<syntax::Range>(&tree_.exprs[i].node);
      if (!range || range->low != range->high) continue;
      settled.insert(i);
      settled.insert(range->low.index);
      if (const auto* unary = std::get_if<syntax::Unary>(&tree_[range->low].node))
        settled.insert(unary->operand.index);
    }
    return settled;
  }

  void convert(ExprId id) {
    const auto place = places_.find(key_of(tree_[id].span));
    if (place == places_.end() || !place->second.factor) return;
    place->second.written = true;
    if (!settled_.contains(id.index)) multiply(id, *place->second.factor);
  }

  void multiply(ExprId id, double factor) {
    const Span span = tree_[id].span;
    if (auto* number = std::get_if<syntax::Number>(&tree_.exprs[id.index].node)) {
      *number = {number->value * factor, {}, {}};
      return;
    }
    const ExprId value = tree_.add(tree_[id]);
    const ExprId by = tree_.add({syntax::Number{factor, {}, {}}, span});
    tree_.exprs[id.index].node = syntax::Binary{syntax::BinaryOp::kMultiply, value, by, span};
  }

  void convert_flows(syntax::StockDecl& stock) {
    for (const bool in : {true, false}) {
      auto& names = in ? stock.inflows : stock.outflows;
      std::vector<syntax::Name> rest;
      for (const syntax::Name& name : names) {
        const auto place = places_.find(key_of(name.span));
        if (place == places_.end() || !place->second.factor || stock.nonnegative ||
            !has_dims_of(name.text, stock)) {
          rest.push_back(name);
          continue;
        }
        place->second.written = true;
        const ExprId flow = tree_.add({syntax::Reference{name, {}}, name.span});
        multiply(flow, *place->second.factor);
        add(stock.net_rate, flow, in);
      }
      names = std::move(rest);
    }
  }

  void add(std::optional<ExprId>& rate, ExprId flow, bool in) {
    const Span span = tree_[flow].span;
    if (!rate) {
      rate = in ? flow : tree_.add({syntax::Unary{syntax::UnaryOp::kNegate, flow}, span});
      return;
    }
    const auto op = in ? syntax::BinaryOp::kAdd : syntax::BinaryOp::kSubtract;
    rate = tree_.add({syntax::Binary{op, *rate, flow, span}, span});
  }

  bool has_dims_of(const std::string& flow, const syntax::StockDecl& stock) {
    for (size_t i = 0; i < own_; ++i) {
      const auto* value = std::get_if<syntax::ValueDecl>(&top(i).node);
      if (!value || value->name.text != flow) continue;
      return std::ranges::equal(value->dims, stock.dims, [](const auto& a, const auto& b) {
        return a.dimension.text == b.dimension.text;
      });
    }
    return false;
  }

  // Calls of functions that convert within, or call one that does.
  void find_calls(size_t count) {
    for (bool grown = !converting_.empty(); grown;) {
      grown = false;
      for (uint32_t i = 0; i < count; ++i) {
        if (!calls_converting(ExprId(i))) continue;
        const auto statement = statement_of(tree_.exprs[i].span);
        const auto* function =
            statement ? std::get_if<syntax::FunctionDecl>(&tree_[tree_.top_level[*statement]].node)
                      : nullptr;
        if (function) grown |= converting_.insert(function->name.text).second;
      }
    }
    for (uint32_t i = 0; i < count && !converting_.empty(); ++i) {
      if (!calls_converting(ExprId(i))) continue;
      const auto statement = statement_of(tree_.exprs[i].span);
      if (statement && is_written(*statement)) left_.push_back(tree_.exprs[i].span);
    }
  }

  bool calls_converting(ExprId id) const {
    const auto* call = std::get_if<syntax::Call>(&tree_[id].node);
    return call && converting_.contains(call->function.text);
  }

  syntax::Tree tree_;
  const size_t own_;
  std::map<std::pair<uint32_t, uint32_t>, size_t> statements_;  // of the top level, by their begin
  std::map<Key, Place> places_;
  std::set<uint32_t> settled_;        // expressions
  std::set<std::string> converting_;  // functions
  std::vector<Span> left_;
};

}  // namespace

Converted with_conversions(syntax::Tree tree, size_t own,
                           const std::vector<Conversion>& conversions) {
  return Converter(std::move(tree), own).run(conversions);
}

}  // namespace headrace::exports
