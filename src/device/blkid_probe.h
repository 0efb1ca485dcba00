// SPDX-License-Identifier: LGPL-2.1-or-later
// Owns a probe of libblkid.
#pragma once

#include <memory>

struct blkid_struct_probe;

namespace ashlar::device {

struct FreeProbe {
  void operator()(blkid_struct_probe* probe) const;
};
using Probe = std::unique_ptr<blkid_struct_probe, FreeProbe>;

}  // namespace ashlar::device
