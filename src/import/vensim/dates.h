#pragma once

// GET TIME VALUE: years, months, hours of the calendar that a model's settings lay under its time.

#include "import/vensim/translation.h"

namespace headrace::import::vensim {

// The measure of a moment, which is `offset` behind the time (relative 0) or the start (1).
syntax::ExprId translate_time_value(Translation& t, const Scope& scope, const Formula& formula);

// What the model says of its clock; canonical, empty where it says nothing.
std::string time_unit(const Translation& t);

}  // namespace headrace::import::vensim
