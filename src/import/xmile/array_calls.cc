// Functions of Stella over the elements of arrays: RANK, INTERPOLATE, ALLOCATE.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "import/names.h"
#include "import/xmile/translation.h"
#include "text/utf8.h"

namespace headrace::import::xmile {
namespace {

using syntax::CompareOp;
using syntax::ExprId;
using K = Formula::Kind;

class ArrayCall {
 public:
  ArrayCall(Translation& t, const Scope& scope, const Formulas& formulas, const Formula& formula)
      : t_(t),
        scope_(scope),
        formulas_(formulas),
        formula_(formula),
        build_(t.build(formula.span)) {}

  // INTERPOLATE(array, share, ...): between the elements, at that share of the way from the first
  // to the last of each dimension.
  ExprId interpolated() {
    const Formula& array = formulas_[formula_.children[0]];
    const Symbol* symbol = array.kind == K::kName ? find_symbol(t_, scope_, array.text) : nullptr;
    if (!symbol || symbol->dims.size() + 1 != count()) {
      t_.diagnostics.error(Kind::kBadCall, formula_.span,
                           "INTERPOLATE wants an array and a share for each of its dimensions");
      return build_.bad();
    }
    std::vector<syntax::Binding> bindings;
    std::vector<syntax::Index> indexes;
    ExprId weight;
    for (size_t i = 0; i < symbol->dims.size(); ++i) {
      const Dim& dim = t_.dims[symbol->dims[i]];
      const std::string index = fmt::format("place {}", i + 1);
      bindings.push_back(build_.binding(index, dim.name));
      indexes.push_back(build_.index(index));
      const ExprId share =
          build_.call("clamp", {argument(i + 1), build_.number(0), build_.number(1)});
      const ExprId wanted = build_.add(
          build_.number(1),
          build_.multiply(share, build_.number(static_cast<double>(dim.elements.size()) - 1)));
      const ExprId distance = build_.call(
          "abs", {build_.subtract(build_.call("position", {build_.name(index)}), wanted)});
      const ExprId part =
          build_.call("max", {build_.subtract(build_.number(1), distance), build_.number(0)});
      weight = weight.valid() ? build_.multiply(weight, part) : part;
    }
    return build_.call("sum", {build_.multiply(weight, build_.element(symbol->name, indexes))},
                       bindings);
  }

  // RANK(array, n): the position of the element that is n-th from below.
  ExprId rank() {
    const Formula& array = formulas_[formula_.children[0]];
    const Symbol* symbol = array.kind == K::kName || array.kind == K::kSubscript
                               ? find_symbol(t_, scope_, array.text)
                               : nullptr;
    // The one place that runs, and what stands in the others.
    std::optional<size_t> star;
    std::vector<syntax::Index> places;
    bool good = symbol != nullptr;
    if (good && array.kind == K::kName) {
      good = symbol->dims.size() == 1;
      star = 0;
      places.resize(1);
    } else if (good) {
      good = array.children.size() == symbol->dims.size();
      for (size_t i = 0; good && i < array.children.size(); ++i) {
        const Formula& place = formulas_[array.children[i]];
        if (place.kind == K::kStar || runs(place, symbol->dims[i])) {
          good = !star;
          star = i;
          places.emplace_back();
        } else if (const auto index = standing(place, symbol->dims[i])) {
          places.push_back(*index);
        } else {
          good = false;
        }
      }
    }
    if (!good || !star) {
      t_.diagnostics
          .error(Kind::kBadCall, formula_.span,
                 "RANK wants an array along one whole dimension, and a number")
          .hint = "a star stands for all elements of it: `RANK(x[*], 1)`";
      return build_.bad();
    }
    const auto element = [&](const char* index) {
      std::vector<syntax::Index> indexes = places;
      indexes[*star] = build_.index(index);
      return build_.element(symbol->name, std::move(indexes));
    };
    const auto position = [&](const char* index) {
      return build_.call("position", {build_.name(index)});
    };
    const std::string dim = t_.dims[symbol->dims[*star]].name;
    const ExprId before = build_.either(
        build_.compare(element("rival"), CompareOp::kLess, element("ranked")),
        build_.both(build_.compare(element("rival"), CompareOp::kEqual, element("ranked")),
                    build_.compare(position("rival"), CompareOp::kLess, position("ranked"))));
    const ExprId below = build_.call("count", {before}, {build_.binding("rival", dim)});
    const ExprId wanted = build_.subtract(argument(1), build_.number(1));
    const ExprId found = build_.choose(build_.compare(below, CompareOp::kEqual, wanted),
                                       position("ranked"), build_.number(0));
    return build_.call("sum", {found}, {build_.binding("ranked", dim)});
  }

  // A dimension's name that stands for all its elements.
  bool runs(const Formula& place, size_t dim) const {
    return place.kind == K::kName && find_dim(t_, place.text) == dim &&
           !find_place(t_.dims[dim], place.text) && !bound_index(scope_, dim);
  }
  // An element, or the index of what is defined.
  std::optional<syntax::Index> standing(const Formula& place, size_t dim) const {
    const Dim& at = t_.dims[dim];
    std::optional<size_t> own;
    if (place.kind == K::kNumber) {
      own = find_place(at, fmt::format("{}", place.value));
      const bool within =
          place.value >= 1 && place.value <= static_cast<double>(at.elements.size());
      if (!own && within) own = static_cast<size_t>(place.value) - 1;
    } else if (place.kind == K::kName) {
      own = find_place(at, place.text);
      // `Dim.Element`
      const auto dot = place.text.rfind('.');
      if (!own && dot != std::string::npos && find_dim(t_, place.text.substr(0, dot)) == dim)
        own = find_place(at, place.text.substr(dot + 1));
      const auto index = bound_index(scope_, dim);
      if (!own && index && find_dim(t_, place.text) == dim) return build_.index(*index);
    }
    if (!own) return std::nullopt;
    syntax::Index index = build_.index(at.elements[*own]);
    if (!at.numbered) return index;
    index.kind = syntax::Index::Kind::kNumber;
    index.number = static_cast<int>(*own + 1);
    return index;
  }

  // ALLOCATE(available, index, target, priority, spread): what of `available` the index gets when
  // the elements of the target array want more, by their priorities. It stands in an array of its
  // own, so that it is worked out once for all.
  ExprId allocated() {
    if (scope_.locals) return refuse("does not stand within a macro");
    if (count() > 5) return refuse("is read without the shape of its spread");
    const Formula& wanted = formulas_[formula_.children[1]];
    std::optional<size_t> who;
    if (wanted.kind == K::kName && !find_symbol(t_, scope_, wanted.text))
      who = find_dim(t_, wanted.text);
    const bool runs = who.has_value();
    const auto target = slice(2, who), priority = slice(3, who);
    if (!target || !priority)
      return refuse(
          "wants an index and two arrays along its dimension, such as "
          "ALLOCATE(supply, Region, wanted[*], priority[*], 0)");
    warn_of_spread();
    Scope own = scope_;
    std::erase_if(own.bound, [&](const auto& one) { return one.first == *who; });
    syntax::ValueDecl decl;
    decl.kind = syntax::ValueDecl::Kind::kLet;
    const auto self = t_.symbols.find(scope_.self);
    const std::string name = t_.fresh(
        fmt::format("_{} (ALLOCATE)", self == t_.symbols.end() ? "value" : self->second.name));
    decl.name = build_.word(name);
    std::vector<syntax::Index> indexes;
    for (const auto& [dim, index] : own.bound) {
      syntax::DimensionUse use{build_.word(t_.dims[dim].name), {}};
      if (index != t_.dims[dim].name) use.index = build_.word(index);
      decl.dims.push_back(std::move(use));
      indexes.push_back(build_.index(index));
    }
    decl.dims.push_back({build_.word(t_.dims[*who].name), {}});
    decl.value =
        build_.call("allocate_by_priority",
                    {*target, *priority, translate(t_, own, formulas_, formula_.children[4]),
                     translate(t_, own, formulas_, formula_.children[0])});
    t_.add({std::move(decl), {}, formula_.span});
    return share(name, std::move(indexes), *who, runs);
  }

 private:
  ExprId argument(size_t place) {
    return translate(t_, scope_, formulas_, formula_.children[place]);
  }
  size_t count() const { return formula_.children.size(); }

  ExprId refuse(const char* why) {
    t_.diagnostics.error(Kind::kUnsupported, formula_.span,
                         fmt::format("`{}` {}", text::printable(formula_.text), why));
    return build_.bad();
  }

  void warn_of_spread() {
    const Formula& spread = formulas_[formula_.children[4]];
    if (spread.kind == K::kNumber && spread.value == 0) return;
    t_.diagnostics.warning(Kind::kPassedOver, spread.span,
                           "the spread of ALLOCATE is taken as the width of rectangles, as in "
                           "`allocate_by_priority`");
  }

  // The array along `who`, which a star tells where the index does not.
  std::optional<ExprId> slice(size_t place, std::optional<size_t>& who) {
    const Formula& array = formulas_[formula_.children[place]];
    const Symbol* symbol = array.kind == K::kName || array.kind == K::kSubscript
                               ? find_symbol(t_, scope_, array.text)
                               : nullptr;
    if (!symbol || (array.kind == K::kSubscript && array.children.size() != symbol->dims.size()))
      return std::nullopt;
    std::vector<syntax::Index> indexes;
    bool runs = false;
    for (size_t i = 0; i < symbol->dims.size(); ++i) {
      const Formula* own = array.kind == K::kSubscript ? &formulas_[array.children[i]] : nullptr;
      const size_t dim = symbol->dims[i];
      const bool star = own && own->kind == K::kStar;
      if (!who && (star || (!own && symbol->dims.size() == 1))) who = dim;
      if (who == dim && (star || !own || find_dim(t_, own->text) == who)) {
        indexes.push_back(build_.star());
        runs = true;
        continue;
      }
      const auto index = place_of(own, dim);
      if (!index) return std::nullopt;
      indexes.push_back(*index);
    }
    if (!runs) return std::nullopt;
    return build_.element(symbol->name, std::move(indexes));
  }

  std::optional<syntax::Index> place_of(const Formula* place, size_t dim) const {
    if (place) {
      const auto own = find_place(
          t_.dims[dim], place->kind == K::kNumber ? fmt::format("{}", place->value) : place->text);
      if (own) return build_.index(t_.dims[dim].elements[*own]);
      if (find_dim(t_, place->text) != dim) return std::nullopt;
    }
    const auto index = bound_index(scope_, dim);
    if (!index) return std::nullopt;
    return build_.index(*index);
  }

  // The element of `name` that the index means.
  ExprId share(const std::string& name, std::vector<syntax::Index> indexes, size_t who, bool runs) {
    const Formula& wanted = formulas_[formula_.children[1]];
    const Dim& dim = t_.dims[who];
    if (runs) {
      const auto index = bound_index(scope_, who);
      if (!index) return refuse("names a dimension over which this variable does not run");
      indexes.push_back(build_.index(*index));
      return build_.element(name, std::move(indexes));
    }
    if (const auto place = wanted.kind == K::kName ? find_place(dim, wanted.text) : std::nullopt) {
      indexes.push_back(build_.index(dim.elements[*place]));
      return build_.element(name, std::move(indexes));
    }
    indexes.push_back(build_.index("place"));
    const ExprId meant = build_.compare(build_.call("position", {build_.name("place")}),
                                        CompareOp::kEqual, build_.call("floor", {argument(1)}));
    return build_.call(
        "sum", {build_.choose(meant, build_.element(name, std::move(indexes)), build_.number(0))},
        {build_.binding("place", dim.name)});
  }

  Translation& t_;
  const Scope& scope_;
  const Formulas& formulas_;
  const Formula& formula_;
  Build build_;
};

}  // namespace

ExprId translate_array_call(Translation& t, const Scope& scope, const Formulas& formulas,
                            const Formula& formula, std::string_view name) {
  ArrayCall call(t, scope, formulas, formula);
  if (name == "rank") return call.rank();
  return name == "interpolate" ? call.interpolated() : call.allocated();
}

}  // namespace headrace::import::xmile
