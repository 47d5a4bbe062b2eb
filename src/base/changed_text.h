#pragma once

// For tests: texts that are nearly good, by a few seeded changes of good ones.

#include <random>
#include <span>
#include <string>
#include <string_view>

namespace headrace::base {

// One to three changes: a byte replaced, a stretch left out or copied elsewhere, one of `pieces`
// put in, rarely the end cut off. The same for the same state of `random`.
inline std::string changed(std::string text, std::span<const std::string_view> pieces,
                           std::mt19937& random) {
  const size_t changes = 1 + random() % 3;
  for (size_t i = 0; i < changes && !text.empty(); ++i) {
    const size_t at = random() % text.size(), many = 1 + random() % 40;
    switch (random() % 5) {
      case 0:
        text[at] = static_cast<char>(random());
        break;
      case 1:
        text.erase(at, many);
        break;
      case 2:
        text.insert(at, text.substr(random() % text.size(), many));
        break;
      case 3:
        text.insert(at, pieces[random() % pieces.size()]);
        break;
      default:
        if (random() % 8 == 0) text.resize(at);
    }
  }
  return text;
}

}  // namespace headrace::base
