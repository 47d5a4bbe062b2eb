// Rank correlations between inputs: which hang together, and whether the numbers can be.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "math/correlation.h"
#include "model/context.h"

namespace headrace::model {
namespace {

constexpr size_t kMaxTogether = math::kMostCorrelated;

struct Pair {
  uint32_t a, b;
  double value;
  Span span;
};

// The positions in Model::inputs of a param's elements; nothing after a diagnostic.
std::optional<std::vector<uint32_t>> inputs_of(Context& context, const syntax::Name& name) {
  const auto symbol = context.symbols.find(name.text);
  if (symbol == context.symbols.end() || symbol->second.kind != Symbol::Kind::kVariable) {
    auto& diagnostic = context.error(Kind::kUnknownName, name.span,
                                     fmt::format("nothing is called `{}`", name.text));
    if (auto near = suggest(context, name.text, visible_names(context, {})); !near.empty())
      diagnostic.hint = fmt::format("did you mean `{}`?", near);
    return std::nullopt;
  }
  const VarId id(symbol->second.id);
  const std::string prefix = name.text + "[";
  std::vector<uint32_t> found;
  for (uint32_t i = 0; i < context.model.inputs.size(); ++i) {
    const std::string& key = context.model.inputs[i].name;
    if (key == name.text || key.starts_with(prefix)) found.push_back(i);
  }
  const size_t count = element_count(context, context.var(id).dims);
  if (found.size() == count) return found;
  if (context.declarations[id.index].bad) return std::nullopt;
  // An overlay may have made it certain; then nothing is left to correlate.
  if (!context.declarations[id.index].overlays.empty()) return std::vector<uint32_t>{};
  context
      .error(Kind::kBadCorrelation, name.span,
             fmt::format("`{}` is not an uncertain `param`", name.text))
      .labels.push_back({symbol->second.span, "declared here"});
  return std::nullopt;
}

void add_pairs(Context& context, const syntax::CorrelateDecl& decl, Span span,
               std::vector<Pair>& pairs) {
  if (!(decl.value >= -1 && decl.value <= 1)) {
    context.error(Kind::kBadCorrelation, span,
                  fmt::format("a correlation lies between -1 and 1, not at {}", decl.value));
    return;
  }
  std::vector<std::vector<uint32_t>> inputs;
  for (const syntax::Name& name : decl.names) {
    auto found = inputs_of(context, name);
    if (!found) return;
    if (!found->empty()) inputs.push_back(std::move(*found));
  }
  if (decl.names.size() == 1) {  // the elements of one array
    if (inputs.empty()) return;
    if (inputs[0].size() < 2) {
      context.error(Kind::kBadCorrelation, span, "a correlation needs two values");
      return;
    }
    for (size_t i = 0; i < inputs[0].size(); ++i) {
      for (size_t k = i + 1; k < inputs[0].size(); ++k)
        pairs.push_back({inputs[0][i], inputs[0][k], decl.value, span});
    }
    return;
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    for (size_t k = i + 1; k < inputs.size(); ++k) {
      if (inputs[i].size() != inputs[k].size()) {
        context.error(Kind::kBadCorrelation, span,
                      "arrays are correlated member by member, and these have different sizes");
        return;
      }
      for (size_t e = 0; e < inputs[i].size(); ++e)
        pairs.push_back({inputs[i][e], inputs[k][e], decl.value, span});
    }
  }
}

// The message and the nearest possible numbers come from the factorisation that a run uses.
void check_possible(Context& context, const Correlation& group, const std::vector<Pair>& pairs) {
  const std::set<uint32_t> members(group.inputs.begin(), group.inputs.end());
  const auto name = [&](uint32_t input) { return context.model.inputs[input].name; };
  std::vector<math::RankPair> stated;
  for (const Pair& pair : pairs) {
    if (members.contains(pair.a)) stated.push_back({name(pair.a), name(pair.b), pair.value});
  }
  const auto factors = math::factorise(stated);
  if (factors) return;
  const std::set<std::string> wrong(factors.error().names.begin(), factors.error().names.end());
  std::vector<std::pair<Span, std::string>> stated_by;  // statement, what it says of these
  for (const Pair& pair : pairs) {
    if (!wrong.contains(name(pair.a)) || !wrong.contains(name(pair.b))) continue;
    const std::string said = fmt::format("{} with {}: {}", name(pair.a), name(pair.b), pair.value);
    auto at = std::ranges::find(stated_by, pair.span, [](const auto& one) { return one.first; });
    if (at == stated_by.end())
      stated_by.emplace_back(pair.span, said);
    else if (at->second.size() < 100)
      at->second += ", " + said;
    else if (!at->second.ends_with(" ..."))
      at->second += " ...";
  }
  if (stated_by.empty()) stated_by.emplace_back(pairs.front().span, "");
  auto& diagnostic =
      context.error(Kind::kBadCorrelation, stated_by.back().first, factors.error().message);
  for (const auto& [span, said] : stated_by) diagnostic.labels.push_back({span, said});
}

}  // namespace

void lower_correlations(Context& context) {
  std::vector<Pair> pairs;
  for (StatementId id : context.tree.top_level) {
    const auto* decl = std::get_if<syntax::CorrelateDecl>(&context.tree[id].node);
    if (decl) add_pairs(context, *decl, context.tree[id].span, pairs);
  }
  std::map<std::pair<uint32_t, uint32_t>, Span> seen;
  std::vector<uint32_t> group(context.model.inputs.size());
  std::iota(group.begin(), group.end(), 0);
  const auto root = [&](uint32_t i) {
    while (group[i] != i) i = group[i] = group[group[i]];
    return i;
  };
  for (const Pair& pair : pairs) {
    if (pair.a == pair.b) {
      context.error(Kind::kBadCorrelation, pair.span, "a value is correlated with itself");
      return;
    }
    auto [at, fresh] = seen.emplace(std::minmax(pair.a, pair.b), pair.span);
    if (!fresh) {
      context.error(Kind::kBadCorrelation, pair.span, "these are correlated twice")
          .labels.push_back({at->second, "first here"});
      return;
    }
    const uint32_t a = root(pair.a), b = root(pair.b);
    group[std::max(a, b)] = std::min(a, b);
  }
  std::map<uint32_t, Correlation> groups;
  std::vector<uint32_t> place(group.size());
  std::set<uint32_t> paired;
  for (const Pair& pair : pairs) paired.insert({pair.a, pair.b});
  for (uint32_t input : paired) {
    auto& members = groups[root(input)].inputs;
    place[input] = static_cast<uint32_t>(members.size());
    members.push_back(input);
  }
  for (auto& [first, correlation] : groups) {
    const size_t n = correlation.inputs.size();
    if (n > kMaxTogether) {
      context.error(Kind::kTooLarge, pairs.front().span,
                    fmt::format("more than {} values hang together", kMaxTogether));
      return;
    }
    correlation.rank.assign(n * n, 0);
    for (size_t i = 0; i < n; ++i) correlation.rank[i * n + i] = 1;
  }
  for (const Pair& pair : pairs) {
    Correlation& correlation = groups[root(pair.a)];
    const size_t n = correlation.inputs.size();
    correlation.rank[place[pair.a] * n + place[pair.b]] = pair.value;
    correlation.rank[place[pair.b] * n + place[pair.a]] = pair.value;
  }
  for (auto& [first, correlation] : groups) {
    check_possible(context, correlation, pairs);
    context.model.correlations.push_back(std::move(correlation));
  }
}

}  // namespace headrace::model
