// posterior_test --headrace PROGRAM: calibrates the predator-prey model to the lynx and hare pelts
// of the Hudson Bay and compares with the reference posterior of posteriordb.
//
// Data and reference lie in $HEADRACE_CONFORMANCE/posterior/hudson_lynx_hare. Every mean must be
// within a tenth of the reference's standard deviation, every standard deviation within a tenth of
// it, and R-hat below 1.01.

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// Our names in the order of the reference's.
constexpr const char* kNames[] = {"births",      "caught",     "deaths",     "fed",
                                  "first_hares", "first_lynx", "hare_error", "lynx_error"};

constexpr const char* kModel = R"(model hares
time 0 to 20 step 1/20 year save 1 year in year method rk4

data hares_seen from "pelts.csv" column hare at year
data lynx_seen from "pelts.csv" column lynx at year

param births : 1/year = truncate(normal(1, 0.5), 0, infinity)
param caught : 1/year = truncate(normal(0.05, 0.05), 0, infinity)
param deaths : 1/year = truncate(normal(1, 0.5), 0, infinity)
param fed : 1/year = truncate(normal(0.05, 0.05), 0, infinity)
param first_hares = lognormal(median 10, gsd exp(1))
param first_lynx = lognormal(median 10, gsd exp(1))
param hare_error = lognormal(median exp(-1), gsd exp(1))
param lynx_error = lognormal(median exp(-1), gsd exp(1))

stock hares = first_hares
  d/dt = (births - caught * lynx) * hares
stock lynx = first_lynx
  d/dt = (fed * hares - deaths) * lynx

observe hares ~ lognormal(median hares_seen, gsd exp(hare_error))
observe lynx ~ lognormal(median lynx_seen, gsd exp(lynx_error))
)";

void write_model(const fs::path& folder, const Json& data) {
  std::ofstream(folder / "hares.hr") << kModel;
  std::ofstream pelts(folder / "pelts.csv");
  pelts << fmt::format("year,hare,lynx\n0,{},{}\n", data["y_init"][0].get<double>(),
                       data["y_init"][1].get<double>());
  for (size_t i = 0; i < data["ts"].size(); ++i) {
    pelts << fmt::format("{},{},{}\n", data["ts"][i].get<double>(), data["y"][i][0].get<double>(),
                         data["y"][i][1].get<double>());
  }
}

size_t compare(const Json& found, const Json& reference) {
  size_t wrong = 0;
  for (size_t i = 0; i < std::size(kNames); ++i) {
    for (const Json& input : found["inputs"]) {
      if (input["name"] != kNames[i]) continue;
      const double sd = reference["sd"][i].get<double>();
      const double off =
          (input["posterior"]["mean"].get<double>() - reference["mean"][i].get<double>()) / sd;
      const double ratio = input["posterior"]["sd"].get<double>() / sd;
      const double rhat = input["rhat"].get<double>();
      const bool fine = std::fabs(off) < 0.1 && std::fabs(ratio - 1) < 0.1 && rhat < 1.01;
      fmt::print("{:12} mean off by {:+.3f} sd, sd x {:.3f}, R-hat {:.4f}{}\n", kNames[i], off,
                 ratio, rhat, fine ? "" : "  WRONG");
      wrong += fine ? 0 : 1;
    }
  }
  return found["inputs"].size() == std::size(kNames) ? wrong : wrong + 1;
}

int run(const std::string& program, const fs::path& root) {
  const fs::path folder = root / "posterior" / "hudson_lynx_hare";
  if (!fs::is_directory(folder)) {
    fmt::print("SKIPPED: no reference posterior at {}; set HEADRACE_CONFORMANCE\n",
               folder.string());
    return 0;
  }
  const fs::path scratch =
      fs::temp_directory_path() / fmt::format("headrace-posterior-{}", getpid());
  fs::create_directories(scratch);
  write_model(scratch, Json::parse(std::ifstream(folder / "data.json")));
  const std::string command =
      fmt::format("'{}' calibrate '{}' --json --verbose > '{}'", program,
                  (scratch / "hares.hr").string(), (scratch / "found.json").string());
  size_t wrong = 1;
  if (std::system(command.c_str()) == 0) {
    wrong = compare(Json::parse(std::ifstream(scratch / "found.json")),
                    Json::parse(std::ifstream(folder / "reference.json")));
  }
  fs::remove_all(scratch);
  return wrong == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  if (count != 3 || std::string(words[1]) != "--headrace") {
    fmt::print(stderr, "usage: posterior_test --headrace PROGRAM\n");
    return 2;
  }
  const char* const set = std::getenv("HEADRACE_CONFORMANCE");
  return run(words[2], set != nullptr ? set : "../shared/conformance");
}
