#include "report/optimise_report.h"

#include <fmt/format.h>

#include <cmath>

#include "report/csv.h"
#include "report/json_parts.h"
#include "report/numbers.h"

namespace headrace::report {
namespace {

using Option = OptimiseReport::Option;
using Lever = OptimiseReport::Lever;

std::string aim_in_words(const OptimiseReport& report) {
  if (report.aim == "regret") return "the 90 % quantile of the regret, small";
  const std::string what = report.aim == "mean" ? (report.claim ? "odds" : "mean") : report.aim;
  return what + (report.minimise ? ", small" : ", large");
}

// The score as the user counts it: of what should be small, or of regret, the sign is turned.
double as_asked(const OptimiseReport& report, double score) {
  return report.minimise || report.aim == "regret" ? -score : score;
}

std::string amount(const OptimiseReport& report, double value) {
  return report.claim ? fmt::format("{:.0f} in 100", 100 * value)
                      : rounded(value) + unit_suffix(report.unit);
}

Table lever_table(const Option& option) {
  Table table{{{"  lever", false, true},
               {"may be", false},
               {"now", true},
               {"best", true},
               {"as good within", false}},
              {}};
  for (const Lever& l : option.levers) {
    table.rows.push_back({"  " + l.name, fmt::format("{} to {}", rounded(l.low), rounded(l.high)),
                          rounded(l.now), rounded(l.best) + unit_suffix(l.unit),
                          fmt::format("{} to {}", rounded(l.flat_low), rounded(l.flat_high))});
  }
  return table;
}

Table outcome_table(const OptimiseReport& report, const Option& option) {
  Table table{{{"  on fresh draws", false, true},
               {"mean", true},
               {"p10", true},
               {"median", true},
               {"p90", true}},
              {}};
  const auto add = [&](const char* name, const Spread& s) {
    table.rows.push_back({name, rounded(s.mean), rounded(s.p10), rounded(s.p50), rounded(s.p90)});
  };
  if (report.claim) {
    table.columns = {{"  on fresh draws", false, true}, {"odds", true}};
    table.rows = {{"  now", amount(report, option.now.mean)},
                  {"  best", amount(report, option.best.mean)}};
    return table;
  }
  add("  now", option.now);
  add("  best", option.best);
  return table;
}

std::string gain_in_words(const OptimiseReport& report, const Option& option) {
  const std::string gain =
      report.claim ? fmt::format("{:+.1f} points (standard error {:.1f})", 100 * option.gain,
                                 100 * option.gain_error)
                   : fmt::format("{}{} (standard error {})", option.gain >= 0 ? "+" : "",
                                 rounded(option.gain), rounded(option.gain_error));
  return fmt::format("draw by draw {}, larger in {:.0f} of 100", gain, 100 * option.better_in);
}

std::string option_in_words(const OptimiseReport& report, const Option& option) {
  std::string out =
      fmt::format("{}: {}", option.name, amount(report, as_asked(report, option.score)));
  if (!std::isnan(option.score_now)) {
    out += ", now " + amount(report, as_asked(report, option.score_now));
  }
  if (!option.possible) out += "; NO TRIAL KEEPS ALL CONDITIONS";
  if (option.starts > 1) {
    out += fmt::format("; {} of {} searches agree", option.agreeing, option.starts);
  }
  return out;
}

// What was done, and whether that is all.
std::string work_in_words(const OptimiseReport& report) {
  std::string out = fmt::format("to make: {}; {} trials", aim_in_words(report), report.trials);
  if (!report.stopped) return out;
  out += "; STOPPED, this is the best so far";
  if (report.among > 1) {
    out += fmt::format(", in {} of {} options", report.options.size(), report.among);
  }
  return out;
}

constexpr const char* kUnconfirmed = "stopped before it was confirmed on fresh draws";

bool has_levers(const OptimiseReport& report) {
  return !report.options.empty() && !report.options[0].levers.empty();
}

// Options without levers, which have nothing but their outcomes.
Table options_table(const OptimiseReport& report) {
  const bool regret = report.aim == "regret";
  Table table{{{"option", false, true}}, {}};
  if (regret) table.columns.push_back({"regret", true});
  const std::vector<const char*> heads =
      report.claim ? std::vector{"odds"} : std::vector{"mean", "p10", "median", "p90"};
  for (const char* head : heads) table.columns.push_back({head, true});
  table.columns.push_back({"best in", true});
  for (const Option& o : report.options) {
    auto& row = table.rows.emplace_back(std::vector{o.name});
    if (regret) row.push_back(rounded(as_asked(report, o.score)));
    if (!o.confirmed) {
      row.resize(table.columns.size(), "-");
      continue;
    }
    if (report.claim) {
      row.push_back(amount(report, o.best.mean));
    } else {
      for (double x : {o.best.mean, o.best.p10, o.best.p50, o.best.p90}) row.push_back(rounded(x));
    }
    row.push_back(report.stopped ? "-" : fmt::format("{:.0f} in 100", 100 * o.best_in));
  }
  return table;
}

std::string condition_in_words(const OptimiseReport::Condition& condition) {
  return fmt::format("{} {} (it is {})", condition.holds ? "holds: " : "BROKEN:", condition.text,
                     rounded(condition.value));
}

Json spread_json(const Spread& s) {
  return {{"mean", number(s.mean)}, {"p5", number(s.p5)},   {"p10", number(s.p10)},
          {"p50", number(s.p50)},   {"p90", number(s.p90)}, {"p95", number(s.p95)}};
}

Json option_json(const OptimiseReport& report, const Option& option) {
  Json levers = Json::array(), conditions = Json::array();
  for (const Lever& l : option.levers) {
    levers.push_back({{"name", l.name},
                      {"unit", l.unit},
                      {"low", l.low},
                      {"high", l.high},
                      {"now", number(l.now)},
                      {"best", number(l.best)},
                      {"as_good", {number(l.flat_low), number(l.flat_high)}}});
  }
  for (const auto& c : option.conditions) {
    conditions.push_back({{"text", c.text}, {"value", number(c.value)}, {"holds", c.holds}});
  }
  Json out = {{"scenario", option.name},
              {"score", number(as_asked(report, option.score))},
              {"score_now", number(as_asked(report, option.score_now))},
              {"error", number(option.error)},
              {"possible", option.possible},
              {"levers", std::move(levers)}};
  if (option.confirmed) {
    out["now"] = spread_json(option.now);
    out["best"] = spread_json(option.best);
    out["gain"] = number(option.gain);
    out["gain_error"] = number(option.gain_error);
    out["larger_in"] = number(option.better_in);
    if (!report.stopped) out["best_in"] = number(option.best_in);
    out["conditions"] = std::move(conditions);
  }
  out["searches"] = option.starts;
  out["agreeing"] = option.agreeing;
  return out;
}

}  // namespace

std::string render(const OptimiseReport& report, const Look& look) {
  std::string out;
  const auto say = [&](const std::string& text) {
    if (look.plain) return;
    for (const std::string& line : wrap(text, look.width)) out += line + "\n";
  };
  if (!look.plain) {
    out += ends(output_in_words(report.title, report.objective, report.unit, ""),
                run_in_words(report.context), look.width);
  }
  say(work_in_words(report));
  if (!has_levers(report)) {
    say("");
    out += render(options_table(report), look);
  }
  for (const Option& option : report.options) {
    if (option.levers.empty()) {
      for (const auto& condition : option.conditions) {
        say(fmt::format("{} {}", option.name, condition_in_words(condition)));
      }
      continue;
    }
    say("");
    say(option_in_words(report, option));
    out += render(lever_table(option), look);
    if (!option.confirmed) {
      say(std::string("  ") + kUnconfirmed);
      continue;
    }
    out += render(outcome_table(report, option), look);
    say("  " + gain_in_words(report, option));
    for (const auto& condition : option.conditions) say("  " + condition_in_words(condition));
  }
  return out;
}

std::string to_markdown(const OptimiseReport& report) {
  std::string out = fmt::format("# {}\n\n{}\n", report.objective, work_in_words(report));
  const auto add = [&out](Table table) {
    table.columns[0].head.erase(0, 2);
    for (auto& row : table.rows) row[0].erase(0, 2);
    out += render_markdown(table) + "\n";
  };
  if (!has_levers(report)) out += "\n" + render_markdown(options_table(report));
  for (const Option& option : report.options) {
    if (option.levers.empty()) continue;
    out += fmt::format("\n## {}\n\n{}\n\n", option.name, option_in_words(report, option));
    add(lever_table(option));
    if (!option.confirmed) {
      out += std::string(kUnconfirmed) + "\n";
      continue;
    }
    add(outcome_table(report, option));
    for (const auto& condition : option.conditions) {
      out += "- " + condition_in_words(condition) + "\n";
    }
  }
  return out;
}

std::string to_csv(const OptimiseReport& report) {
  std::string out =
      "scenario,lever,unit,low,high,now,best,as_good_low,as_good_high,score,score_now,possible\n";
  for (const Option& option : report.options) {
    const std::string tail =
        fmt::format("{},{},{}", exact(as_asked(report, option.score)),
                    exact(as_asked(report, option.score_now)), option.possible ? 1 : 0);
    if (option.levers.empty()) out += fmt::format("{},,,,,,,,,{}\n", csv_cell(option.name), tail);
    for (const Lever& l : option.levers) {
      out += fmt::format("{},{},{},{},{},{},{},{},{},{}\n", csv_cell(option.name), csv_cell(l.name),
                         csv_cell(l.unit), exact(l.low), exact(l.high), exact(l.now), exact(l.best),
                         exact(l.flat_low), exact(l.flat_high), tail);
    }
  }
  return out;
}

std::string to_json(const OptimiseReport& report) {
  Json out = head("headrace.optimise/1", report.context);
  out["objective"] = report.objective;
  out["unit"] = report.unit;
  out["aim"] = report.aim;
  out["minimise"] = report.minimise;
  out["trials"] = report.trials;
  out["stopped"] = report.stopped;
  Json options = Json::array();
  for (const Option& option : report.options) options.push_back(option_json(report, option));
  out["options"] = std::move(options);
  out["warnings"] = report.context.warnings;
  return to_text(out);
}

}  // namespace headrace::report
