// Why the check is enough. Let y = Y 2^e with Y odd and below 2^53, and x an integer X in
// [2^52, 2^53); powers of two change nothing. With s such that X / Y 2^s lies in [2^53, 2^54), the
// numbers at which rounding changes are the odd integers m in that range, and
//
//   X 2^s = m Y + t
//
// for an integer t, so that X / Y 2^s is |t| / Y away from m. With high within n units in its last
// place of 1 / y, the sum x high + x low is wrong by less than n 2^-103 of itself, here by less
// than n 2^-49. So the result can be wrong only where |t| <= n Y 2^-49, some dozen numbers. For
// each of them m is known modulo 2^s, and X follows. These X are tried. When one fails, the next
// number below may serve as high: the two products then round otherwise.

#include "code/llvm/reciprocal.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace headrace::code {

namespace {

bool divides(Reciprocal r, double x, double y) { return std::fma(x, r.high, x * r.low) == x / y; }

// Of an odd number, modulo 2^64: each step doubles the bits that are right.
uint64_t inverse(uint64_t odd) {
  uint64_t x = odd;
  for (int bits = 3; bits < 64; bits *= 2) x *= 2 - odd * x;
  return x;
}

// Tries all X for one s and t.
bool divides_near(Reciprocal r, double y, uint64_t odd, int s, int64_t t) {
  const uint64_t modulus = uint64_t{1} << s, least = uint64_t{1} << 53;
  const uint64_t residue = (0 - static_cast<uint64_t>(t)) * inverse(odd) & (modulus - 1);
  uint64_t m = least / modulus * modulus + residue;
  if (m < least) m += modulus;
  for (; m < 2 * least; m += modulus) {
    const auto product = static_cast<unsigned __int128>(m) * odd + static_cast<__int128>(t);
    const auto x = static_cast<uint64_t>(product >> s);
    const bool possible = m % 2 == 1 && x >= least / 2 && x < least;
    if (possible && !divides(r, static_cast<double>(x), y)) return false;
  }
  return true;
}

bool divides_always(Reciprocal r, double y, int units) {
  int exponent;
  const auto whole = static_cast<uint64_t>(std::ldexp(std::frexp(std::abs(y), &exponent), 53));
  const uint64_t odd = whole >> std::countr_zero(whole);
  const int bits = std::bit_width(odd);
  const auto most = static_cast<int64_t>(odd * static_cast<uint64_t>(units) >> 49);
  for (const int s : {bits, bits + 1}) {
    for (int64_t t = -most; t <= most; ++t) {
      if (t != 0 && !divides_near(r, y, odd, s, t)) return false;
    }
  }
  return true;
}

}  // namespace

std::optional<Reciprocal> find_reciprocal(double y) {
  if (!(std::abs(y) > 0x1p-900 && std::abs(y) < 0x1p900)) return std::nullopt;
  constexpr int kMostUnits = 8;
  double high = 1 / y;
  for (int units = 1; units <= kMostUnits; ++units, high = std::nextafter(high, 0.0)) {
    const double rest = std::fma(-y, high, 1.0);
    if (rest == 0) return std::nullopt;
    const Reciprocal r{high, rest / y};
    if (rest > 0 && divides_always(r, y, units)) return r;
  }
  return std::nullopt;
}

bool divides_by_constants(const ir::Program& program) {
  const auto divides_in = [](const ir::Block& block) {
    return std::any_of(block.code.begin(), block.code.end(), [&](const ir::Inst& inst) {
      if (inst.code != ir::Code::kDivide) return false;
      const ir::Inst& by = block.code[inst.b.index];
      return by.code == ir::Code::kConstant && find_reciprocal(by.number);
    });
  };
  return divides_in(program.draw) || divides_in(program.initial) || divides_in(program.step) ||
         divides_in(program.finish);
}

}  // namespace headrace::code
