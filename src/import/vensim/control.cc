// The clock: INITIAL TIME, FINAL TIME, TIME STEP and SAVEPER, which may be expressions of constants
// and of the time itself. Then the run ends where Vensim would end it; steps stay equal.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "import/names.h"
#include "import/vensim/translation.h"
#include "text/utf8.h"

namespace headrace::import::vensim {
namespace {

class Control {
 public:
  explicit Control(Translation& t) : t_(t) {}

  void write() {
    for (const char* part : {"initial_time", "final_time", "time_step", "saveper"})
      take_in(t_, part, "the clock");
    const auto start = number("initial_time", 0, 0.0);
    if (!start) return stand_in();
    auto end = number("final_time", 100, *start), step = number("time_step", 1, *start);
    if (!end || !step) return stand_in();
    if (is_moving("saveper")) t_.moving.insert("saveper");
    if (!t_.moving.empty() && *step > 0) follow(*start, *end, *step);
    if (!(*step > 0)) return refuse("time_step", "the step must be above 0");
    if (*end < *start) return refuse("final_time", "the end lies before the start");
    save_ = save_step(*step);
    const double count = std::floor((*end - *start) / *step + 1e-6);
    if (!(count <= 1e9)) return refuse("time_step", "the run has more than a billion steps");
    const double last = *start + count * *step;
    if (std::fabs(last - *end) > 1e-6 * *step)
      t_.diagnostics.warning(
          Kind::kBadTime, span("final_time"),
          fmt::format("the run ends at {}, a whole number of steps from the start", last));
    add_time(*start, std::fabs(last - *end) > 1e-6 * *step ? last : *end, *step);
    write_variables(*step);
  }

 private:
  Span span(const std::string& name) const {
    const auto found = t_.symbols.find(name);
    return found == t_.symbols.end() ? Span{} : found->second.equations.front()->span;
  }

  // After an error, so that what needs a clock does not complain as well.
  void stand_in() { add_time(0, 1, 1); }

  void bad_time(const std::string& name, std::string message) {
    t_.diagnostics.error(Kind::kBadTime, span(name), std::move(message));
  }

  void refuse(const std::string& name, std::string message) {
    bad_time(name, std::move(message));
    stand_in();
  }

  // A clock whose parts change with the time: where it stops, and the smallest of its steps.
  void follow(double start, double& end, double& step) {
    constexpr int kMostSteps = 100'000;
    const double first = step;
    double time = start;
    for (int k = 0; k < kMostSteps; ++k) {
      end = at("final_time", time).value_or(end);
      const double here = at("time_step", time).value_or(first);
      if (here > 0) step = std::min(step, here);
      if (const auto save = at("saveper", time); save && *save > 0)
        least_save_ = std::min(least_save_.value_or(*save), *save);
      if (time >= end - 1e-6 * step || !(here > 0)) break;
      time += here;
    }
    if (t_.moving.contains("final_time") && !open_ended_) end = time;
    if (step < first || is_moving("time_step"))
      t_.diagnostics.warning(
          Kind::kPassedOver, span("time_step"),
          fmt::format("`TIME STEP` changes during the run; its smallest, {}, is used throughout",
                      step));
  }

  bool is_moving(const std::string& name) const {
    return t_.symbols.contains(name) && !constant_value(t_, name) && constant_value(t_, name, 0.0);
  }

  std::optional<double> at(const std::string& name, double time) const {
    return constant_value(t_, name, time);
  }

  std::optional<double> number(const std::string& name, double otherwise, double time) {
    if (!t_.symbols.contains(name)) {
      if (!t_.diagnostics.has_errors())  // else it may stand in what could not be read
        t_.diagnostics.warning(
            Kind::kMissingTime, {},
            fmt::format("the model does not say `{}`, taken as {}", spelled(name), otherwise));
      return otherwise;
    }
    const auto value = at(name, time);
    if (is_moving(name)) t_.moving.insert(name);
    if (value && std::isfinite(*value)) return value;
    if (const auto bound = name == "initial_time" ? value : bounded(name, time)) return bound;
    bad_time(name, fmt::format("`{}` must hang on nothing but the model's constants and the time",
                               spelled(name)));
    return std::nullopt;
  }

  // Of a clock that asks for what the run computes: the latest end, the smallest step.
  std::optional<double> bounded(const std::string& name, double time) {
    const bool end = name == "final_time";
    const auto bound = constant_value(t_, name, time, end ? 1 : -1);
    if (!bound || !std::isfinite(*bound)) return std::nullopt;
    t_.moving.insert(name);
    if (end) open_ended_ = true;
    t_.diagnostics.warning(
        Kind::kPassedOver, span(name),
        end ? fmt::format("`FINAL TIME` hangs on what the run computes: the run goes on to {}, "
                          "where it may have ended before",
                          *bound)
            : fmt::format("`TIME STEP` hangs on what the run computes; its smallest, {}, is used "
                          "throughout",
                          *bound));
    return bound;
  }

  static std::string spelled(std::string name) {
    for (char& c : name) c = c == '_' ? ' ' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    return name;
  }

  // A whole number of steps; nothing saves every step.
  std::optional<double> save_step(double step) {
    if (!t_.symbols.contains("saveper")) return std::nullopt;
    auto value = constant_value(t_, "saveper");
    if (!value && least_save_) {
      value = least_save_;
      t_.diagnostics.warning(Kind::kPassedOver, span("saveper"),
                             "`SAVEPER` changes during the run; its smallest is used throughout");
    }
    if (!value || !(*value > 0)) {
      t_.diagnostics.warning(Kind::kBadTime, span("saveper"),
                             "`SAVEPER` is no number that the model's constants tell; every step "
                             "is saved");
      return std::nullopt;
    }
    const double steps = std::max(1.0, std::round(*value / step));
    if (std::fabs(steps * step - *value) <= 1e-6 * *value) return steps * step;
    t_.diagnostics.warning(Kind::kBadTime, span("saveper"),
                           "`SAVEPER` is no whole number of steps; every step is saved");
    return std::nullopt;
  }

  void add_time(double start, double end, double step) {
    const Build build = t_.build(span("time_step"));
    syntax::TimeDecl decl;
    decl.start = build.number(start);
    decl.end = build.number(end);
    decl.step = step;
    if (save_ && *save_ != step) decl.save = *save_;
    decl.unit = unit();
    decl.method = t_.document.settings.runge_kutta ? syntax::TimeDecl::Method::kRk4
                                                   : syntax::TimeDecl::Method::kEuler;
    if (!t_.document.settings.method.empty())
      t_.diagnostics.warning(
          Kind::kPassedOver, {},
          fmt::format("the method {} is not here; the run uses rk4", t_.document.settings.method));
    t_.add({std::move(decl), {}, span("time_step")});
  }

  std::optional<syntax::Name> unit() {
    for (const char* name : {"time_step", "final_time", "initial_time"}) {
      const auto found = t_.symbols.find(name);
      if (found == t_.symbols.end()) continue;
      const Equation& equation = *found->second.equations.front();
      if (auto unit = t_.units.read_single(equation.units, equation.span)) return unit;
    }
    return std::nullopt;
  }

  // They may be read and reported like any other variable.
  void write_variables(double step) {
    for (const auto& [name, word] :
         {std::pair("initial_time", "time.start"), std::pair("final_time", "time.end"),
          std::pair("time_step", "time.step"), std::pair("saveper", "")}) {
      const auto found = t_.symbols.find(name);
      if (found == t_.symbols.end() || t_.moving.contains(name)) continue;
      const Build build = t_.build(span(name));
      syntax::ValueDecl decl;
      decl.name = build.word(found->second.name);
      decl.value = std::string_view(word).empty()
                       ? build.number(save_.value_or(constant_value(t_, "saveper").value_or(step)))
                       : build.name(word);
      if (std::string_view(word).empty()) decl.kind = syntax::ValueDecl::Kind::kLet;
      t_.add({std::move(decl), found->second.equations.front()->comment, span(name)});
    }
  }

  Translation& t_;
  std::optional<double> save_, least_save_;
  bool open_ended_ = false;  // nothing but the run tells when it ends
};

}  // namespace

bool is_control(const std::string& name) {
  return name == "initial_time" || name == "final_time" || name == "time_step" || name == "saveper";
}

void write_control(Translation& t) { Control(t).write(); }

}  // namespace headrace::import::vensim
