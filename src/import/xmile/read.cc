// XML becomes structs. The XML library parses without recursion, expands no entities but the five
// of XML itself, and never opens another file.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <pugixml.hpp>
#include <set>

#include "import/names.h"
#include "import/xmile/document.h"
#include "text/utf8.h"

namespace headrace::import::xmile {
namespace {

using pugi::xml_node;
using text::Kind;

constexpr size_t kMostNodes = 2'000'000;
constexpr size_t kMostPoints = 100'000;
constexpr size_t kMostMembers = 100'000;  // of one dimension
constexpr size_t kMostVariables = 300'000;

// `isee:size` and `size` are different names; other prefixes stand for XMILE itself.
std::string_view local_name(std::string_view name) {
  const auto colon = name.find(':');
  return colon == std::string_view::npos || name.starts_with("isee:") ? name
                                                                      : name.substr(colon + 1);
}
std::string_view name_of(xml_node node) { return local_name(node.name()); }

bool says_true(std::string_view text) {
  const std::string word = trimmed(text);
  return word.empty() || same_word(word, "true") || word == "1";
}

bool says_yes(std::string_view text) { return !text.empty() && says_true(text); }

// A name as an attribute holds it: with or without quotes around it.
std::string name_text(std::string_view name) {
  const bool quoted =
      name.size() >= 2 && name.front() == '"' && name.find('"', 1) == name.size() - 1;
  return unescaped(quoted ? name.substr(1, name.size() - 2) : name);
}
std::string name_in(pugi::xml_attribute attribute) { return display(name_text(attribute.value())); }

std::optional<double> number_in(std::string_view text) {
  const std::string word = trimmed(text);
  double value = 0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
  const bool whole = failure == std::errc() && end == word.data() + word.size();
  if (!whole || !std::isfinite(value)) return std::nullopt;
  return value;
}

class Reader {
 public:
  Reader(const text::SourceSet& sources, text::SourceId source, text::Diagnostics& diagnostics)
      : sources_(sources), source_(source), diagnostics_(diagnostics), text_(sources[source].text) {
    if (text_.starts_with(text::kByteOrderMark)) skipped_ = text::kByteOrderMark.size();
  }

  File file() {
    if (static_cast<size_t>(std::count(text_.begin(), text_.end(), '<')) > kMostNodes) {
      diagnostics_.error(Kind::kTooLarge, at(0), fmt::format("more than {} tags", kMostNodes));
      return {};
    }
    pugi::xml_document document;
    const std::string_view body = text_.substr(skipped_);
    auto result =
        document.load_buffer(body.data(), body.size(), pugi::parse_default, pugi::encoding_utf8);
    if (!result) {  // Vensim writes `<` in equations as it is.
      const std::string hidden = with_comparisons_hidden(body);
      if (hidden != body)
        result = document.load_buffer(hidden.data(), hidden.size(), pugi::parse_default,
                                      pugi::encoding_utf8);
    }
    if (!result) {
      diagnostics_.error(Kind::kSyntax, at(static_cast<size_t>(result.offset) + skipped_),
                         fmt::format("this is no well-formed XML: {}", words(result)));
      return {};
    }
    for (const xml_node root : document.children()) {
      if (root.type() != pugi::node_element) continue;
      if (same_word(name_of(root), "xmile")) {
        read_root(root);
        if (file_.written_by_vensim()) read_as_vensim(file_);
        spread_equations(file_, diagnostics_);
        return std::move(file_);
      }
      diagnostics_.error(Kind::kSyntax, span(root),
                         fmt::format("`{}` opens the file, not `xmile`",
                                     text::printable(std::string_view(root.name()).substr(0, 60))));
      return {};
    }
    diagnostics_.error(Kind::kSyntax, at(0), "the file holds no `xmile` element");
    return {};
  }

 private:
  static std::string words(const pugi::xml_parse_result& result) {
    std::string text = result.description();
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return text;
  }

  // ---------------------------------------------------------------- places

  text::Span at(size_t offset) const {
    const auto begin = static_cast<uint32_t>(std::min(offset, text_.size()));
    return {source_, begin, static_cast<uint32_t>(std::min<size_t>(begin + 1, text_.size()))};
  }

  size_t offset(xml_node node) const {
    return static_cast<size_t>(std::max<ptrdiff_t>(node.offset_debug(), 0)) + skipped_;
  }

  // The start tag.
  text::Span span(xml_node node) const {
    const size_t begin = offset(node);
    const size_t open = begin > 0 ? begin - 1 : 0;
    const size_t end = std::min(text_.find('>', begin), text_.size() - 1) + 1;
    return {source_, static_cast<uint32_t>(open), static_cast<uint32_t>(std::min(end, open + 200))};
  }

  Text text(xml_node node) const {
    Text result;
    result.span = span(node);
    bool first = true;
    for (const xml_node child : node.children()) {
      if (child.type() != pugi::node_pcdata && child.type() != pugi::node_cdata) continue;
      result.value += child.value();
      const size_t begin = offset(child);
      const std::string_view close = child.type() == pugi::node_cdata ? "]]>" : "<";
      const size_t end = std::min(text_.find(close, begin), text_.size());
      if (first) result.span.begin = static_cast<uint32_t>(begin);
      result.span.end = static_cast<uint32_t>(end);
      first = false;
    }
    std::ranges::replace(result.value, kHiddenLess, '<');
    return result;
  }

  std::optional<Text> optional_text(xml_node parent, const char* name) const {
    const xml_node node = parent.child(name);
    if (!node) return std::nullopt;
    return text(node);
  }

  // ---------------------------------------------------------------- the file

  void read_root(xml_node root) {
    file_.span = span(root);
    for (const xml_node node : root.children()) {
      const std::string_view name = name_of(node);
      if (name == "header") {
        file_.name = trimmed(node.child("name").text().get());
        file_.vendor = trimmed(node.child("vendor").text().get());
        const xml_node arrays = node.child("options").child("uses_arrays");
        file_.outside_is_nan =
            same_word(trimmed(arrays.attribute("invalid_index_value").value()), "nan");
        file_.product = trimmed(node.child("product").text().get());
        for (const xml_node include : node.child("includes").children())
          file_.includes.push_back({trimmed(include.attribute("resource").value()), span(include)});
      } else if (name == "sim_specs") {
        file_.specs = specs(node);
      } else if (name == "model_units") {
        for (const xml_node unit : node.children("unit")) read_unit(unit);
      } else if (name == "dimensions") {
        for (const xml_node dim : node.children("dim")) read_dimension(dim);
      } else if (name == "behavior") {
        file_.behavior = behavior(node);
      } else if (name == "model") {
        read_model(node);
      } else if (name == "macro") {
        read_macro(node);
      } else if (name == "data" && node.child("import")) {
        passed_over(node, "`data`: values are not imported from other files");
      }
    }
  }

  // What carries meaning and is not read.
  void passed_over(xml_node node, const std::string& what) {
    if (!passed_.insert(what).second) return;
    diagnostics_.warning(Kind::kPassedOver, span(node), "passed over: " + what);
  }

  // By an attribute, or within, as iThink 10 writes it.
  static std::string said(xml_node node, const char* name) {
    const std::string value = trimmed(node.attribute(name).value());
    return value.empty() ? trimmed(node.child(name).text().get()) : value;
  }

  SimSpecs specs(xml_node node) {
    SimSpecs specs;
    specs.given = true;
    specs.span = span(node);
    specs.start = text(node.child("start"));
    specs.stop = text(node.child("stop"));
    const xml_node step = node.child("dt");
    specs.step = text(step);
    specs.reciprocal =
        step.attribute("reciprocal") && says_true(step.attribute("reciprocal").value());
    specs.method = said(node, "method");
    specs.time_units = said(node, "time_units");
    const std::string_view runs = node.child("run").attribute("by").value();
    if (!runs.empty() && runs != "all")
      passed_over(node.child("run"), fmt::format("`run by=\"{}\"`: all of the model runs",
                                                 text::printable(runs.substr(0, 60))));
    for (const char* name : {"isee:save_interval", "save_interval", "isee:savper", "savper",
                             "savestep", "save_step", "vensim:saveper"}) {
      take_save(node, node.attribute(name).value(), name, specs);
      take_save(node.child(name), node.child(name).text().get(), name, specs);
    }
    return specs;
  }

  void take_save(xml_node node, std::string_view text, const char* name, SimSpecs& specs) {
    if (trimmed(text).empty() || canonical(trimmed(text)) == "time_step") return;
    const auto value = number_in(text);
    if (value && *value >= 0)  // 0: each step
      specs.save = value;
    else
      passed_over(node,
                  fmt::format("`{}` is no interval at which to save; every step is saved", name));
  }

  void read_unit(xml_node node) {
    Unit unit;
    unit.name = trimmed(node.attribute("name").value());
    unit.equation = trimmed(node.child("eqn").text().get());
    for (const xml_node alias : node.children("alias"))
      unit.aliases.push_back(trimmed(alias.text().get()));
    file_.units.push_back(std::move(unit));
  }

  void read_dimension(xml_node node) {
    Dimension dimension;
    dimension.name = name_in(node.attribute("name"));
    dimension.span = span(node);
    check_length(dimension.name, dimension.span);
    std::set<std::string> seen;
    for (const xml_node element : node.children("elem")) {
      dimension.elements.push_back(name_in(element.attribute("name")));
      const std::string& own = dimension.elements.back();
      check_length(own, span(element));
      if (own.empty())
        diagnostics_.error(
            Kind::kBadStatement, span(element),
            fmt::format("an element of the dimension `{}` has no name", shown(dimension.name)));
      else if (!seen.insert(canonical(own)).second)
        diagnostics_.error(Kind::kDuplicateName, span(element),
                           fmt::format("the element `{}` stands twice in the dimension `{}`",
                                       shown(own), shown(dimension.name)));
    }
    const auto size = number_in(node.attribute("size").value());
    if (size && !dimension.elements.empty() &&
        *size != static_cast<double>(dimension.elements.size()))
      diagnostics_.error(
          Kind::kBadStatement, dimension.span,
          fmt::format("the dimension `{}` has the size {} and {} elements",
                      text::printable(dimension.name), *size, dimension.elements.size()));
    if (dimension.elements.empty()) {
      dimension.numbered = true;
      if (!size || *size < 1 || *size > kMostMembers || *size != std::floor(*size)) {
        diagnostics_.error(Kind::kBadStatement, dimension.span,
                           fmt::format("the dimension `{}` has neither elements nor a size from 1 "
                                       "to {}",
                                       text::printable(dimension.name), kMostMembers));
        return;
      }
      for (size_t k = 1; k <= static_cast<size_t>(*size); ++k)
        dimension.elements.push_back(std::to_string(k));
    }
    file_.dimensions.push_back(std::move(dimension));
  }

  void check_length(const std::string& name, text::Span span) {
    if (name.size() > kLongestName)
      diagnostics_.error(Kind::kTooLarge, span,
                         fmt::format("this name has more than {} bytes", kLongestName));
  }

  Behavior behavior(xml_node node) {
    Behavior behavior;
    const auto take = [](xml_node parent, std::optional<bool>& value) {
      if (const xml_node found = parent.child("non_negative"))
        value = says_true(found.text().get());
    };
    take(node, behavior.stocks);
    take(node, behavior.flows);
    take(node.child("stock"), behavior.stocks);
    take(node.child("flow"), behavior.flows);
    return behavior;
  }

  // ---------------------------------------------------------------- models and macros

  void read_model(xml_node node) {
    Model model;
    model.name = name_in(node.attribute("name"));
    model.span = span(node);
    model.resource = trimmed(node.attribute("resource").value());
    for (const xml_node child : node.children()) {
      const std::string_view name = name_of(child);
      if (name == "behavior") model.behavior = behavior(child);
      if (name == "sim_specs") model.specs = specs(child);
      if (name == "variables") {
        read_variables(child, model.variables);
        for (const xml_node group : child.children("group"))
          model.groups.push_back(read_group(group));
      }
      if (name == "views" || name == "display") read_positions(child);
    }
    read_variables(node, model.variables);  // older files have no `variables` around them
    place(model.variables);
    file_.models.push_back(std::move(model));
  }

  // A variable is named within `var`, or by the attribute of an `entity`.
  static Group read_group(xml_node node) {
    Group group{name_in(node.attribute("name")), trimmed(node.child("doc").text().get()), {}};
    for (const xml_node child : node.children()) {
      if (name_of(child) == "var") group.variables.push_back(identifier(child.text().get()));
      if (name_of(child) == "entity")
        group.variables.push_back(identifier(child.attribute("name").value()));
    }
    return group;
  }

  void read_macro(xml_node node) {
    Macro macro;
    macro.name = name_in(node.attribute("name"));
    macro.span = span(node);
    macro.namespaces = subscripts(node.attribute("namespace").value());
    macro.doc = trimmed(node.child("doc").text().get());
    macro.equation = text(node.child("eqn"));
    for (const xml_node parameter : node.children("parm")) {
      const char* value = parameter.attribute("default").value();
      std::optional<Text> otherwise;
      if (*value) otherwise = Text{value, span(parameter)};
      macro.parameters.emplace_back(identifier(parameter.text().get()), std::move(otherwise));
    }
    if (node.child("sim_specs"))
      passed_over(node.child("sim_specs"), "`sim_specs` of a macro: it runs with the model");
    read_variables(node.child("variables"), macro.variables);
    file_.macros.push_back(std::move(macro));
  }

  void read_variables(xml_node parent, std::vector<Variable>& variables) {
    for (const xml_node node : parent.children()) {
      const std::string_view name = name_of(node);
      if (name == "stock") {
        take_variable(node, Variable::Kind::kStock, variables);
      } else if (name == "flow") {
        take_variable(node, Variable::Kind::kFlow, variables);
      } else if (name == "aux" || name == "gf") {
        take_variable(node, Variable::Kind::kAux, variables);
      } else if (name == "module") {
        take_variable(node, Variable::Kind::kModule, variables);
      } else if (name == "rc") {
        passed_over(node, "`vensim:rc`: reality checks of Vensim");
      } else if (name_of(parent) == "variables" && (node.child("eqn") || holds_variables(node))) {
        passed_over(
            node,
            fmt::format("{} `{}`", node.child("eqn") ? "a variable that is a" : "variables within",
                        text::printable(std::string_view(node.name()).substr(0, 60))));
      }
    }
  }

  // Whether variables stand where XMILE has none, as in a group, which lists names only.
  static bool holds_variables(xml_node node) {
    return !!node.find_node([](xml_node inner) {
      const std::string_view name = name_of(inner);
      return (name == "stock" || name == "flow" || name == "aux") && inner.child("eqn");
    });
  }

  void take_variable(xml_node node, Variable::Kind kind, std::vector<Variable>& variables) {
    const std::string_view of_vensim = node.attribute("vensim:kind").value();
    if (of_vensim == "string") return passed_over(node, "variables that hold text");
    if (of_vensim == "data") {
      diagnostics_
          .error(Kind::kUnfilledEquation, span(node),
                 fmt::format("`{}` takes its values from data that Vensim's XMILE does not hold",
                             text::printable(display(name_text(node.attribute("name").value())))))
          .hint = "import the model's .mdl file";
      return;
    }
    Variable variable = read_variable(node, kind);
    check_length(variable.name, variable.span);
    if (canonical(variable.name).empty()) {
      diagnostics_.error(Kind::kSyntax, variable.span, "a variable without a name");
      return;
    }
    if (++variables_ > kMostVariables) {
      if (variables_ == kMostVariables + 1)
        diagnostics_.error(Kind::kTooLarge, variable.span,
                           fmt::format("more than {} variables", kMostVariables));
      return;
    }
    variables.push_back(std::move(variable));
  }

  Variable read_variable(xml_node node, Variable::Kind kind) {
    Variable variable;
    variable.kind = kind;
    variable.name = name_text(node.attribute("name").value());
    variable.internal = says_yes(node.attribute("headrace:internal").value());
    variable.span = span(node);
    const std::string_view access = node.attribute("access").value();
    if (access == "input") variable.access = Variable::Access::kInput;
    if (access == "output") variable.access = Variable::Access::kOutput;
    if (const auto start = number_in(node.attribute("leak_start").value()))
      variable.leak_start = *start;
    if (const auto end = number_in(node.attribute("leak_end").value())) variable.leak_end = *end;
    if (name_of(node) == "gf") {
      variable.gf = graphical(node);
      return variable;
    }
    for (const xml_node child : node.children()) read_part(child, variable);
    variable.model = name_in(node.attribute("model"));
    variable.resource = resource_of(node);
    for (const char* spread : {"isee:spreadflow", "spreadflow"}) {
      const std::string_view way = node.attribute(spread).value();
      if (!way.empty() && way != "beginning")
        passed_over(node, fmt::format("`isee:spreadflow=\"{}\"`: what flows in enters at the "
                                      "beginning of a conveyor",
                                      text::printable(way)));
    }
    return variable;
  }

  void read_part(xml_node node, Variable& variable) {
    const std::string_view name = name_of(node);
    if (name == "eqn") {
      variable.equation = text(node);
      variable.equations.push_back(*variable.equation);
    } else if (name == "init_eqn" || name == "isee:init_eqn") {
      variable.initial = text(node);
    } else if (name == "gf") {
      variable.gf = graphical(node);
    } else if (name == "dimensions") {
      for (const xml_node dim : node.children("dim"))
        variable.dimensions.push_back(name_in(dim.attribute("name")));
    } else if (name == "element") {
      variable.elements.push_back(element(node));
    } else if (name == "inflow") {
      variable.inflows.push_back(text(node));
    } else if (name == "outflow") {
      variable.outflows.push_back(text(node));
    } else if (name == "netflow") {
      read_net_rate(node, variable);
    } else if (name == "non_negative") {
      variable.non_negative = says_true(node.text().get());
    } else if (name == "units") {
      variable.units = trimmed(node.text().get());
    } else if (name == "doc") {
      variable.doc = trimmed(node.text().get());
    } else if (name == "multiplier") {
      variable.multiplier = text(node);
    } else if (name == "conveyor") {
      variable.conveyor = conveyor(node);
    } else if (name == "queue") {
      variable.queue = true;
    } else if (name == "oven" || name == "isee:oven") {
      variable.oven = oven(node);
    } else if (name == "leak") {
      variable.leak = true;
      if (!text(node).empty()) variable.equation = text(node);
    } else if (name == "leak_integers") {
      variable.leak_integers = true;
    } else if (name == "overflow") {
      variable.overflow = true;
    } else if (name == "connect") {
      variable.connections.push_back({identifier(node.attribute("to").value()),
                                      identifier(node.attribute("from").value()), span(node)});
    } else if (name == "display") {
      take_position(node, canonical(variable.name));
    } else if (name.starts_with("isee:") && name != "isee:dependencies" &&
               name != "isee:connect2" && name != "isee:delay_aux" && name != "isee:summing") {
      passed_over(node, fmt::format("`{}`", text::printable(name.substr(0, 60))));
    }
  }

  // Stella counts from the file itself: `url="r../parts/sky.itmx"` lies in `parts` beside it.
  static std::string resource_of(xml_node node) {
    const std::string url = trimmed(node.attribute("url").value());
    if (url.starts_with("r../")) return url.substr(4);
    return trimmed(node.attribute(url.empty() ? "resource" : "url").value());
  }

  void read_net_rate(xml_node node, Variable& variable) {
    if (variable.net_rate)
      diagnostics_.error(
          Kind::kBadStatement, span(node),
          fmt::format("`{}` has two net flows", text::printable(display(variable.name))));
    variable.net_rate = text(node);
  }

  // Names between commas; one with a comma in it stands in quotes.
  static std::vector<std::string> subscripts(std::string_view list) {
    std::vector<std::string> names;
    bool quoted = false;
    size_t begin = 0;
    for (size_t at = 0; at <= list.size(); ++at) {
      if (at < list.size() && list[at] == '\\') {
        ++at;
      } else if (at < list.size() && list[at] == '"') {
        quoted = !quoted;
      } else if (at >= list.size() || (list[at] == ',' && !quoted)) {
        names.push_back(display(identifier(list.substr(begin, at - begin))));
        begin = at + 1;
      }
    }
    return names;
  }

  Element element(xml_node node) {
    Element element;
    element.span = span(node);
    element.subscripts = subscripts(node.attribute("subscript").value());
    element.equation = optional_text(node, "eqn");
    element.initial = optional_text(node, "init_eqn");
    for (const xml_node child : node.children()) {
      if (name_of(child) == "inflow") element.inflows.push_back(text(child));
      if (name_of(child) == "outflow") element.outflows.push_back(text(child));
      if (name_of(child) == "netflow")
        diagnostics_.error(Kind::kBadStatement, span(child),
                           "a net flow of one element is not read: give the stock a flow");
    }
    if (const xml_node gf = node.child("gf")) element.gf = graphical(gf);
    return element;
  }

  // With the prefix of Stella or without.
  static xml_node part(xml_node node, const std::string& name) {
    const xml_node found = node.child(name.c_str());
    return found ? found : node.child(("isee:" + name).c_str());
  }
  static void flag(xml_node node, const std::string& name, bool& value) {
    for (const std::string prefix : {"", "isee:"}) {
      if (const auto attribute = node.attribute((prefix + name).c_str()))
        value = says_true(attribute.value());
    }
  }

  static Entry entry(xml_node node) {
    Entry entry;
    flag(node, "batch_integrity", entry.batch_integrity);
    flag(node, "one_at_a_time", entry.one_at_a_time);
    return entry;
  }

  Conveyor conveyor(xml_node node) {
    Conveyor conveyor;
    conveyor.length = text(node.child("len"));
    conveyor.capacity = text(node.child("capacity"));
    conveyor.inflow_limit = text(node.child("in_limit"));
    conveyor.sample = text(node.child("sample"));
    conveyor.arrest = text(node.child("arrest"));
    conveyor.entry = entry(node);
    flag(node, "discrete", conveyor.discrete);
    flag(node, "exponential_leak", conveyor.exponential_leak);
    return conveyor;
  }

  Oven oven(xml_node node) {
    Oven oven;
    oven.cook_time = text(part(node, "cook_time") ? part(node, "cook_time") : part(node, "len"));
    oven.capacity = text(part(node, "capacity"));
    oven.fill_time = text(part(node, "fill_time"));
    oven.clean_time = text(part(node, "clean_time"));
    oven.arrest = text(part(node, "arrest"));
    oven.entry = entry(node);
    return oven;
  }

  // ---------------------------------------------------------------- graphical functions

  std::vector<double> numbers(xml_node node) {
    std::vector<double> values;
    const std::string list = node.text().get();
    const char* separator = node.attribute("sep").value();
    const std::string stops = *separator ? separator : ",";
    for (size_t begin = 0; begin < list.size() && values.size() <= kMostPoints;) {
      const size_t end = std::min(list.find_first_of(stops, begin), list.size());
      const std::string word = trimmed(std::string_view(list).substr(begin, end - begin));
      begin = end + 1;
      if (word.empty()) continue;
      const auto value = number_in(word);
      if (!value) {
        diagnostics_.error(Kind::kBadTable, span(node),
                           fmt::format("`{}` is no number",
                                       text::printable(std::string_view(word).substr(0, 40))));
        return {};
      }
      values.push_back(*value);
    }
    return values;
  }

  GraphicalFunction graphical(xml_node node) {
    GraphicalFunction gf;
    gf.span = span(node);
    const std::string_view type = node.attribute("type").value();
    if (same_word(type, "extrapolate")) gf.type = GraphicalFunction::Type::kExtrapolate;
    if (same_word(type, "discrete") ||
        std::string_view(node.attribute("discrete").value()) == "true")
      gf.type = GraphicalFunction::Type::kDiscrete;
    const std::vector<double> y = numbers(node.child("ypts"));
    std::vector<double> x = numbers(node.child("xpts"));
    if (x.empty()) {
      const xml_node scale = node.child("xscale");
      if (!scale) {
        diagnostics_.error(Kind::kBadTable, gf.span,
                           "a graphical function with neither `xscale` nor `xpts`");
        return gf;
      }
      const auto low = number_in(scale.attribute("min").value());
      const auto high = number_in(scale.attribute("max").value());
      const double from = low.value_or(0), to = high.value_or(1);
      if (from == to && y.size() > 1) {
        diagnostics_.error(Kind::kBadTable, gf.span,
                           fmt::format("`xscale` ends where it begins, at {}", from));
        return gf;
      }
      for (size_t k = 0; k < y.size(); ++k)
        x.push_back(y.size() < 2 ? from
                                 : from + (to - from) * static_cast<double>(k) /
                                              static_cast<double>(y.size() - 1));
    }
    if (x.size() != y.size() || y.empty() || y.size() > kMostPoints) {
      diagnostics_.error(
          Kind::kBadTable, gf.span,
          fmt::format("a graphical function with {} x and {} y", x.size(), y.size()));
      return gf;
    }
    std::vector<std::pair<double, double>> points;
    for (size_t k = 0; k < y.size(); ++k) points.emplace_back(x[k], y[k]);
    gf.points = ascending(std::move(points));
    return gf;
  }

  // ---------------------------------------------------------------- diagrams

  void take_position(xml_node node, const std::string& name, const std::string& view = {}) {
    const auto x = number_in(node.attribute("x").value());
    const auto y = number_in(node.attribute("y").value());
    if (x && y && !name.empty()) positions_.emplace(name, Position{*x, *y, view});
  }

  void read_positions(xml_node views) {
    size_t count = 0;
    for (const xml_node view : views.children()) {
      if (name_of(view) == "view") ++count;
      std::string title = trimmed(view.attribute("name").value());
      if (title.empty()) title = fmt::format("View {}", count);
      if (title == "View 1") title.clear();
      for (const xml_node node : view.children()) {
        const std::string_view name = name_of(node);
        if (name == "stock" || name == "flow" || name == "aux" || name == "module")
          take_position(node, canonical(name_text(node.attribute("name").value())), title);
      }
    }
  }

  void place(std::vector<Variable>& variables) {
    for (Variable& variable : variables) {
      const auto found = positions_.find(canonical(variable.name));
      if (found != positions_.end()) variable.position = found->second;
    }
    positions_.clear();
  }

  const text::SourceSet& sources_;
  text::SourceId source_;
  text::Diagnostics& diagnostics_;
  std::string_view text_;
  size_t skipped_ = 0;  // bytes of the mark at the start
  size_t variables_ = 0;
  std::set<std::string> passed_;
  std::map<std::string, Position> positions_;
  File file_;
};

}  // namespace

File read(const text::SourceSet& sources, text::SourceId source, text::Diagnostics& diagnostics) {
  return Reader(sources, source, diagnostics).file();
}

}  // namespace headrace::import::xmile
