// SPDX-License-Identifier: LGPL-2.1-or-later
// The headers and metadata of one PV written anew from a metadata file: pvck --repair. Nothing but this PV is looked
// at; ops/repair.h mends whole VGs. What is written where is as lvm2's pvck does it. Source: docs/format.md 1.6.1.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "metadata/disk/label.h"
#include "ops/ops.h"

namespace ashlar::ops {

struct RewritePv {
  std::string device;
  std::string text;  ///< metadata, as on disk or as a backup has it; empty: none
  /// Stronger than what the metadata and the device say.
  std::optional<Uuid> pv;
  std::optional<Bytes> device_size, data_offset;
  std::optional<disk::DiskArea> mda1, mda2;  ///< of size 0: there shall be none
  unsigned area = 0;                         ///< whose metadata is written: 1, 2; 0: all
};

/// A sector to be written, and the label in it.
struct NewHeader {
  device::BlockDevice* device;
  disk::Label label;
  disk::Sector sector;
  std::string vg;                  ///< whose PV it is; empty: not known
  std::vector<std::string> notes;  ///< what a person should know before
};
/// The label sector from the metadata. Errc::Refused where that does not say enough or does not have the PV, and for a
/// device that is in use or carries something else.
Result<NewHeader> new_header(System& sys, const RewritePv& request);
/// The sector that is there with a label_header that fits. Errc::Refused where it has no pv_header.
Result<NewHeader> new_label_header(System& sys, const RewritePv& request);

/// A text for one metadata area.
struct NewText {
  unsigned area;  ///< 1 or 2
  disk::DiskArea where;
  disk::RawLocn at;
  bool unreadable = false;  ///< what lies in the area: its bytes are saved before
};
struct NewMetadata {
  device::BlockDevice* device;
  std::string vg, text;  ///< as on disk, without its NUL
  std::vector<NewText> areas;
};
/// `label`: what new_header() found, if that is written first; else that of the device. The text goes behind a
/// committed one that can be read, else to the start of the area. Errc::Corrupt for a text that is no metadata;
/// Errc::Refused for one that does not have the PV, or for a PV without an area.
Result<NewMetadata> new_metadata(System& sys, const RewritePv& request, const disk::Label* label);

/// Flushed. Bytes that no program can read any more are saved first, in the folder of the backups; `notes` says where.
/// No-op under -t.
Status write_header(System& sys, const NewHeader& header, std::vector<std::string>& notes);
Status write_metadata(System& sys, const NewMetadata& metadata, std::vector<std::string>& notes);

}  // namespace ashlar::ops
