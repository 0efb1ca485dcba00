// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/transaction.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/names.h"
#include "metadata/disk/label.h"
#include "metadata/model/lies_on.h"
#include "metadata/model/query.h"
#include "ops/guarded_source.h"
#include "ops/planned_kernel.h"

namespace ashlar::ops {

namespace {
/// Notes which locks would be taken.
class NotedLocks final : public lock::Locks {
 public:
  explicit NotedLocks(Needs& needs) : needs_(needs) {}
  Result<lock::Held> global(lock::Mode) override {
    needs_.global = true;
    return lock::Held();
  }
  Result<lock::Held> vg(const std::string& name, lock::Mode) override {
    TRY(check_name("Volume group name", name));
    needs_.vgs.insert(name);
    return lock::Held();
  }

 private:
  Needs& needs_;
};

/// Lists what is there and keeps nothing.
class IdleArchive final : public archive::Archive {
 public:
  IdleArchive(archive::Archive& real, std::vector<std::string>& dropped) : real_(real), dropped_(dropped) {}
  Status save_before(const std::string&, const std::string&) override { return ok(); }
  Status save_current(const std::string&, const std::string&) override { return ok(); }
  Status remove_backup(const std::string& vg) override {
    dropped_.push_back(vg);
    return ok();
  }
  Result<std::vector<archive::Entry>> list(const std::string& vg) override { return real_.list(vg); }
  Result<std::vector<std::string>> vg_names() override { return real_.vg_names(); }
  Result<std::string> backup_path(const std::string& vg) override { return real_.backup_path(vg); }
  Result<std::string> read(const archive::Entry& entry) override { return real_.read(entry); }

 private:
  archive::Archive& real_;
  std::vector<std::string>& dropped_;
};

/// A reader's scan: while a writer is seen at work, it is waited for a little, without a lock.
Result<store::Picture> read_unlocked(System& sys) {
  constexpr int kLooks = 5;
  constexpr auto kNap = std::chrono::milliseconds(50);
  for (int look = 1;; ++look) {
    store::Picture picture = store::consensus(TRY(scan_devices(sys)));
    bool busy =
        std::any_of(picture.vgs.begin(), picture.vgs.end(), [](const store::VgState& s) { return s.stale_copies; });
    if (!busy || look == kLooks) return picture;
    std::this_thread::sleep_for(kNap);
  }
}

Sectors taken_on_pvs(const VolumeGroup& vg) {
  Extents sum;
  for (const LogicalVolume& lv : vg.lvs) {
    for (const Segment& segment : lv.segments) {
      const auto* striped = std::get_if<Striped>(&segment.body);
      if (striped != nullptr && std::holds_alternative<PvArea>(striped->areas.front())) sum += segment.length;
    }
  }
  return to_sectors(sum, vg.extent_size);
}

bool same_pvs(const VolumeGroup& a, const VolumeGroup& b) {
  return std::equal(a.pvs.begin(), a.pvs.end(), b.pvs.begin(), b.pvs.end(),
                    [](const PhysicalVolume& x, const PhysicalVolume& y) { return x.id == y.id; });
}

std::unordered_map<Uuid, std::string> paths_of(const store::Picture& picture) {
  std::unordered_map<Uuid, std::string> paths;
  for (const store::FoundPv& pv : picture.scan.pvs) {
    if (pv.device != nullptr) paths.emplace(pv.label.pv, pv.device->path());
  }
  return paths;
}
}  // namespace

bool Needs::covers(const Needs& other) const {
  return (global || !other.global) && std::includes(vgs.begin(), vgs.end(), other.vgs.begin(), other.vgs.end());
}

bool Changes::empty() const {
  return pvs.empty() && wipes.empty() && edits.empty() && std::none_of(vgs.begin(), vgs.end(), [](const VgChange& vg) {
           return vg.writes() || vg.loads() || !vg.clears.empty();
         });
}

std::uint32_t VgChange::seqno_after() const {
  const auto absent = std::count_if(after->pvs.begin(), after->pvs.end(), [&](const PhysicalVolume& pv) {
    return std::find(present.begin(), present.end(), pv.id) == present.end();
  });
  return std::max(after->seqno, before ? before->seqno : 0) + 1 + static_cast<std::uint32_t>(absent);
}

std::vector<Uuid> Changes::released(const VgChange& vg) const {
  std::vector<Uuid> gone;
  if (!vg.before) return gone;
  for (const PhysicalVolume& pv : vg.before->pvs) {
    Uuid id = pv.id;
    for (const AlteredPv& each : altered) {
      if (each.was.pv == pv.id) id = each.pv.label.pv;
    }
    bool kept = std::any_of(vgs.begin(), vgs.end(),
                            [&](const VgChange& other) { return other.after && find_pv(*other.after, id) != nullptr; });
    if (!kept) gone.push_back(pv.id);
  }
  return gone;
}

struct Transaction::Entry {
  std::optional<VolumeGroup> before;
  std::optional<VolumeGroup> pending;  ///< not yet in the picture
  Uuid id;                             ///< of the VG in the picture
  std::vector<Uuid> present;           ///< PVs written, of the last value set
  std::vector<Uuid> shown_present;     ///< those the picture has as members
  bool rewrite = false, restored = false;
  bool removed = false;
  std::vector<LvClear> clears;
  Sectors taken_before;
  Extents peak;
};

Transaction::Transaction(System& sys) : sys_(sys) {}

Transaction::~Transaction() { restore(); }

Result<std::unique_ptr<Transaction>> Transaction::begin(System& sys, bool told) {
  ASHLAR_REQUIRE(sys.transaction == nullptr);
  std::unique_ptr<Transaction> made(new Transaction(sys));
  made->stand_in(told);
  made->picture_ = std::make_shared<store::Picture>(TRY(read_unlocked(sys)));
  // Only who reads all copies to compare them needs these, and no operation does.
  made->picture_->scan.versions.clear();
  draw_no_id_of(sys, *made->picture_);
  return made;
}

void Transaction::stand_in(bool told) {
  standing_in_ = true;
  sys_.transaction = this;
  devices_ = std::move(sys_.devices);
  locks_ = std::move(sys_.locks);
  archive_ = std::move(sys_.archive);
  kernel_ = std::move(sys_.kernel);
  confirm_ = std::move(sys_.conduct.confirm);
  open_lv_ = std::move(sys_.open_lv);
  run_dir_ = std::exchange(sys_.run_dir, {});

  auto guard = std::make_unique<GuardedSource>(*devices_, told);
  guard_ = guard.get();
  sys_.devices = std::move(guard);
  sys_.locks = std::make_unique<NotedLocks>(needs_);
  sys_.archive = std::make_unique<IdleArchive>(*archive_, dropped_backups_);
  auto planned = std::make_unique<PlannedKernel>(*kernel_);
  planned_ = planned.get();
  sys_.kernel = std::move(planned);
  sys_.conduct.confirm = [this, told](const std::string& question) {
    questions_.push_back(question);
    return told || (confirm_ && confirm_(question));
  };
  sys_.open_lv = [this](const std::string& name) -> Result<std::unique_ptr<device::BlockDevice>> {
    return guard_->guard(TRY(open_lv_(name)));
  };
}

void Transaction::restore() {
  if (!standing_in_) return;
  standing_in_ = false;
  sys_.transaction = nullptr;
  picture_.reset();
  sys_.devices = std::move(devices_);
  sys_.locks = std::move(locks_);
  sys_.archive = std::move(archive_);
  sys_.kernel = std::move(kernel_);
  sys_.conduct.confirm = std::move(confirm_);
  sys_.open_lv = std::move(open_lv_);
  sys_.run_dir = std::move(run_dir_);
}

Transaction::Entry* Transaction::shown_as(const Uuid& vg) {
  auto at = std::find_if(entries_.begin(), entries_.end(), [&](const auto& entry) { return entry->id == vg; });
  return at == entries_.end() ? nullptr : at->get();
}

Transaction::Entry& Transaction::entry(const Uuid& vg) {
  if (Entry* known = shown_as(vg)) return *known;
  entries_.push_back(std::make_unique<Entry>());
  Entry& entry = *entries_.back();
  entry.id = vg;
  for (const store::VgState& state : picture_->vgs) {
    if (state.vg.id != vg) continue;
    entry.before = state.vg;
    entry.taken_before = taken_on_pvs(state.vg);
    for (std::size_t i = 0; i < state.members.size(); ++i) {
      if (state.members[i] != store::kNoPv) entry.shown_present.push_back(state.vg.pvs[i].id);
    }
    entry.present = entry.shown_present;
  }
  return entry;
}

store::Picture& Transaction::edit_picture() {
  if (picture_.use_count() > 1) picture_ = std::make_shared<store::Picture>(*picture_);
  return *picture_;
}

Result<std::shared_ptr<const store::Picture>> Transaction::picture() {
  if (vg_taken_) return Error(Errc::Corrupt, "internal error: a change that failed is built upon");
  merge();
  return std::shared_ptr<const store::Picture>(picture_);
}

VolumeGroup Transaction::take_vg(const Uuid& id) {
  entry(id);  // keeps what it was
  const auto state =
      std::find_if(picture_->vgs.begin(), picture_->vgs.end(), [&](const store::VgState& s) { return s.vg.id == id; });
  ASHLAR_REQUIRE(state != picture_->vgs.end());
  vg_taken_ = true;
  std::vector<LogicalVolume> lvs = std::exchange(state->vg.lvs, {});
  VolumeGroup vg = state->vg;  // the PVs are asked for still
  vg.lvs = std::move(lvs);
  return vg;
}

void Transaction::merge() {
  for (std::size_t i = 0; i < entries_.size(); ++i) {  // absorb() may add entries
    if (entries_[i]->pending) put(*entries_[i]);
  }
}

void Transaction::put(Entry& entry) {
  VolumeGroup vg = std::move(*entry.pending);
  entry.pending.reset();
  auto& vgs = edit_picture().vgs;
  auto at = std::find_if(vgs.begin(), vgs.end(), [&](const store::VgState& s) { return s.vg.id == entry.id; });
  if (at == vgs.end()) {
    at = vgs.insert(std::find_if(vgs.begin(), vgs.end(), [&](const store::VgState& s) { return s.vg.name > vg.name; }),
                    store::VgState{});
  } else if (entry.id == vg.id && entry.present == entry.shown_present && same_pvs(at->vg, vg)) {
    at->vg = std::move(vg);
    return;
  }
  for (const PhysicalVolume& pv : at->vg.pvs) {
    bool moved = std::any_of(vgs.begin(), vgs.end(),
                             [&](const store::VgState& s) { return &s != &*at && find_pv(s.vg, pv.id) != nullptr; });
    if (!moved) set_label(pv.id, false);
  }
  entry.id = vg.id;
  entry.shown_present = entry.present;
  at->vg = std::move(vg);
  at->members.clear();
  at->unsafe.reset();
  at->read_only.reset();
  for (PhysicalVolume& pv : at->vg.pvs) {
    const auto& found = picture_->scan.pvs;
    auto member = std::find_if(found.begin(), found.end(),
                               [&](const store::FoundPv& f) { return f.device != nullptr && f.label.pv == pv.id; });
    bool present =
        member != found.end() && std::find(entry.present.begin(), entry.present.end(), pv.id) != entry.present.end();
    at->members.push_back(present ? static_cast<std::size_t>(member - found.begin()) : store::kNoPv);
    pv.status.set(PvFlag::Missing, !present);
    if (present) set_label(pv.id, true);
  }
  std::erase_if(at->returned, [&](std::size_t pv) {
    return std::find(at->members.begin(), at->members.end(), pv) != at->members.end();
  });
  absorb(VolumeGroup(at->vg));
}

/// A VG whose PVs are all in another one is no more.
void Transaction::absorb(const VolumeGroup& by) {
  std::vector<Uuid> gone;
  for (const store::VgState& state : picture_->vgs) {
    bool all = state.vg.id != by.id && !state.vg.pvs.empty() &&
               std::all_of(state.vg.pvs.begin(), state.vg.pvs.end(),
                           [&](const PhysicalVolume& pv) { return find_pv(by, pv.id) != nullptr; });
    if (all) gone.push_back(state.vg.id);
  }
  moves_pvs_ = moves_pvs_ || !gone.empty();
  for (const Uuid& id : gone) {
    entry(id).removed = true;
    std::erase_if(picture_->vgs, [&](const store::VgState& s) { return s.vg.id == id; });
  }
}

void Transaction::set_label(const Uuid& pv, bool used) {
  auto& found = edit_picture().scan.pvs;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].device == nullptr || found[i].label.pv != pv) continue;
    found[i].label.ext_flags =
        used ? found[i].label.ext_flags | disk::kExtUsed : found[i].label.ext_flags & ~disk::kExtUsed;
    std::erase(picture_->orphans, i);
    if (!used) picture_->orphans.push_back(i);
  }
}

/// What a VG is written to, where that differs from what was found.
void Transaction::alter(const store::FoundPv& pv) {
  const auto& found = picture_->scan.pvs;
  auto at = std::find_if(found.begin(), found.end(), [&](const store::FoundPv& f) { return f.device == pv.device; });
  if (at == found.end()) return;
  auto same_area = [](const store::Mda& a, const store::Mda& b) {
    return a.area == b.area && (a.header && a.header->ignored()) == (b.header && b.header->ignored());
  };
  if (at->label.pv == pv.label.pv && at->label.mdas == pv.label.mdas &&
      std::equal(at->mdas.begin(), at->mdas.end(), pv.mdas.begin(), pv.mdas.end(), same_area))
    return;
  auto index = static_cast<std::size_t>(at - found.begin());
  device::BlockDevice* real = guard_->real(*pv.device);
  auto known = std::find_if(altered_.begin(), altered_.end(), [&](const AlteredPv& a) { return a.pv.device == real; });
  if (known == altered_.end()) {
    altered_.push_back({at->label, {}});
    known = altered_.end() - 1;
  }
  known->pv = pv;
  known->pv.device = real;
  edit_picture().scan.pvs[index] = pv;
}

Status Transaction::set_vg(VgStep step, const dm::Change& change) {
  Entry& of_vg = entry(step.before != nullptr ? step.before->id : step.after.id);
  auto loaded = TRY(sys_.kernel->preload(change));
  TRY(loaded->finish());
  vg_taken_ = false;
  of_vg.removed = false;
  of_vg.restored = of_vg.restored || (step.before == nullptr && of_vg.before);
  of_vg.rewrite = of_vg.rewrite || (step.before != nullptr && *step.before == step.after);
  if (const Sectors taken = taken_on_pvs(step.after); taken > of_vg.taken_before)
    of_vg.peak = std::max(of_vg.peak, Extents{(taken - of_vg.taken_before).n / step.after.extent_size.n});
  of_vg.present.clear();
  for (const store::FoundPv& pv : step.present) {
    if (pv.stays_missing) continue;  // whoever carries it out finds it again
    alter(pv);
    of_vg.present.push_back(pv.label.pv);
  }
  of_vg.clears.insert(of_vg.clears.end(), step.clears.begin(), step.clears.end());
  of_vg.pending = std::move(step.after);
  return ok();
}

void Transaction::edit(PvEdit edit) {
  merge();
  auto& found = edit_picture().scan.pvs;
  auto at = std::find_if(found.begin(), found.end(), [&](const store::FoundPv& f) { return f.device == edit.device; });
  ASHLAR_REQUIRE(at != found.end());
  edit.device = guard_->real(*edit.device);
  edit.path = edit.device->path();
  edit.was = at->label;
  for (const AlteredPv& each : altered_) {
    if (each.pv.device == edit.device) edit.was = each.was;
  }
  for (PvEdit& earlier : edits_) {
    if (earlier.device != edit.device) continue;
    edit.was = earlier.was;
    if (earlier.label && edit.label) earlier.label = edit.label;  // whichever is written last is the last one made
  }
  if (edit.label) at->label = *edit.label;
  for (store::Mda& mda : at->mdas) {
    if (edit.ignored && mda.header) mda.header->committed.flags = *edit.ignored ? 1 : 0;
  }
  edits_.push_back(std::move(edit));
}

void Transaction::remove_vg(const Uuid& id) {
  Entry& of_vg = entry(id);
  merge();
  of_vg.removed = true;
  auto& vgs = edit_picture().vgs;
  auto at = std::find_if(vgs.begin(), vgs.end(), [&](const store::VgState& s) { return s.vg.id == id; });
  ASHLAR_REQUIRE(at != vgs.end());
  for (const PhysicalVolume& pv : at->vg.pvs) set_label(pv.id, false);
  vgs.erase(at);
}

void Transaction::release(const std::vector<store::FoundPv>& pvs) {
  for (const store::FoundPv& pv : pvs) set_label(pv.label.pv, false);
}

/// What the PV is now, and of which VG.
void Transaction::take_from(std::size_t pv, PvChange& change) const {
  const disk::Label& label = picture_->scan.pvs[pv].label;
  change.before = label.pv;
  change.member = label.used();
  for (const store::VgState& state : picture_->vgs) {
    const auto holds = [&](const std::vector<std::size_t>& pvs) { return std::ranges::find(pvs, pv) != pvs.end(); };
    if (!holds(state.members) && !holds(state.returned)) continue;
    change.vg = state.vg.name;
    for (const std::size_t lv : LvsOnPvs(state.vg).on(label.pv)) change.lvs.push_back(state.vg.lvs[lv].name);
  }
}

void Transaction::make_pv(const store::FoundPv& pv, const store::WritePv& write) {
  merge();
  auto& found = edit_picture().scan.pvs;
  auto at = std::find_if(found.begin(), found.end(), [&](const store::FoundPv& f) { return f.device == pv.device; });
  device::BlockDevice* real = guard_->real(*pv.device);
  auto known = std::find_if(pvs_.begin(), pvs_.end(), [&](const PvChange& c) { return c.device == real; });
  if (known == pvs_.end()) {
    known = pvs_.insert(pvs_.end(), {real, real->path(), real->size()});
    if (at != found.end()) take_from(static_cast<std::size_t>(at - found.begin()), *known);
  }
  known->after = write;
  if (at == found.end()) {
    found.push_back(pv);
    picture_->orphans.push_back(found.size() - 1);
    return;
  }
  auto index = static_cast<std::size_t>(at - found.begin());
  for (store::VgState& state : picture_->vgs)
    std::replace(state.members.begin(), state.members.end(), index, store::kNoPv);
  std::erase(picture_->orphans, index);
  picture_->orphans.push_back(index);
  *at = pv;
}

void Transaction::take_in(device::BlockDevice& device) {
  /// That device, and no other.
  class Alone final : public device::DeviceSource {
   public:
    explicit Alone(device::BlockDevice& device) : device_(device) {}
    Result<Candidates> candidates() override {
      Candidates one;
      std::vector<std::byte> first(std::min(kFirstBytes, device_.size()).n);
      TRY(device_.read({0}, first));
      one.devices.push_back(&device_);
      one.first.push_back(std::move(first));
      return one;
    }
    Result<device::BlockDevice*> find(const std::string&) override { return &device_; }
    Status claim(device::BlockDevice&) override { return ok(); }
    Result<std::vector<Signature>> signatures(device::BlockDevice&) override { return std::vector<Signature>(); }

   private:
    device::BlockDevice& device_;
  };
  merge();
  const auto& found = picture_->scan.pvs;
  if (std::any_of(found.begin(), found.end(), [&](const store::FoundPv& f) { return f.device == &device; })) return;
  Alone alone(device);
  auto scan = store::scan(alone);
  if (!scan || scan->pvs.empty()) return;
  const bool used = scan->pvs.front().label.used();
  edit_picture().scan.pvs.push_back(std::move(scan->pvs.front()));
  if (!used) picture_->orphans.push_back(picture_->scan.pvs.size() - 1);
}

void Transaction::remove_pv(const device::BlockDevice& device) {
  merge();
  auto& found = edit_picture().scan.pvs;
  device::BlockDevice* real = guard_->real(device);
  auto at = std::find_if(found.begin(), found.end(), [&](const store::FoundPv& f) { return f.device == &device; });
  ASHLAR_REQUIRE(at != found.end());
  auto known = std::find_if(pvs_.begin(), pvs_.end(), [&](const PvChange& c) { return c.device == real; });
  if (known == pvs_.end())
    take_from(static_cast<std::size_t>(at - found.begin()),
              pvs_.emplace_back(PvChange{real, real->path(), real->size()}));
  else if (known->before)
    known->after.reset();
  else
    pvs_.erase(known);  // made and unmade: it never was one
  auto index = static_cast<std::size_t>(at - found.begin());
  for (store::VgState& state : picture_->vgs)
    std::replace(state.members.begin(), state.members.end(), index, store::kNoPv);
  std::erase(picture_->orphans, index);
  *at = {};  // indices of the others stay what they are
}

void Transaction::wipe(const device::BlockDevice& device, const device::DeviceSource::Signature& signature) {
  device::BlockDevice* real = guard_->real(device);
  wipes_.push_back({real, real->path(), signature});
}

Status Transaction::check_result() {
  TRY(picture());
  for (const auto& entry : entries_) {
    const auto state = std::find_if(picture_->vgs.begin(), picture_->vgs.end(),
                                    [&](const store::VgState& s) { return s.vg.id == entry->id; });
    if (state == picture_->vgs.end() || (entry->before == state->vg && !entry->rewrite)) continue;
    std::vector<store::FoundPv> present;
    for (const store::FoundPv& pv : picture_->scan.pvs)
      if (pv.device != nullptr &&
          std::find(entry->present.begin(), entry->present.end(), pv.label.pv) != entry->present.end())
        present.push_back(pv);
    TRY(check_legal(state->vg));
    TRY(ops::check_room(sys_, {entry->before ? &*entry->before : nullptr, std::move(present), state->vg}));
  }
  return ok();
}

Changes Transaction::finish() {
  merge();
  for (const Uuid& vg : planned_->touched()) entry(vg);
  Changes changes;
  for (const store::VgState& state : picture_->vgs)
    if (needs_.vgs.contains(state.vg.name) && shown_as(state.vg.id) == nullptr)
      changes.unchanged.push_back({state.vg.name, state.vg.id, state.vg.seqno});
  const auto paths = paths_of(*picture_);
  store::Picture& picture = edit_picture();
  for (auto& entry : entries_) {
    VgChange change;
    change.before = std::move(entry->before);
    for (store::VgState& state : picture.vgs) {
      if (state.vg.id == entry->id) change.after = std::move(state.vg);
    }
    change.present = std::move(entry->present);
    change.rewrite = entry->rewrite;
    change.restored = entry->restored;
    const Uuid id = change.before ? change.before->id : entry->id;  // the kernel's devices carry it
    if (!change.before && !change.after) continue;
    for (const auto* vg : {&change.before, &change.after}) {
      if (!*vg) continue;
      for (const PhysicalVolume& pv : (*vg)->pvs) {
        if (auto path = paths.find(pv.id); path != paths.end()) change.paths.insert(*path);
      }
    }
    PlannedKernel::Fate fate = planned_->fate(id);
    change.had = std::move(fate.had);
    change.wanted = std::move(fate.wanted);
    change.refreshed = std::move(fate.refreshed);
    for (const LvClear& clear : entry->clears) {
      bool there = change.after && std::any_of(change.after->lvs.begin(), change.after->lvs.end(),
                                               [&](const LogicalVolume& lv) { return lv.id == clear.lv; });
      if (there) change.clears.push_back(clear);
    }
    change.peak = entry->peak;
    changes.vgs.push_back(std::move(change));
  }
  std::sort(changes.vgs.begin(), changes.vgs.end(),
            [](const VgChange& a, const VgChange& b) { return a.any().name < b.any().name; });
  changes.pvs = std::move(pvs_);
  changes.wipes = std::move(wipes_);
  changes.edits = std::move(edits_);
  changes.altered = std::move(altered_);
  changes.dropped_backups = std::move(dropped_backups_);
  changes.moves_pvs = moves_pvs_;
  changes.questions = std::move(questions_);
  changes.remarks = std::move(remarks_);
  changes.beforehand = std::move(beforehand_);
  changes.discards = sys_.settings.flag("devices/issue_discards");
  changes.needs = std::move(needs_);
  for (const VgChange& vg : changes.vgs) changes.needs.vgs.insert(vg.any().name);
  if (!changes.pvs.empty()) changes.needs.global = true;
  restore();
  return changes;
}

}  // namespace ashlar::ops
