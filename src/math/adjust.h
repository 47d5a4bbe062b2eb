#pragma once

// Distributions moved by a slider: the same shape, a new place. Families that cannot be moved
// this way (counts, yes or no) say so.

#include "math/distribution.h"

namespace headrace::math {

// Of factor * X; the factor is positive.
Draws scaled(const Distribution& distribution, double factor);

// A beta distribution on [low, high] whose mean moves by `logits` on the log-odds scale of its
// range and whose alpha + beta stays, so that it is as sharp as before. Other families: an error.
Draws shifted_share(const Distribution& distribution, double logits);

// Whether `scaled` works and keeps what the number can be: positive families only.
bool is_positive(const Distribution& distribution);
// Whether `shifted_share` works.
bool is_share(const Distribution& distribution);

// The distribution in the words of the language, `lognormal(median 4.58, gsd 1.29)`; "" for
// families that no single call of the language makes.
std::string in_the_language(const Distribution& distribution);

}  // namespace headrace::math
