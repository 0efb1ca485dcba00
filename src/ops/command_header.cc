// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/command_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "ops/devices_file.h"
#include "store/vg_store.h"

namespace ashlar::ops {

namespace {
/// As LVM2 cuts it on the disks, where a text must find room; in files it is whole.
constexpr std::size_t kMostDescription = 2047;

/// With this many bytes of the command line.
text::Header header_with(const System& sys, std::string_view write, std::size_t kept) {
  const std::string& line = sys.conduct.command_line;
  while (kept > 0 && kept < line.size() && (static_cast<unsigned char>(line[kept]) & 0xc0U) == 0x80) --kept;  // UTF-8
  std::string description = fmt::format("{}{}{}.", write, line.substr(0, kept), kept < line.size() ? "..." : "");
  description.resize(std::min(description.size(), kMostDescription));
  return {std::move(description), sys.host.name, sys.host.system_ids.own, sys.now()};
}

/// Is the VG's own part of the text no longer than before?
bool adds_nothing(const VgStep& step) {
  const auto size = [](const VolumeGroup& vg) { return text::write_vg(vg, {}, {}, text::Form::Raw).size(); };
  VolumeGroup after = step.after;
  after.seqno = step.before->seqno;
  return size(after) <= size(*step.before);
}

bool finds_room(const System& sys, const VgStep& step, const text::Header& header) {
  VolumeGroup after = step.after;
  write_device_ids(sys, step.present, after);
  const Status room = store::check_room(step.present, std::move(after), header, origin(sys));
  return room || room.error().code() != Errc::NoSpace;
}

/// Those whose room the command line may take: the areas are nearly full. Texts are made to find out, and only then.
std::vector<const VgStep*> short_of_room(std::span<const VgStep> steps, std::size_t line) {
  constexpr std::size_t kHeader = 4096,
                        kPv = 64;  // bytes by which the rest of the header, and hints and flags may grow
  std::vector<const VgStep*> tight;
  for (const VgStep& step : steps) {
    const Bytes more{kHeader + 2 * line + kPv * step.after.pvs.size()};  // twice: quotes are escaped
    if (step.before != nullptr && store::nearly_full(step.present, more) && adds_nothing(step)) tight.push_back(&step);
  }
  return tight;
}
}  // namespace

text::Header command_header(const System& sys, std::string_view write, std::span<const VgStep> steps) {
  std::size_t kept = sys.conduct.command_line.size();
  text::Header header = header_with(sys, write, kept);
  kept = std::min(kept, kMostDescription);
  const std::vector<const VgStep*> tight = short_of_room(steps, kept);
  const auto fits = [&] {
    return std::ranges::all_of(tight, [&](const VgStep* step) { return finds_room(sys, *step, header); });
  };
  while (kept > 0 && !fits()) {
    kept /= 2;
    header = header_with(sys, write, kept);
  }
  return header;
}

}  // namespace ashlar::ops
