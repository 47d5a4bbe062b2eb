#include <fmt/format.h>

#include <utility>

#include "base/undefined.h"
#include "syntax/parser.h"

namespace headrace::syntax {

using text::Kind;

namespace {
constexpr std::string_view kStatementEnd = "the end of the statement";
}

// model = "model" name [string] ["units" ("strict" | "loose")]
ModelDecl Parser::parse_model() {
  ModelDecl model;
  expect(K::kModel);
  model.name = parse_name("the model's name");
  model.title = parse_title();
  if (take_word("units")) {
    if (take_word("loose"))
      model.loose_units = true;
    else if (!take_word("strict"))
      fail_expected("`strict` or `loose`");
  }
  check_finished("a title, `units` or the end of the statement");
  return model;
}

// time = "time" sum "to" sum "step" ratio [unitname]
//        ("save" ratio [unitname] | "in" unitname | "method" ("euler" | "rk4"))*
TimeDecl Parser::parse_time() {
  TimeDecl time;
  expect(K::kTime);
  time.start = parse_sum();
  expect(K::kTo, "and the end time");
  time.end = parse_sum();
  if (!failed_ && !take_word("step")) {
    fail_expected("`step`").hint = "time is declared as `time START to END step 0.25`";
  }
  auto unit_name = [&]() -> std::optional<Name> {
    if (!is_unit_name_after_number()) return std::nullopt;
    return parse_name("a unit");
  };
  auto once = [&](bool given, std::string_view word) {
    if (given) complain(Kind::kSyntax, span(peek()), fmt::format("`{}` is given twice", word));
  };
  time.step = parse_ratio("the time step");
  time.step_unit = unit_name();
  bool has_method = false;
  for (;;) {
    if (is_word("save")) {
      once(time.save.has_value(), "save");
      advance();
      time.save = parse_ratio("the time between saved values");
      time.save_unit = unit_name();
    } else if (is(K::kIn)) {
      once(time.unit.has_value(), "in");
      advance();
      time.unit = parse_name("a unit of time");
    } else if (is_word("method")) {
      once(has_method, "method");
      has_method = true;
      advance();
      if (take_word("rk4"))
        time.method = TimeDecl::Method::kRk4;
      else if (take_word("euler"))
        time.method = TimeDecl::Method::kEuler;
      else
        fail_expected("`euler` or `rk4`");
    } else {
      break;
    }
  }
  check_finished("`save`, `in`, `method` or the end of the statement");
  return time;
}

// unit = "unit" name ("," name)*
//      | "unit" name "=" (unitexpr | number [["*" | "/"] unitexpr])
UnitDecl Parser::parse_unit() {
  UnitDecl unit;
  expect(K::kUnit);
  unit.names = parse_names("the unit's name");
  if (!is(K::kAssign)) {
    check_finished("`,`, `=` or the end of the statement");
    return unit;
  }
  if (unit.names.size() > 1) fail("only one unit can be defined by `=`");
  advance();
  size_t begin = pos_;
  UnitExpr definition;
  if (is(K::kNumber)) {
    definition.factor = parse_signed("a number");
    if (take(K::kSlash))
      parse_unit_product(definition.terms, true);
    else if (take(K::kStar) || starts_unit())
      parse_unit_product(definition.terms, false);
  } else {
    parse_unit_product(definition.terms, false);
  }
  definition.span = span_from(begin);
  unit.definition = std::move(definition);
  check_finished(kStatementEnd);
  return unit;
}

// dim = "dim" name ["<" name] "=" member ("," member)*
//     | "dim" name "=" integer ".." integer
//     | "dim" name "from" string "by" name
DimDecl Parser::parse_dim() {
  DimDecl dim;
  expect(K::kDim);
  dim.name = parse_name("the dimension's name");
  if (take(K::kLess)) dim.parent = parse_name("the larger dimension");
  if (!dim.parent && take(K::kFrom)) {
    dim.file = Name{"", span(peek())};
    dim.file->text = parse_text("the path of a CSV file in quotes");
    if (!failed_ && !take_word("by")) fail_expected("`by` and a column");
    dim.column = parse_name("a column");
  } else {
    expect(K::kAssign);
    if (kind(1) == K::kDotDot) {
      parse_numbered_members(dim);
    } else {
      do dim.members.push_back(parse_member());
      while (take(K::kComma));
    }
  }
  check_finished("`,` or the end of the statement");
  return dim;
}

// integer ".." integer
void Parser::parse_numbered_members(DimDecl& dim) {
  constexpr int kLimit = 1'000'000'000;
  size_t begin = pos_;
  int first = parse_integer("a member's number", kLimit).value_or(1);
  expect(K::kDotDot);
  int last = parse_integer("the last member's number", kLimit).value_or(first);
  if (failed_) return;
  text::Span where = span_from(begin);
  if (last < first) {
    fail(Kind::kBadStatement, where, "this range has no members").hint =
        "write the smaller end first";
    return;
  }
  size_t count = static_cast<size_t>(last) - first + 1;
  if (count > kMaxNumberedMembers - numbered_members_) {
    fail(Kind::kTooLarge, where, fmt::format("more than {} numbered members", kMaxNumberedMembers));
    return;
  }
  numbered_members_ += count;
  dim.members.reserve(count);
  for (int number = first; number <= last; ++number)
    dim.members.push_back({std::to_string(number), where});
}

// map = "map" [name "from"] name "to" name "=" member ":" member ("," member ":" member)*
MapDecl Parser::parse_map() {
  MapDecl map;
  expect(K::kMap);
  map.from = parse_name("a dimension");
  if (take(K::kFrom)) {
    map.name = std::move(map.from);
    map.from = parse_name("a dimension");
  }
  expect(K::kTo, "and the other dimension");
  map.to = parse_name("a dimension");
  expect(K::kAssign);
  do {
    Name from = parse_member();
    expect(K::kColon, "and the member it maps to");
    map.pairs.emplace_back(std::move(from), parse_member());
  } while (take(K::kComma));
  check_finished("`,` or the end of the statement");
  return map;
}

// data = "data" name [dims] [title] [":" unitexpr] (column | part) provenance part*
// column = "from" string "column" name ["at" name] ["linear" | "step"]
DataDecl Parser::parse_data() {
  DataDecl data;
  expect(K::kData);
  data.name = parse_name("a name");
  data.dims = parse_dims();
  data.title = parse_title();
  data.unit = parse_unit_annotation();
  const bool patterned = is(K::kOpenBracket) || at_provenance();
  if (!patterned) {
    DataDecl::Part part = parse_data_part();
    if (part.cells && part.cells->first.text.empty()) {  // a column
      data.file = std::move(part.cells->file);
      if (!failed_ && !take_word("column")) fail_expected("`column` or `cells`");
      data.column = parse_name("a column");
      if (take(K::kAt)) data.at = parse_name("the column with the dates");
      parse_interpolation(data.interpolation);
    } else if (!part.cells) {
      data.values = std::move(part.values);
    } else {
      data.parts.push_back(std::move(part));
    }
  }
  parse_provenance(data.provenance);
  if (patterned && !is(K::kOpenBracket) && !failed_)
    fail_expected("`from` and the path of a file, `=` and numbers, or members in brackets");
  if (data.column.text.empty() && is(K::kOpenBracket)) {
    if (!data.values.empty())
      data.parts.push_back({{}, {}, {}, std::exchange(data.values, {}), data.name.span});
    while (!failed_ && is(K::kOpenBracket)) data.parts.push_back(parse_data_part());
  }
  check_finished("`,`, members in brackets, a source or the end of the statement");
  return data;
}

// part = [pattern] (cells | "=" held ("," held)*)
// held = signed | "undefined"
DataDecl::Part Parser::parse_data_part() {
  const size_t begin = pos_;
  DataDecl::Part part;
  part.pattern = parse_pattern();
  if (take(K::kAssign)) {
    do part.values.push_back(take_word("undefined") ? base::kUndefined : parse_signed("a number"));
    while (!failed_ && take(K::kComma));
  } else {
    expect(K::kFrom, "and the path of a file, or `=` and numbers");
    parse_cells(part);
  }
  part.span = span_from(begin);
  return part;
}

// cells = string ["delimited" string] "cells" name ["to" name] ["transposed"]
//         ["at" times interpolation]
void Parser::parse_cells(DataDecl::Part& part) {
  Cells& cells = part.cells.emplace();
  cells.file = {"", span(peek())};
  cells.file.text = parse_text("the path of a file in quotes");
  if (take_word("delimited")) {
    cells.delimiter = parse_text("the character between cells, in quotes");
    if (!failed_ && cells.delimiter->size() != 1)
      fail(Kind::kSyntax, span(tokens_[pos_ - 1]), "cells are parted by one character");
  }
  if (!failed_ && is_word("column") && part.pattern.empty() && !cells.delimiter) return;
  if (!failed_ && !take_word("cells")) {
    fail_expected(part.pattern.empty() ? "`column` or `cells`" : "`cells`");
    return;
  }
  cells.first = parse_name("the first cell, such as B2, or the name of a range");
  if (take(K::kTo)) cells.last = parse_name("the last cell");
  cells.transposed = take_word("transposed");
  if (take(K::kAt)) {
    parse_times(cells);
    parse_interpolation(part.interpolation);
  }
}

// times = ("row" integer | "column" name | "cells" name) ["gaps"]
void Parser::parse_times(Cells& cells) {
  cells.times = {"", span(peek())};
  if (take_word("row")) {
    cells.along = Cells::Along::kRow;
    cells.times = {"", span(peek())};
    cells.times.text = std::to_string(parse_integer("the number of a row", 1'048'576).value_or(0));
  } else if (take_word("column")) {
    cells.along = Cells::Along::kColumn;
    cells.times = parse_name("the letters of a column");
  } else if (take_word("cells")) {
    cells.along = Cells::Along::kCells;
    cells.times = parse_name("the name of a range");
  } else {
    fail_expected("`row`, `column` or `cells` and where the times stand");
  }
  cells.gaps = take_word("gaps");
}

// ["linear" | "step" | "forward" | "raw"]
void Parser::parse_interpolation(DataDecl::Interpolation& interpolation) {
  if (take_word("step"))
    interpolation = DataDecl::Interpolation::kStep;
  else if (take_word("forward"))
    interpolation = DataDecl::Interpolation::kForward;
  else if (take_word("raw"))
    interpolation = DataDecl::Interpolation::kRaw;
  else
    take_word("linear");
}

// table = "table" name "(" name [":" unitexpr] ")" [":" unitexpr] "=" point+
//         ["clamp" | "extrapolate" | "step"] provenance
// point = "(" signed "," signed ")"
TableDecl Parser::parse_table() {
  TableDecl table;
  expect(K::kTable);
  table.name = parse_name("the table's name");
  expect(K::kOpenParen, "and the name of the input");
  table.input = parse_name("the name of the input");
  table.input_unit = parse_unit_annotation();
  expect(K::kCloseParen);
  table.unit = parse_unit_annotation();
  expect(K::kAssign);
  do {
    expect(K::kOpenParen, "and a point");
    double x = parse_signed("a number");
    expect(K::kComma, "and the table's value");
    table.points.emplace_back(x, parse_signed("a number"));
    expect(K::kCloseParen);
    if (is(K::kComma)) fail("points are not separated").hint = "write `(0, 1) (2, 3)`";
  } while (is(K::kOpenParen));
  if (take_word("extrapolate"))
    table.beyond = TableDecl::Beyond::kExtrapolate;
  else if (take_word("step"))
    table.beyond = TableDecl::Beyond::kStep;
  else
    take_word("clamp");
  parse_provenance(table.provenance);
  check_finished("a point, `clamp`, `extrapolate`, `step`, a source or the end of the statement");
  return table;
}

// correlate = "correlate" name ("," name)* "=" signed ["(" "rank" ")"] provenance
CorrelateDecl Parser::parse_correlate() {
  CorrelateDecl correlate;
  expect(K::kCorrelate);
  correlate.names = parse_names("a param");
  expect(K::kAssign);
  correlate.value = parse_signed("a correlation");
  if (take(K::kOpenParen)) {
    if (!failed_ && !take_word("rank")) fail_expected("`rank`");
    expect(K::kCloseParen);
  }
  parse_provenance(correlate.provenance);
  check_finished("`(rank)`, a source or the end of the statement");
  return correlate;
}

// claim = "claim" name [string] ":" expr provenance
ClaimDecl Parser::parse_claim() {
  ClaimDecl claim;
  expect(K::kClaim);
  claim.name = parse_name("the claim's name");
  claim.title = parse_title();
  expect(K::kColon, "and a comparison");
  claim.condition = parse_condition();
  parse_provenance(claim.provenance);
  check_finished("a source or the end of the statement");
  return claim;
}

// check = "check" name [string] ":" expr
CheckDecl Parser::parse_check() {
  CheckDecl check;
  expect(K::kCheck);
  check.name = parse_name("the check's name");
  check.title = parse_title();
  expect(K::kColon, "and a condition");
  check.condition = parse_condition();
  check_finished(kStatementEnd);
  return check;
}

// source = "source" name [string] (("url" | "date" | "kind" | "note") string)*
//        | "source" "from" string
// The date may stand without quotes.
SourceDecl Parser::parse_source() {
  SourceDecl source;
  expect(K::kSource);
  if (take(K::kFrom)) {
    source.file = Name{"", span(peek())};
    source.file->text = parse_text("the path of a CSV file in quotes");
    check_finished(kStatementEnd);
    return source;
  }
  source.name = parse_name("the source's name");
  source.title = parse_title();
  auto slot = [&]() -> std::optional<std::string>* {
    if (is_word("url")) return &source.url;
    if (is_word("date")) return &source.date;
    if (is_word("kind")) return &source.kind;
    if (is_word("note")) return &source.note;
    return nullptr;
  };
  while (auto* field = slot()) {
    if (*field)
      complain(Kind::kSyntax, span(peek()), fmt::format("`{}` is given twice", spelling(peek())));
    advance();
    if (field == &source.date && is(K::kDate)) {
      *field = std::string(spelling(peek()));
      advance();
    } else {
      *field = parse_text("a text in quotes");
    }
  }
  check_finished("`url`, `date`, `kind`, `note` or the end of the statement");
  return source;
}

// observe = "observe" postfix ("~" | "<=" | ">=") expr provenance
// The primary of the postfix is a reference.
ObserveDecl Parser::parse_observe() {
  ObserveDecl observe;
  expect(K::kObserve);
  if (!failed_ && !is_name()) fail_expected("the name of what is observed");
  observe.observed = parse_postfix();
  if (take(K::kLessEqual)) {
    observe.relation = ObserveDecl::Relation::kAtMost;
  } else if (take(K::kGreaterEqual)) {
    observe.relation = ObserveDecl::Relation::kAtLeast;
  } else if (!failed_ && !take(K::kTilde)) {
    fail_expected("`~`").hint = "write `observe x over 2024 ~ normal(10, 2)`";
  }
  observe.distribution = parse_expr();
  parse_provenance(observe.provenance);
  check_finished("a source or the end of the statement");
  return observe;
}

}  // namespace headrace::syntax
