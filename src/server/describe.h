#pragma once

// Everything a page needs to know about a model before it runs it.

#include "server/frame.h"
#include "text/diagnostic.h"
#include "workbench/live.h"

namespace headrace::server {

Json describe(const workbench::Live& live);

// Of it, what the first page shows before the rest is there.
Json first_part(const Json& described);

// What a compiler found, with places in UTF-16 units, as browsers and editors count.
Json describe(const text::Diagnostics& diagnostics, const text::SourceSet& sources);

}  // namespace headrace::server
