// SPDX-License-Identifier: LGPL-2.1-or-later
// A VG value to metadata text, byte for byte as LVM2 formats it. Source: docs/format.md 3.2.
#pragma once

#include <string>

#include "metadata/model/volume_group.h"
#include "metadata/text/vg_reader.h"

namespace ashlar::text {

/// Raw: as on disk, no indentation, the header behind the VG. File: archives and backups, indented, with sizes as
/// comments, the header in front.
enum class Form { Raw, File };

/// What the header says beyond Header.
struct Origin {
  std::string generator;     ///< "Ashlar version 0.1.0"
  std::string host_comment;  ///< "Linux node release version machine"
};

/// Raw form ends in two newlines and has no NUL: the NUL that counts on disk is the store's to add.
std::string write_vg(const VolumeGroup& vg, const Header& header, const Origin& origin, Form form);

}  // namespace ashlar::text
