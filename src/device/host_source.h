// SPDX-License-Identifier: LGPL-2.1-or-later
// What the sources of real devices share.
#pragma once

#include <utility>

#include "device/block_device.h"
#include "device/in_use.h"
#include "device/signatures.h"
#include "device/sysfs.h"

namespace ashlar::device {

class HostSource : public DeviceSource {
 public:
  explicit HostSource(HostPaths host) : host_(std::move(host)) {}

  Status claim(BlockDevice& device) override { return claim_device(device, host_); }
  Status check_claim(BlockDevice& device) override { return check_claim_device(device, host_); }
  void unclaim(BlockDevice& device) override { unclaim_device(device); }
  Result<std::vector<Signature>> signatures(BlockDevice& device) override { return find_signatures(device); }

 protected:
  const HostPaths& host() const { return host_; }

 private:
  HostPaths host_;
};

/// Reads the first kFirstBytes of each device in one batch into `candidates.first`; what cannot be read is named in
/// `candidates.problems`.
void read_first_bytes(DeviceSource::Candidates& candidates);

/// Errc::NotFound in the words that scripts look for.
Error no_device(const std::string& path);

}  // namespace ashlar::device
