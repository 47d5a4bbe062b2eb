// Formulas become expressions of the tree: names looked up, brackets put into the language's own
// forms, functions left to functions.cc.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "import/names.h"
#include "import/remarks.h"
#include "import/xmile/hidden.h"
#include "import/xmile/translation.h"
#include "text/utf8.h"

namespace headrace::import::xmile {

std::string_view without_namespace(std::string_view name) {
  for (const std::string_view space : {"std.", "isee."}) {
    if (name.starts_with(space)) return name.substr(space.size());
  }
  return name;
}

std::optional<std::string> bound_index(const Scope& scope, size_t dim) {
  for (const auto& [bound, index] : scope.bound) {
    if (bound == dim) return index;
  }
  return std::nullopt;
}

namespace {

constexpr double kMostCases = 200;  // of elements that are found in the run, within a reducer

using syntax::BinaryOp;
using syntax::CompareOp;
using syntax::ExprId;
using K = Formula::Kind;

ExprId no_number(const Build& build) {
  return build.subtract(build.name("infinity"), build.name("infinity"));
}

// Words that are values of the clock or constants.
std::optional<ExprId> word(Build build, std::string_view name) {
  if (name == "time") return build.name("time");
  if (name == "dt") return build.name("time.step");
  if (name == "starttime") return build.name("time.start");
  if (name == "stoptime") return build.name("time.end");
  // There is one run, the first, and none of a series.
  for (const char* count : {"runcount", "sensiruncount", "sensiruntotal"})
    if (name == count) return build.number(0);
  if (name == "pi") return build.name("pi");
  if (name == "inf") return build.name("infinity");
  if (name == "nan") return no_number(build);
  return std::nullopt;
}

// What Vensim calls the clock.
std::optional<ExprId> word_of_vensim(Build build, std::string_view name) {
  if (name == "time_step") return build.name("time.step");
  if (name == "initial_time") return build.name("time.start");
  if (name == "final_time") return build.name("time.end");
  return std::nullopt;
}

ExprId unknown(Translation& t, const Formula& formula) {
  t.unknown_names[canonical(formula.text)].push_back(formula.span);
  return t.build(formula.span).bad();
}

// `Dim.Element` is the element's position, counted from 1.
std::optional<double> element_position(const Translation& t, const std::string& name) {
  for (size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    const auto dim = find_dim(t, std::string_view(name).substr(0, dot));
    if (!dim) continue;
    if (const auto place = find_place(t.dims[*dim], std::string_view(name).substr(dot + 1)))
      return static_cast<double>(*place + 1);
  }
  return std::nullopt;
}

// A bare element of a dimension in scope, as in IF Product = Pizza.
std::optional<double> bare_element(const Translation& t, const Scope& scope,
                                   const std::string& name) {
  for (const auto& [dim, index] : scope.bound) {
    if (const auto place = find_place(t.dims[dim], name)) return static_cast<double>(*place + 1);
  }
  return std::nullopt;
}

ExprId variable(Translation& t, const Scope& scope, const Symbol& symbol, const Formula& formula) {
  const Build build = t.build(formula.span);
  if (!symbol.only_table) {
    if (scope.searching == 0) return build.name(symbol.name);
    // A whole array is taken where the equation stands, whatever else runs over its dimensions.
    std::vector<syntax::Index> indexes;
    for (const size_t dim : symbol.dims) {
      if (const auto index = bound_index(scope, dim)) indexes.push_back(build.index(*index));
    }
    if (indexes.size() != symbol.dims.size() || indexes.empty()) return build.name(symbol.name);
    return build.element(symbol.name, indexes);
  }
  t.diagnostics
      .error(Kind::kBadCall, formula.span,
             fmt::format("`{}` is a graphical function without an equation", shown(symbol.name)))
      .hint = fmt::format("write `{}(x)`", shown(symbol.name));
  return build.bad();
}

ExprId name(Translation& t, const Scope& scope, const Formula& formula) {
  const Build build = t.build(formula.span);
  const std::string wanted = canonical(formula.text);
  if (scope.locals) {
    if (const auto local = scope.locals->find(wanted); local != scope.locals->end())
      return build.name(local->second);
  }
  if (const Symbol* symbol = find_symbol(t, scope, formula.text))
    return variable(t, scope, *symbol, formula);
  if (!formula.quoted) {
    if (const auto value = word(build, without_namespace(wanted))) return *value;
    if (t.file.written_by_vensim())
      if (const auto value = word_of_vensim(build, wanted)) return *value;
  }
  if (const auto dim = find_dim(t, formula.text)) {
    if (const auto index = bound_index(scope, *dim))
      return build.call("position", {build.name(*index)});
  }
  if (const auto position = element_position(t, formula.text)) return build.number(*position);
  if (const auto position = bare_element(t, scope, formula.text)) return build.number(*position);
  if (wanted == "self" && !scope.self.empty()) return self_reference(t, scope, formula.span);
  return unknown(t, formula);
}

// ---------------------------------------------------------------- brackets

// A variable's brackets, one place at a time. Places that are known when the model is read become
// indexes; the others run over their dimension and pick the one element that is meant.
class Brackets {
 public:
  Brackets(Translation& t, const Scope& scope, const Formulas& formulas, const Symbol& symbol,
           Span span)
      : t_(t),
        scope_(scope),
        formulas_(formulas),
        symbol_(symbol),
        span_(span),
        build_(t.build(span)) {}

  ExprId read(const std::vector<FormulaId>& places) {
    std::vector<FormulaId> all = places;
    if (places.size() == 1 && symbol_.dims.size() > 1) return flat(places[0]);
    if (all.size() != symbol_.dims.size()) {
      t_.diagnostics.error(
          Kind::kShapeMismatch, span_,
          fmt::format("`{}` has {} dimension{}, not {}", shown(symbol_.name), symbol_.dims.size(),
                      symbol_.dims.size() == 1 ? "" : "s", all.size()));
      return build_.bad();
    }
    for (size_t i = 0; i < all.size(); ++i) indexes_.push_back(place(all[i], i));
    if (bad_) return build_.bad();
    if (outside_) return outside();
    return finish(build_.element(symbol_.name, indexes_));
  }

 private:
  const Dim& dim_at(size_t place) const { return t_.dims[symbol_.dims[place]]; }

  // By name, or by number where an index in scope has that name.
  syntax::Index member(size_t dim, size_t place) {
    const Dim& at = t_.dims[dim];
    if (!at.numbered && is_hidden(scope_, at.elements[place]))
      return found(dim, build_.number(static_cast<double>(place + 1)));
    return plain(at, place);
  }
  syntax::Index plain(const Dim& at, size_t place) const {
    syntax::Index index = build_.index(at.elements[place]);
    if (!at.numbered) return index;
    index.kind = syntax::Index::Kind::kNumber;
    index.number = static_cast<int>(place + 1);
    return index;
  }

  // What an index outside the array reads: 0, or what the file wants.
  ExprId outside() const { return t_.file.outside_is_nan ? no_number(build_) : build_.number(0); }

  // An element that is read where it exists.
  ExprId finish(ExprId value) const {
    if (bindings_.empty() || !has_star()) return within(sought(value));
    // A reducer runs over the stars, so that no other may stand between it and them.
    double cases = 1;
    for (const Search& search : searches_) {
      const Dim& dim = dim_at(search.at);
      cases *= static_cast<double>(dim.elements.size());
      for (const std::string& element : dim.elements) {
        if (dim.numbered || !is_index(scope_, element)) continue;
        t_.diagnostics.error(
            Kind::kUnsupported, span_,
            fmt::format("`{}` is an element and an index here, which this version does "
                        "not tell apart within a reducer",
                        text::printable(element)));
        std::vector<syntax::Index> indexes = indexes_;
        indexes[search.at] = build_.star();
        return build_.element(symbol_.name, std::move(indexes));
      }
    }
    if (cases <= kMostCases) return within(chosen(0, indexes_));
    t_.diagnostics
        .error(Kind::kTooLarge, span_,
               fmt::format("the elements of `{}` that are found in the run are {}, more than {}",
                           shown(symbol_.name), cases, kMostCases))
        .hint = "write what is found as an array of its own, and reduce that";
    return build_.bad();
  }

  ExprId within(ExprId value) const {
    for (const ExprId guard : guards_) value = build_.choose(guard, value, outside());
    return value;
  }

  bool has_star() const {
    return std::ranges::any_of(indexes_, [](const syntax::Index& index) {
      return index.kind == syntax::Index::Kind::kStar;
    });
  }

  // One element after the other, and that one which is meant, from the search `k` on.
  ExprId chosen(size_t k, std::vector<syntax::Index> indexes) const {
    if (k == searches_.size()) return build_.element(symbol_.name, std::move(indexes));
    const Search& search = searches_[k];
    const Dim& dim = dim_at(search.at);
    ExprId value = outside();
    for (size_t place = dim.elements.size(); place-- > 0;) {
      indexes[search.at] = plain(dim, place);
      value = build_.choose(build_.compare(search.wanted, CompareOp::kEqual,
                                           build_.number(static_cast<double>(place + 1))),
                            chosen(k + 1, indexes), value);
    }
    return value;
  }

  ExprId sought(ExprId value) const {
    if (bindings_.empty()) return value;
    ExprId condition = conditions_.front();
    for (size_t i = 1; i < conditions_.size(); ++i)
      condition = build_.both(condition, conditions_[i]);
    const auto found = [&](ExprId what) {
      return build_.call("sum", {build_.choose(condition, what, build_.number(0))}, bindings_);
    };
    if (!t_.file.outside_is_nan) return found(value);
    return build_.choose(
        build_.compare(found(build_.number(1)), CompareOp::kGreater, build_.number(0)),
        found(value), outside());
  }

  syntax::Index place(FormulaId id, size_t at) {
    const Formula& formula = formulas_[id];
    const size_t dim = symbol_.dims[at];
    switch (formula.kind) {
      case K::kStar:
        return build_.star();
      case K::kNumber:
        return numbered(formula.value, dim);
      case K::kPlace:
        return of_left_side(formulas_[formula.children[0]], dim);
      case K::kName:
        if (const auto index = named(formula, dim)) return *index;
        return searched(id, dim);
      case K::kBinary:
        if (const auto index = shifted(formula, dim)) return *index;
        return searched(id, dim);
      case K::kRange:
        t_.diagnostics.error(Kind::kShapeMismatch, formula.span,
                             "a range of elements stands within SUM, MEAN, MIN, MAX, SIZE or "
                             "STDDEV only");
        bad_ = true;
        return build_.star();
      default:
        return searched(id, dim);
    }
  }

  // `@2`: the index of the second dimension of what is defined. Where nothing runs, the element at
  // that place.
  syntax::Index of_left_side(const Formula& number, size_t dim) {
    if (scope_.bound.empty() && number.kind == K::kNumber) return numbered(number.value, dim);
    const auto count = static_cast<double>(scope_.bound.size());
    if (number.kind == K::kNumber && number.value >= 1 && number.value <= count &&
        number.value == std::floor(number.value)) {
      const auto& [from, index] = scope_.bound[static_cast<size_t>(number.value) - 1];
      if (const auto found = across(from, index, dim)) return *found;
    }
    t_.diagnostics.error(
        Kind::kShapeMismatch, number.span,
        fmt::format("`@` wants the number of a dimension of what is defined here, 1 to {}", count));
    bad_ = true;
    return build_.star();
  }

  syntax::Index numbered(double value, size_t dim) {
    const Dim& at = t_.dims[dim];
    const double whole = std::floor(value);
    // Elements of a dimension may be called by numbers that are not their positions.
    if (const auto place = find_place(at, fmt::format("{}", value))) return member(dim, *place);
    if (whole >= 1 && whole <= static_cast<double>(at.elements.size()))
      return member(dim, static_cast<size_t>(whole) - 1);
    t_.diagnostics.warning(Kind::kMissingElement, span_,
                           fmt::format("`{}` has no element {}, which reads as {}", shown(at.name),
                                       value, t_.file.outside_is_nan ? "no number" : "0"));
    outside_ = true;
    return build_.star();
  }

  syntax::Index unbound(const Formula& formula, size_t dim) {
    const std::string name = shown(t_.dims[dim].name);
    t_.diagnostics
        .error(Kind::kShapeMismatch, formula.span,
               fmt::format("which element of `{}` is meant? This variable does not run over them",
                           name))
        .hint =
        fmt::format("name an element, or reduce them: SUM({}[{}])", shown(symbol_.name), name);
    bad_ = true;
    return build_.star();
  }

  // An element, a dimension whose index is in scope, or a dimension as a whole.
  std::optional<syntax::Index> named(const Formula& formula, size_t dim) {
    const std::string& text = formula.text;
    const auto other = find_dim(t_, text);
    if (other == dim || (other && !find_place(t_.dims[dim], text))) {
      if (const auto index = bound_index(scope_, *other)) return across(*other, *index, dim);
      if (scope_.reducers > 0) return build_.star();
      if (other == dim) return unbound(formula, dim);
    }
    if (const auto place = find_place(t_.dims[dim], text)) return member(dim, *place);
    if (const auto dot = text.rfind('.'); dot != std::string::npos) {
      const auto owner = find_dim(t_, std::string_view(text).substr(0, dot));
      const auto place = find_place(t_.dims[dim], std::string_view(text).substr(dot + 1));
      if (owner && place) return member(dim, *place);
    }
    return std::nullopt;
  }

  // The index of one dimension where another belongs: by name when all its elements are there,
  // else by position.
  std::optional<syntax::Index> across(size_t from, const std::string& index, size_t to) {
    if (from == to) return build_.index(index);
    const Dim& source = t_.dims[from];
    const Dim& target = t_.dims[to];
    std::vector<std::pair<syntax::Name, syntax::Name>> pairs;
    const bool by_name = std::ranges::all_of(source.elements, [&](const std::string& element) {
      return find_place(target, element).has_value();
    });
    for (size_t k = 0; k < source.elements.size(); ++k) {
      const size_t place = by_name ? *find_place(target, source.elements[k]) : k;
      if (place >= target.elements.size()) continue;
      pairs.emplace_back(build_.word(source.elements[k]), build_.word(target.elements[place]));
    }
    const std::string key = source.name + "\n" + target.name;
    if (t_.sub_dims.emplace(key, "").second) {
      syntax::MapDecl map{build_.word(source.name), build_.word(target.name), std::move(pairs)};
      t_.add({std::move(map), {}, span_});
    }
    return build_.index(index);
  }

  // `Dim - 1`: outside the dimension it reads 0.
  std::optional<syntax::Index> shifted(const Formula& formula, size_t dim) {
    if (formula.text != "+" && formula.text != "-") return std::nullopt;
    const Formula& left = formulas_[formula.children[0]];
    const Formula& right = formulas_[formula.children[1]];
    if (left.kind != K::kName || right.kind != K::kNumber) return std::nullopt;
    if (std::fabs(right.value) > 1e6 || right.value != std::floor(right.value)) return std::nullopt;
    if (find_symbol(t_, scope_, left.text) || find_dim(t_, left.text) != dim) return std::nullopt;
    const auto index = bound_index(scope_, dim);
    if (!index) return std::nullopt;
    const int offset = static_cast<int>(formula.text == "-" ? -right.value : right.value);
    const double size = static_cast<double>(t_.dims[dim].elements.size());
    const ExprId position = build_.call("position", {build_.name(*index)});
    if (offset < 0)
      guards_.push_back(
          build_.compare(position, CompareOp::kGreater, build_.number(-double(offset))));
    if (offset > 0)
      guards_.push_back(
          build_.compare(position, CompareOp::kLessEqual, build_.number(size - offset)));
    return build_.index(*index, offset);
  }

  // What stands between the brackets, where the indexes that look for it run.
  ExprId translate_place(FormulaId id) {
    Scope inside = scope_;
    ++inside.searching;
    return translate(t_, inside, formulas_, id);
  }
  // The next index that looks for an element.
  std::string place_index() const {
    const std::string depth =
        scope_.searching > 0 ? fmt::format("{}.", scope_.searching + 1) : std::string();
    return fmt::format("place {}{}", depth, bindings_.size() + 1);
  }

  // Any other number: the element at that position, found while the model runs.
  syntax::Index searched(FormulaId id, size_t dim) {
    return found(dim, build_.call("floor", {translate_place(id)}));
  }
  syntax::Index found(size_t dim, ExprId wanted) {
    const std::string index = place_index();
    searches_.push_back({indexes_.size(), wanted});
    bindings_.push_back(build_.binding(index, t_.dims[dim].name));
    conditions_.push_back(
        build_.compare(build_.call("position", {build_.name(index)}), CompareOp::kEqual, wanted));
    return build_.index(index);
  }

  // A(10) or A[10] of an array with several dimensions: counted row by row from 1.
  ExprId flat(FormulaId id) {
    const Formula& formula = formulas_[id];
    double count = 1;
    for (const size_t dim : symbol_.dims)
      count *= static_cast<double>(t_.dims[dim].elements.size());
    if (formula.kind == K::kNumber) {
      if (!(formula.value >= 1 && formula.value <= count)) return outside();
      auto rest = static_cast<size_t>(formula.value) - 1;
      std::vector<syntax::Index> indexes(symbol_.dims.size());
      for (size_t i = symbol_.dims.size(); i-- > 0;) {
        const size_t size = dim_at(i).elements.size();
        indexes[i] = member(symbol_.dims[i], rest % size);
        rest /= size;
      }
      return finish(build_.element(symbol_.name, indexes));
    }
    const ExprId wanted = build_.call("floor", {translate(t_, scope_, formulas_, id)});
    const std::vector<syntax::Index> all(symbol_.dims.size(), build_.star());
    const ExprId found = build_.call("element_at", {build_.element(symbol_.name, all),
                                                    build_.subtract(wanted, build_.number(1))});
    const ExprId inside =
        build_.both(build_.compare(wanted, CompareOp::kGreaterEqual, build_.number(1)),
                    build_.compare(wanted, CompareOp::kLessEqual, build_.number(count)));
    return build_.choose(inside, found, outside());
  }

  Translation& t_;
  const Scope& scope_;
  const Formulas& formulas_;
  const Symbol& symbol_;
  Span span_;
  Build build_;
  std::vector<syntax::Index> indexes_;
  std::vector<syntax::Binding> bindings_;
  std::vector<ExprId> conditions_, guards_;
  struct Search {
    size_t at;      // the place between the brackets
    ExprId wanted;  // the number of the element
  };
  std::vector<Search> searches_;
  bool bad_ = false, outside_ = false;
};

ExprId subscript(Translation& t, const Scope& scope, const Formulas& formulas,
                 const Formula& formula) {
  const Symbol* symbol = find_symbol(t, scope, formula.text);
  if (!symbol) return unknown(t, formula);
  if (symbol->only_table) return variable(t, scope, *symbol, formula);
  // The k-th slat of a conveyor, the k-th batch of a queue.
  if (const auto stock = device_of(t, *symbol);
      stock && formula.children.size() == 1 && symbol->dims.empty())
    return place_in_device(t, *stock, translate(t, scope, formulas, formula.children[0]),
                           formula.span);
  return translate_subscript(t, scope, formulas, *symbol, formula.children, formula.span);
}

// ---------------------------------------------------------------- operators

// The remainder has the sign of the divisor, in Vensim that of the dividend.
ExprId modulo(const Translation& t, const Build& build, ExprId left, ExprId right) {
  return build.call(t.file.from_vensim() ? "vensim_modulo" : "mod", {left, right});
}

ExprId binary(Translation& t, const Scope& scope, const Formulas& formulas,
              const Formula& formula) {
  const Build build = t.build(formula.span);
  const ExprId left = translate(t, scope, formulas, formula.children[0]);
  const ExprId right = translate(t, scope, formulas, formula.children[1]);
  const std::string& op = formula.text;
  if (const auto compare = comparison(op)) return build.compare(left, *compare, right);
  if (op == "+") return build.add(left, right);
  if (op == "-") return build.subtract(left, right);
  if (op == "*") return build.multiply(left, right);
  if (op == "/") return build.divide(left, right);
  if (op == "^") return build.binary(BinaryOp::kPower, left, right);
  if (op == "and") return build.both(left, right);
  if (op == "or") return build.either(left, right);
  if (op == "//") return build.call("safe_divide", {left, right});
  return modulo(t, build, left, right);
}

// What looks transposed may be a name that ends so.
std::optional<Formula> ending_in_apostrophe(const Translation& t, const Scope& scope,
                                            const Formulas& formulas, const Formula& formula) {
  Formula inner = formulas[formula.children[0]];
  if (inner.kind != K::kName || inner.quoted) return std::nullopt;
  inner.text += "'";
  inner.span = formula.span;
  if (!find_symbol(t, scope, inner.text)) return std::nullopt;
  return inner;
}

// A' swaps the two dimensions; where both are one dimension the indexes change places.
ExprId transpose(Translation& t, const Scope& scope, const Formulas& formulas,
                 const Formula& formula) {
  const Formula& inner = formulas[formula.children[0]];
  const Symbol* symbol = inner.kind == K::kName ? find_symbol(t, scope, inner.text) : nullptr;
  if (!symbol || symbol->dims.size() != 2 || scope.bound.size() < 2) {
    t.diagnostics.error(Kind::kShapeMismatch, formula.span,
                        "`'` transposes the name of an array with two dimensions");
    return t.build(formula.span).bad();
  }
  const Build build = t.build(formula.span);
  const auto& [first, second] = std::pair(scope.bound[0], scope.bound[1]);
  return build.element(symbol->name, {build.index(second.second), build.index(first.second)});
}

}  // namespace

ExprId translate_subscript(Translation& t, const Scope& scope, const Formulas& formulas,
                           const Symbol& symbol, const std::vector<FormulaId>& places, Span span) {
  return Brackets(t, scope, formulas, symbol, span).read(places);
}

ExprId self_reference(Translation& t, const Scope& scope, Span span) {
  const Build build = t.build(span);
  const Symbol& symbol = t.symbols.at(scope.self);
  std::vector<syntax::Index> indexes;
  for (const std::string& index : symbol.indexes) indexes.push_back(build.index(index));
  return build.element(symbol.name, indexes);
}

ExprId translate(Translation& t, const Scope& scope, const Formulas& formulas, FormulaId id) {
  const Formula& formula = formulas[id];
  const Build build = t.build(formula.span);
  switch (formula.kind) {
    case K::kNumber:
      return build.number(formula.value);
    case K::kName:
      return name(t, scope, formula);
    case K::kSubscript:
      return subscript(t, scope, formulas, formula);
    case K::kCall:
    case K::kApply:
      return translate_call(t, scope, formulas, id);
    case K::kUnary: {
      const ExprId operand = translate(t, scope, formulas, formula.children[0]);
      if (formula.text == "-") return build.negate(operand);
      return formula.text == "not" ? build.no(operand) : operand;
    }
    case K::kBinary:
      return binary(t, scope, formulas, formula);
    case K::kIf: {
      const ExprId condition = translate(t, scope, formulas, formula.children[0]);
      const ExprId yes = translate(t, scope, formulas, formula.children[1]);
      return build.choose(condition, yes, translate(t, scope, formulas, formula.children[2]));
    }
    case K::kTranspose:
      if (const auto own = ending_in_apostrophe(t, scope, formulas, formula))
        return name(t, scope, *own);
      return transpose(t, scope, formulas, formula);
    case K::kUnfilled:
      t.unfilled.emplace_back(formula.span, scope.self);
      return build.bad();
    case K::kStar:
    case K::kRange:
    case K::kPlace:
      t.diagnostics.error(Kind::kSyntax, formula.span, "this belongs between brackets");
      return build.bad();
    case K::kBad:
      break;
  }
  return build.bad();
}

ExprId translate(Translation& t, const Scope& scope, const Text& text) {
  Formulas formulas;
  const FormulaId root = parse(t.sources, text, formulas, t.diagnostics);
  return translate(t, scope, formulas, root);
}

std::optional<double> constant_in(const Text& text) {
  const std::string word = trimmed(without_remarks(text.value));
  const bool plus = word.starts_with('+');
  double value = 0;
  const char* begin = word.data() + (plus ? 1 : 0);
  const auto [end, failure] = std::from_chars(begin, word.data() + word.size(), value);
  if (failure != std::errc() || end != word.data() + word.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

double run_steps(const File& file) {
  const double start = constant_in(file.specs.start).value_or(0);
  const double stop = constant_in(file.specs.stop).value_or(0);
  const double step = constant_in(file.specs.step).value_or(1);
  return std::round((stop - start) * (file.specs.reciprocal ? step : 1 / step));
}

}  // namespace headrace::import::xmile
