#include "code/llvm/jit.h"

#include <gtest/gtest.h>

#include "code/interp/interp.h"
#include "code/llvm/programs_test.h"
#include "code/ops.h"
#include "code/reduce.h"
#include "code/table.h"
#include "ir/passes/passes.h"

namespace headrace::code {
namespace {

using ir::Code;
using ir::Rank;
using ir::ValueId;

JitOptions options(int width = 0, size_t lanes = 0, int level = 2, uint32_t chunk = 0,
                   unsigned threads = 1) {
  JitOptions o;
  o.vector_width = width;
  o.lanes = lanes;
  o.level = level;
  o.chunk_weight = chunk;
  o.threads = threads;
  o.use_cache = false;
  o.verify = true;
  return o;
}

std::unique_ptr<Kernel> kernel(const ir::Program& program, const JitOptions& o) {
  auto made = compile(program, o);
  if (!made) {
    ADD_FAILURE() << made.error().message;
    return nullptr;
  }
  return std::move(*made);
}

// A program that computes values of its inputs once, each an output.
struct Formula {
  ir::Program program;
  std::vector<ValueId> inputs;
  Writer writer{program, program.step};

  explicit Formula(size_t count) {
    program.clock.is_static = true;
    for (size_t i = 0; i < count; ++i) {
      const ir::ArrayId array = add_array(program, Rank::kDraw);
      program.input_slots.push_back(program[array].slot);
      inputs.push_back(writer.load(element(array)));
    }
  }
  void show(ValueId value) {
    const ir::ArrayId array = add_array(program, Rank::kStep);
    writer.store(element(array), value);
    program.outputs.push_back({{}, array});
    program.step_tail = static_cast<uint32_t>(program.step.code.size());
  }
};

const std::vector<double> kEdges = {0.0,
                                    -0.0,
                                    1.0,
                                    -1.0,
                                    0.5,
                                    -0.5,
                                    1.5,
                                    2.5,
                                    -2.5,
                                    3.0,
                                    -3.0,
                                    0.49999999999999994,
                                    1e-320,
                                    -1e-320,
                                    2.2250738585072014e-308,
                                    1e308,
                                    -1e308,
                                    4503599627370496.5,
                                    -4503599627370497.0,
                                    9007199254740993.0,
                                    1e19,
                                    -1e19,
                                    709.78,
                                    -745.2,
                                    0.1,
                                    3.141592653589793,
                                    1e5,
                                    1e7,
                                    __builtin_inf(),
                                    -__builtin_inf(),
                                    __builtin_nan("")};

template <Op op, int arity>
double defined(double a, double b) {
  if constexpr (arity == 1) return apply_unary<op>(a);
  if constexpr (arity == 2) return apply_binary<op>(a, b);
  if constexpr (arity == 3) return choose(a, b, a);
}

std::vector<double> reference(double a, double b) {
  return {
#define OP(name, spelling, arity) defined<Op::name, arity>(a, b),
#include "model/ops.def"
#undef OP
  };
}

TEST(Jit, OperationsOnEdgeValuesEqualTheScalarDefinition) {
  Formula f(2);
#define OP(name, spelling, arity)                                                  \
  f.show(f.writer.op(Code::name, f.inputs[0], arity > 1 ? f.inputs[1] : ValueId(), \
                     arity > 2 ? f.inputs[0] : ValueId()));
#include "model/ops.def"
#undef OP
  std::vector<std::vector<double>> inputs(2);
  std::vector<double> expected;
  for (double a : kEdges) {
    for (double b : kEdges) {
      inputs[0].push_back(a), inputs[1].push_back(b);
      for (double x : reference(a, b)) expected.push_back(x);
    }
  }
  for (const JitOptions& o :
       {options(4), options(8), options(16, 32), options(8, 8, 0), options(4, 8, 2, 20)}) {
    const auto jit = kernel(f.program, o);
    const long at = first_difference(run_on(f.program, *jit, inputs), expected);
    const long operations = static_cast<long>(f.program.outputs.size());
    EXPECT_EQ(at, -1) << "operation " << at % operations << " of " << inputs[0][at / operations]
                      << ", " << inputs[1][at / operations] << ", width " << o.vector_width
                      << ", level " << o.level;
  }
}

model::Table table(int points, int shape, model::Table::Beyond beyond) {
  model::Table t;
  t.beyond = beyond;
  std::mt19937_64 random(static_cast<uint64_t>(points * 10 + shape));
  double x = shape == 1 ? 0 : -2;
  for (int i = 0; i < points; ++i) {
    t.x.push_back(x);
    t.y.push_back(static_cast<double>(random() % 1000) / 7 - 50);
    switch (shape) {
      case 0:
        x += 1;
        break;  // whole numbers
      case 1:
        x = (i + 1) * 0.1;
        break;  // not exact in binary
      case 2:
        x += 0.25 * static_cast<double>(1 + random() % 3);
        break;  // on a finer grid
      default:
        x += 0.01 + static_cast<double>(random() % 1000) / 300;  // on none
    }
  }
  return t;
}

TEST(Jit, LookupsEqualTheScalarDefinition) {
  using Beyond = model::Table::Beyond;
  Formula f(1);
  for (int points : {1, 2, 3, 4, 5, 7, 8, 9, 12, 16, 17, 20, 21, 40, 64, 65, 300}) {
    for (int shape = 0; shape < 4; ++shape) {
      for (Beyond beyond : {Beyond::kClamp, Beyond::kExtrapolate, Beyond::kStep}) {
        f.program.tables.push_back(table(points, shape, beyond));
        f.show(f.writer.lookup(f.program.tables.size() - 1, f.inputs[0]));
      }
    }
  }
  std::vector<double> inputs = kEdges;
  for (const model::Table& t : f.program.tables) {
    for (size_t i = 0; i<t.x.size(); i += t.x.size()> 64 ? 17 : 1) {
      for (double x :
           {t.x[i], std::nextafter(t.x[i], -1e300), std::nextafter(t.x[i], 1e300), t.x[i] + 0.03}) {
        inputs.push_back(x);
      }
    }
  }
  std::sort(inputs.begin() + static_cast<long>(kEdges.size()), inputs.end());
  inputs.erase(std::unique(inputs.begin() + static_cast<long>(kEdges.size()), inputs.end()),
               inputs.end());
  std::vector<Table> tables;
  for (const model::Table& t : f.program.tables) tables.push_back(prepare(t));
  std::vector<double> expected;
  for (double x : inputs) {
    for (const Table& t : tables) expected.push_back(lookup(t, x));
  }
  for (const JitOptions& o : {options(4, 8), options(8), options(16, 16, 0), options(8, 16, 0)}) {
    const auto jit = kernel(f.program, o);
    const long at = first_difference(run_on(f.program, *jit, {inputs}), expected);
    const long count = static_cast<long>(tables.size());
    EXPECT_EQ(at, -1) << "table " << at % count << " at " << inputs[at / count] << ", width "
                      << o.vector_width;
  }
}

TEST(Jit, RandomProgramsEqualTheInterpreter) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const ir::Program program = random_program(seed);
    const std::vector<double> expected = run(program, *interpret(program), 32);
    const int width = seed % 3 == 0 ? 4 : 8;
    const uint32_t chunk = seed % 4 == 0 ? 12 : 0;
    const auto jit =
        kernel(program, options(width, seed % 5 == 0 ? 32 : 8, seed % 4 == 1 ? 2 : 0, chunk));
    ASSERT_NE(jit, nullptr);
    ASSERT_EQ(first_difference(run(program, *jit, 32), expected), -1) << "seed " << seed;
  }
}

// What moves into the brackets that run at some times only is the same there.
TEST(Sink, MovesCodeAndChangesNoBit) {
  int moved = 0;
  for (uint64_t seed = 2000; seed < 2300; ++seed) {
    const ir::Program program = random_program(seed);
    ir::Program sunk = program;
    ir::sink(sunk);
    moved += ir::dump(sunk) != ir::dump(program);
    const std::vector<double> expected = run(program, *interpret(program), 16);
    ASSERT_EQ(first_difference(run(sunk, *interpret(sunk), 16), expected), -1) << "seed " << seed;
    if (seed % 6 != 0) continue;
    const auto jit = kernel(sunk, options(8));
    ASSERT_NE(jit, nullptr);
    ASSERT_EQ(first_difference(run(sunk, *jit, 16), expected), -1) << "seed " << seed;
  }
  EXPECT_GT(moved, 150);
}

TEST(Jit, NoOptionChangesABit) {
  for (uint64_t seed = 1000; seed < 1012; ++seed) {
    const ir::Program program = random_program(seed);
    const std::vector<double> expected = run(program, *interpret(program), 64, 2);
    for (const JitOptions& o :
         {options(), options(4, 8), options(8, 8), options(16, 64), options(8, 16, 0),
          options(4, 64, 2, 5), options(8, 24, 2, 60, 3), options(8, 40, 0, 1)}) {
      const auto jit = kernel(program, o);
      ASSERT_NE(jit, nullptr);
      EXPECT_EQ(jit->lanes(), o.lanes == 0 ? jit->lanes() : o.lanes);
      ASSERT_EQ(first_difference(run(program, *jit, 64, 2), expected), -1)
          << "seed " << seed << ", width " << o.vector_width << ", lanes " << o.lanes << ", chunk "
          << o.chunk_weight;
    }
  }
}

// A reduction over an array, inside a loop over another: sums in the order of the ordinals.
TEST(Jit, LoopsOverLargeArraysStayLoops) {
  auto make = [](uint32_t size) {
    ir::Program p;
    p.clock.is_static = true;
    const ir::ArrayId in = add_array(p, Rank::kDraw, size), out = add_array(p, Rank::kStep, size);
    const ir::ArrayId total = add_array(p, Rank::kStep);
    for (uint32_t e = 0; e < size; ++e) p.input_slots.push_back(p[in].slot + e);
    Writer w(p, p.step);
    const ir::LoopId loop = w.open(Code::kLoop, size);
    ir::Term back{loop, 1, {}};
    for (uint32_t i = 0; i < size; ++i)
      back.map.push_back(static_cast<int32_t>(i) - 1);  // the first has none before
    const ValueId sum = w.op(Code::kAdd, w.load({in, 0, {{loop, 1, {}}}}), w.load({in, 0, {back}}));
    w.store({out, 0, {{loop, 1, {}}}}, sum);
    w.close(Code::kEndLoop, loop);
    const ir::LoopId all = w.open(Code::kReduce, size);
    const ValueId each = w.load({out, 0, {{all, 1, {}}}});
    w.store(element(total), w.close(Code::kEndReduce, all, model::ReduceKind::kSum, each));
    p.outputs = {{{}, out}, {{}, total}};
    p.step_tail = static_cast<uint32_t>(p.step.code.size());
    return p;
  };
  const ir::Program small = make(50), large = make(3000);
  const auto jit = kernel(large, options());
  EXPECT_EQ(first_difference(run(large, *jit, 16), run(large, *interpret(large), 16)), -1);
  // The code is the same but for the constant data.
  auto instructions = [](const ir::Program& p) {
    const std::string text = dump_llvm(p, options(8, 8));
    return std::count(text.begin(), text.end(), '\n');
  };
  EXPECT_EQ(instructions(small), instructions(large));
}

TEST(Jit, NothingIsFused) {
  const ir::Program program = random_program(3);
  JitOptions dividing = options();
  dividing.reciprocals = false;
  const std::string text = dump_llvm(program, dividing);
  EXPECT_NE(text.find("fmul"), std::string::npos);
  for (const char* word : {"contract", "fast", "nnan", "llvm.fma"})
    EXPECT_EQ(text.find(word), std::string::npos) << word;
}

TEST(Jit, ImpossibleOptionsAreErrors) {
  const ir::Program program = random_program(1);
  EXPECT_FALSE(compile(program, options(3)));
  EXPECT_FALSE(compile(program, options(8, 12)));
  EXPECT_FALSE(compile(program, options(16, 8)));
  EXPECT_FALSE(compile(program, options(8, 1 << 20)));
  EXPECT_FALSE(compile(program, options(8, 8, 1)));
  EXPECT_EQ(compile(program, options(3)).error().message, "vector width 3 is not 4, 8 or 16");
}

}  // namespace
}  // namespace headrace::code
