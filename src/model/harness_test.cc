#include <gtest/gtest.h>

#include "model/resolve.h"
#include "model/resolve_test.h"
#include "syntax/syntax.h"

namespace headrace::model {

namespace {

size_t count_of(const std::string& text, const std::string& word) {
  size_t count = 0;
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

}  // namespace

Resolved resolve_text(const std::string& text, const TestOptions& options) {
  text::SourceSet sources;
  syntax::Tree tree;
  text::Diagnostics diagnostics;
  if (options.with_library) add_library(sources, tree, diagnostics);
  syntax::parse(sources, sources.add("m.hr", text), tree, diagnostics);
  ResolveOptions resolve_options;
  resolve_options.scenarios = options.scenarios;
  resolve_options.folder = options.folder;
  const Model model = resolve(tree, sources, resolve_options, diagnostics);
  Resolved result;
  result.faults = render(diagnostics, sources);
  if (!diagnostics.has_errors()) result.dump = dump(model);
  return result;
}

void expect_model(const std::string& text, const std::vector<std::string>& fragments,
                  const TestOptions& options) {
  const Resolved resolved = resolve_text(text, options);
  ASSERT_FALSE(resolved.dump.empty()) << text << "\n" << resolved.faults;
  for (const std::string& fragment : fragments)
    EXPECT_NE(resolved.dump.find(fragment), std::string::npos)
        << "missing: " << fragment << "\nin:\n"
        << resolved.dump;
}

void expect_faults(const std::string& text, size_t count, const std::vector<std::string>& fragments,
                   const TestOptions& options) {
  const Resolved resolved = resolve_text(text, options);
  EXPECT_EQ(count_of(resolved.faults, ": error: ") + count_of(resolved.faults, ": warning: "),
            count)
      << text << "\n"
      << resolved.faults;
  for (const std::string& fragment : fragments)
    EXPECT_NE(resolved.faults.find(fragment), std::string::npos)
        << "missing: " << fragment << "\nin:\n"
        << resolved.faults;
}

}  // namespace headrace::model
