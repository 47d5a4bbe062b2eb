// What both yardsticks do around their simulation: the draws' inputs from a file, and percentiles
// of the outputs.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

// One row a draw, separated by commas.
inline std::vector<std::vector<double>> read_rows(const char* path) {
  std::vector<std::vector<double>> rows;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    std::vector<double> row;
    std::stringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(std::atof(cell.c_str()));
    rows.push_back(row);
  }
  return rows;
}

// Of the processor: another program on the machine does not count.
inline double seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

// The 5th, 50th and 95th percentile by nearest rank of each cell; `out` has the draws of a cell
// side by side, `stride` numbers from cell to cell.
inline std::vector<double> percentiles(const std::vector<double>& out, size_t stride,
                                       size_t draws) {
  std::vector<double> bands, values(draws);
  for (size_t cell = 0; cell * stride < out.size(); ++cell) {
    std::copy_n(out.begin() + static_cast<ptrdiff_t>(cell * stride), draws, values.begin());
    auto from = values.begin();
    for (const double share : {0.05, 0.5, 0.95}) {
      const auto place = values.begin() +
                         static_cast<ptrdiff_t>(std::ceil(share * static_cast<double>(draws)) - 1);
      std::nth_element(from, place, values.end());
      bands.push_back(*place);
      from = place;
    }
  }
  return bands;
}

// Lines of step, output and the three percentiles.
inline void write_bands(const char* path, const std::vector<double>& bands, size_t outputs) {
  std::ofstream file(path);
  file.precision(17);
  for (size_t k = 0; k < bands.size(); k += 3)
    file << k / 3 / outputs << ',' << k / 3 % outputs << ',' << bands[k] << ',' << bands[k + 1]
         << ',' << bands[k + 2] << '\n';
}
