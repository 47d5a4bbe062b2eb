// Functions of whole vectors: VECTOR SORT ORDER, ALLOCATE AVAILABLE, INVERT MATRIX and the like.
//
//   order[place, region] = VECTOR SORT ORDER(price[shop, region], 1)
//
// The last place of the brackets is the vector (of a matrix the last two), whatever the left calls
// it; the places before it go with the left as everywhere. Where the left runs over the same ranges
// as the arguments the function is called where it stands. Else its result gets a variable of its
// own over the ranges of the arguments, which is then read at the places that the left means:
//
//   let "_order (VECTOR SORT ORDER)"[shop, region] = sort_order(price[shop, region!] for ...)
//   let order[place, region] = "_order (VECTOR SORT ORDER)"["shop of place"(place), region]

#include <fmt/format.h>

#include <algorithm>

#include "import/names.h"
#include "import/vensim/translation.h"

namespace headrace::import::vensim {
namespace {

using syntax::ExprId;
using F = Formula::Kind;

// What stands in an argument: a number, a vector, a matrix, a profile of four numbers for each
// element of a vector, or one such profile.
enum class Takes { kNumber, kVector, kMatrix, kProfile, kOneProfile };

struct Vectors {
  std::string_view name;    // canonical
  std::string_view target;  // the language's function
  std::vector<Takes> takes;
  std::vector<size_t> order;  // of the arguments handed on
  // Dimensions, those of the first argument's vector or matrix. With 0, a number, vectors are named
  // by their first element.
  size_t result;
};

const std::vector<Vectors>& all_vectors() {
  using enum Takes;
  static const std::vector<Vectors> kAll = {
      {"vector_sort_order", "sort_order", {kVector, kNumber}, {0, 1}, 1},
      {"vector_rank", "rank", {kVector, kNumber}, {0, 1}, 1},
      {"vector_reorder", "reorder", {kVector, kVector}, {0, 1}, 1},
      {"invert_matrix", "inverse", {kMatrix, kNumber}, {0}, 2},
      {"allocate_available", "allocate_available", {kVector, kProfile, kNumber}, {0, 1, 2}, 1},
      {"allocate_by_priority",
       "allocate_by_priority",
       {kVector, kVector, kNumber, kNumber, kNumber},
       {0, 1, 3, 4},
       1},
      {"marketp",
       "market_priority",
       {kVector, kVector, kNumber, kNumber, kNumber},
       {0, 1, 3, 4},
       0},
      {"find_market_price",
       "market_price",
       {kVector, kProfile, kVector, kProfile},
       {0, 1, 2, 3},
       0},
      {"demand_at_price", "demand_at_price", {kNumber, kOneProfile, kNumber}, {1, 0, 2}, 0},
      {"supply_at_price", "supply_at_price", {kNumber, kOneProfile, kNumber}, {1, 0, 2}, 0},
      {"vector_lookup",
       "vector_lookup",
       {kVector, kNumber, kNumber, kNumber, kNumber},
       {0, 1, 2, 3, 4},
       0},
  };
  return kAll;
}

class VectorCall {
 public:
  VectorCall(Translation& t, const Scope& scope, const Formula& formula, const Vectors& vectors)
      : t_(t), scope_(scope), formula_(formula), vectors_(vectors), build_(t.build(formula.span)) {}

  ExprId write() {
    if (scope_.locals) {
      t_.diagnostics.error(Kind::kUnsupported, formula_.span,
                           fmt::format("`{}` does not stand within a macro", formula_.text));
      return build_.bad();
    }
    if (!find_slices() || !size_fits()) return build_.bad();
    find_outer();
    return stands_here() ? call(scope_) : through_variable();
  }

 private:
  struct Running {
    size_t range;
    std::string index;
    bool inner;  // the four numbers of a profile
  };

  // ------------------------------------------------------------ arguments

  // The last places of the argument run; nothing after a diagnostic.
  bool find_slices() {
    for (size_t i = 0; i < vectors_.takes.size(); ++i) {
      const Takes takes = vectors_.takes[i];
      if (takes == Takes::kNumber) continue;
      Formula argument = t_.formulas[formula_.children[i]];
      const size_t wanted = takes == Takes::kVector || takes == Takes::kOneProfile ? 1 : 2;
      const Symbol* symbol = argument.kind == F::kName ? find_symbol(t_, argument.text) : nullptr;
      if (!symbol || argument.places.size() < wanted ||
          argument.places.size() != symbol->axes.size())
        return wants(argument.span, wanted);
      const size_t first = argument.places.size() - wanted;
      for (size_t d = first; d < argument.places.size(); ++d) {
        const bool profile = takes == Takes::kOneProfile || (takes == Takes::kProfile && d > first);
        auto range = profile ? profile_range(*symbol, argument.places[d])
                             : vector_range(symbol->axes[d], argument.places[d]);
        if (!range) return profile ? false : wants(argument.places[d].span, wanted);
        if (takes == Takes::kMatrix && d > first && range == result_.front()) range = twin(*range);
        run(*range, profile);
        if (i == 0 && vectors_.result > 0) result_.push_back(*range);
        argument.places[d] = {t_.ranges[*range].name, true, argument.places[d].span};
      }
      arguments_[i] = argument;
    }
    return true;
  }

  bool wants(Span span, size_t places) {
    t_.diagnostics
        .error(Kind::kBadCall, span,
               fmt::format("`{}` wants a variable here whose last {} over a range",
                           shown(formula_.text),
                           places == 1 ? "subscript runs" : "two subscripts run"))
        .hint = vectors_.result == 0 ? "its first element stands for all" : "";
    return false;
  }

  std::optional<size_t> vector_range(const Axis& axis, const Place& place) const {
    if (const auto range = find_range(t_, place.name)) return range;
    const auto element = vectors_.result == 0 ? find_element(t_, place.name) : std::nullopt;
    const auto& all = t_.ranges[axis.range].elements;
    if (element && !all.empty() && all.front() == *element) return axis.range;
    return std::nullopt;
  }

  // The element of the first number, and the three that follow it.
  std::optional<size_t> profile_range(const Symbol& symbol, const Place& place) {
    const Axis& axis = symbol.axes.back();
    const auto& all = t_.ranges[axis.range].elements;
    auto at = all.begin();
    if (const auto range = find_range(t_, place.name)) {
      if (!t_.ranges[*range].elements.empty())
        at = std::ranges::find(all, t_.ranges[*range].elements.front());
    } else if (const auto element = find_element(t_, place.name)) {
      at = std::ranges::find(all, static_cast<uint32_t>(*element));
    } else {
      at = all.end();
    }
    if (all.end() - at < 4) {
      t_.diagnostics.error(
          Kind::kBadCall, place.span,
          "a profile has four numbers from here on: kind, priority, width and extra");
      return std::nullopt;
    }
    const std::vector<uint32_t> four(at, at + 4);
    if (four == all) return axis.range;
    return listed_range(axis.family, four);
  }

  // A range with these elements that can be named in brackets.
  size_t listed_range(size_t family, const std::vector<uint32_t>& elements) {
    const size_t range = range_of(t_, family, elements);
    t_.ranges_by_name.emplace(canonical_of(t_.ranges[range].name), range);
    return range;
  }

  // Another range with the same elements, best one of the left: for a matrix whose brackets name
  // one range twice.
  size_t twin(size_t range) const {
    const auto same = [&](size_t other) {
      return other != range && t_.ranges[other].family == t_.ranges[range].family &&
             t_.ranges[other].elements == t_.ranges[range].elements;
    };
    for (const Bound& bound : scope_.bounds)
      if (bound.is_range && same(bound.id)) return bound.id;
    for (size_t other = 0; other < t_.ranges.size(); ++other)
      if (same(other)) return other;
    return range;
  }

  void run(size_t range, bool inner) {
    if (std::ranges::any_of(running_, [&](const Running& one) { return one.range == range; }))
      return;
    running_.push_back({range, t_.ranges[range].name + "!", inner});
  }

  // INVERT MATRIX says how large the matrix is: all of it.
  bool size_fits() {
    if (vectors_.result != 2) return true;
    const Formula& size = t_.formulas[formula_.children[1]];
    const auto range =
        size.kind == F::kCall && canonical(size.text) == "elmcount" && size.children.size() == 1
            ? find_range(t_, t_.formulas[size.children[0]].text)
            : std::nullopt;
    const auto number = range
                            ? std::optional(static_cast<double>(t_.ranges[*range].elements.size()))
                            : constant_value(t_, formula_.children[1]);
    const auto count = static_cast<double>(t_.ranges[result_[0]].elements.size());
    if (number == count) return true;
    auto& diagnostic = t_.diagnostics.error(
        Kind::kBadCall, size.span,
        number
            ? fmt::format("the matrix is {} by {}, and INVERT MATRIX wants its size here, not {}",
                          count, count, *number)
            : "the size of the matrix must be a number that the model's constants tell");
    if (number) diagnostic.hint = "name a sub-range in the brackets to take a part of the matrix";
    return false;
  }

  // ------------------------------------------------------------ the ranges beside the vectors

  void find_outer() {
    for (size_t i = 0; i < vectors_.takes.size(); ++i) {
      if (std::ranges::find(vectors_.order, i) == vectors_.order.end()) continue;
      const auto slice = arguments_.find(i);
      if (slice == arguments_.end())
        find_outer(formula_.children[i]);
      else
        find_outer(slice->second);
    }
  }

  void find_outer(const Formula& formula) {
    for (const Place& place : formula.places) {
      if (place.bang) continue;
      if (const auto range = find_range(t_, place.name)) add_outer(*range);
    }
    const bool bare = formula.kind == F::kName && formula.places.empty();
    if (!bare || find_symbol(t_, formula.text)) return;
    if (const auto range = find_range(t_, formula.text)) add_outer(*range);
  }

  void find_outer(FormulaId id) {
    std::vector<FormulaId> open{id};
    while (!open.empty()) {
      const Formula& formula = t_.formulas[open.back()];
      open.pop_back();
      find_outer(formula);
      if (formula.kind == F::kCall && canonical(formula.text) == "elmcount") continue;
      open.insert(open.end(), formula.children.rbegin(), formula.children.rend());
    }
  }

  void add_outer(size_t range) {
    if (std::ranges::find(outer_, range) == outer_.end()) outer_.push_back(range);
  }

  // The left runs over just these ranges, so that nothing is to be mapped.
  bool stands_here() const {
    std::set<size_t> families;
    for (const Bound& bound : scope_.bounds) {
      const size_t family =
          bound.is_range ? t_.ranges[bound.id].family : t_.elements[bound.id].family;
      if (!families.insert(family).second) return false;
    }
    const auto bound_as_it_is = [&](size_t range) {
      return std::ranges::any_of(scope_.bounds, [&](const Bound& bound) {
        return bound.is_range && !bound.bang && bound.id == range;
      });
    };
    return std::ranges::all_of(outer_, bound_as_it_is) &&
           std::ranges::all_of(result_, bound_as_it_is);
  }

  // ------------------------------------------------------------ the call

  ExprId call(const Scope& outside) {
    Scope inner = outside;
    ++inner.depth;
    std::vector<syntax::Binding> bindings;
    std::ranges::stable_sort(running_, {}, &Running::inner);
    for (const Running& one : running_) {
      inner.bounds.push_back({true, one.range, one.index, true});
      bindings.push_back(build_.binding(one.index, t_.ranges[one.range].name));
    }
    std::vector<ExprId> values;
    for (const size_t i : vectors_.order) {
      const auto slice = arguments_.find(i);
      const FormulaId id =
          slice == arguments_.end() ? formula_.children[i] : t_.formulas.add(slice->second);
      values.push_back(translate(t_, inner, id));
    }
    return build_.call(std::string(vectors_.target), values, std::move(bindings));
  }

  ExprId through_variable() {
    std::vector<size_t> ranges = outer_;
    ranges.insert(ranges.end(), result_.begin(), result_.end());
    Scope own;
    own.variable = scope_.variable;
    syntax::ValueDecl decl;
    decl.kind = syntax::ValueDecl::Kind::kLet;
    const std::string name =
        t_.fresh(fmt::format("_{} ({})", scope_.variable, display(formula_.text)));
    decl.name = build_.word(name);
    for (const size_t range : ranges) {
      own.bounds.push_back({true, range, t_.ranges[range].name, false});
      decl.dims.push_back({build_.word(t_.ranges[range].name), {}});
    }
    decl.value = call(own);
    t_.add({std::move(decl), {}, formula_.span});
    std::vector<syntax::Index> indexes;
    for (size_t k = 0; k < ranges.size(); ++k) {
      auto index = bound_index(t_, scope_, ranges[k], scope_.bounds.size(), formula_.span);
      if (!index) return nothing_runs(ranges[k]);
      indexes.push_back(std::move(*index));
    }
    return build_.element(name, std::move(indexes));
  }

  ExprId nothing_runs(size_t range) {
    t_.diagnostics.error(Kind::kShapeMismatch, formula_.span,
                         fmt::format("`{}` does not run over `{}`, and no mapping leads there",
                                     shown(scope_.variable), shown(t_.ranges[range].name)));
    return build_.bad();
  }

  Translation& t_;
  const Scope& scope_;
  const Formula& formula_;
  const Vectors& vectors_;
  Build build_;
  std::map<size_t, Formula> arguments_;  // those that are no numbers, their last places running
  std::vector<Running> running_;
  std::vector<size_t> outer_, result_;  // ranges
};

}  // namespace

ExprId translate_vector(Translation& t, const Scope& scope, const Formula& formula,
                        std::string_view name) {
  const auto& all = all_vectors();
  const auto found =
      std::ranges::find_if(all, [&](const Vectors& vectors) { return vectors.name == name; });
  return VectorCall(t, scope, formula, *found).write();
}

// VECTOR ELM MAP(x[a, Range], offset): so many elements further on in all of x, row by row.
ExprId translate_element_map(Translation& t, const Scope& scope, const Formula& formula) {
  const Build build = t.build(formula.span);
  const Formula vector = t.formulas[formula.children[0]];
  const Symbol* symbol = vector.kind == F::kName ? find_symbol(t, vector.text) : nullptr;
  if (!symbol || symbol->axes.empty()) {
    t.diagnostics.error(Kind::kBadCall, vector.span,
                        "VECTOR ELM MAP wants an element of a variable with subscripts");
    return build.bad();
  }
  const auto indexes = translate_places(t, scope, *symbol, vector.places, vector.span);
  const ExprId offset = translate(t, scope, formula.children[1]);
  if (!indexes || symbol->bad) return build.bad();
  const std::vector<syntax::Index> all(symbol->axes.size(), build.star());
  ExprId place = offset;
  if (fixed_position(t, *symbol, *indexes) != 0)
    place = build.add(flat_position(t, *symbol, *indexes, vector.span), offset);
  return build.call("element_at", {build.element(symbol->name, all), place});
}

}  // namespace headrace::import::vensim
