// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lock/directory.h"

#include "base/private_directory.h"

namespace ashlar::lock {

Result<UniqueFd> open_lock_directory(const std::string& path) {
  const std::string elsewhere = "(global/locking_dir names the lock directory; --nolocking does without)";
  return open_private_directory(
      {.what = "lock directory",
       .path = path,
       .elsewhere = " " + elsewhere,
       .if_strange = "who could hold up or mislead this command; remove it or chown it " + elsewhere,
       .if_writable = "; run chmod go-w on it " + elsewhere,
       .context = "No locks " + elsewhere},
      Missing::Make);
}

}  // namespace ashlar::lock
