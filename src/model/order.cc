// The order of evaluation, once for the starting values and once for a step.
//
// Most values are ordered whole. Where values depend on each other in a circle, their pieces are
// looked at, and where pieces still form a circle, their single elements:
//
//   let level[stage] = if position(stage) == 1 then input else level[stage - 1] * 0.9
//
// is a circle as a whole and none element by element. What is a circle even then is a cycle of the
// model, told along its shortest way round. A stock is read before its rate is known, so reading
// one makes no dependence in a step; for the starting values it depends on its initial expression.

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "model/context.h"
#include "model/graph.h"
#include "model/walk.h"

namespace headrace::model {
namespace {

constexpr size_t kMaxEdges = 30'000'000;
constexpr size_t kMaxOrdered = 4'000'000;  // elements that are ordered one by one
constexpr size_t kMaxCycleStarts = 200;

struct Read {
  const Load* load;
  Span span;
};

// The loads of an expression, each node once, in the order of the text.
std::vector<Read> reads_of(const Model& model, ExprId root) {
  std::vector<Read> reads;
  walk(model, root, [&](const Expr& expr) {
    if (const auto* load = std::get_if<Load>(&expr.node)) reads.push_back({load, expr.span});
  });
  return reads;
}

enum class Moment { kInitial, kStep };

class Orderer {
 public:
  Orderer(Context& context, Moment moment, std::vector<ScheduleItem>& out)
      : context_(context), model_(context.model), moment_(moment), out_(out) {}

  void run() {
    std::vector<uint32_t> roots;
    for (uint32_t i = 0; i < model_.variables.size(); ++i) {
      const VarKind kind = model_.variables[i].kind;
      const bool state = kind == VarKind::kStock || kind == VarKind::kPrevious ||
                         kind == VarKind::kDelayFixed || kind == VarKind::kInitial;
      if (is_node(VarId(i)) && (moment_ == Moment::kStep || state)) roots.push_back(i);
    }
    for_each_component(
        model_.variables.size(), roots, [&](uint32_t v) { return variable_edges(v); },
        [&](const std::vector<uint32_t>& component) { take_variables(component); });
    if (edges_ > kMaxEdges) too_large(VarId(roots.back()));
  }

 private:
  // What is computed at this moment; other variables are known by then.
  bool is_node(VarId id) const {
    const Variable& variable = model_[id];
    switch (variable.kind) {
      case VarKind::kLet:
      case VarKind::kFlow:
      case VarKind::kParam:
        return !variable.pieces.empty();
      case VarKind::kBehind:
        return true;
      case VarKind::kStock:
      case VarKind::kPrevious:
      case VarKind::kDelayFixed:
      case VarKind::kInitial:
        return moment_ == Moment::kInitial;
      case VarKind::kData:
      case VarKind::kNoise:
      case VarKind::kTally:
        break;
    }
    return false;
  }

  const std::vector<Piece>& pieces(VarId id) const {
    const Variable& variable = model_[id];
    switch (variable.kind) {
      case VarKind::kStock:
      case VarKind::kPrevious:
      case VarKind::kDelayFixed:
        return variable.initial;
      default:
        if (moment_ == Moment::kInitial && !variable.initial.empty()) return variable.initial;
        return variable.pieces;
    }
  }

  // The expressions that make one piece.
  std::vector<ExprId> expressions(VarId id, size_t piece) const {
    const Variable& variable = model_[id];
    std::vector<ExprId> result{pieces(id)[piece].value};
    if (variable.kind == VarKind::kBehind) result.push_back(variable.second[piece].value);
    if (variable.kind == VarKind::kDelayFixed) result.push_back(variable.duration[piece].value);
    return result;
  }

  // ------------------------------------------------------------ whole variables

  const std::vector<Read>& piece_reads(VarId id, size_t piece) {
    const auto key = std::pair(id.index, piece);
    if (auto at = reads_.find(key); at != reads_.end()) return at->second;
    std::vector<Read> all;
    for (ExprId expr : expressions(id, piece)) {
      for (const Read& read : reads_of(model_, expr)) {
        if (is_node(read.load->variable)) all.push_back(read);
      }
    }
    return reads_.emplace(key, std::move(all)).first->second;
  }

  std::vector<uint32_t> variable_edges(uint32_t v) {
    std::vector<uint32_t> out;
    std::set<uint32_t> seen;
    for (size_t p = 0; p < pieces(VarId(v)).size(); ++p) {
      for (const Read& read : piece_reads(VarId(v), p)) {
        if (seen.insert(read.load->variable.index).second) out.push_back(read.load->variable.index);
      }
    }
    return out;
  }

  void emit_whole(VarId id, uint32_t piece) { out_.push_back({id, piece, {}}); }

  void take_variables(const std::vector<uint32_t>& component) {
    const uint32_t first = component.front();
    const auto edges = variable_edges(first);
    const bool loop = component.size() > 1 || std::ranges::find(edges, first) != edges.end();
    if (loop) {
      context_.in_loop.insert(component.begin(), component.end());
      order_pieces(component);
      return;
    }
    for (uint32_t p = 0; p < pieces(VarId(first)).size(); ++p) emit_whole(VarId(first), p);
  }

  // ------------------------------------------------------------ pieces

  struct Node {
    VarId variable;
    uint32_t piece;
  };

  std::vector<uint32_t> places(const Subscript& subscript) const {
    if (!subscript.index.valid()) return {subscript.position};
    std::vector<uint32_t> result;
    if (subscript.map.empty()) {
      for (uint32_t k = 0; k < model_[subscript.index].positions.size(); ++k) result.push_back(k);
    }
    for (int32_t place : subscript.map) {
      if (place >= 0) result.push_back(static_cast<uint32_t>(place));
    }
    std::sort(result.begin(), result.end());
    return result;
  }

  bool may_read(const Load& load, const Piece& piece) const {
    for (size_t d = 0; d < load.subscripts.size(); ++d) {
      const auto read = places(load.subscripts[d]);
      const auto& kept = model_[piece.indexes[d]].positions;
      const bool meets = std::any_of(kept.begin(), kept.end(), [&](uint32_t position) {
        return std::binary_search(read.begin(), read.end(), position);
      });
      if (!meets) return false;
    }
    return true;
  }

  void order_pieces(const std::vector<uint32_t>& variables) {
    std::vector<Node> nodes;
    std::map<uint32_t, uint32_t> first_node;
    for (uint32_t v : variables) {
      first_node[v] = static_cast<uint32_t>(nodes.size());
      for (uint32_t p = 0; p < pieces(VarId(v)).size(); ++p) nodes.push_back({VarId(v), p});
    }
    const auto edges = [&](uint32_t n) {
      std::set<uint32_t> out;
      for (const Read& read : piece_reads(nodes[n].variable, nodes[n].piece)) {
        const auto first = first_node.find(read.load->variable.index);
        if (first == first_node.end()) continue;
        const auto& targets = pieces(read.load->variable);
        for (uint32_t p = 0; p < targets.size() && ++edges_ <= kMaxEdges; ++p) {
          if (may_read(*read.load, targets[p])) out.insert(first->second + p);
        }
      }
      return std::vector<uint32_t>(out.begin(), out.end());
    };
    std::vector<uint32_t> roots(nodes.size());
    for (uint32_t n = 0; n < roots.size(); ++n) roots[n] = n;
    for_each_component(nodes.size(), roots, edges, [&](const std::vector<uint32_t>& component) {
      const auto out = edges(component.front());
      const bool loop =
          component.size() > 1 || std::ranges::find(out, component.front()) != out.end();
      std::vector<Node> members;
      for (uint32_t n : component) members.push_back(nodes[n]);
      if (loop)
        order_elements(members);
      else
        emit_whole(members[0].variable, members[0].piece);
    });
  }

  // ------------------------------------------------------------ elements

  struct Element {
    VarId variable;
    uint32_t piece;
    std::vector<uint32_t> ordinals;
    uint32_t flat;
  };

  struct Edge {
    uint32_t to;
    Span span;
  };

  uint32_t flat(VarId variable, const std::vector<uint32_t>& positions) const {
    uint32_t result = 0;
    for (size_t d = 0; d < positions.size(); ++d)
      result = result * static_cast<uint32_t>(model_[model_[variable].dims[d]].members.size()) +
               positions[d];
    return result;
  }

  // Calls visit(ordinals) for each combination of the extents; the last runs fastest.
  template <class Visit>
  static void for_each_tuple(const std::vector<size_t>& extents, Visit&& visit) {
    std::vector<uint32_t> at(extents.size(), 0);
    if (std::ranges::find(extents, size_t{0}) != extents.end()) return;
    for (;;) {
      visit(at);
      size_t d = at.size();
      while (d > 0 && ++at[d - 1] == extents[d - 1]) at[--d] = 0;
      if (d == 0) return;
    }
  }

  bool too_large(VarId id) {
    context_.error(
        Kind::kTooLarge, model_[id].span,
        "these values depend on each other in too many elements to be ordered one by one");
    return false;
  }

  bool list_elements(const std::vector<Node>& members) {
    elements_.clear();
    numbers_.clear();
    for (const Node& node : members) {
      const Piece& piece = pieces(node.variable)[node.piece];
      std::vector<size_t> extents;
      size_t count = 1;
      for (IndexId index : piece.indexes) {
        extents.push_back(model_[index].positions.size());
        count *= extents.back();
      }
      if (elements_.size() + count > kMaxOrdered) return too_large(node.variable);
      for_each_tuple(extents, [&](const std::vector<uint32_t>& ordinals) {
        std::vector<uint32_t> positions;
        for (size_t d = 0; d < ordinals.size(); ++d)
          positions.push_back(model_[piece.indexes[d]].positions[ordinals[d]]);
        const uint32_t element = flat(node.variable, positions);
        numbers_[{node.variable.index, element}] = static_cast<uint32_t>(elements_.size());
        elements_.push_back({node.variable, node.piece, ordinals, element});
      });
    }
    return true;
  }

  std::vector<Edge> element_edges(const Element& element) {
    const Piece& piece = pieces(element.variable)[element.piece];
    std::vector<Edge> out;
    for (const Read& read : piece_reads(element.variable, element.piece)) {
      std::vector<std::vector<uint32_t>> read_places;
      std::vector<size_t> extents;
      for (const Subscript& subscript : read.load->subscripts) {
        read_places.push_back(places_at(subscript, piece, element));
        extents.push_back(read_places.back().size());
      }
      for_each_tuple(extents, [&](const std::vector<uint32_t>& at) {
        std::vector<uint32_t> positions;
        for (size_t d = 0; d < at.size(); ++d) positions.push_back(read_places[d][at[d]]);
        const auto found =
            numbers_.find({read.load->variable.index, flat(read.load->variable, positions)});
        if (++edges_ <= kMaxEdges && found != numbers_.end())
          out.push_back({found->second, read.span});
      });
    }
    return out;
  }

  // One place for the piece's own indexes, all of them for those of reducers.
  std::vector<uint32_t> places_at(const Subscript& subscript, const Piece& piece,
                                  const Element& element) const {
    const auto own = std::ranges::find(piece.indexes, subscript.index);
    if (!subscript.index.valid() || own == piece.indexes.end()) return places(subscript);
    const uint32_t ordinal = element.ordinals[static_cast<size_t>(own - piece.indexes.begin())];
    if (subscript.map.empty()) return {ordinal};
    if (subscript.map[ordinal] < 0) return {};
    return {static_cast<uint32_t>(subscript.map[ordinal])};
  }

  // A recurrence along the elements of one piece, such as level[stage - 1]: every element reads
  // earlier ones alone, so the piece as a whole, taken in ascending order, is right.
  bool ascends(const std::vector<Node>& members) {
    if (members.size() != 1) return false;
    for (uint32_t n = 0; n < elements_.size(); ++n) {
      for (const Edge& edge : element_edges(elements_[n])) {
        if (edge.to >= n) return false;
      }
    }
    return true;
  }

  void order_elements(const std::vector<Node>& members) {
    if (!list_elements(members)) return;
    if (ascends(members)) {
      emit_whole(members[0].variable, members[0].piece);
      return;
    }
    std::vector<uint32_t> roots(elements_.size());
    for (uint32_t n = 0; n < roots.size(); ++n) roots[n] = n;
    const auto targets = [&](uint32_t n) {
      std::vector<uint32_t> out;
      for (const Edge& edge : element_edges(elements_[n])) out.push_back(edge.to);
      return out;
    };
    for_each_component(
        elements_.size(), roots, targets, [&](const std::vector<uint32_t>& component) {
          const auto out = targets(component.front());
          const bool loop =
              component.size() > 1 || std::ranges::find(out, component.front()) != out.end();
          if (loop) {
            report_cycle(component);
            return;
          }
          const Element& element = elements_[component.front()];
          out_.push_back({element.variable, element.piece, element.ordinals});
        });
  }

  // ------------------------------------------------------------ cycles

  struct Step {
    uint32_t from, to;
    Span span;
  };

  // The shortest way from `start` back to it, by breadth-first search.
  std::vector<Step> way_round(uint32_t start, const std::set<uint32_t>& inside) {
    std::map<uint32_t, Step> came;
    std::deque<uint32_t> queue{start};
    while (!queue.empty()) {
      const uint32_t n = queue.front();
      queue.pop_front();
      for (const Edge& edge : element_edges(elements_[n])) {
        if (!inside.contains(edge.to) || came.contains(edge.to)) continue;
        came[edge.to] = {n, edge.to, edge.span};
        if (edge.to != start) {
          queue.push_back(edge.to);
          continue;
        }
        std::vector<Step> steps;
        for (uint32_t at = start; steps.empty() || at != start; at = came[at].from)
          steps.push_back(came[at]);
        std::reverse(steps.begin(), steps.end());
        return steps;
      }
    }
    return {};
  }

  std::string name(uint32_t n) const {
    return model_.element_name(elements_[n].variable, elements_[n].flat);
  }

  void report_cycle(const std::vector<uint32_t>& component) {
    const bool told = std::ranges::any_of(component, [&](uint32_t n) {
      return context_.in_cycle.contains(elements_[n].variable.index);
    });
    for (uint32_t n : component) context_.in_cycle.insert(elements_[n].variable.index);
    if (told) return;
    const std::set<uint32_t> inside(component.begin(), component.end());
    std::vector<Step> shortest;
    for (size_t k = 0; k < component.size() && k < kMaxCycleStarts; ++k) {
      auto steps = way_round(component[k], inside);
      if (shortest.empty() || steps.size() < shortest.size()) shortest = std::move(steps);
    }
    if (shortest.empty()) return;  // past the limit of edges, which is told
    std::string way;
    for (const Step& step : shortest) way += fmt::format("`{}` -> ", name(step.from));
    way += fmt::format("`{}`", name(shortest.front().from));
    const Variable& first = model_[elements_[shortest.front().from].variable];
    const Declaration* declaration =
        context_.declaration(elements_[shortest.front().from].variable);
    auto& diagnostic =
        context_.error(Kind::kCycle, declaration ? declaration->name_span : first.span,
                       moment_ == Moment::kStep
                           ? fmt::format("these values need each other at the same moment: {}", way)
                           : fmt::format("these starting values need each other: {}", way));
    for (const Step& step : shortest)
      diagnostic.labels.push_back(
          {step.span, fmt::format("`{}` uses `{}` here", name(step.from), name(step.to))});
    diagnostic.hint =
        moment_ == Moment::kStep
            ? "a stock, `previous` or a delay somewhere along the way would break the circle"
            : "";
  }

  Context& context_;
  const Model& model_;
  Moment moment_;
  std::vector<ScheduleItem>& out_;
  std::map<std::pair<uint32_t, size_t>, std::vector<Read>> reads_;
  std::vector<Element> elements_;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> numbers_;
  size_t edges_ = 0;
};

}  // namespace

void order_evaluation(Context& context) {
  Orderer(context, Moment::kStep, context.model.step_order).run();
  Orderer(context, Moment::kInitial, context.model.initial_order).run();
}

}  // namespace headrace::model
