// Files that are nearly Vensim's: seeded changes of good ones.

#include <gtest/gtest.h>

#include <array>

#include "import/changed_files.h"
#include "import/vensim/import.h"

namespace headrace::import::vensim {
namespace {

constexpr std::string_view kArrays = R"({UTF-8}
place : a, b, c ~~|
north : a, b ~~|
side : (s1-s3) -> (place : a, b, c) ~~|
people[place] = INTEG(born[place] - moved[place], start[place]) ~ Person [0,?] ~ Who lives there. |
born[place] = people[place] * effect of crowding(people[place] / 10) ~ Person/Month ~|
moved[north] = MAX(0, people[north] / delay) ~~|
moved[c] = 0 ~~|
start[place] = 1, 2, 3 ~ Person ~|
grid[place, side] = 1,2,3; 4,5,6; 7,8,9; ~~|
rest[place] :EXCEPT: [c] = SUM(grid[place, side!]) ~~|
rest[c] = IF THEN ELSE(Time > 3 :AND: :NOT: people[c] = :NA:, 1, 0) ~~|
effect of crowding([(0,0)-(10,2)],(0,1),(5,0.5),(10,0)) ~~|
delay = WITH LOOKUP(Time, ([(0,0)-(10,10)],(0,2),(10,4))) ~~|
smoothed[place] = SMOOTH3I(people[place], 4, 0) + DELAY FIXED(1, 2, 0) + PULSE(1, 2) ~~|
********************************************************
	.Control
********************************************************~
		Simulation Control Parameters |
FINAL TIME = 6 ~ Month ~|
INITIAL TIME = 0 ~ Month ~|
SAVEPER = TIME STEP ~ Month [0,?] ~|
TIME STEP = 0.5 ~ Month [0,?] ~|
\\\---/// Sketch information - do not modify anything except names
V300  Do not put anything below this section - it will be ignored
*View 1
$192-192-192,0,Times New Roman|12||0-0-0|0-0-0|0-0-255|-1--1--1|-1--1--1|96,96,100,0
10,1,people,593,59,62,14,8,3,0,0,0,0,0,0
///---\\\
:L<%^E!@
15:0,0,0,1,0,0
22:Month,Months
)";

constexpr std::string_view kMacros = R"(:MACRO: keep(input, time to keep : all)
keep = INTEG((input - keep) / time to keep, input) ~~|
all = keep * 2 ~~|
:END OF MACRO:
"a \"quoted\" name" == 3 ~ Dmnl ~|
level = INTEG(in - out, 100) ~ Widget ~ Two
 lines of \
	comment. ~ :SUP |
in = keep("a \"quoted\" name", 2 : both) + both + STEP(1, 4) - RAMP(1, 2, 3) ~ Widget/Year ~|
out = level / 5 + RANDOM UNIFORM(0, 0, 1) ^ 2 * XIDZ(1, 0, -3) ~~|
start = ACTIVE INITIAL(level, INITIAL(in)) ~~|
kept = SAMPLE IF TRUE(level > 90, level, 0) ~~|
check :THE CONDITION: level > 0 :IMPLIES: in > 0 ~~|
FINAL TIME = 10 ~~| INITIAL TIME = 0 ~~| TIME STEP = 1 ~~| SAVEPER = 1 ~~|
)";

constexpr std::array<std::string_view, 20> kPieces = {"~",
                                                      "|",
                                                      "~~|",
                                                      "\"",
                                                      "((((((((",
                                                      "{",
                                                      "}",
                                                      "[",
                                                      "]",
                                                      ":EXCEPT:",
                                                      ":MACRO:",
                                                      ":END OF MACRO:",
                                                      "\\\n",
                                                      "???",
                                                      "1e999",
                                                      "\xff\xfe",
                                                      "A FUNCTION OF(a)",
                                                      "(1-100000000)",
                                                      "place : place ~~|",
                                                      "\\\\\\---/// Sketch\n"};

TEST(VensimFuzz, ChangedFilesAreReadOrRefused) {
  const std::string_view files[] = {kMacros, kArrays};
  expect_read_or_refused(import, files, kPieces);
}

}  // namespace
}  // namespace headrace::import::vensim
