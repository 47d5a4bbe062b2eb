// Does each module of the model have its page? A module is a file in the model's own folder that
// has inputs or stocks. Its page `docs/race/NAME.md` says in words what it does; with --update the
// lists of its stocks and inputs, with their values and who says so, are written into the page as
// the model's text has them. The test fails for a module without a page, a page without its marks,
// and a page without the headings that every page has.

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "answers.h"
#include "page.h"
#include "program.h"
#include "report/layout.h"
#include "syntax/syntax.h"

namespace headrace::race {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kHeadings = {"## In words", "## Equations", "## Left out, and why"};

std::string joined(const std::vector<syntax::Name>& names) {
  std::string out;
  for (const syntax::Name& name : names) out += (out.empty() ? "`" : ", `") + name.text + "`";
  return out;
}

// `a | b` within a cell of a table.
std::string cell(std::string text) {
  for (size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
    text.insert(at, "\\");
  return text;
}

std::string who(const syntax::Provenance& provenance) {
  std::string out = joined(provenance.sources);
  const auto add = [&](const std::string& words) { out += (out.empty() ? "" : "; ") + words; };
  if (provenance.assumed) add("assumed: " + *provenance.assumed);
  if (provenance.note) add(*provenance.note);
  return cell(out);
}

std::string code(const syntax::Tree& tree, syntax::ExprId expression) {
  return "`" + syntax::print(tree, expression) + "`";
}

std::string title_or_name(const std::optional<std::string>& title) { return title.value_or(""); }

// `[A910B]` of a clause for some members.
std::string members(const syntax::Clause& clause, const text::SourceSet& sources) {
  const std::string text(sources.text(clause.span));
  const size_t open = text.find('['), close = text.find(']');
  const bool has = open != std::string::npos && close != std::string::npos && open < close;
  return has ? text.substr(open, close + 1 - open) : "";
}

struct Module {
  report::Table stocks{{{"stock"}, {"what"}, {"unit"}, {"in"}, {"out"}}, {}};
  report::Table inputs{{{"input"}, {"what"}, {"value"}, {"unit"}, {"who says so"}}, {}};
};

std::string unit_of(const std::optional<syntax::UnitExpr>& unit) {
  return unit ? syntax::print(*unit) : "";
}

void add_stock(Module& module, const syntax::StockDecl& stock) {
  module.stocks.rows.push_back({"`" + stock.name.text + "`", cell(title_or_name(stock.title)),
                                unit_of(stock.unit), joined(stock.inflows),
                                stock.net_rate ? "by its rate" : joined(stock.outflows)});
}

void add_input(Module& module, const syntax::Tree& tree, const text::SourceSet& sources,
               const syntax::ValueDecl& value) {
  const std::string name = "`" + value.name.text + "`";
  if (value.value)
    module.inputs.rows.push_back({name, cell(title_or_name(value.title)),
                                  cell(code(tree, *value.value)), unit_of(value.unit),
                                  who(value.provenance)});
  for (const syntax::Clause& clause : value.clauses)
    module.inputs.rows.push_back({"`" + value.name.text + members(clause, sources) + "`", "",
                                  cell(code(tree, clause.value)), unit_of(value.unit),
                                  who(clause.provenance)});
}

// By the name of the file, without its ending.
std::map<std::string, Module> modules_of(const workbench::Project& project) {
  std::map<std::string, Module> modules;
  for (const syntax::StatementId id : project.tree.top_level) {
    const syntax::Statement& statement = project.tree[id];
    if (!statement.span.source.valid()) continue;
    const fs::path path = project.sources[statement.span.source].path;
    const auto* stock = std::get_if<syntax::StockDecl>(&statement.node);
    const auto* value = std::get_if<syntax::ValueDecl>(&statement.node);
    if (path.extension() != ".hr" || path.parent_path() != project.folder) continue;
    if (stock) add_stock(modules[path.stem()], *stock);
    if (value && value->kind == syntax::ValueDecl::Kind::kParam)
      add_input(modules[path.stem()], project.tree, project.sources, *value);
  }
  return modules;
}

std::string lists(const Module& module) {
  std::string out;
  if (!module.stocks.rows.empty())
    out += "\n## Stocks\n\n" + report::render_markdown(module.stocks);
  if (!module.inputs.rows.empty())
    out += "\n## Inputs\n\n" + report::render_markdown(module.inputs);
  return out + "\n";
}

std::string read(const std::string& path) {
  std::ifstream in(path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// What a page lacks.
std::vector<std::string> lacks(const std::string& page) {
  std::vector<std::string> out;
  const std::string text = read(page);
  if (text.empty()) return {"there is no page " + page};
  for (const std::string& heading : kHeadings) {
    if (text.find(heading + "\n") == std::string::npos)
      out.push_back(page + " has no heading '" + heading + "'");
  }
  if (!filled(text, {{"lists", ""}})) out.push_back(page + " has no place for its lists");
  return out;
}

base::Result<int> run(const Options& options) {
  const auto project = workbench::open(options.model);
  if (!project) return std::unexpected(project.error());
  bool wrong = false;
  for (const auto& [name, module] : modules_of(**project)) {
    const std::string page = options.page + "/" + name + ".md";
    for (const std::string& line : lacks(page)) {
      fmt::print(stderr, "race_modules_test: {}\n", line);
      wrong = true;
    }
    if (!options.update || wrong) continue;
    if (const auto done = update_page(page, {{"lists", lists(module)}}); !done)
      return std::unexpected(done.error());
  }
  return wrong ? 1 : 0;
}

}  // namespace
}  // namespace headrace::race

int main(int count, char** words) {
  return headrace::race::run_program("race_modules_test", count, words, headrace::race::run);
}
