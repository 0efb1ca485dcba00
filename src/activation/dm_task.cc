// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/dm_task.h"

#include <fmt/format.h>
#include <libdevmapper.h>

#include <array>
#include <cstdint>
#include <memory>
#include <sstream>

#include "activation/names.h"
#include "base/system_file.h"

namespace ashlar::dm {
namespace {

struct DestroyTask {
  void operator()(dm_task* task) const { dm_task_destroy(task); }
};
using Task = std::unique_ptr<dm_task, DestroyTask>;

Result<Task> new_task(DmLog& log, int type, const std::string& uuid) {
  Task task(dm_task_create(type));
  if (!task || (!uuid.empty() && dm_task_set_uuid(task.get(), uuid.c_str()) == 0))
    return log.error("preparing a device-mapper command");
  return task;
}

Status run_command(DmLog& log, int type, const std::string& uuid, const char* what, const Event* event = nullptr) {
  const Task task = TRY(new_task(log, type, uuid));
  if (event != nullptr) {
    std::uint32_t cookie = event->cookie;
    // The command matters more than who waits for it: should the semaphore be gone, the event goes without.
    if (dm_task_set_cookie(task.get(), &cookie, event->udev_flags) == 0) {
      dm_udev_set_sync_support(0);
      dm_task_set_cookie(task.get(), &cookie, event->udev_flags);
    }
  }
  if (dm_task_run(task.get()) == 0) return log.error(what, dm_task_get_errno(task.get()));
  return ok();
}

Info info_of(const dm_info& raw) {
  Info info;
  info.number = {raw.major, raw.minor};
  info.open_count = raw.open_count;
  info.suspended = raw.suspended != 0;
  info.read_only = raw.read_only != 0;
  info.live_table = raw.live_table != 0;
  info.inactive_table = raw.inactive_table != 0;
  return info;
}

}  // namespace

std::uint32_t read_ahead_of(const DevNumber& number) {
  std::istringstream in(
      system_file(fmt::format("/sys/dev/block/{}:{}/queue/read_ahead_kb", number.major, number.minor)));
  std::uint32_t kib = 0;
  return in >> kib ? kib * 2 : 0;
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

State state_of(const dm_info& info) {
  if (info.exists == 0) return {};
  return {true,
          info.suspended != 0,
          info.live_table != 0,
          info.inactive_table != 0,
          info.open_count,
          {info.major, info.minor},
          {}};
}

Result<State> device_state(DmLog& log, const std::string& uuid) {
  const Task task = TRY(new_task(log, DM_DEVICE_INFO, uuid));
  dm_info raw{};
  if (dm_task_run(task.get()) == 0 || dm_task_get_info(task.get(), &raw) == 0)
    return log.error("asking for the state of " + uuid, dm_task_get_errno(task.get()));
  State state = state_of(raw);
  if (state.exists) state.name = dm_task_get_name(task.get());
  return state;
}

Status clear_inactive_table(DmLog& log, const std::string& uuid) {
  return run_command(log, DM_DEVICE_CLEAR, uuid, "clearing the table that was loaded");
}

Status resume_device(DmLog& log, const std::string& uuid, Event event) {
  return run_command(log, DM_DEVICE_RESUME, uuid, "resuming", &event);
}

Status remove_device(DmLog& log, const std::string& uuid, Event event) {
  return run_command(log, DM_DEVICE_REMOVE, uuid, "removing", &event);
}

std::string library_version() {
  std::array<char, 80> version{};
  return dm_get_library_version(version.data(), version.size()) != 0 ? version.data() : "";
}

Result<std::string> driver_version(DmLog& log) {
  std::array<char, 64> version{};
  if (dm_driver_version(version.data(), version.size()) == 0) return log.error("asking for device-mapper's version");
  return std::string(version.data());
}

}  // namespace ashlar::dm
