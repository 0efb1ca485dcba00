// SPDX-License-Identifier: LGPL-2.1-or-later
// Metadata text to a VG value: from a metadata area, an archive or a backup (one grammar, two orders of the header).
// Source: docs/format.md 3.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "config/document.h"
#include "metadata/model/volume_group.h"

namespace ashlar::text {

/// The lines around the VG section: who wrote it, when, and why.
struct Header {
  std::string description;  ///< "Created *before* executing 'lvcreate ...'"
  std::string creation_host;
  std::string creation_host_system_id;
  std::uint64_t creation_time = 0;
  friend bool operator==(const Header&, const Header&) = default;
};

struct ReadVg {
  VolumeGroup vg;
  Header header;
};

/// Errc::Corrupt naming the source, section and key, what was found and what belongs there. The VG has the right
/// types and sane counts; whether it makes sense as a whole is validate()'s to say.
/// PV areas refer to PVs of this text; an area of a name that is no PV is taken as an LV's.
Result<ReadVg> read_vg(const config::Document& document);

/// parse and read_vg in one. Text may end in a NUL.
Result<ReadVg> read_vg(const std::string& text, const std::string& source);

/// The line on which the `n`th PV (else LV) of a text begins that read_vg() has read; 0 if there is none.
int line_of_pv(const std::string& text, std::size_t n);
int line_of_lv(const std::string& text, std::size_t n);

/// The name before the first '{' of a metadata text as it lies on disk; nothing if that is no valid VG name.
std::optional<std::string> peek_vg_name(std::string_view text);

}  // namespace ashlar::text
