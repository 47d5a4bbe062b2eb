// Functions of whole slices of arrays in XMILE, which has few of them: places that are computed
// stand in brackets, `x[k + 1]`; an order is Stella's RANK, or counted out; what picks elements is
// written out element by element.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/undefined.h"
#include "export/writer.h"

namespace headrace::exports {
namespace {

constexpr size_t kMostTerms = 1000;

// `k` where it is one of the places from 0, `x` at it, else what no element has.
std::string where_there(const std::string& k, size_t count, const std::string& x,
                        const std::string& none) {
  return fmt::format("(IF ROUND({0}) < 0 OR ROUND({0}) >= {1} THEN {3} ELSE {2})", k, count, x,
                     none);
}

std::string sum_of(const std::vector<std::string>& terms) {
  return fmt::format("{}", fmt::join(terms, " + "));
}

// The least or the greatest of terms that are chosen, at least one of which is.
std::string extreme(const char* word, const std::vector<std::string>& terms) {
  std::string text = terms[0];
  for (size_t k = 1; k < terms.size(); ++k) text = fmt::format("{}({}, {})", word, text, terms[k]);
  return text;
}

}  // namespace

bool Writer::each_term(const syntax::Call& call, const Names& names,
                       const std::function<void(const Names&, size_t)>& visit) {
  std::vector<const syntax::DimDecl*> ranges;
  size_t count = 1;
  for (const syntax::Binding& binding : call.bindings) {
    ranges.push_back(dimension(binding.dimension.text));
    count *= ranges.back() ? ranges.back()->members.size() : 0;
    if (count == 0 || count > kMostTerms) return false;
  }
  const Names outside = positions_;
  for (size_t flat = 0; flat < count; ++flat) {
    Names inside = names;
    size_t rest = flat;
    for (size_t k = ranges.size(); k-- > 0; rest /= ranges[k]->members.size()) {
      const size_t at = rest % ranges[k]->members.size();
      const auto& [index, range] = call.bindings[k];
      inside[index.text] = member(range.text, ranges[k]->members[at].text);
      // Arrays without brackets; but a member may be called as the dimension is.
      if (!is_member(range.text)) inside.emplace(range.text, inside[index.text]);
      positions_[index.text] = std::to_string(at + 1);
    }
    visit(inside, flat);
  }
  positions_ = outside;
  return true;
}

std::optional<Said> Writer::say_xmile_slices(const syntax::Call& call, const Names& names,
                                             Span span) {
  const std::string& name = call.function.text;
  static const std::map<
      std::string, std::pair<size_t, Said (Writer::*)(const syntax::Call&, const Names&, Span)>>
      kKnown = {{"element_at", {2, &Writer::say_element_at}},
                {"vector_select", {5, &Writer::say_select}},
                {"sort_order", {2, &Writer::say_order}},
                {"rank", {2, &Writer::say_order}},
                {"reorder", {2, &Writer::say_reorder}}};
  const auto found = kKnown.find(name);
  if (found == kKnown.end()) return std::nullopt;
  const bool labelled = std::ranges::any_of(
      call.arguments, [](const syntax::Argument& argument) { return argument.label.has_value(); });
  const auto& [count, say] = found->second;
  if (labelled || call.arguments.size() != count || (name != "element_at" && call.bindings.empty()))
    return bad(span, fmt::format("this call of `{}`", shown(name)));
  return (this->*say)(call, names, span);
}

// element_at(x[*, *], k) counts the elements row by row, as x[k] of several dimensions does.
Said Writer::say_element_at(const syntax::Call& call, const Names& names, Span span) {
  const auto refuse = [&] { return bad(span, "this call of `element_at`"); };
  const auto* array = std::get_if<syntax::Reference>(&tree_[call.arguments[0].value].node);
  if (!array || !call.bindings.empty()) return refuse();
  const std::vector<std::string> dims = dims_of(array->name.text);
  std::vector<std::string> places;
  size_t count = 1, stars = 0;
  for (size_t d = 0; d < dims.size(); ++d) {
    const auto* range = dimension(dims[d]);
    if (!range) return refuse();
    if (!array->indexes.empty() && array->indexes[d].kind != syntax::Index::Kind::kStar) {
      places.push_back(index(array->indexes[d], names));
      continue;
    }
    count *= range->members.size();
    ++stars;
    places.push_back("");
  }
  if (stars == 0 || (stars > 1 && stars < dims.size())) return refuse();
  const ExprId offset = call.arguments[1].value;
  const std::string k = expression(offset, names);
  const std::string place = fmt::format("ROUND({}) + 1", k);
  if (stars > 1) {
    places = {place};
  } else {
    std::ranges::replace(places, std::string(), place);
  }
  const std::string element =
      fmt::format("{}[{}]", spelled(array->name.text), fmt::join(places, ", "));
  return {where_there(k, count, element, number(base::kUndefined)), Hold::kAtom};
}

// The element x[order + 1] of the slice. The order may run over another range of as many elements:
// then it is read at the same place of that, element by element.
Said Writer::say_reorder(const syntax::Call& call, const Names& names, Span span) {
  const auto refuse = [&] { return bad(span, "this call of `reorder`"); };
  const auto* array = std::get_if<syntax::Reference>(&tree_[call.arguments[0].value].node);
  const auto& [index, dim] = call.bindings[0];
  const auto* range = dimension(dim.text);
  const auto here = names.find(dim.text);
  syntax::Call of_values = call;
  of_values.bindings.resize(1, call.bindings[0]);
  if (call.bindings.size() > 2 || !array || !range || here == names.end() ||
      !takes_stars(of_values))
    return refuse();
  Names own = names, found = names;
  own[index.text] = here->second;
  if (call.bindings.size() == 2) {
    const auto* other = dimension(call.bindings[1].dimension.text);
    const auto place = positions_.find(dim.text);
    if (!other || other->members.size() != range->members.size() || place == positions_.end())
      return refuse();
    const size_t k = std::stoul(place->second) - 1;
    own[call.bindings[1].index.text] = member(other->name.text, other->members[k].text);
  }
  const std::string k = expression(call.arguments[1].value, own);
  found[index.text] = fmt::format("ROUND({}) + 1", k);
  return {where_there(k, range->members.size(), expression(call.arguments[0].value, found),
                      number(base::kUndefined)),
          Hold::kAtom};
}

// The place of each element in the sorted order (rank), or the element at each place (sort_order).
Said Writer::say_order(const syntax::Call& call, const Names& names, Span span) {
  const std::string& what = call.function.text;
  const auto refuse = [&] { return bad(span, fmt::format("this call of `{}`", what)); };
  if (call.bindings.size() != 1) return refuse();
  const syntax::Binding& binding = call.bindings[0];
  const auto here = names.find(binding.dimension.text);
  const auto* range = dimension(binding.dimension.text);
  if (here == names.end() || !range) return refuse();
  const auto known = positions_.find(binding.dimension.text);
  const std::string place = known != positions_.end() ? known->second : here->second;
  const std::optional<double> way = settled(call.arguments[1].value, names);
  const auto* array = std::get_if<syntax::Reference>(&tree_[call.arguments[0].value].node);
  const bool order = what == "sort_order";
  if (order && way && *way > 0 && array && takes_stars(call)) {
    Names stars = names;
    stars[binding.index.text] = "*";
    return {fmt::format("RANK({}, {}) - 1", expression(call.arguments[0].value, stars), place),
            Hold::kSum};
  }
  const size_t count = range->members.size();
  if ((order ? count : 1) * count > kMostTerms) return refuse();
  std::vector<std::string> values;
  if (!each_term(call, names, [&](const Names& inside, size_t) {
        values.push_back(at(call.arguments[0].value, inside, Hold::kSum));
      }))
    return refuse();
  // How many come before `value` at `at`, both as texts, which come before it when they are equal.
  const auto rank = [&](const std::string& value, const std::string& at, const char* sign) {
    std::vector<std::string> terms{"1"};
    for (size_t j = 0; j < count; ++j)
      terms.push_back(fmt::format("(IF {0} {3} {1} OR ({0} = {1} AND {4} < {2}) THEN 1 ELSE 0)",
                                  values[j], value, at, sign, j + 1));
    return sum_of(terms);
  };
  Names own = names;
  own[binding.index.text] = here->second;
  const std::string value = at(call.arguments[0].value, own, Hold::kSum);
  const auto one_way = [&](const char* sign) {
    if (!order) return rank(value, place, sign);
    std::vector<std::string> terms;
    for (size_t i = 1; i < count; ++i)
      terms.push_back(fmt::format("(IF {} = {} THEN {} ELSE 0)",
                                  rank(values[i], std::to_string(i + 1), sign), place, i));
    return terms.empty() ? std::string("0") : sum_of(terms);
  };
  if (way) return {one_way(*way > 0 ? "<" : ">"), Hold::kSum};
  return {fmt::format("(IF {} > 0 THEN {} ELSE {})", at(call.arguments[1].value, names, Hold::kSum),
                      one_way("<"), one_way(">")),
          Hold::kAtom};
}

// What the function does with the chosen elements, as code/device/arrays.cc has it.
Said Writer::say_select(const syntax::Call& call, const Names& names, Span span) {
  std::vector<std::string> chosen, values;
  const bool fits = each_term(call, names, [&](const Names& inside, size_t) {
    chosen.push_back(at(call.arguments[0].value, inside, Hold::kUnary));
    values.push_back(at(call.arguments[1].value, inside, Hold::kUnary));
  });
  if (!fits) return bad(span, "this call of `vector_select`");
  if (settled(call.arguments[4].value, names) != 0.0)
    passed_over(span, "that `vector_select` marks a draw whose elements are not chosen alone");
  std::vector<std::string> any, counted;
  for (const std::string& c : chosen) {
    any.push_back(fmt::format("{} <> 0", c));
    counted.push_back(fmt::format("(IF {} <> 0 THEN 1 ELSE 0)", c));
  }
  // Of each element what `form` says of its c and x; of one that is not chosen `otherwise`.
  const auto terms = [&](const char* form, const std::string& otherwise) {
    std::vector<std::string> all;
    for (size_t k = 0; k < chosen.size(); ++k)
      all.push_back(fmt::format("(IF {} <> 0 THEN {} ELSE {})", chosen[k],
                                fmt::format(fmt::runtime(form), chosen[k], values[k]), otherwise));
    return all;
  };
  const auto done = [&](int action) -> std::string {
    const char* form = action <= 4 ? "{0} * {1}" : action == 5 ? "{1} ^ ({0})" : "{1}";
    switch (action) {
      case 0:
      case 6:
        return sum_of(terms(form, "0"));
      case 1:
      case 5:
      case 7:
        return fmt::format("{}", fmt::join(terms(form, "1"), " * "));
      case 2:
      case 8:
        return extreme("MIN", terms(form, "INF"));
      case 3:
      case 9:
        return extreme("MAX", terms(form, "-INF"));
      default:
        return fmt::format("({}) / ({})", sum_of(terms(form, "0")), sum_of(counted));
    }
  };
  const ExprId wanted = call.arguments[3].value;
  const std::optional<double> action = settled(wanted, names);
  constexpr int kActions = 11;
  std::string text;
  if (action) {
    const double which = std::nearbyint(*action);
    if (!(which >= 0 && which < kActions)) return bad(span, "such an action of `vector_select`");
    text = done(static_cast<int>(which));
  } else {
    if (chosen.size() * kActions > kMostTerms) return bad(span, "this call of `vector_select`");
    text = done(kActions - 1);
    for (int k = kActions - 1; k-- > 0;)
      text = fmt::format("(IF ROUND({}) = {} THEN {} ELSE {})", expression(wanted, names), k,
                         done(k), text);
  }
  return {fmt::format("(IF {} THEN {} ELSE {})", fmt::join(any, " OR "), text,
                      expression(call.arguments[2].value, names)),
          Hold::kAtom};
}

}  // namespace headrace::exports
