// Reads every #include of src/ against the list of allowed arrows between folders.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

using Arrows = std::map<std::string, std::set<std::string>>;

Arrows read_arrows(const fs::path& file) {
  Arrows arrows;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string folder;
    words >> folder;
    folder.pop_back();  // the colon
    arrows[folder].insert(folder);
    for (std::string other; words >> other;) arrows[folder].insert(other);
  }
  return arrows;
}

std::string read(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The includes of `text`, a file of `folder`, that the arrows forbid.
std::vector<std::string> find_forbidden(const Arrows& arrows, const std::string& folder,
                                        const std::string& text) {
  static const std::regex kInclude(R"re(#include\s+"([a-z0-9_]+)/)re");
  std::vector<std::string> forbidden;
  const auto allowed = arrows.find(folder);
  if (allowed == arrows.end()) return {folder + " is not in the list"};
  for (std::sregex_iterator match(text.begin(), text.end(), kInclude), end; match != end; ++match) {
    if (!allowed->second.contains((*match)[1]))
      forbidden.push_back(folder + " -> " + (*match)[1].str());
  }
  return forbidden;
}

const fs::path kRoot = HEADRACE_SOURCE_DIR;

TEST(IncludeArrows, EveryIncludeFollowsAnAllowedArrow) {
  const Arrows arrows = read_arrows(kRoot / "tools/arrows.txt");
  size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "src")) {
    const std::string extension = entry.path().extension();
    if (extension != ".h" && extension != ".cc" && extension != ".inc") continue;
    const fs::path relative = fs::relative(entry.path(), kRoot / "src");
    EXPECT_THAT(find_forbidden(arrows, relative.begin()->string(), read(entry.path())),
                testing::IsEmpty())
        << relative;
    ++files;
  }
  EXPECT_GT(files, 50u);
}

TEST(IncludeArrows, AForbiddenIncludeIsSeen) {
  const Arrows arrows{{"text", {"text", "base"}}};
  EXPECT_THAT(
      find_forbidden(arrows, "text", "#include \"model/model.h\"\n#include \"base/id.h\"\n"),
      testing::ElementsAre("text -> model"));
}

// Heavy or foreign headers stay where they belong.
TEST(IncludeArrows, ForeignHeadersStayInTheirFolders) {
  const std::vector<std::pair<std::string, std::string>> homes = {
      {"#include <llvm/", "code"}, {"#include \"llvm/", "code"}, {"#include <CLI/", "cli"}};
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "src")) {
    if (!entry.is_regular_file()) continue;
    const std::string folder = fs::relative(entry.path(), kRoot / "src").begin()->string();
    for (const auto& [include, home] : homes) {
      if (folder == home) continue;
      EXPECT_EQ(read(entry.path()).find(include), std::string::npos) << entry.path();
    }
  }
}

}  // namespace
