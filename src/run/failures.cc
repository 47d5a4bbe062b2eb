#include "run/failures.h"

#include <fmt/format.h>

#include <cmath>

#include "code/interp/interp.h"
#include "model/walk.h"

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

// Where a number that all draws share is not finite: the first output, its element and the step.
struct SharedFault {
  const ir::Array* array = nullptr;
  uint32_t element = 0;
  uint64_t step = 0;
};

SharedFault find_shared(const ir::Program& program, const std::vector<double>& run,
                        const std::vector<double>& time) {
  for (uint64_t k = 0; k <= program.clock.steps; ++k) {
    for (const ir::Output& output : program.outputs) {
      const ir::Array& array = program[output.array];
      const double* values = array.rank == ir::Rank::kRun    ? run.data()
                             : array.rank == ir::Rank::kTime ? time.data() + k * program.time_slots
                                                             : nullptr;
      for (uint32_t e = 0; values && e < array.size; ++e) {
        if (!std::isfinite(values[array.slot + e])) return {&array, e, k};
      }
    }
  }
  return {};
}

std::string name(const model::Model& model, const ir::Array& array, uint32_t element) {
  if (array.variable.valid() && model[array.variable].size(model) == array.size) {
    return model.element_name(array.variable, element);
  }
  return array.size == 1 ? array.name : fmt::format("{}[{}]", array.name, element + 1);
}

}  // namespace

std::vector<Failure> name_failures(const model::Model& model, const ir::Program& program,
                                   const InputSampler& sampler, uint64_t seed,
                                   std::span<const uint64_t> draws) {
  std::vector<double> run, time;
  code::evaluate_shared(program, run, time);
  const std::vector<bool> counts = infinite_counts(model, program);
  std::vector<Failure> failures;
  for (const uint64_t draw : draws) {
    std::vector<double> inputs(program.input_slots.size());
    std::vector<double*> rows;
    for (double& input : inputs) rows.push_back(&input);
    sampler.fill(draw, 1, rows);
    const auto bad = code::find_bad_value(program, run, time, inputs, seed, draw, counts);
    Failure failure{draw, "", program.clock.time(program.clock.steps)};
    if (bad) {
      failure.variable = name(model, program[bad->array], bad->element);
      failure.time = bad->time;
    } else {
      // Only an output that all draws share can be bad without a store in this draw.
      const SharedFault shared = find_shared(program, run, time);
      if (shared.array) {
        failure.variable = name(model, *shared.array, shared.element);
        failure.time = program.clock.time(shared.step);
      }
    }
    failures.push_back(std::move(failure));
  }
  return failures;
}

bool may_be_infinite(const model::Model& model, model::ExprId value) {
  if (!value.valid()) return false;  // a program that no text was compiled to
  bool found = false;
  model::walk(model, value, [&](const model::Expr& expr) {
    const auto* load = std::get_if<model::Load>(&expr.node);
    if (!load) return;
    const model::Variable& variable = model[load->variable];
    found |= variable.kind == model::VarKind::kTally &&
             variable.tally.kind == model::Tally::Kind::kFirstTime;
  });
  return found;
}

}  // namespace headrace::run
