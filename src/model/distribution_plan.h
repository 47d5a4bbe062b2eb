#pragma once

// The text of a distribution as a plan: its form, and its arguments as expressions in the unit of
// what it describes. A plan is fitted with the numbers that its arguments have.

#include <optional>
#include <vector>

#include "math/distribution.h"
#include "model/context.h"

namespace headrace::model {

enum class Shape {
  kPoint,
  kInterval,
  kNormal,
  kNormalInterval,
  kLognormalInterval,
  kLognormalMedian,
  kLognormalMean,
  kUniform,
  kTriangular,
  kPert,
  kBeta,
  kBetaMode,
  kBetaMean,
  kGamma,
  kGammaMean,
  kExponential,
  kPoisson,
  kNegativeBinomial,
  kBernoulli,
  kStudentT,
  kDiscrete,
  kMixture,
  kTruncate
};

struct Plan {
  Shape form = Shape::kPoint;
  std::vector<ExprId> arguments;
  std::vector<ExprId> weights;
  std::vector<Plan> parts;
  Span span;
  double coverage = 0.9;  // of the forms with an interval
};

// Nothing after a diagnostic.
std::optional<Plan> plan_distribution(Context& context, const Env& env, SyntaxId id,
                                      ValueGoal& goal);

// The distribution with the numbers that its arguments have for the members. Fails with the reason,
// or with an empty message when an argument is itself uncertain.
math::Draws fit(const Context& context, const Plan& plan, const Ordinals& ordinals, bool dates);

}  // namespace headrace::model
