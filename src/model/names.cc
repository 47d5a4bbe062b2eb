// Every name that statements declare, found before any expression is read.

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "model/context.h"

namespace headrace::model {
namespace {

struct Declared {
  const syntax::Name* name = nullptr;
  Symbol::Kind kind = Symbol::Kind::kVariable;
};

Declared declared(const syntax::Statement& statement) {
  if (auto* value = std::get_if<syntax::ValueDecl>(&statement.node)) {
    return {&value->name, value->kind == syntax::ValueDecl::Kind::kMeasure
                              ? Symbol::Kind::kMeasure
                              : Symbol::Kind::kVariable};
  }
  if (auto* stock = std::get_if<syntax::StockDecl>(&statement.node))
    return {&stock->name, Symbol::Kind::kVariable};
  if (auto* data = std::get_if<syntax::DataDecl>(&statement.node))
    return {&data->name, Symbol::Kind::kVariable};
  if (auto* table = std::get_if<syntax::TableDecl>(&statement.node))
    return {&table->name, Symbol::Kind::kTable};
  if (auto* dim = std::get_if<syntax::DimDecl>(&statement.node))
    return {&dim->name, Symbol::Kind::kDimension};
  if (auto* function = std::get_if<syntax::FunctionDecl>(&statement.node))
    return {&function->name, Symbol::Kind::kFunction};
  return {};
}

void duplicate(Context& context, const syntax::Name& name, Span first) {
  auto& diagnostic = context.error(Kind::kDuplicateName, name.span,
                                   fmt::format("`{}` is declared twice", name.text));
  diagnostic.labels.push_back({first, "first here"});
}

std::string folded(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return c < 128 ? std::tolower(c) : c; });
  return text;
}

// Statements of the library come first into `functions` and give way to the model's own.
void collect_function(Context& context, const syntax::Name& name, const Symbol& symbol) {
  if (is_builtin(name.text)) {
    context.error(Kind::kDuplicateName, name.span,
                  fmt::format("`{}` is a built-in function", name.text));
    return;
  }
  if (auto other = context.symbols.find(name.text);
      other != context.symbols.end() && !is_library(context, name.span)) {
    duplicate(context, name, other->second.span);
    return;
  }
  if (is_library(context, name.span)) context.functions_of_library.emplace(name.text, symbol);
  auto [at, fresh] = context.functions.emplace(name.text, symbol);
  if (fresh) return;
  if (is_library(context, at->second.span))
    at->second = symbol;
  else if (!is_library(context, name.span))
    duplicate(context, name, at->second.span);
}

void collect_own_namespace(Context& context, const syntax::Statement& statement,
                           std::unordered_map<std::string, Span>& others) {
  const syntax::Name* name = nullptr;
  std::string space;
  if (auto* claim = std::get_if<syntax::ClaimDecl>(&statement.node))
    name = &claim->name, space = "claim";
  if (auto* check = std::get_if<syntax::CheckDecl>(&statement.node))
    name = &check->name, space = "check";
  if (auto* scenario = std::get_if<syntax::ScenarioDecl>(&statement.node))
    name = &scenario->name, space = "scenario";
  if (!name) return;
  auto [at, fresh] = others.emplace(space + " " + name->text, name->span);
  if (!fresh) duplicate(context, *name, at->second);
}

void collect_model(Context& context, const syntax::ModelDecl& decl, Span& first) {
  if (first.source.valid()) {
    duplicate(context, decl.name, first);
    return;
  }
  first = decl.name.span;
  context.model.name = decl.name.text;
  context.model.title = decl.title.value_or("");
  context.model.loose_units = decl.loose_units;
}

}  // namespace

void collect_names(Context& context) {
  Span model_span;
  std::unordered_map<std::string, Span> others;
  std::map<std::string, const syntax::Name*> by_folded;
  for (StatementId id : context.tree.top_level) {
    const syntax::Statement& statement = context.tree[id];
    if (auto* decl = std::get_if<syntax::ModelDecl>(&statement.node))
      collect_model(context, *decl, model_span);
    collect_own_namespace(context, statement, others);
    const auto [name, kind] = declared(statement);
    if (!name) continue;
    const Symbol symbol{kind, 0, id, name->span};
    if (kind == Symbol::Kind::kFunction) {
      collect_function(context, *name, symbol);
      continue;
    }
    if (auto other = context.functions.find(name->text);
        other != context.functions.end() && !is_library(context, other->second.span)) {
      duplicate(context, *name, other->second.span);
      continue;
    }
    auto [at, fresh] = context.symbols.emplace(name->text, symbol);
    if (!fresh) {
      duplicate(context, *name, at->second.span);
      continue;
    }
    auto [same, alone] = by_folded.emplace(folded(name->text), name);
    if (!alone) {
      context
          .warning(Kind::kCaseOnly, name->span,
                   fmt::format("`{}` and `{}` differ only by case", name->text, same->second->text))
          .labels.push_back({same->second->span, "the other one"});
    }
  }
}

}  // namespace headrace::model
