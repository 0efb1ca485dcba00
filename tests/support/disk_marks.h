// SPDX-License-Identifier: LGPL-2.1-or-later
// What lies in the extents of a TestMachine's disks, as far as it matters who wrote last: each LV of each state writes
// its own mark into every extent it has, and the world outside writes wherever the VG does not say that an extent is
// its own.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "metadata/model/volume_group.h"

namespace ashlar::test {

/// Which part of which LV a PE holds, spelled out PE by PE. All segments are striped.
using Owners = std::map<std::pair<Uuid, std::uint64_t>, std::string>;
Owners owners_of(const VolumeGroup& vg);

class DiskMarks {
 public:
  static constexpr std::size_t kExtents = 16;  ///< of a disk, at most
  using Marks = std::vector<std::string>;

  void add_disk(const std::string& path) { disks_.emplace(path, Disk{Marks(kExtents), true}); }

  /// A state of the VG: what its LVs and others write while it lasts. A disk that is not there is not known to anyone.
  void live(const VolumeGroup& vg);
  /// What `before` had and `after` has not is discarded.
  void discard(const VolumeGroup& before, const VolumeGroup& after);

  void take_away(const std::string& path) { disks_.at(path).here = false; }
  void bring_back(const std::string& path) { disks_.at(path).here = true; }
  bool here(const std::string& path) const { return disks_.at(path).here; }
  void wipe(const std::string& path) { write_all(disks_.at(path).marks, "blank"); }
  const Marks& marks(const std::string& path) const { return disks_.at(path).marks; }
  void put_back(const std::string& path, Marks marks) { disks_.at(path).marks = std::move(marks); }

  /// Extents that `after` has and `before` has not, in which something else lies than was there: "pv extent, mark"
  /// each.
  std::vector<std::string> lost(const VolumeGroup& before, const VolumeGroup& after) const;

 private:
  struct Disk {
    Marks marks;
    bool here;
  };
  static void write_all(Marks& marks, const std::string& what) { marks.assign(marks.size(), what); }
  std::map<std::string, Disk> disks_;
};

}  // namespace ashlar::test
