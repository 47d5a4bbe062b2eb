#pragma once

// The replies that many addresses share.

#include <string>

#include "base/result.h"
#include "server/http.h"

namespace headrace::server {

// The HTTP status that tells of an error of this kind.
unsigned status_of(base::Error::Kind kind);

Reply json_reply(unsigned status, std::string body);
// JSON that a browser may keep and ask for again by its tag.
struct Tagged {
  std::string body, tag;
};
Tagged tagged(std::string body);
Reply json_reply(const Request& request, const Tagged& known);
// Whether the client has what carries this tag.
bool knows(const Request& request, const std::string& tag);
// `{"error": message}`
Reply problem(unsigned status, const std::string& message);
Reply problem(const base::Error& error);

}  // namespace headrace::server
