// Conveyors, queues and ovens. The stock itself stays a stock: it adds up what flows in and out.
// Its flows out get their values from the language's `conveyor`, `queue` and `oven`, and its flows
// in are cut to what there is room for. What an equation of the conveyor says becomes a value with
// a name, `Students transit`, so that it stands in one place.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "import/names.h"
#include "import/xmile/translation.h"

namespace headrace::import::xmile {
namespace {

using syntax::CompareOp;
using syntax::ExprId;

constexpr double kMostSlats = 10'000, kMostBatches = 2'000;
constexpr size_t kMostLeaks = 6;  // those of `conveyor_leaks` in the library

bool is_device(const Variable& variable) {
  return variable.conveyor || variable.queue || variable.oven;
}

// Once for each place: a device is asked for what it holds from many.
void unsupported(Translation& t, Span span, std::string message) {
  if (t.unsupported_devices.emplace(span.begin, message).second)
    t.diagnostics.error(Kind::kUnsupported, span, std::move(message));
}

// A list of values, cut at the commas outside brackets and comments.
std::vector<Text> split_list(const Text& text) {
  std::vector<Text> parts;
  int depth = 0;
  size_t begin = 0;
  for (size_t i = 0; i <= text.value.size(); ++i) {
    const char c = i < text.value.size() ? text.value[i] : ',';
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
    if (c != ',' || (depth > 0 && i < text.value.size())) continue;
    parts.push_back({text.value.substr(begin, i - begin), text.span});
    begin = i + 1;
  }
  return parts;
}

}  // namespace

// Which flows a stock with an inside drives, and which flow into one.
void find_devices(Translation& t) {
  for (const std::string& name : t.order) {
    const Symbol& stock = t.symbols.at(name);
    if (stock.variable->kind != Variable::Kind::kStock || stock.source) continue;
    const Scope scope = scope_of(stock, name);
    const auto flow_of = [&](const Text& text) -> Symbol* {
      return const_cast<Symbol*>(find_symbol(t, scope, identifier(text.value)));
    };
    for (const Text& text : stock.variable->inflows) {
      if (Symbol* flow = flow_of(text)) flow->enters = name;
    }
    if (!is_device(*stock.variable)) continue;
    Device& device = t.devices[name];
    for (const Text& text : stock.variable->inflows) {
      if (Symbol* flow = flow_of(text)) device.inflows.push_back(flow->name);
    }
    for (const Text& text : stock.variable->outflows) {
      Symbol* flow = flow_of(text);
      if (!flow) continue;
      flow->driven_by = name;
      const bool conveyor = stock.variable->conveyor.has_value();
      const bool exit = conveyor && device.exit.empty() && !flow->variable->leak;
      if (exit || stock.variable->oven) {
        if (!device.exit.empty())
          t.diagnostics.error(Kind::kUnsupported, flow->variable->span,
                              fmt::format("`{}` has two ways out", shown(stock.name)));
        device.exit = flow->name;
      } else {
        device.gates.push_back(flow);
      }
    }
  }
}

std::string part_name(const Symbol& symbol, std::string_view what) {
  return fmt::format("_{} {}", symbol.name, what);
}

std::optional<std::string> device_of(const Translation& t, const Symbol& stock) {
  if (!is_device(*stock.variable)) return std::nullopt;
  for (const auto& [name, device] : t.devices) {
    if (&t.symbols.at(name) == &stock) return name;
  }
  return std::nullopt;
}

class DeviceWriter {
 public:
  DeviceWriter(Translation& t, const std::string& stock, Span span)
      : t_(t),
        symbol_(t.symbols.at(stock)),
        device_(t.devices.at(stock)),
        scope_(scope_of(symbol_, stock)),
        build_(t.build(span)) {}

  // The stock's own part: named values for the equations of the conveyor.
  void write_parts() {
    const Variable& variable = *symbol_.variable;
    if (const auto& conveyor = variable.conveyor) {
      if (conveyor->length.empty())
        t_.diagnostics.error(Kind::kUnfilledEquation, variable.span,
                             fmt::format("`{}` has no transit time", shown(symbol_.name)));
      else if (conveyor->sample.empty())
        define("transit", translate(t_, scope_, conveyor->length));
      else
        define("transit", build_.call("sample_when", {translate(t_, scope_, conveyor->sample),
                                                      translate(t_, scope_, conveyor->length),
                                                      translate(t_, scope_, conveyor->length)}));
      if (!conveyor->arrest.empty()) define("arrest", translate(t_, scope_, conveyor->arrest));
      if (has_room()) define("room", room());
      if (const auto contents = list(); !contents.empty()) define_contents(contents);
    }
    if (const auto& oven = variable.oven) {
      if (oven->cook_time.empty())
        t_.diagnostics.error(Kind::kUnfilledEquation, variable.span,
                             fmt::format("`{}` has no cooking time", shown(symbol_.name)));
      else
        define("cooking", translate(t_, scope_, oven->cook_time));
      if (!oven->capacity.empty()) define("capacity", translate(t_, scope_, oven->capacity));
      if (!oven->fill_time.empty()) define("filling", translate(t_, scope_, oven->fill_time));
    }
  }

  // What the flow is that the device drives.
  ExprId driven(const Symbol& flow) {
    if (is_finer(flow)) return build_.bad();
    const Variable& variable = *symbol_.variable;
    if (variable.oven) return oven(0, total_inflow());
    if (variable.queue) return queue(flow);
    if (device_.gates.empty()) {
      if (list().empty()) return conveyor("conveyor", {});
      return build_.divide(plain_conveyor(build_.number(0)), build_.name("time.step"));
    }
    if (device_.gates.size() > 1) {
      const auto at = std::ranges::find(device_.gates, &flow);
      const auto place = at == device_.gates.end() ? 0 : at - device_.gates.begin() + 1;
      return leaks(build_.number(static_cast<double>(place)));
    }
    const bool leak = device_.gates.front() == &flow;
    return conveyor("conveyor_leaky", {build_.number(leak ? 1 : 0)});
  }

  // What of a flow with an equation enters: no more than there is room for.
  ExprId limited(const Symbol& flow, ExprId wanted) {
    if ((symbol_.variable->oven || has_room()) && is_finer(flow)) return build_.bad();
    if (symbol_.variable->oven) {
      if (device_.inflows.size() == 1) return oven(1, wanted);
      unsupported(t_, symbol_.variable->span,
                  fmt::format("`{}` is an oven with more than one inflow, which this "
                              "version does not read",
                              shown(symbol_.name)));
      return build_.bad();
    }
    wanted = build_.call("max", {wanted, build_.number(0)});
    if (!has_room()) return wanted;
    return build_.call("min", {wanted, room_for(flow)});
  }

  // The room that is left for one flow when those listed before it have entered.
  ExprId room_for(const Symbol& flow) {
    ExprId left = build_.name(part("room"));
    for (const std::string& before : device_.inflows) {
      if (before == flow.name) break;
      if (!is_conveyor_driven(before)) left = build_.subtract(left, inflow(before));
    }
    return build_.call("max", {left, build_.number(0)});
  }

  bool has_room() const {
    const auto& conveyor = symbol_.variable->conveyor;
    return conveyor && (!conveyor->capacity.empty() || !conveyor->inflow_limit.empty() ||
                        !conveyor->arrest.empty());
  }

  std::string part(const char* what) const { return part_name(symbol_, what); }

  // One slat of a conveyor.
  ExprId place(ExprId number) {
    if (symbol_.variable->conveyor && device_.gates.empty()) return plain_conveyor(number);
    if (symbol_.variable->conveyor)
      return build_.multiply(leaks(build_.negate(number)), build_.name("time.step"));
    unsupported(t_, symbol_.variable->span,
                fmt::format("single places of `{}` are asked for, which this version has "
                            "for conveyors",
                            shown(symbol_.name)));
    return build_.bad();
  }

  // The least (0) or the greatest (1) content of a slat, or their standard deviation (2).
  ExprId tally(double which) {
    if (symbol_.variable->conveyor && device_.gates.empty())
      return plain_conveyor(build_.number(-1 - which));
    unsupported(
        t_, symbol_.variable->span,
        fmt::format("of `{}` this version can be asked for its SUM{} and for "
                    "single places",
                    shown(symbol_.name), symbol_.variable->conveyor ? ", SIZE and MEAN" : ""));
    return build_.bad();
  }

  ExprId start() {
    if (!symbol_.variable->elements.empty() || !symbol_.variable->equation)
      return build_.name(part("start"));
    const Text& text = *symbol_.variable->equation;
    if (list().empty()) return translate(t_, scope_, text);
    if (can_list())
      return build_.call(
          "conveyor_list_total",
          {build_.name(part("contents")), build_.name(part("transit")), build_.number(slats())});
    unsupported(t_, text.span,
                fmt::format("`{}` starts with a list of contents, which this version reads for "
                            "conveyors without leaks outside arrays",
                            shown(symbol_.name)));
    return build_.bad();
  }

 private:
  syntax::Name take_name(const char* what) {
    syntax::Name name = build_.word(part(what));
    if (!t_.taken.insert(name.text).second)
      t_.diagnostics.error(Kind::kDuplicateName, symbol_.variable->span,
                           fmt::format("the name `{}` is wanted for a part of `{}`",
                                       shown(name.text), shown(symbol_.name)));
    return name;
  }

  void define(const char* what, ExprId value) {
    syntax::ValueDecl decl;
    decl.kind = syntax::ValueDecl::Kind::kLet;
    decl.name = take_name(what);
    decl.dims = dimension_uses(t_, symbol_, build_);
    decl.value = value;
    t_.add({std::move(decl), {}, symbol_.variable->span});
  }

  // The values when the stock starts with more than one.
  std::vector<Text> list() const {
    const auto& equation = symbol_.variable->equation;
    if (!equation || equation->value.find(',') == std::string::npos) return {};
    auto parts = split_list(*equation);
    return parts.size() > 1 ? parts : std::vector<Text>();
  }

  bool can_list() const {
    return symbol_.variable->conveyor && device_.gates.empty() && symbol_.dims.empty();
  }

  // An array of the values in the list.
  void define_contents(const std::vector<Text>& values) {
    if (!can_list()) return;
    syntax::DimDecl entries;
    entries.name = take_name("entry");
    syntax::ValueDecl contents;
    contents.kind = syntax::ValueDecl::Kind::kLet;
    contents.name = take_name("contents");
    contents.dims = {{entries.name, {}}};
    for (size_t k = 0; k < values.size(); ++k) {
      entries.members.push_back(build_.word(fmt::format("{}", k + 1)));
      syntax::Clause clause;
      clause.pattern = {
          {syntax::Index::Kind::kNumber, {}, static_cast<int>(k + 1), values[k].span}};
      clause.value = translate(t_, scope_, values[k]);
      clause.span = values[k].span;
      contents.clauses.push_back(std::move(clause));
    }
    t_.add({std::move(entries), {}, symbol_.variable->span});
    t_.add({std::move(contents), {}, symbol_.variable->span});
  }

  ExprId inflow(const std::string& flow) const {
    const auto at = t_.symbols.find(canonical(flow));
    return at == t_.symbols.end() ? build_.name(flow) : rate_at(symbol_, at->second, build_);
  }

  // A device has one way out for each of its own elements, and room for one flow after another.
  bool is_finer(const Symbol& flow) {
    const bool finer = std::ranges::any_of(flow.dims, [&](size_t dim) {
      return std::ranges::find(symbol_.dims, dim) == symbol_.dims.end();
    });
    if (finer)
      unsupported(t_, flow.variable->span,
                  fmt::format("`{}` has more dimensions than `{}`, which has one way out and one "
                              "limit for all; this version does not read that",
                              shown(flow.name), shown(symbol_.name)));
    return finer;
  }

  ExprId total_inflow() {
    ExprId total;
    for (const std::string& flow : device_.inflows)
      total = total.valid() ? build_.add(total, inflow(flow)) : inflow(flow);
    return total.valid() ? total : build_.number(0);
  }

  bool is_conveyor_driven(const std::string& flow) const {
    const auto at = t_.symbols.find(canonical(flow));
    if (at == t_.symbols.end() || at->second.driven_by.empty()) return false;
    return t_.symbols.at(at->second.driven_by).variable->conveyor.has_value();
  }

  // What may enter within this step: by capacity, by the limit on inflows, nothing when arrested.
  ExprId room() {
    const Conveyor& conveyor = *symbol_.variable->conveyor;
    ExprId room;
    if (!conveyor.capacity.empty()) {
      room = build_.divide(
          build_.subtract(translate(t_, scope_, conveyor.capacity), build_.name(symbol_.name)),
          build_.name("time.step"));
      if (!device_.exit.empty()) room = build_.add(room, build_.name(device_.exit));
      for (const Symbol* leak : device_.gates) room = build_.add(room, build_.name(leak->name));
      for (const std::string& flow : device_.inflows) {
        if (is_conveyor_driven(flow)) room = build_.subtract(room, inflow(flow));
      }
    }
    if (!conveyor.inflow_limit.empty()) {
      ExprId limit = translate(t_, scope_, conveyor.inflow_limit);
      if (conveyor.discrete) limit = build_.call("unit_budget", {limit, entered()});
      room = room.valid() ? build_.call("min", {room, limit}) : limit;
    }
    if (!room.valid()) room = build_.name("infinity");
    room = build_.call("max", {room, build_.number(0)});
    if (conveyor.arrest.empty()) return room;
    return build_.choose(build_.name(part("arrest")), build_.number(0), room);
  }

  // What has entered by equations and from queues: the limit counts only that.
  ExprId entered() {
    ExprId total;
    for (const std::string& flow : device_.inflows) {
      if (is_conveyor_driven(flow)) continue;
      total = total.valid() ? build_.add(total, inflow(flow)) : inflow(flow);
    }
    return total.valid() ? total : build_.number(0);
  }

  ExprId call(std::string function, std::vector<syntax::Argument> arguments) {
    syntax::Call node;
    node.function = build_.word(std::move(function));
    const Span span = node.function.span;
    node.arguments = std::move(arguments);
    return t_.tree.add({std::move(node), span});
  }

  // What leaves at the end of a conveyor without leaks (part 0), or what lies on it.
  ExprId plain_conveyor(ExprId part) {
    if (list().empty()) return conveyor("conveyor_part", {part});
    return conveyor("conveyor_list_part", {part, build_.name(this->part("contents"))});
  }

  // conveyor(inflow, transit, initial, slats), after it the leak.
  ExprId conveyor(const char* function, const std::vector<ExprId>& first) {
    const bool listed = std::string_view(function) == "conveyor_list_part";
    std::vector<syntax::Argument> arguments;
    const auto add = [&](ExprId argument) { arguments.push_back({{}, {}, argument}); };
    for (const ExprId argument : first) add(argument);
    add(total_inflow());
    add(build_.name(part("transit")));
    if (!listed) add(start());
    add(build_.number(slats()));
    if (std::string_view(function) == "conveyor_leaks") {
      add_leaks(arguments);
    } else if (!device_.gates.empty()) {
      const Variable& leak = *device_.gates.front()->variable;
      add(build_.name(part_name(*device_.gates.front(), "share")));
      add(build_.number(leak.leak_start));
      add(build_.number(leak.leak_end));
      add(build_.number(symbol_.variable->conveyor->exponential_leak));
      add(build_.number(leak.leak_integers));
    }
    if (!symbol_.variable->conveyor->arrest.empty())
      arguments.push_back({build_.word("stop"), {}, build_.name(part("arrest"))});
    if (const auto shut = arrest_beyond()) arguments.push_back({build_.word("shut"), {}, *shut});
    return call(function, std::move(arguments));
  }

  // Part 0 of the exit, then those of the leaks; below 0 what lies on a slat, as a rate.
  ExprId leaks(ExprId part) {
    if (device_.gates.size() > kMostLeaks) {
      unsupported(t_, symbol_.variable->span,
                  fmt::format("`{}` is a conveyor with {} leaks; this version reads {}",
                              shown(symbol_.name), device_.gates.size(), kMostLeaks));
      return build_.bad();
    }
    return conveyor("conveyor_leaks", {part});
  }

  // leaks, exponential, and of each leak its share, zone and whether it takes whole units.
  void add_leaks(std::vector<syntax::Argument>& arguments) {
    arguments.push_back({{}, {}, build_.number(static_cast<double>(device_.gates.size()))});
    arguments.push_back({{}, {}, build_.number(symbol_.variable->conveyor->exponential_leak)});
    for (size_t k = 0; k < device_.gates.size(); ++k) {
      const Symbol& gate = *device_.gates[k];
      const auto add = [&](const char* what, ExprId value) {
        arguments.push_back({build_.word(fmt::format("{}_{}", what, k + 1)), {}, value});
      };
      add("share", build_.name(part_name(gate, "share")));
      add("begin", build_.number(gate.variable->leak_start));
      add("end", build_.number(gate.variable->leak_end));
      if (gate.variable->leak_integers) add("whole", build_.number(1));
    }
  }

  // As many as the journey has steps when its time is a number, else as many as the run has: what
  // is longer on the way never leaves.
  double slats() {
    const auto length = constant_in(symbol_.variable->conveyor->length);
    const double steps = run_steps(t_.file) + 1;
    const double wanted =
        length && t_.file.specs.given ? std::max(std::floor(*length / step() + 0.5), 1.0) : steps;
    const double most = std::min(wanted, steps);
    if (most >= 1 && most <= kMostSlats) return most;
    t_.diagnostics.error(Kind::kTooLarge, symbol_.variable->span,
                         fmt::format("`{}` would have {} slats, more than {}", shown(symbol_.name),
                                     most, kMostSlats));
    return 1;
  }

  double step() const {
    const double step = constant_in(t_.file.specs.step).value_or(1);
    return t_.file.specs.reciprocal ? 1 / step : step;
  }

  // queue(part, inflow, initial, batches, most, one at a time, whole, most of the overflow)
  ExprId queue(const Symbol& flow) {
    const Symbol* main = nullptr;
    const Symbol* overflow = nullptr;
    for (const Symbol* gate : device_.gates) {
      const Symbol*& place = gate->variable->overflow ? overflow : main;
      if (place != nullptr || (gate->variable->overflow && main == nullptr)) {
        unsupported(t_, gate->variable->span,
                    fmt::format("`{}` is a further way out of `{}`; this version reads one "
                                "and one overflow after it",
                                shown(gate->name), shown(symbol_.name)));
        return build_.bad();
      }
      place = gate;
    }
    const double batches = run_steps(t_.file) + 2;
    if (!(batches <= kMostBatches)) {
      t_.diagnostics.error(Kind::kTooLarge, symbol_.variable->span,
                           fmt::format("`{}` would have {} batches, more than {}",
                                       shown(symbol_.name), batches, kMostBatches));
      return build_.bad();
    }
    std::vector<ExprId> arguments = {build_.number(&flow == overflow), total_inflow(), start(),
                                     build_.number(batches)};
    const auto out = way_out(*main);
    arguments.insert(arguments.end(), out.begin(), out.end());
    if (overflow) arguments.push_back(way_out(*overflow).front());
    return build_.call("queue", arguments);
  }

  // Whether the exit is held shut by the conveyor behind it.
  std::optional<ExprId> arrest_beyond() const {
    const auto flow = t_.symbols.find(canonical(device_.exit));
    if (flow == t_.symbols.end() || flow->second.enters.empty()) return std::nullopt;
    const Symbol& beyond = t_.symbols.at(flow->second.enters);
    if (!beyond.variable->conveyor || beyond.variable->conveyor->arrest.empty())
      return std::nullopt;
    return build_.name(part_name(beyond, "arrest"));
  }

  // A way out of a queue: into a conveyor as much as it takes, else all there is; whether batches
  // leave one at a time, and whole.
  std::vector<ExprId> way_out(const Symbol& flow) {
    ExprId most = build_.name("infinity");
    bool one = false, whole = false;
    if (!flow.enters.empty()) {
      const Symbol& beyond = t_.symbols.at(flow.enters);
      if (beyond.variable->oven)
        unsupported(t_, flow.variable->span,
                    fmt::format("`{}` leads from a queue into an oven, which this version "
                                "does not read",
                                shown(flow.name)));
      if (const auto& conveyor = beyond.variable->conveyor) {
        DeviceWriter next(t_, flow.enters, flow.variable->span);
        if (next.has_room()) most = next.room_for(flow);
        one = conveyor->one_at_a_time;
        whole = conveyor->batch_integrity;
      }
    }
    return {most, build_.number(one), build_.number(whole)};
  }

  // oven(part, inflow, cooking, initial, ...)
  ExprId oven(double which, ExprId inflow) {
    std::vector<syntax::Argument> arguments;
    for (const ExprId argument :
         {build_.number(which), inflow, build_.name(part("cooking")), start()})
      arguments.push_back({{}, {}, argument});
    const Oven& oven = *symbol_.variable->oven;
    if (!oven.capacity.empty())
      arguments.push_back({build_.word("capacity"), {}, build_.name(part("capacity"))});
    if (!oven.fill_time.empty())
      arguments.push_back({build_.word("filling"), {}, build_.name(part("filling"))});
    return call("oven", std::move(arguments));
  }

  Translation& t_;
  const Symbol& symbol_;
  const Device& device_;
  Scope scope_;
  Build build_;
};

void write_device_parts(Translation& t, const std::string& stock) {
  DeviceWriter(t, stock, t.symbols.at(stock).variable->span).write_parts();
}

ExprId driven_flow(Translation& t, const Symbol& flow) {
  return DeviceWriter(t, flow.driven_by, flow.variable->span).driven(flow);
}

ExprId limited_flow(Translation& t, const Symbol& flow, ExprId wanted) {
  if (flow.enters.empty() || !t.devices.contains(flow.enters)) return wanted;
  return DeviceWriter(t, flow.enters, flow.variable->span).limited(flow, wanted);
}

ExprId initial_contents(Translation& t, const std::string& stock) {
  return DeviceWriter(t, stock, t.symbols.at(stock).variable->span).start();
}

ExprId tally_of_device(Translation& t, const std::string& stock, double which, Span span) {
  return DeviceWriter(t, stock, span).tally(which);
}

ExprId place_in_device(Translation& t, const std::string& stock, ExprId number, Span span) {
  return DeviceWriter(t, stock, span).place(number);
}

}  // namespace headrace::import::xmile
