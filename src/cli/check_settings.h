// SPDX-License-Identifier: LGPL-2.1-or-later
// Settings with a value that keeps every command from running, whatever it does. Source: lvm2 2.03.16 with each in
// lvm.conf and in --config.
#pragma once

#include "config/settings.h"

namespace ashlar::cli {

/// One sentence with the setting, its value and where it stands. Errc::Refused where it is in --config, or keeps LVM2 from
/// the command alone; Errc::Corrupt where LVM2 cannot be started with such a file; Errc::InvalidArgument where LVM2 takes
/// it for an argument.
Status check_settings(const config::Settings& settings);

}  // namespace ashlar::cli
