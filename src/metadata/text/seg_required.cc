// SPDX-License-Identifier: LGPL-2.1-or-later
// What a segment of a carried-through type must have: the keys that say what it lies on. Without them its extents would
// count as free and its LVs as nobody's; LVM2 reads no such text either. Source: docs/format.md 3.6.
#include <limits>

#include "base/names.h"
#include "metadata/text/fields.h"
#include "metadata/text/seg_codec.h"

namespace ashlar::text {

namespace {
enum class Holds { Name, Names, Areas, Count };
struct RequiredKey {
  std::string_view type;  ///< one that ends in '*' is a prefix
  const char* key;
  const char* other;  ///< stands for it; null: nothing does
  Holds holds;
};
constexpr RequiredKey kRequired[] = {
    {"mirror", "mirror_count", nullptr, Holds::Count},
    {"mirror", "mirrors", nullptr, Holds::Areas},
    {"snapshot", "origin", nullptr, Holds::Name},
    {"snapshot", "cow_store", "merging_store", Holds::Name},
    {"raid*", "device_count", "stripe_count", Holds::Count},
    {"raid*", "raids", "raid0_lvs", Holds::Names},
    {"thin-pool", "metadata", nullptr, Holds::Name},
    {"thin-pool", "pool", nullptr, Holds::Name},
    {"thin", "thin_pool", nullptr, Holds::Name},
    {"cache-pool", "metadata", nullptr, Holds::Name},
    {"cache-pool", "data", nullptr, Holds::Name},
    {"cache", "cache_pool", nullptr, Holds::Name},
    {"cache", "origin", nullptr, Holds::Name},
    {"writecache", "writecache", nullptr, Holds::Name},
    {"writecache", "origin", nullptr, Holds::Name},
    {"integrity", "origin", nullptr, Holds::Name},
    {"vdo-pool", "data", nullptr, Holds::Name},
    {"vdo", "vdo_pool", nullptr, Holds::Name},
};

bool is_of(std::string_view pattern, std::string_view type) {
  return pattern.ends_with('*') ? type.starts_with(pattern.substr(0, pattern.size() - 1)) : pattern == type;
}

bool is_lv_name(const config::Scalar& scalar) {
  return scalar.kind == config::Scalar::Kind::String && is_valid_name(scalar.text);
}

bool all_names(config::Node node) {
  for (std::size_t i = 0; i < node.size(); ++i)
    if (!is_lv_name(node.at(i))) return false;
  return node.size() != 0;
}

bool all_areas(config::Node node, const PvNames& pvs) {
  if (node.size() == 0 || node.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < node.size(); i += 2) {
    const config::Scalar name = node.at(i), start = node.at(i + 1);
    if (!is_lv_name(name) && !(name.kind == config::Scalar::Kind::String && pvs.contains(name.text))) return false;
    if (start.kind != config::Scalar::Kind::Integer || start.integer < 0 ||
        start.integer > std::numeric_limits<std::uint32_t>::max())
      return false;
  }
  return true;
}

Status check_required(const std::string& where, config::Node node, Holds holds, const PvNames& pvs) {
  switch (holds) {
    case Holds::Count:
      if (TRY(read_u32(where, node)) == 0) return bad_value(where, node, "a count above 0");
      break;
    case Holds::Name:
      if (auto name = node.string(); !name || !is_valid_name(*name)) return bad_value(where, node, "the name of an LV");
      break;
    case Holds::Names:
      if (!all_names(node)) return bad_value(where, node, "a list of names of LVs");
      break;
    case Holds::Areas:
      if (!all_areas(node, pvs)) return bad_value(where, node, "a list of names and extents");
      break;
  }
  return ok();
}
}  // namespace

Status check_required_keys(config::Node section, std::string_view type, const PvNames& pvs, const std::string& where) {
  type = type.substr(0, type.find('+'));
  for (const RequiredKey& each : kRequired) {
    if (!is_of(each.type, type)) continue;
    config::Node node = section.find(each.key);
    if (!node && each.other != nullptr) node = section.find(each.other);
    if (!node) return missing_key(where, section, each.key);
    TRY(check_required(where, node, each.holds, pvs));
  }
  if (type != "mirror") return ok();
  const std::uint64_t legs = section.find("mirrors").size() / 2,
                      count = *section.find("mirror_count").unsigned_integer();
  if (legs == count) return ok();
  return Error(Errc::Corrupt, fmt::format("{}: {} mirrors are listed in line {}, mirror_count says {}", where, legs,
                                          section.find("mirrors").line(), count));
}

}  // namespace ashlar::text
