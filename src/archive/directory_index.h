// SPDX-License-Identifier: LGPL-2.1-or-later
// What Ashlar remembers of the archive directory, so that saving the hundred-thousandth archive costs what the first
// did.
//
// The directory is the truth; LVM2 writes there too and knows nothing of this. ARCHIVE/.ashlar_index holds, for each
// VG, the highest index, the number of archives and the names of the oldest, together with a stamp: the directory's
// inode, mtime and ctime as they were after our last change. Every change by anybody else moves these times, so an
// index whose stamp still fits describes the directory; any other is thrown away and the directory is read once. The
// stamp's mtime is set by us, to the nanosecond, because the kernel's own may not differ between two changes in one
// clock tick; a file system that does not keep nanoseconds gets no index. Wrong, torn or forged content is found by a
// checksum and bounds, and could at worst lead to an index number used twice.
//
// The file is also the lock between Ashlar processes that save at the same time. Rewriting it in place does not change
// the directory's times.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "archive/directory.h"
#include "archive/history.h"
#include "base/unique_fd.h"

namespace ashlar::archive {

/// One state of a directory.
struct Stamp {
  std::uint64_t inode = 0;
  std::int64_t mtime = 0, ctime = 0;  ///< seconds
  std::uint32_t mtime_ns = 0, ctime_ns = 0;

  friend bool operator==(const Stamp&, const Stamp&) = default;
};

/// The content of the file.
struct IndexTable {
  Stamp stamp;
  bool complete = false;                           ///< a VG that is not listed has no archives
  std::list<std::pair<std::string, History>> vgs;  ///< the one used last comes first

  friend bool operator==(const IndexTable&, const IndexTable&) = default;
};

inline constexpr std::size_t kMaxIndexBytes = std::size_t{1}
                                              << 19;  ///< VGs that do not fit are read from the directory
inline constexpr std::size_t kMaxOldest = 256;        ///< names kept for a VG

std::string encode(const IndexTable& table);
std::optional<IndexTable> decode(std::string_view bytes);  ///< nothing if a single bit is wrong

/// The index of an open directory for the time of one save; other savers wait meanwhile.
class DirectoryIndex {
 public:
  /// Never fails: without a file that can be locked within ten seconds, it reads the directory and keeps nothing.
  DirectoryIndex(int directory, ReadNames read_names);
  ~DirectoryIndex();
  DirectoryIndex(const DirectoryIndex&) = delete;
  DirectoryIndex& operator=(const DirectoryIndex&) = delete;

  /// The VG's history; may read the directory. Valid until the next call.
  Result<History*> of(std::string_view vg_name);
  /// The next `of` reads the directory.
  void forget() { stamp_.reset(); }

  /// Every change that we make to the directory is between these two; they tell it from those of others.
  void before_own_change();
  void after_own_change();

  /// Writes what is known for the next command, if the directory is still as we left it.
  void keep();

 private:
  Status read_directory();

  int directory_;
  ReadNames read_names_;
  UniqueFd file_;  // locked; empty: no index can be kept
  IndexTable table_;
  std::optional<Stamp> stamp_;  // of the directory that the table describes; empty: it describes none
};

}  // namespace ashlar::archive
