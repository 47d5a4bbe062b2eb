#include "import/hints.h"

#include <fmt/format.h>

#include <vector>

#include "import/names.h"
#include "text/diagnostic.h"

namespace headrace::import {

std::string did_you_mean(const std::string& canonical_name, const KnownNames& known) {
  std::vector<std::string> names;
  for (const auto& [name, spelling] : known) names.push_back(name);
  const std::string near = text::nearest(canonical_name, names);
  return near.empty() ? "" : fmt::format("did you mean `{}`?", shown(known.at(near)));
}

std::string sign_between(const std::string& canonical_name, const KnownNames& known) {
  for (size_t gap = canonical_name.find('_'); gap != std::string::npos;
       gap = canonical_name.find('_', gap + 1)) {
    const auto left = known.find(canonical_name.substr(0, gap));
    const auto right = known.find(canonical_name.substr(gap + 1));
    if (left != known.end() && right != known.end())
      return fmt::format("a sign is missing between `{}` and `{}`", shown(left->second),
                         shown(right->second));
  }
  return "";
}

}  // namespace headrace::import
