#include "import/xmile/document.h"

#include <algorithm>
#include <cmath>

#include "import/names.h"

namespace headrace::import::xmile {

bool Text::empty() const {
  int depth = 0;
  for (const char c : value) {
    if (c == '{') {
      ++depth;
    } else if (c == '}') {
      depth = std::max(depth - 1, 0);
    } else if (depth == 0 && c != ' ' && c != '\t' && c != '\r' && c != '\n') {
      return false;
    }
  }
  return true;
}

Places::Places(const text::SourceSet& sources, const Text& text) : whole_(text.span) {
  const std::string_view raw = sources.text(text.span);
  if (raw.size() == text.value.size()) return;
  offsets_.reserve(text.value.size() + 1);
  for (size_t at = 0; offsets_.size() <= text.value.size();) {
    offsets_.push_back(static_cast<uint32_t>(std::min(at, raw.size())));
    if (at >= raw.size()) continue;
    const size_t close = raw[at] == '&' ? raw.substr(at, 12).find(';') : std::string_view::npos;
    if (close != std::string_view::npos)
      at += close + 1;
    else
      at += raw.substr(at, 2) == "\r\n" ? 2 : 1;
  }
}

text::Span Places::operator()(size_t begin, size_t end) const {
  const auto place = [&](size_t at) {
    const size_t offset = offsets_.empty() ? at : offsets_[std::min(at, offsets_.size() - 1)];
    return std::min(whole_.begin + static_cast<uint32_t>(offset), whole_.end);
  };
  text::Span span = whole_;
  span.begin = place(begin);
  span.end = std::max(place(end), span.begin);
  return span;
}

bool File::from_stella() const { return canonical(vendor).starts_with("isee"); }
bool File::from_vensim() const {
  return canonical(vendor).starts_with("ventana") || canonical(product).starts_with("vensim");
}
bool File::written_by_vensim() const {
  return from_vensim() && (vendor + product).find("xmutil") == std::string::npos;
}

std::vector<std::pair<double, double>> ascending(std::vector<std::pair<double, double>> points) {
  std::stable_sort(points.begin(), points.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::pair<double, double>> result;
  for (size_t k = 0; k < points.size();) {
    size_t last = k;
    while (last + 1 < points.size() && points[last + 1].first == points[k].first) ++last;
    if (last > k) {
      const double before = std::nextafter(points[k].first, -INFINITY);
      if (result.empty() || result.back().first < before)
        result.emplace_back(before, points[k].second);
    }
    result.push_back(points[last]);
    k = last + 1;
  }
  return result;
}

}  // namespace headrace::import::xmile
