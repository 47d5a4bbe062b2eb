#include "syntax/lex.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <unordered_map>
#include <utility>

#include "text/calendar.h"
#include "text/utf8.h"

namespace headrace::syntax {
namespace {

using text::Kind;
using text::Span;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_char(char c) { return is_letter(c) || is_digit(c); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

class Lexer {
 public:
  Lexer(std::string_view text, text::SourceId source, text::Diagnostics& diagnostics)
      : text_(text), source_(source), diagnostics_(diagnostics) {}

  TokenBuffer run() {
    if (text_.size() > kMaxSourceBytes) {
      diagnostics_.error(Kind::kTooLarge, span(0, 0),
                         fmt::format("this text has more than {} bytes", kMaxSourceBytes));
      text_ = {};
    }
    check_encoding();
    if (text_.starts_with(text::kByteOrderMark)) line_begin_ = pos_ = 3;
    while (next()) {
    }
    buffer_.tokens.push_back({.kind = TokenKind::kEnd,
                              .first_on_line = true,
                              .starts_statement = true,
                              .after_bad = after_bad_,
                              .begin = static_cast<uint32_t>(text_.size()),
                              .end = static_cast<uint32_t>(text_.size())});
    return std::move(buffer_);
  }

 private:
  char at(size_t i) const { return i < text_.size() ? text_[i] : '\0'; }
  char ahead(size_t n = 0) const { return at(pos_ + n); }
  Span span(size_t begin, size_t end) const {
    return {source_, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  }

  // One message for a text that is not UTF-8, at the first wrong byte.
  void check_encoding() {
    size_t bad = text::find_invalid_utf8(text_);
    if (bad == std::string_view::npos) return;
    diagnostics_.error(Kind::kBadCharacter, span(bad, bad + 1), "this byte is not UTF-8").hint =
        "save the file as UTF-8";
  }

  // Reads one token, comment or line end; false at the end of the text.
  bool next() {
    size_t before = pos_;
    while (is_blank(ahead())) ++pos_;
    if (pos_ > before) touches_ = false;
    if (pos_ >= text_.size()) return false;
    char c = ahead();
    if (c == '\n') {
      line_begin_ = ++pos_;
      first_ = true;
      touches_ = false;
      return true;
    }
    if (c == '#') return comment(), true;
    if (buffer_.tokens.size() >= kMaxTokens) {
      diagnostics_.error(Kind::kTooLarge, span(pos_, pos_ + 1),
                         fmt::format("this text has more than {} words and signs", kMaxTokens));
      return false;
    }
    if (is_digit(c) || (c == '.' && is_digit(ahead(1)))) return number(), true;
    if (is_letter(c)) return word(), true;
    if (c == '"') return string(), true;
    if (c == '@') return source_id(), true;
    return sign(), true;
  }

  void add(TokenKind kind, size_t length, bool bad = false) {
    bool column_one = pos_ == line_begin_;
    bool closes = kind == TokenKind::kCloseParen || kind == TokenKind::kCloseBracket ||
                  kind == TokenKind::kCloseBrace;
    bool opens = kind == TokenKind::kOpenParen || kind == TokenKind::kOpenBracket ||
                 kind == TokenKind::kOpenBrace;
    // Inside brackets only a statement's keyword ends the statement, so that a forgotten `)`
    // does not swallow what follows, and a lone `)` may close from the first column.
    bool starts = column_one && (depth_ == 0 || starts_statement(kind));
    if (starts) depth_ = 0;
    if (opens) ++depth_;
    if (closes && depth_ > 0) --depth_;
    buffer_.tokens.push_back({.kind = kind,
                              .first_on_line = first_,
                              .starts_statement = starts,
                              .touches = touches_,
                              .bad = bad,
                              .after_bad = std::exchange(after_bad_, false),
                              .begin = static_cast<uint32_t>(pos_),
                              .end = static_cast<uint32_t>(pos_ + length)});
    pos_ += length;
    first_ = false;
    touches_ = true;
  }

  void comment() {
    size_t end = text_.find('\n', pos_);
    if (end == std::string_view::npos) end = text_.size();
    size_t next_line = end;
    while (end > pos_ && is_blank(text_[end - 1])) --end;
    buffer_.comments.push_back({.doc = first_ && ahead(1) == '#',
                                .own_line = first_,
                                .begin = static_cast<uint32_t>(pos_),
                                .end = static_cast<uint32_t>(end)});
    pos_ = next_line;
  }

  // The end of a run of digits, with single _ between digits.
  size_t digits(size_t i) const {
    while (is_digit(at(i)) || (at(i) == '_' && is_digit(at(i + 1)) && is_digit(at(i - 1)))) ++i;
    return i;
  }

  // number = digits ["." digits] [("e" | "E") ["+" | "-"] digits] ["%"]
  void number() {
    if (date()) return;
    size_t begin = pos_;
    size_t end = digits(begin);
    if (at(end) == '.' && is_digit(at(end + 1))) end = digits(end + 1);
    if (at(end) == 'e' || at(end) == 'E') {
      size_t sign = at(end + 1) == '+' || at(end + 1) == '-';
      if (is_digit(at(end + 1 + sign))) end = digits(end + 1 + sign);
    }
    if (at(end) == '%') ++end;
    if (at(begin) == '.') return bad_number(end, "a number starts with a digit", "0");
    if (at(end) == '.' && at(end + 1) != '.')
      return bad_number(end + 1, "a number does not end with a point", "");
    if (is_name_char(at(end))) {
      size_t letters = end;
      while (is_name_char(at(end))) ++end;
      auto hint =
          fmt::format("write `{} {}` for a quantity, \"{}\" for a name", short_text(begin, letters),
                      short_text(letters, end), short_text(begin, end));
      return bad_number(end, "a number runs into a word", "", std::move(hint));
    }
    auto spelling = text_.substr(begin, end - begin);
    if (!number_value(spelling)) return bad_number(end, "this number is too large", "");
    add(TokenKind::kNumber, end - begin);
  }

  std::string_view short_text(size_t begin, size_t end) const {
    return text_.substr(begin, std::min<size_t>(end - begin, 40));
  }

  void bad_number(size_t end, const char* message, std::string_view lead, std::string hint = {}) {
    auto& diagnostic = diagnostics_.error(Kind::kBadNumber, span(pos_, end), message);
    if (!lead.empty()) hint = fmt::format("write `{}{}`", lead, short_text(pos_, end));
    diagnostic.hint = std::move(hint);
    add(TokenKind::kNumber, end - pos_, true);
  }

  // date = dddd-dd-dd | dddd-dd | ddddQd; false when none stands here.
  bool date() {
    auto digits_at = [&](size_t i, size_t n) {
      for (size_t k = 0; k < n; ++k)
        if (!is_digit(ahead(i + k))) return false;
      return true;
    };
    auto ends = [&](size_t i) {
      return !is_name_char(ahead(i)) && ahead(i) != '%' &&
             !(ahead(i) == '.' && is_digit(ahead(i + 1)));
    };
    if (!digits_at(0, 4)) return false;
    size_t length = 0;
    if (ahead(4) == 'Q' && is_digit(ahead(5)) && ends(6)) {
      length = 6;
    } else if (ahead(4) == '-' && digits_at(5, 2) && ends(7)) {
      length = 7;
      if (ahead(7) == '-' && is_digit(ahead(8))) {
        length = 8;
        while (is_name_char(ahead(length))) ++length;
      }
    } else {
      return false;
    }
    bool known = date_value(text_.substr(pos_, length)).has_value();
    if (!known) {
      diagnostics_.error(Kind::kBadDate, span(pos_, pos_ + length), "there is no such date").hint =
          "dates are written 2022-10-07, 2022-10 or 2022Q4; blanks around `-` make a difference";
    }
    add(TokenKind::kDate, length, !known);
    return true;
  }

  void word() {
    size_t end = pos_;
    do {
      while (is_name_char(at(end))) ++end;
    } while (at(end) == '.' && is_letter(at(end + 1)) && ++end);
    auto spelling = text_.substr(pos_, end - pos_);
    if (spelling == "d" && rate_follows(end)) return add(TokenKind::kRate, 4);
    bool bad = too_long(end);
    add(bad ? TokenKind::kName : word_kind(spelling), end - pos_, bad);
  }

  // `d/dt` is one token only where `=` comes next; elsewhere it divides d by dt.
  bool rate_follows(size_t end) const {
    if (text_.substr(end, 3) != "/dt" || is_name_char(at(end + 3)) || at(end + 3) == '.')
      return false;
    size_t i = end + 3;
    while (is_blank(at(i))) ++i;
    return at(i) == '=' && at(i + 1) != '=';
  }

  bool too_long(size_t end) {
    if (end - pos_ <= kMaxNameBytes) return false;
    diagnostics_.error(Kind::kTooLarge, span(pos_, end),
                       fmt::format("this name has more than {} bytes", kMaxNameBytes));
    return true;
  }

  // The end of the quoted text that opens at `i`; reports what is wrong in it.
  size_t quoted(size_t i, bool& bad) {
    size_t open = i++;
    for (; i < text_.size() && text_[i] != '\n' && text_[i] != '"'; ++i) {
      auto c = static_cast<unsigned char>(text_[i]);
      if (c == '\\') {
        char e = at(i + 1);
        if (e != '"' && e != '\\' && e != 'n') {
          if (!bad)
            diagnostics_
                .error(Kind::kBadCharacter, span(i, i + 1), "a backslash stands before \", \\ or n")
                .hint = "write \\\\ for a backslash";
          bad = true;
        } else {
          ++i;
        }
      } else if ((c < 0x20 && c != '\t' && c != '\r') || c == 0x7f) {
        if (!bad)
          diagnostics_.error(Kind::kBadCharacter, span(i, i + 1),
                             "control characters may not stand in a text");
        bad = true;
      }
    }
    if (at(i) == '"' && i < text_.size()) return i + 1;
    while (i > open + 1 && is_blank(text_[i - 1])) --i;
    diagnostics_.error(Kind::kUnclosedString, span(open, i), "this text is not closed on its line")
        .hint = "end it with \"; write \\n for a line end in a text";
    bad = true;
    return i;
  }

  void string() {
    bool bad = false;
    size_t end = quoted(pos_, bad);
    add(TokenKind::kString, end - pos_, bad);
  }

  void source_id() {
    bool bad = false;
    size_t end = pos_ + 1;
    if (at(end) == '"') {
      end = quoted(end, bad);
    } else {
      while (is_name_char(at(end)) ||
             (end > pos_ + 1 && (at(end) == '.' || at(end) == '-') && is_name_char(at(end + 1))))
        ++end;
    }
    if (!bad && end == pos_ + 1) {
      diagnostics_.error(Kind::kBadCharacter, span(pos_, end), "`@` stands before a source's name");
      bad = true;
    }
    if (!bad) bad = too_long(end);
    add(TokenKind::kSourceId, end - pos_, bad);
  }

  void sign() {
    struct Sign {
      std::string_view spelling;
      TokenKind kind;
    };
    // Longer signs stand before their beginnings.
    static constexpr std::array kSigns = std::to_array<Sign>({
        {"==", TokenKind::kEqual},       {"!=", TokenKind::kNotEqual},
        {"<=", TokenKind::kLessEqual},   {">=", TokenKind::kGreaterEqual},
        {"..", TokenKind::kDotDot},      {"(", TokenKind::kOpenParen},
        {")", TokenKind::kCloseParen},   {"[", TokenKind::kOpenBracket},
        {"]", TokenKind::kCloseBracket}, {"{", TokenKind::kOpenBrace},
        {"}", TokenKind::kCloseBrace},   {",", TokenKind::kComma},
        {":", TokenKind::kColon},        {";", TokenKind::kSemicolon},
        {"~", TokenKind::kTilde},        {"=", TokenKind::kAssign},
        {"<", TokenKind::kLess},         {">", TokenKind::kGreater},
        {"+", TokenKind::kPlus},         {"-", TokenKind::kMinus},
        {"*", TokenKind::kStar},         {"/", TokenKind::kSlash},
        {"^", TokenKind::kCaret},
    });
    auto rest = text_.substr(pos_, 2);
    for (const Sign& sign : kSigns)
      if (rest.starts_with(sign.spelling)) return add(sign.kind, sign.spelling.size());
    bad_characters();
  }

  // Reports a run of characters that start no token once, and skips it.
  void bad_characters() {
    size_t begin = pos_;
    auto starts_nothing = [](char c) {
      auto u = static_cast<unsigned char>(c);
      return u >= 0x80 || u == 0x7f || (u < 0x20 && c != '\n' && !is_blank(c)) ||
             std::string_view("!$%&'?\\`|.").find(c) != std::string_view::npos;
    };
    while (pos_ < text_.size() && starts_nothing(ahead())) ++pos_;
    if (pos_ == begin) ++pos_;
    auto run = text_.substr(begin, pos_ - begin);
    touches_ = false;
    after_bad_ = true;
    if (text::find_invalid_utf8(run) != std::string_view::npos) return;  // Reported already.
    bool printable = static_cast<unsigned char>(run[0]) > 0x20 && run[0] != 0x7f;
    auto& diagnostic = diagnostics_.error(
        Kind::kBadCharacter, span(begin, pos_),
        printable && run.size() <= 40 ? fmt::format("`{}` has no meaning here", run)
                                      : std::string("these characters have no meaning here"));
    if (run == "&&" || run == "&") diagnostic.hint = "write `and`";
    if (run == "||" || run == "|") diagnostic.hint = "write `or`";
    if (run == "!") diagnostic.hint = "write `not`";
    if (run == "%") diagnostic.hint = "a per cent sign touches its number: `20%`";
    if (run == "'") diagnostic.hint = "texts stand in double quotes";
    if (static_cast<unsigned char>(run[0]) >= 0x80)
      diagnostic.hint = "names with other letters than a-z stand in double quotes";
  }

  std::string_view text_;
  text::SourceId source_;
  text::Diagnostics& diagnostics_;
  TokenBuffer buffer_;
  size_t pos_ = 0;
  size_t line_begin_ = 0;
  size_t depth_ = 0;  // of brackets
  bool first_ = true;
  bool touches_ = false;
  bool after_bad_ = false;
};

}  // namespace

TokenBuffer lex(const text::SourceSet& sources, text::SourceId source,
                text::Diagnostics& diagnostics) {
  return Lexer(sources[source].text, source, diagnostics).run();
}

std::string_view words(TokenKind kind) {
  switch (kind) {
#define TOKEN(name, text) \
  case TokenKind::name:   \
    return text;
#include "syntax/tokens.def"
  }
  return "";
}

TokenKind word_kind(std::string_view word) {
  static const std::unordered_map<std::string_view, TokenKind> kWords = {
#define STATEMENT_WORD(kind, spelling) {spelling, TokenKind::kind},
#define RESERVED_WORD(kind, spelling) {spelling, TokenKind::kind},
#include "syntax/keywords.def"
  };
  auto found = kWords.find(word);
  return found == kWords.end() ? TokenKind::kName : found->second;
}

bool starts_statement(TokenKind kind) {
  switch (kind) {
#define STATEMENT_WORD(name, spelling) case TokenKind::name:
#include "syntax/keywords.def"
    return true;
    default:
      return false;
  }
}

std::vector<std::string> statement_words() {
  return {
#define STATEMENT_WORD(kind, spelling) spelling,
#include "syntax/keywords.def"
  };
}

std::string unquote(std::string_view spelling) {
  std::string text;
  if (spelling.starts_with('"')) spelling.remove_prefix(1);
  for (size_t i = 0; i < spelling.size() && spelling[i] != '"'; ++i) {
    if (spelling[i] == '\\' && i + 1 < spelling.size()) {
      ++i;
      text += spelling[i] == 'n' ? '\n' : spelling[i];
    } else {
      text += spelling[i];
    }
  }
  return text;
}

std::string quote(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '\n')
      quoted += "\\n";
    else
      quoted += c;
  }
  return quoted + '"';
}

std::optional<double> number_value(std::string_view spelling) {
  std::string digits;
  for (char c : spelling)
    if (c != '_' && c != '%') digits += c;
  bool per_cent = spelling.ends_with('%');
  bool has_exponent = digits.find_first_of("eE") != std::string::npos;
  // 0.1% is the number nearest to 0.001, so the decimal point moves before rounding.
  if (per_cent && !has_exponent) digits += "e-2";
  // from_chars refuses a plus sign in front of the exponent's digits only in older libraries.
  double value = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::result_out_of_range) {
    // Too small rounds to zero; too large has no value.
    size_t e = digits.find_first_of("eE");
    bool small = e != std::string::npos && digits[e + 1] == '-';
    bool zero_lead = digits.starts_with("0.");
    if (small || (e == std::string::npos && zero_lead)) return 0.0;
    return std::nullopt;
  }
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (per_cent && has_exponent) value /= 100;
  return value;
}

std::optional<Date> date_value(std::string_view spelling) {
  auto day = text::parse_date(spelling);
  if (!day) return std::nullopt;
  auto precision = spelling.size() == 6   ? Date::Precision::kQuarter
                   : spelling.size() == 7 ? Date::Precision::kMonth
                                          : Date::Precision::kDay;
  return Date{day->year, day->month, day->day, precision};
}

bool is_plain_name(std::string_view text) {
  if (text.empty() || text.size() > kMaxNameBytes) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    bool part_start = i == 0 || text[i - 1] == '.';
    if (part_start ? !is_letter(text[i]) : !(is_name_char(text[i]) || text[i] == '.')) return false;
  }
  return text.back() != '.';
}

bool is_plain_source_id(std::string_view text) {
  if (text.empty()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    bool joins = i > 0 && (text[i] == '.' || text[i] == '-') && i + 1 < text.size() &&
                 is_name_char(text[i + 1]);
    if (!is_name_char(text[i]) && !joins) return false;
  }
  return true;
}

}  // namespace headrace::syntax
