#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace headrace::model {

enum class Builtin : uint8_t {
#define BUILTIN(id, spelling, least, most, form) id,
#include "model/builtins.def"
#undef BUILTIN
};

enum class Form : uint8_t {
  kSame,
  kPlain,
  kOwn,
  kStateful,
  kReducer,
  kDims,
  kArray,
  kChance,
  kAnswer
};

struct BuiltinInfo {
  Builtin id;
  std::string_view spelling;
  size_t least, most;
  Form form;
};

// Null for names that are not built in.
const BuiltinInfo* find_builtin(std::string_view name);

}  // namespace headrace::model
