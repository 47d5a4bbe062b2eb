#pragma once

#include <string>

namespace headrace::server {

// The addresses of the server in OpenAPI 3.1.
std::string openapi();

}  // namespace headrace::server
