#pragma once

// The text of a spec: prose, then files, then commands with their whole expected answers. The
// format is described in docs/testing.md.

#include <optional>
#include <string>
#include <vector>

namespace headrace::spec {

struct File {
  std::string name;  // relative, without `..`
  std::string text;
};

struct Command {
  std::string line;      // for the shell
  std::string out, err;  // whole; spaces and line breaks at the end do not count
  int exit = 0;
};

struct Spec {
  std::string prose;
  // In the order written; a command sees the files that stand above it.
  std::vector<std::optional<File>> files;  // one of the two at each place
  std::vector<std::optional<Command>> commands;
};

// Nothing when the text is not a spec; `why` says why.
std::optional<Spec> parse(const std::string& text, std::string& why);
std::string print(const Spec& spec);

// Without empty lines and spaces at the end; one line break when anything is left.
std::string trimmed(std::string text);

}  // namespace headrace::spec
