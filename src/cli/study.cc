#include "cli/study.h"

#include <fmt/format.h>

#include <filesystem>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "study/calibration/posterior.h"

namespace headrace::cli {

Words split_words(const Arguments& args, size_t expected, const char* what) {
  Words words{args, args.words};
  words.args.words.clear();
  std::error_code failure;
  const bool first_is_model =
      !words.rest.empty() &&
      (words.rest.size() > expected || (args.model.empty() && words.rest.size() == expected + 1) ||
       (expected == 0 && args.model.empty()));
  if (first_is_model) {
    words.args.words = {words.rest[0]};
    words.rest.erase(words.rest.begin());
  } else if (args.model.empty() && !words.rest.empty() &&
             std::filesystem::exists(words.rest[0], failure)) {
    end_with(kUsage, fmt::format("expected {} after MODEL\n  usage: headrace {}", what,
                                 find_command(args.command)->usage));
  }
  if (expected == 0 && !words.rest.empty()) {
    end_with(kUsage, fmt::format("one MODEL is enough; '{}' is a second\n  usage: headrace {}",
                                 words.rest[0], find_command(args.command)->usage));
  }
  if (words.rest.size() != expected) {
    end_with(kUsage, fmt::format("expected {} after MODEL, not {} words\n  usage: headrace {}",
                                 what, words.rest.size(), find_command(args.command)->usage));
  }
  return words;
}

workbench::RunSettings study_settings(const Arguments& args, uint64_t draws, Progress& progress) {
  if (args.draws == uint64_t{0}) end_with(kUsage, "a study needs more than the central values");
  workbench::RunSettings settings;
  settings.backend = args.backend;
  settings.abandon_compilation = true;  // see main()
  settings.options.draws = args.draws.value_or(draws);
  settings.options.seed = args.seed;
  settings.options.threads = args.threads;
  settings.options.design = args.design;
  settings.options.progress = progress.callback();
  settings.options.stop = &stop_requested();
  return settings;
}

study::Columns inputs_of(const model::Model& model, const workbench::RunSettings& settings) {
  return settings.posterior ? study::posterior_inputs(*settings.posterior, model, settings.options)
                            : run::sample_inputs(model, settings.options);
}

int failed_verdict(const Arguments& args, uint64_t failed, uint64_t runs) {
  const double share = runs == 0 ? 0 : static_cast<double>(failed) / static_cast<double>(runs);
  if (failed > 0) warn(fmt::format("{} of {} simulations failed and are left out", failed, runs));
  if (share <= args.max_failed) return kDone;
  say(fmt::format("{:.3g} % of the simulations failed, more than --max-failed allows ({:.3g} %)",
                  100 * share, 100 * args.max_failed));
  return kNumerical;
}

}  // namespace headrace::cli
