// Units as XMILE files write them: `Degrees Fahrenheit`, `people/(year*km^2)`, `$ per unit`.
// Names are compared as variables are; those that nobody has declared become base units.

#include <fmt/format.h>

#include <cmath>

#include "import/xmile/names.h"
#include "import/xmile/translation.h"
#include "text/utf8.h"

namespace headrace::import::xmile {
namespace {

constexpr size_t kLongest = 1000;
constexpr int kDeepest = 20;
constexpr int kHighestPower = 20;

// Words for one, and the words of time in any case.
bool is_one(const std::string& word) {
  for (const char* one : {"1", "dmnl", "dimensionless", "unitless", "none", "no_units"}) {
    if (word == one) return true;
  }
  return false;
}

std::optional<std::string> time_word(const std::string& word) {
  for (const char* name : {"year", "quarter", "month", "week", "day", "hour", "minute", "second"}) {
    if (word == name) return name;
    if (word == std::string(name) + "s") return std::string(name) + "s";
  }
  return std::nullopt;
}

bool is_built_in(const std::string& name) {
#define BASE(unit) \
  if (name == #unit) return true;
#define DERIVED(unit, ...) BASE(unit)
#define SYNONYM(unit, of) BASE(unit)
#include "units/builtin.def"
#undef BASE
#undef DERIVED
#undef SYNONYM
  return false;
}

class UnitReader {
 public:
  UnitReader(Translation& t, std::string_view text, Span span) : t_(t), text_(text), span_(span) {
    result_.span = span;
  }

  std::optional<syntax::UnitExpr> read() {
    if (text_.size() > kLongest || !product(1, 0)) return std::nullopt;
    skip();
    if (at_ < text_.size()) return std::nullopt;
    std::erase_if(result_.terms, [](const auto& term) { return term.exponent == 0; });
    return result_;
  }

 private:
  void skip() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  bool take(char c) {
    skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take_per() {
    skip();
    if (!same_word(text_.substr(at_, 4), "per ")) return false;
    at_ += 4;
    return true;
  }

  bool product(int sign, int depth) {
    if (depth > kDeepest || !factor(sign, depth)) return false;
    for (;;) {
      if (take('/') || take_per()) {
        if (!factor(-sign, depth)) return false;
      } else if (take('*') || take('-')) {
        if (!factor(sign, depth)) return false;
      } else {
        return true;
      }
    }
  }

  bool factor(int sign, int depth) {
    const size_t first = result_.terms.size();
    if (take('(')) {
      if (!product(sign, depth + 1) || !take(')')) return false;
    } else if (!word(sign)) {
      return false;
    }
    if (!take('^')) return true;
    const bool minus = take('-');
    skip();
    int power = 0;
    const size_t digits = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9' && power < 100)
      power = power * 10 + (text_[at_++] - '0');
    if (digits == at_ || power > kHighestPower) return false;
    for (size_t k = first; k < result_.terms.size(); ++k)
      result_.terms[k].exponent *= minus ? -power : power;
    return true;
  }

  bool word(int sign) {
    skip();
    const size_t begin = at_;
    while (at_ < text_.size() &&
           std::string_view("*/^()\t\n\r").find(text_[at_]) == std::string_view::npos) {
      if (text_[at_] == ' ' && same_word(text_.substr(at_, 5), " per ")) break;
      ++at_;
    }
    const std::string name = display(text_.substr(begin, at_ - begin));
    const std::string key = canonical(name);
    if (key.empty()) return false;
    if (is_one(key)) return true;
    if (const auto value = constant_in({name, span_})) {
      if (!(*value > 0)) return false;
      result_.factor *= sign > 0 ? *value : 1 / *value;
      return true;
    }
    result_.terms.push_back({{unit_name(name), span_}, sign});
    return result_.terms.size() < 100;
  }

  std::string unit_name(const std::string& name) {
    const std::string key = canonical(name);
    if (const auto known = t_.units.find(key); known != t_.units.end()) return known->second;
    if (const auto time = time_word(key)) return *time;
    if (is_built_in(name)) return name;
    if (key == "people" || key == "persons") return "person";
    // `time` is the clock's own word.
    const std::string own = key == "time" ? "time unit" : name;
    t_.units.emplace(key, own);
    t_.add({syntax::UnitDecl{{{own, span_}}, {}}, {}, span_});
    return own;
  }

  Translation& t_;
  std::string_view text_;
  Span span_;
  size_t at_ = 0;
  syntax::UnitExpr result_;
};

}  // namespace

std::optional<syntax::UnitExpr> read_unit(Translation& t, const std::string& text, Span span) {
  const std::string word = trimmed(text);
  if (word.empty()) return std::nullopt;
  auto unit = UnitReader(t, word, span).read();
  if (!unit)
    t.diagnostics.warning(Kind::kUnknownUnit, span,
                          fmt::format("`{}` is read as no unit",
                                      text::printable(std::string_view(word).substr(0, 80))));
  return unit;
}

std::optional<syntax::Name> time_unit(Translation& t, const std::string& text, Span span) {
  const auto unit = read_unit(t, text, span);
  if (!unit || unit->terms.size() != 1 || unit->terms[0].exponent != 1 || unit->factor != 1)
    return std::nullopt;
  return unit->terms[0].name;
}

void declare_units(Translation& t) {
  for (const Unit& unit : t.file.units) {
    const std::string key = canonical(unit.name);
    if (key.empty() || is_one(key) || t.units.contains(key)) continue;
    std::string name = display(unit.name);
    if (const auto time = time_word(key)) {
      name = *time;
    } else if (!is_built_in(name)) {
      syntax::UnitDecl decl{{{name, {}}}, {}};
      if (!unit.equation.empty()) decl.definition = read_unit(t, unit.equation, {});
      t.add({std::move(decl), {}, {}});
    }
    t.units.emplace(key, name);
    for (const std::string& alias : unit.aliases) t.units.emplace(canonical(alias), name);
  }
}

}  // namespace headrace::import::xmile
