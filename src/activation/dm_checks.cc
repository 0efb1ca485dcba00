// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <sstream>
#include <thread>
#include <unordered_set>

#include "activation/dm_change.h"
#include "base/system_file.h"
#include "device/device_users.h"
#include "metadata/model/segment.h"

namespace ashlar::dm {
namespace {

// What LVM2 does with retry_deactivation: udev's own probing closes the device soon.
constexpr int kRetries = 25;
constexpr auto kRetryDelay = std::chrono::milliseconds(200);

/// "vg0/data", or the device's own name for one that is not an LV's.
std::string lv_label(const Remove& step) {
  return step.lv_name.empty() ? step.name : step.vg_name + "/" + step.lv_name;
}

class Checker {
 public:
  Checker(DmLog& log, const Present& present, bool retry, Phases& phases)
      : log_(log), present_(present), retry_(retry), phases_(phases) {
    for (const std::vector<Remove>* removes : {&phases_.first, &phases_.last})
      for (const Remove& step : *removes)
        if (const auto found = present_.by_uuid.find(step.uuid); found != present_.by_uuid.end())
          going_.insert(fmt::format("dm-{}", found->second.number.minor));
    for (const Remove& step : phases_.first) freed_.insert(step.uuid);
    for (const Touched& touched : phases_.touched)
      if (touched.renamed()) freed_.insert(touched.wanted.uuid);
    for (const auto& [uuid, listed] : present_.by_uuid) minors_.insert(listed.number.minor);
  }

  Status run() {
    for (const Touched& touched : phases_.touched) TRY(check_touched(touched));
    for (const Create& step : phases_.creates) TRY(check_create(step));
    for (std::vector<Remove>* removes : {&phases_.first, &phases_.last}) {
      std::erase_if(*removes, [&](const Remove& step) { return present_.by_uuid.count(step.uuid) == 0; });
      for (const Remove& step : *removes) TRY(check_remove(step));
    }
    return ok();
  }

 private:
  Status check_name_free(const std::string& name) const {
    const auto holder = present_.uuid_by_name.find(name);
    if (holder == present_.uuid_by_name.end() || freed_.count(holder->second) != 0) return ok();
    return Error(Errc::Exists, fmt::format("The device-mapper name {} is taken by the device with UUID \"{}\".", name,
                                           printable(holder->second)));
  }

  /// Linux checks that a new table of an existing device fits what it lies on when it is resumed, not when it is
  /// loaded. That would be after the commit.
  Status check_fits(const Device& device) {
    const auto check = [&](const Below& below, Sectors length) -> Status {
      const auto* number = std::get_if<DevNumber>(&below.device);
      if (number == nullptr) return ok();
      const std::optional<Sectors> size = size_of(*number);
      if (!size || below.offset + length <= *size) return ok();
      return Error(Errc::InvalidArgument,
                   fmt::format("{}: its table needs {} sectors of device {}:{}, which has {}", device.name,
                               below.offset.n + length.n, number->major, number->minor, size->n));
    };
    for (const Target& target : device.table) {
      TRY(std::visit(overloaded{[&](const LinearTarget& t) { return check(t.area, target.length); },
                                [&](const StripedTarget& t) -> Status {
                                  for (const Below& area : t.areas) TRY(check(area, target.length / t.areas.size()));
                                  return ok();
                                },
                                [](const UnbackedTarget&) { return ok(); }, [](const ForeignTarget&) { return ok(); }},
                     target.params));
    }
    return ok();
  }

  std::optional<Sectors> size_of(DevNumber number) {
    if (const auto known = sizes_.find(number); known != sizes_.end()) return known->second;
    std::istringstream in(system_file(fmt::format("/sys/dev/block/{}:{}/size", number.major, number.minor)));
    Sectors size;
    std::optional<Sectors> found;
    if (in >> size.n) found = size;
    sizes_.emplace(number, found);
    return found;
  }

  Status check_touched(const Touched& touched) {
    const auto found = present_.by_uuid.find(touched.wanted.uuid);
    if (found == present_.by_uuid.end())
      return Error(Errc::NotFound, touched.current_name + ": no device-mapper device with UUID " + touched.wanted.uuid);
    if (found->second.name != touched.current_name)
      return Error(Errc::NotFound, touched.current_name + " is called " + printable(found->second.name) + " by now");
    if (touched.renamed()) TRY(check_name_free(touched.wanted.name));
    return touched.reload ? check_fits(touched.wanted) : ok();
  }

  Status check_create(const Create& step) {
    if (present_.by_uuid.count(step.device.uuid) != 0)
      return Error(Errc::Exists, step.device.name + ": a device-mapper device with its UUID is active already");
    TRY(check_name_free(step.device.name));
    if (step.device.fixed && minors_.count(step.device.fixed->minor) != 0)
      return Error(Errc::Busy, fmt::format("{}: the minor number {} that it asks for is taken.", step.device.name,
                                           step.device.fixed->minor));
    return check_fits(step.device);
  }

  /// Those that have it open apart from devices that go away before it.
  Result<std::int32_t> open_by_others(const std::string& uuid, DevNumber number) const {
    const State state = TRY(device_state(log_, uuid));
    std::int32_t count = state.open_count;
    std::error_code error;
    const std::string holders = fmt::format("/sys/dev/block/{}:{}/holders", number.major, number.minor);
    for (const auto& holder : std::filesystem::directory_iterator(holders, error))
      if (going_.count(holder.path().filename().string()) != 0) --count;
    return count;
  }

  Status check_remove(const Remove& step) const {
    const DevNumber number = present_.by_uuid.at(step.uuid).number;
    for (int i = 0; TRY(open_by_others(step.uuid, number)) > 0; ++i) {
      const std::vector<std::string> users = device::device_users({}, number);
      // A mount or a device on top stays; an open without a name may be a program that is about to end.
      if (users.empty() && retry_ && i < kRetries) {
        std::this_thread::sleep_for(kRetryDelay);
        continue;
      }
      return Error(Errc::Busy, fmt::format("Logical volume {} in use.{}", lv_label(step),
                                           users.empty() ? "" : fmt::format(" It is {}.", fmt::join(users, ", "))));
    }
    return ok();
  }

  DmLog& log_;
  const Present& present_;
  bool retry_;
  Phases& phases_;
  std::unordered_set<std::string> going_;  ///< kernel names of devices to be removed
  std::unordered_set<std::string> freed_;  ///< UUIDs of devices that leave their names
  std::unordered_set<std::uint32_t> minors_;
  std::map<DevNumber, std::optional<Sectors>> sizes_;
};

}  // namespace

Result<Present> present_devices(const std::string& dev_dir) {
  Present present;
  for (Listed& each : TRY(list_devices(dev_dir))) {
    present.uuid_by_name.emplace(each.name, each.uuid);
    std::string uuid = each.uuid;
    present.by_uuid.emplace(std::move(uuid), std::move(each));
  }
  return present;
}

Status check_phases(DmLog& log, const Present& present, bool retry, Phases& phases) {
  return Checker(log, present, retry, phases).run();
}

}  // namespace ashlar::dm
