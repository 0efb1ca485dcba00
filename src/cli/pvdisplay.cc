// SPDX-License-Identifier: LGPL-2.1-or-later
// pvdisplay. Scripts read these lines and count the fields of -c: docs/format.md 11.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "cli/choose.h"
#include "cli/display.h"
#include "cli/report_options.h"
#include "cli/table.h"

namespace ashlar::cli {

namespace {
// Bits of the status in -c.
constexpr int kPvAllocatableBit = 8, kPvExportedBit = 2, kPvMissingBit = 0x800000;

std::string vg_name(const ChosenPv& p) { return p.vg == nullptr ? std::string() : p.vg->vg.name; }
Sectors extent_size(const ChosenPv& p) { return p.vg == nullptr ? Sectors{} : p.vg->vg.extent_size; }
Extents used(const ChosenPv& p) { return p.usage == nullptr ? Extents{} : p.usage->used_extents; }
Extents unused(const ChosenPv& p) { return p.usage == nullptr ? Extents{} : p.usage->free_extents; }

/// Of the whole device.
Sectors size_of(const ChosenPv& p) {
  if (p.pv->duplicate) return {};
  if (p.pv->pv.dev_size && p.pv->pv.dev_size->n != 0) return *p.pv->pv.dev_size;
  return to_sectors(p.pv->device_size);
}

/// The line ahead of a PV that is special.
void announce(Output& out, const ChosenPv& p, const SizeFormat& units) {
  if (p.vg == nullptr)
    out.line(
        fmt::format("\"{}\" is a new physical volume of \"{}\"", p.device, display_size(to_bytes(size_of(p)), units)));
  else if (p.vg->vg.status.has(VgFlag::Exported))
    out.line(fmt::format("Physical volume \"{}\" of volume group \"{}\" is exported", p.device, vg_name(p)));
}

void colon(Output& out, const ChosenPv& p, const SizeFormat& units) {
  announce(out, p, units);
  int status = p.vg == nullptr ? 0
                               : (p.pv->pv.status.has(PvFlag::Allocatable) ? kPvAllocatableBit : 0) |
                                     (p.vg->vg.status.has(VgFlag::Exported) ? kPvExportedBit : 0) |
                                     (p.pv->missing ? kPvMissingBit : 0);
  out.line(fmt::format("{}:{}:{}:-1:{}:{}:-1:{}:{}:{}:{}:{}", p.device, vg_name(p), size_of(p).n, status,
                       status & kPvAllocatableBit, extent_size(p).n / 2, p.pv->pv.pe_count.n, unused(p).n, used(p).n,
                       p.pv->pv.id.dashed()));
}

/// From the start of the device to the end of the last extent.
Sectors end_of_extents(const ChosenPv& p) { return p.pv->pv.pe_start + to_sectors(p.pv->pv.pe_count, extent_size(p)); }

/// What no extent can have, counted as LVM2 counts it: nothing where the extents end with the PV; else all but the
/// extents, what lies ahead of them too; and of a PV whose size is without that (pvresize of LVM2 writes it so) what the
/// size lacks.
Sectors not_usable(const ChosenPv& p) {
  const Sectors size = size_of(p), end = end_of_extents(p);
  if (size <= end) return end - size;
  return size - (end - p.pv->pv.pe_start);
}

std::string pv_size(const ChosenPv& p, const SizeFormat& units) {
  if (p.vg == nullptr || p.pv->duplicate) return display_size(to_bytes(size_of(p)), units);
  return display_size(to_bytes(std::max(size_of(p), end_of_extents(p))), units) + " / not usable " +
         display_size(to_bytes(not_usable(p)), units);
}

std::string allocatable(const ChosenPv& p) {
  if (p.vg == nullptr || !p.pv->pv.status.has(PvFlag::Allocatable)) return "NO";
  return unused(p).n == 0 ? "yes (but full)" : "yes ";
}

void full(Output& out, const ChosenPv& p, const SizeFormat& units) {
  announce(out, p, units);
  out.line(p.vg == nullptr ? "--- NEW Physical volume ---" : "--- Physical volume ---");
  display_field(out, kPvColumn, "PV Name", p.device);
  bool exported = p.vg != nullptr && p.vg->vg.status.has(VgFlag::Exported);
  display_field(out, kPvColumn, "VG Name", vg_name(p) + (exported ? " (exported)" : ""));
  display_field(out, kPvColumn, "PV Size", pv_size(p, units));
  display_field(out, kPvColumn, "Allocatable", allocatable(p));
  display_field(out, kPvColumn, "PE Size", display_size(to_bytes(extent_size(p)), units));
  display_field(out, kPvColumn, "Total PE", std::to_string(p.pv->pv.pe_count.n));
  display_field(out, kPvColumn, "Free PE", std::to_string(unused(p).n));
  display_field(out, kPvColumn, "Allocated PE", std::to_string(used(p).n));
  display_field(out, kPvColumn, "PV UUID", p.pv->pv.id.dashed());
  out.line(" ");
}

/// A run of the PV's extents: of which LV, or free.
struct Run {
  Extents start, length;
  std::string lv;  ///< empty: free
  Extents le_start, le_length;
};

std::vector<Run> runs_of(const ChosenPv& p) {
  std::vector<Run> runs;
  for (const PeRun& run : p.usage->free) runs.push_back({run.start, run.length, {}, {}, {}});
  for (const LogicalVolume& lv : p.vg->vg.lvs) {
    for (const Segment& segment : lv.segments) {
      const auto* striped = std::get_if<Striped>(&segment.body);
      if (striped == nullptr) continue;
      for (const Area& area : striped->areas) {
        const auto* pv = std::get_if<PvArea>(&area);
        if (pv == nullptr || pv->pv != p.pv->pv.id) continue;
        runs.push_back({pv->start, {segment.length.n / striped->areas.size()}, lv.name, segment.start, segment.length});
      }
    }
  }
  std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.start < b.start; });
  return runs;
}

void maps(Output& out, const ChosenPv& p, const std::string& dev) {
  if (p.usage != nullptr) {
    out.line("--- Physical Segments ---");
    for (const Run& run : runs_of(p)) {
      out.line(fmt::format("Physical extent {} to {}:", run.start.n, run.start.n + run.length.n - 1));
      if (run.lv.empty()) {
        out.line("  FREE");
        continue;
      }
      out.line(fmt::format("  Logical volume\t{}/{}/{}", dev, vg_name(p), run.lv));
      out.line(fmt::format("  Logical extents\t{} to {}", run.le_start.n, run.le_start.n + run.le_length.n - 1));
    }
  }
  out.line(" ");
}

Status run_pvdisplay(Session& session, const Args& args) {
  TRY(check_display_options("pvdisplay", args, {"short", "maps"}));
  if (args.has("columns")) return print_report(session, args, report::Kind::Pvs);
  if (args.has("json")) return print_typed(session, args, report::Kind::Pvs);
  ops::System& sys = *TRY(session.system());
  SizeFormat units = TRY(display_units(args, sys.settings));
  Choice choice = TRY(Choice::make(session, args, report::Kind::Pvs));
  for (const ChosenPv& p : choice.pvs()) {
    const CommandLog::Work work(session.log(), p.vg, *p.pv);
    if (args.has("colon")) {
      colon(session.out(), p, units);
    } else if (args.has("short")) {
      Bytes capacity = p.vg == nullptr ? to_bytes(size_of(p)) : to_bytes(to_sectors(unused(p), extent_size(p)));
      session.out().line(fmt::format("Device \"{}\" has a capacity of {}", p.device, display_size(capacity, units)));
    } else {
      full(session.out(), p, units);
      if (args.has("maps")) maps(session.out(), p, sys.settings.text("devices/dir"));
    }
  }
  return ok();
}

constexpr Option kPvdisplayOptions[] = {
    ASHLAR_REPORT_OPTIONS,
    ASHLAR_DISPLAY_OPTIONS,
    {"short", 's', Arg::Flag, "", "Only the size that can be used"},
    {"maps", 'm', Arg::Flag, "", "Which LVs lie where"},
    {"all", 'a', Arg::Flag, "", "With -C: devices that are no PVs too"},
};
}  // namespace

const Command kPvdisplay{
    "pvdisplay", "Show physical volumes in words", "[PV|@TAG...]", kPvdisplayOptions, run_pvdisplay, Effect::Reads};

}  // namespace ashlar::cli
