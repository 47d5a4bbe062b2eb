#include "workbench/project.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "import/content.h"
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

bool is_model_file(const fs::path& path) {
  return lower_case(path.extension().string()) == ".hr" || is_foreign(path);
}

// The model files that lie in a folder itself, by name.
std::vector<std::string> models_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code failure;
  fs::directory_iterator walk(folder.empty() ? fs::path(".") : folder, failure), end;
  for (; !failure && walk != end && names.size() < kMostFiles; walk.increment(failure)) {
    if (is_model_file(walk->path())) names.push_back(walk->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

Error no_such_file(const fs::path& path) {
  std::string message =
      fmt::format("cannot read '{}': there is no such file or folder", path.string());
  const std::vector<std::string> names = models_in(path.parent_path());
  std::string near = text::nearest(path.filename().string(), names);
  for (const std::string& name : names) {
    if (near.empty() && fs::path(name).stem() == path.filename()) near = name;
  }
  if (!near.empty())
    message += fmt::format("\n  did you mean: {}?", (path.parent_path() / near).string());
  return {Error::Kind::kIo, message};
}

Error no_model_in(const fs::path& folder) {
  std::string message =
      fmt::format("no model in '{}': no .hr file in it or below it", folder.string());
  const std::vector<std::string> names = models_in(folder);
  if (!names.empty())
    message += fmt::format("\n  name the file of another tool itself: {}",
                           (folder / names.front()).string());
  return {Error::Kind::kInvalid, message};
}

// A file whose name does not end as that of a model.
Error not_a_model(const fs::path& path) {
  const auto say = [&](const std::string& rest) {
    return Error{Error::Kind::kInvalid, fmt::format("'{}' {}", path.string(), rest)};
  };
  const std::string extension = lower_case(path.extension().string());
  if (extension == ".vpm" || extension == ".vpmx" || extension == ".vmf" || extension == ".vmfx")
    return say("is a binary file of Vensim\n  open the model there and save it as text (.mdl)");
  if (extension == ".stm" || extension == ".itm")
    return say("is a file of an older Stella\n  open the model there and save it as .stmx");
  text::SourceSet sources;
  const auto source = sources.load(path);
  const auto format =
      source ? import::likely_format(import::to_utf8(sources[*source].text)) : std::nullopt;
  if (format) {
    const bool vensim = *format == import::Format::kVensim;
    return say(fmt::format("looks like {}\n  let its name end in {}",
                           vensim ? "Vensim's text" : "XMILE", vensim ? ".mdl" : ".xmile"));
  }
  return say(
      "is not a model: the name of a model file ends in .hr, .mdl, .xmile, .stmx, .itmx or .xml");
}

base::Result<std::vector<fs::path>> find_files(const fs::path& path) {
  std::error_code failure;
  const fs::file_status status = fs::status(path, failure);
  if (!fs::exists(status)) return std::unexpected(no_such_file(path));
  if (fs::is_directory(status)) {
    auto files = model_files(path);
    if (files && files->empty()) return std::unexpected(no_model_in(path));
    return files;
  }
  if (!is_model_file(path)) return std::unexpected(not_a_model(path));
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
                                        project.data_root, project.numbers};
    const bool vensim = extension == ".mdl";
    const auto wrong = import::wrong_content(
        project.sources[*source].text, vensim ? import::Format::kVensim : import::Format::kXmile);
    if (wrong)
      project.diagnostics.error(text::Kind::kSyntax, {*source, 0, 0}, wrong->message).hint =
          wrong->hint;
    else if (vensim)
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

bool is_foreign(const fs::path& file) {
  const std::string extension = lower_case(file.extension().string());
  return extension == ".mdl" || is_xmile(extension);
}

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
                                            const fs::path& data_root, const Numbers& numbers) {
  const fs::path root = path.empty() ? fs::path(".") : fs::path(path);
  auto files = find_files(root);
  if (!files) return std::unexpected(files.error());
  auto project = std::make_unique<Project>();
  project->books = std::make_shared<sheet::Books>();
  project->data_files = data_files;
  project->numbers = numbers;
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
