#include "report/netcdf/write.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <netcdf.h>
#include <netcdf_mem.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <map>
#include <set>
#include <stdexcept>

#include "text/calendar.h"

namespace headrace::report {
namespace {

constexpr const char* kStatistics[] = {"mean", "p5", "p10", "p25", "p50", "p75", "p90", "p95"};
constexpr size_t kStatisticLength = 4;
constexpr const char* kDays = "days since 1970-01-01";

// Thrown and caught within this file, where dozens of calls can each fail.
struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void must(int status) {
  if (status != NC_NOERR) throw Refused(nc_strerror(status));
}

// Days from 1970-01-01 to a moment of a calendar model, which lies within its day as in its month.
double days_of(double years) {
  if (!std::isfinite(years)) return years;
  const text::Date date = text::from_years(years);
  // Days from 0000-03-01, counted in years that end in February.
  const int y = date.month > 2 ? date.year : date.year - 1;
  const int m = (date.month + 9) % 12;
  const auto day_number = [](int year, int month, int day) {
    return 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
  };
  return day_number(y, m, date.day) - day_number(1969, 10, 1);
}

// One variable of the file: a whole array, or a single series.
struct Field {
  std::string name;
  const Series* first = nullptr;
  std::vector<const Series*> elements;
  bool whole = false;
};

size_t size_of(const std::vector<Axis>& axes) {
  size_t size = 1;
  for (const Axis& axis : axes) size *= axis.members.size();
  return size;
}

std::vector<Field> fields_of(const RunReport& report) {
  std::vector<Field> fields;
  const auto& all = report.series;
  for (size_t i = 0; i < all.size();) {
    const size_t size = size_of(all[i].axes);
    bool whole = !all[i].axes.empty() && i + size <= all.size();
    for (size_t e = 0; whole && e < size; ++e) {
      whole = all[i + e].variable == all[i].variable && all[i + e].element == e;
    }
    Field field{whole ? all[i].variable : all[i].name, &all[i], {}, whole};
    for (size_t e = 0; e < (whole ? size : 1); ++e) field.elements.push_back(&all[i + e]);
    i += field.elements.size();
    fields.push_back(std::move(field));
  }
  return fields;
}

class Writer {
 public:
  explicit Writer(const RunReport& report) : report_(report), fields_(fields_of(report)) {}
  ~Writer() {
    if (open_) nc_abort(file_);
  }
  Writer(const Writer&) = delete;

  std::string write() {
    must(nc_create_mem("headrace", NC_64BIT_OFFSET, 1 << 16, &file_));
    open_ = true;
    define();
    must(nc_enddef(file_));
    fill();
    NC_memio memory{};
    open_ = false;
    must(nc_close_memio(file_, &memory));
    std::string bytes(static_cast<const char*>(memory.memory), memory.size);
    std::free(memory.memory);
    return bytes;
  }

 private:
  bool single() const { return report_.context.single; }

  // ------------------------------------------------------------ definitions

  void define() {
    attribute(NC_GLOBAL, "Conventions", "CF-1.8");
    attribute(NC_GLOBAL, "title", report_.context.title);
    attribute(NC_GLOBAL, "source", fmt::format("headrace {}", HEADRACE_VERSION));
    attribute(NC_GLOBAL, "model_hash", report_.context.hash);
    attribute(NC_GLOBAL, "variant", variant_in_words(report_.context));
    number(NC_GLOBAL, "draws", static_cast<double>(report_.context.draws));
    number(NC_GLOBAL, "failed", static_cast<double>(report_.context.failed));
    number(NC_GLOBAL, "seed", static_cast<double>(report_.context.seed));
    must(nc_def_dim(file_, "time", std::max<size_t>(report_.times.size(), 1), &time_dim_));
    must(nc_def_var(file_, "time", NC_DOUBLE, 1, &time_dim_, &time_));
    if (report_.context.calendar) {
      attribute(time_, "units", kDays);
      attribute(time_, "calendar", "proleptic_gregorian");
    } else if (!report_.context.time_unit.empty()) {
      attribute(time_, "units", report_.context.time_unit);
    }
    if (!single()) define_statistics();
    for (const Field& field : fields_) ids_.push_back(define_field(field));
    for (const auto* list : {&report_.moments, &report_.measures}) {
      for (const Quantity& quantity : *list) quantities_.push_back(define_quantity(quantity));
    }
  }

  void define_statistics() {
    int dims[2];
    must(nc_def_dim(file_, "statistic", std::size(kStatistics), &statistic_dim_));
    must(nc_def_dim(file_, "statistic_name", kStatisticLength, &dims[1]));
    dims[0] = statistic_dim_;
    must(nc_def_var(file_, "statistic", NC_CHAR, 2, dims, &statistic_));
  }

  // A dimension and the names of its members, once for each dimension of the model.
  int dimension(const Axis& axis) {
    const auto known = axes_.find(axis.name);
    if (known != axes_.end()) return known->second.dim;
    size_t length = 1;
    for (const std::string& member : axis.members) length = std::max(length, member.size());
    Members members{0, 0, length, axis.members};
    int dims[2];
    const std::string name = unused(axis.name);
    must(nc_def_dim(file_, name.c_str(), axis.members.size(), &members.dim));
    must(nc_def_dim(file_, unused(axis.name + "_name").c_str(), length, &dims[1]));
    dims[0] = members.dim;
    must(nc_def_var(file_, name.c_str(), NC_CHAR, 2, dims, &members.names));
    return axes_.emplace(axis.name, members).first->second.dim;
  }

  int define_field(const Field& field) {
    std::vector<int> dims = {time_dim_};
    if (field.whole) {
      for (const Axis& axis : field.first->axes) dims.push_back(dimension(axis));
    }
    return define_values(field.name, dims, field.first->title, field.first->unit,
                         field.first->type);
  }

  int define_quantity(const Quantity& quantity) {
    const std::string name =
        quantity.at.empty() ? quantity.name : fmt::format("{}@{}", quantity.name, quantity.at);
    return define_values(name, {}, quantity.title, quantity.unit, quantity.type);
  }

  int define_values(const std::string& name, std::vector<int> dims, const std::string& title,
                    const std::string& unit, model::Type type) {
    if (!single()) dims.push_back(statistic_dim_);
    int id = 0;
    must(nc_def_var(file_, unused(name).c_str(), NC_DOUBLE, static_cast<int>(dims.size()),
                    dims.data(), &id));
    attribute(id, "long_name", title.empty() ? name : title);
    const bool date = type == model::Type::kDate && report_.context.calendar;
    attribute(id, "units", date ? kDays : unit.empty() ? "1" : unit);
    return id;
  }

  // A name as the format allows it, and not given before: no slash, no control character, no space
  // at the end. The dimension and the variable of an axis share theirs.
  std::string unused(const std::string& wanted) {
    const std::string base = name_of(wanted);
    std::string name = base;
    for (int n = 2; !names_.insert(name).second; ++n) name = fmt::format("{}_{}", base, n);
    return name;
  }
  static std::string name_of(std::string name) {
    for (char& c : name) {
      if (c == '/' || static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = '_';
    }
    while (!name.empty() && name.back() == ' ') name.pop_back();
    if (name.empty()) name = "_";
    const bool plain_start = std::isalnum(static_cast<unsigned char>(name[0])) || name[0] == '_' ||
                             static_cast<unsigned char>(name[0]) >= 0x80;
    if (!plain_start) name.insert(0, "_");
    return name.substr(0, NC_MAX_NAME - 8);
  }

  void attribute(int variable, const char* name, const std::string& text) {
    if (!text.empty()) must(nc_put_att_text(file_, variable, name, text.size(), text.data()));
  }
  void number(int variable, const char* name, double value) {
    must(nc_put_att_double(file_, variable, name, NC_DOUBLE, 1, &value));
  }

  // ------------------------------------------------------------ values

  void fill() {
    std::vector<double> times = report_.times;
    if (report_.context.calendar) {
      for (double& time : times) time = days_of(time);
    }
    if (times.empty()) times.push_back(0);
    must(nc_put_var_double(file_, time_, times.data()));
    if (!single())
      fill_names(statistic_, kStatisticLength, {std::begin(kStatistics), std::end(kStatistics)});
    for (const auto& [name, axis] : axes_) fill_names(axis.names, axis.length, axis.members);
    for (size_t f = 0; f < fields_.size(); ++f) fill_field(fields_[f], ids_[f]);
    size_t next = 0;
    for (const auto* list : {&report_.moments, &report_.measures}) {
      for (const Quantity& quantity : *list) {
        std::vector<double> values;
        append(values, quantity.spread, quantity.type);
        must(nc_put_var_double(file_, quantities_[next++], values.data()));
      }
    }
  }

  void fill_names(int id, size_t length, const std::vector<std::string>& names) {
    std::string text;
    for (std::string name : names) {
      name.resize(length, '\0');
      text += name;
    }
    must(nc_put_var_text(file_, id, text.data()));
  }

  void fill_field(const Field& field, int id) {
    std::vector<double> values;
    for (size_t save = 0; save < report_.times.size(); ++save) {
      for (const Series* series : field.elements) append(values, series->at(save), series->type);
    }
    must(nc_put_var_double(file_, id, values.data()));
  }

  void append(std::vector<double>& values, const Spread& s, model::Type type) const {
    const bool date = type == model::Type::kDate && report_.context.calendar;
    const auto add = [&](double value) { values.push_back(date ? days_of(value) : value); };
    if (single()) return add(s.p50);
    for (double value : {s.mean, s.p5, s.p10, s.p25, s.p50, s.p75, s.p90, s.p95}) add(value);
  }

  struct Members {
    int dim, names;
    size_t length;
    std::vector<std::string> members;
  };

  const RunReport& report_;
  const std::vector<Field> fields_;
  int file_ = 0;
  bool open_ = false;
  int time_dim_ = 0, time_ = 0, statistic_dim_ = 0, statistic_ = 0;
  std::map<std::string, Members> axes_;
  std::set<std::string> names_ = {"time", "statistic", "statistic_name"};  // in use
  std::vector<int> ids_, quantities_;
};

}  // namespace

base::Result<std::string> to_netcdf(const RunReport& report) {
  try {
    return Writer(report).write();
  } catch (const Refused& refused) {
    return base::fail(base::Error::Kind::kInvalid,
                      fmt::format("this result does not fit a NetCDF file: {}", refused.what()));
  }
}

}  // namespace headrace::report
