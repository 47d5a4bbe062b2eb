#pragma once

// The words of one Vensim equation.
//
// A name may hold blanks, and goes on as long as letters, digits and unusual characters follow;
// a backslash before a line's end continues the line, within names too. Comments {in braces} nest.

#include <string>
#include <vector>

#include "text/diagnostic.h"
#include "text/source.h"

namespace headrace::import::vensim {

struct Token {
  enum class Kind {
    kName,     // text as people read it, without quotes
    kNumber,   // value
    kString,   // 'text'
    kKeyword,  // :AND: and the like; text is the word between the colons in capitals
    kSymbol,   // text
    kEnd
  };
  Kind kind = Kind::kEnd;
  std::string text;
  double value = 0;
  bool quoted = false;  // the name stood in quotes
  text::Span span;

  bool is(std::string_view symbol) const { return kind == Kind::kSymbol && text == symbol; }
  bool is_keyword(std::string_view word) const { return kind == Kind::kKeyword && text == word; }
};

// The words of the text, which ends with a kEnd token. Faults are told.
std::vector<Token> lex(const text::SourceSet& sources, text::Span span,
                       text::Diagnostics& diagnostics);

}  // namespace headrace::import::vensim
