// SPDX-License-Identifier: LGPL-2.1-or-later
// What there is of one VG in the archive directory, and what of it is due to go. Source: docs/format.md 5.1, 5.3.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ashlar::archive {

/// One archive; its file is VG_TAIL.vg.
struct Past {
  std::uint32_t index = 0;
  std::string tail;

  friend auto operator<=>(const Past&, const Past&) = default;
};

/// The archives of one VG.
struct History {
  std::uint32_t highest = 0;  ///< index of the newest; means nothing if count is 0
  std::uint64_t count = 0;
  std::vector<Past> oldest;  ///< ascending; the first of them, or all

  friend bool operator==(const History&, const History&) = default;
  bool knows_all() const { return oldest.size() == count; }
  /// The index for the next archive. After the last one there is (archive/file_name.h) that one again.
  std::uint32_t next() const;
  void add(Past newest);
};

/// The history of every VG that the names of a directory tell of, each complete.
std::map<std::string, History, std::less<>> histories(const std::vector<std::string>& names);

/// LVM2's rule: from the oldest index on, files last written at or before `cutoff` go until `keep` are left.
struct Retention {
  std::uint32_t keep = 10;  ///< 0 counts as 1
  std::int64_t cutoff = 0;  ///< seconds since 1970
};

/// So many files that stay are examined, no more: what lies behind them is younger still, unless somebody gave files
/// other times, and then goes later than under LVM2. Bounds the cost of a walk that removes nothing.
inline constexpr std::size_t kMaxYoung = 32;

/// Walks `history.oldest` and takes out what `remove` removes. `mtime` gives nothing for a file that is gone.
/// True if that was all there is to do; false if files that `history` does not list may be due too.
bool expire(History& history, Retention rule, const std::function<std::optional<std::int64_t>(const Past&)>& mtime,
            const std::function<bool(const Past&)>& remove);

}  // namespace ashlar::archive
