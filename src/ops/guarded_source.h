// SPDX-License-Identifier: LGPL-2.1-or-later
// Devices that can be read, but not written: whatever an operation tries to write past its transaction fails.
#pragma once

#include <memory>
#include <unordered_map>

#include "device/block_device.h"

namespace ashlar::ops {

class GuardedSource final : public device::DeviceSource {
 public:
  /// `readable`: nothing will be written later either, so no device needs to be writable.
  GuardedSource(device::DeviceSource& real, bool readable) : real_(real), readable_(readable) {}

  Result<Candidates> candidates() override;
  Result<device::BlockDevice*> find(const std::string& path) override;
  Status admit(const std::string& path) override { return real_.admit(path); }
  Status claim(device::BlockDevice& device) override;  ///< only asks
  Result<std::vector<Signature>> signatures(device::BlockDevice& device) override;

  /// A device of one's own, guarded. It does not outlive this.
  std::unique_ptr<device::BlockDevice> guard(std::unique_ptr<device::BlockDevice> device);
  /// The device behind a guarded one of this source.
  device::BlockDevice* real(const device::BlockDevice& guarded) const;

 private:
  device::BlockDevice* guard(device::BlockDevice* device);

  device::DeviceSource& real_;
  bool readable_;
  std::unordered_map<device::BlockDevice*, std::unique_ptr<device::BlockDevice>> guards_;  ///< by the real one
  std::unordered_map<const device::BlockDevice*, device::BlockDevice*> behind_;
};

}  // namespace ashlar::ops
