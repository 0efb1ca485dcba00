// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/data_file.h"

namespace ashlar::test {

std::filesystem::path source_path(const std::string& name) { return std::filesystem::path(ASHLAR_SOURCE_DIR) / name; }

}  // namespace ashlar::test
