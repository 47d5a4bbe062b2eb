#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"
#include "syntax/syntax.h"
#include "text/diagnostic.h"
#include "workbench/project.h"

namespace headrace::cli {
namespace {

constexpr size_t kMostBytes = 64 << 20;

std::string read_stdin() {
  std::string text;
  char block[1 << 16];
  while (const size_t got = std::fread(block, 1, sizeof block, stdin)) {
    text.append(block, got);
    if (text.size() > kMostBytes) end_with(kInvalid, "the text on standard input is too large");
  }
  return text;
}

std::vector<std::string> files_of(const Arguments& args) {
  std::vector<std::string> files;
  for (const std::string& word : args.words.empty() ? std::vector<std::string>{"."} : args.words) {
    std::error_code failure;
    if (!std::filesystem::is_directory(word, failure)) {
      files.push_back(word);
      continue;
    }
    for (const auto& file : or_end(workbench::model_files(word))) {
      files.push_back(file.lexically_normal().string());
    }
  }
  if (files.empty()) end_with(kUsage, "no .hr file here\n  usage: headrace fmt FILE... [--check]");
  return files;
}

enum class Outcome { kSame, kChanged, kBroken };

// Formats one source; a text with errors stays as it is.
Outcome format_one(const text::SourceSet& sources, text::SourceId source, const Arguments& args,
                   std::string& formatted) {
  text::Diagnostics diagnostics;
  formatted = syntax::format(sources, source, diagnostics);
  if (diagnostics.has_errors()) {
    std::fputs(text::render(diagnostics, sources, color_on_stderr(args)).c_str(), stderr);
    return Outcome::kBroken;
  }
  return formatted == sources[source].text ? Outcome::kSame : Outcome::kChanged;
}

int format_stdin(const Arguments& args) {
  text::SourceSet sources;
  const text::SourceId source = sources.add("standard input", read_stdin());
  std::string formatted;
  const Outcome outcome = format_one(sources, source, args, formatted);
  if (outcome == Outcome::kBroken) return kInvalid;
  if (args.check_only) return outcome == Outcome::kChanged ? kCheckFailed : kDone;
  write_result(args, formatted);
  return kDone;
}

}  // namespace

int fmt_command(const Arguments& args) {
  if (args.words.size() == 1 && args.words[0] == "-") return format_stdin(args);
  bool broken = false, changed = false;
  for (const std::string& file : files_of(args)) {
    if (workbench::is_foreign(file)) {
      end_with(
          kInvalid,
          fmt::format("'{}' is a model of another tool; fmt is for model text\n  headrace import "
                      "{} -o model.hr writes that, in the form of fmt",
                      file, file));
    }
    text::SourceSet sources;
    const auto source = sources.load(file);
    if (!source) end_with(kIo, source.error().message);
    std::string formatted;
    const Outcome outcome = format_one(sources, *source, args, formatted);
    broken = broken || outcome == Outcome::kBroken;
    if (outcome != Outcome::kChanged) continue;
    changed = true;
    fmt::print("{} {}\n", args.check_only ? "would change" : "formatted", file);
    if (!args.check_only) or_end(replace_file(file, formatted));
  }
  if (broken) return kInvalid;
  return args.check_only && changed ? kCheckFailed : kDone;
}

}  // namespace headrace::cli
