// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/in_use.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <sstream>

#include "base/log.h"
#include "base/system_file.h"
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
  const std::string number = to_text(*device.number());
  std::istringstream file(system_file(host.proc + "/self/mountinfo"));
  for (std::string line; std::getline(file, line);) {
    // "36 35 98:0 /root /mount/point options optional-fields... - type source super-options"
    std::istringstream words(line);
    std::string id, parent, dev, root, where, word, source;
    words >> id >> parent >> dev >> root >> where;
    while (words >> word && word != "-") {
    }
    words >> word >> source;
    // btrfs shows a number of its own (major 0), so there the source must tell.
    if (dev == number || (dev.starts_with("0:") && same(device, unescape_octal(source))))
      return busy(device, "is mounted on " + printable(unescape_octal(where)));
  }
  return ok();
}

Status check_swaps(BlockDevice& device, const HostPaths& host) {
  std::istringstream file(system_file(host.proc + "/swaps"));
  for (std::string line; std::getline(file, line);)
    if (same(device, unescape_octal(line.substr(0, line.find_first_of(" \t"))))) return busy(device, "is used as swap");
  return ok();
}

Status check_loops(BlockDevice& device, const HostPaths& host) {
  const DirectAccess* direct = device.direct();
  if (direct == nullptr) return ok();
  const std::optional<std::string> loop = LoopFiles(host).loop_of(direct->filesystem(), direct->inode());
  return loop ? Status(busy(device, fmt::format("is attached to {}/{}", host.dev, *loop))) : ok();
}

Status check_table_and_raid(BlockDevice& device) {
  std::vector<std::byte> first(std::min(DeviceSource::kFirstBytes, device.size()).n);
  TRY(device.read({0}, first));
  auto refused = [&](const std::string& why) {
    return Error(Errc::Refused, fmt::format("Cannot use {}: {}", device.path(), why));
  };
  if (TRY(has_partition_table(device, first)))
    return refused("device is partitioned (if nothing in it is needed: wipefs -a " + device.path() + ")");
  std::optional<std::string> raid = md_superblock_at_start(first);
  if (!raid) raid = TRY(raid_superblock_at_end(device));
  if (raid)
    return refused(fmt::format("device is an md component (superblock {}; if nothing in it is needed: wipefs -a {})",
                               *raid, device.path()));
  return ok();
}

}  // namespace

std::string unescape_octal(std::string_view text) {
  std::string out;
  auto digit = [&](std::size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '7'; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && digit(i + 1) && digit(i + 2) && digit(i + 3)) {
      int value = (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
      out += static_cast<char>(value & 0xff);
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

Status check_not_in_use(BlockDevice& device, const HostPaths& host) {
  if (!device.number()) {
    TRY(check_loops(device, host));
    return check_swaps(device, host);
  }
  if (std::vector<std::string> parts = partitions_of(host, *device.number()); !parts.empty())
    return busy(device, fmt::format("is partitioned: {}", fmt::join(parts, ", ")));
  if (std::vector<std::string> above = holders(host, *device.number()); !above.empty())
    return busy(device, fmt::format("is held by {}", fmt::join(above, ", ")));
  TRY(check_mounts(device, host));
  return check_swaps(device, host);
}

Status check_claim_device(BlockDevice& device, const HostPaths& host) {
  TRY(check_not_in_use(device, host));
  TRY(check_table_and_raid(device));
  DirectAccess* direct = device.direct();
  return direct != nullptr ? direct->check_claim() : ok();
}

void unclaim_device(BlockDevice& device) {
  if (DirectAccess* direct = device.direct()) direct->unclaim();
}

Status claim_device(BlockDevice& device, const HostPaths& host) {
  TRY(check_not_in_use(device, host));
  TRY(check_table_and_raid(device));
  if (DirectAccess* direct = device.direct()) {
    // The kernel's exclusive opening is what decides; all before it only says why.
    TRY(direct->claim());
  }
  return ok();
}

}  // namespace ashlar::device
