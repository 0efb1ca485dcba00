// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/dm_list.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/dm-ioctl.h>
#include <sys/ioctl.h>

#include <cstring>
#include <optional>

#include "activation/dm_task.h"
#include "activation/names.h"
#include "base/bytes.h"
#include "base/units.h"
#include "device/sysfs.h"

namespace ashlar::dm {
namespace {

constexpr std::size_t kFirstBuffer = 64 << 10;
constexpr std::size_t kLargestBuffer = 256 << 20;  ///< more than a million devices

// dm_name_list: dev (8 bytes), next (4), name; then at the next multiple of 8: event number (4), flags (4), UUID.
constexpr std::size_t kNameOffset = 12;

/// The kernel's huge_encode_dev: minor's low 8 bits, 12 bits of major, minor's high bits.
DevNumber decode(std::uint64_t dev) {
  return {static_cast<std::uint32_t>((dev >> 8) & 0xfff),
          static_cast<std::uint32_t>((dev & 0xff) | ((dev >> 12) & 0xfff00))};
}

/// The text before the next NUL.
std::optional<std::string> c_string(std::span<const std::byte> bytes, std::size_t at) {
  if (at > bytes.size()) return std::nullopt;
  const std::string_view rest = as_text(bytes.subspan(at));
  const std::size_t end = rest.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(rest.substr(0, end));
}

/// For kernels before 5.13, whose list has no UUIDs.
std::string uuid_in_sysfs(DevNumber number) {
  return device::read_line(fmt::format("/sys/dev/block/{}:{}/dm/uuid", number.major, number.minor)).value_or("");
}

}  // namespace

Result<DeviceList> parse_device_list(std::span<const std::byte> records) {
  const Error bad(Errc::Corrupt, "the kernel's list of device-mapper devices does not make sense");
  DeviceList list;
  while (true) {
    ByteReader fields(records);
    const std::uint64_t dev = fields.u64();
    const std::uint32_t next = fields.u32();
    if (fields.bad()) return bad;
    if (dev == 0) return list;
    const std::optional<std::string> name = c_string(records, kNameOffset);
    if (!name) return bad;
    Listed each{*name, {}, decode(dev)};
    ByteReader after(records, round_up(kNameOffset + name->size() + 1, 8));
    after.u32();  // the event number
    const std::uint32_t flags = after.u32();
    if (after.bad() || (flags & (DM_NAME_LIST_FLAG_HAS_UUID | DM_NAME_LIST_FLAG_DOESNT_HAVE_UUID)) == 0) {
      list.complete = false;
    } else if ((flags & DM_NAME_LIST_FLAG_HAS_UUID) != 0) {
      std::optional<std::string> uuid = c_string(records, after.at());
      if (!uuid) return bad;
      each.uuid = *std::move(uuid);
    }
    list.devices.push_back(std::move(each));
    if (next == 0) return list;
    if (next < kNameOffset || next > records.size()) return bad;
    records = records.subspan(next);
  }
}

Result<UniqueFd> open_control(const std::string& dev_dir) {
  const std::string path = dev_dir + "/mapper/control";
  UniqueFd fd(open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd) return errno_error("opening " + path);
  return fd;
}

namespace {
dm_ioctl new_header(std::size_t size) {
  dm_ioctl header{};
  header.version[0] = DM_VERSION_MAJOR;
  header.data_size = static_cast<std::uint32_t>(size);
  header.data_start = sizeof header;
  return header;
}

Result<std::vector<Listed>> list_devices(const UniqueFd& control) {
  for (std::size_t size = kFirstBuffer; size <= kLargestBuffer; size *= 4) {
    std::vector<std::byte> buffer(size);
    dm_ioctl header = new_header(size);
    header.flags = DM_UUID_FLAG;  // without it the kernel leaves the UUIDs out
    std::memcpy(buffer.data(), &header, sizeof header);
    if (retry_eintr([&] { return ioctl(control.get(), DM_LIST_DEVICES, buffer.data()); }) < 0)
      return errno_error("listing device-mapper devices");
    std::memcpy(&header, buffer.data(), sizeof header);
    if ((header.flags & DM_BUFFER_FULL_FLAG) != 0) continue;
    const std::size_t end = std::min<std::size_t>(header.data_size, size);
    if (header.data_start >= end) return std::vector<Listed>();
    DeviceList list =
        TRY(parse_device_list(std::span<const std::byte>(buffer).subspan(header.data_start, end - header.data_start)));
    if (!list.complete)
      for (Listed& each : list.devices)
        if (each.uuid.empty()) each.uuid = uuid_in_sysfs(each.number);
    return std::move(list.devices);
  }
  return Error(Errc::Io, "the list of device-mapper devices is too long");
}

/// The inverse of decode().
std::uint64_t encode(DevNumber number) {
  return (number.minor & 0xff) | (std::uint64_t{number.major} << 8) | (std::uint64_t{number.minor & ~0xffU} << 12);
}

/// Nothing for a device that has gone since it was listed.
Result<std::optional<Info>> state_of(const UniqueFd& control, DevNumber number) {
  dm_ioctl header = new_header(sizeof header);
  header.dev = encode(number);
  header.flags = DM_SKIP_BDGET_FLAG;
  if (retry_eintr([&] { return ioctl(control.get(), DM_DEV_STATUS, &header); }) < 0) {
    if (errno == ENXIO || errno == ENOENT) return std::optional<Info>();
    return errno_error(fmt::format("asking for the state of device {}:{}", number.major, number.minor));
  }
  Info info;
  info.number = number;
  info.open_count = header.open_count;
  info.suspended = (header.flags & DM_SUSPEND_FLAG) != 0;
  info.read_only = (header.flags & DM_READONLY_FLAG) != 0;
  info.live_table = (header.flags & DM_ACTIVE_PRESENT_FLAG) != 0;
  info.inactive_table = (header.flags & DM_INACTIVE_PRESENT_FLAG) != 0;
  info.read_ahead = read_ahead_of(number);
  return std::optional(info);
}
}  // namespace

Result<std::vector<Listed>> list_devices(const std::string& dev_dir) {
  return list_devices(TRY(open_control(dev_dir)));
}

Result<std::vector<ActiveDevice>> list_lvm_devices(const std::string& dev_dir) {
  const UniqueFd control = TRY(open_control(dev_dir));
  std::vector<ActiveDevice> devices;
  for (Listed& each : TRY(list_devices(control))) {
    if (!each.uuid.starts_with(kUuidPrefix)) continue;
    const std::optional<Info> info = TRY(state_of(control, each.number));
    if (!info) continue;
    ActiveDevice device;
    const SplitName parts = split_name(each.name);
    device.device.vg_name = parts.vg;
    if (parts.layer.empty()) device.device.lv_name = parts.lv;
    device.device.name = std::move(each.name);
    device.device.uuid = std::move(each.uuid);
    device.device.read_only = info->read_only;
    device.info = *info;
    devices.push_back(std::move(device));
  }
  return devices;
}

}  // namespace ashlar::dm
