#include "report/study_context.h"

#include <fmt/format.h>

namespace headrace::report {

Context study_context(const model::Model& model, const RunReportOptions& options, uint64_t seed) {
  Context context;
  context.model = model.name;
  context.title = model.title.empty() ? model.name : model.title;
  context.hash = options.hash;
  context.scenarios = options.scenarios;
  context.set = options.set;
  context.design = options.design;
  context.seed = seed;
  context.calendar = model.clock.calendar;
  context.is_static = model.clock.is_static;
  context.time_unit = model.clock.unit;
  return context;
}

std::string output_in_words(const std::string& title, const std::string& output,
                            const std::string& unit, const std::string& at) {
  std::string text = title.empty() ? output : title;
  if (!unit.empty() && unit != "1") text += ", " + unit;
  return at.empty() ? text : text + fmt::format(" (at {})", at);
}

}  // namespace headrace::report
