#include "cli/commands.h"

#include <array>

namespace headrace::cli {
namespace {

constexpr unsigned kSimulation = kModelGroup | kVariantGroup | kRunGroup | kLookGroup;

constexpr auto kCommands = std::to_array<Command>({
    {"run", "simulate a model and report what comes of it", "run MODEL [options]",
     "  headrace run models/examples/sir.hr\n"
     "  headrace run models/examples/sir.hr -y ill --plot\n"
     "  headrace run models/examples/sir.hr -s distance --set 'illness=4 to 9' --json\n"
     "  headrace run models/examples/sir.hr --draws 0 --csv -o sir.csv",
     kSimulation | kPosteriorGroup | kOutputGroup | kRangeGroup | kFormatGroup | kAssertGroup |
         kDumpGroup,
     run_command},
    {"claims", "ask a model, claim by claim, how likely each is to hold", "claims MODEL [options]",
     "  headrace claims models/race\n"
     "  headrace claims models/race -s deny_all --json",
     kSimulation | kPosteriorGroup | kFormatGroup | kAssertGroup, claims_command},
    {"compare", "compare 2 to 4 scenarios on the same draws",
     "compare MODEL SCENARIO SCENARIO... [options]",
     "  headrace compare models/examples/s_curve.hr base subsidy\n"
     "  headrace compare models/examples/s_curve.hr base subsidy -y share --at 2028,2030",
     kSimulation | kPosteriorGroup | kOutputGroup | kFormatGroup, compare_command},
    {"sensitivity", "which inputs move an output", "sensitivity MODEL OUTPUT [options]",
     "  headrace sensitivity models/examples/s_curve.hr share --at 2030 --top 5\n"
     "  headrace sensitivity models/examples/s_curve.hr share --over-time --csv\n"
     "  headrace sensitivity models/examples/s_curve.hr new_users_2028 --method sobol",
     kSimulation | kPosteriorGroup | kSensitivityGroup | kFormatGroup, sensitivity_command},
    {"discover", "where among the inputs something happens",
     "discover MODEL --when CONDITION [options]",
     "  headrace discover models/examples/s_curve.hr --when 'share@2030 > 0.5'\n"
     "  headrace discover models/examples/s_curve.hr --when 'share@2030 > 0.5' --method cart",
     kSimulation | kPosteriorGroup | kDiscoverGroup | kFormatGroup, discover_command},
    {"explain", "why a variable is what it is: causes, what binds, loops",
     "explain MODEL VARIABLE [options]",
     "  headrace explain models/examples/s_curve.hr users --at 2030\n"
     "  headrace explain models/examples/s_curve.hr users --at 2030 --to-scenario subsidy\n"
     "  headrace explain models/examples/s_curve.hr users --over-time --csv",
     kSimulation | kPosteriorGroup | kExplainGroup | kFormatGroup, explain_command},
    {"brief", "write one page on a model: claims, charts, scenarios, sources",
     "brief MODEL [SCENARIO...] [options]",
     "  headrace brief models/race -o brief.html\n"
     "  headrace brief models/race no_controls deny_all truce -o brief.pdf\n"
     "  headrace brief models/race -y huawei_output,model_lag -o brief.md",
     kSimulation | kOutputGroup | kFormatGroup, brief_command},
    {"audit", "list whose numbers a model runs on, and how much each matters",
     "audit MODEL [options]",
     "  headrace audit models/race\n"
     "  headrace audit models/race --strict --json",
     kModelGroup | kVariantGroup | kRunGroup | kFormatGroup | kLookGroup | kAuditGroup,
     audit_command},
    {"check", "read a model, show its parts and test its checks", "check MODEL [options]",
     "  headrace check models/race\n"
     "  headrace check models/race --draws 10000\n"
     "  headrace check models/examples/sir.hr --dump=model",
     kSimulation | kFormatGroup | kDumpGroup, check_command},
    {"classify", "say what an export of a chip needs, on a day and to a country",
     "classify [CHIP] --to CC [--date DATE] [options]",
     "  headrace classify h20 --to CN --date 2025-04-20\n"
     "  headrace classify --tpp 4600..5000 --pd 3 --datacenter --to CN --date 2024-06-01\n"
     "  headrace classify h20 --to CN --timeline\n"
     "  headrace classify --batch sales.csv --csv",
     kModelGroup | kCaseGroup | kLawGroup | kFormatGroup | kLookGroup, classify_command},
    {"rules", "list the export controls, show one, or what changed between two days",
     "rules list | show ID | diff DATE DATE",
     "  headrace rules list\n"
     "  headrace rules show R011\n"
     "  headrace rules diff 2022-08-01 2023-12-01 --affects CN",
     kModelGroup | kLawGroup | kFormatGroup | kLookGroup, rules_command},
    {"chips", "list the catalogue of accelerators, or show one", "chips list | show ID",
     "  headrace chips list\n"
     "  headrace chips show h20",
     kModelGroup | kLawGroup | kFormatGroup | kLookGroup, chips_command},
    {"calibrate", "fit the uncertain inputs to what was observed",
     "calibrate MODEL [-o FILE] [options]",
     "  headrace calibrate models/race -o race.hrp\n"
     "  headrace calibrate models/race --until 2025-06-30 -o race.hrp --resume\n"
     "  headrace claims models/race --posterior race.hrp",
     kModelGroup | kVariantGroup | kCalibrateGroup | kFormatGroup | kLookGroup, calibrate_command},
    {"backtest", "stand at earlier dates and score what the model would have said",
     "backtest MODEL [options]",
     "  headrace backtest models/race --origins 2024-12-31 --horizon 18month\n"
     "  headrace backtest models/race --origins 2023-12-31,2024-12-31 --json",
     kModelGroup | kVariantGroup | kBacktestGroup | kFormatGroup | kLookGroup, backtest_command},
    {"watch", "what to find out next, and what it would change", "watch MODEL [options]",
     "  headrace watch models/race\n"
     "  headrace watch models/race --learn A1,A2,A7\n"
     "  headrace watch models/race --decide h200 --by 2027-06-30\n"
     "  headrace watch models/race --log 'yield=0.45' --learn A1\n"
     "  headrace watch models/race --ics -o watch.ics",
     kSimulation | kPosteriorGroup | kWatchGroup | kFormatGroup, watch_command},
    {"optimise", "set levers so that they serve best over all futures", "optimise MODEL [options]",
     "  headrace optimise models/examples/inventory.hr --lever 'cover=2 to 20' --minimise cost\n"
     "  headrace optimise models/race --among base,h200_sales,deny_all --maximise ratio_2028 --aim "
     "regret",
     kSimulation | kPosteriorGroup | kOptimiseGroup | kFormatGroup, optimise_command},
    {"serve", "show a model as a page whose sliders move the bands", "serve MODEL [options]",
     "  headrace serve models/race --open\n"
     "  headrace serve models/examples/sir.hr --edit --watch\n"
     "  headrace serve models/race --posterior race.hrp\n"
     "  headrace serve models/race --port 9000 --json",
     kModelGroup | kServeGroup | kPosteriorGroup, serve_command},
    {"verify", "compute a saved chart again and compare", "verify MODEL FILE",
     "  headrace verify models/race race-us_installed.svg",
     kModelGroup | kRunGroup | kPosteriorGroup, verify_command},
    {"fmt", "put model files into the usual form", "fmt FILE... [--check]",
     "  headrace fmt models/race\n"
     "  headrace fmt --check models/race\n"
     "  headrace fmt - < draft.hr",
     kFmtGroup, fmt_command},
    {"import", "write a model of Vensim or Stella as model text", "import MODEL [-o FILE]",
     "  headrace import model.xmile -o model.hr\n"
     "  headrace import model.stmx --dry-run",
     kModelGroup | kOutGroup | kDryGroup, import_command},
    {"export", "write a model as XMILE or for Vensim", "export MODEL [-o FILE] [--lossy]",
     "  headrace export model.hr -o model.xmile\n"
     "  headrace export model.hr -o model.mdl\n"
     "  headrace export model.hr --lossy",
     kModelGroup | kOutGroup | kLossyGroup, export_command},
    {"library", "print the standard library, written in the language", "library",
     "  headrace library", 0, library_command},
    {"version", "print the version", "version", "", 0, version_command},
    {"help", "explain a command or a topic", "help [COMMAND or TOPIC]",
     "  headrace help run\n"
     "  headrace help exit-codes",
     0, help_command},
});

}  // namespace

std::span<const Command> commands() { return kCommands; }

const Command* find_command(const std::string& name) {
  for (const Command& command : kCommands) {
    if (name == command.name) return &command;
  }
  return nullptr;
}

}  // namespace headrace::cli
