#include "import/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "import/names.h"
#include "text/utf8.h"

namespace headrace::import {

using text::Span;

namespace {

constexpr size_t kLongest = 1000;
constexpr int kDeepest = 20;
constexpr int kHighestPower = 20;

// Words for one, and the words of time in any case.
bool is_word_for_one(const std::string& word) {
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
  return name == "%";
}

class UnitReader {
 public:
  UnitReader(Units& units, std::string_view text, Span span)
      : units_(units), text_(text), span_(span) {
    result_.span = span;
  }

  std::optional<syntax::UnitExpr> read() {
    // `/year` is one per year.
    if (text_.size() > kLongest || !product(take('/') ? -1 : 1, 0)) return std::nullopt;
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
    const bool below = take_per();  // `per year`
    if (depth > kDeepest || !factor(below ? -sign : sign, depth)) return false;
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
    const bool inside = take('(');
    const bool minus = take('-');
    skip();
    int power = 0;
    const size_t digits = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9' && power < 100)
      power = power * 10 + (text_[at_++] - '0');
    if (digits == at_ || power > kHighestPower || (inside && !take(')'))) return false;
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
    if (units_.is_one(key)) return true;
    if (const auto value = number(name)) {
      if (!(*value > 0)) return false;
      result_.factor *= sign > 0 ? *value : 1 / *value;
      return true;
    }
    result_.terms.push_back({{units_.name_of(name, span_), span_}, sign});
    return result_.terms.size() < 100;
  }

  static std::optional<double> number(const std::string& word) {
    double value = 0;
    const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (failure != std::errc() || end != word.data() + word.size() || !std::isfinite(value))
      return std::nullopt;
    return value;
  }

  Units& units_;
  std::string_view text_;
  Span span_;
  size_t at_ = 0;
  syntax::UnitExpr result_;
};

}  // namespace

bool Units::is_one(const std::string& word) const {
  return is_word_for_one(word) || ones_.contains(word);
}

std::string Units::name_of(const std::string& word, Span span) {
  const std::string key = canonical(word);
  if (const auto known = known_.find(key); known != known_.end()) return known->second;
  if (const auto time = time_word(key)) return *time;
  if (is_built_in(word)) return word;
  if (key == "people" || key == "persons" || key == "person") return "person";
  // `time` is the clock's own word.
  const std::string own = key == "time" ? "time unit" : word;
  known_.emplace(key, own);
  const syntax::UnitDecl decl{{{own, span}}, {}};
  tree_.top_level.push_back(tree_.add(syntax::Statement{decl, {}, span}));
  return own;
}

std::optional<syntax::UnitExpr> Units::read(const std::string& text, Span span) {
  const auto unit = read_definition(text, span);
  if (unit && unit->factor != 1) return sized(display(trimmed(text)), *unit, span);
  return unit;
}

std::optional<syntax::UnitExpr> Units::read_definition(const std::string& text, Span span) {
  const std::string word = trimmed(text);
  if (word.empty()) return std::nullopt;
  auto unit = UnitReader(*this, word, span).read();
  if (!unit)
    diagnostics_.warning(text::Kind::kUnknownUnit, span,
                         fmt::format("`{}` is read as no unit",
                                     text::printable(std::string_view(word).substr(0, 80))));
  return unit;
}

// `1000 * ton`: a unit of that name, for a declaration holds no numbers.
syntax::UnitExpr Units::sized(const std::string& name, const syntax::UnitExpr& size, Span span) {
  syntax::UnitExpr unit;
  unit.span = span;
  unit.terms.push_back({{name, span}, 1});
  const auto [at, fresh] = known_.emplace(canonical(name), name);
  if (fresh) {
    const syntax::UnitDecl decl{{{name, span}}, size};
    tree_.top_level.push_back(tree_.add(syntax::Statement{decl, {}, span}));
  }
  unit.terms[0].name.text = at->second;
  return unit;
}

std::optional<syntax::Name> Units::read_single(const std::string& text, Span span) {
  const auto unit = read(text, span);
  if (!unit || unit->terms.size() != 1 || unit->terms[0].exponent != 1 || unit->factor != 1)
    return std::nullopt;
  return unit->terms[0].name;
}

void Units::declare(const std::string& name, const std::string& definition,
                    const std::vector<std::string>& aliases) {
  const std::string key = canonical(name);
  if (key.empty() || known_.contains(key)) return;
  const auto means_one = [&](const std::string& word) { return is_one(canonical(word)); };
  if (definition.empty() && (means_one(name) || std::ranges::any_of(aliases, means_one))) {
    ones_.insert(key);
    for (const std::string& alias : aliases) ones_.insert(canonical(alias));
    return;
  }
  std::string own = display(name);
  if (const auto time = time_word(key)) {
    own = *time;
  } else if (!is_built_in(own)) {
    syntax::UnitDecl decl{{{own, {}}}, {}};
    if (!definition.empty()) decl.definition = read_definition(definition, {});
    tree_.top_level.push_back(tree_.add(syntax::Statement{std::move(decl), {}, {}}));
  }
  known_.emplace(key, own);
  for (const std::string& alias : aliases) known_.emplace(canonical(alias), own);
}

}  // namespace headrace::import
