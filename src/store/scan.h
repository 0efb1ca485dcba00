// SPDX-License-Identifier: LGPL-2.1-or-later
// What lies on the devices: labels, metadata areas and the texts in them, before anybody judges which rules.
// Damage is data here: a bad label or copy becomes a sentence, not a stop. Source: docs/format.md 1.6, 2.6.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "device/block_device.h"
#include "metadata/disk/label.h"
#include "metadata/disk/mda_header.h"
#include "metadata/text/vg_reader.h"

namespace ashlar::store {

/// One metadata area of a PV.
struct Mda {
  disk::DiskArea area;                    ///< as the label says
  std::optional<disk::MdaHeader> header;  ///< none: unreadable, see problem
  std::optional<std::uint32_t> seqno;     ///< of the committed text; none: there is none, or it cannot be used
  std::optional<Uuid> vg;                 ///< of which VG it is; with seqno
  std::string problem;                    ///< why the header or the committed text cannot be used
  std::optional<disk::RawLocn> spared;    ///< a text in it that the next one is written behind, where none is committed
};

/// A PV on a device.
struct FoundPv {
  device::BlockDevice* device = nullptr;
  disk::Label label;
  std::vector<Mda> mdas;
  bool stays_missing =
      false;  ///< of a VG's PVs that are written: it takes the text and no LV, and is marked as missing
  std::optional<disk::Label>
      was;  ///< the label on the device, where a commit is to put `label` in its place: the id is another
};

/// Where one copy of a text lies.
struct CopyAt {
  std::size_t pv, mda;  ///< indices into Scan::pvs and its mdas
};

/// One distinct text and where it was found. All copies have the same size and checksum.
struct Version {
  VolumeGroup vg;
  text::Header header;
  Bytes size;  ///< with the NUL
  std::uint32_t checksum = 0;
  std::vector<CopyAt> copies;
};

/// Something that could not be read, so that a PV or VG may be missing from the answer.
struct Problem {
  std::string what;    ///< a sentence that names the device
  std::string device;  ///< its path; empty: of no single PV
  std::string vg;      ///< the VG it is about, where one is known
};

/// A command that was cut off between its commits: its staged texts are taken for committed (store/roll_forward.h).
struct CutCommit {
  std::vector<CopyAt> areas;  ///< their headers are as they will be: on the disks they have the text in slot 1 still
  std::size_t got = 0;        ///< the first so many areas have the text of another VG still
  std::set<std::string> vgs;  ///< names of the VGs that it changed, and of those that were there before
};

struct Scan {
  std::vector<device::BlockDevice*> read;  ///< the devices that were looked at, PVs or not
  std::vector<FoundPv> pvs;
  std::vector<Version> versions;
  std::vector<Problem> problems;  ///< devices and labels that could not be read
  std::vector<CutCommit> cut;     ///< to be finished before these VGs are changed
};

/// No metadata text larger than this is read: a number on a disk must not decide how much memory we take.
inline constexpr Bytes kMaxText{128 << 20};

/// Reads every candidate: its first bytes, its metadata headers, and one copy of each distinct text.
Result<Scan> scan(device::DeviceSource& source);

/// Of the devices that were looked at, those without a PV.
std::vector<device::BlockDevice*> without_pv(const Scan& scan);

/// "metadata area 1 of /dev/sdb"
std::string mda_name(const FoundPv& pv, std::size_t mda);

}  // namespace ashlar::store
