// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/parallel.h"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <vector>

namespace ashlar::device {

void in_parallel(std::size_t count, std::size_t threads, const std::function<void(std::size_t)>& f) {
  std::atomic<std::size_t> next{0};
  auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) f(i);
  };
  std::vector<std::jthread> others;
  try {
    while (others.size() + 1 < std::min(count, threads)) others.emplace_back(work);
  } catch (const std::system_error&) {
    // No more threads to be had: those there are, and this one, do it all.
  }
  work();
}

}  // namespace ashlar::device
