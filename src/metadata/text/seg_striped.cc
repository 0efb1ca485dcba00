// SPDX-License-Identifier: LGPL-2.1-or-later
// type = "striped": stripe_count, stripe_size (only with more than one), stripes = [name, first extent, ...].
#include <optional>

#include "base/names.h"
#include "metadata/text/fields.h"
#include "metadata/text/seg_codec.h"

namespace ashlar::text {

namespace {
Result<std::vector<Area>> read_areas(config::Node node, const PvNames& pvs, const std::string& where) {
  if (node.is_section() || node.size() % 2 != 0) return bad_value(where, node, "a list of names and extents");
  std::vector<Area> areas;
  areas.reserve(node.size() / 2);
  for (std::size_t i = 0; i < node.size(); i += 2) {
    const config::Scalar& name = node.at(i);
    const config::Scalar& start = node.at(i + 1);
    if (name.kind != config::Scalar::Kind::String || start.kind != config::Scalar::Kind::Integer || start.integer < 0 ||
        start.integer > std::numeric_limits<std::uint32_t>::max())
      return bad_value(where, node, "a list of names and extents");
    Extents first{static_cast<std::uint64_t>(start.integer)};
    if (auto pv = pvs.find(name.text); pv != pvs.end())
      areas.emplace_back(PvArea{pv->second.id, first});
    else if (is_valid_name(name.text))
      areas.emplace_back(LvArea{std::string(name.text), first});
    else
      return Error(Errc::Corrupt,
                   fmt::format("{}: \"{}\" in line {} is no name of a PV or LV", where, shown(name.text), node.line()));
  }
  return areas;
}
}  // namespace

Status read_striped(config::Node section, const PvNames& pvs, const std::string& where, Segment& into) {
  Striped body;
  std::uint64_t count = 0;
  for (config::Node node : section) {
    std::string_view key = node.key();
    if (is_common_segment_key(key)) continue;
    if (key == "stripe_count" && count == 0) {
      count = TRY(read_number(where, node, kMaxStripes));
      if (count == 0) return bad_value(where, node, "a count of stripes");
    } else if (key == "stripe_size") {
      body.stripe_size = {TRY(read_u32(where, node))};
    } else if (key == "stripes" && body.areas.empty()) {
      body.areas = TRY(read_areas(node, pvs, where));
    } else {
      config::append_printed(into.extra, node);
    }
  }
  if (count == 0) return missing_key(where, section, "stripe_count");
  if (body.areas.size() != count)
    return Error(Errc::Corrupt,
                 fmt::format("{}: {} stripes are listed, stripe_count says {}", where, body.areas.size(), count));
  if (count == 1) body.stripe_size = {};  // LVM2 ignores it for a linear segment
  into.body = std::move(body);
  return ok();
}

void write_segment_body(Writer& out, const Segment& segment, const Striped& striped, const SegmentSurroundings& in) {
  std::optional<config::Document> extra;
  if (!segment.extra.empty()) {
    auto parsed = config::Document::parse(segment.extra, "kept keys");
    ASHLAR_REQUIRE(parsed.ok());  // it was printed by us from a parsed document
    extra = std::move(parsed).value();
    write_reshape_count(out, extra->root(), in.extent_size);
  }
  out.text("type", "striped");
  if (!segment.tags.empty()) out.list("tags", segment.tags);
  if (striped.areas.size() == 1)
    out.line("stripe_count = 1", "linear");
  else
    out.number("stripe_count", std::uint64_t{striped.areas.size()});
  if (striped.areas.size() > 1) out.sized("stripe_size", striped.stripe_size.n, striped.stripe_size);
  if (extra) {
    for (config::Node node : extra->root()) {
      if (node.key() != kReshapeCount) out.node(node);
    }
  }
  out.blank();
  out.line("stripes = [");
  out.indent();
  for (std::size_t i = 0; i < striped.areas.size(); ++i) {
    std::visit(overloaded{[&](const PvArea& a) { out.area(in.pvs.at(a.pv), a.start.n, i + 1 == striped.areas.size()); },
                          [&](const LvArea& a) { out.area(a.lv, a.start.n, i + 1 == striped.areas.size()); }},
               striped.areas[i]);
  }
  out.outdent();
  out.line("]");
}

}  // namespace ashlar::text
