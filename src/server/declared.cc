#include "server/declared.h"

#include <fmt/format.h>

#include "server/mathml.h"
#include "syntax/syntax.h"
#include "text/markup.h"

namespace headrace::server {
namespace {

std::string date_words(const syntax::Tree& tree, const syntax::Clause& clause) {
  std::string out;
  if (clause.date) out += "from " + syntax::print(tree, *clause.date);
  return out;
}

Declared declared(const syntax::Tree& tree, const syntax::ValueDecl& decl) {
  Declared out;
  auto add = [&](const std::string& head, syntax::ExprId value) {
    if (!out.equation.empty()) out.equation += "\n";
    out.equation += (head.empty() ? "" : head + " = ") + syntax::print(tree, value);
    out.mathml += mathml(tree, value);
  };
  if (decl.value) add("", *decl.value);
  for (const syntax::Clause& clause : decl.clauses) {
    std::string head = date_words(tree, clause);
    for (const syntax::Index& index : clause.pattern) {
      head += (head.empty() ? "[" : " [") + index.name.text + "]";
    }
    add(head, clause.value);
  }
  if (!decl.clauses.empty()) out.mathml.clear();  // clauses read better as text
  return out;
}

std::string identifier(const std::string& name) {
  return fmt::format("<mi>{}</mi>", text::escape_markup(name));
}

// What a stock changes by, inside a <math> element.
std::string rate_of(const syntax::Tree& tree, const syntax::StockDecl& decl) {
  std::string rate;
  for (const auto& flow : decl.inflows) {
    rate += (rate.empty() ? "" : "<mo>+</mo>") + identifier(flow.text);
  }
  for (const auto& flow : decl.outflows) rate += "<mo>−</mo>" + identifier(flow.text);
  if (decl.net_rate) {
    const std::string whole = mathml(tree, *decl.net_rate);
    constexpr std::string_view kOpen = "<math>", kClose = "</math>";
    rate += rate.empty() ? "" : "<mo>+</mo>";
    rate += whole.substr(kOpen.size(), whole.size() - kOpen.size() - kClose.size());
  }
  return rate;
}

Declared declared(const syntax::Tree& tree, const syntax::StockDecl& decl) {
  Declared out;
  if (decl.initial) out.equation = "starts at " + syntax::print(tree, *decl.initial);
  for (const auto& flow : decl.inflows) out.equation += "\nin " + flow.text;
  for (const auto& flow : decl.outflows) out.equation += "\nout " + flow.text;
  if (decl.net_rate) out.equation += "\nd/dt = " + syntax::print(tree, *decl.net_rate);
  const std::string rate = rate_of(tree, decl);
  if (!rate.empty()) {
    out.mathml = fmt::format(
        "<math><mfrac><mrow><mi>d</mi></mrow><mrow><mi>d</mi><mi>t</mi></mrow></mfrac>"
        "<mspace width=\"0.2em\"/>{}<mo>=</mo><mrow>{}</mrow></math>",
        identifier(decl.name.text), rate);
  }
  return out;
}

// Where numbers come from, in a few words.
std::string origin(const syntax::DataDecl& data) {
  if (data.parts.empty())
    return data.values.empty() ? fmt::format("column {} of {}", data.column.text, data.file.text)
                               : "numbers in the text";
  std::string text;
  for (const auto& part : data.parts) {
    const std::string one =
        part.cells ? fmt::format("cells {} of {}", part.cells->first.text, part.cells->file.text)
                   : "numbers in the text";
    text += (text.empty() ? "" : "\n") + one;
  }
  return text;
}

}  // namespace

std::map<std::string, Declared> declarations(const workbench::Project& project) {
  std::map<std::string, Declared> out;
  for (syntax::StatementId id : project.tree.top_level) {
    const syntax::Statement& statement = project.tree[id];
    const auto put = [&](const std::string& name, Declared declared) {
      declared.span = statement.span;
      out[name] = std::move(declared);
    };
    if (const auto* value = std::get_if<syntax::ValueDecl>(&statement.node)) {
      put(value->name.text, declared(project.tree, *value));
    } else if (const auto* stock = std::get_if<syntax::StockDecl>(&statement.node)) {
      put(stock->name.text, declared(project.tree, *stock));
    } else if (const auto* data = std::get_if<syntax::DataDecl>(&statement.node)) {
      put(data->name.text, {origin(*data), "", {}});
    }
  }
  return out;
}

}  // namespace headrace::server
