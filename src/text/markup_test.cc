#include "text/markup.h"

#include <gtest/gtest.h>

namespace headrace::text {
namespace {

TEST(Markup, WhatMeansSomethingIsEscaped) {
  EXPECT_EQ(escape_markup("a < b & \"c\" > d"), "a &lt; b &amp; &quot;c&quot; &gt; d");
  EXPECT_EQ(escape_markup("x\ny\t\x01"), "x\ny\t ");
}

}  // namespace
}  // namespace headrace::text
