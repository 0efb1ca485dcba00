// SPDX-License-Identifier: LGPL-2.1-or-later
// The table of settings in parts, one file each. A new setting is a row in one of them, next to the rows of its
// section; then write etc/lvm.conf.example anew (tests/config/example_test.cc says how). Private to src/config.
#pragma once

#include <vector>

#include "config/settings.h"

namespace ashlar::config {

void add_device_rows(std::vector<Setting>& rows);      ///< devices
void add_metadata_rows(std::vector<Setting>& rows);    ///< allocation, metadata, backup
void add_global_rows(std::vector<Setting>& rows);      ///< global, local, log
void add_activation_rows(std::vector<Setting>& rows);  ///< activation
void add_report_rows(std::vector<Setting>& rows);      ///< report

}  // namespace ashlar::config
