// SPDX-License-Identifier: LGPL-2.1-or-later
// repair: what is left of a VG put together, and written where it is missing. What a label's loss hides is seen by reading
// the devices as they would be with it, so that one plan serves all that is wrong at once.
#include "ops/repair.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "archive/directory.h"
#include "base/bytes.h"
#include "base/crc32.h"
#include "base/log.h"
#include "base/signal_shield.h"
#include "metadata/model/query.h"
#include "metadata/model/validate.h"
#include "metadata/text/ring_search.h"
#include "ops/devices.h"
#include "ops/past.h"
#include "ops/pv.h"
#include "ops/vg_access.h"
#include "store/pv_store.h"
#include "store/remains.h"
#include "store/text_copy.h"

namespace ashlar::ops {

namespace {
using store::kNoPv;

const store::VgState* state_of(const store::Picture& picture, const std::string& vg) {
  auto found = store::find_vg(picture, vg);
  return found ? *found : nullptr;
}

bool is_pv(const store::Picture& picture, const device::BlockDevice* device) {
  return std::any_of(picture.scan.pvs.begin(), picture.scan.pvs.end(), [&](const store::FoundPv& pv) { return pv.device == device; });
}

/// A device without a label that may have been a PV.
struct Candidate {
  device::BlockDevice* device;
  store::Remains remains;
  bool named;
};

Result<std::vector<Candidate>> candidates_of(System& sys, const store::Picture& picture, const std::vector<std::string>& named, std::vector<std::string>& notes) {
  std::set<const device::BlockDevice*> by_name;
  for (const std::string& path : named) by_name.insert(TRY(sys.devices->find(path)));
  std::vector<Candidate> candidates;
  for (device::BlockDevice* device : picture.scan.read) {
    if (is_pv(picture, device)) continue;
    auto remains = store::read_remains(*device);
    if (!remains) {
      notes.push_back(fmt::format("{} was not searched: {}", device->path(), remains.error().message()));
      continue;
    }
    const bool is_named = by_name.contains(device);
    if (remains->released || (!is_named && !remains->id && remains->texts.empty())) continue;
    auto signatures = sys.devices->signatures(*device);
    if (!signatures || !signatures->empty()) {
      if (is_named) notes.push_back(fmt::format("{} carries a signature of {}: it is left alone", device->path(), signatures ? printable(signatures->front().type) : signatures.error().message()));
      continue;
    }
    candidates.push_back({device, std::move(*remains), is_named});
  }
  return candidates;
}

/// A metadata area that is not as it must be.
struct BadArea {
  std::size_t pv, mda;
  std::string fault;
  bool unreadable;
};

/// All that is known of one VG.
struct Closely {
  std::shared_ptr<store::Picture> picture;  ///< as if the labels were written
  const store::VgState* state = nullptr;    ///< null: no copy counts
  std::vector<store::Relabelled::With> labels;
  std::vector<BadArea> areas;
  std::vector<std::size_t> returned;        ///< indices into Scan::pvs
  Repair repair;
};

/// The newest state of a VG that no PV carries as committed, for telling which PVs it had.
std::optional<VolumeGroup> newest_of(System& sys, const store::Picture& picture, const std::string& vg, const std::vector<Candidate>& candidates) {
  std::optional<VolumeGroup> newest;
  if (auto past = read_past(sys, picture, nullptr, vg); past && !past->history.versions.empty()) newest = past->history.versions.back().vg;
  for (const Candidate& c : candidates) {
    for (const text::ReadVg& read : c.remains.texts) {
      if (read.vg.name == vg && validate(read.vg).empty() && (!newest || newest->seqno < read.vg.seqno)) newest = read.vg;
    }
  }
  return newest;
}

/// Finds out which devices lost a label, and reads all again as if they had it.
Status find_labels(System& sys, const std::vector<std::string>& named, Closely& all, std::vector<plan::RepairFindings::Label>& labels, std::vector<plan::RepairObstacle>& obstacles) {
  const std::string& name = all.repair.vg;
  const store::Picture& picture = *all.picture;
  auto on_no_device = [&](const PhysicalVolume& pv) {
    return std::none_of(picture.scan.pvs.begin(), picture.scan.pvs.end(), [&](const store::FoundPv& f) { return f.label.pv == pv.id; });
  };
  if (all.state != nullptr && std::none_of(all.state->vg.pvs.begin(), all.state->vg.pvs.end(), on_no_device)) return ok();
  const std::vector<Candidate> candidates = TRY(candidates_of(sys, picture, named, all.repair.notes));
  std::optional<VolumeGroup> vg;
  if (all.state != nullptr)
    vg = all.state->vg;
  else
    vg = newest_of(sys, picture, name, candidates);
  if (!vg) return ok();
  std::vector<plan::LostPv> lost;
  for (const PhysicalVolume& pv : vg->pvs) {
    if (on_no_device(pv)) lost.push_back({&*vg, &pv});
  }
  std::vector<plan::Unlabelled> devices;
  for (const Candidate& c : candidates) {
    plan::Unlabelled& device = devices.emplace_back(plan::Unlabelled{c.device->path(), to_sectors(c.device->size()), c.remains.id, {}, c.named});
    for (const text::ReadVg& read : c.remains.texts) device.vgs.push_back(read.vg.id);
  }
  plan::LabelMatches found = plan::match_labels(devices, lost);
  obstacles = std::move(found.obstacles);
  for (const plan::LabelMatch& match : found.matches) {
    const Candidate& c = candidates[match.device];
    all.labels.push_back({c.device, store::label_of(c.remains, *vg, *match.lost.pv, *c.device)});
    labels.push_back({c.device->path(), match.lost.pv->id.dashed(), match.unknown});
    all.repair.damage.push_back(fmt::format("{} has no label any more, and was PV {} of VG {}", c.device->path(), match.lost.pv->id.dashed(), name));
  }
  if (all.labels.empty()) return ok();
  store::Relabelled relabelled(*sys.devices, all.labels);
  all.picture = std::make_shared<store::Picture>(store::consensus(TRY(store::scan(relabelled))));
  all.state = state_of(*all.picture, name);
  return ok();
}

/// Areas of the PV that do not hold the state with this seqno.
void find_bad_areas(const store::Picture& picture, std::size_t pv, std::optional<std::uint32_t> seqno, std::vector<BadArea>& areas) {
  const store::FoundPv& found = picture.scan.pvs[pv];
  for (std::size_t m = 0; m < found.mdas.size(); ++m) {
    const store::Mda& mda = found.mdas[m];
    auto end = checked_add(mda.area.offset.n, mda.area.size.n);
    if (!end || *end > found.device->size().n) continue;  // no write reaches it
    if (!mda.problem.empty())
      areas.push_back({pv, m, mda.problem, true});
    else if (mda.header && !mda.header->ignored() && mda.header->committed.empty())
      areas.push_back({pv, m, "it has no text", false});
    else if (mda.header && !mda.header->ignored() && seqno && mda.seqno != seqno)
      areas.push_back({pv, m, fmt::format("it has seqno {}, seqno {} rules", mda.seqno.value_or(0), *seqno), false});
    else if (mda.header && !mda.header->ignored() && !mda.header->committed.empty()) {
      // A scan reads one of all copies that their headers call the same.
      if (auto text = store::read_text(found, *mda.header); !text) areas.push_back({pv, m, text.error().message(), true});
    }
  }
}

std::string file_name(const std::string& vg, const store::FoundPv& pv, std::size_t mda, std::span<const std::byte> bytes) {
  return fmt::format("{}_{}_area{}_{:08x}.saved", vg, pv.label.pv.dashed(), mda + 1, crc32(bytes));
}

Result<std::vector<std::byte>> read_area(const store::FoundPv& pv, std::size_t mda) {
  const disk::DiskArea& area = pv.mdas[mda].area;
  if (area.size > store::kMaxText) return Error(Errc::Refused, fmt::format("{} has {} bytes, more than {} are not saved", store::mda_name(pv, mda), area.size.n, store::kMaxText.n));
  std::vector<std::byte> bytes(area.size.n);
  TRY(pv.device->read(area.offset, bytes).context("saving what lies there"));
  return bytes;
}

/// What the areas of a PV that was away say of the VG.
const VolumeGroup* own_of(const plan::History& history, const store::FoundPv& pv) {
  for (const plan::Version& v : history.versions) {
    for (std::size_t m = 0; m < pv.mdas.size(); ++m) {
      const bool here = std::any_of(v.places.begin(), v.places.end(), [&](const plan::Place& p) { return p.name == store::mda_name(pv, m); });
      if (here && pv.mdas[m].seqno == v.vg.seqno) return &v.vg;
    }
  }
  return nullptr;
}

void find_members(Closely& all, plan::RepairFindings& findings) {
  const store::VgState& state = *all.state;
  const auto& pvs = all.picture->scan.pvs;
  for (std::size_t i = 0; i < state.members.size(); ++i) {
    if (state.members[i] != kNoPv) {
      find_bad_areas(*all.picture, state.members[i], state.vg.seqno, all.areas);
      continue;
    }
    auto at = std::find_if(pvs.begin(), pvs.end(), [&](const store::FoundPv& f) { return f.label.pv == state.vg.pvs[i].id; });
    if (at == pvs.end())
      findings.gone.push_back(state.vg.pvs[i]);
    else
      all.returned.push_back(static_cast<std::size_t>(at - pvs.begin()));
  }
  for (std::size_t pv : all.returned) find_bad_areas(*all.picture, pv, state.vg.seqno, all.areas);
  std::set<std::string> left;
  for (std::size_t i : state.outdated) left.insert(pvs[i].device->path());
  findings.left.assign(left.begin(), left.end());
}

void find_orphans(Closely& all, plan::RepairFindings& findings) {
  const auto& pvs = all.picture->scan.pvs;
  for (std::size_t i = 0; i < pvs.size(); ++i) {
    const store::VgState* owner = vg_of(*all.picture, i);
    findings.devices.push_back({pvs[i].label.pv, pvs[i].device->path(), to_sectors(pvs[i].device->size()), pvs[i].label.used(), owner != nullptr ? owner->vg.name : ""});
  }
}

/// Locks are the caller's.
Result<Closely> look_closely(System& sys, store::Picture&& picture, const std::string& name, const std::vector<std::string>& named) {
  Closely all;
  all.repair.vg = name;
  all.picture = std::make_shared<store::Picture>(std::move(picture));
  if (auto found = store::find_vg(*all.picture, name); found)
    all.state = *found;
  else if (found.error().code() != Errc::NotFound)
    return std::move(found).error();
  plan::RepairFindings findings;
  findings.vg = name;
  std::vector<plan::RepairObstacle> obstacles;
  TRY(find_labels(sys, named, all, findings.labels, obstacles));
  if (all.state != nullptr) {
    findings.current = &all.state->vg;
    find_members(all, findings);
    if (Status may = check_allowed(sys, *all.state, Need::AllowPartial | Need::AllowExported); !may) findings.refusal = may.error().message();
    findings.unsafe = all.state->unsafe.has_value();
    if (findings.labels.empty() && obstacles.empty() && all.areas.empty() && all.state->damage.empty() && !findings.unsafe) return all;  // the rings are not searched
    for (const std::string& what : all.state->damage) all.repair.damage.push_back(what);
  }
  Past past = TRY(read_past(sys, *all.picture, all.state, name));
  all.repair.history = std::move(past.history);
  all.repair.notes.insert(all.repair.notes.end(), past.notes.begin(), past.notes.end());
  findings.history = &all.repair.history;
  if (all.state == nullptr) {
    find_orphans(all, findings);
    const VolumeGroup& newest = all.repair.history.versions.back().vg;
    if (!owns(sys.host.system_ids, newest.system_id)) findings.refusal = fmt::format("VG {} belongs to another host, whose system ID is {}.", name, printable(newest.system_id));
    for (std::size_t i = 0; i < all.picture->scan.pvs.size(); ++i) {
      if (find_pv(newest, all.picture->scan.pvs[i].label.pv) != nullptr) find_bad_areas(*all.picture, i, std::nullopt, all.areas);
    }
  }
  for (std::size_t i : all.returned) {
    const store::FoundPv& pv = all.picture->scan.pvs[i];
    findings.returned.push_back({pv.label.pv, pv.device->path(), own_of(all.repair.history, pv)});
  }
  for (const BadArea& area : all.areas) {
    const store::FoundPv& pv = all.picture->scan.pvs[area.pv];
    plan::RepairFindings::Area told{store::mda_name(pv, area.mda), area.fault, {}};
    auto& damage = all.repair.damage;
    if (std::none_of(damage.begin(), damage.end(), [&](const std::string& known) { return known.find(told.name) != std::string::npos; }))
      damage.push_back(told.name + ": " + area.fault);
    if (area.unreadable) {
      auto bytes = read_area(pv, area.mda);
      if (bytes)
        told.keep = file_name(name, pv, area.mda, *bytes);
      else
        obstacles.push_back({fmt::format("What lies in {} cannot be saved before it is written over: {}.", told.name, bytes.error().message()),
                             fmt::format("if it may be lost: vgck --updatemetadata {0}, or vgcfgrestore -f FILE {0}", name)});
    }
    findings.areas.push_back(std::move(told));
  }
  all.repair.plan = plan::plan_repair(findings);
  auto& found = all.repair.plan.obstacles;
  if (all.repair.plan.steps.empty() && found.empty() && obstacles.empty()) {
    for (const std::string& damage : all.repair.damage) found.push_back({damage + ".", "ashlar why " + name});
  }
  found.insert(found.begin(), obstacles.begin(), obstacles.end());
  if (!found.empty()) all.repair.plan.steps.clear();
  return all;
}

bool same(const plan::RepairPlan& a, const plan::RepairPlan& b) {
  return std::equal(a.steps.begin(), a.steps.end(), b.steps.begin(), b.steps.end(), [](const auto& x, const auto& y) { return x.what == y.what && x.unknown == y.unknown; });
}

/// Nothing that cannot be read is written over before its bytes are in a file.
Status save_areas(System& sys, const Closely& all, std::vector<std::string>& notes) {
  for (const BadArea& area : all.areas) {
    if (!area.unreadable) continue;
    const store::FoundPv& pv = all.picture->scan.pvs[area.pv];
    const std::vector<std::byte> bytes = TRY(read_area(pv, area.mda));
    const std::string backup = TRY(sys.archive->backup_path(all.repair.vg));
    const std::string folder = backup.substr(0, backup.rfind('/'));
    const std::string path = folder + "/" + file_name(all.repair.vg, pv, area.mda, bytes);
    TRY(archive::open_directory({"backup directory", "backup/backup_dir", folder}, Missing::Make).context("saving what lies in " + store::mda_name(pv, area.mda)));
    TRY(archive::write_file(path, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())).context("nothing was changed"));
    notes.push_back(fmt::format("What lay in {} is saved as {}.", store::mda_name(pv, area.mda), printable(path)));
  }
  return ok();
}

/// Lets an area that cannot be read begin with the text of `target`, or an older one of its VG, that still lies in it: what is
/// written next goes behind that, so that cut off anywhere it is still there. A newer text never counts: it would rule.
Status keep_text(store::FoundPv& pv, std::size_t m, const VolumeGroup& target) {
  store::Mda& mda = pv.mdas[m];
  const disk::DiskArea area = mda.header ? mda.header->area : mda.area;
  std::vector<std::byte> bytes(area.size.n);  // bounded when it was saved
  TRY(pv.device->read(area.offset, bytes));
  const VolumeGroup content = plan::content_of(target);
  std::optional<disk::RawLocn> best;
  std::uint32_t seqno = 0;
  const std::optional<disk::RawLocn> bad = mda.header ? std::optional(mda.header->committed) : std::nullopt;
  text::search_ring(bytes, "", [&](Bytes at, const std::string& text) {
    if (bad && bad->offset == at) return false;
    auto read = text::read_vg(text, store::mda_name(pv, m));
    if (!read) return false;
    const VolumeGroup& vg = read->vg;
    if (vg.id != target.id || vg.seqno > target.seqno || vg.seqno < seqno) return true;
    if (vg.seqno == target.seqno && plan::content_of(vg) != content) return true;
    seqno = vg.seqno;
    const std::string with_nul = text + '\0';
    best = disk::RawLocn{at, {with_nul.size()}, crc32(as_bytes(with_nul)), 0};
    return true;
  });
  if (!best) return ok();
  mda.header = disk::MdaHeader{area, *best, {}};
  mda.seqno = seqno;
  return ok();
}

Status write_labels(System& sys, const Closely& all) {
  for (const auto& with : all.labels) {
    auto device = const_cast<device::BlockDevice*>(with.device);
    TRY(sys.devices->claim(*device).context("writing the label of " + device->path()));
    Status written = store::rewrite_label(*device, with.label);
    sys.devices->unclaim(*device);
    TRY(std::move(written).context("writing the label of " + device->path()));
    if (sys.devices_file) sys.devices_file->put(*device, with.label.pv);
  }
  return ok();
}
}  // namespace

Result<Repair> find_repair(System& sys, const std::string& vg, const std::vector<std::string>& devices) {
  return TRY(look_closely(sys, TRY(look(sys)), vg, devices)).repair;
}

Result<Outcome> carry_out_repair(System& sys, const Repair& agreed, const std::vector<std::string>& devices) {
  Outcome outcome;
  if (sys.conduct.test) return outcome;
  lock::Held global = TRY(sys.locks->global(lock::Mode::Exclusive));
  lock::Held lock = TRY(sys.locks->vg(agreed.vg, lock::Mode::Exclusive));
  auto shared = TRY(read_devices(sys));
  Closely all = TRY(look_closely(sys, store::Picture(*shared), agreed.vg, devices));
  const plan::RepairPlan& plan = all.repair.plan;
  if (!plan.obstacles.empty()) return Error(Errc::Refused, plan.obstacles.front().what);
  if (!same(plan, agreed.plan)) return Error(Errc::Busy, fmt::format("VG {} is not as it was when the repair was planned; nothing was written", agreed.vg));
  SignalShield shield;
  TRY(save_areas(sys, all, outcome.notes));
  TRY(write_labels(sys, all));
  const std::string what = "repairing VG " + agreed.vg;
  const VolumeGroup& target = plan.restored ? *plan.restored : all.state->vg;
  for (const BadArea& area : all.areas) {
    if (area.unreadable) TRY(keep_text(all.picture->scan.pvs[area.pv], area.mda, target).context(what));
  }
  std::vector<store::FoundPv> present;
  if (plan.writes_vg && plan.restored) {
    for (const store::FoundPv& pv : all.picture->scan.pvs) {
      if (find_pv(*plan.restored, pv.label.pv) != nullptr) present.push_back(pv);
    }
    TRY(apply(sys, nullptr, std::move(present), *plan.restored, {}, outcome.notes).context(what));
  } else if (plan.writes_vg) {
    present = store::present_members(*all.picture, *all.state);
    for (std::size_t i : all.returned) present.push_back(all.picture->scan.pvs[i]);
    TRY(apply(sys, &all.state->vg, std::move(present), all.state->vg, {}, outcome.notes).context(what));
  }
  write_devices_file(sys, outcome.notes);
  forget_hints(sys);
  return outcome;
}

namespace {
/// VGs that are not seen, of which something lies on PVs that cannot be read or on devices without a label.
void add_lost(const store::Picture& picture, device::BlockDevice* device, bool named, std::set<std::string>& names, std::vector<std::string>& unknown) {
  auto pv = std::find_if(picture.scan.pvs.begin(), picture.scan.pvs.end(), [&](const store::FoundPv& f) { return f.device == device; });
  auto add = [&](const std::vector<text::ReadVg>& texts, const std::optional<Uuid>& id) {
    const text::ReadVg* newest = nullptr;
    for (const text::ReadVg& read : texts) {
      if (id && find_pv(read.vg, *id) == nullptr) continue;
      if (newest == nullptr || read.header.creation_time > newest->header.creation_time) newest = &read;
    }
    if (newest != nullptr) names.insert(newest->vg.name);
    return newest != nullptr;
  };
  bool found = false;
  if (pv != picture.scan.pvs.end()) {
    const auto at = static_cast<std::size_t>(pv - picture.scan.pvs.begin());
    if (const store::VgState* state = vg_of(picture, at)) {
      names.insert(state->vg.name);
      return;
    }
    if (!pv->label.used() && !named) return;
    for (const store::Mda& mda : pv->mdas) {
      auto texts = store::texts_in(*device, mda.area);
      found = (texts && add(*texts, pv->label.pv)) || found;
    }
    for (const store::VgState& state : picture.vgs) {
      if (find_pv(state.vg, pv->label.pv) == nullptr) continue;
      names.insert(state.vg.name);
      found = true;
    }
  } else {
    auto remains = store::read_remains(*device);
    if (remains && remains->released) return;
    found = remains && add(remains->texts, std::nullopt);
    for (const store::VgState& state : picture.vgs) {
      if (!remains || !remains->id || find_pv(state.vg, *remains->id) == nullptr) continue;
      names.insert(state.vg.name);
      found = true;
    }
  }
  if (found) return;
  for (const store::Problem& problem : picture.problems) {
    if (problem.device == device->path()) unknown.push_back(fmt::format("{}; nothing on it says of which VG it was: name that, and the device", problem.what));
  }
  if (named && unknown.empty()) unknown.push_back(fmt::format("nothing on {} says of which VG it was: ashlar repair VG {}", device->path(), device->path()));
}
}  // namespace

Result<RepairTargets> repair_targets(System& sys, const std::vector<std::string>& words) {
  const store::Picture picture = TRY(look(sys));
  RepairTargets targets;
  std::set<std::string> names;
  if (words.empty()) {
    for (const store::VgState& state : picture.vgs) names.insert(state.vg.name);
    for (device::BlockDevice* device : picture.scan.read) add_lost(picture, device, false, names, targets.unknown);
  }
  std::vector<device::BlockDevice*> devices;
  for (const std::string& word : words) {
    const bool vg = word.find('/') == std::string::npos && (state_of(picture, word) != nullptr || !sys.devices->find(word));
    if (vg) {
      names.insert(word);
      continue;
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
