// Data from workbooks.

#include "sheet/book_test.h"

#include "model/resolve_test.h"

namespace headrace::model {
namespace {

TestOptions beside() {
  TestOptions options;
  options.folder = ::testing::TempDir();
  return options;
}

const char* kRows =
    R"(<row><c t="inlineStr"><is><t>kind</t></is></c><c t="inlineStr"><is><t>when</t></is></c>)"
    R"(<c t="inlineStr"><is><t>usd</t></is></c></row>)"
    R"(<row><c t="inlineStr"><is><t>a</t></is></c><c><v>44562</v></c><c><v>5</v></c></row>)"
    R"(<row><c t="inlineStr"><is><t>b</t></is></c><c><v>44927</v></c><c><v>7</v></c></row>)";

TEST(Books, GiveMembersConstantsAndSeries) {
  sheet::write_parts("book.xlsx", sheet::one_sheet(kRows));
  expect_model(
      "time 2022-01-01 to 2023-01-01 step 1/12 year\n"
      "dim kind from \"book.xlsx\" by kind\n"
      "data usd[kind] from \"book.xlsx#prices\" column usd\n"
      "data all from \"book.xlsx\" column usd at when\n"
      "let x = usd[a] + all + sum(usd)\n",
      {"kind"}, beside());
}

TEST(Books, TellWhichSheetAndCellIsWrong) {
  sheet::write_parts("book.xlsx", sheet::one_sheet(kRows));
  expect_faults("dim kind from \"book.xlsx#Costs\" by kind\nlet x = size(kind)\n", 1,
                {"`book.xlsx` has no sheet `Costs`", "its sheets are Prices"}, beside());
  sheet::write_parts("text.xlsx",
                     sheet::one_sheet(R"(<row><c t="inlineStr"><is><t>usd</t></is></c></row>)"
                                      R"(<row><c t="inlineStr"><is><t>five</t></is></c></row>)"));
  expect_faults("data usd from \"text.xlsx\" column usd\nlet x = usd\n", 1,
                {"text.xlsx#Prices:2:1", "`five` is not a number"}, beside());
}

}  // namespace
}  // namespace headrace::model
