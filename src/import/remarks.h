#pragma once

#include <string>
#include <string_view>

namespace headrace::import {

// What an author says in braces within an equation, `1.35 {with sick leave}`, a line for each.
// Braces nest; those between quotes are none.
std::string remarks_in(std::string_view equation);

// The equation without its remarks.
std::string without_remarks(std::string_view equation);

// The documentation of a variable with the remarks of its equation below it.
std::string with_remarks(std::string doc, std::string_view equation);

}  // namespace headrace::import
