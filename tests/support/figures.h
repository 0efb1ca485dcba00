// SPDX-License-Identifier: LGPL-2.1-or-later
// One line with what a test program came to, printed at its end: docs/reliability.md quotes it, tools/soak picks it out
// of the rest. A floor holds where nothing was filtered and no shard of the tests was left out.
//
//   const Figures kFigures("crashes", [](bool whole) { …; return fmt::format("{} states", n); });
#pragma once

#include <functional>
#include <string>

namespace ashlar::test {

/// Makes the line's text; `whole`: all tests ran and none failed, so that floors may be asserted (a failed EXPECT fails
/// the program).
using Figure = std::function<std::string(bool whole)>;

/// To be defined once for each line, at namespace scope: before the tests run.
struct Figures {
  Figures(std::string name, Figure figure);
};

}  // namespace ashlar::test
