// SPDX-License-Identifier: LGPL-2.1-or-later
// A directory that one user alone may write to: locks, archives and backups live in such. Found or made, opened
// without following a link in its last component, and judged before anything is written into it.
#pragma once

#include <string>

#include "base/unique_fd.h"

namespace ashlar {

/// Which directory, and the words of its errors: what it is for decides what a stranger in it could do.
struct PrivateDirectory {
  std::string what;  ///< "lock directory"
  std::string path;
  std::string elsewhere;    ///< after "give the path of a real directory": " in backup/backup_dir"
  std::string if_strange;   ///< after "belongs to user 7, ": the harm and the remedy
  std::string if_writable;  ///< after "writable by others than its owner (mode 0777)": the same
  std::string context;      ///< in front of what the system refused; may be empty
  bool durable = false;     ///< a component that is made is on stable storage before it is used

  std::string text() const;  ///< "lock directory /run/lock/lvm", printable
};

enum class Missing { Make, Report };

/// Opens it. Missing::Make: what is missing of the path is made 0700; Report: Errc::NotFound.
/// Errc::Refused if its last component is a link or no directory, if it belongs to a user other than root or the
/// effective one, or if group or others may write to it.
Result<UniqueFd> open_private_directory(const PrivateDirectory& directory, Missing missing);

}  // namespace ashlar
