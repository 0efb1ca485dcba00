// SPDX-License-Identifier: LGPL-2.1-or-later
// The words of allocation policies: metadata, options, reports and messages use the same. Source: docs/format.md 3.3.
#pragma once

#include <optional>
#include <string_view>

#include "metadata/model/volume_group.h"

namespace ashlar {

/// "contiguous", "cling", "cling_by_tags", "normal", "anywhere", "inherit".
std::string_view policy_word(AllocPolicy policy);
/// The inverse; nothing for any other word.
std::optional<AllocPolicy> parse_policy(std::string_view word);

}  // namespace ashlar
