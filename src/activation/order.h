// SPDX-License-Identifier: LGPL-2.1-or-later
// A Change checked and sorted into the phases in which every kernel, the real one and the tests', carries it out.
// Source: docs/format.md 8.8, docs/activation.md.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "activation/diff.h"

namespace ashlar::dm {

/// What happens to one existing device between suspend and resume.
struct Touched {
  Device wanted;
  std::string current_name;  ///< what it is called until it is resumed
  bool reload = false;       ///< wanted.table is loaded; else the table stays
  bool force = false;        ///< loaded although it may not differ
  bool renamed() const { return current_name != wanted.name; }
};

struct Phases {
  std::vector<Remove> first;     ///< their names are needed by the phases between
  std::vector<Touched> touched;  ///< loaded, suspended, renamed, resumed; one entry a device
  std::vector<Create> creates;
  std::vector<Remove> last;  ///< upper devices before those below
};

/// Errc::InvalidArgument for a change that contradicts itself (two fates for one device, an incomplete table),
/// Errc::Unsupported for devices that exchange names and for tables Ashlar does not make.
Result<Phases> phases(const Change& change);

/// Gives what lies on other dm devices their numbers. Errc::InvalidArgument for one that is not there yet: a change
/// does not lie on what it makes itself.
Status locate(Phases& phases, const std::function<std::optional<DevNumber>(const std::string& uuid)>& number_of);

}  // namespace ashlar::dm
