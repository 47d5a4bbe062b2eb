#pragma once

// For tests: files that are nearly good, which an importer may refuse; but it ends, tells why, and
// leaves a tree that can be printed.

#include <gtest/gtest.h>

#include <random>
#include <span>
#include <string>
#include <string_view>

#include "base/changed_text.h"
#include "import/encoding.h"
#include "import/layout.h"
#include "import/options.h"
#include "syntax/syntax.h"

namespace headrace::import {

template <class Importer>
void expect_read_or_refused(Importer importer, std::span<const std::string_view> good_files,
                            std::span<const std::string_view> pieces) {
  std::mt19937 random(20250612);
  size_t good = 0;
  constexpr size_t kFiles = 10'000;
  for (size_t i = 0; i < kFiles; ++i) {
    const std::string text =
        base::changed(std::string(good_files[i % good_files.size()]), pieces, random);
    text::SourceSet sources;
    text::Diagnostics diagnostics;
    syntax::Tree tree;
    Layout layout;
    const auto source = sources.add("changed", to_utf8(text));
    importer(sources, source, {}, tree, layout, diagnostics);
    EXPECT_TRUE(diagnostics.has_errors() || !tree.top_level.empty());
    const std::string printed = syntax::print(tree);
    for (const auto& part : layout.headings) EXPECT_LE(part.statement, tree.top_level.size());
    good += !diagnostics.has_errors();
    if (diagnostics.has_errors()) continue;
    // What is read without a fault is text of the language.
    const auto again = sources.add("again.hr", printed);
    syntax::Tree second;
    syntax::parse(sources, again, second, diagnostics);
    EXPECT_FALSE(diagnostics.has_errors()) << text << "\n" << printed;
  }
  EXPECT_GT(good, kFiles / 20);
  EXPECT_LT(good, kFiles);
}

}  // namespace headrace::import
