#include "server/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "math/adjust.h"
#include "model/walk.h"
#include "report/evidence.h"
#include "server/declared.h"
#include "server/reads.h"
#include "workbench/assumptions.h"
#include "workbench/translation.h"

namespace headrace::server {
namespace {

using model::Model;
using model::VarId;
using model::VarKind;

constexpr size_t kDensityPoints = 49;
constexpr size_t kMostElements = 400;  // of one variable, listed
constexpr size_t kMostHeadline = 12;   // outputs offered first
constexpr size_t kFewest = 4;          // filled up to, where there are as many
constexpr size_t kMostText = 4 << 20;  // bytes of model text sent to the page

Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

const char* type_name(model::Type type) {
  return type == model::Type::kDate ? "date" : type == model::Type::kBoolean ? "boolean" : "number";
}

const char* kind_name(VarKind kind) {
  switch (kind) {
    case VarKind::kParam:
      return "param";
    case VarKind::kData:
      return "data";
    case VarKind::kFlow:
      return "flow";
    case VarKind::kStock:
      return "stock";
    case VarKind::kLet:
    case VarKind::kPrevious:
    case VarKind::kDelayFixed:
    case VarKind::kBehind:
    case VarKind::kInitial:
    case VarKind::kNoise:
    case VarKind::kTally:
      return "let";
  }
  return "let";
}

void add_provenance(Json& line, const std::vector<std::string>& sources,
                    const std::optional<std::string>& assumed,
                    const std::optional<std::string>& note) {
  line["sources"] = sources;
  if (assumed) line["assumed"] = *assumed;
  if (note) line["note"] = *note;
}

// ------------------------------------------------------------ constants

std::optional<double> constant(const Model& model, model::ExprId id) {
  const model::Expr& expr = model[id];
  if (const auto* value = std::get_if<model::Constant>(&expr.node)) return value->value;
  const auto* apply = std::get_if<model::Apply>(&expr.node);
  if (!apply || apply->arguments.size() != 2) return std::nullopt;
  const auto left = constant(model, apply->arguments[0]);
  const auto right = constant(model, apply->arguments[1]);
  if (!left || !right) return std::nullopt;
  if (apply->op == model::Op::kMultiply) return *left * *right;
  if (apply->op == model::Op::kDivide) return *left / *right;
  return std::nullopt;
}

// Every comparison of a condition with a plain number, as `OP VALUE` seen from what varies.
Json thresholds(const Model& model, model::ExprId condition) {
  Json out = Json::array();
  model::walk(model, condition, [&](const model::Expr& expr) {
    const auto* apply = std::get_if<model::Apply>(&expr.node);
    if (!apply || (apply->op != model::Op::kLess && apply->op != model::Op::kLessEqual)) return;
    const bool strict = apply->op == model::Op::kLess;
    if (const auto right = constant(model, apply->arguments[1])) {
      out.push_back({{"op", strict ? "<" : "<="}, {"value", finite(*right)}});
    } else if (const auto left = constant(model, apply->arguments[0])) {
      out.push_back({{"op", strict ? ">" : ">="}, {"value", finite(*left)}});
    }
  });
  return out;
}

// ------------------------------------------------------------ parts

Json shape_of(const math::Distribution& d) {
  if (!d.atoms().empty()) {
    Json atoms = Json::array();
    for (const auto& atom : d.atoms()) atoms.push_back({atom.value, atom.weight});
    return {{"atoms", std::move(atoms)}};
  }
  const double low = d.quantile(0.005), high = d.quantile(0.995);
  if (!std::isfinite(low) || !std::isfinite(high) || !(high > low)) return nullptr;
  Json values = Json::array();
  for (size_t i = 0; i < kDensityPoints; ++i) {
    const double x = low + (high - low) * static_cast<double>(i) / (kDensityPoints - 1);
    const double density = d.density(x);
    values.push_back(std::isfinite(density) ? density : 0.0);
  }
  return {{"low", low}, {"high", high}, {"density", std::move(values)}};
}

// What a variable is called and what is said of it. In models of other tools the name is what
// people call it, and the documentation a remark, which without a title would stand for the name.
void add_words(Json& line, const Model& model, const model::Variable& variable,
               const std::string& name) {
  if (!variable.title.empty() || model.loose_units)
    line["title"] = variable.title.empty() ? name : variable.title;
  if (!variable.doc.empty()) line["doc"] = variable.doc;
}

Json inputs(const Model& model) {
  Json out = Json::array();
  for (const model::Input& input : model.inputs) {
    const model::Variable& variable = model[input.variable];
    const math::Distribution& d = input.distribution;
    Json line = {{"name", input.name}, {"variable", variable.name}, {"unit", variable.unit_text}};
    add_words(line, model, variable, input.name);
    line["type"] = type_name(variable.type);
    line["family"] = d.describe();
    line["text"] = math::in_the_language(d);
    for (const auto& [key, p] : {std::pair{"p1", 0.01},
                                 {"p5", 0.05},
                                 {"p25", 0.25},
                                 {"p50", 0.5},
                                 {"p75", 0.75},
                                 {"p95", 0.95},
                                 {"p99", 0.99}}) {
      line[key] = finite(d.quantile(p));
    }
    line["shape"] = shape_of(d);
    line["shift"] = math::is_share(d) ? "share" : math::is_positive(d) ? "factor" : "";
    add_provenance(line, variable.sources, variable.assumed, variable.note);
    out.push_back(std::move(line));
  }
  return out;
}

// Every variable that another one or an answer reads.
std::set<uint32_t> read_variables(const Model& model) {
  std::vector<model::ExprId> roots;
  for (const model::Variable& variable : model.variables) {
    const auto more = model::roots_of(variable);
    roots.insert(roots.end(), more.begin(), more.end());
  }
  for (const model::Measure& measure : model.measures) roots.push_back(measure.value);
  for (const model::Claim& claim : model.claims) roots.push_back(claim.condition);
  std::set<uint32_t> out;
  for (const VarId id : reads(model, std::move(roots))) out.insert(id.index);
  return out;
}

// What is read by nothing is left out: moving it would change nothing. So is what settled something
// when an imported model was read, such as its clock.
Json choices(const Model& model, const workbench::Project& project) {
  const std::set<uint32_t> read = read_variables(model);
  Json out = Json::array();
  for (const workbench::Choice& choice : workbench::choices(model)) {
    if (!read.contains(choice.variable.index)) continue;
    const model::Variable& variable = model[choice.variable];
    if (project.layout.taken_in.contains(variable.name)) continue;
    Json line = {{"name", variable.name}, {"unit", variable.unit_text}, {"value", choice.value}};
    add_words(line, model, variable, variable.name);
    add_provenance(line, variable.sources, variable.assumed, variable.note);
    out.push_back(std::move(line));
  }
  return out;
}

Json scenarios(const workbench::Project& project, const Model& model) {
  Json out = Json::array();
  for (const model::Scenario& scenario : model.scenarios) {
    Json line = {{"name", scenario.name}, {"title", scenario.title}};
    Json changes = Json::array();
    for (const auto& input : workbench::changed_inputs(project, {{}, {scenario.name}})) {
      changes.push_back({{"name", input.name}, {"from", input.values[0]}, {"to", input.values[1]}});
    }
    line["changes"] = std::move(changes);
    out.push_back(std::move(line));
  }
  return out;
}

std::string title_of(const Model& model, const std::string& source) {
  const auto found = std::ranges::find(model.sources, source, &model::Reference::id);
  return found == model.sources.end() || found->title.empty() ? source : found->title;
}

Json claims(const Model& model) {
  Json out = Json::array();
  for (const model::Claim& claim : model.claims) {
    Json line = {{"id", claim.id},
                 {"title", claim.title},
                 {"measure", claim.measure_text},
                 {"unit", claim.unit_text},
                 {"type", type_name(claim.type)}};
    line["thresholds"] = thresholds(model, claim.condition);
    if (const auto series = series_of(model, {claim.measure})) line["series"] = *series;
    add_provenance(line, claim.sources, claim.assumed, claim.note);
    if (!claim.sources.empty()) line["said_by"] = title_of(model, claim.sources[0]);
    const std::vector<model::ExprId> roots = {claim.measure, claim.condition};
    const report::Evidence evidence = report::evidence_of(model, roots);
    line["rests_on"] = {{"sources", evidence.sources.size()},
                        {"guesses", evidence.assumed.size() + evidence.unsourced.size()}};
    out.push_back(std::move(line));
  }
  return out;
}

Json measures(const Model& model) {
  Json out = Json::array();
  for (const model::Measure& measure : model.measures) {
    if (measure.made) continue;
    Json line = {{"name", measure.name + measure.member},
                 {"title", measure.title},
                 {"unit", measure.unit_text},
                 {"type", type_name(measure.type)}};
    if (const auto series = series_of(model, {measure.value})) line["series"] = *series;
    out.push_back(std::move(line));
  }
  return out;
}

// What was seen, where a chart of the quantity over time can show it: a value at a moment, or a
// year's total of a rate a year.
Json observations(const Model& model) {
  Json out = Json::array();
  for (const model::Observation& observation : model.observations) {
    if (!observation.distribution) continue;  // what it says hangs on uncertain numbers
    const math::Distribution& d = *observation.distribution;
    Json line = {{"text", observation.text}, {"unit", observation.unit_text}};
    for (const auto& [key, p] : {std::pair{"p5", 0.05}, {"p50", 0.5}, {"p95", 0.95}}) {
      line[key] = finite(d.quantile(p));
    }
    const auto element = element_of(model, observation.measure);
    if (element && element->tally) {
      using Kind = model::Tally::Kind;
      const model::Tally& tally = *element->tally;
      const std::string& unit = model[element->variable].unit_text;
      const bool at = tally.kind == Kind::kAt || tally.kind == Kind::kAverage;
      if (at && unit == observation.unit_text) {
        line["series"] = element->name;
        line["from"] = tally.from;
        line["to"] = tally.kind == Kind::kAt ? tally.from : tally.to;
      } else if (tally.kind == Kind::kIntegral && tally.to > tally.from &&
                 unit == observation.unit_text + "/" + model.clock.unit) {
        line["series"] = element->name;
        line["from"] = tally.from;
        line["to"] = tally.to;
        line["over"] = tally.to - tally.from;  // divide by it to compare with the rate
      }
    }
    add_provenance(line, observation.sources, observation.assumed, observation.note);
    out.push_back(std::move(line));
  }
  return out;
}

Json sources(const Model& model) {
  std::map<std::string, std::vector<std::string>> used;
  auto use = [&used](const std::vector<std::string>& ids, const std::string& by) {
    for (const std::string& id : ids) {
      auto& list = used[id];
      if (std::find(list.begin(), list.end(), by) == list.end()) list.push_back(by);
    }
  };
  for (const model::Variable& variable : model.variables) {
    use(variable.sources, variable.name);
    for (const model::Backing& backing : variable.backings) use(backing.sources, variable.name);
  }
  for (const model::Claim& claim : model.claims) use(claim.sources, "claim " + claim.id);
  for (const auto& observation : model.observations) {
    use(observation.sources, "observed " + observation.text);
  }
  Json out = Json::array();
  for (const model::Reference& source : model.sources) {
    Json line = {{"id", source.id},     {"title", source.title}, {"url", source.url},
                 {"date", source.date}, {"kind", source.kind},   {"note", source.note}};
    line["used_by"] = used[source.id];
    out.push_back(std::move(line));
  }
  return out;
}

// ------------------------------------------------------------ variables

Json names(const Model& model, const std::vector<VarId>& ids) {
  Json out = Json::array();
  for (VarId id : ids) {
    if (!model[id].made) out.push_back(model[id].name);
  }
  return out;
}

Json variables(const workbench::Project& project, const Model& model) {
  const auto declared = declarations(project);
  Json out = Json::array();
  for (uint32_t v = 0; v < model.variables.size(); ++v) {
    const VarId id(v);
    const model::Variable& variable = model[id];
    if (variable.made) continue;
    Json line = {{"name", variable.name},
                 {"kind", kind_name(variable.kind)},
                 {"unit", variable.unit_text},
                 {"type", type_name(variable.type)}};
    add_words(line, model, variable, variable.name);
    Json dims = Json::array(), elements = Json::array();
    for (model::DimId dim : variable.dims) dims.push_back(model[dim].name);
    const size_t size = variable.size(model);
    for (uint32_t e = 0; e < size && e < kMostElements && !variable.dims.empty(); ++e) {
      elements.push_back(model.element_name(id, e));
    }
    line["dims"] = std::move(dims);
    line["elements"] = std::move(elements);
    line["uses"] = names(model, reads(model, model::roots_of(variable)));
    if (!variable.inflows.empty()) line["in"] = names(model, variable.inflows);
    if (!variable.outflows.empty()) line["out"] = names(model, variable.outflows);
    if (const auto found = declared.find(variable.name); found != declared.end()) {
      line["equation"] = found->second.equation;
      line["mathml"] = found->second.mathml;
      const text::Span span = found->second.span;
      if (span.source.valid()) {
        const text::Source& source = project.sources[span.source];
        line["file"] = source.name;
        line["line"] = source.position(span.begin).line;
      }
    }
    add_provenance(line, variable.sources, variable.assumed, variable.note);
    out.push_back(std::move(line));
  }
  return out;
}

// A number with a name, such as `let start = time.start`: it reads nothing, and is no course in
// time.
bool is_number(const Model& model, const model::Variable& variable) {
  const auto roots = model::roots_of(variable);
  bool moves = !reads(model, roots).empty();
  for (const model::ExprId root : roots) {
    model::walk(model, root, [&](const model::Expr& expr) {
      moves = moves || std::holds_alternative<model::TimeNow>(expr.node) ||
              std::holds_alternative<model::StepTime>(expr.node) ||
              std::holds_alternative<model::Load>(expr.node);
    });
  }
  return !moves;
}

// The quantities that a page shows first: what is observed, claimed and measured, then stocks and
// flows, then whatever there is; of few arrays more than their first elements. Numbers with names,
// such as an imported model's clock, come when there is nothing else.
Json headline(const Model& model) {
  std::vector<std::string> names;
  auto add = [&](const std::optional<std::string>& name) {
    if (!name || names.size() >= kMostHeadline) return;
    if (std::find(names.begin(), names.end(), *name) == names.end()) names.push_back(*name);
  };
  for (const auto& claim : model.claims) add(series_of(model, {claim.measure}));
  for (const auto& measure : model.measures) {
    if (!measure.made) add(series_of(model, {measure.value}));
  }
  for (const auto& observation : model.observations) {
    const auto element = element_of(model, observation.measure);
    if (element) add(element->name);
  }
  auto add_all = [&](VarKind kind, size_t element, bool numbers = false) {
    for (uint32_t v = 0; v < model.variables.size(); ++v) {
      const model::Variable& variable = model.variables[v];
      if (variable.made || variable.kind != kind || element >= variable.size(model)) continue;
      if (kind != VarKind::kLet || is_number(model, variable) == numbers)
        add(model.element_name(VarId(v), element));
    }
  };
  for (const VarKind kind : {VarKind::kStock, VarKind::kFlow}) add_all(kind, 0);
  for (const VarKind kind : {VarKind::kLet, VarKind::kStock, VarKind::kFlow}) {
    for (size_t element = 0; element < kFewest && names.size() < kFewest; ++element)
      add_all(kind, element);
  }
  if (names.empty()) add_all(VarKind::kLet, 0, true);
  return names;
}

// Whether there is something uncertain, and something to ask or to read about it.
bool is_watchable(const Model& model) {
  const auto measures = std::ranges::count(model.measures, false, &model::Measure::made);
  return workbench::is_uncertain(model) && (!model.claims.empty() || measures > 1);
}

Json files(const workbench::Project& project) {
  Json out = Json::array();
  size_t bytes = 0;
  for (text::SourceId file : project.files) {
    const text::Source& source = project.sources[file];
    bytes += source.text.size();
    if (bytes > kMostText) break;
    const bool own = source.path.extension() == ".hr";
    out.push_back({{"name", source.name}, {"text", source.text}, {"language", own ? "hr" : "xml"}});
  }
  return out;
}

// The diagram that the model brings along.
Json sketch(const workbench::Project& project, const Model& model) {
  Json out = Json::array();
  for (const import::Place& place : workbench::places_of(project)) {
    const auto variable = model.find(place.name);
    if (!variable || model[*variable].made || !std::isfinite(place.x) || !std::isfinite(place.y))
      continue;
    out.push_back({{"name", place.name}, {"x", place.x}, {"y", place.y}, {"view", place.view}});
  }
  return out;
}

}  // namespace

Json describe(const workbench::Live& live) {
  const Model& model = live.model();
  const workbench::Project& project = live.project();
  Json out;
  out["name"] = model.name.empty() ? project.name() : model.name;
  out["title"] = model.title.empty() ? out["name"].get<std::string>() : model.title;
  out["hash"] = project.hash();
  out["calendar"] = model.clock.calendar;
  out["static"] = model.clock.is_static;
  out["time_unit"] = model.clock.unit;
  out["start"] = model.clock.start;
  out["end"] = model.clock.time(model.clock.steps);
  out["uncertain"] = workbench::is_uncertain(model);
  out["watchable"] = is_watchable(model);
  out["inputs"] = inputs(model);
  out["choices"] = choices(model, project);
  out["scenarios"] = scenarios(project, model);
  out["claims"] = claims(model);
  out["measures"] = measures(model);
  out["observations"] = observations(model);
  out["headline"] = headline(model);
  out["variables"] = variables(project, model);
  out["sketch"] = sketch(project, model);
  out["sources"] = sources(model);
  out["files"] = files(project);
  return out;
}

Json first_part(const Json& described) {
  Json out;
  for (const char* key :
       {"name", "title", "hash", "calendar", "static", "time_unit", "start", "end", "uncertain",
        "watchable", "claims", "headline", "posterior", "law"}) {
    if (described.contains(key)) out[key] = described[key];
  }
  return out;
}

Json describe(const text::Diagnostics& diagnostics, const text::SourceSet& sources) {
  auto units = [](std::string_view text) {
    size_t count = 0;
    for (unsigned char c : text) count += (c & 0xC0) != 0x80 ? (c >= 0xF0 ? 2 : 1) : 0;
    return count;
  };
  Json out = Json::array();
  for (const text::Diagnostic& found : diagnostics.all()) {
    Json line = {{"kind", text::spelling(found.kind)},
                 {"severity", found.severity == text::Severity::kError ? "error" : "warning"},
                 {"message", found.message}};
    if (!found.hint.empty()) line["hint"] = found.hint;
    if (found.span.source.valid()) {
      const text::Source& source = sources[found.span.source];
      const std::string_view whole = source.text;
      const auto [row, column] = source.position(found.span.begin);
      line["file"] = source.name;
      line["line"] = row;
      line["column"] = column;
      line["from"] = units(whole.substr(0, found.span.begin));
      line["to"] = units(whole.substr(0, found.span.end));
    }
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace headrace::server
