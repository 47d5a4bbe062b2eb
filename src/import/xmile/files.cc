// Models in several files. What an `include` names shares the names of the model that includes it;
// a module's `resource` is a model with a file to itself, whose models are known to it alone.
//
// Files lie beside or below the model, or above it within its repository, as data does. Each is
// read once, so files that name each other end.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "import/encoding.h"
#include "import/names.h"
#include "import/options.h"
#include "import/xmile/document.h"
#include "sheet/books.h"

namespace headrace::import::xmile {
namespace {

namespace fs = std::filesystem;
using text::Kind;
using text::Span;

constexpr size_t kMostFiles = 200;

class Gathering {
 public:
  Gathering(File& whole, text::SourceSet& sources, const ImportOptions& options,
            text::Diagnostics& diagnostics)
      : whole_(whole),
        sources_(sources),
        folder_(fs::weakly_canonical(options.folder.empty() ? fs::path(".") : options.folder)),
        root_(options.data_root.empty() ? folder_ : fs::weakly_canonical(options.data_root)),
        diagnostics_(diagnostics) {}

  void run(const fs::path& own) {
    const fs::path beside = own.parent_path();
    take_includes(whole_, beside);
    take_resources(whole_.models, beside);
    for (Model& model : loaded_) whole_.models.push_back(std::move(model));
  }

 private:
  // ---------------------------------------------------------------- include

  void take_includes(const File& file, const fs::path& beside) {
    const std::vector<Include> includes = file.includes;
    for (const Include& include : includes) {
      if (include.resource.find("://") != std::string::npos) {
        diagnostics_.warning(Kind::kPassedOver, include.span,
                             fmt::format("passed over: `{}` is no file beside or below the model",
                                         shown(include.resource)));
        continue;
      }
      const auto path = find(include.resource, beside, include.span);
      if (!path || !included_.insert(*path).second) continue;
      auto other = read_file(*path, include.span);
      if (!other) continue;
      take_includes(*other, path->parent_path());
      take_resources(other->models, path->parent_path());
      take_declarations(*other);
      for (Model& model : other->models) take_model(std::move(model));
    }
  }

  void take_model(Model model) {
    if (model.name.empty()) return;  // what the other file would run by itself
    const auto known = std::ranges::find_if(whole_.models, [&](const Model& other) {
      return canonical(other.name) == canonical(model.name);
    });
    if (known == whole_.models.end()) return whole_.models.push_back(std::move(model));
    duplicate(model.span, "model", model.name, known->span);
  }

  // ---------------------------------------------------------------- resource

  // Modules that name a file get the name of the model in it.
  void take_resources(std::vector<Model>& models, const fs::path& beside) {
    for (Model& model : models) {
      if (!model.resource.empty()) take_contents(model, beside);
      for (Variable& variable : model.variables) {
        if (variable.kind != Variable::Kind::kModule || variable.resource.empty()) continue;
        if (const auto path = find(variable.resource, beside, variable.span))
          variable.model = model_of(*path, variable.span);
      }
    }
  }

  void take_contents(Model& model, const fs::path& beside) {
    const auto path = find(model.resource, beside, model.span);
    if (!path) return;
    const std::string name = model_of(*path, model.span);
    const auto found = std::ranges::find_if(
        loaded_, [&](const Model& other) { return canonical(other.name) == canonical(name); });
    if (found == loaded_.end()) return;
    const std::string own = model.name;
    model = *found;
    model.name = own;
    model.resource.clear();
  }

  // The name under which the root model of a file is known; the file is read when it is new.
  std::string model_of(const fs::path& path, Span span) {
    const std::string name = path.string();
    if (!resources_.insert(name).second) return name;
    auto other = read_file(path, span);
    if (!other) return name;
    if (other->models.empty()) {
      diagnostics_.error(Kind::kBadStatement, span,
                         fmt::format("`{}` holds no model", shown(path.filename().string())));
      return name;
    }
    take_includes(*other, path.parent_path());
    take_resources(other->models, path.parent_path());
    take_declarations(*other);
    rename(*other, name);
    for (Model& model : other->models) {
      // In Stella a module's file keeps the clock with which it runs alone.
      if (!model.specs.given && !other->from_stella()) model.specs = other->specs;
      if (!model.behavior.stocks) model.behavior.stocks = other->behavior.stocks;
      if (!model.behavior.flows) model.behavior.flows = other->behavior.flows;
      loaded_.push_back(std::move(model));
    }
    return name;
  }

  // The models of a file, and what its modules call them, with the file's name in front.
  static void rename(File& file, const std::string& name) {
    const auto root =
        std::ranges::find_if(file.models, [](const Model& model) { return model.name.empty(); });
    const size_t first =
        root == file.models.end() ? 0 : static_cast<size_t>(root - file.models.begin());
    std::map<std::string, std::string> names;
    for (size_t i = 0; i < file.models.size(); ++i) {
      if (i != first) names[canonical(file.models[i].name)] = name + "/" + file.models[i].name;
    }
    for (Model& model : file.models) {
      for (Variable& variable : model.variables) {
        const std::string called =
            canonical(variable.model.empty() ? display(variable.name) : variable.model);
        if (variable.kind == Variable::Kind::kModule && names.contains(called))
          variable.model = names.at(called);
      }
    }
    for (size_t i = 0; i < file.models.size(); ++i)
      file.models[i].name = i == first ? name : names.at(canonical(file.models[i].name));
  }

  // ---------------------------------------------------------------- shared

  void take_declarations(File& other) {
    for (Dimension& dimension : other.dimensions) {
      const auto known = std::ranges::find_if(whole_.dimensions, [&](const Dimension& mine) {
        return canonical(mine.name) == canonical(dimension.name);
      });
      if (known == whole_.dimensions.end())
        whole_.dimensions.push_back(std::move(dimension));
      else if (known->elements != dimension.elements)
        duplicate(dimension.span, "dimension", dimension.name, known->span);
    }
    for (Unit& unit : other.units) {
      if (std::ranges::none_of(whole_.units, [&](const Unit& u) { return u.name == unit.name; }))
        whole_.units.push_back(std::move(unit));
    }
    for (Macro& macro : other.macros) {
      const auto known = std::ranges::find_if(whole_.macros, [&](const Macro& mine) {
        return canonical(mine.name) == canonical(macro.name);
      });
      if (known == whole_.macros.end())
        whole_.macros.push_back(std::move(macro));
      else if (!are_same(*known, macro))
        duplicate(macro.span, "macro", macro.name, known->span);
    }
  }

  // Each file of a model in parts may hold the macros that it uses.
  static bool are_same(const Macro& a, const Macro& b) {
    const auto text = [](const std::optional<Text>& t) { return t ? trimmed(t->value) : ""; };
    const auto same_flows = [](const Text& x, const Text& y) { return x.value == y.value; };
    const auto same = [&](const Variable& x, const Variable& y) {
      return x.kind == y.kind && canonical(x.name) == canonical(y.name) &&
             text(x.equation) == text(y.equation) && text(x.initial) == text(y.initial) &&
             std::ranges::equal(x.inflows, y.inflows, same_flows) &&
             std::ranges::equal(x.outflows, y.outflows, same_flows) && !x.gf && !y.gf;
    };
    const auto same_parameter = [&](const auto& x, const auto& y) {
      return x.first == y.first && text(x.second) == text(y.second);
    };
    return trimmed(a.equation.value) == trimmed(b.equation.value) &&
           std::ranges::equal(a.parameters, b.parameters, same_parameter) &&
           std::ranges::equal(a.variables, b.variables, same);
  }

  void duplicate(Span span, const char* what, const std::string& name, Span first) {
    diagnostics_
        .error(Kind::kDuplicateName, span,
               fmt::format("the {} `{}` is defined in two files", what, shown(name)))
        .labels.push_back({first, "first here"});
  }

  // The file that the model may read, or nothing after a diagnostic. Links are followed first.
  std::optional<fs::path> find(const std::string& resource, const fs::path& beside, Span span) {
    std::string name = resource.starts_with("file://") ? resource.substr(7) : resource;
    std::ranges::replace(name, '\\', '/');
    std::error_code failure;
    const fs::path path = fs::weakly_canonical(beside / fs::path(name), failure);
    const bool near = sheet::is_within(folder_, path) || sheet::is_within(root_, path);
    if (!failure && near && !fs::path(name).is_absolute()) return path;
    diagnostics_
        .error(Kind::kOutsidePath, span,
               fmt::format("`{}` does not lie beside or below the model, nor in its repository",
                           shown(resource)))
        .hint = "`--data-root DIR` names the folder that the model may read files from";
    return std::nullopt;
  }

  std::optional<File> read_file(const fs::path& path, Span span) {
    if (++files_ > kMostFiles) {
      if (files_ == kMostFiles + 1)
        diagnostics_.error(Kind::kTooLarge, span,
                           fmt::format("the model has more than {} files", kMostFiles));
      return std::nullopt;
    }
    std::error_code failure;
    if (!fs::is_regular_file(path, failure)) {
      diagnostics_.error(
          Kind::kMissingFile, span,
          fmt::format("there is no file `{}`", shown(path.lexically_relative(folder_).string())));
      return std::nullopt;
    }
    const auto raw = sources_.load(path);
    if (!raw) {
      diagnostics_.error(Kind::kMissingFile, span, raw.error().message);
      return std::nullopt;
    }
    // Added again as UTF-8, so that positions mean the text that is read.
    const auto source =
        sources_.add(fs::relative(path, failure).string(), to_utf8(sources_[*raw].text), path);
    return read(sources_, source, diagnostics_);
  }

  File& whole_;
  text::SourceSet& sources_;
  fs::path folder_, root_;
  text::Diagnostics& diagnostics_;
  std::vector<Model> loaded_;
  std::set<fs::path> included_;
  std::set<std::string> resources_;
  size_t files_ = 1;
};

}  // namespace

void gather_files(File& file, text::SourceSet& sources, text::SourceId source,
                  const ImportOptions& options, text::Diagnostics& diagnostics) {
  Gathering(file, sources, options, diagnostics).run(sources[source].path);
}

}  // namespace headrace::import::xmile
