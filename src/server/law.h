#pragma once

// The law of a model on the page: questions of a form, a table of sales, flags on time axes.

#include <memory>
#include <string>

#include "base/result.h"
#include "server/frame.h"
#include "server/requests.h"
#include "workbench/classify.h"

namespace headrace::server {

struct Law {
  std::unique_ptr<workbench::LawBook> book;
  std::unique_ptr<workbench::Classifier> classifier;
  bool own = false;  // from the model's text, not built in
};

// The rules of the model at `path`, or those that are built in when it has none. Null when even
// they cannot be asked.
std::shared_ptr<Law> open_law(const std::string& path);

// Adds to a model's description whose law it is under: `law` is "model" for its own, "built-in"
// when its sources name an act of the built-in register, else "". `events` are the days on which
// that law changes while the model runs.
void add_law(const Law& law, Json& described);

// The answers of POST /api/classify, /api/catalogue and /api/classify/table.
base::Result<Json> answer_case(Law& law, const CaseRequest& request);
base::Result<Json> answer_catalogue(Law& law, const CaseRequest& request);
base::Result<Json> answer_table(Law& law, const std::string& table);

}  // namespace headrace::server
