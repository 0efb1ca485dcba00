// SPDX-License-Identifier: LGPL-2.1-or-later
// A request and a VG in, the new VG out: pure. seqno stays as it is (the commit raises it). Every result of a legal VG
// passes metadata/model/validate.h; a request that cannot be met leaves an Error with the numbers and the largest that
// could. A VG that is taken by value can be moved in by who needs the old one no longer: it is not copied then.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "plan/requests.h"

namespace ashlar::plan {

/// The new value and what a person should be told: "Rounding up size to full physical extent 8.00 MiB".
struct Planned {
  VolumeGroup vg;
  std::vector<std::string> notes;
  std::string lv;  ///< name of the LV made or changed, if one
};

Result<Planned> create_lv(VolumeGroup vg, const CreateLv& request, Random& random);
Result<Planned> resize_lv(const VolumeGroup& vg, const ResizeLv& request);
/// May remove_lv() remove it? Errors as of that.
Status check_removable(const VolumeGroup& vg, const std::string& lv);
Result<Planned> remove_lv(VolumeGroup vg, const std::string& lv);
Result<Planned> rename_lv(const VolumeGroup& vg, const std::string& from, const std::string& to);
Result<Planned> change_lv(const VolumeGroup& vg, const ChangeLv& request);

Result<Planned> create_vg(const CreateVg& request, Random& random);
Result<Planned> extend_vg(const VolumeGroup& vg, std::span<const JoiningPv> pvs, bool mixed_block_sizes = false);
/// Takes unused PVs out; refuses the last one, one with extents in use, and one that Foreign segments may refer to.
Result<Planned> reduce_vg(const VolumeGroup& vg, std::span<const Uuid> pvs);
Result<Planned> change_vg(const VolumeGroup& vg, const ChangeVg& request);

Result<Planned> rename_vg(const VolumeGroup& vg, const std::string& name);
/// Marks the VG as on its way to another machine: nobody uses it until it is imported.
Result<Planned> export_vg(const VolumeGroup& vg);
Result<Planned> import_vg(const VolumeGroup& vg, const std::string& system_id);
/// `to` with all of `from`, which is no more.
Result<Planned> merge_vgs(const VolumeGroup& to, const VolumeGroup& from);

struct SplitVg {
  VolumeGroup into;                 ///< the new VG, or the one that took PVs in
  std::optional<VolumeGroup> rest;  ///< nothing when every PV left
};
/// PVs of `vg`, with the LVs that lie on them alone, go to `into`; null: to a new VG.
Result<SplitVg> split_vg(const VolumeGroup& vg, const VolumeGroup* into, const SplitRequest& request, Random& random);

/// The VG under another name with new ids of its own and of its PVs.
struct ClonedVg {
  VolumeGroup vg;
  std::map<Uuid, Uuid> new_ids;  ///< of PVs, by old id
};
Result<ClonedVg> clone_vg(const VolumeGroup& vg, const std::string& name, Random& random);

struct Reduced {
  Planned planned;
  std::vector<std::string> removed_lvs;  ///< with `force`: those that lay on missing PVs
  std::vector<std::string> partial;      ///< without: those that keep missing PVs in the VG
};
Result<Reduced> remove_missing(const VolumeGroup& vg, bool force);

Result<Planned> change_pv(const VolumeGroup& vg, const ChangePv& request);
/// That a PV cannot leave: how much of it which LVs use. Errc::Busy.
Error still_in_use(const VolumeGroup& vg, const PhysicalVolume& pv);
/// Errc::Refused: a VG keeps one PV.
Error final_pv(const VolumeGroup& vg, const PhysicalVolume& pv);
/// Refuses a size that leaves extents in use outside.
Result<Planned> resize_pv(const VolumeGroup& vg, const ResizePv& request);

}  // namespace ashlar::plan
