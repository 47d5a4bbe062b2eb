#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/source.h"

namespace headrace::text {

enum class Severity { kError, kWarning, kNote };

// Every kind of diagnostic; the list stands once, in diagnostics.def.
enum class Kind {
#define DIAGNOSTIC(name, spelling) name,
#include "text/diagnostics.def"
#undef DIAGNOSTIC
};

// The stable spelling shown in brackets, such as "unit-mismatch".
std::string_view spelling(Kind kind);

// A piece of source with a few words about it: "1/year", "declared here".
struct Label {
  Span span;
  std::string text;
};

// One fault, told in the modeller's words. `message` starts lower case and has no full stop.
struct Diagnostic {
  Kind kind;
  Severity severity = Severity::kError;
  Span span;  // where the caret stands
  std::string message;
  std::vector<Label> labels;  // both sides, declarations; may be empty
  std::string hint;           // what to do, only when likely right; may be empty
};

// Collects what phases find. Never throws away; stops storing after kLimit and counts the rest.
class Diagnostics {
 public:
  static constexpr size_t kLimit = 1000;

  Diagnostic& error(Kind kind, Span span, std::string message);
  Diagnostic& warning(Kind kind, Span span, std::string message);

  bool has_errors() const { return errors_ > 0; }
  size_t errors() const { return errors_; }
  const std::vector<Diagnostic>& all() const { return all_; }
  // Takes the warnings of one kind out and returns how many there were.
  size_t drop_warnings(Kind kind);

 private:
  Diagnostic& add(Kind kind, Severity severity, Span span, std::string message);

  std::vector<Diagnostic> all_;
  Diagnostic overflow_{};
  size_t errors_ = 0;
  size_t stored_errors_ = 0;  // of all_
};

// Draws diagnostics as text: `file:line:col: error: message [kind]`, the source lines involved
// with the parts underlined, labels under them, then the hint. Ordered by file and position.
std::string render(const Diagnostics& diagnostics, const SourceSet& sources, bool color = false);

// The word of `candidates` nearest to `word` by edit distance, or "" when none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace headrace::text
