#pragma once

#include <expected>
#include <string>

namespace headrace::base {

// Why the world refused: a file, a socket, a foreign document. `message` is one line for the
// person at the terminal, lower case, no full stop; `kind` selects the exit code.
struct Error {
  enum class Kind { kInvalid, kNotFound, kIo, kUsage };
  Kind kind = Kind::kIo;
  std::string message;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Error::Kind kind, std::string message) {
  return std::unexpected(Error{kind, std::move(message)});
}

}  // namespace headrace::base
