// The model as text: stable, one thing a line, for people and tests.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/context.h"

namespace headrace::model {
namespace {

std::string_view spelling(Op op) {
  switch (op) {
#define OP(name, spelling, arity) \
  case Op::name:                  \
    return spelling;
#include "model/ops.def"
#undef OP
  }
  return "";
}

std::string_view spelling(ArrayFunction function) {
  switch (function) {
#define ARRAY_FUNCTION(name, spelling) \
  case ArrayFunction::name:            \
    return spelling;
#include "model/array_functions.def"
#undef ARRAY_FUNCTION
  }
  return "";
}

std::string_view spelling(Observation::Form form) {
  switch (form) {
    case Observation::Form::kOpinion:
      return "opinion";
    case Observation::Form::kPoint:
      return "point";
    case Observation::Form::kNormal:
      return "normal";
    case Observation::Form::kLognormal:
      return "lognormal";
    case Observation::Form::kStudentT:
      return "student_t";
    case Observation::Form::kPoisson:
      return "poisson";
    case Observation::Form::kNegativeBinomial:
      return "negative_binomial";
  }
  return "";
}

std::string_view spelling(ReduceKind kind) {
  switch (kind) {
    case ReduceKind::kSum:
      return "sum";
    case ReduceKind::kProduct:
      return "product";
    case ReduceKind::kMin:
      return "min";
    case ReduceKind::kMax:
      return "max";
    case ReduceKind::kAny:
      return "any";
    case ReduceKind::kAll:
      return "all";
  }
  return "";
}

std::string_view spelling(VarKind kind) {
  switch (kind) {
    case VarKind::kParam:
      return "param";
    case VarKind::kData:
      return "data";
    case VarKind::kLet:
      return "let";
    case VarKind::kFlow:
      return "flow";
    case VarKind::kStock:
      return "stock";
    case VarKind::kPrevious:
      return "previous";
    case VarKind::kDelayFixed:
      return "delay_fixed";
    case VarKind::kBehind:
      return "behind";
    case VarKind::kInitial:
      return "initial";
    case VarKind::kNoise:
      return "noise";
    case VarKind::kTally:
      return "tally";
  }
  return "";
}

std::string_view spelling(Tally::Kind kind) {
  switch (kind) {
    case Tally::Kind::kIntegral:
      return "integral";
    case Tally::Kind::kAverage:
      return "average";
    case Tally::Kind::kHighest:
      return "highest";
    case Tally::Kind::kLowest:
      return "lowest";
    case Tally::Kind::kAt:
      return "at";
    case Tally::Kind::kFirstTime:
      return "first_time";
    case Tally::Kind::kEnd:
      return "end";
  }
  return "";
}

class Dumper {
 public:
  explicit Dumper(const Model& model) : model_(model) {}

  std::string dump() {
    line(0, "model {}{}", model_.name.empty() ? "-" : model_.name,
         model_.loose_units ? " loose" : "");
    clock();
    for (const Dimension& dimension : model_.dimensions) {
      const bool own = &model_[dimension.root] == &dimension;
      line(0, "dim {}{} = {}", dimension.name, own ? "" : " < " + model_[dimension.root].name,
           fmt::join(dimension.members, ", "));
    }
    for (const Table& table : model_.tables) this->table(table);
    for (size_t i = 0; i < model_.variables.size(); ++i) variable(VarId(i));
    for (const Input& input : model_.inputs)
      line(0, "input {} ~ {}", input.name, input.distribution.describe());
    for (const Correlation& correlation : model_.correlations) this->correlation(correlation);
    for (const Measure& m : model_.measures)
      line(0, "{}measure {}{}{} = {}", m.made ? "made " : "", m.name, m.member, unit(m.unit_text),
           expr(m.value));
    for (const Claim& c : model_.claims) {
      line(0, "claim {}{} = {}", c.id, unit(c.unit_text), expr(c.measure));
      line(1, "of {}", c.measure_text);
      line(1, "holds {}", expr(c.condition));
      for (const Against& other : c.against)
        line(1, "against {} = {}", other.text, model_.measures[other.measure].name);
    }
    for (const Observation& o : model_.observations) observation(o);
    for (const Check& check : model_.checks)
      line(0, "check {} = {}", check.name, model_[check.condition].name);
    order("initial", model_.initial_order);
    order("step", model_.step_order);
    return std::move(out_);
  }

 private:
  template <class... Arguments>
  void line(int level, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    out_.append(static_cast<size_t>(level) * 2, ' ');
    fmt::format_to(std::back_inserter(out_), format, std::forward<Arguments>(arguments)...);
    out_ += '\n';
  }

  static std::string unit(const std::string& text) { return text.empty() ? "" : " : " + text; }

  void clock() {
    const Clock& c = model_.clock;
    if (c.is_static) return line(0, "clock static");
    line(0, "clock {}{} steps of {} {} from {}, save every {}{}", c.calendar ? "calendar, " : "",
         c.steps, c.step, c.unit, c.start, c.save_every,
         c.method == Clock::Method::kRk4 ? ", rk4" : "");
  }

  void table(const Table& table) {
    std::string points;
    for (size_t i = 0; i < table.x.size(); ++i)
      points += fmt::format(" ({}, {})", table.x[i], table.y[i]);
    const char* beyond = table.beyond == Table::Beyond::kClamp         ? "clamp"
                         : table.beyond == Table::Beyond::kExtrapolate ? "extrapolate"
                                                                       : "step";
    line(0, "table {} ={} {}", table.name, points, beyond);
  }

  std::string index_name(IndexId id) const {
    const Index& index = model_[id];
    return fmt::format("{}{}", index.name.empty() ? model_[index.dimension].name : index.name,
                       id.index);
  }

  std::string binding(IndexId id) const {
    const Index& index = model_[id];
    const Dimension& dim = model_[index.dimension];
    if (index.positions.size() == dim.members.size())
      return fmt::format("{} in {}", index_name(id), dim.name);
    std::string members;
    for (uint32_t position : index.positions)
      members += fmt::format("{}{}", members.empty() ? "" : ", ", dim.members[position]);
    return fmt::format("{} in {}{{{}}}", index_name(id), dim.name, members);
  }

  void pieces(std::string_view what, const std::vector<Piece>& list) {
    for (const Piece& piece : list) {
      std::string indexes;
      for (IndexId id : piece.indexes)
        indexes += fmt::format("{}{}", indexes.empty() ? "" : "; ", binding(id));
      line(1, "{}{}= {}", what, indexes.empty() ? "" : fmt::format("[{}] ", indexes),
           expr(piece.value));
    }
  }

  void variable(VarId id) {
    const Variable& v = model_[id];
    std::string dims;
    for (DimId dim : v.dims)
      dims += fmt::format("{}{}", dims.empty() ? "" : ", ", model_[dim].name);
    const char* type = v.type == Type::kBoolean ? " boolean" : v.type == Type::kDate ? " date" : "";
    line(0, "{}{}{} {}{}{}{}", v.made ? "made " : "", v.held ? "held " : "", spelling(v.kind),
         v.name, dims.empty() ? "" : "[" + dims + "]", unit(v.unit_text), type);
    if (v.kind == VarKind::kTally)
      line(1, "{} {} {}", spelling(v.tally.kind), v.tally.from, v.tally.to);
    if (v.kind == VarKind::kNoise) line(1, "{}", v.noise_is_normal ? "normal" : "uniform");
    if (!v.values.empty()) line(1, "{}", fmt::join(v.values, " "));
    pieces("initial ", v.initial);
    pieces(v.kind == VarKind::kStock ? "rate " : "", v.pieces);
    pieces("second ", v.second);
    pieces("duration ", v.duration);
    const std::string text = provenance(v.sources, v.assumed, v.note);
    if (!text.empty()) line(1, "{}", text);
    for (const Backing& each : v.backings) backing(each);
  }

  std::string provenance(const std::vector<std::string>& sources,
                         const std::optional<std::string>& assumed,
                         const std::optional<std::string>& note) const {
    std::string text;
    for (const std::string& source : sources) text += (text.empty() ? "from @" : ", @") + source;
    if (assumed) text += fmt::format("{}assumed \"{}\"", text.empty() ? "" : " ", *assumed);
    if (note) text += fmt::format("{}note \"{}\"", text.empty() ? "" : " ", *note);
    return text;
  }

  void backing(const Backing& b) {
    std::string text = provenance(b.sources, b.assumed, b.note);
    if (b.cite) text += fmt::format("{}cite \"{}\"", text.empty() ? "" : " ", *b.cite);
    const std::string place = b.members + (b.date.empty() ? "" : " from " + b.date);
    line(1, "backed{}{}: {}", place.empty() || place[0] == ' ' ? "" : " ", place, text);
  }

  void observation(const Observation& o) {
    line(0, "observe{} = {}", unit(o.unit_text), expr(o.measure));
    line(1, "of {}", o.text);
    const char* const sign = o.bound == Observation::Bound::kAtMost    ? "<="
                             : o.bound == Observation::Bound::kAtLeast ? ">="
                                                                       : "~";
    if (o.distribution) {
      line(1, "{} {}", sign, o.distribution->describe());
    } else {
      std::string terms;
      for (const Observation::Term& term : o.terms) {
        if (!terms.empty()) terms += ", ";
        terms += term.expr.valid() ? expr(term.expr) : fmt::format("{}", term.value);
      }
      line(1, "{} {}({})", sign, spelling(o.form), terms);
    }
    const std::string text = provenance(o.sources, o.assumed, o.note);
    if (!text.empty()) line(1, "{}", text);
  }

  void correlation(const Correlation& correlation) {
    std::string names;
    for (uint32_t input : correlation.inputs) names += " " + model_.inputs[input].name;
    line(0, "correlation{} = {}", names, fmt::join(correlation.rank, " "));
  }

  void order(std::string_view what, const std::vector<ScheduleItem>& items) {
    std::string text;
    for (const ScheduleItem& item : items) {
      text += " " + model_[item.variable].name;
      if (item.piece > 0) text += fmt::format("#{}", item.piece);
      if (!item.ordinals.empty()) text += fmt::format("({})", fmt::join(item.ordinals, ","));
    }
    line(0, "{}:{}", what, text);
  }

  std::string subscripts(const Load& load) const {
    if (load.subscripts.empty()) return "";
    std::string text;
    for (size_t d = 0; d < load.subscripts.size(); ++d) {
      const Subscript& s = load.subscripts[d];
      if (d > 0) text += ", ";
      if (!s.index.valid()) {
        text += model_[model_[load.variable].dims[d]].members[s.position];
        continue;
      }
      text += index_name(s.index);
      if (!s.map.empty()) text += fmt::format("{{{}}}", fmt::join(s.map, " "));
    }
    return "[" + text + "]";
  }

  std::string arguments(const std::vector<ExprId>& list) const {
    std::string text;
    for (ExprId id : list) text += fmt::format("{}{}", text.empty() ? "" : ", ", expr(id));
    return text;
  }

  std::string expr(ExprId id) const {
    const Expr& e = model_[id];
    if (auto* node = std::get_if<Constant>(&e.node)) return fmt::format("{}", node->value);
    if (std::holds_alternative<TimeNow>(e.node)) return "time";
    if (std::holds_alternative<StepTime>(e.node)) return "step_time";
    if (auto* node = std::get_if<Position>(&e.node))
      return fmt::format("position({})", index_name(node->index));
    if (auto* node = std::get_if<Load>(&e.node))
      return model_[node->variable].name + subscripts(*node);
    if (auto* node = std::get_if<Apply>(&e.node))
      return fmt::format("{}({})", spelling(node->op), arguments(node->arguments));
    if (auto* node = std::get_if<Reduce>(&e.node)) {
      std::string indexes;
      for (IndexId index : node->indexes) indexes += fmt::format("; {}", binding(index));
      return fmt::format("{}({}{})", spelling(node->kind), expr(node->body), indexes);
    }
    if (auto* node = std::get_if<ArrayCall>(&e.node)) {
      std::string slices;
      for (const Slice& slice : node->slices) {
        slices += (slices.empty() ? "" : ", ") + expr(slice.body);
        for (IndexId index : slice.indexes) slices += fmt::format("; {}", binding(index));
      }
      return fmt::format("{}({})", spelling(node->function), slices);
    }
    const auto& node = std::get<Lookup>(e.node);
    return fmt::format("{}({})", model_[node.table].name, expr(node.input));
  }

  const Model& model_;
  std::string out_;
};

}  // namespace

std::string dump(const Model& model) { return Dumper(model).dump(); }

}  // namespace headrace::model
