// SPDX-License-Identifier: LGPL-2.1-or-later
// Options that say how a device becomes a PV: pvcreate's, and vgcreate's and vgextend's for plain devices.
#pragma once

#include <algorithm>

#include "cli/command.h"

namespace ashlar::cli {

#define ASHLAR_PV_OPTIONS                                                                                     \
  {"force", 'f', Arg::Flag, "", "Go on where it is dangerous; -ff takes a PV out of a VG without asking it"}, \
      {"zero", 'Z', Arg::Value, "y|n", "Clear the first four sectors"},                                       \
      {"dataalignment", 0, Arg::Value, "Size[k]", "Align the data area to a multiple of this"},               \
      {"dataalignmentoffset", 0, Arg::Value, "Size[k]", "Shift the data area by this"},                       \
      {"metadatasize", 0, Arg::Value, "Size[m]", "Room for metadata"},                                        \
      {"pvmetadatacopies", 0, Arg::Value, "0|1|2", "Metadata areas on the PV"},                               \
      {"metadataignore", 0, Arg::Value, "y|n", "Make the metadata areas and do not use them"},                \
      {"metadatatype", 'M', Arg::Value, "lvm2", "Accepted"},                                                  \
      {"labelsector", 0, Arg::Value, "0-3", "Where the label goes"}, {                                        \
    "reportformat", 0, Arg::Value, "basic|json|json_std", "Accepted: what it prints stays as it is"           \
  }

/// The options above and the settings behind them.
Result<ops::CreatePvs> parse_pv_options(const Args& args, const ops::System& sys);

}  // namespace ashlar::cli
