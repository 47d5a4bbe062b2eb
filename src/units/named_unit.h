#pragma once

// What units are made of; included by the files of this folder only.

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "units/unit.h"

namespace headrace::units {

// numerator / denominator, both positive; exact as long as both are whole and below 2^53.
struct Ratio {
  double numerator = 1;
  double denominator = 1;

  double value() const { return numerator / denominator; }
};

struct BaseExponent {
  uint32_t base = 0;  // the index of a base unit's NamedUnit
  Rational exponent;

  bool operator==(const BaseExponent&) const = default;
};

using Dimension = std::vector<BaseExponent>;  // sorted by base, no zero exponents

struct NamedUnit {
  std::string name;
  uint32_t index = 0;  // counts declarations
  Ratio size;
  Dimension dimension;
};

struct Factor {
  std::shared_ptr<const NamedUnit> unit;
  Rational exponent;
};

// Never empty; the factors stand in the order in which they were first named.
struct Unit::Product {
  std::vector<Factor> factors;
  Dimension dimension;
  Ratio size;

  // Null for no factors.
  static std::expected<std::shared_ptr<const Product>, std::string> make(
      std::vector<Factor> factors);
};

// The name as it stands in a unit's text: bare when it is plain, else in double quotes.
std::string written(const std::string& name);

}  // namespace headrace::units
