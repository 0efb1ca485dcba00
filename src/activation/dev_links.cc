// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/dev_links.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <optional>
#include <sstream>
#include <thread>

#include "base/system_file.h"
#include "base/unique_fd.h"

namespace ashlar::dm {
namespace {

constexpr mode_t kNodeMode = 0660;
constexpr gid_t kDiskGroup = 6;  ///< "disk" wherever udev's static group numbers are used

bool leads_to(const std::string& path, DevNumber number) {
  struct stat st {};
  return stat(path.c_str(), &st) == 0 && S_ISBLK(st.st_mode) && st.st_rdev == makedev(number.major, number.minor);
}

std::optional<struct stat> entry(const std::string& path) {
  struct stat st {};
  if (lstat(path.c_str(), &st) != 0) return std::nullopt;
  return st;
}

/// Names come from metadata; one that leaves the directory must never reach the file system.
Status check_component(const std::string& name) {
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos)
    return Error(Errc::InvalidArgument, "'" + name + "' cannot be a name under /dev");
  return ok();
}

Status make_directory(const std::string& path) {
  if (mkdir(path.c_str(), 0755) == 0) return ok();
  const int err = errno;
  if (const auto st = entry(path); st && S_ISDIR(st->st_mode)) return ok();
  if (err == EEXIST) return Error(Errc::Exists, path + " exists and is not a directory", err);
  return errno_error("making directory " + path, err);
}

Status make_link(const std::string& target, const std::string& path) {
  if (const auto st = entry(path)) {
    if (!S_ISLNK(st->st_mode)) return Error(Errc::Exists, path + " exists and is not a symbolic link");
    if (unlink(path.c_str()) != 0 && errno != ENOENT) return errno_error("replacing link " + path);
  }
  if (symlink(target.c_str(), path.c_str()) == 0) return ok();
  const int err = errno;
  // udev may have been faster: where it is not waited for, both make the link.
  if (const auto st = entry(path); err == EEXIST && st && S_ISLNK(st->st_mode)) return ok();
  return errno_error("making link " + path, err);
}

Status make_node(const std::string& path, DevNumber number) {
  if (const auto st = entry(path)) {
    if (!S_ISLNK(st->st_mode) && !S_ISBLK(st->st_mode))
      return Error(Errc::Exists, path + " exists and is not a block device");
    if (unlink(path.c_str()) != 0) return errno_error("replacing node " + path);
  }
  if (mknod(path.c_str(), S_IFBLK | kNodeMode, makedev(number.major, number.minor)) != 0)
    return errno_error("making node " + path);
  // The mode again, since the umask took its part; the group if there is such a group.
  if (chmod(path.c_str(), kNodeMode) != 0) return errno_error("setting the mode of " + path);
  if (chown(path.c_str(), 0, kDiskGroup) != 0) return errno_error("setting the group of " + path);
  return ok();
}

Status remove_entry(const std::string& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return errno_error("removing " + path);
  return ok();
}

}  // namespace

std::vector<std::string> DevLinks::missing(const DevNames& names, DevNumber number) const {
  std::vector<std::string> paths;
  if (!leads_to(node(names.name), number)) paths.push_back(node(names.name));
  if (!names.lv_name.empty() && !leads_to(link(names), number)) paths.push_back(link(names));
  return paths;
}

std::vector<std::string> DevLinks::missing(const DevNames& names, DevNumber number,
                                           std::chrono::steady_clock::time_point until) const {
  while (true) {
    std::vector<std::string> paths = missing(names, number);
    if (paths.empty() || std::chrono::steady_clock::now() >= until) return paths;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

Status DevLinks::make(const DevNames& names, DevNumber number) const {
  TRY(check_component(names.name));
  const std::string mapper = node(names.name);
  if (!leads_to(mapper, number)) {
    TRY(make_directory(dev_dir_ + "/mapper"));
    const std::string kernel_name = fmt::format("dm-{}", number.minor);
    // A link where possible: udev, should it come after all, keeps a link but not a node.
    if (leads_to(dev_dir_ + "/" + kernel_name, number)) {
      if (const auto st = entry(mapper); st && S_ISBLK(st->st_mode)) TRY(remove_entry(mapper));
      TRY(make_link("../" + kernel_name, mapper));
    } else {
      TRY(make_node(mapper, number));
    }
  }
  if (names.lv_name.empty() || leads_to(link(names), number)) return ok();
  TRY(check_component(names.vg_name));
  TRY(check_component(names.lv_name));
  TRY(make_directory(dev_dir_ + "/" + names.vg_name));
  return make_link(mapper, link(names));
}

Status DevLinks::remove(const DevNames& names, DevNumber number) const {
  TRY(check_component(names.name));
  const std::string mapper = node(names.name);
  const std::string kernel_link = fmt::format("../dm-{}", number.minor);
  const auto points_to = [](const std::string& path) {
    std::string target(4096, '\0');
    const ssize_t n = readlink(path.c_str(), target.data(), target.size());
    target.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    return target;
  };
  const bool lv_link =
      !names.lv_name.empty() && check_component(names.vg_name).ok() && check_component(names.lv_name).ok();
  if (lv_link) {
    const std::string path = link(names);
    if (const std::string target = points_to(path); target == mapper || target == kernel_link) TRY(remove_entry(path));
  }
  if (const auto st = entry(mapper)) {
    const bool ours = S_ISLNK(st->st_mode) ? points_to(mapper) == kernel_link
                                           : S_ISBLK(st->st_mode) && st->st_rdev == makedev(number.major, number.minor);
    if (ours) TRY(remove_entry(mapper));
  }
  // Not an error while other LVs have their links in it.
  if (lv_link) rmdir((dev_dir_ + "/" + names.vg_name).c_str());
  return ok();
}

Result<std::string> device_node(const std::string& dev_dir, DevNumber number) {
  const std::string numbers = fmt::format("{}:{}", number.major, number.minor);
  std::istringstream uevent(system_file("/sys/dev/block/" + numbers + "/uevent"));
  for (std::string line; std::getline(uevent, line);) {
    constexpr std::string_view kKey = "DEVNAME=";
    if (!line.starts_with(kKey)) continue;
    std::string path = dev_dir + "/" + line.substr(kKey.size());
    if (leads_to(path, number)) return path;
  }
  std::string path = dev_dir + "/block/" + numbers;
  if (leads_to(path, number)) return path;
  return Error(Errc::NotFound, "no device node for block device " + numbers + " under " + dev_dir);
}

}  // namespace ashlar::dm
