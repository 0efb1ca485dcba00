// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/vg_locks.h"

#include <algorithm>

namespace ashlar::ops {

Result<OpenVgs> lock_vgs(System& sys, std::vector<std::string> names) {
  lock::Held global = TRY(sys.locks->global(lock::Mode::Exclusive));
  std::vector<lock::Held> locks;
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const std::string& name : names) locks.push_back(TRY(sys.locks->vg(name, lock::Mode::Exclusive)));
  auto picture = TRY(read_devices(sys));
  return OpenVgs{std::move(global), std::move(locks), std::move(picture)};
}

Result<const store::VgState*> usable_vg(System& sys, const OpenVgs& open, const std::string& name, Need need, const Uuid* id) {
  const store::VgState* state = nullptr;
  for (const store::VgState& each : open.picture.vgs) {
    if (id != nullptr && each.vg.id == *id && each.vg.name == name) state = &each;
  }
  if (state == nullptr) state = TRY(store::find_vg(open.picture, name));
  TRY(check_allowed(sys, *state, need));
  return state;
}

}  // namespace ashlar::ops
