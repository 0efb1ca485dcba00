// SPDX-License-Identifier: LGPL-2.1-or-later
// A request and a VG in, the new VG out: pure. seqno stays as it is (the commit raises it). Every result passes
// metadata/model/validate.h; a request that cannot be met leaves an Error with the numbers and the largest that could.
#pragma once

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

Result<Planned> create_lv(const VolumeGroup& vg, const CreateLv& request, Random& random);
Result<Planned> resize_lv(const VolumeGroup& vg, const ResizeLv& request);
Result<Planned> remove_lv(const VolumeGroup& vg, const std::string& lv);
Result<Planned> rename_lv(const VolumeGroup& vg, const std::string& from, const std::string& to);
Result<Planned> change_lv(const VolumeGroup& vg, const ChangeLv& request);

Result<Planned> create_vg(const CreateVg& request, Random& random);
Result<Planned> extend_vg(const VolumeGroup& vg, std::span<const JoiningPv> pvs);
/// Takes unused PVs out; refuses the last one, one with extents in use, and one that Foreign segments may refer to.
Result<Planned> reduce_vg(const VolumeGroup& vg, std::span<const Uuid> pvs);
Result<Planned> change_vg(const VolumeGroup& vg, const ChangeVg& request);

Result<Planned> change_pv(const VolumeGroup& vg, const ChangePv& request);
/// Refuses a size that leaves extents in use outside.
Result<Planned> resize_pv(const VolumeGroup& vg, const ResizePv& request);

}  // namespace ashlar::plan
