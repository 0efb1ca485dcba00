// SPDX-License-Identifier: LGPL-2.1-or-later
// What a Document keeps: nodes and scalars in two flat tables that point into the text by offset. 20 bytes a
// node and 8 a scalar, no allocation for either, so that metadata of 20,000 LVs parses in milliseconds and a
// hostile text cannot grow much. Private to src/config.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "config/document.h"

namespace ashlar::config {

/// A vector in blocks: growing neither copies nor needs twice the memory.
template <class T>
class Blocks {
 public:
  static_assert(std::is_trivially_copyable_v<T>);

  std::uint32_t size() const { return size_; }
  std::uint32_t push(const T& value) {
    if ((size_ & kMask) == 0) blocks_.push_back(std::make_unique_for_overwrite<T[]>(kMask + 1));
    const std::uint32_t at = size_++;
    (*this)[at] = value;
    return at;
  }
  T& operator[](std::uint32_t i) { return blocks_[i >> kShift][i & kMask]; }
  const T& operator[](std::uint32_t i) const { return blocks_[i >> kShift][i & kMask]; }

 private:
  static constexpr std::uint32_t kShift = 12;
  static constexpr std::uint32_t kMask = (1U << kShift) - 1;
  std::vector<std::unique_ptr<T[]>> blocks_;
  std::uint32_t size_ = 0;
};

/// Bytes [at, at + length) of the text; or, if `copied`, Storage::copies[at], the unescaped ones.
struct Span {
  std::uint32_t at;
  std::uint32_t length;
  bool copied;
};

inline constexpr std::uint32_t kMaxKeyLength = (1U << 29) - 1;  ///< and of a scalar

struct StoredNode {
  std::uint32_t key_at;
  std::uint32_t key_length : 29;
  std::uint32_t key_copied : 1;
  std::uint32_t is_section : 1;
  std::uint32_t is_array : 1;
  std::uint32_t next;   ///< sibling, 0: none (node 0 is the root)
  std::uint32_t first;  ///< section: first child, 0: none; setting: first scalar
  std::uint32_t last;   ///< section: last child, 0: none; setting: number of scalars
};
static_assert(sizeof(StoredNode) == 20);

struct StoredScalar {
  std::uint32_t at;
  std::uint32_t length : 29;
  std::uint32_t copied : 1;
  std::uint32_t kind : 2;  ///< a Scalar::Kind
};
static_assert(sizeof(StoredScalar) == 8);

class Storage {
 public:
  struct Copy {
    std::string text;
    std::uint32_t at;  ///< where in the text it came from
  };

  std::string owned;      ///< the text, where nobody else keeps it
  std::string_view text;  ///< followed by a NUL
  std::string source;
  Blocks<StoredNode> nodes;  ///< [0] is the root
  Blocks<StoredScalar> scalars;
  std::optional<std::uint32_t> repeated;  ///< where in the text a name stood that its section had already
  std::deque<Copy> copies;                ///< what had backslashes; a deque, because string_views point at its elements

  std::string_view bytes(std::uint32_t at, std::uint32_t length, bool copied) const {
    return copied ? std::string_view(copies[at].text) : text.substr(at, length);
  }
  std::string_view key(const StoredNode& node) const { return bytes(node.key_at, node.key_length, node.key_copied); }

  Scalar scalar(std::uint32_t index) const;
  int line_at(std::uint32_t at) const;  ///< 1-based
};

}  // namespace ashlar::config
