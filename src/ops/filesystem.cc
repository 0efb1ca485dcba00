// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/filesystem.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

#include "base/log.h"
#include "device/device_users.h"
#include "ops/fs_mount.h"
#include "ops/helper.h"

namespace ashlar::ops {

namespace {
/// How one kind of filesystem is looked after. A row here is all that -r knows of it.
struct Kind {
  std::string_view type;          ///< as libblkid calls it
  std::string_view check;         ///< looks it over while it is not mounted; empty: mounting it does that
  std::string_view grow, shrink;  ///< for messages; shrink empty: it cannot be made smaller
  bool resized_mounted;  ///< it changes its size only while mounted; else it is made smaller only while it is not
};
constexpr Kind kKinds[] = {
    {"ext2", "e2fsck -f -p", "resize2fs", "resize2fs", false},
    {"ext3", "e2fsck -f -p", "resize2fs", "resize2fs", false},
    {"ext4", "e2fsck -f -p", "resize2fs", "resize2fs", false},
    {"xfs", "", "xfs_growfs", "", true},
    {"btrfs", "btrfs check --readonly", "btrfs filesystem resize", "btrfs filesystem resize", true},
};
constexpr std::string_view kLuks = "crypto_LUKS";

const Kind* find_kind(std::string_view type) {
  const auto* at =
      std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& kind) { return kind.type == type; });
  return at == std::end(kKinds) ? nullptr : at;
}

const Kind& kind_of(const Filesystem& fs) { return *find_kind(fs.type); }

Status run(std::vector<std::string> words, int most = 0) {
  const HelperResult result = TRY(run_helper(words));
  return result.status <= most ? ok() : Status(helper_error(words[0], result));
}

Status run_check(const Filesystem& fs) {
  std::istringstream in{std::string(kind_of(fs).check)};
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  words.push_back(fs.device);
  // 1, of e2fsck alone: it found errors and mended them.
  return run(words, words[0] == "e2fsck" ? 1 : 0);
}

/// The least size that holds what is in an ext filesystem. It must have been checked before.
Result<Bytes> least_ext_size(const Filesystem& fs) {
  const HelperResult least = TRY(run_helper({"resize2fs", "-P", fs.device}));
  const HelperResult super = TRY(run_helper({"dumpe2fs", "-h", fs.device}));
  auto blocks = number_after(least.output, "minimum size of the filesystem:");
  auto block_size = number_after(super.output, "Block size:");
  if (least.status != 0 || !blocks || !block_size) return helper_error("resize2fs -P " + fs.device, least);
  auto bytes = checked_mul(*blocks, *block_size);
  if (!bytes)
    return Error(Errc::Corrupt, fs.device + ": its filesystem says that it holds more than fits into 64 bits");
  return Bytes{*bytes};
}

/// "1", of the devices that a btrfs has.
Result<std::string> btrfs_device_id(const Filesystem& fs) {
  const HelperResult super = TRY(run_helper({"btrfs", "inspect-internal", "dump-super", fs.device}));
  const auto id = number_after(super.output, "dev_item.devid");
  if (super.status != 0 || !id) return helper_error("btrfs inspect-internal dump-super " + fs.device, super);
  return std::to_string(*id);
}

/// What btrfs reckons to be the least size of this device of it.
Result<Bytes> least_btrfs_size(const Filesystem& fs) {
  const std::string id = TRY(btrfs_device_id(fs));
  const MountedFs mount = TRY(MountedFs::make(fs));
  const HelperResult least = TRY(run_helper({"btrfs", "inspect-internal", "min-dev-size", "--id", id, mount.path()}));
  const auto bytes = number_after(least.output, "");
  if (least.status != 0 || !bytes) return helper_error("btrfs inspect-internal min-dev-size", least);
  return Bytes{*bytes};
}

std::string signature_type(const std::vector<device::DeviceSource::Signature>& signatures) {
  std::string type;
  for (const device::DeviceSource::Signature& found : signatures)
    if (type.empty() || find_kind(found.type) != nullptr || found.type == kLuks) type = found.type;
  return type;
}

std::string known_kinds() {
  std::vector<std::string_view> types;
  for (const Kind& kind : kKinds) types.push_back(kind.type);
  return fmt::to_string(fmt::join(types, ", "));
}

/// What is left of that many bytes of the LV for the filesystem.
Result<Bytes> inside(const Filesystem& fs, Bytes of_lv) {
  const Bytes before = fs.luks ? fs.luks->offset : Bytes{};
  if (of_lv <= before)
    return Error(Errc::Refused, fmt::format("{}: {} bytes are too few for the {} bytes of the LUKS header", fs.device,
                                            of_lv.n, before.n));
  return of_lv - before;
}
}  // namespace

Result<Filesystem> find_filesystem(System& sys, const std::string& dm_name) {
  const std::string nodes = sys.settings.text("devices/dir") + "/mapper/";
  Filesystem fs;
  fs.device = nodes + dm_name;
  auto device = TRY(sys.open_lv(dm_name).context("looking at the filesystem"));
  fs.type = signature_type(TRY(sys.devices->signatures(*device)));
  if (fs.type == kLuks && device->number()) {
    fs.luks = TRY(find_luks_mapping({}, *device->number(), fs.device));
    fs.device = nodes + fs.luks->name;
    device = TRY(sys.open_lv(fs.luks->name).context("looking at the filesystem"));
    fs.type = signature_type(TRY(sys.devices->signatures(*device)));
  }
  if (fs.type.empty())
    return Error(Errc::Unsupported,
                 fmt::format("{} has no filesystem that is known; leave -r out", printable(fs.device)));
  if (find_kind(fs.type) == nullptr)
    return Error(Errc::Unsupported, fmt::format("{} has a {}, whose size Ashlar does not change (it does of {})",
                                                printable(fs.device), printable(fs.type), known_kinds()));
  if (auto number = device->number()) fs.mounts = device::mounts({}, *number);
  return fs;
}

std::string described(const Filesystem& fs) { return fs.luks ? fs.type + " in LUKS" : fs.type; }

std::string check_program(const Filesystem& fs) {
  return fs.mounts.empty() ? std::string(kind_of(fs).check) : std::string();
}

std::string shrink_program(const Filesystem& fs) {
  return std::string(kind_of(fs).shrink) + (fs.luks ? ", cryptsetup resize" : "");
}

bool shrinks_unmounted(const Filesystem& fs) { return !kind_of(fs).resized_mounted && !fs.mounts.empty(); }

Status check_resizable(const Filesystem& fs, Bytes from, Bytes to) {
  if (to >= from) return ok();
  TRY(inside(fs, to));
  const Kind& kind = kind_of(fs);
  if (kind.shrink.empty())
    return Error(Errc::Refused, fmt::format("{}: an {} cannot be made smaller", fs.device, fs.type));
  if (!shrinks_unmounted(fs) || (fs.mounts.size() == 1 && fs.mounts.front().whole)) return ok();
  std::vector<std::string> points;
  for (const device::Mount& mount : fs.mounts) points.push_back(printable(mount.point));
  return Error(Errc::Busy, fmt::format("{} is mounted on {}: an {} is made smaller only while it is not mounted",
                                       fs.device, fmt::join(points, " and "), fs.type));
}

Status check_resize(const Filesystem& fs, Bytes from, Bytes to, bool check) {
  TRY(check_resizable(fs, from, to));
  if ((check || to < from) && !check_program(fs).empty()) TRY(run_check(fs));
  if (to >= from) return ok();
  const Bytes least = TRY(fs.type == "btrfs" ? least_btrfs_size(fs) : least_ext_size(fs)), left = TRY(inside(fs, to));
  if (left < least)
    return Error(Errc::Refused, fmt::format("{}: the {} holds data for {} bytes at least, {} are too few", fs.device,
                                            fs.type, least.n, left.n));
  return ok();
}

Status grow_filesystem(const Filesystem& fs, const Conduct& conduct) {
  if (fs.luks) TRY(resize_luks_mapping(*fs.luks, {}, conduct));
  if (!kind_of(fs).resized_mounted) return run({"resize2fs", fs.device});
  const std::string id = fs.type == "btrfs" ? TRY(btrfs_device_id(fs)) : std::string();
  const MountedFs mount = TRY(MountedFs::make(fs));
  return fs.type == "btrfs" ? run({"btrfs", "filesystem", "resize", id + ":max", mount.path()})
                            : run({"xfs_growfs", mount.path()});
}

Status shrink_filesystem(const Filesystem& fs, Bytes size_of_lv, const Conduct& conduct) {
  const Bytes size = TRY(inside(fs, size_of_lv));
  if (fs.type == "btrfs") {
    const std::string id = TRY(btrfs_device_id(fs));
    const MountedFs mount = TRY(MountedFs::make(fs));
    TRY(run({"btrfs", "filesystem", "resize", fmt::format("{}:{}", id, size.n), mount.path()}));
  } else {
    TRY(run({"resize2fs", fs.device, fmt::format("{}K", size.n >> 10)}));
  }
  return fs.luks ? resize_luks_mapping(*fs.luks, size, conduct) : ok();
}

}  // namespace ashlar::ops
