#include <fmt/format.h>

#include "syntax/parser.h"

namespace headrace::syntax {

using text::Kind;

// dims = ["[" dimension ("," dimension)* "]"]
// dimension = name | name "in" name
std::vector<DimensionUse> Parser::parse_dims() {
  std::vector<DimensionUse> dims;
  if (!take(K::kOpenBracket)) return dims;
  do {
    Name name = parse_name("a dimension");
    if (take(K::kIn))
      dims.push_back({parse_name("a dimension"), std::move(name)});
    else
      dims.push_back({std::move(name), std::nullopt});
  } while (take(K::kComma));
  expect(K::kCloseBracket, "after the dimensions");
  return dims;
}

// ---------------------------------------------------------------- clauses

bool Parser::at_clause() const {
  return (is(K::kFrom) && kind(1) != K::kSourceId) || is(K::kOpenBracket);
}

// pattern = "[" member ("," member)* "]"
std::vector<Index> Parser::parse_pattern() {
  if (!is(K::kOpenBracket)) return {};
  std::vector<Index> pattern = parse_indexes();
  for (const Index& index : pattern) {
    bool offset = index.kind == Index::Kind::kName && index.number != 0;
    if (index.kind == Index::Kind::kStar || offset)
      complain(Kind::kSyntax, index.span, "a clause is for a member or for a dimension").hint =
          "for all members, name the dimension";
  }
  return pattern;
}

// clause = ["from" sum ["ramp" sum]] [pattern] "=" expr (provenance | "cite" string)*
Clause Parser::parse_clause() {
  size_t begin = pos_;
  Clause clause;
  if (take(K::kFrom)) {
    clause.date = parse_sum();
    if (take_word("ramp")) clause.ramp = parse_sum();
  }
  clause.pattern = parse_pattern();
  expect(K::kAssign, "and a value");
  clause.value = parse_expr();
  parse_provenance(clause.provenance, &clause.cite);
  clause.span = span_from(begin);
  return clause;
}

// value = ("param" | "let" | "flow" | "measure") name [dims] [title] [":" unitexpr] ["=" expr]
//         provenance clause*
ValueDecl Parser::parse_value() {
  ValueDecl value;
  switch (kind()) {
    case K::kParam:
      value.kind = ValueDecl::Kind::kParam;
      break;
    case K::kFlow:
      value.kind = ValueDecl::Kind::kFlow;
      break;
    case K::kMeasure:
      value.kind = ValueDecl::Kind::kMeasure;
      break;
    default:
      value.kind = ValueDecl::Kind::kLet;
  }
  advance();
  value.name = parse_name("a name");
  value.dims = parse_dims();
  value.title = parse_title();
  value.unit = parse_unit_annotation();
  if (take(K::kAssign)) value.value = parse_expr();
  parse_provenance(value.provenance);
  if (!failed_ && !value.value && !at_clause()) {
    bool equal = is(K::kEqual);
    auto& diagnostic = fail_expected("`=` and a value");
    if (equal) diagnostic.hint = "a value is given by `=`";
  }
  for (;;) {
    if (failed_) recover([this] { return at_clause() || at_local(); });
    if (at_clause())
      value.clauses.push_back(parse_clause());
    else if (done() || at_local())
      break;
    else
      check_finished("a clause, a source or the end of the statement");
    if (!failed_ && done()) break;
  }
  return value;
}

// ---------------------------------------------------------------- stocks

bool Parser::at_stock_line() const {
  return is(K::kIn) || is(K::kRate) || is_word("nonnegative") || (is_word("out") && is_name(1));
}

// ("in" | "out") name ("," name)* | "d/dt" "=" expr | "nonnegative"
void Parser::parse_stock_line(StockDecl& stock) {
  auto append = [](std::vector<Name>& list, std::vector<Name> names) {
    for (Name& name : names) list.push_back(std::move(name));
  };
  if (take(K::kIn)) {
    append(stock.inflows, parse_names("a flow"));
  } else if (take_word("out")) {
    append(stock.outflows, parse_names("a flow"));
  } else if (take_word("nonnegative")) {
    stock.nonnegative = true;
  } else if (is(K::kRate)) {
    if (stock.net_rate) complain(Kind::kSyntax, span(peek()), "`d/dt` is given twice");
    advance();
    expect(K::kAssign);
    stock.net_rate = parse_expr();
  }
}

// stock = "stock" name [dims] [title] [":" unitexpr] ["=" expr] provenance
//         ("in" names | "out" names | "d/dt" "=" expr | "nonnegative" | clause)*
StockDecl Parser::parse_stock() {
  StockDecl stock;
  expect(K::kStock);
  stock.name = parse_name("the stock's name");
  stock.dims = parse_dims();
  stock.title = parse_title();
  stock.unit = parse_unit_annotation();
  if (take(K::kAssign)) stock.initial = parse_expr();
  parse_provenance(stock.provenance);
  if (!failed_ && !stock.initial && !at_clause() && !at_stock_line())
    fail_expected("`=` and the initial value");
  for (;;) {
    if (failed_) recover([this] { return at_clause() || at_stock_line() || at_local(); });
    if (at_clause())
      stock.clauses.push_back(parse_clause());
    else if (at_stock_line())
      parse_stock_line(stock);
    else if (done() || at_local())
      break;
    else
      check_finished("`in`, `out`, `d/dt`, a clause or the end of the statement");
    if (!failed_ && done()) break;
  }
  return stock;
}

// ---------------------------------------------------------------- functions

// parameter = name ["[" name ("," name)* "]"] [":" unitexpr] ["=" expr]
Parameter Parser::parse_parameter() {
  Parameter parameter;
  parameter.name = parse_name("a parameter");
  if (take(K::kOpenBracket)) {
    parameter.dims = parse_names("a dimension");
    expect(K::kCloseBracket, "after the dimensions");
  }
  parameter.unit = parse_unit_annotation();
  if (take(K::kAssign)) parameter.default_value = parse_expr();
  return parameter;
}

// Whether a line of a function's body starts here.
bool Parser::at_local() const {
  if (!peek().first_on_line || peek().starts_statement) return false;
  if (!in_function_) return false;
  bool local = is(K::kStock) || is(K::kLet) || is(K::kDim);
  return local || (is_word("return") && starts_expression(1));
}

// (stock | let | dim)*
void Parser::parse_locals(FunctionDecl& function) {
  for (;;) {
    if (failed_) recover([this] { return at_local(); });
    if (!is(K::kStock) && !is(K::kLet) && !is(K::kDim)) return;
    if (!peek().first_on_line) {
      fail("a `stock`, `let` or `dim` of a function stands on its own line");
      continue;
    }
    if (auto id = parse_statement_here()) function.locals.push_back(*id);
  }
}

// function = "function" name "(" [parameter ("," parameter)*] ")" [":" unitexpr]
//            "=" (expr | (stock | let | dim)* "return" expr)
FunctionDecl Parser::parse_function() {
  size_t begin = pos_;
  FunctionDecl function;
  expect(K::kFunction);
  function.name = parse_name("the function's name");
  expect(K::kOpenParen, "and the parameters");
  if (!is(K::kCloseParen)) {
    do function.parameters.push_back(parse_parameter());
    while (take(K::kComma));
  }
  expect(K::kCloseParen, "after the parameters");
  function.unit = parse_unit_annotation();
  expect(K::kAssign, "and the function's value");
  in_function_ = true;
  bool failed = failed_;
  if (failed) recover([this] { return at_local(); });
  bool body = is(K::kStock) || is(K::kLet) || is(K::kDim) || is_word("return");
  if (body) {
    parse_locals(function);
    if (!take_word("return") && !failed_ && !failed) {
      fail(Kind::kSyntax, {source_, tokens_[begin].begin, tokens_[begin].end},
           "this function returns nothing")
          .hint = "end its body with a line `return ...`";
    }
  }
  if (failed && done()) failed_ = true;  // Nothing is left to read; one message is enough.
  function.result = parse_expr();
  in_function_ = false;
  check_finished("the end of the function");
  return function;
}

// ---------------------------------------------------------------- scenarios

bool Parser::at_overlay() const {
  return is_name() && (kind(1) == K::kAssign || kind(1) == K::kFrom || kind(1) == K::kOpenBracket);
}

// overlay = name [pattern] clause
OverlayEntry Parser::parse_overlay() {
  OverlayEntry entry;
  size_t begin = pos_;
  entry.name = parse_name("the name of a `param` or `let`");
  std::vector<Index> pattern = parse_pattern();
  entry.clause = parse_clause();
  if (!pattern.empty()) {
    if (!entry.clause.pattern.empty())
      complain(Kind::kSyntax, entry.clause.pattern.front().span, "the members are named twice");
    entry.clause.pattern = std::move(pattern);
  }
  entry.clause.span = span_from(begin);
  return entry;
}

// scenario = "scenario" name [string] ["on" name ("," name)*] (overlay* | "{" overlay* "}")
// Overlays stand on lines of their own or are separated by `;`.
ScenarioDecl Parser::parse_scenario() {
  ScenarioDecl scenario;
  expect(K::kScenario);
  scenario.name = parse_name("the scenario's name");
  if (!at_overlay()) scenario.title = parse_title();
  if (!peek().first_on_line && is_word("on") && is_name(1)) {
    advance();
    scenario.base = parse_names("a scenario");
  }
  bool braces = take(K::kOpenBrace);
  for (bool first = true;; first = false) {
    if (failed_) {
      recover([this] { return at_overlay() || is(K::kCloseBrace); });
      first = true;
    }
    bool separated = first || peek().first_on_line;
    while (take(K::kSemicolon)) separated = true;
    if (done() || is(K::kCloseBrace)) break;
    if (!separated)
      fail_expected("a new line or `;`").hint = "each overlay stands on a line of its own";
    else
      scenario.entries.push_back(parse_overlay());
  }
  if (braces && !failed_) expect(K::kCloseBrace);
  check_finished(braces ? "the end of the statement" : "an overlay or the end of the statement");
  return scenario;
}

}  // namespace headrace::syntax
