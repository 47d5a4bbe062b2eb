#include "model/context.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "model/walk.h"

namespace headrace::model {

bool is_library(const Context& context, Span span) {
  return span.source.valid() && context.sources[span.source].name == kLibraryName;
}

const Symbol* find_table(const Context& context, const syntax::Name& name) {
  const auto found = context.symbols.find(name.text);
  const bool is_table =
      found != context.symbols.end() && found->second.kind == Symbol::Kind::kTable;
  return is_table && !is_library(context, name.span) ? &found->second : nullptr;
}

const Symbol* find_function(const Context& context, const syntax::Name& name) {
  const auto& functions =
      is_library(context, name.span) ? context.functions_of_library : context.functions;
  const auto found = functions.find(name.text);
  return found == functions.end() ? nullptr : &found->second;
}

std::string suggest(Context& context, std::string_view word,
                    const std::vector<std::string>& names) {
  if (++context.suggestions > kMaxSuggestions) return "";
  return text::nearest(word, names);
}

text::Diagnostic& Context::tell(text::Severity severity, Kind kind, Span span,
                                std::string message) {
  Span at = span;
  std::string function;
  if (is_library(*this, span) && !calls.empty()) {
    for (const Scope* scope = calls.back(); scope; scope = scope->caller.get()) {
      at = scope->call;
      function = scope->function->name.text;
      if (!is_library(*this, at)) break;
    }
  }
  // Of units that do not fit within a function of the library one place for each call will do.
  const bool once =
      at != span && kind == Kind::kUnitMismatch && severity == text::Severity::kWarning;
  const Span place = once ? at : span;
  const auto key =
      std::tuple(static_cast<int>(kind), place.source.index, place.begin, place.end, at.begin);
  if (quiet || !reported.insert(key).second) return ignored = {};
  text::Diagnostic& made = severity == text::Severity::kError
                               ? diagnostics.error(kind, at, std::move(message))
                               : diagnostics.warning(kind, at, std::move(message));
  if (at != span) made.labels.push_back({span, fmt::format("in `{}`", function)});
  return made;
}

text::Diagnostic& Context::error(Kind kind, Span span, std::string message) {
  return tell(text::Severity::kError, kind, span, std::move(message));
}

text::Diagnostic& Context::warning(Kind kind, Span span, std::string message) {
  return tell(text::Severity::kWarning, kind, span, std::move(message));
}

// ---------------------------------------------------------------- trials

Trial::Trial(Context& context, bool quiet)
    : context_(context),
      exprs_(context.model.exprs.size()),
      indexes_(context.model.indexes.size()),
      dimensions_(context.model.dimensions.size()),
      variables_(context.model.variables.size()),
      inputs_(context.model.inputs.size()),
      conversions_(context.model.conversions.size()),
      deferred_(context.deferred.size()),
      calls_made_(context.calls_made),
      names_(context.names_in_order.size()),
      quiet_(context.quiet),
      saw_unknown_(context.saw_unknown) {
  context.quiet |= quiet;
}

Trial::~Trial() {
  const auto cut = [](auto& list, size_t size) {
    list.erase(list.begin() + static_cast<ptrdiff_t>(std::min(size, list.size())), list.end());
  };
  cut(context_.model.exprs, exprs_);
  cut(context_.infos, exprs_);
  cut(context_.model.indexes, indexes_);
  cut(context_.model.dimensions, dimensions_);
  cut(context_.model.variables, variables_);
  cut(context_.model.inputs, inputs_);
  cut(context_.model.conversions, conversions_);
  cut(context_.deferred, deferred_);
  context_.calls_made = calls_made_;
  for (; context_.names_in_order.size() > names_; context_.names_in_order.pop_back()) {
    const auto made = context_.made_names.find(context_.names_in_order.back());
    if (--made->second == 0) context_.made_names.erase(made);
  }
  context_.quiet = quiet_;
  context_.saw_unknown = saw_unknown_;
}

// ---------------------------------------------------------------- expressions

namespace {

struct Weight {
  bool bad = false;
  bool unknown = false;
  uint32_t depth = 0;
  uint64_t size = 0;

  void take(const ExprInfo& info) {
    bad |= info.bad;
    unknown |= info.unknown_unit;
    depth = std::max(depth, info.depth);
    size += info.size;
  }
};

}  // namespace

ExprId Context::add(Expr expr) {
  Weight below;
  for_each_child(expr, [&](ExprId child) { below.take(infos[child.index]); });
  ExprInfo info{below.bad, false, below.unknown, below.depth + 1, below.size + 1};
  const bool deep = info.depth > kMaxDepth;
  const bool large = info.size > kMaxExprSize || model.exprs.size() >= kMaxExprs;
  if (!info.bad && (deep || large)) {
    if (deep) {
      error(Kind::kTooDeep, expr.span,
            fmt::format("this expression is more than {} levels deep", kMaxDepth));
    } else {
      error(Kind::kTooLarge, expr.span, "this expression is too large once it is written out");
    }
    too_large |= large;
    info.bad = true;
  }
  if (info.bad) {  // What is built on a fault keeps no weight.
    expr.node = Constant{0};
    info = {true, true, false, 1, 1};
  }
  model.exprs.push_back(std::move(expr));
  infos.push_back(info);
  return ExprId(model.exprs.size() - 1);
}

ExprId Context::constant(double value, Span span, Unit unit) {
  return add({Constant{value}, Type::kNumber, std::move(unit), span});
}

ExprId Context::bad(Span span) {
  model.exprs.push_back({Constant{0}, Type::kNumber, Unit(), span});
  infos.push_back({true, true, false, 1, 1});
  return ExprId(model.exprs.size() - 1);
}

ExprId Context::apply(Op op, std::vector<ExprId> arguments, Type type, const Unit& unit,
                      Span span) {
  return add({Apply{op, std::move(arguments)}, type, unit, span});
}

ExprId Context::with(ExprId id, Type type, const Unit& unit) {
  Expr copy = model.exprs[id.index];
  ExprInfo info = infos[id.index];
  copy.type = type;
  copy.unit = unit;
  info.any_unit = info.bad;
  info.unknown_unit = false;
  model.exprs.push_back(std::move(copy));
  infos.push_back(info);
  return ExprId(model.exprs.size() - 1);
}

std::optional<double> Context::literal(ExprId id) const {
  if (auto* constant = std::get_if<Constant>(&model.exprs[id.index].node)) return constant->value;
  return std::nullopt;
}

// ---------------------------------------------------------------- variables and indexes

VarId Context::add_variable(Variable variable) {
  if (model.variables.size() >= kMaxVariables && !too_large) {
    too_large = true;
    error(Kind::kTooLarge, variable.span,
          fmt::format("functions make this a model of more than {} variables", kMaxVariables));
  }
  model.variables.push_back(std::move(variable));
  return VarId(model.variables.size() - 1);
}

IndexId Context::add_index(std::string name, DimId dimension, std::vector<uint32_t> positions) {
  model.indexes.push_back({std::move(name), dimension, std::move(positions)});
  return IndexId(model.indexes.size() - 1);
}

IndexId Context::add_full_index(std::string name, DimId dimension) {
  std::vector<uint32_t> positions(model[dimension].members.size());
  std::iota(positions.begin(), positions.end(), 0);
  return add_index(std::move(name), dimension, std::move(positions));
}

std::string Context::made_name(const Env& env, std::string_view what) {
  std::string name = what.starts_with('.') ? fmt::format("{}{}", env.owner, what)
                                           : fmt::format("{}/{}", env.owner, what);
  const uint32_t repeat = ++made_names[name];
  names_in_order.push_back(name);
  return repeat == 1 ? name : fmt::format("{}#{}", name, repeat);
}

}  // namespace headrace::model
