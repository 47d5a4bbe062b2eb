#include "run/sample.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>

#include "base/check.h"
#include "base/hash.h"
#include "base/workers.h"
#include "math/sampler_cache.h"

namespace headrace::run {

InputSampler::InputSampler(const model::Model& model, const RunOptions& options)
    : design_(options.design),
      seed_(options.seed),
      first_draw_(options.first_draw),
      total_(options.first_draw + options.draws),
      given_(options.given),
      median_(options.draws == 0) {
  if (!given_.empty()) {
    CHECK(given_.size() == model.inputs.size());
    for (const auto& column : given_) CHECK(column.size() == options.draws);
    return;
  }
  for (const model::Input& input : model.inputs) {
    names_.push_back(base::hash(input.name));
    if (median_) medians_.push_back(input.distribution.quantile(0.5));
  }
  if (median_) return;
  samplers_.resize(model.inputs.size());
  base::parallel_for(samplers_.size(), options.threads, [&](size_t i, unsigned) {
    const math::Distribution& distribution = model.inputs[i].distribution;
    samplers_[i] = options.samplers ? options.samplers->of(distribution)
                                    : std::make_shared<const math::Sampler>(distribution);
  });
  add_groups(model);
}

void InputSampler::add_groups(const model::Model& model) {
  std::vector<math::RankPair> pairs;
  std::map<std::string, uint32_t> positions;
  for (const model::Correlation& c : model.correlations) {
    const size_t n = c.inputs.size();
    for (size_t i = 0; i < n; ++i) {
      positions[model.inputs[c.inputs[i]].name] = c.inputs[i];
      for (size_t j = 0; j < i; ++j) {
        if (c.rank[i * n + j] == 0) continue;
        pairs.push_back(
            {model.inputs[c.inputs[i]].name, model.inputs[c.inputs[j]].name, c.rank[i * n + j]});
      }
    }
  }
  auto factors = math::factorise(pairs);
  CHECK(factors.has_value());  // the model was checked
  for (math::Factor& factor : *factors) {
    Group group;
    for (const std::string& name : factor.names) group.inputs.push_back(positions.at(name));
    group.factor = std::move(factor);
    groups_.push_back(std::move(group));
  }
}

void InputSampler::fill(uint64_t draw, size_t n, std::span<double* const> rows) const {
  if (!given_.empty()) {
    for (size_t i = 0; i < rows.size(); ++i) {
      std::copy_n(given_[i].data() + (draw - first_draw_), n, rows[i]);
    }
    return;
  }
  if (median_) {
    for (size_t i = 0; i < rows.size(); ++i) std::fill_n(rows[i], n, medians_[i]);
    return;
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    math::sample(design_, seed_, names_[i], draw, total_, std::span(rows[i], n));
  }
  transform(n, rows);
}

void InputSampler::transform(size_t n, std::span<double* const> rows) const {
  for (const Group& group : groups_) {
    std::vector<std::span<double>> members;
    for (const uint32_t i : group.inputs) members.emplace_back(rows[i], n);
    math::correlate(group.factor, members);
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::span<double> row(rows[i], n);
    samplers_[i]->quantiles(row, row);
  }
}

namespace {

// Calls fill(first, n, rows) for blocks of the columns, on all threads.
void for_each_block(std::span<std::vector<double>> columns, unsigned threads,
                    const std::function<void(uint64_t, size_t, std::span<double* const>)>& fill) {
  constexpr uint64_t kBlock = 4096;
  const uint64_t draws = columns.empty() ? 0 : columns[0].size();
  base::parallel_for((draws + kBlock - 1) / kBlock, threads, [&](size_t block, unsigned) {
    const uint64_t first = block * kBlock;
    std::vector<double*> rows;
    for (auto& column : columns) rows.push_back(column.data() + first);
    fill(first, std::min(kBlock, draws - first), rows);
  });
}

}  // namespace

std::vector<std::vector<double>> sample_inputs(const model::Model& model,
                                               const RunOptions& options) {
  const InputSampler sampler(model, options);
  const uint64_t draws = std::max<uint64_t>(options.draws, 1);
  std::vector<std::vector<double>> inputs(model.inputs.size(), std::vector<double>(draws));
  for_each_block(inputs, options.threads,
                 [&](uint64_t first, size_t n, std::span<double* const> rows) {
                   sampler.fill(options.first_draw + first, n, rows);
                 });
  return inputs;
}

void transform_inputs(const model::Model& model, std::span<std::vector<double>> columns,
                      unsigned threads) {
  CHECK(columns.size() == model.inputs.size());
  RunOptions options;
  options.threads = threads;
  const InputSampler sampler(model, options);
  for_each_block(columns, threads, [&](uint64_t, size_t n, std::span<double* const> rows) {
    sampler.transform(n, rows);
  });
}

}  // namespace headrace::run
