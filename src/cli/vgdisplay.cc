// SPDX-License-Identifier: LGPL-2.1-or-later
// vgdisplay. Scripts read these lines and count the fields of -c.
#include <fmt/format.h>

#include "activation/names.h"
#include "base/log.h"
#include "cli/choose.h"
#include "cli/display.h"
#include "cli/lvdisplay.h"
#include "cli/report_options.h"
#include "cli/table.h"
#include "metadata/model/alloc_policy.h"
#include "metadata/model/visibility.h"

namespace ashlar::cli {

namespace {
// Bits of the status in -c.
constexpr int kVgExportedBit = 2, kVgResizeableBit = 4, kVgNoAutoActivateBit = 0x10, kVgReadBit = 0x100,
              kVgWriteBit = 0x200;

/// What both forms show, worked out once.
struct Numbers {
  Extents total, used;
  std::size_t lvs = 0, open = 0, present = 0, areas = 0;
  Bytes size, used_size, free_size, extent;
};

Numbers numbers(const ops::VgInfo& info) {
  const VolumeGroup& vg = info.vg;
  Numbers n;
  n.total = total_extents(vg);
  Extents free = free_extents(vg);
  n.used = n.total - free;
  n.lvs = visible_lv_count(vg);
  const std::vector<bool> visible = visibility(vg);
  for (std::size_t i = 0; i < vg.lvs.size(); ++i) {
    // What LVs themselves hold open, parts and a pool beneath its device, LVM2 does not count.
    const auto at = visible[i] ? info.active.find(vg.lvs[i].id) : info.active.end();
    if (at == info.active.end() || dm::is_layer(at->second.device.name)) continue;
    n.open += at->second.info.open_count > 0 ? 1 : 0;
  }
  for (const ops::PvInfo& pv : info.pvs) {
    n.present += pv.missing ? 0 : 1;
    n.areas += pv.mdas.size();
  }
  auto bytes = [&](Extents e) { return to_bytes(to_sectors(e, vg.extent_size)); };
  n.size = bytes(n.total);
  n.used_size = bytes(n.used);
  n.free_size = bytes(free);
  n.extent = to_bytes(vg.extent_size);
  return n;
}

const char* access(const VolumeGroup& vg) { return vg.status.has(VgFlag::Write) ? "read/write" : "read"; }

void colon(Output& out, const ops::VgInfo& info) {
  const VolumeGroup& vg = info.vg;
  Numbers n = numbers(info);
  int status = (vg.status.has(VgFlag::Exported) ? kVgExportedBit : 0) |
               (vg.status.has(VgFlag::Resizeable) ? kVgResizeableBit : 0) |
               (vg.status.has(VgFlag::NoAutoActivate) ? kVgNoAutoActivateBit : 0) |
               (vg.status.has(VgFlag::Read) ? kVgReadBit : 0) | (vg.status.has(VgFlag::Write) ? kVgWriteBit : 0);
  out.line(fmt::format("{}:{}:{}:-1:{}:{}:{}:-1:{}:{}:{}:{}:{}:{}:{}:{}:{}", vg.name,
                       vg.status.has(VgFlag::Write) ? "r/w" : "r", status, vg.max_lv, n.lvs, n.open, vg.max_pv,
                       vg.pvs.size(), n.present, n.size.n >> 10, n.extent.n >> 10, n.total.n, n.used.n,
                       n.total.n - n.used.n, vg.id.dashed()));
}

void full(Output& out, const ops::VgInfo& info, const SizeFormat& units) {
  const VolumeGroup& vg = info.vg;
  Numbers n = numbers(info);
  auto field = [&](const char* name, const std::string& value) { display_field(out, kVgColumn, name, value); };
  std::string status = std::string(vg.status.has(VgFlag::Exported) ? "exported/" : "") +
                       (vg.status.has(VgFlag::Resizeable) ? "" : "NOT ") + "resizable";
  out.line("--- Volume group ---");
  field("VG Name", vg.name);
  field("System ID", printable(vg.system_id));
  field("Format", "lvm2");
  field("Metadata Areas", std::to_string(n.areas));
  field("Metadata Sequence No", std::to_string(vg.seqno));
  field("VG Access", access(vg));
  field("VG Status", status);
  field("MAX LV", std::to_string(vg.max_lv));
  field("Cur LV", std::to_string(n.lvs));
  field("Open LV", std::to_string(n.open));
  field("Max PV", std::to_string(vg.max_pv));
  field("Cur PV", std::to_string(vg.pvs.size()));
  field("Act PV", std::to_string(n.present));
  field("VG Size", display_size(n.size, units));
  field("PE Size", display_size(n.extent, units));
  field("Total PE", std::to_string(n.total.n));
  field("Alloc PE / Size", fmt::format("{} / {}", n.used.n, display_size(n.used_size, units)));
  field("Free  PE / Size", fmt::format("{} / {}", n.total.n - n.used.n, display_size(n.free_size, units)));
  field("VG UUID", vg.id.dashed());
  out.line(" ");
}

/// What -v adds: the LVs and PVs.
void parts(Output& out, const ops::VgInfo& info, const SizeFormat& units, const LvNaming& naming) {
  std::vector<bool> visible = visibility(info.vg);
  for (std::size_t i = 0; i < info.vg.lvs.size(); ++i) {
    if (visible[i]) display_lv(out, info, info.vg.lvs[i], units, naming);
  }
  out.line("--- Physical volumes ---");
  for (std::size_t i = 0; i < info.pvs.size(); ++i) {
    const PhysicalVolume& pv = info.pvs[i].pv;
    display_field(out, kPvColumn, "PV Name", fmt::format("{}     ", shown_device(info.pvs[i], naming.unknown_device)));
    display_field(out, kPvColumn, "PV UUID", pv.id.dashed());
    display_field(out, kPvColumn, "PV Status", pv.status.has(PvFlag::Allocatable) ? "allocatable" : "NOT allocatable");
    display_field(out, kPvColumn, "Total PE / Free PE",
                  fmt::format("{} / {}", pv.pe_count.n, info.usage[i].free_extents.n));
    out.line(" ");
  }
}

Status run_vgdisplay(Session& session, const Args& args) {
  TRY(check_display_options("vgdisplay", args, {"short"}));
  if (args.has("activevolumegroups") && !args.positionals.empty())
    return usage_error("vgdisplay", "Option -A is not allowed with volume group names");
  if (args.has("columns")) return print_report(session, args, report::Kind::Vgs);
  if (args.has("json")) return print_typed(session, args, report::Kind::Vgs);
  ops::System& sys = *TRY(session.system());
  SizeFormat units = TRY(display_units(args, sys.settings));
  Choice choice = TRY(Choice::make(session, args, report::Kind::Vgs));
  for (const ops::VgInfo* vg : choice.vgs()) {
    if (args.has("activevolumegroups") && vg->active.empty()) continue;
    const CommandLog::Work work(session.log(), *vg);
    if (args.has("colon")) {
      colon(session.out(), *vg);
    } else if (args.has("short")) {
      Numbers n = numbers(*vg);
      session.out().line(fmt::format("\"{}\" {} [{:<9} used / {} free]", vg->vg.name, display_size(n.size, units),
                                     display_size(n.used_size, units), display_size(n.free_size, units)));
    } else {
      full(session.out(), *vg, units);
      if (session.verbose > 0) parts(session.out(), *vg, units, lv_naming(sys.settings));
    }
  }
  return ok();
}

constexpr Option kVgdisplayOptions[] = {
    ASHLAR_REPORT_OPTIONS,
    ASHLAR_DISPLAY_OPTIONS,
    {"short", 's', Arg::Flag, "", "Only the sizes"},
    {"activevolumegroups", 'A', Arg::Flag, "", "Only VGs with active LVs"},
};
}  // namespace

const Command kVgdisplay{"vgdisplay",  "Show volume groups in words", "[VG|@TAG...]", kVgdisplayOptions, run_vgdisplay,
                         Effect::Reads};

}  // namespace ashlar::cli
