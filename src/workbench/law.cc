#include "workbench/law.h"

#include <fmt/format.h>

#include <filesystem>
#include <span>

#include "rules/decide.h"
#include "syntax/syntax.h"
#include "workbench/project.h"

namespace headrace::workbench {

struct BuiltInFile {
  const char* name;
  const char* text;
};
std::span<const BuiltInFile>
built_in_law();  // made from models/race/controls when the program is built

namespace {

namespace fs = std::filesystem;
using base::Error;

const BuiltInFile* built_in(const std::string& name) {
  for (const BuiltInFile& file : built_in_law())
    if (file.name == name) return &file;
  return nullptr;
}

void read_built_in(LawBook& law) {
  for (const BuiltInFile& file : built_in_law()) {
    if (!std::string_view(file.name).ends_with(".hr")) continue;
    const text::SourceId source =
        law.sources.add(std::string("<controls>/") + file.name, file.text);
    syntax::parse(law.sources, source, law.tree, law.diagnostics);
  }
}

base::Result<void> read_files(LawBook& law, const fs::path& root, fs::path& folder) {
  std::vector<fs::path> files{root};
  folder = root.parent_path();
  std::error_code failure;
  if (!fs::exists(root, failure))
    return base::fail(
        Error::Kind::kIo,
        fmt::format("cannot read '{}': there is no such file or folder", root.string()));
  if (fs::is_directory(root, failure)) {
    auto found = model_files(root);
    if (!found) return std::unexpected(found.error());
    files = *found;
    folder = root;
  }
  for (const fs::path& file : files) {
    auto source = law.sources.load(file.lexically_normal());
    if (!source) return std::unexpected(source.error());
    syntax::parse(law.sources, *source, law.tree, law.diagnostics);
  }
  return {};
}

void read_acts(LawBook& law, const base::Result<text::SourceId>& source) {
  if (!source) return;
  text::Diagnostics ignored;
  if (auto table = text::read_csv(law.sources, *source, ignored)) law.acts = std::move(*table);
}

}  // namespace

rules::OpenFile files_beside(text::SourceSet& sources, const std::string& folder) {
  return
      [&sources, folder](const std::string& name, text::Span from) -> base::Result<text::SourceId> {
        std::error_code failure;
        const fs::path root =
            fs::weakly_canonical(folder.empty() ? fs::path(".") : fs::path(folder), failure);
        const fs::path beside = sources[from.source].path.parent_path();
        const fs::path path = fs::weakly_canonical(fs::absolute(beside / name), failure);
        const auto [end, rest] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
        if (failure || name.empty() || fs::path(name).is_absolute() || end != root.end()) {
          return base::fail(Error::Kind::kInvalid,
                            fmt::format("`{}` does not lie beside or below the model", name));
        }
        return sources.load((beside / name).lexically_normal());  // as the reader wrote it
      };
}

base::Result<std::unique_ptr<LawBook>> open_law(const std::string& path,
                                                const std::vector<std::string>& scenarios) {
  auto law = std::make_unique<LawBook>();
  if (path.empty()) {
    read_built_in(*law);
    const auto open = [&](const std::string& name, text::Span) -> base::Result<text::SourceId> {
      const BuiltInFile* file = built_in(name);
      if (!file) return base::fail(Error::Kind::kIo, fmt::format("there is no '{}'", name));
      return law->sources.add(std::string("<controls>/") + name, file->text);
    };
    law->book = rules::gather(law->tree, law->sources, open, scenarios, law->diagnostics);
    read_acts(*law, open("acts.csv", {}));
    return law;
  }
  fs::path folder;
  if (auto read = read_files(*law, path, folder); !read) return std::unexpected(read.error());
  law->book = rules::gather(law->tree, law->sources, files_beside(law->sources, folder.string()),
                            scenarios, law->diagnostics);
  if (law->book.rules.empty() && !law->diagnostics.has_errors())
    return base::fail(Error::Kind::kInvalid, fmt::format("'{}' has no rules", path));
  rules::check_conflicts(law->book, law->diagnostics);
  for (const char* acts : {"acts.csv", "controls/acts.csv"}) {
    std::error_code failure;
    if (fs::exists(folder / acts, failure)) read_acts(*law, law->sources.load(folder / acts));
  }
  return law;
}

}  // namespace headrace::workbench
