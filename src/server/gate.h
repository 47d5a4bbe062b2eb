#pragma once

// Who may ask.

#include <optional>

#include "server/http.h"
#include "server/server.h"

namespace headrace::server {

// The reply to a request that is refused: of another host than this machine's, from another site,
// or for data without the token.
std::optional<Reply> refusal(const Request& request, const ServeOptions& options);

}  // namespace headrace::server
