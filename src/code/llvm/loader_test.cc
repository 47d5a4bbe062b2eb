#include "code/llvm/loader.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "code/interp/interp.h"
#include "code/llvm/programs_test.h"

namespace headrace::code {
namespace {

// The module lies beside this test, as it lies beside the program.
TEST(Loader, OpensTheModuleWhenItIsThereAndSaysSoWhenNot) {
  const ir::Program program = random_program(2);
  JitOptions options;
  options.use_cache = false;
  options.level = 0;

  setenv("HEADRACE_LLVM_MODULE", "/nowhere/headrace_llvm.so", 1);
  const auto missing = compile_with_llvm(program, options);
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("the LLVM back end is not installed"), std::string::npos);
  unsetenv("HEADRACE_LLVM_MODULE");

  const auto kernel = compile_with_llvm(program, options);
  ASSERT_TRUE(kernel) << kernel.error().message;
  EXPECT_EQ(first_difference(run(program, **kernel, 16), run(program, *interpret(program), 16)),
            -1);
  EXPECT_NE(dump_with_llvm(program)->find("define void @headrace_step"), std::string::npos);
  EXPECT_FALSE(llvm_target()->empty());
}

}  // namespace
}  // namespace headrace::code
