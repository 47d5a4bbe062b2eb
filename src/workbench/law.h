#pragma once

// Law on its own: a model's enums, facts, groups and rules, without the model around them.

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "rules/book.h"
#include "syntax/tree.h"
#include "text/diagnostic.h"
#include "text/source.h"

namespace headrace::workbench {

struct LawBook {
  text::SourceSet sources;
  syntax::Tree tree;
  text::Diagnostics diagnostics;
  rules::Book book;
  text::CsvTable acts;  // the register of acts; empty when the model has none
};

// The rules of the model at `path`, or those that are built in for "". What is wrong with them is
// in `diagnostics`. Errors: no such model, no rules in it.
base::Result<std::unique_ptr<LawBook>> open_law(const std::string& path,
                                                const std::vector<std::string>& scenarios);

// Opens files that stand beside the statement that names them, within `folder`.
rules::OpenFile files_beside(text::SourceSet& sources, const std::string& folder);

}  // namespace headrace::workbench
