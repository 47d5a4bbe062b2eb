#pragma once

// The diagram as Vensim's text has it.

#include <string>

#include "export/writer.h"
#include "import/layout.h"

namespace headrace::exports {

// Whether the name is one of the clock's: `TIME STEP`, say.
bool is_control(const std::string& name);

// A sketch with the views of the layout. What has no place stands in rows below the first of them.
std::string vensim_sketch(const Writer& writer, const import::Layout& layout);

}  // namespace headrace::exports
