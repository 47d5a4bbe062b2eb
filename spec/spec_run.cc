#include "spec_run.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

#include "base/check.h"

namespace headrace::spec {
namespace {

namespace fs = std::filesystem;

// A folder that goes away with this object.
class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "headrace-spec-XXXXXX").string();
    CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
    fs::create_directory(path_ / "work");
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path work() const { return path_ / "work"; }
  fs::path file(const char* name) const { return path_ / name; }

 private:
  fs::path path_;
};

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

[[noreturn]] void become(const std::string& line, const Scratch& scratch,
                         const RunOptions& options) {
  ::setpgid(0, 0);
  const int out = ::open(scratch.file("out").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int err = ::open(scratch.file("err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int in = ::open("/dev/null", O_RDONLY);
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(err, 2);
  if (::chdir(scratch.work().c_str()) != 0) ::_exit(127);
  const std::string path = options.headrace.parent_path().string() + ":/usr/bin:/bin";
  ::setenv("PATH", path.c_str(), 1);
  ::setenv("COLUMNS", "80", 1);
  ::setenv("NO_COLOR", "1", 1);
  ::setenv("LC_ALL", "C.UTF-8", 1);
  ::execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
  ::_exit(127);
}

int wait_for(pid_t child, int timeout_s, bool& timed_out) {
  using clock = std::chrono::steady_clock;
  const auto end = clock::now() + std::chrono::seconds(timeout_s);
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (clock::now() > end) {
      timed_out = true;
      ::kill(-child, SIGKILL);
      ::waitpid(child, &status, 0);
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Command answer(const Command& asked, const Scratch& scratch, const RunOptions& options) {
  Command got;
  got.line = asked.line;
  const pid_t child = ::fork();
  CHECK(child >= 0);
  if (child == 0) become(asked.line, scratch, options);
  bool timed_out = false;
  got.exit = wait_for(child, options.timeout_s, timed_out);
  got.out = trimmed(read(scratch.file("out")));
  got.err = trimmed(read(scratch.file("err")));
  if (timed_out) got.err += "(did not end in time)\n";
  return got;
}

}  // namespace

Spec run(const Spec& spec, const RunOptions& options) {
  Scratch scratch;
  fs::create_directory_symlink(options.models, scratch.work() / "models");
  Spec got = spec;
  for (size_t i = 0; i < spec.files.size(); ++i) {
    if (spec.files[i]) write(scratch.work() / spec.files[i]->name, spec.files[i]->text);
    if (spec.commands[i]) got.commands[i] = answer(*spec.commands[i], scratch, options);
  }
  return got;
}

}  // namespace headrace::spec
