// SPDX-License-Identifier: LGPL-2.1-or-later
// Which host a VG belongs to. Source: lvmsystemid(7), docs/format.md 4.2.
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace ashlar::ops {

/// The names under which this host owns VGs.
struct SystemIds {
  std::string own;                 ///< empty: none
  std::vector<std::string> extra;  ///< local/extra_system_ids; they count only beside an own one
};

/// Reads global/system_id_source and what it points to. What cannot be used is logged as a warning and is no ID: VGs
/// that have one are then left alone. `nodename`: for "uname". Errc::Refused for "appmachineid", by which this host has
/// an ID that only LVM2 knows: its own VGs would look like another's, and new ones would get none.
Result<SystemIds> system_ids(const config::Settings& settings, const std::string& nodename);

/// A text as a system ID: letters, digits and "_.-" of it, at most 128; empty for one that begins with "localhost".
std::string usable_system_id(const std::string& text);

/// May this host use a VG with this system ID?
bool owns(const SystemIds& ids, const std::string& vg_system_id);

/// How a VG that it may not use comes to it, with the commands.
std::string way_here(const SystemIds& ids, const std::string& vg, const std::string& vg_system_id);

}  // namespace ashlar::ops
