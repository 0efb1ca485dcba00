// SPDX-License-Identifier: LGPL-2.1-or-later
#include "system/dm_machine.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "activation/diff.h"

namespace ashlar::test {
namespace {

constexpr std::size_t kBlock = 4096;
constexpr std::uint64_t kSectorsPerBlock = kBlock / kSectorSize;
constexpr int kDisks = 4;
constexpr std::uint32_t kRamMajor = 1;

struct alignas(kBlock) Block {
  std::array<std::uint64_t, kBlock / sizeof(std::uint64_t)> words{};
};

}  // namespace

std::string sh(const std::string& command) {
  FILE* pipe = popen(("{ " + command + "; } 2>&1").c_str(), "r");
  if (pipe == nullptr) return "popen failed";
  std::string output;
  std::array<char, 4096> part{};
  for (std::size_t n = 0; (n = fread(part.data(), 1, part.size(), pipe)) > 0;) output.append(part.data(), n);
  pclose(pipe);
  while (output.ends_with('\n')) output.pop_back();
  return output;
}

RawDevice::RawDevice(const std::string& path, bool write)
    : fd_(open(path.c_str(), (write ? O_RDWR : O_RDONLY) | O_DIRECT | O_CLOEXEC)) {}

std::uint64_t RawDevice::sectors() const {
  std::uint64_t bytes = 0;
  return ioctl(fd_.get(), BLKGETSIZE64, &bytes) == 0 ? bytes / kSectorSize : 0;
}

bool RawDevice::stamp(std::uint64_t sector, std::uint64_t count, std::uint64_t first) {
  auto block = std::make_unique<Block>();
  for (std::uint64_t at = 0; at < count; at += kSectorsPerBlock) {
    for (std::size_t i = 0; i < block->words.size(); ++i)
      block->words[i] = first + at + i / (kSectorSize / sizeof(std::uint64_t));
    const auto offset = static_cast<off_t>((sector + at) * kSectorSize);
    if (pwrite(fd_.get(), block.get(), kBlock, offset) != static_cast<ssize_t>(kBlock)) return false;
  }
  return true;
}

std::uint64_t RawDevice::stamp_at(std::uint64_t sector) {
  auto block = std::make_unique<Block>();
  const std::uint64_t start = round_down(sector, kSectorsPerBlock);
  const auto offset = static_cast<off_t>(start * kSectorSize);
  if (pread(fd_.get(), block.get(), kBlock, offset) != static_cast<ssize_t>(kBlock)) return ~std::uint64_t{0};
  return block->words[(sector - start) * (kSectorSize / sizeof(std::uint64_t))];
}

void DmMachine::SetUp() {
  if (std::getenv("ASHLAR_SYSTEM_TEST") == nullptr)
    GTEST_SKIP() << "changes the machine's devices: run by tools/vm --env ASHLAR_SYSTEM_TEST=1";
  // Loaded anew for each test, which empties the disks.
  sh("udevadm settle; modprobe -r brd; modprobe brd rd_nr=4 rd_size=65536; udevadm settle");
  ASSERT_EQ(sh("dmsetup ls"), "No devices found");
  sink_ = std::make_unique<ScopedLogSink>([this](LogLevel level, std::string_view line) {
    if (level == LogLevel::Warning) warnings.emplace_back(line);
    if (std::getenv("ASHLAR_SYSTEM_TEST_LOG") != nullptr)
      std::fprintf(stderr, "%d %.*s\n", static_cast<int>(level), static_cast<int>(line.size()), line.data());
  });
}

void DmMachine::TearDown() {
  if (IsSkipped()) return;
  sink_.reset();
  sh("umount /mnt; dmsetup ls | awk '$1 != \"No\" {print $1}' | xargs -r -n1 dmsetup resume");
  // Twice: upper devices hold lower ones.
  for (int i = 0; i < 2; ++i) sh("dmsetup remove_all --retry");
  if (udevd_pid().empty()) start_udevd();
  sh("udevadm settle; rm -rf /dev/vg0 /dev/vg1; find /dev/mapper -mindepth 1 ! -name control -delete");
}

VgBuilder DmMachine::disks(const std::string& vg) const {
  VgBuilder builder(vg);
  for (int i = 0; i < kDisks; ++i) builder.pv("ram" + std::to_string(i), 15);
  return builder;
}

dm::LayoutContext DmMachine::context(const VolumeGroup& vg) const {
  dm::LayoutContext made;
  for (const PhysicalVolume& pv : vg.pvs)
    made.pv_numbers[pv.id] = {kRamMajor, static_cast<std::uint32_t>(std::atoi(pv.device.c_str() + 3))};
  return made;
}

std::vector<dm::Device> DmMachine::laid_out(const VolumeGroup& vg) const {
  std::vector<dm::Device> devices;
  for (const LogicalVolume& lv : vg.lvs) {
    Result<dm::Device> made = dm::lv_device(vg, lv, context(vg));
    EXPECT_TRUE(made.ok()) << made.error().message();
    if (made.ok()) devices.push_back(*std::move(made));
  }
  return devices;
}

Status DmMachine::bring_to(dm::Kernel& to, const Uuid& vg, const std::vector<dm::Device>& wanted) {
  const std::vector<dm::ActiveDevice> has = TRY(to.active(vg));
  const std::unique_ptr<dm::Preloaded> loaded = TRY(to.preload(dm::diff(has, wanted)));
  return loaded->finish();
}

void DmMachine::expect_nothing_left_behind() {
  EXPECT_EQ(sh("dmsetup info -c --noheadings --separator ' ' -o attr,name | grep -E '^(.I|..s)'"), "");
  EXPECT_EQ(sh("dmsetup udevcookies | tail -n +2"), "");
}

std::string DmMachine::udevd_pid() { return sh("pidof systemd-udevd"); }
void DmMachine::start_udevd() { sh("/lib/systemd/systemd-udevd --daemon; udevadm settle"); }
void DmMachine::stop_udevd() { sh("udevadm control --exit; while pidof systemd-udevd; do sleep 0.05; done"); }

}  // namespace ashlar::test
