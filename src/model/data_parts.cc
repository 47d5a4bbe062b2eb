// Data whose numbers stand in the cells of sheets, each part of the elements somewhere else.
//
//   data cost[plant, year_kind] : USD
//     [plant, now]   from "cost.xlsx#Now" cells B2 transposed
//     [old, later]   = 12
//     [new, later]   from "cost.csv" cells B2 at column A
//
// Of two parts that hold one element the one for fewer elements counts, of equally many the later.

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "model/data.h"
#include "sheet/cells.h"

namespace headrace::model {
namespace {

using Part = syntax::DataDecl::Part;
using syntax::Cells;

constexpr size_t kNone = SIZE_MAX;

class PartsReader {
 public:
  PartsReader(Context& context, const syntax::DataDecl& decl, VarId id, sheet::Books& books)
      : context_(context), decl_(decl), id_(id), books_(books), dims_(context.var(id).dims) {}

  bool read() {
    count_ = element_count(context_, dims_);
    owner_.assign(count_, kNone);
    numbers_.assign(count_, 0);
    series_.assign(count_, kNone);
    bool fine = true;
    for (const Part& part : decl_.parts) fine = place(part) && fine;
    if (!fine) return false;
    std::vector<size_t> order(parts_.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::ranges::stable_sort(order, std::greater{},
                             [&](size_t k) { return parts_[k].flats.size(); });
    for (const size_t k : order) {
      for (const size_t flat : parts_[k].flats) owner_[flat] = k;
    }
    for (size_t k = 0; k < parts_.size(); ++k) fine = fill(parts_[k], k) && fine;
    return fine && is_complete() && finish();
  }

 private:
  // The elements of a part in the order of its numbers: the last range runs fastest.
  struct Placed {
    const Part* part;
    std::vector<size_t> sizes;  // of its ranges; single members are not ranges
    std::vector<size_t> flats;
  };

  // The positions in the variable's dimension that one place of the brackets means, in the order of
  // the range, which need not be that of the dimension.
  std::vector<uint32_t> ordered(const syntax::Index& place, DimId dim,
                                std::vector<uint32_t> positions, bool& is_range) {
    is_range = false;
    const std::string text =
        place.kind == syntax::Index::Kind::kNumber ? std::to_string(place.number) : place.name.text;
    if (find_member(context_, dim, text)) return positions;
    is_range = true;
    const auto symbol = context_.symbols.find(text);
    if (symbol == context_.symbols.end()) return positions;
    const auto& members = context_.model[DimId(symbol->second.id)].members;
    if (members.size() != positions.size()) return positions;
    for (size_t k = 0; k < members.size(); ++k) {
      const auto at = find_member(context_, dim, members[k]);
      if (!at) return positions;
      positions[k] = *at;
    }
    return positions;
  }

  bool place(const Part& part) {
    auto positions = match_pattern(context_, {}, part.pattern, dims_, part.span);
    if (!positions) return false;
    Placed placed{&part, {}, {}};
    for (size_t d = 0; d < dims_.size(); ++d) {
      bool is_range = true;
      if (!part.pattern.empty())
        (*positions)[d] = ordered(part.pattern[d], dims_[d], (*positions)[d], is_range);
      if (is_range) placed.sizes.push_back((*positions)[d].size());
    }
    placed.flats = {0};
    for (size_t d = 0; d < dims_.size(); ++d) {
      const size_t members = context_.model[dims_[d]].members.size();
      std::vector<size_t> next;
      next.reserve(placed.flats.size() * (*positions)[d].size());
      for (const size_t flat : placed.flats) {
        for (const uint32_t at : (*positions)[d]) next.push_back(flat * members + at);
      }
      placed.flats = std::move(next);
    }
    parts_.push_back(std::move(placed));
    return true;
  }

  bool fill(const Placed& placed, size_t number) {
    const Part& part = *placed.part;
    if (!part.cells) return fill_numbers(placed, number);
    const auto view = open(*part.cells);
    if (!view) return false;
    const auto spot = sheet::find_spot(*view, part.cells->first.text,
                                       part.cells->last ? part.cells->last->text : "");
    if (!spot) return fault(*part.cells, part.cells->first.span, spot.error());
    return part.cells->along == Cells::Along::kNothing ? fill_block(placed, number, *view, *spot)
                                                       : fill_series(placed, number, *view, *spot);
  }

  bool fill_numbers(const Placed& placed, size_t number) {
    const auto& values = placed.part->values;
    const size_t wanted = placed.flats.size();
    if (values.size() != 1 && values.size() != wanted) {
      context_.error(Kind::kBadData, placed.part->span,
                     fmt::format("{} element{}, and there are {} numbers", wanted,
                                 wanted == 1 ? " is here" : "s are here", values.size()));
      return false;
    }
    for (size_t k = 0; k < wanted; ++k)
      take(placed.flats[k], number, values[values.size() == 1 ? 0 : k]);
    return true;
  }

  void take(size_t flat, size_t number, double value) {
    if (owner_[flat] == number) numbers_[flat] = value;
  }

  // ------------------------------------------------------------ files

  std::optional<sheet::View> open(const Cells& cells) {
    const BookName name = split_book(cells.file.text);
    const auto path = data_path(context_, {name.file, cells.file.span});
    if (!path) return std::nullopt;
    const char delimiter =
        cells.delimiter ? cells.delimiter->front() : sheet::usual_delimiter(*path);
    auto view = books_.open(*path, name.sheet, delimiter);
    if (view) return *view;
    const bool missing = view.error().kind == base::Error::Kind::kNotFound;
    context_
        .error(missing ? Kind::kMissingFile : Kind::kBadData, cells.file.span,
               fmt::format("cannot read `{}`: {}", name.file, view.error().message))
        .labels.push_back({decl_.name.span, "needed here"});
    return std::nullopt;
  }

  bool fault(const Cells& cells, Span span, const base::Error& error) {
    context_.error(Kind::kBadData, span, fmt::format("`{}`: {}", cells.file.text, error.message))
        .labels.push_back({decl_.name.span, "needed here"});
    return false;
  }

  bool fill_block(const Placed& placed, size_t number, const sheet::View& view,
                  const sheet::Spot& spot) {
    const size_t columns = placed.sizes.empty() ? 1 : placed.sizes.back();
    const size_t rows = columns == 0 ? 0 : placed.flats.size() / columns;
    const Cells& cells = *placed.part->cells;
    const auto values = sheet::read_block(view, spot, rows, columns, cells.transposed);
    if (!values) return fault(cells, cells.first.span, values.error());
    for (size_t k = 0; k < values->size(); ++k) take(placed.flats[k], number, (*values)[k]);
    return true;
  }

  static base::Result<sheet::TimeAxis> axis_of(const Cells& cells, const sheet::View& view) {
    auto axis = cells.along == Cells::Along::kRow      ? sheet::row_axis(cells.times.text)
                : cells.along == Cells::Along::kColumn ? sheet::column_axis(cells.times.text)
                                                       : sheet::area_axis(view, cells.times.text);
    if (axis) axis->gaps = cells.gaps;
    return axis;
  }

  bool fill_series(const Placed& placed, size_t number, const sheet::View& view,
                   const sheet::Spot& spot) {
    const Cells& cells = *placed.part->cells;
    if (context_.model.clock.is_static) {
      context_.error(Kind::kMissingTime, cells.times.span, "a series needs a `time` statement");
      return false;
    }
    const auto axis = axis_of(cells, view);
    if (!axis) return fault(cells, cells.times.span, axis.error());
    const bool is_book = split_book(cells.file.text).is_book;
    auto all =
        sheet::read_series(view, spot, *axis, placed.flats.size(),
                           [&](const sheet::Cell& cell) -> std::optional<double> {
                             if (cell.kind == sheet::Cell::Kind::kError) return std::nullopt;
                             return cell.kind == sheet::Cell::Kind::kNumber
                                        ? moment_of(context_, cell.number, is_book)
                                        : moment_of(context_, std::string_view(cell.text), is_book);
                           });
    if (!all) return fault(cells, cells.first.span, all.error());
    for (size_t k = 0; k < placed.flats.size(); ++k) {
      const size_t flat = placed.flats[k];
      if (owner_[flat] != number) continue;
      series_[flat] = points_.size();
      note_outside((*all)[place_of(placed, k)], flat, placed.part->span);
      points_.push_back(std::move((*all)[place_of(placed, k)]));
    }
    return true;
  }

  void note_outside(const sheet::Points& points, size_t flat, Span span) {
    if (!lies_outside_run(context_, points)) return;
    if (outside_) {
      ++outside_->more;
    } else {
      outside_ = {context_.model.element_name(id_, static_cast<uint32_t>(flat)), points, 0, span};
    }
  }

  // Where the series of the k-th element stands: transposed, the last range runs slowest.
  static size_t place_of(const Placed& placed, size_t k) {
    if (!placed.part->cells->transposed || placed.sizes.size() < 2) return k;
    const size_t last = placed.sizes.back(), others = placed.flats.size() / last;
    return k % last * others + k / last;
  }

  // ------------------------------------------------------------ the variable

  bool is_complete() {
    const auto gap = std::ranges::find(owner_, kNone);
    if (gap == owner_.end()) return true;
    context_.error(
        Kind::kMissingElement, decl_.name.span,
        fmt::format("nothing says the number of `{}`",
                    context_.model.element_name(id_, static_cast<uint32_t>(gap - owner_.begin()))));
    return false;
  }

  bool finish() {
    if (points_.empty()) {
      context_.var(id_).values = std::move(numbers_);
      return true;
    }
    context_.var(id_).kind = VarKind::kLet;
    if (outside_) tell_outside_run(context_, *outside_);
    for (size_t flat = 0; flat < count_; ++flat) {
      const Part& part = *parts_[owner_[flat]].part;
      if (series_[flat] == kNone)
        add_number_piece(context_, id_, flat, numbers_[flat], part.span);
      else
        add_series_piece(context_, id_, flat, points_[series_[flat]], part.interpolation,
                         part.span);
    }
    return true;
  }

  Context& context_;
  const syntax::DataDecl& decl_;
  VarId id_;
  sheet::Books& books_;
  std::vector<DimId> dims_;
  size_t count_ = 0;
  std::vector<Placed> parts_;
  std::vector<size_t> owner_, series_;
  std::vector<double> numbers_;
  std::vector<sheet::Points> points_;
  std::optional<OutsideRun> outside_;
};

}  // namespace

bool read_data_parts(Context& context, const syntax::DataDecl& decl, VarId id,
                     sheet::Books& books) {
  return PartsReader(context, decl, id, books).read();
}

}  // namespace headrace::model
