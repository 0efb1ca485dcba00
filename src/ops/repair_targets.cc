// SPDX-License-Identifier: LGPL-2.1-or-later
// Which VGs a person may mean who names devices, or nothing.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include "base/log.h"
#include "metadata/model/query.h"
#include "metadata/model/validate.h"
#include "metadata/text/vg_reader.h"
#include "ops/damaged_vg.h"
#include "ops/devices.h"
#include "ops/vg_access.h"
#include "store/remains.h"

namespace ashlar::ops {

namespace {
using Targets = std::set<RepairTarget>;

/// VGs of which something lies on the device, seen or not.
void add_lost(const store::Picture& picture, device::BlockDevice* device, bool named, Targets& names,
              std::vector<std::string>& unknown) {
  auto pv = std::find_if(picture.scan.pvs.begin(), picture.scan.pvs.end(),
                         [&](const store::FoundPv& f) { return f.device == device; });
  auto add = [&](const std::vector<text::ReadVg>& texts, const std::optional<Uuid>& id) {
    const text::ReadVg* newest = nullptr;
    for (const text::ReadVg& read : texts) {
      if (id && find_pv(read.vg, *id) == nullptr) continue;
      if (newest == nullptr || read.header.creation_time > newest->header.creation_time) newest = &read;
    }
    if (newest != nullptr) names.insert({newest->vg.name, newest->vg.id});
    return newest != nullptr;
  };
  bool found = false;
  auto add_members = [&](const Uuid& id) {
    for (const store::VgState& state : picture.vgs) {
      if (find_pv(state.vg, id) == nullptr) continue;
      names.insert({state.vg.name, state.vg.id});
      found = true;
    }
  };
  if (pv != picture.scan.pvs.end()) {
    const auto at = static_cast<std::size_t>(pv - picture.scan.pvs.begin());
    if (const store::VgState* state = vg_of(picture, at)) {
      names.insert({state->vg.name, state->vg.id});
      return;
    }
    if (!pv->label.used() && !named) {
      for (std::size_t m = 0; m < pv->mdas.size(); ++m) {
        if (!pv->mdas[m].problem.empty())
          unknown.push_back(fmt::format("{}: {}; its PV is of no VG: pvcreate {} makes it anew",
                                        store::mda_name(*pv, m), pv->mdas[m].problem, device->path()));
      }
      return;
    }
    for (const store::Mda& mda : pv->mdas) {
      auto texts = store::texts_in(*device, mda.area);
      found = (texts && add(*texts, pv->label.pv)) || found;
    }
    add_members(pv->label.pv);
  } else {
    auto remains = store::read_remains(*device);
    if (remains && remains->released) return;
    found = remains && add(remains->texts, std::nullopt);
    if (remains && remains->id) add_members(*remains->id);
  }
  if (found) return;
  for (const store::Problem& problem : picture.problems) {
    if (problem.device == device->path())
      unknown.push_back(
          fmt::format("{}; nothing on it says of which VG it was: name that, and the device", problem.what));
  }
  if (named && unknown.empty())
    unknown.push_back(
        fmt::format("nothing on {} says of which VG it was: ashlar repair VG {}", device->path(), device->path()));
}

/// The newest file of a VG of that name.
std::optional<std::pair<VolumeGroup, std::string>> newest_file(System& sys, const std::string& name) {
  std::optional<std::pair<VolumeGroup, std::string>> newest;
  const auto files = sys.archive->list(name);
  for (std::size_t i = files ? files->size() : 0; i > 0 && !newest; --i) {  // the backup is last
    const archive::Entry& file = (*files)[i - 1];
    auto text = sys.archive->read(file);
    auto read = text ? text::read_vg(*text, file.path) : Result<text::ReadVg>(Error(Errc::NotFound, ""));
    if (!read || !validate(read->vg).empty()) continue;
    // Without a backup, the command that the last archive was made for may have ended the VG.
    const std::string& said = read->header.description;
    const bool ended = std::ranges::any_of(std::array{"vgremove", "vgmerge", "vgrename"}, [&](const char* command) {
      return said.find(command) != std::string::npos;
    });
    if (!file.is_backup && ended) break;
    newest.emplace(std::move(read->vg), file.path);
  }
  return newest;
}

/// Devices with nothing on them that were PVs of VGs that are not seen, as files remember: only a person can know.
void add_remembered(System& sys, const store::Picture& picture, const Targets& known,
                    std::vector<std::string>& unknown) {
  std::vector<device::BlockDevice*> blank;
  for (device::BlockDevice* device : store::without_pv(picture.scan)) {
    auto remains = store::read_remains(*device);
    if (!remains || remains->released || remains->id || !remains->texts.empty()) continue;
    auto signatures = sys.devices->signatures(*device);
    if (signatures && signatures->empty()) blank.push_back(device);
  }
  if (blank.empty()) return;
  auto names = sys.archive->vg_names();
  for (const std::string& name : names ? *names : std::vector<std::string>{}) {
    const auto file = newest_file(sys, name);
    if (!file || known.contains({name, file->first.id})) continue;
    std::string what, labels;
    for (const PhysicalVolume& pv : file->first.pvs) {
      const bool there = std::any_of(picture.scan.pvs.begin(), picture.scan.pvs.end(),
                                     [&](const store::FoundPv& f) { return f.label.pv == pv.id; });
      for (const device::BlockDevice* device : blank) {
        if (there || device->path() != pv.device || !pv.dev_size || to_bytes(*pv.dev_size) != device->size()) continue;
        what += fmt::format("{}{} as PV {}", what.empty() ? "" : ", ", device->path(), pv.id.dashed());
        labels += fmt::format("pvcreate --uuid {} --restorefile {} {}; ", pv.id.dashed(), printable(file->second),
                              device->path());
      }
    }
    if (!what.empty())
      unknown.push_back(fmt::format(
          "{0} remembers VG {1} on devices of that name and size that carry nothing now: {2}. If they are those, and not new ones: {3}vgcfgrestore -f {0} {1}",
          printable(file->second), printable(name), what, labels));
  }
}

/// The VGs that a word means: all of that name, or the one with that UUID. Empty: it is none's that can be seen.
Targets named_vgs(const store::Picture& picture, const std::string& word) {
  Targets all, meant;
  std::vector<std::string> unknown;
  for (const store::VgState& state : picture.vgs) all.insert({state.vg.name, state.vg.id});
  for (device::BlockDevice* device : picture.scan.read) add_lost(picture, device, false, all, unknown);
  const std::optional<Uuid> id = parse_uuid(word);
  std::copy_if(all.begin(), all.end(), std::inserter(meant, meant.end()),
               [&](const RepairTarget& t) { return t.name == word || (id && t.id == id); });
  return meant;
}
}  // namespace

Result<RepairTargets> repair_targets(System& sys, const std::vector<std::string>& words) {
  const store::Picture picture = TRY(look(sys));
  RepairTargets targets;
  Targets names;
  if (words.empty()) {
    for (const store::VgState& state : picture.vgs) names.insert({state.vg.name, state.vg.id});
    for (device::BlockDevice* device : picture.scan.read) add_lost(picture, device, false, names, targets.unknown);
    add_remembered(sys, picture, names, targets.unknown);
  }
  std::vector<device::BlockDevice*> devices;
  for (const std::string& word : words) {
    if (word.find('/') == std::string::npos) {
      Targets meant = named_vgs(picture, word);
      if (meant.empty() && !sys.devices->find(word)) meant.insert({word, std::nullopt});
      names.insert(meant.begin(), meant.end());
      if (!meant.empty()) continue;
    }
    devices.push_back(TRY(sys.devices->find(word)));
    targets.devices.push_back(word);
  }
  const bool vg_is_named = !names.empty() && !words.empty();
  for (device::BlockDevice* device : devices) {
    std::vector<std::string> unknown;
    add_lost(picture, device, true, names, unknown);
    if (!vg_is_named) targets.unknown.insert(targets.unknown.end(), unknown.begin(), unknown.end());
  }
  targets.vgs.assign(names.begin(), names.end());
  return targets;
}

}  // namespace ashlar::ops
