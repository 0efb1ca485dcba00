// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/guarded_source.h"

namespace ashlar::ops {

namespace {
class GuardedDevice final : public device::BlockDevice {
 public:
  GuardedDevice(device::BlockDevice& real, bool readable, std::unique_ptr<device::BlockDevice> own = {})
      : own_(std::move(own)), real_(real), readable_(readable) {}

  const std::string& path() const override { return real_.path(); }
  std::optional<device::DevNumber> number() const override { return real_.number(); }
  Bytes size() const override { return real_.size(); }
  Bytes block_size() const override { return real_.block_size(); }
  device::Topology topology() const override { return real_.topology(); }
  Status read(Bytes offset, std::span<std::byte> out) override { return real_.read(offset, out); }
  Status write(Bytes, std::span<const std::byte>) override {
    return Error(Errc::Unsupported,
                 real_.path() + ": this command writes to the device by itself, so it cannot be planned yet");
  }
  Status flush() override { return ok(); }
  Status unchanged() override { return real_.unchanged(); }
  Status open_for_writing() override { return readable_ ? ok() : real_.open_for_writing(); }
  device::BlockDevice& real() const { return real_; }
  // No direct(): batches of transfers must come through here too.

 private:
  std::unique_ptr<device::BlockDevice> own_;
  device::BlockDevice& real_;
  bool readable_;
};
}  // namespace

device::BlockDevice* GuardedSource::guard(device::BlockDevice* device) {
  auto& guarded = guards_[device];
  if (!guarded) {
    guarded = std::make_unique<GuardedDevice>(*device, readable_);
    behind_.emplace(guarded.get(), device);
  }
  return guarded.get();
}

std::unique_ptr<device::BlockDevice> GuardedSource::guard(std::unique_ptr<device::BlockDevice> device) {
  device::BlockDevice& real = *device;
  auto guarded = std::make_unique<GuardedDevice>(real, readable_, std::move(device));
  behind_.insert_or_assign(guarded.get(), &real);
  return guarded;
}

device::BlockDevice* GuardedSource::real(const device::BlockDevice& guarded) const { return behind_.at(&guarded); }

Result<device::DeviceSource::Candidates> GuardedSource::candidates() {
  Candidates found = TRY(real_.candidates());
  for (device::BlockDevice*& device : found.devices) device = guard(device);
  return found;
}

Result<device::BlockDevice*> GuardedSource::find(const std::string& path) { return guard(TRY(real_.find(path))); }

Status GuardedSource::claim(device::BlockDevice& device) { return real_.check_claim(*real(device)); }

Result<std::vector<device::DeviceSource::Signature>> GuardedSource::signatures(device::BlockDevice& device) {
  // A volume mapped onto guarded PVs is a device of its own, and reads through them.
  auto* guarded = dynamic_cast<GuardedDevice*>(&device);
  return real_.signatures(guarded != nullptr ? guarded->real() : device);
}

}  // namespace ashlar::ops
