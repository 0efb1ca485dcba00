// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/lv_data.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>

#include "base/crc32.h"
#include "base/log.h"
#include "base/size_text.h"
#include "base/unique_fd.h"
#include "device/image_name.h"
#include "device/image_partition.h"
#include "device/loops.h"
#include "metadata/disk/label.h"
#include "metadata/model/query.h"
#include "ops/clear_lv.h"
#include "ops/copy.h"
#include "ops/file_label.h"
#include "ops/lv_devices.h"
#include "ops/lv_on_pvs.h"
#include "ops/vg_access.h"
#include "plan/claims.h"

namespace ashlar::ops {

namespace {
Status check_access(System& sys, const VolumeGroup& vg, const LogicalVolume& lv, bool images, Access access,
                    std::vector<std::string>& notes) {
  const std::string name = vg.name + "/" + lv.name;
  if (access == Access::Write && !lv.status.has(LvFlag::Write))
    return Error(Errc::Refused, fmt::format("{} is read-only (lvchange -prw {} makes it writable)", name, name));
  // What lies in a file is active only through a loop device, and then the file is not what is named here.
  if (images) return ok();
  if (!sys.ask_kernel || !sys.kernel->available()) {
    std::string unknown = fmt::format("Whether {} is active is not known without device-mapper.", name);
    if (access == Access::Read || sys.conduct.agrees(unknown + " Write to it?")) return ok();
    return Error(Errc::Refused, unknown + " Nothing was written: -y writes if you know that it is not");
  }
  if (!TRY(LvDevices::read(sys, vg.id, lv)).active(lv)) return ok();
  if (access == Access::Write)
    return Error(Errc::Busy, fmt::format("{} is active: write to /dev/{}, or deactivate it first (lvchange -an {})",
                                         name, name, name));
  notes.push_back(fmt::format("WARNING: {} is active: what its users have not flushed is not read.", name));
  return ok();
}

/// Opening one waits for whoever is at its other end.
bool is_stream(const struct stat& st) {
  return st.st_mode != 0 && !S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode) && !S_ISDIR(st.st_mode);
}

Error not_over_a_pv(const std::string& file, std::string_view is, const Uuid& pv) {
  return Error(
      Errc::Refused,
      fmt::format(
          "{} {} (id {}): it is not overwritten. If it is no longer needed, or a copy of a volume with a PV in it, remove the file first",
          printable(file), is, pv.dashed()));
}

/// Does the volume have that PV at the same place? Then it is a guest's disk, and the file a copy of it.
Result<bool> has_label_too(const OpenLv& open, Bytes at, const Uuid& pv) {
  std::array<std::byte, disk::kLabelSectors * kSectorSize> here{};
  const Bytes end = open.device->size();
  if (end.n < here.size() || at.n > end.n - here.size()) return false;
  TRY(open.device->read(at, here));
  const disk::LabelScan found = disk::scan_label(here);
  return found.label && found.label->pv == pv;
}

Result<Bytes> size_behind(int fd, const struct stat& st, const std::string& file) {
  if (!S_ISBLK(st.st_mode)) return Bytes{static_cast<std::uint64_t>(st.st_size)};
  std::uint64_t size = 0;
  if (::ioctl(fd, BLKGETSIZE64, &size) != 0) return errno_error("Cannot get the size of " + printable(file));
  return Bytes{size};
}

/// A file or disk that is a PV of any VG, or has one in a partition, is not what a copy of an LV would be written over
/// by intent, whatever is answered.
Status check_no_pv(const OpenLv& open, const struct stat& st, int written, const std::string& file, Bytes offset) {
  const UniqueFd reading(::open(fmt::format("/proc/self/fd/{}", written).c_str(), O_RDONLY | O_CLOEXEC));
  const int fd = reading ? reading.get() : written;
  const disk::LabelScan whole = TRY(label_at(fd, {}, file));
  if (whole.label) return not_over_a_pv(file, "is a PV", whole.label->pv);
  if (!reading) return ok();
  const Bytes size = TRY(size_behind(fd, st, file));
  if (size.n == 0) return ok();
  for (const device::NumberedRange& part : TRY(device::partitions_in(fd, printable(file), size))) {
    if (part.range.start >= size) continue;
    const disk::LabelScan inner = TRY(label_at(fd, part.range.start, file));
    const auto in_lv = checked_add(offset.n, part.range.start.n);
    if (inner.label && !(in_lv && TRY(has_label_too(open, {*in_lv}, inner.label->pv))))
      return not_over_a_pv(file, fmt::format("has a PV in partition {}", part.number), inner.label->pv);
  }
  return ok();
}

/// The file of a copy must not be one in which a PV of the VG lies.
Status check_apart(const OpenLv& open, const store::VgState& state, const struct stat& st, const std::string& file) {
  for (std::size_t member : state.members) {
    if (member == store::kNoPv) continue;
    const std::string& pv = open.picture->scan.pvs[member].device->path();
    struct stat of_pv {};
    std::string path = device::image_file_of(pv).value_or(pv);
    if (::stat(path.c_str(), &of_pv) != 0) continue;
    const bool same = S_ISBLK(st.st_mode) ? S_ISBLK(of_pv.st_mode) && st.st_rdev == of_pv.st_rdev
                                          : st.st_dev == of_pv.st_dev && st.st_ino == of_pv.st_ino;
    if (same)
      return Error(Errc::Refused, fmt::format("{} is {}, a PV of VG {}: its volumes cannot be copied to or from itself",
                                              printable(file), pv, state.vg.name));
  }
  return ok();
}

/// May what the copy is written to be lost, if the person says so?
Status check_may_be_lost(const OpenLv& open, const store::VgState& state, const struct stat& st, int fd,
                         const std::string& file, Bytes offset) {
  TRY(check_apart(open, state, st, file));
  const auto loop = S_ISREG(st.st_mode) ? device::LoopFiles().loop_of(st.st_dev, st.st_ino) : std::nullopt;
  if (loop)
    return Error(
        Errc::Busy,
        fmt::format(
            "{0} is in use as /dev/{1}: it is not overwritten. Name that device, or take it away first (losetup -d /dev/{1})",
            printable(file), *loop));
  return S_ISREG(st.st_mode) || S_ISBLK(st.st_mode) ? check_no_pv(open, st, fd, file, offset) : ok();
}

/// Goes through everything up to the first write, as under -t and for a plan.
bool dry(const System& sys) { return sys.conduct.test || sys.transaction != nullptr; }

/// Where a copy comes from or goes to: a descriptor, and whether it can be sought in.
struct File {
  UniqueFd own;
  int fd;
  std::string name;
  struct stat st {};
  bool made = false;

  /// As it was before the copy; st_mode 0: it was not there.
  struct stat before() const {
    struct stat none {};
    return made ? none : st;
  }
};

/// May what the file holds be the beginning of this copy? Whatever a cut copy has not written yet is zeros.
Result<bool> may_be_cut_copy(const OpenLv& open, const LvCopy& request, int fd, const struct stat& st) {
  constexpr std::size_t kLooked = 1 << 20;
  const std::uint64_t room = (open.device->size() - std::min(request.offset, open.device->size())).n;
  if (st.st_size < 0 || static_cast<std::uint64_t>(st.st_size) > room) return st.st_size == 0;
  std::vector<std::byte> there(std::min<std::uint64_t>(static_cast<std::uint64_t>(st.st_size), kLooked)),
      here(there.size());
  if (::pread(fd, there.data(), there.size(), 0) != static_cast<ssize_t>(there.size()))
    return errno_error("Cannot read " + printable(request.file));
  TRY(open.device->read(request.offset, here));
  return std::equal(there.begin(), there.end(), here.begin(),
                    [](std::byte a, std::byte b) { return a == b || a == std::byte{0}; });
}

Result<File> open_file(System& sys, const LvCopy& request, const OpenLv& open, const store::VgState& state, int flags) {
  File file{{}, request.fd, request.file.empty() ? "the pipe" : request.file};
  const bool creates = (flags & O_ACCMODE) != O_RDONLY;
  if (!request.file.empty()) {
    // A new file in test mode is none at all.
    const bool exists = ::stat(request.file.c_str(), &file.st) == 0;
    if (dry(sys) && ((!exists && creates) || (exists && is_stream(file.st)))) return file;
    // Of a disk it means that nobody mounts it or has it otherwise in use.
    const bool disk = exists && S_ISBLK(file.st.st_mode);
    const int exclusive = !exists || (disk && creates) ? O_EXCL : 0;
    file.own = UniqueFd(::open(request.file.c_str(),
                               flags | O_CLOEXEC | O_NOCTTY | exclusive | (!exists && creates ? O_CREAT : 0), 0666));
    if (!file.own && disk && errno == EBUSY)
      return Error(Errc::Busy, fmt::format("{} is in use: it is not overwritten", printable(request.file)));
    if (!file.own) return errno_error(fmt::format("Cannot open {}", printable(request.file)));
    file.fd = file.own.get();
    file.made = !exists;
    const bool regular = exists && S_ISREG(file.st.st_mode);
    if (creates && (disk || (regular && !(request.resume && TRY(may_be_cut_copy(open, request, file.fd, file.st)))))) {
      TRY(check_may_be_lost(open, state, file.st, file.fd, file.name, request.offset));
      const std::string question =
          printable(request.file) + (disk ? " is a disk. Overwrite what is on it?" : " exists. Overwrite it?");
      const char* refusal = disk ? " is a disk: -y overwrites what is on it"
                            : request.resume
                                ? " does not begin as the volume does, so it is no copy that was cut: -y overwrites it"
                                : " exists: -y overwrites it, --resume goes on with a copy that was cut";
      if (!sys.conduct.test && !sys.conduct.agrees(question))
        return Error(Errc::Refused, printable(request.file) + refusal);
    }
  }
  if (file.fd < 0) return Error(Errc::InvalidArgument, "there is nothing to read from or write to: name a file");
  if (::fstat(file.fd, &file.st) != 0) return errno_error("Cannot examine " + printable(file.name));
  if (creates)
    TRY(check_may_be_lost(open, state, file.st, file.fd, file.name, request.offset));
  else
    TRY(check_apart(open, state, file.st, file.name));
  return file;
}

/// The range of the LV that a copy means; `available`: how many bytes the file has, if that is known.
Result<Bytes> length_of(const OpenLv& open, const LvCopy& request, Access access, std::optional<Bytes> available) {
  const Bytes size = open.device->size();
  const std::string& name = open.device->path();
  if (request.offset > size)
    return Error(Errc::InvalidArgument,
                 fmt::format("{} has {} bytes: there is none at {}", name, size.n, request.offset.n));
  const Bytes room = size - request.offset;
  const Bytes wanted = request.size.value_or(available.value_or(room));
  if (wanted > room && access == Access::Read)
    return Error(Errc::InvalidArgument, fmt::format("{} has {} bytes: from {} on there are {} to read, not {}", name,
                                                    size.n, request.offset.n, room.n, wanted.n));
  if (wanted > room)
    return Error(Errc::NoSpace,
                 fmt::format("{} bytes at {} do not fit into {}, which has {} ({} is missing: lvextend -L +{}b {})",
                             wanted.n, request.offset.n, name, size.n, human_size(wanted - room),
                             round_up((wanted - room).n, kSectorSize), name));
  if (available && wanted > *available)
    return Error(Errc::InvalidArgument,
                 fmt::format("{} has {} bytes, not {}", printable(request.file), available->n, wanted.n));
  return wanted;
}

/// Does the LV still lie where it lay when a copy without a lock began? What it grew by does not matter.
Status check_stayed(System& sys, const LvCopy& request, const VolumeGroup& then) {
  const Error moved(
      Errc::Busy,
      fmt::format(
          "{}/{} was removed, shrunk or moved while it was copied: what was copied may be another volume's data",
          request.vg, request.lv));
  const std::shared_ptr<const store::Picture> picture = TRY(read_devices(sys));
  auto now = std::find_if(picture->vgs.begin(), picture->vgs.end(),
                          [&](const store::VgState& s) { return s.vg.id == then.id; });
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

/// As good as its content: whatever writes to it moves the time of its last change, which nobody can set.
std::string file_fact(const std::string& file, const struct stat& st) {
  if (st.st_mode == 0) return printable(file) + " is not there";
  if (!S_ISREG(st.st_mode))
    return fmt::format("{} is device {}:{}", printable(file), major(st.st_rdev), minor(st.st_rdev));
  return fmt::format("{} is {} bytes, inode {} of device {}:{}, last changed at {}.{:09}", printable(file), st.st_size,
                     st.st_ino, major(st.st_dev), minor(st.st_dev), st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
}

/// What lies in the LV where it is written to, without reading more of it than costs nothing: a filesystem that is used
/// writes to its beginning.
Result<std::string> content_fact(System& sys, const OpenLv& open, const LvCopy& request, Bytes length) {
  constexpr std::uint64_t kLooked = 1 << 20;
  std::string carries;
  for (const device::DeviceSource::Signature& found : TRY(sys.devices->signatures(*open.device)))
    carries += (carries.empty() ? "" : ", ") + printable(found.type);
  std::vector<std::byte> start(std::min(length.n, kLooked));
  const Status read = open.device->read(request.offset, start);
  const std::string beyond =
      length.n > kLooked ? "; what lies behind them is not compared when the plan is carried out" : "";
  return fmt::format("What {} holds there is lost, and no archive has it: {}, and {}", open.device->path(),
                     carries.empty() ? "nothing that is known" : carries,
                     read ? fmt::format("its first {} bytes have checksum {:08x}{}", start.size(), crc32(start), beyond)
                          : "it cannot be read");
}

Result<std::vector<std::string>> facts_of(System& sys, const OpenLv& open, const store::VgState& state,
                                          const LvCopy& request, const struct stat& st, Bytes length, Access access) {
  std::vector<std::string> facts;
  if (access == Access::Write) facts.push_back(TRY(content_fact(sys, open, request, length)));
  facts.push_back(fmt::format("{}/{} is the volume with id {}, of VG seqno {}", request.vg, request.lv,
                              find_lv(state.vg, request.lv)->id.dashed(), state.vg.seqno));
  if (!is_stream(st)) facts.push_back(file_fact(request.file.empty() ? "standard input or output" : request.file, st));
  return facts;
}

/// Is all as it was where the copy was planned?
Status check_as_planned(const std::vector<std::string>& planned, const std::vector<std::string>& now) {
  for (std::size_t i = 0; i < std::max(planned.size(), now.size()); ++i) {
    const std::string then = i < planned.size() ? planned[i] : "nothing", is = i < now.size() ? now[i] : "nothing";
    if (then != is)
      return Error(
          Errc::Refused,
          fmt::format(
              "The situation has changed since the plan was made: there \"{}\", and now \"{}\"; nothing was changed, make a new plan",
              then, is));
  }
  return ok();
}

const store::VgState& state_of(const OpenLv& open, const std::string& vg) {
  return **store::find_vg(*open.picture, vg);
}
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

namespace {
/// A named pipe is opened while nobody is kept from the VG; that there is such an LV is told before.
Result<UniqueFd> open_stream(System& sys, LvCopy& copy, int flags) {
  struct stat st {};
  if (dry(sys) || copy.file.empty() || ::stat(copy.file.c_str(), &st) != 0 || !is_stream(st)) return UniqueFd();
  TRY(open_lv(sys, copy.vg, copy.lv, Access::Read));
  UniqueFd fd(::open(copy.file.c_str(), flags | O_CLOEXEC | O_NOCTTY));
  if (!fd) return errno_error("Cannot open " + printable(copy.file));
  copy.fd = fd.get();
  copy.file.clear();
  return fd;
}

/// Whoever writes to the pipe may need the VG before the first byte comes: another copy does. Not held meanwhile; that
/// there is such an LV is told at once all the same.
Status wait_for_input(System& sys, const LvCopy& copy) {
  struct stat st {};
  if (dry(sys) || !copy.file.empty() || ::fstat(copy.fd, &st) != 0 || !is_stream(st)) return ok();
  TRY(open_lv(sys, copy.vg, copy.lv, Access::Read));
  pollfd input{copy.fd, POLLIN, 0};
  while (::poll(&input, 1, -1) < 0) {
    if (errno != EINTR) return errno_error("Cannot wait for the pipe");
  }
  return ok();
}

/// What a plan tells of the copy; or, if it is one by a plan, whether that is still so.
Status hold_to_plan(System& sys, const OpenLv& open, const LvCopy& request, const struct stat& st, Access access,
                    LvCopied& copied) {
  copied.stream = is_stream(st);
  if (sys.transaction == nullptr && request.planned.empty()) return ok();
  copied.facts = TRY(facts_of(sys, open, state_of(open, request.vg), request, st, copied.bytes, access));
  return request.planned.empty() ? ok() : check_as_planned(request.planned, copied.facts);
}
}  // namespace

Result<LvCopied> read_lv(System& sys, const LvCopy& request) {
  LvCopy copy = request;
  const UniqueFd stream = TRY(open_stream(sys, copy, O_WRONLY));
  OpenLv open = TRY(open_lv(sys, copy.vg, copy.lv, Access::Read));
  const Bytes length = TRY(length_of(open, copy, Access::Read, {}));
  File file = TRY(open_file(sys, copy, open, state_of(open, copy.vg), O_RDWR));
  LvCopied copied{length, {}, std::move(open.notes), false, false, {}};
  const struct stat before = file.before();
  copied.replaces = S_ISBLK(before.st_mode) || (S_ISREG(before.st_mode) && before.st_size != 0);
  if (Status held = hold_to_plan(sys, open, copy, before, Access::Read, copied); !held) {
    if (file.made) ::unlink(copy.file.c_str());
    return std::move(held).error();
  }
  if (dry(sys)) return copied;
  CopyPart part{*open.device, copy.offset, length, file.fd, file.name, copy.progress};
  if (!copy.file.empty() && S_ISREG(file.st.st_mode)) {
    copied.written = TRY(copy_to_file(part, copy.resume));
    return copied;
  }
  // How long a pipe lasts is up to the one at its other end, who may be waiting for the VG: nobody is kept out
  // meanwhile.
  if (copied.stream) open.lock = {};
  copied.written = TRY(copy_to_stream(part));
  if (S_ISBLK(file.st.st_mode) && ::fsync(file.fd) != 0) return errno_error("Cannot flush " + printable(file.name));
  if (copied.stream) TRY(check_stayed(sys, copy, state_of(open, copy.vg).vg));
  return copied;
}

Result<LvCopied> write_lv(System& sys, const LvCopy& request) {
  LvCopy copy = request;
  const UniqueFd stream = TRY(open_stream(sys, copy, O_RDONLY));
  TRY(wait_for_input(sys, copy));
  OpenLv open = TRY(open_lv(sys, copy.vg, copy.lv, Access::Write));
  File file = TRY(open_file(sys, copy, open, state_of(open, copy.vg), O_RDONLY));
  const bool regular = !copy.file.empty() && S_ISREG(file.st.st_mode);
  std::optional<Bytes> available;
  if (regular) available = Bytes{static_cast<std::uint64_t>(file.st.st_size)};
  const Bytes length = TRY(length_of(open, copy, Access::Write, available));
  LvCopied copied{length, {}, std::move(open.notes), false, false, {}};
  TRY(hold_to_plan(sys, open, copy, file.st, Access::Write, copied));
  TRY(open.device->open_for_writing());
  if (dry(sys)) return copied;
  TRY(open.device->unchanged());
  CopyPart part{*open.device, copy.offset, length, file.fd, file.name, copy.progress};
  if (regular) {
    copied.written = TRY(copy_from_file(part, copy.resume, copy.keep_under_holes));
  } else {
    copied.written = TRY(copy_from_stream(part, copy.size.has_value()));
    copied.bytes = copied.written;
  }
  TRY(open.device->flush());
  return copied;
}

}  // namespace ashlar::ops
