#pragma once

namespace headrace::base {

// Prints where and what, asks for a report, and aborts. For our own mistakes only; wrong user
// text is a Diagnostic, a wrong world is a Result.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace headrace::base

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) [[unlikely]]                                    \
      ::headrace::base::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
