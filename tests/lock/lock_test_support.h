// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <filesystem>
#include <string>

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

}  // namespace ashlar::lock
