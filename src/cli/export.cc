// headrace export: a model as a file of another tool.

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "text/diagnostic.h"
#include "workbench/translation.h"

namespace headrace::cli {

int export_command(const Arguments& args) {
  check_output(args);
  const std::string extension = std::filesystem::path(args.out).extension().string();
  const bool vensim = extension == ".mdl";
  const bool known = extension.empty() || vensim || extension == ".xmile" || extension == ".stmx" ||
                     extension == ".itmx" || extension == ".xml";
  if (!known)
    end_with(kUsage, fmt::format("'{}': this version writes XMILE (.xmile, .stmx or .xml) and "
                                 "Vensim's text (.mdl)",
                                 args.out));
  Session session = open_session(args, model_path(args));
  // A model that does not run is not written.
  const model::Model model = resolve(session, args);
  text::Diagnostics diagnostics;
  const std::string text =
      vensim ? workbench::to_vensim(*session.project, model, args.lossy, diagnostics)
             : workbench::to_xmile(*session.project, model, args.lossy, diagnostics);
  const std::string told =
      text::render(diagnostics, session.project->sources, color_on_stderr(args));
  if (diagnostics.has_errors() || !args.quiet) std::fputs(told.c_str(), stderr);
  if (diagnostics.has_errors()) {
    say("nothing was written; --lossy writes what can be said");
    return kInvalid;
  }
  write_result(args, text);
  return kDone;
}

}  // namespace headrace::cli
