// SPDX-License-Identifier: LGPL-2.1-or-later
// What the configuration says of allocation, for a request that places extents.
#pragma once

#include <algorithm>

#include "ops/system.h"

namespace ashlar::cli {

/// Request: plan::CreateLv or plan::ResizeLv.
template <class Request>
void take_allocation_settings(const config::Settings& settings, Request& request) {
  request.cling_tags = settings.list("allocation/cling_tag_list");
  request.maximise_cling = settings.flag("allocation/maximise_cling");
  if (std::int64_t kib = settings.number("metadata/stripesize"); kib > 0)
    request.default_stripe_size = Bytes{static_cast<std::uint64_t>(std::min<std::int64_t>(kib, 1 << 30)) << 10};
}

}  // namespace ashlar::cli
