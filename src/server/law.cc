#include "server/law.h"

#include <ctime>
#include <filesystem>
#include <set>

#include "text/calendar.h"
#include "workbench/batch.h"
#include "workbench/rulings.h"

namespace headrace::server {
namespace {

namespace fs = std::filesystem;
using base::Error;

// Null when there is none, or it is wrong.
std::shared_ptr<Law> open_one(const std::string& path) {
  auto book = workbench::open_law(path, {});
  if (!book || (*book)->diagnostics.has_errors()) return nullptr;
  auto law = std::make_shared<Law>();
  law->book = std::move(*book);
  auto classifier = workbench::Classifier::make(*law->book);
  if (!classifier) return nullptr;
  law->classifier = std::move(*classifier);
  return law;
}

double today() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  return text::to_years({utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday});
}

std::string cell(const text::CsvTable& table, size_t row, std::string_view column) {
  const auto at = table.column(column);
  return at ? table.rows[row][*at] : "";
}

base::Result<rules::Case> read_case(const Law& law, const CaseRequest& request) {
  rules::Case asked(law.book->book);
  asked.date = today();
  for (const auto& [name, value] : request.facts) {
    if (auto told = law.classifier->tell(asked, name, value); !told)
      return std::unexpected(told.error());
  }
  const auto destination = law.book->book.find_fact("destination");
  if (destination && asked.facts[*destination].codes.none())
    return base::fail(Error::Kind::kUsage, "where to? Give a 'destination'");
  return asked;
}

}  // namespace

std::shared_ptr<Law> open_law(const std::string& path) {
  std::error_code ignored;
  const bool ours = path.empty() || fs::is_directory(path, ignored) || path.ends_with(".hr");
  if (ours) {
    if (auto law = open_one(path.empty() ? "." : path)) {
      law->own = true;
      return law;
    }
  }
  return open_one("");
}

void add_law(const Law& law, Json& described) {
  const text::CsvTable& acts = law.book->acts;
  std::set<std::string> ids;
  for (size_t row = 0; row < acts.rows.size(); ++row) ids.insert(cell(acts, row, "id"));
  bool cites = false;
  for (const Json& source : described["sources"]) cites |= ids.contains(source["id"]);
  described["law"] = law.own ? "model" : cites ? "built-in" : "";
  described["events"] = Json::array();
  if (described["law"] == "" || !described["calendar"].get<bool>()) return;
  const double start = described["start"], end = described["end"];
  for (double time : law.book->book.changes()) {
    if (time <= start || time >= end) continue;
    const std::string date = text::iso(text::from_years(time));
    for (size_t row = 0; row < acts.rows.size(); ++row) {
      if (cell(acts, row, "date") != date) continue;
      described["events"].push_back({{"time", time},
                                     {"date", date},
                                     {"id", cell(acts, row, "id")},
                                     {"name", cell(acts, row, "title")}});
    }
  }
}

base::Result<Json> answer_case(Law& law, const CaseRequest& request) {
  const auto asked = read_case(law, request);
  if (!asked) return std::unexpected(asked.error());
  workbench::Classifier& classifier = *law.classifier;
  Json out = workbench::ruling_to_json(classifier, *asked, classifier.rule(*asked));
  out["stretches"] = workbench::stretches_to_json(workbench::over_time(classifier, *asked));
  return out;
}

base::Result<Json> answer_catalogue(Law& law, const CaseRequest& request) {
  const auto asked = read_case(law, request);
  if (!asked) return std::unexpected(asked.error());
  return Json{{"date", text::iso(text::from_years(asked->date))},
              {"chips", workbench::catalogue_to_json(*law.classifier, *asked)},
              {"plane", workbench::plane_to_json(*law.classifier, *asked)}};
}

base::Result<Json> answer_table(Law& law, const std::string& table) {
  const auto batch = workbench::classify_table(*law.book, table);
  if (!batch) return std::unexpected(batch.error());
  return Json{{"text", batch->text},
              {"rows", batch->rows},
              {"wrong", batch->wrong},
              {"errors", batch->errors}};
}

}  // namespace headrace::server
