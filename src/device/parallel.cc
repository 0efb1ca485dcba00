// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace ashlar::device {

void in_parallel(std::size_t count, std::size_t threads, const std::function<void(std::size_t)>& f) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failed;  // the first
  std::mutex failing;
  auto work = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) f(i);
    } catch (...) {  // a lack of memory: it is the caller's to hear of, and would end the program here
      next = count;
      std::scoped_lock lock(failing);
      if (!failed) failed = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> others;
    try {
      while (others.size() + 1 < std::min(count, threads)) others.emplace_back(work);
    } catch (const std::system_error&) {
      // No more threads to be had: those there are, and this one, do it all.
    }
    work();
  }
  if (failed) std::rethrow_exception(failed);
}

}  // namespace ashlar::device
