// The formatter works on tokens, not on the tree: it moves what stands between them and nothing
// else, so comments and line breaks stay where the author put them. A text is cut into lines;
// each line is given an indentation by its place in the statement, each gap between two tokens a
// blank or none. Comments at the ends of neighbouring lines that shared a column go on sharing
// one, and so do their sources when the author set them apart by two blanks or more.

#include <algorithm>
#include <optional>

#include "syntax/lex.h"
#include "syntax/syntax.h"
#include "text/utf8.h"

namespace headrace::syntax {
namespace {

using K = TokenKind;

// A line of the text: tokens [begin, end) and at most one comment at its end.
struct Line {
  size_t begin = 0, end = 0;
  const Comment* comment = nullptr;
  uint32_t offset = 0;        // of its first token or comment
  bool blank_before = false;  // an empty line stands before it
  size_t tail = 0;            // the token that starts the tail; `end` when there is none
  std::string tail_text;
  std::string text;  // as formatted; without tail and comment until they are aligned
};

bool opens(K kind) { return kind == K::kOpenParen || kind == K::kOpenBracket; }
bool closes(K kind) { return kind == K::kCloseParen || kind == K::kCloseBracket; }

// Whether an operand can end with this token, so that a `-` after it subtracts.
bool ends_operand(K kind) {
  switch (kind) {
    case K::kName:
    case K::kString:
    case K::kNumber:
    case K::kDate:
    case K::kTime:
    case K::kTrue:
    case K::kFalse:
    case K::kCloseParen:
    case K::kCloseBracket:
      return true;
    default:
      return false;
  }
}

class Formatter {
 public:
  Formatter(const text::Source& source, const TokenBuffer& buffer)
      : text_(source.text), source_(source), buffer_(buffer), tokens_(buffer.tokens) {}

  std::string run() {
    cut_lines();
    for (size_t i = 0; i < lines_.size(); ++i) set_line(i);
    align([this](size_t i) { return tail_of(i); });
    align([this](size_t i) { return comment_of(i); });
    std::string out;
    for (const Line& line : lines_) {
      if (line.blank_before && !out.empty()) out += '\n';
      out += line.text;
      out += '\n';
    }
    return out;
  }

 private:
  std::string_view spelling(const Token& token) const {
    return std::string_view(text_).substr(token.begin, token.end - token.begin);
  }
  bool is_word(size_t i, std::string_view word) const {
    return tokens_[i].kind == K::kName && spelling(tokens_[i]) == word;
  }
  // The column of an offset in the text as it was, from 0.
  size_t column(uint32_t offset) const { return source_.position(offset).column - 1; }

  // ---------------------------------------------------------------- lines

  void cut_lines() {
    size_t token = 0, comment = 0;
    size_t last = tokens_.size() - 1;
    while (token < last || comment < buffer_.comments.size()) {
      Line line;
      line.begin = line.end = token;
      const Comment* next =
          comment < buffer_.comments.size() ? &buffer_.comments[comment] : nullptr;
      if (token == last || (next && next->begin < tokens_[token].begin)) {
        line.comment = next;
        line.offset = next->begin;
        ++comment;
      } else {
        line.offset = tokens_[token].begin;
        do ++token;
        while (token < last && !tokens_[token].first_on_line);
        line.end = token;
        if (next && !next->own_line && (token == last || next->begin < tokens_[token].begin)) {
          line.comment = next;
          ++comment;
        }
      }
      line.blank_before = blank_before(line.offset);
      lines_.push_back(std::move(line));
    }
  }

  bool blank_before(uint32_t offset) const {
    int line_ends = 0;
    while (offset > 0) {
      char c = text_[--offset];
      if (c == '\n' && ++line_ends == 2) return true;
      if (c != '\n' && c != ' ' && c != '\t' && c != '\r') return false;
    }
    return false;
  }

  void set_line(size_t i) {
    Line& line = lines_[i];
    if (line.begin == line.end) {
      line.text.assign(comment_indent(i), ' ');
      line.text += comment_text(*line.comment);
      return;
    }
    size_t indent = token_indent(line.begin);
    line.text.assign(indent, ' ');
    line.tail = line.begin;
    while (line.tail < line.end && !starts_tail(line.begin, line.tail)) ++line.tail;
    for (size_t t = line.begin; t < line.end; ++t) {
      std::string& text = t < line.tail ? line.text : line.tail_text;
      if (t > line.begin && t != line.tail) text.append(blanks_between(t), ' ');
      text += spelling(tokens_[t]);
      track(t, indent);
    }
  }

  // Whether a source or a citation stands here, set apart from what is before it.
  bool starts_tail(size_t first, size_t t) const {
    if (t == first || tokens_[t].begin - tokens_[t - 1].end < 2) return false;
    K next = tokens_[t + 1].kind;
    if (tokens_[t].kind == K::kFrom) return next == K::kSourceId;
    return next == K::kString &&
           (is_word(t, "assumed") || is_word(t, "note") || is_word(t, "cite"));
  }

  std::string_view comment_text(const Comment& comment) const {
    return std::string_view(text_).substr(comment.begin, comment.end - comment.begin);
  }

  // ---------------------------------------------------------------- indentation

  // What the tokens so far say about the next line.
  struct Bracket {
    K kind;
    size_t indent;  // of the line that opened it
    bool branches = false;
  };

  void track(size_t t, size_t indent) {
    K kind = tokens_[t].kind;
    if (kind == K::kAssign) clause_open_ = false;
    if (opens(kind)) {
      // The first parentheses of these statements hold declarations: `(x : year)`.
      bool header = (statement_ == K::kFunction || statement_ == K::kTable) &&
                    kind == K::kOpenParen && !header_seen_;
      if (header) header_seen_ = true;
      in_header_ = header || (in_header_ && !brackets_.empty());
      brackets_.push_back({kind, indent});
    }
    if (closes(kind) && !brackets_.empty()) brackets_.pop_back();
    if (brackets_.empty()) in_header_ = false;
  }

  // The indentation of the line that starts with token `t`.
  size_t token_indent(size_t t) {
    K kind = tokens_[t].kind;
    if (tokens_[t].starts_statement) {
      statement_ = kind;
      brackets_.clear();
      header_seen_ = in_header_ = in_local_ = clause_open_ = branches_ = false;
      return owner_ = 0;
    }
    if (!brackets_.empty()) {
      const size_t indent = brackets_.back().indent;
      return closes(kind) ? indent : indent + 2 + branch_indent(t, brackets_.back().branches);
    }
    if (kind == K::kCloseBrace) return owner_ = 0;
    if (starts_local(t)) {
      in_local_ = true;
      branches_ = false;
      return owner_ = 2;
    }
    if (statement_ == K::kRule || statement_ == K::kGroup) return law_indent(t);
    if (starts_part(t)) {
      branches_ = false;
      return owner_ = in_local_ ? 4 : 2;
    }
    return owner_ + 2 + branch_indent(t, branches_);
  }

  // What goes on from a line that starts with `if`, `then` or `else` stands two blanks further in.
  // `branches` tells whether such a line stands above in the same expression.
  size_t branch_indent(size_t t, bool& branches) const {
    const K kind = tokens_[t].kind;
    if (kind == K::kFor || tokens_[t - 1].kind == K::kComma) branches = false;
    if (kind == K::kIf || kind == K::kThen || kind == K::kElse) {
      branches = true;
      return 0;
    }
    return branches ? 2 : 0;
  }

  // A clause, two blanks in; its exceptions, four; what goes on from the line before, two more.
  size_t law_indent(size_t t) {
    if (is_word(t, "except")) {
      clause_open_ = true;
      return owner_ = 4;
    }
    const K kind = tokens_[t].kind;
    const K next = t + 1 < tokens_.size() ? tokens_[t + 1].kind : K::kEnd;
    const bool dated = kind == K::kFrom && next != K::kSourceId;
    const bool label = kind == K::kString && next != K::kComma && next != K::kAssign &&
                       tokens_[t - 1].kind != K::kComma && tokens_[t - 1].kind != K::kAssign;
    const bool starts = is_word(t, "under") || is_word(t, "when") || dated || label;
    if (!starts || clause_open_) return owner_ + 2;
    clause_open_ = statement_ == K::kRule;
    return owner_ = 2;
  }

  bool starts_local(size_t t) const {
    K kind = tokens_[t].kind;
    return statement_ == K::kFunction &&
           (kind == K::kStock || kind == K::kLet || kind == K::kDim || is_word(t, "return"));
  }

  // Whether a clause, a list of flows, a source or an overlay starts here.
  bool starts_part(size_t t) const {
    K kind = tokens_[t].kind;
    K next = t + 1 < tokens_.size() ? tokens_[t + 1].kind : K::kEnd;
    if (kind == K::kFrom || kind == K::kOpenBracket || kind == K::kIn || kind == K::kRate)
      return true;
    if (is_word(t, "assumed") || is_word(t, "note") || is_word(t, "url") || is_word(t, "kind") ||
        is_word(t, "date") || is_word(t, "cite"))
      if (next == K::kString) return true;
    if (is_word(t, "out") && (next == K::kName || next == K::kString)) return true;
    if (is_word(t, "nonnegative")) return true;
    bool entry = statement_ == K::kScenario && (kind == K::kName || kind == K::kString) &&
                 (next == K::kAssign || next == K::kFrom || next == K::kOpenBracket);
    K previous = tokens_[t - 1].kind;
    return entry && (ends_operand(previous) || previous == K::kOpenBrace ||
                     previous == K::kSemicolon || previous == K::kSourceId);
  }

  // A comment goes with the line below it, or stays in the statement above when it was indented.
  size_t comment_indent(size_t i) {
    size_t next = i;
    while (next < lines_.size() && lines_[next].begin == lines_[next].end) ++next;
    bool starts = next == lines_.size() || tokens_[lines_[next].begin].starts_statement;
    if (starts) return column(lines_[i].offset) == 0 || i == 0 || !statement_seen() ? 0 : 2;
    size_t owner = owner_;
    bool local = in_local_, branches = branches_;
    std::vector<Bracket> brackets = brackets_;
    size_t indent = token_indent(lines_[next].begin);
    owner_ = owner;
    in_local_ = local;
    branches_ = branches;
    brackets_ = std::move(brackets);
    return indent;
  }

  bool statement_seen() const { return statement_ != K::kEnd; }

  // ---------------------------------------------------------------- blanks

  size_t blanks_between(size_t t) const {
    if (!blank_between(t)) return 0;
    // `in  births` above `out deaths`.
    bool wide_in = tokens_[t - 1].kind == K::kIn && tokens_[t - 1].first_on_line &&
                   tokens_[t].begin - tokens_[t - 1].end > 1;
    return wide_in ? 2 : 1;
  }

  bool blank_between(size_t t) const {
    const Token& before = tokens_[t - 1];
    const Token& token = tokens_[t];
    K a = before.kind, b = token.kind;
    if (opens(a) || closes(b) || b == K::kComma || b == K::kSemicolon) return false;
    if (a == K::kDotDot || b == K::kDotDot || a == K::kCaret || b == K::kCaret) return false;
    // Whether a bracket touches its name has a meaning.
    if (opens(b) && (a == K::kName || a == K::kString)) return !token.touches;
    if (b == K::kColon) return !label_colon();
    if (is_sign(t - 1)) return false;
    if (a == K::kStar || a == K::kSlash) return wide_operator(t - 1);
    if (b == K::kStar || b == K::kSlash) return wide_operator(t);
    return true;
  }

  // `n7: mature` and `0.3: value`, in contrast to `x : year`.
  bool label_colon() const {
    return statement_ == K::kMap || (!brackets_.empty() && !(in_header_ && brackets_.size() == 1));
  }

  // A minus that is the sign of what follows.
  bool is_sign(size_t t) const {
    if (tokens_[t].kind != K::kMinus) return false;
    if (t == 0 || tokens_[t].starts_statement) return true;
    if (tokens_[t].first_on_line && is_word(t - 1, "return")) return true;
    return !ends_operand(tokens_[t - 1].kind) ||
           (is_word(t - 1, "return") && tokens_[t - 1].first_on_line);
  }

  // `a*b` may stay tight, as in units; any blank beside the sign makes it `a * b`.
  bool wide_operator(size_t t) const {
    if (t == 0 || !ends_operand(tokens_[t - 1].kind)) return tokens_[t - 1].kind != K::kOpenBracket;
    return !tokens_[t].touches || !tokens_[t + 1].touches;
  }

  // ---------------------------------------------------------------- columns

  // The end of a line that keeps a column of its own: where it stood and what it says.
  struct Piece {
    size_t column;
    std::string_view text;
  };

  std::optional<Piece> tail_of(size_t i) const {
    const Line& line = lines_[i];
    if (line.tail_text.empty()) return std::nullopt;
    return Piece{column(tokens_[line.tail].begin), line.tail_text};
  }

  std::optional<Piece> comment_of(size_t i) const {
    const Line& line = lines_[i];
    if (!line.comment || line.begin == line.end) return std::nullopt;
    return Piece{column(line.comment->begin), comment_text(*line.comment)};
  }

  // Appends the pieces of neighbouring lines that shared a column at one column again: the same,
  // or as far to the right as the longest of the lines needs.
  template <class PieceOf>
  void align(PieceOf piece_of) {
    for (size_t i = 0; i < lines_.size();) {
      auto piece = piece_of(i);
      if (!piece) {
        ++i;
        continue;
      }
      size_t shared = piece->column;
      size_t target = shared;
      size_t end = i;
      for (; end < lines_.size() && (end == i || !lines_[end].blank_before); ++end) {
        piece = piece_of(end);
        if (!piece || piece->column != shared) break;
        target = std::max(target, text::count_code_points(lines_[end].text) + 2);
      }
      for (; i < end; ++i) {
        std::string& text = lines_[i].text;
        text.append(target - text::count_code_points(text), ' ');
        text += piece_of(i)->text;
      }
    }
  }

  const std::string& text_;
  const text::Source& source_;
  const TokenBuffer& buffer_;
  const std::vector<Token>& tokens_;
  std::vector<Line> lines_;

  K statement_ = K::kEnd;  // the word that started the statement
  std::vector<Bracket> brackets_;
  bool header_seen_ = false;
  bool in_header_ = false;
  bool in_local_ = false;
  bool branches_ = false;     // a line outside brackets starts with `if`, `then` or `else`
  bool clause_open_ = false;  // a clause of a rule waits for its answer
  size_t owner_ = 0;          // the indentation of the line that a continuation continues
};

}  // namespace

std::string format(const text::SourceSet& sources, text::SourceId source,
                   text::Diagnostics& diagnostics) {
  size_t errors = diagnostics.errors();
  Tree tree;
  parse(sources, source, tree, diagnostics);
  if (diagnostics.errors() > errors) return sources[source].text;
  text::Diagnostics seen;  // What is wrong has been reported above.
  TokenBuffer buffer = lex(sources, source, seen);
  return Formatter(sources[source], buffer).run();
}

}  // namespace headrace::syntax
