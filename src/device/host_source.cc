// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/host_source.h"

#include <algorithm>

#include "base/log.h"

namespace ashlar::device {

void read_first_bytes(DeviceSource::Candidates& candidates) {
  std::vector<IoOp> ops;
  ops.reserve(candidates.devices.size());
  candidates.first.resize(candidates.devices.size());
  for (std::size_t i = 0; i < candidates.devices.size(); ++i) {
    BlockDevice* device = candidates.devices[i];
    candidates.first[i].resize(std::min(DeviceSource::kFirstBytes, device->size()).n);
    ops.push_back({.kind = IoOp::Kind::Read, .device = device, .read_into = candidates.first[i]});
  }
  run(ops);
  for (std::size_t i = 0; i < ops.size(); ++i) {
    if (ops[i].result.ok()) continue;
    candidates.first[i].clear();
    candidates.problems.push_back(ops[i].result.error().message());
  }
}

Error no_device(const std::string& path) {
  return Error(Errc::NotFound, "No device found for " + printable(path) + ".");
}

}  // namespace ashlar::device
