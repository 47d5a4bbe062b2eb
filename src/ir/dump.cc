#include <fmt/format.h>

#include "ir/program.h"

namespace headrace::ir {

namespace {

std::string_view spelling(Code code) {
  switch (code) {
#define OP(name, text, arity) \
  case Code::name:            \
    return text;
#include "model/ops.def"
#undef OP
    case Code::kConstant:
      return "constant";
    case Code::kTimeNow:
      return "time";
    case Code::kStepTime:
      return "step_time";
    case Code::kOrdinal:
      return "ordinal";
    case Code::kLoad:
      return "load";
    case Code::kStore:
      return "store";
    case Code::kLookup:
      return "lookup";
    case Code::kLoop:
      return "loop";
    case Code::kEndLoop:
      return "end";
    case Code::kReduce:
      return "reduce";
    case Code::kEndReduce:
      return "end";
    case Code::kDelayRead:
      return "delay_read";
    case Code::kDelayWrite:
      return "delay_write";
    case Code::kBehind:
      return "behind";
    case Code::kNoise:
      return "noise";
    case Code::kArrayCall:
      return "call";
  }
  return "?";
}

std::string_view spelling(model::ArrayFunction function) {
  constexpr std::string_view kNames[] = {
#define ARRAY_FUNCTION(name, text) text,
#include "model/array_functions.def"
#undef ARRAY_FUNCTION
  };
  return kNames[static_cast<int>(function)];
}

std::string_view spelling(Rank rank) {
  constexpr std::string_view kNames[] = {"run", "draw", "time", "step"};
  return kNames[static_cast<int>(rank)];
}

std::string_view spelling(model::ReduceKind kind) {
  constexpr std::string_view kNames[] = {"sum", "product", "min", "max", "any", "all"};
  return kNames[static_cast<int>(kind)];
}

// "x[3 + i2 + 4*i1 + map(i5)]"
std::string text(const Program& program, AccessId id) {
  const Access& access = program[id];
  const Array& array = program[access.array];
  std::string out = fmt::format("{}@{}", array.name, array.slot);
  if (array.size == 1 && access.terms.empty()) return out;
  out += fmt::format("[{}", access.offset);
  for (const Term& term : access.terms) {
    out += " + ";
    if (term.stride != 1) out += fmt::format("{}*", term.stride);
    out += (term.map.empty() ? fmt::format("i{}", term.loop.index)
                             : fmt::format("map(i{})", term.loop.index));
  }
  return out + "]";
}

void write_block(const Program& program, std::string_view name, const Block& block, uint32_t tail,
                 std::string& out) {
  out += fmt::format("{}:\n", name);
  size_t depth = 1;
  for (size_t i = 0; i < block.code.size(); ++i) {
    const Inst& inst = block.code[i];
    if (i == tail) out += "  -- once a step --\n";
    if (inst.code == Code::kEndLoop || inst.code == Code::kEndReduce) --depth;
    out += fmt::format("{:{}}%{} = {}", "", depth * 2, i, spelling(inst.code));
    if (inst.code == Code::kConstant) out += fmt::format(" {}", inst.number);
    if (inst.code == Code::kLoop || inst.code == Code::kReduce) {
      const Loop& loop = program[inst.loop];
      out += fmt::format(" i{} < {}", inst.loop.index, loop.extent);
      if (loop.when.valid()) out += " when " + text(program, loop.when);
    }
    if (inst.code == Code::kReduce) out += fmt::format(" {}", spelling(inst.reduce));
    if (inst.code == Code::kOrdinal) out += fmt::format(" i{}", inst.loop.index);
    if (inst.access.valid()) out += " " + text(program, inst.access);
    if (inst.code == Code::kArrayCall) {
      const ArrayCall& call = program.calls[inst.index];
      out += fmt::format(" x{} {}", call.count, spelling(call.function));
      for (const Slab& slab : call.slabs)
        out += fmt::format(" {} {}x{}", text(program, slab.first), slab.rows, slab.columns);
    }
    if (inst.table.valid()) out += " " + program[inst.table].name;
    for (ValueId operand : {inst.a, inst.b, inst.c}) {
      if (operand.valid()) out += fmt::format(" %{}", operand.index);
    }
    out += "\n";
    if (inst.code == Code::kLoop || inst.code == Code::kReduce) ++depth;
  }
}

}  // namespace

std::string dump(const Program& program) {
  std::string out =
      fmt::format("slots: run {}, time {}, tile {}, history {}; states {} at {}, rates at {}\n",
                  program.run_slots, program.time_slots, program.tile_slots, program.history_slots,
                  program.states, program.state_slot, program.rate_slot);
  for (const Array& array : program.arrays) {
    out += fmt::format("array {} size {} {}@{}\n", array.name, array.size, spelling(array.rank),
                       array.slot);
  }
  constexpr uint32_t kNoTail = UINT32_MAX;
  write_block(program, "run", program.run, kNoTail, out);
  write_block(program, "time", program.time, kNoTail, out);
  write_block(program, "draw", program.draw, kNoTail, out);
  write_block(program, "initial", program.initial, kNoTail, out);
  write_block(program, "step", program.step, program.step_tail, out);
  write_block(program, "finish", program.finish, kNoTail, out);
  return out;
}

}  // namespace headrace::ir
