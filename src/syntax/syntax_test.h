#pragma once

// What the tests of this folder share.

#include <string>
#include <string_view>

#include "syntax/syntax.h"

namespace headrace::syntax {

// A text read on its own, with what was found in it.
struct Reading {
  explicit Reading(std::string text) {
    source = sources.add("m.hr", std::move(text));
    parse(sources, source, tree, diagnostics);
  }
  std::string messages() const { return text::render(diagnostics, sources); }

  text::SourceSet sources;
  text::SourceId source;
  Tree tree;
  text::Diagnostics diagnostics;
};

inline std::string formatted(std::string text) {
  text::SourceSet sources;
  text::Diagnostics diagnostics;
  auto source = sources.add("m.hr", std::move(text));
  return format(sources, source, diagnostics);
}

// A text that uses every rule of the grammar at least once.
inline constexpr std::string_view kCorpus = R"(## What this is,
## in two lines.
model m "Title" units loose
time 2018-01-01 to 2032-01-01 step 1/24 year save 1/12 year in year method rk4
unit a, b
unit H100e = 1979e12 op/s   # 8-bit dense
unit hz = 1/second
unit rpm = 60 / minute
unit dozen = 12
unit w = (a*b)^2/(c^-1*d)
dim leading < node = n5, n3, "5 nm", 7
dim n = 1..5
dim k from "chips.csv" by id
map node to family = n7: mature, n5: leading, 3: "x y"
data tpp[k] : op/s from "chips.csv" column tpp at date step from @a, @b.c-d note "x"
param x : chip = 3 to 7 year from @ft assumed "w"
param y = beta(mode 0.4, 0.25 to 0.55)
param z = discrete(0.2: 200e3, 0.8: 300e3 - 1) note "n \"quoted\" \\ and\nnew line"
let licence[chip_kind] "t" : 1 = 1

  # The rules.
  from 2022-10-07 = 0                     cite "87 FR 62186"
  from 2023-11-17 [H20] = 1               cite "88 FR 73458" from @bis
  from 2025-08-11 ramp 90 day [H20] = 0.4 # forty per cent
  [US, 3] = 20%
let only_members[c in country, node] : 1
  [US] = 1
stock die_bank : die = 2.9e6 die from @sa
  in  good_dies, other
  out packaged_dies
stock level[d] = 5 out a
  [US] = 7
stock rate = 5 step d/dt = 3 * d/dt nonnegative
table curve(wafers : wafer) : 1 = (0, 0.20) (5e4, -0.30)
  (2e5, 0.55) step from @s
table curve2(wafers) = (0, 1) extrapolate
correlate yield_2024, learning = -0.4 (rank) assumed "guess"
## Smooths.
function smooth(input, delay : year = 3, initial = input) : 1 =
  dim stage = 1..3
  ## The level.
  stock level = initial
    d/dt = (input - level) / delay
    in a, b
  let x = 3
    [a] = 4
  return -level
function sq(x) = x ^ 2
function none() = 1
claim A1 "Huawei makes" : huawei_output over 2025 <= 200e3 chip   from @kessler_2025_06
check c "t" : time.step > 0 and not (a < b <= c != d) or true
scenario hard_stop "No" on a, b
  export_policy from 2027-01-01 = 0
  smuggling_rate = 0.05 to 0.15
  "q r"[US] from time.start ramp 1 year = 4
scenario z { a = 1; b[US] = 2
  c = 3 }
source s "t" url "u" date 2022-10 kind "k" note "n"
source from "x.csv"
observe huawei_output averaged over 2024 to 2025 ~ lognormal(200e3 chip, 1.4)   from @foo
observe x[c] at 2025Q2 ~ normal(1, 2)
measure m = sum(x[c] * y[c - 1, *, "a b", 4] for c in country, d in e) at (time.start + 3 year)
measure p = max(x averaged over 2025, y highest over 2025-06, z lowest over (a) to b, 5 m^2, 5 m^-1 at 3)
let u = if a == 3 then 1 else if b >= 2 then 2 else -3^-2^x
let v = (1 + 2) * (3 - (4 - 5)) / (6 / 7) ^ 8 + (if a then b else c)
let w = (x over 2024) to 3
let smoothed = smooth(input, initial = 5, delay = -3)
let tight = a*b/c + 3/4
let long =
  sum(
    x[*]
  ) +
  time
flow f "F" : die/year = wafer_starts * "gross dies" * false
)";

}  // namespace headrace::syntax
