// Runs specs: `spec_test [--headrace COMMAND] [--update] FILE or FOLDER...`. Prints what differs
// and exits 1; with --update it rewrites the expected answers instead.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/workers.h"
#include "spec_file.h"
#include "spec_run.h"

namespace headrace::spec {
namespace {

namespace fs = std::filesystem;

struct Options {
  RunOptions run;
  bool update = false;
  std::vector<fs::path> files;
};

std::vector<fs::path> specs_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".spec") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// What two texts do not share: the lines between their common beginning and their common end.
std::string difference(const std::string& expected, const std::string& got) {
  const std::vector<std::string> a = lines_of(expected), b = lines_of(got);
  size_t first = 0, last = 0;
  const size_t least = std::min(a.size(), b.size());
  while (first < least && a[first] == b[first]) ++first;
  while (last < least - first && a[a.size() - 1 - last] == b[b.size() - 1 - last]) ++last;
  std::string out;
  for (size_t i = first; i < a.size() - last; ++i) out += fmt::format("      - {}\n", a[i]);
  for (size_t i = first; i < b.size() - last; ++i) out += fmt::format("      + {}\n", b[i]);
  return out;
}

// "" when the answers are as expected.
std::string complaints(const fs::path& file, const Spec& expected, const Spec& got) {
  std::string out;
  bool fails = false;
  for (size_t i = 0; i < expected.commands.size(); ++i) {
    if (!expected.commands[i]) continue;
    const Command &a = *expected.commands[i], &b = *got.commands[i];
    fails = fails || b.exit != 0;
    std::string here;
    if (a.out != b.out) here += "    out\n" + difference(a.out, b.out);
    if (a.err != b.err) here += "    err\n" + difference(a.err, b.err);
    if (a.exit != b.exit) here += fmt::format("    exit {}, not {}\n", b.exit, a.exit);
    if (!here.empty()) out += fmt::format("  $ {}\n{}", a.line, here);
  }
  const bool named_so = file.filename().string().starts_with("fail_");
  if (fails && !named_so)
    out += "  a command fails, but the file's name does not begin with fail_\n";
  if (!fails && named_so) out += "  the file's name begins with fail_, but no command fails\n";
  return out;
}

std::string check(const fs::path& file, const Options& options) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  std::string why;
  const auto spec = parse(text, why);
  if (!spec) return fmt::format("  {}\n", why);
  const Spec got = run(*spec, options.run);
  if (options.update) {
    const std::string updated = print(got);
    if (updated != text) std::ofstream(file, std::ios::binary) << updated;
    return complaints(file, got, got);
  }
  return complaints(file, *spec, got);
}

int main(int argc, char** argv) {
  Options options;
  options.run.models = fs::path(HEADRACE_SOURCE_DIR) / "models";
  options.run.headrace = fs::absolute(argv[0]).parent_path() / "headrace";
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--update") {
      options.update = true;
    } else if (word == "--headrace" && i + 1 < argc) {
      options.run.headrace = fs::absolute(argv[++i]);
    } else if (fs::is_directory(word)) {
      for (const fs::path& file : specs_below(word)) options.files.push_back(file);
    } else {
      options.files.emplace_back(word);
    }
  }
  std::vector<std::string> results(options.files.size());
  base::parallel_for(options.files.size(), 0, [&](size_t task, unsigned) {
    results[task] = check(options.files[task], options);
  });
  size_t failed = 0;
  for (size_t i = 0; i < results.size(); ++i) {
    if (results[i].empty()) continue;
    ++failed;
    fmt::print("{}\n{}", options.files[i].string(), results[i]);
  }
  fmt::print("{} specs, {} failed\n", results.size(), failed);
  return failed == 0 && !results.empty() ? 0 : 1;
}

}  // namespace
}  // namespace headrace::spec

int main(int argc, char** argv) { return headrace::spec::main(argc, argv); }
