#pragma once

// The equations of a model as its text has them.

#include <map>
#include <string>

#include "text/source.h"
#include "workbench/project.h"

namespace headrace::server {

// One declaration of the text.
struct Declared {
  std::string equation;  // in the language
  std::string mathml;    // one <math> element; empty where text reads better
  text::Span span;
};

// By the name that each declares.
std::map<std::string, Declared> declarations(const workbench::Project& project);

}  // namespace headrace::server
