// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/version.h"

#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/table.h"
#include "ops/version.h"

namespace ashlar::cli {

void print_version(Output& out, ops::System* sys) {
  out.line(std::string("LVM version:     ") + ops::kLvmVersion);
  out.line("Library version: " + dm::library_version());
  if (sys != nullptr) {
    if (auto driver = sys->kernel->driver_version()) out.line("Driver version:  " + *driver);
  }
  out.line(std::string("Ashlar version:  ") + ops::kVersion);
}

namespace {
Status run_version(Session& session, const Args&) {
  ops::System& sys = *TRY(session.system());
  print_version(session.out(), &sys);
  auto driver = sys.kernel->driver_version();
  session.document([driver = driver ? std::optional(*driver) : std::nullopt] { return version_json(driver); });
  return ok();
}
}  // namespace

const Command kVersionCommand{"version", "Show versions", "", {}, run_version, Effect::Reads};

}  // namespace ashlar::cli
