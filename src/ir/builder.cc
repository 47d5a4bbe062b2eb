#include "ir/builder.h"

#include <bit>
#include <cmath>
#include <limits>

#include "base/check.h"

namespace headrace::ir {

namespace {

// The exact operations, as model/ops.def defines them.
std::optional<double> compute(Code code, double a, double b, double c) {
  switch (code) {
    case Code::kNegate:
      return -a;
    case Code::kAbs:
      return std::fabs(a);
    case Code::kSqrt:
      return std::sqrt(a);
    case Code::kFloor:
      return std::floor(a);
    case Code::kCeil:
      return std::ceil(a);
    case Code::kTrunc:
      return std::trunc(a);
    case Code::kNot:
      return a == 0 ? 1 : 0;
    case Code::kAdd:
      return a + b;
    case Code::kSubtract:
      return a - b;
    case Code::kMultiply:
      return a * b;
    case Code::kDivide:
      return a / b;
    case Code::kMin:
      return a < b || a != a ? a : b;
    case Code::kMax:
      return a > b || a != a ? a : b;
    case Code::kLess:
      return a < b;
    case Code::kLessEqual:
      return a <= b;
    case Code::kEqual:
      return a == b;
    case Code::kNotEqual:
      return a != b;
    case Code::kAnd:
      return a != 0 && b != 0;
    case Code::kOr:
      return a != 0 || b != 0;
    case Code::kSelect:
      return a != 0 ? b : c;
    default:
      return std::nullopt;
  }
}

bool is_elementwise(Code code) { return code < Code::kConstant; }

}  // namespace

ValueId Builder::add(Inst inst) {
  block_.code.push_back(inst);
  return ValueId(block_.code.size() - 1);
}

ValueId Builder::find_or_add(Inst inst, uint64_t version) {
  const Key key{inst.code,
                inst.a.index,
                inst.b.index,
                inst.c.index,
                std::bit_cast<uint64_t>(inst.number) ^ (version << 1),
                inst.access.valid() ? inst.access.index : inst.loop.index,
                inst.table.valid() ? inst.table.index : inst.index};
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    if (auto found = scope->values.find(key); found != scope->values.end()) return found->second;
  }
  const ValueId value = add(inst);
  scopes_.back().values.emplace(key, value);
  return value;
}

AccessId Builder::intern(const Access& access) {
  std::vector<int64_t> key{access.array.index, access.offset};
  for (const Term& term : access.terms) {
    key.push_back(term.loop.index);
    key.push_back(term.stride);
    key.push_back(static_cast<int64_t>(term.map.size()));
    key.insert(key.end(), term.map.begin(), term.map.end());
  }
  auto [found, is_new] = accesses_.try_emplace(std::move(key), AccessId(program_.accesses.size()));
  if (is_new) program_.accesses.push_back(access);
  return found->second;
}

std::optional<double> Builder::known(ValueId value) const {
  if (!value.valid()) return std::nullopt;
  const Inst& inst = block_.code[value.index];
  if (inst.code != Code::kConstant) return std::nullopt;
  return inst.number;
}

ValueId Builder::constant(double value) {
  return find_or_add({.code = Code::kConstant, .number = value});
}

ValueId Builder::simple(Code code) { return find_or_add({.code = code}); }

ValueId Builder::ordinal(LoopId loop) {
  return find_or_add({.code = Code::kOrdinal, .loop = loop});
}

std::optional<ValueId> Builder::fold(Code code, ValueId a, ValueId b, ValueId c) {
  const auto x = known(a), y = known(b), z = known(c);
  const bool all_known = x && (y || !b.valid()) && (z || !c.valid());
  if (all_known) {
    if (auto value = compute(code, *x, y.value_or(0), z.value_or(0))) return constant(*value);
  }
  if (code == Code::kMultiply && y == 1.0) return a;
  if (code == Code::kMultiply && x == 1.0) return b;
  if (code == Code::kDivide && y == 1.0) return a;
  if (code == Code::kSelect && x) return *x != 0 ? b : c;
  if (code == Code::kSelect && b == c) return b;
  // Small whole powers by multiplication: exact or nearer than the general power.
  if (code == Code::kPower && y == 1.0) return a;
  if (code == Code::kPower && y == 2.0) return apply(Code::kMultiply, a, a);
  if (code == Code::kPower && y == -1.0) return apply(Code::kDivide, constant(1), a);
  return std::nullopt;
}

ValueId Builder::apply(Code code, ValueId a, ValueId b, ValueId c) {
  CHECK(is_elementwise(code));
  if (auto folded = fold(code, a, b, c)) return *folded;
  return find_or_add({.code = code, .a = a, .b = b, .c = c});
}

ValueId Builder::lookup(TableId table, ValueId input) {
  return find_or_add({.code = Code::kLookup, .a = input, .table = table});
}

ValueId Builder::load(const Access& access) {
  if (access.terms.empty()) {
    auto found = stored_.find({access.array.index, access.offset});
    if (found != stored_.end()) return found->second;
  }
  const uint64_t version = versions_[access.array.index];
  return find_or_add({.code = Code::kLoad, .access = intern(access)}, version);
}

void Builder::store(const Access& access, ValueId value) {
  add({.code = Code::kStore, .a = value, .access = intern(access)});
  const uint32_t array = access.array.index;
  ++versions_[array];
  if (access.terms.empty() && at_top()) {
    stored_[{array, access.offset}] = value;
  } else {
    forget(access.array);
  }
}

// What was stored to the array is no longer known.
void Builder::forget(ArrayId array) {
  stored_.erase(stored_.lower_bound({array.index, 0}), stored_.lower_bound({array.index + 1, 0}));
}

void Builder::array_call(const Access& first, ArrayCall call) {
  add({.code = Code::kArrayCall,
       .access = intern(first),
       .index = static_cast<uint32_t>(program_.calls.size())});
  program_.calls.push_back(std::move(call));
  ++versions_[first.array.index];
  forget(first.array);
}

ValueId Builder::delay_read(const Access& initial, uint32_t history, ValueId duration) {
  return find_or_add(
      {.code = Code::kDelayRead, .a = duration, .access = intern(initial), .index = history});
}

void Builder::delay_write(const Access& element, uint32_t history, ValueId value) {
  add({.code = Code::kDelayWrite, .a = value, .access = intern(element), .index = history});
}

ValueId Builder::behind(const Access& element, uint32_t history, ValueId leader, ValueId follower) {
  return add({.code = Code::kBehind,
              .a = leader,
              .b = follower,
              .access = intern(element),
              .index = history});
}

ValueId Builder::noise(const Access& element, uint32_t noise) {
  return find_or_add({.code = Code::kNoise, .access = intern(element), .index = noise});
}

LoopId Builder::open_loop(uint32_t extent) {
  const LoopId loop(program_.loops.size());
  program_.loops.push_back({extent});
  add({.code = Code::kLoop, .loop = loop});
  scopes_.push_back({{}, loop, {}});
  return loop;
}

LoopId Builder::open_when(ArrayId condition) {
  CHECK(at_top());
  const LoopId loop = open_loop(1);
  program_.loops[loop.index].when = intern({condition, 0, {}});
  return loop;
}

void Builder::close_loop() { close(Code::kEndLoop, {}); }

LoopId Builder::open_reduce(uint32_t extent, model::ReduceKind kind) {
  const LoopId loop(program_.loops.size());
  program_.loops.push_back({extent});
  add({.code = Code::kReduce, .loop = loop, .reduce = kind});
  scopes_.push_back({{}, loop, kind});
  return loop;
}

ValueId Builder::close_reduce(ValueId value) { return close(Code::kEndReduce, value); }

ValueId Builder::close(Code code, ValueId value) {
  CHECK(scopes_.size() > 1);
  const Scope scope = std::move(scopes_.back());
  scopes_.pop_back();
  return add({.code = code, .a = value, .loop = scope.loop, .reduce = scope.reduce});
}

}  // namespace headrace::ir
