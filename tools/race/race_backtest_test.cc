// Is the page of the backtest that of today's model? The whole backtest takes minutes, so the page
// carries a stamp of the model's files, and while that fits there is nothing to do. Otherwise the
// first origin alone is computed again: the test fails when one of its rows has changed, and says
// what to run. With --update everything is computed, and the tables and the stamp are written; the
// prose between them is by hand.

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/hash.h"
#include "page.h"
#include "program.h"

namespace headrace::race {
namespace {

namespace fs = std::filesystem;
using base::Error;

constexpr const char* kFirst = "2023-12-31";
constexpr const char* kAll = "2023-12-31,2024-12-31,2025-06-30";

base::Result<std::string> read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return base::fail(Error::Kind::kIo, "cannot read " + path.string());
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// Of the names and the text of all files that a model can read.
base::Result<std::string> stamp_of(const std::string& model) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(model)) {
    const fs::path extension = entry.path().extension();
    if (extension == ".hr" || extension == ".csv") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  uint64_t stamp = 0;
  for (const fs::path& file : files) {
    const auto text = read(file);
    if (!text) return std::unexpected(text.error());
    stamp = base::combine(stamp, base::hash(fs::relative(file, model).string()));
    stamp = base::combine(stamp, base::hash(*text));
  }
  return fmt::format("{:016x}", stamp);
}

std::string command(const std::string& program, const std::string& model, const char* origins) {
  return fmt::format("{} backtest {} --origins {} --horizon '18 month' --format md", program, model,
                     origins);
}

base::Result<std::string> output_of(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (!pipe) return base::fail(Error::Kind::kIo, "cannot run " + command);
  std::string out;
  char buffer[4096];
  for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, n);
  if (::pclose(pipe) != 0) return base::fail(Error::Kind::kInvalid, "failed: " + command);
  return out;
}

// The lines of this origin in both tables.
std::vector<std::string> rows_of(const std::string& text, const std::string& origin) {
  std::vector<std::string> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("| " + origin + " |")) rows.push_back(line);
  }
  return rows;
}

// The table that begins with this head.
std::string table_of(const std::string& text, const std::string& head) {
  std::string out;
  std::istringstream lines(text.substr(std::min(text.size(), text.find(head))));
  for (std::string line; std::getline(lines, line) && line.starts_with("|");) out += line + "\n";
  return out;
}

base::Result<bool> update(const Options& options, const std::string& stamp) {
  const auto text = output_of(command(options.headrace, options.model, kAll));
  if (!text) return std::unexpected(text.error());
  return update_page(options.page, {{"stamp", fmt::format("<!-- {} -->\n", stamp)},
                                    {"summary", table_of(*text, "| origin | known")},
                                    {"outcomes", table_of(*text, "| origin | seen later")}});
}

base::Result<bool> check(const Options& options, const std::string& stamp) {
  const auto page = read(options.page);
  if (!page) return std::unexpected(page.error());
  if (page->find("<!-- " + stamp + " -->") != std::string::npos) return true;
  const auto text = output_of(command(options.headrace, options.model, kFirst));
  if (!text) return std::unexpected(text.error());
  const std::vector<std::string> now = rows_of(*text, kFirst), written = rows_of(*page, kFirst);
  if (now == written && !now.empty()) {
    fmt::print(
        "the model's files have changed since the page was written, its first origin has "
        "not\n");
    return true;
  }
  for (const std::string& row : now) {
    if (std::ranges::find(written, row) == written.end()) fmt::print("  now: {}\n", row);
  }
  return base::fail(
      Error::Kind::kInvalid,
      fmt::format("{} is not of today's model; run (2 minutes), then read its prose:\n"
                  "  build/race_backtest_test --headrace build/headrace --model {} "
                  "--page {} --update",
                  options.page, options.model, options.page));
}

base::Result<int> run(const Options& options) {
  const auto stamp = stamp_of(options.model);
  if (!stamp) return std::unexpected(stamp.error());
  const auto done = options.update ? update(options, *stamp) : check(options, *stamp);
  if (!done) return std::unexpected(done.error());
  return 0;
}

}  // namespace
}  // namespace headrace::race

int main(int count, char** words) {
  return headrace::race::run_program("race_backtest_test", count, words, headrace::race::run);
}
