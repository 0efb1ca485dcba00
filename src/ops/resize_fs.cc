// SPDX-License-Identifier: LGPL-2.1-or-later
// lvextend -r, lvreduce -r: the LV and the filesystem on it.
#include <fmt/format.h>

#include <algorithm>

#include "activation/names.h"
#include "base/log.h"
#include "base/size_text.h"
#include "metadata/model/query.h"
#include "ops/device_sizes.h"
#include "ops/devices.h"
#include "ops/filesystem.h"
#include "ops/fs_mount.h"
#include "ops/lv_devices.h"
#include "ops/ops.h"
#include "ops/transaction.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

namespace {
Error not_grown(const std::string& vg, const std::string& lv, const Filesystem& fs, const Error& why) {
  return Error(Errc::Partial,
               fmt::format("{}/{} has its new size, the {} on it has not: {}", vg, lv, described(fs), why.message()));
}
/// Whoever has files open there is not asked: a person is.
Status agree_to_unmount(const System& sys, const Filesystem& fs) {
  const std::string point = printable(fs.mounts.front().point);
  if (sys.conduct.agrees(
          fmt::format("Do you really want {} to be unmounted while the {} on it becomes smaller?", point, fs.type)))
    return ok();
  return Error(Errc::Busy, fmt::format("{} is mounted on {}: an {} is made smaller only while it is not mounted; "
                                       "confirm with -y that it is unmounted for that, and mounted again",
                                       fs.device, point, fs.type));
}

/// `fs` unmounted for as long, if need be.
Status check_and_shrink(Filesystem fs, Bytes from, Bytes to, bool check, const Conduct& conduct) {
  UnmountedFs away = shrinks_unmounted(fs) ? TRY(UnmountedFs::make(fs).context("nothing was changed")) : UnmountedFs();
  TRY(check_resize(fs, from, to, check).context("nothing was changed"));
  TRY(shrink_filesystem(fs, to, conduct));
  return away.mount_again();
}
}  // namespace

Result<ResizedLv> resize_lv_with_fs(System& sys, const std::string& vg, plan::ResizeLv request,
                                    const std::vector<std::string>& pvs, bool check) {
  // What it comes to is worked out first; the change itself goes by these numbers.
  store::Picture picture = TRY(look(sys));
  const store::VgState& state = *TRY(store::find_vg(picture, vg));
  TRY(check_allowed(sys, state, Need::Complete));
  plan::ResizeLv wanted = request;
  if (!pvs.empty()) wanted.pvs = TRY(choose_pvs(sys, picture, state, pvs));
  wanted.reach = reach(picture, state);
  plan::Planned planned = TRY(plan::resize_lv(state.vg, wanted));
  const LogicalVolume& lv = *find_lv(state.vg, request.lv);
  const Extents before = lv.extents(), after = find_lv(planned.vg, request.lv)->extents();
  auto bytes = [&](Extents e) { return to_bytes(to_sectors(e, state.vg.extent_size)); };

  if (!TRY(LvDevices::read(sys, state.vg.id, lv)).active(lv))
    return Error(Errc::Refused,
                 fmt::format("Logical volume {0} must be activated before resizing filesystem. lvchange -ay {0} "
                             "activates it.",
                             vg + "/" + request.lv));
  if (after == before) return ResizedLv{before, after, state.vg.extent_size, {planned.notes, {}}};
  Filesystem fs = TRY(find_filesystem(sys, dm::device_name(vg, request.lv)));
  if (sys.conduct.test) return ResizedLv{before, after, state.vg.extent_size, {}};
  TRY(check_resizable(fs, bytes(before), bytes(after)));
  const bool unmounts = after < before && shrinks_unmounted(fs);
  if (unmounts) TRY(agree_to_unmount(sys, fs).context("nothing was changed"));
  if (after >= before && sys.transaction == nullptr)
    TRY(check_resize(fs, bytes(before), bytes(after), check).context("nothing was changed"));

  request.size = {plan::SizeRequest::Sign::Absolute, after};
  if (after < before && sys.transaction != nullptr) {
    const std::string name = vg + "/" + request.lv, size = human_size(bytes(after));
    const std::string away = unmounts ? fmt::format(" It is unmounted from {} for that, and mounted again.",
                                                    printable(fs.mounts.front().point))
                                      : "";
    if (unmounts) fs.mounts.clear();  // as it is then
    sys.transaction->beforehand(
        {fmt::format("{} the {} on {}{} smaller, to {} ({}); if that fails, nothing else is changed.{}",
                     check_program(fs).empty() ? "Make" : "Check", described(fs), name,
                     check_program(fs).empty() ? "" : fmt::format(" ({}) and make it", check_program(fs)), size,
                     shrink_program(fs), away),
         fmt::format(
             "the size of the {} on {}: undo gives {} its extents back, and only lvresize -r makes the filesystem larger again",
             described(fs), name, name),
         fmt::format("the {} on {} is smaller", described(fs), name),
         [vg, lv = request.lv, from = bytes(before), to = bytes(after), unmounts](System& real) {
           return shrink_filesystem(real, vg, lv, from, to, unmounts);
         }});
    return resize_lv(sys, vg, std::move(request), pvs, true);
  }
  if (after < before) {
    TRY(check_and_shrink(fs, bytes(before), bytes(after), check, sys.conduct)
            .context(fmt::format("{}/{} keeps its size", vg, request.lv)));
    return resize_lv(sys, vg, std::move(request), pvs, true);
  }
  ResizedLv resized = TRY(resize_lv(sys, vg, std::move(request), pvs, false));
  if (sys.transaction != nullptr) return resized;  // grow_filesystem() follows
  if (Status grown = grow_filesystem(fs, sys.conduct); !grown) return not_grown(vg, lv.name, fs, grown.error());
  return resized;
}

Status shrink_filesystem(System& sys, const std::string& vg, const std::string& lv, Bytes from, Bytes to,
                         bool may_unmount) {
  const std::string name = vg + "/" + lv;
  auto device = TRY(sys.open_lv(dm::device_name(vg, lv)).context("looking at the filesystem"));
  if (device->size() != from)
    return Error(
        Errc::Busy,
        fmt::format(
            "{} has {} bytes and not {}: its filesystem is made smaller by itself, not beside another change of its size",
            name, device->size().n, from.n));
  device.reset();
  const Filesystem fs = TRY(find_filesystem(sys, dm::device_name(vg, lv)));
  if (!may_unmount && shrinks_unmounted(fs))
    return Error(Errc::Busy, fmt::format("{} is mounted on {} by now", fs.device, printable(fs.mounts.front().point)));
  TRY(check_resizable(fs, from, to));
  return check_and_shrink(fs, from, to, true, sys.conduct);
}

Status grow_filesystem(System& sys, const std::string& vg, const std::string& lv, Bytes from, Bytes to, bool check) {
  const Filesystem fs = TRY(find_filesystem(sys, dm::device_name(vg, lv)));
  Status grown = check_resize(fs, from, to, check);
  if (grown) grown = grow_filesystem(fs, sys.conduct);
  return grown ? ok() : Status(not_grown(vg, lv, fs, grown.error()));
}

}  // namespace ashlar::ops
