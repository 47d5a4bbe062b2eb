#include "synthetic.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <vector>

namespace headrace::bench {

namespace {

// One expression in both languages.
struct Both {
  std::string text, code;
};

class Maker {
 public:
  Maker(int equations, int steps, uint64_t seed) : random_(seed) {
    out_.equations = equations;
    out_.stocks = std::max(1, equations / 4);
    out_.params = equations / 10 + 4;
    out_.text =
        fmt::format("model synthetic units loose\ntime 0 to {} step 0.05 in year save {} year\n",
                    steps * 0.05, steps * 0.05);
    for (int i = 0; i < out_.params; ++i) {
      out_.text += fmt::format("param p{} : 1 = uniform(0.5, 1.5)\n", i);
      names_.push_back(fmt::format("p{}", i));
    }
    for (int i = 0; i < out_.stocks; ++i) names_.push_back(fmt::format("s{}", i));
  }

  Synthetic make() {
    const int others = out_.equations - out_.stocks;
    for (int i = 0; i < others; ++i) add_equation(i);
    add_stocks(others);
    write_code();
    return std::move(out_);
  }

 private:
  double real(double low, double high) {
    const double x = std::uniform_real_distribution<double>(low, high)(random_);
    return std::round(x * 1000) / 1000;
  }
  int whole(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  std::string any() { return names_[whole(0, static_cast<int>(names_.size()) - 1)]; }

  void add_equation(int i) {
    const int kind = whole(0, 74);
    const Both both = kind < 20   ? lookup(i)
                      : kind < 23 ? transcendental(kind)
                      : kind < 39 ? division()
                      : kind < 47 ? conditional(kind)
                                  : arithmetic(kind);
    const std::string name = fmt::format("a{}", i);
    out_.text += fmt::format("let {} : 1 = {}\n", name, both.text);
    body_ += fmt::format("      const V {} = {};\n", name, both.code);
    names_.push_back(name);
  }

  Both lookup(int i) {
    const int points = whole(5, 12);
    const bool even = whole(0, 9) < 6;
    double x = -2;
    std::string xs, ys, list;
    for (int k = 0; k < points; ++k) {
      const double y = real(0.1, 8);
      list += fmt::format(" ({}, {})", x, y);
      xs += fmt::format("{},", x);
      ys += fmt::format("{},", y);
      x = std::round((x + (even ? 1.0 : real(0.5, 2))) * 1000) / 1000;
    }
    out_.text += fmt::format("table t{}(x : 1) : 1 ={} clamp\n", i, list);
    tables_ += fmt::format("static const Table<{}> t{}{{{{{}}}, {{{}}}}};\n", points, i, xs, ys);
    const std::string a = any();
    return {fmt::format("t{}({})", i, a), fmt::format("t{}({})", i, a)};
  }
  Both transcendental(int kind) {
    const std::string a = any();
    if (kind == 20) return same(fmt::format("exp(-0.1 * abs({}))", a));
    if (kind == 21)
      return {fmt::format("ln(abs({}) + 1)", a), fmt::format("log(abs({}) + 1.0)", a)};
    const double power = real(0.2, 0.9);
    return {fmt::format("(abs({}) + 0.1) ^ {}", a, power),
            fmt::format("pow(abs({}) + 0.1, all({}))", a, power)};
  }
  Both division() {
    const std::string a = any(), b = any();
    return same(
        fmt::format("({} + {:.3f}) / (abs({}) + {:.3f})", a, real(0.1, 1), b, real(0.5, 2)));
  }
  Both conditional(int kind) {
    const std::string a = any(), b = any(), c = any();
    if (kind % 2 == 0)
      return {fmt::format("if {} > {} then {} else 0.5 * {}", a, b, c, b),
              fmt::format("pick({} > {}, {}, 0.5 * {})", a, b, c, b)};
    return same(fmt::format("min(max({}, 0.5 * {}), {:.3f})", a, b, real(2, 10)));
  }
  Both arithmetic(int kind) {
    const std::string a = any(), b = any(), c = any();
    const double w = real(0.1, 0.6);
    if (kind % 3 == 0)
      return same(fmt::format("{:.3f} * {} + {:.3f} * {} - 0.1 * {}", w, a, 0.8 - w, b, c));
    if (kind % 3 == 1)
      return same(fmt::format("({} - {}) * {:.3f} + {:.3f}", a, b, w, real(0.1, 2)));
    return same(fmt::format("0.4 * {} + 0.3 * ({} - 0.5 * {})", a, b, c));
  }
  Both same(const std::string& both) { return {both, both}; }

  // Stocks follow a few equations each, so that every equation is used by one.
  void add_stocks(int others) {
    std::string rates, updates;
    for (int i = 0; i < out_.stocks; ++i) {
      std::string sum;
      for (int k = i; k < others; k += out_.stocks)
        sum += fmt::format("{}a{}", sum.empty() ? "" : " + ", k);
      if (sum.empty()) sum = "0.5";
      const std::string rate = fmt::format("({}) * 0.2 - s{} * p{}", sum, i, i % out_.params);
      const double start = real(0.5, 5);
      out_.text += fmt::format("stock s{} : 1 = {}\n  d/dt = {}\n", i, start, rate);
      initial_ += fmt::format("    V s{} = all({});\n", i, start);
      rates += fmt::format("      const V r{} = {};\n", i, rate);
      updates += fmt::format("      s{0} = s{0} + all(h) * r{0};\n", i);
      final_ += fmt::format("    put(stocks + {} * draws + lane, s{});\n", i, i);
    }
    body_ += rates + updates;
  }

  void write_code() {
    std::string params;
    for (int i = 0; i < out_.params; ++i) {
      params += fmt::format("    const V p{} = get(params + {} * draws + lane);\n", i, i);
    }
    out_.code = "#include \"by_hand.h\"\n" + tables_ +
                "extern \"C\" void run(const double* params, double* stocks, size_t draws, int "
                "steps, double h) {\n"
                "  for (size_t lane = 0; lane < draws; lane += kLanes) {\n" +
                params + initial_ + "    for (int k = 0; k < steps; ++k) {\n" + body_ + "    }\n" +
                final_ + "  }\n}\n";
  }

  Synthetic out_;
  std::mt19937_64 random_;
  std::vector<std::string> names_;
  std::string tables_, body_, initial_, final_;
};

}  // namespace

Synthetic make_synthetic(int equations, int steps, uint64_t seed) {
  return Maker(equations, steps, seed).make();
}

}  // namespace headrace::bench
