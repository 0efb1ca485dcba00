// SPDX-License-Identifier: LGPL-2.1-or-later
// What can be asked of a VG, as plain structs: the library's vocabulary. Names and sizes are as a person gave them,
// not yet checked against the VG.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/units.h"
#include "base/uuid.h"
#include "metadata/model/query.h"
#include "metadata/model/volume_group.h"

namespace ashlar::plan {

/// Part of something: "50%FREE".
struct Percent {
  std::uint32_t value = 0;
  enum class Of : std::uint8_t { Vg, Free, Pvs, Lv, Origin } of = Of::Vg;
  friend bool operator==(const Percent&, const Percent&) = default;
};

/// -L and -l: a size, a count of extents or a percentage, absolute or relative.
struct SizeRequest {
  enum class Sign : std::uint8_t { Absolute, Plus, Minus } sign = Sign::Absolute;
  std::variant<Bytes, Extents, Percent> amount;
  friend bool operator==(const SizeRequest&, const SizeRequest&) = default;
};

/// A PV named for allocation, with the PEs allowed on it; no ranges: all. In the order given by the person.
struct PvChoice {
  Uuid pv;
  std::vector<PeRun> ranges;
};

/// PVs whose device is smaller than the VG says: how many extents, from the first, lie on it. The others are not taken.
using Reach = std::map<Uuid, Extents>;

struct CreateLv {
  std::string name;                        ///< empty: lvolN
  std::optional<Unbacked::Kind> unbacked;  ///< an error or zero LV, which takes no extents of any PV
  SizeRequest size;
  std::uint32_t stripes = 1;
  std::optional<Bytes> stripe_size;  ///< none: default_stripe_size; only with stripes > 1
  Bytes default_stripe_size{64 << 10};
  std::optional<AllocPolicy> alloc;
  std::optional<std::vector<PvChoice>> pvs;  ///< none: all PVs of the VG in its order
  std::vector<std::string> tags;
  bool writable = true;
  std::optional<std::int32_t> read_ahead;
  std::optional<std::int32_t> major, minor;  ///< persistent number
  bool activation_skip = false, no_autoactivate = false;
  std::string profile;  ///< of settings; empty: none
  std::uint64_t creation_time = 0;
  std::string creation_host;
  std::vector<std::string> cling_tags;  ///< allocation/cling_tag_list
  bool maximise_cling = true;
  Reach reach;
};

struct ResizeLv {
  std::string lv;
  SizeRequest size;
  enum class Direction : std::uint8_t { Extend, Reduce, Either } direction = Direction::Either;
  /// Of what is added. AsTheEnd: as the last segment of the LV.
  enum class Type : std::uint8_t { AsTheEnd, Striped, Error, Zero } type = Type::AsTheEnd;
  std::optional<std::uint32_t> stripes;
  std::optional<Bytes> stripe_size;
  Bytes default_stripe_size{64 << 10};  ///< for stripes added to an LV that has none
  std::optional<AllocPolicy> alloc;
  std::optional<std::vector<PvChoice>> pvs;
  std::vector<std::string> cling_tags;
  bool maximise_cling = true;
  Reach reach;
};

/// Properties of an LV that change without touching its extents; none: as it is.
struct ChangeLv {
  std::string lv;
  std::vector<std::string> add_tags, del_tags;
  std::optional<bool> writable, activation_skip, autoactivate;
  std::optional<AllocPolicy> alloc;
  std::optional<std::int32_t> read_ahead;  ///< sectors; -1 none, 0 auto
  std::optional<std::int32_t> major, minor;
  std::optional<bool> persistent;      ///< false: forget the number
  std::optional<std::string> profile;  ///< of settings; empty: none
};

/// A PV that joins a VG: its label has been read or is about to be written.
struct JoiningPv {
  Uuid id;
  std::string device;
  Sectors dev_size;
  Sectors pe_start;
  Sectors end_reserved;  ///< a second metadata area at the end
  Sectors ba_start, ba_size;
  Bytes block_size{512};
};

/// --vgmetadatacopies all: every area is used from now on. What is kept is 0, unmanaged, as LVM2 keeps it
/// (docs/format.md 2.8).
inline constexpr std::uint32_t kAllCopies = 0xFFFFFFFF;
constexpr std::uint32_t kept_copies(std::uint32_t asked) { return asked == kAllCopies ? 0 : asked; }

struct CreateVg {
  std::string name;
  Sectors extent_size{8192};
  std::uint32_t max_lv = 0, max_pv = 0;
  AllocPolicy alloc = AllocPolicy::Normal;
  std::vector<std::string> tags;
  std::string system_id;           ///< of the host that is to own it; empty: any
  std::string profile;             ///< of settings; empty: none
  bool mixed_block_sizes = false;  ///< devices/allow_mixed_block_sizes
  std::uint32_t metadata_copies = 0;
  bool autoactivate = true;
  std::vector<JoiningPv> pvs;
};

struct ChangeVg {
  std::vector<std::string> add_tags, del_tags;
  std::optional<AllocPolicy> alloc;
  std::optional<bool> resizeable, autoactivate;
  std::optional<std::uint32_t> max_lv, max_pv;
  std::optional<Sectors> extent_size;
  std::optional<Uuid> new_id;
  std::optional<std::string> system_id;
  std::optional<std::uint32_t> metadata_copies;  ///< 0: unmanaged; kAllCopies
  std::optional<std::string> profile;            ///< of settings; empty: none
};

/// Either the PVs, or the LV whose PVs go.
struct SplitRequest {
  std::string name;  ///< of the VG they go to
  std::vector<Uuid> pvs;
  std::string lv;
  std::optional<std::uint32_t> max_lv, max_pv, metadata_copies;  ///< of a new VG
  std::optional<AllocPolicy> alloc;
};

/// Properties of a PV in a VG; none: as it is.
struct ChangePv {
  Uuid pv;
  std::optional<bool> allocatable;
  std::vector<std::string> add_tags, del_tags;
  std::optional<Uuid> new_id;
};

struct ResizePv {
  Uuid pv;
  Sectors size;      ///< of the device from now on
  Sectors end_area;  ///< where the last metadata area starts: extents behind the first stay in front of it
};

}  // namespace ashlar::plan
