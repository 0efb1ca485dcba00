// SPDX-License-Identifier: LGPL-2.1-or-later
// Real block devices, udev and dmsetup for tests that run as root in a throw-away machine (tools/vm).
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "activation/kernel.h"
#include "activation/layout.h"
#include "base/log.h"
#include "base/unique_fd.h"
#include "support/vg_builder.h"

namespace ashlar::test {

/// Output of a shell command, both streams, without the last newline.
std::string sh(const std::string& command);

/// A device opened for direct I/O in blocks of 4 KiB.
class RawDevice {
 public:
  explicit RawDevice(const std::string& path, bool write = true);
  bool ok() const { return static_cast<bool>(fd_); }
  int fd() const { return fd_.get(); }
  std::uint64_t sectors() const;
  /// Fills `count` sectors, whole blocks, each with the number `first` + its place repeated.
  bool stamp(std::uint64_t sector, std::uint64_t count, std::uint64_t first);
  /// The number that a sector was stamped with.
  std::uint64_t stamp_at(std::uint64_t sector);

 private:
  UniqueFd fd_;
};

/// Four RAM disks of 64 MiB as PVs ram0 .. ram3, no device-mapper devices and a udevd, before and after each test.
class DmMachine : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  VgBuilder disks(const std::string& vg = "vg0") const;
  dm::LayoutContext context(const VolumeGroup& vg) const;
  std::vector<dm::Device> laid_out(const VolumeGroup& vg) const;

  std::unique_ptr<dm::Kernel> kernel(dm::KernelOptions options = {}) const { return dm::dm_kernel(std::move(options)); }
  /// diff, preload and finish in one.
  Status bring_to(dm::Kernel& to, const Uuid& vg, const std::vector<dm::Device>& wanted);
  Status bring_to(dm::Kernel& to, const VolumeGroup& vg) { return bring_to(to, vg.id, laid_out(vg)); }

  void expect_nothing_left_behind();  ///< no device suspended, no inactive table, no cookie
  static void start_udevd();
  static void stop_udevd();
  static std::string udevd_pid();

  std::vector<std::string> warnings;  ///< what the library logged as warnings during the test

 private:
  std::unique_ptr<ScopedLogSink> sink_;
};

#define EXPECT_DONE(expression)                                             \
  do {                                                                      \
    const ::ashlar::Status done_ = (expression);                            \
    EXPECT_TRUE(done_.ok()) << (done_.ok() ? "" : done_.error().message()); \
  } while (false)

}  // namespace ashlar::test
