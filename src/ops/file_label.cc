// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/file_label.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>

#include "base/log.h"
#include "base/unique_fd.h"
#include "device/image_name.h"

namespace ashlar::ops {

Result<disk::LabelScan> label_at(int fd, Bytes at, const std::string& file) {
  std::array<std::byte, disk::kLabelSectors * kSectorSize> start{};
  const ssize_t got = ::pread(fd, start.data(), start.size(), static_cast<off_t>(at.n));
  if (got < 0) return errno_error("Cannot read " + printable(file));
  return disk::scan_label(std::span(start).first(static_cast<std::size_t>(got)));
}

Status check_within_no_pv(const device::BlockDevice& device) {
  const device::ImageName name = TRY(device::parse_image_name(device.path()));
  if (!name.offset || name.offset->n == 0) return ok();
  const UniqueFd fd(::open(name.file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error("Cannot open " + printable(name.file));
  const disk::LabelScan whole = TRY(label_at(fd.get(), {}, name.file));
  if (!whole.label || (whole.label->device_size.n != 0 && *name.offset >= whole.label->device_size)) return ok();
  return Error(
      Errc::Refused,
      fmt::format(
          "{0} lies within {1}, which is a PV itself (id {2}) and would lose what its volumes hold; if it is one no longer: pvremove {1} --image {1}",
          device.path(), printable(name.file), whole.label->pv.dashed()));
}

}  // namespace ashlar::ops
