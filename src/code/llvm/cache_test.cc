#include "code/llvm/cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "code/llvm/jit.h"
#include "code/llvm/key.h"
#include "code/llvm/programs_test.h"

namespace headrace::code {
namespace {

namespace fs = std::filesystem;

class CacheTest : public ::testing::Test {
 protected:
  CacheTest() {
    std::string name = (fs::temp_directory_path() / "headrace-cache-XXXXXX").string();
    root = mkdtemp(name.data());
    folder = root / "objects";
  }
  ~CacheTest() override { fs::remove_all(root); }

  std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const fs::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
  }
  std::vector<fs::path> files() {
    std::vector<fs::path> all;
    for (const auto& entry : fs::directory_iterator(folder)) all.push_back(entry.path());
    return all;
  }

  fs::path root, folder;
  const Objects objects{"first object", std::string("\0second\n", 8), ""};
};

TEST_F(CacheTest, GivesBackWhatWasPut) {
  const ObjectCache cache(folder);
  EXPECT_FALSE(cache.find("key"));
  cache.put("key", objects);
  ASSERT_TRUE(cache.find("key"));
  EXPECT_EQ(*cache.find("key"), objects);
  EXPECT_FALSE(cache.find("another key"));
  struct stat status;
  ASSERT_EQ(stat(folder.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  EXPECT_EQ(files().size(), 1u);
}

TEST_F(CacheTest, IgnoresFilesThatChangedInAnyByteOrLength) {
  const ObjectCache cache(folder);
  cache.put("key", objects);
  const std::string good = read(cache.path("key"));
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] ^= 1;
    write(cache.path("key"), bad);
    EXPECT_FALSE(cache.find("key")) << "byte " << i;
    write(cache.path("key"), good.substr(0, i));
    EXPECT_FALSE(cache.find("key")) << "length " << i;
  }
  write(cache.path("key"), good + "x");
  EXPECT_FALSE(cache.find("key"));
  write(cache.path("key"), good);
  EXPECT_TRUE(cache.find("key"));
}

TEST_F(CacheTest, IgnoresFilesThatOthersCanWrite) {
  const ObjectCache cache(folder);
  cache.put("key", objects);
  ASSERT_EQ(chmod(cache.path("key").c_str(), 0620), 0);
  EXPECT_FALSE(cache.find("key"));
  ASSERT_EQ(chmod(cache.path("key").c_str(), 0600), 0);
  EXPECT_TRUE(cache.find("key"));
  ASSERT_EQ(chmod(folder.c_str(), 0777), 0);
  EXPECT_FALSE(cache.find("key"));
  cache.put("second", objects);
  EXPECT_EQ(files().size(), 1u);
}

TEST_F(CacheTest, IgnoresLinks) {
  const ObjectCache cache(folder);
  cache.put("key", objects);
  const fs::path moved = root / "moved";
  fs::rename(cache.path("key"), moved);
  fs::create_symlink(moved, cache.path("key"));
  EXPECT_FALSE(cache.find("key"));
}

TEST_F(CacheTest, RemovesTheOldestBeyondItsSize) {
  const ObjectCache cache(folder, 5000);
  for (int i = 0; i < 10; ++i) {
    const std::string key = "key " + std::to_string(i);
    cache.put(key, {std::string(1000, 'x')});
    fs::last_write_time(cache.path(key),
                        fs::file_time_type::clock::now() - std::chrono::minutes(20 - i));
  }
  EXPECT_TRUE(cache.find("key 9"));
  EXPECT_FALSE(cache.find("key 0"));
  uint64_t total = 0;
  for (const fs::path& file : files()) total += fs::file_size(file);
  EXPECT_LE(total, 5000u);
  EXPECT_GE(total, 3000u);
  cache.put("too large", {std::string(6000, 'x')});
  EXPECT_FALSE(cache.find("too large"));
}

TEST_F(CacheTest, KeysTellProgramsAndOptionsApartButNotNames) {
  ir::Program program = random_program(5);
  const std::string key = cache_key(program, {}, "machine");
  EXPECT_EQ(cache_key(random_program(5), {}, "machine"), key);
  program.arrays[0].name = "another name";
  EXPECT_EQ(cache_key(program, {}, "machine"), key);
  EXPECT_NE(cache_key(program, {}, "another machine"), key);
  JitOptions fast;
  fast.level = 0;
  EXPECT_NE(cache_key(program, fast, "machine"), key);
  for (auto change : std::vector<void (*)(ir::Program&)>{
           [](ir::Program& p) { p.clock.step *= 2; }, [](ir::Program& p) { p.tables[0].y[1] += 1; },
           [](ir::Program& p) { p.step.code.back().number += 1; },
           [](ir::Program& p) { p.outputs.pop_back(); },
           [](ir::Program& p) { std::swap(p.step, p.finish); },
           [](ir::Program& p) { ++p.state_slot; }}) {
    ir::Program other = program;
    change(other);
    EXPECT_NE(cache_key(other, {}, "machine"), key);
  }
}

TEST_F(CacheTest, CompiledProgramsComeBackWithTheSameBits) {
  const ir::Program program = random_program(8);
  JitOptions options;
  options.cache_dir = folder;
  options.level = 0;
  auto results = [&] {
    auto kernel = compile(program, options);
    EXPECT_TRUE(kernel);
    return run(program, **kernel, 16);
  };
  const std::vector<double> cold = results();
  ASSERT_EQ(files().size(), 1u);
  const fs::path file = files()[0];
  const std::string good = read(file);
  const auto time = fs::last_write_time(file);
  EXPECT_EQ(first_difference(results(), cold), -1);
  EXPECT_EQ(fs::last_write_time(file), time);  // it was read, not made again

  std::string bad = good;
  bad[bad.size() / 2] ^= 0x40;
  write(file, bad);
  EXPECT_EQ(first_difference(results(), cold), -1);
  EXPECT_EQ(read(file), good);  // and repaired
  write(file, good.substr(0, good.size() / 3));
  EXPECT_EQ(first_difference(results(), cold), -1);
  EXPECT_EQ(read(file), good);

  options.use_cache = false;
  fs::remove(file);
  EXPECT_EQ(first_difference(results(), cold), -1);
  EXPECT_TRUE(files().empty());
}

}  // namespace
}  // namespace headrace::code
