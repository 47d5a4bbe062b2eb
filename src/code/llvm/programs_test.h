#pragma once

// Programs for tests, and a way to run them that remembers everything a user could see.

#include <cmath>
#include <cstring>
#include <map>
#include <random>
#include <vector>

#include "code/kernel.h"
#include "ir/program.h"

namespace headrace::code {

// Appends instructions as they are asked for, without folding or reuse.
class Writer {
 public:
  Writer(ir::Program& program, ir::Block& block) : program_(program), block_(block) {}

  ir::ValueId add(ir::Inst inst) {
    block_.code.push_back(inst);
    return ir::ValueId(block_.code.size() - 1);
  }
  ir::ValueId op(ir::Code code, ir::ValueId a = {}, ir::ValueId b = {}, ir::ValueId c = {}) {
    return add({code, a, b, c});
  }
  ir::ValueId constant(double x) {
    ir::Inst inst{ir::Code::kConstant};
    inst.number = x;
    return add(inst);
  }
  ir::ValueId load(const ir::Access& access) { return at(ir::Code::kLoad, access); }
  ir::ValueId store(const ir::Access& access, ir::ValueId value) {
    return at(ir::Code::kStore, access, 0, value);
  }
  ir::ValueId at(ir::Code code, const ir::Access& access, uint32_t index = 0, ir::ValueId a = {},
                 ir::ValueId b = {}) {
    program_.accesses.push_back(access);
    ir::Inst inst{code, a, b};
    inst.access = ir::AccessId(program_.accesses.size() - 1);
    inst.index = index;
    return add(inst);
  }
  ir::ValueId lookup(size_t table, ir::ValueId input) {
    ir::Inst inst{ir::Code::kLookup, input};
    inst.table = ir::TableId(table);
    return add(inst);
  }
  ir::LoopId open(ir::Code code, uint32_t extent, model::ReduceKind kind = {}) {
    program_.loops.push_back({extent});
    ir::Inst inst{code};
    inst.loop = ir::LoopId(program_.loops.size() - 1);
    inst.reduce = kind;
    add(inst);
    return inst.loop;
  }
  ir::ValueId close(ir::Code code, ir::LoopId loop, model::ReduceKind kind = {},
                    ir::ValueId a = {}) {
    ir::Inst inst{code, a};
    inst.loop = loop;
    inst.reduce = kind;
    return add(inst);
  }

 private:
  ir::Program& program_;
  ir::Block& block_;
};

// A new array at the end of its space.
ir::ArrayId add_array(ir::Program& program, ir::Rank rank, uint32_t size = 1);
inline ir::Access element(ir::ArrayId array, uint32_t offset = 0) { return {array, offset, {}}; }

// A valid program of everything: all instructions, nested and empty loops, maps, devices, Runge
// and Kutta or Euler. The same seed gives the same program.
ir::Program random_program(uint64_t seed);

// The values of all outputs after the start and after each step, then the measures, for each draw;
// and the inputs that they were computed from are a function of draw and input alone. `stride` is
// the number of steps of each call of advance(); only states at such steps are recorded.
std::vector<double> run(const ir::Program& program, const Kernel& kernel, size_t draws = 64,
                        uint64_t stride = 1);
double input_value(uint64_t draw, size_t input);

// The index of the first difference, or -1. All NaNs are equal.
long first_difference(const std::vector<double>& a, const std::vector<double>& b);

// Programs whose input is `inputs` draws of fixed numbers, see run_on().
std::vector<double> run_on(const ir::Program& program, const Kernel& kernel,
                           const std::vector<std::vector<double>>& inputs);

}  // namespace headrace::code
