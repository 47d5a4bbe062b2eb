#pragma once

// What every JSON answer is made of. For the files of this folder that write JSON only.

#include <nlohmann/json.hpp>
#include <string>

#include "report/run_report.h"

namespace headrace::report {

using Json = nlohmann::ordered_json;

Json number(double value);  // null when it is not finite
Json value(double value, model::Type type, bool calendar);
Json quantiles(const Spread& s, model::Type type, bool calendar);
// The object that each answer about runs begins with.
Json head(const char* schema, const Context& context);
// The same for one that is not about a number of draws: which model, changed how, which seed.
Json short_head(const char* schema, const Context& context);
std::string to_text(const Json& json);

}  // namespace headrace::report
