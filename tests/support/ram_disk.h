// SPDX-License-Identifier: LGPL-2.1-or-later
// Disks in memory that behave like O_DIRECT: only whole blocks move. Every write and flush of all disks of a machine
// goes into one log, from which any state that a crash can leave is made again:
//
//   RamMachine machine;
//   machine.add("/dev/a", 64_MiB);
//   ...set up...
//   machine.forget_log();
//   run_the_command(machine);
//   for (const Crash& crash : machine.crashes()) {
//     SCOPED_TRACE(crash.text);
//     RamMachine after = machine.reopen(crash);
//     examine(after);
//   }
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "device/aligned.h"
#include "device/block_device.h"

namespace ashlar::test {

/// The bytes of a disk; pages never written are zero and take no memory. Copying shares the pages.
class Content {
 public:
  void read(std::uint64_t offset, std::span<std::byte> out) const;
  void write(std::uint64_t offset, std::span<const std::byte> in);

 private:
  static constexpr std::size_t kPage = 4096;
  using Page = std::array<std::byte, kPage>;
  std::map<std::uint64_t, std::shared_ptr<const Page>> pages_;
};

/// One entry of a machine's log, as it reached the disk: whole blocks.
struct LogEntry {
  enum class Kind : std::uint8_t { Write, Flush };
  Kind kind;
  std::size_t disk;  ///< index in the machine
  std::uint64_t offset = 0;
  std::vector<std::byte> data;
};

/// A state that losing power can leave: which pieces of which logged writes are on the disks.
struct Crash {
  std::string text;  ///< for SCOPED_TRACE
  /// The first `done` log entries happened; the later ones did not, but for `torn`.
  std::size_t done = 0;
  /// Of entry number `done` only those 512-byte pieces reached the disk that are true here. Empty: none did.
  std::vector<bool> torn{};
  /// Of the first `done` entries, these writes were still in a disk's cache and are lost.
  std::vector<std::size_t> lost{};
};

enum class Requests {
  Any,          ///< as BlockDevice promises: what is not whole blocks is read-modify-write
  OnlyAligned,  ///< an unaligned request is an error, to show that a caller makes none
};

struct RamState;

class RamDisk final : public device::BlockDevice, private device::BlockTransfer {
 public:
  RamDisk(std::shared_ptr<RamState> state, std::size_t index, Requests requests);

  const std::string& path() const override;
  std::optional<device::DevNumber> number() const override;
  Bytes size() const override;
  Bytes block_size() const override;
  device::Topology topology() const override;
  Status read(Bytes offset, std::span<std::byte> out) override;
  Status write(Bytes offset, std::span<const std::byte> in) override;
  Status flush() override;
  Status discard(Bytes offset, Bytes length) override;  ///< fills it with 0xDD
  Status unchanged() override;

  // Faults. A transfer that fails moves nothing.
  void fail_read(std::size_t nth, bool and_later = false);  ///< 0: the next one
  void fail_write(std::size_t nth, bool and_later = false);
  void fail_flush(std::size_t nth, bool and_later = false);
  void bad_sectors(Bytes offset, Bytes length);  ///< reads and writes that touch them fail
  void vanish();                                 ///< everything fails from now on
  void resize(Bytes size);                       ///< behind everybody's back; what was past the end is out of reach
  void replace();                                ///< unchanged() says so from now on
  void heal();                                   ///< no faults any more

  // What happened.
  std::size_t reads() const;  ///< transfers that reached the disk
  std::uint64_t bytes_read() const;
  std::size_t writes() const;
  std::size_t flushes() const;

  // For a test's own eyes: not counted, not logged, no faults.
  std::vector<std::byte> peek(Bytes offset, std::size_t length) const;
  void poke(Bytes offset, std::span<const std::byte> in);

  device::Topology& set_topology();
  void set_busy(std::string reason);  ///< claim() refuses with "Cannot use PATH: REASON"
  bool claimed() const;
  /// A foreign signature: its place is filled with 0xEE, and it is reported until that is overwritten with zeros.
  void plant(const device::DeviceSource::Signature& signature);

 private:
  friend class RamMachine;
  std::uint64_t unit() const override;
  Status read_blocks(std::uint64_t offset, std::span<std::byte> out) override;
  Status write_blocks(std::uint64_t offset, std::span<const std::byte> in) override;
  Status bounded(const char* what, std::uint64_t offset, std::size_t length, bool aligned) const;

  std::shared_ptr<RamState> state_;
  std::size_t index_;
  Requests requests_;
};

class RamMachine final : public device::DeviceSource {
 public:
  explicit RamMachine(Requests requests = Requests::Any);
  RamMachine(RamMachine&&) noexcept;
  RamMachine& operator=(RamMachine&&) noexcept;
  ~RamMachine() override;

  RamDisk& add(const std::string& path, Bytes size, Bytes block_size = {512},
               std::optional<device::DevNumber> number = {});
  RamDisk& add_image(const std::string& path, Bytes size);  ///< a file: it has no device number
  RamDisk& disk(std::size_t index) { return *disks_.at(index); }
  RamDisk& disk(const std::string& path);
  std::size_t disk_count() const { return disks_.size(); }
  /// Takes a disk away, as if pulled; its index stays, so that a log still fits.
  void remove(const std::string& path);
  void bring_back(const std::string& path);

  Result<Candidates> candidates() override;
  Result<device::BlockDevice*> find(const std::string& path) override;
  Status claim(device::BlockDevice& device) override;
  Status check_claim(device::BlockDevice& device) override;
  void unclaim(device::BlockDevice& device) override;
  Result<std::vector<Signature>> signatures(device::BlockDevice& device) override;

  /// What is on the disks now becomes the state that crashes start from.
  void forget_log();
  const std::vector<LogEntry>& log() const;
  std::size_t write_count() const;  ///< writes in the log

  /// New disks, without faults, with an empty log, in the state that `crash` of this log leaves.
  RamMachine reopen(const Crash& crash) const;
  RamMachine reopen() const;                         ///< all writes applied
  RamMachine after_writes(std::size_t count) const;  ///< the first `count` writes of the log applied

  std::vector<Crash> cuts() const;  ///< before the first write, and after each
  /// Each write that is longer than one block, torn at every boundary between blocks: only what is before it arrived,
  /// or only what is behind it; and every other block. A block of a 4096-byte disk is written whole or not at all.
  std::vector<Crash> tears() const;
  /// At each point of the log, of the writes since each disk's last flush: every subset lost, if they are at most
  /// kAllSubsetsOf; else all lost, each lost alone, each kept alone, and kRandomSubsets more, drawn with `seed`.
  static constexpr std::size_t kAllSubsetsOf = 10, kRandomSubsets = 1000;
  std::vector<Crash> losses(std::uint64_t seed = 1) const;
  std::vector<Crash> crashes() const;  ///< cuts, tears and losses, none twice
  Crash power_lost() const;            ///< at the end of the log, with all lost that no flush followed

 private:
  explicit RamMachine(std::shared_ptr<RamState> state);

  std::shared_ptr<RamState> state_;
  std::vector<std::unique_ptr<RamDisk>> disks_;
};

}  // namespace ashlar::test
