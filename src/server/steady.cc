#include "server/steady.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace headrace::server {
namespace {

constexpr size_t kMost = 8;
constexpr size_t kMostNumbers = 500'000;  // of a frame that is kept
constexpr size_t kStats = 8;              // the mean, then seven quantiles

std::string key_of(const RunRequest& request) {
  workbench::Question question = request.question;
  question.changes.clear();
  return fmt::format("{}|{}|{}|{}", workbench::version_key(question),
                     fmt::join(question.outputs, "\t"), question.answers, request.seed);
}

// One quantity at one time: its statistics in three answers.
using Column = std::array<float, kStats>;

Column column(const std::vector<float>& numbers, size_t offset, size_t count) {
  Column out;
  for (size_t s = 0; s < kStats; ++s) out[s] = numbers[offset + s * count];
  return out;
}

// What is nearer to zero than it was is moved by as much less.
float corrected(float preview, float settled, float before) {
  const bool nearer = preview * before >= 0 && std::abs(preview) < std::abs(before);
  return nearer ? preview * (settled / before) : preview + (settled - before);
}

Column corrected(const Column& preview, const Column& settled, const Column& before) {
  Column out;
  for (size_t s = 0; s < kStats; ++s) out[s] = corrected(preview[s], settled[s], before[s]);
  if (!std::ranges::all_of(out, [](float v) { return std::isfinite(v); })) return preview;
  std::sort(out.begin() + 1, out.end());
  return out;
}

}  // namespace

void Steady::settle(const RunRequest& request, const Frame& settled) {
  const std::string key = key_of(request);
  std::erase_if(bases_, [&](const Base& base) { return base.key == key; });
  if (settled.numbers.size() > kMostNumbers) return;
  bases_.push_front({key, settled.numbers, {}});
  if (bases_.size() > kMost) bases_.pop_back();
}

void Steady::add(const RunRequest& request, uint64_t draws, const Frame& preview) {
  const auto base = std::ranges::find(bases_, key_of(request), &Base::key);
  if (base != bases_.end()) base->previews[draws] = preview.numbers;
}

void Steady::steady(const RunRequest& request, uint64_t draws, Frame& preview) const {
  const auto base = std::ranges::find(bases_, key_of(request), &Base::key);
  if (base == bases_.end()) return;
  const auto before = base->previews.find(draws);
  if (before == base->previews.end()) return;
  const size_t count = preview.directory["times"]["count"];
  for (const Json& output : preview.directory["outputs"]) {
    const size_t offset = output["offset"], end = offset + kStats * count;
    const bool fits = end <= base->settled.size() && end <= before->second.size();
    if (!fits) return;
    for (size_t t = 0; t < count; ++t) {
      const Column moved = corrected(column(preview.numbers, offset + t, count),
                                     column(base->settled, offset + t, count),
                                     column(before->second, offset + t, count));
      for (size_t s = 0; s < kStats; ++s) preview.numbers[offset + s * count + t] = moved[s];
    }
  }
  preview.directory["steadied"] = true;
}

}  // namespace headrace::server
