#include "import/vensim/dates.h"

#include <fmt/format.h>

#include <cstdlib>

#include "import/names.h"
#include "text/utf8.h"

namespace headrace::import::vensim {
namespace {

using syntax::ExprId;

// Where time is counted in years, quarters or months a year has twelve months of 30 days.
struct Clock {
  double days = 0;  // of one unit of time
  bool even = false;
};

std::optional<Clock> clock_of(const std::string& unit) {
  const auto among = [&](std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) {
      if (unit == word) return true;
    }
    return false;
  };
  if (among({"year", "years", "yr", "yrs"})) return Clock{360, true};
  if (among({"quarter", "quarters"})) return Clock{90, true};
  if (among({"month", "months"})) return Clock{30, true};
  if (among({"week", "weeks"})) return Clock{7, false};
  if (among({"day", "days"})) return Clock{1, false};
  if (among({"hour", "hours", "hr", "hrs"})) return Clock{1.0 / 24, false};
  if (among({"minute", "minutes", "min"})) return Clock{1.0 / 1440, false};
  if (among({"second", "seconds", "sec"})) return Clock{1.0 / 86400, false};
  return std::nullopt;
}

// Days from the first of January of the year 0, of the calendar of today.
double day_number(long year, long month, long day) {
  const long y = month <= 2 ? year - 1 : year;
  const long era = (y >= 0 ? y : y - 399) / 400;
  const long of_era = y - era * 400;
  const long of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return static_cast<double>(era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year +
                             60);
}

long setting(const std::optional<std::string>& text, long otherwise) {
  const long value = text ? std::strtol(text->c_str(), nullptr, 10) : 0;
  return value > 0 && value < 1'000'000 ? value : otherwise;
}

// The day at time 0.
double base_day(const Translation& t, const Clock& clock) {
  const Settings& settings = t.document.settings;
  const long year = setting(settings.base_year, 2000), month = setting(settings.base_month, 1),
             day = setting(settings.base_day, 1);
  if (!clock.even) return day_number(year, month, day);
  return static_cast<double>(year * 360 + (month - 1) * 30 + day - 1);
}

class Measuring {
 public:
  Measuring(const Build& build, ExprId days, bool even) : build_(build), days_(days), even_(even) {}

  ExprId measure(int measure) {
    switch (measure) {
      case 1:
        return even_ ? whole(build_.divide(days_, build_.number(360))) : date(1);
      case 2:
        return even_ ? part(360, 90) : date(2);
      case 3:
        return even_ ? part(360, 30) : date(3);
      case 4:
        return even_ ? part(30, 1) : date(4);
      case 5:  // the first day of the year 0 was a Saturday
        return rest(build_.add(whole(days_), build_.number(6)), 7);
      case 6:
        return whole(days_);
      case 7:
        return whole(build_.multiply(rest(days_, 1), build_.number(24)));
      case 8:
        return whole(rest(build_.multiply(days_, build_.number(1440)), 60));
      default:
        return rest(build_.multiply(days_, build_.number(86400)), 60);
    }
  }

 private:
  ExprId whole(ExprId value) { return build_.call("floor", {value}); }
  ExprId rest(ExprId value, double of) { return build_.call("mod", {value, build_.number(of)}); }
  // Which of the parts, from 1.
  ExprId part(double of, double length) {
    return build_.add(whole(build_.divide(rest(days_, of), build_.number(length))),
                      build_.number(1));
  }
  ExprId date(int what) {
    return build_.call("vensim_date", {days_, build_.number(static_cast<double>(what))});
  }

  const Build& build_;
  ExprId days_;
  bool even_;
};

}  // namespace

std::string time_unit(const Translation& t) {
  for (const char* name : {"time_step", "final_time", "initial_time"}) {
    const auto found = t.symbols.find(name);
    if (found == t.symbols.end()) continue;
    const std::string& units = found->second.equations.front()->units;
    if (!units.empty()) return canonical(units);
  }
  return {};
}

ExprId translate_time_value(Translation& t, const Scope& scope, const Formula& formula) {
  const Build build = t.build(formula.span);
  const auto refuse = [&](Kind kind, std::string message) {
    t.diagnostics.error(kind, formula.span, std::move(message));
    return build.bad();
  };
  const auto relative = constant_value(t, formula.children[0]);
  const auto measure = constant_value(t, formula.children[2]);
  if (relative == 2.0)
    return refuse(Kind::kUnsupported,
                  "GET TIME VALUE of the computer's clock would make each run another one");
  if ((relative != 0.0 && relative != 1.0) || !measure || !(*measure >= 0 && *measure <= 10) ||
      *measure != static_cast<int>(*measure))
    return refuse(Kind::kBadCall,
                  "GET TIME VALUE wants 0 or 1 first and a measure from 0 to 10 at the end");
  const ExprId start = build.name("time.start");
  const ExprId offset = translate(t, scope, formula.children[1]);
  const ExprId moment = build.add(relative == 0.0 ? build.name("time") : start, offset);
  if (*measure == 0) return moment;
  const auto clock = clock_of(time_unit(t));
  if (!clock)
    return refuse(Kind::kUnsupported,
                  fmt::format("GET TIME VALUE has no calendar for a time in `{}`",
                              text::printable(time_unit(t).substr(0, 200))));
  if (*measure == 10)
    return build.call(
        "mod", {build.multiply(build.subtract(moment, start), build.number(clock->days * 86400)),
                build.number(500'000)});
  const ExprId days = build.add(build.number(base_day(t, *clock)),
                                build.multiply(moment, build.number(clock->days)));
  return Measuring(build, days, clock->even).measure(static_cast<int>(*measure));
}

}  // namespace headrace::import::vensim
