// SPDX-License-Identifier: LGPL-2.1-or-later
// The recorded disks of tests/data/report as an Inventory, and the recorded commands as Options.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "activation/names.h"
#include "metadata/model/query.h"
#include "metadata/text/vg_reader.h"
#include "report/report.h"

namespace ashlar::report::test {

enum class Kernel { Unknown, Active };

inline std::ifstream open_data(const std::string& file) {
  std::ifstream in("tests/data/report/" + file);
  ASHLAR_REQUIRE(in);
  return in;
}

inline std::vector<std::string> split_line(const std::string& line) {
  std::vector<std::string> out;
  std::istringstream in(line);
  for (std::string item; std::getline(in, item, '|');) out.push_back(item);
  out.resize(std::max<std::size_t>(out.size(), 13));
  return out;
}

/// A line of pvs.txt: uuid, name, major, minor, device size, pe_start, mdas, used mdas, mda size, mda free, ba start,
/// ba size, "used".
inline ops::PvInfo recorded_pv(const std::vector<std::string>& f) {
  auto n = [&](std::size_t i) { return std::stoull(f[i]); };
  ops::PvInfo info;
  info.pv.id = *parse_uuid(f[0]);
  info.device = f[1];
  info.missing = f[1] == "[unknown]";
  if (!info.missing) info.number = dm::DevNumber{static_cast<std::uint32_t>(n(2)), static_cast<std::uint32_t>(n(3))};
  info.device_size = Bytes{n(4)};
  info.pv.pe_start = to_sectors(Bytes{n(5)});
  for (std::uint64_t i = 0; i < n(6); ++i)
    info.mdas.push_back({.start = {4096}, .size = Bytes{n(8)}, .free = Bytes{n(9)}, .ignored = i >= n(7)});
  info.pv.ba_start = to_sectors(Bytes{n(10)});
  info.pv.ba_size = to_sectors(Bytes{n(11)});
  info.in_use = f[12] == "used";
  return info;
}

/// A line of kernel.txt: uuid, name, major, minor, open, permission, state, tables, read-ahead.
inline dm::ActiveDevice recorded_device(const std::vector<std::string>& f) {
  dm::ActiveDevice out;
  out.device.uuid = f[0];
  out.device.name = f[1];
  out.info.number = {static_cast<std::uint32_t>(std::stoul(f[2])), static_cast<std::uint32_t>(std::stoul(f[3]))};
  out.info.open_count = std::stoi(f[4]);
  out.info.read_only = f[5] == "Read-only";
  out.info.suspended = f[6] == "Suspended";
  out.info.inactive_table = f[7] == "Both" || f[7] == "Inactive";
  out.info.live_table = f[7] == "Both" || f[7] == "Live";
  out.info.read_ahead = static_cast<std::uint32_t>(std::stoul(f[8]));
  return out;
}

/// The VG of a metadata text, which must be whole.
inline VolumeGroup recorded_vg(std::ifstream file, const std::string& name) {
  ASHLAR_REQUIRE(file);
  std::stringstream text;
  text << file.rdbuf();
  auto read = text::read_vg(text.str(), name);
  ASHLAR_REQUIRE(read.ok());
  return std::move(read->vg);
}

/// The VGs and PVs that setup.sh made.
inline ops::Inventory recorded_inventory(Kernel kernel) {
  ops::Inventory out;
  std::vector<ops::PvInfo> pvs;
  std::ifstream pv_file = open_data("pvs.txt");
  for (std::string line; std::getline(pv_file, line);) pvs.push_back(recorded_pv(split_line(line)));
  for (const char* name : {"empty", "exp", "mix", "part", "vg0"}) {
    ops::VgInfo info;
    info.vg = recorded_vg(open_data(std::string(name) + ".vg"), name);
    info.kernel_known = kernel == Kernel::Active;
    info.usage = pv_usage(info.vg);
    for (const PhysicalVolume& pv : info.vg.pvs) {
      auto found = std::find_if(pvs.begin(), pvs.end(), [&](const ops::PvInfo& p) { return p.pv.id == pv.id; });
      ASHLAR_REQUIRE(found != pvs.end());
      found->pv = pv;
      info.pvs.push_back(*found);
      pvs.erase(found);
    }
    out.vgs.push_back(std::move(info));
  }
  out.orphans = std::move(pvs);
  if (kernel == Kernel::Unknown) return out;

  std::ifstream devices = open_data("kernel.txt");
  for (std::string line; std::getline(devices, line);) {
    dm::ActiveDevice device = recorded_device(split_line(line));
    auto parts = dm::split_uuid(device.device.uuid);
    ASHLAR_REQUIRE(parts);
    for (ops::VgInfo& vg : out.vgs) {
      if (vg.vg.id != parts->vg) continue;
      // The LV's own device if it has one, else the layer that LVM2 takes for it.
      bool better = parts->suffix.empty() || parts->suffix == "tpool" || parts->suffix == "cvol";
      if (better)
        vg.active.insert_or_assign(parts->lv, device);
      else
        vg.active.try_emplace(parts->lv, device);
    }
  }
  return out;
}

/// One "$ command" of a transcript.
struct Recorded {
  std::string command;
  std::vector<std::string> out, errors;  ///< without the two-blank prefix
  int status = 0;
};

inline std::vector<Recorded> recorded_commands(const std::string& file) {
  std::vector<Recorded> all;
  std::ifstream in = open_data(file);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("$ "))
      all.push_back({.command = line.substr(2)});
    else if (line.starts_with("! "))
      all.back().errors.push_back(line.substr(std::min<std::size_t>(line.size(), 4)));
    else if (line.starts_with("= "))
      all.back().status = std::stoi(line.substr(2));
    else
      all.back().out.push_back(line.substr(std::min<std::size_t>(line.size(), 2)));
  }
  return all;
}

/// Words of a command, '...' taken together.
inline std::vector<std::string> words(const std::string& command) {
  std::vector<std::string> out;
  bool quoted = false, open = false;
  for (char c : command) {
    if (c == '\'') {
      quoted = !quoted;
      if (!open) out.emplace_back();
      open = true;
    } else if (c == ' ' && !quoted) {
      open = false;
    } else {
      if (!open) out.emplace_back();
      open = true;
      out.back() += c;
    }
  }
  return out;
}

/// "lvs -o name,size --units b vg0" as Options.
inline Options options_of(const std::string& command) {
  Options o;
  std::vector<std::string> args = words(command);
  o.kind = args[0] == "lvs" ? Kind::Lvs : args[0] == "vgs" ? Kind::Vgs : Kind::Pvs;
  for (std::size_t i = 1; i < args.size(); ++i) {
    const std::string& arg = args[i];
    if (arg == "-o")
      o.fields.push_back(args[++i]);
    else if (arg == "-O")
      o.sort = args[++i];
    else if (arg == "-S")
      o.select = args[++i];
    else if (arg == "-a")
      o.all = true;
    else if (arg == "-v")
      ++o.verbose;
    else if (arg == "--segments")
      o.segments = true;
    else if (arg == "--units") {
      bool suffix = o.units.suffix;
      o.units = *parse_units(args[++i]);
      o.units.suffix = suffix;
    } else if (arg == "--nosuffix")
      o.units.suffix = false;
    else if (arg == "--noheadings")
      o.headings = false;
    else if (arg == "--separator")
      o.separator = args[++i];
    else if (arg == "--aligned")
      o.aligned = true;
    else if (arg == "--nameprefixes")
      o.name_prefixes = true;
    else if (arg == "--unquoted")
      o.quoted = false;
    else if (arg == "--rows")
      o.columns_as_rows = true;
    else if (arg == "--unbuffered")
      o.buffered = false;
    else if (arg == "--binary")
      o.binary = true;
    else if (arg == "--reportformat")
      ++i, o.format = Options::Format::Json;
    else if (!arg.starts_with("-"))
      o.names.push_back(arg);
    else
      broken_invariant(__FILE__, __LINE__, arg.c_str());
  }
  return o;
}

}  // namespace ashlar::report::test
