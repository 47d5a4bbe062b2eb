#include "server/settled.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace headrace::server {
namespace {

constexpr size_t kMost = 48;

std::string key_of(const RunRequest& request) {
  const workbench::Question& q = request.question;
  return fmt::format("{}|{}|{}|{}|{}", workbench::version_key(q), fmt::join(q.outputs, "\t"),
                     q.answers, request.draws, request.seed);
}

}  // namespace

std::optional<std::string> Settled::find(const RunRequest& request) const {
  std::lock_guard lock(mutex_);
  const auto known = frames_.find(key_of(request));
  if (known == frames_.end()) return std::nullopt;
  std::string frame = known->second;
  renumber(frame, request.sequence);
  return frame;
}

void Settled::remember(const RunRequest& request, const std::string& frame) {
  const std::string key = key_of(request);
  std::lock_guard lock(mutex_);
  if (frames_.size() >= kMost) {
    frames_.erase(order_.front());
    order_.pop_front();
  }
  if (frames_.emplace(key, frame).second) order_.push_back(key);
}

void Settled::clear() {
  std::lock_guard lock(mutex_);
  frames_.clear();
  order_.clear();
}

}  // namespace headrace::server
