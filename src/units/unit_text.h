#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "units/unit.h"

namespace headrace::units {

enum class UnknownNames { kRefuse, kDeclare };

// Reads the units of data files and foreign models, and what Unit::text writes:
//   product = term *(("*" / "/") term)       from left to right: a/b*c is (a/b)*c
//   term    = (name / quoted / "1" / "(" product ")") ["^" exponent]
//   exponent = ["-"] whole / "(" ["-"] whole ["/" whole] ")"
// A name is any run of other characters, so it may hold spaces: `Million Dollars/Year`. A name
// that the table does not know is tried in lower case when that is a word of time or persons
// (`Month`, `People`); `Dmnl`, `dimensionless` and `unitless` in any case are 1, and so is an
// empty text. Other unknown names are an error, or become base units of the table.
// Texts are at most 4096 bytes, with at most 50 nested parentheses.
std::expected<Unit, std::string> parse_unit_text(std::string_view text, const UnitTable& table);
std::expected<Unit, std::string> parse_unit_text(std::string_view text, UnitTable& table,
                                                 UnknownNames unknown);

}  // namespace headrace::units
