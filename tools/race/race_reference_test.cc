// Does the model hold what was seen? `reference.csv` has one row for each dated figure: an
// expression of the model, the figure, the row of the register that says so, and how the model
// knows it:
//
//   input  the same figure goes into the model, as a series or a parameter: no test of anything
//   tuned  a parameter's range was chosen with this figure in view
//   free   nothing in the model was set by it: the only real test
//   later  after mid-2025 and known to the authors: shown, not counted
//
// A figure is held when it lies in the 5-95 % band. The test fails when fewer are held than
// kLeastHeld says, when a series holds less than half of its figures, or when a row is not in
// order. Bands that are wide hold everything, so the page shows how wide each is.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <set>

#include "answers.h"
#include "page.h"
#include "program.h"
#include "report/layout.h"
#include "report/numbers.h"

namespace headrace::race {
namespace {

constexpr uint64_t kDraws = 4000;
constexpr double kLeastHeld = 0.85;      // of all figures up to mid-2025: nine in ten are due
constexpr double kLeastHeldFree = 0.50;  // of those that nothing was set by
const std::vector<std::string> kKinds = {"input", "tuned", "free", "later"};

struct Figure {
  std::string series, expression, source, kind;
  double value = 0;
  report::Spread band = {};

  bool held() const { return band.p5 <= value && value <= band.p95; }
  bool in_the_middle() const { return band.p25 <= value && value <= band.p75; }
  bool counts() const { return kind != "later"; }
};

base::Result<double> number(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    return base::fail(base::Error::Kind::kInvalid, "'" + text + "' is not a number");
  return value;
}

base::Result<std::vector<Figure>> read_figures(const std::string& model) {
  const auto rows =
      read_rows(model + "/reference.csv", {"series", "expression", "value", "source", "known_as"});
  if (!rows) return std::unexpected(rows.error());
  const auto ids = register_ids(model);
  if (!ids) return std::unexpected(ids.error());
  const std::set<std::string> known(ids->begin(), ids->end());
  std::set<std::string> seen;
  std::vector<Figure> figures;
  for (size_t i = 0; i < rows->size(); ++i) {
    Figure figure{rows->at(i, "series"), rows->at(i, "expression"), rows->at(i, "source"),
                  rows->at(i, "known_as")};
    const auto fail = [&](const std::string& why) {
      return base::fail(base::Error::Kind::kInvalid,
                        fmt::format("reference.csv, row {}: {}", i + 2, why));
    };
    const auto value = number(rows->at(i, "value"));
    if (!value) return fail(value.error().message);
    figure.value = *value;
    if (!known.contains(figure.source)) return fail("no row of the register is " + figure.source);
    if (std::find(kKinds.begin(), kKinds.end(), figure.kind) == kKinds.end())
      return fail(fmt::format("known_as is '{}', not one of {}", figure.kind,
                              fmt::format("{}", fmt::join(kKinds, ", "))));
    if (!seen.insert(figure.expression + figure.source).second) return fail("stands there twice");
    figures.push_back(std::move(figure));
  }
  return figures;
}

base::Result<bool> find_bands(const std::string& model, std::vector<Figure>& figures) {
  std::vector<std::string> expressions;
  for (const Figure& figure : figures) expressions.push_back(figure.expression);
  auto project = open_with(model, expressions);
  if (!project) return std::unexpected(project.error());
  const auto answers = answer(**project, figures.size(), "", kDraws);
  if (!answers) return std::unexpected(answers.error());
  for (size_t i = 0; i < figures.size(); ++i) figures[i].band = spread_of((*answers)[i]);
  return true;
}

struct Coverage {
  size_t figures = 0, held = 0, middle = 0;
  double share() const { return figures == 0 ? 1 : double(held) / double(figures); }
};

template <class Take>
Coverage coverage(const std::vector<Figure>& figures, Take take) {
  Coverage out;
  for (const Figure& figure : figures) {
    if (!take(figure)) continue;
    ++out.figures;
    out.held += figure.held();
    out.middle += figure.in_the_middle();
  }
  return out;
}

// The middle one of the ratios of a band's ends: 1.5 means a half more at the top than at the
// bottom.
double usual_width(const std::vector<Figure>& figures, const std::string& series) {
  std::vector<double> widths;
  for (const Figure& f : figures) {
    if (f.series == series && f.counts() && f.band.p5 > 0) widths.push_back(f.band.p95 / f.band.p5);
  }
  if (widths.empty()) return NAN;
  std::nth_element(widths.begin(), widths.begin() + widths.size() / 2, widths.end());
  return widths[widths.size() / 2];
}

std::vector<std::string> series_of(const std::vector<Figure>& figures) {
  std::vector<std::string> names;
  for (const Figure& figure : figures) {
    if (std::find(names.begin(), names.end(), figure.series) == names.end())
      names.push_back(figure.series);
  }
  return names;
}

std::string of(size_t part, size_t whole) { return fmt::format("{} of {}", part, whole); }

std::string series_table(const std::vector<Figure>& figures) {
  report::Table table{{{"series"},
                       {"input", true},
                       {"tuned", true},
                       {"free", true},
                       {"in 5-95 %", true},
                       {"in 25-75 %", true},
                       {"top over bottom", true}},
                      {}};
  const auto row = [&](const std::string& name, auto take) {
    const auto count = [&](const char* kind) {
      return std::to_string(
          coverage(figures, [&](const Figure& f) { return take(f) && f.kind == kind; }).figures);
    };
    const Coverage all = coverage(figures, [&](const Figure& f) { return take(f) && f.counts(); });
    const double width = usual_width(figures, name);
    table.rows.push_back({name, count("input"), count("tuned"), count("free"),
                          of(all.held, all.figures), of(all.middle, all.figures),
                          std::isnan(width) ? "" : fmt::format("{:.2f}", width)});
  };
  for (const std::string& name : series_of(figures))
    row(name, [&](const Figure& f) { return f.series == name; });
  row("**all**", [](const Figure&) { return true; });
  return report::render_markdown(table);
}

std::string kinds_table(const std::vector<Figure>& figures) {
  report::Table table{
      {{"the model knows it as"}, {"figures", true}, {"in 5-95 %", true}, {"in 25-75 %", true}},
      {}};
  for (const std::string& kind : kKinds) {
    const Coverage c = coverage(figures, [&](const Figure& f) { return f.kind == kind; });
    table.rows.push_back(
        {kind, std::to_string(c.figures), std::to_string(c.held), std::to_string(c.middle)});
  }
  return report::render_markdown(table);
}

// `licensed_total at 2025-12-31` in code, with the bar of a table kept out.
std::string figures_table(const std::vector<Figure>& figures, const std::set<std::string>& kinds,
                          bool misses_only) {
  report::Table table{{{"what"},
                       {"source"},
                       {"known as"},
                       {"seen", true},
                       {"5 %", true},
                       {"50 %", true},
                       {"95 %", true},
                       {"held"}},
                      {}};
  for (const Figure& f : figures) {
    if (!kinds.contains(f.kind) || (misses_only && f.held())) continue;
    table.rows.push_back({"`" + f.expression + "`", f.source, f.kind, report::rounded(f.value),
                          report::rounded(f.band.p5), report::rounded(f.band.p50),
                          report::rounded(f.band.p95), f.held() ? "yes" : "**no**"});
  }
  return report::render_markdown(table);
}

std::vector<std::string> complaints(const std::vector<Figure>& figures) {
  std::vector<std::string> out;
  const auto least = [&](const std::string& what, const Coverage& c, double share) {
    if (c.figures == 0 || c.share() >= share) return;
    out.push_back(
        fmt::format("{}: {} held, less than {:.0f} %", what, of(c.held, c.figures), 100 * share));
  };
  least("all series", coverage(figures, [](const Figure& f) { return f.counts(); }), kLeastHeld);
  least("free figures", coverage(figures, [](const Figure& f) { return f.kind == "free"; }),
        kLeastHeldFree);
  for (const std::string& name : series_of(figures)) {
    least(name, coverage(figures, [&](const Figure& f) { return f.series == name && f.counts(); }),
          0.5);
  }
  for (const Figure& f : figures) {
    if (!std::isfinite(f.band.p5) || !std::isfinite(f.band.p95))
      out.push_back(f.expression + ": the model has no band");
  }
  return out;
}

base::Result<int> run(const Options& options) {
  auto figures = read_figures(options.model);
  if (!figures) return std::unexpected(figures.error());
  if (const auto done = find_bands(options.model, *figures); !done)
    return std::unexpected(done.error());
  const std::map<std::string, std::string> parts = {
      {"series", series_table(*figures)},
      {"kinds", kinds_table(*figures)},
      {"misses", figures_table(*figures, {"input", "tuned", "free"}, true)},
      {"free", figures_table(*figures, {"free"}, false)},
      {"tuned", figures_table(*figures, {"tuned"}, false)},
      {"later", figures_table(*figures, {"later"}, false)}};
  fmt::print("{}\n{}\n{}", parts.at("series"), parts.at("kinds"), parts.at("misses"));
  if (options.update) {
    if (const auto done = update_page(options.page, parts); !done)
      return std::unexpected(done.error());
  }
  const auto wrong = complaints(*figures);
  for (const std::string& line : wrong) fmt::print(stderr, "race_reference_test: {}\n", line);
  return wrong.empty() ? 0 : 1;
}

}  // namespace
}  // namespace headrace::race

int main(int count, char** words) {
  return headrace::race::run_program("race_reference_test", count, words, headrace::race::run);
}
