// Stocks: starting values, net rates from flows, and stocks that cannot fall below zero.

#include <fmt/format.h>

#include <algorithm>

#include "model/context.h"

namespace headrace::model {
namespace {

Env stock_env(Context& context, VarId id) {
  Env env;
  env.owner = context.var(id).name;
  const std::vector<DimId> dims = context.var(id).dims;
  for (size_t d = 0; d < dims.size(); ++d) {
    const std::string& name = context.declarations[id.index].index_names[d];
    env.bound.push_back({name, dims[d], context.add_full_index(name, dims[d]), 0, false, false, 0});
  }
  return env;
}

// The flow's variable, or a diagnostic.
std::optional<VarId> find_flow(Context& context, const syntax::Name& name,
                               const syntax::StockDecl& decl) {
  const auto symbol = context.symbols.find(name.text);
  if (symbol == context.symbols.end()) {
    auto& diagnostic = context.error(Kind::kUnknownName, name.span,
                                     fmt::format("nothing is called `{}`", name.text));
    std::vector<std::string> flows;
    for (const Variable& variable : context.model.variables) {
      if (variable.kind == VarKind::kFlow) flows.push_back(variable.name);
    }
    if (auto near = suggest(context, name.text, flows); !near.empty())
      diagnostic.hint = fmt::format("did you mean `{}`?", near);
    return std::nullopt;
  }
  const bool is_variable = symbol->second.kind == Symbol::Kind::kVariable;
  const VarId id(symbol->second.id);
  if (is_variable && context.var(id).kind == VarKind::kFlow) return id;
  auto& diagnostic =
      context.error(Kind::kBadFlow, name.span,
                    fmt::format("`{}` is no flow, so nothing moves through it into or out of `{}`",
                                name.text, decl.name.text));
  diagnostic.labels.push_back({symbol->second.span, "declared here"});
  if (is_variable && context.var(id).kind == VarKind::kLet)
    diagnostic.hint = "declare it with `flow`";
  return std::nullopt;
}

// A flow has at least the stock's dimensions: one that lacks some would arrive several times.
bool shapes_agree(Context& context, VarId stock, VarId flow, Span span) {
  const auto root = [&](DimId dim) { return context.model[dim].root; };
  for (DimId dim : context.var(stock).dims) {
    const auto& dims = context.var(flow).dims;
    const bool has = std::any_of(dims.begin(), dims.end(),
                                 [&](DimId other) { return root(other) == root(dim); });
    if (has) continue;
    auto& diagnostic = context.error(
        Kind::kBadFlow, span,
        fmt::format(
            "`{}` has no dimension `{}`, but `{}` has: each of its members would get all of it",
            context.var(flow).name, context.model[dim].name, context.var(stock).name));
    diagnostic.labels.push_back({context.declarations[flow.index].name_span, "declared here"});
    return false;
  }
  return true;
}

struct FlowSum {
  Context& context;
  const Env& env;
  VarId stock;
  Unit rate;
  ExprId total;
  bool fine = true;

  void take(const syntax::Name& name, const syntax::StockDecl& decl, bool in) {
    const auto flow = find_flow(context, name, decl);
    if (!flow || !shapes_agree(context, stock, *flow, name.span)) {
      fine = false;
      return;
    }
    Variable& variable = context.var(stock);
    auto& listed = in ? variable.inflows : variable.outflows;
    if (std::ranges::find(listed, *flow) != listed.end()) {
      context.error(Kind::kBadFlow, name.span, fmt::format("`{}` is listed twice", name.text));
      fine = false;
      return;
    }
    listed.push_back(*flow);
    ExprId value = load_bare(context, env, *flow, name.span);
    value = fitted(context, value, rate, fmt::format("a flow of `{}`", decl.name.text),
                   text::Label{decl.name.span, show(context, context.var(stock).unit)});
    add(value, in, name.span);
  }

  void add(ExprId value, bool in, Span span) {
    if (context.is_bad(value)) {
      fine = false;
    } else if (!total.valid()) {
      total = in ? value : context.apply(Op::kNegate, {value}, Type::kNumber, rate, span);
    } else {
      total =
          context.apply(in ? Op::kAdd : Op::kSubtract, {total, value}, Type::kNumber, rate, span);
    }
  }
};

// The unit of a stock that says none and starts from a plain 0: that of its flows, times time.
std::optional<Unit> unit_from_flows(Context& context, const Env& env,
                                    const syntax::StockDecl& decl) {
  for (const auto* list : {&decl.inflows, &decl.outflows}) {
    for (const syntax::Name& name : *list) {
      const auto symbol = context.symbols.find(name.text);
      if (symbol == context.symbols.end() || symbol->second.kind != Symbol::Kind::kVariable)
        continue;
      const Declaration* flow = context.declaration(VarId(symbol->second.id));
      if (!flow->unit_known || flow->bad) continue;
      const Unit unit = context.var(VarId(symbol->second.id)).unit;
      return tidy(context, times(context, unit, context.clock_unit, name.span));
    }
  }
  if (!decl.net_rate) return std::nullopt;
  context.quiet = true;
  const ExprId rate = lower(context, env, *decl.net_rate);
  context.quiet = false;
  const ExprInfo& info = context.infos[rate.index];
  if (info.bad || info.any_unit || info.unknown_unit) return std::nullopt;
  return tidy(context, times(context, context[rate].unit, context.clock_unit, decl.name.span));
}

}  // namespace

void lower_stock_decl(Context& context, VarId id) {
  const auto& decl =
      std::get<syntax::StockDecl>(context.tree[context.declarations[id.index].statement].node);
  if (context.model.clock.is_static) {
    context.error(Kind::kMissingTime, decl.name.span,
                  fmt::format("the stock `{}` needs a `time` statement", decl.name.text));
    context.declarations[id.index].bad = true;
    return;
  }
  if (context.declarations[id.index].bad) return;
  for (const syntax::Clause& clause : decl.clauses) {
    if (!clause.date) continue;
    context
        .error(Kind::kBadStatement, clause.span, "a stock has starting values only, without dates")
        .hint = "a change at a date belongs to a flow";
    context.declarations[id.index].bad = true;
    return;
  }
  ValueGoal goal;
  goal.type = Type::kNumber;
  goal.unit = context.declarations[id.index].declared;
  goal.name = fmt::format("`{}`", decl.name.text);
  const bool again = !context.var(id).initial.empty() || context.declarations[id.index].unit_known;
  const bool first = context.declarations[id.index].state != Declaration::State::kDone;
  if (!goal.unit && again) goal.unit = context.var(id).unit;
  if (goal.unit) goal.label = {decl.name.span, show(context, *goal.unit)};
  Env env;
  env.owner = decl.name.text;
  const std::vector<DimId> dims = context.var(id).dims;
  const std::vector<std::string> names = context.declarations[id.index].index_names;
  const auto clauses = clauses_of(decl.initial, decl.clauses, decl.name.span);
  std::vector<Piece> initial =
      lower_clauses(context, env, dims, names, clauses, decl.name.span, goal,
                    [&](const Env& inner, const LayeredClause& clause, ValueGoal& wanted) {
                      return lower_clause_value(context, inner, clause, wanted);
                    });
  if (!goal.unit && !goal.any_bad)
    goal.unit = unit_from_flows(context, stock_env(context, id), decl);
  Declaration& declaration = context.declarations[id.index];
  declaration.bad |= goal.any_bad;
  declaration.unit_known = true;
  Variable& variable = context.var(id);
  variable.unit = goal.unit.value_or(Unit());
  if (variable.unit_text.empty()) variable.unit_text = show(context, variable.unit);
  for (const Piece& piece : initial) {
    if (!context.is_bad(piece.value)) context.at(piece.value).unit = variable.unit;
  }
  variable.initial = std::move(initial);
  if (!first) return;  // the rate waits already
  context.deferred.push_back(
      [&context, &decl, id] { lower_net_rate(context, stock_env(context, id), decl, id); });
}

void lower_net_rate(Context& context, const Env& env, const syntax::StockDecl& decl, VarId id) {
  if (context.declarations[id.index].bad) return;
  const Unit rate = per(context, context.var(id).unit, context.clock_unit, decl.name.span);
  FlowSum sum{context, env, id, rate, {}, true};
  for (const syntax::Name& name : decl.inflows) sum.take(name, decl, true);
  for (const syntax::Name& name : decl.outflows) sum.take(name, decl, false);
  if (decl.net_rate)
    sum.add(lower_in(context, env, *decl.net_rate, rate, "the rate of change"), true,
            decl.name.span);
  if (!sum.fine) return;
  if (!sum.total.valid()) sum.total = context.constant(0, decl.name.span, rate);
  context.var(id).pieces = {made_piece(env, sum.total)};
}

// ---------------------------------------------------------------- nonnegative

namespace {

// What an outflow may take in one step: max(0, stock / step - what earlier outflows take).
ExprId room(Context& context, const Env& env, VarId stock, const std::vector<VarId>& earlier,
            const Unit& unit, Span span) {
  const Unit rate = per(context, context.var(stock).unit, context.clock_unit, span);
  const ExprId content = load_bare(context, env, stock, span);
  const ExprId step = context.constant(context.model.clock.step, span, context.clock_unit);
  ExprId left = context.apply(Op::kDivide, {content, step}, Type::kNumber, rate, span);
  for (VarId flow : earlier) {
    const ExprId taken = fitted(context, load_bare(context, env, flow, span), rate, "a flow");
    left = context.apply(Op::kSubtract, {left, taken}, Type::kNumber, rate, span);
  }
  const ExprId zero = context.constant(0, span, rate);
  left = context.apply(Op::kMax, {zero, left}, Type::kNumber, rate, span);
  return fitted(context, left, unit, "a flow");
}

void limit(Context& context, VarId stock, VarId flow, const std::vector<VarId>& earlier,
           Span span) {
  const std::string owner = context.var(flow).name;
  std::vector<Piece> pieces = context.var(flow).pieces;
  for (Piece& piece : pieces) {
    Env env;
    env.owner = owner;
    for (IndexId index : piece.indexes)
      env.bound.push_back(
          {context.model[index].name, context.model[index].dimension, index, 0, false, false, 0});
    const Unit unit = context.var(flow).unit;
    const ExprId most = room(context, env, stock, earlier, unit, span);
    piece.value = context.apply(Op::kMin, {piece.value, most}, Type::kNumber, unit,
                                context[piece.value].span);
  }
  context.var(flow).pieces = std::move(pieces);
}

}  // namespace

void limit_outflows(Context& context) {
  std::unordered_map<uint32_t, Span> limited;
  for (size_t i = 0; i < context.declarations.size(); ++i) {
    const auto* decl =
        std::get_if<syntax::StockDecl>(&context.tree[context.declarations[i].statement].node);
    if (!decl || !decl->nonnegative || context.declarations[i].bad) continue;
    const VarId stock(i);
    const std::vector<VarId> outflows = context.var(stock).outflows;
    for (size_t k = 0; k < outflows.size(); ++k) {
      const Declaration& flow = context.declarations[outflows[k].index];
      const Span span = decl->outflows[std::min(k, decl->outflows.size() - 1)].span;
      auto [at, fresh] = limited.emplace(outflows[k].index, span);
      if (!fresh) {
        context
            .error(Kind::kBadFlow, span, "two stocks that cannot fall below zero limit this flow")
            .labels.push_back({at->second, "the other stock"});
        continue;
      }
      if (context.var(outflows[k]).dims.size() != context.var(stock).dims.size()) {
        context
            .error(Kind::kBadFlow, span,
                   fmt::format("`{}` cannot be limited by `{}`: their dimensions differ",
                               context.var(outflows[k]).name, decl->name.text))
            .labels.push_back({flow.name_span, "declared here"});
        continue;
      }
      if (context.model.exprs.size() >= kMaxExprs) return;  // which is told
      if (!flow.bad)
        limit(context, stock, outflows[k],
              {outflows.begin(), outflows.begin() + static_cast<ptrdiff_t>(k)}, span);
    }
  }
}

}  // namespace headrace::model
