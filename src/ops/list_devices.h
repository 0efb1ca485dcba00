// SPDX-License-Identifier: LGPL-2.1-or-later
// The devices file by hand: lvmdevices and vgimportdevices. Their System is made with SystemOptions::listing.
// Each fails with Errc::NotFound "Devices file not enabled." where none is in use.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ops/ops.h"

namespace ashlar::ops {

/// An entry and where its device is now; empty: it is not here.
struct ListedEntry {
  device::DeviceEntry entry;
  std::string device;
};
Result<std::vector<ListedEntry>> listed_devices(System& sys);

struct CheckedEntries {
  std::vector<std::string> differences;  ///< a sentence for each
  std::optional<std::uint32_t> written;  ///< with `update`: the file's counter now; none: nothing was to be written
  Outcome outcome;
};
Result<CheckedEntries> check_listed(System& sys, bool update);

/// A type that the device has not, or that there is not, is passed over with a note.
Result<Outcome> list_device(System& sys, const std::string& path, const std::string& id_type);
/// The device that has this PV.
Result<Outcome> list_pv(System& sys, const Uuid& pv, const std::string& id_type);
/// By the name of its device; with a type by its id.
Result<Outcome> unlist_device(System& sys, const std::string& name, const std::string& id_type);
Result<Outcome> unlist_pv(System& sys, const Uuid& pv);

struct ImportedDevices {
  std::size_t count = 0;
  Outcome outcome;
};
/// Lists all devices of the VGs and has their metadata name the ids. None is listed if one cannot be.
Result<ImportedDevices> import_devices(System& sys, const std::vector<std::string>& vgs);

}  // namespace ashlar::ops
