#pragma once

// The replies that many addresses share.

#include <string>

#include "base/result.h"
#include "server/http.h"

namespace headrace::server {

// The HTTP status that tells of an error of this kind.
unsigned status_of(base::Error::Kind kind);

Reply json_reply(unsigned status, std::string body);
// `{"error": message}`
Reply problem(unsigned status, const std::string& message);
Reply problem(const base::Error& error);

}  // namespace headrace::server
