// SPDX-License-Identifier: LGPL-2.1-or-later
// What the RAM disks of one machine share. For ram_disk.cc and ram_crash.cc alone.
#pragma once

#include "support/ram_disk.h"

namespace ashlar::test {

/// Counts calls of one kind and says which of them fail.
class Faults {
 public:
  void set(std::size_t nth, bool and_later) {
    at_ = calls_ + nth;
    later_ = and_later;
  }
  void clear() { at_.reset(); }
  bool strikes() {
    std::size_t call = calls_++;
    return at_ && (later_ ? call >= *at_ : call == *at_);
  }
  std::size_t calls() const { return calls_; }

 private:
  std::size_t calls_ = 0;
  std::optional<std::size_t> at_;
  bool later_ = false;
};

struct RamState {
  struct Disk {
    std::string path;
    Bytes size, block_size;
    std::optional<device::DevNumber> number;
    device::Topology topology;
    Content base, now;  ///< before the log, and after it
    Faults read_faults, write_faults, flush_faults;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> bad;  ///< half-open byte ranges
    std::uint64_t bytes_read = 0;
    std::string busy;
    std::vector<device::DeviceSource::Signature> planted;
    bool claimed = false, replaced = false, removed = false;

    bool is_bad(std::uint64_t offset, std::size_t length) const {
      for (auto [start, end] : bad)
        if (offset < end && start < offset + length) return true;
      return false;
    }
    /// The same disk in the next program: the bytes before the log, no faults, counters at 0.
    Disk reopened() const {
      Disk d;
      d.path = path;
      d.size = size;
      d.block_size = block_size;
      d.number = number;
      d.topology = topology;
      d.base = base;
      d.busy = busy;
      d.planted = planted;
      d.removed = removed;
      return d;
    }
  };
  std::vector<Disk> disks;
  std::vector<LogEntry> log;
  Requests requests = Requests::Any;
};

}  // namespace ashlar::test
