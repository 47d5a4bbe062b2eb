#pragma once

// The parser behind syntax.h: recursive descent over the tokens of one source.
//
// Errors. The first error in a stretch of text is reported and puts the parser in the failed
// state, in which it sees only the end of the statement: every function then returns by itself
// and expressions become Bad. `recover` leaves the state at the next line that can start a
// clause, an entry or a local statement; the next statement leaves it in any case. So one fault
// gives one message, and every token is passed over a bounded number of times.
//
// Depth. Functions that can call themselves hold a Nesting; chains of operators, which are read
// by loops, are bounded by the height of the tree they build. So neither this parser nor a
// recursive walk over its trees can exhaust the stack.

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "syntax/lex.h"
#include "syntax/syntax.h"

namespace headrace::syntax {

class Parser {
 public:
  Parser(const text::SourceSet& sources, text::SourceId source, const TokenBuffer& buffer,
         Tree& tree, text::Diagnostics& diagnostics);

  void parse_file();
  ExprId parse_only_expression();

 private:
  using K = TokenKind;

  // One level of nesting; makes the parser fail when there are too many.
  class Nesting {
   public:
    explicit Nesting(Parser& parser);
    ~Nesting() { --parser_.nesting_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    Parser& parser_;
  };

  // parse.cc: tokens
  const Token& peek(size_t ahead = 0) const;
  K kind(size_t ahead = 0) const { return peek(ahead).kind; }
  bool is(K kind) const { return peek().kind == kind; }
  bool done() const { return is(K::kEnd); }
  // A name without quotes that is this word; such words are known only by their place.
  bool is_word(std::string_view word, size_t ahead = 0) const;
  bool is_name(size_t ahead = 0) const {
    return kind(ahead) == K::kName || kind(ahead) == K::kString;
  }
  bool starts_expression(size_t ahead = 0) const;
  void advance();
  bool take(K kind);
  bool take_word(std::string_view word);
  bool expect(K kind, std::string_view where = {});
  std::string_view spelling(const Token& token) const;
  text::Span span(const Token& token) const;
  // From the token at `begin` to the last one read.
  text::Span span_from(size_t begin) const;
  std::string found() const;
  // Fails at the next token. The diagnostic returned may be given a hint.
  text::Diagnostic& fail(std::string message);
  text::Diagnostic& fail(text::Kind kind, text::Span span, std::string message);
  // "expected A, found B".
  text::Diagnostic& fail_expected(std::string_view what);
  // A complaint after which reading can go on.
  text::Diagnostic& complain(text::Kind kind, text::Span span, std::string message);
  // Skips to the next line for which `starts` holds, or to the end of the statement.
  void recover(const std::function<bool()>& starts);

  // parse.cc: what many statements share
  Name parse_name(std::string_view what);
  std::vector<Name> parse_names(std::string_view what);
  std::string parse_text(std::string_view what);
  std::optional<std::string> parse_title();
  Name parse_member(bool only_names = false);
  bool is_integer(size_t ahead = 0) const;
  std::optional<int> parse_integer(std::string_view what, int limit);
  double parse_signed(std::string_view what);
  double parse_ratio(std::string_view what);
  bool at_provenance() const;
  void parse_provenance(Provenance& provenance, std::optional<std::string>* cite = nullptr);
  void parse_source_list(Provenance& provenance);

  // parse.cc: statements as such
  void parse_statement();
  std::optional<StatementId> parse_statement_here();
  std::string docs_before(size_t token);
  void unknown_statement();
  void check_finished(std::string_view expected);

  // parse_unit.cc
  UnitExpr parse_unit_expr();
  std::optional<UnitExpr> parse_unit_annotation();
  void parse_unit_product(std::vector<UnitTerm>& terms, bool divided);
  void parse_unit_term(std::vector<UnitTerm>& terms, bool divided);
  std::optional<int> parse_unit_exponent();
  bool starts_unit(size_t ahead = 0) const;
  bool is_unit_name_after_number() const;

  // parse_expr.cc
  ExprId parse_expr();
  ExprId parse_if();
  ExprId parse_or();
  ExprId parse_and();
  ExprId parse_not();
  ExprId parse_comparison();
  ExprId parse_range();
  bool at_coverage() const;
  void parse_coverage(Range& range);
  ExprId parse_sum();
  ExprId parse_product();
  ExprId parse_unary();
  ExprId parse_power();
  ExprId parse_postfix();
  ExprId parse_timepoint();
  ExprId parse_primary();
  ExprId parse_quantity();
  ExprId parse_date();
  ExprId parse_reference_or_call();
  ExprId parse_call(Name function, size_t begin);
  Argument parse_argument();
  bool at_label() const;
  std::vector<Index> parse_indexes();
  Index parse_index();
  std::optional<Over::Kind> at_over() const;
  ExprId bad();
  ExprId add(size_t begin, decltype(Expr::node) node, std::initializer_list<ExprId> children);
  ExprId add_binary(size_t begin, BinaryOp op, text::Span op_span, ExprId left, ExprId right);
  int height(ExprId id) const;

  // parse_declaration.cc: statements of one part
  ModelDecl parse_model();
  TimeDecl parse_time();
  UnitDecl parse_unit();
  DimDecl parse_dim();
  void parse_numbered_members(DimDecl& dim);
  MapDecl parse_map();
  DataDecl parse_data();
  DataDecl::Part parse_data_part();
  void parse_cells(DataDecl::Part& part);
  void parse_times(Cells& cells);
  void parse_interpolation(DataDecl::Interpolation& interpolation);
  TableDecl parse_table();
  CorrelateDecl parse_correlate();
  ClaimDecl parse_claim();
  CheckDecl parse_check();
  SourceDecl parse_source();
  ObserveDecl parse_observe();

  // parse_rule.cc: law
  EnumDecl parse_enum();
  FactDecl parse_fact();
  GroupDecl parse_group();
  RuleDecl parse_rule();
  RuleClause parse_rule_clause();
  GroupClause parse_group_clause();
  bool at_rule_clause() const;
  ExprId parse_case_expr();
  ExprId parse_membership(size_t begin, ExprId first);

  // parse_value.cc: statements with clauses or entries
  ValueDecl parse_value();
  StockDecl parse_stock();
  void parse_stock_line(StockDecl& stock);
  FunctionDecl parse_function();
  Parameter parse_parameter();
  void parse_locals(FunctionDecl& function);
  ScenarioDecl parse_scenario();
  OverlayEntry parse_overlay();
  std::vector<DimensionUse> parse_dims();
  bool at_clause() const;
  bool at_stock_line() const;
  bool at_local() const;
  bool at_overlay() const;
  Clause parse_clause();
  std::vector<Index> parse_pattern();
  ExprId parse_condition();

  const std::string& text_;
  text::SourceId source_;
  const TokenBuffer& buffer_;
  const std::vector<Token>& tokens_;
  Tree& tree_;
  text::Diagnostics& diagnostics_;

  size_t pos_ = 0;
  size_t end_ = 0;               // one past the last token of the statement
  size_t comment_ = 0;           // the first comment not yet passed
  size_t recovered_ = SIZE_MAX;  // where recover stopped last
  bool failed_ = false;
  bool in_function_ = false;
  bool in_case_ = false;  // within a condition of a rule or the value of a fact
  int nesting_ = 0;
  size_t numbered_members_ = 0;
  size_t first_expr_;           // of this parser in the tree
  std::vector<int> heights_;    // of the expressions from first_expr_ on
  text::Diagnostic ignored_{};  // what complaints in the failed state write to
  Token end_token_;
};

}  // namespace headrace::syntax
