// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/metadata_copies.h"

#include <algorithm>

#include "ops/changes.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

std::uint32_t copies_of_new_vg(const config::Settings& settings) {
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(settings.number("metadata/vgmetadatacopies"), 0, INT32_MAX));
}

std::vector<store::FoundPv> choose_areas(std::vector<store::FoundPv>& present, std::uint32_t copies) {
  std::vector<store::FoundPv> ignored;
  auto in_use = [](const store::Mda& mda) { return !mda.header || !mda.header->ignored(); };
  if (copies == 0) {
    if (std::any_of(present.begin(), present.end(),
                    [&](const store::FoundPv& pv) { return std::any_of(pv.mdas.begin(), pv.mdas.end(), in_use); }))
      return ignored;
    copies = 1;  // a VG without any could not be written
  }
  std::uint32_t used = 0;
  for (const store::FoundPv& pv : present) {
    store::FoundPv rest{pv.device, pv.label, {}};
    for (const store::Mda& mda : pv.mdas) {
      if (in_use(mda) && ++used > copies) rest.mdas.push_back(mda);
    }
    if (!rest.mdas.empty()) ignored.push_back(std::move(rest));
  }
  for (store::FoundPv& pv : present) {
    for (store::Mda& mda : pv.mdas) {
      if (in_use(mda) || used >= copies) continue;
      mda.header->committed.set_ignored(false);
      ++used;
    }
  }
  return ignored;
}

Status ignore_areas(System& sys, const std::vector<store::FoundPv>& pvs) {
  for (const store::FoundPv& pv : pvs)
    TRY(edit_pv(sys, {.device = pv.device, .what = "metadata areas ignored", .ignored = true, .mdas = pv.mdas}));
  return ok();
}

}  // namespace ashlar::ops
