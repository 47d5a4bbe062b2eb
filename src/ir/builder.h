#pragma once

// Writes the instructions of one block. Equal computations are written once: an instruction
// that stands already in the same or an enclosing bracket is reused (value numbering), a load after
// a store of the same element gives the stored value, and what is known is folded. Folding uses
// only operations that IEEE 754 defines exactly, so it changes no bit.

#include <map>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "ir/program.h"

namespace headrace::ir {

class Builder {
 public:
  Builder(Program& program, Block& block) : program_(program), block_(block), scopes_(1) {}

  ValueId constant(double value);
  ValueId simple(Code code);  // kTimeNow, kStepTime
  ValueId ordinal(LoopId loop);
  ValueId apply(Code code, ValueId a, ValueId b = {}, ValueId c = {});
  ValueId lookup(TableId table, ValueId input);
  ValueId load(const Access& access);
  void store(const Access& access, ValueId value);
  ValueId delay_read(const Access& initial, uint32_t history, ValueId duration);
  void delay_write(const Access& element, uint32_t history, ValueId value);
  ValueId behind(const Access& element, uint32_t history, ValueId leader, ValueId follower);
  ValueId noise(const Access& element, uint32_t noise);
  // Fills elements of the result's array from `first` on.
  void array_call(const Access& first, ArrayCall call);
  AccessId intern(const Access& access);

  LoopId open_loop(uint32_t extent);
  LoopId open_when(ArrayId condition);  // see Loop; closed as a loop is
  void close_loop();
  LoopId open_reduce(uint32_t extent, model::ReduceKind kind);
  ValueId close_reduce(ValueId value);

  // The number that a value is known to be.
  std::optional<double> known(ValueId value) const;

  bool at_top() const { return scopes_.size() == 1; }
  size_t size() const { return block_.code.size(); }
  Block& block() { return block_; }

 private:
  using Key = std::tuple<Code, uint32_t, uint32_t, uint32_t, uint64_t, uint32_t, uint32_t>;
  struct Scope {
    std::map<Key, ValueId> values;
    LoopId loop;
    model::ReduceKind reduce{};
  };

  ValueId add(Inst inst);  // always writes
  ValueId find_or_add(Inst inst, uint64_t version = 0);
  void forget(ArrayId array);
  std::optional<ValueId> fold(Code code, ValueId a, ValueId b, ValueId c);
  ValueId close(Code code, ValueId value);

  Program& program_;
  Block& block_;
  std::vector<Scope> scopes_;
  std::map<std::vector<int64_t>, AccessId> accesses_;
  std::unordered_map<uint32_t, uint64_t> versions_;  // of each array's contents: stores so far
  // Values stored outside all loops, by array and element, while they are still the contents.
  std::map<std::pair<uint32_t, uint32_t>, ValueId> stored_;
};

}  // namespace headrace::ir
