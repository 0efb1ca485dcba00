// SPDX-License-Identifier: LGPL-2.1-or-later
// The entries of a devices file against the devices that are there: which may be used, and what the file does not know
// yet: a new name, another PV. Names are not trusted: an entry without a better id goes by its PV's id.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "device/devices_file.h"
#include "device/sysfs.h"

namespace ashlar::device {

/// A device as it was found: the name that is shown first.
struct HereDevice {
  DevNumber number;
  std::vector<std::string> names;
};

/// Shared by a command and its source of devices. Not for several threads at once.
class ListedDevices {
 public:
  /// `limits`: other devices are not to be used, except those admitted. `path`: of the file, for messages.
  ListedDevices(DevicesFile file, bool limits, std::string path = {})
      : file_(std::move(file)), limits_(limits), path_(std::move(path)) {}

  /// Which entry is which device. Called once the devices are known.
  void match(const HostPaths& host, std::vector<HereDevice> devices);

  bool limits() const { return limits_; }
  bool allows(DevNumber number) const;
  /// From now on the device may be used: a command is about to list it.
  void admit(DevNumber number) { admitted_.insert(number); }

  /// What is on the devices that were read; a PV's id, or none for a device without one. Devices not named were not
  /// read. true: other devices than before may be used, so that the PVs are to be looked for again. `search`: an entry
  /// that goes by a name and whose PV is not there may be looked for on all devices.
  bool settle(const std::map<DevNumber, std::optional<Uuid>>& seen, bool search);

  /// One for each entry, in order.
  struct State {
    std::optional<DevNumber> device;  ///< which it is
    std::string name;                 ///< of that, now
    std::optional<Uuid> pv;           ///< what is on it, if it was read
    bool read = false;
  };
  const std::vector<State>& states() const { return states_; }
  const DevicesFile& file() const { return file_; }
  const std::string& path() const { return path_; }
  const DeviceEntry* entry_of(DevNumber number) const;
  const std::vector<HereDevice>& devices() const { return devices_; }

  /// A new entry for a device that is here: `type` empty: the best id it has. None: it has no such id.
  std::optional<DeviceEntry> make_entry(DevNumber number, std::string_view type, const std::optional<Uuid>& pv) const;

  /// The file as it should be: names and PVs as seen; and a sentence for each difference.
  struct Correction {
    DeviceEntry was, now;
    std::string sentence;
  };
  std::vector<Correction> corrections() const;
  /// Sentences on entries whose device or PV is not here.
  std::vector<std::string> absent() const;

 private:
  const HereDevice* here(DevNumber number) const;

  DevicesFile file_;
  bool limits_;
  std::string path_;
  bool searching_ = false, searched_ = false;
  HostPaths host_;
  std::vector<HereDevice> devices_;  ///< by number
  std::vector<State> states_;
  std::set<DevNumber> allowed_, admitted_;
};

}  // namespace ashlar::device
