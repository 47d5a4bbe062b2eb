// A model as an XMILE file. Statements become variables; what XMILE has no word for is told.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/undefined.h"
#include "export/diagram.h"
#include "export/unroll.h"
#include "export/words.h"
#include "export/writer.h"
#include "syntax/syntax.h"
#include "text/markup.h"
#include "text/utf8.h"

namespace headrace::exports {
namespace {

using syntax::Statement;
using syntax::StockDecl;
using syntax::ValueDecl;

class XmileWriter {
 public:
  XmileWriter(const syntax::Tree& tree, size_t own, const import::Layout& layout,
              const ReadData& read, bool lossy, text::Diagnostics& diagnostics)
      : writer_(tree, own, {Dialect::kXmile, lossy}, diagnostics),
        tree_(tree),
        layout_(layout),
        read_(read) {}

  std::string write(const std::vector<text::Span>& not_converted) {
    for (const text::Span span : not_converted) writer_.cannot(span, "a conversion of units here");
    std::string title = "model";
    for (const Statement* statement : writer_.own()) {
      if (const auto* model = std::get_if<syntax::ModelDecl>(&statement->node))
        title = model->title.value_or(model->name.text);
      if (const auto* time = std::get_if<syntax::TimeDecl>(&statement->node)) write_time(*time);
      std::visit([&](const auto& node) { write_node(node, *statement); }, statement->node);
    }
    write_functions();
    return fmt::format(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
        "<xmile version=\"1.0\" xmlns=\"http://docs.oasis-open.org/xmile/ns/XMILE/v1.0\" "
        "xmlns:isee=\"http://iseesystems.com/XMILE\" xmlns:headrace=\"urn:headrace\">\n"
        "<header>\n<name>{}</name>\n<vendor>Headrace</vendor>\n"
        "<product version=\"{}\">Headrace</product>\n</header>\n"
        "{}{}<model>\n<variables>\n{}{}</variables>\n{}</model>\n{}</xmile>\n",
        text::escape_markup(title), HEADRACE_VERSION, specs_,
        dims_.empty() ? "" : fmt::format("<dimensions>\n{}</dimensions>\n", dims_), variables_,
        groups(), views(), macros_);
  }

 private:
  // ---------------------------------------------------------------- the clock and dimensions

  void write_time(const syntax::TimeDecl& time) {
    const Clock& clock = writer_.clock();
    if (!clock.start || !clock.end) {
      const Span span = tree_[clock.start ? time.end : time.start].span;
      return writer_.cannot(span, "a start or end that is no plain number or date");
    }
    specs_ = fmt::format(
        "<sim_specs method=\"{}\"{}{}>\n<start>{}</start>\n<stop>{}</stop>\n"
        "<dt>{}</dt>\n</sim_specs>\n",
        time.method == syntax::TimeDecl::Method::kRk4 ? "RK4" : "Euler",
        clock.unit.empty() ? ""
                           : fmt::format(" time_units=\"{}\"", text::escape_markup(clock.unit)),
        clock.save ? fmt::format(" isee:save_interval=\"{}\"", *clock.save) : "", *clock.start,
        *clock.end, clock.step);
  }

  void write_node(const syntax::ModelDecl&, const Statement&) {}
  void write_node(const syntax::TimeDecl&, const Statement&) {}
  // Units have names only; one with a size of its own is told by the writer.
  void write_node(const syntax::UnitDecl&, const Statement&) {}

  void write_node(const syntax::DimDecl& dim, const Statement&) {
    if (writer_.devices().is_part(dim.name.text) || writer_.is_of_curve(dim.name.text)) return;
    if (dim.file) return writer_.cannot(dim.name.span, "a dimension from a file");
    dims_ += fmt::format("<dim name=\"{}\"", attribute(dim.name.text));
    bool numbered = true;
    for (size_t k = 0; k < dim.members.size(); ++k)
      numbered = numbered && dim.members[k].text == std::to_string(k + 1);
    if (numbered) {
      dims_ += fmt::format(" size=\"{}\"/>\n", dim.members.size());
      return;
    }
    dims_ += ">\n";
    for (const syntax::Name& member : dim.members)
      dims_ += fmt::format("<elem name=\"{}\"/>\n", escaped(member.text));
    dims_ += "</dim>\n";
  }

  // A name as an attribute holds it: backslashes are doubled, for `\\n` is a line break there.
  static std::string escaped(const std::string& name) {
    std::string out;
    for (const char c : name) out += c == '\\' ? std::string("\\\\") : std::string(1, c);
    return text::escape_markup(out);
  }
  std::string attribute(const std::string& name) const { return escaped(writer_.bare(name)); }
  // An element in a list: in quotes when the commas between would not tell.
  static std::string in_list(const std::string& name) {
    if (name.find_first_of(",\"\\") == std::string::npos) return name;
    std::string out = "\"";
    for (const char c : name)
      out += c == '"' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
    return out + "\"";
  }
  // What our own reader understands: other tools show the variable like any other.
  static const char* mark(const std::string& name) {
    return name.starts_with('_') ? " headrace:internal=\"true\"" : "";
  }

  // ---------------------------------------------------------------- values

  std::string common(const std::optional<syntax::UnitExpr>& unit,
                     const std::optional<std::string>& title, const std::string& doc,
                     const syntax::Provenance& provenance) {
    std::string text;
    if (unit) text += fmt::format("<units>{}</units>\n", text::escape_markup(unit_text(*unit)));
    const std::string words = words_of(title, doc, provenance, "\n");
    if (!words.empty()) text += fmt::format("<doc>{}</doc>\n", text::escape_markup(words));
    return text;
  }

  static std::string unit_text(const syntax::UnitExpr& unit) {
    std::string text = syntax::print(unit);
    std::erase(text, '"');
    return text;
  }

  std::string dimensions(const std::vector<syntax::DimensionUse>& dims) {
    if (dims.empty()) return "";
    std::string text = "<dimensions>\n";
    for (const syntax::DimensionUse& dim : dims)
      text += fmt::format("<dim name=\"{}\"/>\n", attribute(dim.dimension.text));
    return text + "</dimensions>\n";
  }

  // The equation, for all elements, or one by one: where there are exceptions, a sub-range, which
  // is a dimension of its own there, a dimension twice or an index read through a map.
  std::string equations(const std::vector<syntax::DimensionUse>& dims,
                        const std::optional<ExprId>& base,
                        const std::vector<syntax::Clause>& clauses, Span span) {
    std::vector<std::string> places;
    std::set<std::string> spaces;
    const auto by_element = [&](ExprId id) {
      return writer_.reads_map(id) || writer_.reads_by_element(id);
    };
    bool apart = base && by_element(*base);
    for (const syntax::DimensionUse& dim : dims) {
      const syntax::DimDecl* range = writer_.dimension(dim.dimension.text);
      places.push_back(writer_.spelled(dim.dimension.text));
      apart = apart || (range && range->parent) || !spaces.insert(dim.dimension.text).second;
    }
    for (const syntax::Clause& clause : clauses)
      apart = apart || !clause.pattern.empty() || by_element(clause.value);
    if (apart && !dims.empty()) return elements(dims, base, clauses, span);
    if (!base && clauses.empty()) return "";
    return equation(base, clauses, Writer::indexes(dims, places));
  }

  std::string equation(std::optional<ExprId> base, const std::vector<syntax::Clause>& clauses,
                       const Names& names) {
    if (base && clauses.empty()) {
      if (const auto* call = std::get_if<syntax::Call>(&tree_[*base].node);
          call && call->function.text == "active_initial" && call->arguments.size() == 2)
        return eqn(writer_.expression(call->arguments[0].value, names)) +
               eqn(writer_.expression(call->arguments[1].value, names), "init_eqn");
    }
    return eqn(writer_.value_over_time(base, clauses, names));
  }

  static std::string eqn(const std::string& text, const char* tag = "eqn") {
    return fmt::format("<{0}>{1}</{0}>\n", tag, text::escape_markup(text));
  }

  // Each element with the clause for the fewest that means it.
  std::string elements(const std::vector<syntax::DimensionUse>& dims,
                       const std::optional<ExprId>& base,
                       const std::vector<syntax::Clause>& clauses, Span span) {
    const auto spaces = spaces_of(dims, span);
    if (!spaces) return "";
    const size_t count = elements_of(*spaces);
    std::string text;
    for (size_t flat = 0; flat < count; ++flat) {
      const std::vector<size_t> at = places_of(*spaces, flat);
      std::vector<std::string> element, places, positions;
      for (size_t i = 0; i < dims.size(); ++i) {
        element.push_back((*spaces)[i]->members[at[i]].text);
        places.push_back(writer_.member(dims[i].dimension.text, element[i]));
        positions.push_back(std::to_string(at[i] + 1));
      }
      writer_.at_element(Writer::indexes(dims, positions));
      Names names = Writer::indexes(dims, places);
      std::optional<ExprId> value = base;
      size_t fewest = count + 1;
      std::vector<std::pair<size_t, syntax::Clause>> dated;  // with how many elements each means
      for (const syntax::Clause& clause : clauses) {
        const size_t own = clause.pattern.empty() ? count : meant(clause, element, *spaces);
        if (clause.date && own > 0) {
          dated.emplace_back(own, clause);
          dated.back().second.pattern.clear();
          for (size_t i = 0; i < clause.pattern.size(); ++i)
            names.emplace(clause.pattern[i].name.text, places[i]);
        } else if (!clause.date && own > 0 && own <= fewest) {
          value = clause.value, fewest = own;
          for (size_t i = 0; i < clause.pattern.size(); ++i)
            names.emplace(clause.pattern[i].name.text, places[i]);  // a sub-range
        }
      }
      if (!value) {
        writer_.cannot(span, "an element without a value");
        continue;
      }
      // On the same date the clause for the fewest counts; dates that are not known keep their
      // order.
      if (std::ranges::all_of(
              dated, [&](const auto& one) { return writer_.moment(*one.second.date).has_value(); }))
        std::ranges::stable_sort(dated, std::greater{}, [](const auto& one) { return one.first; });
      std::vector<syntax::Clause> own_dated;
      for (auto& [means, clause] : dated) own_dated.push_back(std::move(clause));
      text += element_text(element, equation(value, own_dated, names));
    }
    writer_.at_element({});
    return text;
  }

  static std::string element_text(std::vector<std::string> element, const std::string& equation) {
    for (std::string& name : element) name = in_list(name);
    return fmt::format("<element subscript=\"{}\">\n{}</element>\n",
                       text::escape_markup(fmt::format("{}", fmt::join(element, ", "))), equation);
  }

  using Spaces = std::vector<const syntax::DimDecl*>;
  std::optional<Spaces> spaces_of(const std::vector<syntax::DimensionUse>& dims, Span span) {
    Spaces spaces;
    for (const syntax::DimensionUse& dim : dims) {
      spaces.push_back(writer_.dimension(dim.dimension.text));
      if (spaces.back() && !spaces.back()->members.empty() && elements_of(spaces) <= kMostElements)
        continue;
      writer_.cannot(span, "an array of these dimensions, element by element,");
      return std::nullopt;
    }
    return spaces;
  }
  static size_t elements_of(const Spaces& spaces) {
    size_t count = 1;
    for (const syntax::DimDecl* space : spaces) count *= space->members.size();
    return count;
  }
  static std::vector<size_t> places_of(const Spaces& spaces, size_t flat) {
    std::vector<size_t> at(spaces.size());
    for (size_t i = spaces.size(); i-- > 0; flat /= spaces[i]->members.size())
      at[i] = flat % spaces[i]->members.size();
    return at;
  }

  // How many elements the clause means, if this is one of them, else 0.
  size_t meant(const syntax::Clause& clause, const std::vector<std::string>& element,
               const std::vector<const syntax::DimDecl*>& spaces) const {
    size_t count = 1;
    for (size_t i = 0; i < element.size(); ++i) {
      std::string wanted = spaces[i]->name.text;
      if (i < clause.pattern.size()) {
        const syntax::Index& place = clause.pattern[i];
        if (place.kind == syntax::Index::Kind::kNumber) wanted = std::to_string(place.number);
        if (place.kind == syntax::Index::Kind::kName) wanted = place.name.text;
      }
      if (wanted == element[i]) continue;
      const syntax::DimDecl* range = writer_.dimension(wanted);
      if (!range || std::ranges::find(range->members, element[i], &syntax::Name::text) ==
                        range->members.end())
        return 0;
      count *= range->members.size();
    }
    return count;
  }

  void write_node(const ValueDecl& value, const Statement& statement) {
    if (writer_.devices().is_part(value.name.text) || writer_.is_of_curve(value.name.text)) return;
    if (const DeviceFlow* flow = writer_.devices().of_flow(value.name.text))
      return write_driven(value, *flow, statement);
    if (value.kind == ValueDecl::Kind::kMeasure)
      return writer_.passed_over(value.name.span, "a measure");
    const char* tag = value.kind == ValueDecl::Kind::kFlow ? "flow" : "aux";
    variables_ +=
        fmt::format("<{0} name=\"{1}\"{2}>\n{3}{4}{5}</{0}>\n", tag, attribute(value.name.text),
                    mark(value.name.text), dimensions(value.dims),
                    equations(value.dims, value.value, value.clauses, value.name.span),
                    common(value.unit, value.title, statement.doc, value.provenance));
  }

  // A flow out of a conveyor, a queue or an oven: that of a leak says its share.
  void write_driven(const ValueDecl& value, const DeviceFlow& flow, const Statement& statement) {
    std::string zone, text = "<eqn>0</eqn>\n";
    if (const ValueDecl* share = writer_.devices().part(value.name.text, "share");
        share && flow.leak) {
      text = equations(share->dims, share->value, share->clauses, share->name.span) + "<leak/>\n";
      if (flow.begin != 0) zone += fmt::format(" leak_start=\"{}\"", flow.begin);
      if (flow.end != 1) zone += fmt::format(" leak_end=\"{}\"", flow.end);
      if (flow.whole) text += "<leak_integers/>\n";
    }
    if (flow.overflow) text += "<overflow/>\n";
    variables_ += fmt::format("<flow name=\"{}\"{}>\n{}{}{}</flow>\n", attribute(value.name.text),
                              zone, dimensions(value.dims), text,
                              common(value.unit, value.title, statement.doc, value.provenance));
  }

  // <conveyor>, <queue> or <oven>, from the values beside the stock.
  std::string device(const Device& device) {
    const std::string& name = device.stock->name.text;
    if (device.kind == Device::Kind::kQueue) return "<queue/>\n";
    std::string options, parts;
    const auto option = [&](const char* word, bool value) {
      options += fmt::format(" {}=\"{}\"", word, value);
    };
    const auto part = [&](const char* what, const char* tag) {
      const ValueDecl* value = writer_.devices().part(name, what);
      if (!value || !value->value) return;
      std::vector<std::string> places;
      for (const syntax::DimensionUse& dim : value->dims)
        places.push_back(writer_.spelled(dim.dimension.text));
      const Names names = Writer::indexes(value->dims, places);
      ExprId equation = *value->value;
      if (const auto* call = std::get_if<syntax::Call>(&tree_[equation].node);
          call && std::string_view(what) == "transit" && call->function.text == "sample_when") {
        parts += eqn(writer_.expression(call->arguments[0].value, names), "sample");
        equation = call->arguments[1].value;
      }
      parts += eqn(writer_.expression(equation, names), tag);
    };
    const bool oven = device.kind == Device::Kind::kOven;
    if (device.from_queue) {
      option("one_at_a_time", device.one_at_a_time);
      option("batch_integrity", device.whole);
    }
    if (device.discrete && !oven) option("discrete", true);
    if (device.exponential) option("exponential_leak", true);
    part(oven ? "cooking" : "transit", oven ? "cook_time" : "len");
    part("capacity", "capacity");
    part("limit", "in_limit");
    part("filling", "fill_time");
    part("cleaning", "clean_time");
    part("arrest", "arrest");
    const char* tag = oven ? "oven" : "conveyor";
    return fmt::format("<{0}{1}>\n{2}</{0}>\n", tag, options, parts);
  }

  // What a device begins with: one by one, a list, or a number.
  std::string contents(const Device& device) {
    const StockDecl& stock = *device.stock;
    if (const ValueDecl* start = writer_.devices().part(stock.name.text, "start"))
      return equations(start->dims, start->value, start->clauses, start->name.span);
    const ValueDecl* list = writer_.devices().part(stock.name.text, "contents");
    if (!list) return equations(stock.dims, stock.initial, stock.clauses, stock.name.span);
    std::string text;
    for (const syntax::Clause& clause : list->clauses)
      text += (text.empty() ? "" : ", ") + writer_.expression(clause.value);
    return eqn(text);
  }

  void write_node(const StockDecl& stock, const Statement& statement) {
    const Device* inside = writer_.devices().of_stock(stock.name.text);
    std::string flows;
    for (const syntax::Name& flow : stock.inflows)
      flows +=
          fmt::format("<inflow>{}</inflow>\n", text::escape_markup(writer_.spelled(flow.text)));
    for (const syntax::Name& flow : stock.outflows)
      flows +=
          fmt::format("<outflow>{}</outflow>\n", text::escape_markup(writer_.spelled(flow.text)));
    if (stock.net_rate) flows += net_flow(stock);
    if (stock.nonnegative) flows += "<non_negative/>\n";
    if (inside) flows += device(*inside);
    variables_ +=
        fmt::format("<stock name=\"{}\"{}>\n{}{}{}{}</stock>\n", attribute(stock.name.text),
                    mark(stock.name.text), dimensions(stock.dims),
                    inside ? contents(*inside)
                           : equations(stock.dims, stock.initial, stock.clauses, stock.name.span),
                    flows, common(stock.unit, stock.title, statement.doc, stock.provenance));
  }

  // `d/dt` has no word in XMILE: a flow stands for it.
  std::string net_flow(const StockDecl& stock) {
    const std::string name = writer_.bare(stock.name.text) + " net rate";
    variables_ += fmt::format("<flow name=\"{}\" headrace:internal=\"true\">\n{}{}</flow>\n",
                              escaped(name), dimensions(stock.dims),
                              equations(stock.dims, stock.net_rate, {}, stock.name.span));
    return fmt::format("<inflow>{}</inflow>\n", text::escape_markup(writer_.spelled(name)));
  }

  void write_node(const syntax::TableDecl& table, const Statement& statement) {
    using Beyond = syntax::TableDecl::Beyond;
    const char* type = table.beyond == Beyond::kExtrapolate ? "extrapolate"
                       : table.beyond == Beyond::kStep      ? "discrete"
                                                            : "continuous";
    variables_ += fmt::format("<aux name=\"{}\">\n{}{}</aux>\n", attribute(table.name.text),
                              graph_of(type, table.points),
                              common(table.unit, {}, statement.doc, table.provenance));
  }

  // ---------------------------------------------------------------- functions

  // Where they are called, but for an array of lookups.
  void write_node(const syntax::FunctionDecl& function, const Statement& statement) {
    if (const Curve* curve = writer_.curve(function.name.text)) write_curve(*curve, statement);
  }

  // A graphical function for each row of points; a short one is filled up with its last.
  void write_curve(const Curve& curve, const Statement& statement) {
    std::vector<syntax::DimensionUse> dims = curve.x->dims;
    const size_t length = writer_.dimension(dims.back().dimension.text)->members.size();
    dims.pop_back();
    const auto spaces = spaces_of(dims, curve.y->name.span);
    if (!spaces) return;
    const std::string_view reader = curve.reader;
    const char* type = reader.ends_with("BACKWARD")      ? "discrete"
                       : reader.ends_with("EXTRAPOLATE") ? "extrapolate"
                                                         : "continuous";
    std::string text;
    for (size_t flat = 0; flat < elements_of(*spaces); ++flat) {
      std::vector<std::string> element;
      const std::vector<size_t> at = places_of(*spaces, flat);
      for (size_t i = 0; i < at.size(); ++i) element.push_back((*spaces)[i]->members[at[i]].text);
      std::vector<std::pair<double, double>> points;
      for (size_t k = flat * length; k < (flat + 1) * length; ++k) {
        const std::pair point(curve.x->values[k], curve.y->values[k]);
        if (points.empty() || point != points.back()) points.push_back(point);
      }
      text += element_text(element, graph_of(type, points));
    }
    variables_ +=
        fmt::format("<aux name=\"{}\">\n{}{}{}</aux>\n", escaped(curve.bare), dimensions(dims),
                    text, common(curve.y->unit, {}, statement.doc, curve.y->provenance));
  }

  void write_functions() {
    for (auto wanted = writer_.take_wanted_functions(); !wanted.empty();
         wanted = writer_.take_wanted_functions()) {
      for (const Statement* statement : wanted)
        write_macro(std::get<syntax::FunctionDecl>(statement->node), *statement);
    }
  }

  void write_macro(const syntax::FunctionDecl& function, const Statement& statement) {
    Names names;
    for (const syntax::Parameter& parameter : function.parameters)
      names[parameter.name.text] = writer_.spelled(parameter.name.text);
    for (const syntax::StatementId id : function.locals) {
      const std::string& name = local_name(tree_[id]);
      names[name] = writer_.spelled(name);
    }
    std::string inside;
    for (const syntax::StatementId id : function.locals) inside += local(tree_[id], names);
    macros_ += fmt::format("<macro name=\"{}\">\n", escaped(writer_.called(function.name.text)));
    for (const syntax::Parameter& parameter : function.parameters)
      macros_ += fmt::format("<parm>{}</parm>\n",
                             text::escape_markup(writer_.spelled(parameter.name.text)));
    macros_ += eqn(writer_.expression(function.result, names));
    if (!statement.doc.empty())
      macros_ += fmt::format("<doc>{}</doc>\n", text::escape_markup(statement.doc));
    if (!inside.empty()) macros_ += fmt::format("<variables>\n{}</variables>\n", inside);
    macros_ += "</macro>\n";
  }

  static const std::string& local_name(const Statement& statement) {
    if (const auto* stock = std::get_if<StockDecl>(&statement.node)) return stock->name.text;
    return std::get<ValueDecl>(statement.node).name.text;
  }

  std::string local(const Statement& statement, const Names& names) {
    const std::string name = attribute(local_name(statement));
    if (const auto* value = std::get_if<ValueDecl>(&statement.node)) {
      return fmt::format("<aux name=\"{}\">\n{}</aux>\n", name,
                         eqn(writer_.value_over_time(value->value, value->clauses, names)));
    }
    const auto& stock = std::get<StockDecl>(statement.node);
    if (!stock.inflows.empty() || !stock.outflows.empty())
      writer_.cannot(stock.name.span, "a stock with named flows inside a function");
    const std::string rate = stock.net_rate ? writer_.expression(*stock.net_rate, names) : "0";
    const std::string flow = writer_.bare(local_name(statement)) + " net rate";
    return fmt::format(
        "<stock name=\"{}\">\n{}<inflow>{}</inflow>\n</stock>\n<flow name=\"{}\">\n{}</flow>\n",
        name, eqn(stock.initial ? writer_.expression(*stock.initial, names) : "0"),
        text::escape_markup(writer_.spelled(flow)), text::escape_markup(flow), eqn(rate));
  }

  // ---------------------------------------------------------------- what XMILE has no word for

  void write_node(const syntax::MapDecl&, const Statement&) {}  // said of each element
  // Numbers are constants of each element, series over time graphical functions of it.
  void write_node(const syntax::DataDecl& data, const Statement& statement) {
    if (writer_.is_of_curve(data.name.text)) return;
    std::vector<std::string> equations;
    if (const auto series = read_.series.find(data.name.text); series != read_.series.end()) {
      for (const Series& one : series->second) equations.push_back(series_equation(data, one));
    } else {
      const auto numbers = read_.numbers.find(data.name.text);
      for (const double value : numbers == read_.numbers.end() ? data.values : numbers->second) {
        if (value == base::kUndefined) writer_.cannot(data.name.span, "an element without a value");
        equations.push_back(eqn(writer_.number(value)));
      }
    }
    const auto spaces = spaces_of(data.dims, data.name.span);
    if (!spaces) return;
    std::string text = data.dims.empty() && !equations.empty() ? equations.front() : "";
    for (size_t flat = 0; !data.dims.empty() && flat < equations.size(); ++flat) {
      std::vector<std::string> element;
      const std::vector<size_t> at = places_of(*spaces, flat);
      for (size_t i = 0; i < at.size(); ++i) element.push_back((*spaces)[i]->members[at[i]].text);
      text += element_text(element, equations[flat]);
    }
    variables_ += fmt::format("<aux name=\"{}\"{}>\n{}{}{}</aux>\n", attribute(data.name.text),
                              mark(data.name.text), dimensions(data.dims), text,
                              common(data.unit, data.title, statement.doc, data.provenance));
  }

  std::string series_equation(const syntax::DataDecl& data, const Series& series) {
    if (series.points.size() == 1) return eqn(writer_.number(series.points.front().second));
    if (writer_.is_runge_kutta())
      writer_.cannot(data.name.span, "data that stay through each step of Runge-Kutta");
    return eqn(time_of(series, "TIME", "DT")) + graph_of(series, writer_.step());
  }

  template <class Node>
  void write_node(const Node&, const Statement& statement) {
    writer_.leave_out(statement);
  }

  // ---------------------------------------------------------------- parts

  std::string groups() const {
    const std::vector<const Statement*> own = writer_.own();
    std::string out;
    for (auto part = layout_.headings.begin(); part != layout_.headings.end(); ++part) {
      const auto next = std::next(part);
      const size_t end = next == layout_.headings.end() ? own.size() : next->statement;
      out += fmt::format("<group name=\"{}\">\n", escaped(part->title));
      if (!part->text.empty())
        out += fmt::format("<doc>{}</doc>\n", text::escape_markup(part->text));
      for (size_t i = part->statement; i < std::min(end, own.size()); ++i) {
        const auto item = item_of(*own[i]);
        if (item && !writer_.devices().is_part(item->name))
          out += fmt::format("<var>{}</var>\n", text::escape_markup(writer_.spelled(item->name)));
      }
      out += "</group>\n";
    }
    return out;
  }

  // ---------------------------------------------------------------- the diagram

  std::string views() const {
    std::string out;
    for (const View& view : views_of(writer_, layout_))
      out += fmt::format(
          "<view{}>\n{}</view>\n",
          view.title.empty() ? "" : fmt::format(" name=\"{}\"", text::escape_markup(view.title)),
          items(view) + connectors(view));
    return out.empty() ? "" : fmt::format("<views>\n{}</views>\n", out);
  }

  std::string items(const View& view) const {
    using Kind = View::Item::Kind;
    std::string out;
    for (const View::Item& item : view.items) {
      if (item.kind == Kind::kFlow) continue;
      out += fmt::format("<{} name=\"{}\" x=\"{}\" y=\"{}\"/>\n",
                         item.kind == Kind::kStock ? "stock" : "aux", attribute(item.name), item.x,
                         item.y);
    }
    for (const View::Pipe& pipe : view.pipes) {
      const View::Item& flow = view.items[pipe.flow];
      out += fmt::format(
          "<flow name=\"{}\" x=\"{}\" y=\"{}\">\n<pts>\n<pt x=\"{}\" y=\"{}\"/>\n"
          "<pt x=\"{}\" y=\"{}\"/>\n</pts>\n</flow>\n",
          attribute(flow.name), flow.x, flow.y, pipe.from.x, pipe.from.y, pipe.to.x, pipe.to.y);
    }
    return out;
  }

  // Straight lines; the angle is that at which one leaves, against the clock from the right.
  std::string connectors(const View& view) const {
    std::string out;
    size_t number = 0;
    for (const View::Arrow& arrow : view.arrows) {
      const View::Item &from = view.items[arrow.from], &to = view.items[arrow.to];
      double angle = std::atan2(from.y - to.y, to.x - from.x) * 180 / std::numbers::pi;
      if (angle < 0) angle += 360;
      out += fmt::format(
          "<connector uid=\"{}\" angle=\"{:.4g}\">\n<from>{}</from>\n<to>{}</to>\n"
          "</connector>\n",
          ++number, angle, text::escape_markup(writer_.spelled(from.name)),
          text::escape_markup(writer_.spelled(to.name)));
    }
    return out;
  }

  static constexpr size_t kMostElements = 1'000'000;

  Writer writer_;
  const syntax::Tree& tree_;
  const import::Layout& layout_;
  const ReadData& read_;
  // A model without time has one moment there.
  std::string specs_ = "<sim_specs>\n<start>0</start>\n<stop>0</stop>\n<dt>1</dt>\n</sim_specs>\n";
  std::string dims_, variables_, macros_;
};

}  // namespace

std::string write_xmile(const syntax::Tree& tree, size_t own, const import::Layout& layout,
                        const ReadData& read, bool lossy, text::Diagnostics& diagnostics) {
  const Converted said =
      with_conversions(with_medians(with_members(tree, read), own, read), own, read.conversions);
  const syntax::Tree scalar = unrolled(said.tree, own, Dialect::kXmile, diagnostics);
  return XmileWriter(scalar, own, layout, read, lossy, diagnostics).write(said.left);
}

}  // namespace headrace::exports
