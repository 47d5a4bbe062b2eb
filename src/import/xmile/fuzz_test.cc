// Files that are nearly XMILE: seeded changes of good ones.

#include <gtest/gtest.h>

#include <array>

#include "import/changed_files.h"
#include "import/xmile/import.h"

namespace headrace::import::xmile {
namespace {

constexpr std::string_view kFarm = R"(<?xml version="1.0"?>
<xmile version="1.0"><header><name>farm</name></header>
<sim_specs method="rk4" time_units="Year"><start>0</start><stop>4</stop><dt reciprocal="true">2</dt></sim_specs>
<dimensions><dim name="Kind"><elem name="hen"/><elem name="cow"/></dim></dimensions>
<model><variables>
<stock name="Animals"><dimensions><dim name="Kind"/></dimensions><eqn>10</eqn><inflow>births</inflow><non_negative/></stock>
<flow name="births"><dimensions><dim name="Kind"/></dimensions>
<element subscript="hen"><eqn>Animals[hen] * 0.2 + SUM(Animals[*])</eqn></element>
<element subscript="cow"><eqn>IF TIME &gt; 2 THEN rate(Animals[cow]) ELSE SMTH1(3, 2)</eqn></element></flow>
<gf name="rate"><xscale min="0" max="10"/><ypts>0,1,4</ypts></gf>
<module name="barn"><connect to="load" from="births"/></module>
</variables></model>
<model name="barn"><variables><aux name="load" access="input"><eqn>1</eqn></aux></variables></model>
<macro name="twice"><parm>x</parm><eqn>2 * x</eqn></macro></xmile>)";

constexpr std::string_view kBelt =
    R"(<xmile><sim_specs><start>0</start><stop>8</stop><dt>1</dt></sim_specs><model><variables>
<stock name="line"><eqn>5</eqn><inflow>come</inflow><outflow>serve</outflow><outflow>away</outflow><queue/></stock>
<flow name="come"><eqn>3</eqn></flow><flow name="serve"/><flow name="away"><overflow/></flow>
<stock name="desk"><eqn>8</eqn><inflow>serve</inflow><outflow>done</outflow><outflow>lost</outflow>
<conveyor discrete="true" exponential_leak="true"><len>2</len><capacity>4</capacity><in_limit>9</in_limit><arrest>TIME &lt; 0</arrest><sample>1</sample></conveyor></stock>
<flow name="done"/><flow name="lost" leak_start="0.2" leak_end="0.9"><eqn>0.1</eqn><leak/><leak_integers/></flow>
<stock name="bake"><eqn>0</eqn><inflow>dough</inflow><outflow>bread</outflow><oven><len>2</len><capacity>6</capacity></oven></stock>
<flow name="dough"><eqn>2</eqn></flow><flow name="bread"/></variables></model></xmile>)";

constexpr std::array<std::string_view, 16> kPieces = {
    "<",        ">",        "&amp;",
    "&",        "]]>",      "<![CDATA[",
    "((((((((", "{",        "\"",
    "'",        ",",        "???",
    "1e999",    "\xff\xfe", "<stock name=\"Animals\"><eqn>lost</eqn><conveyor/></stock>",
    "<queue/>"};

TEST(XmileFuzz, ChangedFilesAreReadOrRefused) {
  const std::string_view files[] = {kBelt, kFarm};
  expect_read_or_refused(import, files, kPieces);
}

}  // namespace
}  // namespace headrace::import::xmile
