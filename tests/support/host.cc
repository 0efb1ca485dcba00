// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/host.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <zlib.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "base/bytes.h"

namespace ashlar::test {

namespace {

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what + ": " + std::strerror(errno)); }

void write_at(int fd, std::uint64_t offset, std::span<const std::byte> bytes) {
  if (::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset)) != static_cast<ssize_t>(bytes.size()))
    fail("writing a partition table");
}

unsigned crc(std::span<const std::byte> bytes) {
  return static_cast<unsigned>(
      ::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

void write_mbr_entry(int fd, unsigned type, unsigned first, unsigned sectors) {
  std::vector<std::byte> mbr(512);
  mbr[446 + 4] = static_cast<std::byte>(type);
  ByteWriter entry(mbr, 446 + 8);
  entry.u32(first);
  entry.u32(sectors);
  mbr[510] = std::byte{0x55};
  mbr[511] = std::byte{0xaa};
  write_at(fd, 0, mbr);
}

}  // namespace

TempDir::TempDir(const std::string& parent) {
  std::string pattern = parent + "/ashlar-test-XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) fail("mkdtemp " + pattern);
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void make_file(const std::string& path, std::uint64_t size) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd || ::ftruncate(fd.get(), static_cast<off_t>(size)) != 0) fail("making " + path);
}

void put_file(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path) << text;
}

std::vector<std::byte> slurp(const std::string& path, std::size_t length) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) fail("opening " + path);
  std::vector<std::byte> all;
  std::vector<std::byte> chunk(65536);
  while (all.size() < length) {
    ssize_t n = ::read(fd.get(), chunk.data(), std::min(chunk.size(), length - all.size()));
    if (n < 0) fail("reading " + path);
    if (n == 0) break;
    all.insert(all.end(), chunk.begin(), chunk.begin() + n);
  }
  return all;
}

bool in_child(const std::function<void()>& f) {
  std::fflush(nullptr);
  pid_t child = ::fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    f();
    std::fflush(nullptr);
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int shell(const std::string& command) {
  int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

LoopDevice::LoopDevice(const std::string& file, Options options) {
  UniqueFd control(::open("/dev/loop-control", O_RDWR | O_CLOEXEC));
  int access = options.read_only ? O_RDONLY : O_RDWR;
  UniqueFd backing(::open(file.c_str(), access | O_CLOEXEC));
  if (!control || !backing) fail("opening /dev/loop-control and " + file);
  for (int attempt = 0; attempt < 100; ++attempt) {
    int free = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
    if (free < 0) fail("LOOP_CTL_GET_FREE");
    path_ = "/dev/loop" + std::to_string(free);
    number_ = static_cast<unsigned>(free);
    fd_.reset(::open(path_.c_str(), access | O_CLOEXEC));
    if (!fd_) fail("opening " + path_);
    loop_config config{};
    config.fd = static_cast<unsigned>(backing.get());
    config.block_size = options.block_size;
    if (options.partitions) config.info.lo_flags |= LO_FLAGS_PARTSCAN;
    if (options.read_only) config.info.lo_flags |= LO_FLAGS_READ_ONLY;
    std::strncpy(reinterpret_cast<char*>(config.info.lo_file_name), file.c_str(), LO_NAME_SIZE - 1);
    if (::ioctl(fd_.get(), LOOP_CONFIGURE, &config) == 0) return;
    if (errno != EBUSY) fail("LOOP_CONFIGURE " + path_);  // EBUSY: another program took it in between
  }
  fail("no free loop device");
}

LoopDevice::~LoopDevice() {
  for (int number : partitions_) {
    blkpg_partition partition{};
    partition.pno = number;
    blkpg_ioctl_arg argument{BLKPG_DEL_PARTITION, 0, sizeof partition, &partition};
    ::ioctl(fd_.get(), BLKPG, &argument);
  }
  ::ioctl(fd_.get(), LOOP_CLR_FD);
}

void LoopDevice::add_partition(int number, std::uint64_t start, std::uint64_t length) {
  blkpg_partition partition{};
  partition.start = static_cast<long long>(start);
  partition.length = static_cast<long long>(length);
  partition.pno = number;
  blkpg_ioctl_arg argument{BLKPG_ADD_PARTITION, 0, sizeof partition, &partition};
  if (::ioctl(fd_.get(), BLKPG, &argument) != 0) fail("BLKPG_ADD_PARTITION " + path_);
  partitions_.push_back(number);
}

void LoopDevice::change(const std::string& file) {
  UniqueFd backing(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!backing || ::ioctl(fd_.get(), LOOP_CHANGE_FD, backing.get()) != 0) fail("LOOP_CHANGE_FD " + path_);
}

Mount::Mount(const std::string& device, const std::string& where, const std::string& type, const std::string& options)
    : where_(where) {
  std::filesystem::create_directories(where);
  if (::mount(device.c_str(), where.c_str(), type.c_str(), 0, options.c_str()) != 0)
    fail("mounting " + device + " on " + where);
}

Mount::~Mount() { ::umount2(where_.c_str(), MNT_DETACH); }

void write_mbr(const std::string& path, unsigned first_sector, unsigned sectors) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) fail("opening " + path);
  write_mbr_entry(fd.get(), 0x83, first_sector, sectors);
}

void write_gpt(const std::string& path, unsigned block_size, std::uint64_t first_block, std::uint64_t blocks) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) fail("opening " + path);
  const auto size = static_cast<std::uint64_t>(::lseek(fd.get(), 0, SEEK_END));
  const std::uint64_t last = size / block_size - 1;
  const std::uint64_t table_blocks = 128 * 128 / block_size;
  write_mbr_entry(fd.get(), 0xee, 1, static_cast<unsigned>(last));
  std::vector<std::byte> table(128 * 128);
  for (std::size_t i = 0; i < 32; ++i) table[i] = static_cast<std::byte>(i + 1);  // type and unique id, not zero
  ByteWriter entry(table, 32);
  entry.u64(first_block);
  entry.u64(first_block + blocks - 1);
  auto header = [&](std::uint64_t here, std::uint64_t other, std::uint64_t table_at) {
    std::vector<std::byte> h(block_size);
    ByteWriter w(h);
    w.text("EFI PART");
    w.u32(0x00010000);
    w.u32(92);
    w.u32(0);
    w.u32(0);
    w.u64(here);
    w.u64(other);
    w.u64(2 + table_blocks);
    w.u64(last - table_blocks - 1);
    w.text("0123456789abcdef");
    w.u64(table_at);
    w.u32(128);
    w.u32(128);
    w.u32(crc(table));
    ByteWriter(h, 16).u32(crc(std::span(h).first(92)));
    write_at(fd.get(), here * block_size, h);
    write_at(fd.get(), table_at * block_size, table);
  };
  header(1, last, 2);
  header(last, 1, last - table_blocks);
}

}  // namespace ashlar::test
