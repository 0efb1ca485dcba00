// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "cli/choose.h"
#include "cli/table.h"

namespace ashlar::cli {

namespace {
Status run_vgck(Session& session, const Args& args) {
  const bool update = args.has("updatemetadata");
  ops::System& sys = *TRY(session.system());
  return each_vg(session, args, [&](const std::string& vg) -> Status {
    session.tell(TRY(ops::check_vg(sys, vg, update)));
    return ok();
  });
}

constexpr Option kVgckOptions[] = {
    {"updatemetadata", 0, Arg::Flag, "", "Write the metadata of a VG anew everywhere"},
    {"reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"},
};
}  // namespace

const Command kVgck{"vgck", "Check the metadata of volume groups", "[VG|@TAG...] | --updatemetadata VG", kVgckOptions,
                    run_vgck};

}  // namespace ashlar::cli
