#include "ir/lower.h"

#include "base/check.h"
#include "ir/lowering.h"
#include "ir/passes/passes.h"

namespace headrace::ir {

using model::Model;
using model::Variable;
using model::VarKind;

namespace {

// A table of what depends on time alone costs memory for each step; past this it is not worth it.
constexpr uint64_t kTimeTableBytes = uint64_t{256} << 20;

std::vector<VarId> find_roots(const Model& model, const LowerOptions& options) {
  std::vector<VarId> roots = options.outputs;
  if (!options.answers) return roots;
  for (const model::Measure& measure : model.measures) collect_reads(model, measure.value, roots);
  for (const model::Claim& claim : model.claims) {
    collect_reads(model, claim.measure, roots);
    collect_reads(model, claim.condition, roots);
  }
  for (const model::Check& check : model.checks) roots.push_back(check.condition);
  return roots;
}

std::vector<bool> find_sampled(const Model& model) {
  std::vector<bool> sampled(model.variables.size());
  for (const model::Input& input : model.inputs) sampled[input.variable.index] = true;
  return sampled;
}

}  // namespace

Program lower(const Model& model, const LowerOptions& options) {
  Program program = Lowering(model, options, true).run();
  const uint64_t table = uint64_t{program.time_slots} * (model.clock.steps + 1) * sizeof(double);
  if (table > kTimeTableBytes) program = Lowering(model, options, false).run();
  return program;
}

std::vector<VarId> needed_variables(const Model& model, const LowerOptions& options) {
  const Needs needs = find_needs(model, find_roots(model, options));
  std::vector<VarId> variables;
  for (size_t i = 0; i < model.variables.size(); ++i) {
    if (needs.variable[i] || needs.initial[i]) variables.push_back(VarId(i));
  }
  return variables;
}

Lowering::Lowering(const Model& model, const LowerOptions& options, bool time_table)
    : model_(model),
      options_(options),
      sampled_(find_sampled(model)),
      output_(model.variables.size()),
      needs_(find_needs(model, find_roots(model, options))),
      ranks_(model, sampled_, time_table),
      time_table_(time_table),
      run_(program_, program_.run, false),
      time_(program_, program_.time, true),
      draw_(program_, program_.draw, true),
      initial_(program_, program_.initial, true),
      step_(program_, program_.step, true),
      finish_(program_, program_.finish, false) {
  for (VarId id : options.outputs) output_[id.index] = true;
}

Program Lowering::run() {
  program_.clock = model_.clock;
  program_.tables = model_.tables;
  for (const model::Input& input : model_.inputs) array_of(input.variable);
  for (size_t i = 0; i < model_.variables.size(); ++i) {
    const Variable& variable = model_.variables[i];
    if (needs_.variable[i] && variable.kind == VarKind::kData) {
      data_.emplace_back(array_of(VarId(i)), variable.values);
    }
  }
  lower_shared(Rank::kRun);
  lower_shared(Rank::kDraw);
  lower_shared(Rank::kTime);
  lower_initial();
  lower_step();
  lower_finish();
  remove_dead_code(program_);
  assign_slots(program_, state_arrays_, rate_arrays_);
  sink(program_);
  program_.run_data.assign(program_.run_slots, 0);
  for (const auto& [array, values] : data_) {
    CHECK(values.size() == program_[array].size);
    std::copy(values.begin(), values.end(), program_.run_data.begin() + program_[array].slot);
  }
  for (const model::Input& input : model_.inputs) {
    program_.input_slots.push_back(program_[array_of(input.variable)].slot + input.element);
  }
  verify(program_);
  return std::move(program_);
}

Context& Lowering::context_of(Rank rank) {
  switch (rank) {
    case Rank::kRun:
      return run_;
    case Rank::kDraw:
      return draw_;
    case Rank::kTime:
      return time_;
    case Rank::kStep:
      return step_;
  }
  return step_;
}

// What does not change with both draw and time. The order of the start comes first: values that are
// kept from it, `initial(x)`, stand nowhere else.
void Lowering::lower_shared(Rank rank) {
  std::vector<bool> done(model_.variables.size());
  const auto lower = [&](const model::ScheduleItem& item) {
    const bool wanted = needs_.variable[item.variable.index] || needs_.initial[item.variable.index];
    if (!wanted || ranks_[item.variable] != rank) return;
    emit_item(item, model_[item.variable].pieces, context_of(rank));
  };
  for (const model::ScheduleItem& item : model_.initial_order) lower(item);
  for (const model::ScheduleItem& item : model_.initial_order) done[item.variable.index] = true;
  for (const model::ScheduleItem& item : model_.step_order) {
    if (!done[item.variable.index]) lower(item);
  }
}

void Lowering::lower_initial() {
  for (size_t i = 0; i < model_.variables.size(); ++i) {
    if (needs_.variable[i] || needs_.initial[i]) array_for_state(VarId(i));
  }
  for (const model::ScheduleItem& item : model_.initial_order) {
    if (needs_.initial[item.variable.index] && ranks_[item.variable] == Rank::kStep)
      start_states(item);
  }
  start_tallies();
}

void Lowering::lower_step() {
  for (const model::ScheduleItem& item : model_.step_order) {
    const Variable& variable = model_[item.variable];
    if (!needs_.variable[item.variable.index] || ranks_[item.variable] != Rank::kStep) continue;
    if (variable.kind == VarKind::kBehind)
      emit_behind(item, step_);
    else if (variable.kind != VarKind::kInitial)
      emit_item(item, variable.pieces, step_);
  }
  lower_outputs();
  lower_rates();
  program_.step_tail = static_cast<uint32_t>(step_.builder.size());
  lower_tail();
}

// Every output has an array by now, but for what is read from devices.
void Lowering::lower_outputs() {
  for (VarId id : options_.outputs) {
    const Variable& variable = model_[id];
    ArrayId array = array_of(id);
    if (variable.kind == VarKind::kDelayFixed || variable.kind == VarKind::kNoise) {
      array = make_array(variable.name, size_of(id), Rank::kStep, id);
      Access access{array, 0, {}};
      const LoopId loop = step_.builder.open_loop(size_of(id));
      access.terms.push_back({loop, 1, {}});
      step_.builder.store(access, read_device(id, {array_of(id), 0, access.terms}, step_));
      step_.builder.close_loop();
    }
    program_.outputs.push_back({id, array});
  }
}

void Lowering::lower_finish() {
  if (!options_.answers) return;
  auto answer = [&](const std::string& name, model::ExprId expr) {
    const ArrayId array = make_array(name, 1, Rank::kDraw);
    finish_.builder.store({array, 0, {}}, emit(expr, finish_));
    return array;
  };
  for (const model::Measure& measure : model_.measures) {
    program_.measures.push_back(answer(measure.name, measure.value));
  }
  for (const model::Claim& claim : model_.claims) {
    program_.claim_measures.push_back(answer(claim.id, claim.measure));
    program_.claim_conditions.push_back(answer(claim.id + " holds", claim.condition));
  }
  for (size_t i = 0; i < model_.checks.size(); ++i) {
    const ArrayId array = make_array(model_.checks[i].name, 1, Rank::kDraw);
    Builder& builder = finish_.builder;
    const ArrayId times = check_times_[i];
    const LoopId loop = builder.open_reduce(program_[times].size, model::ReduceKind::kMin);
    const ValueId first = builder.close_reduce(builder.load({times, 0, {{loop, 1, {}}}}));
    builder.store({array, 0, {}}, first);
    program_.checks.push_back(array);
  }
}

uint32_t Lowering::size_of(VarId id) const {
  uint32_t size = 1;
  for (model::DimId dim : model_[id].dims)
    size *= static_cast<uint32_t>(model_[dim].members.size());
  return size;
}

ArrayId Lowering::make_array(std::string name, uint32_t size, Rank rank, VarId variable) {
  program_.arrays.push_back({std::move(name), size, rank, 0, variable});
  return ArrayId(program_.arrays.size() - 1);
}

ArrayId Lowering::array_of(VarId id) {
  auto [found, is_new] = arrays_.try_emplace(id.index);
  if (is_new) found->second = make_array(model_[id].name, size_of(id), ranks_[id], id);
  return found->second;
}

uint32_t Lowering::history_of(VarId id, uint32_t series) {
  auto [found, is_new] = histories_.try_emplace(id.index, program_.histories.size());
  if (is_new) {
    const uint32_t size = size_of(id);
    program_.histories.push_back({model_[id].name, size, series, program_.history_slots});
    program_.history_slots += size * series;
  }
  return found->second;
}

}  // namespace headrace::ir
