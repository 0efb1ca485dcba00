// SPDX-License-Identifier: LGPL-2.1-or-later
// Volume groups for tests, in a line each:
//   VgBuilder("vg0").pv("pv0", 31).pv("pv1", 31).lv("a", {{"pv0", 0, 5}}).striped("s", {{"pv0", 5, 2}, {"pv1", 0,
//   2}}).vg
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "metadata/model/volume_group.h"

namespace ashlar::test {

/// `length` PEs from `start` of the PV with that device name.
struct Pes {
  std::string pv;
  std::uint64_t start, length;
};

/// The id made from a word, the same each time: "vg0" -> "vg0000...". "t1" and "t10" have the same.
Uuid id_of(std::string_view word);

struct VgBuilder {
  VolumeGroup vg;  ///< writable, resizeable, 4 MiB extents, policy normal

  explicit VgBuilder(std::string name = "vg0");
  VgBuilder& pv(const std::string& name, std::uint64_t pe_count);
  /// Visible and writable; one linear segment for each run.
  VgBuilder& lv(const std::string& name, const std::vector<Pes>& runs);
  /// One striped segment with these areas, all of one length; 64 KiB stripes.
  VgBuilder& striped(const std::string& name, const std::vector<Pes>& areas);
  /// One segment of another type; `body` in the metadata grammar.
  VgBuilder& foreign(const std::string& name, std::uint64_t length, const std::string& type, const std::string& body);
  /// Of the LV added last.
  VgBuilder& hidden();
  VgBuilder& tag(const std::string& tag);

 private:
  LogicalVolume& add(const std::string& name);
};

}  // namespace ashlar::test
