// SPDX-License-Identifier: LGPL-2.1-or-later
// The text of a devices file (/etc/lvm/devices/system.devices): which devices LVM may use, by ids that outlive their
// names. Text in, entries out, and back; nothing here looks at a device. Source: docs/format.md 7.3.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"

namespace ashlar::device {

inline constexpr std::string_view kDevnameId = "devname";  ///< the id that is no more than a name

/// One line: IDTYPE=loop_file IDNAME=/srv/disk DEVNAME=/dev/loop0 PVID=… PART=1.
struct DeviceEntry {
  std::string id_type;     ///< also one that Ashlar does not know
  std::string id_name;     ///< empty: none
  std::string name;        ///< where it was last seen; empty: nowhere
  std::optional<Uuid> pv;  ///< what was on it; none: no PV
  std::uint32_t part = 0;  ///< partition of the device with that id; 0: the whole device
  std::string extra;       ///< further KEY=VALUE words, each with a blank before it
  friend bool operator==(const DeviceEntry&, const DeviceEntry&) = default;

  bool same_id(const DeviceEntry& other) const {
    return id_type == other.id_type && id_name == other.id_name && part == other.part;
  }
};

struct DevicesFile {
  /// Its last part counts the writes.
  struct Version {
    std::uint32_t major = 1, minor = 1, counter = 0;
    friend bool operator==(const Version&, const Version&) = default;
  };
  std::optional<Version> version;
  bool odd_version = false;       ///< there is one, and it cannot be read
  std::string system_id;          ///< of the host that wrote it
  std::vector<std::string> head;  ///< further KEY=VALUE lines before the entries
  std::vector<DeviceEntry> entries;
  friend bool operator==(const DevicesFile&, const DevicesFile&) = default;
};

/// A file of more is refused: nobody has so many devices.
inline constexpr std::size_t kMaxDevicesFile = 16 << 20;

/// Lines without an IDTYPE and an IDNAME are passed over, as are comments. Errc::Corrupt: too large, or a NUL in it.
Result<DevicesFile> parse_devices_file(std::string_view text);

/// `created` is the second line's comment: "lvmdevices pid 123 at Sun Nov 22 01:30:32 2026". Writes what parse reads.
std::string print_devices_file(const DevicesFile& file, std::string_view created);

/// May it be written over? Errc::Refused for a version of a later format and for one that cannot be read.
Status check_writable(const DevicesFile& file);

/// The entry as its line: "IDTYPE=… IDNAME=… DEVNAME=… PVID=…"; `none` stands for what it has not.
std::string entry_line(const DeviceEntry& entry, std::string_view none = ".");

/// What an id looks like in the file: blanks and control bytes become '_'.
std::string id_text(std::string_view id);

}  // namespace ashlar::device
