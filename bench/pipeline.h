#pragma once

// The way from text to a kernel, timed phase by phase, for the benchmarks.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "code/kernel.h"
#include "ir/program.h"
#include "model/model.h"

namespace headrace::bench {

double seconds();                                                // a steady clock
double fastest(int repeats, const std::function<void()>& work);  // seconds

struct Built {
  model::Model model;
  ir::Program program;
  double front_ms = 0;  // lexing to the end of resolve
  double lower_ms = 0;
};
// Ends the program with the diagnostics when the text has errors.
enum class Saved { kStocks, kAnswers };  // what is kept over time: all stocks, or nothing
Built build(const std::string& text, Saved saved = Saved::kStocks);

// One tile with its memory and the inputs of the first draws in place.
class Tile {
 public:
  Tile(const Built& built, const code::Kernel& kernel);
  // Runs all steps of as many tiles as `draws` needs; the same tile over and over.
  void run(uint64_t draws);
  const std::vector<double>& memory() const { return tile_; }

 private:
  const Built& built_;
  const code::Kernel& kernel_;
  std::vector<double> run_, time_, history_, tile_storage_, tile_;
  code::Frame frame_;
};

}  // namespace headrace::bench
