// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/names.h"

#include <algorithm>

namespace ashlar::dm {
namespace {

constexpr std::size_t kIdLength = 32;

std::string double_hyphens(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (c == '-') out += '-';
    out += c;
  }
  return out;
}

/// Takes what stands before the first hyphen that is not doubled off the front of `rest`, undoubled.
std::string take_part(std::string_view& rest) {
  std::string part;
  std::size_t i = 0;
  for (; i < rest.size(); ++i) {
    if (rest[i] == '-') {
      if (i + 1 == rest.size() || rest[i + 1] != '-') break;
      ++i;
    }
    part += rest[i];
  }
  rest.remove_prefix(std::min(i + 1, rest.size()));
  return part;
}

}  // namespace

std::string device_name(std::string_view vg, std::string_view lv) {
  return double_hyphens(vg) + '-' + double_hyphens(lv);
}

std::string device_uuid(const Uuid& vg, const Uuid& lv) {
  return std::string(kUuidPrefix).append(vg.raw()).append(lv.raw());
}

SplitName split_name(std::string_view dm_name) {
  SplitName parts;
  parts.vg = take_part(dm_name);
  parts.lv = take_part(dm_name);
  parts.layer = dm_name;
  return parts;
}

bool is_layer(std::string_view dm_name) { return !split_name(dm_name).layer.empty(); }

std::optional<SplitUuid> split_uuid(std::string_view uuid) {
  if (!uuid.starts_with(kUuidPrefix)) return std::nullopt;
  uuid.remove_prefix(kUuidPrefix.size());
  if (uuid.size() < 2 * kIdLength) return std::nullopt;
  const std::optional<Uuid> vg = parse_uuid(uuid.substr(0, kIdLength));
  const std::optional<Uuid> lv = parse_uuid(uuid.substr(kIdLength, kIdLength));
  uuid.remove_prefix(2 * kIdLength);
  if (!vg || !lv || (!uuid.empty() && (uuid[0] != '-' || uuid.size() == 1))) return std::nullopt;
  return SplitUuid{*vg, *lv, std::string(uuid.substr(uuid.empty() ? 0 : 1))};
}

bool is_of(std::string_view uuid, std::span<const Uuid> lvs) {
  const std::optional<SplitUuid> ids = split_uuid(uuid);
  return ids && std::find(lvs.begin(), lvs.end(), ids->lv) != lvs.end();
}

}  // namespace ashlar::dm
