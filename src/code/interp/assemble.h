// From a block of a program to steps that a machine executes one after the other.
//
// A step is one strip over a row of lanes, or something rarer. What the translation saves, against
// one strip for each instruction with a result row each:
//
//   loads      of rows are operands in place, unless the row is written before its last use
//   stores     of a fresh value let the value be computed into the array, unless the array is
//              touched in between
//   pairs      of arithmetic operations of which the first is used once are one strip; so are a
//              comparison and the select that uses it
//   sharing    what is the same for all lanes is computed once, in rows of kSharedWidth
//   rows       for the remaining values are handed out by linear scan over the last uses (Poletto
//              and Sarkar 1999); a value that a loop uses but does not make lives to its end
//
// The order of operations on each number stays that of the program, so no bit changes.
#pragma once

#include <cstdint>
#include <vector>

#include "code/interp/strips.h"
#include "ir/program.h"

namespace headrace::code {

enum class Space : uint8_t {
  kTile,      // Frame::tile
  kScratch,   // rows of lanes for values
  kShared,    // rows of kSharedWidth: values that all lanes share
  kConstant,  // the same, fixed
  kRun,       // Frame::run, one number each
  kTime,      // the row of Frame::time at this step
};
inline constexpr size_t kSpaces = 6;

inline constexpr uint32_t kNone = UINT32_MAX;

// Where an operand is: base of the space + offset, or an address that loops change.
struct Place {
  Space space = Space::kTile;
  uint32_t address = kNone;
  size_t offset = 0;  // in doubles
};

struct Address {
  const ir::Access* access = nullptr;
  size_t slot = 0;
  size_t row = 1;  // doubles from one element to the next
};

struct Step {
  enum class Kind : uint8_t {
    kStrip,
    kLookup,      // table, in[0]
    kBroadcast,   // out := in[0], one number, kSharedWidth times
    kOrdinal,     // out := the ordinal of `loop`
    kPutShared,   // out, one number := in[0]
    kLoop,        // `loop` starts; `target` when its extent is 0
    kEndLoop,     // `loop` goes on at `target`
    kDelayRead,   // in: initial values, duration
    kDelayWrite,  // in: value
    kBehind,      // in: leader, follower
    kNoise,
    kArrayCall,  // `index`: of Routine::calls
    kCheck,      // in[0] was stored: for tracing
  };
  Kind kind = Kind::kStrip;
  bool moving = false;  // some place has an address
  uint32_t n = 0;       // width of the row
  Strip strip = nullptr;
  Place out, in[4];
  uint32_t loop = kNone, target = 0;
  uint32_t index = 0;        // table, history or noise
  uint32_t element = kNone;  // address whose element a device works on
};

// One number to be spread before the block runs.
struct Spread {
  uint32_t from = 0;  // slot of the run or the time space
  uint32_t to = 0;    // shared row
};

// A function of whole slices: where each begins, and the shapes for headrace_array.
struct SliceCall {
  std::vector<Place> slabs;
  std::vector<uint64_t> shape;
};

// Shared rows that are always there.
inline constexpr uint32_t kTimeNowRow = 0, kStepTimeRow = 1, kFirstSharedRow = 2;

struct Routine {
  std::vector<Step> steps;
  size_t tail = 0;  // of the step block: the first step of its tail
  std::vector<Address> addresses;
  std::vector<SliceCall> calls;
  std::vector<double> constants;  // [.][kSharedWidth]
  std::vector<Spread> run, time;
  uint32_t scratch_rows = 0, shared_rows = kFirstSharedRow;
};

struct AssembleOptions {
  const StripSet* strips = nullptr;
  size_t lanes = kSharedWidth;
  bool shared_only = false;  // a run block: all is shared, and stored number by number
  bool trace = false;        // every store is a step of its own, and checked
};

// `tail` is Program::step_tail for the step block, else the length of the code. The program must
// outlive the routine.
Routine assemble(const ir::Program& program, const ir::Block& block, size_t tail,
                 const AssembleOptions& options);

}  // namespace headrace::code
