// SPDX-License-Identifier: LGPL-2.1-or-later
// The kernel of a run without device-mapper: images, containers, --driverloaded n.
#include "activation/kernel.h"

namespace ashlar::dm {
namespace {

Error no_device_mapper() {
  return Error(Errc::Unsupported, "device-mapper is not used here: logical volumes cannot be activated or deactivated");
}

class NoChange final : public Preloaded {
 public:
  Status finish() override { return ok(); }
};

class NoKernel final : public Kernel {
 public:
  Result<std::vector<ActiveDevice>> active(const Uuid&) override { return std::vector<ActiveDevice>(); }
  Result<std::vector<ActiveDevice>> list() override { return std::vector<ActiveDevice>(); }
  Result<std::unordered_map<std::string, std::string>> names() override {
    return std::unordered_map<std::string, std::string>();
  }
  Result<std::unique_ptr<Preloaded>> preload(const Change& change) override {
    if (!change.empty()) return no_device_mapper();
    return std::unique_ptr<Preloaded>(std::make_unique<NoChange>());
  }
  Status available() override { return no_device_mapper(); }
  Result<std::string> driver_version() override { return no_device_mapper(); }
};

}  // namespace

std::unique_ptr<Kernel> no_kernel() { return std::make_unique<NoKernel>(); }

}  // namespace ashlar::dm
