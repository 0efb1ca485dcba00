// SPDX-License-Identifier: LGPL-2.1-or-later
// A few threads for calls that may block each on its own device.
#pragma once

#include <cstddef>
#include <functional>

namespace ashlar::device {

/// Calls f(0) … f(count - 1), each once, on at most `threads` threads, of which the caller's is one; returns when all
/// are done. Fewer threads if the system has no more.
void in_parallel(std::size_t count, std::size_t threads, const std::function<void(std::size_t)>& f);

}  // namespace ashlar::device
