// SPDX-License-Identifier: LGPL-2.1-or-later
// The number that a random test starts from. SEED repeats a run; without it each run is another. Whoever draws one
// prints it where the test fails. rapidcheck takes its own from RC_PARAMS="seed=N".
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace ashlar::test {

inline std::uint32_t drawn_seed() {
  const char* given = std::getenv("SEED");
  return given != nullptr ? static_cast<std::uint32_t>(std::stoull(given)) : std::random_device()();
}

}  // namespace ashlar::test
