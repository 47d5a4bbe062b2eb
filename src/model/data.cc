// Numbers from files: arrays and series from CSV, and tables from the text.

#include "model/data.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <filesystem>

#include "sheet/books.h"
#include "sheet/workbook.h"
#include "text/calendar.h"

namespace headrace::model {
namespace {

namespace fs = std::filesystem;

std::optional<double> parse_number(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const bool percent = !text.empty() && text.back() == '%';
  if (percent) text.remove_suffix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(value)) return std::nullopt;
  return percent ? value / 100 : value;
}

struct Columns {
  const text::CsvTable* table = nullptr;
  std::vector<size_t> members;  // the column that names the member, for each dimension
  size_t value = 0;
  std::optional<size_t> time;
};

class DataReader {
 public:
  DataReader(Context& context, const syntax::DataDecl& decl, VarId id)
      : context_(context), decl_(decl), id_(id) {}

  bool read() {
    if (!decl_.values.empty()) return take_values();
    columns_.table = open_csv(context_, decl_.file);
    if (!columns_.table || !find_columns()) return false;
    return decl_.at ? read_series() : read_values();
  }

 private:
  const std::vector<DimId>& dims() const { return context_.model.variables[id_.index].dims; }

  // Numbers in the text: one for each element, row by row.
  bool take_values() {
    const size_t count = element_count(context_, dims());
    if (decl_.values.size() != count) {
      context_.error(Kind::kBadData, decl_.name.span,
                     fmt::format("`{}` has {} element{}, and there are {} number{}",
                                 decl_.name.text, count, count == 1 ? "" : "s", decl_.values.size(),
                                 decl_.values.size() == 1 ? "" : "s"));
      return false;
    }
    context_.var(id_).values = decl_.values;
    return true;
  }

  std::optional<size_t> column(const syntax::Name& name) {
    if (auto found = columns_.table->column(name.text)) return found;
    auto& diagnostic =
        context_.error(Kind::kBadData, name.span,
                       fmt::format("`{}` has no column `{}`", decl_.file.text, name.text));
    if (auto near = suggest(context_, name.text, columns_.table->header); !near.empty())
      diagnostic.hint = fmt::format("did you mean `{}`?", near);
    return std::nullopt;
  }

  // The dimension's own column when it is read from this very file, else one called like it.
  std::optional<size_t> member_column(DimId dim, const syntax::DimensionUse& use) {
    std::vector<std::string> names = {use.dimension.text, use.index ? use.index->text : ""};
    for (const DimId place : {dim, context_.model[dim].root}) {
      const auto own = context_.dim_files.find(place.index);
      if (own != context_.dim_files.end()) {
        auto found = columns_.table->column(own->second.second);
        if (found && own->second.first == decl_.file.text) return found;
        names.push_back(own->second.second);
      }
      names.push_back(context_.model[place].name);
    }
    for (const std::string& name : names) {
      if (name.empty()) continue;
      if (auto found = columns_.table->column(name)) return found;
    }
    return column(use.dimension);
  }

  bool find_columns() {
    const auto value = column(decl_.column);
    bool fine = value.has_value();
    columns_.value = value.value_or(0);
    for (size_t d = 0; d < dims().size(); ++d) {
      const auto found = member_column(dims()[d], decl_.dims[d]);
      fine &= found.has_value();
      columns_.members.push_back(found.value_or(0));
    }
    if (decl_.at) {
      columns_.time = column(*decl_.at);
      fine &= columns_.time.has_value();
    }
    return fine;
  }

  // Rows of members that the dimension does not have are passed over: files may hold more.
  std::optional<size_t> element(size_t row) const {
    size_t flat = 0;
    for (size_t d = 0; d < dims().size(); ++d) {
      const std::string& name = columns_.table->rows[row][columns_.members[d]];
      const auto& index = members_[d];
      const auto at = index.find(name);
      if (at == index.end()) return std::nullopt;
      flat = flat * context_.model[dims()[d]].members.size() + at->second;
    }
    return flat;
  }

  void index_members() {
    for (DimId dim : dims()) {
      auto& index = members_.emplace_back();
      const auto& members = context_.model[dim].members;
      for (uint32_t k = 0; k < members.size(); ++k) index.emplace(members[k], k);
    }
  }

  std::optional<double> number(size_t row, size_t column) {
    const std::string& cell = columns_.table->rows[row][column];
    if (auto value = parse_number(cell)) return value;
    context_
        .error(Kind::kBadData, columns_.table->span(row, column),
               cell.empty() ? std::string("a number is missing here")
                            : fmt::format("`{}` is not a number", cell))
        .labels.push_back({decl_.name.span, "needed here"});
    return std::nullopt;
  }

  bool missing(size_t flat) {
    context_.error(Kind::kMissingElement, decl_.name.span,
                   fmt::format("`{}` has no row for `{}`", decl_.file.text,
                               context_.model.element_name(id_, static_cast<uint32_t>(flat))));
    return false;
  }

  // A column with a moment in both rows, another one in each.
  std::optional<size_t> column_of_times(size_t first, size_t second) const {
    const bool is_book = split_book(decl_.file.text).is_book;
    for (size_t column = 0; column < columns_.table->header.size(); ++column) {
      if (column == columns_.value ||
          std::ranges::find(columns_.members, column) != columns_.members.end())
        continue;
      const auto a = moment_of(context_, columns_.table->rows[first][column], is_book);
      const auto b = moment_of(context_, columns_.table->rows[second][column], is_book);
      if (a && b && *a != *b) return column;
    }
    return std::nullopt;
  }

  bool read_values() {
    index_members();
    const size_t count = element_count(context_, dims());
    std::vector<double> values(count);
    std::vector<int64_t> rows(count, -1);
    bool fine = true;
    for (size_t row = 0; row < columns_.table->rows.size(); ++row) {
      const auto flat = element(row);
      if (!flat) continue;
      if (rows[*flat] >= 0) {
        const auto first = static_cast<size_t>(rows[*flat]);
        auto& diagnostic = context_.error(
            Kind::kOverlap, columns_.table->row_span(row),
            fmt::format("a second row for `{}`",
                        context_.model.element_name(id_, static_cast<uint32_t>(*flat))));
        diagnostic.labels.push_back({columns_.table->row_span(first), "first here"});
        if (const auto times = column_of_times(first, row))
          diagnostic.hint = fmt::format("for a series over time write `column {} at {}`",
                                        decl_.column.text, columns_.table->header[*times]);
        fine = false;
        continue;
      }
      rows[*flat] = static_cast<int64_t>(row);
      const auto value = number(row, columns_.value);
      fine &= value.has_value();
      values[*flat] = value.value_or(0);
    }
    for (size_t flat = 0; fine && flat < count; ++flat) {
      if (rows[flat] < 0) return missing(flat);
    }
    context_.var(id_).values = std::move(values);
    return fine;
  }

  std::optional<double> moment(size_t row) {
    const std::string& cell = columns_.table->rows[row][*columns_.time];
    if (auto time = moment_of(context_, cell, split_book(decl_.file.text).is_book)) return time;
    context_.error(
        Kind::kBadData, columns_.table->span(row, *columns_.time),
        fmt::format("`{}` is not a {}", cell, context_.model.clock.calendar ? "date" : "time"));
    return std::nullopt;
  }

  // A series becomes one table for each element, read at the time.
  bool read_series() {
    if (context_.model.clock.is_static) {
      context_.error(Kind::kMissingTime, decl_.at->span, "a series needs a `time` statement");
      return false;
    }
    index_members();
    const size_t count = element_count(context_, dims());
    std::vector<std::vector<std::pair<double, double>>> points(count);
    bool fine = true;
    for (size_t row = 0; row < columns_.table->rows.size(); ++row) {
      const auto flat = element(row);
      if (!flat) continue;
      const auto time = moment(row);
      const auto value = number(row, columns_.value);
      fine &= time && value;
      if (time && value) points[*flat].emplace_back(*time, *value);
    }
    if (!fine) return false;
    for (size_t flat = 0; flat < count; ++flat) {
      if (points[flat].empty()) return missing(flat);
      if (!add_series(flat, std::move(points[flat]))) return false;
    }
    context_.var(id_).kind = VarKind::kLet;
    if (outside_) tell_outside_run(context_, *outside_);
    return true;
  }

  bool add_series(size_t flat, SeriesPoints points) {
    std::sort(points.begin(), points.end());
    for (size_t k = 1; k < points.size(); ++k) {
      if (points[k].first != points[k - 1].first) continue;
      context_.error(Kind::kOverlap, decl_.name.span,
                     fmt::format("`{}` has two values at the same time",
                                 context_.model.element_name(id_, static_cast<uint32_t>(flat))));
      return false;
    }
    if (lies_outside_run(context_, points)) {
      if (outside_) {
        ++outside_->more;
      } else {
        outside_ = {context_.model.element_name(id_, static_cast<uint32_t>(flat)), points, 0,
                    decl_.name.span};
      }
    }
    add_series_piece(context_, id_, flat, points, decl_.interpolation, decl_.name.span);
    return true;
  }

  Context& context_;
  const syntax::DataDecl& decl_;
  VarId id_;
  std::optional<OutsideRun> outside_;
  Columns columns_;
  std::vector<std::unordered_map<std::string, uint32_t>> members_;
};

// One index for each dimension, each at the element's own place.
std::vector<IndexId> indexes_at(Context& context, VarId id, size_t flat) {
  const std::vector<DimId> dims = context.var(id).dims;
  std::vector<IndexId> indexes(dims.size());
  for (size_t d = dims.size(); d-- > 0;) {
    const size_t members = context.model[dims[d]].members.size();
    indexes[d] = context.add_index(context.model[dims[d]].name, dims[d],
                                   {static_cast<uint32_t>(flat % members)});
    flat /= members;
  }
  return indexes;
}

}  // namespace

std::optional<fs::path> data_path(Context& context, const syntax::Name& file) {
  if (file.text.empty() && file.span.begin == file.span.end) return std::nullopt;  // not read
  std::error_code error;
  const fs::path written(file.text);
  const fs::path root = fs::weakly_canonical(
      context.options.folder.empty() ? fs::path(".") : context.options.folder, error);
  const fs::path path = fs::weakly_canonical(root / written, error);
  const auto outside = [&] {
    context
        .error(Kind::kOutsidePath, file.span,
               fmt::format("`{}` does not lie beside or below the model, nor in its repository",
                           file.text))
        .hint = "`--data-root DIR` names the folder that the model may read data from";
    return std::nullopt;
  };
  for (const fs::path& named : context.options.data_files) {
    if (!error && fs::weakly_canonical(named, error) == path) return path;
  }
  if (error || written.empty() || written.is_absolute()) return outside();
  const fs::path& most = context.options.data_root;
  if (sheet::is_within(root, path) || (!most.empty() && sheet::is_within(most, path))) return path;
  return outside();
}

BookName split_book(const std::string& text) {
  const size_t mark = text.find('#');
  const std::string file = text.substr(0, mark);
  if (!sheet::is_workbook(file)) return {text, "", false};
  return {file, mark == text.npos ? "" : text.substr(mark + 1), true};
}

std::optional<double> moment_of(const Context& context, double number, bool is_book) {
  if (!context.model.clock.calendar || !is_book || number < 10'000) return number;
  const std::chrono::sys_days epoch = std::chrono::year{1899} / 12 / 30;
  const std::chrono::year_month_day day(
      epoch + std::chrono::days(static_cast<int>(std::min(number, 2'900'000.0))));
  return text::to_years({static_cast<int>(day.year()), static_cast<int>(unsigned(day.month())),
                         static_cast<int>(unsigned(day.day()))});
}

std::optional<double> moment_of(const Context& context, std::string_view cell, bool is_book) {
  if (context.model.clock.calendar) {
    if (auto date = text::parse_date(cell)) return text::to_years(*date);
  }
  const auto number = parse_number(cell);
  return number ? moment_of(context, *number, is_book) : std::nullopt;
}

bool lies_outside_run(const Context& context, const SeriesPoints& points) {
  const Clock& clock = context.model.clock;
  const double slack = 1e-6 * clock.step;
  return !points.empty() && (points.front().first > clock.time(clock.steps) + slack ||
                             points.back().first < clock.start - slack);
}

namespace {

// The day that a spreadsheet holds as such a number.
std::string day_of(double days) {
  const std::chrono::sys_days epoch = std::chrono::year{1899} / 12 / 30;
  const std::chrono::year_month_day day(epoch + std::chrono::days(static_cast<int>(days)));
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), unsigned(day.month()),
                     unsigned(day.day()));
}

}  // namespace

void tell_outside_run(Context& context, const OutsideRun& outside) {
  const Clock& clock = context.model.clock;
  const auto moment = [&](double time) {
    return clock.calendar ? text::iso(text::from_years(time)) : fmt::format("{:.10g}", time);
  };
  const double first = outside.points.front().first, last = outside.points.back().first;
  const double start = clock.start, end = clock.time(clock.steps);
  const bool after = first > end;
  auto& warning = context.warning(
      Kind::kBadData, outside.span,
      fmt::format(
          "all times of `{}` lie {} of the run, {}: {}{}", outside.name,
          after ? "after the end" : "before the start", moment(after ? end : start),
          first == last ? moment(first) : fmt::format("{} to {}", moment(first), moment(last)),
          outside.more == 0 ? std::string()
                            : fmt::format("; so do those of {} more", outside.more)));
  const bool days = first >= 10'000 && last < 100'000 && std::floor(first) == first && end < 10'000;
  if (!days) return;
  warning.hint = fmt::format(
      "a spreadsheet holds a date as a number of days, {} as {}: put the time of the model's clock "
      "there, such as the year",
      day_of(first), first);
}

// A value counts from the step whose time is its own, whatever the last bit: times are compared
// with a slack of a millionth of a step.
void add_series_piece(Context& context, VarId id, size_t flat, const SeriesPoints& points,
                      syntax::DataDecl::Interpolation interpolation, Span span) {
  using I = syntax::DataDecl::Interpolation;
  constexpr double kMissing = -649037107316853453566312041152512.0;  // -2^109
  const double slack = 1e-6 * context.model.clock.step;
  Table table{context.model.element_name(id, static_cast<uint32_t>(flat)),
              {},
              {},
              interpolation == I::kLinear ? Table::Beyond::kClamp : Table::Beyond::kStep};
  const auto point = [&](double x, double y) {
    if (!table.x.empty() && x <= table.x.back()) return;
    table.x.push_back(x);
    table.y.push_back(y);
  };
  for (size_t k = 0; k < points.size(); ++k) {
    const auto& [x, y] = points[k];
    switch (interpolation) {
      case I::kLinear:
      case I::kStep:
        point(x, y);
        break;
      case I::kForward:  // holds from behind the point before
        point(k == 0 ? x : std::nextafter(points[k - 1].first, x), y);
        break;
      case I::kRaw:  // the slack is on the input, too
        if (k == 0) point(x - 2 * slack, kMissing);
        point(x, y);
        point(x + 2 * slack, kMissing);
        break;
    }
  }
  const TableId table_id(context.model.tables.size());
  context.model.tables.push_back(std::move(table));
  context.table_units.push_back(context.var(id).unit);
  context.table_inputs.push_back(context.clock_unit);
  const Unit unit = context.clock_unit;
  ExprId now = context.add({StepTime{}, Type::kNumber, unit, span});
  if (interpolation != I::kLinear) {
    const double shift = interpolation == I::kForward ? -slack : slack;
    now = context.apply(Op::kAdd, {now, context.constant(shift, span, unit)}, Type::kNumber, unit,
                        span);
  }
  const ExprId value =
      context.add({Lookup{table_id, now}, Type::kNumber, context.var(id).unit, span});
  context.var(id).pieces.push_back({indexes_at(context, id, flat), value});
}

void add_number_piece(Context& context, VarId id, size_t flat, double value, Span span) {
  const ExprId number = context.constant(value, span, context.var(id).unit);
  context.var(id).pieces.push_back({indexes_at(context, id, flat), number});
}

namespace {

constexpr size_t kMostCells = 16'000'000;  // of a sheet that is read as a table, empty ones too

// A sheet as the text of a CSV file, so that lines are its rows.
std::optional<text::SourceId> open_sheet(Context& context, const syntax::Name& file,
                                         const fs::path& path, const BookName& name) {
  const auto book = sheet::read_workbook(path);
  if (!book) {
    context.error(Kind::kBadData, file.span,
                  fmt::format("cannot read `{}`: {}", name.file, book.error().message));
    return std::nullopt;
  }
  const sheet::Sheet* found =
      name.sheet.empty() ? &book->sheets.front() : book->find_sheet(name.sheet);
  if (found) {
    if (size_t{found->rows} * found->columns > kMostCells) {
      context.error(Kind::kTooLarge, file.span,
                    fmt::format("the sheet `{}` of `{}` goes on to {}, more than the {} cells that "
                                "a table may have",
                                found->name, name.file,
                                sheet::show({found->rows - 1, found->columns - 1}), kMostCells));
      return std::nullopt;
    }
    std::string shown = fmt::format("{}#{}", path.string(), found->name);
    return context.sources.add(std::move(shown), sheet::to_csv(*found));
  }
  std::vector<std::string> names;
  for (const sheet::Sheet& each : book->sheets) names.push_back(each.name);
  context
      .error(Kind::kBadData, file.span,
             fmt::format("`{}` has no sheet `{}`", name.file, name.sheet))
      .hint = fmt::format("its sheets are {}", fmt::join(names, ", "));
  return std::nullopt;
}

}  // namespace

const text::CsvTable* open_csv(Context& context, const syntax::Name& file) {
  const auto known = context.files.find(file.text);
  if (known != context.files.end()) return known->second ? &*known->second : nullptr;
  auto& slot = context.files[file.text];
  const BookName name = split_book(file.text);
  const auto path = data_path(context, {name.file, file.span});
  if (!path) return nullptr;
  std::error_code failure;
  const bool exists = fs::exists(*path, failure);
  if (exists && !fs::is_regular_file(*path, failure)) {  // a pipe would be waited for
    context.error(
        Kind::kMissingFile, file.span,
        fmt::format("cannot read `{}`: it is a folder or a device, not a file", file.text));
    return nullptr;
  }
  if (name.is_book && exists) {
    const auto sheet = open_sheet(context, file, *path, name);
    if (sheet) slot = text::read_csv(context.sources, *sheet, context.diagnostics);
    return slot ? &*slot : nullptr;
  }
  const auto source = context.sources.load(*path);
  if (!source) {
    const std::string& why = source.error().message;
    const size_t colon = why.rfind(": ");
    context.error(Kind::kMissingFile, file.span,
                  fmt::format("cannot read `{}`: {}", file.text,
                              why.substr(colon == std::string::npos ? 0 : colon + 2)));
    return nullptr;
  }
  slot = text::read_csv(context.sources, *source, context.diagnostics);
  return slot ? &*slot : nullptr;
}

void lower_data(Context& context) {
  sheet::Books own;
  sheet::Books& books = context.options.books ? *context.options.books : own;
  for (size_t i = 0; i < context.declarations.size(); ++i) {
    Declaration& declaration = context.declarations[i];
    const auto* decl = std::get_if<syntax::DataDecl>(&context.tree[declaration.statement].node);
    if (!decl) continue;
    declaration.unit_known = decl->unit || !context.loose();
    declaration.state = Declaration::State::kDone;
    if (!declaration.bad)
      declaration.bad = decl->parts.empty() ? !DataReader(context, *decl, VarId(i)).read()
                                            : !read_data_parts(context, *decl, VarId(i), books);
    if (!decl->unit) context.var(VarId(i)).unit_text = "1";
  }
}

void lower_tables(Context& context) {
  for (StatementId id : context.tree.top_level) {
    const auto* decl = std::get_if<syntax::TableDecl>(&context.tree[id].node);
    if (!decl) continue;
    const auto symbol = context.symbols.find(decl->name.text);
    if (symbol == context.symbols.end() || symbol->second.statement != id) continue;
    Table table{decl->name.text, {}, {}, Table::Beyond::kClamp};
    if (decl->beyond == syntax::TableDecl::Beyond::kExtrapolate)
      table.beyond = Table::Beyond::kExtrapolate;
    if (decl->beyond == syntax::TableDecl::Beyond::kStep) table.beyond = Table::Beyond::kStep;
    for (const auto& [x, y] : decl->points) {
      if (!table.x.empty() && x <= table.x.back()) {
        context.error(Kind::kBadTable, decl->name.span,
                      fmt::format("the points of `{}` do not ascend: {} follows {}",
                                  decl->name.text, x, table.x.back()));
        break;
      }
      table.x.push_back(x);
      table.y.push_back(y);
    }
    if (decl->points.empty())
      context.error(Kind::kBadTable, decl->name.span,
                    fmt::format("`{}` has no points", decl->name.text));
    symbol->second.id = static_cast<uint32_t>(context.model.tables.size());
    context.model.tables.push_back(std::move(table));
    const auto unit = [&](const std::optional<syntax::UnitExpr>& expr) {
      return expr ? resolve_unit(context, *expr).value_or(Unit()) : Unit();
    };
    if (context.loose() && !decl->unit)
      context.table_units.emplace_back();
    else
      context.table_units.emplace_back(unit(decl->unit));
    context.table_inputs.push_back(unit(decl->input_unit));
  }
}

}  // namespace headrace::model
