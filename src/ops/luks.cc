// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/luks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.h"
#include "ops/helper.h"

namespace ashlar::ops {

Result<LuksMapping> find_luks_mapping(const device::HostPaths& host, device::DevNumber lv, const std::string& what) {
  LuksMapping mapping;
  for (const device::Holder& holder : device::holders(host, lv))
    if (holder.dm_uuid.starts_with("CRYPT-LUKS")) mapping.name = holder.dm_name;
  if (mapping.name.empty())
    return Error(
        Errc::Refused,
        fmt::format(
            "{} is encrypted and closed: open it (cryptsetup open {} NAME), so that the filesystem in it can change its size, or leave -r out",
            what, what));
  const HelperResult status = TRY(run_helper({"cryptsetup", "status", mapping.name}));
  const std::optional<Bytes> offset = luks_offset(status.output);
  if (status.status != 0 || !offset) return helper_error("cryptsetup status " + printable(mapping.name), status);
  mapping.offset = *offset;
  return mapping;
}

std::optional<Bytes> luks_offset(std::string_view status) {
  const std::optional<std::uint64_t> sectors = number_after(status, "offset:");
  if (!sectors || *sectors > (UINT64_MAX >> 9)) return std::nullopt;
  return Bytes{*sectors << 9};
}

Status resize_luks_mapping(const LuksMapping& mapping, std::optional<Bytes> size, const Conduct& conduct) {
  std::vector<std::string> words = {"cryptsetup", "resize"};
  if (size) words.insert(words.end(), {"--size", std::to_string(size->n >> 9)});
  words.push_back(mapping.name);
  const HelperResult result = TRY(run_helper(words, {.our_stdin = conduct.helpers_may_ask, .time = {}}));
  return result.status == 0 ? ok() : Status(helper_error(fmt::to_string(fmt::join(words, " ")), result));
}

}  // namespace ashlar::ops
