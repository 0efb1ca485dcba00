// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/fs_mount.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "base/log.h"
#include "ops/helper.h"

namespace ashlar::ops {

Result<MountedFs> MountedFs::make(const Filesystem& fs) {
  if (!fs.mounts.empty()) return MountedFs(fs.mounts.front().point, Lasts::Stays);
  char path[] = "/run/ashlar-grow.XXXXXX";
  if (::mkdtemp(path) == nullptr)
    return Error(Errc::Io, fmt::format("making {}: {}", path, std::strerror(errno)), errno);
  MountedFs mount(path, Lasts::Moment);
  if (::mount(fs.device.c_str(), path, fs.type.c_str(), MS_NODEV | MS_NOSUID | MS_NOEXEC, nullptr) != 0)
    return Error(Errc::Io, fmt::format("mounting {}: {}", fs.device, std::strerror(errno)), errno);
  mount.mounted_ = true;
  return mount;
}

MountedFs::MountedFs(MountedFs&& other) noexcept
    : path_(std::move(other.path_)), lasts_(std::exchange(other.lasts_, Lasts::Stays)), mounted_(other.mounted_) {}

MountedFs::~MountedFs() {
  if (lasts_ == Lasts::Stays) return;
  if (mounted_) ::umount2(path_.c_str(), 0);
  ::rmdir(path_.c_str());
}

Result<UnmountedFs> UnmountedFs::make(Filesystem& fs) {
  UnmountedFs away;
  if (fs.mounts.empty()) return away;
  const std::string& point = fs.mounts.front().point;
  away.device_ = fs.device;
  away.type_ = fs.type;
  away.mounts_.reserve(1);
  if (::umount2(point.c_str(), UMOUNT_NOFOLLOW) != 0) {
    const int why = errno;
    if (why == EBUSY)
      return Error(Errc::Busy,
                   fmt::format("{0} is in use on {1}: fuser -vm {1} shows by whom", fs.device, printable(point)), why);
    return Error(Errc::Io, fmt::format("unmounting {}: {}", printable(point), std::strerror(why)), why);
  }
  away.mounts_.push_back(std::move(fs.mounts.front()));
  fs.mounts.clear();
  return away;
}

Status UnmountedFs::mount_again() {
  if (mounts_.empty()) return ok();
  const device::Mount mount = std::exchange(mounts_, {}).front();
  const std::vector<std::string> words{"mount", "-t", type_, "-o", mount.options, device_, mount.point};
  auto result = run_helper(words);
  if (result && result->status == 0) return ok();
  const Error why = result ? helper_error("mount", *result) : std::move(result).error();
  return Error(Errc::Io,
               fmt::format("{} is not mounted on {} any more: {}; {} does it", device_, printable(mount.point),
                           why.message(), printable(fmt::to_string(fmt::join(words, " ")))));
}

UnmountedFs::~UnmountedFs() try {
  if (Status back = mount_again(); !back) log(LogLevel::Warning, back.error().message());
} catch (const std::bad_alloc&) {
}

}  // namespace ashlar::ops
