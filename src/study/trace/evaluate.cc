#include "study/trace/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/check.h"
#include "code/device/arrays.h"
#include "code/ops.h"
#include "code/table.h"

namespace headrace::study {
namespace {

using Lanes = std::vector<double>;

double apply(model::Op op, const double* a) {
  switch (op) {
#define UNARY(name)     \
  case model::Op::name: \
    return code::apply_unary<code::Op::name>(a[0]);
#define BINARY(name)    \
  case model::Op::name: \
    return code::apply_binary<code::Op::name>(a[0], a[1]);
    UNARY(kNegate)
    UNARY(kAbs)
    UNARY(kSqrt)
    UNARY(kExp)
    UNARY(kLn)
    UNARY(kSin)
    UNARY(kCos)
    UNARY(kTan)
    UNARY(kAsin)
    UNARY(kAcos)
    UNARY(kAtan)
    UNARY(kFloor)
    UNARY(kCeil)
    UNARY(kRound)
    UNARY(kTrunc)
    UNARY(kSign)
    UNARY(kNot)
    BINARY(kAdd)
    BINARY(kSubtract)
    BINARY(kMultiply)
    BINARY(kDivide)
    BINARY(kPower)
    BINARY(kMin)
    BINARY(kMax)
    BINARY(kMod)
    BINARY(kLess)
    BINARY(kLessEqual)
    BINARY(kEqual)
    BINARY(kNotEqual)
    BINARY(kAnd)
    BINARY(kOr)
#undef UNARY
#undef BINARY
    case model::Op::kSelect:
      return code::choose(a[0], a[1], a[2]);
  }
  return NAN;
}

double neutral(model::ReduceKind kind) {
  switch (kind) {
    case model::ReduceKind::kSum:
    case model::ReduceKind::kAny:
      return 0;
    case model::ReduceKind::kProduct:
    case model::ReduceKind::kAll:
      return 1;
    case model::ReduceKind::kMin:
      return HUGE_VAL;
    case model::ReduceKind::kMax:
      return -HUGE_VAL;
  }
  return 0;
}

double combine(model::ReduceKind kind, double a, double b) {
  switch (kind) {
    case model::ReduceKind::kSum:
      return a + b;
    case model::ReduceKind::kProduct:
      return a * b;
    case model::ReduceKind::kMin:
      return a < b ? a : b;
    case model::ReduceKind::kMax:
      return a > b ? a : b;
    case model::ReduceKind::kAny:
      return a != 0 || b != 0;
    case model::ReduceKind::kAll:
      return a != 0 && b != 0;
  }
  return NAN;
}

// Walks an expression with its indexes bound.
class Walker {
 public:
  Walker(const model::Model& model, const Equation& equation)
      : model_(model), places_(equation.places) {}

  // The element a load reads; nothing when it lies outside and reads 0.
  std::optional<uint32_t> element_of(const model::Load& load) const {
    uint32_t element = 0;
    const model::Variable& variable = model_[load.variable];
    for (size_t d = 0; d < load.subscripts.size(); ++d) {
      const model::Subscript& s = load.subscripts[d];
      int64_t position = s.position;
      if (s.index.valid()) {
        const uint32_t ordinal = ordinal_of(s.index);
        position = s.map.empty() ? ordinal : s.map[ordinal];
      }
      if (position < 0) return std::nullopt;
      element = element * static_cast<uint32_t>(model_[variable.dims[d]].members.size()) +
                static_cast<uint32_t>(position);
    }
    return element;
  }

  uint32_t ordinal_of(model::IndexId index) const {
    for (auto place = places_.rbegin(); place != places_.rend(); ++place) {
      if (place->first == index) return place->second;
    }
    CHECK(false && "an index is bound where it is used");
    return 0;
  }

  // Calls body() for each combination of the indexes.
  void for_each(const std::vector<model::IndexId>& indexes, const std::function<void()>& body,
                size_t depth = 0) {
    if (depth == indexes.size()) {
      body();
      return;
    }
    const auto size = static_cast<uint32_t>(model_[indexes[depth]].positions.size());
    for (uint32_t ordinal = 0; ordinal < size; ++ordinal) {
      places_.emplace_back(indexes[depth], ordinal);
      for_each(indexes, body, depth + 1);
      places_.pop_back();
    }
  }

 protected:
  const model::Model& model_;
  std::vector<std::pair<model::IndexId, uint32_t>> places_;
};

class Reader : public Walker {
 public:
  using Walker::Walker;

  void read(model::ExprId id) {
    const model::Expr& expr = model_[id];
    if (std::holds_alternative<model::TimeNow>(expr.node) ||
        std::holds_alternative<model::StepTime>(expr.node)) {
      note({});
    } else if (const auto* load = std::get_if<model::Load>(&expr.node)) {
      if (const auto element = element_of(*load)) note({load->variable, *element});
    } else if (const auto* apply = std::get_if<model::Apply>(&expr.node)) {
      for (const model::ExprId argument : apply->arguments) read(argument);
    } else if (const auto* lookup = std::get_if<model::Lookup>(&expr.node)) {
      read(lookup->input);
    } else if (const auto* reduce = std::get_if<model::Reduce>(&expr.node)) {
      for_each(reduce->indexes, [&] { read(reduce->body); });
    } else if (const auto* call = std::get_if<model::ArrayCall>(&expr.node)) {
      for (const model::Slice& slice : call->slices)
        for_each(slice.indexes, [&] { read(slice.body); });
    }
  }
  std::vector<Node> nodes;

 private:
  void note(const Node& node) {
    if (std::find(nodes.begin(), nodes.end(), node) == nodes.end()) nodes.push_back(node);
  }
};

class Evaluation : public Walker {
 public:
  Evaluation(const model::Model& model, const Equation& equation, State state, const Node* moved,
             State moved_state)
      : Walker(model, equation), state_(state), moved_(moved), moved_state_(moved_state) {}

  Lanes at(model::ExprId id) {
    const model::Expr& expr = model_[id];
    const size_t n = state_.values->draws();
    if (const auto* constant = std::get_if<model::Constant>(&expr.node)) {
      return Lanes(n, constant->value);
    }
    if (std::holds_alternative<model::TimeNow>(expr.node) ||
        std::holds_alternative<model::StepTime>(expr.node)) {
      const State& from = moved_ && moved_->is_time() ? moved_state_ : state_;
      return Lanes(n, from.values->time(from.step));
    }
    if (const auto* position = std::get_if<model::Position>(&expr.node)) {
      const model::Index& index = model_[position->index];
      return Lanes(n, index.positions[ordinal_of(position->index)] + 1.0);
    }
    if (const auto* load = std::get_if<model::Load>(&expr.node)) return at(*load);
    if (const auto* apply = std::get_if<model::Apply>(&expr.node)) return at(*apply);
    if (const auto* lookup = std::get_if<model::Lookup>(&expr.node)) {
      const code::Table table = code::prepare(model_[lookup->table]);
      Lanes lanes = at(lookup->input);
      for (double& lane : lanes) lane = code::lookup(table, lane);
      return lanes;
    }
    if (const auto* call = std::get_if<model::ArrayCall>(&expr.node)) return at(*call);
    const auto& reduce = std::get<model::Reduce>(expr.node);
    Lanes lanes(n, neutral(reduce.kind));
    for_each(reduce.indexes, [&] {
      const Lanes body = at(reduce.body);
      for (size_t d = 0; d < n; ++d) lanes[d] = combine(reduce.kind, lanes[d], body[d]);
    });
    return lanes;
  }

 private:
  Lanes at(const model::Load& load) {
    const auto element = element_of(load);
    if (!element) return Lanes(state_.values->draws(), 0);
    const Node node{load.variable, *element};
    const State& from = moved_ && *moved_ == node ? moved_state_ : state_;
    const auto values = from.values->at(node, from.step);
    return Lanes(values.begin(), values.end());
  }

  Lanes at(const model::Apply& apply_node) {
    std::vector<Lanes> arguments;
    for (const model::ExprId argument : apply_node.arguments) arguments.push_back(at(argument));
    Lanes out(state_.values->draws());
    double a[3] = {};
    for (size_t d = 0; d < out.size(); ++d) {
      for (size_t i = 0; i < arguments.size(); ++i) a[i] = arguments[i][d];
      out[d] = apply(apply_node.op, a);
    }
    return out;
  }

  uint32_t extent(const std::vector<model::IndexId>& indexes) const {
    uint32_t count = 1;
    for (const model::IndexId index : indexes)
      count *= static_cast<uint32_t>(model_[index].positions.size());
    return count;
  }

  Lanes at(const model::ArrayCall& call) {
    const size_t n = state_.values->draws();
    std::vector<Lanes> slabs;  // [element][draw]
    std::vector<code::SlabShape> shapes;
    std::vector<const double*> firsts;
    for (const model::Slice& slice : call.slices) {
      Lanes& slab = slabs.emplace_back();
      for_each(slice.indexes, [&] {
        const Lanes element = at(slice.body);
        slab.insert(slab.end(), element.begin(), element.end());
      });
      const uint64_t rows = slice.indexes.size() == 2 ? extent({slice.indexes[0]}) : 1;
      shapes.push_back({rows, extent(slice.indexes) / std::max<uint64_t>(rows, 1), n, 1});
    }
    for (const Lanes& slab : slabs) firsts.push_back(slab.data());
    const uint32_t count = extent(call.result);
    size_t element = 0;
    for (const model::IndexId index : call.result)
      element = element * extent({index}) + ordinal_of(index);
    Lanes out(count * n);
    const auto shape =
        code::pack({static_cast<uint64_t>(call.function), count, shapes.size()}, shapes);
    code::headrace_array(shape.data(), firsts.data(), out.data(), n);
    return Lanes(out.begin() + static_cast<ptrdiff_t>(element * n),
                 out.begin() + static_cast<ptrdiff_t>((element + 1) * n));
  }

  State state_;
  const Node* moved_;
  State moved_state_;
};

// What an expression is called: what it reads.
std::string name_of(const model::Model& model, const Equation& equation, model::ExprId expr) {
  Reader reader(model, equation);
  reader.read(expr);
  std::string name;
  for (size_t i = 0; i < reader.nodes.size(); ++i) {
    if (i == 3) return name + ", ...";
    const Node& node = reader.nodes[i];
    name +=
        (i > 0 ? ", " : "") +
        (node.is_time() ? std::string("time") : model.element_name(node.variable, node.element));
  }
  return name.empty() ? "a number" : name;
}

class ChoiceFinder {
 public:
  ChoiceFinder(const model::Model& model, const Equation& equation, State state)
      : model_(model), equation_(equation), state_(state) {}

  void find(model::ExprId id) {
    const auto* apply = std::get_if<model::Apply>(&model_[id].node);
    if (!apply) return;
    if (apply->op == model::Op::kMin || apply->op == model::Op::kMax) {
      std::vector<model::ExprId> arguments;
      flatten(id, apply->op, arguments);
      note(apply->op, arguments);
      for (const model::ExprId argument : arguments) find(argument);
      return;
    }
    if (apply->op == model::Op::kSelect) {
      Choice choice{"if", {name_of(model_, equation_, apply->arguments[0])}, {0}};
      for (const double lane : lanes(apply->arguments[0])) choice.shares[0] += lane != 0;
      choice.shares[0] /= static_cast<double>(state_.values->draws());
      choices.push_back(std::move(choice));
    }
    for (const model::ExprId argument : apply->arguments) find(argument);
  }
  std::vector<Choice> choices;

 private:
  Lanes lanes(model::ExprId id) { return evaluate(model_, {id, equation_.places}, state_); }
  void flatten(model::ExprId id, model::Op op, std::vector<model::ExprId>& out) {
    const auto* apply = std::get_if<model::Apply>(&model_[id].node);
    if (!apply || apply->op != op) {
      out.push_back(id);
      return;
    }
    for (const model::ExprId argument : apply->arguments) flatten(argument, op, out);
  }
  void note(model::Op op, const std::vector<model::ExprId>& arguments) {
    const bool min = op == model::Op::kMin;
    Choice choice{min ? "min" : "max", {}, std::vector<double>(arguments.size())};
    std::vector<Lanes> values;
    for (const model::ExprId argument : arguments) {
      choice.names.push_back(name_of(model_, equation_, argument));
      values.push_back(lanes(argument));
    }
    const size_t draws = state_.values->draws();
    for (size_t d = 0; d < draws; ++d) {
      size_t binds = 0;
      for (size_t a = 1; a < values.size(); ++a) {
        if (min ? values[a][d] < values[binds][d] : values[a][d] > values[binds][d]) binds = a;
      }
      choice.shares[binds] += 1.0 / static_cast<double>(draws);
    }
    choices.push_back(std::move(choice));
  }

  const model::Model& model_;
  const Equation& equation_;
  State state_;
};

}  // namespace

Values::Values(const model::Model& model, const run::RunResult& result)
    : model_(model), draws_(result.draws), times_(result.times), series_(model.variables.size()) {
  for (const run::SeriesResult& series : result.series) {
    auto& of = series_[series.variable.index];
    if (of.size() <= series.element) of.resize(series.element + 1);
    of[series.element] = series.values.data();
  }
}

std::span<const double> Values::at(const Node& node, size_t step) const {
  if (node.is_time()) return {&times_[step], 1};
  const auto& of = series_[node.variable.index];
  CHECK(node.element < of.size());
  return {of[node.element] + step * draws_, draws_};
}

std::optional<Equation> equation_of(const model::Model& model, const model::Variable& variable,
                                    const std::vector<model::Piece>& pieces, uint32_t element) {
  std::vector<uint32_t> positions(variable.dims.size());
  for (size_t d = variable.dims.size(); d-- > 0;) {
    const auto size = static_cast<uint32_t>(model[variable.dims[d]].members.size());
    positions[d] = element % size;
    element /= size;
  }
  for (const model::Piece& piece : pieces) {
    Equation equation{piece.value, {}};
    for (size_t d = 0; d < piece.indexes.size(); ++d) {
      const auto& covered = model[piece.indexes[d]].positions;
      const auto at = std::find(covered.begin(), covered.end(), positions[d]);
      if (at == covered.end()) break;
      equation.places.emplace_back(piece.indexes[d], static_cast<uint32_t>(at - covered.begin()));
    }
    if (equation.places.size() == piece.indexes.size()) return equation;
  }
  return std::nullopt;
}

std::vector<Node> reads_of(const model::Model& model, const Equation& equation) {
  Reader reader(model, equation);
  reader.read(equation.expr);
  return std::move(reader.nodes);
}

std::vector<double> evaluate(const model::Model& model, const Equation& equation, State state,
                             const Node* moved, State moved_state) {
  return Evaluation(model, equation, state, moved, moved_state).at(equation.expr);
}

std::vector<Choice> choices_in(const model::Model& model, const Equation& equation, State state) {
  ChoiceFinder finder(model, equation, state);
  finder.find(equation.expr);
  return std::move(finder.choices);
}

}  // namespace headrace::study
