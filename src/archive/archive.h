// SPDX-License-Identifier: LGPL-2.1-or-later
// History in files: ARCHIVE/VG_NNNNN-RANDOM.vg holds the state before each change, BACKUP/VG the state after the last.
// The text is made elsewhere; this part names, writes, lists and expires files. Source: docs/format.md 5.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"

namespace ashlar::archive {

struct Options {
  bool archive = true;
  std::string archive_dir = "/etc/lvm/archive", backup_dir = "/etc/lvm/backup";
  std::uint32_t retain_min = 10;  ///< 0 counts as 1, as in LVM2
  std::uint32_t retain_days = 30;
  std::string other_settings = {};  ///< what else names another place, for errors: ", $XDG_STATE_HOME"
};

/// One file of history.
struct Entry {
  std::string path;
  std::string vg_name;      ///< from the file's name
  std::uint32_t index = 0;  ///< NNNNN; the order of age
  bool is_backup = false;

  friend bool operator==(const Entry&, const Entry&) = default;
};

/// Errors name the directory, the file and the way out. Refused: the directory is not safe to write to. NoSpace: its
/// file system is full. sys_errno() EROFS: it is read-only, which a caller may take more lightly than other failures.
class Archive {
 public:
  virtual ~Archive() = default;
  /// Could an archive be written? Makes the folder for it. No-op when off.
  virtual Status prepare() { return ok(); }
  /// Writes `text` as the next archive of the VG, mode 0600, and expires old ones. Durable on return. No-op when off.
  virtual Status save_before(const std::string& vg_name, const std::string& text) = 0;
  /// Replaces the VG's backup atomically: old or new after a crash, never half.
  virtual Status save_current(const std::string& vg_name, const std::string& text) = 0;
  virtual Status remove_backup(const std::string& vg_name) = 0;  ///< absent is fine
  /// Archives of the VG by index, oldest first, then the backup if there is one. Missing directories are empty ones.
  virtual Result<std::vector<Entry>> list(const std::string& vg_name) = 0;
  /// The names of VGs of which there is a file, sorted.
  virtual Result<std::vector<std::string>> vg_names() = 0;
  virtual Result<std::string> backup_path(const std::string& vg_name) = 0;  ///< whether or not it exists
  /// The text of a file that list() gave. Refused: it is a link, or belongs to another user.
  virtual Result<std::string> read(const Entry& entry);
};

/// Files below real directories. Directories are made (0700) if missing, opened once for each call, never reached
/// through a link in their last component; one that belongs to another user than root or the effective one, or that
/// group or others may write, is refused. VG names must be valid (base/names.h): anything else is refused before a path
/// is built. Saving costs the same however many files there are, but for one read of the archive directory after
/// another program changed it (archive/directory_index.h). `random` outlives the result.
std::unique_ptr<Archive> file_archive(Options options, Random& random);

inline constexpr std::size_t kMostText = std::size_t{256} << 20;
/// Reads a file that a person named: a regular file (links followed), at most `max` bytes.
Result<std::string> read_file(const std::string& path, std::size_t max = kMostText);
/// The same of a command's input, which may also come out of a named pipe or the like: read to its end, however long
/// that takes.
Result<std::string> read_input(const std::string& path, std::size_t max = kMostText);

/// Writes a file that a person named (`vgcfgbackup -f`), 0600: temporary file beside it, fsync, rename, fsync of the
/// directory. A link is replaced, not followed; what is there and leads to no regular file (/dev/null) is refused.
Status write_file(const std::string& path, const std::string& text);

}  // namespace ashlar::archive
