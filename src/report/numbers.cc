#include "report/numbers.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "text/calendar.h"

namespace headrace::report {
namespace {

struct Scale {
  double factor;
  const char* suffix;
};
constexpr std::array<Scale, 5> kScales = {
    {{1e12, "tn"}, {1e9, "bn"}, {1e6, "M"}, {1e3, "k"}, {1, ""}}};

// `value` to `figures` significant figures, as a double.
double to_figures(double value, int figures) {
  return std::stod(fmt::format("{:.{}e}", value, figures - 1));
}

int figures_for(double magnitude) { return fmt::format("{:.17e}", magnitude)[0] == '1' ? 3 : 2; }

// Fixed notation with as many decimals as the figures ask for; zeros at the end stay only where
// they say something, that is, where the number was rounded.
std::string fixed(double shown, int figures, bool was_exact) {
  const int exponent = static_cast<int>(std::floor(std::log10(std::abs(shown)) + 1e-12));
  const int decimals = std::max(0, figures - 1 - exponent);
  std::string text = fmt::format("{:.{}f}", shown, decimals);
  if (was_exact && text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return text;
}

std::string scientific(double value, int figures) {
  std::string text = fmt::format("{:.{}e}", value, figures - 1);
  const size_t e = text.find('e');
  const int exponent = std::stoi(text.substr(e + 1));
  return text.substr(0, e) + "e" + std::to_string(exponent);
}

}  // namespace

std::string exact(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  if (value == 0) return "0";
  return fmt::format("{}", value);
}

std::string rounded(double value) {
  if (!std::isfinite(value)) return exact(value);
  if (value == 0) return "0";
  const int figures = figures_for(std::abs(value));
  const double shown = to_figures(value, figures);
  const double magnitude = std::abs(shown);
  if (magnitude < 1e-3 || magnitude >= 1e15) return scientific(value, figures);
  for (const Scale& scale : kScales) {
    const bool fits = scale.factor == 1e3 ? magnitude >= 1e4 : magnitude >= scale.factor;
    if (fits || scale.factor == 1) {
      return fixed(shown / scale.factor, figures, shown == value) + scale.suffix;
    }
  }
  return exact(value);
}

std::string grouped(uint64_t value) {
  std::string digits = std::to_string(value);
  for (size_t place = digits.size(); place > 3;) {
    place -= 3;
    digits.insert(place, " ");
  }
  return digits;
}

std::string odds_in_words(double odds, bool single) {
  if (std::isnan(odds)) return "not known";
  if (single) return odds > 0 ? "holds" : "does not hold";
  if (odds <= 0) return "in no future";
  if (odds >= 1) return "in all futures";
  const int of_hundred = static_cast<int>(std::lround(odds * 100));
  if (of_hundred == 0) return "in fewer than 1 of 100 futures";
  if (of_hundred == 100) return "in more than 99 of 100 futures";
  return fmt::format("in {} of 100 futures", of_hundred);
}

std::string exact_time(double time, bool calendar) {
  if (std::isinf(time) && time > 0) return "never";
  // A multiple of a step such as 0.1 carries an error in its last digit.
  if (!calendar && std::isfinite(time) && time != 0) return fmt::format("{:.15g}", time);
  if (!calendar || !std::isfinite(time)) return exact(time);
  return text::iso(text::from_years(time));
}

std::string rounded_time(double time, bool calendar) {
  if (std::isinf(time) && time > 0) return "never";
  if (!calendar || !std::isfinite(time)) return rounded(time);
  return text::iso(text::from_years(time)).substr(0, 7);
}

std::string unit_suffix(const std::string& unit) {
  return unit.empty() || unit == "1" ? "" : " " + unit;
}

}  // namespace headrace::report
