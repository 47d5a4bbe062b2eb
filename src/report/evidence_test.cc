#include "report/evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headrace::report {
namespace {

using testing::ElementsAre;

// A stock fed by a flow that reads two params; a third is not read by anything.
model::Model small() {
  model::Model model;
  auto add_load = [&model](uint32_t variable) {
    model::Expr load;
    load.node = model::Load{model::VarId(variable), {}};
    model.exprs.push_back(load);
    return model::ExprId(model.exprs.size() - 1);
  };
  auto add = [&model](const char* name, model::VarKind kind) -> model::Variable& {
    model::Variable variable;
    variable.name = name;
    variable.kind = kind;
    model.variables.push_back(variable);
    return model.variables.back();
  };
  add("a", model::VarKind::kParam).sources = {"report"};
  add("b", model::VarKind::kParam).assumed = "a guess";
  add("unread", model::VarKind::kParam);
  const model::ExprId a = add_load(0), b = add_load(1);
  model::Expr sum;
  sum.node = model::Apply{model::Op::kAdd, {a, b}};
  model.exprs.push_back(sum);
  const model::ExprId rate(model.exprs.size() - 1);
  add("f", model::VarKind::kFlow).pieces = {{{}, rate}};
  const model::ExprId flow = add_load(3);
  add("s", model::VarKind::kStock).pieces = {{{}, flow}};
  return model;
}

TEST(Evidence, FollowsWhatIsRead) {
  const model::Model model = small();
  const std::vector<model::VarId> roots = {model::VarId(4)};
  const Evidence evidence = evidence_of(model, roots);
  EXPECT_THAT(evidence.sources, ElementsAre("report"));
  EXPECT_THAT(evidence.assumed, ElementsAre("b"));
  EXPECT_TRUE(evidence.unsourced.empty());
  EXPECT_EQ(in_words(evidence), "1 source and 1 guess");
}

TEST(Evidence, OfTheWholeModel) {
  const Evidence evidence = evidence_of(small());
  EXPECT_THAT(evidence.unsourced, ElementsAre("unread"));
  EXPECT_EQ(in_words(evidence), "1 source, 1 guess and 1 unsourced value");
}

}  // namespace
}  // namespace headrace::report
