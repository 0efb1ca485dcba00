// SPDX-License-Identifier: LGPL-2.1-or-later
// The section "tags" of lvm.conf gives tags to hosts. Source: docs/format.md, "Host tags".
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/document.h"

namespace ashlar::config {

/// Adds the tags that `file` gives the host of that name and that are not in `tags` yet, in its order.
/// Errc::Corrupt for a name that no tag can have, and for a host_list that is no list of strings.
Status add_host_tags(const Document& file, const std::string& host, std::vector<std::string>& tags);

}  // namespace ashlar::config
