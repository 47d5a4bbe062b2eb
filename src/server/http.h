#pragma once

// HTTP/1.1 on one thread, nothing of models. What a handler is told and how it answers.
//
// A client can be slow, broken or hostile: headers are at most 16 KiB and bodies at most
// `body_limit`, each read and write has 30 seconds, a client that does not take what is sent to
// it is dropped when 16 MiB wait, and at most `most_connections` are open.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace headrace::server {

struct Request {
  std::string method, path, query, body;  // path: without query, percent signs as they came
  std::string host, origin, site;         // site: Sec-Fetch-Site
  std::string if_none_match, accept_encoding, authorization;
};

struct Reply {
  unsigned status = 200;
  std::string type = "text/plain; charset=utf-8", body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// The answer to one request: either one reply, or a stream. Safe to call from every thread; calls
// after the client has gone do nothing.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual void reply(Reply reply) = 0;
  virtual void begin(Reply head) = 0;  // its body is sent first
  virtual void send(std::string bytes) = 0;
  virtual void end() = 0;
  virtual bool gone() const = 0;
};

// Called on the server's thread; must not take long.
using Handler = std::function<void(const Request&, std::shared_ptr<Exchange>)>;

struct HttpOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 8765;
  // Other ports to try, one after the other, when the port is taken; then any that is free.
  unsigned walk = 20;
  size_t body_limit = 4 << 20, most_connections = 256;
  double read_seconds = 30, write_seconds = 30;
  const std::atomic<bool>* stop = nullptr;  // looked at ten times a second
  std::function<void(uint16_t port)> ready;
  std::function<void()> tick;  // twice a second
  // After the last request and before the server's memory goes: whoever keeps an Exchange says
  // goodbye and lets go of it here.
  std::function<void()> closing;
};

// Serves until `stop` is set. Errors: no port could be had.
base::Result<void> serve_http(const HttpOptions& options, const Handler& handler);

}  // namespace headrace::server
