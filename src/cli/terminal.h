#pragma once

// What people see: the look of the output, talk on standard error, and where results go.

#include <functional>
#include <string>

#include "base/result.h"
#include "cli/arguments.h"
#include "report/layout.h"

namespace headrace::cli {

// A command that cannot go on throws this inside cli/; main returns the code.
struct Ended {
  int code;
};
// Prints `headrace: MESSAGE` and ends the command with the code that belongs to the error.
[[noreturn]] void end_with(const base::Error& error);
[[noreturn]] void end_with(int code, const std::string& message);

template <class T>
T or_end(base::Result<T> result) {
  if (!result) end_with(result.error());
  return std::move(*result);
}
inline void or_end(base::Result<void> result) {
  if (!result) end_with(result.error());
}

// From the options, the environment and the terminal.
report::Look look_of(const Arguments& args);
bool color_on_stderr(const Arguments& args);

// One line on standard error, `headrace: ...`.
void say(const std::string& text);
void warn(const std::string& text);

// Ends the command when its result has no such --format, or when --out names a file that is there
// and --force is not given, or is in a folder that is not. Called before the work, so that no work
// is lost. NetCDF is not text and is not written to a terminal.
void check_output(const Arguments& args,
                  std::initializer_list<Format> formats = {Format::kTable, Format::kCsv,
                                                           Format::kJson, Format::kMarkdown});
// Whether the result goes to a file of its own, not to standard output, a device or a pipe.
bool writes_file(const Arguments& args);
// Once the command was asked to stop, the results of a run are not written any more; what a study
// has until then is.
enum class WhenStopped { kGivesUp, kWrites };
// The result to standard output or to --out; a file appears whole or not at all.
void write_result(const Arguments& args, const std::string& text,
                  WhenStopped when_stopped = WhenStopped::kGivesUp);
// Replaces a file through a temporary one beside it, keeping its permissions.
base::Result<void> replace_file(const std::string& path, const std::string& text,
                                WhenStopped when_stopped = WhenStopped::kGivesUp);

// Draws a bar with the time left on a terminal's last line, from half a second on; does nothing
// when standard error is not a terminal. Destroying it removes the line.
class Progress {
 public:
  explicit Progress(const Arguments& args, std::string label);
  ~Progress();
  std::function<void(double)> callback();

 private:
  void show(double fraction);

  std::string label_;
  bool enabled_ = false, shown_ = false;
  double started_ms_ = 0, drawn_ms_ = 0;
};

}  // namespace headrace::cli
