#pragma once

// What to watch, as a page, a table and a calendar read it.

#include <atomic>
#include <optional>
#include <string>

#include "base/result.h"
#include "server/requests.h"
#include "workbench/monitor.h"

namespace headrace::server {

struct WatchText {
  std::string type, text;
};

// JSON is schema headrace.watch/1 and what the page alone needs: `decisions` to choose from,
// `own_list`, `focus`, the draws of one indicator beside the first question's number, and `fan`,
// the quantity of the one question over time before and after the readings. Nothing when stopped.
base::Result<std::optional<WatchText>> answer_watch(workbench::Monitor& monitor,
                                                    workbench::Live& live, const std::string& path,
                                                    const WatchRequest& request,
                                                    const std::atomic<bool>& stop);

}  // namespace headrace::server
