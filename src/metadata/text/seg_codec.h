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

/// PV section names of the text being read.
using PvNames = std::unordered_map<std::string_view, Uuid>;
/// The other way round, for the text being written.
using PvSections = std::unordered_map<Uuid, std::string>;

/// Fills body and extra from the keys of a segment section; `where` is "vg/lv/segment1" for messages.
Status read_striped(config::Node section, const PvNames& pvs, const std::string& where, Segment& into);
Status read_foreign(config::Node section, std::string_view type, Segment& into);

void write_segment_body(Writer& out, const Segment& segment, const Striped& striped, const PvSections& pvs);
void write_segment_body(Writer& out, const Segment& segment, const Foreign& foreign, const PvSections& pvs);

/// Keys that every segment has; what a type does not know beyond them goes to Segment::extra.
bool is_common_segment_key(std::string_view key);

}  // namespace ashlar::text
