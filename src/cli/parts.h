#pragma once

// What a study has done so far, in a file beside the one that it is for: FILE.part. A study that
// was stopped or killed goes on from there with --resume, to the same bytes.

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/session.h"
#include "study/parts.h"

namespace headrace::cli {

// Where work that is not finished lies; "" when the result goes to no file.
std::string unfinished_path(const Arguments& args);
// The same for --resume, which needs one.
std::string path_to_resume(const Arguments& args);
[[noreturn]] void refuse_to_resume(const std::string& path);

// The parts of a study in the order in which they were done. On disk: a magic word and a
// fingerprint of everything that the numbers hang on, then for each part how many numbers it has, a
// hash, and the numbers. Each part is appended when it is done; one that is cut short or damaged
// counts as not done, and so do those after it. Bytes are those of the machine: the file is for
// going on where the work was stopped, not for keeping.
class Parts {
 public:
  // With --resume the parts of a file that is there come first. The session's model is resolved.
  Parts(const Session& session, const Arguments& args);

  // Refers to this object.
  study::Remember remember() {
    return [this](const study::Work& work) { return part(work); };
  }

  // The study was asked to stop when it had come so far ("3 of 8 origins"). Says so and ends the
  // command, unless there is `something` to show and no file to go on from: then it is to be shown.
  void stop(const std::string& so_far, bool something) const;
  // The study is finished.
  void forget();

 private:
  study::PartResult part(const study::Work& work);
  std::optional<std::vector<double>> read();
  void append(const std::vector<double>& numbers);

  std::string path_;
  uint64_t fingerprint_;
  bool reading_ = false;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, &std::fclose};
};

}  // namespace headrace::cli
