// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/scanner.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/log.h"
#include "device/direct_device.h"
#include "device/filter.h"
#include "device/names.h"
#include "device/parallel.h"
#include "device/partitions.h"

namespace ashlar::device {

namespace {

constexpr std::string_view kDrivers[] = {
    "aoe",     "ataraid",  "bcache", "blkext", "cciss",     "dac960", "dasd", "device-mapper",
    "drbd",    "emcpower", "fio",    "gnbd",   "i2o_block", "ida",    "ide",  "iseries/vd",
    "loop",    "md",       "mdp",    "mmc",    "mtip32xx",  "nbd",    "nvme", "power2",
    "ps3disk", "ramdisk",  "rbd",    "scm",    "sd",        "skd",    "ubd",  "vdisk",
    "virtblk", "vtms",     "VxDMP",  "xvd",    "zram",      "zvol"};

/// Opening is quick unless a disk sleeps or is gone; then a few threads keep one from holding up the others.
constexpr std::size_t kOpeners = 4;
constexpr std::size_t kManyDevices = 16;

/// How often a suspended device is looked at, and when it is told that somebody waits.
constexpr std::chrono::milliseconds kLookAgain{10};
constexpr std::chrono::seconds kSilence{2};

struct Candidate {
  DevNumber number;
  std::vector<std::string> names;
  std::string reason;       ///< why it is no candidate, before its bytes were looked at
  std::string data_reason;  ///< the same from its first bytes, as last read
  bool tried = false;       ///< to open it
  std::unique_ptr<BlockDevice> device;
  std::optional<Error> open_error;
};

struct Filters {
  RegexFilter global, local;
  std::vector<Regex> preferred;
};

class Machine final : public MachineSource {
 public:
  Machine(ScanOptions options, Filters filters)
      : MachineSource(options.host), options_(std::move(options)), filters_(std::move(filters)) {}

  Result<Candidates> candidates() override;
  Result<BlockDevice*> find(const std::string& path) override;
  Status admit(const std::string& path) override;
  std::vector<Rejected> rejected() const override;
  std::vector<Rule> rules(const std::string& path) override;

 private:
  void list();
  std::string judge_names(std::vector<std::string>& names) const;
  std::string judge(const Candidate& entry) const;
  std::string judge_dm(const SysDevice& device) const;
  void await_resumed(const Candidate& entry) const;
  bool is_lv(const Candidate& entry) const;
  void open(Candidate& entry);
  bool is_listed(const Candidate& entry) const {
    return options_.listed == nullptr || options_.listed->allows(entry.number);
  }
  Result<Candidate*> named(const std::string& path);
  Result<std::string> judge_bytes(Candidate& entry, std::span<const std::byte> first) const;
  std::string driver(DevNumber number) const;

  ScanOptions options_;
  Filters filters_;
  bool listed_ = false;
  SysBlock sys_;
  std::map<std::uint32_t, std::string> drivers_;
  std::set<std::string> wwids_;
  std::shared_ptr<FdPool> pool_;
  std::shared_ptr<FdPool> pool_of_lvs_;  ///< idle ones are closed after a scan: an LV that is open is in use
  std::vector<Candidate> entries_;       ///< by number; does not grow once listed, so pointers to its devices hold
};

std::string Machine::driver(DevNumber number) const {
  auto it = drivers_.find(number.major);
  return it == drivers_.end() ? "" : it->second;
}

/// May move another name to the front: the one that a filter accepts is the one that is used.
std::string Machine::judge_names(std::vector<std::string>& names) const {
  struct Sieve {
    const RegexFilter& filter;
    const char* setting;
  };
  for (Sieve step : {Sieve{filters_.global, "devices/global_filter"}, Sieve{filters_.local, "devices/filter"}}) {
    RegexFilter::Verdict verdict = step.filter.judge(names);
    if (!verdict.accepted) return fmt::format("device is rejected by filter config ({})", step.setting);
    if (verdict.name) {
      auto accepted = names.begin() + static_cast<std::ptrdiff_t>(*verdict.name);
      std::rotate(names.begin(), accepted, accepted + 1);
    }
  }
  return {};
}

std::string Machine::judge_dm(const SysDevice& device) const {
  const bool passed_over = options_.ignore_suspended && is_suspended(host(), device);
  const char* suspended = passed_over ? "device is suspended (devices/ignore_suspended_devices is 1)" : "";
  if (!device.dm_uuid.starts_with("LVM-")) return suspended;
  constexpr std::size_t kLvUuid = 4 + 64;  // "LVM-", VG id, LV id; a suffix marks what LVM2 keeps for itself
  if (device.dm_uuid.size() > kLvUuid) return "device is an internal device of an LV";
  if (!options_.scan_lvs) return "device is an LV (devices/scan_lvs is 0)";
  return suspended;
}

std::string Machine::judge(const Candidate& entry) const {
  if (!drivers_.empty() && !is_known_driver(driver(entry.number), options_.types))
    return fmt::format("device has an unknown type (driver {})", driver(entry.number));
  if (!sys_.present) return {};
  const SysDevice* here = sys_.find(entry.number);
  if (here == nullptr) return options_.sysfs_scan ? "device is not in " + host().sys : "";
  if (here->is_dm())
    if (std::string reason = judge_dm(*here); !reason.empty()) return reason;
  auto is_part = [&](const std::set<DevNumber>& parts) {
    return parts.contains(entry.number) || (here->disk && parts.contains(*here->disk));
  };
  if (options_.multipath_component_detection) {
    if (is_part(sys_.multipath_parts)) return "device is a multipath component";
    const SysDevice* disk = here->disk ? sys_.find(*here->disk) : here;
    if (!wwids_.empty() && disk != nullptr && !disk->is_dm() && wwids_.contains(multipath_wwid(host(), disk->name)))
      return fmt::format("device is a multipath component (its WWID is in {})", host().multipath_wwids);
  }
  if (!here->partitions.empty()) return "device is partitioned";
  if (options_.md_component_detection && is_part(sys_.md_parts)) return "device is an md component";
  return {};
}

void Machine::list() {
  if (listed_) return;
  listed_ = true;
  drivers_ = read_block_drivers(host());
  if (options_.multipath_component_detection) wwids_ = read_wwids(host());
  for (const NamedDevice& found : find_block_devices(options_.scan)) {
    Candidate entry{.number = found.number, .names = ordered_names(found, filters_.preferred, host().dev)};
    entry.reason = judge_names(entry.names);
    entries_.push_back(std::move(entry));
  }
  std::vector<DevNumber> numbers;
  for (const Candidate& entry : entries_)
    if (entry.reason.empty()) numbers.push_back(entry.number);
  sys_ = read_sys_block(host(), numbers);
  for (Candidate& entry : entries_)
    if (entry.reason.empty()) entry.reason = judge(entry);
  if (options_.listed) {
    std::vector<HereDevice> here;
    for (const Candidate& entry : entries_) here.push_back({entry.number, entry.names});
    options_.listed->match(host(), std::move(here));
  }
  auto wanted = std::ranges::count_if(entries_, [](const Candidate& e) { return e.reason.empty(); });
  pool_ = make_fd_pool(static_cast<std::size_t>(wanted));
  pool_of_lvs_ = make_fd_pool(static_cast<std::size_t>(wanted));
}

bool Machine::is_lv(const Candidate& entry) const {
  const SysDevice* here = sys_.find(entry.number);
  return here != nullptr && here->dm_uuid.starts_with("LVM-");
}

/// A suspended device is not a missing one: its table is being changed, and a read would wait in the kernel for the
/// end of that, where no signal ends it and nobody can tell why.
void Machine::await_resumed(const Candidate& entry) const {
  const SysDevice* here = sys_.find(entry.number);
  if (here == nullptr || !here->is_dm()) return;
  using Clock = std::chrono::steady_clock;
  std::optional<Clock::time_point> tell = Clock::now() + kSilence;
  for (; is_suspended(host(), *here); std::this_thread::sleep_for(kLookAgain)) {
    if (!tell || Clock::now() < *tell) continue;
    tell.reset();
    log(LogLevel::Warning,
        fmt::format("Waiting for {}, which device-mapper has suspended. dmsetup resume ends that; with "
                    "devices/ignore_suspended_devices=1 the device is passed over.",
                    entry.names.front()));
  }
}

/// Touches only its own entry, so that several threads may do several entries.
void Machine::open(Candidate& entry) {
  if (entry.tried || !entry.reason.empty()) return;
  entry.tried = true;
  Result<std::unique_ptr<BlockDevice>> device = open_device(entry.names.front(), {is_lv(entry) ? pool_of_lvs_ : pool_});
  if (device.ok()) {
    if (device.value()->size() < Bytes{std::max<std::uint64_t>(options_.pv_min_size_kib, 1) << 10})
      entry.reason = "device is too small (pv_min_size)";
    else
      entry.device = std::move(device).value();
    return;
  }
  int err = device.error().sys_errno();
  if (err == ENXIO || err == ENOMEDIUM) {
    entry.reason = "there is no medium in it";
  } else {
    entry.reason = "device cannot be opened";
    entry.open_error = std::move(device).error();
  }
}

Result<std::string> Machine::judge_bytes(Candidate& entry, std::span<const std::byte> first) const {
  if (TRY(has_partition_table(*entry.device, first)) &&
      may_be_partitioned(host(), sys_.find(entry.number), driver(entry.number)))
    return std::string("device is partitioned");
  if (options_.md_component_detection)
    if (auto version = md_superblock_at_start(first))
      return fmt::format("device is an md component (superblock {})", *version);
  return std::string();
}

Result<DeviceSource::Candidates> Machine::candidates() {
  list();
  const bool many = entries_.size() >= kManyDevices;
  in_parallel(entries_.size(), many ? kOpeners : 1, [&](std::size_t i) {
    if (is_listed(entries_[i])) open(entries_[i]);
  });
  Candidates read;
  std::vector<Candidate*> opened;
  std::size_t denied = 0;  // an ordinary user may open none of them: one sentence is enough
  for (Candidate& entry : entries_) {
    if (!is_listed(entry)) continue;
    if (entry.open_error && entry.open_error->sys_errno() == EACCES && denied++ > 0) continue;
    if (entry.open_error) read.problems.push_back(entry.open_error->message());
    if (!entry.device) continue;
    await_resumed(entry);
    opened.push_back(&entry);
    read.devices.push_back(entry.device.get());
  }
  if (denied > 1)
    read.problems.push_back(fmt::format(
        "{} more devices cannot be opened: permission denied. Run it as root, or name image files with --image",
        denied - 1));
  read_first_bytes(read);
  Candidates accepted;
  accepted.problems = std::move(read.problems);
  for (std::size_t i = 0; i < opened.size(); ++i) {
    Result<std::string> reason = judge_bytes(*opened[i], read.first[i]);
    if (!reason.ok()) accepted.problems.push_back(reason.error().message());
    opened[i]->data_reason = reason.ok() ? reason.value() : "device cannot be read";
    if (!opened[i]->data_reason.empty()) continue;
    accepted.devices.push_back(read.devices[i]);
    accepted.first.push_back(std::move(read.first[i]));
  }
  pool_of_lvs_->close_idle();
  return accepted;
}

Result<Candidate*> Machine::named(const std::string& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0 || !S_ISBLK(st.st_mode)) return no_device(path);
  DevNumber number{gnu_dev_major(st.st_rdev), gnu_dev_minor(st.st_rdev)};
  list();
  auto it = std::ranges::lower_bound(entries_, number, {}, &Candidate::number);
  if (it == entries_.end() || it->number != number) return no_device(path);
  return &*it;
}

Status Machine::admit(const std::string& path) {
  const Candidate* entry = TRY(named(path));
  if (options_.listed) options_.listed->admit(entry->number);
  return ok();
}

Result<BlockDevice*> Machine::find(const std::string& path) {
  Candidate* it = TRY(named(path));
  if (!is_listed(*it))
    return Error(Errc::Refused,
                 fmt::format("Cannot use {0}: device is not in devices file {1}: lvmdevices --adddev {0} "
                             "lists it there",
                             printable(path), printable(options_.listed->path())));
  open(*it);
  if (it->open_error) return Error(*it->open_error);
  auto refused = [&](const std::string& reason) {
    return Error(Errc::Refused, fmt::format("Cannot use {}: {}", printable(path), reason));
  };
  if (!it->reason.empty()) return refused(it->reason);
  await_resumed(*it);
  std::vector<std::byte> first(std::min(kFirstBytes, it->device->size()).n);
  TRY(it->device->read({0}, first));
  it->data_reason = TRY(judge_bytes(*it, first));
  if (!it->data_reason.empty()) return refused(it->data_reason);
  return it->device.get();
}

std::vector<DeviceSource::Rule> Machine::rules(const std::string& path) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0 || !S_ISBLK(st.st_mode)) return {};
  list();
  const DevNumber number{gnu_dev_major(st.st_rdev), gnu_dev_minor(st.st_rdev)};
  auto it = std::ranges::lower_bound(entries_, number, {}, &Candidate::number);
  if (it == entries_.end() || it->number != number) return {};
  if (options_.listed != nullptr && options_.listed->limits()) {  // filters do not count then
    const DeviceEntry* entry = options_.listed->entry_of(number);
    return {{options_.listed->path(), is_listed(*it), entry != nullptr ? entry_line(*entry, "none") : "", 0}};
  }
  std::vector<Rule> rules;
  for (const auto& [filter, setting] :
       {std::pair{&filters_.global, "devices/global_filter"}, std::pair{&filters_.local, "devices/filter"}}) {
    const RegexFilter::Verdict verdict = filter->judge(it->names);
    const bool decided = verdict.pattern.has_value();
    rules.push_back(
        {setting, verdict.accepted, decided ? filter->pattern(*verdict.pattern) : "", verdict.pattern.value_or(0)});
  }
  return rules;
}

std::vector<Rejected> Machine::rejected() const {
  std::vector<Rejected> all;
  for (const Candidate& entry : entries_) {
    const std::string& reason = entry.reason.empty() ? entry.data_reason : entry.reason;
    if (!reason.empty())
      all.push_back({entry.names, reason});
    else if (!is_listed(entry))
      all.push_back({entry.names, "device is not in devices file"});
  }
  return all;
}

}  // namespace

bool is_known_driver(std::string_view driver, const std::vector<std::string>& extra) {
  auto known = [&](std::string_view name) { return is_driver(driver, name); };
  return std::ranges::any_of(kDrivers, known) || std::ranges::any_of(extra, known);
}

Result<std::unique_ptr<MachineSource>> machine_source(ScanOptions options) {
  Filters filters;
  filters.global = TRY(RegexFilter::compile(options.global_filter, "devices/global_filter"));
  filters.local = TRY(RegexFilter::compile(options.filter, "devices/filter"));
  for (const std::string& pattern : options.preferred_names) {
    Result<Regex> regex = Regex::compile(pattern);
    if (!regex.ok()) return std::move(regex).error().context("devices/preferred_names");
    filters.preferred.push_back(std::move(regex).value());
  }
  return std::unique_ptr<MachineSource>(std::make_unique<Machine>(std::move(options), std::move(filters)));
}

}  // namespace ashlar::device
