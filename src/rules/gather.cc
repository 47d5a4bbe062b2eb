// From statements to a book: names resolved, units and kinds checked.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <unordered_map>

#include "rules/book.h"
#include "text/calendar.h"

namespace headrace::rules {
namespace {

using syntax::CompareOp;
using syntax::ExprId;
using syntax::Name;
using text::Kind;
using text::Span;
using Op = Term::Op;
using units::Unit;

constexpr int kMostLevels = 64;  // functions within functions, values within values
constexpr size_t kMostTerms = 200'000;

std::optional<double> read_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

class Gatherer {
 public:
  Gatherer(const syntax::Tree& tree, text::SourceSet& sources, const OpenFile& open,
           const std::vector<std::string>& scenarios, text::Diagnostics& diagnostics)
      : tree_(tree), sources_(sources), open_(open), diagnostics_(diagnostics) {
    collect_overlays(scenarios);
  }

  Book run() {
    collect();
    if (!any_) return std::move(book_);
    declare_units();
    each<syntax::EnumDecl>([&](const auto& decl, Span span) { add_enum(decl, span); });
    each<syntax::FactDecl>([&](const auto& decl, Span) { declare_fact(decl); });
    each<syntax::GroupDecl>([&](const auto& decl, Span span) { add_group(decl, span); });
    each<syntax::RuleDecl>([&](const auto& decl, Span) { declare_rule(decl); });
    size_t next = 0;
    each<syntax::FactDecl>([&](const auto& decl, Span) {
      if (next < declared_facts_.size()) fill_fact(decl, declared_facts_[next++]);
    });
    for (size_t i = 0; i < rule_decls_.size(); ++i) fill_rule(static_cast<int>(i));
    order_rules();
    return std::move(book_);
  }

 private:
  // ---------------------------------------------------------------- names

  template <class Decl>
  void each(const auto& visit) {
    for (syntax::StatementId id : tree_.top_level) {
      if (auto* decl = std::get_if<Decl>(&tree_[id].node)) visit(*decl, tree_[id].span);
    }
  }

  void collect() {
    for (syntax::StatementId id : tree_.top_level) {
      const auto& node = tree_[id].node;
      any_ |= std::holds_alternative<syntax::EnumDecl>(node) ||
              std::holds_alternative<syntax::FactDecl>(node) ||
              std::holds_alternative<syntax::GroupDecl>(node) ||
              std::holds_alternative<syntax::RuleDecl>(node);
      if (auto* value = std::get_if<syntax::ValueDecl>(&node))
        values_.emplace(value->name.text, value);
      if (auto* function = std::get_if<syntax::FunctionDecl>(&node))
        functions_[function->name.text] = function;
    }
  }

  // The overlays of the scenarios in the order of application, those they stand on before them.
  void collect_overlays(const std::vector<std::string>& scenarios) {
    std::map<std::string, const syntax::ScenarioDecl*> known;
    for (syntax::StatementId id : tree_.top_level) {
      if (auto* decl = std::get_if<syntax::ScenarioDecl>(&tree_[id].node))
        known.emplace(decl->name.text, decl);
    }
    std::set<std::string> applied;
    const std::function<void(const std::string&, int)> apply = [&](const std::string& name,
                                                                   int depth) {
      const auto at = known.find(name);
      if (at == known.end() || depth > kMostLevels || !applied.insert(name).second) return;
      for (const Name& base : at->second->base) apply(base.text, depth + 1);
      for (const auto& entry : at->second->entries)
        overlays_[entry.name.text].push_back(&entry.clause);
    };
    for (const std::string& name : scenarios) apply(name, 0);
  }

  text::Diagnostic& error(Kind kind, Span span, std::string message) {
    return diagnostics_.error(kind, span, std::move(message));
  }

  void check_new(const Name& name) {
    const auto [at, fresh] = names_.emplace(name.text, name.span);
    if (!fresh) {
      error(Kind::kDuplicateName, name.span, fmt::format("`{}` is declared twice", name.text))
          .labels.push_back({at->second, "first here"});
    } else if (const auto value = values_.find(name.text); value != values_.end()) {
      error(Kind::kDuplicateName, name.span, fmt::format("`{}` is declared twice", name.text))
          .labels.push_back({value->second->name.span, "first here"});
    }
  }

  std::optional<int> enum_named(const Name& name) {
    if (auto at = book_.find_enum(name.text)) return at;
    auto& diagnostic =
        error(Kind::kUnknownCode, name.span, fmt::format("there is no enum `{}`", name.text));
    std::vector<std::string> known;
    for (const Enum& each : book_.enums) known.push_back(each.name);
    if (auto near = text::nearest(name.text, known); !near.empty())
      diagnostic.hint = fmt::format("did you mean `{}`?", near);
    return std::nullopt;
  }

  std::optional<int> code_named(int type, const Name& name) {
    const Enum& decl = book_.enums[type];
    if (auto at = decl.find(name.text)) return at;
    auto& diagnostic = error(Kind::kUnknownCode, name.span,
                             fmt::format("`{}` is no code of `{}`", name.text, decl.name));
    if (auto near = text::nearest(name.text, decl.codes); !near.empty())
      diagnostic.hint = fmt::format("did you mean `{}`?", near);
    diagnostic.labels.push_back({decl.span, "its codes are declared here"});
    return std::nullopt;
  }

  // ---------------------------------------------------------------- units

  void declare_units() {
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

  std::optional<Unit> unit_of(const syntax::UnitExpr& expr) {
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

  // ---------------------------------------------------------------- enums

  void add_enum(const syntax::EnumDecl& decl, Span) {
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

  void add_code(Enum& made, const std::string& code, const std::string& title, Span span) {
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

  void read_codes(const syntax::EnumDecl& decl, Enum& made) {
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

  std::optional<size_t> column_named(const text::CsvTable& table, const Name& name) {
    if (auto column = table.column(name.text)) return column;
    auto& diagnostic =
        error(Kind::kBadData, name.span, fmt::format("the file has no column `{}`", name.text));
    if (auto near = text::nearest(name.text, table.header); !near.empty())
      diagnostic.hint = fmt::format("did you mean `{}`?", near);
    return std::nullopt;
  }

  // ---------------------------------------------------------------- facts

  void declare_fact(const syntax::FactDecl& decl) {
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

  void fill_fact(const syntax::FactDecl& decl, int index) {
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
  int code_value(const Fact& fact, ExprId id) {
    auto* reference = std::get_if<syntax::Reference>(&tree_[id].node);
    if (!reference) {
      error(Kind::kBadRule, tree_[id].span, "a code is wanted here");
      return -1;
    }
    const auto code = code_named(fact.type, reference->name);
    return code ? add(Op::kNumber, tree_[id].span, {}, *code) : -1;
  }

  bool reads_fact(int term, int fact) const {
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

  void read_cells(const syntax::FactDecl& decl, int index) {
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

  std::optional<double> cell(const Fact& fact, const text::CsvTable& table, size_t row,
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

  // ---------------------------------------------------------------- groups

  void add_group(const syntax::GroupDecl& decl, Span) {
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

  Codes members(int type, const std::vector<Name>& names) {
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

  std::optional<double> date_of(ExprId id) {
    if (auto* date = std::get_if<syntax::Date>(&tree_[id].node))
      return text::to_years({date->year, date->month, date->day});
    error(Kind::kBadRule, tree_[id].span, "a date is wanted here, such as 2023-11-17").hint =
        "a date that may move belongs into a `let` that the clause stands under";
    return std::nullopt;
  }

  // ---------------------------------------------------------------- terms

  int add(Op op, Span span, std::vector<int> args = {}, double number = 0, int ref = -1,
          int code = -1) {
    if (book_.terms.size() >= kMostTerms) {
      if (!too_large_) error(Kind::kTooLarge, span, "the rules have too many parts");
      too_large_ = true;
      return -1;
    }
    Term term;
    term.op = op;
    term.span = span;
    term.args = std::move(args);
    term.number = number;
    term.ref = ref;
    term.code = code;
    book_.terms.push_back(std::move(term));
    return static_cast<int>(book_.terms.size() - 1);
  }

  int add_truth(Op op, Span span, std::vector<int> args = {}, double number = 0, int ref = -1,
                int code = -1) {
    for (int arg : args)
      if (arg < 0) return -1;
    const int id = add(op, span, std::move(args), number, ref, code);
    if (id >= 0) book_.terms[id].truth = true;
    return id;
  }

  // The parameters of the functions being put in place, innermost last.
  std::optional<int> parameter(const std::string& name) const {
    if (calls_.empty()) return std::nullopt;
    const auto at = calls_.back().find(name);
    return at == calls_.back().end() ? std::nullopt : std::optional(at->second);
  }

  std::optional<int> code_fact(const Name& name) const {
    const auto fact = book_.find_fact(name.text);
    if (fact && book_.facts[*fact].kind == Fact::Kind::kCode) return fact;
    return std::nullopt;
  }

  // `fact == CODE` or `rule == CODE`; nothing when the comparison is about numbers.
  std::optional<int> comparison_of_codes(const syntax::Comparison& node, Span span) {
    if (node.operands.size() != 2) return std::nullopt;
    if (node.ops[0] != CompareOp::kEqual && node.ops[0] != CompareOp::kNotEqual)
      return std::nullopt;
    for (int side : {0, 1}) {
      auto* subject = std::get_if<syntax::Reference>(&tree_[node.operands[side]].node);
      auto* code = std::get_if<syntax::Reference>(&tree_[node.operands[1 - side]].node);
      if (!subject) continue;
      const auto fact = code_fact(subject->name);
      const auto rule = fact ? std::nullopt : book_.find_rule(subject->name.text);
      if (!fact && !rule) continue;
      if (!code) {
        error(Kind::kBadRule, tree_[node.operands[1 - side]].span,
              fmt::format("`{}` is compared with a code", subject->name.text));
        return -1;
      }
      const int type = fact ? book_.facts[*fact].type : book_.rules[*rule].type;
      const auto place = code_named(type, code->name);
      if (!place) return -1;
      int id = fact ? add_truth(Op::kFactIs, span, {}, 0, *fact, *place)
                    : add_truth(Op::kRuleIs, span, {}, 0, *rule, *place);
      if (node.ops[0] == CompareOp::kNotEqual) id = add_truth(Op::kNot, span, {id});
      return id;
    }
    return std::nullopt;
  }

  int condition(ExprId id) {
    const syntax::Expr& expr = tree_[id];
    const Span span = expr.span;
    if (++level_ > kMostLevels * 8) {
      --level_;
      error(Kind::kTooDeep, span, "this condition is nested too deep");
      return -1;
    }
    const int made = condition_of(expr, span);
    --level_;
    if (made >= 0 && !book_.terms[made].truth && book_.terms[made].op != Op::kUnknown) {
      error(Kind::kBadRule, span, "a condition is wanted here, and this is a number");
      return -1;
    }
    return made;
  }

  int condition_of(const syntax::Expr& expr, Span span) {
    if (auto* boolean = std::get_if<syntax::Boolean>(&expr.node))
      return add_truth(Op::kTruth, span, {}, boolean->value);
    if (auto* unary = std::get_if<syntax::Unary>(&expr.node);
        unary && unary->op == syntax::UnaryOp::kNot)
      return add_truth(Op::kNot, span, {condition(unary->operand)});
    if (auto* binary = std::get_if<syntax::Binary>(&expr.node)) {
      const bool both = binary->op == syntax::BinaryOp::kAnd;
      if (both || binary->op == syntax::BinaryOp::kOr) {
        const int left = condition(binary->left);
        return add_truth(both ? Op::kAnd : Op::kOr, span, {left, condition(binary->right)});
      }
    }
    if (auto* comparison = std::get_if<syntax::Comparison>(&expr.node))
      return compared(*comparison, span);
    if (auto* call = std::get_if<syntax::Call>(&expr.node)) {
      if (call->membership) return member(*call, span);
      return called(*call, span, [this](ExprId body) { return condition(body); });
    }
    if (auto* reference = std::get_if<syntax::Reference>(&expr.node))
      return named(*reference, span);
    error(Kind::kBadRule, span, "a condition is wanted here").hint =
        "conditions are made of comparisons, `in`, `and`, `or` and `not`";
    return -1;
  }

  int member(const syntax::Call& call, Span span) {
    auto* subject = std::get_if<syntax::Reference>(&tree_[call.arguments[0].value].node);
    const auto fact = subject ? code_fact(subject->name) : std::nullopt;
    if (!fact) {
      error(Kind::kBadRule, tree_[call.arguments[0].value].span,
            "only a fact that is one of an enum can be a member");
      return -1;
    }
    for (size_t g = 0; g < book_.groups.size(); ++g) {
      if (book_.groups[g].name != call.function.text) continue;
      if (book_.groups[g].type == book_.facts[*fact].type)
        return add_truth(Op::kIn, span, {}, 0, *fact, static_cast<int>(g));
      error(Kind::kBadRule, call.function.span,
            fmt::format("`{}` is a group of `{}`, and `{}` is one of `{}`", call.function.text,
                        book_.enums[book_.groups[g].type].name, subject->name.text,
                        book_.enums[book_.facts[*fact].type].name));
      return -1;
    }
    auto& diagnostic = error(Kind::kUnknownName, call.function.span,
                             fmt::format("there is no group `{}`", call.function.text));
    std::vector<std::string> known;
    for (const Group& each : book_.groups) known.push_back(each.name);
    if (auto near = text::nearest(call.function.text, known); !near.empty())
      diagnostic.hint = fmt::format("did you mean `{}`?", near);
    return -1;
  }

  int compared(const syntax::Comparison& node, Span span) {
    if (auto made = comparison_of_codes(node, span)) return *made;
    int all = -1;
    for (size_t i = 0; i < node.ops.size(); ++i) {
      const int left = number(node.operands[i]);
      int right = left < 0 ? -1 : number(node.operands[i + 1]);
      if (right >= 0) right = converted(right, book_.terms[left].unit, span);
      const int pair = add_truth(Op::kCompare, span, {left, right});
      if (pair < 0) return -1;
      book_.terms[pair].compare = node.ops[i];
      all = i == 0 ? pair : add_truth(Op::kAnd, span, {all, pair});
    }
    return all;
  }

  // A number, whatever it stands in the text as.
  int number(ExprId id) {
    const syntax::Expr& expr = tree_[id];
    if (++level_ > kMostLevels * 8) {
      --level_;
      error(Kind::kTooDeep, expr.span, "this is nested too deep");
      return -1;
    }
    const int made = number_of(expr, expr.span);
    --level_;
    if (made >= 0 && book_.terms[made].truth) {
      error(Kind::kBadRule, expr.span, "a number is wanted here, and this is a condition");
      return -1;
    }
    return made;
  }

  int number_in(ExprId id, const Unit& unit, std::string_view what) {
    const int made = number(id);
    if (made < 0) return -1;
    Term& term = book_.terms[made];
    const bool plain = term.op == Op::kNumber && term.unit == Unit();
    if (plain) term.unit = unit;  // A plain number adopts the unit that is declared.
    (void)what;
    return converted(made, unit, tree_[id].span);
  }

  int converted(int id, const Unit& unit, Span span) {
    const Unit from = book_.terms[id].unit;
    if (from == unit || book_.terms[id].op == Op::kUnknown) return id;
    const bool zero = book_.terms[id].op == Op::kNumber && book_.terms[id].number == 0;
    const auto factor = zero ? std::optional<double>(1) : units::conversion(from, unit);
    if (!factor) {
      error(Kind::kUnitMismatch, span,
            fmt::format("`{}` and `{}` do not go together", unit.text(), from.text()));
      return -1;
    }
    if (book_.terms[id].op == Op::kNumber) {
      const int made = add(Op::kNumber, book_.terms[id].span, {}, book_.terms[id].number * *factor);
      if (made >= 0) book_.terms[made].unit = unit;
      return made;
    }
    const int scale = add(Op::kNumber, span, {}, *factor);
    const int made = add(Op::kMultiply, span, {id, scale});
    if (made >= 0) book_.terms[made].unit = unit;
    return made;
  }

  int number_of(const syntax::Expr& expr, Span span) {
    if (auto* literal = std::get_if<syntax::Number>(&expr.node)) {
      const int made = add(Op::kNumber, span, {}, literal->value);
      if (made >= 0 && literal->unit) {
        const auto unit = unit_of({1, {*literal->unit}, span});
        if (!unit) {
          error(Kind::kUnknownUnit, literal->unit->name.span,
                fmt::format("there is no unit `{}`", literal->unit->name.text));
          return -1;
        }
        book_.terms[made].unit = *unit;
      }
      return made;
    }
    if (auto* unary = std::get_if<syntax::Unary>(&expr.node);
        unary && unary->op == syntax::UnaryOp::kNegate) {
      const int operand = number(unary->operand);
      return operand < 0 ? -1
                         : with_unit(add(Op::kNegate, span, {operand}), book_.terms[operand].unit);
    }
    if (auto* binary = std::get_if<syntax::Binary>(&expr.node)) return arithmetic(*binary, span);
    if (auto* call = std::get_if<syntax::Call>(&expr.node)) {
      if (call->function.text == "max" || call->function.text == "min") return extreme(*call, span);
      return called(*call, span, [this](ExprId body) { return number(body); });
    }
    if (auto* choice = std::get_if<syntax::If>(&expr.node)) {
      const int test = condition(choice->condition);
      const int yes = number(choice->then_value);
      int no = number(choice->else_value);
      if (test < 0 || yes < 0 || no < 0) return -1;
      no = converted(no, book_.terms[yes].unit, span);
      return no < 0 ? -1 : with_unit(add(Op::kIf, span, {test, yes, no}), book_.terms[yes].unit);
    }
    if (auto* reference = std::get_if<syntax::Reference>(&expr.node))
      return named(*reference, span);
    error(Kind::kBadRule, span,
          "rules know numbers, facts, + - * /, max, min, `if` and plain functions");
    return -1;
  }

  int with_unit(int id, const Unit& unit) {
    if (id >= 0) book_.terms[id].unit = unit;
    return id;
  }

  int arithmetic(const syntax::Binary& node, Span span) {
    const int left = number(node.left);
    int right = number(node.right);
    if (left < 0 || right < 0) return -1;
    Op op = Op::kAdd;
    const Unit a = book_.terms[left].unit, b = book_.terms[right].unit;
    switch (node.op) {
      case syntax::BinaryOp::kSubtract:
        op = Op::kSubtract;
        [[fallthrough]];
      case syntax::BinaryOp::kAdd:
        right = converted(right, a, span);
        return right < 0 ? -1 : with_unit(fold(op, left, right, span), a);
      case syntax::BinaryOp::kMultiply:
      case syntax::BinaryOp::kDivide: {
        const bool times = node.op == syntax::BinaryOp::kMultiply;
        const auto unit = times ? units::multiply(a, b) : units::divide(a, b);
        if (!unit) {
          error(Kind::kTooLarge, span, unit.error());
          return -1;
        }
        return with_unit(fold(times ? Op::kMultiply : Op::kDivide, left, right, span), *unit);
      }
      default:
        error(Kind::kBadRule, span,
              "rules know numbers, facts, + - * /, max, min, `if` and plain functions");
        return -1;
    }
  }

  // Arithmetic of constants is done here, once.
  int fold(Op op, int left, int right, Span span) {
    const Term &a = book_.terms[left], &b = book_.terms[right];
    if (a.op != Op::kNumber || b.op != Op::kNumber) return add(op, span, {left, right});
    const double value = op == Op::kAdd        ? a.number + b.number
                         : op == Op::kSubtract ? a.number - b.number
                         : op == Op::kMultiply ? a.number * b.number
                                               : a.number / b.number;
    if (!std::isfinite(value)) return add(op, span, {left, right});
    return add(Op::kNumber, span, {}, value);
  }

  int extreme(const syntax::Call& call, Span span) {
    std::vector<int> args;
    for (const syntax::Argument& argument : call.arguments) {
      int arg = number(argument.value);
      if (arg >= 0 && !args.empty()) arg = converted(arg, book_.terms[args[0]].unit, span);
      if (arg < 0) return -1;
      args.push_back(arg);
    }
    if (args.empty()) {
      error(Kind::kBadCall, span, "this needs something to choose from");
      return -1;
    }
    const Unit unit = book_.terms[args[0]].unit;
    return with_unit(add(call.function.text == "max" ? Op::kMax : Op::kMin, span, std::move(args)),
                     unit);
  }

  // A function of the model, put in place.
  int called(const syntax::Call& call, Span span, const std::function<int(ExprId)>& read) {
    const auto at = functions_.find(call.function.text);
    if (at == functions_.end() || !at->second->locals.empty()) {
      error(Kind::kUnknownFunction, call.function.span,
            fmt::format("rules cannot call `{}`", call.function.text))
          .hint = "they know max, min and functions of the model without lines of their own";
      return -1;
    }
    const syntax::FunctionDecl& function = *at->second;
    if (calls_.size() >= kMostLevels) {
      error(Kind::kRecursiveFunction, call.function.span, "functions within functions, too many");
      return -1;
    }
    std::unordered_map<std::string, int> values;
    for (size_t i = 0; i < call.arguments.size(); ++i) {
      const syntax::Argument& argument = call.arguments[i];
      if (i >= function.parameters.size()) {
        error(
            Kind::kBadCall, span,
            fmt::format("`{}` has {} parameters", call.function.text, function.parameters.size()));
        return -1;
      }
      const std::string name =
          argument.label ? argument.label->text : function.parameters[i].name.text;
      const int value = number(argument.value);
      if (value < 0) return -1;
      values.emplace(name, value);
    }
    for (const syntax::Parameter& parameter : function.parameters) {
      if (values.contains(parameter.name.text)) continue;
      error(Kind::kBadCall, span, fmt::format("`{}` is missing", parameter.name.text));
      return -1;
    }
    calls_.push_back(std::move(values));
    const int made = read(function.result);
    calls_.pop_back();
    return made;
  }

  // A fact, a dated value of the model, or a unit.
  int named(const syntax::Reference& reference, Span span) {
    const std::string& name = reference.name.text;
    if (auto value = parameter(name)) return *value;
    if (auto fact = book_.find_fact(name)) {
      const Fact& about = book_.facts[*fact];
      if (about.kind == Fact::Kind::kCode) {
        error(Kind::kBadRule, span,
              fmt::format("`{}` is one of `{}`", name, book_.enums[about.type].name))
            .hint = fmt::format("compare it, `{} == CODE`, or ask `{} in GROUP`", name, name);
        return -1;
      }
      const int made = add(Op::kFact, span, {}, 0, *fact);
      if (made >= 0) {
        book_.terms[made].truth = about.kind == Fact::Kind::kCondition;
        book_.terms[made].unit = about.unit;
      }
      return made;
    }
    if (auto rule = book_.find_rule(name)) {
      error(Kind::kBadRule, span, fmt::format("`{}` answers with a code", name)).hint =
          fmt::format("compare it: `{} == CODE`", name);
      return -1;
    }
    if (values_.contains(name)) return dated_term(name, span);
    if (auto unit = book_.units.find(name)) {
      const int made = add(Op::kNumber, span, {}, 1);
      return with_unit(made, *unit);
    }
    auto& diagnostic =
        error(Kind::kUnknownName, span, fmt::format("there is no fact or value `{}`", name));
    std::vector<std::string> known;
    for (const Fact& each : book_.facts) known.push_back(each.name);
    for (const auto& [each, decl] : values_) known.push_back(each);
    if (auto near = text::nearest(name, known); !near.empty())
      diagnostic.hint = fmt::format("did you mean `{}`?", near);
    return -1;
  }

  // ---------------------------------------------------------------- dated values

  int dated_term(const std::string& name, Span span) {
    const int index = dated_named(name);
    if (index < 0) return -1;
    const int made = add(Op::kDated, span, {}, 0, index);
    if (made >= 0) {
      book_.terms[made].truth = book_.dated[index].truth;
      book_.terms[made].unit = book_.dated[index].unit;
    }
    return made;
  }

  int dated_named(const std::string& name) {
    if (const auto at = dated_.find(name); at != dated_.end()) {
      if (at->second >= 0 && book_.dated[at->second].base == -2)
        error(Kind::kCycle, values_[name]->name.span, fmt::format("`{}` hangs on itself", name));
      return at->second;
    }
    const syntax::ValueDecl& decl = *values_[name];
    const int index = static_cast<int>(book_.dated.size());
    dated_[name] = index;
    Dated dated;
    dated.name = name;
    dated.title = decl.title.value_or("");
    dated.span = decl.name.span;
    dated.base = -2;
    if (decl.unit) {
      if (auto unit = unit_of(*decl.unit)) dated.unit = *unit;
    }
    book_.dated.push_back(dated);
    std::vector<const syntax::Clause*> clauses;
    std::optional<ExprId> base = decl.value;
    for (const syntax::Clause& clause : decl.clauses) clauses.push_back(&clause);
    for (const syntax::Clause* overlay : overlays_[name]) {
      if (overlay->date) {
        std::erase_if(clauses, [&](const auto* each) { return same_date(*each, *overlay); });
        clauses.push_back(overlay);
      } else {
        clauses.clear();
        base = overlay->value;
      }
    }
    // What changes from run to run, or has members, is unknown to a rule.
    dated.truth = base && is_truth(*base);
    book_.dated[index].truth = dated.truth;
    dated.base = base && decl.dims.empty() ? dated_value(*base, dated) : add_unknown(dated);
    for (const syntax::Clause* clause : clauses) {
      Dated::Clause made;
      const auto* date =
          clause->date ? std::get_if<syntax::Date>(&tree_[*clause->date].node) : nullptr;
      if (!date || clause->ramp || !clause->pattern.empty()) {
        dated.base = add_unknown(dated);
        dated.clauses.clear();
        break;
      }
      made.from = text::to_years({date->year, date->month, date->day});
      made.value = dated_value(clause->value, dated);
      made.cite = clause->cite.value_or("");
      for (const Name& source : clause->provenance.sources) made.sources.push_back(source.text);
      dated.clauses.push_back(std::move(made));
    }
    std::stable_sort(dated.clauses.begin(), dated.clauses.end(),
                     [](const auto& a, const auto& b) { return a.from < b.from; });
    book_.dated[index] = std::move(dated);
    return index;
  }

  bool same_date(const syntax::Clause& a, const syntax::Clause& b) const {
    if (!a.date || !b.date) return false;
    auto* x = std::get_if<syntax::Date>(&tree_[*a.date].node);
    auto* y = std::get_if<syntax::Date>(&tree_[*b.date].node);
    return x && y && x->year == y->year && x->month == y->month && x->day == y->day;
  }

  bool is_truth(ExprId id) const {
    const auto& node = tree_[id].node;
    if (auto* binary = std::get_if<syntax::Binary>(&node))
      return binary->op == syntax::BinaryOp::kAnd || binary->op == syntax::BinaryOp::kOr;
    if (auto* unary = std::get_if<syntax::Unary>(&node)) return unary->op == syntax::UnaryOp::kNot;
    return std::holds_alternative<syntax::Boolean>(node) ||
           std::holds_alternative<syntax::Comparison>(node);
  }

  int add_unknown(const Dated& dated) {
    const int id = add(Op::kUnknown, dated.span);
    if (id >= 0) book_.terms[id].truth = dated.truth, book_.terms[id].unit = dated.unit;
    return id;
  }

  // The value when it is the same in every run, else an unknown.
  int dated_value(ExprId id, const Dated& dated) {
    if (!is_plain(id, 0)) return add_unknown(dated);
    return dated.truth ? condition(id) : number_in(id, dated.unit, dated.name);
  }

  bool is_plain(ExprId id, int depth) const {
    if (depth > kMostLevels) return false;
    const auto& node = tree_[id].node;
    const auto inner = [&](ExprId each) { return is_plain(each, depth + 1); };
    if (std::holds_alternative<syntax::Number>(node) ||
        std::holds_alternative<syntax::Boolean>(node))
      return true;
    if (auto* reference = std::get_if<syntax::Reference>(&node))
      return reference->indexes.empty() &&
             (values_.contains(reference->name.text) || book_.units.find(reference->name.text));
    if (auto* unary = std::get_if<syntax::Unary>(&node)) return inner(unary->operand);
    if (auto* binary = std::get_if<syntax::Binary>(&node))
      return binary->op != syntax::BinaryOp::kPower && inner(binary->left) && inner(binary->right);
    if (auto* comparison = std::get_if<syntax::Comparison>(&node))
      return std::all_of(comparison->operands.begin(), comparison->operands.end(), inner);
    return false;
  }

  // ---------------------------------------------------------------- rules

  void declare_rule(const syntax::RuleDecl& decl) {
    check_new(decl.name);
    const auto type = enum_named(decl.type);
    if (!type) return;
    Rule rule;
    rule.name = decl.name.text;
    rule.title = decl.title.value_or("");
    rule.type = *type;
    rule.span = decl.name.span;
    book_.rules.push_back(std::move(rule));
    rule_decls_.push_back(&decl);
  }

  void fill_rule(int index) {
    std::vector<Clause> clauses;
    Clause* open = nullptr;
    for (const syntax::RuleClause& written : rule_decls_[index]->clauses) {
      auto clause = read_clause(written, book_.rules[index].type);
      if (!clause) {
        if (!written.exception) open = nullptr;
        continue;
      }
      if (!written.exception) {
        clauses.push_back(std::move(*clause));
        open = &clauses.back();
      } else if (open) {
        open->exceptions.push_back(std::move(*clause));
      } else if (clauses.empty()) {
        error(Kind::kBadRule, written.span, "there is no clause before this exception");
      }
    }
    for (Clause& clause : clauses) sort_clauses(clause.exceptions);
    sort_clauses(clauses);
    book_.rules[index].clauses = std::move(clauses);
    read_otherwise(index);
  }

  void read_otherwise(int index) {
    Rule& rule = book_.rules[index];
    const Name& name = rule_decls_[index]->otherwise;
    const auto other = book_.find_rule(name.text);
    if (other && book_.rules[*other].type == rule.type && !book_.enums[rule.type].find(name.text)) {
      rule.otherwise_rule = *other;
    } else if (const auto code = code_named(rule.type, name)) {
      rule.otherwise = *code;
    }
  }

  static void sort_clauses(std::vector<Clause>& clauses) {
    std::stable_sort(clauses.begin(), clauses.end(),
                     [](const Clause& a, const Clause& b) { return a.since > b.since; });
  }

  std::optional<Clause> read_clause(const syntax::RuleClause& written, int type) {
    Clause clause;
    clause.label = written.label.value_or("");
    clause.span = written.span;
    clause.cite = written.cite.value_or("");
    for (const Name& source : written.provenance.sources) clause.sources.push_back(source.text);
    const auto code = code_named(type, written.value);
    if (!code) return std::nullopt;
    clause.code = *code;
    if (written.act && !stand_under(clause, *written.act)) return std::nullopt;
    if (written.from) {
      const auto date = date_of(*written.from);
      if (!date) return std::nullopt;
      clause.from = clause.since = *date;
    }
    if (written.to) {
      const auto date = date_of(*written.to);
      if (!date) return std::nullopt;
      clause.to = *date;
      if (clause.to <= clause.from) {
        error(Kind::kDateOrder, tree_[*written.to].span, "this clause ends before it begins");
        return std::nullopt;
      }
    }
    if (written.when) {
      clause.when = condition(*written.when);
      if (clause.when < 0) return std::nullopt;
    }
    return clause;
  }

  // An act is a `let` that is false before its date and true from then on, perhaps only until
  // another act takes its place.
  bool stand_under(Clause& clause, const Name& act) {
    if (!values_.contains(act.text)) {
      auto& diagnostic =
          error(Kind::kUnknownName, act.span, fmt::format("there is no act `{}`", act.text));
      std::vector<std::string> known;
      for (const auto& [each, decl] : values_) known.push_back(each);
      if (auto near = text::nearest(act.text, known); !near.empty())
        diagnostic.hint = fmt::format("did you mean `{}`?", near);
      else
        diagnostic.hint =
            fmt::format("declare it: `let {} = false`, and below `from DATE = true`", act.text);
      return false;
    }
    clause.act = dated_named(act.text);
    if (clause.act < 0) return false;
    const Dated& dated = book_.dated[clause.act];
    if (!dated.truth) {
      error(Kind::kBadRule, act.span, fmt::format("`{}` is no act: it is a number", act.text))
          .hint = "an act is true while it is in force";
      return false;
    }
    for (const syntax::Clause& each : values_[act.text]->clauses) {
      auto* boolean = std::get_if<syntax::Boolean>(&tree_[each.value].node);
      auto* date = each.date ? std::get_if<syntax::Date>(&tree_[*each.date].node) : nullptr;
      if ((boolean && !boolean->value) || !date) continue;
      clause.since = text::to_years({date->year, date->month, date->day});
      if (clause.cite.empty()) clause.cite = each.cite.value_or("");
      if (clause.sources.empty())
        for (const Name& source : each.provenance.sources) clause.sources.push_back(source.text);
      break;
    }
    return true;
  }

  // ---------------------------------------------------------------- order

  // The facts a rule reads and the rules it asks, through the facts that are derived from others.
  void read_by(int term, std::set<int>& facts, std::set<int>& rules, std::set<int>& seen) const {
    std::vector<int> stack{term};
    while (!stack.empty()) {
      const int at = stack.back();
      stack.pop_back();
      if (at < 0 || !seen.insert(at).second) continue;
      const Term& node = book_.terms[at];
      if (node.op == Op::kFact || node.op == Op::kFactIs || node.op == Op::kIn)
        facts.insert(node.ref);
      if (node.op == Op::kRuleIs) rules.insert(node.ref);
      stack.insert(stack.end(), node.args.begin(), node.args.end());
    }
  }

  void order_rules() {
    const size_t count = book_.rules.size();
    std::vector<int> mark(count, 0), order;
    const std::function<void(int)> visit = [&](int index) {
      if (mark[index] == 2) return;
      if (mark[index] == 1) {
        error(Kind::kCycle, book_.rules[index].span,
              fmt::format("`{}` asks itself", book_.rules[index].name));
        return;
      }
      mark[index] = 1;
      std::set<int> facts, rules, seen;
      const std::function<void(const Clause&)> read = [&](const Clause& clause) {
        read_by(clause.when, facts, rules, seen);
        for (const Clause& each : clause.exceptions) read(each);
      };
      for (const Clause& clause : book_.rules[index].clauses) read(clause);
      if (book_.rules[index].otherwise_rule >= 0) rules.insert(book_.rules[index].otherwise_rule);
      book_.rules[index].rules.assign(rules.begin(), rules.end());
      for (int rule : rules) {
        visit(rule);
        facts.insert(book_.rules[rule].facts.begin(), book_.rules[rule].facts.end());
      }
      book_.rules[index].facts.assign(facts.begin(), facts.end());
      mark[index] = 2;
    };
    for (size_t i = 0; i < count; ++i) visit(static_cast<int>(i));
  }

  const syntax::Tree& tree_;
  text::SourceSet& sources_;
  const OpenFile& open_;
  text::Diagnostics& diagnostics_;
  Book book_;
  bool any_ = false, too_large_ = false;
  int level_ = 0;
  std::unordered_map<std::string, Span> names_;
  std::map<std::string, const syntax::ValueDecl*> values_;
  std::unordered_map<std::string, const syntax::FunctionDecl*> functions_;
  std::map<std::string, std::vector<const syntax::Clause*>> overlays_;
  std::map<size_t, std::vector<size_t>> rows_;  // of an enum's file, by code
  std::vector<int> declared_facts_, active_facts_;
  std::vector<const syntax::RuleDecl*> rule_decls_;
  std::map<std::string, int> dated_;
  std::vector<std::unordered_map<std::string, int>> calls_;
};

template <class List>
std::optional<int> find_named(const List& list, std::string_view name) {
  for (size_t i = 0; i < list.size(); ++i)
    if (list[i].name == name) return static_cast<int>(i);
  return std::nullopt;
}

void add_dates(const std::vector<Clause>& clauses, std::set<double>& dates) {
  for (const Clause& clause : clauses) {
    if (clause.from != kAlways) dates.insert(clause.from);
    if (clause.to != kNever) dates.insert(clause.to);
    add_dates(clause.exceptions, dates);
  }
}

}  // namespace

std::optional<int> Book::find_fact(std::string_view name) const { return find_named(facts, name); }
std::optional<int> Book::find_rule(std::string_view name) const { return find_named(rules, name); }
std::optional<int> Book::find_enum(std::string_view name) const { return find_named(enums, name); }

std::vector<double> Book::changes() const {
  std::set<double> dates;
  for (const Dated& each : dated)
    for (const auto& clause : each.clauses) dates.insert(clause.from);
  for (const Group& each : groups)
    for (const auto& clause : each.clauses) dates.insert(clause.from);
  for (const Rule& each : rules) add_dates(each.clauses, dates);
  return {dates.begin(), dates.end()};
}

Book gather(const syntax::Tree& tree, text::SourceSet& sources, const OpenFile& open,
            const std::vector<std::string>& scenarios, text::Diagnostics& diagnostics) {
  return Gatherer(tree, sources, open, scenarios, diagnostics).run();
}

}  // namespace headrace::rules
