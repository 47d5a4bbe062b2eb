#pragma once

// The pages that listen to the event stream.

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/http.h"

namespace headrace::server {

// Safe for several threads at once.
class Listeners {
 public:
  // Begins the stream with an event `hello`; refuses when too many listen already.
  void add(const std::shared_ptr<Exchange>& exchange, const std::string& hello);
  void tell(const std::string& event, const std::string& data);
  // A sign of life, so that no one in between takes the stream for dead.
  void keep_awake();
  // Ends the streams with an event `bye`.
  void end();

 private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<Exchange>> all_;
};

}  // namespace headrace::server
