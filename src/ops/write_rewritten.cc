// SPDX-License-Identifier: LGPL-2.1-or-later
// Writing what rewrite_pv.cc made: the text, then the header that points at it, with a flush between.
#include <fmt/format.h>

#include <algorithm>

#include "archive/archive.h"
#include "archive/directory.h"
#include "base/bytes.h"
#include "base/crc32.h"
#include "base/log.h"
#include "base/signal_shield.h"
#include "metadata/disk/mda_header.h"
#include "metadata/disk/mda_ring.h"
#include "ops/pv.h"
#include "ops/rewrite_pv.h"
#include "store/pv_store.h"
#include "store/scan.h"

namespace ashlar::ops {

namespace {
/// What lies there goes into a file beside the backups, unless it is nothing but zeros.
Status save(System& sys, const std::string& vg, device::BlockDevice& device, const disk::DiskArea& area,
            std::vector<std::string>& notes) {
  if (area.size > store::kMaxText)
    return Error(Errc::Refused,
                 fmt::format("{} bytes at {} of {} cannot be read as metadata, and more than {} are not saved",
                             area.size.n, area.offset.n, device.path(), store::kMaxText.n));
  std::vector<std::byte> bytes(area.size.n);
  TRY(device.read(area.offset, bytes).context("saving what lies there"));
  if (all_zero(bytes)) return ok();
  const std::string backup = TRY(sys.archive->backup_path(vg.empty() ? "pvck" : vg));
  const std::string folder = backup.substr(0, backup.rfind('/'));
  const std::string path = fmt::format("{}_at{}_{:08x}.saved", backup, area.offset.n, crc32(bytes));
  TRY(archive::open_directory({"backup directory", "backup/backup_dir", folder}, Missing::Make)
          .context("nothing was changed"));
  TRY(archive::write_file(path, std::string(as_text(bytes))).context("nothing was changed"));
  notes.push_back(
      fmt::format("What lay at byte {} of {} is saved as {}.", area.offset.n, device.path(), printable(path)));
  return ok();
}

/// Runs `write` on a device that nobody else uses meanwhile.
template <class Write>
Status claimed(System& sys, device::BlockDevice& device, const Write& write) {
  TRY(sys.devices->claim(device).context("Can't repair " + device.path()));
  SignalShield shield;
  Status done = device.unchanged();
  if (done) done = write();
  sys.devices->unclaim(device);
  forget_hints(sys);
  return done;
}
}  // namespace

Status write_header(System& sys, const NewHeader& header, std::vector<std::string>& notes) {
  if (sys.conduct.test) return ok();
  const Bytes at{header.label.sector * kSectorSize};
  return claimed(sys, *header.device, [&]() -> Status {
    disk::Sector there{};
    TRY(header.device->read(at, there));
    if (there == header.sector) return ok();
    TRY(save(sys, header.vg, *header.device, {at, {kSectorSize}}, notes));
    TRY(header.device->write(at, header.sector));
    return header.device->flush();
  });
}

Status write_metadata(System& sys, const NewMetadata& metadata, std::vector<std::string>& notes) {
  if (sys.conduct.test) return ok();
  device::BlockDevice& device = *metadata.device;
  std::string padded = metadata.text;
  padded.resize(round_up(padded.size() + 1, kSectorSize) + kSectorSize,
                '\0');  // NUL, and zeros for the padding of a wrapped piece
  return claimed(sys, device, [&]() -> Status {
    for (const NewText& area : metadata.areas) {
      if (area.unreadable) TRY(save(sys, metadata.vg, device, area.where, notes));
    }
    for (const NewText& area : metadata.areas) {
      std::size_t done = 0;
      for (const disk::RingPiece& piece : disk::pieces_of(area.where.size, area.at)) {
        TRY(device.write(area.where.offset + piece.offset,
                         as_bytes(padded).subspan(done, round_up(piece.length.n, kSectorSize))));
        done += piece.length.n;
      }
      TRY(device.flush());
      TRY(device.write(area.where.offset, disk::encode_mda_header({area.where, area.at, {}})));
      TRY(device.flush());
    }
    return ok();
  });
}

}  // namespace ashlar::ops
