// What only some times need is computed only then.
//
// The tail of a step gathers answers in brackets that run at some times only ("over 2025"). Much of
// the step may be there for them alone. This pass goes from the last item of the step block to the
// first; an item is an instruction outside all brackets, or a bracket. When everything that uses an
// item stands in one of those brackets, the item moves to the front of it:
//
//   a = ...                         when 2025:
//   b = f(a)               ->         a = ...
//   when 2025: s := s + b             b = f(a)
//                                     s := s + b
//
// It stays where it is when moving it could be seen: it has an effect beyond stores, somebody else
// reads or writes what it stores, or something that it reads is stored again in between. Items keep
// their order, so every number is computed from the same numbers as before.

#include <algorithm>
#include <vector>

#include "base/check.h"
#include "ir/passes/passes.h"

namespace headrace::ir {

namespace {

constexpr uint32_t kStays = UINT32_MAX, kUnused = UINT32_MAX - 1;

struct Item {
  uint32_t first = 0, last = 0;  // instructions [first, last)
  uint32_t home = kUnused;       // the item of the bracket in which all that uses it stands
  bool is_when = false;
};

bool opens(Code code) { return code == Code::kLoop || code == Code::kReduce; }
bool closes(Code code) { return code == Code::kEndLoop || code == Code::kEndReduce; }

// Code that does the same at another place, but for what it loads.
bool is_movable(Code code) {
  switch (code) {
    case Code::kDelayRead:
    case Code::kDelayWrite:
    case Code::kBehind:
    case Code::kNoise:
    case Code::kArrayCall:
      return false;
    default:
      return true;
  }
}

class Sinking {
 public:
  explicit Sinking(Program& program) : program_(program), code_(program.step.code) {}

  void run() {
    find_items();
    if (std::none_of(items_.begin(), items_.end(), [](const Item& i) { return i.is_when; })) return;
    find_touches();
    find_observed();
    for (uint32_t i = static_cast<uint32_t>(items_.size()); i-- > 0;) {
      if (!items_[i].is_when) items_[i].home = home_of(i);
      note(i);
    }
    rewrite();
  }

 private:
  void find_items() {
    item_of_.resize(code_.size());
    uint32_t depth = 0;
    for (uint32_t i = 0; i < code_.size(); ++i) {
      if (depth == 0) items_.push_back({i, i, kUnused, false});
      item_of_[i] = static_cast<uint32_t>(items_.size() - 1);
      depth += opens(code_[i].code);
      depth -= closes(code_[i].code);
      Item& item = items_.back();
      item.last = i + 1;
      item.is_when |= code_[i].code == Code::kLoop && program_[code_[i].loop].when.valid();
    }
    CHECK(depth == 0);
  }

  uint32_t array_of(const Inst& inst) const { return program_[inst.access].array.index; }

  void find_touches() {
    first_load_.resize(program_.arrays.size(), UINT32_MAX);
    load_home_.resize(program_.arrays.size(), kUnused);
    store_home_.resize(program_.arrays.size(), kUnused);
    used_by_.resize(items_.size());
    for (uint32_t i = 0; i < code_.size(); ++i) {
      const Inst& inst = code_[i];
      if (inst.code == Code::kLoad) {
        uint32_t& first = first_load_[array_of(inst)];
        first = std::min(first, item_of_[i]);
      }
      for (ValueId operand : {inst.a, inst.b, inst.c}) {
        if (!operand.valid() || item_of_[operand.index] == item_of_[i]) continue;
        used_by_[item_of_[operand.index]].push_back(item_of_[i]);
      }
    }
  }

  // Arrays that others than loads and stores of this block read or write.
  void find_observed() {
    observed_.resize(program_.arrays.size());
    auto see = [&](ArrayId array) { observed_[array.index] = true; };
    for (const Output& output : program_.outputs) see(output.array);
    for (const auto* list : {&program_.measures, &program_.claim_measures,
                             &program_.claim_conditions, &program_.checks}) {
      for (ArrayId array : *list) see(array);
    }
    for (const Move& move : program_.moves) see(move.to), see(move.from);
    for (const ArrayCall& call : program_.calls) {
      for (const Slab& slab : call.slabs) see(program_[slab.first].array);
    }
    for (const Block* block : {&program_.run, &program_.time, &program_.draw, &program_.initial,
                               &program_.step, &program_.finish}) {
      for (const Inst& inst : block->code) {
        const bool is_plain = inst.code == Code::kLoad || inst.code == Code::kStore;
        const bool is_here = block == &program_.step && is_plain;
        if (inst.access.valid() && !is_here) see(program_[inst.access].array);
      }
    }
    for (uint32_t a = 0; a < program_.arrays.size(); ++a) {
      const Array& array = program_.arrays[a];
      if (array.rank != Rank::kStep && array.rank != Rank::kDraw) continue;
      const auto overlaps = [&](uint32_t slot) {
        return array.slot < slot + program_.states && slot < array.slot + array.size;
      };
      if (overlaps(program_.state_slot) || overlaps(program_.rate_slot)) see(ArrayId(a));
    }
  }

  static uint32_t join(uint32_t a, uint32_t b) {
    if (a == kUnused) return b;
    if (b == kUnused || a == b) return a;
    return kStays;
  }

  // Where an item stands in the end.
  uint32_t place_of(uint32_t item) const {
    if (items_[item].is_when) return item;
    return items_[item].home == kUnused ? kStays : items_[item].home;
  }

  // All later items have their places.
  uint32_t home_of(uint32_t i) const {
    uint32_t home = kUnused;
    for (uint32_t user : used_by_[i]) home = join(home, place_of(user));
    for (uint32_t at = items_[i].first; at < items_[i].last; ++at) {
      const Inst& inst = code_[at];
      if (!is_movable(inst.code)) return kStays;
      if (inst.code != Code::kStore) continue;
      const uint32_t array = array_of(inst);
      // An earlier reader, or the item itself, reads what was stored a step ago.
      if (observed_[array] || first_load_[array] <= i) return kStays;
      home = join(home, join(load_home_[array], store_home_[array]));
    }
    if (home == kStays || home == kUnused) return kStays;
    for (uint32_t at = items_[i].first; at < items_[i].last; ++at) {
      if (code_[at].code != Code::kLoad) continue;
      if (join(home, store_home_[array_of(code_[at])]) != home) return kStays;
    }
    return home;
  }

  // Notes where an item reads and writes, for those before it.
  void note(uint32_t i) {
    for (uint32_t at = items_[i].first; at < items_[i].last; ++at) {
      const Inst& inst = code_[at];
      if (inst.code != Code::kLoad && inst.code != Code::kStore) continue;
      uint32_t& home = (inst.code == Code::kLoad ? load_home_ : store_home_)[array_of(inst)];
      home = join(home, place_of(i));
    }
  }

  void rewrite() {
    std::vector<std::vector<uint32_t>> guests(items_.size());  // of each bracket, in order
    for (uint32_t i = 0; i < items_.size(); ++i) {
      const uint32_t home = place_of(i);
      if (home != kStays && home != i) guests[home].push_back(i);
    }
    std::vector<uint32_t> order;
    uint32_t tail = 0;
    const auto append = [&](uint32_t first, uint32_t last) {
      for (uint32_t at = first; at < last; ++at) order.push_back(at);
    };
    for (uint32_t i = 0; i < items_.size(); ++i) {
      const Item& item = items_[i];
      if (item.first < program_.step_tail) tail = static_cast<uint32_t>(order.size());
      if (place_of(i) == kStays) append(item.first, item.last);
      if (item.first < program_.step_tail) tail = static_cast<uint32_t>(order.size());
      if (!item.is_when) continue;
      append(item.first, item.first + 1);
      for (uint32_t guest : guests[i]) append(items_[guest].first, items_[guest].last);
      append(item.first + 1, item.last);
    }
    CHECK(order.size() == code_.size());
    renumber(order, tail);
  }

  void renumber(const std::vector<uint32_t>& order, uint32_t tail) {
    std::vector<ValueId> renamed(code_.size());
    for (uint32_t at = 0; at < order.size(); ++at) renamed[order[at]] = ValueId(at);
    std::vector<Inst> code;
    for (uint32_t old : order) {
      Inst inst = code_[old];
      for (ValueId* operand : {&inst.a, &inst.b, &inst.c}) {
        if (operand->valid()) *operand = renamed[operand->index];
      }
      code.push_back(inst);
    }
    code_ = std::move(code);
    program_.step_tail = tail;
  }

  Program& program_;
  std::vector<Inst>& code_;
  std::vector<Item> items_;
  std::vector<uint32_t> item_of_;               // by instruction
  std::vector<std::vector<uint32_t>> used_by_;  // by item: other items that use its values
  std::vector<uint32_t> first_load_;            // by array: the first item that loads it
  // By array: where the items stand, of those seen so far, that load it and store to it.
  std::vector<uint32_t> load_home_, store_home_;
  std::vector<bool> observed_;  // by array
};

}  // namespace

void sink(Program& program) { Sinking(program).run(); }

}  // namespace headrace::ir
