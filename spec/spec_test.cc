// Runs specs and the examples of pages (page.h): `spec_test [--headrace COMMAND] [--update] FILE or
// FOLDER...`. Prints what differs and exits 1; with --update it rewrites the expected answers
// instead.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/workers.h"
#include "page.h"
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
    const fs::path kind = entry.path().extension();
    if (kind == ".spec" || kind == ".md") files.push_back(entry.path());
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

// What the commands answer otherwise than expected; "" when nothing.
std::string differences(const Spec& expected, const Spec& got) {
  std::string out;
  for (size_t i = 0; i < expected.commands.size(); ++i) {
    if (!expected.commands[i]) continue;
    const Command &a = *expected.commands[i], &b = *got.commands[i];
    std::string here;
    if (a.out != b.out) here += "    out\n" + difference(a.out, b.out);
    if (a.err != b.err) here += "    err\n" + difference(a.err, b.err);
    if (a.exit != b.exit) here += fmt::format("    exit {}, not {}\n", b.exit, a.exit);
    if (!here.empty()) out += fmt::format("  $ {}\n{}", a.line, here);
  }
  return out;
}

// A spec's name says whether a command fails; "" when it does so rightly.
std::string misnamed(const fs::path& file, const Spec& got) {
  const bool fails = std::ranges::any_of(
      got.commands, [](const auto& command) { return command && command->exit != 0; });
  const bool named_so = file.filename().string().starts_with("fail_");
  if (fails && !named_so)
    return "  a command fails, but the file's name does not begin with fail_\n";
  if (!fails && named_so) return "  the file's name begins with fail_, but no command fails\n";
  return "";
}

void rewrite(const fs::path& file, const std::string& text, const std::string& updated) {
  if (updated != text) std::ofstream(file, std::ios::binary) << updated;
}

std::string check_page(const fs::path& file, const std::string& text, const Options& options) {
  std::string why;
  const auto examples = read_page(text, why);
  if (!examples) return fmt::format("  {}\n", why);
  std::string out;
  std::vector<Spec> got;
  for (const Example& example : *examples) {
    got.push_back(run(example.spec, options.run));
    Spec expected = example.spec;
    if (options.update && example.fails)
      expected.commands.back()->err = got.back().commands.back()->err;
    if (const std::string here = differences(expected, got.back()); !here.empty())
      out += fmt::format("  line {}\n{}", example.line, here);
  }
  if (options.update) rewrite(file, text, with_answers(text, *examples, got));
  return out;
}

std::string check(const fs::path& file, const Options& options) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (file.extension() == ".md") return check_page(file, text, options);
  std::string why;
  const auto spec = parse(text, why);
  if (!spec) return fmt::format("  {}\n", why);
  const Spec got = run(*spec, options.run);
  if (!options.update) return differences(*spec, got) + misnamed(file, got);
  rewrite(file, text, print(got));
  return misnamed(file, got);
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
  fmt::print("{} files, {} failed\n", results.size(), failed);
  return failed == 0 && !results.empty() ? 0 : 1;
}

}  // namespace
}  // namespace headrace::spec

int main(int argc, char** argv) { return headrace::spec::main(argc, argv); }
