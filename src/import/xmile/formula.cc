#include "import/xmile/formula.h"

#include <fmt/format.h>

#include <charconv>

#include "import/names.h"
#include "text/utf8.h"

namespace headrace::import::xmile {
namespace {

using K = Formula::Kind;
using text::Kind;

constexpr int kDeepest = 200;
constexpr size_t kMostNodes = 4'000'000;

struct Token {
  // kOutside: a number that no double is near to
  enum class Kind { kEnd, kNumber, kOutside, kWord, kQuoted, kSign, kUnfilled, kBad };
  Kind kind = Kind::kEnd;
  std::string text;  // words as written, signs as spelled
  double value = 0;
  size_t begin = 0, end = 0;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_keyword(std::string_view word) {
  for (const char* keyword : {"if", "then", "else", "and", "or", "not", "mod"}) {
    if (same_word(word, keyword)) return true;
  }
  return false;
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Token next() {
    skip();
    Token token;
    token.begin = at_;
    if (at_ >= text_.size()) {
      token.end = at_;
      return token;
    }
    const char c = text_[at_];
    if (is_digit(c) || (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1])))
      number(token);
    else if (c == '"')
      quoted(token);
    else if (is_word_start(c) || (c == '.' && at_ + 1 < text_.size() && starts_name(at_ + 1)))
      word(token);
    else if (c == ':' && word_of_vensim(token))
      ;  // read
    else if (text_.substr(at_, 3) == "???" || c == '?')
      unfilled(token);
    else
      sign(token);
    token.end = at_;
    return token;
  }

 private:
  bool starts_name(size_t at) const { return is_word_start(text_[at]) || text_[at] == '"'; }

  bool no_break_space() const { return text_.substr(at_, 2) == "\xC2\xA0"; }

  void skip() {
    int depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '{') {
        ++depth;
      } else if (c == '}' && depth > 0) {
        --depth;
      } else if (depth == 0 && no_break_space()) {
        ++at_;
      } else if (depth == 0 && c != ' ' && c != '\t' && c != '\r' && c != '\n') {
        return;
      }
      ++at_;
    }
  }

  void number(Token& token) {
    const char* first = text_.data() + at_;
    const auto [end, failure] = std::from_chars(first, text_.data() + text_.size(), token.value);
    token.kind = failure == std::errc()                      ? Token::Kind::kNumber
                 : failure == std::errc::result_out_of_range ? Token::Kind::kOutside
                                                             : Token::Kind::kBad;
    token.text.assign(first, end);
    at_ += static_cast<size_t>(end - first);
    if (end == first) ++at_;
  }

  // "any text" with \" \\ and \n; a line break or \n is a space of the name.
  void quoted_part(std::string& out) {
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        ++at_;
        out += text_[at_] == 'n' ? ' ' : text_[at_];
      } else {
        out += text_[at_];
      }
      ++at_;
    }
  }

  void quoted(Token& token) {
    token.kind = Token::Kind::kQuoted;
    quoted_part(token.text);
    if (at_ >= text_.size()) {
      token.kind = Token::Kind::kBad;
      return;
    }
    ++at_;
    if (at_ + 1 < text_.size() && text_[at_] == '.' && starts_name(at_ + 1)) rest(token);
  }

  void word(Token& token) {
    token.kind = Token::Kind::kWord;
    rest(token);
    if (text_.substr(at_, 2) != ".*") return;
    token.kind = Token::Kind::kSign;  // `Dim.*`: a star in the place of that dimension
    token.text = "*";
    at_ += 2;
  }

  // name.name."quoted name"...
  void rest(Token& token) {
    while (at_ < text_.size()) {
      if (no_break_space()) return;
      const char c = text_[at_];
      // `can't_wait`: nothing transposed has a letter right behind it.
      const bool inner = is_word_start(c) || is_digit(c) ||
                         (c == '\'' && at_ + 1 < text_.size() && !token.text.empty() &&
                          (is_word_start(text_[at_ + 1]) || is_digit(text_[at_ + 1])));
      const bool dot =
          c == '.' && at_ + 1 < text_.size() && (starts_name(at_ + 1) || is_digit(text_[at_ + 1]));
      if (c == '"') {
        if (token.text.empty() || token.text.back() != '.') return;
        quoted_part(token.text);
        if (at_ < text_.size()) ++at_;
        continue;
      }
      if (!inner && !dot) return;
      token.text += c;
      ++at_;
    }
  }

  // Vensim's words as its XMILE has them.
  bool word_of_vensim(Token& token) {
    for (const auto& [whole, spelled] :
         {std::pair{":and:", "&&"}, {":or:", "||"}, {":not:", ":not:"}}) {
      const size_t size = std::string_view(whole).size();
      if (!same_word(text_.substr(at_, size), whole)) continue;
      at_ += size;
      token.kind = Token::Kind::kSign;
      token.text = spelled;
      return true;
    }
    return false;
  }

  void unfilled(Token& token) {
    token.kind = Token::Kind::kUnfilled;
    while (at_ < text_.size() && text_[at_] == '?') ++at_;
  }

  void sign(Token& token) {
    token.kind = Token::Kind::kSign;
    for (const char* two : {"<=", ">=", "<>", "==", "!=", "//", "&&", "||"}) {
      if (text_.substr(at_, 2) != two) continue;
      token.text = two;
      at_ += 2;
      return;
    }
    token.text = text_[at_++];
    if (std::string_view("+-*/^()[],:@'=<>!;").find(token.text[0]) == std::string_view::npos)
      token.kind = Token::Kind::kBad;
  }

  std::string_view text_;
  size_t at_ = 0;
};

constexpr std::string_view kVensimsNot = ":not:";
constexpr int kComparisons = 3;

// How tightly binary operators hold, loosest first.
int level_of(const Token& token) {
  if (token.kind == Token::Kind::kWord) {
    if (same_word(token.text, "or")) return 1;
    if (same_word(token.text, "and")) return 2;
    if (same_word(token.text, "mod")) return 6;
    return 0;
  }
  if (token.kind != Token::Kind::kSign) return 0;
  const std::string& t = token.text;
  if (t == "||") return 1;
  if (t == "&&") return 2;
  if (t == "=" || t == "==" || t == "<>" || t == "!=") return 3;
  if (t == "<" || t == "<=" || t == ">" || t == ">=") return 4;
  if (t == "+" || t == "-") return 5;
  if (t == "*" || t == "/" || t == "//") return 6;
  return 0;
}

std::string spelling(const Token& token) {
  if (token.text == "==") return "=";
  if (token.text == "!=") return "<>";
  if (token.text == "&&") return "and";
  if (token.text == "||") return "or";
  return canonical(token.text);
}

class Parser {
 public:
  Parser(const text::SourceSet& sources, const Text& text, Formulas& formulas,
         text::Diagnostics& diagnostics)
      : text_(text),
        places_(sources, text),
        formulas_(formulas),
        diagnostics_(diagnostics),
        lexer_(text.value) {
    advance();
  }

  FormulaId whole() {
    const FormulaId result = expression();
    if (failed_) return bad();
    if (token_.kind != Token::Kind::kEnd) return unexpected("the end of the equation");
    return result;
  }

 private:
  void advance() {
    last_end_ = token_.end;
    token_ = lexer_.next();
  }
  bool is_sign(std::string_view sign) const {
    return token_.kind == Token::Kind::kSign && token_.text == sign;
  }
  bool is_word(std::string_view word) const {
    return token_.kind == Token::Kind::kWord && same_word(token_.text, word);
  }
  bool take_sign(std::string_view sign) {
    if (!is_sign(sign)) return false;
    advance();
    return true;
  }

  FormulaId bad() {
    Formula formula;
    formula.span = text_.span;
    return formulas_.add(std::move(formula));
  }

  FormulaId unexpected(std::string_view wanted) {
    if (!failed_) {
      const std::string found =
          token_.kind == Token::Kind::kEnd
              ? std::string("the equation ends")
              : fmt::format("`{}` stands",
                            text::printable(text_.value.substr(
                                token_.begin, std::min<size_t>(token_.end - token_.begin, 40))));
      diagnostics_
          .error(Kind::kSyntax, span(token_.begin, token_.end),
                 fmt::format("{} where {} belongs", found, wanted))
          .hint = meant(wanted);
    }
    failed_ = true;
    return bad();
  }

  // What other languages write so.
  std::string meant(std::string_view wanted) const {
    const auto first = text_.value.find_first_not_of(" \t\r\n");
    const bool choice = first != std::string::npos &&
                        same_word(std::string_view(text_.value).substr(first, 2), "if");
    if (choice && (is_word("then") || is_sign(",")))
      return "a choice is written `IF condition THEN value ELSE value`";
    const auto is_digit = [&](size_t at) {
      return at < text_.value.size() && text_.value[at] >= '0' && text_.value[at] <= '9';
    };
    if (is_sign(",") && wanted == "the end of the equation" && token_.begin > 0 &&
        is_digit(token_.begin - 1) && is_digit(token_.end))
      return "numbers have a point: `0.5`";
    return "";
  }

  text::Span span(size_t begin, size_t end) const { return places_(begin, std::max(end, begin)); }

  FormulaId make(K kind, size_t begin, std::string text, std::vector<FormulaId> children) {
    Formula formula;
    formula.kind = kind;
    formula.text = std::move(text);
    formula.children = std::move(children);
    formula.span = span(begin, last_end_);
    for (const FormulaId child : formula.children)
      formula.height = std::max(formula.height, formulas_[child].height + 1);
    if (formula.height > kHighest) {
      if (!failed_)
        diagnostics_.error(Kind::kTooDeep, formula.span,
                           fmt::format("an equation has at most {} levels", kHighest));
      failed_ = true;
      return bad();
    }
    return formulas_.add(std::move(formula));
  }

  bool too_deep() {
    if (depth_ < kDeepest && formulas_.nodes.size() < kMostNodes) return false;
    if (!failed_)
      diagnostics_.error(Kind::kTooDeep, span(token_.begin, token_.end),
                         fmt::format("expressions nest at most {} deep", kDeepest));
    failed_ = true;
    return true;
  }

  struct Depth {
    explicit Depth(int& depth) : depth_(depth) { ++depth_; }
    ~Depth() { --depth_; }
    int& depth_;
  };

  FormulaId expression() { return binary(1); }

  FormulaId binary(int level) {
    if (level > 6) return unary();
    if (level == kComparisons && is_sign(kVensimsNot)) return vensims_not();
    const size_t begin = token_.begin;
    FormulaId left = binary(level + 1);
    while (!failed_ && level_of(token_) == level) {
      const std::string op = spelling(token_);
      advance();
      const FormulaId right = binary(level + 1);
      left = make(K::kBinary, begin, op, {left, right});
    }
    return left;
  }

  // Vensim's `:NOT: a < b` is that of the comparison.
  FormulaId vensims_not() {
    const size_t begin = token_.begin;
    const Depth depth(depth_);
    if (too_deep()) return bad();
    advance();
    const FormulaId operand = binary(kComparisons);
    return make(K::kUnary, begin, "not", {operand});
  }

  FormulaId unary() {
    const size_t begin = token_.begin;
    const bool sign = is_sign("-") || is_sign("+");
    if (!sign && !is_word("not") && !is_sign("!")) return power();
    const Depth depth(depth_);
    if (too_deep()) return bad();
    const std::string op = sign ? token_.text : "not";
    advance();
    const FormulaId operand = unary();
    return make(K::kUnary, begin, op, {operand});
  }

  FormulaId power() {
    const size_t begin = token_.begin;
    const FormulaId base = postfix();
    if (!is_sign("^")) return base;
    const Depth depth(depth_);
    if (too_deep()) return bad();
    advance();
    const FormulaId exponent = is_sign("-") || is_sign("+") || is_word("not") ? unary() : power();
    return make(K::kBinary, begin, "^", {base, exponent});
  }

  // Stella takes `IF ready not THEN`, too.
  FormulaId postfix() {
    const size_t begin = token_.begin;
    FormulaId left = primary();
    while (!failed_ && (is_sign("'") || is_word("not"))) {
      const bool negated = is_word("not");
      advance();
      left =
          negated ? make(K::kUnary, begin, "not", {left}) : make(K::kTranspose, begin, "", {left});
    }
    return left;
  }

  std::vector<FormulaId> list(std::string_view close) {
    std::vector<FormulaId> items;
    if (take_sign(close)) return items;
    while (!failed_) {
      items.push_back(close == "]" ? place() : expression());
      if (take_sign(close)) break;
      if (!take_sign(",") && !take_sign(";")) unexpected(fmt::format("`,` or `{}`", close));
    }
    return items;
  }

  // One place between brackets.
  FormulaId place() {
    const size_t begin = token_.begin;
    if (is_sign("*")) {
      advance();
      if (take_sign(":")) return expression();  // `*:Part`, as some write a dimension that runs
      return make(K::kStar, begin, "*", {});
    }
    if (take_sign("@")) {
      const FormulaId number = expression();
      return make(K::kPlace, begin, "@", {number});
    }
    const FormulaId low = expression();
    if (!take_sign(":")) return low;
    const FormulaId high = expression();
    return make(K::kRange, begin, ":", {low, high});
  }

  FormulaId primary() {
    const Depth depth(depth_);
    if (too_deep()) return bad();
    const size_t begin = token_.begin;
    switch (token_.kind) {
      case Token::Kind::kNumber: {
        Formula formula;
        formula.kind = K::kNumber;
        formula.value = token_.value;
        formula.text = token_.text;
        formula.span = span(token_.begin, token_.end);
        advance();
        return formulas_.add(std::move(formula));
      }
      case Token::Kind::kUnfilled:
        advance();
        return make(K::kUnfilled, begin, "???", {});
      case Token::Kind::kQuoted:
        return name();
      case Token::Kind::kWord:
        if (is_word("if")) return choice();
        if (is_keyword(token_.text)) return unexpected("a value");
        return name();
      case Token::Kind::kSign:
        if (take_sign("(")) {
          const FormulaId inner = expression();
          if (!failed_ && !take_sign(")")) return unexpected("`)`");
          return inner;
        }
        return unexpected("a value");
      case Token::Kind::kOutside:
        return outside();
      case Token::Kind::kEnd:
      case Token::Kind::kBad:
        break;
    }
    return unexpected("a value");
  }

  FormulaId outside() {
    if (!failed_)
      diagnostics_.error(Kind::kBadNumber, span(token_.begin, token_.end),
                         "this number is too large or too small");
    failed_ = true;
    return bad();
  }

  FormulaId choice() {
    const size_t begin = token_.begin;
    advance();
    const FormulaId condition = expression();
    if (failed_ || !is_word("then")) return unexpected("`THEN`");
    advance();
    const FormulaId yes = expression();
    if (failed_ || !is_word("else")) return unexpected("`ELSE`");
    advance();
    const FormulaId no = expression();
    return make(K::kIf, begin, "if", {condition, yes, no});
  }

  // Words side by side are one name with spaces in it, as some tools write them.
  FormulaId name() {
    const size_t begin = token_.begin;
    const bool quoted = token_.kind == Token::Kind::kQuoted;
    std::string name = token_.text;
    advance();
    while (!quoted && token_.kind == Token::Kind::kWord && !is_keyword(token_.text)) {
      name += ' ' + token_.text;
      advance();
    }
    FormulaId result;
    if (take_sign("(")) {
      const auto arguments = list(")");
      result = make(K::kCall, begin, name, arguments);
    } else if (take_sign("[")) {
      const auto places = list("]");
      result = make(K::kSubscript, begin, name, places);
      if (!failed_ && take_sign("(")) {
        std::vector<FormulaId> children{result};
        for (const FormulaId argument : list(")")) children.push_back(argument);
        result = make(K::kApply, begin, name, children);
      }
    } else {
      result = make(K::kName, begin, name, {});
    }
    formulas_.nodes[result.index].quoted = quoted;
    return result;
  }

  const Text& text_;
  Places places_;
  Formulas& formulas_;
  text::Diagnostics& diagnostics_;
  Lexer lexer_;
  Token token_;
  size_t last_end_ = 0;
  int depth_ = 0;
  bool failed_ = false;
};

}  // namespace

FormulaId parse(const text::SourceSet& sources, const Text& text, Formulas& formulas,
                text::Diagnostics& diagnostics) {
  return Parser(sources, text, formulas, diagnostics).whole();
}

}  // namespace headrace::import::xmile
