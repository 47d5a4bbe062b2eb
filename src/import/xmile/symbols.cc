// Names: dimensions, modules put in place, connections, and the variables of each use.

#include <fmt/format.h>

#include <algorithm>

#include "import/names.h"
#include "import/xmile/translation.h"

namespace headrace::import::xmile {
namespace {

constexpr size_t kMostInstances = 20'000;
constexpr size_t kDeepest = 50;  // modules within modules
constexpr size_t kMostSymbols = 300'000;

std::string canonical_in(const Instance& instance, std::string_view name) {
  return canonical(instance.prefix + std::string(name));
}

class Declaring {
 public:
  explicit Declaring(Translation& t) : t_(t) {}

  void run() {
    for (const Model& model : t_.file.models) {
      if (!model.name.empty()) models_.emplace(canonical(model.name), &model);
    }
    const Model* root = find_root();
    if (!root) {
      t_.diagnostics.error(Kind::kBadStatement, t_.file.span, "the file holds no `model`");
      return;
    }
    use(*root, "", 0, 0);
    connect();
    count_flows();
  }

 private:
  // The model without a name, or else the first: some tools name it.
  const Model* find_root() const {
    for (const Model& model : t_.file.models) {
      if (model.name.empty()) return &model;
    }
    return t_.file.models.empty() ? nullptr : &t_.file.models.front();
  }

  void use(const Model& model, const std::string& prefix, size_t parent, size_t depth) {
    if (t_.instances.size() >= kMostInstances || depth > kDeepest ||
        t_.symbols.size() > kMostSymbols) {
      if (!told_)
        t_.diagnostics.error(
            Kind::kTooLarge, model.span,
            fmt::format("modules nest more than {} deep, or there are too many", kDeepest));
      told_ = true;
      return;
    }
    const size_t place = t_.instances.size();
    Instance instance;
    instance.model = &model;
    instance.prefix = prefix;
    instance.parent = parent;
    instance.stocks_non_negative =
        model.behavior.stocks.value_or(t_.file.behavior.stocks.value_or(false));
    instance.flows_non_negative =
        model.behavior.flows.value_or(t_.file.behavior.flows.value_or(false));
    t_.instances.push_back(instance);
    for (const Variable& variable : model.variables) {
      if (variable.kind == Variable::Kind::kModule)
        use_module(variable, prefix, place, depth);
      else
        declare(variable, prefix, place);
    }
  }

  void use_module(const Variable& module, const std::string& prefix, size_t place, size_t depth) {
    const std::string name = display(module.name);
    const auto model = models_.find(canonical(module.model.empty() ? name : module.model));
    if (model == models_.end()) {
      t_.diagnostics.error(
          Kind::kUnknownName, module.span,
          fmt::format("the module `{}` has no model of its name", shown(prefix + name)));
      return;
    }
    check_specs(*model->second);
    modules_.push_back({&module, place});
    places_[canonical(name)].push_back(prefix + name + ".");
    use(*model->second, prefix + name + ".", place, depth + 1);
  }

  // A model within a model runs with it: with the same clock, or not at all.
  void check_specs(const Model& model) {
    const SimSpecs& whole = t_.file.specs;
    const SimSpecs& own = model.specs;
    if (!own.given || !whole.given) return;
    const auto differs = [](const Text& a, const Text& b) {
      return !a.empty() && constant_in(a) != constant_in(b);
    };
    const bool other_step =
        !own.step.empty() && (differs(own.step, whole.step) || own.reciprocal != whole.reciprocal);
    const bool other_method =
        !own.method.empty() && canonical(own.method) != canonical(whole.method);
    if (!other_step && !other_method && !differs(own.start, whole.start) &&
        !differs(own.stop, whole.stop))
      return;
    if (!specs_told_.insert(&model).second) return;
    t_.diagnostics
        .error(
            Kind::kUnsupported, own.span,
            fmt::format("`{}` is a part of the model with a clock of its own, which this version "
                        "does not read",
                        shown(model.name)))
        .labels.push_back({whole.span, "the clock of the whole"});
  }

  void declare(const Variable& variable, const std::string& prefix, size_t place) {
    const std::string name = prefix + display(variable.name);
    Symbol symbol;
    symbol.variable = &variable;
    symbol.instance = place;
    for (const std::string& dimension : variable.dimensions) {
      const auto dim = find_dim(t_, dimension);
      if (!dim) {
        t_.diagnostics.error(Kind::kUnknownDimension, variable.span,
                             fmt::format("there is no dimension `{}`", shown(dimension)));
        continue;
      }
      std::string index = t_.dims[*dim].name;
      for (int k = 2; std::ranges::find(symbol.indexes, index) != symbol.indexes.end(); ++k)
        index = fmt::format("{} {}", t_.dims[*dim].name, k);
      symbol.dims.push_back(*dim);
      symbol.indexes.push_back(std::move(index));
    }
    const auto [at, fresh] = t_.symbols.emplace(canonical(name), std::move(symbol));
    if (!fresh) {
      t_.diagnostics
          .error(Kind::kDuplicateName, variable.span,
                 fmt::format("`{}` is defined twice", shown(name)))
          .labels.push_back({at->second.variable->span, "first here"});
      return;
    }
    at->second.name = t_.fresh(variable.internal ? "_" + visible(name) : visible(name));
    t_.order.push_back(at->first);
  }

  // `to` names an input in the module, with or without the module's own name in front.
  void connect() {
    for (const auto& [module, place] : modules_) {
      const Instance& parent = t_.instances[place];
      const std::string own = canonical(display(module->name)) + ".";
      for (const Connection& connection : module->connections) {
        const auto input = find_input(connection, parent, own);
        Scope scope;
        scope.instance = place;
        const Symbol* source = find_symbol(t_, scope, connection.from);
        if (const auto far = find_anywhere(connection.from); !source && far != t_.symbols.end())
          source = &far->second;
        if (input == t_.symbols.end() || !source) {
          const bool lacks_input = input == t_.symbols.end();
          t_.diagnostics.error(Kind::kUnknownName, connection.span,
                               fmt::format("nothing is called `{}`",
                                           shown(lacks_input ? connection.to : connection.from)));
          continue;
        }
        if (source == &input->second) continue;
        input->second.source = name_of(source);
        if (input->second.dims.empty()) {
          input->second.dims = source->dims;
          input->second.indexes = source->indexes;
        }
      }
    }
  }

  // What a connection leads to: an input of the module, with or without the module's own name; with
  // a dot in front a variable of the root; one beside the module that takes its output; or one of a
  // module elsewhere.
  std::unordered_map<std::string, Symbol>::iterator find_input(const Connection& connection,
                                                               const Instance& parent,
                                                               const std::string& own) {
    const std::string to = canonical(connection.to);
    const std::string beside = canonical(parent.prefix), inner = canonical_in(parent, own);
    const std::string bare = to.starts_with('.') ? to.substr(1) : to;
    std::vector<std::string> places = {inner + to, beside + to};
    if (to.starts_with('.')) places = {bare, beside + bare, inner + bare};
    if (to.starts_with(own)) places = {beside + to, inner + to};
    for (const std::string& place : places) {
      if (const auto found = t_.symbols.find(place); found != t_.symbols.end()) return found;
    }
    return find_anywhere(to);
  }

  // Stella names a variable by its module alone, wherever that stands, when no other is called so.
  std::unordered_map<std::string, Symbol>::iterator find_anywhere(std::string_view name) {
    const std::string wanted = canonical(name);
    const size_t dot = wanted.find('.');
    const auto places = places_.find(wanted.substr(0, dot));
    if (dot == std::string::npos || places == places_.end() || places->second.size() != 1)
      return t_.symbols.end();
    return t_.symbols.find(canonical(places->second.front() + wanted.substr(dot + 1)));
  }

  std::string name_of(const Symbol* wanted) const {
    return canonical(t_.instances[wanted->instance].prefix + display(wanted->variable->name));
  }

  void count_flows() {
    for (const std::string& name : t_.order) {
      const Symbol& stock = t_.symbols.at(name);
      if (stock.variable->kind != Variable::Kind::kStock || stock.source) continue;
      const Scope scope = scope_of(stock, name);
      const auto count = [&](const std::vector<Text>& flows, int Symbol::*counter) {
        for (const Text& flow : flows) {
          if (const Symbol* found = find_symbol(t_, scope, identifier(flow.value)))
            ++(const_cast<Symbol*>(found)->*counter);
        }
      };
      count(stock.variable->inflows, &Symbol::inflow_of);
      count(stock.variable->outflows, &Symbol::outflow_of);
    }
  }

  Translation& t_;
  std::unordered_map<std::string, const Model*> models_;
  std::vector<std::pair<const Variable*, size_t>> modules_;  // with the instance they stand in
  std::unordered_map<std::string, std::vector<std::string>> places_;  // of modules by their names
  std::set<const Model*> specs_told_;
  bool told_ = false;
};

}  // namespace

std::string Translation::fresh(const std::string& wanted) {
  std::string name = wanted.empty() ? "unnamed" : wanted;
  for (int k = 2; !taken.insert(name).second; ++k) name = fmt::format("{} {}", wanted, k);
  return name;
}

void declare_dims(Translation& t) {
  std::set<std::string> variables;
  for (const Model& model : t.file.models) {
    for (const Variable& variable : model.variables) variables.insert(canonical(variable.name));
  }
  for (const Dimension& dimension : t.file.dimensions) {
    const std::string name = canonical(dimension.name);
    if (name.empty()) continue;
    if (t.dims_by_name.contains(name)) {
      t.diagnostics.error(
          Kind::kDuplicateName, dimension.span,
          fmt::format("the dimension `{}` is defined twice", shown(dimension.name)));
      continue;
    }
    Dim dim;
    dim.source = &dimension;
    dim.numbered = dimension.numbered;
    // Dimensions have names of their own in XMILE, but not here.
    dim.name = t.fresh(variables.contains(name) ? dimension.name + " (dimension)" : dimension.name);
    for (const std::string& element : dimension.elements) {
      if (dim.places.emplace(canonical(element), dim.elements.size()).second)
        dim.elements.push_back(element);
    }
    t.dims_by_name.emplace(name, t.dims.size());
    t.dims.push_back(std::move(dim));
  }
  for (const Macro& macro : t.file.macros) {
    t.macros.emplace(canonical(macro.name), &macro);
    for (const std::string& space : macro.namespaces)
      t.macros.emplace(canonical(space + "." + macro.name), &macro);
  }
}

void declare_symbols(Translation& t) { Declaring(t).run(); }

Scope scope_of(const Symbol& symbol, const std::string& canonical_name) {
  Scope scope;
  scope.instance = symbol.instance;
  scope.self = canonical_name;
  for (size_t i = 0; i < symbol.dims.size(); ++i)
    scope.bound.emplace_back(symbol.dims[i], symbol.indexes[i]);
  return scope;
}

const Symbol* find_symbol(const Translation& t, const Scope& scope, std::string_view name) {
  std::string wanted = canonical(name);
  const auto look = [&](const std::string& full) -> const Symbol* {
    const auto found = t.symbols.find(full);
    return found == t.symbols.end() ? nullptr : &found->second;
  };
  const std::string prefix = canonical(t.instances[scope.instance].prefix);
  if (wanted.starts_with('.')) {
    wanted.erase(0, 1);
    const Symbol* near = look(prefix + wanted);
    const Symbol* root = look(wanted);
    return root ? root : near;
  }
  if (const Symbol* near = look(prefix + wanted)) return near;
  // A name with a dot may also count from a model further out.
  if (wanted.find('.') == std::string::npos) return nullptr;
  for (size_t at = scope.instance; at != 0; at = t.instances[at].parent) {
    const size_t parent = t.instances[at].parent;
    if (const Symbol* found = look(canonical(t.instances[parent].prefix) + wanted)) return found;
  }
  return nullptr;
}

std::optional<size_t> find_dim(const Translation& t, std::string_view name) {
  const auto found = t.dims_by_name.find(canonical(name));
  if (found == t.dims_by_name.end()) return std::nullopt;
  return found->second;
}

std::optional<size_t> find_place(const Dim& dim, std::string_view element) {
  const auto found = dim.places.find(canonical(element));
  if (found == dim.places.end()) return std::nullopt;
  return found->second;
}

}  // namespace headrace::import::xmile
