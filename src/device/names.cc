// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/names.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <map>
#include <memory>

#include "base/unique_fd.h"

namespace ashlar::device {

namespace {

constexpr std::string_view kNotEntered[] = {"bsg",    "bus", "char", "cpu", "dma_heap", "dri", "hugepages", "input",
                                            "mqueue", "net", "pts",  "shm", "snd",      "usb", "vfio"};
constexpr int kMaxDepth = 32;  // a path longer than that is nobody's disk

using Found = std::map<DevNumber, std::vector<DeviceName>>;

void walk(int fd, const std::string& path, int depth, Found& found) {
  UniqueDir dir(::fdopendir(fd));
  if (!dir) {
    ::close(fd);
    return;
  }
  struct Named {
    std::string name;
    unsigned char type;
  };
  std::vector<Named> entries;
  while (const dirent* e = ::readdir(dir.get())) {
    bool wanted = e->d_type == DT_BLK || e->d_type == DT_LNK || e->d_type == DT_DIR || e->d_type == DT_UNKNOWN;
    if (wanted && e->d_name[0] != '.') entries.push_back({e->d_name, e->d_type});
  }
  std::sort(entries.begin(), entries.end(), [](const Named& a, const Named& b) { return a.name < b.name; });

  for (const Named& e : entries) {
    struct stat st {};
    bool is_link = e.type == DT_LNK;
    if (e.type == DT_UNKNOWN) {
      if (::fstatat(::dirfd(dir.get()), e.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) continue;
      is_link = S_ISLNK(st.st_mode);
    }
    if (e.type == DT_DIR || S_ISDIR(st.st_mode)) {
      if (depth >= kMaxDepth || (depth == 0 && std::ranges::count(kNotEntered, e.name) != 0)) continue;
      int child = ::openat(::dirfd(dir.get()), e.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (child >= 0) walk(child, path + "/" + e.name, depth + 1, found);
      continue;
    }
    if (::fstatat(::dirfd(dir.get()), e.name.c_str(), &st, 0) != 0 || !S_ISBLK(st.st_mode)) continue;
    DevNumber number{gnu_dev_major(st.st_rdev), gnu_dev_minor(st.st_rdev)};
    found[number].push_back({path + "/" + e.name, is_link});
  }
}

}  // namespace

std::vector<NamedDevice> find_block_devices(std::span<const std::string> scan) {
  Found found;
  for (std::string dir : scan) {
    while (dir.size() > 1 && dir.back() == '/') dir.pop_back();
    int fd = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) walk(fd, dir, 0, found);
  }
  std::vector<NamedDevice> devices;
  devices.reserve(found.size());
  for (auto& [number, names] : found) devices.push_back({number, std::move(names)});
  return devices;
}

bool is_better_name(const DeviceName& a, const DeviceName& b, std::span<const Regex> preferred,
                    const std::string& dev) {
  for (const Regex& regex : preferred) {
    bool in_a = regex.matches(a.path);
    if (in_a != regex.matches(b.path)) return in_a;
  }
  for (const char* disliked : {"/block/", "/dm-", "/disk/", "/mapper/"}) {
    bool in_a = a.path.starts_with(dev + disliked);
    if (in_a != b.path.starts_with(dev + disliked)) return !in_a;
  }
  auto slashes_a = std::ranges::count(a.path, '/');
  auto slashes_b = std::ranges::count(b.path, '/');
  if (slashes_a != slashes_b) return slashes_a < slashes_b;
  if (a.is_link != b.is_link) return a.is_link;
  return a.path < b.path;
}

std::vector<std::string> ordered_names(const NamedDevice& device, std::span<const Regex> preferred,
                                       const std::string& dev) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < device.names.size(); ++i)
    if (is_better_name(device.names[i], device.names[best], preferred, dev)) best = i;
  std::vector<std::string> paths{device.names[best].path};
  for (std::size_t i = 0; i < device.names.size(); ++i)
    if (i != best) paths.push_back(device.names[i].path);
  return paths;
}

}  // namespace ashlar::device
