#pragma once

// The files of the page: built in, or of a folder while somebody works on them.

#include <string>

#include "server/http.h"

namespace headrace::server {

// `ui_dir`: the folder; built in when empty.
Reply page_file(const Request& request, const std::string& ui_dir);

}  // namespace headrace::server
