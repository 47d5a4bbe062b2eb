#pragma once

// A study that takes long is a row of parts, each of which gives numbers. Whoever asks for it may
// remember them and give them back instead of having them computed again: so a study that was
// stopped goes on where it was, to the same bytes.

#include <functional>
#include <optional>
#include <vector>

#include "base/result.h"

namespace headrace::study {

// Nothing when stopped.
using PartResult = base::Result<std::optional<std::vector<double>>>;
using Work = std::function<PartResult()>;
// What `work` gives, or what this part gave before. Called for one part after the other, always in
// the same order. Empty: nothing is remembered.
using Remember = std::function<PartResult(const Work& work)>;

inline PartResult do_part(const Remember& remember, const Work& work) {
  return remember ? remember(work) : work();
}

}  // namespace headrace::study
