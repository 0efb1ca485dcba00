// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/image_partition.h"

#include <blkid/blkid.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/log.h"
#include "device/blkid_probe.h"
#include "device/direct_access.h"

namespace ashlar::device {

namespace {

/// A partition as the table has it. Nothing is checked yet but that the numbers fit.
struct Partition {
  int number;
  bool extended;
  std::optional<ByteRange> range;  ///< none: it does not fit
};

std::optional<ByteRange> in_bytes(blkid_loff_t start, blkid_loff_t length) {
  if (start < 0 || length < 0) return std::nullopt;
  auto first = checked_mul(static_cast<std::uint64_t>(start), kSectorSize);
  auto count = checked_mul(static_cast<std::uint64_t>(length), kSectorSize);
  if (!first || !count || !checked_add(*first, *count)) return std::nullopt;
  return ByteRange{{*first}, {*count}};
}

bool overlap(const ByteRange& a, const ByteRange& b) { return a.start < b.end() && b.start < a.end(); }

Error broken(const BlockDevice& image, unsigned number, const std::string& what) {
  return Error(Errc::Corrupt, fmt::format("Partition {} of {} {}; look at it with: sfdisk --verify {}", number,
                                          image.path(), what, image.path()));
}

/// A table of an image: its partitions, and what bytes it takes itself.
struct Table {
  std::vector<Partition> entries;
  ByteRange start;               ///< the table, from byte 0
  std::optional<ByteRange> end;  ///< GPT: its backup
};

/// Where the backup of a GPT lies: as its header says, else where it belongs. 16 KiB of entries, as the standard has
/// them at least, and the header behind them.
ByteRange backup_of_gpt(int fd, Bytes size, std::uint64_t sector) {
  std::byte header[40];
  std::uint64_t last = size.n / sector - 1;
  if (::pread(fd, header, sizeof header, static_cast<off_t>(sector)) == sizeof header &&
      ByteReader(header).text(8) == "EFI PART")
    if (const std::uint64_t said = ByteReader(header, 32).u64(); said <= last) last = said;
  const std::uint64_t end = (last + 1) * sector;
  const std::uint64_t length = std::min(end, sector + 16384);
  return {{end - length}, {length}};
}

/// The one that is asked for, after comparing it with all others.
Result<ByteRange> choose(const BlockDevice& image, const Table& table, unsigned number) {
  auto chosen = std::ranges::find(table.entries, static_cast<int>(number), &Partition::number);
  if (chosen == table.entries.end())
    return Error(Errc::NotFound, fmt::format("{} has no partition {}", image.path(), number));
  if (!chosen->range) return broken(image, number, "has no place that a disk could have");
  const ByteRange& range = *chosen->range;
  if (chosen->extended)
    return Error(Errc::Refused,
                 fmt::format("Partition {} of {} is an extended one: it only holds others, numbered from 5", number,
                             image.path()));
  if (range.length.n == 0) return broken(image, number, "is empty");
  if (range.end() > image.size())
    return broken(image, number, fmt::format("ends at {}, past the file's end at {}", range.end().n, image.size().n));
  if (overlap(range, table.start)) return broken(image, number, "lies on the partition table");
  if (table.end && overlap(range, *table.end))
    return broken(image, number, "lies on the backup of the partition table");
  for (const Partition& other : table.entries)
    if (&other != &*chosen && !other.extended && other.range && overlap(range, *other.range))
      return broken(image, number, fmt::format("overlaps partition {}", other.number));
  return range;
}

/// Nothing if there is no table for this sector size.
Result<std::optional<Table>> read_table(int fd, const std::string& name, Bytes size, unsigned sector_size) {
  Probe probe(::blkid_new_probe());
  if (!probe || ::blkid_probe_set_device(probe.get(), fd, 0, static_cast<blkid_loff_t>(size.n)) != 0 ||
      ::blkid_probe_set_sectorsize(probe.get(), sector_size) != 0 ||
      ::blkid_probe_enable_superblocks(probe.get(), 0) != 0 || ::blkid_probe_enable_partitions(probe.get(), 1) != 0)
    return Error(Errc::Io, "Cannot look for partitions of " + name + ": libblkid does not take it");
  blkid_partlist list = ::blkid_probe_get_partitions(probe.get());
  blkid_parttable header = list != nullptr ? ::blkid_partlist_get_table(list) : nullptr;
  const char* type = header != nullptr ? ::blkid_parttable_get_type(header) : nullptr;
  const bool gpt = type != nullptr && std::string_view(type) == "gpt";
  const int count = list != nullptr ? ::blkid_partlist_numof_partitions(list) : 0;
  // The MBR that protects a GPT of larger sectors is a list of nothing; and an MBR counts in sectors of 512 bytes.
  if (!gpt && (count == 0 || sector_size != kSectorSize)) return std::optional<Table>();
  // GPT: the protective MBR, the header and 16 KiB of entries, as the standard has them at least.
  Table table{.entries = {}, .start = {{0}, {gpt ? 2 * std::uint64_t{sector_size} + 16384 : sector_size}}, .end = {}};
  if (gpt) table.end = backup_of_gpt(fd, size, sector_size);
  for (int i = 0; i < count; ++i) {
    blkid_partition found = ::blkid_partlist_get_partition(list, i);
    if (found == nullptr) continue;
    table.entries.push_back({::blkid_partition_get_partno(found), ::blkid_partition_is_extended(found) != 0,
                             in_bytes(::blkid_partition_get_start(found), ::blkid_partition_get_size(found))});
  }
  return std::optional<Table>(std::move(table));
}

Result<std::optional<Table>> table_of(int fd, const std::string& name, Bytes size) {
  for (unsigned sector_size : {512U, 4096U})
    if (auto found = TRY(read_table(fd, name, size, sector_size))) return found;
  return std::optional<Table>();
}

/// libblkid reads any offset into any memory, which O_DIRECT does not take.
Result<UniqueFd> open_for_blkid(BlockDevice& image) {
  ASHLAR_REQUIRE(image.direct() != nullptr);
  SharedFd direct = TRY(image.direct()->lease(Mode::Read));
  return reopen(direct->get(), O_RDONLY, image.path());
}

}  // namespace

Result<ByteRange> partition_of(BlockDevice& image, unsigned number) {
  const UniqueFd fd = TRY(open_for_blkid(image));
  const std::optional<Table> table = TRY(table_of(fd.get(), image.path(), image.size()));
  if (!table || table->entries.empty())
    return Error(Errc::NotFound, image.path() + " has no partition table, or an empty one");
  return choose(image, *table, number);
}

Result<unsigned> partition_at(BlockDevice& image, ByteRange range) {
  const UniqueFd fd = TRY(open_for_blkid(image));
  const std::optional<Table> table = TRY(table_of(fd.get(), image.path(), image.size()));
  if (!table) return 0U;
  auto taken = [&](const std::string& by) {
    return Error(Errc::Refused, fmt::format("the bytes from {} to {} of {} overlap {}", range.start.n, range.end().n,
                                            image.path(), by));
  };
  const Partition* frame = nullptr;
  for (const Partition& entry : table->entries) {
    if (!entry.range || !overlap(range, *entry.range)) continue;
    if (entry.extended) {
      frame = &entry;
      continue;
    }
    const auto number = static_cast<unsigned>(entry.number);
    if (range == *entry.range && TRY(choose(image, *table, number)) == range) return number;
    return taken(fmt::format("partition {}; name it {}@p{}, or a range beside it", number, image.path(), number));
  }
  if (overlap(range, table->start)) return taken("its partition table");
  if (table->end && overlap(range, *table->end)) return taken("the backup of its partition table");
  if (frame != nullptr) return taken(fmt::format("partition {}, an extended one", frame->number));
  return 0U;
}

Result<std::vector<NumberedRange>> partitions_in(int fd, const std::string& name, Bytes size) {
  std::vector<NumberedRange> found;
  const std::optional<Table> table = TRY(table_of(fd, name, size));
  if (!table) return found;
  for (const Partition& entry : table->entries)
    if (entry.range && !entry.extended) found.push_back({entry.number, *entry.range});
  return found;
}

}  // namespace ashlar::device
