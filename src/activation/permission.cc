// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/permission.h"

#include <algorithm>
#include <string_view>

namespace ashlar::dm {
namespace {

bool has_tag(const VolumeGroup& vg, const LogicalVolume& lv, std::string_view tag) {
  const auto in = [&](const std::vector<std::string>& tags) {
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
  };
  return in(lv.tags) || in(vg.tags);
}

bool any_tag(const std::vector<std::string>& tags, const VolumeGroup& vg, const LogicalVolume& lv) {
  return std::any_of(tags.begin(), tags.end(), [&](const std::string& tag) { return has_tag(vg, lv, tag); });
}

bool entry_matches(std::string_view entry, const std::vector<std::string>& host_tags, const VolumeGroup& vg,
                   const LogicalVolume& lv) {
  if (entry == "@*") return any_tag(host_tags, vg, lv);
  if (entry.starts_with('@')) return has_tag(vg, lv, entry.substr(1));
  const std::size_t slash = entry.find('/');
  if (entry.substr(0, slash) != vg.name) return false;
  return slash == std::string_view::npos || entry.substr(slash + 1) == lv.name;
}

bool passes_volume_list(const ActivationRules& rules, const VolumeGroup& vg, const LogicalVolume& lv) {
  if (rules.volume_list) return list_matches(*rules.volume_list, rules.host_tags, vg, lv);
  return rules.host_tags.empty() || any_tag(rules.host_tags, vg, lv);
}

}  // namespace

bool list_matches(const std::vector<std::string>& list, const std::vector<std::string>& host_tags,
                  const VolumeGroup& vg, const LogicalVolume& lv) {
  return std::any_of(list.begin(), list.end(),
                     [&](const std::string& entry) { return entry_matches(entry, host_tags, vg, lv); });
}

std::optional<Denial> activation_denied(const ActivationRules& rules, const VolumeGroup& vg, const LogicalVolume& lv,
                                        const ActivationRequest& request) {
  using Reason = Denial::Reason;
  const std::string not_activating = "Not activating " + vg.name + "/" + lv.name;
  if (request.automatic) {
    if (!request.new_lv && (vg.status.has(VgFlag::NoAutoActivate) || lv.status.has(LvFlag::NoAutoActivate)))
      return Denial{Reason::NoAutoActivate,
                    not_activating + ": autoactivation is turned off for it (--setautoactivation)."};
    if (rules.auto_activation_volume_list && !list_matches(*rules.auto_activation_volume_list, rules.host_tags, vg, lv))
      return Denial{Reason::NotAutoListed,
                    not_activating + ": activation/auto_activation_volume_list does not name it."};
  }
  if (lv.status.has(LvFlag::ActivationSkip) && !request.ignore_skip)
    return Denial{Reason::ActivationSkip,
                  not_activating + ": it is flagged to be skipped; --ignoreactivationskip (-K) activates it."};
  if (!passes_volume_list(rules, vg, lv)) {
    return Denial{Reason::NotListed, not_activating + " since it does not pass activation filter (" +
                                         (rules.volume_list ? "activation/volume_list" : "the host's tags") + ")."};
  }
  return std::nullopt;
}

bool forced_read_only(const ActivationRules& rules, const VolumeGroup& vg, const LogicalVolume& lv) {
  return rules.read_only_volume_list && list_matches(*rules.read_only_volume_list, rules.host_tags, vg, lv);
}

}  // namespace ashlar::dm
