// headrace import: a model of another tool as text of ours.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <filesystem>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "workbench/translation.h"

namespace headrace::cli {
namespace {

// A model reads files beside or below it only, so its text wants them there, too.
void warn_of_data_files(const Arguments& args, const workbench::Project& project) {
  const auto files = workbench::data_files_of(project);
  if (files.empty() || args.out.empty() || args.out == "-") return;
  namespace fs = std::filesystem;
  std::error_code failure;
  const fs::path folder = fs::weakly_canonical(fs::absolute(args.out), failure).parent_path();
  if (folder == fs::weakly_canonical(fs::absolute(project.folder), failure)) return;
  warn(fmt::format("{} reads {}: it must lie there as it lies beside {}", args.out,
                   fmt::join(files, ", "), model_path(args)));
}

// A name of another tool would be read as its text the next time.
void check_name(const Arguments& args) {
  if (args.out.empty() || args.out == "-") return;
  const std::string ending = std::filesystem::path(args.out).extension().string();
  for (const char* other : {".mdl", ".xmile", ".stmx", ".itmx", ".xml"}) {
    if (ending == other)
      end_with(kUsage, fmt::format("'{}': model text is written, whose name ends in .hr\n  for {} "
                                   "see: headrace help export",
                                   args.out, ending));
  }
}

}  // namespace

int import_command(const Arguments& args) {
  check_name(args);
  if (!args.dry_run) check_output(args);
  Session session = open_session(args, model_path(args));
  const workbench::Project& project = *session.project;
  if (workbench::is_model_text(project))
    end_with(kUsage, fmt::format("'{}' is model text already", model_path(args)));
  // The meaning is looked at, too: what cannot run is not written.
  const model::Model model = resolve(session, args);
  const workbench::Imported imported = workbench::to_model_text(project);
  if (args.dry_run) {
    fmt::print("{}", workbench::describe(project, model, imported));
    return kDone;
  }
  const bool beside = !imported.layout.empty() && !args.out.empty() && args.out != "-";
  if (beside) {
    const std::string layout = workbench::layout_path(args.out).string();
    std::error_code failure;
    if (std::filesystem::exists(layout, failure) && !args.force)
      end_with(kIo, fmt::format("'{}' exists already\n  overwrite it with: --force", layout));
    or_end(replace_file(layout, imported.layout));
  }
  write_result(args, imported.text);
  warn_of_data_files(args, project);
  return kDone;
}

}  // namespace headrace::cli
