// SPDX-License-Identifier: LGPL-2.1-or-later
// file_archive() with its surroundings as arguments, for tests that count directory reads or set the clock.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "archive/archive.h"
#include "archive/directory.h"

namespace ashlar::archive {

struct Surroundings {
  ReadNames read_names;
  std::function<std::int64_t()> now;  ///< seconds since 1970
};

std::unique_ptr<Archive> file_archive(Options options, Random& random, Surroundings surroundings);

}  // namespace ashlar::archive
