// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/image_partition.h"

#include <blkid/blkid.h>
#include <fcntl.h>
#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/log.h"
#include "device/direct_access.h"

namespace ashlar::device {

namespace {

struct FreeProbe {
  void operator()(blkid_probe p) const { ::blkid_free_probe(p); }
};
using Probe = std::unique_ptr<std::remove_pointer_t<blkid_probe>, FreeProbe>;

/// A partition as the table has it. Nothing is checked yet but that the numbers fit.
struct Entry {
  int number;
  bool extended;
  ByteRange range;
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
  return Error(Errc::Corrupt, fmt::format("Partition {} of {} {}; look at it with: sfdisk --verify {}", number, image.path(), what, image.path()));
}

/// The one that is asked for, after comparing it with all others.
Result<ByteRange> choose(const BlockDevice& image, blkid_partlist list, unsigned number, std::uint64_t table_end) {
  std::optional<Entry> chosen;
  std::vector<Entry> others;
  const int count = ::blkid_partlist_numof_partitions(list);
  for (int i = 0; i < count; ++i) {
    blkid_partition found = ::blkid_partlist_get_partition(list, i);
    if (found == nullptr) continue;
    const int own = ::blkid_partition_get_partno(found);
    auto range = in_bytes(::blkid_partition_get_start(found), ::blkid_partition_get_size(found));
    if (own == static_cast<int>(number) && !range) return broken(image, number, "has no place that a disk could have");
    if (!range) continue;
    Entry entry{own, ::blkid_partition_is_extended(found) != 0, *range};
    if (own == static_cast<int>(number))
      chosen = entry;
    else if (!entry.extended)
      others.push_back(entry);
  }
  if (!chosen) return Error(Errc::NotFound, fmt::format("{} has no partition {}", image.path(), number));
  const ByteRange& range = chosen->range;
  if (chosen->extended)
    return Error(Errc::Refused, fmt::format("Partition {} of {} is an extended one: it only holds others, numbered from 5", number, image.path()));
  if (range.length.n == 0) return broken(image, number, "is empty");
  if (range.end() > image.size())
    return broken(image, number, fmt::format("ends at {}, past the file's end at {}", range.end().n, image.size().n));
  if (range.start.n < table_end) return broken(image, number, "lies on the partition table");
  for (const Entry& other : others)
    if (overlap(range, other.range)) return broken(image, number, fmt::format("overlaps partition {}", other.number));
  return range;
}

/// Nothing if there is no table for this sector size.
Result<std::optional<ByteRange>> find_in_table(BlockDevice& image, int fd, unsigned number, unsigned sector_size) {
  Probe probe(::blkid_new_probe());
  if (!probe || ::blkid_probe_set_device(probe.get(), fd, 0, static_cast<blkid_loff_t>(image.size().n)) != 0 ||
      ::blkid_probe_set_sectorsize(probe.get(), sector_size) != 0 || ::blkid_probe_enable_superblocks(probe.get(), 0) != 0 ||
      ::blkid_probe_enable_partitions(probe.get(), 1) != 0)
    return Error(Errc::Io, "Cannot look for partitions of " + image.path() + ": libblkid does not take it");
  blkid_partlist list = ::blkid_probe_get_partitions(probe.get());
  // The MBR that protects a GPT of larger sectors is a list of nothing.
  if (list == nullptr || ::blkid_partlist_numof_partitions(list) == 0) return std::optional<ByteRange>();
  // GPT: the protective MBR, the header and 16 KiB of entries, as the standard has them at least.
  blkid_parttable table = ::blkid_partlist_get_table(list);
  const char* type = table != nullptr ? ::blkid_parttable_get_type(table) : nullptr;
  const bool gpt = type != nullptr && std::string_view(type) == "gpt";
  if (!gpt && sector_size != kSectorSize) return std::optional<ByteRange>();  // an MBR counts in sectors of 512 bytes
  const std::uint64_t table_end = gpt ? 2 * std::uint64_t{sector_size} + 16384 : sector_size;
  return std::optional<ByteRange>(TRY(choose(image, list, number, table_end)));
}

}  // namespace

Result<ByteRange> partition_of(BlockDevice& image, unsigned number) {
  ASHLAR_REQUIRE(image.direct() != nullptr);
  // libblkid reads any offset into any memory, which O_DIRECT does not take.
  SharedFd direct = TRY(image.direct()->lease(Mode::Read));
  UniqueFd fd = TRY(reopen(direct->get(), O_RDONLY, image.path()));
  for (unsigned sector_size : {512U, 4096U})
    if (auto found = TRY(find_in_table(image, fd.get(), number, sector_size))) return *found;
  return Error(Errc::NotFound, image.path() + " has no partition table, or an empty one");
}

}  // namespace ashlar::device
