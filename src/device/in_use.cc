// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/in_use.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/log.h"
#include "device/device_users.h"
#include "device/direct_access.h"
#include "device/loops.h"
#include "device/partitions.h"

namespace ashlar::device {

namespace {

Error busy(const BlockDevice& device, const std::string& how) {
  return Error(Errc::Busy, fmt::format("Cannot use {}: it {}", device.path(), how));
}

/// Is the file of that name this device or image?
bool same(BlockDevice& device, const std::string& path) {
  struct stat st {};
  if (path.empty() || path[0] != '/' || ::stat(path.c_str(), &st) != 0) return false;
  if (auto number = device.number())
    return S_ISBLK(st.st_mode) && DevNumber{gnu_dev_major(st.st_rdev), gnu_dev_minor(st.st_rdev)} == *number;
  DirectAccess* direct = device.direct();
  return direct != nullptr && S_ISREG(st.st_mode) && st.st_dev == direct->filesystem() && st.st_ino == direct->inode();
}

Status check_mounts(BlockDevice& device, const HostPaths& host) {
  if (!device.number()) return ok();
  const std::vector<Mount> found = mounts(host, *device.number());
  return found.empty() ? ok() : Status(busy(device, "is mounted on " + printable(found.front().point)));
}

Status check_swaps(BlockDevice& device, const HostPaths& host) {
  for (const std::string& path : swaps(host))
    if (same(device, path)) return busy(device, "is used as swap");
  return ok();
}

Status check_loops(BlockDevice& device, const HostPaths& host) {
  const DirectAccess* direct = device.direct();
  if (direct == nullptr) return ok();
  const std::optional<std::string> loop = LoopFiles(host).loop_of(direct->filesystem(), direct->inode());
  return loop ? Status(busy(device, fmt::format("is attached to {}/{}", host.dev, *loop))) : ok();
}

/// An image is whatever its bytes say.
bool divided_by_a_table(const BlockDevice& device, const HostPaths& host) {
  if (!device.number()) return true;
  const DevNumber number = *device.number();
  const SysBlock sys = read_sys_block(host, std::span(&number, 1));
  const std::map<std::uint32_t, std::string> drivers = read_block_drivers(host);
  const auto driver = drivers.find(number.major);
  return may_be_partitioned(host, sys.find(number), driver == drivers.end() ? "" : driver->second);
}

Status check_table_and_raid(BlockDevice& device, const HostPaths& host) {
  std::vector<std::byte> first(std::min(DeviceSource::kFirstBytes, device.size()).n);
  TRY(device.read({0}, first));
  auto refused = [&](const std::string& why) {
    return Error(Errc::Refused, fmt::format("Cannot use {}: {}", device.path(), why));
  };
  if (TRY(has_partition_table(device, first)) && divided_by_a_table(device, host))
    return refused("device is partitioned (if nothing in it is needed: wipefs -a " + device.path() + ")");
  std::optional<std::string> raid = md_superblock_at_start(first);
  if (!raid) raid = TRY(raid_superblock_at_end(device));
  if (raid)
    return refused(fmt::format("device is an md component (superblock {}; if nothing in it is needed: wipefs -a {})",
                               *raid, device.path()));
  return ok();
}

}  // namespace

Status check_not_in_use(BlockDevice& device, const HostPaths& host) {
  if (!device.number()) {
    TRY(check_loops(device, host));
    return check_swaps(device, host);
  }
  if (std::vector<std::string> parts = partitions_of(host, *device.number()); !parts.empty())
    return busy(device, fmt::format("is partitioned: {}", fmt::join(parts, ", ")));
  std::vector<std::string> above;
  for (const Holder& holder : holders(host, *device.number())) above.push_back(to_text(holder));
  if (!above.empty()) return busy(device, fmt::format("is held by {}", fmt::join(above, ", ")));
  TRY(check_mounts(device, host));
  return check_swaps(device, host);
}

Status check_claim_device(BlockDevice& device, const HostPaths& host) {
  TRY(check_not_in_use(device, host));
  TRY(check_table_and_raid(device, host));
  DirectAccess* direct = device.direct();
  return direct != nullptr ? direct->check_claim() : ok();
}

void unclaim_device(BlockDevice& device) {
  if (DirectAccess* direct = device.direct()) direct->unclaim();
}

Status claim_device(BlockDevice& device, const HostPaths& host) {
  TRY(check_not_in_use(device, host));
  TRY(check_table_and_raid(device, host));
  if (DirectAccess* direct = device.direct()) {
    // The kernel's exclusive opening is what decides; all before it only says why.
    TRY(direct->claim());
  }
  return ok();
}

}  // namespace ashlar::device
