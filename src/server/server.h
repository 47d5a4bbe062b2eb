#pragma once

// `headrace serve`: a model as a page. Thin: reads requests, calls the door, writes answers.

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "workbench/backend.h"

namespace headrace::server {

struct ServeOptions {
  std::string model;
  std::string host = "127.0.0.1";
  uint16_t port = 8765;
  bool walk = true;       // take another port when this one is taken
  bool edit = false;      // the page may check and write the model's files
  bool watch = false;     // read the model again when its files change
  std::string ui_dir;     // serve the page's files from here instead of the built-in ones
  std::string posterior;  // a file; draws come from it
  std::string token;      // when set, every request for data must carry it
  unsigned threads = 0;
  workbench::Backend backend = workbench::Backend::kAuto;
  const std::atomic<bool>* stop = nullptr;
  std::function<void(uint16_t port)> ready;
  std::function<void(const std::string& line)> talk;  // what a person should know, one line
  size_t most_connections = 256;
  double read_seconds = 30;
};

// Serves until `stop` is set. Errors: a model that cannot be read, a port that cannot be had.
base::Result<void> serve(const ServeOptions& options);

}  // namespace headrace::server
