#pragma once

// The diagram as Vensim's text has it.

#include <string>

#include "export/writer.h"
#include "import/layout.h"

namespace headrace::exports {

// A sketch with the views of the layout. What has no place stands in rows below the first of them.
std::string vensim_sketch(const Writer& writer, const import::Layout& layout);

}  // namespace headrace::exports
