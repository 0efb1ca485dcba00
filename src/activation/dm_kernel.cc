// SPDX-License-Identifier: LGPL-2.1-or-later
#include <libdevmapper.h>
#include <unistd.h>

#include <sstream>

#include "activation/dev_links.h"
#include "activation/dm_change.h"
#include "activation/kernel.h"
#include "activation/names.h"
#include "base/system_file.h"

namespace ashlar::dm {
namespace {

bool driver_in_kernel() {
  std::istringstream misc(system_file("/proc/misc"));
  std::string minor, name;
  while (misc >> minor >> name)
    if (name == "device-mapper") return true;
  return false;
}

class Nothing final : public Preloaded {
 public:
  Status finish() override { return ok(); }
};

/// libdevmapper keeps its state in globals: one thread at a time.
class DmKernel final : public Kernel {
 public:
  explicit DmKernel(KernelOptions options) : options_(std::move(options)) {}

  Result<std::vector<ActiveDevice>> active(const Uuid& vg) override { return query(TRY(active_uuids(vg))); }

  Result<std::vector<ActiveDevice>> active_of(const Uuid& vg, std::span<const Uuid> lvs) override {
    std::vector<std::string> uuids = TRY(active_uuids(vg));
    std::erase_if(uuids, [&](const std::string& uuid) { return !is_of(uuid, lvs); });
    return query(uuids);
  }

  Result<std::vector<std::string>> active_uuids(const Uuid& vg) override {
    std::vector<std::string> uuids;
    if (!TRY(has_control_node())) return uuids;
    const std::string prefix = std::string(kUuidPrefix).append(vg.raw());
    for (Listed& each : TRY(list_devices(options_.dev_dir)))
      if (each.uuid.starts_with(prefix)) uuids.push_back(std::move(each.uuid));
    return uuids;
  }

  Result<std::vector<ActiveDevice>> list() override {
    if (!TRY(has_control_node())) return std::vector<ActiveDevice>();
    return list_lvm_devices(options_.dev_dir);
  }

  Result<std::unordered_map<std::string, std::string>> names() override {
    std::unordered_map<std::string, std::string> uuids;
    if (!TRY(has_control_node())) return uuids;
    for (Listed& each : TRY(list_devices(options_.dev_dir))) uuids.emplace(std::move(each.name), std::move(each.uuid));
    return uuids;
  }

  Result<std::unique_ptr<Preloaded>> preload(const Change& change) override {
    if (change.empty()) return std::unique_ptr<Preloaded>(std::make_unique<Nothing>());
    TRY(available());
    TRY(prepare());
    for (const Step& step : change.steps) log(LogLevel::Verbose, sentence(step));
    return DmChange::begin(change, options_);
  }

  Status available() override {
    if (!TRY(has_control_node()))
      return Error(Errc::Unsupported,
                   "The device-mapper driver is not in the kernel (is the module dm-mod loaded?). Logical volumes "
                   "cannot be activated or deactivated; metadata commands still work.");
    // To open it is to have the module loaded; nothing is asked yet.
    TRY(open_control(options_.dev_dir).context("The device-mapper driver does not answer"));
    return ok();
  }

  Result<std::vector<std::string>> make_nodes() override {
    std::vector<std::string> made;
    const DevLinks links(options_.dev_dir);
    for (const ActiveDevice& each : TRY(list())) {
      const DevNames names{each.device.name, each.device.vg_name, each.device.lv_name};
      const std::vector<std::string> missing = links.missing(names, each.info.number);
      if (missing.empty()) continue;
      TRY(links.make(names, each.info.number));
      made.insert(made.end(), missing.begin(), missing.end());
    }
    return made;
  }

  Result<std::string> driver_version() override {
    TRY(prepare());
    DmLog log;
    return dm::driver_version(log);
  }

 private:
  Result<std::vector<ActiveDevice>> query(const std::vector<std::string>& uuids) {
    std::vector<ActiveDevice> devices;
    if (uuids.empty()) return devices;
    TRY(prepare());
    DmLog log;
    for (const std::string& uuid : uuids) {
      // One that is removed by somebody at this moment is simply not there.
      if (std::optional<ActiveDevice> found = TRY(query_device(log, uuid))) devices.push_back(*std::move(found));
    }
    return devices;
  }

  /// Is there a driver to ask? Without udev its node may have to be made, which libdevmapper does; for a driver that is
  /// not there it would too, and a program that only looks must not.
  Result<bool> has_control_node() {
    if (access((options_.dev_dir + "/mapper/control").c_str(), F_OK) == 0) return true;  // opening it loads the module
    if (!driver_in_kernel()) return false;
    TRY(driver_version());
    return true;
  }

  /// The library's globals as this kernel's options have them.
  Status prepare() const {
    if (dm_set_dev_dir(options_.dev_dir.c_str()) == 0)
      return Error(Errc::InvalidArgument, options_.dev_dir + " cannot be libdevmapper's device directory");
    // Opened before the critical section and not again.
    dm_hold_control_dev(1);
    // Names and UUIDs as they are: LVM2's need no mangling, others' are only compared.
    dm_set_name_mangling_mode(DM_STRING_MANGLING_NONE);
    return ok();
  }

  KernelOptions options_;
};

}  // namespace

std::unique_ptr<Kernel> dm_kernel(KernelOptions options) { return std::make_unique<DmKernel>(std::move(options)); }

}  // namespace ashlar::dm
