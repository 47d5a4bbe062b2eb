#pragma once

// Names as XMILE and Vensim compare them: letters without case, spaces and underscores alike.

#include <string>
#include <string_view>

namespace headrace::import {

// The form by which two spellings of one name are equal: small letters, one `_` for each run of
// spaces, no-break spaces, line breaks and underscores, none at the ends. `Birth  Rate` and
// `birth_rate` are one name.
std::string canonical(std::string_view name);

// The name as people read it: line breaks become single spaces, the rest stays.
std::string display(std::string_view name);

// The name without the escapes that XMILE has in attributes and between quotes: `\n` is a line
// break, `\"` a quote and `\\` a backslash; another backslash is itself.
std::string unescaped(std::string_view name);

// The name that an identifier of an equation means: quotes around it or around its parts are off,
// escapes resolved: `hares."birth-rate"`.
std::string identifier(std::string_view text);

// A name for the tree that the user sees: what begins with `_` is internal there, and for XMILE
// and Vensim leading underscores are no part of a name.
std::string visible(std::string name);

// What a name may have at most, so that text can be written that is read again: the language's
// limit, with room for what the parts of a variable are called.
inline constexpr size_t kLongestName = 900;

// The name as a message shows it: at most 200 bytes, controls escaped.
std::string shown(std::string_view name);

// The group of Vensim's text in which the exporter puts what is internal.
inline constexpr std::string_view kInternalGroup = ".Headrace internal";

std::string trimmed(std::string_view text);
bool same_word(std::string_view a, std::string_view b);  // ASCII letters without case

}  // namespace headrace::import
