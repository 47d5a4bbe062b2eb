// What the model's names are called in the other tool.

#include "import/names.h"

#include <fmt/format.h>

#include <algorithm>

#include "export/writer.h"

namespace headrace::exports {
namespace {

// As both tools compare names: letters without case, blanks and underscores alike.
std::string canonical(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == ' ' || c == '_' || c == '\n' || c == '\t') {
      if (!out.empty() && out.back() != '_') out += '_';
    } else {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  while (out.ends_with('_')) out.pop_back();
  return out;
}

bool is_reserved(const std::string& name) {
  static const std::set<std::string> kWords = {
      "and",       "or",       "not",   "if",    "then",   "else",   "mod",    "time",  "dt",
      "starttime", "stoptime", "pi",    "inf",   "self",   "min",    "max",    "sum",   "mean",
      "size",      "abs",      "exp",   "ln",    "int",    "sin",    "cos",    "tan",   "sqrt",
      "step",      "ramp",     "pulse", "delay", "init",   "trend",  "npv",    "pct",   "rank",
      "prod",      "std",      "round", "log",   "smooth", "normal", "random", "lookup"};
  return kWords.contains(canonical(name));
}

// The names of functions by which equations of the tool call what is its own.
const std::set<std::string>& function_words(bool xmile) {
  static const auto canonicals = [](const std::vector<std::string>& words) {
    std::set<std::string> all;
    for (const std::string& word : words) all.insert(canonical(word));
    return all;
  };
  static const std::set<std::string> kXmile = canonicals(xmile_words());
  static const std::set<std::string> kVensim = canonicals(vensim_words());
  return xmile ? kXmile : kVensim;
}

bool is_plain(std::string_view name, bool blanks) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::ranges::all_of(name, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (blanks && c == ' ');
  });
}

std::string in_quotes(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out + "\"";
}

// Vensim knows no backslash but that before a quote.
std::string in_vensim_quotes(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out + "\"";
}

}  // namespace

// Values that only say what Vensim's clock is, as the importer leaves them.
void Writer::find_controls() {
  static const std::map<std::string, std::string> kParts = {
      {"initial_time", "time.start"}, {"final_time", "time.end"}, {"time_step", "time.step"}};
  bool loose = false;
  for (const syntax::Statement* statement : own()) {
    if (const auto* model = std::get_if<syntax::ModelDecl>(&statement->node))
      loose = model->loose_units;
  }
  for (const auto& [name, value] : values_) {
    if (!value->dims.empty() || !value->clauses.empty() || !value->value) continue;
    const std::string own = canonical(name);
    const auto* word = std::get_if<syntax::Reference>(&tree_[*value->value].node);
    const auto part = kParts.find(own);
    const auto number = literal(*value->value);
    const bool saves =
        own == "saveper" && (number ? *number == clock_.save.value_or(clock_.step) : loose);
    if (saves || (part != kParts.end() && word && word->name.text == part->second))
      controls_.insert(name);
  }
}

// Names that the other tool cannot tell apart get a number, those of its clock too, and functions
// and tables that are called as a function of its own; what is internal is marked in another way.
void Writer::name_all() {
  const std::set<std::string> clock =
      xmile() ? std::set<std::string>{"time", "dt", "starttime", "stoptime"}
              : std::set<std::string>{"time", "initial_time", "final_time", "time_step", "saveper"};
  const std::set<std::string> constants =
      xmile() ? std::set<std::string>{"inf", "pi"} : std::set<std::string>();
  taken_ = clock;
  taken_.insert(constants.begin(), constants.end());
  name_functions();
  const std::set<std::string>& words = function_words(xmile());
  const auto add = [&](const syntax::Name& name, bool called) {
    if (spelled_.contains(name.text) || devices_.is_part(name.text)) return;
    const std::string own = import::visible(name.text);
    if (is_control(name.text)) {
      spelled_.emplace(name.text, own);
      return;
    }
    std::string wanted = own;
    for (int k = 2;
         (called && words.contains(canonical(wanted))) || !taken_.insert(canonical(wanted)).second;
         ++k)
      wanted = fmt::format("{} {}", own, k);
    if (wanted != own)
      diagnostics_.warning(
          text::Kind::kPassedOver, name.span,
          fmt::format("`{}` is called `{}` in {}, {}", shown(name.text), shown(wanted),
                      xmile() ? "XMILE" : "Vensim",
                      clock.contains(canonical(own))       ? "where that name is the clock's"
                      : constants.contains(canonical(own)) ? "where that name is a number's"
                      : called && words.contains(canonical(own))
                          ? "which has a function of that name itself"
                          : "where names are the same without regard to case"));
    spelled_.emplace(name.text, wanted);
  };
  for (const syntax::Statement* statement : own()) {
    std::visit(
        [&](const auto& node) {
          using Node = std::decay_t<decltype(node)>;
          if constexpr (std::is_same_v<Node, syntax::ValueDecl> ||
                        std::is_same_v<Node, syntax::StockDecl> ||
                        std::is_same_v<Node, syntax::TableDecl> ||
                        std::is_same_v<Node, syntax::DataDecl> ||
                        std::is_same_v<Node, syntax::DimDecl>)
            add(node.name, std::is_same_v<Node, syntax::TableDecl>);
        },
        statement->node);
  }
  if (!xmile()) {
    for (const auto& [dim, decl] : dims_) {
      for (const syntax::Name& one : decl->members) {
        if (clock.contains(canonical(one.text))) add(one, false);
        std::string text = member(dim, one.text);
        if (text.size() > 2 && text.front() == '"') text = text.substr(1, text.size() - 2);
        taken_.insert(canonical(text));
      }
    }
    return;
  }
  // A macro that is called like a function of XMILE would take its place everywhere.
  for (const auto& [name, function] : functions_) {
    if (!is_reserved(name) || called_.contains(name)) continue;
    called_[name] = fresh(name + " function");
  }
}

// A macro takes the place of the tool's function of its name, which other equations may mean.
void Writer::name_functions() {
  const std::set<std::string>& words = function_words(xmile());
  for (const syntax::Statement* statement : own()) {
    const auto* function = std::get_if<syntax::FunctionDecl>(&statement->node);
    if (!function || !words.contains(canonical(function->name.text))) continue;
    const std::string& own = function->name.text;
    std::string wanted = own + " 2";
    for (int k = 3; taken_.contains(canonical(wanted)); ++k) wanted = fmt::format("{} {}", own, k);
    taken_.insert(canonical(wanted));
    diagnostics_.warning(
        text::Kind::kPassedOver, function->name.span,
        fmt::format("`{}` is called `{}` in {}, which has a function of that name itself",
                    shown(own), shown(wanted), xmile() ? "XMILE" : "Vensim"));
    called_.emplace(own, wanted);
  }
}

std::string Writer::bare(const std::string& name) const {
  const auto at = spelled_.find(name);
  std::string text = at == spelled_.end() ? name : at->second;
  for (char& c : text) c = c == '\n' || c == '\t' ? ' ' : c;
  return text;
}

std::string Writer::spelled(const std::string& name) const { return spell(bare(name)); }

std::string Writer::spell(std::string text) const {
  if (!xmile()) return is_plain(text, true) && !is_reserved(text) ? text : in_vensim_quotes(text);
  if (!is_plain(text, true) || is_reserved(text)) return in_quotes(text);
  std::ranges::replace(text, ' ', '_');
  return text;
}

std::string Writer::called(const std::string& function) const {
  const auto at = called_.find(function);
  return at == called_.end() ? bare(function) : at->second;
}

std::string Writer::fresh(std::string wanted) {
  while (!taken_.insert(canonical(wanted)).second) wanted += " again";
  return wanted;
}

std::string Writer::member(const std::string& dim, const std::string& name) const {
  const bool digits = name.find_first_not_of("0123456789") == std::string::npos;
  if (xmile() || !digits) return spelled(name);
  const std::string text = bare(dim) + " " + name;
  return is_plain(text, true) ? text : in_vensim_quotes(text);
}

}  // namespace headrace::exports
