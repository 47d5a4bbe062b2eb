#include "math/sampler_cache.h"

#include <cstring>

namespace headrace::math {
namespace {

template <class T>
void append(std::string& key, const T& value) {
  const size_t at = key.size();
  key.resize(at + sizeof(T));
  std::memcpy(key.data() + at, &value, sizeof(T));
}

std::string key_of(const Distribution& d) {
  std::string key;
  append(key, d.family());
  for (double parameter : d.parameters()) append(key, parameter);
  append(key, d.atoms().data());
  append(key, d.parts().data());
  return key;
}

}  // namespace

std::shared_ptr<const Sampler> SamplerCache::of(const Distribution& distribution) {
  const std::string key = key_of(distribution);
  {
    std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found != entries_.end()) return found->second.sampler;
  }
  auto sampler = std::make_shared<const Sampler>(distribution);  // outside: it may take long
  std::lock_guard lock(mutex_);
  if (entries_.size() >= kMost) entries_.clear();
  return entries_.try_emplace(key, Entry{distribution, std::move(sampler)}).first->second.sampler;
}

}  // namespace headrace::math
