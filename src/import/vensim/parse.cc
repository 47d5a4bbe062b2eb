#include "import/vensim/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "import/names.h"
#include "import/vensim/lex.h"

namespace headrace::import::vensim {
namespace {

using text::Kind;
using text::Span;
using T = Token::Kind;
using F = Formula::Kind;

constexpr int kDeepest = 200;
constexpr size_t kMostElements = 1'000'000;  // that the ranges of a model list
constexpr size_t kMostBytes = 32 << 20;      // of the names that numeric ranges make
constexpr size_t kMostNumbers = 1'000'000;
constexpr size_t kMostPoints = 100'000;

class Parser {
 public:
  Parser(const text::SourceSet& sources, Span span, Formulas& formulas, Listed& listed,
         text::Diagnostics& diagnostics)
      : span_(span), formulas_(formulas), listed_(listed), diagnostics_(diagnostics) {
    const size_t before = diagnostics.errors();
    tokens_ = lex(sources, span, diagnostics);
    failed_ = diagnostics.errors() > before;
  }

  std::optional<Equation> equation() {
    if (failed_) return std::nullopt;
    Equation equation;
    equation.span = whole();
    equation.name_span = peek().span;
    equation.name = name("a variable");
    if (take("[")) equation.places = places();
    exceptions(equation);
    while (peek().kind == T::kKeyword && data_keyword(equation)) ++at_;
    definition(equation);
    if (!failed_ && peek().kind != T::kEnd) expected("an operator or the end of the equation");
    if (failed_) return std::nullopt;
    return equation;
  }

  std::optional<Macro> macro_head() {
    if (failed_) return std::nullopt;
    Macro macro;
    macro.span = whole();
    macro.name = name("the name of the macro");
    expect("(");
    if (!peek().is(")") && !peek().is(":")) {
      do macro.inputs.push_back(name("a parameter"));
      while (take(","));
    }
    if (take(":")) {
      do macro.outputs.push_back(name("an output"));
      while (take(","));
    }
    expect(")");
    if (failed_) return std::nullopt;
    return macro;
  }

 private:
  // ------------------------------------------------------------ words

  const Token& peek(size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  bool take(std::string_view symbol) {
    if (failed_ || !peek().is(symbol)) return false;
    ++at_;
    return true;
  }
  bool take_keyword(std::string_view word) {
    if (failed_ || !peek().is_keyword(word)) return false;
    ++at_;
    return true;
  }
  void expect(std::string_view symbol) {
    if (!take(symbol)) expected(fmt::format("`{}`", symbol));
  }
  // `open`: the bracket that waits for its end.
  void expected(std::string_view what, std::optional<Span> open = {}) {
    if (failed_) return;
    const Token& found = peek();
    const Span span = found.span.begin < found.span.end ? found.span : whole();
    auto& told = diagnostics_.error(
        Kind::kSyntax, span,
        fmt::format("expected {}, found {}", what,
                    found.kind == T::kEnd ? std::string("the end of the equation")
                                          : fmt::format("`{}`", spelling(found))));
    if (open) told.labels.push_back({*open, "opened here"});
    told.hint = meant(found, what != "a value" && what != "a number");
    failed_ = true;
  }
  void fail(Kind kind, Span span, std::string message) {
    if (!failed_) diagnostics_.error(kind, span, std::move(message));
    failed_ = true;
  }
  void close(size_t open) {
    if (!take(")")) expected("`)`", tokens_[open].span);
  }
  // What other languages write so.
  static std::string meant(const Token& found, bool behind_value) {
    if (found.is("==")) return "a comparison is written `=`";
    if (found.is("!")) return "different is written `<>`";
    if (found.kind != T::kName) return "";
    const std::string word = canonical(found.text);
    for (const char* sign : {"AND", "OR"}) {
      if (word.starts_with(canonical(sign) + "_"))
        return fmt::format("a condition has `:{}:`", sign);
    }
    if (!behind_value) return "";
    return "a sign is missing before it, or `~ units ~ comment |` that ends an equation";
  }
  static std::string spelling(const Token& token) {
    if (token.kind == T::kNumber) return fmt::format("{}", token.value);
    if (token.kind == T::kKeyword) return ":" + token.text + ":";
    return shown(token.text);
  }
  std::string name(std::string_view what) {
    if (peek().kind != T::kName) {
      expected(what);
      return {};
    }
    return tokens_[at_++].text;
  }
  Span whole() const {  // without blanks around it
    Span span = tokens_.front().span;
    span.end = std::max(span.begin, tokens_[tokens_.size() < 2 ? 0 : tokens_.size() - 2].span.end);
    return span.end > span.begin ? span : span_;
  }
  Span from(size_t first) const {
    Span span = tokens_[first].span;
    if (at_ > first) span.end = tokens_[at_ - 1].span.end;
    return span;
  }

  // ------------------------------------------------------------ the left side

  // place = name ["!"]; elements may be called like numbers
  std::vector<Place> places() {
    std::vector<Place> list;
    do {
      Place place;
      const size_t first = at_;
      if (peek().kind == T::kNumber)
        place.name = fmt::format("{}", tokens_[at_++].value);
      else
        place.name = name("an element or a range");
      place.bang = take("!");
      place.span = from(first);
      list.push_back(std::move(place));
    } while (take(","));
    expect("]");
    return list;
  }

  void exceptions(Equation& equation) {
    if (!take_keyword("EXCEPT")) return;
    do {
      expect("[");
      equation.exceptions.push_back(places());
    } while (take(","));
  }

  bool data_keyword(Equation& equation) {
    using I = Equation::Interpolation;
    const std::string& word = peek().text;
    if (word == "INTERPOLATE") equation.interpolation = I::kLinear;
    if (word == "LOOK FORWARD") equation.interpolation = I::kForward;
    if (word == "HOLD BACKWARD") equation.interpolation = I::kBackward;
    if (word == "RAW") equation.interpolation = I::kRaw;
    return word == "INTERPOLATE" || word == "LOOK FORWARD" || word == "HOLD BACKWARD" ||
           word == "RAW";
  }

  void definition(Equation& equation) {
    if (failed_) return;
    if (peek().kind == T::kEnd) {
      equation.kind = Equation::Kind::kExternal;
    } else if (take("=")) {
      right_side(equation);
    } else if (take("==")) {
      equation.unchangeable = true;
      right_side(equation);
    } else if (take(":=")) {
      equation.data = true;
      right_side(equation);
    } else if (peek().is("(") && peek(1).kind == T::kName) {  // x(GET XLS LOOKUPS(...))
      equation.value = parenthesised();
    } else if (peek().is("(")) {
      equation.kind = Equation::Kind::kLookup;
      equation.points = lookup_points();
    } else if (take("<->")) {
      equation.kind = Equation::Kind::kAlias;
      equation.items.push_back(name("a range"));
    } else if (take(":")) {
      range(equation);
    } else if (take_keyword("IS")) {
      equation.kind = Equation::Kind::kString;
      if (peek().kind == T::kString) equation.items.push_back(tokens_[at_++].text);
    } else if (take_keyword("THE CONDITION")) {
      condition(equation);
    } else if (take_keyword("TEST INPUT")) {
      equation.kind = Equation::Kind::kTestInput;
      at_ = tokens_.size() - 1;
    } else {
      expected("`=`");
    }
  }

  void condition(Equation& equation) {
    equation.kind = Equation::Kind::kCondition;
    for (size_t k = at_; k < tokens_.size(); ++k) {
      if (!beyond_a_step(k)) continue;
      at_ = tokens_.size() - 1;
      return;
    }
    equation.value = expression(0);
    if (take_keyword("IMPLIES")) equation.implied = expression(0);
  }

  // Words of a check that asks about a whole run (`:CROSSING:`), and `*` in place of a value.
  bool beyond_a_step(size_t k) const {
    const Token& token = tokens_[k];
    if (token.kind == T::kKeyword) {
      for (const char* plain : {"IMPLIES", "AND", "OR", "NOT", "NA"}) {
        if (token.is_keyword(plain)) return false;
      }
      return true;
    }
    if (!token.is("*")) return false;
    const Token& before = tokens_[k - 1];
    return before.kind == T::kKeyword ||
           (before.kind == T::kSymbol && !before.is(")") && !before.is("]"));
  }

  // ------------------------------------------------------------ ranges

  // range = name ":" item ("," item)* ["->" mapping ("," mapping)*]; item = name | "(" a1-a9 ")"
  void range(Equation& equation) {
    equation.kind = Equation::Kind::kRange;
    if (peek().kind == T::kName && peek(1).is("(")) {  // GET XLS SUBSCRIPT(...)
      equation.value = expression(0);
    } else {
      do {
        if (take("("))
          numeric_range(equation.items);
        else
          equation.items.push_back(listed_element());
      } while (!failed_ && take(","));
    }
    if (!take("->")) return;
    do equation.mappings.push_back(mapping());
    while (take(","));
  }

  std::string item() {
    if (peek().kind == T::kNumber) return fmt::format("{}", tokens_[at_++].value);
    return name("an element");
  }

  std::string listed_element() {
    const size_t first = at_;
    std::string element = item();
    count_elements(1, first);
    return element;
  }

  void count_elements(size_t more, size_t first) {
    listed_.elements += more;
    if (listed_.elements > kMostElements)
      fail(Kind::kTooLarge, from(first),
           fmt::format("ranges list at most {} elements in all", kMostElements));
  }

  // "a1-a9": one prefix, two numbers
  void numeric_range(std::vector<std::string>& items) {
    const size_t first = at_;
    const std::string low = item();
    expect("-");
    const std::string high = item();
    expect(")");
    if (failed_) return;
    const auto split = [](const std::string& word) {
      size_t digits = word.size();
      while (digits > 0 && word[digits - 1] >= '0' && word[digits - 1] <= '9') --digits;
      return digits;
    };
    const size_t a = split(low), b = split(high);
    long from_number = 0, to_number = -1;
    const auto number = [](const std::string& word, size_t at, long& value) {
      const auto [end, failure] =
          std::from_chars(word.data() + at, word.data() + word.size(), value);
      return failure == std::errc() && end == word.data() + word.size();
    };
    const bool fine = number(low, a, from_number) && number(high, b, to_number) &&
                      canonical(low.substr(0, a)) == canonical(high.substr(0, b)) &&
                      from_number <= to_number;
    if (!fine)
      return fail(Kind::kSyntax, from(first),
                  "a numeric range is two names that differ in the number at their end");
    const auto more = static_cast<size_t>(to_number - from_number);  // than one
    count_elements(std::min(more, kMostElements) + 1, first);
    listed_.bytes += std::min(more, kMostElements) * high.size();
    if (listed_.bytes > kMostBytes)
      fail(Kind::kTooLarge, from(first),
           fmt::format("the names of numeric ranges have at most {} MiB in all", kMostBytes >> 20));
    for (size_t k = 0; k <= more && !failed_; ++k)
      items.push_back(fmt::format("{}{}", low.substr(0, a), from_number + static_cast<long>(k)));
  }

  // mapping = name | "(" name ":" item ("," item)* ")"
  Mapping mapping() {
    Mapping mapping;
    const size_t first = at_;
    if (take("(")) {
      mapping.target = name("a range");
      expect(":");
      do {
        std::vector<std::string> items;
        if (take("("))
          numeric_range(items);
        else
          items.push_back(item());
        const bool spread = items.size() > 1;
        for (std::string& one : items) {
          if (spread) mapping.items.push_back({one});
        }
        if (!spread) mapping.items.push_back(std::move(items));
      } while (take(","));
      expect(")");
    } else {
      mapping.target = name("a range");
    }
    mapping.span = from(first);
    return mapping;
  }

  // ------------------------------------------------------------ lookups

  double signed_number() {
    bool minus = false;
    while (peek().is("-") || peek().is("+")) minus ^= tokens_[at_++].is("-");
    if (peek().kind != T::kNumber) {
      expected("a number");
      return 0;
    }
    const double value = tokens_[at_++].value;
    return minus ? -value : value;
  }

  std::pair<double, double> point() {
    expect("(");
    const double x = signed_number();
    expect(",");
    const double y = signed_number();
    expect(")");
    return {x, y};
  }

  // "(" ["[" point "-" point ("," point)* "]" ","] point ("," point)* ")"; also x1, x2, y1, y2
  Points lookup_points() {
    Points points;
    expect("(");
    if (take("[")) {
      while (!failed_ && peek().kind != T::kEnd && !peek().is("]")) ++at_;
      expect("]");
      take(",");
    }
    if (peek().is("(")) {
      do points.push_back(point());
      while (!failed_ && take(",") && points.size() <= kMostPoints);
    } else if (!peek().is(")")) {
      std::vector<double> numbers;
      do numbers.push_back(signed_number());
      while (!failed_ && take(",") && numbers.size() <= 2 * kMostPoints);
      if (numbers.size() % 2) fail(Kind::kBadTable, whole(), "the points want as many x as y");
      for (size_t k = 0; k < numbers.size() / 2; ++k)
        points.emplace_back(numbers[k], numbers[k + numbers.size() / 2]);
    }
    if (points.size() > kMostPoints)
      fail(Kind::kTooLarge, whole(), fmt::format("a lookup has at most {} points", kMostPoints));
    expect(")");
    return points;
  }

  // ------------------------------------------------------------ the right side

  void right_side(Equation& equation) {
    if (peek().kind == T::kName && canonical(peek().text) == "tabbed_array" && peek(1).is("("))
      return tabbed_array(equation);
    if (peek().kind == T::kEnd) {  // `x =`: nobody has written it yet
      equation.value = formulas_.add(word("???", whole()));
      return;
    }
    equation.value = expression(0);
    if (failed_ || (!peek().is(",") && !peek().is(";"))) return;
    equation.kind = Equation::Kind::kNumbers;
    equation.numbers.push_back(number_of(equation.value));
    while (!failed_ && (take(",") || take(";"))) {
      if (peek().kind == T::kEnd) break;
      if (peek().is(";")) continue;
      equation.numbers.push_back(number_of(expression(0)));
      check_count(equation);
    }
  }

  void check_count(const Equation& equation) {
    if (equation.numbers.size() > kMostNumbers)
      fail(Kind::kTooLarge, whole(),
           fmt::format("an equation has at most {} numbers", kMostNumbers));
  }

  static Formula word(std::string text, Span span) {
    Formula formula;
    formula.kind = F::kName;
    formula.text = std::move(text);
    formula.span = span;
    return formula;
  }

  double number_of(FormulaId id) {
    if (failed_) return 0;
    const Formula& formula = formulas_[id];
    if (formula.kind == F::kNumber) return formula.value;
    if (formula.kind == F::kMissing) return -649037107316853453566312041152512.0;
    if (formula.kind == F::kUnary && formula.text != "NOT") {
      const double value = number_of(formula.children[0]);
      return formula.text == "-" ? -value : value;
    }
    fail(Kind::kSyntax, formula.span, "a list of constants holds numbers only");
    return 0;
  }

  void tabbed_array(Equation& equation) {
    equation.kind = Equation::Kind::kNumbers;
    at_ += 2;
    while (!failed_ && !peek().is(")") && peek().kind != T::kEnd) {
      take(",");
      equation.numbers.push_back(signed_number());
      check_count(equation);
    }
    expect(")");
  }

  // ------------------------------------------------------------ expressions

  FormulaId bad() { return formulas_.add({}); }

  FormulaId combine(F kind, std::string text, std::vector<FormulaId> children, size_t first) {
    Formula formula;
    formula.kind = kind;
    formula.text = std::move(text);
    for (const FormulaId child : children)
      formula.height = std::max(formula.height, formulas_[child].height + 1);
    formula.children = std::move(children);
    formula.span = from(first);
    if (formula.height > kHighest)
      fail(Kind::kTooDeep, formula.span,
           fmt::format("the equation has more than {} operations within each other", kHighest));
    return formulas_.add(std::move(formula));
  }

  // What binds at this level; nothing when the next word does not.
  std::optional<std::string> operator_at(int level) const {
    const Token& token = peek();
    if (token.kind == T::kKeyword) {
      if ((level == 0 && token.text == "OR") || (level == 1 && token.text == "AND"))
        return token.text;
      return std::nullopt;
    }
    if (token.kind != T::kSymbol) return std::nullopt;
    const auto among = [&](std::initializer_list<std::string_view> words) {
      return std::ranges::find(words, token.text) != words.end();
    };
    if (level == 3 && among({"<", "<=", ">", ">=", "=", "<>"})) return token.text;
    if (level == 4 && among({"+", "-"})) return token.text;
    if (level == 5 && among({"*", "/"})) return token.text;
    return std::nullopt;
  }

  // Levels: 0 :OR:, 1 :AND:, 2 :NOT:, 3 comparison, 4 sum, 5 product, 6 sign, 7 power.
  FormulaId expression(int level) {
    if (level == 0 && ++depth_ > kDeepest)
      fail(Kind::kTooDeep, peek().span,
           fmt::format("the equation nests more than {} deep", kDeepest));
    if (failed_) return bad();
    const FormulaId result = level == 2   ? negation()
                             : level == 6 ? sign()
                             : level == 7 ? power()
                                          : chain(level);
    if (level == 0) --depth_;
    return result;
  }

  FormulaId chain(int level) {
    const size_t first = at_;
    FormulaId left = expression(level + 1);
    while (!failed_) {
      const auto op = operator_at(level);
      if (!op) break;
      ++at_;
      left = combine(F::kBinary, *op, {left, expression(level + 1)}, first);
    }
    return left;
  }

  FormulaId negation() {
    const size_t first = at_;
    size_t count = 0;
    while (take_keyword("NOT")) ++count;
    FormulaId inner = expression(3);
    for (size_t k = 0; k < std::min<size_t>(count, 2 + count % 2); ++k)
      inner = combine(F::kUnary, "NOT", {inner}, first);
    return inner;
  }

  FormulaId sign() {
    const size_t first = at_;
    bool minus = false;
    while (peek().is("-") || peek().is("+")) minus ^= tokens_[at_++].is("-");
    // `a * :NOT: b` is read, too.
    if (peek().is_keyword("NOT")) return nested([&] { return negation(); });
    const FormulaId inner = expression(7);
    return minus ? combine(F::kUnary, "-", {inner}, first) : inner;
  }

  template <class Read>
  FormulaId nested(Read&& read) {
    if (++depth_ > kDeepest) {
      fail(Kind::kTooDeep, peek().span,
           fmt::format("the equation nests more than {} deep", kDeepest));
      return bad();
    }
    const FormulaId result = read();
    --depth_;
    return result;
  }

  FormulaId power() {
    const size_t first = at_;
    const FormulaId base = primary();
    if (!take("^")) return base;
    const FormulaId exponent = nested([&] { return expression(6); });
    return combine(F::kBinary, "^", {base, exponent}, first);
  }

  FormulaId primary() {
    const Token& token = peek();
    const size_t first = at_;
    Formula formula;
    switch (token.kind) {
      case T::kNumber:
        formula.kind = F::kNumber;
        formula.value = token.value;
        break;
      case T::kString:
        formula.kind = F::kString;
        formula.text = token.text;
        break;
      case T::kKeyword:
        if (!token.is_keyword("NA")) return unexpected();
        formula.kind = F::kMissing;
        break;
      case T::kName:
        return name_or_call();
      case T::kSymbol:
        if (!token.is("(")) return unexpected();
        return parenthesised();
      case T::kEnd:
        return unexpected();
    }
    ++at_;
    formula.span = from(first);
    return formulas_.add(std::move(formula));
  }

  FormulaId unexpected() {
    expected("a value");
    return bad();
  }

  // Points of a lookup begin like an expression in parentheses.
  FormulaId parenthesised() {
    const size_t first = at_;
    const bool points = peek(1).is("[") || is_point(1) || is_listed(1);
    if (points) {
      Formula formula;
      formula.kind = F::kPoints;
      formula.points = lookup_points();
      formula.span = from(first);
      return formulas_.add(std::move(formula));
    }
    ++at_;
    const FormulaId inner = expression(0);
    close(first);
    return inner;
  }

  bool is_point(size_t ahead) const {  // "(" number ","
    return peek(ahead).is("(") && is_listed(ahead + 1);
  }

  bool is_listed(size_t ahead) const {  // number ","
    for (; peek(ahead).is("-") || peek(ahead).is("+");) ++ahead;
    return peek(ahead).kind == T::kNumber && peek(ahead + 1).is(",");
  }

  FormulaId name_or_call() {
    const size_t first = at_;
    Formula formula;
    formula.kind = F::kName;
    formula.quoted = peek().quoted;
    formula.text = tokens_[at_++].text;
    if (take("[")) {
      formula.places = places();
    } else if (peek().is("!")) {  // a range's place as a number: SUM(IF THEN ELSE(Range! = 2, ...
      ++at_;
      formula.places.push_back({formula.text, true, from(first)});
    }
    if (take("(")) {
      formula.kind = F::kCall;
      arguments(formula);
    }
    formula.span = from(first);
    if (formula.height > kHighest)
      fail(Kind::kTooDeep, formula.span,
           fmt::format("the equation has more than {} operations within each other", kHighest));
    return formulas_.add(std::move(formula));
  }

  void arguments(Formula& formula) {
    const auto list = [&](std::vector<FormulaId>& to) {
      do {
        if (peek().is(",") || peek().is(")")) {  // an argument that is left out
          Formula nothing;
          nothing.span = peek().span;
          to.push_back(formulas_.add(std::move(nothing)));
          continue;
        }
        to.push_back(expression(0));
        formula.height = std::max(formula.height, formulas_[to.back()].height + 1);
      } while (!failed_ && take(","));
    };
    const size_t open = at_ - 1;
    if (!peek().is(")") && !peek().is(":")) list(formula.children);
    if (take(":")) list(formula.outputs);
    close(open);
  }

  Span span_;
  Formulas& formulas_;
  Listed& listed_;
  text::Diagnostics& diagnostics_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
  bool failed_ = false;
};

}  // namespace

std::optional<Equation> parse_equation(const text::SourceSet& sources, Span span,
                                       Formulas& formulas, Listed& listed,
                                       text::Diagnostics& diagnostics) {
  return Parser(sources, span, formulas, listed, diagnostics).equation();
}

std::optional<Macro> parse_macro_head(const text::SourceSet& sources, Span span,
                                      text::Diagnostics& diagnostics) {
  Formulas formulas;
  Listed listed;
  return Parser(sources, span, formulas, listed, diagnostics).macro_head();
}

}  // namespace headrace::import::vensim
