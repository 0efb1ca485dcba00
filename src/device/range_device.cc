// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/range_device.h"

#include <fmt/core.h>

namespace ashlar::device {

namespace {

class RangeDevice final : public BlockDevice {
 public:
  RangeDevice(std::string name, std::shared_ptr<BlockDevice> image, ByteRange range, unsigned partition)
      : name_(std::move(name)), image_(std::move(image)), range_(range), partition_(partition) {}

  const std::string& path() const override { return name_; }
  std::optional<DevNumber> number() const override { return std::nullopt; }
  Bytes size() const override { return range_.length; }
  Bytes block_size() const override { return image_->block_size(); }
  Topology topology() const override { return image_->topology(); }
  Status read(Bytes offset, std::span<std::byte> out) override {
    TRY(bounded("read", offset, out.size()));
    return image_->read(range_.start + offset, out);
  }
  Status write(Bytes offset, std::span<const std::byte> in) override {
    TRY(bounded("write", offset, in.size()));
    return image_->write(range_.start + offset, in);
  }
  Status flush() override { return image_->flush(); }
  Result<Stretch> stretch(Bytes offset) override {
    if (offset >= range_.length) return Stretch{};
    Stretch found = TRY(image_->stretch(range_.start + offset));
    found.length = std::min(found.length, range_.length - offset);
    return found;
  }
  Status clear(Bytes offset, Bytes length) override {
    TRY(bounded("clear", offset, length.n));
    return image_->clear(range_.start + offset, length);
  }
  Status discard(Bytes offset, Bytes length) override {
    TRY(bounded("discard", offset, length.n));
    return image_->discard(range_.start + offset, length);
  }
  Status unchanged() override {
    TRY(image_->unchanged());
    if (Result<unsigned> now = partition_at(*image_, range_); now && *now == partition_) return ok();
    return Error(
        Errc::Refused,
        name_ + " is not what it was in the partition table when it was scanned: nothing more is written to it");
  }
  Status open_for_writing() override { return image_->open_for_writing(); }
  // No direct(): transfers on the file's own descriptor would not be held within the range.

 private:
  Status bounded(const char* what, Bytes offset, std::uint64_t length) const {
    std::optional<std::uint64_t> end = checked_add(offset.n, length);
    if (end && *end <= range_.length.n) return ok();
    return Error(Errc::InvalidArgument, fmt::format("Cannot {} {} bytes at {} of {}: past its end at {}", what, length,
                                                    offset.n, name_, range_.length.n));
  }

  std::string name_;
  std::shared_ptr<BlockDevice> image_;
  ByteRange range_;
  unsigned partition_;
};

}  // namespace

std::unique_ptr<BlockDevice> range_device(std::string name, std::shared_ptr<BlockDevice> image, ByteRange range,
                                          unsigned partition) {
  ASHLAR_REQUIRE(range.end() <= image->size() && range.start.n % kSectorSize == 0 && range.length.n % kSectorSize == 0);
  return std::make_unique<RangeDevice>(std::move(name), std::move(image), range, partition);
}

}  // namespace ashlar::device
