// Conveyors, queues and ovens. The stock itself stays a stock: it adds up what flows in and out.
// Its flows out get their values from the language's `conveyor`, `queue` and `oven`, and its flows
// in are cut to what there is room for. What an equation of the conveyor says becomes a value with
// a name, `Students transit`, so that it stands in one place.

#include <fmt/format.h>

#include <algorithm>

#include "import/names.h"
#include "import/xmile/device_writer.h"

namespace headrace::import::xmile {
namespace {

using syntax::ExprId;

bool is_device(const Variable& variable) {
  return variable.conveyor || variable.queue || variable.oven;
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

void unsupported(Translation& t, Span span, std::string message) {
  if (t.unsupported_devices.emplace(span.begin, message).second)
    t.diagnostics.error(Kind::kUnsupported, span, std::move(message));
}

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

void DeviceWriter::write_parts() {
  if (symbol_.variable->conveyor) write_conveyor_parts();
  if (symbol_.variable->oven) write_oven_parts();
  if (has_room()) define("room", symbol_.variable->oven ? oven(1) : room());
}

ExprId DeviceWriter::driven(const Symbol& flow) {
  if (is_finer(flow)) return build_.bad();
  if (symbol_.variable->oven) return oven(0);
  return symbol_.variable->queue ? queue(flow) : conveyor_flow(flow);
}

ExprId DeviceWriter::limited(const Symbol& flow, ExprId wanted) {
  if (has_room() && is_finer(flow)) return build_.bad();
  wanted = build_.call("max", {wanted, build_.number(0)});
  return has_room() ? build_.call("min", {wanted, room_for(flow)}) : wanted;
}

ExprId DeviceWriter::room_for(const Symbol& flow) {
  ExprId left = build_.name(part("room"));
  for (const std::string& before : device_.inflows) {
    if (before == flow.name) break;
    if (!is_conveyor_driven(before)) left = build_.subtract(left, inflow(before));
  }
  left = build_.call("max", {left, build_.number(0)});
  const auto& factor = flow.variable->multiplier;  // the room is that in the device's own unit
  return factor ? build_.divide(left, translate(t_, scope_, *factor)) : left;
}

bool DeviceWriter::has_room() const {
  const auto& conveyor = symbol_.variable->conveyor;
  return symbol_.variable->oven ||
         (conveyor && (!conveyor->capacity.empty() || !conveyor->inflow_limit.empty() ||
                       !conveyor->arrest.empty()));
}

ExprId DeviceWriter::answer(Ask ask) {
  if (symbol_.variable->conveyor) return conveyor_answer(ask);
  return symbol_.variable->queue ? queue_answer(ask) : oven_answer(ask);
}

ExprId DeviceWriter::cannot_tell() {
  const Variable& variable = *symbol_.variable;
  const char* what = variable.oven           ? "an oven"
                     : variable.queue        ? "a queue"
                     : device_.gates.empty() ? "a conveyor"
                                             : "a conveyor with leaks";
  unsupported(t_, variable.span,
              fmt::format("`{}` is {}, and has no answer to what is asked of it",
                          shown(symbol_.name), what));
  return build_.bad();
}

ExprId DeviceWriter::place(ExprId number) {
  if (symbol_.variable->queue)
    return build_.multiply(way_out(nullptr, build_.subtract(build_.number(-4), number)),
                           build_.name("time.step"));
  if (symbol_.variable->oven) return cannot_tell();
  if (device_.gates.empty()) return plain_conveyor(number);
  return build_.multiply(leaks(build_.negate(number)), build_.name("time.step"));
}

ExprId DeviceWriter::start() {
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

syntax::Name DeviceWriter::take_name(const char* what) {
  syntax::Name name = build_.word(part(what));
  if (!t_.taken.insert(name.text).second)
    t_.diagnostics.error(Kind::kDuplicateName, symbol_.variable->span,
                         fmt::format("the name `{}` is wanted for a part of `{}`", shown(name.text),
                                     shown(symbol_.name)));
  return name;
}

std::optional<syntax::UnitExpr> DeviceWriter::unit_of_time(const Text& text) {
  const bool plain = constant_in(text).has_value();
  return plain ? t_.units.read(clock_of(t_).time_units, symbol_.variable->span) : std::nullopt;
}

void DeviceWriter::define(const char* what, ExprId value, std::optional<syntax::UnitExpr> unit) {
  syntax::ValueDecl decl;
  decl.unit = std::move(unit);
  decl.kind = syntax::ValueDecl::Kind::kLet;
  decl.name = take_name(what);
  decl.dims = dimension_uses(t_, symbol_, build_);
  decl.value = value;
  t_.add({std::move(decl), {}, symbol_.variable->span});
}

void DeviceWriter::check_time(const char* what, const Text& text) {
  const auto value = constant_in(text);
  if (same_word(trimmed(text.value), "nan"))
    t_.diagnostics.error(Kind::kBadTime, text.span,
                         fmt::format("the {} of `{}` is no number", what, shown(symbol_.name)));
  else if (value && !(*value > 0))
    t_.diagnostics.warning(
        Kind::kBadTime, text.span,
        fmt::format("the {} of `{}` is {}, taken as one step", what, shown(symbol_.name), *value));
}

std::vector<Text> DeviceWriter::list() const {
  const auto& equation = symbol_.variable->equation;
  if (!equation || equation->value.find(',') == std::string::npos) return {};
  auto parts = split_list(*equation);
  return parts.size() > 1 ? parts : std::vector<Text>();
}

bool DeviceWriter::can_list() const {
  return symbol_.variable->conveyor && device_.gates.empty() && symbol_.dims.empty();
}

ExprId DeviceWriter::inflow(const std::string& flow) const {
  const auto at = t_.symbols.find(canonical(flow));
  if (at == t_.symbols.end()) return build_.name(flow);
  const ExprId rate = rate_at(symbol_, at->second, build_);
  const auto& factor = at->second.variable->multiplier;
  return factor ? build_.multiply(rate, translate(t_, scope_, *factor)) : rate;
}

bool DeviceWriter::is_finer(const Symbol& flow) {
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

ExprId DeviceWriter::total_inflow() {
  ExprId total;
  for (const std::string& flow : device_.inflows)
    total = total.valid() ? build_.add(total, inflow(flow)) : inflow(flow);
  return total.valid() ? total : build_.number(0);
}

bool DeviceWriter::is_conveyor_driven(const std::string& flow) const {
  const auto at = t_.symbols.find(canonical(flow));
  if (at == t_.symbols.end() || at->second.driven_by.empty()) return false;
  return t_.symbols.at(at->second.driven_by).variable->conveyor.has_value();
}

ExprId DeviceWriter::call(std::string function, std::vector<syntax::Argument> arguments) {
  syntax::Call node;
  node.function = build_.word(std::move(function));
  const Span span = node.function.span;
  node.arguments = std::move(arguments);
  return t_.tree.add({std::move(node), span});
}

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

ExprId ask_device(Translation& t, const std::string& stock, Ask ask, Span span) {
  return DeviceWriter(t, stock, span).answer(ask);
}

ExprId place_in_device(Translation& t, const std::string& stock, ExprId number, Span span) {
  return DeviceWriter(t, stock, span).place(number);
}

}  // namespace headrace::import::xmile
