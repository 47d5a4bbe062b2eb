// A model as Vensim's text. Statements become equations; what Vensim has no word for is told.
//
//   x[region] :EXCEPT: [north] = 1
//   	~	Units
//   	~	What it is
//   	|
//
// Clauses for some members become equations of their own, those for more members first; what a
// later one takes over is an exception of those before it.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/undefined.h"
#include "export/unroll.h"
#include "export/vensim_maps.h"
#include "export/vensim_sketch.h"
#include "export/vensim_text.h"
#include "export/writer.h"
#include "import/names.h"
#include "syntax/syntax.h"
#include "text/utf8.h"

namespace headrace::exports {
namespace {

using syntax::Statement;
using syntax::StockDecl;
using syntax::ValueDecl;

class VensimWriter {
 public:
  VensimWriter(const syntax::Tree& tree, size_t own, const import::Layout& layout,
               const ReadData& read, bool lossy, text::Diagnostics& diagnostics)
      : writer_(tree, own, {Dialect::kVensim, lossy}, diagnostics),
        tree_(tree),
        layout_(layout),
        read_(read) {}

  std::string write(const std::vector<text::Span>& not_converted) {
    for (const text::Span span : not_converted) writer_.cannot(span, "a conversion of units here");
    find_members();
    const std::vector<const Statement*> own = writer_.own();
    auto part = layout_.headings.begin();
    for (size_t i = 0; i < own.size(); ++i) {
      const Statement* statement = own[i];
      for (; part != layout_.headings.end() && part->statement <= i; ++part)
        equations_ += vensim_group(part->title, part->text);
      if (const auto* time = std::get_if<syntax::TimeDecl>(&statement->node)) time_ = time;
      const size_t before = equations_.size();
      std::visit([&](const auto& node) { write_node(node, *statement); }, statement->node);
      if (!is_internal(*statement)) continue;
      internal_ += equations_.substr(before);
      equations_.resize(before);
    }
    for (; part != layout_.headings.end(); ++part)
      equations_ += vensim_group(part->title, part->text);
    write_functions();
    std::string others;  // above all groups
    for (const auto& [other, range] : writer_.other_names())
      equation(others, fmt::format("{} <->\n\t{}", other, range));
    if (!internal_.empty())
      internal_ =
          vensim_group(import::kInternalGroup, "What the model needs and nobody wants to see") +
          internal_;
    return "{UTF-8}\n" + macros_ + others + equations_ + internal_ + control() +
           vensim_sketch(writer_, layout_) + settings();
  }

 private:
  // ---------------------------------------------------------------- equations

  static bool is_internal(const Statement& statement) {
    return std::visit(
        [](const auto& node) {
          using Node = std::decay_t<decltype(node)>;
          if constexpr (std::is_same_v<Node, ValueDecl> || std::is_same_v<Node, StockDecl> ||
                        std::is_same_v<Node, syntax::DataDecl>)
            return node.name.text.starts_with('_');
          else
            return false;
        },
        statement.node);
  }

  static void equation(std::string& to, const std::string& text, const std::string& units = {},
                       const std::string& words = {}) {
    to += vensim_equation(text, units, words);
  }

  static std::string bracketed(const std::vector<std::string>& places) {
    return places.empty() ? "" : fmt::format("[{}]", fmt::join(places, ","));
  }

  std::vector<std::string> ranges(const std::vector<syntax::DimensionUse>& dims) {
    std::vector<std::string> all;
    std::map<std::string, size_t> copies;
    for (const auto& [dimension, index] : dims)
      all.push_back(writer_.range(dimension.text, ++copies[dimension.text]));
    return all;
  }

  // ---------------------------------------------------------------- parts of arrays

  // What a clause is for: the places of the brackets, and the members behind each.
  struct Part {
    std::vector<std::string> places;
    std::vector<std::set<std::string>> members;
    ExprId value;
    Span span;
    bool absent = false;  // `undefined`: no equation at all
    std::string sign = "=";
  };

  Part part_of(const std::vector<syntax::DimensionUse>& dims,
               const std::vector<syntax::Index>& pattern, ExprId value, Span span) {
    Part part{{}, {}, value, span, value.valid() && writer_.is_undefined(value), "="};
    std::map<std::string, size_t> copies;
    for (size_t d = 0; d < dims.size(); ++d) {
      const std::string& dim = dims[d].dimension.text;
      std::string name = dim;
      if (d < pattern.size() && pattern[d].kind == syntax::Index::Kind::kName)
        name = pattern[d].name.text;
      if (d < pattern.size() && pattern[d].kind == syntax::Index::Kind::kNumber)
        name = std::to_string(pattern[d].number);
      const syntax::DimDecl* range = writer_.dimension(name);
      part.places.push_back(range ? writer_.range(name, ++copies[name])
                                  : writer_.member(dim, name));
      part.members.emplace_back();
      if (!range) {
        part.members.back().insert(name);
        continue;
      }
      for (const syntax::Name& member : range->members) part.members.back().insert(member.text);
    }
    return part;
  }

  static bool meet(const Part& a, const Part& b) {
    for (size_t d = 0; d < a.members.size(); ++d) {
      const bool common = std::ranges::any_of(
          a.members[d], [&](const std::string& member) { return b.members[d].contains(member); });
      if (!common) return false;
    }
    return true;
  }

  static bool covers(const Part& outer, const Part& inner) {
    for (size_t d = 0; d < outer.members.size(); ++d) {
      if (!std::ranges::includes(outer.members[d], inner.members[d])) return false;
    }
    return true;
  }

  static size_t elements(const Part& part) {
    size_t count = 1;
    for (const auto& members : part.members) count *= members.size();
    return count;
  }

  // One equation for each part that later ones leave something of.
  template <class Say>
  void write_parts(const std::string& name, const std::vector<syntax::DimensionUse>& dims,
                   const std::vector<Part>& parts, const std::string& units,
                   const std::string& words, Say&& say) {
    std::vector<const Part*> order;
    for (const Part& part : parts) order.push_back(&part);
    std::ranges::stable_sort(order, std::greater{},
                             [](const Part* part) { return elements(*part); });
    bool first = true;
    for (auto at = order.begin(); at != order.end(); ++at) {
      const Part& part = **at;
      std::vector<std::string> exceptions;
      bool gone = false;
      for (auto later = at + 1; later != order.end(); ++later) {
        gone = gone || covers(**later, part);
        if (meet(part, **later)) exceptions.push_back(bracketed((*later)->places));
      }
      if (gone || part.absent) continue;
      std::string left = name + bracketed(part.places);
      if (!exceptions.empty()) left += fmt::format(" :EXCEPT: {}", fmt::join(exceptions, ","));
      equation(equations_,
               fmt::format("{} {}\n\t{}", left, part.sign,
                           say(part, Writer::indexes(dims, part.places))),
               first ? units : "", first ? words : "");
      first = false;
    }
  }

  std::vector<Part> parts_of(const std::vector<syntax::DimensionUse>& dims,
                             const std::optional<ExprId>& base,
                             const std::vector<syntax::Clause>& clauses, Span span) {
    std::vector<Part> parts;
    if (base) parts.push_back(part_of(dims, {}, *base, span));
    for (const syntax::Clause& clause : clauses) {
      if (clause.date) {  // those for all elements stand in the equation of each part
        if (!clause.pattern.empty())
          writer_.cannot(clause.span, "a dated value for part of an array");
        continue;
      }
      parts.push_back(part_of(dims, clause.pattern, clause.value, clause.span));
    }
    return parts;
  }

  static bool is_apart(const std::vector<syntax::Clause>& clauses) {
    return std::ranges::any_of(
        clauses, [](const syntax::Clause& clause) { return !clause.pattern.empty(); });
  }

  // ---------------------------------------------------------------- variables

  void write_node(const ValueDecl& value, const Statement& statement) {
    if (value.kind == ValueDecl::Kind::kMeasure)
      return writer_.passed_over(value.name.span, "a measure");
    if (writer_.is_control(value.name.text)) {
      clock_words_[import::canonical(value.name.text)] =
          vensim_words(value.title, statement.doc, value.provenance);
      if (import::canonical(value.name.text) == "saveper" && value.value && value.clauses.empty())
        save_ = writer_.expression(*value.value);
      return;
    }
    const std::string name = writer_.spelled(value.name.text), units = vensim_unit(value.unit);
    std::string words = vensim_words(value.title, statement.doc, value.provenance);
    if (const std::string limit = writer_.words_of_limit(value.name.text); !limit.empty())
      words = words.empty() ? limit : limit + " " + words;
    const std::vector<std::string> places = ranges(value.dims);
    const auto limited = [&](const std::string& text, const Names& names) {
      return writer_.within_stock(value.name.text, text, names);
    };
    if (is_apart(value.clauses)) {
      std::vector<syntax::Clause> dated;
      std::ranges::copy_if(
          value.clauses, std::back_inserter(dated),
          [](const syntax::Clause& clause) { return clause.date && clause.pattern.empty(); });
      write_parts(name, value.dims,
                  parts_of(value.dims, value.value, value.clauses, value.name.span), units, words,
                  [&](const Part& part, const Names& own) {
                    return limited(writer_.value_over_time(part.value, dated, own), own);
                  });
      return;
    }
    if (!value.value && value.clauses.empty()) return;
    // A number that is no input is a constant that Vensim does not let change either.
    const bool unchangeable = value.kind == ValueDecl::Kind::kLet && value.value &&
                              value.clauses.empty() && writer_.literal(*value.value);
    const Names own = Writer::indexes(value.dims, places);
    equation(equations_,
             fmt::format("{}{} {}\n\t{}", name, bracketed(places), unchangeable ? "==" : "=",
                         limited(writer_.value_over_time(value.value, value.clauses, own), own)),
             units, words);
  }

  void write_node(const StockDecl& stock, const Statement& statement) {
    const auto rate = [&](const Names& names) {
      std::string text;
      for (const auto& [flows, sign] :
           {std::pair(&stock.inflows, '+'), std::pair(&stock.outflows, '-')}) {
        for (const syntax::Name& flow : *flows) {
          if (sign == '-') text += text.empty() ? "-" : " - ";
          if (sign == '+' && !text.empty()) text += " + ";
          text += writer_.reference(flow.text, names, flow.span);
        }
      }
      if (!stock.net_rate) return text.empty() ? std::string("0") : text;
      const std::string more = writer_.expression(*stock.net_rate, names);
      return text.empty() ? more : fmt::format("{} + ({})", text, more);
    };
    const std::string name = writer_.spelled(stock.name.text), units = vensim_unit(stock.unit),
                      words = vensim_words(stock.title, statement.doc, stock.provenance);
    const std::vector<std::string> places = ranges(stock.dims);
    const Names names = Writer::indexes(stock.dims, places);
    if (is_apart(stock.clauses)) {
      write_parts(
          name, stock.dims, parts_of(stock.dims, stock.initial, stock.clauses, stock.name.span),
          units, words, [&](const Part& part, const Names& own) {
            return fmt::format("INTEG({}, {})", rate(own), writer_.expression(part.value, own));
          });
      return;
    }
    equation(equations_,
             fmt::format("{}{} =\n\tINTEG({}, {})", name, bracketed(places), rate(names),
                         writer_.value_over_time(stock.initial, stock.clauses, names)),
             units, words);
  }

  void write_node(const syntax::TableDecl& table, const Statement& statement) {
    std::string points;
    for (const auto& [x, y] : table.points)
      points += fmt::format("{}({},{})", points.empty() ? "" : ",", x, y);
    equation(equations_, fmt::format("{}(\n\t{})", writer_.spelled(table.name.text), points),
             vensim_unit(table.unit), vensim_words({}, statement.doc, table.provenance));
  }

  // Whether calls of Vensim read the cells of all parts that have some, at least one.
  static bool can_read(const syntax::DataDecl& data) {
    const auto reads = [](const auto& part) { return part.cells.has_value(); };
    const auto cannot = [](const auto& part) { return part.cells && part.cells->last; };
    return std::ranges::any_of(data.parts, reads) && std::ranges::none_of(data.parts, cannot);
  }

  // Parts from cells, each a call that reads them, and numbers beside them.
  void write_cells(const syntax::DataDecl& data, const Statement& statement) {
    std::vector<Part> parts;
    std::vector<std::string> texts;
    for (const syntax::DataDecl::Part& part : data.parts) {
      const Part whole = part_of(data.dims, part.pattern, {}, part.span);
      if (part.cells) {
        parts.push_back(whole);
        texts.push_back(call_of(*part.cells));
        if (part.cells->along != syntax::Cells::Along::kNothing)
          parts.back().sign = keyword(part.interpolation);
      } else if (part.values.size() == 1) {
        parts.push_back(whole);
        parts.back().absent = part.values.front() == base::kUndefined;
        texts.push_back(writer_.number(part.values.front()));
      } else if (!write_numbers(data, part, whole, parts, texts)) {
        return writer_.cannot(part.span, "data of these parts");
      }
    }
    write_parts(writer_.spelled(data.name.text), data.dims, parts, vensim_unit(data.unit),
                vensim_words(data.title, statement.doc, data.provenance),
                [&](const Part& part, const Names&) {
                  return texts[static_cast<size_t>(&part - parts.data())];
                });
  }

  // Numbers of several elements, row by row: as a table for each element of the places before the
  // last two. False when they are not as many as the elements.
  bool write_numbers(const syntax::DataDecl& data, const syntax::DataDecl::Part& numbers,
                     const Part& whole, std::vector<Part>& parts, std::vector<std::string>& texts) {
    if (elements(whole) != numbers.values.size()) return false;
    std::vector<std::vector<std::string>> members;  // in the order of the numbers
    std::vector<size_t> several;                    // places of more than one element
    for (size_t d = 0; d < data.dims.size(); ++d) {
      std::string name = data.dims[d].dimension.text;
      if (d < numbers.pattern.size() && numbers.pattern[d].kind == syntax::Index::Kind::kName)
        name = numbers.pattern[d].name.text;
      members.emplace_back();
      if (const syntax::DimDecl* range = writer_.dimension(name)) {
        for (const syntax::Name& member : range->members) members.back().push_back(member.text);
        several.push_back(d);
      } else {
        members.back().push_back(*whole.members[d].begin());
      }
    }
    const size_t columns = several.empty() ? 1 : members[several.back()].size();
    const size_t rows = several.size() < 2 ? 1 : members[several[several.size() - 2]].size();
    for (size_t first = 0; first < numbers.values.size(); first += rows * columns) {
      Part part = whole;
      size_t rest = first / (rows * columns);
      for (size_t k = several.size() < 2 ? 0 : several.size() - 2; k-- > 0;) {
        const size_t d = several[k];
        const std::string& member = members[d][rest % members[d].size()];
        rest /= members[d].size();
        part.places[d] = writer_.member(data.dims[d].dimension.text, member);
        part.members[d] = {member};
      }
      parts.push_back(std::move(part));
      texts.push_back(table(numbers.values, first, rows, columns));
    }
    return true;
  }

  std::string table(const std::vector<double>& values, size_t first, size_t rows, size_t columns) {
    std::string text;
    for (size_t row = 0; row < rows; ++row) {
      if (row > 0) text += "\n\t";
      for (size_t k = 0; k < columns; ++k)
        text +=
            fmt::format("{}{}", k ? "," : "", writer_.number(values[first + row * columns + k]));
      if (rows > 1) text += ";";
    }
    return text;
  }

  static const char* keyword(syntax::DataDecl::Interpolation interpolation) {
    switch (interpolation) {
      case syntax::DataDecl::Interpolation::kLinear:
        return ":INTERPOLATE: :=";
      case syntax::DataDecl::Interpolation::kStep:
        return ":HOLD BACKWARD: :=";
      case syntax::DataDecl::Interpolation::kForward:
        return ":LOOK FORWARD: :=";
      case syntax::DataDecl::Interpolation::kRaw:
        return ":RAW: :=";
    }
    return ":=";
  }

  // GET DIRECT DATA('file', 'tab', 'times', 'cell'); a text file has its delimiter for a tab.
  std::string call_of(const syntax::Cells& cells) {
    const size_t mark = cells.file.text.find('#');
    const std::string file = cells.file.text.substr(0, mark);
    std::string tab = mark == std::string::npos ? "" : cells.file.text.substr(mark + 1);
    if (cells.delimiter) tab = *cells.delimiter;
    if (tab.empty() && file.ends_with(".csv")) tab = ",";
    const bool series = cells.along != syntax::Cells::Along::kNothing;
    for (const std::string& text : {file, tab, cells.times.text, cells.first.text}) {
      if (text.find('\'') != std::string::npos)
        writer_.cannot(cells.file.span, "an apostrophe in the name of a file or a cell");
    }
    return fmt::format("GET {} {}('{}', '{}', {}'{}{}')", cells.gaps ? "XLS" : "DIRECT",
                       series ? "DATA" : "CONSTANTS", file, tab,
                       series ? fmt::format("'{}', ", cells.times.text) : "", cells.first.text,
                       cells.transposed ? "*" : "");
  }

  // Constants stand row by row for the last two places; what is before them is written out.
  void write_node(const syntax::DataDecl& data, const Statement& statement) {
    if (writer_.is_of_curve(data.name.text)) return;
    if (can_read(data)) return write_cells(data, statement);
    if (const auto series = read_.series.find(data.name.text); series != read_.series.end())
      return write_series(data, series->second, statement);
    const auto numbers = read_.numbers.find(data.name.text);
    const std::vector<double>& values =
        numbers == read_.numbers.end() ? data.values : numbers->second;
    const std::string units = vensim_unit(data.unit),
                      words = vensim_words(data.title, statement.doc, data.provenance);
    std::vector<const syntax::DimDecl*> dims;
    size_t count = 1;
    for (const syntax::DimensionUse& dim : data.dims) {
      dims.push_back(writer_.dimension(dim.dimension.text));
      if (!dims.back()) return writer_.cannot(data.name.span, "data of these dimensions");
      count *= dims.back()->members.size();
    }
    if (count != values.size() || count == 0)
      return writer_.cannot(data.name.span, "data of this size");
    const size_t columns = dims.empty() ? 1 : dims.back()->members.size();
    const size_t rows = dims.size() < 2 ? 1 : dims[dims.size() - 2]->members.size();
    for (size_t first = 0; first < count; first += rows * columns) {
      std::vector<std::string> places = ranges(data.dims);
      size_t rest = first / (rows * columns);
      for (size_t d = dims.size() < 2 ? 0 : dims.size() - 2; d-- > 0;) {
        const auto& members = dims[d]->members;
        places[d] = writer_.member(dims[d]->name.text, members[rest % members.size()].text);
        rest /= members.size();
      }
      const std::string text = fmt::format("{}{} =\n\t{}", writer_.spelled(data.name.text),
                                           bracketed(places), table(values, first, rows, columns));
      equation(equations_, text, units, first == 0 ? words : "");
    }
  }

  // Series over time that stand in a table of columns are lookups of the time: where each value
  // holds until the next, by way of a lookup of that name.
  void write_series(const syntax::DataDecl& data, const std::vector<Series>& series,
                    const Statement& statement) {
    if (writer_.is_runge_kutta())
      writer_.cannot(data.name.span, "data that stay through each step of Runge-Kutta");
    std::vector<const syntax::DimDecl*> dims;
    for (const syntax::DimensionUse& dim : data.dims) {
      dims.push_back(writer_.dimension(dim.dimension.text));
      if (!dims.back()) return writer_.cannot(data.name.span, "data of these dimensions");
    }
    const std::string name = writer_.spelled(data.name.text);
    std::string points_name;
    for (size_t flat = 0; flat < series.size(); ++flat) {
      std::vector<std::string> places(dims.size());
      size_t rest = flat;
      for (size_t d = dims.size(); d-- > 0; rest /= dims[d]->members.size()) {
        const auto& members = dims[d]->members;
        places[d] = writer_.member(dims[d]->name.text, members[rest % members.size()].text);
      }
      const Series& one = series[flat];
      const std::string points = lookup_points_of(one, writer_.step());
      const std::string time = time_of(one, "Time", "TIME STEP");
      std::string value = fmt::format("WITH LOOKUP({}, ({}))", time, points);
      if (one.points.size() == 1) {
        value = writer_.number(one.points.front().second);
      } else if (one.holds) {
        if (points_name.empty())
          points_name = writer_.spell(writer_.fresh(writer_.bare(data.name.text) + " points"));
        const std::string lookup = points_name + bracketed(places);
        equation(equations_, fmt::format("{}(\n\t{})", lookup, points));
        value = fmt::format("LOOKUP BACKWARD({}, {})", lookup, time);
      }
      equation(equations_, fmt::format("{}{} =\n\t{}", name, bracketed(places), value),
               vensim_unit(data.unit),
               flat == 0 ? vensim_words(data.title, statement.doc, data.provenance) : "");
    }
  }

  // ---------------------------------------------------------------- ranges

  // Members belong to the whole model there: two dimensions share one only as ranges of a family.
  void find_members() {
    std::map<std::string, const syntax::DimDecl*> owners;
    for (const Statement* statement : writer_.own()) {
      const auto* dim = std::get_if<syntax::DimDecl>(&statement->node);
      if (!dim || dim->parent) continue;
      for (const syntax::Name& member : dim->members) {
        // There it would stand for all members of that dimension.
        if (writer_.dimension(member.text))
          writer_.cannot(member.span, fmt::format("`{}` as a member and as a dimension",
                                                  text::printable(member.text)));
        const auto [at, fresh] =
            owners.emplace(import::canonical(writer_.member(dim->name.text, member.text)), dim);
        if (!fresh)
          writer_.cannot(member.span, fmt::format("`{}` as a member of two dimensions",
                                                  text::printable(member.text)));
      }
    }
  }

  void write_node(const syntax::DimDecl& dim, const Statement& statement) {
    if (writer_.is_of_curve(dim.name.text)) return;
    if (dim.file) return writer_.cannot(dim.name.span, "a dimension from a file");
    const std::string& space = dim.parent ? dim.parent->text : dim.name.text;
    std::vector<std::string> members;
    for (const syntax::Name& member : dim.members)
      members.push_back(writer_.member(space, member.text));
    std::string text =
        fmt::format("{}:\n\t{}", writer_.spelled(dim.name.text), fmt::join(members, ", "));
    std::vector<std::string> helpers;
    if (const auto links = maps_.links(dim, helpers); !links.empty())
      text += fmt::format("\n\t-> {}", fmt::join(links, ",\n\t"));
    for (const std::string& helper : helpers) equation(equations_, helper);
    equation(equations_, text, {}, statement.doc);
  }

  // ---------------------------------------------------------------- functions

  // Where they are called, but for an array of lookups.
  void write_node(const syntax::FunctionDecl& function, const Statement& statement) {
    if (const Curve* curve = writer_.curve(function.name.text)) write_curve(*curve, statement);
  }

  // A lookup for each row of points; a short one is filled up with its last.
  void write_curve(const Curve& curve, const Statement& statement) {
    std::vector<const syntax::DimDecl*> dims;
    for (const syntax::DimensionUse& dim : curve.x->dims)
      dims.push_back(writer_.dimension(dim.dimension.text));
    const size_t length = dims.back()->members.size();
    dims.pop_back();
    for (size_t row = 0; row < curve.x->values.size() / length; ++row) {
      std::vector<std::string> places(dims.size()), points;
      size_t rest = row;
      for (size_t d = dims.size(); d-- > 0;) {
        const auto& members = dims[d]->members;
        places[d] = writer_.member(dims[d]->name.text, members[rest % members.size()].text);
        rest /= members.size();
      }
      for (size_t k = row * length; k < (row + 1) * length; ++k) {
        std::string point = fmt::format("({},{})", curve.x->values[k], curve.y->values[k]);
        if (points.empty() || point != points.back()) points.push_back(std::move(point));
      }
      equation(equations_,
               fmt::format("{}{}(\n\t{})", curve.name, bracketed(places), fmt::join(points, ",")),
               vensim_unit(curve.y->unit), statement.doc);
    }
  }

  void write_functions() {
    writer_.within_macro(true);
    for (auto wanted = writer_.take_wanted_functions(); !wanted.empty();
         wanted = writer_.take_wanted_functions()) {
      for (const Statement* statement : wanted)
        write_macro(std::get<syntax::FunctionDecl>(statement->node), *statement);
    }
    writer_.within_macro(false);
  }

  void write_macro(const syntax::FunctionDecl& function, const Statement& statement) {
    Names names;
    std::vector<std::string> parameters;
    for (const syntax::Parameter& parameter : function.parameters) {
      parameters.push_back(writer_.spelled(parameter.name.text));
      names[parameter.name.text] = parameters.back();
    }
    for (const syntax::StatementId id : function.locals) {
      const std::string& name = local_name(tree_[id]);
      names[name] = writer_.spelled(name);
    }
    const std::string name = writer_.spell(writer_.called(function.name.text));
    std::string text = fmt::format(":MACRO: {}({})\n", name, fmt::join(parameters, ", "));
    equation(text, fmt::format("{} =\n\t{}", name, writer_.expression(function.result, names)), {},
             statement.doc);
    for (const syntax::StatementId id : function.locals) equation(text, local(tree_[id], names));
    macros_ += text + ":END OF MACRO:\n";
  }

  static const std::string& local_name(const Statement& statement) {
    if (const auto* stock = std::get_if<StockDecl>(&statement.node)) return stock->name.text;
    return std::get<ValueDecl>(statement.node).name.text;
  }

  std::string local(const Statement& statement, const Names& names) {
    const std::string& name = names.at(local_name(statement));
    if (const auto* value = std::get_if<ValueDecl>(&statement.node))
      return fmt::format("{} =\n\t{}", name,
                         writer_.value_over_time(value->value, value->clauses, names));
    const auto& stock = std::get<StockDecl>(statement.node);
    if (!stock.inflows.empty() || !stock.outflows.empty())
      writer_.cannot(stock.name.span, "a stock with named flows inside a function");
    return fmt::format("{} =\n\tINTEG({}, {})", name,
                       stock.net_rate ? writer_.expression(*stock.net_rate, names) : "0",
                       stock.initial ? writer_.expression(*stock.initial, names) : "0");
  }

  // ---------------------------------------------------------------- statements with no text of
  // their own

  void write_node(const syntax::ModelDecl&, const Statement&) {}
  void write_node(const syntax::TimeDecl&, const Statement&) {}
  void write_node(const syntax::UnitDecl&, const Statement&) {}
  void write_node(const syntax::MapDecl&, const Statement&) {}  // with the range it leads to
  template <class Node>
  void write_node(const Node&, const Statement& statement) {
    writer_.leave_out(statement);
  }

  // ---------------------------------------------------------------- clock, settings

  std::string control() {
    // A model without time has one moment there.
    const Clock clock = time_ ? writer_.clock() : Clock{0.0, 0.0, 1, {}, ""};
    if (!clock.start || !clock.end) {
      writer_.cannot(tree_[clock.start ? time_->end : time_->start].span,
                     "a start or end that is no plain number or date");
      return {};
    }
    std::string text = vensim_group(".Control", "Simulation Control Parameters");
    equation(text, fmt::format("INITIAL TIME = {}", *clock.start), clock.unit,
             clock_words_["initial_time"]);
    equation(text, fmt::format("FINAL TIME = {}", *clock.end), clock.unit,
             clock_words_["final_time"]);
    equation(text, fmt::format("TIME STEP = {}", clock.step), clock.unit,
             clock_words_["time_step"]);
    equation(
        text,
        fmt::format("SAVEPER = {}",
                    save_.empty() ? fmt::format("{}", clock.save.value_or(clock.step)) : save_),
        clock.unit, clock_words_["saveper"]);
    return text;
  }

  std::string settings() const {
    const bool rk4 = time_ && time_->method == syntax::TimeDecl::Method::kRk4;
    return fmt::format("///---\\\\\\\n:L<%^E!@\n15:0,0,0,{},0,0\n", rk4 ? 1 : 0);
  }

  Writer writer_;
  VensimMaps maps_{writer_};
  const syntax::Tree& tree_;
  const import::Layout& layout_;
  const ReadData& read_;
  const syntax::TimeDecl* time_ = nullptr;
  std::string equations_, internal_, macros_;
  std::string save_;  // SAVEPER, where the model has a variable of that name
  // What the text says of INITIAL TIME and its kin.
  std::map<std::string, std::string> clock_words_;
};

}  // namespace

std::string write_vensim(const syntax::Tree& tree, size_t own, const import::Layout& layout,
                         const ReadData& read, bool lossy, text::Diagnostics& diagnostics) {
  const Converted said =
      with_conversions(with_medians(with_members(tree, read), own, read), own, read.conversions);
  const syntax::Tree scalar = unrolled(said.tree, own, Dialect::kVensim, diagnostics);
  return VensimWriter(scalar, own, layout, read, lossy, diagnostics).write(said.left);
}

}  // namespace headrace::exports
