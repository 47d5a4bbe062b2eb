#include "report/watch_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "report/csv.h"
#include "report/json_parts.h"
#include "report/numbers.h"

namespace headrace::report {
namespace {

using study::Belief;
using study::Decided;
using study::Learned;
using study::Tripwire;
using study::Watched;
using Indicator = WatchReport::Indicator;
using Question = WatchReport::Question;

constexpr size_t kNamed = 3;          // claims an indicator of the overview names
constexpr double kFewDraws = 2000;    // effective draws below which tails are not to be trusted
constexpr double kLeastMove = 0.005;  // of the odds, to be named in the overview

std::string per_cent(double share) { return fmt::format("{:.0f}%", 100 * share); }

std::string amount(const WatchReport& report, double value, model::Type type) {
  return shown(value, type, report.context.calendar);
}

std::string answer(const WatchReport& report, const Question& question, double value) {
  return question.claim ? per_cent(value) : amount(report, value, question.type);
}

std::string belief(const WatchReport& report, const Question& question, const Belief& b) {
  if (question.sure) {
    return fmt::format("holds {}, whatever is read; its margin, {}: {}{} (8 in 10: {} to {})",
                       odds_in_words(*question.sure, false), question.measure,
                       amount(report, b.p50, question.type), unit_suffix(question.unit),
                       amount(report, b.p10, question.type), amount(report, b.p90, question.type));
  }
  if (question.claim) return "holds " + odds_in_words(b.odds, false);
  return fmt::format("{}{} (8 in 10: {} to {})", amount(report, b.p50, question.type),
                     unit_suffix(question.unit), amount(report, b.p10, question.type),
                     amount(report, b.p90, question.type));
}

std::string expected(const WatchReport& report, size_t i) {
  const Indicator& indicator = report.indicators[i];
  const Belief& b = report.watch.indicators[i];
  const auto text = [&](double v) { return amount(report, v, indicator.type); };
  return fmt::format("{} ({} to {}){}", text(b.p50), text(b.p10), text(b.p90),
                     unit_suffix(indicator.unit));
}

std::string tripwire(const WatchReport& report, const Indicator& indicator, const Tripwire& t) {
  if (!t.there) return "-";
  return fmt::format("{} {} ({})", t.above ? ">" : "<", amount(report, t.reading, indicator.type),
                     per_cent(t.chance));
}

std::string name_of(const Indicator& indicator) {
  return indicator.title.empty() ? indicator.id : indicator.title;
}

std::string next_of(const Indicator& indicator) {
  return indicator.next.empty() ? "-" : indicator.next;
}

size_t shown_lines(const WatchReport& report, size_t all) {
  return report.top == 0 ? all : std::min(report.top, all);
}

// ---------------------------------------------------------------- tables for people

// The first indicators that tell something of a question.
std::vector<Watched> telling(const WatchReport& report, size_t q) {
  std::vector<Watched> out;
  for (const Watched& line : report.watch.questions[q].ranked) {
    const bool tells = report.questions[q].claim ? line.learned.narrowing >= kLeastMove
                                                 : line.learned.worth >= kLeastMove;
    if (tells && (report.top == 0 || out.size() < report.top)) out.push_back(line);
  }
  return out;
}

// Whether no id is broken when its column is as narrow as its head; else the expectations give way.
bool has_short_ids(const WatchReport& report) {
  return std::ranges::all_of(report.indicators,
                             [](const Indicator& i) { return i.id.size() <= 9; });
}

Table question_table(const WatchReport& report, size_t q) {
  const Question& question = report.questions[q];
  const bool short_ids = has_short_ids(report);
  Table table{{{"  indicator", false, short_ids},
               {"next", false},
               {"expected (8 in 10)", false, !short_ids},
               {question.claim ? "moves odds" : "tells", true},
               {"tripwire", false},
               {"if low / high", true}},
              {}};
  for (const Watched& line : telling(report, q)) {
    const Indicator& indicator = report.indicators[line.indicator];
    const Learned& l = line.learned;
    const std::string worth =
        question.claim ? fmt::format("{:.0f} points", 100 * l.narrowing) : per_cent(l.worth);
    table.rows.push_back({"  " + indicator.id, next_of(indicator), expected(report, line.indicator),
                          (l.steady ? "" : "~") + worth, tripwire(report, indicator, l.tripwire),
                          fmt::format("{} / {}", answer(report, question, l.if_low),
                                      answer(report, question, l.if_high))});
  }
  return table;
}

// The indicators by what they tell of all claims together.
std::vector<size_t> overall(const WatchReport& report) {
  std::vector<double> worth(report.indicators.size());
  for (const auto& answer : report.watch.questions) {
    for (const Watched& line : answer.ranked) worth[line.indicator] += line.learned.worth;
  }
  std::vector<size_t> order(worth.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return worth[a] > worth[b]; });
  return order;
}

std::string moved_claims(const WatchReport& report, size_t indicator) {
  std::vector<std::pair<double, size_t>> moves;
  for (size_t q = 0; q < report.questions.size(); ++q) {
    for (const Watched& line : report.watch.questions[q].ranked) {
      if (line.indicator == indicator && line.learned.narrowing >= kLeastMove)
        moves.emplace_back(-line.learned.narrowing, q);
    }
  }
  std::sort(moves.begin(), moves.end());
  std::string out;
  for (size_t m = 0; m < std::min(kNamed, moves.size()); ++m) {
    out += fmt::format("{}{} {:.0f}", m ? ", " : "", report.questions[moves[m].second].name,
                       -100 * moves[m].first);
  }
  return out.empty() ? "-" : out;
}

Table overview_table(const WatchReport& report) {
  Table table{{{"indicator", false, true},
               {"next", false},
               {"expected (8 in 10)", false},
               {"moves odds, points", false}},
              {}};
  const std::vector<size_t> order = overall(report);
  const size_t lines = report.top == 0 ? order.size() : std::min(2 * report.top, order.size());
  for (size_t r = 0; r < lines; ++r) {
    const Indicator& indicator = report.indicators[order[r]];
    table.rows.push_back({name_of(indicator), next_of(indicator), expected(report, order[r]),
                          moved_claims(report, order[r])});
  }
  return table;
}

Table decision_table(const WatchReport& report) {
  const bool short_ids = has_short_ids(report);
  Table table{{{"  indicator", false, short_ids},
               {"next", false},
               {"worth", true},
               {"expected (8 in 10)", false, !short_ids},
               {"tripwire", false},
               {"best if low / high", false}},
              {}};
  const auto& advice = *report.watch.decision;
  const auto& options = report.decision->options;
  for (size_t r = 0; r < shown_lines(report, advice.ranked.size()); ++r) {
    const size_t i = advice.ranked[r];
    const Indicator& indicator = report.indicators[i];
    const Decided& d = advice.indicators[i];
    std::string wire = tripwire(report, indicator, d.tripwire);
    if (d.tripwire.there) wire += ": " + options[d.tripwire.option];
    table.rows.push_back(
        {"  " + indicator.id, next_of(indicator),
         indicator.late ? "too late" : (d.steady ? "" : "~") + rounded(d.worth),
         expected(report, i), wire,
         indicator.late ? "-" : fmt::format("{} / {}", options[d.if_low], options[d.if_high])});
  }
  return table;
}

std::string decision_in_words(const WatchReport& report) {
  const auto& decision = *report.decision;
  const study::Choice& now = report.watch.decision->after;
  std::string out = fmt::format("best now: {} (in {} of 100 futures)", decision.options[now.best],
                                std::lround(100 * now.best_in[now.best]));
  for (size_t o = 0; o < decision.options.size(); ++o) {
    out += fmt::format("{}{} {}", o ? ", " : "; expected: ", decision.options[o],
                       rounded(decision.minimise ? -now.mean[o] : now.mean[o]));
  }
  return out + fmt::format("; knowing everything would add {}{}", rounded(now.perfect),
                           unit_suffix(decision.unit));
}

Table moved_table(const WatchReport& report) {
  Table table{{{"  what", false, true}, {"before", false}, {"after", false}}, {}};
  for (size_t q = 0; q < report.questions.size(); ++q) {
    const Question& question = report.questions[q];
    const auto& found = report.watch.questions[q];
    table.rows.push_back(
        {fmt::format("  {}{}{}", question.name, question.title.empty() ? "" : "  ", question.title),
         belief(report, question, found.before), belief(report, question, found.after)});
  }
  if (report.decision) {
    const auto& advice = *report.watch.decision;
    table.rows.push_back({"  best choice", report.decision->options[advice.before.best],
                          report.decision->options[advice.after.best]});
  }
  return table;
}

std::string readings_in_words(const WatchReport& report) {
  std::string out;
  for (const std::string& reading : report.readings) out += (out.empty() ? "" : "; ") + reading;
  const double effective = report.watch.effective;
  out = fmt::format("After {} ({} futures count as {}):", out, grouped(report.watch.draws),
                    grouped(static_cast<uint64_t>(effective)));
  if (effective < kFewDraws) {
    out += " tails are not reliable; ask for more --draws, or calibrate and take --posterior";
  }
  return out;
}

std::string lines(const std::string& text, const Look& look) {
  std::string out;
  for (const std::string& line : wrap(text, look.width)) out += line + "\n";
  return out;
}

bool any_unsteady(const WatchReport& report) {
  for (size_t q = 0; q < report.questions.size(); ++q) {
    const auto told = telling(report, q);
    if (std::ranges::any_of(told, [](const Watched& w) { return !w.learned.steady; })) return true;
  }
  return false;
}

// ---------------------------------------------------------------- JSON

Json tripwire_json(const Tripwire& t, const WatchReport& report, model::Type type) {
  if (!t.there) return nullptr;
  return {{"side", t.above ? "above" : "below"},
          {"reading", value(t.reading, type, report.context.calendar)},
          {"chance", number(t.chance)}};
}

Json belief_json(const WatchReport& report, const Question& question, const Belief& b) {
  if (question.claim) return {{"odds", number(b.odds)}};
  const auto at = [&](double v) { return value(v, question.type, report.context.calendar); };
  return {{"p10", at(b.p10)}, {"p50", at(b.p50)}, {"p90", at(b.p90)}};
}

Json indicator_json(const WatchReport& report, size_t i) {
  const Indicator& indicator = report.indicators[i];
  const Belief& b = report.watch.indicators[i];
  const auto at = [&](double v) { return value(v, indicator.type, report.context.calendar); };
  return {{"id", indicator.id},
          {"title", indicator.title},
          {"reads", indicator.reads},
          {"unit", indicator.unit},
          {"next", indicator.next.empty() ? Json(nullptr) : Json(indicator.next)},
          {"every_months", indicator.every_months},
          {"exact", indicator.exact},
          {"source", indicator.source},
          {"note", indicator.note},
          {"p10", at(b.p10)},
          {"p50", at(b.p50)},
          {"p90", at(b.p90)}};
}

Json question_json(const WatchReport& report, size_t q) {
  const Question& question = report.questions[q];
  const auto& found = report.watch.questions[q];
  const auto at = [&](double v) {
    return question.claim ? number(v) : value(v, question.type, report.context.calendar);
  };
  Json ranked = Json::array();
  for (const Watched& line : found.ranked) {
    const Learned& l = line.learned;
    const Indicator& indicator = report.indicators[line.indicator];
    ranked.push_back({{"indicator", indicator.id},
                      {"worth", number(l.worth)},
                      {"steady", l.steady},
                      {question.claim ? "moves_odds" : "narrowing", number(l.narrowing)},
                      {"if_low", at(l.if_low)},
                      {"if_high", at(l.if_high)},
                      {"tripwire", tripwire_json(l.tripwire, report, indicator.type)}});
  }
  return {{"name", question.name},
          {"title", question.title},
          {"claim", question.claim},
          {"sure", question.sure ? number(*question.sure) : Json(nullptr)},
          {"unit", question.unit},
          {"before", belief_json(report, question, found.before)},
          {"after", belief_json(report, question, found.after)},
          {"ranked", std::move(ranked)}};
}

Json decision_json(const WatchReport& report) {
  const auto& decision = *report.decision;
  const auto& advice = *report.watch.decision;
  Json options = Json::array();
  for (size_t o = 0; o < decision.options.size(); ++o) {
    options.push_back(
        {{"name", decision.options[o]},
         {"utility", number(decision.minimise ? -advice.after.mean[o] : advice.after.mean[o])},
         {"best_in", number(advice.after.best_in[o])}});
  }
  Json ranked = Json::array();
  for (size_t i : advice.ranked) {
    const Decided& d = advice.indicators[i];
    const Indicator& indicator = report.indicators[i];
    Json wire = tripwire_json(d.tripwire, report, indicator.type);
    if (d.tripwire.there) wire["then"] = decision.options[d.tripwire.option];
    ranked.push_back({{"indicator", indicator.id},
                      {"worth", number(d.worth)},
                      {"error", number(d.error)},
                      {"steady", d.steady},
                      {"late", indicator.late},
                      {"best_if_low", decision.options[d.if_low]},
                      {"best_if_high", decision.options[d.if_high]},
                      {"tripwire", std::move(wire)}});
  }
  return {{"id", decision.id},
          {"title", decision.title},
          {"utility", decision.utility},
          {"unit", decision.unit},
          {"minimise", decision.minimise},
          {"options", std::move(options)},
          {"best_before", decision.options[advice.before.best]},
          {"best", decision.options[advice.after.best]},
          {"knowing_everything", number(advice.after.perfect)},
          {"ranked", std::move(ranked)}};
}

}  // namespace

std::string render(const WatchReport& report, const Look& look) {
  std::string out;
  if (!look.plain) {
    out += ends("What to watch, as of " + report.as_of, run_in_words(report.context), look.width);
  }
  if (!report.readings.empty()) {
    if (!look.plain) out += "\n" + lines(readings_in_words(report), look);
    out += render(moved_table(report), look);
  }
  if (report.decision) {
    const auto& decision = *report.decision;
    if (!look.plain) {
      out += "\n" + lines(decision.title.empty() ? decision.id : decision.title, look);
      out += lines("  " + decision_in_words(report), look);
    }
    out += render(decision_table(report), look);
  }
  if (report.overview) {
    if (!look.plain) out += "\n";
    out += render(overview_table(report), look);
  }
  for (size_t q = 0; q < report.questions.size() && !report.overview; ++q) {
    const Question& question = report.questions[q];
    if (!look.plain) {
      out += "\n" + lines(question.title.empty() || question.title == question.name
                              ? question.name
                              : question.name + "  " + question.title,
                          look);
      out += lines("  " + belief(report, question, report.watch.questions[q].after), look);
    }
    const Table table = question_table(report, q);
    if (table.rows.empty() && !look.plain) {
      out += lines("  no indicator on the list would change this", look);
    } else {
      out += render(table, look);
    }
  }
  if (any_unsteady(report) && !report.overview && !look.plain) {
    out += "\n~ changes by more than a fifth with the number of bins\n";
  }
  return out;
}

std::string to_markdown(const WatchReport& report) {
  std::string out = fmt::format("# What to watch, as of {}\n", report.as_of);
  const auto add = [&out](Table table) {
    for (auto& row : table.rows) {
      if (row[0].starts_with("  ")) row[0].erase(0, 2);
    }
    if (table.columns[0].head.starts_with("  ")) table.columns[0].head.erase(0, 2);
    out += render_markdown(table);
  };
  if (!report.readings.empty()) {
    out += "\n" + readings_in_words(report) + "\n\n";
    add(moved_table(report));
  }
  if (report.decision) {
    out += fmt::format("\n## {}\n\n{}\n\n", report.decision->id, decision_in_words(report));
    add(decision_table(report));
  }
  if (report.overview) {
    out += "\n";
    add(overview_table(report));
  }
  for (size_t q = 0; q < report.questions.size() && !report.overview; ++q) {
    const Question& question = report.questions[q];
    out += fmt::format("\n## {}\n\n{}: {}\n\n", question.name, question.title,
                       belief(report, question, report.watch.questions[q].after));
    add(question_table(report, q));
  }
  return out;
}

std::string to_csv(const WatchReport& report) {
  std::string out =
      "question,indicator,title,next,every_months,unit,p10,p50,p90,worth,steady,narrowing,if_low,"
      "if_high,tripwire_side,tripwire,chance\n";
  const bool calendar = report.context.calendar;
  const auto text = [calendar](double v, model::Type type) {
    return type == model::Type::kDate ? exact_time(v, calendar) : exact(v);
  };
  const auto head = [&](const std::string& question, size_t i) {
    const Indicator& n = report.indicators[i];
    const Belief& b = report.watch.indicators[i];
    return fmt::format("{},{},{},{},{},{},{},{},{}", csv_cell(question), csv_cell(n.id),
                       csv_cell(n.title), n.next, n.every_months, csv_cell(n.unit),
                       text(b.p10, n.type), text(b.p50, n.type), text(b.p90, n.type));
  };
  const auto wire = [&](const Tripwire& t, size_t i) {
    if (!t.there) return std::string(",,");
    return fmt::format("{},{},{}", t.above ? "above" : "below",
                       text(t.reading, report.indicators[i].type), exact(t.chance));
  };
  if (report.decision) {
    const auto& advice = *report.watch.decision;
    for (size_t i : advice.ranked) {
      const Decided& d = advice.indicators[i];
      out += fmt::format("{},{},{},,{},{},{}\n", head(report.decision->id, i), exact(d.worth),
                         d.steady ? 1 : 0, csv_cell(report.decision->options[d.if_low]),
                         csv_cell(report.decision->options[d.if_high]), wire(d.tripwire, i));
    }
  }
  for (size_t q = 0; q < report.questions.size(); ++q) {
    const Question& question = report.questions[q];
    const model::Type type = question.claim ? model::Type::kNumber : question.type;
    for (const Watched& line : report.watch.questions[q].ranked) {
      const Learned& l = line.learned;
      out += fmt::format("{},{},{},{},{},{},{}\n", head(question.name, line.indicator),
                         exact(l.worth), l.steady ? 1 : 0, exact(l.narrowing), text(l.if_low, type),
                         text(l.if_high, type), wire(l.tripwire, line.indicator));
    }
  }
  return out;
}

std::string to_json(const WatchReport& report) {
  Json out = head("headrace.watch/1", report.context);
  out["as_of"] = report.as_of;
  out["by"] = report.by.empty() ? Json(nullptr) : Json(report.by);
  out["readings"] = report.readings;
  out["sound"] = report.watch.draws;
  out["effective"] = number(report.watch.effective);
  Json indicators = Json::array();
  for (size_t i = 0; i < report.indicators.size(); ++i)
    indicators.push_back(indicator_json(report, i));
  out["indicators"] = std::move(indicators);
  if (report.decision) out["decision"] = decision_json(report);
  Json questions = Json::array();
  for (size_t q = 0; q < report.questions.size(); ++q)
    questions.push_back(question_json(report, q));
  out["questions"] = std::move(questions);
  out["warnings"] = report.context.warnings;
  return to_text(out);
}

}  // namespace headrace::report
