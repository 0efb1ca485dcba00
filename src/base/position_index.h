// SPDX-License-Identifier: LGPL-2.1-or-later
// Finds the elements of a sequence by a key of theirs: a hash table of positions, 8 bytes a slot, which neither copies
// keys nor allocates for each. The sequence must keep its elements where they are while the index is used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"

namespace ashlar {

/// `key_of(position)` gives the key: a std::string_view.
template <class KeyOf>
class PositionIndex {
 public:
  static constexpr std::size_t kNone = SIZE_MAX;

  /// For at most `most` elements.
  PositionIndex(const PositionIndex&) = delete;  // its hash depends on where its slots are
  PositionIndex& operator=(const PositionIndex&) = delete;
  PositionIndex(std::size_t most, KeyOf key_of) : key_of_(std::move(key_of)) {
    std::size_t slots = 8;
    while (slots < most + most / 2) slots *= 2;
    slots_.resize(slots);
  }

  /// The position of the first element added with this one's key: its own if it is the first.
  std::size_t add(std::size_t position) {
    const std::string_view key = key_of_(position);
    const std::uint32_t h = hash(key);
    Slot& slot = slot_of(key, h);
    if (slot.next != 0) return slot.next - 1;
    slot = {h, static_cast<std::uint32_t>(position + 1)};
    return position;
  }
  /// kNone: there is no such element.
  std::size_t find(std::string_view key) const {
    const Slot& slot = const_cast<PositionIndex&>(*this).slot_of(key, hash(key));
    return slot.next == 0 ? kNone : slot.next - 1;
  }
  bool contains(std::string_view key) const { return find(key) != kNone; }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t next = 0;  ///< the position and 1; 0: free
  };

  std::uint32_t hash(std::string_view key) const {
    return seeded_hash(key, reinterpret_cast<std::uintptr_t>(slots_.data()));
  }
  Slot& slot_of(std::string_view key, std::uint32_t h) {
    for (std::size_t i = h & (slots_.size() - 1);; i = (i + 1) & (slots_.size() - 1)) {
      Slot& slot = slots_[i];
      if (slot.next == 0 || (slot.hash == h && key_of_(slot.next - 1) == key)) return slot;
    }
  }

  KeyOf key_of_;
  std::vector<Slot> slots_;
};

}  // namespace ashlar
