#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/diagnostic.h"
#include "text/source.h"

namespace headrace::text {

struct CsvLimits {
  size_t cells = 4'000'000;  // header included
  size_t columns = 10'000;
};

// A table with a header row, every row as wide as the header. Cells are texts as written, quotes
// undone, no spaces trimmed. A cell's span covers its quotes, so that diagnostics can point at it.
struct CsvTable {
  struct Range {
    uint32_t begin = 0;
    uint32_t end = 0;
  };

  SourceId source;
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::vector<Range> ranges;  // of the header's cells, then of each row's

  // Row and column count from 0; the header is not a row.
  Span span(size_t row, size_t column) const;
  Span header_span(size_t column) const;
  // Covers a whole row.
  Span row_span(size_t row) const;
  // The column with this name in the header, if there is one.
  std::optional<size_t> column(std::string_view name) const;
};

// Reads a source as RFC 4180 text: cells between commas, a cell in double quotes may hold commas,
// line breaks and doubled quotes; lines end in LF or CRLF; a byte-order mark at the start is
// skipped. Empty lines are skipped too, so an empty cell alone on its line is written "".
//
// Wrong text gives kBadData diagnostics (kTooLarge past the limits) and no table: rows of another
// width than the header, a quote that never closes or stands inside a bare cell, text after a
// closing quote, bytes that are not UTF-8, a column name used twice, no header.
std::optional<CsvTable> read_csv(const SourceSet& sources, SourceId source,
                                 Diagnostics& diagnostics, CsvLimits limits = {});

}  // namespace headrace::text
