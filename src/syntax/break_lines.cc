// A line that is too wide is cut at the loosest places that it has: behind its `=` before anything
// else, then between the branches of an `if`, between terms, between factors, and only then within
// brackets. What lies between two cuts stays whole where it fits, else it is cut the same way:
//
//   let level : 1 =                                let "rate of change" =
//     if time >= start then first * second           smooth(
//     else third + fourth                              "a long name" - "another", delay)
//
// Pieces fill their lines; branches have a line each. A bracket whose content fits one line gets
// that line. In the end the formatter sets the indentation.

#include "syntax/break_lines.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "syntax/lex.h"
#include "syntax/syntax.h"
#include "text/utf8.h"

namespace headrace::syntax {
namespace {

using K = TokenKind;

// What a place may be cut for, loosest first.
enum Looseness {
  kTail,    // a source, a note, a citation
  kAssign,  // behind `=`, `:` of a claim, `return`
  kFor,
  kComma,  // also between the points of a table
  kElse,
  kThen,
  kOr,
  kAnd,
  kCompare,
  kSum,
  kProduct,
  kNever
};

// The place before a token: how deep within brackets and branches, and what for.
struct Place {
  int depth = 0;
  Looseness looseness = kNever;
  bool operator==(const Place&) const = default;
  auto operator<=>(const Place&) const = default;
};

class Breaker {
 public:
  Breaker(std::string text, const TokenBuffer& buffer)
      : text_(std::move(text)), tokens_(buffer.tokens) {
    cuts_.resize(tokens_.size());
  }

  std::string run() {
    const size_t last = tokens_.size() - 1;
    for (size_t begin = 0; begin < last;) {
      size_t end = begin + 1;
      while (end < last && !tokens_[end].first_on_line) ++end;
      line(begin, end);
      begin = end;
    }
    std::string out;
    size_t copied = 0;
    for (size_t t = 1; t < last; ++t) {
      if (!cuts_[t]) continue;
      size_t blank = tokens_[t].begin;
      while (blank > copied && text_[blank - 1] == ' ') --blank;
      out.append(text_, copied, blank - copied);
      out += "\n  ";
      copied = tokens_[t].begin;
    }
    return out.append(text_, copied);
  }

 private:
  std::string_view spelling(size_t t) const {
    return std::string_view(text_).substr(tokens_[t].begin, tokens_[t].end - tokens_[t].begin);
  }
  size_t width(size_t begin, size_t end) const {
    const uint32_t from = tokens_[begin].begin, to = tokens_[end - 1].end;
    return text::count_code_points(std::string_view(text_).substr(from, to - from));
  }

  // A line of the text, tokens [begin, end).
  void line(size_t begin, size_t end) {
    size_t start = tokens_[begin].begin;
    while (start > 0 && text_[start - 1] == ' ') --start;
    const size_t indent = tokens_[begin].begin - start;
    if (tokens_[begin].starts_statement) statement_ = tokens_[begin].kind;
    if (indent + width(begin, end) <= kWidest) return;
    find_places(begin, end);
    open_ = {indent};
    column_ = line_indent_ = indent;
    place(begin, end);
  }

  // ---------------------------------------------------------------- places

  void find_places(size_t begin, size_t end) {
    places_.assign(end - begin, Place{});
    begin_ = begin;
    std::vector<K> inside;  // brackets, and `if` until its `else`
    bool assigned = false;
    for (size_t t = begin; t < end; ++t) {
      const K kind = tokens_[t].kind;
      if (kind == K::kCloseParen || kind == K::kCloseBracket) {
        while (!inside.empty() && inside.back() == K::kIf) inside.pop_back();
        if (!inside.empty()) inside.pop_back();
      }
      if (kind == K::kElse && !inside.empty() && inside.back() == K::kIf) inside.pop_back();
      const int depth = static_cast<int>(inside.size()) - (kind == K::kThen ? 1 : 0);
      if (t > begin) places_[t - begin] = {depth, looseness(t, depth, assigned)};
      if (depth == 0 && t > begin && is_assignment(t - 1, begin)) assigned = true;
      if (kind == K::kOpenParen || kind == K::kOpenBracket || kind == K::kIf)
        inside.push_back(kind);
    }
  }

  bool is_word(size_t t, std::string_view word) const {
    return tokens_[t].kind == K::kName && spelling(t) == word;
  }

  bool is_assignment(size_t t, size_t begin) const {
    const K kind = tokens_[t].kind;
    if (kind == K::kColon) return statement_ == K::kClaim || statement_ == K::kCheck;
    return kind == K::kAssign || (t == begin && is_word(t, "return"));
  }

  Looseness looseness(size_t t, int depth, bool assigned) const {
    const Token& token = tokens_[t];
    const K before = tokens_[t - 1].kind;
    if (token.touches) return kNever;
    if (depth == 0 && !assigned && is_assignment(t - 1, begin_)) return kAssign;
    if (before == K::kComma) return kComma;
    switch (token.kind) {
      case K::kFor:
        return kFor;
      case K::kElse:
        return kElse;
      case K::kThen:
        return kThen;
      case K::kOr:
        return kOr;
      case K::kAnd:
        return kAnd;
      case K::kLess:
      case K::kLessEqual:
      case K::kGreater:
      case K::kGreaterEqual:
      case K::kEqual:
      case K::kNotEqual:
        return kCompare;
      case K::kPlus:
        return kSum;
      case K::kMinus:
        return tokens_[t + 1].touches ? kNever : kSum;  // else a sign
      case K::kStar:
      case K::kSlash:
        return kProduct;
      case K::kOpenParen:
        return before == K::kCloseParen ? kComma : kNever;
      case K::kFrom:
        return tokens_[t + 1].kind == K::kSourceId ? kTail : kNever;
      case K::kName:
        return tokens_[t + 1].kind == K::kString && !tokens_[t + 1].touches &&
                       (is_word(t, "assumed") || is_word(t, "note") || is_word(t, "cite"))
                   ? kTail
                   : kNever;
      default:
        return kNever;
    }
  }

  // ---------------------------------------------------------------- pieces

  size_t gap(size_t t) const {
    return t == begin_ || cuts_[t] ? 0 : tokens_[t].begin - tokens_[t - 1].end;
  }

  // Puts tokens down where the line stands.
  void put(size_t begin, size_t end) {
    for (size_t t = begin; t < end; ++t) {
      const K kind = tokens_[t].kind;
      if (kind == K::kOpenParen || kind == K::kOpenBracket) open_.push_back(line_indent_);
      const bool closes = kind == K::kCloseParen || kind == K::kCloseBracket;
      if (closes && open_.size() > 1) open_.pop_back();
      column_ += gap(t) + width(t, t + 1);
    }
  }

  void cut(size_t t) {
    cuts_[t] = true;
    column_ = line_indent_ = open_.back() + 2;
  }

  bool fits(size_t begin, size_t end) const {
    return column_ + gap(begin) + width(begin, end) <= kWidest;
  }

  // Puts tokens down, with cuts where they do not fit.
  void place(size_t begin, size_t end) {
    if (fits(begin, end)) return put(begin, end);
    Place loosest;
    loosest.depth = 1 << 20;
    for (size_t t = begin + 1; t < end; ++t) {
      const Place here = places_[t - begin_];
      if (here.looseness != kNever) loosest = std::min(loosest, here);
    }
    if (loosest.looseness == kNever) return put(begin, end);
    if (const auto content = bracket_with_room(begin, end, loosest)) {
      put(begin, *content);
      cut(*content);
      return put(*content, end);
    }
    const Looseness kind = loosest.looseness;
    const bool always = kind == kAssign || kind == kFor || kind == kElse || kind == kThen;
    for (size_t from = begin; from < end;) {
      size_t to = from + 1;
      while (to < end && places_[to - begin_] != loosest) ++to;
      if (from > begin && (always || !fits(from, to))) cut(from);
      place(from, to);
      from = to;
    }
  }

  // The first token within a bracket around all places of this kind, when what is in it fits a line
  // of its own.
  std::optional<size_t> bracket_with_room(size_t begin, size_t end, Place inside) const {
    size_t first = begin + 1;
    while (places_[first - begin_] != inside) ++first;
    size_t content = first;
    for (int depth = 1; content > begin; --content) {
      const K kind = tokens_[content - 1].kind;
      if (kind == K::kCloseParen || kind == K::kCloseBracket) ++depth;
      if ((kind == K::kOpenParen || kind == K::kOpenBracket) && --depth == 0) break;
    }
    if (content <= begin + 1 || tokens_[content - 1].kind != K::kOpenParen) return std::nullopt;
    const size_t line = line_indent_ + 2;
    if (line + width(content, end) > kWidest) return std::nullopt;
    return content;
  }

  std::string text_;
  const std::vector<Token>& tokens_;
  std::vector<bool> cuts_;  // before which tokens
  K statement_ = K::kEnd;

  size_t begin_ = 0;           // of the line that is cut
  std::vector<Place> places_;  // before its tokens
  std::vector<size_t> open_;   // the indentation of the lines that opened the brackets
  size_t column_ = 0, line_indent_ = 0;
};

}  // namespace

std::string break_lines(const std::string& text) {
  text::SourceSet sources;
  text::Diagnostics diagnostics;
  const TokenBuffer buffer = lex(sources, sources.add("", text), diagnostics);
  const text::SourceId broken = sources.add("", Breaker(text, buffer).run());
  std::string formatted = format(sources, broken, diagnostics);
  return diagnostics.has_errors() ? text : formatted;
}

}  // namespace headrace::syntax
