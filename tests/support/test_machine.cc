// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/test_machine.h"

#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <utility>

namespace ashlar::test {

namespace {
/// Lends what the machine owns to a System that owns its parts.
class LentDevices final : public device::DeviceSource {
 public:
  LentDevices(DeviceSource& to, const std::vector<Signature>& of_lvs, const std::map<std::string, std::string>& made,
              const std::vector<Rule>& rules, std::function<void()>& before_scan)
      : to_(to), of_lvs_(of_lvs), made_(made), rules_(rules), before_scan_(before_scan) {}
  Result<Candidates> candidates() override {
    if (before_scan_) before_scan_();
    return to_.candidates();
  }
  Result<device::BlockDevice*> find(const std::string& path) override { return to_.find(path); }
  Status claim(device::BlockDevice& d) override { return to_.claim(d); }
  Status check_claim(device::BlockDevice& d) override { return to_.check_claim(d); }
  void unclaim(device::BlockDevice& d) override { to_.unclaim(d); }
  std::vector<Rule> rules(const std::string&) override { return rules_; }
  Result<std::vector<Signature>> signatures(device::BlockDevice& d) override {
    if (dynamic_cast<RamDisk*>(&d) != nullptr) return to_.signatures(d);
    const auto made = made_.find(d.path());  // an active LV
    if (!of_lvs_.empty() || made == made_.end()) return of_lvs_;
    return std::vector<Signature>{{made->second, {1080}, {2}}};
  }

 private:
  DeviceSource& to_;
  const std::vector<Signature>& of_lvs_;
  const std::map<std::string, std::string>& made_;
  const std::vector<Rule>& rules_;
  std::function<void()>& before_scan_;
};

class LentKernel final : public dm::Kernel {
 public:
  LentKernel(Kernel& to, RamMachine& disks) : to_(to), disks_(disks) {}
  Result<std::vector<dm::ActiveDevice>> active(const Uuid& vg) override { return to_.active(vg); }
  Result<std::vector<dm::ActiveDevice>> active_of(const Uuid& vg, std::span<const Uuid> lvs) override {
    return to_.active_of(vg, lvs);
  }
  Result<std::vector<std::string>> active_uuids(const Uuid& vg) override { return to_.active_uuids(vg); }
  Result<std::vector<dm::ActiveDevice>> list() override { return to_.list(); }
  Result<std::unordered_map<std::string, std::string>> names() override { return to_.names(); }
  /// Device-mapper opens disks exclusively: not those that somebody claims.
  Result<std::unique_ptr<dm::Preloaded>> preload(const dm::Change& c) override {
    for (std::size_t i = 0; !c.empty() && i < disks_.disk_count(); ++i) {
      if (disks_.disk(i).claimed())
        return Error(Errc::Busy, disks_.disk(i).path() + " is claimed, so no device can lie on it");
    }
    return to_.preload(c);
  }
  Status available() override { return to_.available(); }
  Result<std::string> driver_version() override { return to_.driver_version(); }

 private:
  Kernel& to_;
  RamMachine& disks_;
};

class LentArchive final : public archive::Archive {
 public:
  explicit LentArchive(Archive& to) : to_(to) {}
  Status save_before(const std::string& vg, const std::string& text) override { return to_.save_before(vg, text); }
  Status save_current(const std::string& vg, const std::string& text) override { return to_.save_current(vg, text); }
  Status remove_backup(const std::string& vg) override { return to_.remove_backup(vg); }
  Result<std::vector<archive::Entry>> list(const std::string& vg) override { return to_.list(vg); }
  Result<std::vector<std::string>> vg_names() override { return to_.vg_names(); }
  Result<std::string> backup_path(const std::string& vg) override { return to_.backup_path(vg); }
  Result<std::string> read(const archive::Entry& entry) override { return to_.read(entry); }

 private:
  Archive& to_;
};

class LentRandom final : public Random {
 public:
  explicit LentRandom(Random& to) : to_(to) {}
  void fill(char* bytes, std::size_t count) override { to_.fill(bytes, count); }

 private:
  Random& to_;
};

/// Grants every lock, and lets somebody in before it is granted.
class LateLocks final : public lock::Locks {
 public:
  LateLocks(std::function<void()>& before, std::multiset<std::string>& held) : before_(before), held_(held) {}
  Result<lock::Held> global(lock::Mode) override { return granted({}); }
  Result<lock::Held> vg(const std::string& name, lock::Mode) override { return granted(name); }

 private:
  struct Granted final : lock::Lock {
    Granted(std::multiset<std::string>& in, const std::string& name) : held(in), at(in.insert(name)) {}
    ~Granted() override { held.erase(at); }
    std::multiset<std::string>& held;
    std::multiset<std::string>::iterator at;
  };
  lock::Held granted(const std::string& name) {
    if (auto once = std::exchange(before_, {})) once();
    return std::make_unique<Granted>(held_, name);
  }
  std::function<void()>& before_;
  std::multiset<std::string>& held_;
};

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false, any = false;
  for (char c : line) {
    if (c == '\'') {
      quoted = !quoted;
      any = true;
    } else if (c == ' ' && !quoted) {
      if (any) words.push_back(word);
      word.clear();
      any = false;
    } else {
      word += c;
      any = true;
    }
  }
  if (any) words.push_back(word);
  return words;
}
}  // namespace

Status MemoryArchive::save_before(const std::string& vg_name, const std::string& text) {
  if (auto call = std::exchange(on_save, nullptr)) call();
  if (fail) return Error(Errc::NoSpace, "/etc/lvm/archive: No space left on device", ENOSPC);
  archives[vg_name].push_back(text);
  return ok();
}
Status MemoryArchive::save_current(const std::string& vg_name, const std::string& text) {
  if (fail) return Error(Errc::NoSpace, "/etc/lvm/backup: No space left on device", ENOSPC);
  backups[vg_name] = text;
  return ok();
}
Status MemoryArchive::remove_backup(const std::string& vg_name) {
  backups.erase(vg_name);
  return ok();
}
Result<std::vector<archive::Entry>> MemoryArchive::list(const std::string& vg_name) {
  std::vector<archive::Entry> entries;
  std::uint32_t index = 0;
  for (std::size_t i = 0; i < archives[vg_name].size(); ++i, ++index)
    entries.push_back({"/memory/archive/" + vg_name + "_" + std::to_string(index) + ".vg", vg_name, index, false});
  if (backups.contains(vg_name)) entries.push_back({"/memory/" + vg_name, vg_name, 0, true});
  return entries;
}
Result<std::vector<std::string>> MemoryArchive::vg_names() {
  std::set<std::string> names;
  for (const auto& [name, texts] : archives) names.insert(name);
  for (const auto& [name, text] : backups) names.insert(name);
  return std::vector<std::string>(names.begin(), names.end());
}
Result<std::string> MemoryArchive::read(const archive::Entry& entry) {
  if (entry.is_backup && !backups.contains(entry.vg_name)) return Error(Errc::NotFound, entry.path, ENOENT);
  if (entry.is_backup) return backups[entry.vg_name];
  if (entry.index >= archives[entry.vg_name].size()) return Error(Errc::NotFound, entry.path);
  return archives[entry.vg_name][entry.index];
}
Result<std::string> MemoryArchive::backup_path(const std::string& vg_name) { return directory + "/" + vg_name; }

TestMachine::TestMachine(const TestMachine& before, const Crash& crash)
    : disks(before.disks.reopen(crash)), time(before.time) {}

TestMachine& TestMachine::disk(const std::string& path, Bytes size, Bytes block_size) {
  dm::DevNumber number{8, static_cast<std::uint32_t>(disks.disk_count() * 16)};
  disks.add(path, size, block_size, number);
  kernel.add_backing(number, to_sectors(size));
  return *this;
}

Result<ops::System> TestMachine::system(const ops::SystemOptions& options) {
  config::Document settings =
      TRY(config::parse_config_option(lvm_conf + (lvm_conf.empty() ? "" : "\n") + options.command_line_config));
  for (std::size_t i = 0; i < disks.disk_count(); ++i) disks.unclaim(disks.disk(i));  // those of the process before
  waits_for_udev = !options.no_udev_sync;
  ops::System sys;
  sys.settings.add_layer(std::move(settings));
  sys.devices = std::make_unique<LentDevices>(disks, lv_signatures, made, rules, before_scan);
  if (options.no_locking || !ops::lock_read_only(sys, options))
    sys.locks = std::make_unique<LateLocks>(on_lock, locked);
  sys.archive = std::make_unique<LentArchive>(archive);
  sys.ask_kernel = !options.no_kernel && sys.settings.flag("global/activation");
  sys.kernel = sys.ask_kernel ? std::make_unique<LentKernel>(kernel, disks) : dm::no_kernel();
  sys.random = std::make_unique<LentRandom>(random_);
  ops::SystemIds ids = TRY(ops::system_ids(sys.settings, host));
  sys.host = {host, "Linux " + host + " 1 #1 x86_64", std::move(ids), FakeKernel::kMajor};
  sys.now = [this] { return time; };
  sys.conduct = options.conduct;
  sys.run_dir = run_dir;
  sys.run_program = [this](const std::vector<std::string>& arguments) -> Status {
    programs.push_back(arguments);
    if (on_program) on_program();
    if (program_failure) return *program_failure;
    const std::string& program = arguments.front();
    if (mkfs_makes && (program.starts_with("mkfs.") || program == "mkswap"))
      made[arguments.back()] = program == "mkswap" ? "swap" : program.substr(5);
    return ok();
  };
  sys.open_lv = [this](const std::string& name) -> Result<std::unique_ptr<device::BlockDevice>> {
    if (kernel.find(name) == nullptr) return Error(Errc::NotFound, "/dev/mapper/" + name + " is not there");
    auto lv = std::make_unique<RamMachine>();
    lv->add("/dev/mapper/" + name, {1 << 20});
    struct Owner final : device::BlockDevice {
      explicit Owner(std::unique_ptr<RamMachine> m) : machine(std::move(m)) {}
      device::BlockDevice& d() const { return machine->disk(0); }
      const std::string& path() const override { return d().path(); }
      std::optional<device::DevNumber> number() const override { return d().number(); }
      Bytes size() const override { return d().size(); }
      Bytes block_size() const override { return d().block_size(); }
      device::Topology topology() const override { return d().topology(); }
      Status read(Bytes o, std::span<std::byte> s) override { return d().read(o, s); }
      Status write(Bytes o, std::span<const std::byte> s) override { return d().write(o, s); }
      Status flush() override { return d().flush(); }
      Status unchanged() override { return d().unchanged(); }
      std::unique_ptr<RamMachine> machine;
    };
    return std::unique_ptr<device::BlockDevice>(std::make_unique<Owner>(std::move(lv)));
  };
  return sys;
}

cli::Program TestMachine::program(Ran& ran) {
  return {
      .out = [&ran](std::string_view text) { ran.out += text; },
      .err = [&ran](std::string_view text) { ran.err += text; },
      .make_system = [this](const ops::SystemOptions& options) { return system(options); },
      .set_umask = [&ran](unsigned mask) { ran.umask = mask; },
      .out_on_terminal = out_on_terminal,
  };
}

Ran TestMachine::run(std::string_view line, std::optional<std::string> answer, bool separate_report) {
  Ran ran;
  cli::Program process = program(ran);
  process.read_answer = [answer] { return answer; };
  process.read_stdin = [this]() -> Result<std::string> { return input; };
  if (separate_report) process.report = [&ran](std::string_view text) { ran.report += text; };
  ran.status = cli::run(words_of(line), process);
  return ran;
}

Ran TestMachine::shell(std::string_view lines) {
  Ran ran;
  std::istringstream in{std::string(lines)};
  cli::Program process = program(ran);
  process.read_line = [&in](const std::string&) -> std::optional<std::string> {
    std::string line;
    return std::getline(in, line) ? std::optional(line) : std::nullopt;
  };
  ran.status = cli::run({"lvm"}, process);
  return ran;
}

std::string TestMachine::must(std::string_view line) {
  Ran ran = run(line);
  EXPECT_EQ(ran.status, 0) << line << "\n" << ran.out << ran.err;
  return ran.out;
}

store::Picture TestMachine::look() {
  auto scan = store::scan(disks);
  EXPECT_TRUE(scan.ok());
  return store::consensus(std::move(scan).value());
}

VolumeGroup TestMachine::vg(const std::string& name) {
  store::Picture picture = look();
  auto found = store::find_vg(picture, name);
  EXPECT_TRUE(found.ok()) << name;
  return found.ok() ? (*found)->vg : VolumeGroup{};
}

std::vector<VolumeGroup> vgs_of(const store::Picture& picture) {
  std::vector<VolumeGroup> vgs;
  for (const store::VgState& state : picture.vgs) {
    vgs.push_back(state.vg);
    for (PhysicalVolume& pv : vgs.back().pvs) pv.device.clear();
  }
  return vgs;
}

}  // namespace ashlar::test
