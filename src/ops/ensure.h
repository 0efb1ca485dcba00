// SPDX-License-Identifier: LGPL-2.1-or-later
// Desired state: what is to be there, brought about by the operations that a person would use. Nothing shrinks and
// nothing goes without a word that says so. docs/ensure.md.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ops/ops.h"

namespace ashlar::ops {

struct WantedSize {
  std::variant<Bytes, plan::Percent> amount;  ///< percentages of the VG; 100% of what is free, as a minimum
  bool minimum = false;                       ///< larger is as good
};

struct WantedFilesystem {
  std::string type;                  ///< "ext4": made by mkfs.ext4; "swap"
  std::vector<std::string> options;  ///< for that program
};

/// What makes one of that type.
std::string mkfs_program(const std::string& type);

struct WantedLv {
  std::string name;
  bool absent = false;
  std::optional<WantedSize> size;
  std::optional<std::uint32_t> stripes;
  std::optional<Bytes> stripe_size;
  std::vector<std::string> devices;  ///< where new extents may go; empty: anywhere in the VG
  std::optional<std::vector<std::string>> tags;
  std::optional<bool> active, writable;  ///< none: a new one is active and writable, an old one stays as it is
  bool may_shrink = false;
  std::optional<WantedFilesystem> filesystem;  ///< made if there is none of any kind
};

struct WantedVg {
  std::string name;
  bool absent = false;
  bool may_remove_volumes = false;  ///< for `absent`, and with only_volumes
  std::vector<std::string> devices;
  bool only_devices = false;  ///< PVs that are not listed leave
  bool only_volumes = false;  ///< LVs that are not listed go
  std::optional<Sectors> extent_size;
  std::optional<std::vector<std::string>> tags;
  std::vector<WantedLv> volumes;
};

/// What requests start from: settings.
struct EnsureDefaults {
  CreatePvs pv;
  plan::CreateLv lv;
  Sectors extent_size{8192};
  bool wipe = true;  ///< signatures on new LVs
};

/// A filesystem to be made after the change.
struct MakeFilesystem {
  std::string vg, lv;
  Uuid id;  ///< of the LV, which is as new as this
  WantedFilesystem filesystem;
};

/// One object of the specification, and what had to be done to it.
struct Ensured {
  enum class Kind : std::uint8_t { Pv, Vg, Lv } kind;
  std::string name;                          ///< device, "vg0", "vg0/data"
  std::vector<std::string> what;             ///< "created, 10.00 GiB"; empty: it was so already
  std::optional<MakeFilesystem> filesystem;  ///< still to be made on it; the last of `what` says so
};

struct Ensure {
  std::vector<Ensured> objects;
  std::vector<std::string> notes;
};

/// Brings all VGs to what is wanted. To be run in a transaction (ops/transaction.h), which makes it one change.
Result<Ensure> ensure(System& sys, const std::vector<WantedVg>& wanted, const EnsureDefaults& defaults);

/// Makes the filesystem of `object`, a volume that is active and carries no signature. If that fails the volume goes
/// again, so that a later run can begin anew, which makes none on a volume that was there before: Errc::Partial, and
/// `object` says what became of it.
Status make_filesystem(System& sys, Ensured& object);

}  // namespace ashlar::ops
