#pragma once

// What to watch, for a page that asks again and again: the runs behind the last answer are kept, so
// that a reading which came out, or another indicator looked at, costs no simulation.

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "workbench/live.h"
#include "workbench/watch.h"

namespace headrace::workbench {

struct MonitorQuestion {
  Question version;    // which version of the model; its outputs are not looked at
  WatchOptions watch;  // without `since`
  uint64_t draws = 8192, seed = 1;
  std::string focus;  // an indicator whose draws are wanted, or ""
};

struct MonitorAnswer {
  report::WatchReport report;
  std::vector<DecisionLine> decisions;  // of the model, to choose from
  std::optional<WatchPairs> focus;      // beside the first question
  bool own_list = false;                // a watch list, not the measures
  std::vector<uint32_t> after;          // draws that stand for all after the readings, see watch.h
};

// Not safe for several threads at once.
class Monitor {
 public:
  // `live` was opened from `path`; the answer is of the text that it read. Nothing when stopped.
  base::Result<std::optional<MonitorAnswer>> ask(Live& live, const std::string& path,
                                                 const MonitorQuestion& question,
                                                 const std::atomic<bool>& stop);

 private:
  std::string key_;  // of what the runs answer
  std::optional<WatchRuns> runs_;
};

}  // namespace headrace::workbench
