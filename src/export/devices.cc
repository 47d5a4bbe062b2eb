#include "export/devices.h"

#include <fmt/format.h>

#include <algorithm>

namespace headrace::exports {

using syntax::Call;
using syntax::ExprId;

// Whether that holds for the expression or for one within it.
bool any_of(const syntax::Tree& tree, ExprId id,
            const std::function<bool(const syntax::Expr&)>& holds) {
  const auto within = [&](std::initializer_list<ExprId> ids) {
    return std::ranges::any_of(ids, [&](ExprId one) { return any_of(tree, one, holds); });
  };
  const syntax::Expr& expr = tree[id];
  return holds(expr) ||
         std::visit(
             [&](const auto& node) {
               using Node = std::decay_t<decltype(node)>;
               if constexpr (std::is_same_v<Node, syntax::Unary>) {
                 return within({node.operand});
               } else if constexpr (std::is_same_v<Node, syntax::Binary>) {
                 return within({node.left, node.right});
               } else if constexpr (std::is_same_v<Node, syntax::Comparison>) {
                 return std::ranges::any_of(node.operands,
                                            [&](ExprId one) { return any_of(tree, one, holds); });
               } else if constexpr (std::is_same_v<Node, syntax::If>) {
                 return within({node.condition, node.then_value, node.else_value});
               } else if constexpr (std::is_same_v<Node, syntax::Call>) {
                 return std::ranges::any_of(node.arguments, [&](const syntax::Argument& argument) {
                   return any_of(tree, argument.value, holds);
                 });
               } else if constexpr (std::is_same_v<Node, syntax::Range>) {
                 return within({node.low, node.high});
               } else {
                 return false;
               }
             },
             expr.node);
}

namespace {

// What the importer calls the values beside a device, and of a leak its share.
constexpr const char* kParts[] = {"transit", "arrest", "capacity", "limit",   "room",    "contents",
                                  "entry",   "start",  "cooking",  "filling", "cleaning"};

std::optional<Device::Kind> kind_of(const std::string& function) {
  if (function == "queue") return Device::Kind::kQueue;
  if (function == "oven") return Device::Kind::kOven;
  for (const char* conveyor :
       {"conveyor", "conveyor_list_part", "conveyor_leaky", "conveyor_leaks"}) {
    if (function == conveyor) return Device::Kind::kConveyor;
  }
  return std::nullopt;
}

std::string part_name(const std::string& stock, const char* what) {
  return fmt::format("_{} {}", stock, what);
}

}  // namespace

void Devices::find(const std::vector<const syntax::Statement*>& own) {
  for (const syntax::Statement* statement : own) {
    if (const auto* value = std::get_if<syntax::ValueDecl>(&statement->node))
      values_[value->name.text] = value;
  }
  for (const syntax::Statement* statement : own) {
    if (const auto* stock = std::get_if<syntax::StockDecl>(&statement->node)) add(*stock);
  }
  for (auto& [name, device] : devices_) read_entry(device);
}

void Devices::add(const syntax::StockDecl& stock) {
  Device device;
  device.stock = &stock;
  if (stock.outflows.empty()) return;
  for (const syntax::Name& flow : stock.outflows) {
    const auto value = values_.find(flow.text);
    const Call* call =
        value != values_.end() && value->second->value ? call_in(*value->second->value) : nullptr;
    const auto kind = call ? kind_of(call->function.text) : std::nullopt;
    if (!kind) return;
    device.kind = *kind;
    if (call->function.text == "conveyor_leaky" && call->arguments.size() > 8)
      device.exponential = number_in(call->arguments[8].value).value_or(0) != 0;
    if (call->function.text == "conveyor_leaks" && call->arguments.size() > 6)
      device.exponential = number_in(call->arguments[6].value).value_or(0) != 0;
  }
  const std::string& name = stock.name.text;
  if (device.kind == Device::Kind::kConveyor && !part(name, "transit")) return;
  if (device.kind == Device::Kind::kOven && !part(name, "cooking")) return;
  for (const char* what : kParts) parts_.insert(part_name(name, what));
  const Device& kept = devices_.emplace(name, device).first->second;
  for (const syntax::Name& flow : stock.outflows) add_flow(kept, flow.text);
}

void Devices::add_flow(const Device& device, const std::string& name) {
  const ExprId value = *values_.at(name)->value;
  const Call& call = *call_in(value);
  DeviceFlow flow;
  flow.device = &device;
  flow.overflow = std::holds_alternative<syntax::If>(tree_[value].node);
  const auto& arguments = call.arguments;
  const double part = arguments.empty() ? 0 : number_in(arguments[0].value).value_or(0);
  const auto number = [&](std::optional<ExprId> id, double otherwise) {
    return id ? number_in(*id).value_or(otherwise) : otherwise;
  };
  const auto at = [&](size_t place) {
    return place < arguments.size() && !arguments[place].label
               ? std::optional(arguments[place].value)
               : std::nullopt;
  };
  if (call.function.text == "conveyor_leaky" && part > 0) {
    flow.leak = true;
    flow.begin = number(at(6), 0);
    flow.end = number(at(7), 1);
    flow.whole = number(at(9), 0) != 0;
  }
  if (call.function.text == "conveyor_leaks" && part > 0) {
    flow.leak = true;
    flow.begin = number(labelled(call, fmt::format("begin_{}", part)), 0);
    flow.end = number(labelled(call, fmt::format("end_{}", part)), 1);
    flow.whole = number(labelled(call, fmt::format("whole_{}", part)), 0) != 0;
  }
  if (flow.leak) parts_.insert(part_name(name, "share"));
  flows_.emplace(name, flow);
}

// How a queue in front hands over its batches, and whether a limit is for each unit of time.
void Devices::read_entry(Device& device) const {
  const std::string& name = device.stock->name.text;
  for (const syntax::Name& inflow : device.stock->inflows) {
    const DeviceFlow* flow = of_flow(inflow.text);
    if (!flow || flow->device->kind != Device::Kind::kQueue) continue;
    const Call& call = *call_in(*values_.at(inflow.text)->value);
    device.from_queue = true;
    device.one_at_a_time = labelled(call, "one_at_a_time").has_value();
    device.whole = labelled(call, "whole").has_value();
  }
  const syntax::ValueDecl* room = part(name, "room");
  device.discrete =
      room && room->value && any_of(tree_, *room->value, [](const syntax::Expr& expr) {
        const auto* call = std::get_if<Call>(&expr.node);
        return call && call->function.text == "unit_budget";
      });
  if (device.from_queue && !part(name, "limit")) device.discrete = true;
}

const Device* Devices::of_stock(const std::string& name) const {
  const auto at = devices_.find(name);
  return at == devices_.end() ? nullptr : &at->second;
}

const DeviceFlow* Devices::of_flow(const std::string& name) const {
  const auto at = flows_.find(name);
  return at == flows_.end() ? nullptr : &at->second;
}

const syntax::ValueDecl* Devices::part(const std::string& name, const char* what) const {
  const auto at = values_.find(part_name(name, what));
  return at == values_.end() ? nullptr : at->second;
}

std::optional<Devices::Asked> Devices::asked(ExprId id) const {
  // What lies on a slat with leaks, and in a queue, is told per step.
  if (const auto* product = std::get_if<syntax::Binary>(&tree_[id].node);
      product && product->op == syntax::BinaryOp::kMultiply) {
    const Call* call = as_call(product->left);
    const std::string* step = name_in(product->right);
    if (!call || !step || *step != "time.step") return std::nullopt;
    if (call->function.text == "queue") return asked_of_queue(*call);
    if (call->function.text != "conveyor_leaks" || call->arguments.size() < 3) return std::nullopt;
    const auto* part = std::get_if<syntax::Unary>(&tree_[call->arguments[0].value].node);
    const std::string* transit = name_in(call->arguments[2].value);
    for (const auto& [name, device] : devices_) {
      if (part && transit && *transit == part_name(name, "transit"))
        return Asked{"", name, part->operand};
    }
    return std::nullopt;
  }
  const Call* call = as_call(id);
  if (!call || call->arguments.empty()) return std::nullopt;
  if (call->function.text == "oven_state") {
    const std::string* stock = name_in(call->arguments[0].value);
    if (stock && of_stock(*stock)) return Asked{"OSTATE", *stock, {}};
    return std::nullopt;
  }
  const bool listed = call->function.text == "conveyor_list_part";
  if (!listed && call->function.text != "conveyor_part") return std::nullopt;
  const size_t place = listed ? 3 : 2;
  const std::string* transit =
      place < call->arguments.size() ? name_in(call->arguments[place].value) : nullptr;
  for (const auto& [name, device] : devices_) {
    if (!transit || *transit != part_name(name, "transit")) continue;
    const double part = number_in(call->arguments[0].value).value_or(1);
    if (part < 0) return Asked{part == -1 ? "MIN" : part == -2 ? "MAX" : "STDDEV", name, {}};
    return Asked{"", name, call->arguments[0].value};
  }
  return std::nullopt;
}

std::optional<Devices::Asked> Devices::asked_of_queue(const Call& call) const {
  const auto stock = queue_of(call);
  if (!stock) return std::nullopt;
  static constexpr const char* kTallies[] = {"MIN", "MAX", "STDDEV", "MEAN"};
  const ExprId part = call.arguments[0].value;
  if (const auto number = number_in(part); number && *number <= -1 && *number >= -4)
    return Asked{kTallies[static_cast<size_t>(-*number) - 1], *stock, {}};
  if (const auto* difference = std::get_if<syntax::Binary>(&tree_[part].node))
    return Asked{"", *stock, difference->right};
  return std::nullopt;
}

// The queue whose ways out the call adds up.
std::optional<std::string> Devices::queue_of(const Call& call) const {
  if (call.arguments.size() < 5) return std::nullopt;
  std::optional<std::string> stock;
  any_of(tree_, call.arguments[4].value, [&](const syntax::Expr& expr) {
    const auto* reference = std::get_if<syntax::Reference>(&expr.node);
    const DeviceFlow* flow = reference ? of_flow(reference->name.text) : nullptr;
    if (flow) stock = flow->device->stock->name.text;
    return flow != nullptr;
  });
  return stock;
}

std::optional<ExprId> Devices::wish(const Call& call) const {
  if (call.function.text != "min" || call.arguments.size() != 2) return std::nullopt;
  const bool limited = any_of(tree_, call.arguments[1].value, [&](const syntax::Expr& expr) {
    const auto* reference = std::get_if<syntax::Reference>(&expr.node);
    return reference && reference->name.text.ends_with(" room") && is_part(reference->name.text);
  });
  if (!limited) return std::nullopt;
  return call.arguments[0].value;
}

// ---------------------------------------------------------------- expressions

const Call* Devices::as_call(ExprId id) const { return std::get_if<Call>(&tree_[id].node); }

// The call that a flow out of a device is, of an overflow that within its condition.
const Call* Devices::call_in(ExprId id) const {
  if (const auto* open = std::get_if<syntax::If>(&tree_[id].node)) return as_call(open->then_value);
  if (const auto* rate = std::get_if<syntax::Binary>(&tree_[id].node))
    return rate->op == syntax::BinaryOp::kDivide ? as_call(rate->left) : nullptr;
  return as_call(id);
}

const std::string* Devices::name_in(ExprId id) const {
  const auto* reference = std::get_if<syntax::Reference>(&tree_[id].node);
  return reference && reference->indexes.empty() ? &reference->name.text : nullptr;
}

std::optional<double> Devices::number_in(ExprId id) const {
  if (const auto* number = std::get_if<syntax::Number>(&tree_[id].node)) return number->value;
  if (const auto* unary = std::get_if<syntax::Unary>(&tree_[id].node)) {
    const auto* number = std::get_if<syntax::Number>(&tree_[unary->operand].node);
    if (number && unary->op == syntax::UnaryOp::kNegate) return -number->value;
  }
  return std::nullopt;
}

std::optional<ExprId> Devices::labelled(const Call& call, const std::string& label) const {
  for (const syntax::Argument& argument : call.arguments) {
    if (argument.label && argument.label->text == label) return argument.value;
  }
  return std::nullopt;
}

}  // namespace headrace::exports
