// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/sysfs.h"

#include <dirent.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "base/log.h"
#include "base/system_file.h"
#include "base/unique_fd.h"

namespace ashlar::device {

namespace {

constexpr std::size_t kMaxText = 1 << 20;
/// Whole devices of these have no partitions of their own unless the kernel shows some.
constexpr std::string_view kUnpartitioned[] = {"bcache", "loop", "md", "ramdisk", "zram"};

std::vector<std::string> list(const std::string& path) {
  std::vector<std::string> names;
  UniqueDir dir(::opendir(path.c_str()));
  if (!dir) return names;
  while (const dirent* e = ::readdir(dir.get()))
    if (e->d_name[0] != '.') names.emplace_back(e->d_name);
  std::sort(names.begin(), names.end());
  return names;
}

template <class F>
void each_line(std::string_view text, F f) {
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    f(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
}

/// What multipath maps and md arrays lie on.
void read_stack(const HostPaths& host, const std::string& name, SysBlock& block) {
  const std::string dir = host.sys + "/class/block/" + name;
  const bool multipath = name.starts_with("dm-") && read_line(dir + "/dm/uuid").value_or("").starts_with("mpath-");
  if (!multipath && !name.starts_with("md")) return;
  for (const std::string& slave : list(dir + "/slaves"))
    if (auto line = read_line(dir + "/slaves/" + slave + "/dev"))
      if (auto number = parse_number(*line)) (multipath ? block.multipath_parts : block.md_parts).insert(*number);
}

/// Does `name` look like a partition of the disk: sda1, nvme0n1p1, loop0p1?
bool may_be_partition(std::string_view name, std::string_view disk) {
  if (!name.starts_with(disk) || name.size() == disk.size() || disk.empty()) return false;
  name.remove_prefix(disk.size());
  if (disk.back() >= '0' && disk.back() <= '9') {
    if (name.front() != 'p') return false;
    name.remove_prefix(1);
  }
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

/// The last two folders that a device's link in sysfs leads to: ../../devices/.../block/sda/sda1 is sda, sda1.
struct Place {
  std::string above, name;
};
std::optional<Place> place_of(const std::string& link) {
  char target[4096];
  ssize_t n = ::readlink(link.c_str(), target, sizeof target);
  std::string_view path(target, n > 0 ? static_cast<std::size_t>(n) : 0);
  std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::string_view above = path.substr(0, slash);
  return Place{std::string(above.substr(above.rfind('/') + 1)), std::string(path.substr(slash + 1))};
}

}  // namespace

std::optional<std::string> read_line(const std::string& path) {
  std::optional<std::string> text = read_system_file(path, 4096);
  if (text) text->resize(std::min(text->size(), text->find('\n')));
  return text;
}

std::optional<DevNumber> parse_number(std::string_view text) {
  DevNumber number;
  const char* end = text.data() + text.size();
  auto [colon, bad_major] = std::from_chars(text.data(), end, number.major);
  if (bad_major != std::errc{} || colon == end || *colon != ':') return std::nullopt;
  auto [rest, bad_minor] = std::from_chars(colon + 1, end, number.minor);
  if (bad_minor != std::errc{} || rest != end) return std::nullopt;
  return number;
}

std::string to_text(DevNumber number) { return std::to_string(number.major) + ":" + std::to_string(number.minor); }

const SysDevice* SysBlock::find(DevNumber number) const {
  auto it = devices.find(number);
  return it == devices.end() ? nullptr : &it->second;
}

bool is_suspended(const HostPaths& host, const SysDevice& dm) {
  return read_line(host.sys + "/class/block/" + dm.name + "/dm/suspended") == "1";
}

std::vector<Holder> holders(const HostPaths& host, DevNumber number) {
  const std::string dir = host.sys + "/dev/block/" + to_text(number) + "/holders/";
  std::vector<Holder> found;
  for (const std::string& name : list(dir))
    found.push_back(
        {name, read_line(dir + name + "/dm/name").value_or(""), read_line(dir + name + "/dm/uuid").value_or("")});
  return found;
}

std::string to_text(const Holder& holder) {
  return holder.dm_name.empty() ? holder.name : holder.name + " (" + printable(holder.dm_name) + ")";
}

SysBlock read_sys_block(const HostPaths& host, std::span<const DevNumber> wanted) {
  SysBlock block;
  const std::string by_name = host.sys + "/class/block/";
  block.names = block_device_names(host);
  block.present = !block.names.empty();
  auto is_device = [&](const std::string& name) { return std::ranges::binary_search(block.names, name); };
  for (DevNumber number : wanted) {
    std::optional<Place> place = place_of(host.sys + "/dev/block/" + to_text(number));
    if (!place) continue;
    SysDevice& device = block.devices[number];
    device.name = std::move(place->name);
    if (device.is_dm()) device.dm_uuid = read_line(by_name + device.name + "/dm/uuid").value_or("");
    // A partition's folder lies in that of its disk, which is a block device's name; a disk's lies in "block" or
    // "nvme0".
    if (is_device(place->above)) {
      if (auto line = read_line(by_name + place->above + "/dev")) device.disk = parse_number(*line);
      if (device.disk) block.devices[*device.disk].name = place->above;
    }
    // Partitions sort behind their disk, other disks of such names perhaps among them.
    auto next = std::ranges::upper_bound(block.names, device.name);
    for (; next != block.names.end() && next->starts_with(device.name); ++next) {
      if (!may_be_partition(*next, device.name)) continue;
      std::optional<Place> part = place_of(by_name + *next);
      if (part && part->above == device.name) device.partitions.push_back(*next);
    }
  }
  for (const std::string& name : block.names)
    if (name.starts_with("dm-") || name.starts_with("md")) read_stack(host, name, block);
  return block;
}

std::vector<std::string> partitions_of(const HostPaths& host, DevNumber disk) {
  const std::string dir = host.sys + "/dev/block/" + to_text(disk);
  std::optional<Place> place = place_of(dir);
  std::vector<std::string> found;
  if (place)
    for (std::string& name : list(dir))
      if (may_be_partition(name, place->name)) found.push_back(std::move(name));
  return found;
}

std::vector<std::string> block_device_names(const HostPaths& host) { return list(host.sys + "/class/block"); }

std::string multipath_wwid(const HostPaths& host, const std::string& disk_name) {
  const std::string dir = host.sys + "/class/block/" + disk_name;
  std::optional<std::string> line = read_line(dir + "/device/wwid");
  if (!line || line->empty()) line = read_line(dir + "/wwid");
  if (!line) return {};
  std::string wwid = *line;
  while (!wwid.empty() && (wwid.back() == ' ' || wwid.back() == '\0')) wwid.pop_back();
  // SCSI ids begin with their type as a digit there, in sysfs with its name; NVMe ids are written alike in both.
  if (wwid.starts_with("naa.")) return "3" + wwid.substr(4);
  if (wwid.starts_with("t10.")) {
    // Runs of blanks, which pad the fields of such an id, become one underscore.
    std::string id = "1";
    for (char c : wwid.substr(4))
      if (c != ' ')
        id += c;
      else if (id.back() != '_')
        id += '_';
    return id;
  }
  if (wwid.starts_with("eui.") && !disk_name.starts_with("nvme")) return "2" + wwid.substr(4);
  return wwid;
}

std::set<std::string> read_wwids(const HostPaths& host) {
  std::set<std::string> wwids;
  std::optional<std::string> text = read_system_file(host.multipath_wwids, kMaxText);
  if (!text) return wwids;
  each_line(*text, [&](std::string_view line) {
    if (line.size() > 2 && line.front() == '/' && line.find('/', 1) != std::string_view::npos)
      wwids.emplace(line.substr(1, line.find('/', 1) - 1));
  });
  return wwids;
}

std::map<std::uint32_t, std::string> read_block_drivers(const HostPaths& host) {
  std::map<std::uint32_t, std::string> drivers;
  std::optional<std::string> text = read_system_file(host.proc + "/devices", kMaxText);
  if (!text) return drivers;
  bool block = false;
  each_line(*text, [&](std::string_view line) {
    if (line.starts_with("Block devices:")) {
      block = true;
      return;
    }
    while (line.starts_with(' ')) line.remove_prefix(1);
    std::uint32_t major = 0;
    auto [rest, bad] = std::from_chars(line.data(), line.data() + line.size(), major);
    auto digits = static_cast<std::size_t>(rest - line.data());
    if (block && bad == std::errc{} && digits < line.size()) drivers.emplace(major, line.substr(digits + 1));
  });
  return drivers;
}

bool is_driver(std::string_view driver, std::string_view known) {
  if (!driver.starts_with(known)) return false;
  std::string_view rest = driver.substr(known.size());  // ide0, cciss1
  return std::ranges::all_of(rest, [](char c) { return c >= '0' && c <= '9'; });
}

bool may_be_partitioned(const HostPaths& host, const SysDevice* here, std::string_view driver) {
  if (here != nullptr && here->disk) return false;
  // Of loop devices it depends on whether the kernel is told to look for partitions (losetup -P).
  if (is_driver(driver, "loop") && here != nullptr)
    return read_line(host.sys + "/class/block/" + here->name + "/loop/partscan") == "1";
  return std::ranges::none_of(kUnpartitioned, [&](std::string_view known) { return is_driver(driver, known); });
}

}  // namespace ashlar::device
