#include <gtest/gtest.h>

#include "syntax/lex.h"
#include "syntax/syntax_test.h"

namespace headrace::syntax {
namespace {

TEST(Format, SetsBlanksAndIndentation) {
  EXPECT_EQ(formatted("let  x:1=a+b *c-( - d ^ 2)/f( x,y )[1]\n"),
            formatted("let  x:1=a+b *c-( - d ^ 2)/f( x,y )[1]\n"));
  EXPECT_EQ(formatted("let  x:chip/year=a+b *c-( - d ^ 2)/f( x,y )\n"),
            "let x : chip/year = a + b * c - (-d^2)/f(x, y)\n");
  EXPECT_EQ(formatted("map a to b=c:d,e :f\nparam p=discrete( 0.2 :3 ,0.8: 4)\n"),
            "map a to b = c: d, e: f\nparam p = discrete(0.2: 3, 0.8: 4)\n");
  EXPECT_EQ(
      formatted(
          "function f(x:year,y=g(0.1:2))=\n stock s=x\n      d/dt=-s\n       + y\n return -s\n"),
      "function f(x : year, y = g(0.1: 2)) =\n  stock s = x\n    d/dt = -s\n      + y\n  return "
      "-s\n");
  EXPECT_EQ(formatted("let x[c]=1\n     from 2022-10-07[US]=2\n  +3\n [EU]=sum(\n y\n )\nscenario "
                      "s {a=1;b=2}\n"),
            "let x[c] = 1\n  from 2022-10-07 [US] = 2\n    + 3\n  [EU] = sum(\n    y\n  "
            ")\nscenario s { a = 1; b = 2 }\n");
  EXPECT_EQ(formatted("scenario s\n a=1\n   +b\n b[US]=2\n"),
            "scenario s\n  a = 1\n    + b\n  b[US] = 2\n");
  EXPECT_EQ(
      formatted("let x=\n if a\n and b\n then c\n *d\n else sum(\n if e then f\n else g\n +h\n for "
                "i in j,\n k in l)\n"),
      "let x =\n  if a\n    and b\n  then c\n    * d\n  else sum(\n    if e then f\n    else g\n   "
      "   + h\n    for i in j,\n    k in l)\n");
  EXPECT_EQ(formatted("dim n = 1 .. 5\nlet y = x[ * ,c-1 ]\n"),
            "dim n = 1..5\nlet y = x[*, c - 1]\n");
}

TEST(Format, KeepsCommentsAndOneBlankLine) {
  EXPECT_EQ(formatted("\n\n# top\n\n\n\nlet x = 1# why\n    # inner\n  from 3 = 2\n # tail\n# "
                      "next\nlet y = 2   \n\n\n"),
            "# top\n\nlet x = 1  # why\n  # inner\n  from 3 = 2\n  # tail\n# next\nlet y = 2\n");
  EXPECT_EQ(formatted("let x = 1 # a"), "let x = 1  # a\n");
  EXPECT_EQ(formatted("# only"), "# only\n");
  EXPECT_EQ(formatted(""), "");
  EXPECT_EQ(formatted(" \n\n"), "");
}

TEST(Format, KeepsColumns) {
  EXPECT_EQ(formatted("let x=1     # a\nlet yy=2    # b\nlet long=x+yy+4 # c\n"),
            "let x = 1   # a\nlet yy = 2  # b\nlet long = x + yy + 4  # c\n");
  EXPECT_EQ(formatted("let é = 1\n"), "let é = 1\n");
  EXPECT_EQ(
      formatted("param x=1        assumed \"a\"\nparam yyyyyyyy=1 assumed \"b\"\n  note \"n\"\n"),
      "param x = 1      assumed \"a\"\nparam yyyyyyyy = 1 assumed \"b\"\n  note \"n\"\n");
  EXPECT_EQ(formatted("param x=1    from @a\nparam yyyy=1+2+3  from @b\n"),
            "param x = 1  from @a\nparam yyyy = 1 + 2 + 3  from @b\n");
  EXPECT_EQ(formatted("stock s=1\n  in   a\n  out b\n"), "stock s = 1\n  in  a\n  out b\n");
}

TEST(Format, LeavesTextsWithFaultsAlone) { EXPECT_EQ(formatted("let  x = = 1"), "let  x = = 1"); }

TEST(Format, KeepsMeaningAndCommentsOfTheCorpus) {
  std::string once = formatted(std::string(kCorpus));
  EXPECT_EQ(formatted(once), once);
  Reading before{std::string(kCorpus)}, after(once);
  EXPECT_EQ(after.messages(), "");
  EXPECT_EQ(dump(after.tree), dump(before.tree));
  auto comments = [](const Reading& reading) {
    text::Diagnostics diagnostics;
    std::string all;
    for (const Comment& comment : lex(reading.sources, reading.source, diagnostics).comments)
      all += reading.sources.text({reading.source, comment.begin, comment.end});
    return all;
  };
  EXPECT_EQ(comments(after), comments(before));
}

}  // namespace
}  // namespace headrace::syntax
