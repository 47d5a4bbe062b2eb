#pragma once

#include <cstdint>
#include <functional>

namespace headrace::base {

// A small typed index into a vector. `Id<ExprTag>` and `Id<VariableTag>` do not mix.
// A default-made id is invalid.
template <class Tag>
struct Id {
  static constexpr uint32_t kNone = UINT32_MAX;

  uint32_t index = kNone;

  constexpr Id() = default;
  constexpr explicit Id(size_t i) : index(static_cast<uint32_t>(i)) {}

  constexpr bool valid() const { return index != kNone; }
  constexpr auto operator<=>(const Id&) const = default;
};

}  // namespace headrace::base

template <class Tag>
struct std::hash<headrace::base::Id<Tag>> {
  size_t operator()(headrace::base::Id<Tag> id) const noexcept { return id.index; }
};
