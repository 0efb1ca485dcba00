// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/metadata_copies.h"

#include "ops/changes.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

std::vector<store::FoundPv> choose_areas(std::vector<store::FoundPv>& present, std::uint32_t copies) {
  std::vector<store::FoundPv> ignored;
  if (copies == 0) return ignored;
  std::uint32_t used = 0;
  for (store::FoundPv& pv : present) {
    store::FoundPv rest{pv.device, pv.label, {}};
    for (store::Mda& mda : pv.mdas) {
      if (used < copies) {
        ++used;
        if (mda.header) mda.header->committed.flags &= ~1U;
      } else {
        rest.mdas.push_back(mda);
      }
    }
    if (!rest.mdas.empty()) ignored.push_back(std::move(rest));
  }
  return ignored;
}

Status ignore_areas(System& sys, const std::vector<store::FoundPv>& pvs) {
  for (const store::FoundPv& pv : pvs)
    TRY(edit_pv(sys, {.device = pv.device, .what = "metadata areas ignored", .ignored = true, .mdas = pv.mdas}));
  return ok();
}

}  // namespace ashlar::ops
