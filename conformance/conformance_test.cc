// Runs models of other tools and compares every column with the output of the tool they came from.
//
//   conformance_test --headrace PROGRAM EXPECTED.csv [--report PAGE.md]
//   conformance_test --headrace PROGRAM --round-trip ROUND_TRIP.csv
//
// A model is a file that `headrace run` reads, beside a file `output.csv` or `output.tab`, or
// `MODEL.dat`, which Vensim writes; beside an XMILE file `output_stella.csv` comes first. All
// folders below $HEADRACE_CONFORMANCE count, ../shared/conformance unless it is set. EXPECTED.csv
// names models that do not agree, with the reason; one that agrees although it stands there is a
// failure too.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <optional>

#include "compare.h"

namespace headrace::conformance {
namespace {

namespace fs = std::filesystem;

// How far models may be from the output beside them. World3's was computed in single precision.
constexpr double kTolerance = 1e-4, kWorld3Tolerance = 1e-3;
// Two formats of one model are the same equations; they carry the same digits.
constexpr double kBetweenFormats = 1e-6;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool is_model(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".xmile" || extension == ".stmx" || extension == ".mdl";
}

struct Case {
  fs::path model, output;
  std::string name;  // relative to the root
  double tolerance = 0;
};

// Nothing where no output lies beside it.
std::optional<fs::path> output_of(const fs::path& model) {
  const fs::path folder = model.parent_path();
  const fs::path stellas = folder / "output_stella.csv";
  if (model.extension() != ".mdl" && fs::exists(stellas)) return stellas;
  for (const fs::path& output :
       {folder / "output.csv", folder / "output.tab", fs::path(model).replace_extension(".dat")}) {
    if (fs::exists(output)) return output;
  }
  return std::nullopt;
}

std::vector<Case> find_cases(const fs::path& root) {
  std::vector<Case> cases;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file() || !is_model(entry.path())) continue;
    const auto output = output_of(entry.path());
    if (!output) continue;
    const fs::path name = fs::relative(entry.path(), root);
    cases.push_back({entry.path(), *output, name.string(),
                     *name.begin() == "world3" ? kWorld3Tolerance : kTolerance});
  }
  std::sort(cases.begin(), cases.end(),
            [](const Case& a, const Case& b) { return a.name < b.name; });
  return cases;
}

// In single quotes for the shell.
std::string quoted(const std::string& word) {
  std::string result = "'";
  for (const char c : word) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

// A file of data for variables without an equation, where one lies beside the model.
std::string data_option(const Case& one) {
  const fs::path data = one.model.parent_path() / "data.tab";
  return fs::exists(data) ? " --data " + quoted(data.string()) : "";
}

// What a model reads lies beside or below it, and beside or below its text.
void bring_data(const Case& one, const fs::path& scratch) {
  const fs::path folder = one.model.parent_path();
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string end = entry.path().extension().string();
    if (end != ".csv" && end != ".tab" && end != ".dat" && end != ".xlsx" && end != ".xls")
      continue;
    const fs::path to = scratch / fs::relative(entry.path(), folder);
    fs::create_directories(to.parent_path());
    fs::copy_file(entry.path(), to, fs::copy_options::overwrite_existing);
  }
}

struct Outcome {
  bool agrees = false;
  std::string says;  // columns compared, or what is wrong
  std::optional<Series> ours;
};

std::string words(const Comparison& c) {
  if (!c.missing.empty())
    return fmt::format("{} columns agree, missing: {}", c.columns, fmt::join(c.missing, ", "));
  if (c.cells == 0) return "nothing to compare";
  if (c.wrong > 0)
    return fmt::format("{} of {} cells differ, worst: {}", c.wrong, c.cells, c.worst);
  return fmt::format(
      "{} columns, {} cells{}", c.columns, c.cells,
      c.worst.empty() ? "" : fmt::format(", worst {:.1e} of the allowed", c.worst_error));
}

Outcome try_model(const std::string& program, const Case& one, const fs::path& scratch) {
  const fs::path out = scratch / "out.csv", err = scratch / "err.txt";
  const std::string command = fmt::format(
      "timeout 60 {} run {}{} --format csv >{} 2>{}", quoted(program), quoted(one.model.string()),
      data_option(one), quoted(out.string()), quoted(err.string()));
  if (std::system(command.c_str()) != 0) {
    const std::string text = read(err);
    const size_t error = text.find("error: ");
    const size_t begin = error == std::string::npos ? 0 : error + 7;
    return {false, "does not run: " + text.substr(begin, text.find('\n', begin) - begin), {}};
  }
  const auto ours = read_series(read(out));
  const std::string output = read(one.output);
  const auto theirs = one.output.extension() == ".dat" ? read_blocks(output) : read_series(output);
  if (!ours) return {false, "our output: " + ours.error().message, {}};
  if (!theirs) return {false, "their output: " + theirs.error().message, *ours};
  const Comparison c = compare(*ours, *theirs, one.tolerance);
  return {c.agrees(), words(c), *ours};
}

// ---------------------------------------------------------------- formats of one model

struct Pair {
  std::string name;
  Outcome outcome;
};

// The models of one folder whose files have the same name but for the ending: every column that
// both have.
std::vector<Pair> compare_formats(const std::vector<Case>& cases,
                                  const std::vector<Outcome>& outcomes) {
  std::vector<Pair> pairs;
  std::map<fs::path, size_t> firsts;
  for (size_t i = 0; i < cases.size(); ++i) {
    if (!outcomes[i].ours) continue;
    const auto [first, fresh] =
        firsts.emplace(cases[i].model.parent_path() / cases[i].model.stem(), i);
    if (fresh) continue;
    const Series& ours = *outcomes[i].ours;
    Series theirs = *outcomes[first->second].ours;
    std::erase_if(theirs.columns,
                  [&](const auto& column) { return !ours.columns.contains(column.first); });
    const Comparison c = compare(ours, theirs, kBetweenFormats);
    pairs.push_back(
        {fmt::format("{} and {}", cases[first->second].name, cases[i].model.extension().string()),
         {c.agrees(), words(c), {}}});
  }
  return pairs;
}

// Import, export, import again: every cell as it was. Nothing for a model that does not run.
// The first line of an export's answer that says what cannot be said.
std::string reason(const std::string& why) {
  const size_t at = std::min(why.find("[unsupported]"), why.size());
  const size_t begin = why.rfind('\n', at) == std::string::npos ? 0 : why.rfind('\n', at) + 1;
  return why.substr(begin, why.find('\n', at) - begin);
}

// Nothing where there is nothing to compare; then `why` says what the format has no words for.
std::optional<Outcome> try_round_trip(const std::string& program, const Case& one,
                                      const std::string& format, const fs::path& scratch,
                                      std::string& why) {
  const auto at = [&](const char* name) { return quoted((scratch / name).string()); };
  const auto call = [&](const std::string& words) {
    return std::system(fmt::format("timeout 60 {} {} 2>{}", quoted(program), words, at("err.txt"))
                           .c_str()) == 0;
  };
  if (!call(fmt::format("run {}{} --format csv >{}", quoted(one.model.string()), data_option(one),
                        at("first.csv"))))
    return std::nullopt;
  bring_data(one, scratch);
  const std::string import = fmt::format("import {}{} -f -o {}", quoted(one.model.string()),
                                         data_option(one), at("model.hr"));
  if (!call(import)) return Outcome{false, "import: " + read(scratch / "err.txt"), {}};
  const std::string again = "again." + format;
  if (!call(fmt::format("export {} -f -o {}", at("model.hr"), at(again.c_str())))) {
    why = read(scratch / "err.txt");
    // What the format has no words for is said, each thing at its place; then there is nothing to
    // compare.
    if (why.find("[unsupported]") != std::string::npos) return std::nullopt;
    return Outcome{false, "export: " + why, {}};
  }
  if (!call(fmt::format("run {} --format csv >{}", at(again.c_str()), at("second.csv"))))
    return Outcome{false, "does not run again: " + read(scratch / "err.txt"), {}};
  const auto first = read_series(read(scratch / "first.csv"));
  const auto second = read_series(read(scratch / "second.csv"));
  if (!first || !second) return Outcome{false, "no table", {}};
  const Comparison c = compare(*second, *first, 1e-12);
  if (!c.missing.empty() || c.cells == 0) return Outcome{false, "columns are missing", {}};
  return Outcome{c.wrong == 0, fmt::format("{} cells differ, worst: {}", c.wrong, c.worst), {}};
}

int run_round_trips(const std::string& program, const fs::path& root,
                    const std::map<std::string, std::string>& expected) {
  const fs::path scratch =
      fs::temp_directory_path() / fmt::format("headrace-round-trip-{}", getpid());
  fs::create_directories(scratch);
  bool fine = true;
  for (const std::string format : {"xmile", "mdl"}) {
    size_t same = 0, known = 0, failed = 0, passed_over = 0;
    for (const Case& one : find_cases(root)) {
      const std::string name = fmt::format("{} as .{}", one.name, format);
      std::string why;
      const auto outcome = try_round_trip(program, one, format, scratch, why);
      passed_over += !outcome;
      if (!outcome && !why.empty()) fmt::print("{}: not said: {}\n", name, reason(why));
      if (!outcome) continue;
      same += outcome->agrees;
      const bool wrong_expected = expected.contains(name);
      known += !outcome->agrees && wrong_expected;
      if (outcome->agrees != wrong_expected) continue;
      ++failed;
      fmt::print("{}: {}\n", name,
                 outcome->agrees ? "comes back, and stands in the list of those that do not"
                                 : outcome->says);
    }
    fmt::print(
        "as .{}: {} models come back the same, {} do not for a known reason, {} failed, {} do not "
        "run or have what the format has no words for\n",
        format, same, known, failed, passed_over);
    fine = fine && failed == 0 && same > 0;
  }
  fs::remove_all(scratch);
  return fine ? 0 : 1;
}

std::map<std::string, std::string> read_expected(const fs::path& path) {
  std::map<std::string, std::string> expected;
  std::ifstream in(path);
  std::string line;
  while (std::getline(in, line)) {
    const size_t comma = line.find(',');
    if (line.starts_with('#') || comma == std::string::npos) continue;
    expected[line.substr(0, comma)] = line.substr(comma + 1);
  }
  return expected;
}

// As much of it as a cell of a table holds, in characters that a page may have.
std::string cell(const std::string& text) {
  constexpr size_t kLongest = 300;
  std::string out;
  for (const char c : text.substr(0, kLongest)) out += c >= ' ' && c <= '~' ? c : '?';
  return text.size() > kLongest ? out + " ..." : out;
}

std::string row(const std::string& name, const Outcome& outcome,
                const std::map<std::string, std::string>& expected) {
  const auto reason = expected.find(name);
  return fmt::format("| {} | {} | {} | {} |\n", name, outcome.agrees ? "yes" : "no",
                     cell(outcome.says), reason == expected.end() ? "" : reason->second);
}

// How many of the models differ for which reason, most of them first.
std::string reasons(const std::vector<Case>& cases, const std::vector<Outcome>& outcomes,
                    const std::map<std::string, std::string>& expected) {
  std::map<std::string, size_t> counts;
  for (size_t i = 0; i < cases.size(); ++i) {
    const auto reason = expected.find(cases[i].name);
    if (!outcomes[i].agrees && reason != expected.end()) ++counts[reason->second];
  }
  std::vector<std::pair<std::string, size_t>> sorted(counts.begin(), counts.end());
  std::ranges::stable_sort(sorted, std::greater(), &std::pair<std::string, size_t>::second);
  std::string list;
  for (const auto& [why, count] : sorted) list += fmt::format("- {}: {}\n", count, why);
  return list;
}

void write_report(const std::string& path, const std::vector<Case>& cases,
                  const std::vector<Outcome>& outcomes, const std::vector<Pair>& pairs,
                  const std::map<std::string, std::string>& expected) {
  const auto agree = std::ranges::count_if(outcomes, &Outcome::agrees);
  const auto same =
      std::ranges::count_if(pairs, [](const Pair& pair) { return pair.outcome.agrees; });
  std::string page =
      "# Conformance\n\nModels of other tools, run here and compared with the output of the tool "
      "they came from, every column. Columns that Vensim makes for itself (`#SMOOTH(...)#`) are no "
      "part of a model and are left out. ";
  page += fmt::format(
      "Relative tolerance: {}, in world3/ {}. Written by `conformance_test --report`.\n\n{} of {} "
      "models agree. Of the others\n\n{}\n| model | agrees | compared | reason "
      "|\n|---|---|---|---|\n",
      kTolerance, kWorld3Tolerance, agree, cases.size(), reasons(cases, outcomes, expected));
  for (size_t i = 0; i < cases.size(); ++i) page += row(cases[i].name, outcomes[i], expected);
  if (!pairs.empty())
    page += fmt::format(
        "\n## Two formats of one model\n\nWhat both files hold, run here and compared with each "
        "other: relative tolerance {}.\n{} of {} pairs agree.\n\n| models | agree | compared | "
        "reason |\n|---|---|---|---|\n",
        kBetweenFormats, same, pairs.size());
  for (const Pair& pair : pairs) page += row(pair.name, pair.outcome, expected);
  std::ofstream(path) << page;
}

// Whether the outcome is the one that is expected; tells when it is not.
bool as_expected(const std::string& name, const Outcome& outcome,
                 const std::map<std::string, std::string>& expected) {
  if (outcome.agrees != expected.contains(name)) return true;
  fmt::print("{}: {}\n", name,
             outcome.agrees ? "agrees, and stands in the list of those that do not" : outcome.says);
  return false;
}

int run(const std::string& program, const std::string& expected_path, const std::string& report,
        bool round_trip) {
  const char* const set = std::getenv("HEADRACE_CONFORMANCE");
  const fs::path root = set != nullptr ? set : "../shared/conformance";
  if (!fs::is_directory(root)) {
    fmt::print("SKIPPED: no models of other tools at {}; set HEADRACE_CONFORMANCE\n",
               root.string());
    return 0;
  }
  const auto expected = read_expected(expected_path);
  if (round_trip) return run_round_trips(program, root, expected);
  const std::vector<Case> cases = find_cases(root);
  const fs::path scratch =
      fs::temp_directory_path() / fmt::format("headrace-conformance-{}", getpid());
  fs::create_directories(scratch);
  std::vector<Outcome> outcomes;
  size_t failed = 0, agree = 0;
  for (const Case& one : cases) {
    outcomes.push_back(try_model(program, one, scratch));
    agree += outcomes.back().agrees;
    failed += !as_expected(one.name, outcomes.back(), expected);
  }
  fs::remove_all(scratch);
  fmt::print("{} models, {} agree, {} differ for a known reason, {} failed\n", cases.size(), agree,
             cases.size() - agree - failed, failed);
  const std::vector<Pair> pairs = compare_formats(cases, outcomes);
  size_t pairs_failed = 0;
  for (const Pair& pair : pairs) pairs_failed += !as_expected(pair.name, pair.outcome, expected);
  fmt::print("{} pairs of formats, {} failed\n", pairs.size(), pairs_failed);
  if (!report.empty()) write_report(report, cases, outcomes, pairs, expected);
  return failed + pairs_failed == 0 && !cases.empty() ? 0 : 1;
}

}  // namespace
}  // namespace headrace::conformance

int main(int count, char** arguments) {
  std::string program, expected, report;
  bool round_trip = false;
  for (int i = 1; i < count; ++i) {
    const std::string word = arguments[i];
    if (word == "--headrace" && i + 1 < count) {
      program = arguments[++i];
    } else if (word == "--report" && i + 1 < count) {
      report = arguments[++i];
    } else if (word == "--round-trip") {
      round_trip = true;
    } else {
      expected = word;
    }
  }
  if (program.empty() || expected.empty()) {
    fmt::print(stderr, "usage: conformance_test --headrace PROGRAM EXPECTED.csv [--report FILE]\n");
    return 2;
  }
  return headrace::conformance::run(program, expected, report, round_trip);
}
