// Conveyors: their flows out are the library's `conveyor`, `conveyor_list_part`, `conveyor_leaky`
// and `conveyor_leaks`.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "import/xmile/device_writer.h"

namespace headrace::import::xmile {

using syntax::ExprId;

namespace {

constexpr double kMostSlats = 10'000;
constexpr int kMostFollowed = 20;  // names from a transit time to its number
constexpr size_t kMostLeaks = 6;   // those of `conveyor_leaks` in the library

}  // namespace

void DeviceWriter::write_conveyor_parts() {
  const Conveyor& conveyor = *symbol_.variable->conveyor;
  check_time("transit time", conveyor.length);
  if (conveyor.length.empty())
    t_.diagnostics.error(Kind::kUnfilledEquation, symbol_.variable->span,
                         fmt::format("`{}` has no transit time", shown(symbol_.name)));
  else if (conveyor.sample.empty())
    define("transit", translate(t_, scope_, conveyor.length), unit_of_time(conveyor.length));
  else
    define("transit", build_.call("sample_when", {translate(t_, scope_, conveyor.sample),
                                                  translate(t_, scope_, conveyor.length),
                                                  translate(t_, scope_, conveyor.length)}));
  const auto part = [&](const char* what, const Text& text) {
    if (!text.empty()) define(what, translate(t_, scope_, text));
  };
  part("arrest", conveyor.arrest);
  part("capacity", conveyor.capacity);
  part("limit", conveyor.inflow_limit);
  if (const auto contents = list(); !contents.empty()) define_contents(contents);
}

ExprId DeviceWriter::conveyor_flow(const Symbol& flow) {
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

void DeviceWriter::define_contents(const std::vector<Text>& values) {
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
    clause.pattern = {{syntax::Index::Kind::kNumber, {}, static_cast<int>(k + 1), values[k].span}};
    clause.value = translate(t_, scope_, values[k]);
    clause.span = values[k].span;
    contents.clauses.push_back(std::move(clause));
  }
  t_.add({std::move(entries), {}, symbol_.variable->span});
  t_.add({std::move(contents), {}, symbol_.variable->span});
}

ExprId DeviceWriter::room() {
  const Conveyor& conveyor = *symbol_.variable->conveyor;
  ExprId room;
  if (!conveyor.capacity.empty()) {
    room = build_.divide(build_.subtract(build_.name(part("capacity")), build_.name(symbol_.name)),
                         build_.name("time.step"));
    if (!device_.exit.empty()) room = build_.add(room, build_.name(device_.exit));
    for (const Symbol* leak : device_.gates) room = build_.add(room, build_.name(leak->name));
    for (const std::string& flow : device_.inflows) {
      if (is_conveyor_driven(flow)) room = build_.subtract(room, inflow(flow));
    }
  }
  if (!conveyor.inflow_limit.empty()) {
    ExprId limit = build_.name(part("limit"));
    if (conveyor.discrete) limit = build_.call("unit_budget", {limit, entered()});
    room = room.valid() ? build_.call("min", {room, limit}) : limit;
  }
  if (!room.valid()) room = build_.name("infinity");
  room = build_.call("max", {room, build_.number(0)});
  if (conveyor.arrest.empty()) return room;
  return build_.choose(build_.name(part("arrest")), build_.number(0), room);
}

ExprId DeviceWriter::entered() {
  ExprId total;
  for (const std::string& flow : device_.inflows) {
    if (is_conveyor_driven(flow)) continue;
    total = total.valid() ? build_.add(total, inflow(flow)) : inflow(flow);
  }
  return total.valid() ? total : build_.number(0);
}

ExprId DeviceWriter::plain_conveyor(ExprId part) {
  if (list().empty()) return conveyor("conveyor_part", {part});
  return conveyor("conveyor_list_part", {part, build_.name(this->part("contents"))});
}

ExprId DeviceWriter::conveyor(const char* function, const std::vector<ExprId>& first) {
  const bool listed = std::string_view(function) == "conveyor_list_part";
  std::vector<syntax::Argument> arguments;
  const auto add = [&](ExprId argument) { arguments.push_back({{}, {}, argument}); };
  for (const ExprId argument : first) add(argument);
  add(total_inflow());
  add(build_.name(part("transit")));
  if (!listed) add(on_slats(start()));
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

// A transit time that is known only in the run may be longer than it: the belt then has the slats
// that leave within the run, and on them lies their part of the contents.
ExprId DeviceWriter::on_slats(ExprId contents) {
  const Variable& stock = *symbol_.variable;
  const bool empty = stock.equation && constant_in(*stock.equation) == 0;
  if (steady_transit() || empty) return contents;
  const bool leaks = !device_.gates.empty();
  if (leaks && at_start(scope_, stock.conveyor->length, 0)) return contents;
  const ExprId steps = build_.divide(build_.name(part("transit")), build_.name("time.step"));
  const ExprId journey = build_.call("floor", {build_.add(steps, build_.number(0.5))});
  if (leaks) {
    // What lies beyond the belt leaks, too, and cannot be told.
    const ExprId none = build_.subtract(build_.name("infinity"), build_.name("infinity"));
    return build_.choose(
        build_.compare(journey, syntax::CompareOp::kGreater, build_.number(slats())), none,
        contents);
  }
  const ExprId share =
      build_.divide(build_.number(slats()), build_.call("max", {journey, build_.number(slats())}));
  return build_.multiply(contents, share);
}

ExprId DeviceWriter::leaks(ExprId part) {
  if (device_.gates.size() > kMostLeaks) {
    unsupported(t_, symbol_.variable->span,
                fmt::format("`{}` is a conveyor with {} leaks; this version reads {}",
                            shown(symbol_.name), device_.gates.size(), kMostLeaks));
    return build_.bad();
  }
  return conveyor("conveyor_leaks", {part});
}

void DeviceWriter::add_leaks(std::vector<syntax::Argument>& arguments) {
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

std::optional<double> DeviceWriter::at_start(const Scope& scope, const Text& text,
                                             int followed) const {
  if (followed > kMostFollowed) return std::nullopt;
  Formulas formulas;
  text::Diagnostics told;  // where the equation itself is read
  const FormulaId root = parse(t_.sources, text, formulas, told);
  if (told.has_errors()) return std::nullopt;
  return at_start(scope, formulas, root, followed);
}

std::optional<double> DeviceWriter::at_start(const Scope& scope, const Formulas& formulas,
                                             FormulaId id, int followed) const {
  using K = Formula::Kind;
  const Formula& formula = formulas[id];
  std::vector<double> parts;
  for (const FormulaId child : formula.children) {
    const auto part = at_start(scope, formulas, child, followed);
    if (!part) return std::nullopt;
    parts.push_back(*part);
  }
  const std::string name = canonical(formula.text);
  const double begins = constant_in(t_.file.specs.start).value_or(0);
  switch (formula.kind) {
    case K::kNumber:
      return formula.value;
    case K::kUnary:
      if (formula.text == "not") return std::nullopt;
      return formula.text == "-" ? -parts[0] : parts[0];
    case K::kBinary:
      if (formula.text == "+") return parts[0] + parts[1];
      if (formula.text == "-") return parts[0] - parts[1];
      if (formula.text == "*") return parts[0] * parts[1];
      if (formula.text == "/") return parts[0] / parts[1];
      return std::nullopt;
    case K::kCall:
      if (parts.size() != 2) return std::nullopt;
      if (name == "step") return begins >= parts[1] ? parts[0] : 0;
      if (name == "max") return std::max(parts[0], parts[1]);
      if (name == "min") return std::min(parts[0], parts[1]);
      return std::nullopt;
    case K::kName: {
      const Symbol* symbol = find_symbol(t_, scope, formula.text);
      for (int k = 0; symbol && symbol->source && k < kMostFollowed; ++k)
        symbol = &t_.symbols.at(*symbol->source);
      if (!symbol) {
        if (name == "time" || name == "starttime") return begins;
        return name == "dt" ? std::optional(step()) : std::nullopt;
      }
      if (!symbol->dims.empty() || symbol->graph || !symbol->variable->equation ||
          symbol->variable->kind != Variable::Kind::kAux)
        return std::nullopt;
      Scope inside = scope;
      inside.instance = symbol->instance;
      return at_start(inside, *symbol->variable->equation, followed + 1);
    }
    default:
      return std::nullopt;
  }
}

double DeviceWriter::slats() {
  // A belt that takes longer than the run has all its slats nonetheless: what lies there at the
  // start lies on all of them.
  const bool told = constant_in(symbol_.variable->conveyor->length).has_value();
  const auto transit = steady_transit();
  const double steps = run_steps(t_.file) + 1;
  double journey = transit ? std::max(std::floor(*transit / step() + 0.5), 1.0) : steps;
  // What lies there at the start leaks on all slats of its journey.
  if (!transit && !device_.gates.empty()) {
    const auto first = at_start(scope_, symbol_.variable->conveyor->length, 0);
    if (first) journey = std::max(steps, std::floor(*first / step() + 0.5));
  }
  // An input may be set to another number: there is room for that of the run, too.
  const double most = !t_.file.specs.given ? steps : told ? journey : std::max(journey, steps);
  if (most >= 1 && most <= kMostSlats) return most;
  t_.diagnostics.error(
      Kind::kTooLarge, symbol_.variable->span,
      fmt::format("`{}` would have {} slats, more than {}", shown(symbol_.name), most, kMostSlats));
  return 1;
}

std::optional<double> DeviceWriter::steady_transit() const {
  Text text = symbol_.variable->conveyor->length;
  Scope scope = scope_;
  for (int followed = 0; followed < kMostFollowed; ++followed) {
    if (const auto number = constant_in(text)) return number;
    const Symbol* next = find_symbol(t_, scope, identifier(text.value));
    while (next && next->source && ++followed < kMostFollowed) next = &t_.symbols.at(*next->source);
    if (!next || !next->dims.empty() || next->graph || !next->variable->equation ||
        next->variable->kind != Variable::Kind::kAux)
      return std::nullopt;
    text = *next->variable->equation;
    scope.instance = next->instance;
  }
  return std::nullopt;
}

double DeviceWriter::step() const {
  const double step = constant_in(t_.file.specs.step).value_or(1);
  return t_.file.specs.reciprocal ? 1 / step : step;
}

std::optional<ExprId> DeviceWriter::arrest_beyond() const {
  const auto flow = t_.symbols.find(canonical(device_.exit));
  if (flow == t_.symbols.end() || flow->second.enters.empty()) return std::nullopt;
  const Symbol& beyond = t_.symbols.at(flow->second.enters);
  if (!beyond.variable->conveyor || beyond.variable->conveyor->arrest.empty()) return std::nullopt;
  return build_.name(part_name(beyond, "arrest"));
}

ExprId DeviceWriter::conveyor_answer(Ask ask) {
  const Conveyor& conveyor = *symbol_.variable->conveyor;
  const auto slats = [&] {
    return build_.call("max", {build_.call("round", {build_.divide(build_.name(part("transit")),
                                                                   build_.name("time.step"))}),
                               build_.number(1)});
  };
  switch (ask) {
    case Ask::kSize:
      return slats();
    case Ask::kMean:
      return build_.divide(build_.name(symbol_.name), slats());
    case Ask::kLeast:
    case Ask::kGreatest:
    case Ask::kDeviation:
      if (!device_.gates.empty()) return cannot_tell();
      return plain_conveyor(build_.number(ask == Ask::kLeast      ? -1
                                          : ask == Ask::kGreatest ? -2
                                                                  : -3));
    case Ask::kCapacity:
      return conveyor.capacity.empty() ? build_.name("infinity") : build_.name(part("capacity"));
    case Ask::kProcessTime:
      return build_.call(
          "sample_when",
          {build_.compare(total_inflow(), syntax::CompareOp::kGreater, build_.number(0)),
           build_.name(part("transit")), build_.name(part("transit"))});
    case Ask::kCookTime:
    case Ask::kState:
    case Ask::kPlace:
      break;
  }
  return cannot_tell();
}

}  // namespace headrace::import::xmile
