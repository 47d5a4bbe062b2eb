#include "units/unit_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "units/named_unit.h"

namespace headrace::units {
namespace {

constexpr size_t kMaxBytes = 4096;
constexpr int kMaxDepth = 50;

// The words that foreign tools write with a capital, or all in capitals.
constexpr std::array kWords{"year",    "years",  "quarter", "quarters", "month",
                            "months",  "week",   "weeks",   "day",      "days",
                            "hour",    "hours",  "minute",  "minutes",  "second",
                            "seconds", "person", "persons", "people"};
constexpr std::array kDimensionless{"dmnl", "dimensionless", "unitless"};

using Parsed = std::expected<Unit, std::string>;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool holds(const auto& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

std::string lower(std::string_view name) {
  std::string result(name);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return result;
}

class Parser {
 public:
  // `declare` is where unknown names go, or null.
  Parser(std::string_view text, const UnitTable& table, UnitTable* declare)
      : text_(text), table_(table), declare_(declare) {}

  Parsed parse() {
    if (text_.size() > kMaxBytes) return refuse("this unit is longer than {} bytes", kMaxBytes);
    skip_space();
    if (at_ == text_.size()) return Unit();
    Parsed unit = product(0);
    if (unit && at_ < text_.size()) return unexpected_here();
    return unit;
  }

 private:
  template <class... Args>
  static std::unexpected<std::string> refuse(fmt::format_string<Args...> form, Args&&... args) {
    return std::unexpected(fmt::format(form, std::forward<Args>(args)...));
  }

  std::unexpected<std::string> unexpected_here() const {
    if (at_ >= text_.size()) return refuse("this unit ends where a name should follow");
    return refuse("`{}` is not expected in a unit here", text_[at_]);
  }

  Parsed product(int depth) {
    Parsed unit = term(depth);
    while (unit) {
      if (take('*')) {
        unit = join(*unit, term(depth), false);
      } else if (take('/')) {
        unit = join(*unit, term(depth), true);
      } else {
        break;
      }
    }
    return unit;
  }

  static Parsed join(const Unit& left, const Parsed& right, bool divided) {
    if (!right) return right;
    return divided ? divide(left, *right) : multiply(left, *right);
  }

  Parsed term(int depth) {
    if (depth > kMaxDepth) return refuse("this unit has too many nested parentheses");
    Parsed unit;
    if (take('(')) {
      unit = product(depth + 1);
      if (unit && !take(')')) return refuse("a parenthesis of this unit is not closed");
    } else {
      unit = named();
    }
    if (!unit || !take('^')) return unit;
    const std::expected<Rational, std::string> raised = exponent();
    if (!raised) return std::unexpected(raised.error());
    return power(*unit, *raised);
  }

  Parsed named() {
    std::string name;
    if (at_ < text_.size() && text_[at_] == '"') {
      if (!quoted(name)) return refuse("a quote of this unit is not closed");
      return look_up(name, true);
    }
    while (at_ < text_.size() &&
           std::string_view("*/()^\"").find(text_[at_]) == std::string_view::npos) {
      const char c = text_[at_++];
      if (!is_space(c)) {
        name += c;
      } else if (!name.empty() && name.back() != ' ') {
        name += ' ';
      }
    }
    if (name.ends_with(' ')) name.pop_back();
    if (name.empty()) return unexpected_here();
    return look_up(name, false);
  }

  bool quoted(std::string& name) {
    for (++at_; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == '"') {
        ++at_;
        skip_space();
        return true;
      }
      if (c == '\\' && at_ + 1 < text_.size()) {
        c = text_[++at_];
        if (c == 'n') c = '\n';
      }
      name += c;
    }
    return false;
  }

  Parsed look_up(const std::string& name, bool exact) {
    if (auto unit = table_.find(name)) return *unit;
    const std::string folded = lower(name);
    if (!exact && holds(kDimensionless, folded)) return Unit();
    if (!exact && holds(kWords, folded)) {
      if (auto unit = table_.find(folded)) return *unit;
    }
    const bool number = name[0] >= '0' && name[0] <= '9';
    if (!exact && number) return refuse("a unit holds no numbers other than 1, so not `{}`", name);
    if (declare_) return declare_->declare_base(name);
    return refuse("no unit is called `{}`", name);
  }

  std::expected<Rational, std::string> exponent() {
    const bool parenthesis = take('(');
    const bool negative = take('-');
    const std::optional<int> top = whole();
    std::optional<int> bottom = 1;
    if (parenthesis && take('/')) bottom = whole();
    if (!top || !bottom || (parenthesis && !take(')'))) {
      return refuse("an exponent of this unit is not a whole number or a fraction such as (1/2)");
    }
    const std::optional<Rational> made = Rational::make(negative ? -*top : *top, *bottom);
    if (!made) return refuse("an exponent of this unit is too large");
    return *made;
  }

  std::optional<int> whole() {
    std::optional<int> value;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      value = std::min(value.value_or(0) * 10 + (text_[at_] - '0'), 100'000'000);
    }
    skip_space();
    return value;
  }

  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    skip_space();
    return true;
  }

  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }

  std::string_view text_;
  const UnitTable& table_;
  UnitTable* declare_;
  size_t at_ = 0;
};

bool is_plain(const std::string& name) {
  auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
  };
  auto rest = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '.'; };
  if (name == "%") return true;
  return !name.empty() && letter(name[0]) && std::ranges::all_of(name, rest);
}

// `m^2`, `USD`, `person^(1/2)`
std::string spell(const Factor& factor) {
  const std::string name = written(factor.unit->name);
  const int32_t top = std::abs(factor.exponent.numerator);
  if (!factor.exponent.is_whole()) {
    return fmt::format("{}^({}/{})", name, top, factor.exponent.denominator);
  }
  return top == 1 ? name : fmt::format("{}^{}", name, top);
}

}  // namespace

std::string written(const std::string& name) {
  if (is_plain(name)) return name;
  std::string quoted(1, '"');
  for (char c : name) {
    if (c == '"' || c == '\\' || c == '\n') quoted += '\\';
    quoted += c == '\n' ? 'n' : c;
  }
  quoted += '"';
  return quoted;
}

std::string Unit::text() const {
  if (!product_) return "1";
  std::string above;
  std::string below;
  int divisors = 0;
  for (const Factor& factor : product_->factors) {
    const bool divided = factor.exponent.numerator < 0;
    std::string& side = divided ? below : above;
    if (!side.empty()) side += '*';
    side += spell(factor);
    divisors += divided;
  }
  if (above.empty()) above += '1';
  if (divisors == 0) return above;
  return divisors > 1 ? fmt::format("{}/({})", above, below) : fmt::format("{}/{}", above, below);
}

std::expected<Unit, std::string> parse_unit_text(std::string_view text, const UnitTable& table) {
  return Parser(text, table, nullptr).parse();
}

std::expected<Unit, std::string> parse_unit_text(std::string_view text, UnitTable& table,
                                                 UnknownNames unknown) {
  return Parser(text, table, unknown == UnknownNames::kDeclare ? &table : nullptr).parse();
}

}  // namespace headrace::units
