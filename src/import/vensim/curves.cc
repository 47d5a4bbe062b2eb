// An arrayed lookup that is read along a range has its points in arrays, one row for each element,
// and a function that finds the place by halving:
//
//   data "_f (x)"[region, "f (point)"] = ...                      so do y and slope
//   function "f (of an element)"(x, k) =
//     let row = 4 * k
//     let here = clamp(x, (x at row), (x at row + 3))
//     let "step 2" = if (x at row + 2) <= here then row + 2 else row
//     let "step 1" = if (x at "step 2" + 1) <= here then "step 2" + 1 else "step 2"
//     return (y at "step 1") + (here - (x at "step 1")) * (slope at "step 1")
//
// where `(x at n)` is `element_at("_f (x)"[*, *], n)`.
//
// Rows have a power of two of points; short ones are filled up with their last. The numbers are
// those that a table computes, to the bit.

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "import/vensim/translation.h"
#include "text/utf8.h"

namespace headrace::import::vensim {
namespace {

using syntax::CompareOp;
using syntax::ExprId;

constexpr size_t kMostNumbers = 4'000'000;  // of the points of one lookup

class Curves {
 public:
  Curves(Translation& t, const Symbol& symbol, const std::vector<Points>& points, Reading reading)
      : t_(t),
        symbol_(symbol),
        points_(points),
        reading_(reading),
        build_(t.build(symbol.equations.front()->span)) {}

  std::string write() {
    const bool turned = reading_ >= Reading::kForward;
    arrays_ = &t_.lookups[&symbol_].arrays[turned ? reading_ : Reading::kHeld];
    if (arrays_->length == 0 && !write_arrays(turned ? suffix(reading_) : "")) return {};
    if (!is_stepped() && arrays_->slope.empty()) write_slope(turned ? suffix(reading_) : "");
    return write_function();
  }

 private:
  Span span() const { return symbol_.equations.front()->span; }
  bool is_stepped() const {
    return reading_ == Reading::kBackward || reading_ == Reading::kForward ||
           reading_ >= Reading::kSlope;
  }
  std::string internal(const char* suffix, const char* what) {
    return t_.fresh(fmt::format("_{}{} ({})", symbol_.name, suffix, what));
  }
  std::string named(const char* suffix, const char* what) {
    return t_.fresh(fmt::format("{}{} ({})", symbol_.name, suffix, what));
  }

  // ------------------------------------------------------------ arrays

  bool write_arrays(const char* suffix) {
    size_t most = 1;
    for (const Points& points : points_) most = std::max(most, points.size());
    const size_t length = std::bit_ceil(most);
    if (points_.size() * length > kMostNumbers) {
      t_.diagnostics.error(Kind::kTooLarge, span(),
                           fmt::format("the elements of `{}` have more than {} points",
                                       text::printable(symbol_.name.substr(0, 200)), kMostNumbers));
      return false;
    }
    const std::string dim = add_points(length, named(suffix, "point"));
    syntax::DataDecl x, y;
    for (const Points& row : points_) {
      for (size_t k = 0; k < length; ++k) {
        const auto [at, value] = point(row, k);
        x.values.push_back(at);
        y.values.push_back(value);
      }
    }
    *arrays_ = {length,
                dim,
                add_array(std::move(x), internal(suffix, "x"), dim, input_units()),
                add_array(std::move(y), internal(suffix, "y"), dim, units()),
                {}};
    return true;
  }

  void write_slope(const char* suffix) {
    syntax::DataDecl slope;
    for (const Points& row : points_) {
      for (size_t k = 0; k < arrays_->length; ++k) slope.values.push_back(rise(row, k));
    }
    arrays_->slope =
        add_array(std::move(slope), internal(suffix, "slope"), arrays_->dim, slope_units());
  }

  static std::pair<double, double> point(const Points& row, size_t k) {
    if (row.empty()) return {0, kMissingValue};  // an element without points is missing
    return row[std::min(k, row.size() - 1)];
  }

  // Of the line behind the point; behind the last that of the line before it.
  static double rise(const Points& row, size_t k) {
    if (row.size() < 2) return 0;
    k = std::min(k, row.size() - 2);
    return (row[k + 1].second - row[k].second) / (row[k + 1].first - row[k].first);
  }

  std::string add_points(size_t count, std::string name) {
    syntax::DimDecl dim;
    dim.name = build_.word(name);
    for (size_t k = 1; k <= count; ++k) dim.members.push_back(build_.word(std::to_string(k)));
    t_.add({std::move(dim), {}, span()});
    return name;
  }

  std::string input_units() const { return symbol_.equations.front()->input_units; }
  std::string units() const { return symbol_.equations.front()->units; }
  std::string slope_units() const {
    if (input_units().empty()) return units();
    return fmt::format("{}/({})", units().empty() ? "1" : "(" + units() + ")", input_units());
  }

  std::string add_array(syntax::DataDecl data, std::string name, const std::string& dim,
                        const std::string& units) {
    data.name = build_.word(name);
    data.unit = t_.units.read(units, span());
    for (const Axis& axis : symbol_.axes) {
      const std::string& range = t_.ranges[axis.range].name;
      syntax::DimensionUse use{build_.word(range), {}};
      if (axis.index != range) use.index = build_.word(axis.index);
      data.dims.push_back(std::move(use));
    }
    data.dims.push_back({build_.word(dim), {}});
    t_.add({std::move(data), {}, span()});
    return name;
  }

  // ------------------------------------------------------------ the function

  ExprId number(size_t value) { return build_.number(static_cast<double>(value)); }
  ExprId at(const std::string& array, ExprId place) {
    return build_.call(
        "element_at",
        {build_.element(array, std::vector(symbol_.axes.size() + 1, build_.star())), place});
  }
  ExprId further(const std::string& place, size_t steps) {
    return steps == 0 ? build_.name(place) : build_.add(build_.name(place), number(steps));
  }

  void let(syntax::FunctionDecl& decl, const std::string& name, ExprId value) {
    syntax::ValueDecl local;
    local.name = build_.word(name);
    local.value = value;
    decl.locals.push_back(t_.tree.add(syntax::Statement{std::move(local), {}, span()}));
  }

  std::string write_function() {
    syntax::FunctionDecl decl;
    const std::string name = named(suffix(reading_), "of an element");
    decl.name = build_.word(name);
    decl.parameters.push_back({build_.word("x"), {}, {}, {}});
    decl.parameters.push_back({build_.word("k"), {}, {}, {}});
    let(decl, "row", build_.multiply(number(arrays_->length), build_.name("k")));
    const ExprId input = build_.name("x");
    let(decl, "here",
        reading_ == Reading::kExtrapolated
            ? input
            : build_.call("clamp", {input, at(arrays_->x, build_.name("row")),
                                    at(arrays_->x, further("row", arrays_->length - 1))}));
    decl.result = value_at(find_place(decl));
    decl.unit = unit_of(t_, *symbol_.equations.front(), reading_);
    t_.add({std::move(decl), {}, span()});
    return name;
  }

  // The last point at or below `here`, or the first.
  std::string find_place(syntax::FunctionDecl& decl) {
    std::string place = "row";
    for (size_t half = arrays_->length / 2; half > 0; half /= 2) {
      const ExprId below = build_.compare(at(arrays_->x, further(place, half)),
                                          CompareOp::kLessEqual, build_.name("here"));
      const ExprId next = build_.choose(below, further(place, half), build_.name(place));
      place = fmt::format("step {}", half);
      let(decl, place, next);
    }
    return place;
  }

  ExprId value_at(const std::string& place) {
    const ExprId y = at(arrays_->y, build_.name(place));
    if (is_stepped()) return y;
    const ExprId behind = build_.subtract(build_.name("here"), at(arrays_->x, build_.name(place)));
    return build_.add(y, build_.multiply(behind, at(arrays_->slope, build_.name(place))));
  }

  Translation& t_;
  const Symbol& symbol_;
  const std::vector<Points>& points_;
  Reading reading_;
  Build build_;
  PointArrays* arrays_ = nullptr;
};

}  // namespace

std::string write_curves(Translation& t, const Symbol& symbol, const std::vector<Points>& points,
                         Reading reading) {
  return Curves(t, symbol, points, reading).write();
}

}  // namespace headrace::import::vensim
