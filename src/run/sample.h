#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "math/correlation.h"
#include "math/design.h"
#include "math/sampler.h"
#include "model/model.h"
#include "run/run.h"

namespace headrace::run {

// Gives the inputs of any draw. A number depends on the seed, the input's name, the draw and, for
// designs with strata, on how many draws there are; never on which draws are asked for together.
class InputSampler {
 public:
  InputSampler(const model::Model& model, const RunOptions& options);

  // rows[i][0 .. n): input i in the draws from `draw` on, counted from 0 over all runs.
  void fill(uint64_t draw, size_t n, std::span<double* const> rows) const;
  // rows[i][0 .. n) hold independent uniform numbers and become values of input i. Not for a
  // sampler of medians or of given values.
  void transform(size_t n, std::span<double* const> rows) const;

 private:
  struct Group {
    std::vector<uint32_t> inputs;  // in the order of factor.names
    math::Factor factor;
  };

  void add_groups(const model::Model& model);

  math::Design design_;
  uint64_t seed_, first_draw_, total_;
  std::span<const std::vector<double>> given_;
  bool median_;
  std::vector<uint64_t> names_;
  std::vector<std::shared_ptr<const math::Sampler>> samplers_;
  std::vector<double> medians_;
  std::vector<Group> groups_;
};

}  // namespace headrace::run
