// Units, enums, facts and groups of the law.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "rules/gatherer.h"
#include "text/calendar.h"

namespace headrace::rules {

using syntax::ExprId;
using syntax::Name;
using text::Kind;
using text::Span;
using Op = Term::Op;
using units::Unit;

namespace {

std::optional<double> read_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

}  // namespace

void Gatherer::declare_units() {
  each<syntax::UnitDecl>([&](const syntax::UnitDecl& decl, Span) {
    if (decl.definition) {
      // Model::resolve tells what is wrong with units; here they are only wanted for numbers.
      if (auto unit = unit_of(*decl.definition)) {
        (void)book_.units.declare_derived(decl.names[0].text, decl.definition->factor, *unit);
      }
    } else {
      for (const Name& name : decl.names) (void)book_.units.declare_base(name.text);
    }
  });
}

std::optional<Unit> Gatherer::unit_of(const syntax::UnitExpr& expr) {
  Unit unit;
  for (const syntax::UnitTerm& term : expr.terms) {
    auto one = term.name.text == "1" ? std::optional(Unit()) : book_.units.find(term.name.text);
    if (!one) return std::nullopt;
    auto power = units::power(*one, units::Rational(term.exponent));
    auto product = power ? units::multiply(unit, *power) : power;
    if (!product) return std::nullopt;
    unit = *product;
  }
  return unit;
}

void Gatherer::add_enum(const syntax::EnumDecl& decl, Span) {
  check_new(decl.name);
  Enum made;
  made.name = decl.name.text;
  made.title = decl.title.value_or("");
  made.span = decl.name.span;
  if (decl.file)
    read_codes(decl, made);
  else
    for (const syntax::EnumCode& code : decl.codes)
      add_code(made, code.name.text, code.title.value_or(""), code.name.span);
  book_.enums.push_back(std::move(made));
}

void Gatherer::add_code(Enum& made, const std::string& code, const std::string& title, Span span) {
  if (made.codes.size() == kMaxCodes) {
    error(Kind::kTooLarge, span, fmt::format("more than {} codes", kMaxCodes));
    return;
  }
  if (!made.places.emplace(code, static_cast<int>(made.codes.size())).second) {
    error(Kind::kDuplicateName, span, fmt::format("`{}` is a code already", code));
    return;
  }
  made.codes.push_back(code);
  made.titles.push_back(title);
}

void Gatherer::read_codes(const syntax::EnumDecl& decl, Enum& made) {
  const auto source = open_(decl.file->text, decl.file->span);
  if (!source) {
    error(source.error().kind == base::Error::Kind::kInvalid ? Kind::kOutsidePath
                                                             : Kind::kMissingFile,
          decl.file->span, source.error().message);
    return;
  }
  made.table = text::read_csv(sources_, *source, diagnostics_);
  if (!made.table) return;
  const auto column = column_named(*made.table, *decl.column);
  const auto words = decl.words ? column_named(*made.table, *decl.words) : std::nullopt;
  if (!column) {
    made.table.reset();
    return;
  }
  for (size_t row = 0; row < made.table->rows.size(); ++row) {
    const auto& cells = made.table->rows[row];
    if (cells[*column].empty()) {
      error(Kind::kBadData, made.table->span(row, *column), "a code is missing here");
      continue;
    }
    const size_t before = made.codes.size();
    add_code(made, cells[*column], words ? cells[*words] : "", made.table->span(row, *column));
    if (made.codes.size() == before + 1) rows_[book_.enums.size()].push_back(row);
  }
}

std::optional<size_t> Gatherer::column_named(const text::CsvTable& table, const Name& name) {
  if (auto column = table.column(name.text)) return column;
  auto& diagnostic =
      error(Kind::kBadData, name.span, fmt::format("the file has no column `{}`", name.text));
  if (auto near = text::nearest(name.text, table.header); !near.empty())
    diagnostic.hint = fmt::format("did you mean `{}`?", near);
  return std::nullopt;
}

void Gatherer::declare_fact(const syntax::FactDecl& decl) {
  check_new(decl.name);
  Fact fact;
  fact.name = decl.name.text;
  fact.title = decl.title.value_or("");
  fact.span = decl.name.span;
  const auto& terms = decl.type.terms;
  const bool one_name = terms.size() == 1 && terms[0].exponent == 1 && decl.type.factor == 1;
  if (one_name && terms[0].name.text == "condition") {
    fact.kind = Fact::Kind::kCondition;
  } else if (auto type = one_name ? book_.find_enum(terms[0].name.text) : std::nullopt) {
    fact.kind = Fact::Kind::kCode;
    fact.type = *type;
  } else if (auto unit = unit_of(decl.type)) {
    fact.unit = *unit;
  } else {
    error(Kind::kUnknownUnit, decl.type.span, "this is no unit, no enum and not `condition`");
  }
  declared_facts_.push_back(static_cast<int>(book_.facts.size()));
  book_.facts.push_back(std::move(fact));
}

void Gatherer::fill_fact(const syntax::FactDecl& decl, int index) {
  if (decl.table) read_cells(decl, index);
  if (!decl.value) return;
  active_facts_.push_back(index);
  const Fact& fact = book_.facts[index];
  int value = -1;
  if (fact.kind == Fact::Kind::kCode)
    value = code_value(fact, *decl.value);
  else if (fact.kind == Fact::Kind::kCondition)
    value = condition(*decl.value);
  else
    value = number_in(*decl.value, fact.unit, "this fact");
  active_facts_.pop_back();
  if (value < 0) return;
  book_.facts[index].value = value;
  const Op op = book_.terms[value].op;
  book_.facts[index].assumed = op == Op::kNumber || op == Op::kTruth;
  if (reads_fact(value, index)) {
    error(Kind::kCycle, decl.name.span, fmt::format("`{}` hangs on itself", decl.name.text));
    book_.facts[index].value = -1;
  }
}

// The constant that stands for a code of the fact's enum.
int Gatherer::code_value(const Fact& fact, ExprId id) {
  auto* reference = std::get_if<syntax::Reference>(&tree_[id].node);
  if (!reference) {
    error(Kind::kBadRule, tree_[id].span, "a code is wanted here");
    return -1;
  }
  const auto code = code_named(fact.type, reference->name);
  return code ? add(Op::kNumber, tree_[id].span, {}, *code) : -1;
}

bool Gatherer::reads_fact(int term, int fact) const {
  std::vector<int> stack{term};
  std::set<int> seen;
  while (!stack.empty()) {
    const int at = stack.back();
    stack.pop_back();
    if (!seen.insert(at).second) continue;
    const Term& node = book_.terms[at];
    const bool about_fact = node.op == Op::kFact || node.op == Op::kFactIs || node.op == Op::kIn;
    if (about_fact && node.ref == fact) return true;
    if (about_fact && book_.facts[node.ref].value >= 0)
      stack.push_back(book_.facts[node.ref].value);
    stack.insert(stack.end(), node.args.begin(), node.args.end());
  }
  return false;
}

void Gatherer::read_cells(const syntax::FactDecl& decl, int index) {
  const auto type = enum_named(*decl.table);
  if (!type) return;
  const Enum& table = book_.enums[*type];
  if (!table.table) {
    if (!diagnostics_.has_errors())
      error(Kind::kBadRule, decl.table->span,
            fmt::format("`{}` is not read from a file", table.name));
    return;
  }
  for (size_t i = 0; i < book_.facts.size(); ++i) {
    if (book_.facts[i].kind == Fact::Kind::kCode && book_.facts[i].type == *type)
      book_.facts[index].table = static_cast<int>(i);
  }
  if (book_.facts[index].table < 0) {
    error(Kind::kBadRule, decl.table->span,
          fmt::format("no fact says which `{}` it is", table.name));
    return;
  }
  const auto column = column_named(*table.table, *decl.column);
  if (!column) return;
  for (size_t row : rows_[*type])
    book_.facts[index].cells.push_back(cell(book_.facts[index], *table.table, row, *column));
}

std::optional<double> Gatherer::cell(const Fact& fact, const text::CsvTable& table, size_t row,
                                     size_t column) {
  const std::string& text = table.rows[row][column];
  if (text.empty()) return std::nullopt;
  if (fact.kind == Fact::Kind::kCondition) {
    if (text == "yes" || text == "1") return 1;
    if (text == "no" || text == "0") return 0;
  } else if (fact.kind == Fact::Kind::kCode) {
    if (auto code = book_.enums[fact.type].find(text)) return *code;
  } else if (auto number = read_number(text); number && *number >= 0) {
    return number;
  }
  error(Kind::kBadData, table.span(row, column),
        fmt::format("`{}` is no value of `{}`", text, fact.name));
  return std::nullopt;
}

void Gatherer::add_group(const syntax::GroupDecl& decl, Span) {
  check_new(decl.name);
  const auto type = enum_named(decl.of);
  if (!type) return;
  Group group;
  group.name = decl.name.text;
  group.title = decl.title.value_or("");
  group.type = *type;
  group.span = decl.name.span;
  group.base = members(*type, decl.members);
  for (const syntax::GroupClause& clause : decl.clauses) {
    const auto date = date_of(clause.date);
    if (!date) continue;
    group.clauses.push_back(
        {*date, clause.joins, members(*type, clause.members), clause.cite.value_or("")});
  }
  std::stable_sort(group.clauses.begin(), group.clauses.end(),
                   [](const auto& a, const auto& b) { return a.from < b.from; });
  book_.groups.push_back(std::move(group));
}

Codes Gatherer::members(int type, const std::vector<Name>& names) {
  Codes codes;
  for (const Name& name : names) {
    const auto code = code_named(type, name);
    if (!code) continue;
    if (codes.test(*code))
      error(Kind::kDuplicateName, name.span, fmt::format("`{}` is named twice", name.text));
    codes.set(*code);
  }
  return codes;
}

std::optional<double> Gatherer::date_of(ExprId id) {
  if (auto* date = std::get_if<syntax::Date>(&tree_[id].node))
    return text::to_years({date->year, date->month, date->day});
  error(Kind::kBadRule, tree_[id].span, "a date is wanted here, such as 2023-11-17").hint =
      "a date that may move belongs into a `let` that the clause stands under";
  return std::nullopt;
}

}  // namespace headrace::rules
