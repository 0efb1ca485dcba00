// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/dm_task.h"

#include <fmt/format.h>
#include <libdevmapper.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <memory>

#include "activation/names.h"
#include "activation/target.h"
#include "base/units.h"

namespace ashlar::dm {
namespace {

struct DestroyTask {
  void operator()(dm_task* task) const { dm_task_destroy(task); }
};
using Task = std::unique_ptr<dm_task, DestroyTask>;

/// 12 bits of major, 20 of minor, the minor's upper 12 above: the kernel's huge_encode_dev.
DevNumber decode(std::uint64_t dev) {
  return {static_cast<std::uint32_t>((dev & 0xfff00) >> 8),
          static_cast<std::uint32_t>((dev & 0xff) | ((dev >> 12) & 0xfff00))};
}

Result<Task> new_task(DmLog& log, int type, const std::string& uuid) {
  Task task(dm_task_create(type));
  if (!task || (!uuid.empty() && dm_task_set_uuid(task.get(), uuid.c_str()) == 0))
    return log.error("preparing a device-mapper command");
  return task;
}

Status run_command(DmLog& log, int type, const std::string& uuid, const char* what) {
  const Task task = TRY(new_task(log, type, uuid));
  if (dm_task_run(task.get()) == 0) return log.error(what, dm_task_get_errno(task.get()));
  return ok();
}

/// Does the kernel put UUIDs into its list, behind the names (Linux 5.13).
bool list_has_uuids(const std::string& version) {
  unsigned major = 0, minor = 0;
  if (std::sscanf(version.c_str(), "%u.%u", &major, &minor) != 2) return false;
  return major > 4 || (major == 4 && minor >= 45);
}

/// After the name's NUL, at the next multiple of 8: event number, flags, UUID (linux/dm-ioctl.h, dm_name_list).
std::string uuid_behind(const dm_names* names) {
  constexpr std::uint32_t kHasUuid = 1;
  const auto end = reinterpret_cast<std::uintptr_t>(names->name + std::strlen(names->name) + 1);
  const char* at = reinterpret_cast<const char*>(round_up(end, 8));
  std::uint32_t flags = 0;
  std::memcpy(&flags, at + sizeof(std::uint32_t), sizeof flags);
  return (flags & kHasUuid) != 0 ? std::string(at + 2 * sizeof(std::uint32_t)) : std::string();
}

std::string uuid_of(const DevNumber& number) {
  // sysfs rather than a command per device: this kernel is too old for UUIDs in the list, not for this file (2.6.29).
  std::ifstream in(fmt::format("/sys/dev/block/{}:{}/dm/uuid", number.major, number.minor));
  std::string uuid;
  std::getline(in, uuid);
  return uuid;
}

std::uint32_t read_ahead_of(const DevNumber& number) {
  std::ifstream in(fmt::format("/sys/dev/block/{}:{}/queue/read_ahead_kb", number.major, number.minor));
  std::uint32_t kib = 0;
  return in >> kib ? kib * 2 : 0;
}

Info info_of(const dm_info& raw) {
  Info info;
  info.number = {raw.major, raw.minor};
  info.open_count = raw.open_count;
  info.suspended = raw.suspended != 0;
  info.read_only = raw.read_only != 0;
  info.inactive_table = raw.inactive_table != 0;
  return info;
}

}  // namespace

Result<std::vector<Listed>> list_devices(DmLog& log) {
  // Names and UUIDs as they are: LVM2's need no mangling, others' are only compared.
  dm_set_name_mangling_mode(DM_STRING_MANGLING_NONE);
  const bool with_uuids = list_has_uuids(TRY(driver_version(log)));
  const Task task = TRY(new_task(log, DM_DEVICE_LIST, {}));
  if (dm_task_run(task.get()) == 0) return log.error("listing device-mapper devices", dm_task_get_errno(task.get()));
  std::vector<Listed> devices;
  const dm_names* names = dm_task_get_names(task.get());
  if (names == nullptr || names->dev == 0) return devices;
  while (true) {
    Listed each{names->name, {}, decode(names->dev)};
    each.uuid = with_uuids ? uuid_behind(names) : uuid_of(each.number);
    devices.push_back(std::move(each));
    if (names->next == 0) return devices;
    names = reinterpret_cast<const dm_names*>(reinterpret_cast<const char*>(names) + names->next);
  }
}

Result<std::optional<ActiveDevice>> query_device(DmLog& log, const std::string& uuid) {
  const Task task = TRY(new_task(log, DM_DEVICE_TABLE, uuid));
  dm_info raw{};
  if (dm_task_run(task.get()) == 0 || dm_task_get_info(task.get(), &raw) == 0) {
    const int err = dm_task_get_errno(task.get());
    if (err == ENXIO || err == ENOENT) {
      log.take_errors();
      return std::optional<ActiveDevice>();
    }
    return log.error("reading the table of " + uuid, err);
  }
  if (raw.exists == 0) return std::optional<ActiveDevice>();
  ActiveDevice found;
  found.info = info_of(raw);
  found.info.read_ahead = read_ahead_of(found.info.number);
  found.device.name = dm_task_get_name(task.get());
  found.device.uuid = dm_task_get_uuid(task.get());
  found.device.read_only = found.info.read_only;
  void* next = nullptr;
  do {
    std::uint64_t start = 0, length = 0;
    char *type = nullptr, *params = nullptr;
    next = dm_get_next_target(task.get(), next, &start, &length, &type, &params);
    if (type != nullptr)
      found.device.table.push_back(
          Target{Sectors{start}, Sectors{length}, parse_params(type, params != nullptr ? params : "")});
  } while (next != nullptr);
  const SplitName parts = split_name(found.device.name);
  found.device.vg_name = parts.vg;
  if (parts.layer.empty()) found.device.lv_name = parts.lv;
  return std::optional<ActiveDevice>(std::move(found));
}

Result<State> device_state(DmLog& log, const std::string& uuid) {
  const Task task = TRY(new_task(log, DM_DEVICE_INFO, uuid));
  dm_info raw{};
  if (dm_task_run(task.get()) == 0 || dm_task_get_info(task.get(), &raw) == 0)
    return log.error("asking for the state of " + uuid, dm_task_get_errno(task.get()));
  if (raw.exists == 0) return State{};
  return State{true, raw.suspended != 0, raw.live_table != 0, raw.inactive_table != 0, raw.open_count,
               {raw.major, raw.minor}, dm_task_get_name(task.get())};
}

Status clear_inactive_table(DmLog& log, const std::string& uuid) {
  return run_command(log, DM_DEVICE_CLEAR, uuid, "clearing the table that was loaded");
}

Status resume_device(DmLog& log, const std::string& uuid) {
  return run_command(log, DM_DEVICE_RESUME, uuid, "resuming");
}

Status remove_device(DmLog& log, const std::string& uuid) {
  return run_command(log, DM_DEVICE_REMOVE, uuid, "removing");
}

Result<std::string> driver_version(DmLog& log) {
  std::array<char, 64> version{};
  if (dm_driver_version(version.data(), version.size()) == 0)
    return log.error("asking for device-mapper's version");
  return std::string(version.data());
}

}  // namespace ashlar::dm
