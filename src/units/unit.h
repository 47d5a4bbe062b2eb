// Units of measure.
//
// A unit is a product of named units with rational exponents, `USD * chip^-1 * year^-1`. Each
// name stands for a size and a product of base units, so a unit has a dimension (exponents of
// base units; two quantities can be added only when theirs agree) and a factor (how many of the
// coherent base unit it is: `month` is 1/12 of `year`). The names are kept because the modeller
// reads them back: `month/year` stays `month/year`, dimensionless with factor 1/12, and only
// equal names cancel.
//
// Factors are kept as a pair of doubles, numerator and denominator, which stay whole for the
// usual units; so a week is exactly 7 days and a year exactly 12 months, although 1/12 is no
// double. They are computed from the names in the order of their declaration, whatever the order
// of the operations, so the algebra's laws hold to the last bit.

#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "units/rational.h"

namespace headrace::units {

class UnitTable;
struct NamedUnit;

// A value, cheap to copy (a shared pointer to what never changes). Units of different tables
// must not meet in one operation.
class Unit {
 public:
  Unit() = default;  // 1: dimensionless, factor 1

  // No base units are left. The factor may differ from 1: `%`, `month/year`.
  bool is_dimensionless() const;
  bool same_dimension(const Unit& other) const;
  // How many of the coherent base unit (years for time) one of this unit is.
  double factor() const;
  // In the modeller's words: `USD/(chip*year)`, `m^2`, `1/year`, `1`.
  std::string text() const;
  // The same quantity: same dimension and convertible with factor exactly 1. Names may differ.
  bool operator==(const Unit& other) const;

 private:
  friend class UnitTable;
  struct Product;
  friend std::expected<Unit, std::string> multiply(const Unit&, const Unit&);
  friend std::expected<Unit, std::string> power(const Unit&, Rational);
  friend std::optional<double> conversion(const Unit&, const Unit&);
  explicit Unit(std::shared_ptr<const Product> product) : product_(std::move(product)) {}

  std::shared_ptr<const Product> product_;  // null for 1
};

// The error says in plain words that an exponent, the size or the number of names is past its
// limit; no model that means something gets there.
std::expected<Unit, std::string> multiply(const Unit& a, const Unit& b);
std::expected<Unit, std::string> divide(const Unit& a, const Unit& b);
std::expected<Unit, std::string> power(const Unit& unit, Rational exponent);

// What a number in `from` is multiplied by to be a number in `to`: conversion(month, year) is
// 1/12, rounded once. Nothing when the dimensions differ.
std::optional<double> conversion(const Unit& from, const Unit& to);

// The units that a model knows by name. Built in are those of builtin.def: time with `year` as
// coherent base, currencies, energy and power, data, operations, persons, mass and length.
class UnitTable {
 public:
  UnitTable();

  // The unit with this name, or nothing. Case counts. `1` is dimensionless.
  std::optional<Unit> find(std::string_view name) const;

  // A new kind of thing: `chip`. Declaring a built-in base unit (`USD`) again is allowed.
  std::expected<Unit, std::string> declare_base(std::string_view name);
  // `H100e = 1979e12 op/s`. Declaring a built-in unit again is allowed when it means the same.
  std::expected<Unit, std::string> declare_derived(std::string_view name, double factor,
                                                   const Unit& unit);
  // Another name for a unit that is known by name: `people` for `person`.
  std::expected<Unit, std::string> declare_synonym(std::string_view name,
                                                   std::string_view original);

  // All names, synonyms included, in the order of declaration.
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::optional<std::string> why_not(std::string_view name) const;
  Unit remember(std::string_view name, std::shared_ptr<NamedUnit> unit);

  struct Entry {
    Unit unit;
    bool built_in = false;
  };

  const Entry* entry(std::string_view name) const;

  std::map<std::string, Entry, std::less<>> entries_;
  std::vector<std::string> names_;  // as declared
  uint32_t count_ = 0;              // named units made, which numbers them
  bool building_ = true;            // the built-in ones are being declared
};

}  // namespace headrace::units
