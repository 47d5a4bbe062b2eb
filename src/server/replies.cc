#include "server/replies.h"

#include <fmt/format.h>

#include "base/hash.h"
#include "server/frame.h"

namespace headrace::server {

unsigned status_of(base::Error::Kind kind) {
  switch (kind) {
    case base::Error::Kind::kUsage:
      return 400;
    case base::Error::Kind::kNotFound:
      return 404;
    case base::Error::Kind::kInvalid:
      return 422;
    case base::Error::Kind::kIo:
      return 500;
  }
  return 500;
}

Reply json_reply(unsigned status, std::string body) {
  return {status, "application/json", std::move(body), {{"Cache-Control", "no-store"}}};
}

Tagged tagged(std::string body) {
  std::string tag = fmt::format("\"{:016x}\"", base::hash(body));
  return {std::move(body), std::move(tag)};
}

bool knows(const Request& request, const std::string& tag) {
  return request.if_none_match.find(tag) != std::string::npos;
}

Reply json_reply(const Request& request, const Tagged& known) {
  const bool has_it = knows(request, known.tag);
  return {has_it ? 304u : 200u,
          "application/json",
          has_it ? std::string() : known.body,
          {{"ETag", known.tag}, {"Cache-Control", "no-cache"}}};
}

Reply problem(unsigned status, const std::string& message) {
  return json_reply(status, text_of(Json{{"error", message}}) + "\n");
}

Reply problem(const base::Error& error) { return problem(status_of(error.kind), error.message); }

}  // namespace headrace::server
