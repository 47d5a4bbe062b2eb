// Functions of whole slices: sort_order, element_at, inverse, allocate_available ...
//
// Each call makes a variable with a value for each combination of those indexes in scope that its
// arguments use, and for each element of the result. Where the call stands this variable is read
// as an array without brackets would be:
//
//   let order[region, chip] = sort_order(price[region, *])
//
// sorts once for each region, and order[r, c] is the element at c of the order found for r.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/builtins.h"
#include "model/context.h"
#include "model/walk.h"

namespace headrace::model {
namespace {

constexpr double kRequired = std::numeric_limits<double>::quiet_NaN();

enum class Gives { kNumber, kFirstSlice };

struct Parameter {
  std::string_view name;
  size_t dims = 0;  // of a slice: 1 for any number of them, 2 for exactly two; 0: a number
  double otherwise = kRequired;
};

struct Signature {
  ArrayFunction function;
  Gives gives;
  std::vector<Parameter> parameters;
};

Signature signature(Builtin id) {
  using F = ArrayFunction;
  switch (id) {
    case Builtin::kSortOrder:
      return {F::kSortOrder, Gives::kFirstSlice, {{"values", 1}, {"direction", 0, 1}}};
    case Builtin::kRank:
      return {F::kRank, Gives::kFirstSlice, {{"values", 1}, {"direction", 0, 1}}};
    case Builtin::kReorder:
      return {F::kReorder, Gives::kFirstSlice, {{"values", 1}, {"order", 1}}};
    case Builtin::kElementAt:
      return {F::kElementAt, Gives::kNumber, {{"values", 1}, {"offset"}}};
    case Builtin::kVectorSelect:
      return {F::kVectorSelect,
              Gives::kNumber,
              {{"chosen", 1}, {"values", 1}, {"missing"}, {"action"}, {"errors"}}};
    case Builtin::kInverse:
      return {F::kInverse, Gives::kFirstSlice, {{"matrix", 2}}};
    case Builtin::kAllocateAvailable:
      return {
          F::kAllocateAvailable, Gives::kFirstSlice, {{"request", 1}, {"profile", 2}, {"supply"}}};
    case Builtin::kAllocateByPriority:
      return {F::kAllocateByPriority,
              Gives::kFirstSlice,
              {{"request", 1}, {"priority", 1}, {"width"}, {"supply"}}};
    case Builtin::kMarketPriority:
      return {F::kMarketPriority,
              Gives::kNumber,
              {{"request", 1}, {"priority", 1}, {"width"}, {"supply"}}};
    case Builtin::kMarketPrice:
      return {F::kMarketPrice,
              Gives::kNumber,
              {{"demand", 1}, {"demand profile", 2}, {"supply", 1}, {"supply profile", 2}}};
    case Builtin::kDemandAtPrice:
      return {F::kDemandAtPrice, Gives::kNumber, {{"profile", 1}, {"quantity"}, {"price"}}};
    case Builtin::kSupplyAtPrice:
      return {F::kSupplyAtPrice, Gives::kNumber, {{"profile", 1}, {"quantity"}, {"price"}}};
    case Builtin::kVectorLookup:
      return {
          F::kVectorLookup, Gives::kNumber, {{"values", 1}, {"x"}, {"low"}, {"high"}, {"mode"}}};
    case Builtin::kPoissonQuantile:
      return {F::kPoissonQuantile, Gives::kNumber, {{"share"}, {"mean"}}};
    case Builtin::kBinomialQuantile:
      return {F::kBinomialQuantile, Gives::kNumber, {{"share"}, {"trials"}, {"chance"}}};
    case Builtin::kBetaQuantile:
      return {F::kBetaQuantile, Gives::kNumber, {{"share"}, {"alpha"}, {"beta"}}};
    case Builtin::kGammaQuantile:
      return {F::kGammaQuantile, Gives::kNumber, {{"share"}, {"shape"}, {"scale"}}};
    case Builtin::kNormalShare:
      return {F::kNormalShare, Gives::kNumber, {{"z"}}};
    default:
      return {F::kNormalQuantile, Gives::kNumber, {{"share"}, {"mean"}, {"sd"}}};
  }
}

bool names(const Expr& expr, IndexId index) {
  if (auto* position = std::get_if<Position>(&expr.node)) return position->index == index;
  const auto* load = std::get_if<Load>(&expr.node);
  return load && std::ranges::any_of(load->subscripts, [&](const Subscript& subscript) {
           return subscript.index == index;
         });
}

bool uses_index(const Model& model, ExprId root, IndexId index) {
  bool used = false;
  walk(model, root, [&](const Expr& expr) { used |= names(expr, index); });
  return used;
}

class ArrayCaller {
 public:
  ArrayCaller(Context& context, const Env& env, const syntax::Call& call, Span span)
      : context_(context),
        env_(env),
        call_(call),
        span_(span),
        signature_(signature(find_builtin(call.function.text)->id)) {}

  ExprId lower() { return understood() ? read(make()) : context_.bad(span_); }

  // All elements of the result, as a slice of another call.
  Slice lower_whole() {
    Slice slice{{}, context_.bad(span_)};
    if (!understood()) return slice;
    const VarId id = make();
    std::vector<Subscript> subscripts = outer_;
    const std::vector<DimId> dims = context_.var(id).dims;
    for (size_t d = outer_.size(); d < dims.size(); ++d) {
      slice.indexes.push_back(context_.add_full_index(context_.model[dims[d]].name, dims[d]));
      subscripts.push_back({slice.indexes.back(), 0, {}});
    }
    slice.body = context_.add({Load{id, std::move(subscripts)}, Type::kNumber, unit_, span_});
    return slice;
  }

 private:
  bool understood() { return usable_here() && lower_arguments() && shapes_fit() && units_fit(); }

  bool usable_here() {
    if (env_.mode != Mode::kAnswer) return true;
    context_
        .error(Kind::kNotConstant, span_,
               fmt::format("`{}` cannot stand between answers", call_.function.text))
        .hint = "give it a `let` of its own";
    return false;
  }

  bool gives_array(const syntax::Call& call) const {
    const BuiltinInfo* info = find_builtin(call.function.text);
    return info && info->form == Form::kArray && !find_function(context_, call.function) &&
           signature(info->id).gives == Gives::kFirstSlice;
  }

  bool lower_arguments() {
    std::vector<std::string> names;
    size_t required = 0;
    for (const Parameter& parameter : signature_.parameters) {
      names.emplace_back(parameter.name);
      if (std::isnan(parameter.otherwise)) required = names.size();
    }
    std::vector<const syntax::Argument*> arguments;
    if (!match_arguments(context_, call_, span_, names, required, arguments)) return false;
    bool fine = true;
    for (size_t i = 0; i < arguments.size(); ++i) {
      const Parameter& parameter = signature_.parameters[i];
      slices_.push_back(parameter.dims > 0 ? slice(parameter, arguments[i]->value)
                        : arguments[i]
                            ? Slice{{}, lower_number(context_, env_, arguments[i]->value)}
                            : Slice{{}, context_.constant(parameter.otherwise, span_)});
      fine &= !context_.is_bad(slices_.back().body);
    }
    return fine;
  }

  Slice slice(const Parameter& parameter, SyntaxId argument) {
    Env inner;
    Slice result{{}, context_.bad(span_)};
    const auto* call = std::get_if<syntax::Call>(&context_.tree[argument].node);
    if (call && gives_array(*call))
      return ArrayCaller(context_, env_, *call, context_.tree[argument].span).lower_whole();
    if (!bind_members(context_, env_, call_, argument, inner, result.indexes)) return result;
    if (result.indexes.empty() ||
        (parameter.dims == 2 && call_.bindings.empty() && result.indexes.size() != 2)) {
      context_
          .error(Kind::kShapeMismatch, context_.tree[argument].span,
                 fmt::format("`{}` of `{}` runs over {} dimension{}", parameter.name,
                             call_.function.text, parameter.dims == 2 ? "two" : "at least one",
                             parameter.dims == 2 ? "s" : ""))
          .hint = parameter.dims == 2 ? "for example `x[*, *]`" : "for example `x[*]`";
      return result;
    }
    result.body = headrace::model::lower(context_, inner, argument);
    result.body = context_[result.body].type == Type::kBoolean
                      ? context_.with(result.body, Type::kNumber, {})
                      : as_number(context_, result.body);
    // Of the indexes of `for`, a slice runs over those that it uses; a selection over all of them.
    if (signature_.function != ArrayFunction::kVectorSelect && !call_.bindings.empty())
      std::erase_if(result.indexes,
                    [&](IndexId index) { return !uses_index(context_.model, result.body, index); });
    return result;
  }

  // ------------------------------------------------------------ what goes together

  size_t extent(const Slice& slice) const {
    size_t count = 1;
    for (IndexId index : slice.indexes) count *= context_.model[index].positions.size();
    return count;
  }
  size_t extent(const Slice& slice, size_t place) const {
    return context_.model[slice.indexes[place]].positions.size();
  }

  bool shape_error(std::string message) {
    context_.error(Kind::kShapeMismatch, span_, std::move(message));
    return false;
  }

  bool same_extent(size_t i) {
    if (extent(slices_[i]) == extent(slices_[0])) return true;
    return shape_error(fmt::format("`{}` has {} values here, and `{}` has {}",
                                   signature_.parameters[0].name, extent(slices_[0]),
                                   signature_.parameters[i].name, extent(slices_[i])));
  }

  bool is_profile(size_t numbers) {
    if (numbers >= 4) return true;
    return shape_error("a profile has four numbers: kind, priority, width and extra");
  }

  bool profiles_fit(size_t quantities, size_t profiles) {
    if (extent(slices_[profiles], 0) == extent(slices_[quantities]))
      return is_profile(extent(slices_[profiles], 1));
    return shape_error(fmt::format("`{}` has {} values here, and there are {} profiles",
                                   signature_.parameters[quantities].name,
                                   extent(slices_[quantities]), extent(slices_[profiles], 0)));
  }

  bool shapes_fit() {
    for (size_t i = 0; i < slices_.size(); ++i) {
      const Parameter& parameter = signature_.parameters[i];
      if (slices_[i].indexes.size() < parameter.dims ||
          (parameter.dims == 2 && slices_[i].indexes.size() != 2))
        return shape_error(fmt::format("`{}` uses too few of the indexes", parameter.name));
    }
    switch (signature_.function) {
      case ArrayFunction::kReorder:
      case ArrayFunction::kVectorSelect:
      case ArrayFunction::kAllocateByPriority:
      case ArrayFunction::kMarketPriority:
        return same_extent(1);
      case ArrayFunction::kInverse:
        if (extent(slices_[0], 0) == extent(slices_[0], 1)) return true;
        return shape_error(fmt::format("a matrix of {} by {} has no inverse", extent(slices_[0], 0),
                                       extent(slices_[0], 1)));
      case ArrayFunction::kAllocateAvailable:
        return profiles_fit(0, 1);
      case ArrayFunction::kMarketPrice:
        return profiles_fit(0, 1) && profiles_fit(2, 3);
      case ArrayFunction::kDemandAtPrice:
      case ArrayFunction::kSupplyAtPrice:
        return is_profile(extent(slices_[0]));
      case ArrayFunction::kSortOrder:
      case ArrayFunction::kRank:
      case ArrayFunction::kElementAt:
      case ArrayFunction::kVectorLookup:
      case ArrayFunction::kPoissonQuantile:
      case ArrayFunction::kBinomialQuantile:
      case ArrayFunction::kBetaQuantile:
      case ArrayFunction::kGammaQuantile:
      case ArrayFunction::kNormalQuantile:
      case ArrayFunction::kNormalShare:
        break;
    }
    return true;
  }

  Unit unit_of(size_t i) const { return context_[slices_[i].body].unit; }

  bool fit(size_t i, const Unit& unit) {
    slices_[i].body =
        fitted(context_, slices_[i].body, unit,
               fmt::format("`{}` of `{}`", signature_.parameters[i].name, call_.function.text));
    return !context_.is_bad(slices_[i].body);
  }

  bool plain_from(size_t first) {
    bool fine = true;
    for (size_t i = first; i < slices_.size(); ++i) fine &= fit(i, {});
    return fine;
  }

  // A reading of a curve through values: one of them, the area below, the x of one, or the slope.
  bool curve_fits() {
    if (!fit(4, {})) return false;
    const auto* mode = std::get_if<Constant>(&context_[slices_[4].body].node);
    unknown_ |= !mode;
    const double reading = mode ? std::round(mode->value) : 0;
    const bool inverse = reading == 5 || reading == 8;
    const Unit values = unit_of(0), x = unit_of(inverse ? 2 : 1);
    if (inverse) {
      unit_ = x;
      return fit(1, values) && fit(3, x);
    }
    unit_ = reading == 1 || reading == 7   ? times(context_, values, x, span_)
            : reading == 6 || reading == 9 ? per(context_, values, x, span_)
                                           : values;
    return fit(2, x) && fit(3, x);
  }

  bool units_fit() {
    switch (signature_.function) {
      case ArrayFunction::kSortOrder:
      case ArrayFunction::kRank:
        return plain_from(1);
      case ArrayFunction::kReorder:
      case ArrayFunction::kElementAt:
        unit_ = unit_of(0);
        return plain_from(1);
      case ArrayFunction::kVectorSelect:
        unit_ = unit_of(1);
        return fit(0, {}) && fit(2, unit_) && plain_from(3);
      case ArrayFunction::kInverse:
        unit_ = raised(context_, unit_of(0), *units::Rational::make(-1, 1), span_);
        return true;
      case ArrayFunction::kAllocateAvailable:
        unit_ = unit_of(0);
        return fit(1, {}) && fit(2, unit_);
      case ArrayFunction::kAllocateByPriority:
        unit_ = unit_of(0);
        return fit(1, {}) && fit(2, {}) && fit(3, unit_);
      case ArrayFunction::kMarketPriority:
        return fit(1, {}) && fit(2, {}) && fit(3, unit_of(0));
      case ArrayFunction::kMarketPrice:
        return fit(1, {}) && fit(2, unit_of(0)) && fit(3, {});
      case ArrayFunction::kDemandAtPrice:
      case ArrayFunction::kSupplyAtPrice:
        unit_ = unit_of(1);
        return fit(0, {}) && fit(2, {});
      case ArrayFunction::kVectorLookup:
        return curve_fits();
      case ArrayFunction::kGammaQuantile:
        unit_ = unit_of(2);
        return fit(0, {}) && fit(1, {});
      case ArrayFunction::kNormalQuantile:
        unit_ = unit_of(1);
        return fit(0, {}) && fit(2, unit_);
      case ArrayFunction::kPoissonQuantile:
      case ArrayFunction::kBinomialQuantile:
      case ArrayFunction::kBetaQuantile:
      case ArrayFunction::kNormalShare:
        return plain_from(0);
    }
    return true;
  }

  // ------------------------------------------------------------ the variable

  bool uses(IndexId index) const {
    return std::ranges::any_of(
        slices_, [&](const Slice& slice) { return uses_index(context_.model, slice.body, index); });
  }

  VarId make() {
    Variable made;
    made.name = context_.made_name(env_, call_.function.text);
    made.kind = VarKind::kLet;
    made.made = true;
    made.span = span_;
    made.unit = unit_;
    made.unit_text = show(context_, unit_);
    Piece piece;
    const std::vector<Subscript> all = call_subscripts(context_, env_);
    size_t place = 0;
    for (const BoundIndex& bound : env_.bound) {
      if (!bound.index.valid()) continue;
      const Subscript& subscript = all[place++];
      if (!uses(bound.index)) continue;
      made.dims.push_back(bound.dimension);
      piece.indexes.push_back(bound.index);
      outer_.push_back(subscript);
    }
    std::vector<IndexId> result;
    if (signature_.gives == Gives::kFirstSlice) {
      for (IndexId index : slices_[0].indexes) {
        const DimId dimension = context_.model[index].dimension;
        result.push_back(context_.add_full_index(context_.model[index].name, dimension));
        made.dims.push_back(dimension);
      }
    }
    if (element_count(context_, made.dims) > kMaxElements)
      context_.error(Kind::kTooLarge, span_,
                     "this value is needed for too many combinations of members");
    piece.indexes.insert(piece.indexes.end(), result.begin(), result.end());
    for (const Slice& slice : slices_) unknown_ |= context_.infos[slice.body.index].unknown_unit;
    piece.value = context_.add(
        {ArrayCall{signature_.function, std::move(slices_), result}, Type::kNumber, unit_, span_});
    made.pieces.push_back(std::move(piece));
    return context_.add_variable(std::move(made));
  }

  ExprId read(VarId id) {
    if (auto ordered = in_order(id)) outer_.insert(outer_.end(), ordered->begin(), ordered->end());
    const ExprId load = load_rest(context_, env_, id, call_.function.text, outer_, span_);
    context_.infos[load.index].unknown_unit |= unknown_;
    context_.saw_unknown |= unknown_;
    return load;
  }

  // Where the result has one dimension twice, as a square matrix may, its places are taken in the
  // order in which the indexes of that dimension are in scope.
  std::optional<std::vector<Subscript>> in_order(VarId id) const {
    const auto& dims = context_.var(id).dims;
    std::vector<Subscript> result;
    std::vector<const BoundIndex*> left;
    for (const BoundIndex& bound : env_.bound) {
      if (!bound.hidden && !bound.summed && bound.index.valid()) left.push_back(&bound);
    }
    if (dims.size() != outer_.size() + 2 || dims[outer_.size()] != dims[outer_.size() + 1])
      return std::nullopt;
    for (size_t d = outer_.size(); d < dims.size(); ++d) {
      const auto at = std::ranges::find_if(
          left, [&](const BoundIndex* bound) { return bound->dimension == dims[d]; });
      bool lacks = false;
      if (at == left.end()) return std::nullopt;
      auto subscript = connect(context_, **at, dims[d], lacks);
      if (!subscript || lacks) return std::nullopt;
      result.push_back(std::move(*subscript));
      left.erase(at);
    }
    return result;
  }

  Context& context_;
  const Env& env_;
  const syntax::Call& call_;
  Span span_;
  Signature signature_;
  std::vector<Slice> slices_;
  std::vector<Subscript> outer_;
  Unit unit_;
  bool unknown_ = false;
};

}  // namespace

ExprId lower_array_call(Context& context, const Env& env, const syntax::Call& call, Span span) {
  return ArrayCaller(context, env, call, span).lower();
}

}  // namespace headrace::model
