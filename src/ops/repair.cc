// SPDX-License-Identifier: LGPL-2.1-or-later
// Writing what a person agreed to: bytes that cannot be read are saved, labels are written, the rest is a commit.
#include <fmt/format.h>

#include <algorithm>

#include "archive/directory.h"
#include "base/bytes.h"
#include "base/crc32.h"
#include "base/log.h"
#include "base/signal_shield.h"
#include "metadata/model/query.h"
#include "metadata/text/ring_search.h"
#include "metadata/text/vg_reader.h"
#include "ops/damaged_vg.h"
#include "ops/devices.h"
#include "ops/pv.h"
#include "ops/vg_access.h"
#include "ops/vg_locks.h"
#include "store/pv_store.h"

namespace ashlar::ops {

namespace {
bool same(const plan::RepairPlan& a, const plan::RepairPlan& b) {
  return std::equal(a.steps.begin(), a.steps.end(), b.steps.begin(), b.steps.end(),
                    [](const auto& x, const auto& y) { return x.what == y.what && x.unknown == y.unknown; });
}

/// A device that could not be read this time, say.
std::string what_is_new(const Repair& before, const Repair& now) {
  const auto is_in = [](const std::vector<std::string>& all, const std::string& what) {
    return std::ranges::find(all, what) != all.end();
  };
  for (auto sentences : {&Repair::notes, &Repair::damage}) {
    for (const std::string& what : now.*sentences) {
      if (!is_in(before.*sentences, what)) return fmt::format(" ({})", printable(what));
    }
  }
  return {};
}

/// Nothing that cannot be read is written over before its bytes are in a file.
Status save_areas(System& sys, const DamagedVg& all, std::vector<std::string>& notes) {
  for (const BadArea& area : all.areas) {
    if (!area.unreadable) continue;
    const store::FoundPv& pv = all.picture->scan.pvs[area.pv];
    const std::vector<std::byte> bytes = TRY(read_area(pv, area.mda));
    const std::string backup = TRY(sys.archive->backup_path(all.repair.vg));
    const std::string folder = backup.substr(0, backup.rfind('/'));
    const std::string path = folder + "/" + saved_name(all.repair.vg, pv, area.mda, bytes);
    TRY(archive::open_directory({"backup directory", "backup/backup_dir", folder}, Missing::Make)
            .context("saving what lies in " + store::mda_name(pv, area.mda)));
    TRY(archive::write_file(path, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()))
            .context("nothing was changed"));
    notes.push_back(fmt::format("What lay in {} is saved as {}.", store::mda_name(pv, area.mda), printable(path)));
  }
  return ok();
}

/// Spares the text of `target`, or an older one of its VG, that still lies in an area that cannot be read: what is written
/// next goes behind that, so that cut off anywhere it is still there. It does not count before: an older one could be
/// changed then, beside the newer one in a file.
Status spare_text(store::FoundPv& pv, std::size_t m, const VolumeGroup& target) {
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
  mda.spared = best;
  return ok();
}

Status write_labels(System& sys, const DamagedVg& all) {
  for (const LostLabel& lost : all.labels) {
    auto device = const_cast<device::BlockDevice*>(lost.with.device);
    if (!lost.in_use) TRY(sys.devices->claim(*device).context("writing the label of " + device->path()));
    Status written = store::rewrite_label(*device, lost.with.label);
    if (!lost.in_use) sys.devices->unclaim(*device);
    TRY(std::move(written).context("writing the label of " + device->path()));
    if (sys.devices_file) sys.devices_file->put(*device, lost.with.label.pv);
  }
  return ok();
}
}  // namespace

Result<Outcome> carry_out_repair(System& sys, const Repair& agreed, const std::vector<std::string>& devices) {
  Outcome outcome;
  if (sys.conduct.test) return outcome;
  if (agreed.plan.finishes_commit) {
    TRY(finish_cut_commits(sys, *TRY(read_devices(sys)), {agreed.vg}));
    return outcome;
  }
  lock::Held global = TRY(sys.locks->global(lock::Mode::Exclusive));
  lock::Held lock = TRY(sys.locks->vg(agreed.vg, lock::Mode::Exclusive));
  auto shared = TRY(read_devices(sys));
  DamagedVg all = TRY(look_closely(sys, store::Picture(*shared), {agreed.vg, agreed.id}, devices));
  const plan::RepairPlan& plan = all.repair.plan;
  if (!plan.obstacles.empty()) return Error(Errc::Refused, plan.obstacles.front().what);
  if (!same(plan, agreed.plan))
    return Error(Errc::Busy, fmt::format("VG {} is not as it was when the repair was planned{}; nothing was written",
                                         agreed.vg, what_is_new(agreed, all.repair)));
  SignalShield shield;
  TRY(save_areas(sys, all, outcome.notes));
  TRY(write_labels(sys, all));
  const std::string what = "repairing VG " + agreed.vg;
  const VolumeGroup& target = plan.restored ? *plan.restored : all.state->vg;
  for (const BadArea& area : all.areas) {
    if (area.unreadable) TRY(spare_text(all.picture->scan.pvs[area.pv], area.mda, target).context(what));
  }
  const auto write = [&](const VolumeGroup* before, std::vector<store::FoundPv> pvs, const VolumeGroup& after) {
    std::vector<VgStep> steps;
    steps.push_back({.before = before, .present = std::move(pvs), .after = after, .every_copy = true});
    return apply(sys, std::move(steps), {}, outcome.notes).context(what);
  };
  std::vector<store::FoundPv> present;
  if (plan.writes_vg && plan.restored) {
    for (const store::FoundPv& pv : all.picture->scan.pvs) {
      if (find_pv(*plan.restored, pv.label.pv) != nullptr) present.push_back(pv);
    }
    TRY(write(nullptr, std::move(present), *plan.restored));
  } else if (plan.writes_vg) {
    present = store::written_members(*all.picture, *all.state);
    for (std::size_t i : all.returned) {
      const store::FoundPv& pv = all.picture->scan.pvs[i];
      if (std::find(plan.taken_back.begin(), plan.taken_back.end(), pv.label.pv) == plan.taken_back.end()) continue;
      std::erase_if(present, [&](const store::FoundPv& f) { return f.device == pv.device; });
      present.push_back(pv);
    }
    TRY(write(&all.state->vg, std::move(present), all.state->vg));
  }
  std::vector<store::FoundPv> left;
  for (const Uuid& id : plan.taken_off) {
    for (const store::FoundPv& pv : all.picture->scan.pvs) {
      if (pv.label.pv == id) left.push_back(pv);
    }
  }
  if (!left.empty()) TRY(release(sys, std::move(left)).context(what));
  write_devices_file(sys, outcome.notes);
  forget_hints(sys);
  return outcome;
}

}  // namespace ashlar::ops
