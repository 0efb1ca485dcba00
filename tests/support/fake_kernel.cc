// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/fake_kernel.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "activation/names.h"
#include "metadata/model/segment.h"

namespace ashlar::test {
namespace {

constexpr std::uint32_t kDmMajor = FakeKernel::kMajor;

std::string print_table(const std::vector<dm::Target>& table) {
  std::vector<std::string> lines;
  for (const dm::Target& target : table)
    lines.push_back(fmt::format("{} {} {} {}", target.start.n, target.length.n, dm::target_type(target.params),
                                dm::print_params(target.params, [](const std::string& uuid) { return uuid; })));
  return fmt::format("{}", fmt::join(lines, " / "));
}

struct MappedRun {
  dm::DevNumber on;
  std::uint64_t start, end;
};

std::vector<MappedRun> runs(const std::vector<dm::Target>& table) {
  std::vector<MappedRun> found;
  const auto add = [&](const dm::Below& below, std::uint64_t length) {
    if (const auto* number = std::get_if<dm::DevNumber>(&below.device))
      found.push_back({*number, below.offset.n, below.offset.n + length});
  };
  for (const dm::Target& target : table)
    std::visit(overloaded{[&](const dm::LinearTarget& t) { add(t.area, target.length.n); },
                          [&](const dm::StripedTarget& t) {
                            for (const dm::Below& area : t.areas) add(area, target.length.n / t.areas.size());
                          },
                          [](const dm::UnbackedTarget&) {}, [](const dm::ForeignTarget&) {}},
               target.params);
  return found;
}

}  // namespace

/// The same phases as on the real kernel (src/activation/dm_change.cc), in memory.
class FakeChange final : public dm::Preloaded {
 public:
  FakeChange(FakeKernel& kernel, dm::Phases phases)
      : kernel_(kernel), phases_(std::move(phases)), epoch_(kernel.epoch_) {}
  ~FakeChange() override {
    if (finished_ || epoch_ != kernel_.epoch_) return;
    kernel_.in_flight_ = false;
    static_cast<void>(undo().ok());
  }

  Status begin() {
    for (const dm::Touched& touched : phases_.touched) {
      const FakeKernel::FakeDevice& device = kernel_.devices_.at(touched.wanted.uuid);
      was_suspended_.push_back(device.suspended);
      if (device.inactive) TRY(kernel_.clear(device.uuid));  // left by a command that was interrupted
      const FakeKernel::Table wanted{touched.wanted.table, touched.wanted.read_only};
      if (touched.reload && device.live != wanted) TRY(kernel_.load(device.uuid, touched.wanted));
    }
    for (const dm::Touched& touched : phases_.touched) TRY(kernel_.suspend(touched.wanted.uuid));
    return ok();
  }

  Status undo() {
    finished_ = true;
    std::vector<std::string> failures;
    const auto note = [&](const Status& status) {
      if (!status.ok()) failures.push_back(status.error().message());
    };
    for (std::size_t i = was_suspended_.size(); i-- > 0;) {
      const FakeKernel::FakeDevice& device = kernel_.devices_.at(phases_.touched[i].wanted.uuid);
      if (device.inactive) note(kernel_.clear(device.uuid));
      if (device.suspended && !was_suspended_[i]) note(kernel_.resume(device.uuid));
    }
    if (failures.empty()) return ok();
    return Error(Errc::Partial, fmt::format("{}", fmt::join(failures, "; ")));
  }

  Status finish() override {
    ASHLAR_REQUIRE(!finished_);
    finished_ = true;
    if (epoch_ != kernel_.epoch_) return Error(Errc::Interrupted, "the program was killed before");
    kernel_.in_flight_ = false;
    try {
      return carry_on();
    } catch (const std::bad_alloc&) {
      for (const dm::Touched& touched : phases_.touched) kernel_.devices_.at(touched.wanted.uuid).suspended = false;
      throw;
    }
  }

 private:
  Status carry_on() {
    std::vector<std::string> problems;
    const auto note = [&](const Status& status) {
      if (!status.ok()) problems.push_back(status.error().message());
    };
    for (const dm::Remove& step : phases_.first) note(kernel_.remove(step.uuid));
    for (const dm::Touched& touched : phases_.touched) {
      if (touched.renamed()) note(kernel_.rename(touched.wanted.uuid, touched.wanted));
      const std::string& uuid = touched.wanted.uuid;
      const Status resumed = kernel_.resume(uuid);
      // The table says nothing of read-ahead: libdevmapper sets it with the resume.
      if (touched.reload && touched.wanted.read_ahead) kernel_.devices_.at(uuid).read_ahead = touched.wanted.read_ahead;
      if (resumed.ok()) continue;
      note(resumed);
      if (kernel_.resume(uuid).ok()) continue;
      note(kernel_.clear(uuid));
      note(kernel_.resume(uuid));
    }
    for (const dm::Create& step : phases_.creates) note(kernel_.create(step));
    for (const dm::Remove& step : phases_.last) note(kernel_.remove(step.uuid));
    if (problems.empty()) return ok();
    return Error(Errc::Partial, fmt::format("{}", fmt::join(problems, "; ")));
  }

  FakeKernel& kernel_;
  dm::Phases phases_;
  std::vector<bool> was_suspended_;
  std::size_t epoch_;
  bool finished_ = false;
};

bool FakeKernel::nothing_suspended() const {
  return std::none_of(devices_.begin(), devices_.end(), [](const auto& each) { return each.second.suspended; });
}

const FakeKernel::FakeDevice* FakeKernel::find(const std::string& name) const {
  for (const auto& [uuid, device] : devices_)
    if (device.name == name) return &device;
  return nullptr;
}

FakeKernel::FakeDevice& FakeKernel::at(const std::string& name) {
  const FakeDevice* found = find(name);
  ASHLAR_REQUIRE(found != nullptr);
  return devices_.at(found->uuid);
}

Status FakeKernel::idle(const char* what) const {
  if (!in_flight_) return ok();
  return Error(Errc::InvalidArgument, fmt::format("{} between preload and finish", what));
}

namespace {
/// All but the table.
dm::ActiveDevice shown(const std::string& uuid, const FakeKernel::FakeDevice& device) {
  dm::ActiveDevice each;
  each.device.name = device.name;
  each.device.uuid = uuid;
  each.device.read_only = device.live && device.live->read_only;
  each.device.vg_name = device.vg_name;
  each.device.lv_name = device.lv_name;
  each.info = {.number = device.number,
               .open_count = device.opens,
               .suspended = device.suspended,
               .read_only = each.device.read_only,
               .live_table = device.live.has_value(),
               .inactive_table = device.inactive.has_value(),
               .read_ahead = device.read_ahead.value_or(256)};
  return each;
}
}  // namespace

Result<std::vector<dm::ActiveDevice>> FakeKernel::active(const Uuid& vg) {
  TRY(idle("active()"));
  std::vector<dm::ActiveDevice> found;
  const std::string prefix = std::string(dm::kUuidPrefix).append(vg.raw());
  for (const auto& [uuid, device] : devices_) {
    if (!uuid.starts_with(prefix)) continue;
    found.push_back(shown(uuid, device));
    if (device.live) found.back().device.table = device.live->targets;
  }
  tables_read_ += found.size();
  return found;
}

Result<std::vector<dm::ActiveDevice>> FakeKernel::active_of(const Uuid& vg, std::span<const Uuid> lvs) {
  const std::size_t before = tables_read_;
  std::vector<dm::ActiveDevice> found = TRY(Kernel::active_of(vg, lvs));
  tables_read_ = before + found.size();
  return found;
}

Result<std::vector<std::string>> FakeKernel::active_uuids(const Uuid& vg) {
  const std::size_t before = tables_read_;
  std::vector<std::string> uuids = TRY(Kernel::active_uuids(vg));
  tables_read_ = before;
  return uuids;
}

Result<std::vector<dm::ActiveDevice>> FakeKernel::list() {
  TRY(idle("list()"));
  TRY(available());
  std::vector<dm::ActiveDevice> found;
  for (const auto& [uuid, device] : devices_) found.push_back(shown(uuid, device));
  return found;
}

Result<std::unordered_map<std::string, std::string>> FakeKernel::names() {
  TRY(idle("names()"));
  std::unordered_map<std::string, std::string> uuids;
  for (const auto& [uuid, device] : devices_) uuids.emplace(device.name, uuid);
  return uuids;
}

Status FakeKernel::available() {
  if (available_) return ok();
  return Error(Errc::Unsupported, "The device-mapper driver is not in the kernel.");
}

Result<std::string> FakeKernel::driver_version() {
  TRY(available());
  return std::string("4.47.0");
}

Result<std::unique_ptr<dm::Preloaded>> FakeKernel::preload(const dm::Change& change) {
  TRY(idle("preload()"));
  if (!change.empty()) TRY(available());
  dm::Phases steps = TRY(dm::phases(change));
  TRY(dm::locate(steps, [&](const std::string& uuid) -> std::optional<dm::DevNumber> {
    const auto found = devices_.find(uuid);
    if (found == devices_.end()) return std::nullopt;
    return found->second.number;
  }));
  TRY(check(steps));
  TRY(check_maps(steps));
  auto started = std::make_unique<FakeChange>(*this, std::move(steps));
  const Status begun = started->begin();
  if (begun.ok()) {
    in_flight_ = true;
    return std::unique_ptr<dm::Preloaded>(std::move(started));
  }
  const Status undone = started->undo();
  if (undone.ok()) return begun.error();
  return Error(Errc::Partial, begun.error().message() + "; and undoing it failed: " + undone.error().message());
}

Status FakeKernel::check(const dm::Phases& phases) const {
  std::set<std::string> freed;
  for (const dm::Remove& step : phases.first) freed.insert(step.uuid);
  for (const dm::Touched& touched : phases.touched)
    if (touched.renamed()) freed.insert(touched.wanted.uuid);
  const auto name_free = [&](const std::string& name) {
    const FakeDevice* holder = find(name);
    return holder == nullptr || freed.count(holder->uuid) != 0;
  };
  for (const dm::Touched& touched : phases.touched) {
    const auto found = devices_.find(touched.wanted.uuid);
    if (found == devices_.end() || found->second.name != touched.current_name)
      return Error(Errc::NotFound, touched.current_name + ": no such device");
    if (touched.renamed() && !name_free(touched.wanted.name))
      return Error(Errc::Exists, touched.wanted.name + ": the name is taken");
  }
  for (const dm::Create& step : phases.creates) {
    if (devices_.count(step.device.uuid) != 0) return Error(Errc::Exists, step.device.name + ": the UUID is active");
    if (!name_free(step.device.name)) return Error(Errc::Exists, step.device.name + ": the name is taken");
  }
  for (const std::vector<dm::Remove>* removes : {&phases.first, &phases.last})
    for (const dm::Remove& step : *removes) {
      const auto found = devices_.find(step.uuid);
      if (found != devices_.end() && found->second.opens > 0)
        return Error(Errc::Busy, fmt::format("Logical volume {}/{} in use.", step.vg_name, step.lv_name));
    }
  return ok();
}

/// Looks at the tables as they will be when the change is done.
Status FakeKernel::check_maps(const dm::Phases& phases) const {
  std::map<std::string, const std::vector<dm::Target>*> tables;
  for (const auto& [uuid, device] : devices_)
    if (device.live) tables[uuid] = &device.live->targets;
  for (const dm::Touched& touched : phases.touched)
    if (touched.reload) tables[touched.wanted.uuid] = &touched.wanted.table;
  for (const dm::Create& step : phases.creates) tables[step.device.uuid] = &step.device.table;
  for (const std::vector<dm::Remove>* removes : {&phases.first, &phases.last})
    for (const dm::Remove& step : *removes) tables.erase(step.uuid);

  std::map<dm::DevNumber, std::vector<MappedRun>> by_device;
  for (const auto& [uuid, table] : tables)
    for (const MappedRun& run : runs(*table)) by_device[run.on].push_back(run);
  for (auto& [number, mapped] : by_device) {
    if (number.major == kDmMajor) continue;  // devices below may be shared: nothing is known of them here
    const auto size = backing_.find(number);
    if (size == backing_.end())
      return Error(Errc::InvalidArgument, fmt::format("no backing device {}:{}", number.major, number.minor));
    std::sort(mapped.begin(), mapped.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
    std::uint64_t end = 0;
    for (const MappedRun& run : mapped) {
      if (run.end > size->second.n)
        return Error(Errc::InvalidArgument, fmt::format("{}:{} ends at {}, a table wants sectors up to {}",
                                                        number.major, number.minor, size->second.n, run.end));
      if (run.start < end)
        return Error(Errc::InvalidArgument,
                     fmt::format("two tables map sector {} of {}:{}", run.start, number.major, number.minor));
      end = run.end;
    }
  }
  return ok();
}

Status FakeKernel::operation(const std::string& what) {
  trace_.push_back(what);
  if (++operations_ != fail_at_) return ok();
  trace_.back() += " (failed)";
  return Error(Errc::Io, what + ": injected failure");
}

Status FakeKernel::create(const dm::Create& step) {
  const dm::Device& wanted = step.device;
  TRY(operation(fmt::format("create {}: {}", wanted.name, print_table(wanted.table))));
  if (find(wanted.name) != nullptr || devices_.count(wanted.uuid) != 0)
    return Error(Errc::Exists, wanted.name + ": name or UUID exists");
  std::set<std::uint32_t> minors;
  for (const auto& [uuid, device] : devices_) minors.insert(device.number.minor);
  std::uint32_t minor = 0;
  while (minors.count(minor) != 0) ++minor;
  if (wanted.fixed) minor = wanted.fixed->minor;
  if (minors.count(minor) != 0) return Error(Errc::Busy, wanted.name + ": the minor is taken");
  FakeDevice device{wanted.name, wanted.uuid, wanted.vg_name, wanted.lv_name, {kDmMajor, minor}};
  device.live = Table{wanted.table, wanted.read_only};
  device.read_ahead = wanted.read_ahead;
  devices_.emplace(wanted.uuid, std::move(device));
  return ok();
}

Status FakeKernel::load(const std::string& uuid, const dm::Device& wanted) {
  FakeDevice& device = devices_.at(uuid);
  TRY(operation(fmt::format("load {}: {}", device.name, print_table(wanted.table))));
  device.inactive = Table{wanted.table, wanted.read_only};
  return ok();
}

Status FakeKernel::suspend(const std::string& uuid) {
  FakeDevice& device = devices_.at(uuid);
  if (device.suspended) return ok();
  TRY(operation("suspend " + device.name));
  if (!device.live) return Error(Errc::InvalidArgument, device.name + ": suspended without a table");
  device.suspended = true;
  return ok();
}

Status FakeKernel::resume(const std::string& uuid) {
  FakeDevice& device = devices_.at(uuid);
  TRY(operation("resume " + device.name));
  if (!device.inactive && !device.live) return Error(Errc::InvalidArgument, device.name + ": resumed without a table");
  if (device.inactive && device.live && !device.suspended)
    return Error(Errc::InvalidArgument, device.name + ": its table changed without a suspend");
  if (device.inactive) device.live = std::exchange(device.inactive, std::nullopt);
  device.suspended = false;
  return ok();
}

Status FakeKernel::rename(const std::string& uuid, const dm::Device& wanted) {
  FakeDevice& device = devices_.at(uuid);
  TRY(operation(fmt::format("rename {} to {}", device.name, wanted.name)));
  if (find(wanted.name) != nullptr) return Error(Errc::Exists, wanted.name + ": the name is taken");
  device.name = wanted.name;
  device.vg_name = wanted.vg_name;
  device.lv_name = wanted.lv_name;
  return ok();
}

Status FakeKernel::clear(const std::string& uuid) {
  FakeDevice& device = devices_.at(uuid);
  TRY(operation("clear " + device.name));
  device.inactive.reset();
  return ok();
}

Status FakeKernel::remove(const std::string& uuid) {
  const auto found = devices_.find(uuid);
  if (found == devices_.end()) return ok();
  TRY(operation("remove " + found->second.name));
  if (found->second.opens > 0) return Error(Errc::Busy, found->second.name + ": it is open");
  if (found->second.suspended) return Error(Errc::InvalidArgument, found->second.name + ": removed while suspended");
  for (const auto& [other, device] : devices_)
    if (device.live)
      for (const MappedRun& run : runs(device.live->targets))
        if (run.on == found->second.number)
          return Error(Errc::Busy, found->second.name + ": " + device.name + " lies on it");
  devices_.erase(found);
  return ok();
}

}  // namespace ashlar::test
