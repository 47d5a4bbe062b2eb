#include "run/failures.h"

#include <fmt/format.h>

#include "code/interp/interp.h"

namespace headrace::run {

namespace {

// Infinity is an answer in a tally ("never") and in a date, and harmless in what the compiler
// made; in a state, and in what the model says, it is where a failure may begin.
std::vector<bool> infinite_counts(const model::Model& model, const ir::Program& program) {
  std::vector<bool> counts;
  for (const ir::Array& array : program.arrays) {
    const bool is_state = array.rank == ir::Rank::kStep && array.slot >= program.state_slot &&
                          array.slot < program.state_slot + program.states;
    const bool is_plain = array.variable.valid() &&
                          model[array.variable].kind != model::VarKind::kTally &&
                          model[array.variable].type != model::Type::kDate;
    counts.push_back(is_state || is_plain);
  }
  return counts;
}

std::string name(const model::Model& model, const ir::Array& array, uint32_t element) {
  if (array.variable.valid() && model[array.variable].size(model) == array.size) {
    return model.element_name(array.variable, element);
  }
  return array.size == 1 ? array.name : fmt::format("{}[{}]", array.name, element + 1);
}

}  // namespace

std::vector<Failure> name_failures(const model::Model& model, const Common& common,
                                   std::span<const uint64_t> draws) {
  const ir::Program& program = common.program;
  const std::vector<bool> counts = infinite_counts(model, program);
  std::vector<Failure> failures;
  for (const uint64_t draw : draws) {
    std::vector<double> inputs(program.input_slots.size());
    std::vector<double*> rows;
    for (double& input : inputs) rows.push_back(&input);
    common.sampler.fill(draw, 1, rows);
    const auto bad =
        code::find_bad_value(program, common.run, common.time, inputs, common.seed, draw, counts);
    Failure failure{draw, "", program.clock.time(program.clock.steps)};
    if (bad) {
      failure.variable = name(model, program[bad->array], bad->element);
      failure.time = bad->time;
    } else {
      // Only an output that all draws share can be bad without a store in this draw.
      for (const ir::Output& output : program.outputs) {
        const ir::Rank rank = program[output.array].rank;
        if (rank == ir::Rank::kRun || rank == ir::Rank::kTime) {
          failure.variable = model[output.variable].name;
          failure.time = program.clock.start;
          break;
        }
      }
    }
    failures.push_back(std::move(failure));
  }
  return failures;
}

}  // namespace headrace::run
