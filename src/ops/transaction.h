// SPDX-License-Identifier: LGPL-2.1-or-later
// A mode of the System in which operations run as always, up to the first write: what they would write is kept here.
// Each VG goes from one value to the next in memory, without a lock, a second scan or a second parse; the kernel, the
// archive and the disks are stood in for. At the end the change is told (a plan) or carried out, once for each VG.
// Decision: docs/decisions/0008.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "ops/changes.h"
#include "ops/pv.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

class GuardedSource;
class PlannedKernel;

/// Puts stand-ins into a System while it lives. Not to be nested.
class Transaction {
 public:
  /// Reads all devices. `told`: it is not to be carried out, so questions are noted and taken as answered with yes, and
  /// the devices need not be writable.
  static Result<std::unique_ptr<Transaction>> begin(System& sys, bool told);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // For operations: what they would read, and what they would write.
  /// Errc::Corrupt while a VG is taken out: an operation that ended in between ended the transaction.
  Result<std::shared_ptr<const store::Picture>> picture();
  /// The VG's value, to be changed and given back by set_vg(). Who still has the picture sees it without its LVs.
  VolumeGroup take_vg(const Uuid& id);
  void needs_vg(const std::string& name) { needs_.vgs.insert(name); }
  void needs_global() { needs_.global = true; }
  Status set_vg(VgStep step, const dm::Change& change);
  void moves_pvs() { moves_pvs_ = true; }
  void remove_vg(const Uuid& id);
  void release(const std::vector<store::FoundPv>& pvs);
  void make_pv(const store::FoundPv& pv, const store::WritePv& write);
  /// A device that may be used from now on: the PV on it, if there is one, is in the picture.
  void take_in(device::BlockDevice& device);
  void remove_pv(const device::BlockDevice& device);
  void wipe(const device::BlockDevice& device, const device::DeviceSource::Signature& signature);
  void edit(PvEdit edit);
  /// Something to be done before all that it writes itself.
  void beforehand(Beforehand first) { beforehand_.push_back(std::move(first)); }
  /// Something that a plan tells beside its steps.
  void remark(std::string sentence) { remarks_.push_back(std::move(sentence)); }

  /// Is what it comes to legal, and is there room for it on the disks? Errc::Corrupt, NoSpace.
  Status check_result();
  /// Ends it: the System is as before, and this is all that is left to do.
  Changes finish();

 private:
  struct Entry;
  explicit Transaction(System& sys);
  void stand_in(bool told);
  void restore();
  Entry& entry(const Uuid& vg);
  Entry* shown_as(const Uuid& vg);
  void merge();
  void put(Entry& entry);
  void absorb(const VolumeGroup& by);
  void alter(const store::FoundPv& pv);
  void take_from(std::size_t pv, PvChange& change) const;
  void set_label(const Uuid& pv, bool used);
  /// The picture, to be changed: nobody who holds the one before sees it.
  store::Picture& edit_picture();

  System& sys_;
  bool standing_in_ = false;
  std::unique_ptr<device::DeviceSource> devices_;
  std::unique_ptr<lock::Locks> locks_;
  std::unique_ptr<archive::Archive> archive_;
  std::unique_ptr<dm::Kernel> kernel_;
  std::function<bool(const std::string&)> confirm_;
  std::function<Result<std::unique_ptr<device::BlockDevice>>(const std::string&)> open_lv_;
  std::string run_dir_;
  GuardedSource* guard_ = nullptr;    ///< in sys_.devices
  PlannedKernel* planned_ = nullptr;  ///< in sys_.kernel

  std::shared_ptr<store::Picture> picture_;
  bool vg_taken_ = false;
  std::vector<std::unique_ptr<Entry>> entries_;
  std::vector<PvChange> pvs_;
  std::vector<SignatureWipe> wipes_;
  std::vector<PvEdit> edits_;
  std::vector<AlteredPv> altered_;
  std::vector<std::string> dropped_backups_;
  bool moves_pvs_ = false;
  std::vector<std::string> questions_;
  std::vector<std::string> remarks_;
  std::vector<Beforehand> beforehand_;
  Needs needs_;
};

/// Plans `body` and tells what it would change. Takes no lock and writes nothing, not even a lock file.
Result<Changes> plan_changes(System& sys, const std::function<Status()>& body);

/// Plans `body`, takes the locks that this turns out to need, and carries it out if nothing has moved meanwhile; if
/// something has, `body` is run again, now under the locks. So `body` may run more than once and keeps nothing from the
/// run before. `check` sees what is about to happen and may refuse it. Warnings are appended to `notes`.
Result<Changes> transact(System& sys, const std::function<Status()>& body,
                         const std::function<Status(const Changes&)>& check, std::vector<std::string>& notes);

}  // namespace ashlar::ops
