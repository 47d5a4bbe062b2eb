#pragma once

#include <cstdint>
#include <numeric>
#include <optional>

namespace headrace::units {

// A small exact fraction, in lowest terms with a positive denominator. Exponents of units are
// fractions because `sqrt` halves them.
struct Rational {
  static constexpr int64_t kLimit = 1000;  // of numerator and denominator, in size

  int32_t numerator = 0;
  int32_t denominator = 1;

  constexpr Rational() = default;
  constexpr Rational(int32_t whole) : numerator(whole) {}  // whole numbers are fractions

  // Nothing when the fraction in lowest terms is past the limit, or the denominator is 0.
  static constexpr std::optional<Rational> make(int64_t numerator, int64_t denominator) {
    if (denominator == 0) return std::nullopt;
    const int64_t common = std::gcd(numerator, denominator);
    const int64_t sign = denominator < 0 ? -1 : 1;
    const int64_t n = sign * numerator / common;
    const int64_t d = sign * denominator / common;
    if (n > kLimit || n < -kLimit || d > kLimit) return std::nullopt;
    Rational made(static_cast<int32_t>(n));
    made.denominator = static_cast<int32_t>(d);
    return made;
  }

  constexpr bool operator==(const Rational&) const = default;
  constexpr bool is_zero() const { return numerator == 0; }
  constexpr bool is_whole() const { return denominator == 1; }
  constexpr double value() const { return static_cast<double>(numerator) / denominator; }
  constexpr Rational negated() const {
    Rational r = *this;
    r.numerator = -numerator;
    return r;
  }
};

constexpr std::optional<Rational> add(Rational a, Rational b) {
  return Rational::make(int64_t{a.numerator} * b.denominator + int64_t{b.numerator} * a.denominator,
                        int64_t{a.denominator} * b.denominator);
}

constexpr std::optional<Rational> multiply(Rational a, Rational b) {
  return Rational::make(int64_t{a.numerator} * b.numerator, int64_t{a.denominator} * b.denominator);
}

}  // namespace headrace::units
