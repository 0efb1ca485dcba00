// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/list_devices.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "device/device_id.h"
#include "metadata/model/query.h"
#include "ops/devices.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

namespace {
Result<DevicesRegister*> file_of(System& sys, bool must_exist) {
  if (sys.devices_file == nullptr) return Error(Errc::NotFound, "Devices file not enabled.");
  if (must_exist && !sys.devices_file->exists()) return Error(Errc::NotFound, "Devices file does not exist.");
  return sys.devices_file.get();
}

/// Under -t nothing is listed, and in a plan not before its end; then differences() tells what would be.
Status write(System& sys, DevicesRegister& file, Outcome& outcome) {
  if (sys.conduct.test || sys.transaction != nullptr) return ok();
  TRY(file.write(devices_author(sys), *sys.random, true, outcome.notes));
  return ok();
}

const device::HereDevice* device_named(const DevicesRegister& file, const std::string& name) {
  for (const device::HereDevice& device : const_cast<DevicesRegister&>(file).listed().devices()) {
    if (std::find(device.names.begin(), device.names.end(), name) != device.names.end()) return &device;
  }
  return nullptr;
}

/// Lists it, with the best id where it has none of the type that was asked for.
void put(DevicesRegister& file, device::DevNumber number, const std::optional<Uuid>& pv, const std::string& id_type,
         Outcome& outcome) {
  if (!id_type.empty() && id_type != device::kDevnameId && !device::is_id_type(id_type))
    outcome.notes.push_back(fmt::format("WARNING: ignoring unknown device_id type {}.", printable(id_type)));
  else if (!id_type.empty() && file.put(number, pv, id_type))
    return;
  else if (!id_type.empty())
    outcome.notes.push_back(
        fmt::format("WARNING: ignoring deviceidtype {} which is not available for device.", id_type));
  file.put(number, pv);
}
}  // namespace

Result<std::vector<ListedEntry>> listed_devices(System& sys) {
  DevicesRegister& file = *TRY(file_of(sys, true));
  TRY(scan_devices(sys));
  std::vector<ListedEntry> all;
  const auto& entries = file.listed().file().entries;
  for (std::size_t i = 0; i < entries.size(); ++i) all.push_back({entries[i], file.listed().states()[i].name});
  return all;
}

Result<CheckedEntries> check_listed(System& sys, bool update) {
  DevicesRegister& file = *TRY(file_of(sys, true));
  TRY(scan_devices(sys));
  CheckedEntries checked;
  for (const auto& correction : file.listed().corrections()) checked.differences.push_back(correction.sentence);
  if (!update || checked.differences.empty() || sys.conduct.test) return checked;
  file.correct();
  if (sys.transaction != nullptr) return checked;
  if (TRY(file.write(devices_author(sys), *sys.random, true, checked.outcome.notes))) checked.written = file.writes();
  return checked;
}

Result<Outcome> list_device(System& sys, const std::string& path, const std::string& id_type) {
  DevicesRegister& file = *TRY(file_of(sys, false));
  Outcome outcome;
  admit_devices(sys, {path});
  store::Scan scan = TRY(scan_devices(sys));
  auto found = sys.devices->find(path);
  if (!found && found.error().code() == Errc::NotFound) return std::move(found).error();
  if (!found) {
    const device::HereDevice* here = device_named(file, path);
    if (here == nullptr) return std::move(found).error();
    const std::string& why = found.error().message();
    const std::size_t colon = why.find(": ");
    outcome.notes.push_back(fmt::format("WARNING: adding device {} that is excluded: {}.", printable(path),
                                        colon == std::string::npos ? why : why.substr(colon + 2)));
    if (sys.conduct.test) return outcome;
    put(file, here->number, std::nullopt, id_type, outcome);
  } else {
    std::optional<Uuid> pv;
    for (const store::FoundPv& each : scan.pvs)
      if (each.device == *found) pv = each.label.pv;
    auto number = (*found)->number();
    if (!number)
      return Error(Errc::InvalidArgument, printable(path) + " is no block device: a devices file lists none but those");
    if (sys.conduct.test) return outcome;
    put(file, *number, pv, id_type, outcome);
  }
  TRY(write(sys, file, outcome));
  return outcome;
}

Result<Outcome> list_pv(System& sys, const Uuid& pv, const std::string& id_type) {
  DevicesRegister& file = *TRY(file_of(sys, false));
  Outcome outcome;
  store::Scan scan = TRY(scan_devices(sys));
  for (const store::FoundPv& each : scan.pvs) {
    auto number = each.device->number();
    if (each.label.pv != pv || !number) continue;
    if (file.listed().entry_of(*number) != nullptr)
      return Error(Errc::Exists, fmt::format("PVID already exists in devices file for {}.", each.device->path()));
    outcome.notes.push_back(fmt::format("Found PVID {} on {}.", pv.raw(), each.device->path()));
    if (sys.conduct.test) return outcome;
    put(file, *number, pv, id_type, outcome);
    TRY(write(sys, file, outcome));
    return outcome;
  }
  return Error(Errc::NotFound, fmt::format("PVID {} not found on any devices.", pv.raw()));
}

Result<Outcome> unlist_device(System& sys, const std::string& name, const std::string& id_type) {
  DevicesRegister& file = *TRY(file_of(sys, true));
  Outcome outcome;
  if (!id_type.empty() && name.starts_with(sys.settings.text("devices/dir") + "/"))
    outcome.notes.push_back("WARNING: to remove a device by name, do not include --deviceidtype.");
  TRY(scan_devices(sys));
  const auto& entries = file.listed().file().entries;
  const device::DeviceEntry* entry = nullptr;
  if (id_type.empty()) {
    if (const device::HereDevice* here = device_named(file, name)) entry = file.listed().entry_of(here->number);
    auto at =
        std::find_if(entries.begin(), entries.end(), [&](const device::DeviceEntry& e) { return e.name == name; });
    if (entry == nullptr && at != entries.end()) entry = &*at;
  } else {
    auto at = std::find_if(entries.begin(), entries.end(), [&](const device::DeviceEntry& e) {
      return e.id_type == id_type && e.id_name == device::id_text(name);
    });
    if (at != entries.end()) entry = &*at;
  }
  if (entry == nullptr) {
    std::string what = id_type.empty() ? fmt::format("No devices file entry for {}.", name)
                                       : fmt::format("No devices file entry with device id {} {}.", id_type, name);
    return Error(Errc::NotFound, printable(what));
  }
  if (sys.conduct.test) return outcome;
  file.drop(*entry);
  TRY(write(sys, file, outcome));
  return outcome;
}

Result<Outcome> unlist_pv(System& sys, const Uuid& pv) {
  DevicesRegister& file = *TRY(file_of(sys, true));
  for (const device::DeviceEntry& entry : file.listed().file().entries) {
    if (entry.pv != pv) continue;
    Outcome outcome;
    if (sys.conduct.test) return outcome;
    file.drop(entry);
    TRY(write(sys, file, outcome));
    return outcome;
  }
  return Error(Errc::NotFound, "PVID not found in devices file.");
}

Result<ImportedDevices> import_devices(System& sys, const std::vector<std::string>& vgs) {
  DevicesRegister& file = *TRY(file_of(sys, false));
  ImportedDevices imported;
  for (const std::string& vg : vgs) {
    auto open = open_for_update(sys, vg, Need::Global | Need::AllowPartial | Need::AllowExported);
    if (!open) {
      imported.outcome.failures.push_back(std::move(open).error());
      continue;
    }
    const PhysicalVolume* gone = nullptr;
    for (std::size_t i = 0; i < open->vg().pvs.size(); ++i)
      if (open->state().members[i] == store::kNoPv) gone = &open->vg().pvs[i];
    if (gone != nullptr) {
      imported.outcome.failures.push_back(
          Error(Errc::Refused, fmt::format("Not importing devices for VG {} with missing PV {}.", vg, gone->id.raw())));
      continue;
    }
    std::vector<store::FoundPv> present = store::present_members(open->picture, open->state());
    for (const store::FoundPv& pv : present) file.put(*pv.device, pv.label.pv);
    imported.count += present.size();
    VolumeGroup after = open->vg();
    write_device_ids(sys, present, after);
    if (after != open->vg() && !is_partial(after))
      TRY(apply(sys, &open->vg(), std::move(present), std::move(after), {}, imported.outcome.notes)
              .context("writing the device ids into VG " + vg));
  }
  if (imported.outcome.failures.empty()) TRY(write(sys, file, imported.outcome));
  return imported;
}

}  // namespace ashlar::ops
