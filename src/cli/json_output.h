// SPDX-License-Identifier: LGPL-2.1-or-later
// Documents of --json. Described in docs/json.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ops/describe.h"
#include "ops/list_devices.h"
#include "ops/lv_data.h"
#include "ops/ops.h"
#include "ops/repair.h"
#include "plan/history.h"

namespace ashlar::cli {

struct Command;

/// The stable name of an error code: "not_found".
std::string_view code_name(Errc code);

/// {"commands": [...]}: every command with its arguments and options.
std::string commands_json();
/// The same of one.
std::string command_json(const Command& command);
/// {"devices": [{"name", "table"}]} of lines "vg0-data: 0 20480 linear 254:0 2048".
std::string tables_json(const std::vector<std::string>& lines);
/// {"devices_file": [{"device", "id_type", "id_name", "name", "pv_uuid", "part"}]}: `device` null: it is not here.
std::string listed_json(const std::vector<ops::ListedEntry>& entries);
/// {"version", "lvm_version", "driver_version"}; no driver: null.
std::string version_json(const std::optional<std::string>& driver);

/// One version of a VG as history shows it.
struct HistoryRow {
  const plan::Version* version;
  std::vector<std::string> differences;        ///< to the one before, as sentences
  std::vector<plan::SeqnoRun> unknown_before;  ///< between that one and this
};
/// {"vg", "gone", "versions": [{"seqno", "standing", "time", …}]}
std::string history_json(const std::string& vg, bool gone, const std::vector<HistoryRow>& rows);
/// {"vg", "from", "to", "equal", "differences"}
std::string diff_json(const VolumeGroup& before, const VolumeGroup& after, const std::vector<std::string>& lines);

/// A look at a damaged VG, and whether what may be done was agreed to.
struct RepairLook {
  ops::Repair found;
  bool agreed = false;
};
/// {"repairs": [{"vg", "agreed", "versions", "damage", "steps": [{"what", "unknown"}], "obstacles": [{"what",
/// "mend"}]}]}; a VG whose repair let more be known is there once for each look.
std::string repair_json(const std::vector<RepairLook>& looks);
/// {"objects": [{"kind", "name", "findings": [{"good", "what", "mend"}]}]}
std::string why_json(const std::vector<ops::Why>& all);
/// {"devices": [{"device", "size", "pv"}]}
std::string seen_json(const std::vector<ops::SeenDevice>& devices);
/// {"archives": [{"file", "vg", "description", "time", "problem"}]}: `problem` null: it can be read.
std::string archives_json(const std::vector<ops::HistoryEntry>& entries);
/// {"vg", "from"}: the VG that copies of another one have become.
std::string cloned_json(const std::string& vg, const std::string& from);
/// {"lv", "file", "offset", "bytes", "written"} of a copy; no file: null.
std::string copied_json(const ops::LvCopy& copy, const ops::LvCopied& copied);

/// The answer to CMD --json.
struct Answer {
  std::string command;
  std::string output;  ///< what it wrote to stdout: a JSON object, or lines
  const ops::Changes* changes = nullptr;
  const ops::Facts* facts = nullptr;
  std::vector<std::string> warnings;
  std::vector<Error> failures;
  std::vector<std::string> lacks = {};  ///< what a report is without, besides what failures of Errc::Partial say
  bool afterwards = false;              ///< something was done besides `changes`
  bool elsewhere = false;               ///< of a command that changes something else than VGs, PVs and what is active
};
std::string answer_json(const Answer& answer);

}  // namespace ashlar::cli
