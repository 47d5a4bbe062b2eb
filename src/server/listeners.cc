#include "server/listeners.h"

#include <fmt/format.h>

#include "server/replies.h"

namespace headrace::server {
namespace {

constexpr size_t kMost = 64;

std::string event(const std::string& name, const std::string& data) {
  return fmt::format("event: {}\ndata: {}\n\n", name, data);
}

bool is_gone(const std::shared_ptr<Exchange>& each) { return each->gone(); }

}  // namespace

void Listeners::add(const std::shared_ptr<Exchange>& exchange, const std::string& hello) {
  std::lock_guard lock(mutex_);
  std::erase_if(all_, is_gone);
  if (all_.size() >= kMost) return exchange->reply(problem(503, "too many pages listen already"));
  exchange->begin({200,
                   "text/event-stream",
                   "retry: 2000\n\n" + event("hello", hello),
                   {{"Cache-Control", "no-store"}}});
  all_.push_back(exchange);
}

void Listeners::tell(const std::string& name, const std::string& data) {
  std::lock_guard lock(mutex_);
  for (const auto& each : all_) each->send(event(name, data));
}

void Listeners::keep_awake() {
  std::lock_guard lock(mutex_);
  std::erase_if(all_, is_gone);
  for (const auto& each : all_) each->send(": still here\n\n");
}

void Listeners::end() {
  std::lock_guard lock(mutex_);
  for (const auto& each : all_) {
    each->send(event("bye", "{}"));
    each->end();
  }
  all_.clear();
}

}  // namespace headrace::server
