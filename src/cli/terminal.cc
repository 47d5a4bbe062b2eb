#include "cli/terminal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "cli/exit_code.h"
#include "cli/signals.h"

namespace headrace::cli {
namespace {

namespace fs = std::filesystem;

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value && *value;
}

bool wants_color(const Arguments& args, int file) {
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal && std::strcmp(terminal, "dumb") == 0;
  return isatty(file) && !args.no_color && !args.plain && !dumb && !is_set("NO_COLOR") &&
         !is_set("HEADRACE_NO_COLOR");
}

size_t terminal_width() {
  if (const char* columns = std::getenv("COLUMNS")) {
    const long width = std::strtol(columns, nullptr, 10);
    if (width >= 40 && width <= 1000) return static_cast<size_t>(width);
  }
  winsize size = {};
  if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) {
    return size.ws_col;
  }
  return 80;
}

double now_ms() {
  using namespace std::chrono;
  return duration<double, std::milli>(steady_clock::now().time_since_epoch()).count();
}

// All of it, or the reason why not.
base::Result<void> write_all(int file, const std::string& text, const std::string& name) {
  for (size_t at = 0; at < text.size();) {
    const ssize_t written = ::write(file, text.data() + at, text.size() - at);
    if (written < 0 && errno == EINTR && !stop_requested()) continue;
    if (written <= 0) {
      return base::fail(base::Error::Kind::kIo,
                        fmt::format("cannot write {}: {}", name, std::strerror(errno)));
    }
    at += static_cast<size_t>(written);
  }
  return {};
}

bool is_stdout(const Arguments& args) { return args.out.empty() || args.out == "-"; }

// A device or a pipe is written to as it is; it cannot be replaced.
bool is_special(const std::string& path) {
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

base::Result<void> write_special(const std::string& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) {
    return base::fail(base::Error::Kind::kIo,
                      fmt::format("cannot write '{}': {}", path, std::strerror(errno)));
  }
  auto result = write_all(file, text, fmt::format("'{}'", path));
  ::close(file);
  return result;
}

void check_format(const Arguments& args, std::initializer_list<Format> formats) {
  const Format format = args.format.value_or(Format::kTable);
  if (std::find(formats.begin(), formats.end(), format) == formats.end()) {
    std::string all;
    for (const Format f : formats) all += (all.empty() ? "" : ", ") + std::string(name_of(f));
    end_with(kUsage, fmt::format("{} has no format '{}'; there are: {}", args.command,
                                 name_of(format), all));
  }
  if (format == Format::kNetcdf && is_stdout(args) && ::isatty(STDOUT_FILENO) != 0) {
    end_with(kUsage, "a terminal cannot show NetCDF\n  write it to a file with: -o FILE.nc");
  }
}

}  // namespace

void end_with(const base::Error& error) { end_with(exit_code(error.kind), error.message); }

void end_with(int code, const std::string& message) {
  say(message);
  throw Ended{code};
}

report::Look look_of(const Arguments& args) {
  report::Look look;
  look.width = args.width > 0 ? args.width : terminal_width();
  look.ascii = args.ascii;
  look.color = wants_color(args, STDOUT_FILENO) && is_stdout(args);
  look.plain = args.plain;
  return look;
}

bool color_on_stderr(const Arguments& args) { return wants_color(args, STDERR_FILENO); }

void say(const std::string& text) {
  std::fflush(stdout);
  fmt::print(stderr, "headrace: {}\n", text);
}

void warn(const std::string& text) { say("warning: " + text); }

void check_output(const Arguments& args, std::initializer_list<Format> formats) {
  check_format(args, formats);
  if (is_stdout(args) || is_special(args.out)) return;
  std::error_code failure;
  if (fs::is_directory(args.out, failure)) {
    end_with(kIo, fmt::format("cannot write '{}': it is a folder", args.out));
  }
  if (fs::exists(args.out, failure) && !args.force) {
    end_with(kIo, fmt::format("'{}' exists already\n  overwrite it with: --force", args.out));
  }
  const fs::path folder = fs::path(args.out).parent_path();
  if (!folder.empty() && !fs::is_directory(folder, failure)) {
    end_with(kIo,
             fmt::format("cannot write '{}': there is no folder '{}'", args.out, folder.string()));
  }
}

bool writes_file(const Arguments& args) { return !is_stdout(args) && !is_special(args.out); }

void write_result(const Arguments& args, const std::string& text, WhenStopped when_stopped) {
  const bool gives_up = when_stopped == WhenStopped::kGivesUp;
  if (gives_up && stop_requested()) throw Ended{signal_exit_code()};
  if (is_stdout(args)) {
    if (args.quiet) return;
    std::fflush(stdout);
    or_end(write_all(STDOUT_FILENO, text, "to standard output"));
    return;
  }
  const auto written = is_special(args.out) ? write_special(args.out, text)
                                            : replace_file(args.out, text, when_stopped);
  if (gives_up && stop_requested()) throw Ended{signal_exit_code()};
  if (!written) end_with(written.error());
}

base::Result<void> replace_file(const std::string& path, const std::string& text,
                                WhenStopped when_stopped) {
  // A link stays a link: what it points at is replaced.
  std::error_code failure;
  const fs::path target =
      fs::is_symlink(path, failure) ? fs::weakly_canonical(path, failure) : fs::path(path);
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  std::string temporary = (folder / fmt::format(".{}.XXXXXX", target.filename().string())).string();
  const int file = ::mkostemp(temporary.data(), O_CLOEXEC);
  auto io_error = [&path](const char* why) {
    return base::fail(base::Error::Kind::kIo, fmt::format("cannot write '{}': {}", path, why));
  };
  if (file < 0) return io_error(std::strerror(errno));
  struct stat old = {};
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(file, ::stat(target.c_str(), &old) == 0 ? old.st_mode & 07777 : 0666 & ~mask);
  auto result = write_all(file, text, fmt::format("'{}'", path));
  if (::close(file) != 0 && result) result = io_error(std::strerror(errno));
  if (result && stop_requested() && when_stopped == WhenStopped::kGivesUp)
    result = io_error("interrupted");
  if (result && ::rename(temporary.c_str(), target.c_str()) != 0)
    result = io_error(std::strerror(errno));
  if (!result) ::unlink(temporary.c_str());
  return result;
}

Progress::Progress(const Arguments& args, std::string label)
    : label_(std::move(label)),
      enabled_(isatty(STDERR_FILENO) && !args.quiet),
      started_ms_(now_ms()) {}

Progress::~Progress() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
}

std::function<void(double)> Progress::callback() {
  if (!enabled_) return {};
  return [this](double fraction) { show(fraction); };
}

void Progress::show(double fraction) {
  const double now = now_ms(), spent = now - started_ms_;
  if (spent < 500 || now - drawn_ms_ < 100) return;
  constexpr int kBar = 24;
  const int full = static_cast<int>(std::min(1.0, std::max(0.0, fraction)) * kBar);
  const double left_s = fraction > 0 ? spent * (1 - fraction) / fraction / 1000 : 0;
  fmt::print(stderr, "\r{}   [{}{}]  {:.0f}%  {:.0f} s left\x1b[K", label_, std::string(full, '#'),
             std::string(kBar - full, '-'), fraction * 100, left_s);
  std::fflush(stderr);
  drawn_ms_ = now;
  shown_ = true;
}

}  // namespace headrace::cli
