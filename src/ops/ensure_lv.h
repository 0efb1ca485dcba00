// SPDX-License-Identifier: LGPL-2.1-or-later
// One logical volume of a specification.
#pragma once

#include <optional>
#include <string>

#include "ops/ensure.h"
#include "store/consensus.h"

namespace ashlar::ops {

/// A VG as the steps of the transaction before this one leave it; nothing if there is none of that name.
struct SeenVg {
  VolumeGroup vg;
  std::vector<std::string> devices;  ///< of the PVs, "" for one that is missing
  bool images = false;
};
Result<std::optional<SeenVg>> find_seen_vg(System& sys, const std::string& vg);
/// Errc::NotFound if there is none.
Result<SeenVg> seen_vg(System& sys, const std::string& vg);

/// Those of `all` that are not among `some`.
std::vector<std::string> without(const std::vector<std::string>& all, const std::vector<std::string>& some);
/// "tag x added", "tag y removed".
std::vector<std::string> tag_words(const std::vector<std::string>& added, const std::vector<std::string>& removed);

class LvEnsurer {
 public:
  /// `total`: the extents that percentages are of. What is done is appended to `done`, sentence by sentence to `mine`.
  LvEnsurer(System& sys, const std::string& vg, const WantedLv& wanted, const EnsureDefaults& defaults, Extents total,
            Ensure& done, Ensured& mine)
      : sys_(sys), vg_(vg), wanted_(wanted), defaults_(defaults), total_(total), done_(done), mine_(mine) {}

  Status give();  ///< the part that makes room: it goes, or shrinks
  Status take();  ///< everything else

 private:
  Status make(const SeenVg& now);
  Status check_layout(const SeenVg& now, const LogicalVolume& lv);
  Result<std::optional<Extents>> wanted_extents(const SeenVg& now, const LogicalVolume* lv);
  Status grow(const SeenVg& now, const LogicalVolume& lv);
  Status shrink(const SeenVg& now, const LogicalVolume& lv);
  Status check_cut(const SeenVg& now, const LogicalVolume& lv, Extents to);
  Result<Extents> fill(Extents now, std::uint32_t stripes);
  Status properties(const LogicalVolume& lv);
  Status activity(const SeenVg& now, const LogicalVolume& lv);
  Status filesystem(const SeenVg& now, const LogicalVolume& lv);
  void take_notes(const Outcome& outcome) {
    done_.notes.insert(done_.notes.end(), outcome.notes.begin(), outcome.notes.end());
  }
  plan::ResizeLv growth(std::uint32_t stripes) const;

  System& sys_;
  const std::string& vg_;
  const WantedLv& wanted_;
  const EnsureDefaults& defaults_;
  Extents total_;
  Ensure& done_;
  Ensured& mine_;
};

}  // namespace ashlar::ops
