// What a name means where it stands, and which elements of an array it reads.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/undefined.h"
#include "model/context.h"

namespace headrace::model {
namespace {

// ---------------------------------------------------------------- places

bool excused(const Context& context, const Env& env, const Ordinals& ordinals) {
  return std::any_of(env.guards.begin(), env.guards.end(), [&](const Guard& guard) {
    const auto truth = evaluate_guard(context, guard.condition, ordinals);
    return truth && *truth != guard.holds;
  });
}

// The first ordinal that reads outside without a guard against it.
std::optional<uint32_t> unguarded(const Context& context, const Env& env,
                                  const Subscript& subscript) {
  for (uint32_t k = 0; k < subscript.map.size(); ++k) {
    if (subscript.map[k] < 0 && !excused(context, env, {{subscript.index, k}})) return k;
  }
  return std::nullopt;
}

const BoundIndex* find_bound(const Env& env, std::string_view name) {
  for (size_t i = env.bound.size(); i-- > 0;) {
    if (!env.bound[i].hidden && !env.bound[i].summed && env.bound[i].name == name)
      return &env.bound[i];
  }
  return nullptr;
}

std::optional<DimId> named_dimension(const Context& context, const Env& env,
                                     const std::string& name) {
  if (env.scope) {
    if (auto at = env.scope->dims.find(name); at != env.scope->dims.end()) return at->second;
  }
  const auto at = context.symbols.find(name);
  if (at != context.symbols.end() && at->second.kind == Symbol::Kind::kDimension)
    return DimId(at->second.id);
  return std::nullopt;
}

// A subscript that reads outside the dimension at some member.
struct Outside {
  std::string member;
};

struct Place {
  std::optional<Subscript> subscript;  // nothing: a diagnostic has been given
  bool reads_nothing = false;          // a fixed index outside, under a guard
};

class Places {
 public:
  Places(Context& context, const Env& env, std::string_view variable, Span span)
      : context_(context), env_(env), variable_(variable), span_(span) {}

  Place explicit_place(const syntax::Index& index, DimId dimension) {
    using K = syntax::Index::Kind;
    if (index.kind == K::kStar) return star(index, dimension);
    if (index.kind == K::kNumber)
      return member(std::to_string(index.number), index.span, dimension);
    if (!index.map.text.empty()) return mapped(index, dimension);
    if (const BoundIndex* bound = find_bound(env_, index.name.text))
      return shifted(*bound, index, dimension);
    if (index.number == 0) {
      if (auto place = find_member(context_, dimension, index.name.text))
        return {Subscript{{}, *place, {}}, false};
    }
    if (auto range = named_dimension(context_, env_, index.name.text))
      return over_range(*range, index, dimension);
    return member(index.name.text, index.span, dimension);
  }

  // The place `at` of an array with these dimensions, where it has no brackets.
  Place bare_place(const std::vector<DimId>& dims, size_t at) {
    const DimId dimension = dims[at];
    const auto repeat = static_cast<uint32_t>(
        std::count(dims.begin(), dims.begin() + static_cast<ptrdiff_t>(at), dimension));
    if (env_.bare_sums) {
      for (const BoundIndex& bound : env_.bound) {
        if (bound.summed && !bound.hidden && bound.dimension == dimension && bound.repeat == repeat)
          return connected(bound, dimension, span_);
      }
    }
    return bare_place_in_scope(
        dimension, repeat, static_cast<size_t>(std::count(dims.begin(), dims.end(), dimension)));
  }

 private:
  Place star(const syntax::Index& index, DimId dimension) {
    const auto repeat = stars_[dimension.index]++;
    for (const BoundIndex& bound : env_.bound) {
      if (bound.summed && !bound.hidden && bound.dimension == dimension && bound.repeat == repeat)
        return connected(bound, dimension, index.span);
    }
    context_.error(Kind::kShapeMismatch, index.span, "`*` stands inside a reducer only").hint =
        "for example `sum(x[*])`";
    return {};
  }

  Place member(const std::string& name, Span span, DimId dimension) {
    if (auto place = find_member(context_, dimension, name))
      return {Subscript{{}, *place, {}}, false};
    const Dimension& dim = context_.model[dimension];
    auto& diagnostic = context_.error(Kind::kUnknownMember, span,
                                      fmt::format("`{}` is not a member of `{}`", name, dim.name));
    diagnostic.labels.push_back({dim.span, "members: " + member_list(context_, dimension)});
    std::vector<std::string> names = dim.members;
    for (const BoundIndex& bound : env_.bound) {
      if (!bound.hidden && !bound.summed) names.push_back(bound.name);
    }
    if (auto near = suggest(context_, name, names); !near.empty())
      diagnostic.hint = fmt::format("did you mean `{}`?", near);
    return {};
  }

  // `older(c)`: what a named map says of an index, or of a member.
  Place mapped(const syntax::Index& index, DimId dimension) {
    const auto known = context_.maps_by_name.find(index.map.text);
    if (known == context_.maps_by_name.end()) {
      context_.error(Kind::kUnknownName, index.map.span,
                     fmt::format("there is no map `{}`", index.map.text));
      return {};
    }
    const MapTable& map = context_.maps[known->second];
    const BoundIndex* bound = find_bound(env_, index.name.text);
    if (!bound) {
      context_.error(Kind::kShapeMismatch, index.span,
                     fmt::format("no index is called `{}` here", index.name.text));
      return {};
    }
    bool lacks = false;
    auto subscript = connect_through(context_, map, *bound, dimension, lacks);
    if (!subscript) return unrelated(*bound, dimension, index.span);
    return completed(std::move(*subscript), lacks, *bound, dimension, index.span);
  }

  // `c - 1`: neighbours in the dimension of the variable.
  Place shifted(const BoundIndex& bound, const syntax::Index& index, DimId dimension) {
    if (index.number == 0) return connected(bound, dimension, index.span);
    bool lacks = false;
    auto subscript = connect(context_, bound, dimension, lacks);
    if (!subscript) return unrelated(bound, dimension, index.span);
    const auto count = static_cast<int64_t>(context_.model[dimension].members.size());
    const auto shift = [&](int64_t place) {
      const int64_t moved = place + index.number;
      return place < 0 || moved < 0 || moved >= count ? int64_t{-1} : moved;
    };
    if (!subscript->index.valid()) {
      const int64_t moved = lacks ? -1 : shift(subscript->position);
      if (moved >= 0) return {Subscript{{}, static_cast<uint32_t>(moved), {}}, false};
      if (excused(context_, env_, {})) return {Subscript{}, true};
      return outside(bound, index, dimension, bound.position);
    }
    if (subscript->map.empty()) {
      subscript->map.resize(context_.model[bound.index].positions.size());
      for (size_t k = 0; k < subscript->map.size(); ++k)
        subscript->map[k] = static_cast<int32_t>(k);
    }
    for (int32_t& place : subscript->map) place = static_cast<int32_t>(shift(place));
    if (auto at = unguarded(context_, env_, *subscript))
      return outside(bound, index, dimension, context_.model[bound.index].positions[*at]);
    return {std::move(subscript), false};
  }

  Place outside(const BoundIndex& bound, const syntax::Index& index, DimId dimension,
                uint32_t position) {
    const std::string& member = context_.model[bound.dimension].members[position];
    context_
        .error(Kind::kMissingElement, index.span,
               fmt::format("`{} {} {}` lies outside `{}` where `{}` is `{}`", bound.name,
                           index.number < 0 ? '-' : '+', std::abs(index.number),
                           context_.model[dimension].name, bound.name, member))
        .hint = fmt::format("guard it with a condition on `position({})`", bound.name);
    return {};
  }

  // `x[leading]` or `x[country]`: the index in scope that runs over these members.
  Place over_range(DimId range, const syntax::Index& index, DimId dimension) {
    const BoundIndex* found = nullptr;
    for (const BoundIndex& bound : env_.bound) {
      if (bound.hidden || bound.summed) continue;
      if (context_.model[bound.dimension].root != context_.model[range].root) continue;
      bool lacks = false;
      if (!connect(context_, bound, range, lacks) || lacks) continue;
      if (found) return ambiguous(range, index.span);
      found = &bound;
    }
    if (!found) {
      context_.error(Kind::kShapeMismatch, index.span,
                     fmt::format("no index runs over `{}` here", context_.model[range].name));
      return {};
    }
    return shifted(*found, index, dimension);
  }

  // An array that has the dimension as often as indexes run over it is read place by place.
  Place bare_place_in_scope(DimId dimension, uint32_t repeat, size_t times) {
    const DimId root = context_.model[dimension].root;
    std::vector<const BoundIndex*> exact, same, mapped;
    for (const BoundIndex& bound : env_.bound) {
      if (bound.hidden || bound.summed) continue;
      bool lacks = false;
      if (bound.dimension == dimension) exact.push_back(&bound);
      if (context_.model[bound.dimension].root == root)
        same.push_back(&bound);
      else if (connect(context_, bound, dimension, lacks))
        mapped.push_back(&bound);
    }
    if (times > 1 && exact.size() == times && same.size() == times)
      return connected(*exact[repeat], dimension, span_);
    for (const auto* candidates : {&exact, &same, &mapped}) {
      if (candidates == &exact && (same.size() > 1 && exact.size() != 1)) continue;
      if (candidates->size() == 1) return connected(*candidates->front(), dimension, span_);
      if (candidates->size() > 1) return ambiguous(dimension, span_);
    }
    return unbound(dimension);
  }

  Place connected(const BoundIndex& bound, DimId dimension, Span span) {
    bool lacks = false;
    auto subscript = connect(context_, bound, dimension, lacks);
    if (!subscript) return unrelated(bound, dimension, span);
    return completed(std::move(*subscript), lacks, bound, dimension, span);
  }

  // A place that may lie outside for some members.
  Place completed(Subscript subscript, bool lacks, const BoundIndex& bound, DimId dimension,
                  Span span) {
    if (!lacks) return {std::move(subscript), false};
    if (!subscript.index.valid()) {
      if (excused(context_, env_, {})) return {Subscript{}, true};
      return lacking(bound, dimension, span, bound.position);
    }
    if (auto at = unguarded(context_, env_, subscript))
      return lacking(bound, dimension, span, context_.model[bound.index].positions[*at]);
    return {std::move(subscript), false};
  }

  Place lacking(const BoundIndex& bound, DimId dimension, Span span, uint32_t position) {
    context_
        .error(Kind::kMissingElement, span,
               fmt::format("`{}` has no element for `{}` of `{}`", variable_,
                           context_.model[bound.dimension].members[position],
                           context_.model[bound.dimension].name))
        .labels.push_back({context_.model[dimension].span, "its dimension"});
    return {};
  }

  Place unrelated(const BoundIndex& bound, DimId dimension, Span span) {
    context_
        .error(Kind::kShapeMismatch, span,
               fmt::format("`{}` runs over `{}`, but `{}` wants a member of `{}` here", bound.name,
                           context_.model[bound.dimension].name, variable_,
                           context_.model[dimension].name))
        .labels.push_back({context_.model[dimension].span, "declared here"});
    return {};
  }

  Place ambiguous(DimId dimension, Span span) {
    std::string names;
    for (const BoundIndex& bound : env_.bound) {
      if (bound.hidden || bound.summed) continue;
      if (context_.model[bound.dimension].root != context_.model[dimension].root) continue;
      names += fmt::format("{}`{}`", names.empty() ? "" : " and ", bound.name);
    }
    context_
        .error(Kind::kShapeMismatch, span,
               fmt::format("several indexes run over `{}` here: {}", context_.model[dimension].name,
                           names))
        .hint = fmt::format("say which one in brackets: `{}[...]`", variable_);
    return {};
  }

  Place unbound(DimId dimension) {
    const std::string& name = context_.model[dimension].name;
    auto& diagnostic = context_.error(
        Kind::kShapeMismatch, span_,
        fmt::format("`{}` has a value for each member of `{}`, and a single one is needed here",
                    variable_, name));
    diagnostic.labels.push_back({context_.model[dimension].span, "dimension declared here"});
    diagnostic.hint = fmt::format(
        "choose a member, `{0}[{1}]`, or reduce it, `sum({0})`", variable_,
        context_.model[dimension].members.empty() ? name
                                                  : context_.model[dimension].members.front());
    return {};
  }

  Context& context_;
  const Env& env_;
  std::string_view variable_;
  Span span_;
  std::map<uint32_t, uint32_t> stars_;
};

// ---------------------------------------------------------------- loads

ExprId finish_load(Context& context, VarId id, std::vector<Subscript> subscripts, Span span) {
  const Variable& variable = context.var(id);
  Declaration* declaration = context.declaration(id);
  if (declaration) {
    declaration->used = true;
    if (declaration->bad) return context.bad(span);
  }
  const ExprId load =
      context.add({Load{id, std::move(subscripts)}, variable.type, variable.unit, span});
  if (declaration && !declaration->unit_known) {
    context.infos[load.index].unknown_unit = true;
    context.saw_unknown = true;
  }
  return load;
}

// Only what stays the same over a run may stand in answers outside `at` and `over`.
bool fixed_in_answer(Context& context, const Env& env, VarId id, std::string_view name, Span span) {
  if (env.mode != Mode::kAnswer || id.index >= context.varies.size() || !context.varies[id.index])
    return true;
  context
      .error(Kind::kNotConstant, span,
             fmt::format("`{}` changes over time, and other parts of this answer say when", name))
      .hint = fmt::format("say when: `{} at time.end`, or `over` a period", name);
  return false;
}

ExprId load(Context& context, const Env& env, VarId id, std::vector<Subscript> subscripts,
            const std::vector<DimId>& dims, const std::vector<syntax::Index>& indexes,
            std::string_view name, Span span) {
  if (!fixed_in_answer(context, env, id, name, span)) return context.bad(span);
  if (!indexes.empty() && indexes.size() != dims.size()) {
    context.error(Kind::kShapeMismatch, span,
                  dims.empty()
                      ? fmt::format("`{}` has no dimensions, so it takes no brackets", name)
                      : fmt::format("`{}` has the dimensions {}, not {}", name,
                                    dims_text(context, dims), indexes.size()));
    return context.bad(span);
  }
  Places places(context, env, name, span);
  bool reads_nothing = false;
  for (size_t i = 0; i < dims.size(); ++i) {
    Place place =
        indexes.empty() ? places.bare_place(dims, i) : places.explicit_place(indexes[i], dims[i]);
    if (!place.subscript) return context.bad(span);
    reads_nothing |= place.reads_nothing;
    subscripts.push_back(std::move(*place.subscript));
  }
  if (reads_nothing) return context.constant(0, span, context.var(id).unit);
  return finish_load(context, id, std::move(subscripts), span);
}

ExprId lower_local(Context& context, const Env& env, const syntax::Reference& node, Span span) {
  if (!ensure_local(context, env, node.name.text)) return context.bad(span);
  const Local& local = env.scope->locals.at(node.name.text);
  if (local.value.valid()) {
    if (context.is_bad(local.value)) return context.bad(span);
    if (!node.indexes.empty()) {
      context.error(Kind::kShapeMismatch, span,
                    fmt::format("`{}` is one value inside the function, so it takes no brackets",
                                node.name.text));
      return context.bad(span);
    }
    return local.value;
  }
  return load(context, env, local.variable, local.prefix, local.dims, node.indexes, node.name.text,
              span);
}

// ---------------------------------------------------------------- words

ExprId time_word(Context& context, const Env& env, const std::string& name, Span span) {
  const Clock& clock = context.model.clock;
  if (clock.is_static) {
    context.error(Kind::kMissingTime, span, fmt::format("`{}` needs a `time` statement", name));
    return context.bad(span);
  }
  const Type type = clock.calendar ? Type::kDate : Type::kNumber;
  const auto moment = [&](double value) {
    return context.add({Constant{value}, type, context.clock_unit, span});
  };
  if (name == "time.start") return moment(clock.start);
  if (name == "time.end") return moment(clock.time(clock.steps));
  if (name == "time.step") return context.constant(clock.step, span, context.clock_unit);
  if (env.mode == Mode::kAnswer) {
    context.error(Kind::kNotConstant, span,
                  fmt::format("`{}` has no single value in an answer", name));
    return context.bad(span);
  }
  if (name == "time.held") return context.add({StepTime{}, type, context.clock_unit, span});
  return context.add({TimeNow{}, type, context.clock_unit, span});
}

bool is_time_word(std::string_view name) {
  return name == "time" || name == "time.held" || name == "time.step" || name == "time.start" ||
         name == "time.end";
}

ExprId lower_word(Context& context, const Env& env, const std::string& name, Span span) {
  if (is_time_word(name)) return time_word(context, env, name, span);
  if (name == "infinity") {
    const ExprId id = context.constant(std::numeric_limits<double>::infinity(), span);
    context.infos[id.index].any_unit = true;
    return id;
  }
  if (name == "pi") return context.constant(std::numbers::pi, span);
  if (name == "undefined") {
    const ExprId id = context.constant(base::kUndefined, span);
    context.infos[id.index].any_unit = true;
    return id;
  }
  if (auto unit = find_unit(context, name)) return context.constant(1, span, *unit);
  return {};
}

ExprId unknown(Context& context, const Env& env, const syntax::Reference& node, Span span) {
  const std::string& name = node.name.text;
  if (find_bound(env, name)) {
    context.error(Kind::kTypeMismatch, span, fmt::format("`{}` is an index, not a number", name))
        .hint = fmt::format("its position is `position({})`", name);
    return context.bad(span);
  }
  auto& diagnostic = context.error(Kind::kUnknownName, node.name.span,
                                   fmt::format("nothing is called `{}`", name));
  if (auto near = suggest(context, name, visible_names(context, env)); !near.empty())
    diagnostic.hint = fmt::format("did you mean `{}`?", near);
  else if (context.functions.contains(name) || is_builtin(name))
    diagnostic.hint = fmt::format("`{0}` is a function: `{0}(...)`", name);
  return context.bad(span);
}

ExprId lower_symbol(Context& context, const Env& env, const Symbol& symbol,
                    const syntax::Reference& node, Span span) {
  const std::string& name = node.name.text;
  switch (symbol.kind) {
    case Symbol::Kind::kVariable: {
      const VarId id(symbol.id);
      const std::vector<DimId> dims = context.var(id).dims;
      return load(context, env, id, {}, dims, node.indexes, name, span);
    }
    case Symbol::Kind::kMeasure:
      if (env.mode == Mode::kAnswer && node.indexes.empty())
        return lower_measure_reference(context, env, symbol.id, span);
      context
          .error(Kind::kNotConstant, span,
                 fmt::format("`{}` is a measure, known only when the run has ended", name))
          .labels.push_back({symbol.span, "declared here"});
      return context.bad(span);
    case Symbol::Kind::kTable:
    case Symbol::Kind::kFunction:
      context.error(Kind::kBadCall, span, fmt::format("`{}` wants its input", name)).hint =
          fmt::format("write `{}(...)`", name);
      return context.bad(span);
    case Symbol::Kind::kDimension:
      break;
  }
  if (find_bound(env, name)) return unknown(context, env, node, span);
  context.error(Kind::kTypeMismatch, span, fmt::format("`{}` is a dimension, not a number", name))
      .hint = fmt::format("the number of its members is `size({})`", name);
  return context.bad(span);
}

}  // namespace

ExprId lower_reference(Context& context, const Env& env, const syntax::Reference& node, Span span) {
  const std::string& name = node.name.text;
  if (env.scope && env.scope->locals.contains(name)) return lower_local(context, env, node, span);
  const auto symbol = context.symbols.find(name);
  if (symbol != context.symbols.end() && symbol->second.kind != Symbol::Kind::kDimension)
    return lower_symbol(context, env, symbol->second, node, span);
  if (node.indexes.empty()) {
    if (const ExprId word = lower_word(context, env, name, span); word.valid()) return word;
  }
  if (symbol != context.symbols.end())
    return lower_symbol(context, env, symbol->second, node, span);
  return unknown(context, env, node, span);
}

ExprId load_bare(Context& context, const Env& env, VarId variable, Span span) {
  const std::vector<DimId> dims = context.var(variable).dims;
  const std::string name = context.var(variable).name;
  return load(context, env, variable, {}, dims, {}, name, span);
}

ExprId load_rest(Context& context, const Env& env, VarId variable, std::string_view name,
                 std::vector<Subscript> first, Span span) {
  std::vector<DimId> dims = context.var(variable).dims;
  dims.erase(dims.begin(), dims.begin() + static_cast<ptrdiff_t>(first.size()));
  return load(context, env, variable, std::move(first), dims, {}, name, span);
}

std::vector<Subscript> call_subscripts(const Context& context, const Env& env) {
  std::vector<Subscript> subscripts;
  for (const BoundIndex& bound : env.bound) {
    if (!bound.index.valid()) continue;
    const Index& index = context.model[bound.index];
    Subscript subscript{bound.index, 0, {}};
    bool identity = index.positions.size() == context.model[index.dimension].members.size();
    for (size_t k = 0; identity && k < index.positions.size(); ++k)
      identity = index.positions[k] == k;
    if (!identity) subscript.map.assign(index.positions.begin(), index.positions.end());
    subscripts.push_back(std::move(subscript));
  }
  return subscripts;
}

ExprId load_made(Context& context, const Env& env, VarId id, Span span) {
  const Variable& variable = context.var(id);
  return context.add({Load{id, call_subscripts(context, env)}, variable.type, variable.unit, span});
}

std::vector<std::string> visible_names(const Context& context, const Env& env) {
  if (context.suggestions >= kMaxSuggestions) return {};
  std::vector<std::string> names = {"time",     "time.held", "time.step", "time.start",
                                    "time.end", "infinity",  "pi",        "undefined"};
  for (const auto& [name, symbol] : context.symbols) {
    if (symbol.kind != Symbol::Kind::kDimension) names.push_back(name);
  }
  if (env.scope) {
    for (const auto& [name, local] : env.scope->locals) names.push_back(name);
  }
  const auto& units = context.model.units.names();
  names.insert(names.end(), units.begin(), units.end());
  return names;
}

}  // namespace headrace::model
