#include "report/netcdf/write.h"

#include <gtest/gtest.h>
#include <netcdf.h>
#include <netcdf_mem.h>

#include <cmath>

namespace headrace::report {
namespace {

// The file read back by the format's own library.
class File {
 public:
  explicit File(const RunReport& report) : bytes_(*to_netcdf(report)) {
    EXPECT_EQ(nc_open_mem("test", NC_NOWRITE, bytes_.size(), bytes_.data(), &id_), NC_NOERR);
  }
  ~File() { nc_close(id_); }

  std::vector<size_t> shape(const std::string& variable) const {
    int count = 0, dims[NC_MAX_VAR_DIMS];
    nc_inq_varndims(id_, var(variable), &count);
    nc_inq_vardimid(id_, var(variable), dims);
    std::vector<size_t> lengths(count);
    for (int d = 0; d < count; ++d) nc_inq_dimlen(id_, dims[d], &lengths[d]);
    return lengths;
  }
  std::vector<double> numbers(const std::string& variable) const {
    std::vector<double> values(size(variable));
    EXPECT_EQ(nc_get_var_double(id_, var(variable), values.data()), NC_NOERR) << variable;
    return values;
  }
  std::string text(const std::string& variable) const {
    std::string out(size(variable), ' ');
    EXPECT_EQ(nc_get_var_text(id_, var(variable), out.data()), NC_NOERR) << variable;
    return out;
  }
  std::string attribute(const std::string& variable, const char* name) const {
    const int owner = variable.empty() ? NC_GLOBAL : var(variable);
    size_t length = 0;
    EXPECT_EQ(nc_inq_attlen(id_, owner, name, &length), NC_NOERR) << variable << " " << name;
    std::string out(length, ' ');
    nc_get_att_text(id_, owner, name, out.data());
    return out;
  }

 private:
  int var(const std::string& name) const {
    int id = -1;
    EXPECT_EQ(nc_inq_varid(id_, name.c_str(), &id), NC_NOERR) << name;
    return id;
  }
  size_t size(const std::string& variable) const {
    size_t n = 1;
    for (size_t length : shape(variable)) n *= length;
    return n;
  }

  std::string bytes_;
  int id_ = -1;
};

Series series(const std::string& name, std::vector<double> values) {
  Series s;
  s.name = s.variable = name;
  s.unit = "chip";
  s.values = std::move(values);
  return s;
}

TEST(Netcdf, AnArrayIsOneVariableOverItsDimensions) {
  RunReport report;
  report.context.single = true;
  report.times = {0, 1};
  for (uint32_t e = 0; e < 2; ++e) {
    Series s = series(e == 0 ? "x[US]" : "x[China]", {1.0 + e, 3.0 + e});
    s.variable = "x";
    s.axes = {{"country", {"US", "China"}}};
    s.element = e;
    report.series.push_back(s);
  }
  const File file(report);
  EXPECT_EQ(file.shape("x"), (std::vector<size_t>{2, 2}));
  EXPECT_EQ(file.numbers("x"), (std::vector<double>{1, 2, 3, 4}));
  EXPECT_EQ(file.text("country"), std::string("US\0\0\0China", 10));
  EXPECT_EQ(file.attribute("x", "units"), "chip");
}

TEST(Netcdf, AnElementByItselfKeepsItsName) {
  RunReport report;
  report.context.single = true;
  report.times = {0};
  Series s = series("x[China]", {7});
  s.variable = "x";
  s.axes = {{"country", {"US", "China"}}};
  s.element = 1;
  report.series = {s};
  EXPECT_EQ(File(report).numbers("x[China]"), std::vector<double>{7});
}

TEST(Netcdf, AnEnsembleHasStatistics) {
  RunReport report;
  report.times = {0};
  Series s = series("a", {});
  s.spreads = {{1, 2, 3, 4, 5, 6, 7, 8}};
  report.series = {s};
  report.measures = {{"m", "A measure", "1", "", model::Type::kNumber, s.spreads[0], {}}};
  const File file(report);
  EXPECT_EQ(file.shape("a"), (std::vector<size_t>{1, 8}));
  EXPECT_EQ(file.numbers("a"), (std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(file.text("statistic").substr(4, 4), std::string("p5\0\0", 4));
  EXPECT_EQ(file.attribute("m", "long_name"), "A measure");
}

TEST(Netcdf, MomentsAreDays) {
  RunReport report;
  report.context.single = true;
  report.context.calendar = true;
  report.times = {1970, 2000 + 2.0 / 12, 2025};
  Series s = series("when", {2025, HUGE_VAL, NAN});
  s.type = model::Type::kDate;
  report.series = {s};
  const File file(report);
  EXPECT_EQ(file.numbers("time"), (std::vector<double>{0, 11017, 20089}));
  EXPECT_EQ(file.attribute("time", "units"), "days since 1970-01-01");
  EXPECT_EQ(file.numbers("when")[0], 20089);
  EXPECT_EQ(file.numbers("when")[1], HUGE_VAL);
  EXPECT_TRUE(std::isnan(file.numbers("when")[2]));
}

TEST(Netcdf, ForeignNamesAreMadeToFit) {
  RunReport report;
  report.context.single = true;
  report.times = {0};
  report.series = {series("births/deaths", {1}), series("births_deaths", {2}), series("time", {3})};
  const File file(report);
  EXPECT_EQ(file.numbers("births_deaths"), std::vector<double>{1});
  EXPECT_EQ(file.numbers("births_deaths_2"), std::vector<double>{2});
  EXPECT_EQ(file.numbers("time_2"), std::vector<double>{3});
  EXPECT_EQ(file.attribute("births_deaths", "long_name"), "births/deaths");
}

}  // namespace
}  // namespace headrace::report
