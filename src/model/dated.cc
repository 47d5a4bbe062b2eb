// Values of one statement: a base, exceptions for members, dated clauses, overlays.
//
// Each clause covers a box of elements: a set of members in each dimension. The members of a
// dimension fall into classes that the same clauses name, so the classes of all dimensions make a
// grid in which a cell is treated alike throughout:
//
//               US   China   other            (a clause for [China], one for [*, 2024])
//      2023      a     b       a
//      2024      c     d       c              -> boxes {US, other} x {2023}, {China} x {2023}, ...
//
// Cells with equal lists of clauses are joined again to boxes as large as they get greedily, and
// each box becomes one piece. Within it, the base value is the narrowest undated clause of the last
// layer that has one; dated clauses of that and later layers follow in the order of their dates.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "model/context.h"

namespace headrace::model {
namespace {

constexpr size_t kMaxNamed = 50'000'000;  // members that all clauses name together

using Positions = std::vector<std::vector<uint32_t>>;

struct Covered {
  const LayeredClause* clause = nullptr;
  Positions positions;
  uint64_t elements = 0;
  std::optional<double> date;  // when known before the run
  ExprId date_value;
};

// Which clauses make the value of a cell.
struct Recipe {
  int base = -1;
  std::vector<int> dated;
  auto operator<=>(const Recipe&) const = default;
};

bool is_dated(const Covered& covered) { return covered.clause->clause.date.has_value(); }

// ---------------------------------------------------------------- dates

bool take_date(Context& context, const Env& env, Covered& covered) {
  const syntax::Clause& clause = covered.clause->clause;
  if (!clause.date) return true;
  const Span span = context.tree[*clause.date].span;
  if (context.model.clock.is_static) {
    context.error(Kind::kMissingTime, span, "a dated value needs a `time` statement");
    return false;
  }
  covered.date_value = lower_moment(context, env, *clause.date);
  if (context.is_bad(covered.date_value)) return false;
  covered.date = evaluate(context, covered.date_value, {});
  return true;
}

// ---------------------------------------------------------------- recipes

class Recipes {
 public:
  Recipes(Context& context, const std::vector<Covered>& clauses)
      : context_(context), clauses_(clauses) {
    for (const Covered& covered : clauses)
      dates_known_ &= !is_dated(covered) || covered.date.has_value();
  }

  // `applying` in the order written.
  Recipe make(const std::vector<int>& applying) {
    Recipe recipe;
    for (int i : applying) {
      if (!is_dated(clauses_[i]) && (recipe.base < 0 || replaces(i, recipe.base))) recipe.base = i;
    }
    const uint32_t layer = recipe.base < 0 ? 0 : clauses_[recipe.base].clause->layer;
    for (int i : applying) {
      if (is_dated(clauses_[i]) && clauses_[i].clause->layer >= layer) recipe.dated.push_back(i);
    }
    if (dates_known_) sort_by_date(recipe.dated);
    return recipe;
  }

 private:
  bool replaces(int later, int earlier) const {
    const Covered &a = clauses_[later], &b = clauses_[earlier];
    if (a.clause->layer != b.clause->layer) return a.clause->layer > b.clause->layer;
    return a.elements <= b.elements;
  }

  // Broader ones first on the same date; only the last of them is kept.
  void sort_by_date(std::vector<int>& dated) {
    std::stable_sort(dated.begin(), dated.end(), [&](int x, int y) {
      const Covered &a = clauses_[x], &b = clauses_[y];
      if (*a.date != *b.date) return *a.date < *b.date;
      if (a.clause->layer != b.clause->layer) return a.clause->layer < b.clause->layer;
      return a.elements > b.elements;
    });
    std::vector<int> kept;
    for (int i : dated) {
      if (!kept.empty() && *clauses_[kept.back()].date == *clauses_[i].date) {
        conflict(kept.back(), i);
        kept.back() = i;
      } else {
        kept.push_back(i);
      }
    }
    dated = std::move(kept);
  }

  void conflict(int x, int y) {
    const Covered &a = clauses_[x], &b = clauses_[y];
    if (a.clause->layer != b.clause->layer || a.elements != b.elements) return;
    context_
        .error(Kind::kDateOrder, context_.tree[*b.clause->clause.date].span,
               "two clauses come into force at the same time for the same member")
        .labels.push_back({context_.tree[*a.clause->clause.date].span, "the other one"});
  }

  Context& context_;
  const std::vector<Covered>& clauses_;
  bool dates_known_ = true;
};

// ---------------------------------------------------------------- the grid

struct Box {
  Positions positions;
  Recipe recipe;
};

class Grid {
 public:
  Grid(const Context& context, const std::vector<DimId>& dims, const std::vector<Covered>& clauses)
      : clauses_(clauses) {
    for (size_t d = 0; d < dims.size(); ++d)
      classes_.push_back(classes(d, context.model[dims[d]].members.size()));
    for (const auto& list : classes_) cells_ = std::min(cells_ * list.size(), kMaxNamed);
  }

  size_t cells() const { return cells_; }

  // About how many clauses are looked at to make all boxes.
  size_t work() const {
    size_t longest = clauses_.size();
    for (const auto& list : classes_) {
      size_t most = 0;
      for (const Class& c : list) most = std::max(most, c.named_by.size());
      longest = std::min(longest, most);
    }
    return cells_ * longest;
  }

  std::vector<Box> boxes(Recipes& recipes) {
    std::vector<Recipe> known;
    std::map<Recipe, int> numbers;
    number_.resize(cells_);
    for (size_t cell = 0; cell < cells_; ++cell) {
      Recipe recipe = recipes.make(applying(cell));
      auto [at, fresh] = numbers.emplace(recipe, static_cast<int>(known.size()));
      if (fresh) known.push_back(std::move(recipe));
      number_[cell] = at->second;
      cells_of_.resize(known.size());
      cells_of_[at->second].push_back(cell);
    }
    taken_.assign(cells_, false);
    std::vector<Box> result;
    for (size_t cell = 0; cell < cells_; ++cell) {
      if (!taken_[cell]) result.push_back({grow(cell), known[number_[cell]]});
    }
    return result;
  }

 private:
  struct Class {
    std::vector<int> named_by;  // clauses, ascending
    std::vector<uint32_t> positions;
  };

  std::vector<Class> classes(size_t d, size_t members) const {
    std::vector<std::vector<int>> named(members);
    for (size_t i = 0; i < clauses_.size(); ++i) {
      for (uint32_t position : clauses_[i].positions[d])
        named[position].push_back(static_cast<int>(i));
    }
    std::vector<Class> result;
    std::map<std::vector<int>, size_t> seen;
    for (uint32_t position = 0; position < members; ++position) {
      auto [at, fresh] = seen.emplace(named[position], result.size());
      if (fresh) result.push_back({named[position], {}});
      result[at->second].positions.push_back(position);
    }
    return result;
  }

  std::vector<size_t> coordinates(size_t cell) const {
    std::vector<size_t> result(classes_.size());
    for (size_t d = classes_.size(); d-- > 0;) {
      result[d] = cell % classes_[d].size();
      cell /= classes_[d].size();
    }
    return result;
  }

  std::vector<int> applying(size_t cell) const {
    const auto at = coordinates(cell);
    if (at.empty()) {
      std::vector<int> all(clauses_.size());
      std::iota(all.begin(), all.end(), 0);
      return all;
    }
    const auto named_by = [&](size_t d) -> const std::vector<int>& {
      return classes_[d][at[d]].named_by;
    };
    size_t fewest = 0;
    for (size_t d = 1; d < at.size(); ++d) {
      if (named_by(d).size() < named_by(fewest).size()) fewest = d;
    }
    std::vector<int> result;
    for (const int i : named_by(fewest)) {
      bool all = true;
      for (size_t d = 0; d < at.size() && all; ++d)
        all = d == fewest || std::ranges::binary_search(named_by(d), i);
      if (all) result.push_back(i);
    }
    return result;
  }

  // Where along `d` a slice may be that the box can take in, ascending: anywhere, or where one of
  // the few cells of this number lies.
  std::vector<size_t> candidates(const std::vector<std::vector<size_t>>& box, size_t d,
                                 int number) const {
    std::vector<size_t> places;
    if (cells_of_[number].size() >= classes_[d].size()) {
      places.resize(classes_[d].size());
      std::iota(places.begin(), places.end(), size_t{0});
      return places;
    }
    for (const size_t cell : cells_of_[number]) {
      const auto at = coordinates(cell);
      bool beside = true;
      for (size_t k = 0; k < box.size(); ++k) beside &= k == d || at[k] == box[k].front();
      if (beside) places.push_back(at[d]);
    }
    return places;
  }

  // The first cell of the slice is free and has this number: rules most slices out at once.
  bool starts_alike(const std::vector<std::vector<size_t>>& box, size_t d, size_t other,
                    int number) const {
    size_t cell = 0;
    for (size_t k = 0; k < box.size(); ++k)
      cell = cell * classes_[k].size() + (k == d ? other : box[k].front());
    return !taken_[cell] && number_[cell] == number;
  }

  // Every cell of the box is free and has this number.
  bool fits(const std::vector<std::vector<size_t>>& box, int number) const {
    bool all = true;
    for_each(box, [&](size_t cell) { all &= !taken_[cell] && number_[cell] == number; });
    return all;
  }

  template <class Visit>
  void for_each(const std::vector<std::vector<size_t>>& box, Visit&& visit) const {
    std::vector<size_t> at(box.size(), 0);
    for (;;) {
      size_t cell = 0;
      for (size_t d = 0; d < box.size(); ++d) cell = cell * classes_[d].size() + box[d][at[d]];
      visit(cell);
      size_t d = box.size();
      while (d > 0 && ++at[d - 1] == box[d - 1].size()) at[--d] = 0;
      if (d == 0) return;
    }
  }

  Positions grow(size_t cell) {
    std::vector<std::vector<size_t>> box;
    for (size_t coordinate : coordinates(cell)) box.push_back({coordinate});
    const int number = number_[cell];
    for (size_t d = box.size(); d-- > 0;) {
      for (const size_t other : candidates(box, d, number)) {
        if (other == box[d].front() || std::ranges::find(box[d], other) != box[d].end()) continue;
        if (!starts_alike(box, d, other, number)) continue;
        auto slice = box;
        slice[d] = {other};
        if (fits(slice, number)) box[d].push_back(other);
      }
    }
    for_each(box, [&](size_t taken) { taken_[taken] = true; });
    Positions positions;
    for (size_t d = 0; d < box.size(); ++d) {
      auto& list = positions.emplace_back();
      for (size_t c : box[d])
        list.insert(list.end(), classes_[d][c].positions.begin(), classes_[d][c].positions.end());
      std::sort(list.begin(), list.end());
    }
    return positions;
  }

  const std::vector<Covered>& clauses_;
  std::vector<std::vector<Class>> classes_;
  size_t cells_ = 1;
  std::vector<int> number_;                    // of each cell, that of its recipe
  std::vector<std::vector<size_t>> cells_of_;  // of each number, ascending
  std::vector<bool> taken_;
};

// ---------------------------------------------------------------- pieces

ExprId in_force(Context& context, const Covered& covered, Span span) {
  const double slack = 1e-6 * context.model.clock.step;
  const Type type = context[covered.date_value].type;
  const ExprId now = context.add({StepTime{}, type, context.clock_unit, span});
  ExprId date = covered.date_value;
  if (auto literal = context.literal(date)) {
    date = context.add({Constant{*literal - slack}, type, context.clock_unit, span});
  } else {
    const ExprId some = context.constant(slack, span, context.clock_unit);
    date = context.apply(Op::kSubtract, {date, some}, type, context.clock_unit, span);
  }
  return context.apply(Op::kLessEqual, {date, now}, Type::kBoolean, {}, span);
}

// old + (new - old) * (t - date) / length between the date and its end, then new.
ExprId ramped(Context& context, const Env& env, const Covered& covered, ExprId old, ExprId now) {
  const syntax::Clause& clause = covered.clause->clause;
  const Span span = context.tree[*clause.ramp].span;
  const ExprId length =
      lower_in(context, env, *clause.ramp, context.clock_unit, "the length of a ramp");
  if (context.is_bad(length) || context.is_bad(old) || context.is_bad(now))
    return context.bad(span);
  if (context[now].type != Type::kNumber || context[old].type != Type::kNumber) {
    context.error(Kind::kTypeMismatch, span, "only numbers can ramp");
    return context.bad(span);
  }
  if (auto fixed = evaluate(context, length, {}); fixed && *fixed <= 0) {
    context.error(Kind::kBadTime, span, "the length of a ramp must be above 0");
    return context.bad(span);
  }
  old = bind_once(context, env, old, "before");
  now = bind_once(context, env, now, "after");
  const Unit unit = context[now].unit;
  const Unit clock = context.clock_unit;
  const auto binary = [&](Op op, ExprId a, ExprId b, const Unit& u) {
    return context.apply(op, {a, b}, Type::kNumber, u, span);
  };
  const ExprId moment = context.add({StepTime{}, Type::kNumber, clock, span});
  const ExprId start = context.with(covered.date_value, Type::kNumber, clock);
  const ExprId passed = binary(Op::kSubtract, moment, start, clock);
  const ExprId share = binary(Op::kDivide, passed, length, {});
  const ExprId one = context.constant(1, span);
  const ExprId part = binary(Op::kMin, share, one, {});
  const ExprId change = binary(Op::kSubtract, now, old, unit);
  const ExprId between = binary(Op::kAdd, old, binary(Op::kMultiply, change, part, unit), unit);
  const ExprId over = context.apply(Op::kLessEqual, {one, share}, Type::kBoolean, {}, span);
  const ExprId value = context.apply(Op::kSelect, {over, now, between}, Type::kNumber, unit, span);
  const ExprId started = in_force(context, covered, span);
  return context.apply(Op::kSelect, {started, value, old}, Type::kNumber, unit, span);
}

void missing(Context& context, const std::vector<DimId>& dims, const Box& box, Span name_span) {
  std::string members;
  for (size_t d = 0; d < dims.size(); ++d)
    members += fmt::format("{}{}", d ? ", " : "",
                           context.model[dims[d]].members[box.positions[d].front()]);
  context
      .error(Kind::kMissingElement, name_span,
             dims.empty() ? std::string("this has no value")
                          : fmt::format("there is no value for [{}]", members))
      .hint = "give one for all after the name: `= ...`";
}

}  // namespace

ExprId lower_moment(Context& context, const Env& env, SyntaxId id) {
  ExprId value = lower(context, env, id, &context.clock_unit);
  if (context.is_bad(value)) return value;
  if (!context.model.clock.calendar)
    return fitted(context, as_number(context, value), context.clock_unit, "this time");
  if (context[value].type == Type::kDate) return value;
  if (context.literal(value)) return context.with(value, Type::kDate, context.clock_unit);
  context.error(Kind::kTypeMismatch, context[value].span, "a date is needed here");
  return context.bad(context[value].span);
}

std::vector<LayeredClause> clauses_of(const std::optional<SyntaxId>& value,
                                      const std::vector<syntax::Clause>& clauses, Span span) {
  std::vector<LayeredClause> result;
  if (value) {
    syntax::Clause base;
    base.value = *value;
    base.span = span;
    result.push_back({std::move(base), 0});
  }
  for (const syntax::Clause& clause : clauses) result.push_back({clause, 0});
  return result;
}

ExprId fit_goal(Context& context, ExprId value, ValueGoal& goal) {
  const Span span = context[value].span;
  if (context.is_bad(value)) {
    goal.any_bad = true;
    return value;
  }
  const Type type = context[value].type;
  if (goal.type && *goal.type != type) {
    if (context.loose()) return context.with(value, *goal.type, context[value].unit);
    if (*goal.type == Type::kNumber)
      value = as_number(context, value);
    else if (*goal.type == Type::kBoolean)
      value = as_condition(context, value);
    else
      context.error(Kind::kTypeMismatch, span,
                    fmt::format("this is a number, and {} is a date", goal.name)),
          value = context.bad(span);
    goal.any_bad |= context.is_bad(value);
    if (context.is_bad(value)) return value;
  }
  goal.type = type;
  if (type != Type::kNumber) {
    goal.unit = context[value].unit;
    return value;
  }
  const ExprInfo info = context.infos[value.index];
  if (goal.unit) {
    value = fitted(context, value, *goal.unit, goal.name, goal.label);
    goal.any_bad |= context.is_bad(value);
    return value;
  }
  goal.unknown |= info.unknown_unit && !info.any_unit;
  if (info.unknown_unit || info.any_unit) return value;
  goal.unit = context.loose() ? context[value].unit : tidy(context, context[value].unit);
  return fitted(context, value, *goal.unit, goal.name, goal.label);
}

ExprId lower_clause_value(Context& context, const Env& env, const LayeredClause& clause,
                          ValueGoal& goal) {
  const ExprId value = lower(context, env, clause.clause.value, goal.unit ? &*goal.unit : nullptr);
  return fit_goal(context, value, goal);
}

std::vector<Piece> lower_clauses(Context& context, const Env& env, const std::vector<DimId>& dims,
                                 const std::vector<std::string>& index_names,
                                 const std::vector<LayeredClause>& clauses, Span name_span,
                                 ValueGoal& goal, const LowerValue& lower_value,
                                 const TakeRegion& take_region) {
  size_t names = 0;
  std::vector<Covered> covered;
  std::map<Positions, const LayeredClause*> undated;
  for (const LayeredClause& clause : clauses) {
    Covered one{&clause, {}, 1, {}, {}};
    auto positions = match_pattern(context, env, clause.clause.pattern, dims, clause.clause.span);
    if (!positions || !take_date(context, env, one)) {
      goal.any_bad = true;
      continue;
    }
    for (const auto& list : *positions) one.elements *= list.size(), names += list.size();
    if (names > kMaxNamed) {
      context.error(Kind::kTooLarge, name_span, "too many exceptions for so many members");
      goal.any_bad = true;
      return {};
    }
    one.positions = std::move(*positions);
    if (!is_dated(one) && clause.layer == 0 && !clause.clause.pattern.empty()) {
      auto [at, fresh] = undated.emplace(one.positions, &clause);
      if (!fresh) {
        context.error(Kind::kOverlap, clause.clause.span, "these members have a value already")
            .labels.push_back({at->second->clause.span, "given here"});
        goal.any_bad = true;
      }
    }
    covered.push_back(std::move(one));
  }
  if (goal.any_bad) return {};
  Grid grid(context, dims, covered);
  if (grid.cells() > kMaxPieces || grid.work() > kMaxNamed) {
    context.error(Kind::kTooLarge, name_span, "too many different exceptions");
    goal.any_bad = true;
    return {};
  }
  Recipes recipes(context, covered);
  std::vector<Piece> pieces;
  for (const Box& box : grid.boxes(recipes)) {
    if (box.recipe.base < 0) {
      missing(context, dims, box, name_span);
      goal.any_bad = true;
      continue;
    }
    const LayeredClause& base = *covered[box.recipe.base].clause;
    if (box.recipe.dated.empty() && take_region && take_region(box.positions, base)) continue;
    Env inner = env;
    Piece piece;
    for (size_t d = 0; d < dims.size(); ++d) {
      const IndexId index = context.add_index(index_names[d], dims[d], box.positions[d]);
      piece.indexes.push_back(index);
      // What a call keeps for one element has no place for the others.
      const bool fixed = box.positions[d].size() == 1;
      inner.bound.push_back({index_names[d], dims[d], fixed ? IndexId{} : index,
                             fixed ? box.positions[d].front() : 0, false, false, 0});
    }
    ExprId value = lower_value(inner, base, goal);
    for (int i : box.recipe.dated) {
      const LayeredClause& clause = *covered[i].clause;
      const ExprId later = lower_value(inner, clause, goal);
      if (context.is_bad(value) || context.is_bad(later)) continue;
      if (clause.clause.ramp) {
        value = ramped(context, inner, covered[i], value, later);
      } else {
        const ExprId started = in_force(context, covered[i], clause.clause.span);
        value = context.apply(Op::kSelect, {started, later, value}, context[later].type,
                              context[later].unit, clause.clause.span);
      }
    }
    goal.any_bad |= context.is_bad(value);
    piece.value = value;
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

}  // namespace headrace::model
