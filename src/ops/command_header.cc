// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/command_header.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/devices_file.h"
#include "store/vg_store.h"

namespace ashlar::ops {

namespace {
/// As LVM2 cuts it on the disks, where a text must find room; in files it is whole.
constexpr std::size_t kMostDescription = 2047;
/// Bytes by which the rest of a text may differ from the one before though the VG gains nothing: host, hints, flags.
constexpr std::size_t kOtherHeader = 4096, kOtherPv = 64;

/// With this many bytes of the command line.
text::Header header_with(const System& sys, std::string_view write, std::size_t kept) {
  const std::string& line = sys.conduct.command_line;
  while (kept > 0 && kept < line.size() && (static_cast<unsigned char>(line[kept]) & 0xc0U) == 0x80) --kept;  // UTF-8
  std::string description = fmt::format("{}{}{}.", write, line.substr(0, kept), kept < line.size() ? "..." : "");
  description.resize(std::min(description.size(), kMostDescription));
  return {std::move(description), sys.host.name, sys.host.system_ids.own, sys.now()};
}

bool finds_room(const System& sys, const VgStep& step, const text::Header& header) {
  const Bytes more{kOtherHeader + 2 * header.description.size() + kOtherPv * step.after.pvs.size()};  // 2: quotes
  if (step.before == nullptr || !store::nearly_full(step.present, more)) return true;
  VolumeGroup after = step.after;
  write_device_ids(sys, step.present, after);
  const Status room = store::check_room(step.present, std::move(after), header, origin(sys));
  return room || room.error().code() != Errc::NoSpace;
}
}  // namespace

text::Header command_header(const System& sys, std::string_view write, std::span<const VgStep> steps) {
  std::size_t kept = sys.conduct.command_line.size();
  text::Header header = header_with(sys, write, kept);
  kept = std::min(kept, kMostDescription);
  while (kept > 0 && !std::ranges::all_of(steps, [&](const VgStep& step) { return finds_room(sys, step, header); })) {
    kept /= 2;
    header = header_with(sys, write, kept);
  }
  return header;
}

}  // namespace ashlar::ops
