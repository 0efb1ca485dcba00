// SPDX-License-Identifier: LGPL-2.1-or-later
// The kernel's devices as a transaction will leave them: asked once for each VG, then changed in memory.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "activation/kernel.h"

namespace ashlar::ops {

class PlannedKernel final : public dm::Kernel {
 public:
  explicit PlannedKernel(dm::Kernel& real) : real_(real) {}

  Result<std::vector<dm::ActiveDevice>> active(const Uuid& vg) override;
  Result<std::vector<dm::ActiveDevice>> list() override { return real_.list(); }
  Result<std::unordered_map<std::string, std::string>> names() override { return real_.names(); }
  Result<std::unique_ptr<dm::Preloaded>> preload(const dm::Change& change) override;
  Status available() override { return real_.available(); }
  Result<std::string> driver_version() override { return real_.driver_version(); }

  /// What became of a VG's devices: those touched, before and after.
  struct Fate {
    std::vector<dm::ActiveDevice> had;
    std::vector<dm::Device> wanted;
    std::set<std::string> refreshed;
  };
  Fate fate(const Uuid& vg) const;
  std::vector<Uuid> touched() const;  ///< VGs with such devices

 private:
  struct Devices {
    std::vector<dm::ActiveDevice> first, now;
    std::set<std::string> touched, refreshed;  ///< UUIDs
  };
  Result<Devices*> devices(const Uuid& vg);
  Status take(const dm::Step& step);
  Status check_name_free(const std::string& name, const std::string& uuid);

  dm::Kernel& real_;
  std::unordered_map<Uuid, Devices> by_vg_;
  std::optional<std::unordered_map<std::string, std::string>> names_;  ///< real_.names(), once somebody needed it
};

}  // namespace ashlar::ops
