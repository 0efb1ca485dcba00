// SPDX-License-Identifier: LGPL-2.1-or-later
// A program of the system, such as mkfs.ext4, run without a shell.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace ashlar::ops {

/// `arguments[0]` is a plain name, looked for in /usr/sbin, /usr/bin, /sbin and /bin. Its stdin is empty, its
/// environment PATH and LC_ALL=C, and what it says is kept for the error. Errc::NotFound: there is no such program;
/// Errc::Io: it failed.
Status run_program(const std::vector<std::string>& arguments);

}  // namespace ashlar::ops
