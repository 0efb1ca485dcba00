// SPDX-License-Identifier: LGPL-2.1-or-later
// May an LV be activated here, and may it be written: the lists of lvm.conf, host tags, and the flags that keep an LV
// from being activated. All pure. Source: docs/format.md 8.9.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "metadata/model/volume_group.h"

namespace ashlar::dm {

/// Entries: "vg", "vg/lv", "@tag" (a tag of the LV or its VG), "@*" (any of the host's tags is a tag of the LV or its
/// VG). An entry of any other form matches nothing. No list: the setting is not there, which is not the empty list.
using VolumeList = std::optional<std::vector<std::string>>;

struct ActivationRules {
  VolumeList volume_list, auto_activation_volume_list, read_only_volume_list;
  std::vector<std::string> host_tags;
};

/// How activation was asked for.
struct ActivationRequest {
  bool automatic = false;    ///< -aay: by an event or at boot
  bool ignore_skip = false;  ///< -K
  bool new_lv = false;       ///< being made: of what is automatic the list alone counts, as in LVM2
};

struct Denial {
  enum class Reason { NotListed, NotAutoListed, ActivationSkip, NoAutoActivate };
  Reason reason;
  std::string message;  ///< names the LV and the setting, flag or option
  /// By what counts for automatic activation alone.
  bool automatic() const { return reason == Reason::NotAutoListed || reason == Reason::NoAutoActivate; }
};

bool list_matches(const std::vector<std::string>& list, const std::vector<std::string>& host_tags,
                  const VolumeGroup& vg, const LogicalVolume& lv);

/// Nothing: it may. Flags are looked at before lists, the automatic ones first.
std::optional<Denial> activation_denied(const ActivationRules& rules, const VolumeGroup& vg, const LogicalVolume& lv,
                                        const ActivationRequest& request);

/// activation/read_only_volume_list: its matches are read-only here although the metadata says writable.
bool forced_read_only(const ActivationRules& rules, const VolumeGroup& vg, const LogicalVolume& lv);

}  // namespace ashlar::dm
