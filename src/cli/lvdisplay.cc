// SPDX-License-Identifier: LGPL-2.1-or-later
// lvdisplay. Scripts read these lines and count the fields of -c.
#include "cli/lvdisplay.h"

#include <fmt/format.h>

#include <ctime>

#include "base/log.h"
#include "cli/choose.h"
#include "cli/display.h"
#include "cli/report_options.h"
#include "cli/table.h"
#include "metadata/model/alloc_policy.h"

namespace ashlar::cli {

namespace {
// Bits of the access in -c.
constexpr int kLvReadBit = 1, kLvWriteBit = 2, kReadOnlyDeviceBit = 4;
// The one policy that -c tells apart.
constexpr int kContiguous = 2;

const dm::ActiveDevice* device_of(const ops::VgInfo& vg, const LogicalVolume& lv) {
  auto at = vg.active.find(lv.id);
  return at == vg.active.end() ? nullptr : &at->second;
}

std::string path_of(const ops::VgInfo& vg, const LogicalVolume& lv, const std::string& dev) {
  return fmt::format("{}/{}/{}", dev, vg.vg.name, lv.name);
}
Sectors size_of(const ops::VgInfo& vg, const LogicalVolume& lv) { return to_sectors(lv.extents(), vg.vg.extent_size); }

std::string access(const LogicalVolume& lv, const dm::ActiveDevice* device) {
  if (!lv.status.has(LvFlag::Write)) return "read only";
  return device != nullptr && device->info.read_only ? "read/write (activated read only)" : "read/write";
}

/// As metadata has it: 0 is auto, -1 none.
std::int32_t read_ahead_sectors(const LogicalVolume& lv, const LvNaming& naming) {
  const std::int32_t own = lv.read_ahead.value_or(0);
  return own == 0 && !naming.auto_read_ahead ? -1 : own;
}

std::string read_ahead(const LogicalVolume& lv, const LvNaming& naming) {
  std::int32_t sectors = read_ahead_sectors(lv, naming);
  return sectors == 0 ? "auto" : std::to_string(std::max(sectors, 0));
}

std::string creation(const LogicalVolume& lv) {
  if (!lv.creation_time) return ", ";
  std::time_t t = static_cast<std::time_t>(*lv.creation_time);
  std::tm tm{};
  char text[64] = "";
  if (::localtime_r(&t, &tm) != nullptr) std::strftime(text, sizeof text, "%Y-%m-%d %T %z", &tm);
  return printable(lv.creation_host) + ", " + text;
}

void colon(Output& out, const ops::VgInfo& vg, const LogicalVolume& lv, const LvNaming& naming) {
  const dm::ActiveDevice* device = device_of(vg, lv);
  int bits = (lv.status.has(LvFlag::Read) ? kLvReadBit : 0) | (lv.status.has(LvFlag::Write) ? kLvWriteBit : 0) |
             (device != nullptr && device->info.read_only ? kReadOnlyDeviceBit : 0);
  const std::int32_t ahead = read_ahead_sectors(lv, naming);
  // Auto is -1 here, no read-ahead 0: the other way round than in the metadata.
  std::string number =
      device == nullptr ? "-1:-1" : fmt::format("{}:{}", device->info.number.major, device->info.number.minor);
  out.line(fmt::format("{}:{}:{}:{}:-1:{}:{}:{}:-1:{}:{}:{}", path_of(vg, lv, naming.dev), vg.vg.name, bits,
                       device != nullptr ? 1 : 0, device == nullptr ? 0 : device->info.open_count, size_of(vg, lv).n,
                       lv.extents().n, lv.alloc == AllocPolicy::Contiguous ? kContiguous : 0,
                       ahead == 0  ? -1
                       : ahead < 0 ? 0
                                   : ahead,
                       number));
}

std::string area_name(const ops::VgInfo& vg, const Uuid& id, const LvNaming& naming) {
  for (const ops::PvInfo& pv : vg.pvs) {
    if (pv.pv.id == id) return shown_device(pv, naming.unknown_device);
  }
  return naming.unknown_device;
}

void area_lines(Output& out, const ops::VgInfo& vg, const Area& area, Extents length, const std::string& indent,
                const LvNaming& naming) {
  std::visit(
      overloaded{[&](const PvArea& a) {
                   out.line(fmt::format("{}Physical volume\t{}", indent, area_name(vg, a.pv, naming)));
                   out.line(fmt::format("{}Physical extents\t{} to {}", indent, a.start.n, a.start.n + length.n - 1));
                 },
                 [&](const LvArea& a) {
                   out.line(fmt::format("{}Logical volume\t{}", indent, a.lv));
                   out.line(fmt::format("{}Logical extents\t{} to {}", indent, a.start.n, a.start.n + length.n - 1));
                 }},
      area);
}

void segment_lines(Output& out, const ops::VgInfo& vg, const Segment& segment, const SizeFormat& units,
                   const LvNaming& naming) {
  const auto* striped = std::get_if<Striped>(&segment.body);
  out.line(fmt::format("{} extents {} to {}:", striped == nullptr ? "Virtual" : "Logical", segment.start.n,
                       segment.start.n + segment.length.n - 1));
  out.line(fmt::format("  Type\t\t{}", printable(type_name(segment))));
  if (striped == nullptr) return;
  Extents each{segment.length.n / striped->areas.size()};
  if (striped->areas.size() == 1) {
    area_lines(out, vg, striped->areas[0], each, "  ", naming);
  } else {
    out.line(fmt::format("  Stripes\t\t{}", striped->areas.size()));
    out.line(fmt::format("  Stripe size\t\t{}", display_size(to_bytes(striped->stripe_size), units)));
    for (std::size_t i = 0; i < striped->areas.size(); ++i) {
      out.line(fmt::format("  Stripe {}:", i));
      area_lines(out, vg, striped->areas[i], each, "    ", naming);
    }
  }
  out.line(" ");
}

void maps(Output& out, const ops::VgInfo& vg, const LogicalVolume& lv, const SizeFormat& units,
          const LvNaming& naming) {
  out.line("--- Segments ---");
  for (const Segment& segment : lv.segments) segment_lines(out, vg, segment, units, naming);
  out.line(" ");
}

Status run_lvdisplay(Session& session, const Args& args) {
  TRY(check_display_options("lvdisplay", args, {"maps"}));
  if (args.has("columns")) return print_report(session, args, report::Kind::Lvs);
  if (args.has("json")) return print_typed(session, args, report::Kind::Lvs);
  ops::System& sys = *TRY(session.system());
  SizeFormat units = TRY(display_units(args, sys.settings));
  const LvNaming naming = lv_naming(sys.settings);
  Choice choice = TRY(Choice::make(session, args, report::Kind::Lvs));
  for (const ops::VgInfo& vg : choice.inventory().vgs) {
    if (!choice.works_on(vg)) continue;
    const CommandLog::Work work_on_vg(session.log(), vg);
    for (const LogicalVolume& lv : vg.vg.lvs) {
      if (!choice.has(lv.id)) continue;
      const CommandLog::Work work(session.log(), vg, lv);
      if (args.has("colon")) {
        colon(session.out(), vg, lv, naming);
        continue;
      }
      display_lv(session.out(), vg, lv, units, naming);
      if (args.has("maps")) maps(session.out(), vg, lv, units, naming);
    }
  }
  return ok();
}

constexpr Option kLvdisplayOptions[] = {
    ASHLAR_REPORT_OPTIONS,
    ASHLAR_DISPLAY_OPTIONS,
    {"all", 'a', Arg::Flag, "", "Hidden LVs too"},
    {"maps", 'm', Arg::Flag, "", "Which PVs the LV lies on"},
    {"segments", 0, Arg::Flag, "", "With -C: one row a segment; accepted without"},
    {"history", 'H', Arg::Flag, "", "Accepted: Ashlar keeps no removed LVs"},
};
}  // namespace

LvNaming lv_naming(const config::Settings& settings) {
  return {settings.text("devices/dir"), settings.flag("global/lvdisplay_shows_full_device_path"),
          unknown_device(settings), auto_read_ahead(settings)};
}

void display_lv(Output& out, const ops::VgInfo& vg, const LogicalVolume& lv, const SizeFormat& units,
                const LvNaming& naming) {
  const dm::ActiveDevice* device = device_of(vg, lv);
  auto field = [&](const char* name, const std::string& value) { display_field(out, kLvColumn, name, value); };
  out.line("--- Logical volume ---");
  if (lv.visible() && !naming.path_is_name) field("LV Path", path_of(vg, lv, naming.dev));
  field(lv.visible() ? "LV Name" : "Internal LV Name",
        lv.visible() && naming.path_is_name ? path_of(vg, lv, naming.dev) : lv.name);
  field("VG Name", vg.vg.name);
  field("LV UUID", lv.id.dashed());
  field("LV Write Access", access(lv, device));
  field("LV Creation host, time", creation(lv));
  if (vg.kernel_known)
    field("LV Status", device == nullptr ? "NOT available" : device->info.suspended ? "suspended" : "available");
  if (device != nullptr) field("# open", std::to_string(device->info.open_count));
  field("LV Size", display_size(to_bytes(size_of(vg, lv)), units));
  field("Current LE", std::to_string(lv.extents().n));
  field("Segments", std::to_string(lv.segments.size()));
  field("Allocation", std::string(policy_word(lv.alloc)));
  field("Read ahead sectors", read_ahead(lv, naming));
  if (device != nullptr) field("- currently set to", std::to_string(device->info.read_ahead));
  if (lv.major || lv.minor) {
    if (lv.major) field("Persistent major", std::to_string(*lv.major));
    if (lv.minor) field("Persistent minor", std::to_string(*lv.minor));
  }
  if (device != nullptr)
    field("Block device", fmt::format("{}:{}", device->info.number.major, device->info.number.minor));
  out.line(" ");
}

const Command kLvdisplay{
    "lvdisplay", "Show logical volumes in words", "[VG|LV|@TAG...]", kLvdisplayOptions, run_lvdisplay, Effect::Reads};

}  // namespace ashlar::cli
