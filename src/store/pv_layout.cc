// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/pv_layout.h"

#include <fmt/format.h>

#include <algorithm>

namespace ashlar::store {

namespace {
constexpr std::uint64_t kLabelBytes = disk::kLabelSectors * kSectorSize;
constexpr std::uint64_t kMinMdaPages = 8;
constexpr std::uint64_t kDefaultAlignment = 1 << 20;
constexpr std::uint64_t kLargest = std::uint64_t{1} << 62;  // sums of a few sizes below it cannot overflow

Error invalid(std::string message) { return Error(Errc::InvalidArgument, std::move(message)); }
Error no_space(std::string message) { return Error(Errc::NoSpace, std::move(message)); }

/// Sizes that the arithmetic below may use without a check.
Result<std::uint64_t> bounded(const char* what, Bytes size) {
  if (size.n > kLargest) return invalid(fmt::format("{} of {} bytes is larger than {}", what, size.n, kLargest));
  if (size.n % kSectorSize != 0)
    return invalid(fmt::format("{} of {} bytes is not a multiple of {}", what, size.n, kSectorSize));
  return size.n;
}

struct Alignment {
  std::uint64_t unit, offset;
};

/// Replaces the unit by what the device wants where it is no multiple of that.
void respect(std::uint64_t& unit, Bytes wanted) {
  std::uint64_t whole = to_bytes(to_sectors(wanted)).n;
  if (whole != 0 && whole <= kLargest && unit % whole != 0) unit = whole;
}

Result<Alignment> alignment_of(const PvLayoutRequest& request) {
  Alignment a{TRY(bounded("--dataalignment", request.data_alignment.value_or(Bytes{0}))), 0};
  if (a.unit == 0) {
    a.unit = TRY(bounded("devices/default_data_alignment", request.default_data_alignment));
    a.unit = std::max(a.unit == 0 ? kDefaultAlignment : a.unit, request.page_size.n);
    if (request.detect_alignment) {
      respect(a.unit, request.topology.minimum_io);
      respect(a.unit, request.topology.optimal_io);
    }
  }
  const char* origin = "--dataalignmentoffset";
  if (request.data_alignment_offset) {
    a.offset = TRY(bounded(origin, *request.data_alignment_offset));
  } else if (request.detect_offset) {
    origin = "the device's own alignment offset (--dataalignmentoffset overrules it)";
    a.offset = TRY(bounded(origin, to_bytes(to_sectors(request.topology.alignment_offset))));
  }
  if (a.offset > a.unit)
    return invalid(fmt::format("{} of {} bytes must not exceed the data alignment of {} bytes (--dataalignment)",
                               origin, a.offset, a.unit));
  return a;
}

/// Everything in bytes, as it is being placed. `limit` is where the first mda must end at the latest.
class Placement {
 public:
  Placement(const PvLayoutRequest& request, std::uint64_t size, Alignment align)
      : request_(request), size_(size), align_(align) {}

  Result<disk::Label> run() {
    TRY(start_data());
    if (request_.metadata_copies >= 1) TRY(first_mda());
    TRY(check_data());
    if (request_.metadata_copies >= 2) TRY(second_mda());
    label_.pv = request_.id;
    label_.sector = request_.label_sector;
    label_.device_size = {size_};
    label_.data_areas = {{{pe_start_}, {}}};
    if (ba_size_ != 0) label_.bootloader = {{{ba_start_}, {ba_size_}}};
    return std::move(label_);
  }

 private:
  Status start_data() {
    std::uint64_t start = align_.unit + align_.offset;
    if (request_.fixed) return fixed_data(*request_.fixed);
    if (start > size_)
      return no_space(
          fmt::format("a data alignment of {} bytes (--dataalignment) and an offset of {} bytes "
                      "(--dataalignmentoffset) must not exceed the device size of {} bytes",
                      align_.unit, align_.offset, size_));
    ba_start_ = pe_start_ = start;
    limit_ = size_;
    std::uint64_t wanted = TRY(bounded("--bootloaderareasize", request_.bootloader_size.value_or(Bytes{0})));
    if (wanted == 0) return ok();
    if (ba_start_ + wanted > size_)
      return no_space(
          fmt::format("a bootloader area of {} bytes (--bootloaderareasize) from byte {} must not exceed "
                      "the device size of {} bytes",
                      wanted, ba_start_, size_));
    ba_size_ = std::min(round_up(wanted, align_.unit), size_ - ba_start_);
    pe_start_ = ba_start_ + ba_size_;
    limit_ = size_ - ba_size_;
    return ok();
  }

  Status fixed_data(const PvLayoutRequest::Fixed& fixed) {
    if (fixed.pe_start.n == 0)
      return invalid("a PV whose data area starts at sector 0 (pe_start) has no room for a label");
    for (Sectors n : {fixed.pe_start, fixed.ba_start, fixed.ba_size, fixed.pe_end}) {
      if (n.n > kLargest / kSectorSize)
        return invalid(fmt::format("the restore file names sector {}: there is none", n.n));
    }
    pe_start_ = to_bytes(fixed.pe_start).n;
    pe_end_ = std::max(to_bytes(fixed.pe_end).n, pe_start_);
    if (pe_end_ > size_)
      return no_space(
          fmt::format("the extents of the PV end at byte {}, beyond the device size of {} bytes", pe_end_, size_));
    if (request_.bootloader_size.value_or(Bytes{}).n != 0)
      return invalid("--bootloaderareasize does not go with a restore file, which says where the areas lie");
    limit_ = pe_start_;
    if (fixed.ba_size.n == 0) return ok();
    ba_start_ = to_bytes(fixed.ba_start).n;
    ba_size_ = to_bytes(fixed.ba_size).n;
    if (ba_start_ + ba_size_ > pe_start_)
      return no_space(fmt::format("the bootloader area at {}+{} would overlap the data area that starts at byte {}",
                                  ba_start_, ba_size_, pe_start_));
    limit_ = ba_start_;
    return ok();
  }

  /// What is asked for each metadata area. Without --metadatasize a fixed data area leaves all in front of it.
  Result<std::uint64_t> wanted_mda() const {
    std::uint64_t wanted = TRY(bounded("--metadatasize", request_.metadata_size.value_or(Bytes{0})));
    if (wanted != 0) return wanted;
    if (request_.fixed) return pe_start_;
    return bounded("metadata/pvmetadatasize", request_.default_metadata_size);
  }

  Status first_mda() {
    std::uint64_t start = round_up(kLabelBytes, request_.page_size.n);
    std::uint64_t wanted = TRY(wanted_mda());
    if (start >= limit_) return too_small(0);
    std::uint64_t end = start + wanted;
    if (end > limit_) {
      std::uint64_t margin = 2 * align_.unit;  // leaves something for data and a second area
      bool shrink = !request_.fixed && limit_ > start + margin;
      end = shrink ? round_up(limit_ - margin, align_.unit) : limit_;
    } else {
      if (std::uint64_t up = round_up(end, align_.unit); up <= limit_) end = up;
      if (end % align_.unit == 0 && end + align_.offset <= limit_) end += align_.offset;
    }
    if (end - start < min_mda()) return too_small(end - start);
    label_.mdas.push_back({{start}, {end - start}});
    if (!request_.fixed) {
      ba_start_ = end;
      pe_start_ = end + ba_size_;
    }
    return ok();
  }

  /// At the end of the device, its start rounded down, behind the data as far as that is known.
  Status second_mda() {
    std::uint64_t wanted = TRY(wanted_mda());
    std::uint64_t lowest = request_.fixed ? pe_end_ : pe_start_;
    std::uint64_t start = wanted < size_ ? round_down(size_ - wanted, align_.unit) : 0;
    start = std::max(start, lowest);
    if (start >= size_)
      return no_space(
          fmt::format("there is no space for a second metadata area (--metadatacopies 2) "
                      "between byte {} and the device size of {} bytes",
                      lowest, size_));
    std::uint64_t real = request_.real_size.n == 0 ? size_ : request_.real_size.n;
    if (size_ > real)
      return no_space(
          fmt::format("the second metadata area (--metadatacopies 2) would end at byte {} "
                      "(--setphysicalvolumesize), but the device has {} bytes",
                      size_, real));
    if (size_ - start < min_mda()) return too_small(size_ - start);
    label_.mdas.push_back({{start}, {size_ - start}});
    return ok();
  }

  Status check_data() const {
    std::uint64_t first = ba_size_ != 0 ? std::min(ba_start_, pe_start_) : pe_start_;
    if (first < kLabelBytes)
      return no_space(
          fmt::format("data at byte {} would lie over the label: the first {} bytes are for it "
                      "(--dataalignment, --metadatacopies, or pe_start of the restore file)",
                      first, kLabelBytes));
    return ok();
  }

  std::uint64_t min_mda() const { return kMinMdaPages * request_.page_size.n; }
  Error too_small(std::uint64_t size) const {
    return no_space(
        fmt::format("Metadata area size too small: {} bytes. It must be at least {} bytes (--metadatasize, "
                    "--dataalignment, or pe_start of the restore file).",
                    size, min_mda()));
  }

  const PvLayoutRequest& request_;
  const std::uint64_t size_;
  const Alignment align_;
  disk::Label label_;
  std::uint64_t limit_ = 0;
  std::uint64_t ba_start_ = 0, ba_size_ = 0;
  std::uint64_t pe_start_ = 0, pe_end_ = 0;
};
}  // namespace

Result<disk::Label> pv_layout(const PvLayoutRequest& request) {
  if (request.label_sector >= disk::kLabelSectors)
    return invalid(fmt::format("label sector {} (--labelsector): must be less than {}", request.label_sector,
                               disk::kLabelSectors));
  if (request.metadata_copies > 2)
    return invalid(
        fmt::format("{} metadata areas (--metadatacopies): 0, 1 or 2 are possible", request.metadata_copies));
  ASHLAR_REQUIRE(is_power_of_two(request.page_size.n) && request.page_size.n >= kSectorSize &&
                 request.page_size.n <= kLargest / kMinMdaPages);
  std::uint64_t size = TRY(bounded("the device size", request.device_size));
  if (size < request.minimum_size.n)
    return no_space(fmt::format("a size of {} bytes is too small: at least {} bytes are needed (devices/pv_min_size)",
                                size, request.minimum_size.n));
  return Placement(request, size, TRY(alignment_of(request))).run();
}

}  // namespace ashlar::store
