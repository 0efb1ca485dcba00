// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/wipe.h"

#include <fmt/format.h>

#include "device/signatures.h"
#include "ops/transaction.h"

namespace ashlar::ops {

Result<std::vector<device::DeviceSource::Signature>> ask_to_wipe(System& sys, device::BlockDevice& device,
                                                                 const std::string& name, bool agreed, bool may_stay) {
  auto signatures = TRY(sys.devices->signatures(device));
  for (const auto& signature : signatures) {
    std::string found =
        fmt::format("WARNING: {} signature detected on {} at offset {}.", signature.type, name, signature.offset.n);
    bool yes = agreed || sys.conduct.agrees(found + " Wipe it?");
    if (!yes)
      return Error(Errc::Refused, fmt::format("{} Aborted wiping of {}: use -y to wipe it{}", found, signature.type,
                                              may_stay ? ", or -Wn to leave it there" : ""));
  }
  return signatures;
}

std::string wiping_sentence(const device::DeviceSource::Signature& signature, const std::string& name) {
  return fmt::format("Wiping {} signature on {}.", signature.type, name);
}

Status wipe_signatures(System& sys, device::BlockDevice& device,
                       const std::vector<device::DeviceSource::Signature>& signatures,
                       std::vector<std::string>& notes) {
  for (const auto& signature : signatures) {
    if (sys.conduct.test) continue;
    if (sys.transaction != nullptr)
      sys.transaction->wipe(device, signature);
    else
      TRY(device::wipe(device, signature));
    notes.push_back(wiping_sentence(signature, device.path()));
  }
  return ok();
}

}  // namespace ashlar::ops
