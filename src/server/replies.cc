#include "server/replies.h"

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

Reply problem(unsigned status, const std::string& message) {
  return json_reply(status, text_of(Json{{"error", message}}) + "\n");
}

Reply problem(const base::Error& error) { return problem(status_of(error.kind), error.message); }

}  // namespace headrace::server
