#include "cli/print_pdf.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

extern char** environ;

namespace headrace::cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto kPatience = 60s;

// A folder of its own for one call; gone with it.
struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "headrace-pdf-XXXXXX").string();
    if (mkdtemp(name.data())) path = name;
  }
  ~Folder() {
    std::error_code ignored;
    if (!path.empty()) fs::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
};

std::unexpected<base::Error> cannot(const std::string& why) {
  return base::fail(
      base::Error::Kind::kIo,
      "cannot make a PDF: " + why + "\n  write the page with -o brief.html and print it");
}

// Starts the program with its talk thrown away; 0 when it is not there.
pid_t start(const char* program, const std::vector<std::string>& arguments) {
  std::vector<char*> words = {const_cast<char*>(program)};
  for (const std::string& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, program, &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return failed ? 0 : child;
}

bool succeeded(pid_t child) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > end) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      return false;
    }
    std::this_thread::sleep_for(20ms);
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

base::Result<void> print_pdf(const std::string& html, const std::string& path) {
  const Folder folder;
  if (folder.path.empty()) return cannot("there is no room for temporary files");
  const fs::path page = folder.path / "page.html", paper = folder.path / "page.pdf";
  std::ofstream(page, std::ios::binary) << html;
  std::vector<std::string> arguments = {"--headless",
                                        "--disable-gpu",
                                        "--no-pdf-header-footer",
                                        "--user-data-dir=" + (folder.path / "profile").string(),
                                        "--print-to-pdf=" + paper.string(),
                                        "file://" + page.string()};
  if (geteuid() == 0) arguments.insert(arguments.begin(), "--no-sandbox");  // it refuses root else
  for (const char* program : {"chromium", "chromium-browser", "google-chrome"}) {
    const pid_t child = start(program, arguments);
    if (child == 0) continue;
    std::error_code failure;
    if (!succeeded(child) || !fs::exists(paper, failure))
      return cannot(fmt::format("{} failed", program));
    const fs::path beside = path + ".part";
    fs::copy_file(paper, beside, fs::copy_options::overwrite_existing, failure);
    if (!failure) fs::rename(beside, path, failure);
    if (failure) return cannot(fmt::format("'{}': {}", path, failure.message()));
    return {};
  }
  return cannot("there is no Chromium here");
}

}  // namespace headrace::cli
