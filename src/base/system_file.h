// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

namespace ashlar {

/// All of a file of /proc, /sys or /run, whose sizes say nothing; at most 256 MiB. Empty if it cannot be read. Other than a
/// stream's, its descriptor is never inherited by a program that another thread starts meanwhile.
std::string system_file(const std::string& path);

}  // namespace ashlar
