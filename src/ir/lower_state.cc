#include <algorithm>
#include <limits>

#include "base/check.h"
#include "ir/lowering.h"

namespace headrace::ir {

using model::Tally;
using model::Variable;
using model::VarKind;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double neutral(Tally::Kind kind) {
  switch (kind) {
    case Tally::Kind::kHighest:
      return -kInfinity;
    case Tally::Kind::kLowest:
    case Tally::Kind::kFirstTime:
      return kInfinity;
    case Tally::Kind::kIntegral:
    case Tally::Kind::kAverage:
    case Tally::Kind::kAt:  // the moment lies within the run
    case Tally::Kind::kEnd:
      break;
  }
  return 0;
}

}  // namespace

// Makes the memory that a state needs besides its own.
void Lowering::array_for_state(VarId id) {
  const Variable& variable = model_[id];
  const std::string& name = variable.name;
  if (variable.kind == VarKind::kStock) {
    state_arrays_.push_back(array_of(id));
    rate_arrays_.push_back(make_array("rate of " + name, size_of(id), Rank::kStep, id));
  } else if (variable.kind == VarKind::kPrevious) {
    const ArrayId next = make_array("next " + name, size_of(id), Rank::kStep, id);
    nexts_[id.index] = next;
    program_.moves.push_back({array_of(id), next});
  } else if (variable.kind == VarKind::kDelayFixed) {
    array_of(id);
    durations_[id.index] = make_array("duration of " + name, size_of(id), Rank::kStep, id);
  }
}

void Lowering::start_states(const model::ScheduleItem& item) {
  const Variable& variable = model_[item.variable];
  switch (variable.kind) {
    case VarKind::kStock:
    case VarKind::kPrevious:
      return emit_item(item, variable.initial, initial_);
    case VarKind::kDelayFixed:
      emit_item(item, variable.initial, initial_);
      return store_pieces(item.variable, variable.duration, durations_.at(item.variable.index),
                          initial_);
    case VarKind::kBehind:
      return emit_behind(item, initial_);
    case VarKind::kNoise:
    case VarKind::kTally:
      return;
    case VarKind::kParam:
    case VarKind::kData:
    case VarKind::kLet:
    case VarKind::kFlow:
    case VarKind::kInitial:
      return emit_item(item, variable.initial.empty() ? variable.pieces : variable.initial,
                       initial_);
  }
}

void Lowering::start_tallies() {
  auto fill = [&](ArrayId array, double value) {
    const LoopId loop = initial_.builder.open_loop(program_[array].size);
    initial_.builder.store({array, 0, {{loop, 1, {}}}}, initial_.builder.constant(value));
    initial_.builder.close_loop();
  };
  for (size_t i = 0; i < model_.variables.size(); ++i) {
    const Variable& variable = model_.variables[i];
    if (needs_.variable[i] && variable.kind == VarKind::kTally) {
      fill(array_of(VarId(i)), neutral(variable.tally.kind));
    }
  }
  if (!options_.answers) return;
  for (const model::Check& check : model_.checks) {
    check_times_.push_back(
        make_array("failure of " + check.name, size_of(check.condition), Rank::kStep));
    fill(check_times_.back(), kInfinity);
  }
}

void Lowering::lower_rates() {
  size_t state = 0;
  for (size_t i = 0; i < model_.variables.size(); ++i) {
    const Variable& variable = model_.variables[i];
    const bool wanted = needs_.variable[i] || needs_.initial[i];
    if (!wanted || variable.kind != VarKind::kStock) continue;
    store_pieces(VarId(i), variable.pieces, rate_arrays_[state++], step_);
  }
}

// What happens once a step: memory is written, answers are gathered.
void Lowering::lower_tail() {
  for (size_t i = 0; i < model_.variables.size(); ++i) {
    const VarId id(i);
    const Variable& variable = model_[id];
    if (!needs_.variable[i] && !needs_.initial[i]) continue;
    if (variable.kind == VarKind::kPrevious) {
      store_pieces(id, variable.pieces, nexts_.at(id.index), step_);
    } else if (variable.kind == VarKind::kDelayFixed) {
      for (const model::Piece& piece : variable.pieces) {
        for_piece(piece, {}, array_of(id), id, step_, [&](const Access& access) {
          step_.builder.delay_write(access, history_of(id, 1), emit(piece.value, step_));
        });
      }
      store_pieces(id, variable.duration, durations_.at(id.index), step_);
    }
  }
  lower_tallies();
  if (!options_.answers) return;
  for (size_t i = 0; i < model_.checks.size(); ++i) lower_check(model_.checks[i], check_times_[i]);
}

// The first time at which the condition does not hold.
void Lowering::lower_check(const model::Check& check, ArrayId times) {
  Builder& builder = step_.builder;
  const VarId condition = check.condition;
  for (const model::Piece& piece : model_[condition].pieces) {
    for_piece(piece, {}, times, condition, step_, [&](const Access& access) {
      Access source = access;
      source.array = array_of(condition);
      const auto scalar = step_.scalars.find(condition.index);
      const ValueId holds = scalar != step_.scalars.end() ? scalar->second : builder.load(source);
      const ValueId now =
          builder.apply(Code::kMin, builder.load(access), builder.simple(Code::kStepTime));
      builder.store(access, builder.apply(Code::kSelect, holds, builder.load(access), now));
    });
  }
}

bool Lowering::counts_by_clock(VarId id) const {
  const Tally::Kind kind = model_[id].tally.kind;
  return kind != Tally::Kind::kEnd && kind != Tally::Kind::kFirstTime;
}

// Tallies that count at the same times stand in one bracket, which is passed over at other times.
void Lowering::lower_tallies() {
  std::vector<std::pair<ArrayId, std::vector<VarId>>> periods;
  for (size_t i = 0; i < model_.variables.size(); ++i) {
    const VarId id(i);
    if (model_[id].kind != VarKind::kTally || !(needs_.variable[i] || needs_.initial[i])) continue;
    if (!time_table_ || !counts_by_clock(id)) {
      lower_tally(id, {});
      continue;
    }
    const ArrayId period = period_of(model_[id].tally);
    auto known = std::find_if(periods.begin(), periods.end(),
                              [&](const auto& each) { return each.first == period; });
    if (known == periods.end()) known = periods.insert(known, {period, {}});
    known->second.push_back(id);
  }
  for (const auto& [period, tallies] : periods) {
    step_.builder.open_when(period);
    for (VarId id : tallies) lower_tally(id, period);
    step_.builder.close_loop();
  }
}

// With a period: inside its bracket.
void Lowering::lower_tally(VarId id, ArrayId period) {
  const Variable& variable = model_[id];
  const Tally& tally = variable.tally;
  Builder& builder = step_.builder;
  for (const model::Piece& piece : variable.pieces) {
    for_piece(piece, {}, array_of(id), id, step_, [&](const Access& access) {
      const ValueId value = emit(piece.value, step_);
      if (tally.kind == Tally::Kind::kEnd) return builder.store(access, value);
      const ValueId old = builder.load(access);
      if (tally.kind == Tally::Kind::kFirstTime) {
        const ValueId now = builder.apply(Code::kMin, old, builder.simple(Code::kStepTime));
        return builder.store(access, builder.apply(Code::kSelect, value, now, old));
      }
      const ValueId weight =
          period.valid() ? builder.load({period, 0, {}}) : tally_weight(tally, builder);
      ValueId next = value;  // kAt
      if (tally.kind == Tally::Kind::kIntegral || tally.kind == Tally::Kind::kAverage) {
        next = builder.apply(Code::kAdd, old, builder.apply(Code::kMultiply, weight, value));
      } else if (tally.kind == Tally::Kind::kHighest) {
        next = builder.apply(Code::kMax, value, old);
      } else if (tally.kind == Tally::Kind::kLowest) {
        next = builder.apply(Code::kMin, value, old);
      }
      // Outside its period a tally ignores the value, even a bad one.
      if (!period.valid()) next = builder.apply(Code::kSelect, weight, next, old);
      builder.store(access, next);
    });
  }
}

// Where the table of time holds how much each step counts.
ArrayId Lowering::period_of(const Tally& tally) {
  return scratch_for(Rank::kTime, tally_weight(tally, time_.builder));
}

// How much the current step counts, from the clock alone; 0 outside the period.
ValueId Lowering::tally_weight(const Tally& tally, Builder& builder) const {
  const double step = model_.clock.step, slack = 1e-6 * step;
  auto number = [&](double value) { return builder.constant(value); };
  const ValueId begin = builder.simple(Code::kStepTime);
  const ValueId end = builder.apply(Code::kAdd, begin, number(step));
  if (tally.kind == Tally::Kind::kAt) {
    const ValueId begun = builder.apply(Code::kLessEqual, begin, number(tally.from + slack));
    const ValueId not_over = builder.apply(Code::kLess, number(tally.from + slack), end);
    return builder.apply(Code::kAnd, begun, not_over);
  }
  const ValueId from = builder.apply(Code::kMax, begin, number(tally.from));
  const ValueId to = builder.apply(Code::kMin, end, number(tally.to));
  const ValueId overlap = builder.apply(Code::kSubtract, to, from);
  const ValueId counts = builder.apply(Code::kLess, number(slack), overlap);
  const bool is_average = tally.kind == Tally::Kind::kAverage;
  const ValueId share =
      builder.apply(Code::kDivide, overlap, number(is_average ? tally.to - tally.from : 1));
  return builder.apply(Code::kSelect, counts, share, number(0));
}

}  // namespace headrace::ir
