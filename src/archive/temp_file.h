// SPDX-License-Identifier: LGPL-2.1-or-later
// A file that appears under its name only when it is whole and on the disk. Source: docs/format.md 5.2.
#pragma once

#include <memory>
#include <string>

#include "base/signal_shield.h"
#include "base/unique_fd.h"
#include "base/uuid.h"

namespace ashlar::archive {

/// .lvm_HOST_PID_RANDOM in a directory, mode 0600; removed when destroyed unless it was given its name.
/// A crash leaves it behind; no reader takes such a name for an archive or a backup. While it lives no Ctrl-C ends the
/// program, which would leave it behind too (base/signal_shield.h).
class TempFile {
 public:
  /// `directory` stays open as long as the TempFile lives.
  static Result<TempFile> create(int directory, Random& random);
  TempFile(TempFile&& other) noexcept
      : shield_(std::move(other.shield_)),
        directory_(other.directory_),
        name_(std::move(other.name_)),
        fd_(std::move(other.fd_)) {
    other.name_.clear();
  }
  TempFile& operator=(TempFile&&) = delete;
  ~TempFile();

  /// Writes all of `text` and waits until it is on the disk.
  Status fill(const std::string& text);
  /// Gives it a name that must be free: Errc::Exists if it is not.
  Status publish_as_new(const std::string& name);
  /// Gives it a name, in place of whatever has it; a link is replaced, not followed.
  Status replace(const std::string& name);

 private:
  TempFile(std::unique_ptr<SignalShield> shield, int directory, std::string name, UniqueFd fd)
      : shield_(std::move(shield)), directory_(directory), name_(std::move(name)), fd_(std::move(fd)) {}

  std::unique_ptr<SignalShield> shield_;
  int directory_;
  std::string name_;  // empty: not ours to remove
  UniqueFd fd_;
};

/// Waits until the names in the directory are on the disk.
Status sync_directory(int directory);

}  // namespace ashlar::archive
