#include "workbench/live.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "ir/lower.h"
#include "math/adjust.h"
#include "workbench/assumptions.h"
#include "workbench/levers.h"

namespace headrace::workbench {
namespace {

using base::Error;
using Mode = Change::Mode;

constexpr size_t kMostReplacements = 64;
// Draws that a page's program makes over its life: enough for a compilation to be worth it.
constexpr uint64_t kManyDraws = 2'000'000;

Error usage(std::string message) { return {Error::Kind::kUsage, std::move(message)}; }

std::optional<double> constant_of(const model::Model& model, const model::Variable& variable) {
  const bool may_be =
      variable.kind == model::VarKind::kParam || variable.kind == model::VarKind::kLet;
  if (!may_be || variable.made || !variable.dims.empty() || variable.pieces.size() != 1) return {};
  if (variable.type != model::Type::kNumber) return {};
  const auto* constant = std::get_if<model::Constant>(&model[variable.pieces[0].value].node);
  if (!constant) return {};
  return constant->value;
}

const model::Input* find_input(const model::Model& model, const std::string& name) {
  for (const model::Input& input : model.inputs) {
    if (input.name == name) return &input;
  }
  return nullptr;
}

bool is_correlated(const model::Model& model, size_t input) {
  return std::any_of(model.correlations.begin(), model.correlations.end(), [&](const auto& group) {
    return std::find(group.inputs.begin(), group.inputs.end(), input) != group.inputs.end();
  });
}

// `name[A,B]` as --set writes it.
std::string rendered(const text::Diagnostics& found, const Project& project) {
  std::string text = text::render(found, project.sources);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

std::string scenarios_key(const Question& question) {
  std::string key = fmt::format("{}", fmt::join(question.scenarios, "+"));
  if (question.only) key += fmt::format(" only {}", fmt::join(*question.only, "+"));
  return key;
}

}  // namespace

std::string version_key(const Question& question) {
  std::string key = scenarios_key(question);
  for (const Change& c : question.changes) {
    key += fmt::format("|{}\t{}\t{}\t{}\t{}\t{}", c.input, static_cast<int>(c.mode), c.value, c.low,
                       c.high, c.text);
  }
  return key;
}

std::vector<Choice> choices(const model::Model& model) {
  std::vector<Choice> out;
  for (uint32_t v = 0; v < model.variables.size(); ++v) {
    if (const auto value = constant_of(model, model.variables[v])) {
      out.push_back({model::VarId(v), *value});
    }
  }
  return out;
}

base::Result<std::unique_ptr<Live>> Live::open(const std::string& path, Backend backend,
                                               unsigned threads) {
  std::unique_ptr<Live> live(new Live(backend, threads));
  auto project = workbench::open(path);
  if (!project) return std::unexpected(project.error());
  live->project_ = std::move(*project);
  auto base = live->make_version({});
  if (!base) return std::unexpected(base.error());
  live->base_ = std::move(*base);
  return live;
}

Variant Live::variant(const Question& question) const {
  if (!question.only) return {question.scenarios, {}};
  return {{}, entries_for(*project_, question.scenarios, *question.only)};
}

base::Result<std::unique_ptr<Live::Version>> Live::make_version(const Question& question) {
  text::Diagnostics found;
  auto model = resolve(*project_, variant(question), found);
  if (!model) return base::fail(Error::Kind::kInvalid, rendered(found, *project_));
  for (const Change& change : question.changes) {
    if (find_input(*model, change.input)) continue;
    if (auto freed = free_constant(*model, change.input); !freed) {
      return std::unexpected(freed.error());
    }
  }
  auto picks = find_outputs(*model, question.outputs);
  if (!picks) return std::unexpected(picks.error());
  std::vector<model::VarId> outputs;
  for (const Pick& pick : *picks) {
    const bool known = std::find(outputs.begin(), outputs.end(), pick.variable) != outputs.end();
    if (pick.variable.valid() && !known) outputs.push_back(pick.variable);
  }
  auto version = std::make_unique<Version>();
  version->compiled.program = std::make_shared<const ir::Program>(
      ir::lower(*model, {.outputs = outputs, .answers = question.answers}));
  version->compiled.model = std::move(*model);
  for (const model::Input& input : version->compiled.model.inputs) {
    version->priors.push_back(input.distribution);
  }
  return version;
}

base::Result<Live::Version*> Live::find_version(const Question& question) {
  std::vector<std::string> freed;
  for (const Change& change : question.changes) {
    if (!find_input(base_->compiled.model, change.input)) freed.push_back(change.input);
  }
  std::sort(freed.begin(), freed.end());
  const std::string key =
      fmt::format("{}\n{}\n{}\n{}", scenarios_key(question), fmt::join(freed, "\t"),
                  fmt::join(question.outputs, "\t"), question.answers);
  for (auto it = versions_.begin(); it != versions_.end(); ++it) {
    if ((*it)->key != key) continue;
    versions_.splice(versions_.begin(), versions_, it);
    return versions_.front().get();
  }
  auto version = make_version(question);
  if (!version) return std::unexpected(version.error());
  auto kernels = choose_kernels(
      (*version)->compiled.program,
      {.backend = backend_, .draws = kManyDraws, .threads = threads_, .abandon_compilation = true});
  if (!kernels) return std::unexpected(kernels.error());
  (*version)->key = key;
  (*version)->kernels = std::move(*kernels);
  versions_.push_front(std::move(*version));
  if (versions_.size() > kMostVersions) versions_.pop_back();
  return versions_.front().get();
}

base::Result<math::Distribution> Live::replaced(const Question& question, const Change& change) {
  const std::string key =
      fmt::format("{}\n{}\n{}", scenarios_key(question), change.input, change.text);
  for (const Replacement& known : replacements_) {
    if (known.key == key) return known.distribution;
  }
  // A copy of the tree would do; the project's own only grows by this one expression.
  auto entry = parse_set(*project_, change.input + "=" + change.text);
  if (!entry) return std::unexpected(entry.error());
  text::Diagnostics found;
  Variant wanted = variant(question);
  wanted.overlays.push_back(*entry);
  auto model = resolve(*project_, wanted, found);
  if (!model) return base::fail(Error::Kind::kUsage, rendered(found, *project_));
  std::optional<math::Distribution> made;
  if (const model::Input* input = find_input(*model, change.input)) {
    made = input->distribution;
  } else if (const auto id = model->find(change.input)) {
    if (const auto value = constant_of(*model, (*model)[*id])) made = *math::point(*value);
  }
  if (!made) {
    return std::unexpected(usage(fmt::format(
        "'{}' for '{}' is neither a distribution nor a plain number", change.text, change.input)));
  }
  if (replacements_.size() >= kMostReplacements) replacements_.clear();
  replacements_.push_back({key, *made});
  return *made;
}

base::Result<Live::Changed> Live::apply(const model::Model& model, size_t input,
                                        const math::Distribution& prior, const Question& question,
                                        const Change& change) {
  auto named = [&](math::Draws draws) -> base::Result<Changed> {
    if (draws) return Changed{std::move(*draws), 1};
    return std::unexpected(usage(fmt::format("'{}': {}", change.input, draws.error().message)));
  };
  switch (change.mode) {
    case Mode::kShift:
      return named(math::is_share(prior) ? math::shifted_share(prior, change.value)
                                         : math::scaled(prior, change.value));
    case Mode::kPin:
      if (!std::isfinite(change.value)) {
        return std::unexpected(usage(fmt::format("'{}' needs a number", change.input)));
      }
      return named(math::point(change.value));
    case Mode::kGiven: {
      if (is_correlated(model, input)) {
        return std::unexpected(
            usage(fmt::format("'{}' is correlated with other inputs; a range for it alone is not "
                              "available, pin or shift it",
                              change.input)));
      }
      auto cut = named(math::truncated(prior, change.low, change.high));
      if (cut) cut->kept = prior.cdf(change.high) - prior.cdf(change.low);
      return cut;
    }
    case Mode::kReplace: {
      auto made = replaced(question, change);
      if (!made) return std::unexpected(made.error());
      return Changed{std::move(*made), 1};
    }
  }
  return std::unexpected(usage("unknown mode"));
}

base::Result<void> Live::move(Version& version, const Question& question) {
  std::vector<model::Input>& inputs = version.compiled.model.inputs;
  for (size_t i = 0; i < inputs.size(); ++i) inputs[i].distribution = version.priors[i];
  for (const Change& change : question.changes) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i].name != change.input) continue;
      auto changed = apply(version.compiled.model, i, version.priors[i], question, change);
      if (!changed) return std::unexpected(changed.error());
      inputs[i].distribution = std::move(changed->distribution);
    }
  }
  return {};
}

base::Result<void> Live::change(model::Model& model, const Question& question) {
  for (const Change& change : question.changes) {
    if (!find_input(model, change.input)) {
      if (auto freed = free_constant(model, change.input); !freed) return freed;
    }
    for (size_t i = 0; i < model.inputs.size(); ++i) {
      if (model.inputs[i].name != change.input) continue;
      auto changed = apply(model, i, model.inputs[i].distribution, question, change);
      if (!changed) return std::unexpected(changed.error());
      model.inputs[i].distribution = std::move(changed->distribution);
    }
  }
  return {};
}

base::Result<Live::Changed> Live::changed(const Question& question, const Change& change) {
  Question whole = question;
  const bool has = std::any_of(whole.changes.begin(), whole.changes.end(),
                               [&](const Change& each) { return each.input == change.input; });
  if (!has) whole.changes.push_back(change);
  auto version = find_version(whole);
  if (!version) return std::unexpected(version.error());
  for (size_t i = 0; i < (*version)->priors.size(); ++i) {
    if ((*version)->compiled.model.inputs[i].name == change.input) {
      return apply((*version)->compiled.model, i, (*version)->priors[i], question, change);
    }
  }
  return std::unexpected(not_found("input", change.input, {}));
}

base::Result<void> Live::check(const Question& question) {
  auto version = find_version(question);
  if (!version) return std::unexpected(version.error());
  return move(**version, question);
}

// A shift keeps the rank of each draw in the distribution; of a factor that is the factor itself.
std::shared_ptr<const study::Posterior> Live::shifted(const Version& version,
                                                      const Question& question) const {
  std::shared_ptr<study::Posterior> out;
  for (const Change& change : question.changes) {
    if (!posterior_ || change.mode != Mode::kShift) continue;
    for (size_t i = 0; i < version.priors.size(); ++i) {
      const model::Input& input = version.compiled.model.inputs[i];
      if (input.name != change.input) continue;
      const math::Distribution& prior = version.priors[i];
      for (size_t c = 0; c < posterior_->inputs.size(); ++c) {
        const auto& [name, words] = posterior_->inputs[c];
        if (name != input.name || words != prior.describe()) continue;
        if (!out) out = std::make_shared<study::Posterior>(*posterior_);
        out->inputs[c].prior = input.distribution.describe();
        for (double& x : out->draws[c]) x = input.distribution.quantile(prior.cdf(x));
      }
    }
  }
  return out ? out : posterior_;
}

base::Result<std::shared_ptr<const study::Posterior>> Live::posterior(const Question& question) {
  if (!posterior_) return nullptr;
  auto found = find_version(question);
  if (!found) return std::unexpected(found.error());
  if (auto moved = move(**found, question); !moved) return std::unexpected(moved.error());
  return shifted(**found, question);
}

bool Live::is_certain(const Question& question) const {
  return !is_uncertain(model()) && std::ranges::all_of(question.changes, [](const Change& c) {
    return c.mode == Mode::kPin;
  });
}

base::Result<std::optional<Live::Answer>> Live::ask(const Question& question,
                                                    run::RunOptions options) {
  auto found = find_version(question);
  if (!found) return std::unexpected(found.error());
  Version& version = **found;
  if (auto moved = move(version, question); !moved) return std::unexpected(moved.error());
  const model::Model& model = version.compiled.model;
  if (is_certain(question)) options.draws = 0;
  options.threads = threads_;
  options.samplers = &samplers_;
  options.shared = &version.shared;
  study::Columns given;
  if (const auto posterior = shifted(version, question); posterior && options.draws > 0) {
    given = study::posterior_inputs(*posterior, model, options);
    options.given = given;
  }
  const auto start = std::chrono::steady_clock::now();
  auto result = run::run(model, *version.compiled.program, *version.kernels, options);
  if (!result) return std::unexpected(result.error());
  if (!*result) return std::optional<Answer>();
  (*result)->checks.resize(model.checks.size());  // without answers none was asked, none failed
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const double rate = static_cast<double>((*result)->draws) / std::max(took.count(), 1e-6);
  version.draws_a_second =
      version.draws_a_second > 0 ? 0.5 * (version.draws_a_second + rate) : rate;
  return std::optional<Answer>(Answer{&model, std::move(**result)});
}

base::Result<std::vector<std::vector<double>>> Live::inputs(const Question& question,
                                                            run::RunOptions options) {
  auto found = find_version(question);
  if (!found) return std::unexpected(found.error());
  if (auto moved = move(**found, question); !moved) return std::unexpected(moved.error());
  options.threads = threads_;
  options.samplers = &samplers_;
  const model::Model& model = (*found)->compiled.model;
  const auto posterior = shifted(**found, question);
  return posterior ? study::posterior_inputs(*posterior, model, options)
                   : run::sample_inputs(model, options);
}

double Live::speed(const Question& question) {
  auto found = find_version(question);
  return found ? (*found)->draws_a_second : 0;
}

}  // namespace headrace::workbench
