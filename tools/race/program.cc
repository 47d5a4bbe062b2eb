#include "program.h"

#include <fmt/format.h>

#include <cstdio>

namespace headrace::race {
namespace {

base::Result<Options> read_options(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--model" && i + 1 < count)
      options.model = words[++i];
    else if (word == "--page" && i + 1 < count)
      options.page = words[++i];
    else if (word == "--headrace" && i + 1 < count)
      options.headrace = words[++i];
    else if (word == "--update")
      options.update = true;
    else
      return base::fail(base::Error::Kind::kUsage, "unknown word " + word);
  }
  if (options.model.empty() || options.page.empty())
    return base::fail(base::Error::Kind::kUsage,
                      "usage: --model FOLDER --page FILE.md (or a folder) [--update]");
  return options;
}

}  // namespace

int run_program(std::string_view name, int count, char** words,
                base::Result<int> (*body)(const Options&)) {
  const auto options = read_options(count, words);
  const auto code = options ? body(*options) : base::Result<int>(std::unexpected(options.error()));
  if (code) return *code;
  fmt::print(stderr, "{}: {}\n", name, code.error().message);
  return 2;
}

}  // namespace headrace::race
