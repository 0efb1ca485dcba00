// SPDX-License-Identifier: LGPL-2.1-or-later
// The activation lists of the configuration.
#pragma once

#include "activation/permission.h"
#include "ops/system.h"

namespace ashlar::ops {

inline dm::ActivationRules activation_rules(const System& sys) {
  auto list = [&](const char* path) -> dm::VolumeList {
    if (!sys.settings.is_set(path)) return std::nullopt;
    return sys.settings.list(path);
  };
  return {list("activation/volume_list"), list("activation/auto_activation_volume_list"),
          list("activation/read_only_volume_list"), sys.settings.host_tags()};
}

}  // namespace ashlar::ops
