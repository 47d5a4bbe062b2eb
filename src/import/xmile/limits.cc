// Stella lets a stock that cannot fall below zero give away what it holds and what comes in within
// the step, to its outflows in their order. Where an inflow hangs on an outflow at the same moment
// that is a circle, and the stock gives what it holds alone.

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "import/names.h"
#include "import/xmile/translation.h"

namespace headrace::import::xmile {

using syntax::ExprId;

namespace {

class Limits {
 public:
  explicit Limits(Translation& t) : t_(t) {}

  void find() {
    bool read = false;
    for (const std::string& name : t_.order) {
      Symbol& stock = t_.symbols.at(name);
      const std::vector<Symbol*> in = flows(stock, name, stock.variable->inflows);
      const std::vector<Symbol*> out = flows(stock, name, stock.variable->outflows);
      if (in.empty() || out.empty() || in.size() != stock.variable->inflows.size() ||
          out.size() != stock.variable->outflows.size() || !fits(stock, name, in, out))
        continue;
      if (!read) read_all();
      read = true;
      if (circle(in, out)) continue;
      stock.gives_inflows = true;
      for (size_t k = 0; k < out.size(); ++k) {
        out[k]->limit_stock = name;
        out[k]->limit_rank = k;
        for (const Symbol* flow : in) uses_[out[k]].push_back(flow);
      }
    }
  }

 private:
  std::vector<Symbol*> flows(const Symbol& stock, const std::string& name,
                             const std::vector<Text>& texts) {
    std::vector<Symbol*> all;
    if (stock.variable->kind != Variable::Kind::kStock || stock.source) return all;
    const Scope scope = scope_of(stock, name);
    for (const Text& text : texts) {
      if (const Symbol* flow = find_symbol(t_, scope, identifier(text.value)))
        all.push_back(const_cast<Symbol*>(flow));
    }
    return all;
  }

  // Flows of the stock's own dimensions, each of them in one place only.
  bool fits(const Symbol& stock, const std::string& name, const std::vector<Symbol*>& in,
            const std::vector<Symbol*>& out) const {
    const bool inherited = t_.instances[stock.instance].stocks_non_negative;
    if (!stock.variable->non_negative.value_or(inherited) || t_.devices.contains(name))
      return false;
    std::unordered_set<const Symbol*> seen;
    const auto plain = [&](const Symbol* flow) {
      return flow->variable->kind == Variable::Kind::kFlow && !flow->source &&
             flow->dims == stock.dims && flow->inflow_of < 2 && flow->outflow_of < 2 &&
             seen.insert(flow).second;
    };
    return std::ranges::all_of(in, plain) && std::ranges::all_of(out, plain) &&
           std::ranges::none_of(
               in, [](const Symbol* flow) { return flow->variable->multiplier.has_value(); });
  }

  // What each variable's equations name, those of the start among them.
  void read_all() {
    for (const std::string& name : t_.order) {
      const Symbol& symbol = t_.symbols.at(name);
      if (symbol.source) {
        uses_[&symbol].push_back(&t_.symbols.at(*symbol.source));
        continue;
      }
      const Variable& variable = *symbol.variable;
      const Scope scope = scope_of(symbol, name);
      const auto read = [&](const std::optional<Text>& text) {
        if (text && !text->empty()) take(symbol, scope, *text);
      };
      read(variable.equation);
      read(variable.initial);
      read(variable.multiplier);
      for (const Element& element : variable.elements) {
        read(element.equation);
        read(element.initial);
      }
      if (const auto& conveyor = variable.conveyor) {
        for (const Text* text : {&conveyor->length, &conveyor->capacity, &conveyor->inflow_limit,
                                 &conveyor->sample, &conveyor->arrest})
          read(*text);
      }
      if (const auto& oven = variable.oven) {
        for (const Text* text : {&oven->cook_time, &oven->capacity, &oven->fill_time,
                                 &oven->clean_time, &oven->arrest})
          read(*text);
      }
      // What comes out of a device hangs on what goes in, and what goes in on the room there is.
      for (const std::string& device : {symbol.driven_by, symbol.enters}) {
        if (!t_.devices.contains(device)) continue;
        const Symbol& stock = t_.symbols.at(device);
        uses_[&symbol].push_back(&stock);
        for (const auto* texts : {&stock.variable->inflows, &stock.variable->outflows}) {
          for (const Symbol* flow : flows(stock, device, *texts)) {
            if (flow != &symbol) uses_[&symbol].push_back(flow);
          }
        }
      }
    }
  }

  void take(const Symbol& symbol, const Scope& scope, const Text& text) {
    Formulas formulas;
    text::Diagnostics unheard;  // told where the equation is translated
    parse(t_.sources, text, formulas, unheard);
    for (const Formula& formula : formulas.nodes) {
      if (formula.text.empty()) continue;
      if (const Symbol* used = find_symbol(t_, scope, formula.text)) uses_[&symbol].push_back(used);
    }
  }

  bool circle(const std::vector<Symbol*>& in, const std::vector<Symbol*>& out) const {
    std::unordered_set<const Symbol*> seen;
    std::vector<const Symbol*> open(in.begin(), in.end());
    while (!open.empty()) {
      const Symbol* symbol = open.back();
      open.pop_back();
      if (!seen.insert(symbol).second) continue;
      if (std::ranges::find(out, symbol) != out.end()) return true;
      const auto used = uses_.find(symbol);
      if (used != uses_.end()) open.insert(open.end(), used->second.begin(), used->second.end());
    }
    return false;
  }

  Translation& t_;
  std::unordered_map<const Symbol*, std::vector<const Symbol*>> uses_;
};

}  // namespace

void find_limits(Translation& t) {
  if (t.file.from_stella()) Limits(t).find();
}

ExprId within_stock(Translation& t, const Symbol& flow, ExprId wanted) {
  if (flow.limit_stock.empty()) return wanted;
  const Symbol& stock = t.symbols.at(flow.limit_stock);
  const Scope scope = scope_of(stock, flow.limit_stock);
  const Build build = t.build(flow.variable->span);
  ExprId room = build.divide(build.name(stock.name), build.name("time.step"));
  for (const Text& text : stock.variable->inflows)
    room = build.add(room, build.name(find_symbol(t, scope, identifier(text.value))->name));
  for (size_t k = 0; k < flow.limit_rank; ++k) {
    const Text& text = stock.variable->outflows[k];
    room = build.subtract(room, build.name(find_symbol(t, scope, identifier(text.value))->name));
  }
  return build.call("min", {wanted, build.call("max", {room, build.number(0)})});
}

}  // namespace headrace::import::xmile
