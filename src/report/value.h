// SPDX-License-Identifier: LGPL-2.1-or-later
// What a column shows: one table row a field. Adding a field is adding a row to the table of its object; columns,
// sorting, selection, JSON and help follow.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"

namespace ashlar::report {

struct Row;

/// How a value is shown, compared and selected. Flag is a yes/no that shows the field's `word` or nothing, with
/// --binary 1 or 0.
enum class Type { Text, Number, Size, Percent, TextList, Time, Flag };

/// What a row has in a column. Strings may come from a disk as they are: the engine makes them printable.
struct Value {
  std::string text;                     ///< Text; of the other types: what stands there instead of the number
  std::optional<std::string> key;       ///< Text: what sorting and selection see if it is not the text
  std::optional<std::uint64_t> number;  ///< Number, Size (bytes), Percent (of 1'000'000 per percent), Time (seconds),
                                        ///< Flag (0, 1); none: undefined
  std::vector<std::string> list;        ///< TextList
};

inline Value text(std::string s) { return {.text = std::move(s)}; }
inline Value number(std::uint64_t n) { return {.number = n}; }
inline Value size(Bytes b) { return {.number = b.n}; }
inline Value size(Sectors s) { return size(to_bytes(s)); }
inline Value flag(bool on) { return {.number = on ? 1 : 0}; }
inline Value list(std::vector<std::string> items) { return {.list = std::move(items)}; }
/// No value: nothing is shown, or `shown`.
inline Value undefined(std::string shown = {}) { return {.text = std::move(shown)}; }

/// The object a field belongs to; the groups of `-o help`. The order is that of the help.
enum class Object : std::uint8_t {
  Lv,
  LvInfo,
  LvStatus,
  LvInfoStatus,
  Label,
  Pv,
  Vg,
  Segment,
  PvSegment,
  DeviceType,
  Log
};

/// A name that -S takes for a value: number fields (`number`) and text fields (`text`).
struct Synonym {
  std::uint64_t number;
  const char* text;
  std::span<const char* const> names;
};

/// Names of lv_permissions and vg_permissions.
inline constexpr const char* kWriteable[] = {"writeable", "rw", "read-write", nullptr};
inline constexpr const char* kReadOnly[] = {"read-only", "r", "ro", nullptr};

struct Field {
  Object object;
  const char* id;  ///< at most 31 characters, as is `heading`
  const char* heading;
  Type type;
  int width;  ///< least width of the column
  const char* help;
  Value (*value)(const Row&);
  const char* word = "";        ///< Flag: what stands for yes
  bool keep_order = false;      ///< TextList: shown in the order given, else sorted
  const char* joint = nullptr;  ///< TextList: between the items if not Options::list_item_separator
  std::span<const Synonym> synonyms = {};
  bool digits = false;  ///< Text: a number for all that; LVM2 has it as text, --json has not
};

/// What stands above the column: its heading, or all of its name; and how wide it is at least.
inline std::string_view heading_of(const Field& field, bool full) { return full ? field.id : field.heading; }
inline int width_of(const Field& field, bool full) {
  return full ? std::max(field.width, static_cast<int>(std::string_view(field.id).size())) : field.width;
}

std::span<const Field> lv_fields();
std::span<const Field> lv_kernel_fields();
std::span<const Field> pv_fields();
std::span<const Field> vg_fields();
std::span<const Field> segment_fields();
std::span<const Field> device_type_fields();
std::span<const Field> log_fields();

/// All of them but those of device types and of the log, in the order of the help.
std::vector<const Field*> all_fields();

}  // namespace ashlar::report
