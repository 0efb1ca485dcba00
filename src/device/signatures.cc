// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/signatures.h"

#include <blkid/blkid.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include "base/bytes.h"
#include "device/aligned.h"
#include "device/blkid_probe.h"
#include "device/direct_access.h"

namespace ashlar::device {

void FreeProbe::operator()(blkid_struct_probe* probe) const { ::blkid_free_probe(probe); }

namespace {

using Signature = DeviceSource::Signature;

constexpr std::size_t kMaxSignatures = 64;
constexpr std::size_t kMaxMagic = 4096;

std::string text_value(blkid_probe probe, const char* name) {
  const char* data = nullptr;
  return ::blkid_probe_lookup_value(probe, name, &data, nullptr) == 0 && data != nullptr ? data : "";
}

/// The signature that the last successful blkid_do_probe() found; nothing if it has no magic (a bare result).
std::optional<Signature> current(blkid_probe probe) {
  struct Chain {
    const char *magic, *offset, *type;
  };
  for (Chain chain : {Chain{"SBMAGIC", "SBMAGIC_OFFSET", "TYPE"}, Chain{"PTMAGIC", "PTMAGIC_OFFSET", "PTTYPE"}}) {
    std::size_t length = 0;
    if (::blkid_probe_lookup_value(probe, chain.magic, nullptr, &length) != 0 || length == 0) continue;
    std::string offset = text_value(probe, chain.offset);
    std::uint64_t at = 0;
    auto [end, bad] = std::from_chars(offset.data(), offset.data() + offset.size(), at);
    if (bad != std::errc{} || end != offset.data() + offset.size()) continue;
    return Signature{text_value(probe, chain.type), {at}, {length}};
  }
  return std::nullopt;
}

bool is_lvm2(const Signature& s) { return s.type == "LVM2_member"; }

/// libblkid reads any offset into any memory, so it needs a descriptor without O_DIRECT; the kernel keeps the page
/// cache coherent with our direct writes.
Result<UniqueFd> open_cached(BlockDevice& device) {
  SharedFd direct = TRY(device.direct()->lease(Mode::Read));
  UniqueFd fd = TRY(reopen(direct->get(), O_RDONLY, device.path()));
  ::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
  return fd;
}

// Where signatures lie: the one farthest from the start is LUKS2's second header (at most 4 MiB), from the end ZFS's
// labels (512 KiB).
constexpr std::uint64_t kHead = 8 << 20, kTail = 1 << 20;

/// True if anything but zeros was there; those stay a hole of `to`.
Result<bool> copy_data(BlockDevice& device, int to, std::uint64_t at, std::uint64_t end) {
  bool any = false;
  std::vector<std::byte> buffer;
  while (at < end) {
    Stretch next = TRY(device.stretch({at}));
    const std::uint64_t length = std::min({next.length.n, end - at, kMaxTransfer});
    if (length == 0) break;
    if (!next.hole) {
      if (buffer.size() < length) buffer.resize(length);  // most of a new image are holes, which need none
      std::span<std::byte> piece = std::span(buffer).first(length);
      TRY(device.read({at}, piece));
      const bool zeros = all_zero(piece);
      any = any || !zeros;
      if (!zeros && ::pwrite(to, piece.data(), length, static_cast<off_t>(at)) != static_cast<ssize_t>(length))
        return errno_error("Cannot copy the start of " + device.path());
    }
    at += length;
  }
  return any;
}

/// A file in memory with the first and last bytes of a device that has no descriptor of its own, such as an LV that
/// lies on several images; what is between them is a hole. Nothing if there are but zeros, which are nobody's
/// signature.
Result<std::optional<UniqueFd>> copy_ends(BlockDevice& device) {
  const std::uint64_t size = device.size().n;
  UniqueFd fd(::memfd_create("ashlar", MFD_CLOEXEC));
  if (!fd || ::ftruncate(fd.get(), static_cast<off_t>(size)) != 0)
    return errno_error("Cannot copy the start of " + device.path());
  const std::uint64_t head = std::min(size, kHead);
  const bool at_start = TRY(copy_data(device, fd.get(), 0, head));
  const bool at_end = TRY(copy_data(device, fd.get(), std::max(head, size - std::min(size, kTail)), size));
  if (!at_start && !at_end) return std::optional<UniqueFd>();
  return std::optional(std::move(fd));
}

/// Has libblkid look for ZFS alone, whose labels take half a MiB at both ends. It keeps what it has read: nearly all
/// else that it looks at, in forty small reads, lies there. What comes of it is found again by who looks for all.
void read_both_ends(blkid_probe probe) {
  char type[] = "zfs_member";
  char* only[] = {type, nullptr};
  if (::blkid_probe_filter_superblocks_type(probe, BLKID_FLTR_ONLYIN, only) == 0) ::blkid_do_probe(probe);
  ::blkid_probe_reset_superblocks_filter(probe);
  ::blkid_reset_probe(probe);
}
}  // namespace

Result<std::vector<Signature>> find_signatures(BlockDevice& device) {
  std::vector<Signature> found;
  if (device.size().n == 0) return found;
  std::optional<UniqueFd> fd;
  if (device.direct() != nullptr)
    fd = TRY(open_cached(device));
  else
    fd = TRY(copy_ends(device));
  if (!fd) return found;
  auto failed = [&](const char* what) {
    return Error(Errc::Io, fmt::format("Cannot look for signatures on {}: {}", device.path(), what));
  };
  Probe probe(::blkid_new_probe());
  if (!probe) return failed("out of memory");
  if (::blkid_probe_set_device(probe.get(), fd->get(), 0, static_cast<blkid_loff_t>(device.size().n)) != 0)
    return failed("libblkid does not take it");
  if (::blkid_probe_enable_superblocks(probe.get(), 1) != 0) return failed("libblkid cannot be set up");
  read_both_ends(probe.get());
  if (::blkid_probe_set_superblocks_flags(probe.get(), BLKID_SUBLKS_MAGIC | BLKID_SUBLKS_TYPE | BLKID_SUBLKS_BADCSUM) !=
          0 ||
      ::blkid_probe_enable_partitions(probe.get(), 1) != 0 ||
      ::blkid_probe_set_partitions_flags(probe.get(), BLKID_PARTS_MAGIC | BLKID_PARTS_FORCE_GPT) != 0)
    return failed("libblkid cannot be set up");
  for (std::size_t rounds = 0; rounds < 2 * kMaxSignatures; ++rounds) {
    int r = ::blkid_do_probe(probe.get());
    if (r < 0) return failed("it could not be read");
    if (r > 0 || found.size() == kMaxSignatures) break;
    std::optional<Signature> signature = current(probe.get());
    if (!signature) continue;
    if (!is_lvm2(*signature) && std::ranges::count(found, *signature) == 0) found.push_back(*signature);
    // Hides these bytes from the probe, not on the device, so that a copy elsewhere (GPT's second header) shows up.
    ::blkid_do_wipe(probe.get(), 1);
  }
  return found;
}

Status wipe(BlockDevice& device, const Signature& signature) {
  if (signature.length.n > kMaxMagic)
    return Error(Errc::InvalidArgument, fmt::format("A {} signature of {} bytes on {} is not plausible", signature.type,
                                                    signature.length.n, device.path()));
  static constexpr std::array<std::byte, kMaxMagic> kZeros{};
  return device.write(signature.offset, std::span(kZeros).first(signature.length.n));
}

Status zero_start(BlockDevice& device, Bytes length) {
  std::uint64_t end = std::min(length, device.size()).n;
  const std::vector<std::byte> zeros(std::min(end, kMaxTransfer));
  for (std::uint64_t at = 0; at < end; at += zeros.size())
    TRY(device.write({at}, std::span(zeros).first(std::min<std::uint64_t>(zeros.size(), end - at))));
  return ok();
}

}  // namespace ashlar::device
