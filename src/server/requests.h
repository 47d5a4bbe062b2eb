#pragma once

// What pages ask, read from JSON and checked. Everything that is not as expected is an Error with
// the key in its message.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "server/frame.h"
#include "workbench/live.h"
#include "workbench/monitor.h"

namespace headrace::server {

// Stated limits of one request.
inline constexpr size_t kMostChanges = 200, kMostOutputs = 24, kMostScenarios = 8;
inline constexpr size_t kMostFacts = 100, kMostReadings = 50;
inline constexpr uint64_t kMostDraws = 1'000'000;

struct RunRequest {
  std::string view;  // which page asks: a newer request of it replaces an older one
  uint32_t sequence = 0;
  workbench::Question question;
  uint64_t draws = 100'000, seed = 1;
  bool preview = true;  // a quick answer first
};

struct CompareRequest {
  std::string view;
  std::vector<workbench::Question> versions;  // the first is the base
  std::string output;                         // an element, shown over time
  uint64_t draws = 16'384, seed = 1;
};

struct ExplainRequest {
  std::string view;
  workbench::Question question;  // outputs: the one to explain
  double time = 0;
  uint64_t draws = 16'384, seed = 1;
};

// What to watch; see workbench/monitor.h. `format`: json, csv or ics.
struct WatchRequest {
  std::string view, format = "json";
  workbench::MonitorQuestion question;
};

base::Result<RunRequest> read_run(std::string_view body);
base::Result<CompareRequest> read_compare(std::string_view body);
base::Result<ExplainRequest> read_explain(std::string_view body);
base::Result<WatchRequest> read_watch(std::string_view body);

// `{"facts": {"chip": "h20", "destination": "CN", "date": "2025-04-20"}}`: facts in words, as
// workbench::Classifier::tell reads them.
struct CaseRequest {
  std::string view;
  std::vector<std::pair<std::string, std::string>> facts;
};
base::Result<CaseRequest> read_case(std::string_view body);

// `{"text": "chip,date,destination\n..."}`
base::Result<std::string> read_table(std::string_view body);

// `{"files": [{"name": ..., "text": ...}]}`
struct TextFile {
  std::string name, text;
};
base::Result<std::vector<TextFile>> read_files(std::string_view body);

}  // namespace headrace::server
