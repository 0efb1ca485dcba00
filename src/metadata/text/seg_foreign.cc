// SPDX-License-Identifier: LGPL-2.1-or-later
// A segment type that Ashlar carries through: its keys in their order, nothing understood, nothing lost.
// LVM2 prints the types it knows with lists of areas one image a line and sizes as comments, and what it does not
// know compactly; so does this. Source: docs/format.md 3.6, 3.8.
#include <algorithm>
#include <span>

#include "metadata/model/foreign.h"
#include "metadata/text/fields.h"
#include "metadata/text/seg_codec.h"

namespace ashlar::text {

namespace {
/// How LVM2 lays out the value of a key.
enum class Layout {
  Plain,
  Pairs,        ///< a list, one name and extent a line
  Images,       ///< a list of images, each perhaps behind its metadata LV, one image a line
  Sectors,      ///< a size comment; the number is in sectors,
  Extents,      ///< extents,
  Mebibytes,    ///< or MiB
  LastExtents,  ///< Extents, and a blank line behind it
  Compact,      ///< a section whose settings are written compactly
  Message,      ///< sections behind a blank line
};
struct KeyLayout {
  std::string_view type, key;  ///< a type that ends in '*' is a prefix
  Layout layout;
};
constexpr KeyLayout kLayouts[] = {
    {"mirror", "mirrors", Layout::Pairs},
    {"mirror", "extents_moved", Layout::Extents},
    {"raid*", "raids", Layout::Images},
    {"raid*", "raid0_lvs", Layout::Images},
    {"thin-pool", "chunk_size", Layout::Sectors},
    {"thin-pool", "message*", Layout::Message},
    {"cache*", "policy_settings", Layout::Compact},
    {"vdo-pool", "header_size", Layout::Sectors},
    {"vdo-pool", "virtual_extents", Layout::LastExtents},
    {"vdo-pool", "block_map_cache_size_mb", Layout::Mebibytes},
    {"vdo-pool", "index_memory_size_mb", Layout::Mebibytes},
    {"vdo-pool", "slab_size_mb", Layout::Mebibytes},
};
constexpr std::uint64_t kSectorsPerMebibyte = 2048;

bool matches(std::string_view pattern, std::string_view word) {
  if (!pattern.ends_with('*')) return pattern == word;
  pattern.remove_suffix(1);
  return word.starts_with(pattern);
}

Layout layout_of(std::string_view type, std::string_view key) {
  for (const KeyLayout& each : kLayouts) {
    if (matches(each.type, type) && matches(each.key, key)) return each.layout;
  }
  return Layout::Plain;
}

/// Names and numbers alone; a bare word would swallow the comma behind it.
bool is_area_list(config::Node node) {
  for (std::size_t i = 0; i < node.size(); ++i) {
    config::Scalar::Kind kind = node.at(i).kind;
    if (kind != config::Scalar::Kind::String && kind != config::Scalar::Kind::Integer) return false;
  }
  return node.is_array();
}

bool ends_line(config::Node node, std::size_t i, Layout layout) {
  if (layout == Layout::Pairs) return i % 2 == 1;
  return node.at(i).text.find("_rmeta_") == std::string_view::npos;
}

void write_area_list(Writer& out, config::Node node, Layout layout) {
  out.blank();
  out.line(std::string(node.key()) + " = [");
  out.indent();
  std::string line;
  for (std::size_t i = 0; i < node.size(); ++i) {
    const config::Scalar s = node.at(i);
    line += s.kind == config::Scalar::Kind::String ? config::quoted(s.text) : std::string(s.text);
    bool last = i + 1 == node.size();
    if (!last) line += ',';
    if (last || ends_line(node, i, layout)) {
      out.line(line);
      line.clear();
    } else {
      line += ' ';
    }
  }
  out.outdent();
  out.line("]");
}

/// `number` extents, or nothing where that is no size.
Sectors extents_size(std::uint64_t number, Sectors extent_size) {
  return {checked_mul(number, extent_size.n).value_or(0)};
}

/// The number of a setting that is written as its value alone would be. An octal one stays as it was.
std::optional<std::uint64_t> plain_number(config::Node node) {
  auto n = node.unsigned_integer();
  if (n && node.at(0).text != std::to_string(*n)) n.reset();
  return n;
}

void write_sized(Writer& out, config::Node node, Layout layout, Sectors extent_size) {
  auto n = plain_number(node);
  if (!n) return out.node(node);
  switch (layout) {
    case Layout::Mebibytes:
      return out.sized(node.key(), *n, extents_size(*n, {kSectorsPerMebibyte}));
    case Layout::Extents:
      return out.sized(node.key(), *n, extents_size(*n, extent_size));
    case Layout::LastExtents:
      out.sized(node.key(), *n, extents_size(*n, extent_size));
      return out.blank();
    default:
      return out.sized(node.key(), *n, Sectors{*n});
  }
}

void write_known(Writer& out, std::string_view type, config::Node node, bool& messages, Sectors extent_size) {
  Layout layout = layout_of(type, node.key());
  switch (layout) {
    case Layout::Pairs:
    case Layout::Images:
      if (is_area_list(node)) return write_area_list(out, node, layout);
      break;
    case Layout::Message:
      if (node.is_section() && !messages) out.blank();
      messages = messages || node.is_section();
      break;
    case Layout::Compact:
      return out.compact(node);
    case Layout::Plain:
      break;
    default:
      return write_sized(out, node, layout, extent_size);
  }
  out.node(node);
}

/// PV sections are named anew each time a text is written: pv0, pv1, ... in their order. A text whose names differ
/// (nobody's but a person's) is brought to that, so that the names kept here stay right.
std::string with_written_names(config::Node node, const PvNames& pvs) {
  std::string text(node.key());
  text += "=[";
  for (std::size_t i = 0; i < node.size(); ++i) {
    const config::Scalar s = node.at(i);
    if (i != 0) text += ',';
    auto pv = s.kind == config::Scalar::Kind::String ? pvs.find(s.text) : pvs.end();
    if (pv != pvs.end())
      text += config::quoted(pv->second.written_name());
    else
      text += s.kind == config::Scalar::Kind::String ? config::quoted(s.text) : std::string(s.text);
  }
  return text + "]\n";
}

bool names_other_pvs(config::Node node, const PvNames& pvs) {
  if (!is_area_list(node) || !config::is_plain_name(node.key())) return false;
  bool other = false;
  for (std::size_t i = 0; i < node.size(); ++i) {
    const config::Scalar s = node.at(i);
    auto pv = s.kind == config::Scalar::Kind::String ? pvs.find(s.text) : pvs.end();
    other = other || (pv != pvs.end() && pv->first != pv->second.written_name());
  }
  return other;
}
}  // namespace

bool is_common_segment_key(std::string_view key) {
  return key == "start_extent" || key == "extent_count" || key == "type" || key == "tags";
}

Status read_foreign(config::Node section, std::string_view type, const PvNames& pvs, const std::string& where,
                    Segment& into) {
  if (is_known_type(type)) TRY(check_required_keys(section, type, pvs, where));
  Foreign body;
  body.type = type;
  for (config::Node node : section) {
    if (is_common_segment_key(node.key())) continue;
    body.body += names_other_pvs(node, pvs) ? with_written_names(node, pvs) : config::print_entry(node);
  }
  into.body = std::move(body);
  return ok();
}

void write_segment_body(Writer& out, const Segment& segment, const Foreign& foreign, const SegmentSurroundings& in) {
  auto body = config::Document::parse(foreign.body, "kept segment");
  ASHLAR_REQUIRE(body.ok());  // it was printed by us from a parsed document
  bool known = is_known_type(foreign.type);
  if (known) write_reshape_count(out, body->root(), in.extent_size);
  out.text("type", foreign.type);
  if (!segment.tags.empty()) out.list("tags", segment.tags);
  std::string_view type = std::string_view(foreign.type).substr(0, foreign.type.find('+'));
  bool messages = false;
  for (config::Node node : body->root()) {
    if (!known)
      out.compact(node);
    else if (node.key() != kReshapeCount)
      write_known(out, type, node, messages, in.extent_size);
  }
}

void write_reshape_count(Writer& out, config::Node kept, Sectors extent_size) {
  config::Node count = kept.find(kReshapeCount);
  if (!count) return;
  if (auto n = plain_number(count))
    out.sized(kReshapeCount, *n, extents_size(*n, extent_size));
  else
    out.node(count);
}

}  // namespace ashlar::text
