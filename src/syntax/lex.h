#pragma once

// Text to tokens. Layout is recorded, not judged: each token knows whether it is the first on its
// line, whether it touches the token before it, and whether it starts a statement.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "syntax/tree.h"
#include "text/diagnostic.h"
#include "text/source.h"

namespace headrace::syntax {

// Limits. A text past one of them gets a diagnostic of kind too-large or too-deep.
constexpr size_t kMaxSourceBytes = 32 << 20;
constexpr size_t kMaxTokens = 4'000'000;
constexpr size_t kMaxNameBytes = 1000;
constexpr int kMaxNesting = 200;  // brackets, signs, powers and `not` in one another
constexpr int kMaxHeight = 1000;  // of an expression's tree: a long chain of operators
constexpr int kMaxUnitExponent = 1000;
constexpr size_t kMaxNumberedMembers = 1'000'000;  // of `a..b`, all in one source together

enum class TokenKind : uint8_t {
#define TOKEN(kind, words) kind,
#include "syntax/tokens.def"
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  bool first_on_line = false;
  bool starts_statement = false;
  bool touches = false;    // no blank or line end before it
  bool bad = false;        // a diagnostic has been given for it
  bool after_bad = false;  // and for characters skipped just before it
  uint32_t begin = 0;
  uint32_t end = 0;
};

// From `#` to the end of the line, without blanks at its end.
struct Comment {
  bool doc = false;       // `##`, alone on its line
  bool own_line = false;  // nothing but blanks before it
  uint32_t begin = 0;
  uint32_t end = 0;
};

// Tokens in order, the last one kEnd; comments in order.
struct TokenBuffer {
  std::vector<Token> tokens;
  std::vector<Comment> comments;
};

// Takes time linear in the text. A character that starts no token is reported and skipped.
TokenBuffer lex(const text::SourceSet& sources, text::SourceId source,
                text::Diagnostics& diagnostics);

// "a name", "`then`": for messages.
std::string_view words(TokenKind kind);
// The kind of a reserved or statement word, kName for any other.
TokenKind word_kind(std::string_view word);
bool starts_statement(TokenKind kind);
std::vector<std::string> statement_words();

// The text that a kString token (with its quotes) stands for.
std::string unquote(std::string_view spelling);
std::string quote(std::string_view text);
// The value of a kNumber token as spelled; nothing when it does not fit.
std::optional<double> number_value(std::string_view spelling);
// The date of a kDate token as spelled; nothing when there is no such day.
std::optional<Date> date_value(std::string_view spelling);

// Letters, digits, _ and dots as the language has them; reserved words are plain names here.
bool is_plain_name(std::string_view text);
// What may follow `@` without quotes: a name in which parts may start with digits or hold hyphens.
bool is_plain_source_id(std::string_view text);

}  // namespace headrace::syntax
