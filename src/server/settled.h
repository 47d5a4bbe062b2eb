#pragma once

// Answers that were computed before, by everything that decides them.

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "server/requests.h"

namespace headrace::server {

// Safe for several threads at once.
class Settled {
 public:
  // The bytes of the frame, numbered as the request is.
  std::optional<std::string> find(const RunRequest& request) const;
  // The oldest is forgotten where there are too many.
  void remember(const RunRequest& request, const std::string& frame);
  void clear();

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> frames_;
  std::deque<std::string> order_;
};

}  // namespace headrace::server
