// SPDX-License-Identifier: LGPL-2.1-or-later
// Temporary folders and loop devices for tests on the real kernel; all gone when they go out of scope.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/unique_fd.h"

namespace ashlar::test {

class TempDir {
 public:
  explicit TempDir(const std::string& parent = "/tmp");
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// A sparse file of that size.
void make_file(const std::string& path, std::uint64_t size);
/// Writes text to a file, making the folders above it.
void put_file(const std::string& path, const std::string& text);
/// Everything in a file or, up to `length`, a block device, through the page cache of a fresh descriptor.
std::vector<std::byte> slurp(const std::string& path, std::size_t length = SIZE_MAX);
/// Calls `f` in a process of its own, where limits and users may be changed; true if no expectation failed there.
bool in_child(const std::function<void()>& f);
/// Runs a command by the shell; its exit status.
int shell(const std::string& command);

class LoopDevice {
 public:
  struct Options {
    unsigned block_size = 512;
    bool partitions = false;  ///< the kernel looks for a partition table
    bool read_only = false;
  };
  explicit LoopDevice(const std::string& file) : LoopDevice(file, Options()) {}
  LoopDevice(const std::string& file, Options options);
  ~LoopDevice();
  LoopDevice(const LoopDevice&) = delete;
  LoopDevice& operator=(const LoopDevice&) = delete;
  const std::string& path() const { return path_; }
  std::string name() const { return path_.substr(5); }
  void change(const std::string& file);  ///< puts another file of the same size behind a read-only loop device
  /// Tells the kernel of a partition, in bytes; needs Options::partitions. No kernel parser of tables is asked.
  void add_partition(int number, std::uint64_t start, std::uint64_t length);
  unsigned number() const { return number_; }  ///< minor; the major is 7

 private:
  std::string path_;
  unsigned number_ = 0;
  std::vector<int> partitions_;
  UniqueFd fd_;
};

/// An ext4 filesystem made on a device and mounted.
class Mount {
 public:
  Mount(const std::string& device, const std::string& where, const std::string& type = "ext4",
        const std::string& options = "");
  ~Mount();
  Mount(const Mount&) = delete;
  Mount& operator=(const Mount&) = delete;

 private:
  std::string where_;
};

/// One partition of the given sectors in an MBR, or in a GPT with both headers and right checksums.
void write_mbr(const std::string& path, unsigned first_sector, unsigned sectors);
void write_gpt(const std::string& path, unsigned block_size, std::uint64_t first_block, std::uint64_t blocks);

}  // namespace ashlar::test
