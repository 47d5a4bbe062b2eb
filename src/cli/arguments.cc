#include "cli/arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "report/layout.h"
#include "text/diagnostic.h"

namespace headrace::cli {
namespace {

const std::map<std::string, workbench::Backend> kBackends = {
    {"auto", workbench::Backend::kAuto},
    {"interp", workbench::Backend::kInterpreter},
    {"llvm", workbench::Backend::kLlvm}};
const std::map<std::string, math::Design> kDesigns = {{"mc", math::Design::kMonteCarlo},
                                                      {"lhs", math::Design::kLatinHypercube},
                                                      {"sobol", math::Design::kSobol}};
// `--format svg` is the same as --svg, where there is a drawing.
void take_svg(std::vector<std::string>& words) {
  for (size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] != "--format" || words[i + 1] != "svg") continue;
    words[i] = "--svg";
    words.erase(words.begin() + static_cast<ptrdiff_t>(i) + 1);
  }
}

const std::map<std::string, Format> kFormats = {{"table", Format::kTable},
                                                {"csv", Format::kCsv},
                                                {"json", Format::kJson},
                                                {"md", Format::kMarkdown},
                                                {"nc", Format::kNetcdf}};

// A validator that turns a word into a value and says which words there are.
template <class T>
CLI::Option* add_choice(CLI::App& app, const std::string& name,
                        const std::map<std::string, T>& words, std::function<void(T)> take,
                        const std::string& about) {
  std::string all;
  for (const auto& [word, value] : words) all += (all.empty() ? "" : ", ") + word;
  return app.add_option_function<std::string>(
      name,
      [&words, take, name, all](const std::string& word) {
        const auto found = words.find(word);
        if (found == words.end()) {
          throw CLI::ValidationError(
              name, fmt::format("'{}' is not available; there are: {}", word, all));
        }
        take(found->second);
      },
      about);
}

void add_model(CLI::App& app, Arguments& args, const Command& command) {
  app.add_option("words", args.words, "")->expected(0, -1);
  if (command.groups & kModelGroup) {
    app.add_option("-m,--model", args.model, "the model, as MODEL")->envname("HEADRACE_MODEL");
    app.add_option("--data", args.data,
                   "a file with the series of variables that have no equation (repeat)")
        ->expected(1)
        ->allow_extra_args(false)
        ->take_all();
    app.add_option("--data-root", args.data_root,
                   "the folder that data files of the model may lie in (the model's repository)");
  }
}

void add_variant(CLI::App& app, Arguments& args) {
  app.add_option("-s,--scenario", args.scenarios, "apply a scenario (repeat to stack, or a+b)")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  app.add_option("--set", args.set,
                 "name=value: replace one input, e.g. 'growth=0.5 to 0.8' (repeat)")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
}

// Threads and back end: how a machine is used, which changes no number.
void add_machine(CLI::App& app, Arguments& args) {
  app.add_option("--threads", args.threads, "worker threads (0: all cores)")
      ->envname("HEADRACE_THREADS")
      ->check(CLI::Range(0u, 4096u));
  add_choice<workbench::Backend>(
      app, "--backend", kBackends, [&args](workbench::Backend backend) { args.backend = backend; },
      "auto, interp or llvm: the same numbers, at different speeds");
}

void add_run(CLI::App& app, Arguments& args) {
  app.add_option("--draws", args.draws, "futures to simulate; 0: one run at central values")
      ->check(CLI::Range(uint64_t{0}, uint64_t{1} << 40));
  app.add_option("--seed", args.seed, "of all random numbers (1)");
  add_machine(app, args);
  add_choice<math::Design>(
      app, "--design", kDesigns, [&args](math::Design design) { args.design = design; },
      "mc (random), lhs (Latin hypercube) or sobol");
  app.add_option("--max-failed", args.max_failed, "share of draws that may fail (0.01)")
      ->check(CLI::Range(0.0, 1.0));
}

void add_output(CLI::App& app, Arguments& args) {
  app.add_option("-y,--var", args.variables, "variables to report: a,b or repeated")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  app.add_option("--at", args.at, "moments to report them at: 2030,2032Q2 or repeated")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all()
      ->delimiter(',');
}

void add_range(CLI::App& app, Arguments& args) {
  app.add_option("--from", args.from, "leave out what comes before this moment");
  app.add_option("--to", args.to, "leave out what comes after it");
  app.add_flag("--plot", args.plot, "draw a fan chart of each variable");
}

void add_out(CLI::App& app, Arguments& args) {
  app.add_option("-o,--out", args.out, "write to this file (- is standard output)");
  app.add_flag("-f,--force", args.force, "overwrite the file");
}

void add_format(CLI::App& app, Arguments& args) {
  add_choice<Format>(
      app, "--format", kFormats, [&args](Format format) { args.format = format; },
      "table, csv, json, md or nc (NetCDF)");
  app.add_flag_callback(
      "--csv", [&args] { args.format = Format::kCsv; }, "short for --format csv");
  app.add_flag_callback(
      "--json", [&args] { args.format = Format::kJson; }, "short for --format json");
  add_out(app, args);
}

void add_look(CLI::App& app, Arguments& args) {
  app.add_flag("-q,--quiet", args.quiet, "no results on standard output, only errors");
  app.add_flag("--verbose", args.verbose, "say how long it took, on standard error");
  app.add_flag("--plain", args.plain, "one record a line, cells between tabs");
  app.add_flag("--no-color", args.no_color, "no colours (also: NO_COLOR)");
  app.add_flag("--ascii", args.ascii, "charts in plain ASCII");
  app.add_option("--width", args.width, "columns to fill (the terminal's, else 80)")
      ->check(CLI::Range(40u, 1000u));
}

void add_case(CLI::App& app, Arguments& args) {
  const auto fact = [&](const std::string& option, const std::string& name,
                        const std::string& about) {
    app.add_option_function<std::string>(
           option,
           [&args, name](const std::string& value) { args.facts.emplace_back(name, value); }, about)
        ->expected(1);
  };
  fact("--chip", "chip", "a chip of the catalogue: headrace chips list");
  fact("--tpp", "tpp", "total processing performance: 4800, or 4600..5000");
  fact("--pd", "pd", "performance density, TPP per mm2");
  fact("--area", "area", "die area, mm2");
  fact("--io", "io", "I/O bandwidth, GB/s");
  fact("--dram", "dram", "DRAM bandwidth, GB/s");
  app.add_option("--date", args.date, "the day of the sale (today)");
  fact("--to,--destination", "destination", "the country it goes to: CN, or China");
  fact("--hq", "hq", "the country of the buyer's headquarters");
  fact("--origin", "origin", "the country it is shipped from");
  app.add_flag_callback(
      "--datacenter", [&args] { args.facts.emplace_back("datacenter", "yes"); },
      "designed or marketed for data centres");
  app.add_flag_callback(
      "--no-datacenter", [&args] { args.facts.emplace_back("datacenter", "no"); },
      "neither designed nor marketed for data centres");
  app.add_option_function<std::vector<std::string>>(
         "--fact",
         [&args](const std::vector<std::string>& words) {
           for (const std::string& word : words) {
             const size_t equal = word.find('=');
             if (equal == std::string::npos)
               throw CLI::ValidationError("--fact", fmt::format("'{}' is not name=value", word));
             args.facts.emplace_back(word.substr(0, equal), word.substr(equal + 1));
           }
         },
         "any other fact, e.g. entity_listed=yes (repeat)")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  app.add_option("--batch", args.batch, "classify each row of a CSV file (- is standard input)");
  app.add_flag("--timeline", args.timeline, "the status over time, with the rule responsible");
  app.add_flag("--svg", args.svg, "the timeline as a drawing");
}

// One of a command's methods; the first is what it does when nothing is said.
void add_method(CLI::App& app, Arguments& args, const std::vector<std::string>& methods,
                const std::string& about) {
  args.method = methods[0];
  app.add_option("--method", args.method, about)->check(CLI::IsMember(methods));
}

void add_resume(CLI::App& app, Arguments& args) {
  app.add_flag("--resume", args.resume, "go on where the work was stopped, to the same bytes");
}

void add_sensitivity(CLI::App& app, Arguments& args) {
  app.add_option("--at", args.at, "the moment at which a variable is meant (the end)");
  add_method(app, args, {"draws", "sobol", "morris"},
             "draws (read off a run), sobol (first and total order) or morris (screening)");
  app.add_option("--top", args.top, "inputs to show (all)");
  app.add_flag("--over-time", args.over_time, "shares at each saved time of a variable");
  add_resume(app, args);
}

void add_discover(CLI::App& app, Arguments& args) {
  app.add_option("--when", args.when, "the condition, as in a claim: 'gap@2030 > 5'");
  add_method(app, args, {"prim", "cart"}, "prim (boxes) or cart (a tree)");
  app.add_option("--density", args.density, "prim: what share should hold in a box (0.8)")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--boxes", args.boxes, "prim: how many boxes at most (1)")
      ->check(CLI::Range(1u, 20u));
  app.add_option("--depth", args.depth, "cart: questions in a row at most (4)")
      ->check(CLI::Range(1u, 12u));
}

void add_explain(CLI::App& app, Arguments& args) {
  app.add_option("--at", args.at, "the moment to explain (the end)");
  app.add_option("--from", args.from, "what changed since this moment (the start)");
  app.add_option("--from-scenario", args.from_scenario, "instead: what changes from this scenario");
  app.add_option("--to-scenario", args.to_scenario, "to this one");
  app.add_option("--depth", args.depth, "how far to follow the causes (2)")
      ->check(CLI::Range(1u, 12u));
  app.add_flag("--over-time", args.over_time, "csv: the scores of loops at each saved time");
}

void add_calibrate(CLI::App& app, Arguments& args) {
  app.add_option("--until", args.until, "take the observations that were known by this date");
  app.add_option("--rows", args.rows, "draws to write (4000)")
      ->check(CLI::Range(uint64_t{10}, uint64_t{1'000'000}));
  app.add_option("--steps", args.most_steps, "steps of each chain before giving up (20000)")
      ->check(CLI::Range(uint64_t{200}, uint64_t{10'000'000}));
  app.add_option("--seed", args.seed, "of all random numbers (1)");
  add_machine(app, args);
  add_resume(app, args);
  app.add_flag("--mode", args.mode,
               "only the most likely point, by several searches; -o writes it as one draw");
  app.add_option("--report", args.report, "write a page of diagnostics, an .html file");
  app.add_flag("--accept-poor", args.accept_poor,
               "write the posterior even when its diagnostics fail");
  app.add_flag("--no-widening", args.no_widening,
               "leave the errors of sources that disagree as they are");
}

CLI::Option* add_list(CLI::App& app, const std::string& name, std::vector<std::string>& into,
                      const std::string& about) {
  return app.add_option(name, into, about)->expected(1)->allow_extra_args(false)->take_all();
}

void add_watch(CLI::App& app, Arguments& args) {
  add_list(app, "--learn", args.learn,
           "what to learn about: claims, measures or 'x@2030' (all claims)")
      ->delimiter(',');
  app.add_option("--decide", args.decide,
                 "instead: a decision of decisions.csv, or scenarios: a,b");
  app.add_option("--utility", args.utility,
                 "what the decision should make large, as a measure has it");
  app.add_flag("--minimise", args.minimise, "make it small instead");
  add_list(app, "--indicator", args.indicators,
           "only these indicators of the list: a,b or repeated")
      ->delimiter(',');
  add_list(app, "--log", args.log, "a reading that came out: 'yield=0.45 sd 0.05' (repeat)");
  app.add_option("--since", args.since,
                 "take the observations that became known after this date as readings");
  app.add_option("--by", args.by,
                 "when the decision falls: later readings are worth nothing to it");
  app.add_option("--as-of", args.as_of, "the day from which the next readings count (today)");
  app.add_option("--list", args.list,
                 "the watch list (watch.csv beside the model, else its measures)");
  app.add_option_function<size_t>(
      "--top", [&args](size_t top) { args.top = top, args.top_given = true; },
      "indicators to show for each question (5; 0: all)");
  app.add_flag("--ics", args.ics, "the next readings as a calendar file");
}

void add_optimise(CLI::App& app, Arguments& args) {
  add_list(app, "--lever", args.levers, "what may be moved: 'price=2 to 9' (repeat)");
  add_list(app, "--among", args.among,
           "scenarios to choose between, each with its best levers: a,b")
      ->delimiter(',');
  app.add_option("--maximise", args.make_large,
                 "what should be large: a measure, claim or 'x@2030'");
  app.add_option("--minimise", args.make_small, "or what should be small");
  app.add_option("--aim", args.aim, "of all futures: mean, median, p5 to p95, or regret")
      ->check(CLI::IsMember({"mean", "median", "p5", "p10", "p25", "p75", "p90", "p95", "regret"}));
  add_list(app, "--subject-to", args.conditions,
           "what must be true: 'p(x@2030 > 5) >= 0.8', as --assert has it (repeat)");
  add_resume(app, args);
}

void add_backtest(CLI::App& app, Arguments& args) {
  add_list(app, "--origins", args.origins,
           "dates to stand at: 2023-12-31,2024-12-31 (each new year)")
      ->delimiter(',');
  app.add_option("--horizon", args.horizon, "how far later observations count (1 year)");
  app.add_option("--steps", args.most_steps, "steps of each chain before giving up (20000)")
      ->check(CLI::Range(uint64_t{200}, uint64_t{10'000'000}));
  app.add_option("--seed", args.seed, "of all random numbers (1)");
  add_machine(app, args);
  app.add_flag("--accept-poor", args.accept_poor, "exit 0 even when diagnostics fail");
  add_resume(app, args);
}

void add_serve(CLI::App& app, Arguments& args) {
  app.add_option("--port", args.port, "port to listen at (8765, or the next that is free)")
      ->check(CLI::Range(0u, 65535u));
  app.add_flag("--open", args.open, "open the page in the usual browser");
  app.add_flag("--edit", args.edit, "let the page check and write the model's files");
  app.add_flag("--watch", args.watch, "read the model again when its files change");
  app.add_option("--ui-dir", args.ui_dir, "serve the page's files from this folder");
  app.add_option("--token", args.token, "a secret that every request for data must carry");
  app.add_option("--host", args.host, "address to listen at (127.0.0.1); others need --i-know");
  app.add_flag("--i-know", args.lan, "listen beyond this computer, with a token");
  add_machine(app, args);
  app.add_flag_callback(
      "--json", [&args] { args.format = Format::kJson; }, "print the address as JSON");
  app.add_flag("-q,--quiet", args.quiet, "say nothing but errors");
}

void declare(CLI::App& app, Arguments& args, const Command& command) {
  add_model(app, args, command);
  if (command.groups & kVariantGroup) add_variant(app, args);
  if (command.groups & kRunGroup) add_run(app, args);
  if (command.groups & kPosteriorGroup) {
    app.add_option("--posterior", args.posterior,
                   "take the inputs from this file of headrace calibrate");
  }
  if (command.groups & kCalibrateGroup) add_calibrate(app, args);
  if (command.groups & kOutputGroup) add_output(app, args);
  if (command.groups & kRangeGroup) add_range(app, args);
  if (command.groups & kFormatGroup) add_format(app, args);
  if (command.groups & kLookGroup) add_look(app, args);
  if (command.groups & kAssertGroup) {
    app.add_option("--assert", args.asserts,
                   "exit 7 unless true: 'p(x@2030 > 5) >= 0.8', 'median(x@2030) < 3' (repeat)")
        ->expected(1)
        ->allow_extra_args(false)
        ->take_all();
  }
  if (command.groups & kSensitivityGroup) add_sensitivity(app, args);
  if (command.groups & kDiscoverGroup) add_discover(app, args);
  if (command.groups & kExplainGroup) add_explain(app, args);
  if (command.groups & kDumpGroup) {
    app.add_option("--dump", args.dump,
                   "print a form of the model: tokens, tree, model, ir or llvm")
        ->check(CLI::IsMember({"tokens", "tree", "model", "ir", "llvm"}));
  }
  if (command.groups & kOutGroup) {
    add_out(app, args);
    app.add_flag("-q,--quiet", args.quiet, "no results on standard output, only errors");
  }
  if (command.groups & kDryGroup) {
    app.add_flag("--dry-run", args.dry_run, "write nothing; say what would be written");
  }
  if (command.groups & kLossyGroup) {
    app.add_flag("--lossy", args.lossy, "write the file even where numbers get lost");
  }
  if (command.groups & kCaseGroup) add_case(app, args);
  if (command.groups & kLawGroup) {
    app.add_option("-s,--scenario", args.scenarios, "apply a scenario (repeat to stack)")
        ->expected(1)
        ->allow_extra_args(false)
        ->take_all();
    app.add_option("--affects", args.affects, "the destination for which chips are compared (CN)");
  }
  if (command.groups & kWatchGroup) add_watch(app, args);
  if (command.groups & kOptimiseGroup) add_optimise(app, args);
  if (command.groups & kBacktestGroup) add_backtest(app, args);
  if (command.groups & kServeGroup) add_serve(app, args);
  if (command.groups & kAuditGroup) {
    app.add_flag("--strict", args.strict,
                 "exit 4 when a number has neither a source nor the word assumed");
  }
  if (command.groups & kFmtGroup) {
    app.add_flag("--check", args.check_only, "write nothing; exit 4 if a file would change");
  }
}

// `a,b` and repetitions as one list, each name once. Commas inside brackets and quotes belong to
// the name.
std::vector<std::string> split_names(const std::vector<std::string>& lists) {
  std::vector<std::string> names;
  for (const std::string& list : lists) {
    std::string name;
    bool quoted = false;
    int depth = 0;
    for (char c : list) {
      quoted = quoted != (c == '"');
      if (!quoted) depth += c == '[' ? 1 : c == ']' ? -1 : 0;
      if (c == ',' && !quoted && depth == 0) {
        names.push_back(std::move(name));
        name.clear();
      } else {
        name += c;
      }
    }
    names.push_back(std::move(name));
  }
  std::vector<std::string> unique;
  for (std::string& each : names) {
    const bool known = std::find(unique.begin(), unique.end(), each) != unique.end();
    if (!each.empty() && !known) unique.push_back(std::move(each));
  }
  return unique;
}

Parsed usage_error(const std::string& what, const std::string& then) {
  Parsed parsed;
  parsed.err = fmt::format("headrace: {}\n  {}\n", what, then);
  parsed.exit_code = kUsage;
  return parsed;
}

Parsed unknown_command(const std::string& word) {
  std::vector<std::string> names;
  for (const Command& command : commands()) names.emplace_back(command.name);
  const std::string near = text::nearest(word, names);
  return usage_error(fmt::format("unknown command '{}'", word),
                     near.empty() ? "list all with: headrace help"
                                  : fmt::format("did you mean: headrace {}?", near));
}

Parsed unknown_option(const std::string& word, const CLI::App& app, const Command& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  const std::string near = text::nearest(word.substr(0, word.find('=')), names);
  return usage_error(fmt::format("unknown option '{}'", word),
                     near.empty() ? fmt::format("see: headrace help {}", command.name)
                                  : fmt::format("did you mean: {}?", near));
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

std::string help(const Command& command) {
  CLI::App app;
  app.set_help_flag("-h,--help", "this text");
  Arguments args;
  declare(app, args, command);
  std::string out = fmt::format("headrace {}: {}\n\nusage: headrace {}\n", command.name,
                                command.summary, command.usage);
  if (*command.examples) out += fmt::format("\nexamples\n{}\n", command.examples);
  report::Table table{{{}, {"", false, true}}, {}};
  for (const CLI::Option* option : app.get_options()) {
    const std::string about = option->get_description();
    if (option->get_positional() || about.empty()) continue;
    std::string name = option->get_name(false, true);
    if (!name.starts_with("-")) continue;
    for (size_t comma = 0; (comma = name.find(',', comma)) != std::string::npos; ++comma) {
      name.insert(comma + 1, " ");
    }
    table.rows.push_back({"  " + name, about});
  }
  if (!table.rows.empty()) out += "\noptions\n" + report::render(table, {});
  return out;
}

const char* name_of(Format format) {
  const auto named = std::find_if(kFormats.begin(), kFormats.end(),
                                  [format](const auto& entry) { return entry.second == format; });
  return named->first.c_str();
}

Parsed parse_arguments(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  Parsed parsed;
  if (words.empty()) {
    parsed.out = welcome();
    return parsed;
  }
  const bool wants_help = std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return word == "-h" || word == "--help";
  });
  std::string name = words[0];
  if (name == "--version") name = "version";
  if (name == "--help" || name == "-h") name = "help";
  const Command* command = find_command(name);
  if (!command) return unknown_command(name);
  if (wants_help) {
    parsed.out = name == "help" ? overview() : help(*command);
    return parsed;
  }
  if (command->groups & kCaseGroup) take_svg(words);
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  parsed.command = command;
  parsed.arguments.command = command->name;
  declare(app, parsed.arguments, *command);
  try {
    std::vector<std::string> rest(words.rbegin(), words.rend() - 1);
    app.parse(rest);
  } catch (const CLI::ParseError& error) {
    return usage_error(first_line(error.what()),
                       fmt::format("see: headrace help {}", command->name));
  }
  const std::vector<std::string> extras = app.remaining();
  if (!extras.empty()) return unknown_option(extras[0], app, *command);
  parsed.arguments.variables = split_names(parsed.arguments.variables);
  return parsed;
}

}  // namespace headrace::cli
