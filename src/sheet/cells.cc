#include "sheet/cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace headrace::sheet {

namespace {

using base::Error;

std::unexpected<Error> fail(std::string message) {
  return base::fail(Error::Kind::kInvalid, std::move(message));
}

// A name of one cell marks where to begin.
bool is_inside(const Spot& spot, Address address) {
  if (!spot.area || spot.area->first == spot.area->last) return true;
  return address.row <= spot.area->last.row && address.column <= spot.area->last.column;
}

std::string shown(const Area& area) {
  return area.first == area.last ? show(area.first)
                                 : fmt::format("{}:{}", show(area.first), show(area.last));
}

// The cells that may hold times, in order.
struct Line {
  Address first;
  bool down = true;
  size_t count = 0;
};

base::Result<Line> line_of(const View& view, const Spot& spot, const TimeAxis& axis) {
  const Sheet& sheet = view.sheet();
  switch (axis.kind) {
    case TimeAxis::Kind::kColumn: {
      const uint32_t end = spot.area ? spot.area->last.row + 1 : sheet.rows;
      return Line{{spot.first.row, axis.place},
                  true,
                  end > spot.first.row ? end - spot.first.row : size_t{0}};
    }
    case TimeAxis::Kind::kRow: {
      const uint32_t end = spot.area ? spot.area->last.column + 1 : sheet.columns;
      return Line{{axis.place, spot.first.column},
                  false,
                  end > spot.first.column ? end - spot.first.column : size_t{0}};
    }
    case TimeAxis::Kind::kArea:
      break;
  }
  const Area& area = axis.area;
  const size_t rows = size_t{area.last.row} - area.first.row + 1;
  const size_t columns = size_t{area.last.column} - area.first.column + 1;
  if (rows > 1 && columns > 1)
    return fail(
        fmt::format("times stand in one row or one column, and {} is neither", shown(area)));
  return Line{area.first, rows > 1 || columns == 1, std::max(rows, columns)};
}

Address step(Address at, bool down, size_t count) {
  const auto by = static_cast<uint32_t>(count);
  return down ? Address{at.row + by, at.column} : Address{at.row, at.column + by};
}

// Each time with its place along the line.
base::Result<std::vector<std::pair<double, size_t>>> times_of(
    const View& view, const Line& line, const TimeAxis& axis,
    const std::function<std::optional<double>(const Cell&)>& time) {
  std::vector<std::pair<double, size_t>> times;
  bool gap = false;
  for (size_t k = 0; k < line.count; ++k) {
    const Cell* cell = view.sheet().at(step(line.first, line.down, k));
    const auto value = cell ? time(*cell) : std::nullopt;
    if (!value) {
      if (!axis.gaps && axis.kind != TimeAxis::Kind::kArea) break;
      gap = true;
      continue;
    }
    if (gap && !times.empty() && *value <= times.back().first) break;  // another table begins
    times.emplace_back(*value, k);
  }
  if (times.empty())
    return fail(
        fmt::format("no times begin at {}: {}", show(line.first), describe(view, line.first)));
  std::ranges::stable_sort(times, {}, &std::pair<double, size_t>::first);
  for (size_t k = 1; k < times.size(); ++k) {
    if (times[k].first == times[k - 1].first)
      return fail(fmt::format("the time {} stands in {} and in {}", times[k].first,
                              show(step(line.first, line.down, times[k - 1].second)),
                              show(step(line.first, line.down, times[k].second))));
  }
  return times;
}

}  // namespace

base::Result<Spot> find_spot(const View& view, std::string_view text, std::string_view last) {
  if (const auto address = parse_address(text)) {
    if (last.empty()) return Spot{*address, {}};
    const auto end = parse_address(last);
    if (!end || end->row < address->row || end->column < address->column)
      return fail(fmt::format("`{}` is no cell to the right of and below {}", last, text));
    return Spot{*address, Area{*address, *end}};
  }
  const auto* name = view.book->find_name(text, view.number);
  if (!name)
    return fail(fmt::format("`{}` is no cell such as B2, and no name of the workbook", text));
  if (name->sheet != view.number)
    return fail(fmt::format("the name `{}` lies in the sheet `{}`", text,
                            view.book->sheets[name->sheet].name));
  return Spot{name->area.first, name->area};
}

base::Result<TimeAxis> row_axis(std::string_view row) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(row.data(), row.data() + row.size(), number);
  if (error != std::errc() || end != row.data() + row.size() || number < 1 || number > kMaxRows)
    return fail(fmt::format("`{}` is no row: they count from 1 to {}", row, kMaxRows));
  return TimeAxis{TimeAxis::Kind::kRow, number - 1, {}, false};
}

base::Result<TimeAxis> column_axis(std::string_view column) {
  const auto number = parse_column(column);
  if (!number) return fail(fmt::format("`{}` is no column such as A", column));
  return TimeAxis{TimeAxis::Kind::kColumn, *number, {}, false};
}

base::Result<TimeAxis> area_axis(const View& view, std::string_view name) {
  const auto spot = find_spot(view, name);
  if (!spot) return std::unexpected(spot.error());
  return TimeAxis{TimeAxis::Kind::kArea, 0, spot->area.value_or(Area{spot->first, spot->first}),
                  false};
}

// A number in which commas part the thousands, `1,234.5`, without them.
std::string without_commas(std::string_view text) {
  const std::string_view whole = text.substr(0, text.find('.'));
  const bool sign = whole.starts_with('-');
  const size_t digits = whole.size() - sign;
  for (size_t k = 0; k < digits; ++k) {
    const bool comma = (digits - k) % 4 == 0 && k > 0;
    const char c = whole[sign + k];
    if (comma ? c != ',' : c < '0' || c > '9') return std::string(text);
  }
  std::string plain(text);
  std::erase(plain, ',');
  return plain;
}

std::optional<double> number_of(const Cell& cell) {
  if (cell.kind == Cell::Kind::kNumber) return cell.number;
  if (cell.kind == Cell::Kind::kError) return std::nullopt;
  std::string_view text = cell.text;
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  const std::string plain = without_commas(text);
  text = plain;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() ||
      !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::string describe(const View& view, Address address) {
  const Cell* cell = view.sheet().at(address);
  if (!cell) return fmt::format("cell {} is empty", show(address));
  if (cell->kind == Cell::Kind::kNumber)
    return fmt::format("cell {} holds {}", show(address), cell->number);
  return fmt::format("cell {} holds `{}`", show(address), cell->text.substr(0, 60));
}

base::Result<std::vector<double>> read_block(const View& view, const Spot& spot, size_t rows,
                                             size_t columns, bool transposed) {
  std::vector<double> values;
  if (rows > kMaxRows || columns > kMaxRows)
    return fail(fmt::format("{} by {} cells are more than a sheet has", rows, columns));
  values.reserve(rows * columns);
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) {
      const Address at =
          step(step(spot.first, true, transposed ? c : r), false, transposed ? r : c);
      if (!is_inside(spot, at))
        return fail(fmt::format("{} by {} numbers are wanted, and the name stands for {}",
                                transposed ? columns : rows, transposed ? rows : columns,
                                shown(*spot.area)));
      const Cell* cell = view.sheet().at(at);
      const auto value = cell ? number_of(*cell) : std::nullopt;
      if (!value) return fail(fmt::format("{}, where a number is wanted", describe(view, at)));
      values.push_back(*value);
    }
  }
  return values;
}

base::Result<std::vector<Points>> read_series(
    const View& view, const Spot& spot, const TimeAxis& axis, size_t elements,
    const std::function<std::optional<double>(const Cell&)>& time) {
  const auto line = line_of(view, spot, axis);
  if (!line) return std::unexpected(line.error());
  const auto times = times_of(view, *line, axis, time);
  if (!times) return std::unexpected(times.error());
  if (elements > kMaxRows)
    return fail(fmt::format("{} series are more than a sheet has", elements));
  std::vector<Points> all(elements);
  for (size_t element = 0; element < elements; ++element) {
    const Address first = step(spot.first, !line->down, element);
    if (!is_inside(spot, first))
      return fail(fmt::format("{} series are wanted, and the name stands for {}", elements,
                              shown(*spot.area)));
    for (const auto& [moment, place] : *times) {
      const Cell* cell = view.sheet().at(step(first, line->down, place));
      if (const auto value = cell ? number_of(*cell) : std::nullopt)
        all[element].emplace_back(moment, *value);
    }
    if (all[element].empty())
      return fail(fmt::format("no number stands {} from {}", line->down ? "down" : "to the right",
                              show(first)));
  }
  return all;
}

}  // namespace headrace::sheet
