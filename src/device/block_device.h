// SPDX-License-Identifier: LGPL-2.1-or-later
// A disk, a partition, an LV or a regular image file, as the rest of Ashlar sees it. Opened once and kept.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace ashlar::device {

class DirectAccess;

/// Identity of a block device; none for an image file.
struct DevNumber {
  std::uint32_t major = 0, minor = 0;
  friend auto operator<=>(const DevNumber&, const DevNumber&) = default;
};

/// What the kernel's queue says, for placing the data area. 0: unknown.
struct Topology {
  Bytes minimum_io, optimal_io, alignment_offset, physical_block;
  std::uint32_t read_ahead = 0;  ///< sectors
};

/// A run of bytes of one kind. A hole of an image file takes no room and reads as zeros.
struct Stretch {
  bool hole = false;
  Bytes length;
};

/// Any offset and length may be asked for: the device does whole-block read-modify-write where they are not
/// multiples of block_size(). Errors name the path, the operation, offset and length.
/// Thread-safe for operations on disjoint blocks.
class BlockDevice {
 public:
  virtual ~BlockDevice() = default;

  virtual const std::string& path() const = 0;  ///< the preferred name, for people and the `device` hint
  virtual std::optional<DevNumber> number() const = 0;
  virtual Bytes size() const = 0;        ///< as it was when opened; whole 512-byte sectors
  virtual Bytes block_size() const = 0;  ///< logical: 512 or 4096; 512 for an image file
  virtual Topology topology() const = 0;

  virtual Status read(Bytes offset, std::span<std::byte> out) = 0;
  virtual Status write(Bytes offset, std::span<const std::byte> in) = 0;  ///< opens for writing at the first call
  virtual Status flush() = 0;  ///< all that was written before is on stable storage after

  /// The bytes are of no use to anybody: an SSD may forget them, an image file gives their blocks back. What is read
  /// there afterwards is not defined. Errc::Unsupported where that cannot be had.
  virtual Status discard(Bytes, Bytes) { return Error(Errc::Unsupported, path() + " cannot discard"); }
  /// What lies at `offset`, and how far at least it goes on like that; the length is 0 only at the end of the device.
  /// A device that cannot tell is one stretch without a hole.
  virtual Result<Stretch> stretch(Bytes offset) { return Stretch{false, {size().n - std::min(offset, size()).n}}; }
  /// Makes these bytes zero; where a filesystem can, an image file gets a hole there.
  virtual Status clear(Bytes offset, Bytes length);

  /// Is it still what was opened? A writer asks right before it commits. Errc::Refused when the disk behind the name
  /// was swapped or has shrunk since, or the image file was replaced or removed.
  virtual Status unchanged() { return ok(); }

  /// Opens it for writing, as the first write would: a writer of several devices finds out before it writes to any of
  /// them. Errc::Busy for an image file that the kernel shows as a loop device, whatever is done with that.
  virtual Status open_for_writing() { return ok(); }

  /// The descriptor behind the device, for run() and claim(); null for one that lives in memory.
  virtual DirectAccess* direct() { return nullptr; }
};

/// One transfer of a batch.
struct IoOp {
  enum class Kind : std::uint8_t { Read, Write, Flush };
  Kind kind;
  BlockDevice* device;
  Bytes offset{};
  std::span<std::byte> read_into{};
  std::span<const std::byte> write_from{};
  Status result{};  ///< set by run()
};

/// Carries out all ops, on different devices at the same time, ops of one device in order; returns when all are done.
/// An op that fails does not stop the others, but later ops of the same device are not started and get its error.
/// Devices in memory are served one op after the other, in the order of `ops`.
void run(std::span<IoOp> ops);

/// Where devices come from: the machine, a list of images, or a test's RAM disks.
class DeviceSource {
 public:
  virtual ~DeviceSource() = default;

  /// How much of each device candidates() reads: label, pv_header and mda_header lie in it.
  static constexpr Bytes kFirstBytes{8192};

  /// Every device that may hold a PV, opened for reading, filters applied, in a stable order. A device that cannot be
  /// opened is left out and named in `problems`. The devices stay valid as long as the source.
  /// Each call reads `first` anew (a caller that waited for a lock must not use what it read before), but opens only
  /// once and lists the machine's devices only once.
  struct Candidates {
    std::vector<BlockDevice*> devices;
    /// Parallel to `devices`: the first kFirstBytes (fewer on a smaller device), so that nobody reads them again.
    /// Empty where the read failed; that device is named in `problems`.
    std::vector<std::vector<std::byte>> first;
    std::vector<std::string> problems;
  };
  virtual Result<Candidates> candidates() = 0;

  /// The device of that name (any alias), for a command that names it; Errc::NotFound "No device found for PATH.",
  /// Errc::Refused "Cannot use PATH: REASON" with the filter that rejects it.
  virtual Result<BlockDevice*> find(const std::string& path) = 0;

  /// A command makes a PV of the device, or lists it: where a devices file limits what may be used, it may be from now
  /// on.
  virtual Status admit(const std::string&) { return ok(); }

  /// Takes the device exclusively before it is initialised: refuses one that is mounted, swap, partitioned, a member
  /// of md or multipath, or held open by something else, saying which. Kept until the source goes.
  virtual Status claim(BlockDevice& device) = 0;
  /// Would claim() succeed now? The device is not opened for writing and not kept.
  virtual Status check_claim(BlockDevice& device) { return claim(device); }
  /// Lets go of what claim() keeps, so that others (device-mapper) may use the device.
  virtual void unclaim(BlockDevice&) {}

  /// What a setting's filter says of a device, and which of its patterns says so; empty: none matches any of its names.
  struct Rule {
    std::string setting;  ///< "devices/filter"; or a devices file's path, with its entry, if any, as the pattern
    bool accepts = true;
    std::string pattern;
    std::size_t index = 0;  ///< of the pattern in the setting's list
  };
  /// Of the device of that name, in the order in which they are asked. Empty where there are no filters.
  virtual std::vector<Rule> rules(const std::string&) { return {}; }

  /// Foreign signatures found, e.g. {"ext4", 1080, 2}; LVM2's own are not reported.
  struct Signature {
    std::string type;  ///< blkid's word
    Bytes offset, length;
    friend bool operator==(const Signature&, const Signature&) = default;
  };
  virtual Result<std::vector<Signature>> signatures(BlockDevice& device) = 0;
};

}  // namespace ashlar::device
