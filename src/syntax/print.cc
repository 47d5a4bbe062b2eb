#include "syntax/print.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <unordered_map>

#include "syntax/break_lines.h"
#include "syntax/lex.h"

namespace headrace::syntax {
namespace {

// 0.041666666666666664 was 1/24: the fraction is found again when it gives the same bits.
std::string print_ratio(double value) {
  std::string decimal = print_number(value);
  if (decimal.size() <= 6) return decimal;
  for (int divisor = 2; divisor <= 10'000; ++divisor) {
    double dividend = std::round(value * divisor);
    if (dividend >= 1 && dividend <= 1e6 && dividend / divisor == value)
      return fmt::format("{}/{}", dividend, divisor);
  }
  return decimal;
}

class StatementPrinter {
 public:
  explicit StatementPrinter(const Tree& tree) : tree_(tree) {}

  std::string run() {
    for (StatementId id : tree_.top_level) statement(id, "");
    return std::move(out_);
  }

 private:
  static std::string name(const Name& name) { return print_name(name.text); }
  std::string expr(ExprId id) const { return print(tree_, id); }

  static std::string names(const std::vector<Name>& list) {
    std::string text;
    for (const Name& each : list) text += (text.empty() ? "" : ", ") + name(each);
    return text;
  }

  static std::string unit(const std::optional<UnitExpr>& unit) {
    return unit ? " : " + print(*unit) : "";
  }
  static std::string optional_text(std::string_view word, const std::optional<std::string>& text) {
    return text ? fmt::format(" {}{}", word, quote(*text)) : "";
  }

  static std::string dims(const std::vector<DimensionUse>& dims) {
    if (dims.empty()) return "";
    std::string text = "[";
    for (const DimensionUse& dim : dims) {
      if (text.size() > 1) text += ", ";
      if (dim.index) text += name(*dim.index) + " in ";
      text += name(dim.dimension);
    }
    return text + "]";
  }

  static std::string provenance(const Provenance& provenance) {
    std::string text;
    for (const Name& source : provenance.sources)
      text += (text.empty() ? " from @" : ", @") +
              (is_plain_source_id(source.text) ? source.text : quote(source.text));
    return text + optional_text("assumed ", provenance.assumed) +
           optional_text("note ", provenance.note);
  }

  std::string pattern(const Clause& clause) const {
    return clause.pattern.empty() ? "" : print_indexes(clause.pattern);
  }

  std::string start(const Clause& clause) const {
    std::string text;
    if (clause.date) text += "from " + print(tree_, *clause.date, Level::kSum) + " ";
    if (clause.ramp) text += "ramp " + print(tree_, *clause.ramp, Level::kSum) + " ";
    return text;
  }

  std::string value(const Clause& clause) const {
    return "= " + expr(clause.value) + optional_text("cite ", clause.cite) +
           provenance(clause.provenance);
  }

  std::string clause(const Clause& clause) const {
    std::string text = start(clause) + pattern(clause);
    if (!clause.pattern.empty()) text += ' ';
    return text + value(clause);
  }

  void line(std::string_view indent, std::string_view text) {
    out_ += indent;
    out_ += text;
    out_ += '\n';
  }

  void statement(StatementId id, const std::string& indent) {
    const Statement& statement = tree_[id];
    if (!statement.doc.empty()) {
      if (!out_.empty() && indent.empty()) out_ += '\n';
      doc(statement.doc, indent);
    }
    std::visit([&](const auto& node) { print_node(node, indent); }, statement.node);
  }

  void doc(std::string_view text, const std::string& indent) {
    for (size_t begin = 0; begin <= text.size();) {
      size_t end = std::min(text.find('\n', begin), text.size());
      auto words = text.substr(begin, end - begin);
      line(indent, words.empty() ? "##" : fmt::format("## {}", words));
      begin = end + 1;
    }
  }

  void print_node(const ModelDecl& model, const std::string& indent) {
    line(indent, "model " + name(model.name) + optional_text("", model.title) +
                     (model.loose_units ? " units loose" : ""));
  }

  void print_node(const TimeDecl& time, const std::string& indent) {
    auto unit = [](const std::optional<Name>& unit) {
      return unit ? " " + print_unit_name(unit->text) : "";
    };
    std::string text = fmt::format("time {} to {} step {}{}", print_before_to(tree_, time.start),
                                   print(tree_, time.end, Level::kSum), print_ratio(time.step),
                                   unit(time.step_unit));
    if (time.save) text += " save " + print_ratio(*time.save) + unit(time.save_unit);
    if (time.unit) text += " in " + name(*time.unit);
    if (time.method == TimeDecl::Method::kRk4) text += " method rk4";
    line(indent, text);
  }

  void print_node(const UnitDecl& unit, const std::string& indent) {
    line(indent,
         "unit " + names(unit.names) + (unit.definition ? " = " + print(*unit.definition) : ""));
  }

  void print_node(const DimDecl& dim, const std::string& indent) {
    std::string text = "dim " + name(dim.name);
    if (dim.parent) text += " < " + name(*dim.parent);
    if (dim.file)
      text += " from " + quote(dim.file->text) + " by " + (dim.column ? name(*dim.column) : "");
    else
      text += " = " + members(dim.members);
    line(indent, text);
  }

  static std::string members(const std::vector<Name>& members) {
    if (members.size() > 1 && numbered(members))
      return members.front().text + ".." + members.back().text;
    std::string text;
    for (const Name& member : members)
      text += (text.empty() ? "" : ", ") + print_member(member.text);
    return text;
  }

  static bool numbered(const std::vector<Name>& members) {
    const std::string& first = members.front().text;
    if (print_member(first)[0] < '0' || print_member(first)[0] > '9') return false;
    int number = 0;
    std::from_chars(first.data(), first.data() + first.size(), number);
    for (const Name& member : members)
      if (member.text != std::to_string(number++)) return false;
    return true;
  }

  void print_node(const MapDecl& map, const std::string& indent) {
    const std::string own = map.name ? name(*map.name) + " from " : "";
    std::string text = fmt::format("map {}{} to {} =", own, name(map.from), name(map.to));
    std::string_view comma = " ";
    for (const auto& [from, to] : map.pairs) {
      text += fmt::format("{}{}: {}", comma, print_member(from.text), print_member(to.text));
      comma = ", ";
    }
    line(indent, text);
  }

  static std::string_view word(DataDecl::Interpolation interpolation) {
    switch (interpolation) {
      case DataDecl::Interpolation::kLinear:
        return "";
      case DataDecl::Interpolation::kStep:
        return " step";
      case DataDecl::Interpolation::kForward:
        return " forward";
      case DataDecl::Interpolation::kRaw:
        return " raw";
    }
    return "";
  }

  static std::string cells(const Cells& cells) {
    std::string text = " from " + quote(cells.file.text);
    if (cells.delimiter) text += " delimited " + quote(*cells.delimiter);
    text += " cells " + name(cells.first);
    if (cells.last) text += " to " + name(*cells.last);
    if (cells.transposed) text += " transposed";
    switch (cells.along) {
      case Cells::Along::kNothing:
        break;
      case Cells::Along::kRow:
        text += " at row " + cells.times.text;
        break;
      case Cells::Along::kColumn:
        text += " at column " + name(cells.times);
        break;
      case Cells::Along::kCells:
        text += " at cells " + name(cells.times);
        break;
    }
    return text + (cells.gaps ? " gaps" : "");
  }

  // ` = 1, 2, 3`, or row by row on lines of their own where one line is too narrow for all.
  static std::string numbers(const std::vector<double>& values, size_t row,
                             const std::string& indent) {
    std::string text;
    for (const double value : values)
      text += fmt::format("{}{}", text.empty() ? " = " : ", ", print_number(value));
    if (text.size() <= kWidest || row < 2 || values.size() % row != 0 || values.size() == row)
      return text;
    text = " =";
    for (size_t k = 0; k < values.size(); ++k) {
      text += k % row == 0 ? "\n" + indent + "  " : " ";
      text += print_number(values[k]) + (k + 1 < values.size() ? "," : "");
    }
    return text;
  }

  // How many numbers belong to one place of all dimensions but the last; 1 when that is not known.
  size_t row_of(const std::vector<DimensionUse>& dims) const {
    return dims.size() < 2 ? 1 : size_of(dims.back().dimension.text);
  }
  size_t row_of(const std::vector<Index>& pattern) const {
    size_t row = 1;
    for (auto index = pattern.rbegin(); index != pattern.rend() && row == 1; ++index)
      row = size_of(index->name.text);
    return row;
  }

  // Members of a dimension that is written out.
  size_t size_of(const std::string& name) const {
    if (sizes_.empty()) {
      for (const Statement& statement : tree_.statements) {
        const auto* dim = std::get_if<DimDecl>(&statement.node);
        if (dim) sizes_.emplace(dim->name.text, std::max<size_t>(dim->members.size(), 1));
      }
      sizes_.emplace("", 1);
    }
    const auto found = sizes_.find(name);
    return found == sizes_.end() ? 1 : found->second;
  }

  std::string part(const DataDecl::Part& part, size_t row, const std::string& indent) const {
    const std::string brackets = part.pattern.empty() ? "" : print_indexes(part.pattern);
    if (!part.cells) return brackets + numbers(part.values, row, indent);
    return brackets + cells(*part.cells) + std::string(word(part.interpolation));
  }

  void print_node(const DataDecl& data, const std::string& indent) {
    std::string text = "data " + name(data.name) + dims(data.dims) + optional_text("", data.title) +
                       unit(data.unit);
    if (!data.parts.empty()) {
      const bool whole = data.parts.front().pattern.empty();
      if (whole) text += part(data.parts.front(), row_of(data.dims), indent);
      line(indent, text + provenance(data.provenance));
      for (size_t k = whole ? 1 : 0; k < data.parts.size(); ++k)
        line(indent + "  ", part(data.parts[k], row_of(data.parts[k].pattern), indent + "  "));
      return;
    }
    if (!data.values.empty())
      return line(indent, text + numbers(data.values, row_of(data.dims), indent) +
                              provenance(data.provenance));
    text += " from " + quote(data.file.text) + " column " + name(data.column);
    if (data.at) text += " at " + name(*data.at);
    text += word(data.interpolation);
    line(indent, text + provenance(data.provenance));
  }

  static std::string_view word(ValueDecl::Kind kind) {
    switch (kind) {
      case ValueDecl::Kind::kParam:
        return "param ";
      case ValueDecl::Kind::kLet:
        return "let ";
      case ValueDecl::Kind::kFlow:
        return "flow ";
      case ValueDecl::Kind::kMeasure:
        return "measure ";
    }
    return "";
  }

  void print_node(const ValueDecl& value, const std::string& indent) {
    std::string text(word(value.kind));
    text += name(value.name) + dims(value.dims) + optional_text("", value.title) + unit(value.unit);
    if (value.value) text += " = " + expr(*value.value);
    line(indent, text + provenance(value.provenance));
    for (const Clause& each : value.clauses) line(indent + "  ", clause(each));
  }

  void print_node(const StockDecl& stock, const std::string& indent) {
    std::string text = "stock " + name(stock.name) + dims(stock.dims) +
                       optional_text("", stock.title) + unit(stock.unit);
    if (stock.initial) text += " = " + expr(*stock.initial);
    line(indent, text + provenance(stock.provenance));
    std::string inner = indent + "  ";
    if (!stock.inflows.empty()) line(inner, "in " + names(stock.inflows));
    if (!stock.outflows.empty()) line(inner, "out " + names(stock.outflows));
    if (stock.net_rate) line(inner, "d/dt = " + expr(*stock.net_rate));
    if (stock.nonnegative) line(inner, "nonnegative");
    for (const Clause& each : stock.clauses) line(inner, clause(each));
  }

  void print_node(const TableDecl& table, const std::string& indent) {
    std::string text = fmt::format("table {}({}{}){} =", name(table.name), name(table.input),
                                   unit(table.input_unit), unit(table.unit));
    for (auto [x, y] : table.points)
      text += fmt::format(" ({}, {})", print_number(x), print_number(y));
    if (table.beyond == TableDecl::Beyond::kExtrapolate) text += " extrapolate";
    if (table.beyond == TableDecl::Beyond::kStep) text += " step";
    line(indent, text + provenance(table.provenance));
  }

  void print_node(const CorrelateDecl& correlate, const std::string& indent) {
    line(indent, fmt::format("correlate {} = {} (rank){}", names(correlate.names),
                             print_number(correlate.value), provenance(correlate.provenance)));
  }

  void print_node(const FunctionDecl& function, const std::string& indent) {
    std::string text = "function " + name(function.name) + "(";
    std::string_view comma;
    for (const Parameter& parameter : function.parameters) {
      text += comma;
      text += name(parameter.name);
      if (!parameter.dims.empty()) text += "[" + names(parameter.dims) + "]";
      text += unit(parameter.unit);
      if (parameter.default_value) text += " = " + expr(*parameter.default_value);
      comma = ", ";
    }
    text += ")" + unit(function.unit) + " =";
    if (function.locals.empty()) return line(indent, text + " " + expr(function.result));
    line(indent, text);
    for (StatementId local : function.locals) statement(local, indent + "  ");
    line(indent + "  ", "return " + expr(function.result));
  }

  void print_node(const ClaimDecl& claim, const std::string& indent) {
    line(indent, fmt::format("claim {}{} : {}{}", name(claim.name), optional_text("", claim.title),
                             expr(claim.condition), provenance(claim.provenance)));
  }

  void print_node(const CheckDecl& check, const std::string& indent) {
    line(indent, fmt::format("check {}{} : {}", name(check.name), optional_text("", check.title),
                             expr(check.condition)));
  }

  void print_node(const ScenarioDecl& scenario, const std::string& indent) {
    std::string text = "scenario " + name(scenario.name) + optional_text("", scenario.title);
    if (!scenario.base.empty()) text += " on " + names(scenario.base);
    line(indent, text);
    for (const OverlayEntry& entry : scenario.entries)
      line(indent + "  ", name(entry.name) + pattern(entry.clause) + " " + start(entry.clause) +
                              value(entry.clause));
  }

  void print_node(const SourceDecl& source, const std::string& indent) {
    if (source.file) return line(indent, "source from " + quote(source.file->text));
    line(indent, "source " + (source.name ? name(*source.name) : "") +
                     optional_text("", source.title) + optional_text("url ", source.url) +
                     optional_text("date ", source.date) + optional_text("kind ", source.kind) +
                     optional_text("note ", source.note));
  }

  void print_node(const ObserveDecl& observe, const std::string& indent) {
    using R = ObserveDecl::Relation;
    const char* const sign = observe.relation == R::kAtMost    ? "<="
                             : observe.relation == R::kAtLeast ? ">="
                                                               : "~";
    line(indent, fmt::format("observe {} {} {}{}", print(tree_, observe.observed, Level::kPostfix),
                             sign, expr(observe.distribution), provenance(observe.provenance)));
  }

  static std::string member_names(const std::vector<Name>& list) {
    std::string text;
    for (const Name& each : list) text += (text.empty() ? "" : ", ") + print_member(each.text);
    return text;
  }

  void print_node(const EnumDecl& decl, const std::string& indent) {
    std::string text = "enum " + name(decl.name) + optional_text("", decl.title);
    if (decl.file) {
      text += " from " + quote(decl.file->text) + " by " + name(*decl.column);
      if (decl.words) text += " called " + name(*decl.words);
      return line(indent, text);
    }
    std::string_view comma = " = ";
    for (const EnumCode& code : decl.codes) {
      text += comma;
      text += print_member(code.name.text) + optional_text("", code.title);
      comma = ", ";
    }
    line(indent, text);
  }

  void print_node(const FactDecl& fact, const std::string& indent) {
    std::string text =
        "fact " + name(fact.name) + optional_text("", fact.title) + " : " + print(fact.type);
    if (fact.table) text += " from " + name(*fact.table) + " column " + name(*fact.column);
    if (fact.value) text += " = " + expr(*fact.value);
    line(indent, text + provenance(fact.provenance));
  }

  void print_node(const GroupDecl& group, const std::string& indent) {
    line(indent, "group " + name(group.name) + optional_text("", group.title) + " of " +
                     name(group.of) + " = " + member_names(group.members) +
                     optional_text("cite ", group.cite) + provenance(group.provenance));
    for (const GroupClause& each : group.clauses)
      line(indent + "  ", "from " + print(tree_, each.date, Level::kSum) +
                              (each.joins ? " with " : " without ") + member_names(each.members) +
                              optional_text("cite ", each.cite) + provenance(each.provenance));
  }

  void print_node(const RuleDecl& rule, const std::string& indent) {
    line(indent, "rule " + name(rule.name) + optional_text("", rule.title) + " : " +
                     name(rule.type) + " = " + print_member(rule.otherwise.text) +
                     optional_text("cite ", rule.cite) + provenance(rule.provenance));
    for (const RuleClause& each : rule.clauses) {
      std::string text = each.exception ? "except " : "";
      if (each.label) text += quote(*each.label) + " ";
      if (each.act) text += "under " + name(*each.act) + " ";
      if (each.from) text += "from " + print(tree_, *each.from, Level::kSum) + " ";
      if (each.to) text += "to " + print(tree_, *each.to, Level::kSum) + " ";
      if (each.when) text += "when " + expr(*each.when) + " ";
      line(indent + (each.exception ? "    " : "  "), text + "= " + print_member(each.value.text) +
                                                          optional_text("cite ", each.cite) +
                                                          provenance(each.provenance));
    }
  }

  const Tree& tree_;
  std::string out_;
  mutable std::unordered_map<std::string, size_t> sizes_;  // of dimensions; filled when asked for
};

}  // namespace

std::string print(const Tree& tree) { return StatementPrinter(tree).run(); }

// Terms in their order, each after `*` or `/`; a tail of several divisors in parentheses.
std::string print(const UnitExpr& unit) {
  auto power = [](const UnitTerm& term, int exponent) {
    std::string text = print_name(term.name.text);
    return exponent == 1 ? text : fmt::format("{}^{}", text, exponent);
  };
  const auto& terms = unit.terms;
  size_t above = 0;
  while (above < terms.size() && terms[above].exponent >= 0) ++above;
  size_t below = above;
  while (below < terms.size() && terms[below].exponent < 0) ++below;
  bool grouped = below == terms.size() && below - above > 1;

  std::string text = unit.factor == 1 ? "" : print_number(unit.factor);
  if (text.empty() && above == 0) text = "1";
  for (size_t i = 0; i < terms.size(); ++i) {
    bool divides = terms[i].exponent < 0;
    bool tail = grouped && i > above;
    if (tail || (!divides && i > 0))
      text += "*";
    else if (divides)
      text += grouped ? "/(" : "/";
    else if (!text.empty())
      text += " ";
    text += power(terms[i], divides ? -terms[i].exponent : terms[i].exponent);
  }
  return grouped ? text + ")" : text;
}

}  // namespace headrace::syntax
