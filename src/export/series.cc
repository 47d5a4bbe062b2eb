#include "export/series.h"

#include <fmt/format.h>

#include <cmath>

namespace headrace::exports {
namespace {

// Where values hold, the shift tells on which side of a point a step lies, so that the last digits
// of the times say nothing: they are rounded.
double rounded(double x, double step) {
  if (std::fabs(x) < 1e-9 * step) return 0;
  return std::stod(fmt::format("{:.15g}", x));
}

std::vector<std::pair<double, double>> written(const Series& series, double step) {
  if (series.shift == 0) return series.points;
  std::vector<std::pair<double, double>> points;
  for (const auto& [x, y] : series.points) {
    const double own = rounded(x, step);
    // What holds from right behind the first point holds from there; the first holds before.
    if (!points.empty() && own <= points.back().first) points.back().first = own - step;
    points.emplace_back(own, y);
  }
  return points;
}

}  // namespace

syntax::Tree with_members(syntax::Tree tree, const ReadData& read) {
  for (syntax::Statement& statement : tree.statements) {
    auto* dim = std::get_if<syntax::DimDecl>(&statement.node);
    const auto found = dim && dim->file ? read.members.find(dim->name.text) : read.members.end();
    if (found == read.members.end()) continue;
    for (const std::string& member : found->second)
      dim->members.push_back({member, dim->name.span});
    dim->file.reset();
    dim->column.reset();
  }
  return tree;
}

std::string graph_of(const char* type, const std::vector<std::pair<double, double>>& points) {
  std::string x, y;
  for (const auto& [at, value] : points) {
    x += fmt::format("{}{}", x.empty() ? "" : ",", at);
    y += fmt::format("{}{}", y.empty() ? "" : ",", value);
  }
  return fmt::format("<gf type=\"{}\">\n<xpts>{}</xpts>\n<ypts>{}</ypts>\n</gf>\n", type, x, y);
}

std::string graph_of(const Series& series, double step) {
  return graph_of(series.holds ? "discrete" : "continuous", written(series, step));
}

std::string lookup_points_of(const Series& series, double step) {
  std::string text;
  for (const auto& [x, y] : written(series, step))
    text += fmt::format("{}({},{})", text.empty() ? "" : ",", x, y);
  return text;
}

std::string time_of(const Series& series, const std::string& time, const std::string& step) {
  if (series.shift == 0) return time;
  return fmt::format("{} {} {} * {}", time, series.shift > 0 ? '+' : '-', std::fabs(series.shift),
                     step);
}

}  // namespace headrace::exports
