// SPDX-License-Identifier: LGPL-2.1-or-later
// The table of settings in sections. A new setting is a row among those of its section; then write etc/lvm.conf.example
// anew (tests/config/example_test.cc says how). Rows are constant data. Private to src/config.
#pragma once

#include <span>

#include "config/settings.h"

namespace ashlar::config {

std::span<const Setting> config_rows();
std::span<const Setting> devices_rows();
std::span<const Setting> allocation_rows();
std::span<const Setting> log_rows();
std::span<const Setting> backup_rows();
std::span<const Setting> shell_rows();
std::span<const Setting> global_rows();
std::span<const Setting> activation_rows();
std::span<const Setting> metadata_rows();
std::span<const Setting> report_rows();
std::span<const Setting> dmeventd_rows();
std::span<const Setting> tags_rows();
std::span<const Setting> local_rows();

/// Is the value of a setting one that `row` takes?
bool fits(const Setting& row, Node node);

}  // namespace ashlar::config
