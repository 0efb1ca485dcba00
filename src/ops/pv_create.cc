// SPDX-License-Identifier: LGPL-2.1-or-later
// pvcreate and pvremove.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "base/signal_shield.h"
#include "base/size_text.h"
#include "base/unique_fd.h"
#include "device/direct_device.h"
#include "device/image_name.h"
#include "device/signatures.h"
#include "metadata/model/query.h"
#include "metadata/text/vg_reader.h"
#include "ops/devices.h"
#include "ops/file_label.h"
#include "ops/pv.h"
#include "ops/transaction.h"
#include "ops/vg_access.h"
#include "ops/wipe.h"

namespace ashlar::ops {

namespace {
std::optional<std::size_t> pv_on(const store::Picture& picture, const device::BlockDevice* device) {
  for (std::size_t i = 0; i < picture.scan.pvs.size(); ++i) {
    if (picture.scan.pvs[i].device == device) return i;
  }
  return std::nullopt;
}

/// The VG that the PV is of, also where it is marked as missing there; or null.
const store::VgState* owner_of(const store::Picture& picture, std::size_t pv) {
  const store::VgState* state = vg_of(picture, pv);
  return state != nullptr ? state : returned_to(picture, pv);
}

/// May the device be initialised although it is a PV?
Status check_replaceable(System& sys, const store::Picture& picture, std::size_t pv, int force, const char* verb) {
  const store::FoundPv& found = picture.scan.pvs[pv];
  const std::string& path = found.device->path();
  const store::VgState* owner = owner_of(picture, pv);
  const bool member = vg_of(picture, pv) != nullptr;
  const store::VgState* misses = member ? nullptr : owner;
  const store::VgState* was = member ? nullptr : vg_it_left(picture, pv);
  if (owner == nullptr && !found.label.used()) return ok();
  std::string whose = "that is marked as belonging to a VG whose metadata is missing", instead;
  if (owner != nullptr) whose = fmt::format("of volume group \"{}\"", owner->vg.name);
  if (misses != nullptr)
    instead = fmt::format("; it is marked as missing there, and vgextend --restoremissing {} {} takes it back",
                          misses->vg.name, path);
  if (was != nullptr) {
    whose = fmt::format("that left volume group \"{}\" and keeps old metadata of it", was->vg.name);
    instead = fmt::format("; vgck --updatemetadata {} takes that off", was->vg.name);
  }
  if (force < 2)
    return Error(Errc::Refused,
                 fmt::format("Can't {} physical volume \"{}\" {} without -ff{}", verb, path, whose, instead));
  bool sure = sys.conduct.agrees(fmt::format("Really {} physical volume \"{}\" {}?", verb, path, whose));
  if (!sure) return Error(Errc::Refused, fmt::format("{}: physical volume not {}d: confirm with -y", path, verb));
  return ok();
}

/// A label that is damaged, or of another version than is known here, may be a PV's all the same: it is not written
/// over without a word.
Status ask_about_label(System& sys, const store::Picture& picture, device::BlockDevice& device,
                       const CreatePvs& request) {
  if (request.force > 0) return ok();
  for (const store::Problem& problem : picture.scan.problems) {
    if (problem.device != device.path()) continue;
    const std::string found = fmt::format("WARNING: {}. It may be a physical volume.", problem.what);
    if (sys.conduct.agrees(found + " Initialize it?")) return ok();
    return Error(
        Errc::Refused,
        fmt::format(
            "{0} {1} is not initialized: pvck {1} says what can be read, pvck --repair mends it, -y makes it anew",
            found, device.path()));
  }
  return ok();
}

/// Where the restore file puts the data area of the PV with this id.
Result<store::PvLayoutRequest::Fixed> fixed_by_file(const std::string& file, const Uuid& id) {
  std::string text = TRY(archive::read_file(file));
  text::ReadVg read = TRY(text::read_vg(text, file));
  const PhysicalVolume* pv = find_pv(read.vg, id);
  if (pv == nullptr)
    return Error(Errc::NotFound, fmt::format("Can't find uuid {} in backup file {}", id.dashed(), printable(file)));
  auto size = checked_mul(pv->pe_count.n, read.vg.extent_size.n);
  auto end = size ? checked_add(pv->pe_start.n, *size) : std::nullopt;
  if (!end)
    return Error(Errc::Corrupt, fmt::format("{}: the data area of PV {} has no end", printable(file), id.dashed()));
  return store::PvLayoutRequest::Fixed{pv->pe_start, pv->ba_start, pv->ba_size, {*end}};
}
}  // namespace

void forget_hints(const System& sys) {
  if (sys.run_dir.empty() || sys.conduct.test) return;
  // LVM2 reads "newhints" as: make the hints anew. Without hints there is nothing to mislead it.
  std::string hints = sys.run_dir + "/hints";
  if (::truncate(hints.c_str(), 0) != 0) return;
  UniqueFd fd(::open((sys.run_dir + "/newhints").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
}

namespace {
/// What lies in all of an image file may lie in a range of it too, and its signature is not where wipe_signatures()
/// looks.
Status confirm_range(System& sys, const device::BlockDevice& device) {
  const device::ImageName name = TRY(device::parse_image_name(device.path()));
  if (!name.offset || name.offset->n == 0) return ok();
  const auto file = TRY(device::open_device(name.file));
  for (const device::DeviceSource::Signature& found : TRY(device::find_signatures(*file))) {
    if (found.type == "gpt" || found.type == "dos" || found.type == "PMBR")
      continue;  // what its partitions take is known
    const std::string question =
        fmt::format("WARNING: {} carries {}, which may lie in {} too. Make a physical volume of that?",
                    printable(name.file), printable(found.type), device.path());
    if (sys.conduct.agrees(question)) continue;
    return Error(Errc::Refused, fmt::format("{} carries {}, which may lie in {} too: confirm with -y that it does not",
                                            printable(name.file), printable(found.type), device.path()));
  }
  return ok();
}
}  // namespace

Result<std::vector<lock::Held>> lock_with_owners(System& sys, std::set<std::string> vgs,
                                                 const std::vector<std::string>& devices, int force) {
  if (force > 1) {
    auto picture = TRY(read_devices(sys));
    for (const std::string& path : devices) {
      auto device = sys.devices->find(path);
      const auto pv = device ? pv_on(*picture, *device) : std::nullopt;
      const store::VgState* owner = pv ? owner_of(*picture, *pv) : nullptr;
      if (owner != nullptr) vgs.insert(owner->vg.name);
    }
  }
  std::vector<lock::Held> held;
  for (const std::string& vg : vgs) held.push_back(TRY(sys.locks->vg(vg, lock::Mode::Exclusive)));
  return held;
}

Result<PreparedPv> prepare_pv(System& sys, const store::Picture& picture, const std::string& path,
                              const CreatePvs& request, std::vector<std::string>& notes) {
  device::BlockDevice* device = TRY(sys.devices->find(path));
  const std::optional<std::size_t> pv = pv_on(picture, device);
  if (pv) {
    TRY(store::check_single(picture, *pv));
    TRY(check_replaceable(sys, picture, *pv, request.force, "initialize"));
  } else {
    TRY(ask_about_label(sys, picture, *device, request));
  }

  TRY(check_within_no_pv(*device));
  TRY(confirm_range(sys, *device));

  store::PvLayoutRequest layout = request.layout;
  layout.id = request.uuid ? *request.uuid : sys.random->uuid();
  layout.device_size = request.size ? *request.size : device->size();
  layout.real_size = device->size();
  layout.minimum_size = {
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(sys.settings.number("devices/pv_min_size"), 0, 1 << 30))
      << 10};
  layout.topology = device->topology();
  // LVM2 asks of a PV, larger or smaller, and never of a device that is none: there what is smaller is safe.
  if (request.size && (pv ? *request.size != device->size() : *request.size > device->size())) {
    std::string question = fmt::format("WARNING: {}: device size {} does not match requested size {}. Proceed?",
                                       device->path(), human_size(device->size()), human_size(*request.size));
    if (!sys.conduct.agrees(question)) return Error(Errc::Refused, question + " Confirm with -y");
    notes.push_back(fmt::format("WARNING: Faking size of PV {}. Don't write outside real device.", device->path()));
  }
  if (device->size() < layout.minimum_size)
    return Error(Errc::InvalidArgument, fmt::format("{}: {} bytes are less than devices/pv_min_size, {} KiB",
                                                    device->path(), device->size().n, layout.minimum_size.n >> 10));
  for (const store::FoundPv& other : picture.scan.pvs) {
    if (request.uuid && other.label.pv == *request.uuid && other.device != device)
      return Error(Errc::Exists,
                   fmt::format("uuid {} already in use on \"{}\"", request.uuid->dashed(), other.device->path()));
  }
  store::WritePv write{TRY(store::pv_layout(layout).context(device->path())), request.ignore_metadata, request.zero};

  TRY(sys.devices->claim(*device).context("Can't initialize " + device->path()));
  PreparedPv prepared{device, std::move(write)};
  // pvcreate alone lists its devices here, and has -W.
  if (request.wipe.value_or(sys.settings.flag("allocation/use_blkid_wiping")))
    prepared.signatures = TRY(ask_to_wipe(sys, *device, device->path(), request.force > 0, !request.devices.empty()));
  return prepared;
}

Result<store::FoundPv> make_pv(System& sys, const PreparedPv& prepared, std::vector<std::string>& notes) {
  SignalShield shield;
  TRY(wipe_signatures(sys, *prepared.device, prepared.signatures, notes)
          .context("initializing " + prepared.device->path()));
  if (!sys.conduct.test && sys.transaction == nullptr)
    TRY(store::write_pv(*prepared.device, prepared.write).context("initializing " + prepared.device->path()));
  if (!sys.conduct.test && sys.transaction == nullptr && sys.devices_file)
    sys.devices_file->put(*prepared.device, prepared.write.label.pv);
  store::FoundPv pv{prepared.device, prepared.write.label, {}};
  for (const disk::DiskArea& area : pv.label.mdas) {
    disk::MdaHeader header{area, {}, {}};
    if (prepared.write.ignore_metadata) header.committed.flags = 1;
    pv.mdas.push_back({area, header, {}});
  }
  if (sys.transaction != nullptr) sys.transaction->make_pv(pv, prepared.write);
  return pv;
}

Result<CreatedPvs> create_pvs(System& sys, const CreatePvs& asked) {
  CreatePvs request = asked;
  if (request.uuid && request.devices.size() > 1)
    return Error(Errc::InvalidArgument, "Can only set uuid on one volume at once");
  if (request.uuid && request.restore_file.empty() && !request.no_restore_file &&
      sys.settings.flag("devices/require_restorefile_with_uuid"))
    return Error(Errc::InvalidArgument, "--restorefile is required with --uuid (--norestorefile goes on without)");
  if (!request.uuid && !request.restore_file.empty())
    return Error(Errc::InvalidArgument, "--uuid is required with --restorefile");
  if (!request.restore_file.empty()) {
    auto fixed = fixed_by_file(request.restore_file, *request.uuid);
    if (!fixed) return Error(Errc::InvalidArgument, "--restorefile: " + fixed.error().message());
    request.layout.fixed = *fixed;
  }
  lock::Held global = TRY(sys.locks->global(lock::Mode::Exclusive));
  CreatedPvs created;
  admit_devices(sys, request.devices);
  auto owners = TRY(lock_with_owners(sys, {}, request.devices, request.force));
  auto picture = TRY(read_devices(sys));
  for (const std::string& path : request.devices) {
    auto prepared = prepare_pv(sys, *picture, path, request, created.outcome.notes);
    if (!prepared) {
      created.outcome.failures.push_back(std::move(prepared).error());
      continue;
    }
    if (auto made = make_pv(sys, *prepared, created.outcome.notes); !made) {
      created.outcome.failures.push_back(std::move(made).error());
      continue;
    }
    created.created.push_back(prepared->device->path());
  }
  if (!created.created.empty()) forget_hints(sys);
  write_devices_file(sys, created.outcome.notes);
  return created;
}

Result<RemovedPvs> remove_pvs(System& sys, const std::vector<std::string>& devices, int force) {
  lock::Held global = TRY(sys.locks->global(lock::Mode::Exclusive));
  auto owners = TRY(lock_with_owners(sys, {}, devices, force));
  auto picture = TRY(read_devices(sys));
  RemovedPvs removed;
  auto remove_one = [&](const std::string& path) -> Status {
    device::BlockDevice* device = TRY(sys.devices->find(path));
    auto pv = pv_on(*picture, device);
    if (!pv && force > 0) {  // there is none any more, as was wanted; what is in use is told all the same
      TRY(sys.devices->check_claim(*device).context("Can't remove " + device->path()));
      removed.removed.push_back(device->path());
      return ok();
    }
    if (!pv) return Error(Errc::NotFound, fmt::format("No PV found on device {}.", device->path()));
    TRY(store::check_single(*picture, *pv));
    TRY(check_replaceable(sys, *picture, *pv, force, "remove"));
    TRY(sys.devices->claim(*device).context("Can't remove " + device->path()));
    SignalShield shield;
    if (sys.transaction != nullptr)
      sys.transaction->remove_pv(*device);
    else if (!sys.conduct.test)
      TRY(store::wipe_labels(*device).context("wiping the label of " + device->path()));
    if (sys.transaction == nullptr && sys.devices_file) sys.devices_file->note_pv(*device, std::nullopt);
    removed.removed.push_back(device->path());
    return ok();
  };
  for (const std::string& path : devices) {
    if (Status s = remove_one(path); !s) removed.outcome.failures.push_back(std::move(s).error());
  }
  if (!removed.removed.empty()) forget_hints(sys);
  write_devices_file(sys, removed.outcome.notes);
  return removed;
}

}  // namespace ashlar::ops
