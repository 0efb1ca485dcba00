// SPDX-License-Identifier: LGPL-2.1-or-later
// Filesystems that change their size only while mounted, or only while not, brought there for as long as it takes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "device/device_users.h"
#include "ops/filesystem.h"

namespace ashlar::ops {

/// Where a filesystem is mounted, if need be for a moment.
class MountedFs {
 public:
  static Result<MountedFs> make(const Filesystem& fs);
  MountedFs(MountedFs&& other) noexcept;
  MountedFs& operator=(MountedFs&&) = delete;
  ~MountedFs();
  const std::string& path() const { return path_; }

 private:
  enum class Lasts : std::uint8_t { Moment, Stays };
  MountedFs(std::string path, Lasts lasts) : path_(std::move(path)), lasts_(lasts) {}
  std::string path_;
  Lasts lasts_;
  bool mounted_ = false;
};

/// A filesystem that is not mounted as long as this lives, and where it was before, with the same options, from then on.
class UnmountedFs {
 public:
  UnmountedFs() = default;  ///< of none
  /// Takes the mounts out of `fs`. Errc::Busy where something uses it.
  static Result<UnmountedFs> make(Filesystem& fs);
  UnmountedFs(UnmountedFs&& other) noexcept = default;
  UnmountedFs& operator=(UnmountedFs&&) = delete;
  ~UnmountedFs();  ///< a warning where it cannot be mounted again
  /// Errc::Io with the command that mounts it.
  Status mount_again();

 private:
  std::string device_, type_;
  std::vector<device::Mount> mounts_;  ///< none or one
};

}  // namespace ashlar::ops
