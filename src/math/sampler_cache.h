#pragma once

// Samplers that outlive a run. Some families take milliseconds to tabulate, which a page that runs
// a model at every move of a slider would pay each time.

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "math/sampler.h"

namespace headrace::math {

// Safe to call from many threads. Holds at most kMost samplers; when it is full it starts anew.
class SamplerCache {
 public:
  static constexpr size_t kMost = 512;

  // A sampler of this very distribution, made at the first call.
  std::shared_ptr<const Sampler> of(const Distribution& distribution);

 private:
  // The distribution is kept: its atoms and parts are told apart by where they lie.
  struct Entry {
    Distribution distribution;
    std::shared_ptr<const Sampler> sampler;
  };

  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace headrace::math
