#pragma once

// The work of lower(): one object for one program. Each block has a context that knows what its
// code has computed so far. An expression that changes less often than its block is computed in the
// block of its own rank and read back (hoisting).

#include <functional>
#include <map>
#include <unordered_map>
#include <vector>

#include "ir/analysis.h"
#include "ir/builder.h"
#include "ir/lower.h"

namespace headrace::ir {

// What an index of the model stands for at the moment: a loop's ordinal, or one fixed ordinal.
struct Place {
  LoopId loop;  // invalid: fixed
  uint32_t ordinal = 0;
};

// A reduction that stands computed ahead of the loops that are open.
struct Ahead {
  ValueId value;                        // without indexes
  ArrayId array;                        // else one place for each of their ordinals
  std::vector<model::IndexId> indexes;  // that it hangs on
};

struct Context {
  Context(Program& program, Block& block, bool hoists)
      : builder(program, block), rank(block.rank), hoists(hoists) {}

  Builder builder;
  Rank rank;
  bool hoists;
  std::unordered_map<uint32_t, ValueId> scalars;     // variables computed in this block
  std::unordered_map<model::IndexId, Place> places;  // indexes bound now
  std::map<model::ExprId, Ahead> ahead;              // for the piece at hand
};

class Lowering {
 public:
  Lowering(const model::Model& model, const LowerOptions& options, bool time_table);
  Program run();

 private:
  // lower.cc: the blocks in turn.
  void lower_shared(Rank rank);
  void lower_initial();
  void lower_step();
  void lower_outputs();
  void lower_finish();

  // lower_expr.cc
  ValueId emit(model::ExprId expr, Context& context);
  ValueId emit_load(const model::Load& load, Context& context);
  ValueId read_device(VarId id, const Access& element, Context& context);
  ValueId emit_reduce(const model::Reduce& reduce, Context& context);
  ValueId hoist(model::ExprId expr, Rank rank, Context& context);
  size_t extent_of(const std::vector<model::IndexId>& indexes) const;
  ArrayId tabulate(const char* name, model::ExprId expr, const std::vector<model::IndexId>& indexes,
                   Context& context);
  Access access_of(ArrayId array, const std::vector<model::IndexId>& indexes,
                   const Context& context) const;
  Access subscripted(ArrayId array, const model::Load& load, const Context& context,
                     bool& outside) const;
  ArrayId positions_of(model::IndexId index);
  ArrayId scratch_for(Rank rank, ValueId value);
  ValueId read_scratch(Rank rank, ValueId value, Context& context);

  // lower_piece.cc
  using Pieces = std::vector<model::Piece>;
  void emit_item(const model::ScheduleItem& item, const Pieces& pieces, Context& context);
  // Opens loops over a piece's elements, calls body(access of the element in `array`), closes them.
  void for_piece(const model::Piece& piece, const std::vector<uint32_t>& ordinals, ArrayId array,
                 VarId variable, Context& context, const std::function<void(const Access&)>& body);
  ValueId keep_over_stages(ValueId value, const Access& access);
  void emit_behind(const model::ScheduleItem& item, Context& context);

  // lower_ahead.cc
  void find_ahead(model::ExprId expr, std::vector<model::IndexId>& around, const Context& context,
                  std::vector<model::ExprId>& found) const;
  void emit_ahead(model::ExprId expr, const std::vector<model::IndexId>& indexes, Context& context);
  ValueId read_ahead(const Ahead& ahead, Context& context);

  // lower_array.cc
  void emit_array_call(const model::ScheduleItem& item, const model::Piece& piece,
                       Context& context);
  Slab slab(const model::Slice& slice, Context& context);
  std::optional<Access> in_place(const model::Slice& slice, Context& context);
  Access copied(const model::Slice& slice, uint32_t size, Context& context);
  void store_pieces(VarId variable, const Pieces& pieces, ArrayId array, Context& context);
  Access target(const model::Piece& piece, ArrayId array, VarId variable,
                const Context& context) const;

  // lower_state.cc
  void array_for_state(VarId id);
  void lower_check(const model::Check& check, ArrayId times);
  void start_states(const model::ScheduleItem& item);
  void start_tallies();
  void lower_rates();
  void lower_tail();
  void lower_tallies();
  void lower_tally(VarId id, ArrayId period);
  bool counts_by_clock(VarId id) const;
  ArrayId period_of(const model::Tally& tally);
  ValueId tally_weight(const model::Tally& tally, Builder& builder) const;

  // memory
  ArrayId array_of(VarId id);  // made when first asked for
  ArrayId make_array(std::string name, uint32_t size, Rank rank, VarId variable = {});
  uint32_t history_of(VarId id, uint32_t series);
  uint32_t size_of(VarId id) const;
  bool is_output(VarId id) const { return output_[id.index]; }
  Context& context_of(Rank rank);

  const model::Model& model_;
  const LowerOptions& options_;
  Program program_;
  std::vector<bool> sampled_, output_;
  Needs needs_;
  Ranks ranks_;
  bool time_table_;
  Context run_, time_, draw_, initial_, step_, finish_;

  std::unordered_map<uint32_t, ArrayId> arrays_;             // by variable
  std::unordered_map<uint32_t, ArrayId> durations_, nexts_;  // of delays; of previous
  std::unordered_map<uint32_t, uint32_t> histories_, noises_;
  std::unordered_map<uint32_t, ArrayId> positions_;            // by index
  std::vector<std::pair<ArrayId, std::vector<double>>> data_;  // initial contents of the run space
  std::vector<ArrayId> state_arrays_, rate_arrays_, check_times_;
  std::map<std::pair<Rank, ValueId>, ArrayId> scratch_;  // stored values of lower ranks
  std::map<model::ExprId, std::pair<ArrayId, std::vector<model::IndexId>>> hoisted_;
};

}  // namespace headrace::ir
