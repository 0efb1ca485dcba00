// SPDX-License-Identifier: LGPL-2.1-or-later
// Segments in text, one file per type family. Reading is dispatched by the type word, writing by std::visit.
#pragma once

#include <string>
#include <unordered_map>

#include "base/result.h"
#include "config/document.h"
#include "metadata/model/segment.h"
#include "metadata/text/writer.h"

namespace ashlar::text {

/// A PV section of the text being read.
struct PvSection {
  Uuid id;
  std::size_t position = 0;  ///< among the PVs
  std::string written_name() const { return "pv" + std::to_string(position); }
};
using PvNames = std::unordered_map<std::string_view, PvSection>;
/// The other way round, for the text being written.
using PvSections = std::unordered_map<Uuid, std::string>;

/// What writing a segment needs of its VG.
struct SegmentSurroundings {
  const PvSections& pvs;
  Sectors extent_size;
};

/// Fills body and extra from the keys of a segment section; `where` is "vg/lv/segment1" for messages.
Status read_striped(config::Node section, const PvNames& pvs, const std::string& where, Segment& into);
Status read_foreign(config::Node section, std::string_view type, const PvNames& pvs, const std::string& where,
                    Segment& into);
Status read_unbacked(config::Node section, std::string_view type, Segment& into);

void write_segment_body(Writer& out, const Segment& segment, const Unbacked& unbacked, const SegmentSurroundings& in);
void write_segment_body(Writer& out, const Segment& segment, const Striped& striped, const SegmentSurroundings& in);
void write_segment_body(Writer& out, const Segment& segment, const Foreign& foreign, const SegmentSurroundings& in);

/// Has it the keys that say what a segment of that type lies on? Of a type that is not known nothing is asked.
Status check_required_keys(config::Node section, std::string_view type, const PvNames& pvs, const std::string& where);

/// Extents of a raid LV, and of its images, that a reshape uses as scratch space. A key of any type, kept among
/// those not understood; it stands in front of the type.
inline constexpr std::string_view kReshapeCount = "reshape_count";
void write_reshape_count(Writer& out, config::Node kept, Sectors extent_size);

/// Keys that every segment has; what a type does not know beyond them goes to Segment::extra.
bool is_common_segment_key(std::string_view key);

}  // namespace ashlar::text
