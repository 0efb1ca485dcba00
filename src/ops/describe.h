// SPDX-License-Identifier: LGPL-2.1-or-later
// A transaction's changes told: as facts for programs and as sentences for people.
#pragma once

#include <string>
#include <vector>

#include "metadata/model/difference.h"
#include "ops/changes.h"
#include "ops/system.h"

namespace ashlar::ops {

/// A device-mapper device that changes: its table's lines, as `dmsetup table` prints them; empty: it is not there.
struct TableDifference {
  std::string name, uuid;
  std::vector<std::string> before, after;
  bool reloaded = false;        ///< the same table loaded anew
  std::string was_called = {};  ///< empty: as now, or it was not there
  bool read_only_before = false, read_only = false;
};

struct VgFacts {
  VgDifference difference;
  Sectors extent_size;
  std::uint32_t seqno_before = 0, seqno_after = 0;  ///< 0: there is no VG
  std::vector<TableDifference> tables;
  std::vector<std::string> cleared;  ///< names of LVs whose start is cleared
  Extents peak;
  bool writes = false;
  std::string text;  ///< the metadata as it will be, without the lines that say when and why; empty: none
};

struct Facts {
  std::vector<VgFacts> vgs;
  std::vector<std::string> steps;         ///< numbered by whoever prints them
  std::vector<std::string> irreversible;  ///< what no archive brings back
};

/// Which files are kept of the VGs that change.
struct Kept {
  bool archive = true, backup = true;
};
/// By the settings, and -A.
Kept kept_files(const System& sys);

Facts facts(const Changes& changes, Kept kept);

}  // namespace ashlar::ops
