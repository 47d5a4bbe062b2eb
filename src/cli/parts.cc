#include "cli/parts.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/hash.h"
#include "cli/exit_code.h"
#include "cli/signals.h"
#include "cli/terminal.h"

namespace headrace::cli {
namespace {

constexpr uint64_t kMagic = 0x31737472'61706872;

std::string bytes_of_file(const std::string& path) {
  std::string out;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                       &std::fclose);
  char buffer[1 << 16];
  for (size_t n = 0; file && (n = std::fread(buffer, 1, sizeof buffer, file.get())) > 0;) {
    out.append(buffer, n);
  }
  return out;
}

// Everything that the numbers of a study hang on: the version, all texts of the model and its data,
// and what was asked. How it is shown, and on how many threads, changes no number.
uint64_t fingerprint(const Session& session, const Arguments& args) {
  uint64_t out = base::hash(HEADRACE_VERSION);
  const auto add = [&out](std::string_view text) { out = base::combine(out, base::hash(text)); };
  const auto add_all = [&](const std::vector<std::string>& texts) {
    add(fmt::format("{}", texts.size()));
    for (const std::string& text : texts) add(text);
  };
  const text::SourceSet& sources = session.project->sources;
  for (uint32_t s = 0; s < sources.size(); ++s) add(sources[text::SourceId(s)].text);
  add(args.command), add(args.method);
  add_all(session.scenarios), add_all(args.set), add_all(args.words), add_all(args.at);
  add_all(args.levers), add_all(args.among), add_all(args.conditions), add_all(args.origins);
  add(args.make_large), add(args.make_small), add(args.aim), add(args.horizon);
  add(fmt::format("{} {} {} {}", args.draws.value_or(0), args.seed, static_cast<int>(args.design),
                  args.most_steps.value_or(0)));
  if (!args.posterior.empty()) add(bytes_of_file(args.posterior));
  return out;
}

uint64_t hash_of(const std::vector<double>& numbers) {
  return base::hash({reinterpret_cast<const char*>(numbers.data()), numbers.size() * 8});
}

}  // namespace

std::string unfinished_path(const Arguments& args) {
  return writes_file(args) ? args.out + ".part" : "";
}

std::string path_to_resume(const Arguments& args) {
  std::string path = unfinished_path(args);
  if (path.empty()) end_with(kUsage, "--resume needs -o FILE: which work is to go on?");
  return path;
}

void refuse_to_resume(const std::string& path) {
  end_with(kInvalid, fmt::format("'{}' is work on another model or with other options, or damaged\n"
                                 "  start again without --resume",
                                 path));
}

Parts::Parts(const Session& session, const Arguments& args)
    : path_(args.resume ? path_to_resume(args) : unfinished_path(args)),
      fingerprint_(path_.empty() ? 0 : fingerprint(session, args)) {
  if (!args.resume) return;
  file_.reset(std::fopen(path_.c_str(), "r+b"));
  if (!file_) return;
  uint64_t head[2] = {};
  const bool whole = std::fread(head, sizeof head, 1, file_.get()) == 1;
  if (!whole || head[0] != kMagic || head[1] != fingerprint_) refuse_to_resume(path_);
  reading_ = true;
}

study::PartResult Parts::part(const study::Work& work) {
  if (reading_) {
    if (auto numbers = read()) return numbers;
  }
  auto numbers = work();
  if (numbers && *numbers && !path_.empty()) append(**numbers);
  return numbers;
}

// What is not a whole part is cut off.
std::optional<std::vector<double>> Parts::read() {
  const long start = std::ftell(file_.get());
  std::error_code failure;
  const uint64_t size = std::filesystem::file_size(path_, failure);
  const uint64_t left = failure || start < 0 ? 0 : size - static_cast<uint64_t>(start);
  uint64_t head[2] = {};
  if (std::fread(head, sizeof head, 1, file_.get()) == 1 && head[0] <= left / sizeof(double)) {
    std::vector<double> numbers(head[0]);
    if (std::fread(numbers.data(), sizeof(double), numbers.size(), file_.get()) == numbers.size() &&
        hash_of(numbers) == head[1]) {
      return numbers;
    }
  }
  reading_ = false;
  std::fseek(file_.get(), start, SEEK_SET);
  if (::ftruncate(::fileno(file_.get()), start) != 0) refuse_to_resume(path_);
  return std::nullopt;
}

void Parts::append(const std::vector<double>& numbers) {
  bool fine = true;
  const auto write = [&](const void* bytes, size_t size) {
    fine = fine && (size == 0 || std::fwrite(bytes, size, 1, file_.get()) == 1);
  };
  if (!file_) {
    file_.reset(std::fopen(path_.c_str(), "wb"));
    fine = file_ != nullptr;
    const uint64_t head[2] = {kMagic, fingerprint_};
    write(head, sizeof head);
  }
  const uint64_t head[2] = {numbers.size(), hash_of(numbers)};
  write(head, sizeof head);
  write(numbers.data(), numbers.size() * sizeof(double));
  if (fine && std::fflush(file_.get()) == 0) return;
  end_with(kIo, fmt::format("cannot write '{}': {}", path_, std::strerror(errno)));
}

void Parts::stop(const std::string& so_far, bool something) const {
  if (path_.empty() && something) return;
  std::string text = "stopped after " + so_far;
  if (file_) text += fmt::format("; what was done is in '{}': go on with --resume", path_);
  say(text);
  throw Ended{signal_exit_code()};
}

void Parts::forget() {
  if (!file_) return;
  file_.reset();
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

}  // namespace headrace::cli
