// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/devices_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <span>

#include "archive/archive.h"
#include "archive/temp_file.h"
#include "base/crc32.h"
#include "base/log.h"
#include "base/unique_fd.h"
#include "lock/directory.h"
#include "ops/system.h"
#include "ops/transaction.h"

namespace ashlar::ops {

namespace {
std::string read_if_there(const std::string& path, bool& there, Status& failed) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  there = static_cast<bool>(fd);
  std::string text;
  if (!fd) {
    if (errno != ENOENT && errno != ENOTDIR) failed = errno_error("Reading " + path);
    return text;
  }
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0 || !S_ISREG(st.st_mode)) {
    failed = Error(Errc::Corrupt, path + " is no regular file");
    return text;
  }
  char chunk[16384];
  while (text.size() <= device::kMaxDevicesFile) {
    ssize_t n = retry_eintr([&] { return ::read(fd.get(), chunk, sizeof chunk); });
    if (n < 0) failed = errno_error("Reading " + path);
    if (n <= 0) break;
    text.append(chunk, static_cast<std::size_t>(n));
  }
  return text;
}

Result<device::DevicesFile> load(const std::string& path, bool& there) {
  Status failed;
  std::string text = read_if_there(path, there, failed);
  TRY(std::move(failed));
  return device::parse_devices_file(text).context(path);
}

/// "Sun Nov 22 01:30:32 2026", in the host's time.
std::string date(std::uint64_t seconds) {
  std::time_t at = static_cast<std::time_t>(seconds);
  std::tm local{};
  char text[64];
  if (::localtime_r(&at, &local) == nullptr || std::strftime(text, sizeof text, "%a %b %e %H:%M:%S %Y", &local) == 0)
    return "?";
  return text;
}

/// Held while the file is read and written anew.
Result<UniqueFd> take_lock(const std::string& directory, const std::string& name, bool wait) {
  UniqueFd at = TRY(lock::open_lock_directory(directory));
  UniqueFd fd(::openat(at.get(), name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return errno_error("Opening the lock file " + directory + "/" + name);
  int done = wait ? retry_eintr([&] { return ::flock(fd.get(), LOCK_EX); }) : ::flock(fd.get(), LOCK_EX | LOCK_NB);
  if (done == 0) return fd;
  if (errno == EWOULDBLOCK) return Error(Errc::Busy, "the devices file is locked by another command");
  return errno_error("Locking " + directory + "/" + name);
}
}  // namespace

DevicesRegister::DevicesRegister(Options options, std::string path, bool exists, device::DevicesFile file)
    : options_(std::move(options)),
      path_(std::move(path)),
      exists_(exists),
      listed_(std::make_shared<device::ListedDevices>(std::move(file), exists && !options_.all_devices, path_)) {}

Result<std::unique_ptr<DevicesRegister>> DevicesRegister::open(Options options) {
  if (options.name.empty() || options.name.find('/') != std::string::npos || options.name.starts_with('.') ||
      options.name.size() > 128)
    return Error(Errc::InvalidArgument, "Invalid devices file name.");
  std::string path = options.directory + "/" + options.name;
  bool there = false;
  device::DevicesFile file = TRY(load(path, there));
  return std::unique_ptr<DevicesRegister>(
      new DevicesRegister(std::move(options), std::move(path), there, std::move(file)));
}

void DevicesRegister::put(const device::BlockDevice& device, const Uuid& pv) {
  if (auto number = device.number()) put(*number, pv);
}

bool DevicesRegister::put(device::DevNumber number, const std::optional<Uuid>& pv, const std::string& type) {
  const device::DeviceEntry* known = listed_->entry_of(number);
  std::string wanted = type.empty() && known != nullptr ? known->id_type : type;
  std::optional<device::DeviceEntry> entry = listed_->make_entry(number, wanted, pv);
  if (!entry) return false;
  if (known != nullptr && known->same_id(*entry)) entry->extra = known->extra;
  edits_.push_back({Edit::Kind::Put, known != nullptr ? *known : *entry, std::move(*entry)});
  return true;
}

void DevicesRegister::note_pv(const device::BlockDevice& device, const std::optional<Uuid>& pv) {
  auto number = device.number();
  const device::DeviceEntry* known = number ? listed_->entry_of(*number) : nullptr;
  if (known == nullptr) return;
  device::DeviceEntry now = *known;
  now.pv = pv;
  edits_.push_back({Edit::Kind::Correct, *known, std::move(now)});
}

void DevicesRegister::correct() {
  for (device::ListedDevices::Correction& each : listed_->corrections())
    edits_.push_back({Edit::Kind::Correct, std::move(each.was), std::move(each.now)});
}

const device::DeviceEntry* DevicesRegister::lasting_id(const store::FoundPv& pv) const {
  auto number = pv.device != nullptr ? pv.device->number() : std::nullopt;
  if (!number || (!exists_ && edits_.empty())) return nullptr;
  const device::DeviceEntry* entry = listed_->entry_of(*number);
  for (const Edit& edit : edits_) {
    if (edit.kind == Edit::Kind::Put && edit.now.pv == pv.label.pv) entry = &edit.now;
  }
  return entry != nullptr && entry->id_type != device::kDevnameId ? entry : nullptr;
}

void DevicesRegister::apply(device::DevicesFile& file) const {
  auto& entries = file.entries;
  for (const Edit& edit : edits_) {
    auto same = [&](const device::DeviceEntry& e) { return e.same_id(edit.was); };
    if (edit.kind == Edit::Kind::Drop) {
      auto at = std::find_if(entries.begin(), entries.end(), same);
      if (at != entries.end()) entries.erase(at);
    } else if (edit.kind == Edit::Kind::Correct) {
      auto at = std::find_if(entries.begin(), entries.end(), same);
      if (at != entries.end()) *at = edit.now;
    } else {
      std::erase_if(entries, [&](const device::DeviceEntry& e) {
        return same(e) || e.same_id(edit.now) || (e.id_type == device::kDevnameId && e.id_name == edit.now.name);
      });
      entries.push_back(edit.now);
    }
  }
}

std::vector<std::string> DevicesRegister::differences() const {
  const std::vector<device::DeviceEntry>& before = listed_->file().entries;
  device::DevicesFile file = listed_->file();
  apply(file);
  std::vector<std::string> all;
  auto has = [](const std::vector<device::DeviceEntry>& entries, const device::DeviceEntry& entry) {
    return std::find(entries.begin(), entries.end(), entry) != entries.end();
  };
  for (const device::DeviceEntry& entry : before)
    if (!has(file.entries, entry))
      all.push_back(printable("Take off the devices file: " + device::entry_line(entry, "none")) + ".");
  for (const device::DeviceEntry& entry : file.entries)
    if (!has(before, entry))
      all.push_back(printable("List in the devices file: " + device::entry_line(entry, "none")) + ".");
  return all;
}

std::string DevicesRegister::state() const {
  if (!exists_) return fmt::format("The devices file {} is not there", path_);
  const device::DevicesFile& file = listed_->file();
  std::string text;
  for (const device::DeviceEntry& entry : file.entries) text += device::entry_line(entry) + "\n";
  return fmt::format("The devices file {} has been written {} times and has {} entries, of checksum {:08x}", path_,
                     file.version ? file.version->counter : 0, file.entries.size(),
                     crc32(std::as_bytes(std::span(text))));
}

Status DevicesRegister::replace(const std::string& text, Random& random) const {
  if (::mkdir(options_.directory.c_str(), 0700) != 0 && errno != EEXIST)
    return errno_error("Making " + options_.directory);
  UniqueFd directory(::open(options_.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return errno_error("Opening " + options_.directory);
  archive::TempFile file = TRY(archive::TempFile::create(directory.get(), random));
  TRY(file.fill(text));
  TRY(file.replace(options_.name));
  return archive::sync_directory(directory.get());
}

Result<bool> DevicesRegister::write(const Author& author, Random& random, bool patient,
                                    std::vector<std::string>& notes) {
  if (edits_.empty()) return false;
  if (!exists_ && !options_.named && !options_.by_hand && vgs_seen_) {
    notes.push_back("WARNING: Not creating system devices file due to existing VGs.");
    edits_.clear();
    return false;
  }
  UniqueFd lock;
  if (!options_.lock_directory.empty()) {
    auto taken = take_lock(options_.lock_directory, "D_" + options_.name, patient && options_.wait);
    if (!taken && !patient && taken.error().code() == Errc::Busy) return false;
    lock = TRY(std::move(taken));
  }
  bool there = false;
  device::DevicesFile file = TRY(load(path_, there));
  device::DevicesFile before = file;
  TRY(device::check_writable(file));
  if (held_ && file != listed_->file())
    return Error(Errc::Refused, path_ + " has changed since the plan was made; nothing was changed, make a new plan");
  apply(file);
  edits_.clear();
  if (file == before) return false;
  if (!file.version) file.version = device::DevicesFile::Version();
  writes_ = ++file.version->counter;
  file.system_id = author.system_id;
  const std::string text =
      print_devices_file(file, fmt::format("{} pid {} at {}", author.command, ::getpid(), date(author.time)));
  TRY(replace(text, random).context("writing the devices file " + path_));
  if (!there && !options_.by_hand && !options_.named)
    notes.push_back("WARNING: Creating devices file " + path_ +
                    ": from now on only the devices that it lists are used.");
  exists_ = true;
  return true;
}

void write_device_ids(const System& sys, const std::vector<store::FoundPv>& present, VolumeGroup& vg) {
  for (const store::FoundPv& found : present) {
    auto pv =
        std::find_if(vg.pvs.begin(), vg.pvs.end(), [&](const PhysicalVolume& p) { return p.id == found.label.pv; });
    if (pv == vg.pvs.end()) continue;
    const device::DeviceEntry* id = sys.devices_file ? sys.devices_file->lasting_id(found) : nullptr;
    pv->device_id_type = id != nullptr ? id->id_type : "";
    pv->device_id = id != nullptr ? id->id_name : "";
  }
}

DevicesRegister::Author devices_author(const System& sys) {
  const std::string& line = sys.conduct.command_line;
  return {line.substr(0, line.find(' ')), sys.host.system_ids.own, sys.now()};
}

Result<store::Scan> scan_devices(System& sys) {
  if (sys.devices_file == nullptr) return store::scan(*sys.devices);
  device::ListedDevices& listed = sys.devices_file->listed();
  constexpr int kLooks = 4;  // as listed; on all devices, once; without those that are not meant
  for (int look = 1;; ++look) {
    store::Scan scan = TRY(store::scan(*sys.devices));
    std::map<device::DevNumber, std::optional<Uuid>> seen;
    for (const device::BlockDevice* device : scan.read)
      if (auto number = device->number()) seen[*number].reset();
    for (const store::FoundPv& pv : scan.pvs)
      if (auto number = pv.device->number()) seen[*number] = pv.label.pv;
    if (listed.settle(seen, sys.devices_file->searches()) && look < kLooks) continue;
    if (!scan.versions.empty()) sys.devices_file->see_vgs();
    auto once = [&](const std::string& what) {
      if (sys.warned.insert(what).second) log(LogLevel::Warning, what);
    };
    for (const std::string& what : listed.absent()) once(what);
    if (listed.limits() && !sys.devices_file->by_hand())
      for (const auto& correction : listed.corrections()) once(correction.sentence);
    return scan;
  }
}

void admit_devices(System& sys, const std::vector<std::string>& paths) {
  if (sys.devices_file == nullptr) return;
  for (const std::string& path : paths) {
    if (!sys.devices->admit(path)) continue;
    if (sys.transaction == nullptr) continue;
    if (auto device = sys.devices->find(path); device.ok()) sys.transaction->take_in(**device);
  }
}

void write_devices_file(System& sys, std::vector<std::string>& notes) {
  if (sys.devices_file == nullptr || sys.conduct.test || sys.transaction != nullptr) return;
  auto written = sys.devices_file->write(devices_author(sys), *sys.random, true, notes);
  if (!written)
    notes.push_back("WARNING: the devices file " + sys.devices_file->path() +
                    " does not say so yet (lvmdevices --adddev does it): " + written.error().message());
}

Status correct_devices_file(System& sys) {
  if (sys.devices_file == nullptr || sys.conduct.test || !sys.devices_file->limits() || sys.devices_file->by_hand())
    return ok();
  std::vector<std::string> notes;
  sys.devices_file->correct();
  auto written = sys.devices_file->write(devices_author(sys), *sys.random, false, notes);
  return written ? ok() : Status(std::move(written).error());
}

}  // namespace ashlar::ops
