// SPDX-License-Identifier: LGPL-2.1-or-later
// A disk, a partition, an LV or a regular image file, as the rest of Ashlar sees it. Opened once and kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace ashlar::device {

/// Identity of a block device; none for an image file.
struct DevNumber {
  std::uint32_t major = 0, minor = 0;
  friend auto operator<=>(const DevNumber&, const DevNumber&) = default;
};

/// What the kernel's queue says, for placing the data area. 0: unknown.
struct Topology {
  Bytes minimum_io, optimal_io, alignment_offset, physical_block;
};

/// Any offset and length may be asked for: the device does whole-block read-modify-write where they are not
/// multiples of block_size(). Errors name the path, the operation, offset and length.
/// Thread-safe for operations on disjoint blocks.
class BlockDevice {
 public:
  virtual ~BlockDevice() = default;

  virtual const std::string& path() const = 0;  ///< the preferred name, for people and the `device` hint
  virtual std::optional<DevNumber> number() const = 0;
  virtual Bytes size() const = 0;
  virtual Bytes block_size() const = 0;  ///< logical: 512 or 4096
  virtual Topology topology() const = 0;

  virtual Status read(Bytes offset, std::span<std::byte> out) = 0;
  virtual Status write(Bytes offset, std::span<const std::byte> in) = 0;  ///< opens for writing at the first call
  virtual Status flush() = 0;  ///< all that was written before is on stable storage after
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
void run(std::span<IoOp> ops);

/// Where devices come from: the machine, a list of images, or a test's RAM disks.
class DeviceSource {
 public:
  virtual ~DeviceSource() = default;

  /// Every device that may hold a PV, opened for reading, filters applied, in a stable order. A device that cannot be
  /// opened is left out and named in `problems`. The list stays valid as long as the source.
  struct Candidates {
    std::vector<BlockDevice*> devices;
    std::vector<std::string> problems;
  };
  virtual Result<Candidates> candidates() = 0;

  /// The device of that name (any alias), for a command that names it; Errc::NotFound "No device found for PATH.",
  /// Errc::Refused with the filter that rejects it.
  virtual Result<BlockDevice*> find(const std::string& path) = 0;

  /// Takes the device exclusively before it is initialised: refuses one that is mounted, swap, partitioned, a member
  /// of md or multipath, or held open by something else, saying which.
  virtual Status claim(BlockDevice& device) = 0;

  /// Foreign signatures found, e.g. {"ext4", 1080, 2}; LVM2's own are not reported.
  struct Signature {
    std::string type;  ///< blkid's word
    Bytes offset, length;
  };
  virtual Result<std::vector<Signature>> signatures(BlockDevice& device) = 0;
};

}  // namespace ashlar::device
