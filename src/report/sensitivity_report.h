#pragma once

// Which inputs move an output, in one of three ways of asking.

#include <string>
#include <vector>

#include "report/layout.h"
#include "report/run_report.h"
#include "report/study_context.h"
#include "study/sensitivity/from_draws.h"
#include "study/sensitivity/morris.h"
#include "study/sensitivity/sobol.h"

namespace headrace::report {

struct SensitivityLine {
  std::string name;     // of the factor
  std::string sources;  // `3 sources`, `guess`, `unsourced`, of its inputs
  // From draws
  double share = 0;
  std::string refused;
  struct Move {
    std::string input, unit;
    study::InputMove move;
  };
  std::vector<Move> moves;
  std::vector<double> over_time;  // shares, one a saved time
  // Sobol
  study::Estimate first, total;
  // Morris
  double mu_star = 0, error = 0, mu = 0, sigma = 0;
};

struct SensitivityReport {
  enum class Method { kDraws, kSobol, kMorris };
  Context context;
  Method method = Method::kDraws;
  std::string output, title, unit, at;
  model::Type type = model::Type::kNumber;
  std::vector<SensitivityLine> lines;  // largest first
  std::vector<double> times;           // of over_time, else empty
  double sum = 0;                      // of first-order shares
  uint64_t runs = 0;                   // simulations beyond those of the run
  bool by_rank = false, varies = true, noisy = false;
  std::string stopped;  // after what, when the study was: "3 of 8 rows; ..."
  size_t top = 0;       // lines to show to people; 0: all
};

// The names, units and sources of the model go with what a study found.
SensitivityReport describe(const model::Model& model, const Context& context,
                           const study::Target& target, const std::string& output,
                           const std::string& at);
void add(SensitivityReport& report, const model::Model& model, const study::FromDraws& found);
void add(SensitivityReport& report, const model::Model& model, const study::SobolIndices& found);
void add(SensitivityReport& report, const model::Model& model, const study::MorrisEffects& found);

std::string render(const SensitivityReport& report, const Look& look);
std::string to_csv(const SensitivityReport& report);
std::string to_markdown(const SensitivityReport& report);
std::string to_json(const SensitivityReport& report);  // schema headrace.sensitivity/1

}  // namespace headrace::report
