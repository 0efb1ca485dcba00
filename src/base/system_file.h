// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace ashlar {

/// All of a file of /proc, /sys or /run, whose sizes say nothing, or its first `most` bytes. Nothing if it cannot be
/// read. Other than a stream's, its descriptor is never inherited by a program that another thread starts meanwhile.
std::optional<std::string> read_system_file(const std::string& path, std::size_t most);

/// The same; empty if it cannot be read.
std::string system_file(const std::string& path, std::size_t most = std::size_t{256} << 20);

}  // namespace ashlar
