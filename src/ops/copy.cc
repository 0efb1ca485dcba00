// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/copy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/bytes.h"
#include "base/log.h"
#include "base/unique_fd.h"

namespace ashlar::ops {

namespace {
using device::Stretch;

constexpr std::uint64_t kPiece = 1 << 20;
constexpr std::uint64_t kBlock = 4096;  ///< zeros are looked for in these

using Buffer = std::vector<std::byte>;

off_t at(std::uint64_t n) { return static_cast<off_t>(n); }

/// Fewer bytes than asked for: the end of the file.
Result<std::size_t> read_at(const CopyPart& part, std::uint64_t offset, std::span<std::byte> out, bool stream = false) {
  std::size_t done = 0;
  while (done < out.size()) {
    ssize_t n = stream ? ::read(part.fd, out.data() + done, out.size() - done)
                       : ::pread(part.fd, out.data() + done, out.size() - done, at(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0)
      return errno_error(
          fmt::format("Cannot read {} bytes at {} of {}", out.size() - done, offset + done, printable(part.file)));
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

Status write_at(const CopyPart& part, std::uint64_t offset, std::span<const std::byte> in, bool stream = false) {
  while (!in.empty()) {
    ssize_t n = stream ? ::write(part.fd, in.data(), in.size()) : ::pwrite(part.fd, in.data(), in.size(), at(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0)
      return errno_error(fmt::format("Cannot write {} bytes at {} of {}", in.size(), offset, printable(part.file)),
                         n < 0 ? errno : ENOSPC);
    in = in.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return ok();
}

/// What the file has at `offset`, at most to the end of the part; past its end it has a hole.
Stretch file_stretch(const CopyPart& part, std::uint64_t offset) {
  const std::uint64_t rest = part.length.n - offset;
  off_t data = ::lseek(part.fd, at(offset), SEEK_DATA);
  if (data < 0) return {errno == ENXIO, {rest}};
  if (static_cast<std::uint64_t>(data) > offset)
    return {true, {std::min(static_cast<std::uint64_t>(data) - offset, rest)}};
  off_t hole = ::lseek(part.fd, at(offset), SEEK_HOLE);
  if (hole < 0 || static_cast<std::uint64_t>(hole) <= offset) return {false, {rest}};
  return {false, {std::min(static_cast<std::uint64_t>(hole) - offset, rest)}};
}

/// The file's bytes at `offset`, zeros past its end.
Status file_bytes(const CopyPart& part, std::uint64_t offset, std::span<std::byte> out) {
  std::size_t n = TRY(read_at(part, offset, out));
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(n), out.end(), std::byte{0});
  return ok();
}

/// Calls `f(run)` for the runs of whole blocks of `a` that differ from `b`.
template <class F>
Status each_difference(std::span<const std::byte> a, std::span<const std::byte> b, F f) {
  auto block = [&](std::size_t from) { return std::min<std::size_t>(kBlock, a.size() - from); };
  auto differs = [&](std::size_t from) { return std::memcmp(a.data() + from, b.data() + from, block(from)) != 0; };
  for (std::size_t from = 0; from < a.size();) {
    if (!differs(from)) {
      from += block(from);
      continue;
    }
    std::size_t end = from;
    while (end < a.size() && differs(end)) end += block(end);
    TRY(f(from, end - from));
    from = end;
  }
  return ok();
}

/// Goes through the part in pieces of one kind, as `stretch` tells them; `f(done, length, hole)`.
template <class S, class F>
Status each_piece(const CopyPart& part, S stretch, F f) {
  for (std::uint64_t done = 0; done < part.length.n;) {
    Stretch next = TRY(stretch(done));
    std::uint64_t length = std::min(next.length.n, part.length.n - done);
    if (!next.hole) length = std::min(length, kPiece);
    ASHLAR_REQUIRE(length > 0);
    TRY(f(done, length, next.hole));
    done += length;
    if (part.progress) part.progress({done}, part.length);
  }
  return ok();
}

/// Zeros into the file: a hole where the filesystem can make one.
Status clear_file(const CopyPart& part, std::uint64_t offset, std::uint64_t length) {
  if (::fallocate(part.fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, at(offset), at(length)) == 0) return ok();
  const Buffer zeros(std::min(length, kPiece));
  for (std::uint64_t done = 0; done < length; done += zeros.size())
    TRY(write_at(part, offset + done, std::span(zeros).first(std::min<std::uint64_t>(zeros.size(), length - done))));
  return ok();
}

/// Clears what the file has in [offset, offset + length); returns how many bytes that were.
Result<std::uint64_t> clear_file_data(const CopyPart& part, std::uint64_t offset, std::uint64_t length) {
  std::uint64_t cleared = 0;
  for (std::uint64_t done = 0; done < length;) {
    Stretch next = file_stretch(part, offset + done);
    const std::uint64_t n = std::min(next.length.n, length - done);
    if (!next.hole) {
      TRY(clear_file(part, offset + done, n));
      cleared += n;
    }
    done += n;
  }
  return cleared;
}

/// The same for the device.
Result<std::uint64_t> clear_device_data(const CopyPart& part, std::uint64_t offset, std::uint64_t length, bool compare,
                                        Buffer& there) {
  std::uint64_t cleared = 0;
  for (std::uint64_t done = 0; done < length;) {
    const Bytes place = part.offset + Bytes{offset + done};
    Stretch next = TRY(part.device.stretch(place));
    std::uint64_t n = std::min(next.length.n, length - done);
    if (!next.hole) n = std::min(n, kPiece);
    bool differs = !next.hole;
    if (differs && compare) {
      there.resize(n);
      TRY(part.device.read(place, there));
      differs = !all_zero(there);
    }
    if (differs) {
      TRY(part.device.clear(place, {n}));
      cleared += n;
    }
    done += n;
  }
  return cleared;
}
}  // namespace

Result<Bytes> copy_to_file(const CopyPart& part, bool compare) {
  // Where the file's end is tells nobody whether a copy is whole: a cut one is shorter, and what is missing are holes.
  if (!compare && ::ftruncate(part.fd, 0) != 0) return errno_error("Cannot empty " + printable(part.file));
  Buffer here, there;
  Bytes written;
  TRY(each_piece(
      part, [&](std::uint64_t done) { return part.device.stretch(part.offset + Bytes{done}); },
      [&](std::uint64_t done, std::uint64_t length, bool hole) -> Status {
        if (hole) {
          if (compare) written.n += TRY(clear_file_data(part, done, length));
          return ok();
        }
        here.resize(length);
        there.assign(length, std::byte{0});
        TRY(part.device.read(part.offset + Bytes{done}, here));
        if (compare) TRY(file_bytes(part, done, there));
        return each_difference(here, there, [&](std::size_t from, std::size_t n) -> Status {
          written.n += n;
          return write_at(part, done + from, std::span(here).subspan(from, n));
        });
      }));
  if (::ftruncate(part.fd, at(part.length.n)) != 0)
    return errno_error("Cannot set the size of " + printable(part.file));
  if (::fsync(part.fd) != 0) return errno_error("Cannot flush " + printable(part.file));
  return written;
}

Result<Bytes> copy_to_stream(const CopyPart& part) {
  Buffer here;
  TRY(each_piece(
      part,
      [&](std::uint64_t done) -> Result<Stretch> {
        Stretch next = TRY(part.device.stretch(part.offset + Bytes{done}));
        return Stretch{next.hole, {std::min(next.length.n, kPiece)}};
      },
      [&](std::uint64_t done, std::uint64_t length, bool hole) -> Status {
        here.assign(length, std::byte{0});
        if (!hole) TRY(part.device.read(part.offset + Bytes{done}, here));
        return write_at(part, done, here, true);
      }));
  return part.length;
}

Result<Bytes> copy_from_file(const CopyPart& part, bool compare, bool keep_under_holes) {
  Buffer here, there;
  Bytes written;
  TRY(each_piece(
      part, [&](std::uint64_t done) -> Result<Stretch> { return file_stretch(part, done); },
      [&](std::uint64_t done, std::uint64_t length, bool hole) -> Status {
        if (hole) {
          if (!keep_under_holes) written.n += TRY(clear_device_data(part, done, length, compare, there));
          return ok();
        }
        here.resize(length);
        if (TRY(read_at(part, done, here)) != length)
          return Error(Errc::Io, printable(part.file) + " has become shorter while it was read");
        if (all_zero(here)) {
          written.n += TRY(clear_device_data(part, done, length, compare, there));
          return ok();
        }
        const Bytes place = part.offset + Bytes{done};
        if (!compare) {
          written.n += length;
          return part.device.write(place, here);
        }
        there.resize(length);
        TRY(part.device.read(place, there));
        return each_difference(here, there, [&](std::size_t from, std::size_t n) -> Status {
          written.n += n;
          return part.device.write(place + Bytes{from}, std::span(here).subspan(from, n));
        });
      }));
  return written;
}

Result<Bytes> copy_from_stream(const CopyPart& part, bool exactly) {
  Buffer here(kPiece);
  Bytes done;
  while (done < part.length) {
    std::span<std::byte> piece = std::span(here).first(std::min(kPiece, (part.length - done).n));
    const std::size_t n = TRY(read_at(part, done.n, piece, true));
    TRY(part.device.write(part.offset + done, piece.first(n)));
    done.n += n;
    if (part.progress) part.progress(done, exactly ? part.length : Bytes{});
    if (n == piece.size()) continue;
    if (exactly)
      return Error(Errc::Partial, fmt::format("{} ended after {} of {} bytes, which are written", printable(part.file),
                                              done.n, part.length.n));
    return done;
  }
  std::byte more{};
  if (!exactly && TRY(read_at(part, done.n, {&more, 1}, true)) != 0)
    return Error(Errc::NoSpace, fmt::format("{} has more than the {} bytes that fit and are written",
                                            printable(part.file), part.length.n));
  return done;
}

}  // namespace ashlar::ops
