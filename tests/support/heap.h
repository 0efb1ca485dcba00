// SPDX-License-Identifier: LGPL-2.1-or-later
// Counts what the whole program takes from the heap, and can make the n-th request fail. Replaces operator new:
// include it in one file of a test program, and no other.
#pragma once

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace ashlar::test::heap {

inline std::atomic<std::size_t> now{0}, peak{0}, calls{0}, taken{0};  ///< taken: bytes in all, given back or not
/// The calls from this one on fail: one, or all of them. 0: none does.
inline std::atomic<std::size_t> fail_from{0};
inline std::atomic<bool> fail_for_good{false};

[[gnu::noinline]] inline void* take(std::size_t size, std::size_t alignment = 0) noexcept {
  const std::size_t call = ++calls;
  if (const std::size_t from = fail_from; from != 0 && (fail_for_good ? call >= from : call == from)) return nullptr;
  void* p = alignment != 0 ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
                           : std::malloc(size == 0 ? 1 : size);
  if (p == nullptr) return nullptr;
  const std::size_t size_of_it = ::malloc_usable_size(p), total = now += size_of_it;
  taken += size_of_it;
  for (std::size_t seen = peak; total > seen && !peak.compare_exchange_weak(seen, total);) {
  }
  return p;
}
[[gnu::noinline]] inline void give_back(void* p) noexcept {
  if (p != nullptr) now -= ::malloc_usable_size(p);
  std::free(p);
}

/// What is taken at most from here on, beyond what is held now.
class Peak {
 public:
  Peak() : before_(now) { peak = before_; }
  std::size_t bytes() const { return peak - before_; }

 private:
  std::size_t before_;
};

}  // namespace ashlar::test::heap

void* operator new(std::size_t size) {
  if (void* p = ashlar::test::heap::take(size)) return p;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return ashlar::test::heap::take(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  if (void* p = ashlar::test::heap::take(size, static_cast<std::size_t>(alignment))) return p;
  throw std::bad_alloc();
}
void operator delete(void* p, std::align_val_t) noexcept { ashlar::test::heap::give_back(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { ashlar::test::heap::give_back(p); }
void operator delete(void* p) noexcept { ashlar::test::heap::give_back(p); }
void operator delete(void* p, std::size_t) noexcept { ashlar::test::heap::give_back(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { ashlar::test::heap::give_back(p); }
