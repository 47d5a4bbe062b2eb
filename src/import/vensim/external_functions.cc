// Functions of data: GET DATA AT TIME(x, t), GET DATA MEAN(x, from, to) and their kin. They want
// the points of x themselves, so x becomes a lookup beside what it is, and what is the same at all
// times a number for each element.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "import/names.h"
#include "import/vensim/translation.h"

namespace headrace::import::vensim {
namespace {

using syntax::CompareOp;
using syntax::ExprId;
using F = Formula::Kind;

// ---------------------------------------------------------------- numbers and lookups

// Half a step, and a millionth more: a point that lies there is not passed yet.
constexpr double kHalfStep = 0.500001;

class DataCall {
 public:
  DataCall(Translation& t, const Scope& scope, const Formula& formula, const Symbol& symbol,
           const Formula& data, const std::vector<Points>& series)
      : t_(t),
        scope_(scope),
        formula_(formula),
        symbol_(symbol),
        data_(data),
        series_(series),
        build_(t.build(formula.span)) {}

  ExprId at_time(double mode) {
    const ExprId time = translate(t_, scope_, formula_.children[1]);
    const ExprId first = number("first time", [](const Points& p) { return p.front().first; });
    const ExprId last = number("last time", [](const Points& p) { return p.back().first; });
    const Reading reading = mode > 0   ? Reading::kForward
                            : mode < 0 ? Reading::kBackward
                                       : Reading::kHeld;
    // Vensim counts from half a step before: at a point the earlier value is that of the one
    // before.
    const ExprId sought =
        mode == 0 ? time
                  : build_.subtract(
                        time, build_.multiply(build_.number(kHalfStep), build_.name("time.step")));
    const ExprId value =
        call_table(t_, scope_, {&points_lookup(t_, symbol_, series_), data_.places}, sought,
                   formula_.span, reading);
    const ExprId outside = build_.either(build_.compare(time, CompareOp::kLess, first),
                                         build_.compare(time, CompareOp::kGreater, last));
    return build_.choose(outside, build_.number(kMissingValue), value);
  }

  // What the series says so much later; beyond its points the next one holds, as in a series.
  ExprId shifted() {
    const ExprId time =
        build_.add(build_.name("time.held"), translate(t_, scope_, formula_.children[1]));
    return call_table(t_, scope_, {&points_lookup(t_, symbol_, series_), data_.places}, time,
                      formula_.span);
  }

  ExprId number(const std::string& what, const std::function<double(const Points&)>& of) {
    std::vector<double> values;
    for (const Points& points : series_) values.push_back(of(points));
    const bool same = std::ranges::all_of(values, [&](double v) { return v == values.front(); });
    if (same) return build_.number(values.front());
    auto indexes = translate_places(t_, scope_, symbol_, data_.places, formula_.span);
    if (!indexes) return build_.bad();
    syntax::DataDecl decl;
    const std::string name = t_.fresh(fmt::format("_{} ({})", symbol_.name, what));
    decl.name = build_.word(name);
    for (const Axis& axis : symbol_.axes) {
      const std::string& range = t_.ranges[axis.range].name;
      syntax::DimensionUse use{build_.word(range), {}};
      if (axis.index != range) use.index = build_.word(axis.index);
      decl.dims.push_back(std::move(use));
    }
    decl.values = std::move(values);
    t_.add({std::move(decl), {}, formula_.span});
    return build_.element(name, std::move(*indexes));
  }

 private:
  Translation& t_;
  const Scope& scope_;
  const Formula& formula_;
  const Symbol& symbol_;
  const Formula& data_;
  const std::vector<Points>& series_;
  Build build_;
};

// ---------------------------------------------------------------- over a span of time

using Values = std::vector<double>;

double mean(const Values& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? kMissingValue : sum / static_cast<double>(values.size());
}

double deviation(const Values& values) {
  if (values.size() < 2) return 0;
  const double middle = mean(values);
  double sum = 0;
  for (const double value : values) sum += (value - middle) * (value - middle);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

double median(Values values) {
  if (values.empty()) return kMissingValue;
  std::ranges::sort(values);
  const size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

struct Summary {
  std::string_view name;  // behind get_data_
  double (*of)(const Values&);
};
const Summary kSummaries[] = {
    {"min",
     [](const Values& v) { return v.empty() ? kMissingValue : *std::ranges::min_element(v); }},
    {"max",
     [](const Values& v) { return v.empty() ? kMissingValue : *std::ranges::max_element(v); }},
    {"mean", mean},
    {"median", [](const Values& v) { return median(v); }},
    {"stdv", deviation},
    {"total_points", [](const Values& v) { return static_cast<double>(v.size()); }}};

// The bounds of GET DATA MEAN(x, from, to); all when they are left out.
std::optional<std::pair<double, double>> bounds(Translation& t, const Formula& formula) {
  std::pair<double, double> result(-std::numeric_limits<double>::infinity(),
                                   std::numeric_limits<double>::infinity());
  for (size_t k = 1; k < formula.children.size() && k < 3; ++k) {
    if (t.formulas[formula.children[k]].kind == F::kBad) continue;
    const auto value = constant_value(t, formula.children[k]);
    if (!value) {
      t.diagnostics.error(
          Kind::kNotConstant, t.formulas[formula.children[k]].span,
          fmt::format("`{}` wants a time that the model's constants tell", shown(formula.text)));
      return std::nullopt;
    }
    take_in(t, formula.children[k], "the span of " + std::string(display(formula.text)));
    (k == 1 ? result.first : result.second) = *value;
  }
  return result;
}

ExprId summary(Translation& t, const Formula& formula, const Summary& summary, DataCall& call) {
  const auto span = bounds(t, formula);
  if (!span) return t.build(formula.span).bad();
  std::string what(summary.name);
  if (formula.children.size() > 1) what += fmt::format(" {} to {}", span->first, span->second);
  return call.number(what, [&](const Points& points) {
    Values values;
    for (const auto& [time, value] : points) {
      if (time >= span->first && time <= span->second) values.push_back(value);
    }
    return summary.of(values);
  });
}

}  // namespace

std::optional<ExprId> data_function(Translation& t, const Scope& scope, const Formula& formula) {
  const std::string name = canonical(formula.text);
  const bool shift = name == "time_shift";
  if ((!shift && !name.starts_with("get_data_")) || formula.quoted || formula.children.empty())
    return std::nullopt;
  const Build build = t.build(formula.span);
  const Formula data = t.formulas[formula.children[0]];
  const Symbol* symbol = data.kind == F::kName ? find_symbol(t, data.text) : nullptr;
  if (!symbol || symbol->bad || !is_data(t, *symbol)) {
    if (symbol && symbol->bad) return build.bad();
    t.diagnostics.error(
        Kind::kBadCall, data.span,
        fmt::format("`{}` wants a variable whose values come from a file", shown(formula.text)));
    return build.bad();
  }
  const std::vector<Points>* series = series_of(t, *symbol, formula.span);
  if (!series) return build.bad();
  if (std::ranges::any_of(*series, &Points::empty)) {
    t.diagnostics.error(Kind::kBadCall, formula.span,
                        fmt::format("`{}` has no series over time", shown(symbol->name)));
    return build.bad();
  }
  DataCall call(t, scope, formula, *symbol, data, *series);
  const size_t count = formula.children.size();
  if (shift) return count == 2 ? std::optional(call.shifted()) : std::nullopt;
  const std::string_view kind = std::string_view(name).substr(9);
  if (kind == "at_time" && count == 2) return call.at_time(0);
  if (kind == "between_times" && count == 3) {
    const auto mode = constant_value(t, formula.children[2]);
    if (mode) return call.at_time(*mode >= 0.5 ? 1 : *mode <= -0.5 ? -1 : 0);
    t.diagnostics.error(Kind::kNotConstant, t.formulas[formula.children[2]].span,
                        "the mode is -1, 0 or 1, a number that the model's constants tell");
    return build.bad();
  }
  if (kind == "first_time" && count == 1)
    return call.number("first time", [](const Points& p) { return p.front().first; });
  if (kind == "last_time" && count == 1)
    return call.number("last time", [](const Points& p) { return p.back().first; });
  const auto* found = std::ranges::find(kSummaries, kind, &Summary::name);
  if (found != std::end(kSummaries) && count <= 3) return summary(t, formula, *found, call);
  return std::nullopt;
}

}  // namespace headrace::import::vensim
