// Which known word did the writer mean? Edit distance with insertion, deletion, substitution and
// transposition of neighbours (Damerau 1964; the restricted form, in which no piece is edited
// twice, also called optimal string alignment), over code points, letters compared without case.
// Three rows of the table suffice, since a transposition looks back two rows.

#include <algorithm>
#include <array>
#include <numeric>

#include "text/diagnostic.h"
#include "text/utf8.h"

namespace headrace::text {
namespace {

// Longer words are not names that somebody mistyped, and the table grows as their product.
constexpr size_t kMaxBytes = 120;

std::u32string folded(std::string_view text) {
  std::u32string codes;
  for (size_t at = 0; at < text.size();) {
    const Decoded step = decode(text, at);
    const bool upper = step.code >= 'A' && step.code <= 'Z';
    codes.push_back(upper ? step.code + 32 : step.code);
    at += step.length;
  }
  return codes;
}

size_t distance(const std::u32string& a, const std::u32string& b) {
  std::array<std::vector<size_t>, 3> rows;
  for (auto& row : rows) row.resize(b.size() + 1);
  std::iota(rows[0].begin(), rows[0].end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    const auto& two_above = rows[(i + 1) % 3];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + cost});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], two_above[j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
}

// One slip in a short word, about one in three letters in a longer one; none in a single letter.
size_t threshold(size_t length) { return length < 2 ? 0 : std::max<size_t>(1, (length + 1) / 3); }

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > kMaxBytes) return "";
  const std::u32string wanted = folded(word);
  const size_t allowed = threshold(wanted.size());
  const std::string* best = nullptr;
  size_t best_distance = allowed + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.empty() || candidate.size() > kMaxBytes) continue;
    const std::u32string codes = folded(candidate);
    const size_t gap =
        std::max(codes.size(), wanted.size()) - std::min(codes.size(), wanted.size());
    if (gap > allowed) continue;
    const size_t found = distance(wanted, codes);
    // A word replaced altogether is not near, however short. Ties go to the word that sorts
    // first, so the order of the candidates does not matter.
    if (found > 0 && found >= std::min(wanted.size(), codes.size())) continue;
    if (found < best_distance || (best && found == best_distance && candidate < *best)) {
      best_distance = found;
      best = &candidate;
    }
  }
  return best ? *best : "";
}

}  // namespace headrace::text
