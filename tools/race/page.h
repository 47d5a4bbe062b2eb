#pragma once

// A Markdown page whose generated parts stand between two marks; the prose around them is written
// by hand and kept.

#include <map>
#include <string>

#include "base/result.h"

namespace headrace::race {

// Replaces what stands between `<!-- begin NAME -->` and `<!-- end NAME -->` for each name. The
// page must have each pair of marks once.
base::Result<std::string> filled(const std::string& page,
                                 const std::map<std::string, std::string>& parts);

// Reads the page, fills it, writes it under a temporary name and renames it.
base::Result<bool> update_page(const std::string& path,
                               const std::map<std::string, std::string>& parts);

}  // namespace headrace::race
