// SPDX-License-Identifier: LGPL-2.1-or-later
// What can be done, one function a command: lock, read, plan, apply. Each takes the System and a request, returns what
// happened, prints nothing. A change of many objects goes on past one that fails; the failures are in its result.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "activation/permission.h"
#include "archive/archive.h"
#include "base/result.h"
#include "ops/inventory.h"
#include "ops/system.h"
#include "plan/plan.h"
#include "plan/undo.h"
#include "store/pv_layout.h"

namespace ashlar::ops {

/// Notes on the way, and one Error for each object that could not be done.
struct Outcome {
  std::vector<std::string> notes;
  std::vector<Error> failures;
};

// ---- PVs -----------------------------------------------------------------------------------------------------------

struct CreatePvs {
  std::vector<std::string> devices;
  int force = 0;  ///< how many -f
  bool zero = true;
  std::optional<bool> wipe;  ///< -W; none: allocation/use_blkid_wiping
  bool ignore_metadata = false;
  std::optional<Uuid> uuid;
  std::string restore_file;  ///< --restorefile
  bool no_restore_file = false;
  std::optional<Bytes> size;      ///< --setphysicalvolumesize
  store::PvLayoutRequest layout;  ///< what the options say; device and topology are filled in
};
struct CreatedPvs {
  std::vector<std::string> created;  ///< paths
  Outcome outcome;
};
Result<CreatedPvs> create_pvs(System& sys, const CreatePvs& request);

struct RemovedPvs {
  std::vector<std::string> removed;
  Outcome outcome;
};
Result<RemovedPvs> remove_pvs(System& sys, const std::vector<std::string>& devices, int force);

struct ChangePv {
  std::optional<bool> allocatable, ignore_metadata;
  std::vector<std::string> add_tags, del_tags;
  bool new_id = false;
};
struct ChangedPv {
  bool changed = true;  ///< false: it is so already
  Outcome outcome;
};
Result<ChangedPv> change_pv(System& sys, const std::string& device, const ChangePv& request);
/// Can the PV be worked on: is it there, and its VG not exported, foreign or incomplete? If not, LVM2 does not count it
/// among those that it leaves as they are. One that is on two devices it does.
bool is_at_hand(System& sys, const std::string& device);
/// `size`: --setphysicalvolumesize; none or 0: that of the device. Asks before it pretends another one.
Result<Outcome> resize_pv(System& sys, const std::string& device, std::optional<Bytes> size);

// ---- VGs -----------------------------------------------------------------------------------------------------------

/// `devices` that are no PVs yet are made so with `pv`.
Result<Outcome> create_vg(System& sys, plan::CreateVg request, const std::vector<std::string>& devices,
                          const CreatePvs& pv);
Result<Outcome> extend_vg(System& sys, const std::string& vg, const std::vector<std::string>& devices,
                          const CreatePvs& pv);
/// `devices` empty: all unused PVs but one.
struct ReducedVg {
  std::vector<std::string> removed;
  Outcome outcome;
};
Result<ReducedVg> reduce_vg(System& sys, const std::string& vg, const std::vector<std::string>& devices, bool all);
/// Takes LVs with it when forced or confirmed; refuses a VG with active LVs that are in use.
Result<Outcome> remove_vg(System& sys, const std::string& vg, int force);
Result<Outcome> change_vg(System& sys, const std::string& vg, const plan::ChangeVg& request);

/// `from`: name or id.
Result<Outcome> rename_vg(System& sys, const std::string& from, const std::string& to);
Result<Outcome> export_vg(System& sys, const std::string& vg);
Result<Outcome> import_vg(System& sys, const std::string& vg, bool force);
/// All of `from` goes into `to`.
Result<Outcome> merge_vgs(System& sys, const std::string& to, const std::string& from);

struct SplitVgs {
  std::string from;
  plan::SplitRequest plan;           ///< without `pvs`
  std::vector<std::string> devices;  ///< those that go; empty: plan.lv says
};
struct SplitDone {
  bool fresh = true;  ///< a new VG was made
  Outcome outcome;
};
Result<SplitDone> split_vg(System& sys, const SplitVgs& request);

/// Copies of all disks of one VG.
struct ImportClone {
  std::vector<std::string> devices;
  std::string base_name;  ///< empty: the VG's name and a number
  bool import = false;    ///< also an exported VG
  bool list = false;      ///< the devices file may not have them yet, and has them then
};
struct ImportedClone {
  std::string name;
  std::string from;  ///< what the copies are of, as far as it must not change until a plan is carried out
  Outcome outcome;
};
Result<ImportedClone> import_clone(System& sys, const ImportClone& request);

/// Takes missing PVs out of the VG; with `force` the LVs that lay on them too.
struct ReducedMissing {
  bool consistent = false;  ///< nothing was missing
  std::vector<std::string> removed_lvs, partial_lvs;
  Outcome outcome;
};
Result<ReducedMissing> reduce_missing(System& sys, const std::string& vg, bool force);
/// PVs of the VG that were missing are back and hold what they should: they are members again.
Result<Outcome> restore_missing(System& sys, const std::string& vg, const std::vector<std::string>& devices);
/// Says what is wrong with the VG; `update`: writes it anew everywhere.
Result<Outcome> check_vg(System& sys, const std::string& vg, bool update);

// ---- LVs -----------------------------------------------------------------------------------------------------------

/// An allocation argument: "/dev/sdb", "/dev/sdb:0-99:200-", "@tag".
struct CreateLv {
  std::string vg;
  plan::CreateLv plan;
  std::vector<std::string> pvs;
  bool activate = true;           ///< where a kernel maps it
  bool automatic = false;         ///< only if activation/auto_activation_volume_list does not keep it from that
  bool ignore_skip = false;       ///< also if it is flagged to be skipped
  std::optional<bool> zero = {};  ///< its first 4 KiB; none: if it is writable and to be activated
  std::optional<bool> wipe = {};  ///< signatures, after asking; none: if it is zeroed
};
struct CreatedLv {
  std::string lv;
  Outcome outcome;
};
Result<CreatedLv> create_lv(System& sys, const CreateLv& request);

struct ResizedLv {
  Extents before, after;
  Sectors extent_size;
  Outcome outcome;
  bool was_active = false, was_open = false;
};
Result<ResizedLv> resize_lv(System& sys, const std::string& vg, plan::ResizeLv request,
                            const std::vector<std::string>& pvs, bool force);

/// The same with the filesystem on the active LV, which is never made smaller than what it holds. `check`: look at one
/// that is not mounted before it grows.
Result<ResizedLv> resize_lv_with_fs(System& sys, const std::string& vg, plan::ResizeLv request,
                                    const std::vector<std::string>& pvs, bool check);

struct RemovedLvs {
  std::vector<std::string> removed;  ///< names without the VG
  Outcome outcome;
};
/// `lvs` empty: all of the VG. One commit for all.
Result<RemovedLvs> remove_lvs(System& sys, const std::string& vg, const std::vector<std::string>& lvs, int force);
Result<Outcome> rename_lv(System& sys, const std::string& vg, const std::string& from, const std::string& to);
Result<Outcome> change_lv(System& sys, const std::string& vg, const plan::ChangeLv& request);

// ---- Activation ----------------------------------------------------------------------------------------------------

struct Activate {
  std::string vg;
  std::vector<std::string> lvs;  ///< empty: all visible ones
  enum class What : std::uint8_t { On, AutoOn, Off, Refresh } what = What::On;
  bool ignore_skip = false;  ///< -K
  /// Of LVs with missing PVs. Complete and Degraded refuse those that lose data with one; Partial puts
  /// activation/missing_stripe_filler in its place.
  enum class Mode : std::uint8_t { Complete, Degraded, Partial };
  std::optional<Mode> mode = {};  ///< none: activation/activation_mode
};
/// "complete", "degraded", "partial".
std::optional<Activate::Mode> parse_activation_mode(std::string_view word);
struct Activated {
  std::size_t changed = 0;
  std::size_t active = 0;  ///< LVs of the VG that are active afterwards
  Outcome outcome;
};
Result<Activated> activate(System& sys, const Activate& request);

struct Tables {
  std::vector<std::string> lines;  ///< "vg0-data: 0 20480 linear 254:0 2048"
  std::vector<Error> failures;     ///< of a whole VG: LVs that have none
};
/// The tables activation would load. `lv` empty: all visible LVs. PVs that are image files are shown by path.
Result<Tables> tables(System& sys, const std::string& vg, const std::string& lv);

// ---- Backup --------------------------------------------------------------------------------------------------------

/// `file` empty: the backup directory; "%s" in it is the VG's name. Returns the file written.
Result<std::string> backup_vg(System& sys, const std::string& vg, const std::string& file);

struct RestoreVg {
  std::string vg;
  std::string file;  ///< empty: the backup
  bool force = false;
};
Result<Outcome> restore_vg(System& sys, const RestoreVg& request);

/// One file of a VG's history with what its header says.
struct HistoryEntry {
  archive::Entry file;
  std::string vg_name, description;
  std::uint64_t time = 0;
  std::string problem;  ///< why it cannot be read
};
Result<std::vector<HistoryEntry>> history(System& sys, const std::string& vg);
Result<HistoryEntry> describe_file(const std::string& path);

// ---- History -------------------------------------------------------------------------------------------------------

/// All that is known of a VG's past, from archives, backup and what older metadata still lies on its PVs. Takes no
/// lock.
struct Past {
  plan::History history;
  std::vector<std::string> notes;  ///< what could not be read
  std::string now_called;          ///< of a VG that is gone under that name alone: the one it has
};
/// Errc::NotFound if there is no such VG and no trace of one. Of a VG that is gone, the one that was written last.
Result<Past> past_of(System& sys, const std::string& vg);
/// "vgcfgrestore -f FILE VG", with the newest archive of a VG that is gone in which it had volumes, else the newest; with
/// no archive left, how the newest such text gets from a PV's metadata area into a file before. Empty if there is none,
/// or the VG is there under another name: it would become what it was.
std::string way_back(const Past& past, const std::string& vg);

struct UndoVg {
  std::string vg;
  std::optional<std::uint32_t> to;  ///< seqno; none: the state before the last change
  bool force = false;
};
struct UndeleteLv {
  std::string vg, lv;
  std::string new_name;  ///< empty: as it was
  bool force = false;
};
struct Undone {
  std::uint32_t from = 0;  ///< seqno of the state that was brought back
  std::string lv;          ///< undelete: its name now
  std::string sure;        ///< "certain: …" or "likely: …"
  Outcome outcome;
};
/// What comes back and may well not be what it was is refused (plan/sureness.h); where it is not certain, it is asked.
/// Active LVs get their tables; those that come back stay inactive. Asks, as removal and reduction do, where active LVs
/// go or shrink.
Result<Undone> undo_vg(System& sys, const UndoVg& request);
Result<Undone> undelete_lv(System& sys, const UndeleteLv& request);

// ---- Why -----------------------------------------------------------------------------------------------------------

/// One reason, or one thing that is as it should be.
struct Finding {
  bool good = true;
  std::string what;  ///< a sentence
  std::string mend;  ///< the command that would change it; empty: there is none, or nothing to mend
};
struct Why {
  std::string kind;  ///< "device", "vg", "lv"
  std::string name;
  std::vector<Finding> findings;
};
/// Why a device is looked at or not, and whether it could become a PV. Errc::NotFound if there is no such device.
Result<Why> why_device(System& sys, const std::string& path);
/// Why a VG cannot be seen, changed or grown, and how large a new LV can be. Of one that cannot be seen, its past is
/// asked.
Result<Why> why_vg(System& sys, const std::string& vg);
/// Why an LV is not active or cannot be, and by how much it can grow.
Result<Why> why_lv(System& sys, const std::string& vg, const std::string& lv);

// ---- Looking -------------------------------------------------------------------------------------------------------

/// Names of what meant_lvs() finds in a VG that is allowed to be looked at.
Result<std::vector<std::string>> meant_lvs(System& sys, const std::string& vg, const std::vector<std::string>& named);
/// Those of `lvs` that the kernel does not have; of all that people see, where none is named.
Result<std::vector<std::string>> inactive_lvs(System& sys, const std::string& vg, const std::vector<std::string>& lvs);

/// What reports show.
Result<Inventory> inventory(System& sys);

/// A device that was looked at for PVs.
struct SeenDevice {
  std::string path;
  Bytes size;
  bool pv = false;
};
Result<std::vector<SeenDevice>> seen_devices(System& sys);

/// Makes the names under /dev of active LVs that udev did not make; tells which.
Result<Outcome> make_nodes(System& sys);

}  // namespace ashlar::ops
