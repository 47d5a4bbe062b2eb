#include "code/llvm/key.h"

#include <fmt/format.h>

#include <bit>

#include "base/hash.h"

namespace headrace::code {

namespace {

// Raised when generated code changes in meaning or shape.
constexpr int kCodeFormat = 11;

// Two hashes of one sequence of words, 128 bits together.
class Digest {
 public:
  void add(uint64_t word) {
    a_ = base::combine(a_, word);
    b_ = base::mix(b_ ^ (word * 0x9fb21c651e98df25u)) + std::rotl(word, 23);
  }
  void add(double x) { add(std::bit_cast<uint64_t>(x)); }
  template <class Tag>
  void add(base::Id<Tag> id) {
    add(uint64_t{id.index});
  }

  template <class List, class Body>
  void list(const List& items, Body body) {
    add(uint64_t{items.size()});
    for (const auto& item : items) body(item);
  }

  std::string text() const { return fmt::format("{:016x}{:016x}", a_, b_); }

 private:
  uint64_t a_ = 1, b_ = 2;
};

void add(Digest& d, const ir::Block& block) {
  d.list(block.code, [&](const ir::Inst& inst) {
    d.add(static_cast<uint64_t>(inst.code) | static_cast<uint64_t>(inst.reduce) << 8 |
          static_cast<uint64_t>(inst.index) << 16);
    d.add(inst.a), d.add(inst.b), d.add(inst.c);
    d.add(inst.number);
    d.add(inst.access), d.add(inst.loop), d.add(inst.table);
  });
}

void add(Digest& d, const ir::Program& p) {
  auto number = [&](uint64_t x) { d.add(x); };
  d.add(p.clock.start), d.add(p.clock.step);
  number(p.clock.steps), number(static_cast<uint64_t>(p.clock.method));
  d.list(p.arrays, [&](const ir::Array& a) {
    number(a.size), number(static_cast<uint64_t>(a.rank)), number(a.slot);
  });
  d.list(p.loops, [&](const ir::Loop& loop) { number(loop.extent), d.add(loop.when); });
  d.list(p.accesses, [&](const ir::Access& access) {
    d.add(access.array), number(access.offset);
    d.list(access.terms, [&](const ir::Term& term) {
      d.add(term.loop), number(term.stride);
      d.list(term.map, [&](int32_t to) { number(static_cast<uint32_t>(to)); });
    });
  });
  d.list(p.tables, [&](const model::Table& table) {
    number(static_cast<uint64_t>(table.beyond));
    d.list(table.x, [&](double x) { d.add(x); });
    d.list(table.y, [&](double y) { d.add(y); });
  });
  d.list(p.histories,
         [&](const ir::History& h) { number(h.size), number(h.series), number(h.slot); });
  d.list(p.noises, [&](const ir::Noise& noise) { number(noise.key), number(noise.normal); });
  d.list(p.calls, [&](const ir::ArrayCall& call) {
    number(static_cast<uint64_t>(call.function)), number(call.count);
    d.list(call.slabs, [&](const ir::Slab& slab) {
      d.add(slab.first), number(slab.rows), number(slab.columns);
    });
  });
  for (uint32_t slots : {p.run_slots, p.time_slots, p.tile_slots, p.history_slots, p.step_tail,
                         p.state_slot, p.rate_slot, p.states, p.base_slot, p.sum_slot})
    number(slots);
  for (const ir::Block* block : {&p.draw, &p.initial, &p.step, &p.finish}) add(d, *block);
  d.list(p.moves, [&](const ir::Move& move) { d.add(move.to), d.add(move.from); });
  d.list(p.outputs, [&](const ir::Output& output) { d.add(output.array); });
  for (const auto* list : {&p.measures, &p.claim_measures, &p.claim_conditions, &p.checks})
    d.list(*list, [&](ir::ArrayId array) { d.add(array); });
}

}  // namespace

std::string cache_key(const ir::Program& program, const JitOptions& options,
                      const std::string& machine) {
  Digest d;
  add(d, program);
  return fmt::format("headrace {} {} {} level {} width {} lanes {} chunk {} reciprocals {} {}",
                     HEADRACE_VERSION, kCodeFormat, machine, options.level, options.vector_width,
                     options.lanes, options.chunk_weight, options.reciprocals, d.text());
}

}  // namespace headrace::code
