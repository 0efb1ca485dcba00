// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/lv_data.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "base/log.h"
#include "base/size_text.h"
#include "base/unique_fd.h"
#include "device/image_name.h"
#include "metadata/disk/label.h"
#include "metadata/model/query.h"
#include "ops/clear_lv.h"
#include "ops/copy.h"
#include "ops/lv_devices.h"
#include "ops/lv_on_pvs.h"
#include "ops/vg_access.h"
#include "plan/claims.h"

namespace ashlar::ops {

namespace {
Status check_access(System& sys, const VolumeGroup& vg, const LogicalVolume& lv, bool images, Access access, std::vector<std::string>& notes) {
  const std::string name = vg.name + "/" + lv.name;
  if (access == Access::Write && !lv.status.has(LvFlag::Write))
    return Error(Errc::Refused, fmt::format("{} is read-only (lvchange -prw {} makes it writable)", name, name));
  // What lies in a file is active only through a loop device, and then the file is not what is named here.
  if (images) return ok();
  if (!sys.ask_kernel || !sys.kernel->available()) {
    std::string unknown = fmt::format("Whether {} is active is not known without device-mapper.", name);
    if (access == Access::Read || sys.conduct.assume_yes || (sys.conduct.confirm && sys.conduct.confirm(unknown + " Write to it?"))) return ok();
    return Error(Errc::Refused, unknown + " Nothing was written: -y writes if you know that it is not");
  }
  if (!TRY(LvDevices::read(sys, vg.id)).active(lv)) return ok();
  if (access == Access::Write) return Error(Errc::Busy, fmt::format("{} is active: write to /dev/{}, or deactivate it first (lvchange -an {})", name, name, name));
  notes.push_back(fmt::format("WARNING: {} is active: what its users have not flushed is not read.", name));
  return ok();
}

/// A file that is a PV of any VG is not what a copy of an LV would be written over by intent, whatever is answered.
Status check_no_pv(int fd, const std::string& file) {
  std::array<std::byte, disk::kLabelSectors * kSectorSize> start{};
  const ssize_t got = ::pread(fd, start.data(), start.size(), 0);
  if (got < 0) return errno_error("Cannot read " + printable(file));
  const auto found = disk::scan_label(std::span(start).first(static_cast<std::size_t>(got)));
  if (!found.label) return ok();
  return Error(Errc::Refused, fmt::format("{} is a PV (id {}): it is not overwritten. If it is no longer needed, or a copy of a volume with a PV in it, remove the file first",
                                          printable(file), found.label->pv.dashed()));
}

/// The file of a copy must not be one in which a PV of the VG lies.
Status check_apart(const OpenLv& open, const store::VgState& state, const struct stat& st, const std::string& file) {
  for (std::size_t member : state.members) {
    if (member == store::kNoPv) continue;
    const std::string& pv = open.picture->scan.pvs[member].device->path();
    struct stat of_pv {};
    std::string path = device::image_file_of(pv).value_or(pv);
    if (::stat(path.c_str(), &of_pv) != 0) continue;
    const bool same = S_ISBLK(st.st_mode) ? S_ISBLK(of_pv.st_mode) && st.st_rdev == of_pv.st_rdev : st.st_dev == of_pv.st_dev && st.st_ino == of_pv.st_ino;
    if (same) return Error(Errc::Refused, fmt::format("{} is {}, a PV of VG {}: its volumes cannot be copied to or from itself", printable(file), pv, state.vg.name));
  }
  return ok();
}

/// Goes through everything up to the first write, as under -t and for a plan.
bool dry(const System& sys) { return sys.conduct.test || sys.transaction != nullptr; }

/// Where a copy comes from or goes to: a descriptor, and whether it can be sought in.
struct File {
  UniqueFd own;
  int fd;
  std::string name;
  struct stat st {};
};

Result<File> open_file(System& sys, const LvCopy& request, const OpenLv& open, const store::VgState& state, int flags) {
  File file{{}, request.fd, request.file.empty() ? "the pipe" : request.file};
  const bool creates = (flags & O_ACCMODE) != O_RDONLY;
  if (!request.file.empty()) {
    // A new file in test mode is none at all.
    const bool exists = ::stat(request.file.c_str(), &file.st) == 0;
    if (!exists && creates && dry(sys)) return file;
    file.own = UniqueFd(::open(request.file.c_str(), flags | O_CLOEXEC | O_NOCTTY | (exists ? 0 : O_EXCL | (creates ? O_CREAT : 0)), 0666));
    if (!file.own) return errno_error(fmt::format("Cannot open {}", printable(request.file)));
    file.fd = file.own.get();
    if (exists && creates && !request.resume && S_ISREG(file.st.st_mode)) {
      TRY(check_apart(open, state, file.st, request.file));
      TRY(check_no_pv(file.fd, request.file));
      std::string question = printable(request.file) + " exists. Overwrite it?";
      if (!sys.conduct.test && !sys.conduct.assume_yes && !(sys.conduct.confirm && sys.conduct.confirm(question)))
        return Error(Errc::Refused, printable(request.file) + " exists: -y overwrites it, --resume goes on with a copy that was cut");
    }
  }
  if (file.fd < 0) return Error(Errc::InvalidArgument, "there is nothing to read from or write to: name a file");
  if (::fstat(file.fd, &file.st) != 0) return errno_error("Cannot examine " + printable(file.name));
  TRY(check_apart(open, state, file.st, file.name));
  return file;
}

/// The range of the LV that a copy means; `available`: how many bytes the file has, if that is known.
Result<Bytes> length_of(const OpenLv& open, const LvCopy& request, Access access, std::optional<Bytes> available) {
  const Bytes size = open.device->size();
  const std::string& name = open.device->path();
  if (request.offset > size)
    return Error(Errc::InvalidArgument, fmt::format("{} has {} bytes: there is none at {}", name, size.n, request.offset.n));
  const Bytes room = size - request.offset;
  const Bytes wanted = request.size.value_or(available.value_or(room));
  if (wanted > room && access == Access::Read)
    return Error(Errc::InvalidArgument, fmt::format("{} has {} bytes: from {} on there are {} to read, not {}", name, size.n, request.offset.n, room.n, wanted.n));
  if (wanted > room)
    return Error(Errc::NoSpace, fmt::format("{} bytes at {} do not fit into {}, which has {} ({} is missing: lvextend -L +{}b {})", wanted.n, request.offset.n,
                                            name, size.n, human_size(wanted - room), round_up((wanted - room).n, kSectorSize), name));
  if (available && wanted > *available)
    return Error(Errc::InvalidArgument, fmt::format("{} has {} bytes, not {}", printable(request.file), available->n, wanted.n));
  return wanted;
}

/// Does the LV still lie where it lay when a copy without a lock began? What it grew by does not matter.
Status check_stayed(System& sys, const LvCopy& request, const VolumeGroup& then) {
  const Error moved(Errc::Busy, fmt::format("{}/{} was removed, shrunk or moved while it was copied: what was copied may be another volume's data", request.vg, request.lv));
  const std::shared_ptr<const store::Picture> picture = TRY(read_devices(sys));
  auto now = std::find_if(picture->vgs.begin(), picture->vgs.end(), [&](const store::VgState& s) { return s.vg.id == then.id; });
  if (now == picture->vgs.end()) return moved;
  VolumeGroup alone = then;
  alone.lvs = {*find_lv(then, request.lv)};
  const bool same_extents = now->vg.extent_size == then.extent_size;
  for (const PhysicalVolume& pv : then.pvs) {
    const PhysicalVolume* there = find_pv(now->vg, pv.id);
    if (there != nullptr && there->pe_start != pv.pe_start) return moved;
  }
  return same_extents && plan::not_in(plan::claims_of(alone), plan::claims_of(now->vg)).empty() ? ok() : Status(moved);
}

const store::VgState& state_of(const OpenLv& open, const std::string& vg) { return **store::find_vg(*open.picture, vg); }
}  // namespace

Result<OpenLv> open_lv(System& sys, const std::string& vg, const std::string& lv, Access access) {
  OpenLv open;
  open.lock = TRY(sys.locks->vg(vg, access == Access::Read ? lock::Mode::Shared : lock::Mode::Exclusive));
  open.picture = TRY(read_devices(sys));
  const store::VgState& state = *TRY(store::find_vg(*open.picture, vg));
  TRY(check_allowed(sys, state, Need::Activation));
  const LogicalVolume* found = find_lv(state.vg, lv);
  if (found == nullptr) return no_such_lv(vg, lv);
  TRY(check_access(sys, state.vg, *found, on_images(*open.picture, state), access, open.notes));
  open.device = TRY(lv_on_pvs(state.vg, store::present_members(*open.picture, state), *found, vg + "/" + lv)
                        .context(fmt::format("{} {}/{}", access == Access::Read ? "reading" : "writing to", vg, lv)));
  return open;
}

Result<LvCopied> read_lv(System& sys, const LvCopy& request) {
  OpenLv open = TRY(open_lv(sys, request.vg, request.lv, Access::Read));
  const Bytes length = TRY(length_of(open, request, Access::Read, {}));
  File file = TRY(open_file(sys, request, open, state_of(open, request.vg), O_RDWR));
  LvCopied copied{length, {}, std::move(open.notes)};
  if (dry(sys)) return copied;
  CopyPart part{*open.device, request.offset, length, file.fd, file.name, request.progress};
  if (!request.file.empty() && S_ISREG(file.st.st_mode)) {
    copied.written = TRY(copy_to_file(part, request.resume));
    return copied;
  }
  // How long a pipe lasts is up to the one at its other end, who may be waiting for the VG: nobody is kept out meanwhile.
  const bool kept = S_ISREG(file.st.st_mode) || S_ISBLK(file.st.st_mode);
  if (!kept) open.lock = {};
  copied.written = TRY(copy_to_stream(part));
  if (!kept) TRY(check_stayed(sys, request, state_of(open, request.vg).vg));
  return copied;
}

namespace {
/// Whoever writes to the pipe may need the VG before the first byte comes: another copy does. Not held meanwhile; that there
/// is such an LV is told at once all the same.
Status wait_for_input(System& sys, const LvCopy& request) {
  struct stat st {};
  if (!request.file.empty() || ::fstat(request.fd, &st) != 0 || S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)) return ok();
  TRY(open_lv(sys, request.vg, request.lv, Access::Read));
  pollfd input{request.fd, POLLIN, 0};
  while (::poll(&input, 1, -1) < 0) {
    if (errno != EINTR) return errno_error("Cannot wait for the pipe");
  }
  return ok();
}
}  // namespace

Result<LvCopied> write_lv(System& sys, const LvCopy& request) {
  if (!dry(sys)) TRY(wait_for_input(sys, request));
  OpenLv open = TRY(open_lv(sys, request.vg, request.lv, Access::Write));
  File file = TRY(open_file(sys, request, open, state_of(open, request.vg), O_RDONLY));
  const bool regular = !request.file.empty() && S_ISREG(file.st.st_mode);
  std::optional<Bytes> available;
  if (regular) available = Bytes{static_cast<std::uint64_t>(file.st.st_size)};
  const Bytes length = TRY(length_of(open, request, Access::Write, available));
  LvCopied copied{length, {}, std::move(open.notes)};
  if (dry(sys)) return copied;
  TRY(open.device->unchanged());
  CopyPart part{*open.device, request.offset, length, file.fd, file.name, request.progress};
  if (regular) {
    copied.written = TRY(copy_from_file(part, request.resume, request.keep_under_holes));
  } else {
    copied.written = TRY(copy_from_stream(part, request.size.has_value()));
    copied.bytes = copied.written;
  }
  TRY(open.device->flush());
  return copied;
}

}  // namespace ashlar::ops
