// SPDX-License-Identifier: LGPL-2.1-or-later
// pvck in parts: the check and the dumps (pvck.cc), the repairs by hand (pvck_repair.cc).
#pragma once

#include <optional>

#include "cli/table.h"

namespace ashlar::cli {

/// --settings "mda_num=2 metadata_offset=4608". Offsets and sizes are bytes.
struct PvckSettings {
  std::uint64_t mda_num = 0;  ///< 1, 2; 0: not said
  std::optional<std::uint64_t> metadata_offset, mda_offset, mda_size, mda2_offset, mda2_size, device_size, data_offset;
  std::optional<Uuid> pv_uuid;
};
/// Errc::Refused for a setting that there is not, or that has no such value.
Result<PvckSettings> pvck_settings(const Args& args);

/// --repair and --repairtype.
Status repair_pv(Session& session, ops::System& sys, const Args& args);

}  // namespace ashlar::cli
