#include "study/trace/contributions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "summary/quantile.h"

namespace headrace::study {
namespace {

using Lanes = std::vector<double>;

double median(std::span<const double> values) {
  const double half[] = {0.5};
  return summary::quantiles(values, half)[0];
}

double mean_of_finite(const Lanes& lanes) {
  double sum = 0, n = 0;
  for (const double lane : lanes) {
    if (std::isfinite(lane)) sum += lane, n += 1;
  }
  return n > 0 ? sum / n : NAN;
}

std::string name_of(const model::Model& model, const Node& node) {
  return node.is_time() ? "time" : model.element_name(node.variable, node.element);
}

// Contributions draw by draw, by what contributes.
struct Parts {
  std::vector<std::pair<Node, Lanes>> of_nodes;
  std::vector<std::pair<std::string, Lanes>> others;  // a start, an equation

  Lanes& of(const Node& node, size_t draws) {
    for (auto& [known, lanes] : of_nodes) {
      if (known == node) return lanes;
    }
    return of_nodes.emplace_back(node, Lanes(draws)).second;
  }
};

// Adds what each thing that an equation reads did to its value, times `weight`.
void add_equation(Parts& parts, State a, State b, const Node& node, double weight) {
  const model::Model &model_a = a.values->model(), &model_b = b.values->model();
  const auto f_a = moving_equation(model_a, node), f_b = moving_equation(model_b, node);
  if (!f_a || !f_b) return;
  const size_t draws = a.values->draws();
  const Lanes at_a = evaluate(model_a, *f_a, a), at_b = evaluate(model_b, *f_b, b);
  const auto take = [&](const Node& read, bool forward) {
    const Lanes moved =
        forward ? evaluate(model_a, *f_a, a, &read, b) : evaluate(model_b, *f_b, b, &read, a);
    Lanes& lanes = parts.of(read, draws);
    for (size_t d = 0; d < draws; ++d) {
      lanes[d] += weight * 0.5 * (forward ? moved[d] - at_a[d] : at_b[d] - moved[d]);
    }
  };
  for (const Node& read : reads_of(model_a, *f_a)) take(read, true);
  for (const Node& read : reads_of(model_b, *f_b)) take(read, false);
}

// Whether the later model computes the node otherwise: its equation at the later state of the run
// gives another number in the earlier model.
bool has_new_equation(State a, State b, const Node& node) {
  if (a.values == b.values) return false;
  const auto f_a = moving_equation(a.values->model(), node);
  const auto f_b = moving_equation(b.values->model(), node);
  if (!f_a || !f_b) return f_a.has_value() != f_b.has_value();
  const Lanes old = evaluate(a.values->model(), *f_a, b);
  const Lanes now = evaluate(b.values->model(), *f_b, b);
  for (size_t d = 0; d < old.size(); ++d) {
    if (old[d] != now[d] && !(std::isnan(old[d]) && std::isnan(now[d]))) return true;
  }
  return false;
}

void add_start(Parts& parts, State a, State b, const Node& node) {
  const auto start_a = a.values->at(node, 0), start_b = b.values->at(node, 0);
  Lanes lanes(start_a.size());
  for (size_t d = 0; d < lanes.size(); ++d) lanes[d] = start_b[d] - start_a[d];
  parts.others.emplace_back("its start", std::move(lanes));
}

double step_length(const Values& values, size_t step) {
  return values.time(step + 1) - values.time(step);
}

// Of a stock between two moments of one run: what flowed. Falls back to the net rate as a whole
// where flows have other dimensions than the stock.
void add_flows(Parts& parts, State a, State b, const Node& node) {
  const model::Model& model = a.values->model();
  const model::Variable& stock = model[node.variable];
  const size_t draws = a.values->draws();
  Lanes rest(draws);
  const auto from = a.values->at(node, a.step), to = a.values->at(node, b.step);
  for (size_t d = 0; d < draws; ++d) rest[d] = to[d] - from[d];
  const auto take = [&](model::VarId flow, double direction) {
    if (model[flow].dims != stock.dims) return;
    const Node read{flow, node.element};
    Lanes& lanes = parts.of(read, draws);
    for (size_t step = a.step; step < b.step; ++step) {
      const auto rate = a.values->at(read, step);
      for (size_t d = 0; d < draws; ++d) {
        lanes[d] += direction * rate[d] * step_length(*a.values, step);
      }
    }
    for (size_t d = 0; d < draws; ++d) rest[d] -= lanes[d];
  };
  for (const model::VarId flow : stock.inflows) take(flow, 1);
  for (const model::VarId flow : stock.outflows) take(flow, -1);
  // What the flows leave over: a net rate of its own, or rounding.
  double largest = 0, left = 0;
  for (size_t d = 0; d < draws; ++d) {
    largest = std::max(largest, std::abs(to[d]));
    left = std::max(left, std::abs(rest[d]));
  }
  if (left > 1e-9 * largest) parts.others.emplace_back("other net rates", std::move(rest));
}

Parts parts_of(State a, State b, const Node& node) {
  Parts parts;
  const model::Model& model = a.values->model();
  const bool stock = model[node.variable].kind == model::VarKind::kStock;
  if (!is_state(model, node)) {
    add_equation(parts, a, b, node, 1);
  } else if (a.values == b.values) {
    if (stock) add_flows(parts, a, b, node);
  } else if (stock) {
    add_start(parts, a, b, node);
    for (size_t step = 0; step < a.step; ++step) {
      add_equation(parts, {a.values, step}, {b.values, step}, node, step_length(*a.values, step));
    }
  }
  return parts;
}

class Tracer {
 public:
  explicit Tracer(const TraceOptions& options) : options_(options) {}

  Trace trace(State a, State b, const Node& node, unsigned depth) {
    const model::Model& model = b.values->model();
    Trace out;
    out.node = node;
    const auto before = a.values->at(node, a.step), after = b.values->at(node, b.step);
    out.before = median(before), out.after = median(after);
    Lanes change(after.size());
    for (size_t d = 0; d < change.size(); ++d) change[d] = after[d] - before[d];
    out.change = mean_of_finite(change);
    out.is_leaf = node.is_time() || !moving_equation(model, node);
    out.new_equation = !node.is_time() && has_new_equation(a, b, node);
    if (out.is_leaf || out.new_equation) return out;
    if (!is_state(model, node)) {
      out.choices = choices_in(model, *moving_equation(model, node), b);
    }
    if (depth == 0) return out;
    path_.push_back(node);
    const Parts parts = parts_of(a, b, node);
    fill(out, parts, change, a, b, depth);
    path_.pop_back();
    return out;
  }

 private:
  void fill(Trace& out, const Parts& parts, const Lanes& change, State a, State b, unsigned depth) {
    const model::Model& model = b.values->model();
    Lanes rest = change;
    std::vector<std::pair<const Node*, Contribution>> found;
    double all = 0;
    const auto take = [&](const Node* node, std::string name, const Lanes& lanes) {
      for (size_t d = 0; d < rest.size(); ++d) rest[d] -= lanes[d];
      Contribution contribution;
      contribution.name = std::move(name);
      contribution.mean = mean_of_finite(lanes);
      if (std::isfinite(contribution.mean)) all += std::abs(contribution.mean);
      found.emplace_back(node, std::move(contribution));
    };
    for (const auto& [node, lanes] : parts.of_nodes) take(&node, name_of(model, node), lanes);
    for (const auto& [name, lanes] : parts.others) take(nullptr, name, lanes);
    std::stable_sort(found.begin(), found.end(), [](const auto& x, const auto& y) {
      return std::abs(x.second.mean) > std::abs(y.second.mean);
    });
    out.residual = found.empty() ? 0 : mean_of_finite(rest);
    if (std::abs(out.residual) < 1e-12 * all) out.residual = 0;
    Contribution smaller;
    size_t small = 0;
    for (auto& [node, contribution] : found) {
      if (!(std::abs(contribution.mean) > options_.least * all)) {
        smaller.mean += contribution.mean;
        small += contribution.mean != 0;
        continue;
      }
      const bool again = node && std::find(path_.begin(), path_.end(), *node) != path_.end();
      if (node && !node->is_time() && !again) {
        contribution.below = std::make_unique<Trace>(trace(a, b, *node, depth - 1));
      }
      out.contributions.push_back(std::move(contribution));
    }
    if (small == 0) return;
    smaller.name = fmt::format("{} smaller one{}", small, small == 1 ? "" : "s");
    out.contributions.push_back(std::move(smaller));
  }

  const TraceOptions& options_;
  std::vector<Node> path_;
};

}  // namespace

Trace trace_change(State a, State b, const Node& node, const TraceOptions& options) {
  return Tracer(options).trace(a, b, node, options.depth);
}

}  // namespace headrace::study
