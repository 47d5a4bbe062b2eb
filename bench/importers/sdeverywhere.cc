// The frame around the C that SDEverywhere generates (sdeverywhere.mjs): one draw at a time, as
// that code has it.
//
//   sdeverywhere INPUTS.csv OUTPUT.csv COUNT    rows of inputs, one a draw; percentiles of COUNT
//   outputs out

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "frame.h"

extern "C" {
#include "sde.h"
}

namespace {

// The outputs of eight draws, which go into `out` together: a line of the cache at once.
constexpr size_t kTogether = 8;
std::vector<double> kept;
size_t place = 0;

void run(std::vector<double>& inputs) {
  initConstants();
  setInputs(inputs.data(), nullptr);
  _time = _initial_time;
  initLevels();
  const auto steps = static_cast<int>(std::round((_final_time - _initial_time) / _time_step));
  for (int step = 0;; ++step) {
    evalAux();
    storeOutputData();
    if (step == steps) return;
    evalLevels();
    _time += _time_step;
  }
}

}  // namespace

extern "C" void outputVar(double value) {
  if (place == kept.size()) kept.resize(2 * place + 1);
  kept[place++] = value;
}

int main(int, char** arguments) {
  std::vector<std::vector<double>> rows = read_rows(arguments[1]);
  run(rows[0]);
  const size_t cells = place, draws = (rows.size() + kTogether - 1) / kTogether * kTogether;
  kept.resize(cells * kTogether);
  std::vector<double> out(cells * draws);
  for (double& x : out) x = 0;  // the pages are there before the clock starts
  double simulate = 1e9, summarise = 1e9;
  std::vector<double> bands;
  for (int repeat = 0; repeat < 3; ++repeat) {
    double begin = seconds();
    for (size_t d = 0; d < draws; d += kTogether) {
      place = 0;
      for (size_t i = 0; i < kTogether; ++i) run(rows[std::min(d + i, rows.size() - 1)]);
      for (size_t k = 0; k < cells; ++k)
        for (size_t i = 0; i < kTogether; ++i) out[k * draws + d + i] = kept[i * cells + k];
    }
    simulate = std::min(simulate, seconds() - begin);
    begin = seconds();
    bands = percentiles(out, draws, rows.size());
    summarise = std::min(summarise, seconds() - begin);
  }
  write_bands(arguments[2], bands, static_cast<size_t>(std::atoi(arguments[3])));
  std::printf("%.6f %.6f\n", simulate, summarise);
}
