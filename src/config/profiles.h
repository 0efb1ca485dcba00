// SPDX-License-Identifier: LGPL-2.1-or-later
// Profiles: files NAME.profile in config/profile_dir with a few settings, of a command (how it reports) or of a VG or
// LV (kept by name in its metadata). Source: docs/format.md, "Profiles".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "config/document.h"

namespace ashlar::config {

enum class ProfileKind { Command, Metadata };

/// May a profile of this kind have the setting?
bool is_profilable(ProfileKind kind, std::string_view path);

/// Errc::Refused: the name is none, there is no such file, it cannot be read, or it has a setting that such a profile
/// may not have, or one with a value of the wrong type.
Result<Document> load_profile(const std::string& directory, const std::string& name, ProfileKind kind);

}  // namespace ashlar::config
