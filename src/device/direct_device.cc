// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/direct_device.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cstring>

#include "base/log.h"
#include "base/unique_fd.h"
#include "device/aligned.h"
#include "device/direct_access.h"

namespace ashlar::device {

namespace {

constexpr int kOpenFlags = O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

Error open_error(const std::string& path, int err, const char* how = "") {
  const char* advice = err == EMFILE ? " (raise the limit, as in: ulimit -n 4096)" : "";
  return errno_error(fmt::format("Cannot open {}{}{}", path, how, advice), err);
}

/// What must be the same for a device to be the one that was opened.
struct Identity {
  bool block = false;
  dev_t number = 0;                 ///< st_rdev of a block device, st_dev of an image file
  ino_t inode = 0;                  ///< of an image file; a block device may have many nodes
  std::uint64_t disk_sequence = 0;  ///< counts what was put behind a number (Linux 5.15); 0: the kernel does not say
  friend bool operator==(const Identity&, const Identity&) = default;
};

Identity identify(int fd, const struct stat& st) {
  Identity id;
  id.block = S_ISBLK(st.st_mode);
  id.number = id.block ? st.st_rdev : st.st_dev;
  if (!id.block) id.inode = st.st_ino;
  if (id.block && ::ioctl(fd, BLKGETDISKSEQ, &id.disk_sequence) != 0) id.disk_sequence = 0;
  return id;
}

/// Smallest unit in which O_DIRECT reads of this image file succeed; 0: none does.
std::uint64_t direct_unit(int fd) {
#ifdef STATX_DIOALIGN
  struct statx details {};
  if (::statx(fd, "", AT_EMPTY_PATH, STATX_DIOALIGN, &details) == 0 && (details.stx_mask & STATX_DIOALIGN) != 0) {
    std::uint64_t unit = std::max<std::uint64_t>(details.stx_dio_offset_align, kSectorSize);
    return details.stx_dio_offset_align != 0 && is_power_of_two(unit) && unit <= 65536 ? unit : 0;
  }
#endif
  AlignedBuffer buffer(4096);
  for (std::uint64_t unit : {512U, 4096U}) {
    if (retry_eintr([&] { return ::pread(fd, buffer.room(unit).data(), unit, 0); }) >= 0) return unit;
  }
  return 0;
}

class DirectDevice final : public BlockDevice, public DirectAccess, private BlockTransfer {
 public:
  DirectDevice(std::string path, std::shared_ptr<FdPool> pool, std::shared_ptr<LoopFiles> loops, bool cached)
      : path_(std::move(path)), pool_(std::move(pool)), loops_(std::move(loops)), cached_(cached) {}
  ~DirectDevice() override { pool_->remove(slot_); }
  DirectDevice(const DirectDevice&) = delete;
  DirectDevice& operator=(const DirectDevice&) = delete;

  Status open();

  const std::string& path() const override { return path_; }
  std::optional<DevNumber> number() const override {
    if (!id_.block) return std::nullopt;
    return DevNumber{gnu_dev_major(id_.number), gnu_dev_minor(id_.number)};
  }
  Bytes size() const override { return {size_}; }
  Bytes block_size() const override { return {block_size_}; }
  Topology topology() const override;
  Status read(Bytes offset, std::span<std::byte> out) override;
  Status write(Bytes offset, std::span<const std::byte> in) override;
  Status flush() override;
  Status discard(Bytes offset, Bytes length) override;
  Result<Stretch> stretch(Bytes offset) override;
  Status clear(Bytes offset, Bytes length) override;
  Status unchanged() override;
  Status open_for_writing() override {
    TRY(lease(Mode::Write));
    return ok();
  }
  DirectAccess* direct() override { return this; }

  std::uint64_t unit() const override { return unit_; }
  std::uint64_t direct_end() const override { return round_down(size_, unit_); }
  Result<SharedFd> lease(Mode mode) override;
  Status claim() override;
  Status check_claim() override;
  void unclaim() override;
  bool is_block_device() const override { return id_.block; }
  ino_t inode() const override { return id_.inode; }
  dev_t filesystem() const override { return id_.block ? 0 : id_.number; }

 private:
  Status read_blocks(std::uint64_t offset, std::span<std::byte> out) override;
  Status write_blocks(std::uint64_t offset, std::span<const std::byte> in) override;
  Status write_cached(std::uint64_t offset, std::span<const std::byte> in);
  Status bounded(const char* what, Bytes offset, std::uint64_t length) const;
  Result<UniqueFd> open_path();
  Result<SharedFd> open_again();  ///< after the pool closed it; open_mutex_ held
  Error failed(const char* what, std::uint64_t offset, std::uint64_t length, int err) const {
    return errno_error(fmt::format("Cannot {} {} bytes at {} of {}", what, length, offset, path_), err);
  }
  Status measure(int fd, const struct stat& st);

  std::string path_;
  std::shared_ptr<FdPool> pool_;
  std::shared_ptr<LoopFiles> loops_;
  FdPool::Slot slot_;
  std::mutex open_mutex_;    ///< one opening at a time; taken before the pool's own
  std::mutex ragged_mutex_;  ///< unit_ may be larger than block_size_, so disjoint blocks may share a unit
  Identity id_;
  std::uint64_t size_ = 0, block_size_ = kSectorSize, unit_ = kSectorSize;
  bool cached_ = false;  ///< asked for, or the filesystem has no O_DIRECT
};

Result<UniqueFd> DirectDevice::open_path() {
  int cache = cached_ ? 0 : O_DIRECT;
  for (bool retried = false;;) {
    pool_->make_room();
    UniqueFd fd(retry_eintr([&] { return ::open(path_.c_str(), O_RDONLY | kOpenFlags | cache); }));
    if (fd) return fd;
    if (errno == EINVAL && cache != 0) {
      cache = 0;
      cached_ = true;
    } else if (errno == EMFILE && !retried && pool_->close_idle()) {
      retried = true;
    } else {
      return open_error(path_, errno);
    }
  }
}

Status DirectDevice::measure(int fd, const struct stat& st) {
  if (id_.block) {
    int logical = 0;
    if (::ioctl(fd, BLKGETSIZE64, &size_) != 0) return errno_error("Cannot get the size of " + path_);
    if (::ioctl(fd, BLKSSZGET, &logical) != 0) return errno_error("Cannot get the block size of " + path_);
    if (logical < static_cast<int>(kSectorSize) || logical > 65536 || !is_power_of_two(static_cast<unsigned>(logical)))
      return Error(Errc::Unsupported, fmt::format("{} has a logical block size of {} bytes", path_, logical));
    block_size_ = unit_ = static_cast<std::uint64_t>(logical);
  } else {
    size_ = st.st_size > 0 ? round_down(static_cast<std::uint64_t>(st.st_size), kSectorSize) : 0;
    unit_ = kSectorSize;
    if (!cached_) unit_ = direct_unit(fd);
    if (unit_ == 0) {
      unit_ = kSectorSize;
      cached_ = true;
      if (::fcntl(fd, F_SETFL, 0) != 0) return errno_error("Cannot open " + path_ + " without O_DIRECT");
    }
  }
  return ok();
}

Status DirectDevice::open() {
  UniqueFd fd = TRY(open_path());
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return errno_error("Cannot examine " + path_);
  if (!S_ISBLK(st.st_mode) && !S_ISREG(st.st_mode))
    return Error(Errc::InvalidArgument, path_ + " is neither a block device nor a regular file");
  id_ = identify(fd.get(), st);
  // O_NONBLOCK is for opening (a drive without a medium, a FIFO put there meanwhile); transfers must wait.
  if (::fcntl(fd.get(), F_SETFL, cached_ ? 0 : O_DIRECT) != 0) return errno_error("Cannot set up " + path_);
  TRY(measure(fd.get(), st));
  if (log_enabled())
    log(LogLevel::Debug, fmt::format("opened {}: {} bytes, block size {}, transfers of {}{}", path_, size_, block_size_,
                                     unit_, cached_ ? ", through the page cache" : ""));
  pool_->put(slot_, std::move(fd), false, false);
  return ok();
}

Result<SharedFd> DirectDevice::open_again() {
  UniqueFd fd = TRY(open_path());
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return errno_error("Cannot examine " + path_);
  if (identify(fd.get(), st) != id_)
    return Error(Errc::Refused, path_ + " is not the device any more that it was when it was scanned");
  if (::fcntl(fd.get(), F_SETFL, cached_ ? 0 : O_DIRECT) != 0) return errno_error("Cannot set up " + path_);
  return pool_->put(slot_, std::move(fd), false, false);
}

Result<SharedFd> DirectDevice::lease(Mode mode) {
  const bool writable = mode == Mode::Write;
  if (SharedFd fd = pool_->get(slot_, writable)) return fd;
  std::lock_guard lock(open_mutex_);
  if (SharedFd fd = pool_->get(slot_, writable)) return fd;
  SharedFd readable = pool_->get(slot_, false);
  if (!readable) readable = TRY(open_again());
  if (!writable) return readable;
  // The kernel may have mounted what is in it, and LVs on it may be active: it would not see what changes below it.
  if (const auto loop = id_.block ? std::nullopt : loops_->loop_of(filesystem(), inode()))
    return Error(
        Errc::Busy,
        fmt::format(
            "{0} is attached to /dev/{1} and is not written to: name /dev/{1} instead, or detach it first (losetup -d /dev/{1})",
            path_, *loop));
  pool_->make_room();
  UniqueFd fd = TRY(reopen(readable->get(), O_RDWR | (cached_ ? 0 : O_DIRECT), path_));
  return pool_->put(slot_, std::move(fd), true, false);
}

Status DirectDevice::claim() {
  if (!id_.block) {
    TRY(lease(Mode::Write));
    return ok();
  }
  SharedFd readable = TRY(lease(Mode::Read));
  std::lock_guard lock(open_mutex_);
  if (slot_.kept) return ok();
  UniqueFd fd = TRY(reopen(readable->get(), O_RDWR | O_EXCL | O_DIRECT, path_));
  pool_->put(slot_, std::move(fd), true, true);
  return ok();
}

Status DirectDevice::check_claim() {
  if (!id_.block) return ok();
  SharedFd readable = TRY(lease(Mode::Read));
  std::lock_guard lock(open_mutex_);
  if (!slot_.kept) TRY(reopen(readable->get(), O_RDONLY | O_EXCL | O_DIRECT, path_));
  return ok();
}

void DirectDevice::unclaim() {
  std::lock_guard lock(open_mutex_);
  if (!slot_.kept) return;
  pool_->remove(slot_);
  slot_.kept = false;
}

Topology DirectDevice::topology() const {
  Topology t;
  if (!id_.block) return t;
  // lease() changes only which descriptor is open, which is no part of the device's value.
  Result<SharedFd> fd = const_cast<DirectDevice*>(this)->lease(Mode::Read);
  if (!fd.ok()) return t;
  unsigned minimum = 0, optimal = 0, physical = 0;
  int misalignment = 0;  // -1: the kernel knows that nothing aligns
  if (::ioctl((*fd)->get(), BLKIOMIN, &minimum) == 0) t.minimum_io = {minimum};
  if (::ioctl((*fd)->get(), BLKIOOPT, &optimal) == 0) t.optimal_io = {optimal};
  if (::ioctl((*fd)->get(), BLKPBSZGET, &physical) == 0) t.physical_block = {physical};
  if (::ioctl((*fd)->get(), BLKALIGNOFF, &misalignment) == 0 && misalignment > 0)
    t.alignment_offset = {static_cast<std::uint64_t>(misalignment)};
  long ahead = 0;
  if (::ioctl((*fd)->get(), BLKRAGET, &ahead) == 0 && ahead > 0 && ahead <= INT32_MAX)
    t.read_ahead = static_cast<std::uint32_t>(ahead);
  return t;
}

Status DirectDevice::bounded(const char* what, Bytes offset, std::uint64_t length) const {
  std::optional<std::uint64_t> end = checked_add(offset.n, length);
  if (end && *end <= size_) return ok();
  return Error(Errc::InvalidArgument,
               fmt::format("Cannot {} {} bytes at {} of {}: past its end at {}", what, length, offset.n, path_, size_));
}

Status DirectDevice::read(Bytes offset, std::span<std::byte> out) {
  TRY(bounded("read", offset, out.size()));
  return read_any(*this, offset.n, out);
}

Status DirectDevice::write(Bytes offset, std::span<const std::byte> in) {
  TRY(bounded("write", offset, in.size()));
  if (log_enabled()) log(LogLevel::Debug, fmt::format("write {} bytes at {} of {}", in.size(), offset.n, path_));
  if (cover(offset.n, in.size(), unit_).exact) return write_any(*this, offset.n, in);
  std::lock_guard lock(ragged_mutex_);
  return write_any(*this, offset.n, in);
}

Status DirectDevice::read_blocks(std::uint64_t offset, std::span<std::byte> out) {
  SharedFd fd = TRY(lease(Mode::Read));
  std::size_t wanted = std::min<std::uint64_t>(out.size(), size_ - offset);  // the last unit of an image may be short
  std::memset(out.data() + wanted, 0, out.size() - wanted);
  for (std::size_t done = 0; done < wanted;) {
    ssize_t n = retry_eintr(
        [&] { return ::pread((*fd).get(), out.data() + done, out.size() - done, static_cast<off_t>(offset + done)); });
    if (n < 0) return failed("read", offset, wanted, errno);
    if (n == 0)
      return Error(Errc::Io, fmt::format("Cannot read {} bytes at {} of {}: it ends at {}", wanted, offset, path_,
                                         offset + done));
    done += static_cast<std::size_t>(n);
  }
  return ok();
}

Status DirectDevice::write_blocks(std::uint64_t offset, std::span<const std::byte> in) {
  if (!cached_ && offset + in.size() > direct_end()) {
    std::uint64_t whole = direct_end() - std::min(offset, direct_end());
    if (whole > 0) TRY(write_blocks(offset, in.first(whole)));
    return write_cached(offset + whole, in.subspan(whole, size_ - offset - whole));
  }
  SharedFd fd = TRY(lease(Mode::Write));
  std::size_t length = std::min<std::uint64_t>(in.size(), size_ - offset);
  for (std::size_t done = 0; done < length;) {
    ssize_t n = retry_eintr(
        [&] { return ::pwrite(fd->get(), in.data() + done, length - done, static_cast<off_t>(offset + done)); });
    if (n <= 0) return failed("write", offset, length, n < 0 ? errno : ENOSPC);
    done += static_cast<std::size_t>(n);
  }
  return ok();
}

/// The end of an image file whose size is no multiple of what O_DIRECT demands: through the page cache, which the
/// kernel keeps coherent with direct transfers, and which flush() writes out.
Status DirectDevice::write_cached(std::uint64_t offset, std::span<const std::byte> in) {
  SharedFd direct = TRY(lease(Mode::Write));
  UniqueFd fd = TRY(reopen(direct->get(), O_RDWR, path_));
  while (!in.empty()) {
    ssize_t n = retry_eintr([&] { return ::pwrite(fd.get(), in.data(), in.size(), static_cast<off_t>(offset)); });
    if (n <= 0) return failed("write", offset, in.size(), n < 0 ? errno : ENOSPC);
    in = in.subspan(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
  return ok();
}

Status DirectDevice::flush() {
  SharedFd fd = TRY(lease(Mode::Read));  // a flush is the device's or the inode's, whichever descriptor wrote
  if (log_enabled()) log(LogLevel::Debug, "flush " + path_);
  if (retry_eintr([&] { return ::fdatasync(fd->get()); }) != 0) return errno_error("Cannot flush " + path_);
  return ok();
}

Status DirectDevice::discard(Bytes offset, Bytes length) {
  auto end = checked_add(offset.n, length.n);
  if (!end || *end > size_)
    return Error(Errc::InvalidArgument,
                 fmt::format("Cannot discard {} bytes at {} of {}: it has {}", length.n, offset.n, path_, size_));
  if (length.n == 0) return ok();
  log(LogLevel::Debug, fmt::format("discard {} bytes at {} of {}", length.n, offset.n, path_));
  SharedFd fd = TRY(lease(Mode::Write));
  std::uint64_t range[2] = {offset.n, length.n};
  int done = id_.block ? ::ioctl(fd->get(), BLKDISCARD, range)
                       : ::fallocate(fd->get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                     static_cast<off_t>(offset.n), static_cast<off_t>(length.n));
  if (done == 0) return ok();
  if (errno == EOPNOTSUPP) return Error(Errc::Unsupported, path_ + " cannot discard", EOPNOTSUPP);
  return failed("discard", offset.n, length.n, errno);
}

Result<Stretch> DirectDevice::stretch(Bytes offset) {
  if (id_.block || offset.n >= size_) return BlockDevice::stretch(offset);
  SharedFd fd = TRY(lease(Mode::Read));
  // Where the descriptor stands matters to nobody: all transfers name their place.
  auto next = [&](int whence) { return ::lseek(fd->get(), static_cast<off_t>(offset.n), whence); };
  off_t data = next(SEEK_DATA);
  if (data < 0 && errno == ENXIO) return Stretch{true, {size_ - offset.n}};
  if (data < 0) return BlockDevice::stretch(offset);  // a filesystem that does not tell
  auto within = [&](off_t end) { return Bytes{std::min(static_cast<std::uint64_t>(end), size_) - offset.n}; };
  if (static_cast<std::uint64_t>(data) > offset.n) return Stretch{true, within(data)};
  off_t hole = next(SEEK_HOLE);
  if (hole < 0 || static_cast<std::uint64_t>(hole) <= offset.n) return BlockDevice::stretch(offset);
  return Stretch{false, within(hole)};
}

Status DirectDevice::clear(Bytes offset, Bytes length) {
  TRY(bounded("clear", offset, length.n));
  if (length.n == 0) return ok();
  if (!id_.block) {
    SharedFd fd = TRY(lease(Mode::Write));
    if (log_enabled()) log(LogLevel::Debug, fmt::format("clear {} bytes at {} of {}", length.n, offset.n, path_));
    auto punch = [&] {
      return ::fallocate(fd->get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset.n),
                         static_cast<off_t>(length.n));
    };
    if (retry_eintr(punch) == 0) return ok();
    if (errno != EOPNOTSUPP && errno != ENOSYS) return failed("clear", offset.n, length.n, errno);
  }
  return BlockDevice::clear(offset, length);
}

Status DirectDevice::unchanged() {
  auto replaced = [&](const char* how) {
    return Error(Errc::Refused, fmt::format("{} {} since it was scanned: nothing more is written to it", path_, how));
  };
  SharedFd fd = TRY(lease(Mode::Read));
  struct stat opened {
  }, named{};
  if (::fstat(fd->get(), &opened) != 0) return errno_error("Cannot examine " + path_);
  if (identify(fd->get(), opened) != id_) return replaced("was replaced by another device");
  bool named_now = ::stat(path_.c_str(), &named) == 0;
  if (!named_now && !id_.block) return replaced("was removed");
  // udev takes links away and puts them back; the open descriptor still is the device. Another device is not.
  if (named_now && (S_ISBLK(named.st_mode) != id_.block || (id_.block ? named.st_rdev : named.st_dev) != id_.number ||
                    (!id_.block && named.st_ino != id_.inode)))
    return replaced(id_.block ? "was replaced by another device" : "was replaced by another file");
  std::uint64_t now = opened.st_size > 0 ? static_cast<std::uint64_t>(opened.st_size) : 0;
  if (id_.block && ::ioctl(fd->get(), BLKGETSIZE64, &now) != 0) return errno_error("Cannot get the size of " + path_);
  if (now < size_) return replaced("has shrunk");
  return ok();
}

}  // namespace

Result<UniqueFd> reopen(int fd, int flags, const std::string& path) {
  std::string self = fmt::format("/proc/self/fd/{}", fd);
  UniqueFd again(retry_eintr([&] { return ::open(self.c_str(), flags | O_CLOEXEC); }));
  if (again) return again;
  if (errno == ENOENT) return Error(Errc::Io, "Cannot open " + path + " again: /proc is not mounted", ENOENT);
  if ((flags & O_EXCL) != 0 && errno == EBUSY)
    return Error(Errc::Busy, "Cannot open " + path + " exclusively: something else has it in use", EBUSY);
  return open_error(path, errno, (flags & O_ACCMODE) != O_RDONLY ? " for writing" : "");
}

Result<std::unique_ptr<BlockDevice>> open_device(const std::string& path, const OpenOptions& options) {
  // Looked at before it is opened: opening some character devices does something (rewinds a tape, arms a watchdog).
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) return errno_error("Cannot open " + path);
  if (!S_ISBLK(st.st_mode) && !S_ISREG(st.st_mode))
    return Error(Errc::InvalidArgument, path + " is neither a block device nor a regular file");
  auto device = std::make_unique<DirectDevice>(
      path, options.pool ? options.pool : std::make_shared<FdPool>(std::size_t{1} << 30),
      options.loops ? options.loops : std::make_shared<LoopFiles>(), options.cached && S_ISREG(st.st_mode));
  TRY(device->open());
  return std::unique_ptr<BlockDevice>(std::move(device));
}

}  // namespace ashlar::device
