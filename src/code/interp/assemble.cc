#include "code/interp/assemble.h"

#include <algorithm>
#include <bit>
#include <map>

#include "base/check.h"
#include "code/interp/liveness.h"
#include "code/reduce.h"
#include "code/slices.h"

namespace headrace::code {

namespace {

using ir::Code;
using ir::Inst;
using ir::Rank;

// Hands out rows, the one that was given back last first: it is the likeliest to be in the cache.
class Rows {
 public:
  explicit Rows(uint32_t first) : count_(first) {}
  uint32_t take() {
    if (free_.empty()) return count_++;
    const uint32_t row = free_.back();
    free_.pop_back();
    return row;
  }
  // A row that nothing else ever uses.
  uint32_t take_new() { return count_++; }
  void give_back(uint32_t row) { free_.push_back(row); }
  uint32_t count() const { return count_; }

 private:
  uint32_t count_;
  std::vector<uint32_t> free_;
};

class Assembler {
 public:
  Assembler(const ir::Program& program, const ir::Block& block, size_t tail,
            const AssembleOptions& options)
      : program_(program),
        code_(block.code),
        tail_(tail),
        options_(options),
        lanes_(static_cast<uint32_t>(options.lanes)),
        fates_(analyse(program, block, tail, !options.trace && !options.shared_only)),
        places_(code_.size()),
        ending_(code_.size()) {}

  Routine run() {
    for (uint32_t i = 0; i < code_.size(); ++i) {
      if (i == tail_) routine_.tail = routine_.steps.size();
      translate(i);
    }
    if (tail_ >= code_.size()) routine_.tail = routine_.steps.size();
    routine_.scratch_rows = scratch_.count();
    routine_.shared_rows = shared_.count();
    for (Step& step : routine_.steps) {
      step.moving = step.out.address != kNone || step.element != kNone;
      for (const Place& place : step.in) step.moving = step.moving || place.address != kNone;
    }
    return std::move(routine_);
  }

 private:
  // ------------------------------------------------------------ places

  Place shared_row(uint32_t row) const { return {Space::kShared, kNone, row * kSharedWidth}; }
  Place scratch_row(uint32_t row) const { return {Space::kScratch, kNone, size_t{row} * lanes_}; }

  Place constant(double value) {
    const auto [at, added] =
        constants_.try_emplace(std::bit_cast<uint64_t>(value), routine_.constants.size());
    if (added) routine_.constants.insert(routine_.constants.end(), kSharedWidth, value);
    return {Space::kConstant, kNone, at->second};
  }

  // Where the element of an access is; row is how many doubles lie between two elements.
  Place element(Space space, const ir::Access& access, size_t slot, size_t row) {
    if (access.terms.empty()) return {space, kNone, (slot + access.offset) * row};
    routine_.addresses.push_back({&access, slot, row});
    return {space, static_cast<uint32_t>(routine_.addresses.size() - 1), 0};
  }
  Place array_element(ir::AccessId id) {
    const ir::Access& access = program_[id];
    const ir::Array& array = program_[access.array];
    switch (array.rank) {
      case Rank::kRun:
        return element(Space::kRun, access, array.slot, 1);
      case Rank::kTime:
        return element(Space::kTime, access, array.slot, 1);
      case Rank::kDraw:
      case Rank::kStep:
        break;
    }
    CHECK(!options_.shared_only);
    return element(Space::kTile, access, array.slot, lanes_);
  }

  // A row of its own for what instruction i makes, given back when `until` has been translated.
  Place own_row(bool shared, uint32_t until) {
    const uint32_t row = shared ? shared_.take() : scratch_.take();
    ending_[until].push_back({shared, row});
    return shared ? shared_row(row) : scratch_row(row);
  }

  Place spread(std::vector<Spread>& list, std::map<uint32_t, uint32_t>& known, uint32_t slot) {
    const auto [at, added] = known.try_emplace(slot, 0);
    if (added) {
      at->second = shared_.take_new();
      list.push_back({slot, at->second});
    }
    return shared_row(at->second);
  }

  // ------------------------------------------------------------ steps

  Step& add(Step::Kind kind, Place out, uint32_t n) {
    Step step;
    step.kind = kind;
    step.out = out;
    step.n = n;
    routine_.steps.push_back(step);
    return routine_.steps.back();
  }

  bool is_shared(ir::ValueId v) const { return fates_[v.index].shared; }

  Step& add_strip(Strip strip, Place out, bool shared, std::initializer_list<Place> in) {
    CHECK(strip != nullptr);
    Step& step = add(Step::Kind::kStrip, out, width(shared));
    step.strip = strip;
    std::copy(in.begin(), in.end(), step.in);
    return step;
  }
  uint32_t width(bool shared) const {
    return shared ? static_cast<uint32_t>(kSharedWidth) : lanes_;
  }

  // A place that says whether it is shared, for the choice of a strip's form.
  struct Input {
    Place place;
    bool shared;
  };
  Input input(ir::ValueId v) const { return {places_[v.index], is_shared(v)}; }

  // Rows with shared numbers in all lanes, for devices that know no shared operands.
  Place in_lanes(Input in, uint32_t i) {
    if (!in.shared) return in.place;
    const Place row = own_row(false, i);
    add_strip(options_.strips->copy[1], row, false, {in.place});
    return row;
  }

  // Rows of operands that end here are free for the result, since strips work in place. Devices
  // keep them to the end: they may need rows for operands of their own.
  void translate(uint32_t i) {
    const Inst& inst = code_[i];
    const Fate& fate = fates_[i];
    if (!is_device(inst.code)) release(i);
    if (fate.fused_into == kNone) translate_whole(i, inst, fate);
    release(i);
  }

  static bool is_device(Code code) { return code >= Code::kDelayRead; }

  void release(uint32_t i) {
    for (const Ending& end : ending_[i]) (end.shared ? shared_ : scratch_).give_back(end.row);
    ending_[i].clear();
  }

  // The row in which value i is made.
  Place result(uint32_t i) {
    const Fate& fate = fates_[i];
    places_[i] = fate.direct != kNone ? array_element(code_[fate.direct].access)
                                      : own_row(fate.shared, std::max(fate.last_use, i));
    return places_[i];
  }

  void translate_whole(uint32_t i, const Inst& inst, const Fate& fate) {
    switch (inst.code) {
      case Code::kConstant:
        places_[i] = constant(inst.number);
        return;
      case Code::kTimeNow:
        places_[i] = shared_row(kTimeNowRow);
        return;
      case Code::kStepTime:
        places_[i] = shared_row(kStepTimeRow);
        return;
      case Code::kOrdinal:
        add(Step::Kind::kOrdinal, result(i), width(true)).loop = inst.loop.index;
        return;
      case Code::kLoad:
        load(i, inst, fate);
        return;
      case Code::kStore:
        store(i, inst);
        return;
      case Code::kLookup: {
        const Place in = places_[inst.a.index];
        Step& step = add(Step::Kind::kLookup, result(i), width(fate.shared));
        step.in[0] = in;
        step.index = inst.table.index;
        return;
      }
      case Code::kLoop:
        begin_loop(inst.loop);
        return;
      case Code::kEndLoop:
        end_loop();
        return;
      case Code::kReduce:
        open_reduction(i, inst);
        return;
      case Code::kEndReduce:
        close_reduction(i, inst, fate);
        return;
      case Code::kDelayRead:
      case Code::kDelayWrite:
      case Code::kBehind:
      case Code::kNoise:
        device(i, inst);
        return;
      case Code::kArrayCall:
        array_call(inst);
        return;
      default:
        break;
    }
    if (inst.code == Code::kSelect) {
      select(i, inst, fate);
    } else if (is_unary(inst.code)) {
      const Place a = places_[inst.a.index];
      add_strip(options_.strips->unary[static_cast<size_t>(inst.code)], result(i), fate.shared,
                {a});
    } else {
      CHECK(is_binary(inst.code));
      binary(i, inst, fate);
    }
  }

  void binary(uint32_t i, const Inst& inst, const Fate& fate) {
    if (fate.inner != kNone) {
      const bool left = inst.a.index == fate.inner;
      add_pair(i, static_cast<size_t>(paired(inst.code)), left ? kInnerLeft : kInnerRight,
               code_[fate.inner], input(left ? inst.b : inst.a));
      return;
    }
    const Input a = input(inst.a), b = input(inst.b);
    const unsigned form = fate.shared ? 0 : a.shared | b.shared << 1;
    const size_t op = static_cast<size_t>(inst.code) - kFirstBinary;
    add_strip(options_.strips->binary[op][form], result(i), fate.shared, {a.place, b.place});
  }

  void add_pair(uint32_t i, size_t outer, Side side, const Inst& inner, Input c) {
    const Op op = kPaired[outer];
    if (op == Op::kAdd || op == Op::kMultiply) side = kInnerLeft;
    const Input a = input(inner.a), b = input(inner.b);
    const unsigned form = a.shared | b.shared << 1 | c.shared << 2;
    const Strip strip =
        options_.strips->pair[outer][static_cast<size_t>(paired(inner.code))][side][form];
    const Place out = code_[i].code == Code::kEndReduce ? places_[i] : result(i);
    add_strip(strip, out, false, {a.place, b.place, c.place});
  }

  void select(uint32_t i, const Inst& inst, const Fate& fate) {
    const Input yes = input(inst.b), no = input(inst.c);
    if (fate.inner != kNone) {
      const Inst& test = code_[fate.inner];
      const Input a = input(test.a), b = input(test.b);
      const unsigned form = a.shared | b.shared << 1 | yes.shared << 2 | no.shared << 3;
      add_strip(options_.strips->compare_select[compared(test.code)][form], result(i), false,
                {a.place, b.place, yes.place, no.place});
      return;
    }
    const Input condition = input(inst.a);
    const unsigned form = fate.shared ? 0 : condition.shared | yes.shared << 1 | no.shared << 2;
    add_strip(options_.strips->select[form], result(i), fate.shared,
              {condition.place, yes.place, no.place});
  }

  void load(uint32_t i, const Inst& inst, const Fate& fate) {
    const ir::Access& access = program_[inst.access];
    const ir::Array& array = program_[access.array];
    if (!fate.shared) {
      const Place from = array_element(inst.access);
      if (fate.in_place) {
        places_[i] = from;
      } else {
        add_strip(options_.strips->copy[0], result(i), false, {from});
      }
      return;
    }
    // Fixed elements are spread before the block runs, unless the block itself computes them.
    if (!options_.shared_only && access.terms.empty()) {
      const uint32_t slot = array.slot + access.offset;
      places_[i] = array.rank == Rank::kRun ? spread(routine_.run, run_rows_, slot)
                                            : spread(routine_.time, time_rows_, slot);
      return;
    }
    const Place from = array_element(inst.access);
    add(Step::Kind::kBroadcast, result(i), width(true)).in[0] = from;
  }

  void store(uint32_t i, const Inst& inst) {
    const Input value = input(inst.a);
    const Rank rank = program_[program_[inst.access].array].rank;
    if (options_.shared_only) {
      CHECK(rank == Rank::kRun && value.shared);
      add(Step::Kind::kPutShared, array_element(inst.access), 1).in[0] = value.place;
      return;
    }
    if (fates_[inst.a.index].direct == i) return;
    add_strip(options_.strips->copy[value.shared ? 1 : 0], array_element(inst.access), false,
              {value.place});
    if (options_.trace) {
      const Place stored = array_element(inst.access);
      Step& check = add(Step::Kind::kCheck, Place(), 1);
      check.in[0] = stored;
      check.index = program_[inst.access].array.index;
    }
  }

  // ------------------------------------------------------------ brackets

  void begin_loop(ir::LoopId loop) {
    Step& step = add(Step::Kind::kLoop, Place(), 0);
    step.loop = loop.index;
    open_.push_back(static_cast<uint32_t>(routine_.steps.size() - 1));
  }
  void end_loop() {
    const uint32_t start = open_.back();
    open_.pop_back();
    Step& step = add(Step::Kind::kEndLoop, Place(), 0);
    step.loop = routine_.steps[start].loop;
    step.target = start + 1;
    routine_.steps[start].target = static_cast<uint32_t>(routine_.steps.size());
  }

  // The accumulator is the row of the reduction's value, and starts before the loop does.
  void open_reduction(uint32_t i, const Inst& inst) {
    const uint32_t end = fates_[i].partner;
    const bool shared = fates_[end].shared;
    const Place accumulator = result(end);
    const Place start = constant(neutral(inst.reduce));
    add_strip(options_.strips->copy[1], accumulator, shared, {start});
    begin_loop(inst.loop);
  }

  void close_reduction(uint32_t i, const Inst& inst, const Fate& fate) {
    const Op op = combining(inst.reduce);
    const Input accumulator{places_[i], fate.shared};
    if (fate.inner != kNone) {
      add_pair(i, static_cast<size_t>(paired(static_cast<Code>(op))), kInnerRight,
               code_[fate.inner], accumulator);
    } else {
      const Input value = input(inst.a);
      const unsigned form = fate.shared ? 0 : value.shared << 1;
      const size_t index = static_cast<size_t>(op) - kFirstBinary;
      add_strip(options_.strips->binary[index][form], accumulator.place, fate.shared,
                {accumulator.place, value.place});
    }
    end_loop();
  }

  // ------------------------------------------------------------ devices

  void device(uint32_t i, const Inst& inst) {
    CHECK(!options_.shared_only);
    Place in[2];
    Step::Kind kind = Step::Kind::kNoise;
    if (inst.code == Code::kDelayRead) {
      kind = Step::Kind::kDelayRead;
      in[0] = initial_values(i, inst);
      in[1] = in_lanes(input(inst.a), i);
    } else if (inst.code == Code::kDelayWrite) {
      kind = Step::Kind::kDelayWrite;
      in[0] = in_lanes(input(inst.a), i);
    } else if (inst.code == Code::kBehind) {
      kind = Step::Kind::kBehind;
      in[0] = in_lanes(input(inst.a), i);
      in[1] = in_lanes(input(inst.b), i);
    }
    // The element alone, without its array: an address from slot 0 with rows of one.
    routine_.addresses.push_back({&program_[inst.access], 0, 1});
    const uint32_t element = static_cast<uint32_t>(routine_.addresses.size() - 1);
    const Place out = kind == Step::Kind::kDelayWrite ? Place() : result(i);
    Step& step = add(kind, out, lanes_);
    step.in[0] = in[0];
    step.in[1] = in[1];
    step.index = inst.index;
    step.element = element;
  }

  void array_call(const Inst& inst) {
    const ir::ArrayCall& call = program_.calls[inst.index];
    SliceCall made;
    const uint32_t lanes = options_.shared_only ? 1 : lanes_;
    made.shape = shape_of(program_, call, lanes);
    for (const ir::Slab& slab : call.slabs) made.slabs.push_back(array_element(slab.first));
    Step& step = add(Step::Kind::kArrayCall, array_element(inst.access), lanes);
    step.index = static_cast<uint32_t>(routine_.calls.size());
    routine_.calls.push_back(std::move(made));
  }

  Place initial_values(uint32_t i, const Inst& inst) {
    const Rank rank = program_[program_[inst.access].array].rank;
    const Place from = array_element(inst.access);
    if (rank == Rank::kDraw || rank == Rank::kStep) return from;
    const Place number = own_row(true, i);
    add(Step::Kind::kBroadcast, number, width(true)).in[0] = from;
    return in_lanes({number, true}, i);
  }

  struct Ending {
    bool shared;
    uint32_t row;
  };

  const ir::Program& program_;
  const std::vector<Inst>& code_;
  size_t tail_;
  const AssembleOptions& options_;
  uint32_t lanes_;
  std::vector<Fate> fates_;
  std::vector<Place> places_;
  std::vector<std::vector<Ending>> ending_;  // rows whose last use an instruction is
  Rows scratch_{0}, shared_{kFirstSharedRow};
  std::map<uint64_t, size_t> constants_;
  std::map<uint32_t, uint32_t> run_rows_, time_rows_;
  std::vector<uint32_t> open_;
  Routine routine_;
};

}  // namespace

Routine assemble(const ir::Program& program, const ir::Block& block, size_t tail,
                 const AssembleOptions& options) {
  return Assembler(program, block, tail, options).run();
}

}  // namespace headrace::code
