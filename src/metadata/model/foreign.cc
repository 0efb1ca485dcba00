// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/model/foreign.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>

#include "base/names.h"
#include "config/document.h"

namespace ashlar {

namespace {

constexpr std::string_view kTypes[] = {
    "striped",    "linear",      "mirror",     "snapshot",   "raid0",     "raid0_meta", "raid1",
    "raid10",     "raid10_near", "raid4",      "raid5",      "raid5_n",   "raid5_la",   "raid5_ra",
    "raid5_ls",   "raid5_rs",    "raid6",      "raid6_n_6",  "raid6_zr",  "raid6_nr",   "raid6_nc",
    "raid6_ls_6", "raid6_rs_6",  "raid6_la_6", "raid6_ra_6", "thin-pool", "thin",       "cache-pool",
    "cache",      "writecache",  "integrity",  "error",      "zero",      "vdo-pool",   "vdo"};
constexpr std::string_view kTypeFlags[] = {"RESHAPE",
                                           "RESHAPE_DATA_OFFSET",
                                           "RESHAPE_DELTA_DISKS_PLUS",
                                           "RESHAPE_DELTA_DISKS_MINUS",
                                           "REMOVE_AFTER_RESHAPE",
                                           "METADATA_FORMAT",
                                           "CROP_METADATA",
                                           "CACHE_USES_CACHEVOL"};
constexpr std::string_view kAreaArrays[] = {"stripes", "mirrors", "raids", "raid0_lvs"};
constexpr std::string_view kDataKeys[] = {"origin",   "cow_store", "merging_store", "metadata",   "pool",
                                          "data",     "thin_pool", "cache_pool",    "writecache", "external_origin",
                                          "meta_dev", "vdo_pool",  "mirror_log"};

bool among(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// "pv12" to the PV at position 12; nothing if it is not the section name of a PV of this VG.
const PhysicalVolume* pv_section(const VolumeGroup& vg, std::string_view name) {
  if (!name.starts_with("pv") || name.size() < 3 || (name[2] == '0' && name.size() > 3)) return nullptr;
  std::size_t index = 0;
  auto [end, failed] = std::from_chars(name.data() + 2, name.data() + name.size(), index);
  if (failed != std::errc{} || end != name.data() + name.size() || index >= vg.pvs.size()) return nullptr;
  return &vg.pvs[index];
}

/// Thin snapshots name the thin LV they were taken from and may outlive any order among them; those names carry no
/// data.
bool holds_data(std::string_view type, std::string_view key) { return !(type == "thin" && key == "origin"); }

class Reader {
 public:
  Reader(const VolumeGroup& vg, std::string_view type, Extents length, ForeignNames& out)
      : vg_(vg), type_(type.substr(0, type.find('+'))), length_(length), known_(is_known_type(type)), out_(out) {
    out_.pvs.known = known_;
  }

  void section(config::Node node) {
    for (config::Node child : node) {
      if (child.is_section()) {
        section(child);
      } else if (known_ && among(kAreaArrays, child.key())) {
        area_array(child);
      } else if (known_ && (among(kDataKeys, child.key()) || child.key() == "merge")) {
        if (auto name = child.string()) lv(*name, child.key() != "merge" && holds_data(type_, child.key()));
      } else {
        other(child);
      }
    }
  }

 private:
  void lv(std::string_view name, bool data) {
    if (!is_valid_name(name)) return;
    out_.lvs.emplace_back(name);
    if (data) out_.below.emplace_back(name);
  }

  /// Names, each perhaps followed by its first extent. PV sections are looked up before LVs.
  void area_array(config::Node node) {
    for (std::size_t i = 0; i < node.size(); ++i) {
      const config::Scalar& name = node.at(i);
      if (name.kind != config::Scalar::Kind::String) continue;
      const PhysicalVolume* pv = pv_section(vg_, name.text);
      if (pv == nullptr) {
        lv(name.text, true);
        continue;
      }
      auto first = extent_behind(node, i);
      if (type_ == "mirror" && node.key() == "mirrors" && first) {
        out_.pvs.areas.push_back({pv->id, *first});
      } else {
        out_.pvs.known = false;
      }
    }
  }

  static std::optional<Extents> extent_behind(config::Node node, std::size_t i) {
    if (i + 1 >= node.size()) return std::nullopt;
    const config::Scalar number = node.at(i + 1);
    if (number.kind != config::Scalar::Kind::Integer || number.integer < 0) return std::nullopt;
    return Extents{static_cast<std::uint64_t>(number.integer)};
  }

  void other(config::Node node) {
    for (std::size_t i = 0; i < node.size(); ++i) {
      const config::Scalar& scalar = node.at(i);
      if (scalar.kind != config::Scalar::Kind::String && scalar.kind != config::Scalar::Kind::Bare) continue;
      if (const PhysicalVolume* pv = pv_section(vg_, scalar.text)) {
        out_.pvs.known = false;
        const auto first = extent_behind(node, i);
        if (!known_ && first) out_.pvs.perhaps.push_back({pv->id, {*first, length_of_each(node)}});
      }
      if (!known_) lv(scalar.text, false);
    }
  }

  /// What each of a list's pairs has of its PV, at most: what is called stripes shares the extents, as it does in every type
  /// that is known.
  Extents length_of_each(config::Node pairs) const {
    const std::uint64_t count = pairs.size() / 2;
    return pairs.key() == "stripes" && count != 0 && length_.n % count == 0 ? length_ / count : length_;
  }

  const VolumeGroup& vg_;
  std::string_view type_;
  Extents length_;
  bool known_;
  ForeignNames& out_;
};

}  // namespace

bool is_known_type(std::string_view type) {
  std::string_view base = type.substr(0, type.find('+'));
  if (!among(kTypes, base)) return false;
  for (std::string_view rest = type.substr(base.size()); !rest.empty();) {
    rest.remove_prefix(1);
    std::string_view flag = rest.substr(0, rest.find('+'));
    if (!among(kTypeFlags, flag)) return false;
    rest.remove_prefix(flag.size());
  }
  return true;
}

ForeignNames foreign_names(const VolumeGroup& vg, const Segment& segment) {
  ForeignNames names;
  const auto* body = std::get_if<Foreign>(&segment.body);
  if (body == nullptr) return names;
  Reader reader(vg, body->type, segment.length, names);
  auto document = config::Document::parse(body->body, "segment of type " + body->type);
  if (document.ok()) {
    reader.section(document->root());
  } else {
    names.pvs.known = false;
  }
  // Every mirror lies on something; what is read from a text says on what.
  if (body->type == "mirror" && names.pvs.areas.empty() && names.below.empty()) names.pvs.known = false;
  return names;
}

ForeignAreas foreign_areas(const VolumeGroup& vg, const Segment& segment) { return foreign_names(vg, segment).pvs; }

}  // namespace ashlar
