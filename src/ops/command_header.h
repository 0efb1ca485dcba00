// SPDX-License-Identifier: LGPL-2.1-or-later
// The header of the texts that a command writes on disks: when, on which host, and by which command line.
#pragma once

#include <span>
#include <string_view>

#include "metadata/text/vg_writer.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

/// One for all VGs of the command: alike in it are the texts that belong together (store/roll_forward.h). `write` stands
/// before the command line: "Write from ". The line is whole, up to the 2047 bytes that LVM2 lets a description have;
/// only where a text would find no room in an area, it is cut as far as it takes, with "..." behind what is left, so
/// that what is in a VG can always be taken out of it.
text::Header command_header(const System& sys, std::string_view write, std::span<const VgStep> steps);

}  // namespace ashlar::ops
