#include "page.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace headrace::race {

base::Result<std::string> filled(const std::string& page,
                                 const std::map<std::string, std::string>& parts) {
  std::string text = page;
  for (const auto& [name, part] : parts) {
    const std::string begin = fmt::format("<!-- begin {} -->\n", name);
    const std::string end = fmt::format("<!-- end {} -->\n", name);
    const size_t from = text.find(begin), to = text.find(end);
    if (from == std::string::npos || to == std::string::npos || to < from)
      return base::fail(base::Error::Kind::kInvalid,
                        fmt::format("the page has no place for '{}'", name));
    text.replace(from + begin.size(), to - from - begin.size(), part);
  }
  return text;
}

base::Result<bool> update_page(const std::string& path,
                               const std::map<std::string, std::string>& parts) {
  std::ifstream in(path);
  if (!in) return base::fail(base::Error::Kind::kIo, "cannot read " + path);
  std::stringstream old;
  old << in.rdbuf();
  const auto text = filled(old.str(), parts);
  if (!text) return std::unexpected(text.error());
  const std::string temporary = path + ".new";
  std::ofstream out(temporary);
  out << *text;
  out.close();
  if (!out) return base::fail(base::Error::Kind::kIo, "cannot write " + temporary);
  std::filesystem::rename(temporary, path);
  return true;
}

}  // namespace headrace::race
