// A quantile function as polynomials on a trie of floating-point bits.
//
// Drawing a beta or gamma number by its inverse incomplete function costs microseconds. Here the
// quantile is cut into cells and each cell keeps a polynomial of degree 5. The axis is
// v = min(u, 1 - u), one table for each side, and the cells are those of the floating-point
// format itself: the exponent of v picks an octave, its next three bits one of eight cells (or
// four, of sixteen), the remaining bits are the place inside. So both tails are resolved as finely
// as the middle, and finding the cell costs a shift.
//
//     v = 2^-e * 1.bbb tttttt...      octave e, cell bbb, place t in [0, 1)
//
// Quantiles with power-law tails, x ~ v^c, are smooth on every octave. Where they are not smooth
// (the gap of a mixture, an atom, a cut) a cell becomes a block of sixteen cells on the next four
// bits, and so on down; the region that stays rough shrinks sixteenfold each time. What is left,
// and every v below 2^-21, is computed exactly: a few numbers in a million.
//
// The polynomial passes through the quantile at six Chebyshev-Lobatto points, so neighbouring
// cells agree at their border. A cell is accepted when points between agree to a relative 2e-10.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace headrace::math {

class QuantileTable {
 public:
  // The two tails of a quantile function: x with P(X <= x) = v, and x with P(X > x) = v.
  using Tail = std::function<double(double v)>;

  // What an error of 1 means at a value x: the larger of |x| and `floor`, or always 1.
  struct Scale {
    bool relative = true;
    double floor = 0;
    double at(double x) const;
  };

  // How the table is cut and tested. Smooth quantiles need one trial point a cell; power laws and
  // logarithms need cells of a sixteenth of an octave rather than an eighth.
  struct Options {
    Scale scale;
    bool smooth = false;
    int cell_bits = 3;
  };

  QuantileTable(Tail lower, Tail upper, Options options);

  // One value, for u in (0, 1). Calls the exact tail where the table has none.
  double operator()(double u) const;

  size_t cells() const { return cells_.size(); }

 private:
  enum class Kind : uint32_t { kPolynomial, kBlock, kExact };
  struct alignas(64) Cell {
    double coefficient[6];
    Kind kind;
    uint32_t block;  // the first of sixteen cells
  };

  // The cell on [start, start + width], whose ends have the values `first` and `last`.
  Cell fit(const Tail& tail, double start, double width, double first, double last, int depth);

  Tail lower_, upper_;
  Options options_;
  size_t cells_per_side_;
  uint64_t first_key_;
  std::vector<Cell> cells_;
};

}  // namespace headrace::math
