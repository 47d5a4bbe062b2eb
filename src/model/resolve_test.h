#pragma once

// Models in tests: a text in, the dumped model or the rendered diagnostics out.

#include <filesystem>
#include <string>
#include <vector>

namespace headrace::model {

struct Resolved {
  std::string dump;    // empty when there are errors
  std::string faults;  // rendered, warnings too
};

struct TestOptions {
  std::vector<std::string> scenarios;
  std::filesystem::path folder;
  bool with_library = true;
};

Resolved resolve_text(const std::string& text, const TestOptions& options = {});

// Fails unless the model is free of errors and its dump holds every fragment.
void expect_model(const std::string& text, const std::vector<std::string>& fragments,
                  const TestOptions& options = {});
// Fails unless the faults hold every fragment and there are `count` diagnostics.
void expect_faults(const std::string& text, size_t count, const std::vector<std::string>& fragments,
                   const TestOptions& options = {});

}  // namespace headrace::model
