// SPDX-License-Identifier: LGPL-2.1-or-later
// type = "error" and type = "zero": no keys of their own.
#include "metadata/text/seg_codec.h"

namespace ashlar::text {

Status read_unbacked(config::Node section, std::string_view type, Segment& into) {
  for (config::Node node : section) {
    if (!is_common_segment_key(node.key())) config::append_printed(into.extra, node);
  }
  into.body = Unbacked{type == "zero" ? Unbacked::Kind::Zero : Unbacked::Kind::Error};
  return ok();
}

void write_segment_body(Writer& out, const Segment& segment, const Unbacked& unbacked, const SegmentSurroundings& in) {
  auto extra = config::Document::parse(segment.extra, "kept keys");
  ASHLAR_REQUIRE(extra.ok());  // it was printed by us from a parsed document
  write_reshape_count(out, extra->root(), in.extent_size);
  out.text("type", unbacked.word());
  if (!segment.tags.empty()) out.list("tags", segment.tags);
  for (config::Node node : extra->root()) {
    if (node.key() != kReshapeCount) out.node(node);
  }
}

}  // namespace ashlar::text
