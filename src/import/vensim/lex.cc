#include "import/vensim/lex.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "import/names.h"
#include "text/utf8.h"

namespace headrace::import::vensim {
namespace {

using text::Kind;

constexpr std::string_view kKeywords[] = {
    "AND",          "OR",          "NOT",           "NA",
    "EXCEPT",       "INTERPOLATE", "RAW",           "HOLD BACKWARD",
    "LOOK FORWARD", "IMPLIES",     "THE CONDITION", "TEST INPUT",
    "IS",           "SUP",         "CROSSING",      "AT LEAST ONCE"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// What may stand in a name without quotes: all that means nothing else.
bool is_name_char(char c) {
  return !is_blank(c) && static_cast<unsigned char>(c) > 0x20 && c != 0x7F &&
         std::string_view("+-*/^()[],;<>=:!~|\"{}\\").find(c) == std::string_view::npos;
}

class Lexer {
 public:
  Lexer(const text::SourceSet& sources, text::Span span, text::Diagnostics& diagnostics)
      : text_(std::string_view(sources[span.source].text).substr(0, span.end)),
        at_(span.begin),
        source_(span.source),
        diagnostics_(diagnostics) {}

  std::vector<Token> run() {
    for (skip(); at_ < text_.size(); skip()) {
      begin_ = at_;
      next();
    }
    begin_ = at_;
    push({Token::Kind::kEnd, {}, 0, false, {}});
    return std::move(tokens_);
  }

 private:
  bool continues(size_t at) const {  // a backslash, blanks and the end of the line
    if (text_[at] != '\\') return false;
    size_t end = at + 1;
    while (end < text_.size() && (text_[end] == ' ' || text_[end] == '\t')) ++end;
    return end >= text_.size() || text_[end] == '\n' || text_[end] == '\r';
  }

  void skip() { at_ = after_blanks(at_); }

  size_t after_blanks(size_t at) const {
    int depth = 0;
    for (; at < text_.size(); ++at) {
      const char c = text_[at];
      if (c == '{') ++depth;
      const bool inside = depth > 0;
      if (c == '}' && depth > 0) --depth;
      if (!inside && !is_blank(c) && !continues(at)) break;
    }
    return at;
  }

  void push(Token token) {
    token.span = {source_, static_cast<uint32_t>(begin_), static_cast<uint32_t>(at_)};
    if (token.kind == Token::Kind::kName && token.text.size() > kLongestName)
      diagnostics_.error(Kind::kTooLarge, token.span,
                         fmt::format("this name has more than {} bytes", kLongestName));
    tokens_.push_back(std::move(token));
  }

  void next() {
    const char c = text_[at_];
    if (c == '"') return quoted_name();
    if (c == '\'') return string();
    if (c == ':' && keyword()) return;
    if (is_digit(c) || (c == '.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1]))) {
      if (number()) return;
    }
    if (is_name_char(c)) return name();
    symbol();
  }

  void symbol() {
    for (const std::string_view symbol : {"<->", "<=", ">=", "<>", ":=", "==", "->"}) {
      if (text_.substr(at_, symbol.size()) != symbol) continue;
      at_ += symbol.size();
      return push({Token::Kind::kSymbol, std::string(symbol), 0, false, {}});
    }
    const text::Decoded step = text::decode(text_, at_);
    at_ += step.length;
    const std::string word(text_.substr(begin_, step.length));
    if (std::string_view("+-*/^()[],;<>=:!").find(word) == std::string_view::npos) {
      diagnostics_.error(
          Kind::kBadCharacter, {source_, static_cast<uint32_t>(begin_), static_cast<uint32_t>(at_)},
          fmt::format("`{}` does not belong into an equation", text::printable(word)));
      return;
    }
    push({Token::Kind::kSymbol, word, 0, false, {}});
  }

  bool keyword() {
    const size_t end = text_.find(':', at_ + 1);
    if (end == std::string_view::npos || end - at_ > 40) return false;
    const std::string word = display(text_.substr(at_ + 1, end - at_ - 1));
    const auto* const found = std::ranges::find_if(
        kKeywords, [&](std::string_view keyword) { return same_word(keyword, word); });
    if (found == std::end(kKeywords)) return false;
    at_ = end + 1;
    push({Token::Kind::kKeyword, std::string(*found), 0, false, {}});
    return true;
  }

  void quoted_name() {
    std::string name;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (continues(at_)) {
        name += ' ';
        while (at_ + 1 < text_.size() && is_blank(text_[at_ + 1])) ++at_;
        continue;
      }
      if (text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] == '"') ++at_;
      const char c = text_[at_];
      name += (c >= 0 && c < ' ') || c == 0x7F ? ' ' : c;  // no control characters in names
    }
    if (at_ >= text_.size())
      diagnostics_.error(Kind::kUnclosedString,
                         {source_, static_cast<uint32_t>(begin_), static_cast<uint32_t>(at_)},
                         "the quotes of this name do not close");
    else
      ++at_;
    push({Token::Kind::kName, std::move(name), 0, true, {}});
  }

  void string() {
    const size_t end = text_.find('\'', at_ + 1);
    const bool open = end == std::string_view::npos;
    std::string word(text_.substr(at_ + 1, open ? end : end - at_ - 1));
    at_ = open ? text_.size() : end + 1;
    if (open)
      diagnostics_.error(Kind::kUnclosedString,
                         {source_, static_cast<uint32_t>(begin_), static_cast<uint32_t>(at_)},
                         "the quotes of this text do not close");
    push({Token::Kind::kString, std::move(word), 0, false, {}});
  }

  // A number, unless letters follow at once, as in `2nd stage`.
  bool number() {
    double value = 0;
    const auto [end, failure] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (failure == std::errc::invalid_argument) return false;
    const size_t after = static_cast<size_t>(end - text_.data());
    if (after < text_.size() && is_name_char(text_[after]) && !is_digit(text_[after]) &&
        text_[after] != '.')
      return false;
    at_ = after;
    if (failure == std::errc::result_out_of_range || !std::isfinite(value)) {
      diagnostics_.error(Kind::kBadNumber,
                         {source_, static_cast<uint32_t>(begin_), static_cast<uint32_t>(at_)},
                         "this number is too large or too small");
      value = 0;
    }
    push({Token::Kind::kNumber, {}, value, false, {}});
    return true;
  }

  // Letters, digits, blanks and apostrophes: `demand at 'high development'`.
  void name() {
    std::string name;
    for (;;) {
      while (at_ < text_.size() && is_name_char(text_[at_])) name += text_[at_++];
      const size_t next = after_blanks(at_);
      if (next == at_ || next >= text_.size() || !is_name_char(text_[next])) break;
      name += ' ';
      at_ = next;
    }
    push({Token::Kind::kName, std::move(name), 0, false, {}});
  }

  std::string_view text_;
  size_t at_, begin_ = 0;
  text::SourceId source_;
  text::Diagnostics& diagnostics_;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> lex(const text::SourceSet& sources, text::Span span,
                       text::Diagnostics& diagnostics) {
  return Lexer(sources, span, diagnostics).run();
}

}  // namespace headrace::import::vensim
