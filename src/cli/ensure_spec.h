// SPDX-License-Identifier: LGPL-2.1-or-later
// A specification of what is to be there, read from JSON. Its schema for editors: docs/ensure.schema.json.
#pragma once

#include <string>
#include <vector>

#include "ops/ensure.h"

namespace ashlar::cli {

/// Errc::InvalidArgument names the place: `/volume_groups/0/volumes/1/size: …`. Unknown keys are refused.
Result<std::vector<ops::WantedVg>> parse_spec(const std::string& text);

/// {"objects": […]}: what was to be there and what had to be done.
std::string objects_json(const std::vector<ops::Ensured>& objects);

}  // namespace ashlar::cli
