// SPDX-License-Identifier: LGPL-2.1-or-later
// Whole-block transfers made of transfers of any offset and length: what O_DIRECT demands, once for all devices.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <span>

#include "base/result.h"
#include "base/units.h"

namespace ashlar::device {

/// No single transfer is longer; a longer request is cut into such pieces.
inline constexpr std::uint64_t kMaxTransfer = 1 << 20;

/// Memory that O_DIRECT accepts: aligned to a page, and to its own size rounded down to a power of two where that is
/// more (up to 64 KiB), so never to less than the one logical block that it at least holds.
/// Grows on demand, never shrinks, does not keep its contents when it grows.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t size) { room(size); }
  /// `size` bytes of it. std::bad_alloc where there is no memory.
  std::span<std::byte> room(std::size_t size);

 private:
  struct Free {
    std::align_val_t alignment;
    void operator()(std::byte* p) const { ::operator delete(p, alignment); }
  };
  std::unique_ptr<std::byte, Free> data_{nullptr, Free{std::align_val_t{1}}};
  std::size_t capacity_ = 0;
};

/// The whole blocks around [offset, offset + length), as a half-open range. The caller has bounded the request.
struct Cover {
  std::uint64_t start = 0, end = 0;
  bool exact = true;  ///< the request is whole blocks already
  std::uint64_t length() const { return end - start; }
};
Cover cover(std::uint64_t offset, std::uint64_t length, std::uint64_t block);

/// What can only move whole blocks. `out` and `in` are in an AlignedBuffer and at most kMaxTransfer long.
class BlockTransfer {
 public:
  virtual ~BlockTransfer() = default;
  virtual std::uint64_t unit() const = 0;  ///< a power of two; all offsets and lengths are multiples of it
  virtual Status read_blocks(std::uint64_t offset, std::span<std::byte> out) = 0;
  virtual Status write_blocks(std::uint64_t offset, std::span<const std::byte> in) = 0;
};

Status read_any(BlockTransfer& device, std::uint64_t offset, std::span<std::byte> out);
/// Blocks that `in` covers only in part are read first, so that their other bytes stay.
/// A request within one kMaxTransfer-aligned piece reaches the device as one write.
Status write_any(BlockTransfer& device, std::uint64_t offset, std::span<const std::byte> in);

}  // namespace ashlar::device
