// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/aligned.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace ashlar::device {

std::span<std::byte> AlignedBuffer::room(std::size_t size) {
  if (size > capacity_) {
    const std::align_val_t alignment{std::clamp<std::size_t>(std::bit_floor(size), 4096, 65536)};
    const std::size_t rounded = round_up(size, static_cast<std::size_t>(alignment));
    capacity_ = 0;  // if there is no memory, there is none of it either
    data_.reset();
    data_ = {static_cast<std::byte*>(::operator new(rounded, alignment)), Free{alignment}};
    capacity_ = rounded;
  }
  return {data_.get(), size};
}

Cover cover(std::uint64_t offset, std::uint64_t length, std::uint64_t block) {
  Cover c{round_down(offset, block), round_up(offset + length, block), true};
  c.exact = c.start == offset && c.end == offset + length;
  return c;
}

Status read_any(BlockTransfer& device, std::uint64_t offset, std::span<std::byte> out) {
  AlignedBuffer buffer;
  while (!out.empty()) {
    std::uint64_t piece_end = round_down(offset, kMaxTransfer) + kMaxTransfer;
    std::size_t n = std::min<std::uint64_t>(out.size(), piece_end - offset);
    Cover c = cover(offset, n, device.unit());
    std::span<std::byte> blocks = buffer.room(c.length());
    TRY(device.read_blocks(c.start, blocks));
    std::memcpy(out.data(), blocks.data() + (offset - c.start), n);
    out = out.subspan(n);
    offset += n;
  }
  return ok();
}

Status write_any(BlockTransfer& device, std::uint64_t offset, std::span<const std::byte> in) {
  AlignedBuffer buffer;
  AlignedBuffer edge;
  const std::uint64_t unit = device.unit();
  while (!in.empty()) {
    std::uint64_t piece_end = round_down(offset, kMaxTransfer) + kMaxTransfer;
    std::size_t n = std::min<std::uint64_t>(in.size(), piece_end - offset);
    Cover c = cover(offset, n, unit);
    std::span<std::byte> blocks = buffer.room(c.length());
    auto keep = [&](std::uint64_t block) -> Status {
      std::span<std::byte> old = edge.room(unit);
      TRY(device.read_blocks(block, old));
      std::memcpy(blocks.data() + (block - c.start), old.data(), unit);
      return ok();
    };
    bool ragged_head = c.start != offset;
    bool ragged_tail = c.end != offset + n;
    if (ragged_head || (ragged_tail && c.length() == unit)) TRY(keep(c.start));
    if (ragged_tail && c.length() > unit) TRY(keep(c.end - unit));
    std::memcpy(blocks.data() + (offset - c.start), in.data(), n);
    TRY(device.write_blocks(c.start, blocks));
    in = in.subspan(n);
    offset += n;
  }
  return ok();
}

}  // namespace ashlar::device
