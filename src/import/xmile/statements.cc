// Variables become statements: stocks with their flows, flows, values, tables; and the clock.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "import/names.h"
#include "import/parts.h"
#include "import/remarks.h"
#include "import/xmile/translation.h"

namespace headrace::import::xmile {
namespace {

using syntax::CompareOp;
using syntax::ExprId;

// ---------------------------------------------------------------- the clock

std::optional<double> clock_number(Translation& t, const Text& text, const char* what, Span span) {
  if (const auto value = constant_in(text)) return value;
  t.diagnostics.error(Kind::kBadTime, text.value.empty() ? span : text.span,
                      fmt::format("the {} of the run must be a number", what));
  return std::nullopt;
}

// ---------------------------------------------------------------- values

constexpr size_t kLongList = 1'000;       // numbers of one array from which they are a table
constexpr size_t kMostClauses = 100'000;  // equations of the elements of one array

class Writer {
 public:
  Writer(Translation& t, const std::string& name)
      : t_(t),
        name_(name),
        symbol_(t.symbols.at(name)),
        variable_(*symbol_.variable),
        scope_(scope_of(symbol_, name)),
        build_(t.build(variable_.span)) {}

  void write() {
    if (symbol_.source && !symbol_.only_table) return write_alias();
    if (t_.devices.contains(name_)) write_device_parts(t_, name_);
    switch (variable_.kind) {
      case Variable::Kind::kStock:
        return write_stock();
      case Variable::Kind::kFlow:
      case Variable::Kind::kAux:
        return write_value();
      case Variable::Kind::kModule:
        break;
    }
  }

 private:
  template <class Decl>
  void finish(Decl decl) {
    decl.name = build_.word(symbol_.name);
    decl.dims = dimension_uses(t_, symbol_, build_);
    decl.unit = t_.units.read(variable_.units, variable_.span);
    std::string doc = variable_.doc;
    if (has(variable_.equation)) doc = with_remarks(std::move(doc), variable_.equation->value);
    for (const Element& element : variable_.elements) {
      if (has(element.equation)) doc = with_remarks(std::move(doc), element.equation->value);
    }
    t_.add({std::move(decl), std::move(doc), variable_.span});
  }

  void write_alias() {
    syntax::ValueDecl decl;
    const Symbol& source = t_.symbols.at(*symbol_.source);
    decl.kind = syntax::ValueDecl::Kind::kLet;
    decl.value = build_.name(source.name);
    finish(std::move(decl));
  }

  bool is_flow() const { return variable_.kind == Variable::Kind::kFlow; }

  bool non_negative() const {
    const Instance& instance = t_.instances[symbol_.instance];
    const bool inherited = is_flow() ? instance.flows_non_negative : instance.stocks_non_negative;
    return variable_.non_negative.value_or(inherited);
  }

  // What reads the variable is no further fault.
  template <class Decl>
  void without_equation(Decl decl) {
    missing_equation(variable_.span);
    finish(std::move(decl));
  }

  void missing_equation(Span span) {
    t_.diagnostics.error(Kind::kUnfilledEquation, span,
                         fmt::format("no equation has been written for `{}`", shown(symbol_.name)));
  }

  // The value of one equation: through its graphical function, with its own value while the
  // starting values are found where it has one, and not below zero for flows that cannot be.
  ExprId value_of(const Text& equation, const std::optional<Text>& initial,
                  const std::string& table) {
    ExprId value = translate(t_, scope_, equation);
    if (!table.empty()) value = build_.call(table, {value});
    if (has(initial))
      value = build_.call("active_initial", {value, translate(t_, scope_, *initial)});
    if (is_flow() && non_negative() && symbol_.driven_by.empty())
      value = build_.call("max", {value, build_.number(0)});
    if (is_flow() && symbol_.driven_by.empty())
      value = within_stock(t_, symbol_, limited_flow(t_, symbol_, value));
    return value;
  }

  bool is_constant() const {
    return !variable_.internal && !is_flow() && !variable_.gf && !has(variable_.initial) &&
           are_numbers();
  }

  bool are_numbers() const {
    const auto constant = [](const std::optional<Text>& text) {
      return text && constant_in(*text).has_value();
    };
    if (variable_.elements.empty()) return constant(variable_.equation);
    if (variable_.elements.size() < element_count() && has(variable_.equation) &&
        !constant(variable_.equation))
      return false;  // that of all other elements
    return std::ranges::all_of(variable_.elements, [&](const Element& element) {
      return constant(element.equation ? element.equation : variable_.equation) && !element.gf &&
             !has(element.initial);
    });
  }

  // The numbers of a large array, row by row, where all its elements have one.
  std::vector<double> long_list() {
    if (symbol_.dims.empty() || variable_.elements.size() < kLongList || !are_numbers()) return {};
    const std::optional<double> other =
        has(variable_.equation) ? constant_in(*variable_.equation) : std::nullopt;
    std::vector<double> values(element_count(), other.value_or(0));
    std::vector<bool> seen(values.size(), other.has_value());
    std::vector<bool> listed(values.size(), false);
    for (const Element& element : variable_.elements) {
      size_t flat = 0;
      // What is wrong about an element is told where clauses are written.
      if (element.gf || has(element.initial) || element.subscripts.size() != symbol_.dims.size() ||
          !is_place(element) || !pattern(element, flat) || flat >= values.size() || listed[flat])
        return {};
      listed[flat] = seen[flat] = true;
      values[flat] = *constant_in(has(element.equation) ? *element.equation : *variable_.equation);
    }
    if (!std::ranges::all_of(seen, std::identity())) return {};
    return values;
  }

  bool is_place(const Element& element) const {
    for (size_t i = 0; i < symbol_.dims.size(); ++i)
      if (!find_place(t_.dims[symbol_.dims[i]], element.subscripts[i])) return false;
    return true;
  }

  void write_value() {
    if (symbol_.only_table) return;
    if (!symbol_.driven_by.empty()) return write_driven();
    if (!is_flow() && !variable_.gf && !has(variable_.initial)) {
      if (std::vector<double> values = long_list(); !values.empty()) {
        syntax::DataDecl data;
        data.values = std::move(values);
        return finish(std::move(data));
      }
    }
    syntax::ValueDecl decl;
    decl.kind = is_flow()                              ? syntax::ValueDecl::Kind::kFlow
                : is_constant() && !variable_.internal ? syntax::ValueDecl::Kind::kParam
                                                       : syntax::ValueDecl::Kind::kLet;
    if (variable_.elements.empty() || symbol_.dims.empty()) {
      if (!has(variable_.equation)) {
        decl.value = build_.bad();
        return without_equation(std::move(decl));
      }
      decl.value = value_of(*variable_.equation, variable_.initial, symbol_.table);
    } else {
      decl.value = write_elements(decl.clauses, false);
    }
    finish(std::move(decl));
  }

  // A flow that leaves a conveyor, a queue or an oven. That of a leak has an equation: its share.
  void write_driven() {
    const bool leak = t_.symbols.at(symbol_.driven_by).variable->conveyor &&
                      t_.devices.at(symbol_.driven_by).exit != symbol_.name;
    if (leak) write_part("share", false);
    syntax::ValueDecl decl;
    decl.kind = syntax::ValueDecl::Kind::kFlow;
    decl.value = driven_flow(t_, symbol_);
    finish(std::move(decl));
  }

  // The variable's equations as a value of another name.
  void write_part(const char* what, bool initial) {
    syntax::ValueDecl decl;
    if (variable_.elements.empty() || symbol_.dims.empty()) {
      if (!has(variable_.equation)) return missing_equation(variable_.span);
      decl.value = initial ? translate(t_, scope_, *variable_.equation)
                           : value_of(*variable_.equation, variable_.initial, symbol_.table);
    } else {
      decl.value = write_elements(decl.clauses, initial);
    }
    decl.name = build_.word(part_name(symbol_, what));
    decl.dims = dimension_uses(t_, symbol_, build_);
    t_.taken.insert(decl.name.text);
    t_.add({std::move(decl), {}, variable_.span});
  }

  static bool has(const std::optional<Text>& text) { return text && !text->empty(); }

  // The positions that an element's subscript names, or nothing after a diagnostic.
  std::optional<std::vector<syntax::Index>> pattern(const Element& element, size_t& flat) {
    if (element.subscripts.size() != symbol_.dims.size()) {
      t_.diagnostics.error(
          Kind::kShapeMismatch, element.span,
          fmt::format("`{}` has {} dimension{}, not {}", shown(symbol_.name), symbol_.dims.size(),
                      symbol_.dims.size() == 1 ? "" : "s", element.subscripts.size()));
      return std::nullopt;
    }
    std::vector<syntax::Index> indexes;
    flat = 0;
    for (size_t i = 0; i < symbol_.dims.size(); ++i) {
      const Dim& dim = t_.dims[symbol_.dims[i]];
      auto place = find_place(dim, element.subscripts[i]);
      if (!place) {
        const auto number = constant_in({element.subscripts[i], {}});
        if (number && *number >= 1 && *number <= static_cast<double>(dim.elements.size()))
          place = static_cast<size_t>(*number) - 1;
      }
      if (!place) {
        t_.diagnostics.error(Kind::kUnknownMember, element.span,
                             fmt::format("`{}` is no element of `{}`", shown(element.subscripts[i]),
                                         shown(dim.name)));
        return std::nullopt;
      }
      syntax::Index index = build_.index(dim.elements[*place]);
      if (dim.numbered) {
        index.kind = syntax::Index::Kind::kNumber;
        index.number = static_cast<int>(*place + 1);
      }
      indexes.push_back(std::move(index));
      flat = flat * dim.elements.size() + *place;
    }
    return indexes;
  }

  // A clause for each element that is listed. The variable's own equation is that of all others and
  // comes back, where there are any.
  std::optional<ExprId> write_elements(std::vector<syntax::Clause>& clauses, bool initial) {
    if (variable_.elements.size() > kMostClauses) {
      t_.diagnostics
          .error(Kind::kTooLarge, variable_.span,
                 fmt::format("`{}` has {} equations for its elements, and at most {} are read",
                             shown(symbol_.name), variable_.elements.size(), kMostClauses))
          .hint = "one equation for all elements, or a number for each, is read at any size";
      return build_.number(0);  // the message above is enough
    }
    std::vector<bool> seen(element_count(), false);
    for (const Element& element : variable_.elements) {
      size_t flat = 0;
      auto indexes = pattern(element, flat);
      if (!indexes || flat >= seen.size()) continue;
      if (seen[flat]) {
        t_.diagnostics.error(Kind::kOverlap, element.span,
                             fmt::format("an element of `{}` is given twice", shown(symbol_.name)));
        continue;
      }
      seen[flat] = true;
      const auto& equation = has(element.equation) ? element.equation : variable_.equation;
      if (!has(equation)) {
        missing_equation(element.span);
        continue;
      }
      const std::string table = symbol_.tables.empty() ? symbol_.table : symbol_.tables[flat];
      syntax::Clause clause;
      clause.pattern = std::move(*indexes);
      const auto& start = has(element.initial) ? element.initial : variable_.initial;
      clause.value = initial ? translate(t_, scope_, *equation) : value_of(*equation, start, table);
      clause.span = element.span;
      clauses.push_back(std::move(clause));
    }
    if (std::ranges::all_of(seen, std::identity())) return std::nullopt;
    if (has(variable_.equation) && symbol_.tables.empty())
      return initial ? translate(t_, scope_, *variable_.equation)
                     : value_of(*variable_.equation, variable_.initial, symbol_.table);
    report_missing(seen);
    return std::nullopt;
  }

  size_t element_count() const {
    size_t count = 1;
    for (const size_t dim : symbol_.dims) count *= t_.dims[dim].elements.size();
    return std::min<size_t>(count, 10'000'000);
  }

  void report_missing(const std::vector<bool>& seen) {
    std::string missing;
    size_t count = 0;
    for (size_t flat = 0; flat < seen.size(); ++flat) {
      if (seen[flat]) continue;
      if (++count > 8) continue;
      std::string element;
      size_t rest = flat;
      for (size_t i = symbol_.dims.size(); i-- > 0;) {
        const Dim& dim = t_.dims[symbol_.dims[i]];
        element = dim.elements[rest % dim.elements.size()] + (element.empty() ? "" : ",") + element;
        rest /= dim.elements.size();
      }
      missing += fmt::format("{}[{}]", missing.empty() ? "" : ", ", shown(element));
    }
    if (count == 0) return;
    t_.diagnostics.error(
        Kind::kMissingElement, variable_.span,
        fmt::format("`{}` has no equation for {} of its elements: {}{}", shown(symbol_.name), count,
                    missing, count > 8 ? ", ..." : ""));
  }

  // ---------------------------------------------------------------- stocks

  struct Flow {
    const Symbol* symbol;
    bool in;
    const Text* text;
  };

  std::vector<Flow> flows() {
    std::vector<Flow> all;
    const auto take = [&](const std::vector<Text>& names, bool in) {
      for (const Text& name : names) {
        if (const Symbol* found = find_symbol(t_, scope_, identifier(name.value)))
          all.push_back({found, in, &name});
        else
          t_.unknown_names[canonical(name.value)].push_back(name.span);
      }
    };
    take(variable_.inflows, true);
    take(variable_.outflows, false);
    return all;
  }

  // Flows can be listed when they are flows of the stock's own dimensions, each once.
  bool can_list(const std::vector<Flow>& flows) const {
    std::set<const Symbol*> seen;
    return std::ranges::all_of(flows, [&](const Flow& flow) {
      return flow.symbol->variable->kind == Variable::Kind::kFlow && !flow.symbol->source &&
             flow.symbol->dims == symbol_.dims && seen.insert(flow.symbol).second &&
             !(flow.in && flow.symbol->variable->multiplier);
    });
  }

  ExprId net_rate(const std::vector<Flow>& flows) {
    ExprId total;
    for (const Flow& flow : flows) {
      ExprId rate = rate_at(symbol_, *flow.symbol, build_);
      // What arrives is the flow times its multiplier; what leaves is the flow.
      if (flow.in && flow.symbol->variable->multiplier)
        rate = build_.multiply(rate, translate(t_, scope_, *flow.symbol->variable->multiplier));
      if (!total.valid())
        total = flow.in ? rate : build_.negate(rate);
      else
        total = flow.in ? build_.add(total, rate) : build_.subtract(total, rate);
    }
    return total.valid() ? total : build_.number(0);
  }

  // Which element of a flow comes first when the stock runs out, it does not say.
  void warn_of_elements(const Flow& flow) {
    const bool finer = std::ranges::any_of(flow.symbol->dims, [&](size_t dim) {
      return std::ranges::find(symbol_.dims, dim) == symbol_.dims.end();
    });
    if (flow.in || !finer) return;
    t_.diagnostics.warning(
        Kind::kPassedOver, flow.text->span,
        fmt::format(
            "passed over: `{}` is non-negative, and `{}`, which has more dimensions, is not "
            "limited when it runs out",
            shown(symbol_.name), shown(flow.symbol->name)));
  }

  void write_stock() {
    syntax::StockDecl decl;
    if (variable_.elements.empty() || symbol_.dims.empty()) {
      if (!has(variable_.equation)) {
        decl.initial = build_.bad();
        return without_equation(std::move(decl));
      }
      decl.initial = t_.devices.contains(name_) ? initial_contents(t_, name_)
                                                : translate(t_, scope_, *variable_.equation);
    } else if (t_.devices.contains(name_)) {
      write_part("start", true);
      decl.initial = build_.name(part_name(symbol_, "start"));
    } else if (std::vector<double> values = long_list(); !values.empty()) {
      syntax::DataDecl data;
      data.name = build_.word(part_name(symbol_, "start"));
      data.dims = dimension_uses(t_, symbol_, build_);
      data.values = std::move(values);
      t_.taken.insert(data.name.text);
      decl.initial = build_.name(data.name.text);
      t_.add({std::move(data), {}, variable_.span});
    } else {
      decl.initial = write_elements(decl.clauses, true);
    }
    const std::vector<Flow> all = flows();
    const bool limited = non_negative() && !t_.devices.contains(name_);
    // A flow that is written into several stocks cannot be limited for one of them without being
    // wrong for the others, and a flow into a stock that runs backwards is not listed among those
    // that leave it: there what the stock loses is limited, and the flows stay as they are.
    const bool shared = std::ranges::any_of(all, [](const Flow& flow) {
      return flow.symbol->inflow_of > 1 || flow.symbol->outflow_of > 1;
    });
    if (variable_.net_rate && !all.empty())
      t_.diagnostics.error(
          Kind::kBadStatement, variable_.net_rate->span,
          fmt::format("`{}` has flows and a net flow besides", shown(symbol_.name)));
    if (!variable_.net_rate && can_list(all) && !(limited && shared)) {
      for (const Flow& flow : all)
        (flow.in ? decl.inflows : decl.outflows).push_back(build_.word(flow.symbol->name));
      decl.nonnegative = limited && !symbol_.gives_inflows;
    } else {
      decl.net_rate =
          variable_.net_rate ? translate(t_, scope_, *variable_.net_rate) : net_rate(all);
      if (limited) {
        const ExprId content = build_.name(symbol_.name);
        const ExprId most = build_.negate(build_.divide(content, build_.name("time.step")));
        decl.net_rate = build_.call("max", {*decl.net_rate, most});
        for (const Flow& flow : all) warn_of_elements(flow);
      }
    }
    finish(std::move(decl));
  }

  Translation& t_;
  const std::string& name_;
  const Symbol& symbol_;
  const Variable& variable_;
  Scope scope_;
  Build build_;
};

// An input that is connected has the graphical function of what it is connected to.
void take_connected_tables(Translation& t) {
  for (const std::string& name : t.order) {
    Symbol& symbol = t.symbols.at(name);
    const Symbol* source = &symbol;
    for (size_t steps = 0; source->source && steps <= t.instances.size(); ++steps)
      source = &t.symbols.at(*source->source);
    if (source == &symbol) continue;
    symbol.table = source->table;
    symbol.graph = source->graph;
    symbol.tables = source->tables;
    symbol.only_table = source->only_table;
  }
}

// The unit of what goes into the graphical function of a variable: XMILE has no place for it, so
// it is that of the variable, or the time, that the equation names alone.
std::optional<syntax::UnitExpr> input_unit(Translation& t, const std::string& name) {
  const Symbol& symbol = t.symbols.at(name);
  const Variable& variable = *symbol.variable;
  if (!variable.equation) return std::nullopt;
  const std::string input = identifier(trimmed(variable.equation->value));
  if (const Symbol* source = find_symbol(t, scope_of(symbol, name), input))
    return t.units.read(source->variable->units, source->variable->span);
  if (canonical(input) != "time") return std::nullopt;
  return t.units.read(clock_of(t).time_units, clock_of(t).span);
}

// Graphical functions first: equations anywhere may call them.
void write_tables(Translation& t) {
  for (const std::string& name : t.order) {
    Symbol& symbol = t.symbols.at(name);
    const Variable& variable = *symbol.variable;
    if (symbol.source) continue;
    const bool per_element = std::ranges::any_of(
        variable.elements, [](const Element& element) { return element.gf.has_value(); });
    if (!variable.gf && !per_element) continue;
    const bool has_equation = (variable.equation && !variable.equation->empty()) ||
                              std::ranges::any_of(variable.elements, [](const Element& element) {
                                return element.equation && !element.equation->empty();
                              });
    symbol.only_table = !has_equation;
    const std::string wanted = symbol.only_table ? symbol.name : symbol.name + " (graph)";
    if (variable.gf) {
      if (symbol.only_table) t.taken.erase(symbol.name);
      symbol.table = table_of(t, *variable.gf, wanted, variable.span, input_unit(t, name));
      symbol.graph = &*variable.gf;
    }
    if (!per_element) continue;
    size_t count = 1;
    for (const size_t dim : symbol.dims) count *= t.dims[dim].elements.size();
    symbol.tables.assign(std::min<size_t>(count, 10'000'000), symbol.table);
    for (const Element& element : variable.elements) {
      if (!element.gf || element.subscripts.size() != symbol.dims.size()) continue;
      size_t flat = 0;
      std::string label;
      bool known = true;
      for (size_t i = 0; i < symbol.dims.size(); ++i) {
        const Dim& dim = t.dims[symbol.dims[i]];
        const auto place = find_place(dim, element.subscripts[i]);
        known = known && place;
        if (!place) continue;
        flat = flat * dim.elements.size() + *place;
        label += (i ? "," : "") + dim.elements[*place];
      }
      if (known && flat < symbol.tables.size())
        symbol.tables[flat] =
            table_of(t, *element.gf, fmt::format("{} ({})", symbol.name, label), element.span);
    }
    symbol.table.clear();
  }
  take_connected_tables(t);
}

}  // namespace

ExprId rate_at(const Symbol& stock, const Symbol& flow, const Build& build) {
  std::vector<syntax::Index> indexes;
  bool summed = false;
  for (const size_t dim : flow.dims) {
    const auto at = std::ranges::find(stock.dims, dim);
    summed = summed || at == stock.dims.end();
    indexes.push_back(
        at == stock.dims.end()
            ? build.star()
            : build.index(stock.indexes[static_cast<size_t>(at - stock.dims.begin())]));
  }
  if (!summed) return build.name(flow.name);
  return build.call("sum", {build.element(flow.name, std::move(indexes))});
}

std::vector<syntax::DimensionUse> dimension_uses(const Translation& t, const Symbol& symbol,
                                                 const Build& build) {
  std::vector<syntax::DimensionUse> uses;
  for (size_t i = 0; i < symbol.dims.size(); ++i) {
    const std::string& dim = t.dims[symbol.dims[i]].name;
    syntax::DimensionUse use{build.word(dim), {}};
    if (symbol.indexes[i] != dim) use.index = build.word(symbol.indexes[i]);
    uses.push_back(std::move(use));
  }
  return uses;
}

namespace {

bool has_tables(const Translation& t) {
  return std::ranges::any_of(t.symbols, [](const auto& entry) {
    return entry.second.variable->gf ||
           std::ranges::any_of(entry.second.variable->elements,
                               [](const Element& element) { return element.gf.has_value(); });
  });
}

std::string path_of(const Translation& t, size_t instance) {
  std::string prefix = t.instances[instance].prefix;
  if (!prefix.empty()) prefix.pop_back();  // the dot
  return prefix;
}

// Each module has views of its own.
std::string view_of(const Translation& t, size_t instance, const std::string& view) {
  const std::string module = path_of(t, instance);
  return module.empty() || view.empty() ? module + view : module + ", " + view;
}

void begin_instance(Translation& t, size_t instance) {
  const std::string prefix = path_of(t, instance);
  t.begin_part(prefix.empty() ? kVariablesTitle : "Module " + prefix);
}

}  // namespace

const SimSpecs& clock_of(const Translation& t) {
  const bool inside = !t.file.specs.given && !t.file.models.empty();
  return inside ? t.file.models.front().specs : t.file.specs;
}

std::string table_of(Translation& t, const GraphicalFunction& gf, const std::string& wanted,
                     Span span, std::optional<syntax::UnitExpr> input) {
  const Build build = t.build(gf.span);
  syntax::TableDecl decl;
  const std::string name = t.fresh(wanted);
  decl.name = build.word(name);
  decl.input = build.word("x");
  decl.input_unit = std::move(input);
  decl.points = gf.points;
  decl.beyond = gf.type == GraphicalFunction::Type::kExtrapolate
                    ? syntax::TableDecl::Beyond::kExtrapolate
                : gf.type == GraphicalFunction::Type::kDiscrete ? syntax::TableDecl::Beyond::kStep
                                                                : syntax::TableDecl::Beyond::kClamp;
  if (!decl.points.empty()) t.add({std::move(decl), {}, span});
  return name;
}

// In place of one that cannot be read, which is told: what needs a clock is no further fault.
static void write_some_clock(Translation& t, Span span) {
  const Build build = t.build(span);
  syntax::TimeDecl decl;
  decl.start = build.number(0);
  decl.end = build.number(1);
  decl.step = 1;
  decl.unit = t.units.read_single(clock_of(t).time_units, span);
  t.add({std::move(decl), {}, span});
}

void write_time(Translation& t) {
  const SimSpecs* specs = &clock_of(t);
  const Span span = specs->span;
  if (!specs->given) {
    const Span model = t.file.models.empty() ? Span{} : t.file.models.front().span;
    t.diagnostics.error(Kind::kMissingTime, model, "the file has no `sim_specs`").hint =
        "they hold the start, the stop and the step: "
        "<sim_specs><start>0</start><stop>10</stop><dt>1</dt></sim_specs>";
    return write_some_clock(t, model);
  }
  const auto start = clock_number(t, specs->start, "start", span);
  const auto stop = clock_number(t, specs->stop, "stop", span);
  std::optional<double> step = 1.0;
  if (!specs->step.empty()) step = clock_number(t, specs->step, "step", span);
  if (!start || !stop || !step) return write_some_clock(t, span);
  if (specs->reciprocal && *step != 0) *step = 1 / *step;
  if (!(*step > 0)) {
    t.diagnostics.error(Kind::kBadTime, specs->step.span, "the step must be above 0");
    return write_some_clock(t, span);
  }
  const Build build = t.build(span);
  syntax::TimeDecl decl;
  decl.start = build.number(*start);
  // A run is a whole number of steps: the nearest.
  const double steps = std::round((*stop - *start) / *step);
  const double end = *start + steps * *step;
  decl.end = build.number(std::fabs(end - *stop) <= 1e-6 * *step ? *stop : end);
  decl.step = *step;
  decl.unit = t.units.read_single(specs->time_units, span);
  if (specs->save && *specs->save > *step) {
    decl.save = std::round(*specs->save / *step) * *step;
    if (std::fabs(*decl.save - *specs->save) > 1e-6 * *step)
      t.diagnostics.warning(
          Kind::kBadTime, span,
          fmt::format("values are saved every {}, a whole number of steps", *decl.save));
  }
  const std::string method = canonical(specs->method);
  if (method.find("rk") != std::string::npos && method.find("euler") != 0)
    decl.method = syntax::TimeDecl::Method::kRk4;
  if (decl.method == syntax::TimeDecl::Method::kRk4 && !t.devices.empty()) {
    // What moves once in a step would not be what the stocks between two steps gain and lose.
    decl.method = syntax::TimeDecl::Method::kEuler;
    t.diagnostics.warning(
        Kind::kPassedOver, span,
        fmt::format("passed over: the method `{}`, for `{}` moves once in each step; the run uses "
                    "euler",
                    shown(specs->method), shown(t.symbols.at(t.devices.begin()->first).name)));
  }
  const std::string first = method.substr(0, method.find_first_of(",_"));
  const bool known = method.empty() || first == "euler" || first == "rk4";
  if (!known)
    t.diagnostics.warning(
        Kind::kPassedOver, span,
        fmt::format("the method `{}` is not here; the run uses {}", shown(specs->method),
                    decl.method == syntax::TimeDecl::Method::kRk4 ? "rk4" : "euler"));
  t.add({std::move(decl), {}, span});
}

void write_variables(Translation& t) {
  for (const Dim& dim : t.dims) {
    const Build build = t.build(dim.source->span);
    syntax::DimDecl decl;
    decl.name = build.word(dim.name);
    for (const std::string& element : dim.elements) decl.members.push_back(build.word(element));
    t.add({std::move(decl), {}, dim.source->span});
  }
  if (has_tables(t)) t.begin_part(kTablesTitle);
  write_tables(t);
  std::optional<size_t> instance;
  for (const std::string& name : t.order) {
    const Symbol& symbol = t.symbols.at(name);
    if (instance != symbol.instance) begin_instance(t, symbol.instance);
    instance = symbol.instance;
    if (const auto& position = symbol.variable->position)
      t.layout.places.push_back(
          {symbol.name, position->x, position->y, view_of(t, symbol.instance, position->view)});
    Writer(t, name).write();
  }
}

}  // namespace headrace::import::xmile
