#include "text/diagnostic.h"

#include <algorithm>

namespace headrace::text {
namespace {

constexpr size_t kLongest = 4000;  // of a message, which may quote names without end

std::string shortened(std::string message) {
  if (message.size() <= kLongest) return message;
  size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0) == 0x80) --end;
  return message.erase(end) + "...";
}

}  // namespace

std::string_view spelling(Kind kind) {
  switch (kind) {
#define DIAGNOSTIC(name, spelling) \
  case Kind::name:                 \
    return spelling;
#include "text/diagnostics.def"
#undef DIAGNOSTIC
  }
  return "unknown";
}

Diagnostic& Diagnostics::error(Kind kind, Span span, std::string message) {
  ++errors_;
  return add(kind, Severity::kError, span, std::move(message));
}

Diagnostic& Diagnostics::warning(Kind kind, Span span, std::string message) {
  return add(kind, Severity::kWarning, span, std::move(message));
}

size_t Diagnostics::drop_warnings(Kind kind) {
  return std::erase_if(all_, [&](const Diagnostic& d) {
    return d.kind == kind && d.severity == Severity::kWarning;
  });
}

// A full collection still makes room for an error by dropping its last warning, so that a flood
// of advice never hides why a model is refused.
Diagnostic& Diagnostics::add(Kind kind, Severity severity, Span span, std::string message) {
  Diagnostic made{kind, severity, span, shortened(std::move(message)), {}, {}};
  const bool full = all_.size() >= kLimit;
  const bool is_error = severity == Severity::kError;
  if (full && (!is_error || stored_errors_ == all_.size())) return overflow_ = std::move(made);
  if (full) {
    auto last = std::find_if(all_.rbegin(), all_.rend(),
                             [](const Diagnostic& d) { return d.severity != Severity::kError; });
    all_.erase(std::next(last).base());
  }
  if (is_error) ++stored_errors_;
  return all_.emplace_back(std::move(made));
}

}  // namespace headrace::text
