// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/text/vg_reader.h"

#include <algorithm>

#include "base/names.h"
#include "base/position_index.h"
#include "metadata/model/alloc_policy.h"
#include "metadata/text/fields.h"
#include "metadata/text/plain_lvs.h"
#include "metadata/text/seg_codec.h"

namespace ashlar::text {

namespace {
constexpr std::string_view kContents = "Text Format Volume Group";
constexpr std::uint64_t kVersion = 1;

std::string section_name(const std::string& above, config::Node node) { return above + "/" + shown(node.key()); }

Result<AllocPolicy> read_alloc(const std::string& where, config::Node node) {
  // A word LVM2 does not know it takes for normal.
  return parse_policy(TRY(read_string(where, node))).value_or(AllocPolicy::Normal);
}

/// WRITE_LOCKED stands on disk for WRITE where older programs must keep off.
template <class F>
void unlock_write(FlagSet<F>& status) {
  if (!status.has(F::WriteLocked)) return;
  status.set(F::WriteLocked, false);
  status.set(F::Write);
}

Result<PhysicalVolume> read_pv(const std::string& where, config::Node section) {
  PhysicalVolume pv;
  bool has_start = false, has_count = false, has_status = false;
  for (config::Node node : section) {
    std::string_view key = node.key();
    if (key == "id") {
      pv.id = TRY(read_uuid(where, node));
    } else if (key == "device") {
      pv.device = TRY(read_string(where, node));
    } else if (key == "device_id") {
      pv.device_id = TRY(read_string(where, node));
    } else if (key == "device_id_type") {
      pv.device_id_type = TRY(read_string(where, node));
    } else if (key == "status") {
      TRY(read_flags(where, node, false, pv.status));
      has_status = true;
    } else if (key == "flags") {
      TRY(read_flags(where, node, true, pv.status));
    } else if (key == "tags") {
      pv.tags = TRY(read_strings(where, node));
    } else if (key == "dev_size") {
      pv.dev_size = Sectors{TRY(read_number(where, node))};
    } else if (key == "pe_start") {
      pv.pe_start = {TRY(read_number(where, node))};
      has_start = true;
    } else if (key == "pe_count") {
      pv.pe_count = {TRY(read_u32(where, node))};
      has_count = true;
    } else if (key == "ba_start") {
      pv.ba_start = {TRY(read_number(where, node))};
    } else if (key == "ba_size") {
      pv.ba_size = {TRY(read_number(where, node))};
    } else {
      config::append_printed(pv.extra, node);
    }
  }
  if (pv.id.empty()) return missing_key(where, section, "id");
  if (!has_status) return missing_key(where, section, "status");
  if (!has_start) return missing_key(where, section, "pe_start");
  if (!has_count) return missing_key(where, section, "pe_count");
  return pv;
}

Result<Segment> read_segment(const std::string& where, config::Node section, const PvNames& pvs) {
  Segment segment;
  std::optional<std::string_view> type;
  bool has_start = false, has_count = false;
  for (config::Node node : section) {
    std::string_view key = node.key();
    if (key == "start_extent") {
      segment.start = {TRY(read_u32(where, node))};
      has_start = true;
    } else if (key == "extent_count") {
      segment.length = {TRY(read_u32(where, node))};
      has_count = true;
    } else if (key == "tags") {
      segment.tags = TRY(read_strings(where, node));
    } else if (key == "type") {
      type = node.string();
      if (!type) return bad_value(where, node, "a string");
    }
  }
  if (!has_start) return missing_key(where, section, "start_extent");
  if (!has_count) return missing_key(where, section, "extent_count");
  if (!type) return missing_key(where, section, "type");
  if (type == "striped" || type == "linear")
    TRY(read_striped(section, pvs, where, segment));
  else if (type == "error" || type == "zero")
    TRY(read_unbacked(section, *type, segment));
  else
    TRY(read_foreign(section, *type, pvs, where, segment));
  return segment;
}

Result<LogicalVolume> read_lv(const std::string& where, config::Node section, const PvNames& pvs) {
  LogicalVolume lv;
  lv.name = section.key();
  std::uint64_t segment_count = 0;
  bool has_status = false;
  for (config::Node node : section) {
    std::string_view key = node.key();
    if (node.is_section()) {
      lv.segments.push_back(TRY(read_segment(section_name(where, node), node, pvs)));
    } else if (key == "id") {
      lv.id = TRY(read_uuid(where, node));
    } else if (key == "status") {
      TRY(read_flags(where, node, false, lv.status));
      has_status = true;
    } else if (key == "flags") {
      TRY(read_flags(where, node, true, lv.status));
    } else if (key == "tags") {
      lv.tags = TRY(read_strings(where, node));
    } else if (key == "creation_time") {
      lv.creation_time = TRY(read_number(where, node));
    } else if (key == "creation_host") {
      lv.creation_host = TRY(read_string(where, node));
    } else if (key == "lock_args") {
      lv.lock_args = TRY(read_string(where, node));
    } else if (key == "allocation_policy") {
      lv.alloc = TRY(read_alloc(where, node));
    } else if (key == "profile") {
      lv.profile = TRY(read_string(where, node));
    } else if (key == "read_ahead") {
      lv.read_ahead = TRY(read_i32(where, node));
    } else if (key == "major") {
      lv.major = TRY(read_i32(where, node));
    } else if (key == "minor") {
      lv.minor = TRY(read_i32(where, node));
    } else if (key == "segment_count") {
      segment_count = TRY(read_number(where, node, std::numeric_limits<std::uint32_t>::max()));
    } else {
      config::append_printed(lv.extra, node);
    }
  }
  if (lv.id.empty()) return missing_key(where, section, "id");
  if (!has_status) return missing_key(where, section, "status");
  if (segment_count == 0) return missing_key(where, section, "segment_count");
  if (segment_count != lv.segments.size())
    return Error(Errc::Corrupt, fmt::format("{}: {} segments are there, segment_count says {}", where,
                                            lv.segments.size(), segment_count));
  std::stable_sort(lv.segments.begin(), lv.segments.end(),
                   [](const Segment& a, const Segment& b) { return a.start < b.start; });
  unlock_write(lv.status);
  return lv;
}

Status read_pvs(config::Node section, VolumeGroup& vg, PvNames& names) {
  for (config::Node node : section) {
    std::string where = section_name(vg.name, node);
    if (!node.is_section()) return bad_value(where, node, "a section");
    vg.pvs.push_back(TRY(read_pv(where, node)));
    names.emplace(node.key(), PvSection{vg.pvs.back().id, vg.pvs.size() - 1});  // read_document() wants names once
  }
  return ok();
}

/// Those that `plain` has not taken; empty places of it are filled with them. An LV that was not offered to it, such as
/// one with its name in quotes, has no place among the others: that is an error, and all are read without the short cut.
Status read_lvs(config::Node section, const PvNames& names, PlainLvs& plain, VolumeGroup& vg) {
  const bool in_places = !plain.lvs.empty();
  std::size_t next = 0;
  for (config::Node node : section) {
    std::string where = section_name(vg.name, node);
    if (!node.is_section()) return bad_value(where, node, "a section");
    if (!is_valid_name(node.key())) return Error(Errc::Corrupt, where + ": that is no valid name of an LV");
    if (next == plain.declined.size() && in_places) return Error(Errc::Corrupt, where + ": its place is not known");
    if (next == plain.declined.size()) plain.declined.push_back(plain.lvs.size()), plain.lvs.emplace_back();
    plain.lvs[plain.declined[next++]] = TRY(read_lv(where, node, names));
  }
  // Never: whatever `plain` declines is a section of the document.
  if (next != plain.declined.size()) return Error(Errc::Corrupt, vg.name + ": LVs are missing");
  vg.lvs = std::move(plain.lvs);
  PositionIndex seen(vg.lvs.size(), [&](std::size_t i) { return std::string_view(vg.lvs[i].name); });
  for (std::size_t i = 0; i < vg.lvs.size(); ++i)
    if (seen.add(i) != i)
      return Error(Errc::Corrupt, vg.name + "/" + vg.lvs[i].name + ": there are two LVs of that name");
  return ok();
}

Result<VolumeGroup> read_vg_section(config::Node section, PlainLvs& plain) {
  VolumeGroup vg;
  vg.name = section.key();
  if (!is_valid_name(vg.name))
    return Error(Errc::Corrupt, "\"" + shown(vg.name) + "\" is no valid name of a volume group");
  bool has_status = false, has_seqno = false, has_extent_size = false, has_limits[2] = {false, false};
  config::Node pvs = section.section("physical_volumes");
  config::Node lvs = section.section("logical_volumes");
  const std::string& where = vg.name;
  for (config::Node node : section) {
    std::string_view key = node.key();
    if (key == "physical_volumes" || key == "logical_volumes") {
      if (!node.is_section()) return bad_value(where, node, "a section");
    } else if (key == "historical_logical_volumes") {
      if (!node.is_section()) return bad_value(where, node, "a section");
      vg.historical = config::print(node);
    } else if (key == "id") {
      vg.id = TRY(read_uuid(where, node));
    } else if (key == "seqno") {
      vg.seqno = TRY(read_u32(where, node));
      has_seqno = true;
    } else if (key == "format") {
      vg.format = TRY(read_string(where, node));
    } else if (key == "status") {
      TRY(read_flags(where, node, false, vg.status));
      has_status = true;
    } else if (key == "flags") {
      TRY(read_flags(where, node, true, vg.status));
    } else if (key == "tags") {
      vg.tags = TRY(read_strings(where, node));
    } else if (key == "system_id") {
      vg.system_id = TRY(read_string(where, node));
    } else if (key == "lock_type") {
      vg.lock_type = TRY(read_string(where, node));
    } else if (key == "lock_args") {
      vg.lock_args = TRY(read_string(where, node));
    } else if (key == "extent_size") {
      vg.extent_size = {TRY(read_u32(where, node))};
      has_extent_size = true;
    } else if (key == "max_lv") {
      vg.max_lv = TRY(read_u32(where, node));
      has_limits[0] = true;
    } else if (key == "max_pv") {
      vg.max_pv = TRY(read_u32(where, node));
      has_limits[1] = true;
    } else if (key == "allocation_policy") {
      vg.alloc = TRY(read_alloc(where, node));
      if (vg.alloc == AllocPolicy::Inherit) vg.alloc = AllocPolicy::Normal;  // there is nothing to inherit from
    } else if (key == "profile") {
      vg.profile = TRY(read_string(where, node));
    } else if (key == "metadata_copies") {
      vg.metadata_copies = TRY(read_u32(where, node));
    } else {
      config::append_printed(vg.extra, node);
    }
  }
  if (vg.id.empty()) return missing_key(where, section, "id");
  if (!has_seqno) return missing_key(where, section, "seqno");
  if (!has_status) return missing_key(where, section, "status");
  if (!has_extent_size) return missing_key(where, section, "extent_size");
  if (!has_limits[0]) return missing_key(where, section, "max_lv");
  if (!has_limits[1]) return missing_key(where, section, "max_pv");
  if (!pvs) return missing_key(where, section, "physical_volumes");
  if (vg.format != "lvm2")
    return Error(Errc::Unsupported, fmt::format("{}: metadata format \"{}\" is not lvm2", where, shown(vg.format)));
  PvNames names;
  TRY(read_pvs(pvs, vg, names));
  if (lvs) TRY(read_lvs(lvs, names, plain, vg));
  unlock_write(vg.status);
  return vg;
}

Result<Header> read_header(config::Node root) {
  Header header;
  const std::string where = "metadata header";
  config::Node contents = root.find("contents");
  config::Node version = root.find("version");
  if (!contents || contents.string() != kContents)
    return Error(Errc::Corrupt, fmt::format("{}: contents is not \"{}\"", where, kContents));
  if (!version || version.unsigned_integer() != kVersion)
    return Error(Errc::Corrupt, fmt::format("{}: version is not {}", where, kVersion));
  if (config::Node n = root.find("description")) header.description = TRY(read_string(where, n));
  if (config::Node n = root.find("creation_host")) header.creation_host = TRY(read_string(where, n));
  if (config::Node n = root.find("creation_host_system_id"))
    header.creation_host_system_id = TRY(read_string(where, n));
  if (config::Node n = root.find("creation_time")) header.creation_time = TRY(read_number(where, n));
  return header;
}

Result<ReadVg> read_document(const config::Document& document, PlainLvs& plain) {
  // The two are one node here, with the last value; LVM2 reads the first value and refuses an LV that is there twice.
  if (int line = document.repeated_line(); line != 0)
    return Error(Errc::Corrupt, fmt::format("line {} repeats a name that its section has already", line));
  for (config::Node node : document.root()) {
    if (!node.is_section()) continue;
    Header header = TRY(read_header(document.root()));
    return ReadVg{TRY(read_vg_section(node, plain)), std::move(header)};
  }
  return Error(Errc::Corrupt, "there is no volume group in it");
}
}  // namespace

Result<ReadVg> read_vg(const config::Document& document) {
  PlainLvs none;
  return read_document(document, none).context(document.source());
}

Result<ReadVg> read_vg(const std::string& text, const std::string& source) {
  {
    PlainLvs plain;
    auto document = config::Document::view(text, source, &plain);
    if (document.ok())
      if (auto read = read_document(*document, plain); read.ok()) return read;
  }
  // Something is wrong: without the short cut the message says what and where.
  config::Document document = TRY(config::Document::view(text, source));
  return read_vg(document);
}

namespace {
int line_of_member(const std::string& text, std::string_view members, std::size_t n) {
  auto document = config::Document::view(text, "");
  if (!document) return 0;
  for (config::Node vg : document->root()) {
    if (!vg.is_section()) continue;
    for (config::Node member : vg.section(members))
      if (n-- == 0) return member.line();
    return 0;
  }
  return 0;
}
}  // namespace

int line_of_pv(const std::string& text, std::size_t n) { return line_of_member(text, "physical_volumes", n); }
int line_of_lv(const std::string& text, std::size_t n) { return line_of_member(text, "logical_volumes", n); }

std::optional<std::string> peek_vg_name(std::string_view text) {
  std::string_view name = text.substr(0, text.find_first_of(" \t\r\n\v\f{", 0));
  if (!is_valid_name(name)) return std::nullopt;
  return std::string(name);
}

}  // namespace ashlar::text
