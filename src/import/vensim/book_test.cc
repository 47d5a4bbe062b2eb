// What a model says of the cells of a workbook.

#include "sheet/book_test.h"

#include "import/vensim/import.h"

namespace headrace::import::vensim {
namespace {

// Where the times of `x` stand when the model calls them `YR`, and the names are those.
syntax::Cells::Along times_of(const std::string& names) {
  sheet::write_parts("years.xlsx",
                     sheet::one_sheet("<row><c><v>2020</v></c><c><v>5</v></c></row>", "", names));
  ImportOptions options;
  options.folder = ::testing::TempDir();
  text::SourceSet sources;
  const text::SourceId source =
      sources.add("m.mdl",
                  "x := GET DIRECT DATA('years.xlsx', 'Prices', 'YR', 'B1') ~~|\n"
                  "INITIAL TIME = 0 ~~|\nFINAL TIME = 1 ~~|\nTIME STEP = 1 ~~|\nSAVEPER = 1 ~~|\n");
  syntax::Tree tree;
  Layout layout;
  text::Diagnostics diagnostics;
  import(sources, source, options, tree, layout, diagnostics);
  for (const syntax::StatementId id : tree.top_level) {
    const auto* data = std::get_if<syntax::DataDecl>(&tree[id].node);
    if (data && data->parts.size() == 1 && data->parts[0].cells) return data->parts[0].cells->along;
  }
  ADD_FAILURE() << "no data from cells";
  return syntax::Cells::Along::kNothing;
}

TEST(Books, ANameOfTheWorkbookComesBeforeAColumn) {
  EXPECT_EQ(times_of(R"(<definedName name="Yr">Prices!$A$1:$A$9</definedName>)"),
            syntax::Cells::Along::kCells);
  EXPECT_EQ(times_of(R"(<definedName name="Other">Prices!$A$1</definedName>)"),
            syntax::Cells::Along::kColumn);
}

}  // namespace
}  // namespace headrace::import::vensim
