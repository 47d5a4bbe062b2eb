#include "code/llvm/programs_test.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <functional>
#include <memory>
#include <utility>

#include "base/hash.h"
#include "model/model.h"

namespace headrace::code {

using ir::Access;
using ir::Code;
using ir::Rank;
using ir::ValueId;

ir::ArrayId add_array(ir::Program& program, Rank rank, uint32_t size) {
  uint32_t& slots = rank == Rank::kRun    ? program.run_slots
                    : rank == Rank::kTime ? program.time_slots
                                          : program.tile_slots;
  ir::Array array;
  array.name = "x" + std::to_string(program.arrays.size());
  array.size = size;
  array.rank = rank;
  array.slot = slots;
  slots += size;
  program.arrays.push_back(array);
  return ir::ArrayId(program.arrays.size() - 1);
}

double input_value(uint64_t draw, size_t input) {
  const uint64_t bits = base::mix(base::combine(draw, input));
  const double unit = static_cast<double>(bits >> 11) * 0x1p-53;
  if (bits % 37 == 0) return 0;
  if (bits % 41 == 0) return std::round(unit * 8) - 4;
  return unit * 6 - 2;
}

namespace {

struct FreeMemory {
  void operator()(double* p) const { std::free(p); }
};

// A tile and everything around it.
class Machine {
 public:
  Machine(const ir::Program& program, const Kernel& kernel) : program_(program), kernel_(kernel) {
    const size_t bytes = program.tile_slots * kernel.lanes() * sizeof(double);
    tile_.reset(static_cast<double*>(std::aligned_alloc(64, (bytes + 63) / 64 * 64)));
    clear();
    run_ = program.run_data;
    run_.resize(program.run_slots);
    time_.resize(program.time_slots * (program.clock.steps + 1));
    for (size_t i = 0; i < time_.size(); ++i) {
      time_[i] = i % program.time_slots == 0 || i % 5 == 0 ? 0 : input_value(i, 1000);
    }
    frame.tile = tile_.get();
    frame.run = run_.data();
    frame.time = time_.data();
    frame.seed = 7;
  }

  // Random programs read what they have not written yet.
  void clear() {
    std::memset(tile_.get(), 0, program_.tile_slots * kernel_.lanes() * sizeof(double));
    history_.assign(program_.history_slots * (program_.clock.steps + 1) * kernel_.lanes(), 1e300);
    frame.history = history_.data();
  }

  double& at(size_t slot, size_t lane) { return tile_.get()[slot * kernel_.lanes() + lane]; }

  // One lane's share of all elements of an array.
  void record(ir::ArrayId id, size_t lane, std::vector<double>& out) {
    const ir::Array& array = program_[id];
    for (uint32_t e = 0; e < array.size; ++e) {
      if (array.rank == Rank::kStep || array.rank == Rank::kDraw) {
        out.push_back(at(array.slot + e, lane));
      }
    }
  }

  Frame frame;

 private:
  const ir::Program& program_;
  const Kernel& kernel_;
  std::unique_ptr<double, FreeMemory> tile_;
  std::vector<double> history_, run_, time_;
};

}  // namespace

std::vector<double> run(const ir::Program& program, const Kernel& kernel, size_t draws,
                        uint64_t stride) {
  const size_t lanes = kernel.lanes();
  Machine machine(program, kernel);
  std::vector<std::vector<double>> by_draw((draws + lanes - 1) / lanes * lanes);
  for (size_t first = 0; first < draws; first += lanes) {
    machine.frame.first_draw = first;
    machine.clear();
    for (size_t lane = 0; lane < lanes; ++lane) {
      for (size_t i = 0; i < program.input_slots.size(); ++i) {
        machine.at(program.input_slots[i], lane) = input_value(first + lane, i);
      }
    }
    auto record = [&](const std::vector<ir::ArrayId>& arrays) {
      for (size_t lane = 0; lane < lanes; ++lane) {
        for (ir::ArrayId array : arrays) machine.record(array, lane, by_draw[first + lane]);
      }
    };
    std::vector<ir::ArrayId> outputs;
    for (const ir::Output& output : program.outputs) outputs.push_back(output.array);
    kernel.start(machine.frame);
    record(outputs);
    while (machine.frame.k < program.clock.steps) {
      kernel.advance(machine.frame, std::min(stride, program.clock.steps - machine.frame.k));
      record(outputs);
    }
    kernel.finish(machine.frame);
    record(program.measures);
  }
  std::vector<double> all;
  for (size_t draw = 0; draw < draws; ++draw) {
    all.insert(all.end(), by_draw[draw].begin(), by_draw[draw].end());
  }
  return all;
}

std::vector<double> run_on(const ir::Program& program, const Kernel& kernel,
                           const std::vector<std::vector<double>>& inputs) {
  const size_t lanes = kernel.lanes(), draws = inputs[0].size();
  Machine machine(program, kernel);
  std::vector<double> all;
  for (size_t first = 0; first < draws; first += lanes) {
    for (size_t lane = 0; lane < lanes; ++lane) {
      const size_t draw = std::min(first + lane, draws - 1);
      for (size_t i = 0; i < inputs.size(); ++i) {
        machine.at(program.input_slots[i], lane) = inputs[i][draw];
      }
    }
    kernel.start(machine.frame);
    for (size_t lane = 0; lane < lanes && first + lane < draws; ++lane) {
      for (const ir::Output& output : program.outputs) machine.record(output.array, lane, all);
    }
  }
  return all;
}

long first_difference(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return static_cast<long>(std::min(a.size(), b.size()));
  for (size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) && std::isnan(b[i])) continue;
    if (std::bit_cast<uint64_t>(a[i]) != std::bit_cast<uint64_t>(b[i])) return static_cast<long>(i);
  }
  return -1;
}

// ---------------------------------------------------------------- random programs

namespace {

class Maker {
 public:
  explicit Maker(uint64_t seed) : random_(seed) {}

  ir::Program make() {
    p_.clock.start = 2;
    p_.clock.step = 0.25;
    p_.clock.steps = 5;
    const bool stages = whole(0, 1) == 1;
    p_.clock.method = stages ? model::Clock::Method::kRk4 : model::Clock::Method::kEuler;
    make_arrays(stages);
    make_tables();
    fill(p_.draw, {run_, inputs_}, draw_, 3);
    set_states();
    Scope scope;
    fill(p_.step, {run_, times_, inputs_, draw_, states_, previous_}, step_, 8, &scope);
    set_rates();
    p_.step_tail = static_cast<uint32_t>(p_.step.code.size());
    write_tail();
    gather(scope);
    fill(p_.finish, {run_, draw_, states_, step_, gathered_}, answers_, 2);
    choose_outputs();
    return std::move(p_);
  }

 private:
  using Arrays = std::vector<ir::ArrayId>;

  struct Scope {
    std::vector<ValueId> values;
    std::vector<ir::LoopId> loops;
  };

  int whole(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  template <class List>
  const auto& any(const List& list) {
    return list[static_cast<size_t>(whole(0, static_cast<int>(list.size()) - 1))];
  }

  Arrays arrays(Rank rank, std::initializer_list<uint32_t> sizes) {
    Arrays made;
    for (uint32_t size : sizes) made.push_back(add_array(p_, rank, size));
    return made;
  }

  void make_arrays(bool stages) {
    run_ = arrays(Rank::kRun, {1, 4, 3});
    times_ = arrays(Rank::kTime, {1, 3});
    inputs_ = arrays(Rank::kDraw, {1, 1, 5});
    for (ir::ArrayId array : inputs_) {
      for (uint32_t e = 0; e < p_[array].size; ++e) p_.input_slots.push_back(p_[array].slot + e);
    }
    draw_ = arrays(Rank::kDraw, {1, 3});
    p_.state_slot = p_.tile_slots;
    states_ = arrays(Rank::kStep, {1, 3, 1});
    p_.states = p_.tile_slots - p_.state_slot;
    p_.rate_slot = p_.tile_slots;
    rates_ = arrays(Rank::kStep, {1, 3, 1});
    if (stages) {
      p_.base_slot = std::exchange(p_.tile_slots, p_.tile_slots + p_.states);
      p_.sum_slot = std::exchange(p_.tile_slots, p_.tile_slots + p_.states);
    }
    step_ = arrays(Rank::kStep, {1, 1, 1, 4, 2, 1});
    previous_ = arrays(Rank::kStep, {1, 2});
    next_ = arrays(Rank::kStep, {1, 2});
    const bool moves = whole(0, 1) == 1;
    for (size_t i = 0; i < next_.size() && moves; ++i) p_.moves.push_back({previous_[i], next_[i]});
    gathered_ = arrays(Rank::kStep, {1, 1, 1});
    answers_ = arrays(Rank::kDraw, {1, 1});
    p_.run_data = {0};
    while (p_.run_data.size() < p_.run_slots) {
      p_.run_data.push_back(input_value(p_.run_data.size(), 77));
    }
    p_.noises = {{11, false}, {12, true}};
    p_.histories = {{"delay", 3, 1, 0}, {"behind", 2, 2, 3}};
    p_.history_slots = 7;
  }

  void make_tables() {
    for (int i = 0; i < 3; ++i) {
      model::Table table;
      double x = whole(-3, 0);
      for (int n = any(std::vector<int>{2, 5, 9, 14, 30}); n > 0; --n) {
        table.x.push_back(x);
        table.y.push_back(whole(-40, 40) * 0.125);
        x += i == 0 ? 0.5 : whole(1, 9) * 0.1;
      }
      table.beyond = static_cast<model::Table::Beyond>(whole(0, 2));
      p_.tables.push_back(table);
    }
  }

  // Some access that stays inside the array: fixed, or along the loops around.
  Access access(ir::ArrayId array, const Scope& scope, bool load) {
    const uint32_t size = p_[array].size;
    Access a{array, 0, {}};
    uint32_t room = size;  // elements that further terms may add
    for (ir::LoopId loop : scope.loops) {
      const uint32_t extent = p_[loop].extent;
      if (whole(0, 3) == 0 || room < 2) continue;
      if (extent <= room && whole(0, 1) == 0) {
        a.terms.push_back({loop, 1, {}});
        room -= extent > 0 ? extent - 1 : 0;
      } else {
        ir::Term term{loop, 1, {}};
        for (uint32_t i = 0; i < std::max(extent, 1u); ++i) {
          term.map.push_back(load && whole(0, 4) == 0 ? -1 : whole(0, static_cast<int>(room) - 1));
        }
        a.terms.push_back(term);
        room = 1;
      }
    }
    a.offset = static_cast<uint32_t>(whole(0, static_cast<int>(room) - 1));
    return a;
  }

  ValueId value(Writer& w, Scope& scope) {
    return scope.values.empty() ? w.constant(1.5) : any(scope.values);
  }

  ValueId expression(Writer& w, Scope& scope, const Arrays& readable) {
    const int kind = whole(0, 20);
    if (kind == 20) return choice(w, scope, readable, 0);
    if (kind < 6) return w.load(access(any(readable), scope, true));
    if (kind == 6) return w.constant(whole(-8, 8) * 0.25);
    if (kind == 7) return w.op(whole(0, 1) ? Code::kTimeNow : Code::kStepTime);
    if (kind == 8 && !scope.loops.empty()) {
      ir::Inst inst{Code::kOrdinal};
      inst.loop = any(scope.loops);
      return w.add(inst);
    }
    if (kind == 9) return w.lookup(static_cast<size_t>(whole(0, 2)), value(w, scope));
    if (kind < 12) {
      const auto code = static_cast<Code>(whole(0, static_cast<int>(Code::kNot)));
      return w.op(code, value(w, scope));
    }
    if (kind == 12) {
      const ValueId a = value(w, scope), b = value(w, scope), c = value(w, scope);
      return w.op(Code::kSelect, a, b, c);
    }
    const auto code =
        static_cast<Code>(whole(static_cast<int>(Code::kAdd), static_cast<int>(Code::kOr)));
    const ValueId a = value(w, scope), b = value(w, scope);
    return w.op(code, a, b);
  }

  // Between two sides, each with work of its own, by a number that is mostly the same for all
  // draws.
  ValueId choice(Writer& w, Scope& scope, const Arrays& readable, int depth) {
    const Arrays deciders = {run_[0], run_[1], times_[0], times_[1], step_[0]};
    const ValueId condition = w.load(access(any(deciders), scope, true));
    const ValueId yes = side(w, scope, readable, depth), no = side(w, scope, readable, depth);
    return w.op(Code::kSelect, condition, yes, no);
  }

  ValueId side(Writer& w, Scope& scope, const Arrays& readable, int depth) {
    Scope own = scope;
    for (int i = whole(0, 3); i > 0; --i) {
      const bool inner = depth < 2 && whole(0, 3) == 0;
      own.values.push_back(inner ? choice(w, own, readable, depth + 1)
                                 : w.lookup(static_cast<size_t>(whole(0, 2)), value(w, own)));
      own.values.push_back(expression_of(w, own, readable));
    }
    const ValueId last = value(w, own);
    if (whole(0, 3) == 0) scope.values.push_back(value(w, own));
    return last;
  }

  ValueId expression_of(Writer& w, Scope& scope, const Arrays& readable) {
    if (whole(0, 1) == 0) return w.load(access(any(readable), scope, true));
    const ValueId a = value(w, scope);
    return w.op(Code::kAdd, a, scope.values.empty() ? a : scope.values.back());
  }

  void device(Writer& w, Scope& scope, const Arrays& readable) {
    switch (whole(0, 2)) {
      case 0: {
        Access initial = access(readable.back(), scope, true);
        initial.array = any(Arrays{states_[1], run_[2], draw_[1]});  // three elements each
        initial.offset = 0;
        if (initial.terms.size() > 1 || (!initial.terms.empty() && !fits(initial.terms[0], 3)))
          initial.terms.clear();
        const ValueId duration = value(w, scope);
        scope.values.push_back(w.at(Code::kDelayRead, initial, 0, duration));
        return;
      }
      case 1: {
        const ValueId leader = value(w, scope), follower = value(w, scope);
        scope.values.push_back(w.at(Code::kBehind, element(states_[0], 0), 1, leader, follower));
        return;
      }
      default:
        scope.values.push_back(w.at(Code::kNoise, access(any(inputs_), scope, true),
                                    static_cast<uint32_t>(whole(0, 1))));
    }
  }

  bool fits(const ir::Term& term, uint32_t size) const {
    if (term.map.empty()) return p_[term.loop].extent <= size;
    return std::all_of(term.map.begin(), term.map.end(),
                       [&](int32_t to) { return to < static_cast<int>(size); });
  }

  void statements(Writer& w, Scope scope, const Arrays& readable, const Arrays& writable, int count,
                  bool devices, Scope* result = nullptr) {
    for (int i = 0; i < count; ++i) {
      const int kind = whole(0, 9);
      if (kind < 5) {
        scope.values.push_back(expression(w, scope, readable));
      } else if (kind < 7 && !writable.empty()) {
        const ValueId v = value(w, scope);
        w.store(access(any(writable), scope, false), v);
      } else if (kind == 7 && devices) {
        device(w, scope, readable);
      } else if (kind == 8 && scope.loops.size() < 2) {
        bracket(w, scope, readable, writable, devices, false);
      } else if (kind == 9 && scope.loops.size() < 2) {
        bracket(w, scope, readable, writable, devices, true);
      }
    }
    if (result != nullptr) *result = scope;
  }

  void bracket(Writer& w, Scope& scope, const Arrays& readable, const Arrays& writable,
               bool devices, bool reduce) {
    const auto extent = static_cast<uint32_t>(any(std::vector<int>{0, 1, 2, 3, 5}));
    const auto kind = static_cast<model::ReduceKind>(whole(0, 5));
    const ir::LoopId loop = w.open(reduce ? Code::kReduce : Code::kLoop, extent, kind);
    Scope inner = scope, after;
    inner.loops.push_back(loop);
    statements(w, inner, readable, writable, whole(2, 8), devices, &after);
    if (reduce) {
      const ValueId last = value(w, after);
      scope.values.push_back(w.close(Code::kEndReduce, loop, kind, last));
    } else {
      w.close(Code::kEndLoop, loop);
    }
  }

  void fill(ir::Block& block, const std::vector<Arrays>& from, const Arrays& writable, int rounds,
            Scope* result = nullptr) {
    Arrays readable = writable;
    for (const Arrays& arrays : from) readable.insert(readable.end(), arrays.begin(), arrays.end());
    Writer w(p_, block);
    const bool step = &block == &p_.step;
    Scope scope;
    for (int i = 0; i < rounds; ++i) {
      statements(w, scope, readable, writable, 6, step, &scope);
      w.store(access(any(writable), scope, false), value(w, scope));
    }
    if (result != nullptr) *result = scope;
  }

  void set_states() {
    Writer w(p_, p_.initial);
    w.store(element(states_[2]), w.constant(-0.0));
    for (const Arrays& list : {Arrays{states_[0], states_[1]}, previous_}) {
      for (ir::ArrayId array : list) {
        for (uint32_t e = 0; e < p_[array].size; ++e) {
          w.store(element(array, e), w.load(element(inputs_[2], (e + array.index) % 5)));
        }
      }
    }
  }

  void set_rates() {
    Writer w(p_, p_.step);
    const Arrays from = {step_[0], step_[3], draw_[0], states_[0]};
    for (ir::ArrayId array : rates_) {
      for (uint32_t e = 0; e < p_[array].size; ++e) {
        const ir::ArrayId source = any(from);
        w.store(element(array, e), w.load(element(source, e % p_[source].size)));
      }
    }
  }

  void write_tail() {
    Writer w(p_, p_.step);
    for (ir::ArrayId array : next_) {
      for (uint32_t e = 0; e < p_[array].size; ++e) {
        const ValueId sum =
            w.op(Code::kAdd, w.load(element(previous_[0])), w.load(element(step_[3], e)));
        w.store(element(array, e), sum);
      }
    }
    const ir::LoopId loop = w.open(Code::kLoop, 3);
    Access each{states_[1], 0, {{loop, 1, {}}}};
    w.at(Code::kDelayWrite, each, 0, w.load(each));
    w.close(Code::kEndLoop, loop);
  }

  // Brackets that run at some times only, with values made long before and in them.
  void gather(const Scope& outside) {
    Writer w(p_, p_.step);
    for (ir::ArrayId array : gathered_) {
      const ir::LoopId when = w.open(Code::kLoop, 1);
      const ir::ArrayId condition = any(Arrays{run_[0], run_[1], times_[0], times_[1]});
      p_.accesses.push_back(element(condition, p_[condition].size - 1));
      p_.loops[when.index].when = ir::AccessId(p_.accesses.size() - 1);
      Scope scope = outside;
      statements(w, scope, {step_[0], step_[3], draw_[0], array}, {}, 5, false, &scope);
      w.store(element(array), w.op(Code::kAdd, w.load(element(array)), value(w, scope)));
      w.close(Code::kEndLoop, when);
    }
  }

  void choose_outputs() {
    for (const Arrays* list : {&states_, &step_, &rates_, &next_, &draw_}) {
      for (ir::ArrayId array : *list) {
        if (whole(0, 2) == 0) p_.outputs.push_back({{}, array});
      }
    }
    p_.outputs.push_back({{}, states_[1]});
    p_.measures = answers_;
  }

  ir::Program p_;
  std::mt19937_64 random_;
  Arrays run_, times_, inputs_, draw_, states_, rates_, step_, previous_, next_, gathered_,
      answers_;
};

}  // namespace

ir::Program random_program(uint64_t seed) { return Maker(seed).make(); }

}  // namespace headrace::code
