#include <fmt/format.h>

#include "syntax/lex.h"
#include "syntax/syntax.h"

namespace headrace::syntax {
namespace {

// One line a node, two spaces a level. Everything that is in the tree is in the dump, except
// spans and the spelling of numbers.
class Dumper {
 public:
  explicit Dumper(const Tree& tree) : tree_(tree) {}

  std::string run() {
    for (StatementId id : tree_.top_level) statement(id);
    return std::move(out_);
  }

 private:
  class Inside {
   public:
    explicit Inside(Dumper& dumper) : dumper_(dumper) { ++dumper_.depth_; }
    ~Inside() { --dumper_.depth_; }

   private:
    Dumper& dumper_;
  };

  template <class... Arguments>
  void line(fmt::format_string<Arguments...> form, Arguments&&... arguments) {
    out_.append(depth_ * 2, ' ');
    fmt::format_to(std::back_inserter(out_), form, std::forward<Arguments>(arguments)...);
    out_ += '\n';
  }

  // ---------------------------------------------------------------- parts

  void text(std::string_view what, const std::optional<std::string>& text) {
    if (text) line("{} {}", what, quote(*text));
  }
  void named(std::string_view what, const Name& name) { line("{} {}", what, quote(name.text)); }
  void named(std::string_view what, const std::optional<Name>& name) {
    if (name) named(what, *name);
  }
  void named(std::string_view what, const std::vector<Name>& names) {
    for (const Name& name : names) named(what, name);
  }

  void unit(std::string_view what, const std::optional<UnitExpr>& unit) {
    if (!unit) return;
    line("{} {}", what, unit->factor);
    Inside inside(*this);
    for (const UnitTerm& term : unit->terms) line("{}^{}", quote(term.name.text), term.exponent);
  }

  void dims(const std::vector<DimensionUse>& dims) {
    for (const DimensionUse& dim : dims)
      line("over {}{}", quote(dim.dimension.text),
           dim.index ? " as " + quote(dim.index->text) : "");
  }

  void provenance(const Provenance& provenance) {
    named("from", provenance.sources);
    text("assumed", provenance.assumed);
    text("note", provenance.note);
  }

  void indexes(const std::vector<Index>& indexes) {
    for (const Index& index : indexes) {
      switch (index.kind) {
        case Index::Kind::kStar:
          line("index *");
          break;
        case Index::Kind::kNumber:
          line("index {}", index.number);
          break;
        case Index::Kind::kName:
          if (!index.map.text.empty())
            line("index {} through {}", quote(index.name.text), quote(index.map.text));
          else
            line("index {} {:+}", quote(index.name.text), index.number);
      }
    }
  }

  void expr(std::string_view role, ExprId id) {
    line("{}", role);
    Inside inside(*this);
    if (!id.valid()) return line("none");
    std::visit([this](const auto& node) { dump_node(node); }, tree_[id].node);
  }
  void expr(std::string_view role, const std::optional<ExprId>& id) {
    if (id) expr(role, *id);
  }

  void clause(const Clause& clause) {
    line("clause");
    Inside inside(*this);
    expr("date", clause.date);
    expr("ramp", clause.ramp);
    indexes(clause.pattern);
    expr("value", clause.value);
    text("cite", clause.cite);
    provenance(clause.provenance);
  }

  void interpolation(DataDecl::Interpolation interpolation) {
    static constexpr std::string_view kKinds[] = {"linear", "step", "forward", "raw"};
    if (interpolation != DataDecl::Interpolation::kLinear)
      line("{}", kKinds[static_cast<int>(interpolation)]);
  }

  void part(const DataDecl::Part& part) {
    line("part");
    Inside inside(*this);
    indexes(part.pattern);
    for (const double value : part.values) line("value {}", value);
    if (!part.cells) return;
    static constexpr std::string_view kAlong[] = {"", "row", "column", "cells"};
    named("file", part.cells->file);
    text("delimiter", part.cells->delimiter);
    named("first", part.cells->first);
    named("last", part.cells->last);
    if (part.cells->transposed) line("transposed");
    if (part.cells->along != Cells::Along::kNothing)
      line("at {} {}", kAlong[static_cast<int>(part.cells->along)], part.cells->times.text);
    if (part.cells->gaps) line("gaps");
    interpolation(part.interpolation);
  }

  // ---------------------------------------------------------------- expressions

  void dump_node(const Bad&) { line("bad"); }
  void dump_node(const Number& number) {
    if (number.unit)
      line("number {} {}^{}", number.value, quote(number.unit->name.text), number.unit->exponent);
    else
      line("number {}", number.value);
  }
  void dump_node(const Date& date) {
    static constexpr std::string_view kPrecisions[] = {"day", "month", "quarter"};
    line("date {:04}-{:02}-{:02} {}", date.year, date.month, date.day,
         kPrecisions[static_cast<int>(date.precision)]);
  }
  void dump_node(const Boolean& boolean) { line("{}", boolean.value); }
  void dump_node(const Reference& reference) {
    named("reference", reference.name);
    Inside inside(*this);
    indexes(reference.indexes);
  }
  void dump_node(const Unary& unary) {
    expr(unary.op == UnaryOp::kNegate ? "negate" : "not", unary.operand);
  }
  void dump_node(const Binary& binary) {
    static constexpr std::string_view kOps[] = {"add",   "subtract", "multiply", "divide",
                                                "power", "and",      "or"};
    line("{}", kOps[static_cast<int>(binary.op)]);
    Inside inside(*this);
    expr("left", binary.left);
    expr("right", binary.right);
  }
  void dump_node(const Comparison& comparison) {
    static constexpr std::string_view kOps[] = {"<", "<=", ">", ">=", "==", "!="};
    line("comparison");
    Inside inside(*this);
    for (size_t i = 0; i < comparison.operands.size(); ++i)
      expr(i == 0 ? "first" : kOps[static_cast<int>(comparison.ops[i - 1])],
           comparison.operands[i]);
  }
  void dump_node(const If& node) {
    expr("if", node.condition);
    expr("then", node.then_value);
    expr("else", node.else_value);
  }
  void dump_node(const Call& call) {
    named(call.membership ? "member of" : "call", call.function);
    Inside inside(*this);
    for (const Argument& argument : call.arguments) {
      expr("weight", argument.weight);
      expr(argument.label ? "argument " + quote(argument.label->text) : "argument", argument.value);
    }
    for (const Binding& binding : call.bindings)
      line("for {} in {}", quote(binding.index.text), quote(binding.dimension.text));
  }
  void dump_node(const Range& range) {
    expr("low", range.low);
    expr("high", range.high);
    if (!range.coverage_text.empty()) line("coverage {}", range.coverage);
  }
  void dump_node(const At& at) {
    expr("value", at.value);
    expr("at", at.when);
  }
  void dump_node(const Over& over) {
    static constexpr std::string_view kKinds[] = {"integral", "average", "highest", "lowest"};
    expr(kKinds[static_cast<int>(over.kind)], over.value);
    expr("from", over.from);
    expr("to", over.to);
  }

  // ---------------------------------------------------------------- statements

  void statement(StatementId id) {
    const Statement& statement = tree_[id];
    std::visit([this](const auto& node) { dump_node(node); }, statement.node);
    Inside inside(*this);
    if (!statement.doc.empty()) line("doc {}", quote(statement.doc));
  }

  void dump_node(const ModelDecl& model) {
    named("model", model.name);
    Inside inside(*this);
    text("title", model.title);
    if (model.loose_units) line("units loose");
  }
  void dump_node(const TimeDecl& time) {
    line("time");
    Inside inside(*this);
    expr("start", time.start);
    expr("end", time.end);
    line("step {}", time.step);
    named("step unit", time.step_unit);
    if (time.save) line("save {}", *time.save);
    named("save unit", time.save_unit);
    named("unit", time.unit);
    if (time.method == TimeDecl::Method::kRk4) line("method rk4");
  }
  void dump_node(const UnitDecl& declaration) {
    line("unit");
    Inside inside(*this);
    named("name", declaration.names);
    unit("definition", declaration.definition);
  }
  void dump_node(const DimDecl& dim) {
    named("dim", dim.name);
    Inside inside(*this);
    named("parent", dim.parent);
    named("member", dim.members);
    named("file", dim.file);
    named("column", dim.column);
  }
  void dump_node(const MapDecl& map) {
    line("map {}{} to {}", map.name ? quote(map.name->text) + " from " : "", quote(map.from.text),
         quote(map.to.text));
    Inside inside(*this);
    for (const auto& [from, to] : map.pairs) line("{}: {}", quote(from.text), quote(to.text));
  }
  void dump_node(const DataDecl& data) {
    named("data", data.name);
    Inside inside(*this);
    dims(data.dims);
    text("title", data.title);
    unit("unit", data.unit);
    for (const double value : data.values) line("value {}", value);
    if (data.values.empty() && data.parts.empty()) {
      named("file", data.file);
      named("column", data.column);
    }
    named("at", data.at);
    interpolation(data.interpolation);
    for (const DataDecl::Part& each : data.parts) part(each);
    provenance(data.provenance);
  }
  void dump_node(const ValueDecl& value) {
    static constexpr std::string_view kKinds[] = {"param", "let", "flow", "measure"};
    named(kKinds[static_cast<int>(value.kind)], value.name);
    Inside inside(*this);
    dims(value.dims);
    text("title", value.title);
    unit("unit", value.unit);
    expr("value", value.value);
    provenance(value.provenance);
    for (const Clause& each : value.clauses) clause(each);
  }
  void dump_node(const StockDecl& stock) {
    named("stock", stock.name);
    Inside inside(*this);
    dims(stock.dims);
    text("title", stock.title);
    unit("unit", stock.unit);
    expr("initial", stock.initial);
    provenance(stock.provenance);
    named("in", stock.inflows);
    named("out", stock.outflows);
    expr("rate", stock.net_rate);
    if (stock.nonnegative) line("nonnegative");
    for (const Clause& each : stock.clauses) clause(each);
  }
  void dump_node(const TableDecl& table) {
    static constexpr std::string_view kBeyond[] = {"clamp", "extrapolate", "step"};
    named("table", table.name);
    Inside inside(*this);
    named("input", table.input);
    unit("input unit", table.input_unit);
    unit("unit", table.unit);
    for (auto [x, y] : table.points) line("point {} {}", x, y);
    line("{}", kBeyond[static_cast<int>(table.beyond)]);
    provenance(table.provenance);
  }
  void dump_node(const CorrelateDecl& correlate) {
    line("correlate {}", correlate.value);
    Inside inside(*this);
    named("param", correlate.names);
    provenance(correlate.provenance);
  }
  void dump_node(const FunctionDecl& function) {
    named("function", function.name);
    Inside inside(*this);
    for (const Parameter& parameter : function.parameters) {
      named("parameter", parameter.name);
      Inside deeper(*this);
      named("over", parameter.dims);
      unit("unit", parameter.unit);
      expr("default", parameter.default_value);
    }
    unit("unit", function.unit);
    for (StatementId local : function.locals) statement(local);
    expr("return", function.result);
  }
  void dump_node(const ClaimDecl& claim) {
    named("claim", claim.name);
    Inside inside(*this);
    text("title", claim.title);
    expr("condition", claim.condition);
    provenance(claim.provenance);
  }
  void dump_node(const CheckDecl& check) {
    named("check", check.name);
    Inside inside(*this);
    text("title", check.title);
    expr("condition", check.condition);
  }
  void dump_node(const ScenarioDecl& scenario) {
    named("scenario", scenario.name);
    Inside inside(*this);
    text("title", scenario.title);
    named("on", scenario.base);
    for (const OverlayEntry& entry : scenario.entries) {
      named("overlay", entry.name);
      Inside deeper(*this);
      clause(entry.clause);
    }
  }
  void dump_node(const SourceDecl& source) {
    line("source");
    Inside inside(*this);
    named("name", source.name);
    text("title", source.title);
    text("url", source.url);
    text("date", source.date);
    text("kind", source.kind);
    text("note", source.note);
    named("file", source.file);
  }
  void dump_node(const ObserveDecl& observe) {
    line("observe");
    Inside inside(*this);
    expr("observed", observe.observed);
    if (observe.relation == ObserveDecl::Relation::kAtMost) line("at most");
    if (observe.relation == ObserveDecl::Relation::kAtLeast) line("at least");
    expr("distribution", observe.distribution);
    provenance(observe.provenance);
  }

  void dump_node(const EnumDecl& decl) {
    named("enum", decl.name);
    Inside inside(*this);
    text("title", decl.title);
    for (const EnumCode& code : decl.codes) {
      named("code", code.name);
      Inside deeper(*this);
      text("title", code.title);
    }
    named("file", decl.file);
    named("column", decl.column);
    named("called", decl.words);
  }
  void dump_node(const FactDecl& fact) {
    named("fact", fact.name);
    Inside inside(*this);
    text("title", fact.title);
    unit("type", fact.type);
    named("table", fact.table);
    named("column", fact.column);
    expr("value", fact.value);
    provenance(fact.provenance);
  }
  void dump_node(const GroupDecl& group) {
    named("group", group.name);
    Inside inside(*this);
    text("title", group.title);
    named("of", group.of);
    named("member", group.members);
    text("cite", group.cite);
    provenance(group.provenance);
    for (const GroupClause& clause : group.clauses) {
      line("{}", clause.joins ? "with" : "without");
      Inside deeper(*this);
      expr("date", clause.date);
      named("member", clause.members);
      text("cite", clause.cite);
      provenance(clause.provenance);
    }
  }
  void dump_node(const RuleDecl& rule) {
    named("rule", rule.name);
    Inside inside(*this);
    text("title", rule.title);
    named("type", rule.type);
    named("otherwise", rule.otherwise);
    text("cite", rule.cite);
    provenance(rule.provenance);
    for (const RuleClause& clause : rule.clauses) {
      line("{}", clause.exception ? "exception" : "clause");
      Inside deeper(*this);
      text("label", clause.label);
      named("act", clause.act);
      expr("from", clause.from);
      expr("to", clause.to);
      expr("when", clause.when);
      named("value", clause.value);
      text("cite", clause.cite);
      provenance(clause.provenance);
    }
  }

  const Tree& tree_;
  std::string out_;
  size_t depth_ = 0;
};

}  // namespace

std::string dump(const Tree& tree) { return Dumper(tree).run(); }

std::string dump_tokens(const text::SourceSet& sources, text::SourceId source,
                        text::Diagnostics& diagnostics) {
  static constexpr std::string_view kKinds[] = {
#define TOKEN(kind, words) #kind,
#include "syntax/tokens.def"
  };
  TokenBuffer buffer = lex(sources, source, diagnostics);
  const text::Source& text = sources[source];
  std::string out;
  for (const Token& token : buffer.tokens) {
    auto position = text.position(token.begin);
    auto kind = kKinds[static_cast<int>(token.kind)].substr(1);
    auto spelling = std::string_view(text.text).substr(token.begin, token.end - token.begin);
    out += fmt::format("{}:{} {}{}{}{}\n", position.line, position.column, kind,
                       spelling.empty() ? "" : " ", spelling,
                       token.starts_statement && !spelling.empty() ? "  (statement)" : "");
  }
  return out;
}

}  // namespace headrace::syntax
