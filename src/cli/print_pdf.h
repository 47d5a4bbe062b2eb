#pragma once

// A page on paper: HTML through a headless Chromium, where the machine has one.

#include <string>

#include "base/result.h"

namespace headrace::cli {

// Writes the page as a PDF of A4 sheets to `path`, which appears whole or not at all. An error when
// there is no Chromium or Chrome on the PATH, when it fails, or when it takes over a minute.
base::Result<void> print_pdf(const std::string& html, const std::string& path);

}  // namespace headrace::cli
