#pragma once

// The answer to a run, as values that tables, CSV, JSON and pages are made from.

#include <cstdint>
#include <string>
#include <vector>

#include "model/model.h"
#include "report/chart.h"
#include "report/evidence.h"
#include "run/run.h"

namespace headrace::report {

// What was run.
struct Context {
  std::string model, title, hash;  // hash: of the model's text
  std::vector<std::string> scenarios, set;
  std::string design = "mc";
  uint64_t draws = 0, seed = 1, failed = 0;
  bool single = false, exact = true;
  bool calendar = false, is_static = false;
  std::string time_unit;
  std::vector<std::string> warnings;
};

// One number with its uncertainty; all of the spread is the value itself in a single run.
struct Quantity {
  std::string name, title, unit;
  std::string at;  // the moment asked for, else ""
  model::Type type = model::Type::kNumber;
  Spread spread;
  std::vector<double> draws;  // when kept: one a draw, NaN where it failed
};

// A dimension of a variable.
struct Axis {
  std::string name;
  std::vector<std::string> members;
};

// One element of a variable over the saved times.
struct Series {
  std::string name, title, unit;
  model::Type type = model::Type::kNumber;
  std::vector<double> values;   // single runs
  std::vector<Spread> spreads;  // ensembles
  std::string variable = {};    // whose element it is
  std::vector<Axis> axes = {};  // of the variable, with its first element
  uint32_t element = 0;         // its place in the variable, the last axis running fastest
  Spread at(size_t save) const;
};

// Another side of a claim that varies, too.
struct OtherSide {
  std::string text, unit;
  model::Type type = model::Type::kNumber;
  Spread spread;
};

// An input on which the measure of a claim hangs.
struct HangsOn {
  std::string input, title;
  double influence = 0;  // squared rank correlation, see influence.h
  bool guess = false;    // nobody is named for it
};

struct ClaimLine {
  std::string id, text, measure, unit;
  model::Type type = model::Type::kNumber;
  Spread spread;
  std::vector<OtherSide> against;
  double odds = 0;
  std::vector<std::string> stated_in;  // source ids of the claim itself
  std::vector<std::string> stated_titles;
  Evidence rests_on;
  std::vector<std::string> rests_on_titles;  // of rests_on.sources
  std::string assumed, note;
  std::vector<HangsOn> hangs_on;  // greatest first, when asked for
};

// The claim's own sources, then those of the inputs it rests on, each once.
std::vector<std::string> all_sources(const ClaimLine& claim);

struct CheckLine {
  std::string name, title;
  uint64_t violations = 0, first_draw = 0;
  double first_time = 0;
};

struct RunReport {
  Context context;
  std::vector<double> times;
  std::vector<Series> series;     // what was asked for, else every output
  std::vector<Quantity> moments;  // outputs at the moments asked for
  std::vector<Quantity> measures;
  std::vector<ClaimLine> claims;
  std::vector<CheckLine> checks;
  std::vector<run::Failure> failures;
  Evidence evidence;  // of what is reported
};

// A measure that a program added in order to read an output at one moment.
struct AskedMoment {
  std::string measure;  // its name in the model
  std::string output, at;
};

struct RunReportOptions {
  std::string hash;
  std::vector<std::string> scenarios, set;
  std::string design = "mc";
  std::vector<std::string> outputs;  // names of variables or elements, in order; empty: all
  std::vector<AskedMoment> moments;
  std::vector<std::string> hidden;   // measures and claims that answer something else
  double from = -1e300, to = 1e300;  // in model time
  bool keep_draws = false;           // fill Quantity::draws
};

RunReport make_run_report(const model::Model& model, const run::RunResult& result,
                          const RunReportOptions& options);

Spread spread_of(const summary::Band& band);
// Of values of which some may be NaN; those are left out.
Spread spread_of(const std::vector<double>& values);

// Warnings that a result deserves: failed draws with the first named failure, checks that do not
// hold. One sentence each, without a full stop.
std::vector<std::string> warnings_of(const model::Model& model, const run::RunResult& result);

// A saved time as text: an ISO date, a number, `0` in a model without time.
std::string time_of(const Context& context, double time);

// The value of a quantity as people read it, without its unit.
std::string shown(double value, model::Type type, bool calendar);
// `base` or the names of the scenarios and settings.
std::string variant_in_words(const Context& context);
// `base, 100 000 draws, seed 1`.
std::string run_in_words(const Context& context);

}  // namespace headrace::report
