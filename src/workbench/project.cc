#include "workbench/project.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "import/encoding.h"
#include "import/vensim/import.h"
#include "import/xmile/import.h"
#include "model/resolve.h"
#include "rules/decide.h"
#include "rules/expand.h"
#include "sheet/books.h"
#include "syntax/syntax.h"
#include "workbench/law.h"

namespace headrace::workbench {
namespace {

namespace fs = std::filesystem;
using base::Error;

constexpr size_t kMostFiles = 10'000;
constexpr int kDeepest = 32;  // folders within folders

bool is_skipped(const std::string& folder) {
  return folder.starts_with('.') || folder.starts_with("build") || folder == "node_modules";
}

bool is_xmile(const std::string& extension) {
  return extension == ".xmile" || extension == ".stmx" || extension == ".xml" ||
         extension == ".itmx";
}

std::string lower_case(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

base::Result<std::vector<fs::path>> find_files(const fs::path& path) {
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  if (!fs::exists(status)) {
    return base::fail(
        Error::Kind::kIo,
        fmt::format("cannot read '{}': there is no such file or folder", path.string()));
  }
  if (fs::is_directory(status)) {
    auto files = model_files(path);
    if (files && files->empty()) {
      return base::fail(
          Error::Kind::kInvalid,
          fmt::format("no model in '{}': no .hr file in it or below it", path.string()));
    }
    return files;
  }
  const std::string extension = lower_case(path.extension().string());
  if (extension != ".hr" && extension != ".mdl" && !is_xmile(extension)) {
    return base::fail(Error::Kind::kInvalid,
                      fmt::format("'{}' is not a model: the name of a model file ends in .hr, "
                                  ".mdl, .xmile, .stmx, .itmx or .xml",
                                  path.string()));
  }
  return std::vector{path};
}

// Reads one file of a model into the project.
base::Result<void> read_file(Project& project, const fs::path& file, const Drafts& drafts) {
  const fs::path path = file.lexically_normal();
  const auto draft = drafts.find(path.string());
  auto source =
      draft == drafts.end()
          ? project.sources.load(path)
          : base::Result<text::SourceId>(project.sources.add(path.string(), draft->second, path));
  if (!source) return std::unexpected(source.error());
  const std::string extension = lower_case(file.extension().string());
  if (extension != ".hr") {
    // Added again as UTF-8, so that positions mean the text that is read.
    source = project.sources.add(file.string(), import::to_utf8(project.sources[*source].text),
                                 file.lexically_normal());
    const import::ImportOptions options{project.folder, project.data_files, project.books,
                                        project.data_root};
    if (extension == ".mdl")
      import::vensim::import(project.sources, *source, options, project.tree, project.layout,
                             project.diagnostics);
    else
      import::xmile::import(project.sources, *source, options, project.tree, project.layout,
                            project.diagnostics);
  } else {
    syntax::parse(project.sources, *source, project.tree, project.diagnostics);
  }
  project.files.push_back(*source);
  return {};
}

}  // namespace

base::Result<std::vector<fs::path>> model_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failure;
  fs::recursive_directory_iterator walk(folder, failure), end;
  for (; !failure && walk != end; walk.increment(failure)) {
    const std::string name = walk->path().filename().string();
    std::error_code unknown;
    if (walk->is_directory(unknown)) {
      if (is_skipped(name) || walk.depth() >= kDeepest) walk.disable_recursion_pending();
    } else if (name.ends_with(".hr") && !name.starts_with('.') && walk->is_regular_file(unknown)) {
      files.push_back(walk->path());
    }
    if (files.size() > kMostFiles) {
      return base::fail(Error::Kind::kInvalid, fmt::format("'{}' holds more than {} .hr files",
                                                           folder.string(), kMostFiles));
    }
  }
  if (failure) {
    return base::fail(Error::Kind::kIo, fmt::format("cannot read the folder '{}': {}",
                                                    folder.string(), failure.message()));
  }
  std::sort(files.begin(), files.end());
  return files;
}

base::Result<std::unique_ptr<Project>> open(const std::string& path) { return open(path, {}); }

base::Result<std::unique_ptr<Project>> open(const std::string& path, const Drafts& drafts,
                                            const std::vector<fs::path>& data_files,
                                            const fs::path& data_root) {
  const fs::path root = path.empty() ? fs::path(".") : fs::path(path);
  auto files = find_files(root);
  if (!files) return std::unexpected(files.error());
  auto project = std::make_unique<Project>();
  project->books = std::make_shared<sheet::Books>();
  project->data_files = data_files;
  project->folder = fs::is_directory(root) ? root : root.parent_path();
  if (project->folder.empty()) project->folder = ".";
  project->data_root = data_root.empty() ? sheet::data_root(project->folder) : data_root;
  for (const fs::path& file : *files) {
    if (auto read = read_file(*project, file, drafts); !read) return std::unexpected(read.error());
  }
  project->own_statements = project->tree.top_level.size();
  // Law becomes functions of the model, beside what it was.
  const rules::Book book = rules::gather(project->tree, project->sources,
                                         files_beside(project->sources, project->folder.string()),
                                         {}, project->diagnostics);
  if (!book.empty() && !project->diagnostics.has_errors()) {
    rules::check_conflicts(book, project->diagnostics);
    rules::expand(book, project->tree, project->diagnostics);
  }
  model::add_library(project->sources, project->tree, project->diagnostics);
  return project;
}

void add_statements(Project& project, const std::string& source_name, const std::string& text) {
  const text::SourceId source = project.sources.add(source_name, text);
  syntax::parse(project.sources, source, project.tree, project.diagnostics);
}

std::string Project::hash() const {
  uint64_t h = 0;
  for (text::SourceId file : files) h = base::combine(h, base::hash(sources[file].text));
  return fmt::format("{:016x}", h).substr(0, 12);
}

std::string Project::name() const {
  for (syntax::StatementId id : tree.top_level) {
    if (const auto* decl = std::get_if<syntax::ModelDecl>(&tree[id].node)) return decl->name.text;
  }
  std::error_code failure;
  fs::path path = files.size() == 1 ? sources[files[0]].path.stem()
                                    : fs::weakly_canonical(folder, failure).filename();
  return path.empty() ? "model" : path.string();
}

}  // namespace headrace::workbench
