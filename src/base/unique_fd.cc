// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/unique_fd.h"

#include <system_error>

namespace ashlar {

Error errno_error(const std::string& what, int err) {
  Errc code = Errc::Io;
  switch (err) {
    case ENOENT:
      code = Errc::NotFound;
      break;
    case EEXIST:
      code = Errc::Exists;
      break;
    case EBUSY:
      code = Errc::Busy;
      break;
    case ENOSPC:
      code = Errc::NoSpace;
      break;
    case EINTR:
      code = Errc::Interrupted;
      break;
    default:
      break;
  }
  return Error(code, what + ": " + std::generic_category().message(err), err);
}

}  // namespace ashlar
