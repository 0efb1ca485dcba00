// SPDX-License-Identifier: LGPL-2.1-or-later
// The saved inputs of all fuzz targets, each once, with every compiler: what was found stays found.
// ASHLAR_CORPORA names another folder of corpora: tools/coverage measures what they reach.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <random>

#include "support/host.h"

// The targets, each compiled with a name of its own (tests/CMakeLists.txt).
#define ASHLAR_FUZZ_TARGETS(X) \
  X(archive) X(config) X(devices) X(disk) X(dm) X(label) X(mda) X(ring) X(select) X(vg_text) X(words)
#define ASHLAR_DECLARE(name) extern "C" int fuzz_##name(const std::uint8_t* data, std::size_t size);
ASHLAR_FUZZ_TARGETS(ASHLAR_DECLARE)

extern "C" std::size_t mutate_disk(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed);

// libFuzzer's, which only its own program has and a target's mutator names: here, a few bytes changed.
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t) {
  static std::minstd_rand draw(1);
  for (unsigned n = draw() % 4; n > 0 && size > 0; --n) data[draw() % size] = static_cast<std::uint8_t>(draw() >> 8);
  return size;
}

namespace ashlar::test {
namespace {

struct Target {
  const char* name;
  int (*one)(const std::uint8_t*, std::size_t);
};
#define ASHLAR_ROW(name) Target{#name, fuzz_##name},
constexpr Target kTargets[] = {ASHLAR_FUZZ_TARGETS(ASHLAR_ROW)};

TEST(FuzzCorpora, RunWithoutAFault) {
  const char* elsewhere = std::getenv("ASHLAR_CORPORA");
  std::size_t inputs = 0;
  for (const Target& target : kTargets) {
    const std::filesystem::path folder =
        std::filesystem::path(elsewhere != nullptr ? elsewhere : "tests/fuzz/corpus") / target.name;
    const std::uint8_t nothing = 0;
    target.one(&nothing, 0);
    if (!std::filesystem::is_directory(folder)) continue;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
      SCOPED_TRACE(file.path().string());
      const std::vector<std::byte> bytes = slurp(file.path());
      target.one(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
      ++inputs;
    }
  }
  std::printf("    %zu saved inputs of %zu targets\n", inputs, std::size(kTargets));
  EXPECT_GT(inputs, 100U);
}

/// Without libFuzzer's eyes, but with every compiler: inputs changed at random, some times over. ROUNDS is for more.
TEST(FuzzMutations, OfDisksRunWithoutAFault) {
  const char* rounds_text = std::getenv("ROUNDS");
  const int rounds = rounds_text != nullptr ? std::atoi(rounds_text) : 300;
  std::size_t inputs = 0;
  for (const auto& file : std::filesystem::directory_iterator("tests/fuzz/corpus/disk")) {
    const std::vector<std::byte> bytes = slurp(file.path());
    for (int seed = 1; seed <= rounds; ++seed) {
      std::vector<std::uint8_t> data(bytes.size() + 4096);
      std::memcpy(data.data(), bytes.data(), bytes.size());
      std::size_t size = bytes.size();
      for (int n = 0; n <= seed % 5; ++n)
        size = mutate_disk(data.data(), size, data.size(), static_cast<unsigned>(seed * 31 + n));
      SCOPED_TRACE(file.path().string() + ", seed " + std::to_string(seed));
      fuzz_disk(data.data(), size);
      ++inputs;
    }
  }
  std::printf("    %zu mutations of disks\n", inputs);
}

}  // namespace
}  // namespace ashlar::test
