#include "cli/law.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <ctime>

#include "cli/exit_code.h"
#include "cli/terminal.h"
#include "text/calendar.h"

namespace headrace::cli {

LawSession open_law(const Arguments& args) {
  LawSession session;
  session.law = or_end(workbench::open_law(args.model, args.scenarios));
  for (const std::string& name : args.scenarios) {
    bool known = false;
    for (syntax::StatementId id : session.law->tree.top_level) {
      const auto* decl = std::get_if<syntax::ScenarioDecl>(&session.law->tree[id].node);
      known |= decl && decl->name.text == name;
    }
    if (!known) end_with(kNotFound, fmt::format("there is no scenario '{}'", name));
  }
  const std::string found =
      text::render(session.law->diagnostics, session.law->sources, color_on_stderr(args));
  std::fputs(found.c_str(), stderr);
  if (session.law->diagnostics.has_errors()) throw Ended{kInvalid};
  session.classifier = or_end(workbench::Classifier::make(*session.law));
  return session;
}

int code_or_end(const workbench::Classifier& classifier, const char* fact,
                const std::string& word) {
  rules::Case asked(classifier.law().book);
  or_end(classifier.tell(asked, fact, word));
  const auto index = classifier.law().book.find_fact(fact);
  return static_cast<int>(asked.facts[*index].codes._Find_first());
}

std::string figure(const std::optional<rules::Interval>& value) {
  if (!value || !std::isfinite(value->high)) return "unknown";
  if (value->is_point()) return fmt::format("{:.6g}", value->low);
  return fmt::format("{:.6g} to {:.6g}", value->low, value->high);
}

std::string day(double years) { return text::iso(text::from_years(years)); }

double day_or_end(const std::string& text) {
  const auto date = text::parse_date(text);
  if (!date) end_with(kUsage, fmt::format("'{}' is no date\n  write 2023-11-17", text));
  return text::to_years(*date);
}

double today() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  return text::to_years({utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday});
}

}  // namespace headrace::cli
