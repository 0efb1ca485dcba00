// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/wipe.h"

#include <fmt/format.h>

#include "device/signatures.h"
#include "ops/transaction.h"

namespace ashlar::ops {

Status wipe_signatures(System& sys, device::BlockDevice& device, const std::string& name, bool agreed,
                       std::vector<std::string>& notes) {
  for (const auto& signature : TRY(sys.devices->signatures(device))) {
    std::string found = fmt::format("WARNING: {} signature detected on {} at offset {}.", signature.type, name, signature.offset.n);
    bool yes = agreed || sys.conduct.assume_yes || (sys.conduct.confirm && sys.conduct.confirm(found + " Wipe it?"));
    if (!yes)
      return Error(Errc::Refused, fmt::format("{} Aborted wiping of {}: use -y to wipe it, or -Wn to leave it there", found, signature.type));
    if (sys.conduct.test) continue;
    if (sys.transaction != nullptr)
      sys.transaction->wipe(device, signature);
    else
      TRY(device::wipe(device, signature));
    notes.push_back(fmt::format("Wiping {} signature on {}.", signature.type, name));
  }
  return ok();
}

}  // namespace ashlar::ops
