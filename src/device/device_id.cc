// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/device_id.h"

#include <algorithm>
#include <charconv>

#include "device/devices_file.h"

namespace ashlar::device {

namespace {

constexpr std::string_view kTypes[] = {"mpath_uuid", "crypt_uuid", "lvmlv_uuid", "md_uuid",
                                       "loop_file",  "sys_wwid",   "sys_serial"};

std::optional<std::string> attribute(const std::string& disk, const char* name) {
  std::optional<std::string> line = read_line(disk + "/" + name);
  if (!line || line->empty()) return std::nullopt;
  return line;
}

std::optional<std::string> dm_uuid(const std::string& disk, std::string_view prefix) {
  std::optional<std::string> uuid = attribute(disk, "dm/uuid");
  return uuid && uuid->starts_with(prefix) ? uuid : std::nullopt;
}

std::optional<std::string> id_of(const std::string& disk, std::string_view type) {
  if (type == "mpath_uuid") return dm_uuid(disk, "mpath-");
  if (type == "crypt_uuid") return dm_uuid(disk, "CRYPT-");
  if (type == "lvmlv_uuid") return dm_uuid(disk, "LVM-");
  if (type == "md_uuid") return attribute(disk, "md/uuid");
  if (type == "sys_serial") return attribute(disk, "device/serial");
  if (type == "loop_file") {
    std::optional<std::string> file = attribute(disk, "loop/backing_file");
    return file && file->find("(deleted)") == std::string::npos ? file : std::nullopt;
  }
  if (type != "sys_wwid") return std::nullopt;
  std::optional<std::string> wwid = attribute(disk, "device/wwid");
  if (!wwid) wwid = attribute(disk, "wwid");
  // QEMU gives the same one to all disks that nobody named.
  return wwid && wwid->find("QEMU HARDDISK") == std::string::npos ? wwid : std::nullopt;
}

}  // namespace

bool is_id_type(std::string_view type) { return std::ranges::find(kTypes, type) != std::end(kTypes); }

std::optional<DeviceId> device_id(const HostPaths& host, DevNumber number, std::string_view type) {
  std::string disk = host.sys + "/dev/block/" + to_text(number);
  DeviceId id{std::string(type), {}, 0};
  if (std::optional<std::string> part = read_line(disk + "/partition")) {
    auto [end, bad] = std::from_chars(part->data(), part->data() + part->size(), id.part);
    if (bad != std::errc{} || id.part == 0) return std::nullopt;
    disk += "/..";
  }
  std::optional<std::string> name = id_of(disk, type);
  if (!name) return std::nullopt;
  id.name = id_text(*name);
  return id;
}

std::optional<DeviceId> best_device_id(const HostPaths& host, DevNumber number) {
  for (std::string_view type : kTypes)
    if (std::optional<DeviceId> id = device_id(host, number, type)) return id;
  return std::nullopt;
}

}  // namespace ashlar::device
