// SPDX-License-Identifier: LGPL-2.1-or-later
// A segment type that Ashlar carries through: its keys in their order, nothing understood, nothing lost.
// LVM2 prints the types it knows with lists of areas one image a line and sizes as comments, and what it does not
// know compactly; so does this. Source: docs/format.md 3.6, 3.8.
#include <algorithm>
#include <span>

#include "metadata/text/fields.h"
#include "metadata/text/seg_codec.h"

namespace ashlar::text {

namespace {
/// Keys whose value is a list of areas, and how many scalars stand in one line.
struct AreaList {
  std::string_view key;
  std::size_t per_line;
};
constexpr AreaList kAreaLists[] = {{"mirrors", 2}, {"raids", 2}, {"raid0_lvs", 1}, {"stripes", 2}};

/// Keys in sectors, which get a size comment in File form.
constexpr std::string_view kSizes[] = {"chunk_size", "stripe_size"};

/// Types LVM2 2.03 prints itself; a suffix of the "raid" family and "+FLAG"s is left out of the comparison.
bool known_type(std::string_view type) {
  type = type.substr(0, type.find('+'));
  static constexpr std::string_view kTypes[] = {"mirror", "snapshot", "thin-pool", "thin",  "cache-pool", "cache",
                                                "writecache", "integrity", "error", "zero", "vdo-pool",   "vdo"};
  return type.starts_with("raid") || std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
}

void write_area_list(Writer& out, config::Node node, std::size_t per_line) {
  out.blank();
  out.line(std::string(node.key()) + " = [");
  out.indent();
  std::string line;
  for (std::size_t i = 0; i < node.size(); ++i) {
    const config::Scalar& s = node.at(i);
    line += s.kind == config::Scalar::Kind::Integer ? std::to_string(s.integer) : config::quoted(s.text);
    bool last = i + 1 == node.size();
    if (!last) line += ',';
    if (last || (i + 1) % per_line == 0) {
      out.line(line);
      line.clear();
    } else {
      line += ' ';
    }
  }
  out.outdent();
  out.line("]");
}

void write_known(Writer& out, config::Node node) {
  for (const AreaList& list : kAreaLists) {
    if (node.key() == list.key && node.is_array()) return write_area_list(out, node, list.per_line);
  }
  auto number = node.unsigned_integer();
  if (number && std::find(std::begin(kSizes), std::end(kSizes), node.key()) != std::end(kSizes))
    return out.sized(node.key(), *number, Sectors{*number});
  out.node(node);
}
}  // namespace

bool is_common_segment_key(std::string_view key) {
  return key == "start_extent" || key == "extent_count" || key == "type" || key == "tags";
}

Status read_foreign(config::Node section, std::string_view type, Segment& into) {
  Foreign body;
  body.type = type;
  for (config::Node node : section) {
    if (!is_common_segment_key(node.key())) body.body += config::print_entry(node);
  }
  into.body = std::move(body);
  return ok();
}

void write_segment_body(Writer& out, const Segment& segment, const Foreign& foreign, const PvSections&) {
  out.text("type", foreign.type);
  if (!segment.tags.empty()) out.list("tags", segment.tags);
  if (foreign.body.empty()) return;
  auto body = config::Document::parse(foreign.body, "kept segment");
  ASHLAR_REQUIRE(body.ok());  // it was printed by us from a parsed document
  bool known = known_type(foreign.type);
  for (config::Node node : body->root()) {
    if (known)
      write_known(out, node);
    else
      out.node(node, false);
  }
}

}  // namespace ashlar::text
