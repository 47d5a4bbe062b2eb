// Ovens: the flow out and the room there is are calls of the library's `oven`.

#include <fmt/format.h>

#include "import/xmile/device_writer.h"

namespace headrace::import::xmile {

using syntax::CompareOp;
using syntax::ExprId;

void DeviceWriter::write_oven_parts() {
  const Oven& oven = *symbol_.variable->oven;
  check_time("cooking time", oven.cook_time);
  if (oven.cook_time.empty())
    t_.diagnostics.error(Kind::kUnfilledEquation, symbol_.variable->span,
                         fmt::format("`{}` has no cooking time", shown(symbol_.name)));
  const auto part = [&](const char* what, const Text& text,
                        std::optional<syntax::UnitExpr> unit = {}) {
    if (!text.empty()) define(what, translate(t_, scope_, text), std::move(unit));
  };
  part("cooking", oven.cook_time, unit_of_time(oven.cook_time));
  part("capacity", oven.capacity);
  part("filling", oven.fill_time, unit_of_time(oven.fill_time));
  part("cleaning", oven.clean_time, unit_of_time(oven.clean_time));
  part("arrest", oven.arrest);
  for (const std::string& flow : device_.inflows) {
    const auto at = t_.symbols.find(canonical(flow));
    if (at == t_.symbols.end() || at->second.driven_by.empty() ||
        t_.symbols.at(at->second.driven_by).variable->queue)
      continue;
    unsupported(t_, at->second.variable->span,
                fmt::format("`{}` leads into the oven `{}`, which is shut at times; only a queue "
                            "or a flow with an equation waits for it",
                            shown(flow), shown(symbol_.name)));
  }
}

ExprId DeviceWriter::oven(double which) {
  const Oven& oven = *symbol_.variable->oven;
  std::vector<syntax::Argument> arguments;
  for (const ExprId argument :
       {build_.number(which), total_inflow(), build_.name(part("cooking")), start()})
    arguments.push_back({{}, {}, argument});
  const auto add = [&](const char* name, const char* what, const Text& text) {
    if (!text.empty()) arguments.push_back({build_.word(name), {}, build_.name(part(what))});
  };
  add("capacity", "capacity", oven.capacity);
  add("filling", "filling", oven.fill_time);
  add("cleaning", "cleaning", oven.clean_time);
  add("stop", "arrest", oven.arrest);
  return call("oven", std::move(arguments));
}

ExprId DeviceWriter::oven_answer(Ask ask) {
  const Oven& oven = *symbol_.variable->oven;
  const auto given = [&](const Text& text, const char* what, ExprId otherwise) {
    return text.empty() ? otherwise : build_.name(part(what));
  };
  const auto state = [&] {
    return build_.call("oven_state", {build_.name(symbol_.name),
                                      build_.multiply(total_inflow(), build_.name("time.step")),
                                      build_.name(part("cooking")), start(),
                                      given(oven.capacity, "capacity", build_.name("infinity")),
                                      given(oven.fill_time, "filling", build_.name("infinity")),
                                      given(oven.clean_time, "cleaning", build_.number(0)),
                                      given(oven.arrest, "arrest", build_.number(0))});
  };
  const auto sampled = [&](ExprId condition) {
    return build_.call("sample_when",
                       {condition, build_.name(part("cooking")), build_.name(part("cooking"))});
  };
  switch (ask) {
    case Ask::kCapacity:
      return given(oven.capacity, "capacity", build_.name("infinity"));
    case Ask::kState:
      return state();
    case Ask::kProcessTime:
      return sampled(build_.compare(total_inflow(), CompareOp::kGreater, build_.number(0)));
    case Ask::kCookTime:
      return build_.choose(build_.compare(state(), CompareOp::kEqual, build_.number(1)),
                           sampled(build_.compare(state(), CompareOp::kNotEqual, build_.number(1))),
                           build_.number(0));
    case Ask::kSize:
    case Ask::kMean:
    case Ask::kLeast:
    case Ask::kGreatest:
    case Ask::kDeviation:
    case Ask::kPlace:
      break;
  }
  return cannot_tell();
}

}  // namespace headrace::import::xmile
