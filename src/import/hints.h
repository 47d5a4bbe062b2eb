#pragma once

// What is likely meant by a name that nothing has.

#include <map>
#include <string>

namespace headrace::import {

// The names that there are, as they are spelled, by their canonical form.
using KnownNames = std::map<std::string, std::string>;

// "did you mean `x`?", or "" when no name is near.
std::string did_you_mean(const std::string& canonical_name, const KnownNames& known);

// Of `population_birth_rate`, where both are names: that a sign is missing between them; or "".
std::string sign_between(const std::string& canonical_name, const KnownNames& known);

}  // namespace headrace::import
