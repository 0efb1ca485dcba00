// SPDX-License-Identifier: LGPL-2.1-or-later
// Legal VG and LV names and tags. Source: docs/format.md 4.2.
#pragma once

#include <string_view>

#include "base/result.h"

namespace ashlar {

/// A-Za-z0-9+_.- , not empty, not starting with '-', not "." or "..", at most 127 characters.
bool is_valid_name(std::string_view name);
/// The same as a Status that says what is wrong; `what` is "Volume group name" or "Logical volume name".
Status check_name(std::string_view what, std::string_view name);
/// A name that a user may give a new LV: valid, and none of the prefixes and infixes kept for hidden LVs.
Status check_new_lv_name(std::string_view name);
/// A-Za-z0-9_+.-/=!:&# , 1 to 1024 characters; without the '@'.
Status check_tag(std::string_view tag);

}  // namespace ashlar
