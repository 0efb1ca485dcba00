// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <string>

#include "lock/holders.h"
#include "lock/locks.h"
#include "support/host.h"
#include "support/processes.h"

namespace ashlar::lock {

using test::Child;
using test::eventually;
using test::TempDir;

inline FileLockOptions in_directory(const std::string& directory, bool wait = true) {
  FileLockOptions options;
  options.directory = directory;
  options.wait = wait;
  return options;
}

/// Somebody holds the file, seen without touching it.
inline bool flocked(const std::string& path) {
  struct stat st {};
  return ::stat(path.c_str(), &st) == 0 && !holders_of({st.st_dev, st.st_ino}).empty();
}

}  // namespace ashlar::lock
