#include "code/interp/liveness.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/check.h"
#include "code/interp/strips.h"
#include "code/reduce.h"

namespace headrace::code {

namespace {

using ir::Code;
using ir::Inst;
using ir::Rank;

constexpr uint32_t kNever = UINT32_MAX;

struct Region {
  uint32_t parent = kNever;
  uint32_t open = 0;
  uint32_t close = kNever;
};

// Something that reads or writes an array: all of it, or one known element.
struct Touch {
  uint32_t at = 0;
  uint32_t element = kNever;  // kNever: unknown
};

bool may_meet(uint32_t a, uint32_t b) { return a == kNever || b == kNever || a == b; }

class Analysis {
 public:
  Analysis(const ir::Program& program, const ir::Block& block, size_t tail, bool direct_stores)
      : program_(program),
        code_(block.code),
        tail_(tail),
        direct_stores_(direct_stores),
        fates_(code_.size()) {}

  std::vector<Fate> run() {
    find_regions();
    for (uint32_t i = 0; i < code_.size(); ++i) classify(i);
    for (uint32_t i = 0; i < code_.size(); ++i) fuse(i);
    find_last_uses();
    find_touches();
    if (direct_stores_) {
      for (uint32_t i = 0; i < code_.size(); ++i) try_direct(i);
    }
    find_writes();
    for (uint32_t i = 0; i < code_.size(); ++i) try_in_place(i);
    return std::move(fates_);
  }

 private:
  template <class F>
  void for_each_operand(uint32_t i, F f) const {
    for (const ir::ValueId v : {code_[i].a, code_[i].b, code_[i].c}) {
      if (v.valid()) f(v.index);
    }
  }

  bool in_tile(const ir::Access& access) const {
    const Rank rank = program_[access.array].rank;
    return rank == Rank::kDraw || rank == Rank::kStep;
  }
  static uint32_t known_element(const ir::Access& access) {
    return access.terms.empty() ? access.offset : kNever;
  }

  void find_regions() {
    regions_ = {{kNever, 0, kNever}, {kNever, static_cast<uint32_t>(tail_), kNever}};
    uint32_t now = 0;
    for (uint32_t i = 0; i < code_.size(); ++i) {
      const Code code = code_[i].code;
      if (i == tail_) {
        CHECK(now == 0);
        now = 1;
      }
      if (code == Code::kEndLoop || code == Code::kEndReduce) {
        CHECK(regions_[now].parent != kNever);
        regions_[now].close = i;
        const uint32_t open = regions_[now].open;
        fates_[open].partner = i;
        fates_[i].partner = open;
        now = regions_[now].parent;
      }
      fates_[i].region = now;
      if (code == Code::kLoop || code == Code::kReduce) {
        regions_.push_back({now, i, kNever});
        inside_.emplace(i, static_cast<uint32_t>(regions_.size() - 1));
        now = static_cast<uint32_t>(regions_.size() - 1);
      }
    }
    CHECK(now <= 1);
  }

  // The region in which instruction i reads its operands: the end of a reduction reads inside.
  uint32_t reading_region(uint32_t i) const {
    if (code_[i].code == Code::kEndReduce) return inside_.at(fates_[i].partner);
    return fates_[i].region;
  }

  void classify(uint32_t i) {
    Fate& fate = fates_[i];
    for_each_operand(i, [&](uint32_t v) { ++fates_[v].uses; });
    const Code code = code_[i].code;
    switch (code) {
      case Code::kConstant:
      case Code::kTimeNow:
      case Code::kStepTime:
      case Code::kOrdinal:
        fate.shared = true;
        return;
      case Code::kLoad:
        fate.shared = !in_tile(program_[code_[i].access]);
        return;
      case Code::kStore:
      case Code::kLoop:
      case Code::kEndLoop:
      case Code::kReduce:
      case Code::kDelayRead:
      case Code::kDelayWrite:
      case Code::kBehind:
      case Code::kNoise:
      case Code::kArrayCall:
        return;
      default:
        fate.shared = true;
        for_each_operand(i, [&](uint32_t v) { fate.shared = fate.shared && fates_[v].shared; });
    }
  }

  bool can_be_inner(uint32_t v, uint32_t outer) const {
    const Fate& fate = fates_[v];
    return !fate.shared && fate.uses == 1 && fate.inner == kNever && fate.fused_into == kNever &&
           fate.region == reading_region(outer) && code_[v].code < Code::kConstant;
  }

  void fuse(uint32_t i) {
    if (fates_[i].shared) return;
    const Inst& inst = code_[i];
    std::array<ir::ValueId, 2> candidates;
    bool select = false;
    if (paired(inst.code) >= 0) {
      candidates = {inst.a, inst.b};
    } else if (inst.code == Code::kEndReduce &&
               paired(static_cast<Code>(combining(inst.reduce))) >= 0) {
      candidates = {inst.a, ir::ValueId()};
    } else if (inst.code == Code::kSelect) {
      candidates = {inst.a, ir::ValueId()};
      select = true;
    } else {
      return;
    }
    for (const ir::ValueId v : candidates) {
      if (!v.valid() || !can_be_inner(v.index, i)) continue;
      if ((select ? compared(code_[v.index].code) : paired(code_[v.index].code)) < 0) continue;
      fates_[i].inner = v.index;
      fates_[v.index].fused_into = i;
      return;
    }
  }

  void find_last_uses() {
    for (uint32_t i = 0; i < code_.size(); ++i) fates_[i].last_use = i;
    for (uint32_t i = 0; i < code_.size(); ++i) {
      const uint32_t reader = fates_[i].fused_into == kNever ? i : fates_[i].fused_into;
      for_each_operand(i, [&](uint32_t v) {
        uint32_t at = reader;
        for (uint32_t r = reading_region(reader); regions_[r].parent != kNever;
             r = regions_[r].parent) {
          if (regions_[r].open <= v) break;  // the value is made inside this bracket
          at = regions_[r].close;
        }
        fates_[v].last_use = std::max(fates_[v].last_use, at);
      });
    }
  }

  void find_touches() {
    loads_.resize(program_.arrays.size());
    stores_.resize(program_.arrays.size());
    for (uint32_t i = 0; i < code_.size(); ++i) {
      const Inst& inst = code_[i];
      if (inst.code == Code::kArrayCall) {
        for (const ir::Slab& slab : program_.calls[inst.index].slabs)
          loads_[program_[slab.first].array.index].push_back({i, kNever});
        stores_[program_[inst.access].array.index].push_back({i, kNever});
        continue;
      }
      if (inst.code != Code::kLoad && inst.code != Code::kStore && inst.code != Code::kDelayRead) {
        continue;
      }
      const ir::Access& access = program_[inst.access];
      auto& touches = inst.code == Code::kStore ? stores_ : loads_;
      touches[access.array.index].push_back({i, known_element(access)});
    }
  }

  // Whether the list has an entry in (after, until] that may meet the element. Long stretches are
  // not searched to the end, and count as a meeting.
  static bool touched(const std::vector<Touch>& list, uint32_t after, uint32_t until,
                      uint32_t element) {
    auto at = std::upper_bound(list.begin(), list.end(), after,
                               [](uint32_t x, const Touch& t) { return x < t.at; });
    for (int searched = 0; at != list.end() && at->at <= until; ++at, ++searched) {
      if (may_meet(at->element, element) || searched == 64) return true;
    }
    return false;
  }

  // From when on the memory of value v changes.
  uint32_t start_of(uint32_t v) const {
    return code_[v].code == Code::kEndReduce ? fates_[v].partner : v;
  }

  bool is_fresh(uint32_t v) const {
    const Code code = code_[v].code;
    return !fates_[v].shared && fates_[v].fused_into == kNever && code != Code::kLoad;
  }

  void try_direct(uint32_t i) {
    const Inst& inst = code_[i];
    if (inst.code != Code::kStore) return;
    const ir::Access& access = program_[inst.access];
    const uint32_t v = inst.a.index;
    Fate& value = fates_[v];
    if (!in_tile(access) || !is_fresh(v) || value.direct != kNever) return;
    if (value.region != fates_[i].region) return;
    const uint32_t element = known_element(access);
    const uint32_t start = start_of(v);
    const auto& loads = loads_[access.array.index];
    const auto& stores = stores_[access.array.index];
    if (touched(loads, start, i, element) || touched(stores, start, i - 1, element)) return;
    if (touched(stores, i, value.last_use, element)) return;
    // An earlier value that lives in this array must not be overwritten before its last use.
    auto& resident = residents_[access.array.index];
    for (const auto& [until, its_element] : resident) {
      if (may_meet(element, its_element) && (until > start || (until == start && start != v)))
        return;
    }
    if (resident.size() == 64) return;  // keeps the search short
    if (value.last_use > i) resident.push_back({value.last_use, element});
    value.direct = i;
  }

  void find_writes() {
    writes_.resize(program_.arrays.size());
    for (uint32_t i = 0; i < code_.size(); ++i) {
      if (code_[i].code == Code::kArrayCall)
        writes_[program_[code_[i].access].array.index].push_back({i, kNever});
      if (code_[i].code != Code::kStore) continue;
      const ir::Access& access = program_[code_[i].access];
      const uint32_t v = code_[i].a.index;
      const uint32_t at = fates_[v].direct == i ? start_of(v) : i;
      writes_[access.array.index].push_back({at, known_element(access)});
    }
    for (auto& list : writes_) {
      std::sort(list.begin(), list.end(),
                [](const Touch& x, const Touch& y) { return x.at < y.at; });
    }
  }

  // The instruction of the last use may write the array itself: strips read each lane before they
  // write it, and two elements never overlap.
  void try_in_place(uint32_t i) {
    if (code_[i].code != Code::kLoad) return;
    const ir::Access& access = program_[code_[i].access];
    if (!in_tile(access)) return;
    const uint32_t until = fates_[i].last_use == i ? i : fates_[i].last_use - 1;
    fates_[i].in_place = !touched(writes_[access.array.index], i, until, known_element(access));
  }

  const ir::Program& program_;
  const std::vector<Inst>& code_;
  size_t tail_;
  bool direct_stores_;
  std::vector<Fate> fates_;
  std::vector<Region> regions_;
  std::map<uint32_t, uint32_t> inside_;  // opening instruction -> region
  std::vector<std::vector<Touch>> loads_, stores_, writes_;
  struct Resident {
    uint32_t until, element;
  };
  std::map<uint32_t, std::vector<Resident>> residents_;
};

template <size_t n>
int position(const std::array<Op, n>& list, Code code) {
  for (size_t i = 0; i < n; ++i) {
    if (static_cast<Code>(list[i]) == code) return static_cast<int>(i);
  }
  return -1;
}

}  // namespace

int paired(Code code) { return position(kPaired, code); }
int compared(Code code) { return position(kCompared, code); }

std::vector<Fate> analyse(const ir::Program& program, const ir::Block& block, size_t tail,
                          bool direct_stores) {
  return Analysis(program, block, tail, direct_stores).run();
}

}  // namespace headrace::code
