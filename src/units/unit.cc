#include "units/unit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "units/named_unit.h"

namespace headrace::units {
namespace {

constexpr size_t kMaxNames = 64;  // in one product

std::string too_large() { return "this unit is too large to handle"; }

double whole_power(double base, int32_t exponent) {
  double result = 1;
  for (; exponent > 0; exponent /= 2, base *= base) {
    if (exponent % 2 == 1) result *= base;
  }
  return result;
}

Ratio raise(Ratio ratio, Rational exponent) {
  if (exponent.numerator < 0)
    return raise({ratio.denominator, ratio.numerator}, exponent.negated());
  if (exponent.is_whole()) {
    return {whole_power(ratio.numerator, exponent.numerator),
            whole_power(ratio.denominator, exponent.numerator)};
  }
  if (exponent.denominator == 2) {
    const Ratio all = raise(ratio, exponent.numerator);
    return {std::sqrt(all.numerator), std::sqrt(all.denominator)};
  }
  return {std::pow(ratio.numerator, exponent.value()),
          std::pow(ratio.denominator, exponent.value())};
}

bool is_usable(double x) { return std::isnormal(x) && x > 0; }

}  // namespace

// Adds `times` to the exponent of the element with `id`, dropping it at zero.
template <class Element, class Same>
static bool add_to(std::vector<Element>& elements, const Element& more, Same same) {
  auto found = std::ranges::find_if(elements, [&](const Element& e) { return same(e, more); });
  if (found == elements.end()) {
    elements.push_back(more);
    return true;
  }
  const std::optional<Rational> sum = add(found->exponent, more.exponent);
  if (!sum) return false;
  found->exponent = *sum;
  if (sum->is_zero()) elements.erase(found);
  return true;
}

// The dimension, from the names.
static bool set_dimension(Dimension& dimension, const std::vector<Factor>& factors) {
  for (const Factor& f : factors) {
    for (const BaseExponent& b : f.unit->dimension) {
      const std::optional<Rational> exponent = multiply(b.exponent, f.exponent);
      if (!exponent) return false;
      const BaseExponent scaled{b.base, *exponent};
      if (!add_to(dimension, scaled, [](auto& x, auto& y) { return x.base == y.base; }))
        return false;
    }
  }
  std::ranges::sort(dimension, {}, &BaseExponent::base);
  return true;
}

// The size, from the names in the order of declaration.
static Ratio size_of(std::vector<Factor> factors) {
  std::ranges::sort(factors, {}, [](const Factor& f) { return f.unit->index; });
  Ratio size;
  for (const Factor& f : factors) {
    const Ratio part = raise(f.unit->size, f.exponent);
    size.numerator *= part.numerator;
    size.denominator *= part.denominator;
  }
  return size;
}

std::expected<std::shared_ptr<const Unit::Product>, std::string> Unit::Product::make(
    std::vector<Factor> factors) {
  if (factors.empty()) return nullptr;
  if (factors.size() > kMaxNames) {
    return std::unexpected(fmt::format("this unit has more than {} names", kMaxNames));
  }
  auto product = std::make_shared<Product>();
  if (!set_dimension(product->dimension, factors)) return std::unexpected(too_large());
  product->size = size_of(factors);
  if (!is_usable(product->size.numerator) || !is_usable(product->size.denominator) ||
      !is_usable(product->size.value())) {
    return std::unexpected(too_large());
  }
  product->factors = std::move(factors);
  return product;
}

bool Unit::is_dimensionless() const { return !product_ || product_->dimension.empty(); }

bool Unit::same_dimension(const Unit& other) const {
  if (is_dimensionless() || other.is_dimensionless()) {
    return is_dimensionless() && other.is_dimensionless();
  }
  return product_ == other.product_ || product_->dimension == other.product_->dimension;
}

double Unit::factor() const { return product_ ? product_->size.value() : 1; }

bool Unit::operator==(const Unit& other) const {
  return product_ == other.product_ || conversion(*this, other) == 1.0;
}

std::expected<Unit, std::string> multiply(const Unit& a, const Unit& b) {
  if (!a.product_) return b;
  if (!b.product_) return a;
  std::vector<Factor> factors = a.product_->factors;
  for (const Factor& f : b.product_->factors) {
    auto same = [](const Factor& x, const Factor& y) { return x.unit->index == y.unit->index; };
    if (!add_to(factors, f, same)) return std::unexpected(too_large());
  }
  auto product = Unit::Product::make(std::move(factors));
  if (!product) return std::unexpected(product.error());
  return Unit(std::move(*product));
}

std::expected<Unit, std::string> divide(const Unit& a, const Unit& b) {
  const std::expected<Unit, std::string> inverse = power(b, -1);
  return inverse ? multiply(a, *inverse) : inverse;
}

std::expected<Unit, std::string> power(const Unit& unit, Rational exponent) {
  if (!unit.product_ || exponent == Rational(1)) return unit;
  if (exponent.is_zero()) return Unit();
  std::vector<Factor> factors = unit.product_->factors;
  for (Factor& f : factors) {
    const std::optional<Rational> raised = multiply(f.exponent, exponent);
    if (!raised) return std::unexpected(too_large());
    f.exponent = *raised;
  }
  auto product = Unit::Product::make(std::move(factors));
  if (!product) return std::unexpected(product.error());
  return Unit(std::move(*product));
}

std::optional<double> conversion(const Unit& from, const Unit& to) {
  if (!from.same_dimension(to)) return std::nullopt;
  if (from.product_ == to.product_) return 1;
  // Through the quotient where it can be formed: equal names cancel and leave no rounding.
  if (const auto quotient = divide(from, to)) return quotient->factor();
  return from.factor() / to.factor();
}

}  // namespace headrace::units
