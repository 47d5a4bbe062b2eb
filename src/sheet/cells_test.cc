#include "sheet/cells.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "base/changed_text.h"
#include "sheet/book_test.h"

namespace headrace::sheet {
namespace {

namespace fs = std::filesystem;

fs::path write(const std::string& name, const std::string& text) {
  const fs::path path = fs::path(::testing::TempDir()) / name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

View csv(Books& books, const std::string& text) {
  const auto view = books.open(write("cells.csv", text), "", ',');
  EXPECT_TRUE(view) << (view ? "" : view.error().message);
  return *view;
}

template <class T>
std::string message(const base::Result<T>& result) {
  return result ? "read" : result.error().message;
}

using Numbers = std::vector<double>;

TEST(Blocks, RunToTheRightAndDown) {
  Books books;
  const View view = csv(books, "x,1,2,3\ny,4,5,6\n");
  const auto spot = find_spot(view, "b1");
  ASSERT_TRUE(spot);
  EXPECT_EQ(*read_block(view, *spot, 1, 3, false), (Numbers{1, 2, 3}));
  EXPECT_EQ(*read_block(view, *spot, 2, 2, false), (Numbers{1, 2, 4, 5}));
  EXPECT_EQ(*read_block(view, *spot, 2, 2, true), (Numbers{1, 4, 2, 5}));
  EXPECT_EQ(*read_block(view, *spot, 1, 2, true), (Numbers{1, 4}));
}

TEST(Blocks, NameTheCellWithoutANumber) {
  Books books;
  const View view = csv(books, "1,,n/a\n");
  const auto spot = find_spot(view, "A1");
  EXPECT_EQ(message(read_block(view, *spot, 1, 3, false)),
            "cell B1 is empty, where a number is wanted");
  EXPECT_EQ(message(read_block(view, *find_spot(view, "C1"), 1, 1, false)),
            "cell C1 holds `n/a`, where a number is wanted");
  EXPECT_EQ(message(find_spot(view, "price")),
            "`price` is no cell such as B2, and no name of the workbook");
  const auto two = find_spot(view, "A1", "A2");
  EXPECT_EQ(message(read_block(view, *two, 1, 2, false)),
            "1 by 2 numbers are wanted, and the name stands for A1:A2");
}

TEST(Series, RunDownAColumnOrAlongARow) {
  Books books;
  const View view = csv(books, "t,0,1,2,,9\na,10,11,,,1\nb,20,21,22,,2\n");
  auto along = read_series(view, *find_spot(view, "B2"), *row_axis("1"), 2);
  ASSERT_TRUE(along) << message(along);
  EXPECT_EQ((*along)[0], (Points{{0, 10}, {1, 11}}));
  EXPECT_EQ((*along)[1], (Points{{0, 20}, {1, 21}, {2, 22}}));
  TimeAxis gaps = *row_axis("1");
  gaps.gaps = true;
  EXPECT_EQ((*read_series(view, *find_spot(view, "B2"), gaps, 1))[0],
            (Points{{0, 10}, {1, 11}, {9, 1}}));
  const View down = csv(books, "time,a\n3,5\n1,4\nend,7\n8,9\n");
  EXPECT_EQ((*read_series(down, *find_spot(down, "B2"), *column_axis("A"), 1))[0],
            (Points{{1, 4}, {3, 5}}));
  EXPECT_EQ((*read_series(down, *find_spot(down, "B2", "B2"), *column_axis("A"), 1))[0].size(), 1u);
}

TEST(Series, TellWhatIsMissing) {
  Books books;
  const View view = csv(books, "t,0,0\na,1,2\nb,,\n");
  const auto spot = find_spot(view, "B2");
  EXPECT_EQ(message(read_series(view, *spot, *row_axis("1"), 1)),
            "the time 0 stands in B1 and in C1");
  EXPECT_EQ(message(read_series(view, *spot, *row_axis("3"), 1)),
            "no times begin at B3: cell B3 is empty");
  EXPECT_EQ(message(read_series(view, *spot, *column_axis("B"), 3)),
            "no number stands down from D2");
  EXPECT_EQ(message(row_axis("0")), "`0` is no row: they count from 1 to 1048576");
  EXPECT_EQ(message(column_axis("A1")), "`A1` is no column such as A");
}

TEST(Names, OfASheetComeBeforeThoseOfTheWorkbook) {
  Parts parts =
      one_sheet("<row><c><v>1</v></c><c><v>2</v></c></row>", "",
                R"(<definedName name="x">Prices!$A$1</definedName>)"
                R"(<definedName name="x" localSheetId="0">Prices!$B$1:$B$1</definedName>)");
  Books books;
  const auto view = books.open(write_parts("names.xlsx", parts), "prices", ',');
  ASSERT_TRUE(view) << message(view);
  EXPECT_EQ(read_block(*view, *find_spot(*view, "X"), 1, 1, false)->front(), 2);
}

TEST(Books, ReadAFileOnceUntilItChanges) {
  Books books;
  const fs::path path = write("once.csv", "1\n");
  const auto first = books.open(path, "", ',');
  const auto again = books.open(path, "", ',');
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->book, again->book);
  write("once.csv", "12345\n");
  EXPECT_EQ(books.open(path, "", ',')->sheet().at({0, 0})->number, 12345);
  EXPECT_EQ(message(books.open("/nowhere.csv", "", ',')), "there is no such file");
}

// ---------------------------------------------------------------- files that are nearly right

constexpr std::string_view kPieces[] = {"<c r=\"B2\"",
                                        "t=\"s\"",
                                        "</row>",
                                        "<v>",
                                        "1e999",
                                        "-",
                                        "&amp;",
                                        "\"",
                                        ",",
                                        "\n",
                                        "\xff",
                                        "<row r=\"4294967295\">",
                                        "Prices!$A$1:$XFD$1048576",
                                        "localSheetId=\"9\""};

std::string changed(const std::string& text, std::mt19937& random) {
  return base::changed(text, kPieces, random);
}

// What is read at all ends, and what it gives is numbers.
size_t use(const base::Result<View>& view) {
  if (!view) return 0;
  for (const char* place : {"A1", "C3", "all", "XFD1048576"}) {
    const auto spot = find_spot(*view, place);
    if (!spot) continue;
    for (const bool transposed : {false, true}) {
      if (const auto block = read_block(*view, *spot, 2, 3, transposed)) {
        EXPECT_EQ(block->size(), 6u);
      }
    }
    for (const auto& axis : {row_axis("1"), column_axis("A"), area_axis(*view, "all")}) {
      if (!axis) continue;
      TimeAxis with_gaps = *axis;
      with_gaps.gaps = true;
      for (const TimeAxis& each : {*axis, with_gaps}) {
        const auto series = read_series(*view, *spot, each, 2);
        if (series) {
          EXPECT_FALSE((*series)[1].empty());
        }
      }
    }
  }
  return 1;
}

constexpr std::string_view kRows =
    R"(<row r="1"><c r="A1"><v>0</v></c><c r="B1"><v>1</v></c><c r="C1"><v>2</v></c></row>)"
    R"(<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2"><v>1.5</v></c><c r="C2" t="e"><v>#N/A</v></c></row>)"
    R"(<row r="3"><c r="A3"><v>3</v></c><c r="C3" t="inlineStr"><is><t>x</t></is></c></row>)";

TEST(SheetFuzz, ChangedPartsOfWorkbooksAreReadOrRefused) {
  std::mt19937 random(20250612);
  const Parts good = one_sheet(std::string(kRows), "<si><t>name</t></si>",
                               R"(<definedName name="all">Prices!$A$1:$C$1</definedName>)");
  size_t read = 0;
  for (int k = 0; k < 1500; ++k) {
    Parts parts = good;
    auto part = std::next(parts.begin(), static_cast<ptrdiff_t>(random() % parts.size()));
    part->second = changed(part->second, random);
    Books books;
    read += use(books.open(write_parts("fuzz.xlsx", parts), "", ','));
  }
  EXPECT_GT(read, 200u);
  EXPECT_LT(read, 1500u);
}

TEST(SheetFuzz, ChangedBytesOfFilesAreReadOrRefused) {
  std::mt19937 random(7);
  const fs::path good = write_parts("good.xlsx", one_sheet(std::string(kRows)));
  std::ifstream file(good, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::string old("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8);
  size_t read = 0;
  for (int k = 0; k < 1500; ++k) {
    Books books;
    const std::string text = changed(bytes, random);
    read += use(books.open(write("fuzz.xlsx", k % 3 ? text : old + text), "", ','));
  }
  EXPECT_LT(read, 1500u);
}

TEST(SheetFuzz, ChangedTextsAreReadOrRefused) {
  std::mt19937 random(11);
  const std::string good = "time,0,1,2\n\"a, b\",1,2,3\nc,,\"4\",x\n0,1,2,3\n";
  size_t read = 0;
  for (int k = 0; k < 3000; ++k) {
    Books books;
    read += use(books.open(write("fuzz.csv", changed(good, random)), "", k % 2 ? ',' : '\t'));
  }
  EXPECT_GT(read, 1000u);
}

}  // namespace
}  // namespace headrace::sheet
