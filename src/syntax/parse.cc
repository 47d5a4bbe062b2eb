#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "syntax/parser.h"

namespace headrace::syntax {

using text::Kind;
using text::Span;

void parse(const text::SourceSet& sources, text::SourceId source, Tree& tree,
           text::Diagnostics& diagnostics) {
  TokenBuffer buffer = lex(sources, source, diagnostics);
  Parser(sources, source, buffer, tree, diagnostics).parse_file();
}

ExprId parse_expression(const text::SourceSet& sources, text::SourceId source, Tree& tree,
                        text::Diagnostics& diagnostics) {
  TokenBuffer buffer = lex(sources, source, diagnostics);
  return Parser(sources, source, buffer, tree, diagnostics).parse_only_expression();
}

Parser::Parser(const text::SourceSet& sources, text::SourceId source, const TokenBuffer& buffer,
               Tree& tree, text::Diagnostics& diagnostics)
    : text_(sources[source].text),
      source_(source),
      buffer_(buffer),
      tokens_(buffer.tokens),
      tree_(tree),
      diagnostics_(diagnostics),
      first_expr_(tree.exprs.size()) {}

Parser::Nesting::Nesting(Parser& parser) : parser_(parser) {
  if (++parser.nesting_ > kMaxNesting && !parser.failed_)
    parser
        .fail(Kind::kTooDeep, parser.span(parser.peek()),
              fmt::format("more than {} levels of nesting", kMaxNesting))
        .hint = "name a part of the expression with `let`";
}

// ---------------------------------------------------------------- tokens

const Token& Parser::peek(size_t ahead) const {
  if (failed_ || pos_ + ahead >= end_) return end_token_;
  return tokens_[pos_ + ahead];
}

std::string_view Parser::spelling(const Token& token) const {
  return std::string_view(text_).substr(token.begin, token.end - token.begin);
}

Span Parser::span(const Token& token) const { return {source_, token.begin, token.end}; }

Span Parser::span_from(size_t begin) const {
  if (pos_ <= begin) return {source_, tokens_[begin].begin, tokens_[begin].begin};
  return {source_, tokens_[begin].begin, tokens_[pos_ - 1].end};
}

bool Parser::is_word(std::string_view word, size_t ahead) const {
  const Token& token = peek(ahead);
  return token.kind == K::kName && spelling(token) == word;
}

bool Parser::starts_expression(size_t ahead) const {
  switch (kind(ahead)) {
    case K::kName:
    case K::kString:
    case K::kNumber:
    case K::kDate:
    case K::kTime:
    case K::kOpenParen:
    case K::kMinus:
    case K::kNot:
    case K::kIf:
    case K::kTrue:
    case K::kFalse:
      return true;
    default:
      return false;
  }
}

void Parser::advance() { ++pos_; }

bool Parser::take(K kind) {
  if (!is(kind)) return false;
  advance();
  return true;
}

bool Parser::take_word(std::string_view word) {
  if (!is_word(word)) return false;
  advance();
  return true;
}

bool Parser::expect(K kind, std::string_view where) {
  if (take(kind)) return true;
  fail_expected(where.empty() ? std::string(words(kind))
                              : fmt::format("{} {}", words(kind), where));
  return false;
}

std::string Parser::found() const {
  const Token& token = peek();
  if (token.kind == K::kEnd) return end_ + 1 >= tokens_.size() ? "the end" : "the next statement";
  auto text = spelling(token);
  if (text.size() > 40) return std::string(words(token.kind));
  switch (token.kind) {
    case K::kName:
      return fmt::format("the name `{}`", text);
    case K::kString:
      return fmt::format("the text {}", text);
    case K::kNumber:
      return fmt::format("the number {}", text);
    case K::kDate:
      return fmt::format("the date {}", text);
    default:
      return fmt::format("`{}`", text);
  }
}

text::Diagnostic& Parser::fail(Kind kind, Span span, std::string message) {
  if (failed_) return ignored_;
  failed_ = true;
  // Where characters have been skipped the fault is known already.
  if (tokens_[std::min(pos_, tokens_.size() - 1)].after_bad) return ignored_;
  return diagnostics_.error(kind, span, std::move(message));
}

text::Diagnostic& Parser::fail(std::string message) {
  const Token& token = peek();
  Span where = span(token);
  if (token.kind == K::kEnd && pos_ > 0)
    where = {source_, tokens_[pos_ - 1].end, tokens_[pos_ - 1].end};
  return fail(Kind::kSyntax, where, std::move(message));
}

text::Diagnostic& Parser::fail_expected(std::string_view what) {
  return fail(fmt::format("expected {}, found {}", what, found()));
}

text::Diagnostic& Parser::complain(Kind kind, Span span, std::string message) {
  if (failed_) return ignored_;
  return diagnostics_.error(kind, span, std::move(message));
}

void Parser::recover(const std::function<bool()>& starts) {
  failed_ = false;
  if (pos_ == recovered_ && pos_ < end_) ++pos_;
  while (pos_ < end_ && !(tokens_[pos_].first_on_line && starts())) ++pos_;
  recovered_ = pos_;
}

// ---------------------------------------------------------------- parts of many statements

// name = NAME | "quoted"
Name Parser::parse_name(std::string_view what) {
  const Token& token = peek();
  if (token.kind == K::kName) {
    advance();
    return {std::string(spelling(token)), span(token)};
  }
  if (token.kind == K::kString) {
    Name name{unquote(spelling(token)), span(token)};
    if (name.text.empty() && !token.bad) complain(Kind::kSyntax, name.span, "a name is not empty");
    if (name.text.size() > kMaxNameBytes)
      complain(Kind::kTooLarge, name.span,
               fmt::format("this name has more than {} bytes", kMaxNameBytes));
    advance();
    return name;
  }
  bool reserved = word_kind(spelling(token)) != K::kName && token.kind != K::kEnd;
  auto& diagnostic = fail_expected(what);
  if (reserved)
    diagnostic.hint = fmt::format(
        "`{0}` is a word of the language; as a name it is written \"{0}\"", spelling(token));
  return {"", span_from(pos_)};
}

// names = name ("," name)*
std::vector<Name> Parser::parse_names(std::string_view what) {
  std::vector<Name> names;
  do names.push_back(parse_name(what));
  while (take(K::kComma));
  return names;
}

std::string Parser::parse_text(std::string_view what) {
  const Token& token = peek();
  if (token.kind != K::kString) {
    fail_expected(what);
    return "";
  }
  advance();
  return unquote(spelling(token));
}

// title = string
std::optional<std::string> Parser::parse_title() {
  if (!is(K::kString)) return std::nullopt;
  return parse_text("a title");
}

bool Parser::is_integer(size_t ahead) const {
  return kind(ahead) == K::kNumber &&
         spelling(peek(ahead)).find_first_not_of("0123456789_") == std::string_view::npos;
}

// integer = digits
std::optional<int> Parser::parse_integer(std::string_view what, int limit) {
  const Token& token = peek();
  if (!is_integer()) {
    fail_expected(what);
    return std::nullopt;
  }
  auto value = number_value(spelling(token));
  if (!token.bad && (!value || *value > limit)) {
    fail(Kind::kBadNumber, span(token), fmt::format("{} is at most {} here", what, limit));
    return std::nullopt;
  }
  advance();
  return static_cast<int>(value.value_or(0));
}

// member = name | string | integer
Name Parser::parse_member(bool only_names) {
  if (!only_names && is_integer()) {
    Span where = span(peek());
    auto value = parse_integer("a member's number", 1'000'000'000);
    return {std::to_string(value.value_or(0)), where};
  }
  return parse_name("a member");
}

// signed = ["-"] number
double Parser::parse_signed(std::string_view what) {
  bool negative = take(K::kMinus);
  const Token& token = peek();
  if (token.kind != K::kNumber) {
    fail_expected(what);
    return 0;
  }
  advance();
  double value = token.bad ? 0 : number_value(spelling(token)).value_or(0);
  return negative ? -value : value;
}

// ratio = number ["/" number]
double Parser::parse_ratio(std::string_view what) {
  size_t begin = pos_;
  double value = parse_signed(what);
  if (take(K::kSlash)) {
    double divisor = parse_signed("a number");
    if (divisor == 0)
      complain(Kind::kBadNumber, span_from(begin), "this divides by zero");
    else
      value /= divisor;
  }
  return value;
}

// `from` starts sources before `@`, else a dated clause.
bool Parser::at_provenance() const {
  if (is(K::kFrom)) return kind(1) == K::kSourceId;
  return (is_word("assumed") || is_word("note")) && kind(1) == K::kString;
}

// provenance = ("from" source ("," source)* | "assumed" string | "note" string)*
// In a clause, `cite` string may stand among them.
void Parser::parse_provenance(Provenance& provenance, std::optional<std::string>* cite) {
  auto once = [&](std::optional<std::string>& slot, std::string_view word) {
    Span where = span(peek());
    advance();
    if (slot) complain(Kind::kSyntax, where, fmt::format("`{}` is given twice", word));
    slot = parse_text("a text");
  };
  for (;;) {
    if (cite && is_word("cite")) {
      once(*cite, "cite");
    } else if (!at_provenance()) {
      return;
    } else if (take(K::kFrom)) {
      parse_source_list(provenance);
    } else if (is_word("assumed")) {
      once(provenance.assumed, "assumed");
    } else {
      once(provenance.note, "note");
    }
  }
}

// source ("," source)*, where source = "@" name
void Parser::parse_source_list(Provenance& provenance) {
  do {
    const Token& token = peek();
    if (token.kind != K::kSourceId) {
      fail_expected("a source such as `@id`");
      return;
    }
    auto id = spelling(token).substr(1);
    provenance.sources.push_back(
        {id.starts_with('"') ? unquote(id) : std::string(id), span(token)});
    advance();
  } while (take(K::kComma));
}

// ---------------------------------------------------------------- statements

// file = statement*
void Parser::parse_file() {
  while (tokens_[pos_].kind != K::kEnd) parse_statement();
}

ExprId Parser::parse_only_expression() {
  end_ = tokens_.size() - 1;
  end_token_ = tokens_.back();
  size_t errors = diagnostics_.errors();
  ExprId id = parse_expr();
  if (!failed_ && !done()) fail_expected("the end of the value");
  if (failed_ || diagnostics_.errors() > errors) return bad();
  return id;
}

// Reads the tokens of one statement, all of them.
void Parser::parse_statement() {
  size_t begin = pos_;
  end_ = begin + 1;
  while (!tokens_[end_].starts_statement) ++end_;
  end_token_ = {.kind = K::kEnd, .begin = tokens_[end_ - 1].end, .end = tokens_[end_ - 1].end};
  failed_ = false;
  nesting_ = 0;
  in_function_ = false;
  in_case_ = false;
  recovered_ = SIZE_MAX;
  if (!tokens_[begin].starts_statement) {
    fail("a statement starts in the first column").hint = "move it to the start of its line";
  } else if (auto id = parse_statement_here()) {
    tree_.top_level.push_back(*id);
  }
  pos_ = end_;
}

// The ## lines between the token before and `token`, without their marks.
std::string Parser::docs_before(size_t token) {
  std::string doc;
  uint32_t from = token == 0 ? 0 : tokens_[token - 1].end;
  uint32_t to = tokens_[token].begin;
  const auto& comments = buffer_.comments;
  while (comment_ < comments.size() && comments[comment_].begin < from) ++comment_;
  for (; comment_ < comments.size() && comments[comment_].begin < to; ++comment_) {
    const Comment& comment = comments[comment_];
    if (!comment.doc) continue;
    auto line = std::string_view(text_).substr(comment.begin, comment.end - comment.begin);
    line.remove_prefix(2);
    if (line.starts_with(' ')) line.remove_prefix(1);
    if (!doc.empty()) doc += '\n';
    doc += line;
  }
  return doc;
}

// statement = model | time | unit | dim | map | data | value | stock | table | correlate
//           | function | claim | check | scenario | source | observe | enum | fact | group | rule
// Nothing is added for a text whose first word starts no statement.
std::optional<StatementId> Parser::parse_statement_here() {
  size_t begin = pos_;
  Statement statement;
  statement.doc = docs_before(begin);
  switch (kind()) {
    case K::kModel:
      statement.node = parse_model();
      break;
    case K::kTime:
      statement.node = parse_time();
      break;
    case K::kUnit:
      statement.node = parse_unit();
      break;
    case K::kDim:
      statement.node = parse_dim();
      break;
    case K::kMap:
      statement.node = parse_map();
      break;
    case K::kData:
      statement.node = parse_data();
      break;
    case K::kParam:
    case K::kLet:
    case K::kFlow:
    case K::kMeasure:
      statement.node = parse_value();
      break;
    case K::kStock:
      statement.node = parse_stock();
      break;
    case K::kTable:
      statement.node = parse_table();
      break;
    case K::kCorrelate:
      statement.node = parse_correlate();
      break;
    case K::kFunction:
      statement.node = parse_function();
      break;
    case K::kClaim:
      statement.node = parse_claim();
      break;
    case K::kCheck:
      statement.node = parse_check();
      break;
    case K::kScenario:
      statement.node = parse_scenario();
      break;
    case K::kSource:
      statement.node = parse_source();
      break;
    case K::kObserve:
      statement.node = parse_observe();
      break;
    case K::kEnum:
      statement.node = parse_enum();
      break;
    case K::kFact:
      statement.node = parse_fact();
      break;
    case K::kGroup:
      statement.node = parse_group();
      break;
    case K::kRule:
      statement.node = parse_rule();
      break;
    default:
      unknown_statement();
      return std::nullopt;
  }
  statement.span = span_from(begin);
  return tree_.add(std::move(statement));
}

void Parser::unknown_statement() {
  auto word = spelling(peek());
  bool short_name = is(K::kName) && word.size() <= 32;
  bool defines =
      is_name() && (kind(1) == K::kAssign || kind(1) == K::kColon || kind(1) == K::kOpenBracket);
  auto& diagnostic = fail(fmt::format("expected a statement, found {}", found()));
  std::string near = short_name && !defines ? text::nearest(word, statement_words()) : "";
  if (!near.empty())
    diagnostic.hint = fmt::format("did you mean `{}`?", near);
  else if (defines && word.size() <= 40)
    diagnostic.hint = fmt::format("write `let {} = ...` or `param {} = ...`", word, word);
  else
    diagnostic.hint = "a statement starts with a word such as `let`, `param`, `stock` or `flow`";
}

// Complains about what is left of a statement.
void Parser::check_finished(std::string_view expected) {
  if (done() || at_local()) return;
  bool assign = is(K::kAssign);
  bool after_word = pos_ > 0 && tokens_[pos_ - 1].kind == K::kName;
  bool bracket = (is(K::kOpenParen) || is(K::kOpenBracket)) && after_word;
  bool statement = starts_statement(kind()) && peek().first_on_line;
  auto& diagnostic = fail_expected(expected);
  if (statement) diagnostic.hint = "a statement starts in the first column";
  if (assign) diagnostic.hint = "a comparison is written `==`";
  if (bracket) diagnostic.hint = "a name touches its bracket: `name(...)`, `name[...]`";
}

}  // namespace headrace::syntax
