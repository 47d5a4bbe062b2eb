#include "sheet/workbook.h"

#include <fstream>
#include <iterator>

#include "sheet/book_test.h"

namespace headrace::sheet {
namespace {

std::string message(const base::Result<Workbook>& book) {
  return book ? "read" : book.error().message;
}

std::string fault(const Parts& parts) {
  return message(read_xlsx(write_parts("fault.xlsx", parts)));
}

TEST(Address, IsReadAndShown) {
  EXPECT_EQ(parse_address("B2"), (Address{1, 1}));
  EXPECT_EQ(parse_address("$AA$10"), (Address{9, 26}));
  EXPECT_EQ(show({9, 26}), "AA10");
  EXPECT_EQ(show({1'048'575, 16'383}), "XFD1048576");
  for (const char* wrong : {"", "B", "2", "B0", "XFE1", "B1048577", "2B", "B2x", "ABCD1"})
    EXPECT_FALSE(parse_address(wrong)) << wrong;
  EXPECT_EQ(parse_column("ab"), 27u);
}

TEST(Xlsx, HasNumbersTextsErrorsAndNames) {
  const Parts parts = one_sheet(
      R"(<row r="1"><c r="A1" t="s"><v>1</v></c><c r="C1" t="inlineStr"><is><t>in</t></is></c></row>)"
      R"(<row r="3"><c r="A3"><v>44562</v></c><c r="B3" t="b"><v>1</v></c><c r="C3" t="e"><v>#N/A</v></c>)"
      R"(<c r="D3" t="str"><f>A1</f><v>made</v></c><c r="E3"/></row>)",
      R"(<si><t>no</t></si><si><r><t>two </t></r><r><t>runs</t></r><rPh><t>x</t></rPh></si>)",
      R"(<definedName name="all">Prices!$A$1:$C$3</definedName><definedName name="sum">SUM(A1)</definedName>)");
  const auto book = read_xlsx(write_parts("good.xlsx", parts));
  ASSERT_TRUE(book) << message(book);
  const Sheet* sheet = book->find_sheet("PRICES");
  ASSERT_NE(sheet, nullptr);
  EXPECT_EQ(to_csv(*sheet), "\"two runs\",,\"in\",\n,,,\n44562,1,\"#N/A\",\"made\"\n");
  EXPECT_EQ(sheet->at({2, 2})->kind, Cell::Kind::kError);
  ASSERT_EQ(book->names.size(), 1u);
  EXPECT_EQ(book->find_name("ALL")->area.last, (Address{2, 2}));
}

TEST(Xlsx, RefusesWhatIsNoWorkbook) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "old.xls";
  std::ofstream(path, std::ios::binary) << "\xd0\xcf\x11\xe0 and so on";
  EXPECT_NE(message(read_xlsx(path)).find("behind a password"), std::string::npos);
  EXPECT_EQ(message(read_workbook(path)), "it is not an .xls workbook, or damaged");
  std::ofstream(path, std::ios::binary) << "plain text";
  EXPECT_NE(message(read_xlsx(path)).find("not an .xlsx workbook"), std::string::npos);
  EXPECT_EQ(fault({{"other.txt", "x"}}),
            "it has no part `xl/workbook.xml`, so it is no .xlsx workbook");
  EXPECT_EQ(fault({{"xl/workbook.xml", "<workbook/>"}}), "it has no sheets");
}

TEST(Xlsx, NamesWhatIsWrongInside) {
  EXPECT_EQ(fault(one_sheet(R"(<row><c r="B2" t="s"><v>7</v></c></row>)")),
            "cell B2 of sheet `Prices` names a text that is not there");
  EXPECT_EQ(fault(one_sheet(R"(<row><c r="B2" t="s"><v>-1</v></c></row>)")),
            "cell B2 of sheet `Prices` names a text that is not there");
  EXPECT_EQ(fault(one_sheet(R"(<row><c r="ZZZZ9"><v>7</v></c></row>)")),
            "sheet `Prices` has a cell `ZZZZ9`");
  EXPECT_NE(fault(one_sheet("<row>")).find("not well-formed XML"), std::string::npos);
}

TEST(Xlsx, TruncatedFilesAreRefused) {
  std::string rows;
  for (int r = 1; r <= 500; ++r)
    rows += "<row><c><v>" + std::to_string(r * 7919 % 10007) + "</v></c></row>";
  const auto path = write_parts("whole.xlsx", one_sheet(rows));
  ASSERT_TRUE(read_xlsx(path));
  const auto size = std::filesystem::file_size(path);
  for (uintmax_t kept : {size - 1, size / 2, uintmax_t{30}}) {
    std::filesystem::resize_file(path, kept);
    EXPECT_FALSE(read_xlsx(path)) << kept;
  }
}

// The checksum of a part stands in the directory at the end of the archive, 16 bytes into its
// entry.
TEST(Xlsx, ChangedPartsAreRefused) {
  const auto path =
      write_parts("changed.xlsx", one_sheet(R"(<row><c r="A1"><v>1234</v></c></row>)"));
  std::string bytes;
  {
    std::ifstream file(path, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(file), {});
  }
  constexpr size_t kEntryBytes = 46, kChecksum = 16;
  const size_t name = bytes.rfind("xl/worksheets/sheet1.xml");
  ASSERT_GT(name, kEntryBytes);
  bytes[name - kEntryBytes + kChecksum] ^= 1;
  std::ofstream(path, std::ios::binary) << bytes;
  EXPECT_EQ(message(read_xlsx(path)), "its part `xl/worksheets/sheet1.xml` is cut off or damaged");
}

TEST(Xlsx, NumbersAreFinite) {
  const auto book = read_xlsx(
      write_parts("infinite.xlsx", one_sheet("<row><c><v>inf</v></c><c><v>nan</v></c></row>")));
  ASSERT_TRUE(book) << message(book);
  for (const uint32_t column : {0u, 1u})
    EXPECT_EQ(book->sheets.front().at({0, column})->kind, Cell::Kind::kText);
}

TEST(Xlsx, OneTextInManyCellsCountsInEach) {
  std::string row = "<row>";
  for (int k = 0; k < 40; ++k) row += R"(<c t="s"><v>0</v></c>)";
  const auto path = write_parts(
      "texts.xlsx", one_sheet(row + "</row>", "<si><t>" + std::string(30'000, 'a') + "</t></si>"));
  ASSERT_TRUE(read_xlsx(path));
  Limits limits;
  limits.all_bytes = 1 << 20;
  EXPECT_EQ(message(read_xlsx(path, limits)), "its cells hold more than 1 MiB of text");
}

TEST(Xlsx, BombsAreNotUnpacked) {
  Parts parts = one_sheet("");
  parts["xl/sharedStrings.xml"] = std::string(size_t{3} << 20, ' ');
  Limits limits;
  limits.ratio = 100;
  EXPECT_NE(message(read_xlsx(write_parts("bomb.xlsx", parts), limits)).find("packed beyond"),
            std::string::npos);
  limits = {};
  limits.part_bytes = 1 << 20;
  EXPECT_NE(message(read_xlsx(write_parts("bomb.xlsx", parts), limits)).find("more than is read"),
            std::string::npos);
  limits = {};
  limits.cells = 2;
  const auto many = write_parts(
      "many.xlsx", one_sheet("<row><c><v>1</v></c><c><v>2</v></c><c><v>3</v></c></row>"));
  EXPECT_EQ(message(read_xlsx(many, limits)), "it has more than 2 cells");
}

TEST(Delimited, IsReadWithQuotesAndOtherMarks) {
  const auto sheet = read_delimited("time; a;\"b;\"\"c\"\"\"\r\n1;2.5; +3 \n\n;;x\n", ';');
  ASSERT_TRUE(sheet);
  EXPECT_EQ(sheet->at({0, 2})->text, "b;\"c\"");
  EXPECT_EQ(sheet->at({1, 2})->number, 3);
  EXPECT_EQ(sheet->at({2, 0}), nullptr);
  EXPECT_EQ(sheet->at({3, 2})->text, "x");
  EXPECT_EQ(sheet->rows, 4u);
  const auto open = read_delimited("a,\"b", ',');
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().message, "the quote in cell B1 never closes");
}

}  // namespace
}  // namespace headrace::sheet
