#include <fmt/format.h>

#include <cmath>

#include "base/check.h"
#include "units/named_unit.h"
#include "units/unit.h"
#include "units/unit_text.h"

namespace headrace::units {
namespace {

constexpr size_t kMaxUnits = 100'000;

}  // namespace

UnitTable::UnitTable() {
  auto derive = [&](const char* name, double numerator, double denominator, const char* of) {
    const auto unit = parse_unit_text(of, *this);
    CHECK(unit);
    auto made = std::make_shared<NamedUnit>();
    if (unit->product_) {
      made->size = unit->product_->size;
      made->dimension = unit->product_->dimension;
    }
    made->size.numerator *= numerator;
    made->size.denominator *= denominator;
    remember(name, std::move(made));
  };
#define BASE(name) CHECK(declare_base(#name));
#define DERIVED(name, numerator, denominator, unit) derive(#name, numerator, denominator, #unit);
#define SYNONYM(name, of) CHECK(declare_synonym(#name, #of));
#include "units/builtin.def"
#undef BASE
#undef DERIVED
#undef SYNONYM
  derive("%", 1, 100, "1");
  building_ = false;
}

const UnitTable::Entry* UnitTable::entry(std::string_view name) const {
  const auto at = entries_.find(name);
  return at != entries_.end() ? &at->second : nullptr;
}

std::optional<Unit> UnitTable::find(std::string_view name) const {
  if (name == "1") return Unit();
  const Entry* found = entry(name);
  return found ? std::optional(found->unit) : std::nullopt;
}

std::optional<std::string> UnitTable::why_not(std::string_view name) const {
  if (name.empty()) return "a unit needs a name";
  if (name == "1") return "`1` is the dimensionless unit";
  if (names_.size() >= kMaxUnits) return fmt::format("more than {} units", kMaxUnits);
  const Entry* found = entry(name);
  if (!found) return std::nullopt;
  if (found->built_in) return fmt::format("the unit `{}` is built in with another meaning", name);
  return fmt::format("the unit `{}` is declared twice", name);
}

Unit UnitTable::remember(std::string_view name, std::shared_ptr<NamedUnit> named) {
  named->name = name;
  named->index = count_++;
  auto product = Unit::Product::make({{named, 1}});
  CHECK(product);
  const Unit unit{std::move(*product)};
  entries_.emplace(name, Entry{unit, building_});
  names_.emplace_back(name);
  return unit;
}

std::expected<Unit, std::string> UnitTable::declare_base(std::string_view name) {
  if (const Entry* found = entry(name); found && found->built_in) {
    const auto& factors = found->unit.product_->factors;
    const bool is_base = factors[0].unit->dimension.size() == 1 &&
                         factors[0].unit->dimension[0].base == factors[0].unit->index;
    if (is_base && factors[0].unit->name == name) return found->unit;
  }
  if (auto reason = why_not(name)) return std::unexpected(*reason);
  auto made = std::make_shared<NamedUnit>();
  made->dimension = {{count_, 1}};
  return remember(name, std::move(made));
}

std::expected<Unit, std::string> UnitTable::declare_derived(std::string_view name, double factor,
                                                            const Unit& unit) {
  auto made = std::make_shared<NamedUnit>();
  if (unit.product_) {
    made->size = unit.product_->size;
    made->dimension = unit.product_->dimension;
  }
  made->size.numerator *= factor;
  const double size = made->size.value();
  const bool usable = factor > 0 && std::isnormal(made->size.numerator) && std::isnormal(size);
  if (!usable) {
    return std::unexpected(fmt::format("the unit `{}` needs a positive, finite size", name));
  }
  if (const Entry* found = entry(name); found && found->built_in) {
    if (found->unit.same_dimension(unit) && found->unit.factor() == size) return found->unit;
  }
  if (auto reason = why_not(name)) return std::unexpected(*reason);
  return remember(name, std::move(made));
}

std::expected<Unit, std::string> UnitTable::declare_synonym(std::string_view name,
                                                            std::string_view original) {
  const Entry* found = entry(original);
  if (!found) return std::unexpected(fmt::format("no unit is called `{}`", original));
  const Unit unit = found->unit;
  if (auto reason = why_not(name)) return std::unexpected(*reason);
  entries_.emplace(name, Entry{unit, building_});
  names_.emplace_back(name);
  return unit;
}

}  // namespace headrace::units
