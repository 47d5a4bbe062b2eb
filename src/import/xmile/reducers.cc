// Functions over the elements of an array: `SUM(x[*, 1:3])`, `MEAN(x)`, `SIZE(x)`.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "import/names.h"
#include "import/xmile/hidden.h"
#include "import/xmile/translation.h"
#include "text/utf8.h"

namespace headrace::import::xmile {
namespace {

using syntax::ExprId;
using K = Formula::Kind;

constexpr std::string_view kEach = "each ";  // begins the names of indexes that a reducer runs

// An array within a reducer: `x[*, 1:3]` or a bare name. Slices become dimensions of their own.
class Reducer {
 public:
  Reducer(Translation& t, const Scope& scope, const Formulas& formulas, Span span)
      : t_(t), scope_(scope), formulas_(formulas), build_(t.build(span)), span_(span) {
    ++scope_.reducers;
    std::erase_if(scope_.bound, [](const auto& one) { return one.second.starts_with(kEach); });
  }

  ExprId reduce(const std::string& target, FormulaId argument) {
    if (const auto inside = contents(target, argument)) return *inside;
    if (target == "size") return size(argument);
    if (target == "stddev") {
      // The root of the mean squared distance from the mean, over all elements (not n - 1).
      ++scope_.reducers;  // its indexes stand within those of the distances
      const ExprId mean = over("mean", argument);
      --scope_.reducers;
      const ExprId distance = build_.subtract(value(argument), mean);
      return build_.call(
          "sqrt",
          {close("mean", build_.multiply(distance, build_.subtract(value(argument), mean)))});
    }
    return over(target, argument);
  }

 private:
  // What is asked of all slats of a conveyor, or of all batches of a queue.
  std::optional<ExprId> contents(const std::string& target, FormulaId argument) {
    const Formula& formula = formulas_[argument];
    const Symbol* symbol =
        formula.kind == K::kName ? find_symbol(t_, scope_, formula.text) : nullptr;
    if (!symbol || !symbol->dims.empty() || !device_of(t_, *symbol)) return std::nullopt;
    if (target == "sum") return build_.name(symbol->name);
    static const std::map<std::string, Ask> kAsked = {{"size", Ask::kSize},
                                                      {"mean", Ask::kMean},
                                                      {"min", Ask::kLeast},
                                                      {"max", Ask::kGreatest},
                                                      {"stddev", Ask::kDeviation}};
    const auto asked = kAsked.find(target);
    if (asked == kAsked.end()) return std::nullopt;
    return ask_device(t_, *device_of(t_, *symbol), asked->second, formula.span);
  }

  ExprId over(const std::string& target, FormulaId argument) {
    return close(target, value(argument));
  }

  ExprId close(const std::string& target, ExprId body) {
    auto bindings = bindings_;
    bindings_.clear();
    return build_.call(target, {body}, std::move(bindings));
  }

  // Without slices the language finds stars and bare arrays itself. With one, every place that
  // runs gets an index.
  ExprId value(FormulaId argument) {
    bindings_.clear();
    if (!has_range(argument)) {
      Scope inner = scope_;
      run_parts(argument, inner);
      return translate(t_, inner, formulas_, argument);
    }
    const Formula& formula = formulas_[argument];
    const Symbol* symbol =
        formula.kind == K::kSubscript ? find_symbol(t_, scope_, formula.text) : nullptr;
    if (!symbol || symbol->dims.size() != formula.children.size()) {
      t_.diagnostics.error(Kind::kShapeMismatch, formula.span,
                           "a range of elements stands in the brackets of a single array here");
      return build_.bad();
    }
    Formulas places;
    std::vector<syntax::Index> indexes;
    for (size_t i = 0; i < symbol->dims.size(); ++i)
      indexes.push_back(slice(formulas_[formula.children[i]], *symbol, i));
    return build_.element(symbol->name, std::move(indexes));
  }

  // `x[Part]` of an array over a dimension that has all elements of Part runs over those alone.
  void run_parts(FormulaId id, Scope& inner) {
    const Formula& formula = formulas_[id];
    if (formula.kind == K::kCall) {  // inner reducers run over their own
      if (is_reducer(canonical(formula.text))) return;
    }
    const Symbol* symbol =
        formula.kind == K::kSubscript ? find_symbol(t_, scope_, formula.text) : nullptr;
    for (size_t i = 0; symbol && i < formula.children.size() && i < symbol->dims.size(); ++i) {
      const auto part = part_of(formulas_[formula.children[i]], symbol->dims[i]);
      if (!part || bound_index(inner, *part)) continue;
      const std::string index = own_index(fmt::format("{}{}", kEach, t_.dims[*part].name));
      inner.bound.emplace_back(*part, index);
      bindings_.push_back(build_.binding(index, t_.dims[*part].name));
    }
    for (const FormulaId child : formula.children) run_parts(child, inner);
  }

  // Another dimension that the place names, when `whole` has all its elements.
  std::optional<size_t> part_of(const Formula& place, size_t whole) const {
    const auto part = place.kind == K::kName ? find_dim(t_, place.text) : std::nullopt;
    if (!part || part == whole || find_place(t_.dims[whole], place.text)) return std::nullopt;
    const bool all = std::ranges::all_of(t_.dims[*part].elements, [&](const std::string& element) {
      return find_place(t_.dims[whole], element).has_value();
    });
    return all ? part : std::nullopt;
  }

  // Reducers stand within each other.
  std::string own_index(std::string name) const {
    return scope_.reducers > 1 ? fmt::format("{} {}", name, scope_.reducers) : name;
  }

  bool has_range(FormulaId id) const {
    const Formula& formula = formulas_[id];
    if (formula.kind == K::kRange) return true;
    return std::ranges::any_of(formula.children, [&](FormulaId child) { return has_range(child); });
  }

  syntax::Index slice(const Formula& formula, const Symbol& symbol, size_t place) {
    const Dim& dim = t_.dims[symbol.dims[place]];
    const std::string index = own_index(fmt::format("place {}", place + 1));
    if (formula.kind == K::kStar) {
      bindings_.push_back(build_.binding(index, dim.name));
      return build_.index(index);
    }
    if (formula.kind == K::kRange) {
      const auto low = end_of(formula.children[0], dim), high = end_of(formula.children[1], dim);
      if (!low || !high || *low > *high) {
        t_.diagnostics.error(
            Kind::kUnknownMember, formula.span,
            fmt::format("the ends of a range are elements of `{}`", text::printable(dim.name)));
        return build_.star();
      }
      bindings_.push_back(build_.binding(index, sub_dim(dim, *low, *high)));
      return build_.index(index);
    }
    if (formula.kind == K::kName) {
      if (const auto own = find_place(dim, formula.text)) return member(dim, *own, index);
      if (find_dim(t_, formula.text) == symbol.dims[place]) return build_.index(dim.name);
    }
    if (formula.kind == K::kNumber && formula.value >= 1 &&
        formula.value <= static_cast<double>(dim.elements.size()))
      return member(dim, static_cast<size_t>(formula.value) - 1, index);
    t_.diagnostics.error(Kind::kUnknownMember, formula.span,
                         fmt::format("this is no element of `{}`", text::printable(dim.name)));
    return build_.star();
  }

  // An element by its name, or, where an index in scope has that name, as a range of its own.
  syntax::Index member(const Dim& dim, size_t place, const std::string& index) {
    if (dim.numbered || !is_hidden(scope_, dim.elements[place]))
      return build_.index(dim.elements[place]);
    bindings_.push_back(build_.binding(index, sub_dim(dim, place, place)));
    return build_.index(index);
  }

  std::optional<size_t> end_of(FormulaId id, const Dim& dim) const {
    const Formula& formula = formulas_[id];
    if (formula.kind == K::kNumber && formula.value >= 1 &&
        formula.value <= static_cast<double>(dim.elements.size()))
      return static_cast<size_t>(formula.value) - 1;
    return formula.kind == K::kName ? find_place(dim, formula.text) : std::nullopt;
  }

  std::string sub_dim(const Dim& dim, size_t low, size_t high) {
    const std::string key = fmt::format("{} {}:{}", dim.name, low + 1, high + 1);
    auto [at, fresh] = t_.sub_dims.emplace(key, "");
    if (!fresh) return at->second;
    at->second = t_.fresh(key);
    syntax::DimDecl decl;
    decl.name = build_.word(at->second);
    decl.parent = build_.word(dim.name);
    for (size_t k = low; k <= high; ++k) decl.members.push_back(build_.word(dim.elements[k]));
    t_.add({std::move(decl), {}, span_});
    return at->second;
  }

  ExprId size(FormulaId argument) {
    const Formula& formula = formulas_[argument];
    const auto dim = formula.kind == K::kName ? find_dim(t_, formula.text) : std::nullopt;
    const Symbol* symbol = find_symbol(t_, scope_, formula.text);
    const bool self = formula.kind == K::kName && same_word(formula.text, "self");
    if (!symbol && self && !scope_.self.empty()) symbol = &t_.symbols.at(scope_.self);
    if (!symbol && dim) return build_.number(static_cast<double>(t_.dims[*dim].elements.size()));
    if (!symbol || (formula.kind != K::kName && formula.kind != K::kSubscript)) {
      t_.diagnostics.error(Kind::kBadCall, formula.span, "SIZE wants an array");
      return build_.bad();
    }
    double count = 1;
    for (size_t i = 0; i < symbol->dims.size(); ++i) {
      const Dim& at = t_.dims[symbol->dims[i]];
      if (formula.kind == K::kName || i >= formula.children.size()) {
        count *= static_cast<double>(at.elements.size());
        continue;
      }
      const Formula& place = formulas_[formula.children[i]];
      if (place.kind == K::kStar) count *= static_cast<double>(at.elements.size());
      if (const auto part = part_of(place, symbol->dims[i]))
        count *= static_cast<double>(t_.dims[*part].elements.size());
      if (place.kind != K::kRange) continue;
      const auto low = end_of(place.children[0], at), high = end_of(place.children[1], at);
      if (low && high && *low <= *high) count *= static_cast<double>(*high - *low + 1);
    }
    return build_.number(count);
  }

  Translation& t_;
  Scope scope_;
  const Formulas& formulas_;
  Build build_;
  Span span_;
  std::vector<syntax::Binding> bindings_;
};

}  // namespace

ExprId translate_reducer(Translation& t, const Scope& scope, const Formulas& formulas, Span span,
                         const std::string& target, FormulaId argument) {
  return Reducer(t, scope, formulas, span).reduce(target, argument);
}

}  // namespace headrace::import::xmile
