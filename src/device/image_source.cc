// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/image_source.h"

#include <sys/stat.h>

#include <optional>
#include <set>

#include "base/log.h"
#include "device/direct_device.h"
#include "device/host_source.h"

namespace ashlar::device {

namespace {

/// What two names of one device or file have in common.
struct Identity {
  bool block;
  std::uint64_t device, inode;
  friend auto operator<=>(const Identity&, const Identity&) = default;
};

std::optional<Identity> identity_of(const std::string& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) return std::nullopt;
  if (S_ISBLK(st.st_mode)) return Identity{true, st.st_rdev, 0};
  return Identity{false, st.st_dev, st.st_ino};
}

class Images final : public HostSource {
 public:
  Images(std::vector<std::string> paths, HostPaths host) : HostSource(std::move(host)), paths_(std::move(paths)) {}

  Result<Candidates> candidates() override {
    open_all();
    Candidates all;
    for (const Entry& entry : entries_) {
      if (entry.device) all.devices.push_back(entry.device.get());
      if (entry.error) all.problems.push_back(entry.error->message());
    }
    read_first_bytes(all);
    return all;
  }

  Result<BlockDevice*> find(const std::string& path) override {
    open_all();
    for (const Entry& entry : entries_) {
      if (entry.path != path) continue;
      if (entry.error) return Error(*entry.error);
      return entry.device.get();
    }
    std::optional<Identity> identity = identity_of(path);
    if (!identity) return no_device(path);
    for (const Entry& entry : entries_)
      if (entry.device && entry.identity == identity) return entry.device.get();
    return Error(Errc::Refused, "Cannot use " + printable(path) + ": device is not in devices list");
  }

 private:
  struct Entry {
    std::string path;
    std::optional<Identity> identity;
    std::unique_ptr<BlockDevice> device;
    std::optional<Error> error;
  };

  void open_all() {
    if (pool_) return;
    pool_ = make_fd_pool(paths_.size());
    entries_.reserve(paths_.size());
    std::set<Identity> seen;
    for (const std::string& path : paths_) {
      Entry entry{path, identity_of(path), nullptr, {}};
      if (entry.identity && !seen.insert(*entry.identity).second) continue;
      Result<std::unique_ptr<BlockDevice>> device = open_device(path, {pool_});
      if (device.ok())
        entry.device = std::move(device).value();
      else
        entry.error = device.error().code() == Errc::NotFound ? no_device(path) : std::move(device).error();
      entries_.push_back(std::move(entry));
    }
  }

  std::vector<std::string> paths_;
  std::shared_ptr<FdPool> pool_;
  std::vector<Entry> entries_;
};

}  // namespace

std::unique_ptr<DeviceSource> image_source(std::vector<std::string> paths, HostPaths host) {
  return std::make_unique<Images>(std::move(paths), std::move(host));
}

}  // namespace ashlar::device
