// SPDX-License-Identifier: LGPL-2.1-or-later
// The directories of archives and backups: made, opened and judged before anything is written into them.
// A VG is restored from what lies there, so nobody but the owner may have a hand in it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/private_directory.h"

namespace ashlar::archive {

/// Which directory: `what` is "archive directory" or "backup directory", `setting` the line of lvm.conf that names it.
struct DirectoryName {
  std::string what, setting, path;

  std::string text() const;  ///< "archive directory /etc/lvm/archive", printable
};

/// Opens it. Missing::Make: what is missing of the path is made 0700; Report: Errc::NotFound.
/// Errc::Refused as archive.h says.
Result<UniqueFd> open_directory(const DirectoryName& name, Missing missing);

/// Every name in the directory but "." and "..", in no order; no file is opened or examined.
/// Names of subdirectories, sockets and the like are left out where the file system tells types.
Result<std::vector<std::string>> read_names(int directory);
/// Reads a regular file of root's or the effective user's in an opened directory; a link is not followed. `path`: for
/// messages.
Result<std::string> read_file_in(int directory, const std::string& name, const std::string& path);
using ReadNames = std::function<Result<std::vector<std::string>>(int directory)>;

}  // namespace ashlar::archive
