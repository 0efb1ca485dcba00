// SPDX-License-Identifier: LGPL-2.1-or-later
// Options of activation that vgchange and lvchange share.
#pragma once

#include "cli/command.h"

namespace ashlar::cli {

#define ASHLAR_ACTIVATION_OPTIONS                                                                                     \
  {"activate", 'a', Arg::Value, "y|n|ay", "Activate or deactivate"},                                                  \
      {"ignoreactivationskip", 'K', Arg::Flag, "", "Activate LVs that are marked to be skipped too"},                 \
      {"refresh", 0, Arg::Flag, "", "Load the tables of active LVs anew"},                                            \
      {"partial", 'P', Arg::Flag, "", "As --activationmode partial"},                                                 \
      {"activationmode", 0, Arg::Value, "complete|degraded|partial",                                                  \
       "partial: LVs with missing PVs too, errors in their place"},                                                   \
      {"ignoreskippedcluster", 0, Arg::Flag, "", "Accepted"}, {"ignorelockingfailure", 0, Arg::Flag, "", "Accepted"}, \
      {"ignoremonitoring", 0, Arg::Flag, "", "Accepted"},                                                             \
      {"monitor", 0, Arg::Value, "y|n", "Accepted: linear and striped LVs are not monitored"},                        \
      {"poll", 0, Arg::Value, "y|n", "Accepted: there is nothing to poll"},                                           \
      {"noudevsync", 0, Arg::Flag, "", "Do not wait for udev"}, {                                                     \
    "sysinit", 0, Arg::Flag, "", "Accepted"                                                                           \
  }

/// -a, --refresh and what goes with them.
Result<ops::Activate> parse_activation(const Args& args);

}  // namespace ashlar::cli
