// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/parallel.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <new>

namespace ashlar::device {
namespace {

TEST(InParallel, DoesEachOnce) {
  for (std::size_t threads : {1U, 4U, 200U}) {
    std::array<std::atomic<int>, 100> done{};
    in_parallel(done.size(), threads, [&](std::size_t i) { ++done[i]; });
    for (const auto& times : done) EXPECT_EQ(times, 1);
  }
}

TEST(InParallel, TellsTheCallerOfALackOfMemoryInAnyThread) {
  for (std::size_t threads : {1U, 4U}) {
    std::atomic<int> busy{0};
    EXPECT_THROW(in_parallel(100, threads,
                             [&](std::size_t i) {
                               ++busy;
                               if (i % 7 == 3) throw std::bad_alloc();
                               --busy;
                             }),
                 std::bad_alloc);
    EXPECT_GE(busy, 1);
  }
}

}  // namespace
}  // namespace ashlar::device
