// SPDX-License-Identifier: LGPL-2.1-or-later
// Finds a child by name among many siblings while parsing, so that merging repeated names takes linear time.
// One open-addressing table for all sections of a text. Private to src/config.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "config/storage.h"

namespace ashlar::config {

class SiblingIndex {
 public:
  explicit SiblingIndex(const Storage& doc) : doc_(doc) {}

  /// The child of `parent` with this name and kind that was added, 0 if none.
  std::uint32_t find(std::uint32_t parent, std::string_view key, bool is_section) const {
    if (slots_.empty()) return 0;
    const std::uint32_t hash = hash_of(parent, key, is_section);
    for (std::size_t i = hash & mask();; i = (i + 1) & mask()) {
      const Slot& slot = slots_[i];
      if (slot.node == 0) return 0;
      if (slot.hash != hash || slot.parent != parent) continue;
      const StoredNode& node = doc_.nodes[slot.node];
      if ((node.is_section != 0) == is_section && doc_.key(node) == key) return slot.node;
    }
  }

  void add(std::uint32_t parent, std::uint32_t node) {
    if (4 * (used_ + 1) > 3 * slots_.size()) grow();
    const StoredNode& stored = doc_.nodes[node];
    place({hash_of(parent, doc_.key(stored), stored.is_section != 0), parent, node});
    ++used_;
  }

 private:
  struct Slot {
    std::uint32_t hash;
    std::uint32_t parent;
    std::uint32_t node;  ///< 0: free
  };

  std::size_t mask() const { return slots_.size() - 1; }

  void place(const Slot& slot) {
    std::size_t i = slot.hash & mask();
    while (slots_[i].node != 0) i = (i + 1) & mask();
    slots_[i] = slot;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 64 : 2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.node != 0) place(slot);
    }
  }

  std::uint32_t hash_of(std::uint32_t parent, std::string_view key, bool is_section) const {
    return seeded_hash(key, reinterpret_cast<std::uintptr_t>(&doc_) + 2ULL * parent + is_section);
  }

  const Storage& doc_;
  std::vector<Slot> slots_;  ///< a power of two
  std::size_t used_ = 0;
};

}  // namespace ashlar::config
