// The source register: `source` statements and files of sources, and whether every @id is there.

#include <fmt/format.h>

#include "model/context.h"

namespace headrace::model {
namespace {

void add_source(Context& context, Reference reference, Span span) {
  if (!context.sources_known.insert(reference.id).second) {
    context.error(Kind::kDuplicateName, span,
                  fmt::format("the source `@{}` is declared twice", reference.id));
    return;
  }
  context.model.sources.push_back(std::move(reference));
}

void read_register(Context& context, const syntax::Name& file) {
  const text::CsvTable* table = open_csv(context, file);
  if (!table) return;
  const auto id = table->column("id");
  if (!id) {
    context.error(Kind::kBadData, file.span, fmt::format("`{}` has no column `id`", file.text));
    return;
  }
  for (size_t row = 0; row < table->rows.size(); ++row) {
    const auto cell = [&](const char* name) {
      const auto column = table->column(name);
      return column ? table->rows[row][*column] : std::string();
    };
    add_source(context,
               {table->rows[row][*id], cell("title"), cell("url"), cell("date"), cell("kind"),
                cell("note")},
               table->span(row, *id));
  }
}

void check_clauses(Context& context, const auto& clauses) {
  for (const auto& clause : clauses) check_sources(context, clause.provenance);
}

}  // namespace

void check_sources(Context& context, const syntax::Provenance& provenance) {
  for (const syntax::Name& name : provenance.sources) {
    if (context.sources_known.contains(name.text)) continue;
    auto& diagnostic = context.error(Kind::kUnknownSource, name.span,
                                     fmt::format("there is no source `@{}`", name.text));
    const std::vector<std::string> known(context.sources_known.begin(),
                                         context.sources_known.end());
    if (auto near = suggest(context, name.text, known); !near.empty())
      diagnostic.hint = fmt::format("did you mean `@{}`?", near);
    else if (known.empty())
      diagnostic.hint = "declare it: `source " + name.text + " \"title\"`";
  }
}

void lower_sources(Context& context) {
  for (StatementId id : context.tree.top_level) {
    const auto* decl = std::get_if<syntax::SourceDecl>(&context.tree[id].node);
    if (!decl) continue;
    if (decl->file) read_register(context, *decl->file);
    if (!decl->name) continue;
    add_source(context,
               {decl->name->text, decl->title.value_or(""), decl->url.value_or(""),
                decl->date.value_or(""), decl->kind.value_or(""), decl->note.value_or("")},
               decl->name->span);
  }
  for (StatementId id : context.tree.top_level) {
    const auto& node = context.tree[id].node;
    std::visit(
        [&](const auto& decl) {
          if constexpr (requires { decl.provenance; }) check_sources(context, decl.provenance);
          if constexpr (requires { decl.clauses; }) check_clauses(context, decl.clauses);
          if constexpr (requires { decl.entries; }) {
            for (const syntax::OverlayEntry& entry : decl.entries)
              check_sources(context, entry.clause.provenance);
          }
        },
        node);
  }
}

}  // namespace headrace::model
