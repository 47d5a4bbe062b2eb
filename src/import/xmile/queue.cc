// Queues: each way out is a call of the library's `queue`, which keeps the batches.

#include <fmt/format.h>

#include <algorithm>

#include "import/xmile/device_writer.h"

namespace headrace::import::xmile {

using syntax::CompareOp;
using syntax::ExprId;

namespace {

constexpr double kMostBatches = 2'000;
constexpr size_t kMostInflows = 4;  // those of `queue` in the library

}  // namespace

// An overflow opens when a way before it, which is none itself, was held back by the conveyor or
// the oven behind it; not by an oven whose door is shut (XMILE 1.0, 3.7.3).
ExprId DeviceWriter::queue(const Symbol& flow) {
  const ExprId out = way_out(&flow, build_.number(0));
  if (!flow.variable->overflow) return out;
  std::optional<ExprId> held;
  for (const Symbol* gate : device_.gates) {
    if (gate == &flow) break;
    if (gate->variable->overflow) continue;
    ExprId one =
        build_.compare(way_out(gate, build_.number(1)), CompareOp::kGreater, build_.number(0));
    if (const auto beyond = t_.symbols.find(gate->enters);
        beyond != t_.symbols.end() && beyond->second.variable->oven)
      one = build_.both(one, build_.compare(build_.name(part_name(beyond->second, "room")),
                                            CompareOp::kGreater, build_.number(0)));
    held = held ? build_.either(*held, one) : one;
  }
  if (held) return build_.choose(*held, out, build_.number(0));
  unsupported(t_, flow.variable->span,
              fmt::format("`{}` is an overflow with no other way out of `{}` before it",
                          shown(flow.name), shown(symbol_.name)));
  return build_.bad();
}

ExprId DeviceWriter::way_out(const Symbol* flow, ExprId part) {
  const size_t inflows = std::max<size_t>(device_.inflows.size(), 1);
  const double batches = run_steps(t_.file) * static_cast<double>(inflows) + 2;
  if (!(batches <= kMostBatches)) {
    t_.diagnostics.error(Kind::kTooLarge, symbol_.variable->span,
                         fmt::format("`{}` would have {} batches, more than {}",
                                     shown(symbol_.name), batches, kMostBatches));
    return build_.bad();
  }
  if (inflows > kMostInflows) {
    unsupported(t_, symbol_.variable->span,
                fmt::format("`{}` is a queue with {} inflows; this version reads {}",
                            shown(symbol_.name), inflows, kMostInflows));
    return build_.bad();
  }
  ExprId out = build_.number(0), before = build_.number(0);
  bool first = true;
  for (const Symbol* gate : device_.gates) {
    if (gate == flow) before = first ? build_.number(0) : out;
    out = first ? build_.name(gate->name) : build_.add(out, build_.name(gate->name));
    first = false;
  }
  std::vector<syntax::Argument> arguments;
  const auto add = [&](const std::string& name, ExprId value) {
    arguments.push_back(
        {name.empty() ? std::nullopt : std::optional(build_.word(name)), {}, value});
  };
  for (const ExprId argument :
       {part, device_.inflows.empty() ? build_.number(0) : inflow(device_.inflows.front()), start(),
        build_.number(batches), out})
    add("", argument);
  if (flow && device_.gates.front() != flow) add("before", before);
  if (flow) add_limits(*flow, arguments);
  for (size_t k = 1; k < device_.inflows.size(); ++k)
    add(fmt::format("inflow_{}", k + 1), inflow(device_.inflows[k]));
  if (inflows > 1) add("inflows", build_.number(static_cast<double>(inflows)));
  return call("queue", std::move(arguments));
}

// Into a conveyor or an oven as much as it takes, else all there is.
void DeviceWriter::add_limits(const Symbol& flow, std::vector<syntax::Argument>& arguments) {
  if (flow.enters.empty()) return;
  const Variable& beyond = *t_.symbols.at(flow.enters).variable;
  if (!beyond.conveyor && !beyond.oven) return;
  const Entry& entry = beyond.conveyor ? beyond.conveyor->entry : beyond.oven->entry;
  DeviceWriter next(t_, flow.enters, flow.variable->span);
  if (next.has_room()) arguments.push_back({build_.word("most"), {}, next.room_for(flow)});
  if (entry.one_at_a_time)
    arguments.push_back({build_.word("one_at_a_time"), {}, build_.number(1)});
  if (entry.batch_integrity) arguments.push_back({build_.word("whole"), {}, build_.number(1)});
}

ExprId DeviceWriter::queue_answer(Ask ask) {
  const auto tally = [&](double part) {
    return build_.multiply(way_out(nullptr, build_.number(part)), build_.name("time.step"));
  };
  switch (ask) {
    case Ask::kSize:
      return build_.call("round",
                         {build_.call("safe_divide", {build_.name(symbol_.name), tally(-4)})});
    case Ask::kMean:
      return tally(-4);
    case Ask::kLeast:
      return tally(-1);
    case Ask::kGreatest:
      return tally(-2);
    case Ask::kDeviation:
      return tally(-3);
    case Ask::kCapacity:
    case Ask::kProcessTime:
    case Ask::kCookTime:
    case Ask::kState:
    case Ask::kPlace:
      break;
  }
  return cannot_tell();
}

}  // namespace headrace::import::xmile
