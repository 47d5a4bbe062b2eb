#pragma once

#include <string>

#include "base/result.h"

namespace headrace::base {

// A part of the program that is loaded on first use, because what it stands on takes long to load
// and most runs never need it. Such a module offers one function, `extern "C" const Door* name()`,
// whose door begins with a version text that must be that of the program.
//
// Looks for `file` beside the program and in ../lib/headrace; the environment variable `variable`
// names another file. Opens it, never closes it (what comes from it may live as long as the
// process), and gives the door. Errors: nothing there (kNotFound: "`what` is not installed"), not
// loadable, another version.
Result<const void*> open_module(const std::string& file, const char* variable, const char* name,
                                const std::string& version, const std::string& what);

}  // namespace headrace::base
