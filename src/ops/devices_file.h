// SPDX-License-Identifier: LGPL-2.1-or-later
// The devices file that a command uses (devices/use_devicesfile, --devicesfile): read when the command starts, written
// at its end with what became of PVs. Two programs take turns by LVM2's lock file. Source: docs/format.md 7.3.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "device/listed.h"
#include "metadata/model/volume_group.h"
#include "store/scan.h"

namespace ashlar::ops {

struct System;

class DevicesRegister {
 public:
  struct Options {
    std::string directory;       ///< of devices files: /etc/lvm/devices
    std::string name;            ///< system.devices
    std::string lock_directory;  ///< global/locking_dir; D_NAME in it. Empty: no lock is taken
    bool wait = true;            ///< for that lock
    bool named = false;          ///< by --devicesfile: made even where there are VGs
    bool all_devices = false;    ///< the file does not limit this command
    bool by_hand = false;        ///< the command changes the file as it is told, and nothing else in it
    bool search = true;          ///< PVs listed by a name that is now another's are looked for on all devices
  };
  /// Errc::InvalidArgument for a name that is none; a file that is not there is empty and limits nothing.
  static Result<std::unique_ptr<DevicesRegister>> open(Options options);

  bool exists() const { return exists_; }
  bool limits() const { return listed_->limits(); }
  bool searches() const { return options_.search; }
  bool by_hand() const { return options_.by_hand; }
  const std::string& path() const { return path_; }
  device::ListedDevices& listed() { return *listed_; }
  const std::shared_ptr<device::ListedDevices>& shared() const { return listed_; }
  void see_vgs() { vgs_seen_ = true; }

  // What is to be written. Nothing is before write().
  /// The device is a PV (or, without `pv`, is not): it has the file's last entry. `type` empty: as the entry has that
  /// there is, or the best. false: the device has no id of that type.
  bool put(device::DevNumber device, const std::optional<Uuid>& pv, const std::string& type = {});
  void put(const device::BlockDevice& device, const Uuid& pv);
  void drop(const device::DeviceEntry& entry) { edits_.push_back({Edit::Kind::Drop, entry, {}}); }
  /// What is on a listed device now; none: no PV. Its entry stays where it is.
  void note_pv(const device::BlockDevice& device, const std::optional<Uuid>& pv);
  void correct();                        ///< names and PVs as they were seen
  void start_over() { edits_.clear(); }  ///< nothing is to be written

  // For a plan.
  std::vector<std::string> differences() const;  ///< what write() would do to the file as it was read: a sentence each
  std::string state() const;                     ///< what the file was when it was read, so that a plan is of that
  /// write() refuses (Errc::Refused) a file that is not as it was read.
  void hold() { held_ = true; }

  /// The lasting id that a PV's device is listed by; none: it has only a name, or is not listed.
  const device::DeviceEntry* lasting_id(const store::FoundPv& pv) const;

  /// Who writes, for the file's second line and its host.
  struct Author {
    std::string command, system_id;
    std::uint64_t time = 0;
  };
  /// Writes what is to be written, if it differs from what the file says by then; `notes` says that it was made, or why
  /// it was not. `patient`: waits for the lock; else gives up quietly. Returns whether it was written.
  Result<bool> write(const Author& author, Random& random, bool patient, std::vector<std::string>& notes);
  std::uint32_t writes() const { return writes_; }  ///< the file's counter after write()

 private:
  struct Edit {
    enum class Kind : std::uint8_t { Put, Correct, Drop };
    Kind kind;
    device::DeviceEntry was, now;
  };
  DevicesRegister(Options options, std::string path, bool exists, device::DevicesFile file);
  void apply(device::DevicesFile& file) const;
  Status replace(const std::string& text, Random& random) const;

  Options options_;
  std::string path_;
  bool exists_, vgs_seen_ = false, held_ = false;
  std::shared_ptr<device::ListedDevices> listed_;
  std::vector<Edit> edits_;
  std::uint32_t writes_ = 0;
};

/// A scan of the devices that may be used. Entries of the devices file that go by names are held against what is there.
Result<store::Scan> scan_devices(System& sys);

/// Lets a command use devices that the devices file does not list: it is about to make PVs of them, or to list them.
/// To be called before they are looked for. A name that is no device is left for whoever opens it.
void admit_devices(System& sys, const std::vector<std::string>& paths);

/// The ids that metadata keeps of its PVs: as listed, and none without a devices file, as LVM2 writes them.
void write_device_ids(const System& sys, const std::vector<store::FoundPv>& present, VolumeGroup& vg);

/// Writes what the operations left to be written, and with `patient` false the corrections too. No-op without a devices
/// file, under -t and in a transaction. A failure is a warning among `notes`: the change itself is made.
void write_devices_file(System& sys, std::vector<std::string>& notes);
/// At a command's end: names and PVs that changed since the file was written.
Status correct_devices_file(System& sys);

DevicesRegister::Author devices_author(const System& sys);

}  // namespace ashlar::ops
