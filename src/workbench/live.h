#pragma once

// A model that answers again and again while its inputs are moved: the page's side of the door.
//
// What a slider moves is a distribution, not the program: the program of a version is lowered and
// compiled once, and a changed input only changes what is sampled. A constant that is moved
// becomes an input first, which makes another program; that is compiled once, too. So a move costs
// a simulation and nothing else.

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "math/distribution.h"
#include "math/sampler_cache.h"
#include "study/calibration/posterior.h"
#include "workbench/workbench.h"

namespace headrace::workbench {

// One input that a person moved.
struct Change {
  enum class Mode {
    kShift,    // `value` times the number; a share by `value` on the log-odds scale
    kPin,      // exactly `value`
    kGiven,    // only the part of the distribution between `low` and `high`
    kReplace,  // `text` of the language
  };
  std::string input;  // as Input::name, `yield` or `share[US]`
  Mode mode = Mode::kShift;
  double value = 1, low = 0, high = 0;
  std::string text;

  bool operator==(const Change&) const = default;
};

// Which version of the model, and what is asked of it.
struct Question {
  std::vector<std::string> scenarios;  // stacked
  std::vector<Change> changes;         // at most one an input
  std::vector<std::string> outputs;    // variables or elements to save over time
  bool answers = true;                 // measures, claims and checks, too
  // When there: of what the scenarios set, only what they set for these quantities.
  std::optional<std::vector<std::string>> only;
};

// Two questions are of the same version of the model where these are equal.
std::string version_key(const Question& question);

// A scalar of the model that is one plain number and may be set: what a person chooses.
struct Choice {
  model::VarId variable;
  double value = 0;
};
std::vector<Choice> choices(const model::Model& model);

// Not safe for several threads at once.
class Live {
 public:
  // Opens and resolves; the text's errors are in the message, rendered.
  static base::Result<std::unique_ptr<Live>> open(const std::string& path, Backend backend,
                                                  unsigned threads);

  // From now on inputs take their draws from this posterior. One that a question shifts has the
  // posterior's draws shifted; what it pins, cuts or replaces leaves the posterior, and the others
  // keep their joint draws.
  void take(std::shared_ptr<const study::Posterior> posterior) {
    posterior_ = std::move(posterior);
  }
  // As the question shifts it; null without one.
  base::Result<std::shared_ptr<const study::Posterior>> posterior(const Question& question);

  const Project& project() const { return *project_; }
  Backend backend() const { return backend_; }
  unsigned threads() const { return threads_; }
  // The model as it stands, without scenarios and changes.
  const model::Model& model() const { return base_->compiled.model; }

  struct Answer {
    const model::Model* model;  // with the changed inputs; valid until the next question
    run::RunResult result;
  };
  // Whether every draw is alike: constants are pinned at most, in a model without uncertainty.
  bool is_certain(const Question& question) const;
  // Draws, seed, stop and the like are taken from `options`; what is certain is one run. An empty
  // optional when stopped.
  base::Result<std::optional<Answer>> ask(const Question& question, run::RunOptions options);
  // The sampled inputs of the last question, as run::sample_inputs.
  base::Result<std::vector<std::vector<double>>> inputs(const Question& question,
                                                        run::RunOptions options);
  // The distribution that a change makes, in the words of the language, and the share of the
  // prior's draws that a `given` keeps (1 for other modes).
  struct Changed {
    math::Distribution distribution;
    double kept = 1;
  };
  base::Result<Changed> changed(const Question& question, const Change& change);
  // Changes the inputs of a model that was resolved from the same text as the question says. Fails
  // for what is no input, no constant, or no such distribution.
  base::Result<void> change(model::Model& model, const Question& question);
  // Whether every part of the question can be answered.
  base::Result<void> check(const Question& question);

  // Draws a second that this version's program made lately; 0 before its first run.
  double speed(const Question& question);

 private:
  struct Version {
    std::string key;
    Compiled compiled;
    std::vector<math::Distribution> priors;  // of model.inputs, before changes
    std::unique_ptr<run::KernelSource> kernels;
    run::SharedValues shared;
    double draws_a_second = 0;
  };

  Live(Backend backend, unsigned threads) : backend_(backend), threads_(threads) {}
  Variant variant(const Question& question) const;
  base::Result<Version*> find_version(const Question& question);
  base::Result<std::unique_ptr<Version>> make_version(const Question& question);
  base::Result<math::Distribution> replaced(const Question& question, const Change& change);
  base::Result<Changed> apply(const model::Model& model, size_t input,
                              const math::Distribution& prior, const Question& question,
                              const Change& change);
  base::Result<void> move(Version& version, const Question& question);
  std::shared_ptr<const study::Posterior> shifted(const Version& version,
                                                  const Question& question) const;

  static constexpr size_t kMostVersions = 12;

  Backend backend_;
  unsigned threads_;
  std::unique_ptr<Project> project_;
  std::unique_ptr<Version> base_;
  std::list<std::unique_ptr<Version>> versions_;  // the latest first
  math::SamplerCache samplers_;
  std::shared_ptr<const study::Posterior> posterior_;
  struct Replacement {
    std::string key;
    math::Distribution distribution;
  };
  std::vector<Replacement> replacements_;
};

}  // namespace headrace::workbench
