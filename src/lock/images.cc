// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lock/images.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <tuple>

#include "base/log.h"
#include "lock/holders.h"

namespace ashlar::lock {

Result<std::vector<Images::Held>> Images::open_all() const {
  std::vector<Held> all;
  for (const std::string& path : paths_) {
    const std::string doing = "Locking image file " + printable(path);
    struct stat st {};
    if (::stat(path.c_str(), &st) != 0) return errno_error(doing);
    if (!S_ISREG(st.st_mode)) continue;  // a block device is guarded by the lock files alone, as in LVM2
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!fd || ::fstat(fd.get(), &st) != 0) return errno_error(doing);
    all.push_back({std::move(fd), path, st.st_dev, st.st_ino});
  }
  std::sort(all.begin(), all.end(),
            [](const Held& a, const Held& b) { return std::tie(a.device, a.inode) < std::tie(b.device, b.inode); });
  // Two names of one file: locking it twice would be waiting for ourselves.
  all.erase(std::unique(all.begin(), all.end(),
                        [](const Held& a, const Held& b) { return a.device == b.device && a.inode == b.inode; }),
            all.end());
  return all;
}

Status Images::join(Mode mode, Wait& wait) {
  if (!taken_ || (mode == Mode::Exclusive && mode_ == Mode::Shared)) {
    const bool exclusive = mode == Mode::Exclusive || (users_ > 0 && mode_ == Mode::Exclusive);
    let_go();
    held_ = TRY(open_all());
    taken_ = true;
    taker_ = ::getpid();
    mode_ = exclusive ? Mode::Exclusive : Mode::Shared;
    for (Held& image : held_) {
      auto holders = [&] { return holders_of({image.device, image.inode}); };
      Status status = wait.take(image.fd.get(), mode_, holders);
      if (!status.ok()) {
        status = std::move(status).context("Locking image file " + printable(image.path));
        let_go();
        return status;
      }
    }
  }
  ++users_;
  return ok();
}

void Images::leave() {
  if (--users_ == 0) let_go();
}

void Images::let_go() {
  // In a forked child only the descriptors are closed: LOCK_UN there would unlock its parent.
  if (::getpid() == taker_)
    for (const Held& image : held_) ::flock(image.fd.get(), LOCK_UN);
  held_.clear();
  taken_ = false;
}

}  // namespace ashlar::lock
