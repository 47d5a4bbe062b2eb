#pragma once

// What the readers of data statements share. Internal to this folder.

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/context.h"
#include "sheet/books.h"

namespace headrace::model {

// The file beside or below the model, or one that the user named, or a diagnostic. Links are
// followed before looking.
std::optional<std::filesystem::path> data_path(Context& context, const syntax::Name& file);

// `book.xlsx` is its first sheet, `book.xlsx#Prices` the one of that name.
struct BookName {
  std::string file, sheet;
  bool is_book = false;
};
BookName split_book(const std::string& text);

// The time that a cell means in the model's clock: dates in calendar models, also those that
// spreadsheets hold as days since 1899-12-30 (`is_book`), else numbers.
std::optional<double> moment_of(const Context& context, std::string_view cell, bool is_book);
std::optional<double> moment_of(const Context& context, double number, bool is_book);

// The value of one element of a series over time becomes a piece that looks its points up. They
// ascend in time.
using SeriesPoints = std::vector<std::pair<double, double>>;
void add_series_piece(Context& context, VarId id, size_t flat, const SeriesPoints& points,
                      syntax::DataDecl::Interpolation interpolation, Span span);
// Whether all times lie before or after the run, which is a warning: one number holds throughout.
bool lies_outside_run(const Context& context, const SeriesPoints& points);
// Of a series of `name`, and of how many `more` the same is true.
struct OutsideRun {
  std::string name;
  SeriesPoints points;
  size_t more = 0;
  Span span;
};
void tell_outside_run(Context& context, const OutsideRun& outside);
// The same for a number that stays.
void add_number_piece(Context& context, VarId id, size_t flat, double value, Span span);

// data_parts.cc: a statement whose numbers stand in cells, or differ in origin by element. False
// after a diagnostic.
bool read_data_parts(Context& context, const syntax::DataDecl& decl, VarId id, sheet::Books& books);

}  // namespace headrace::model
