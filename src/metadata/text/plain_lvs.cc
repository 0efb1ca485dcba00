// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/text/plain_lvs.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <optional>

#include "base/names.h"

namespace ashlar::text {

namespace {

constexpr std::uint64_t kMaxU32 = std::numeric_limits<std::uint32_t>::max();

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Tokens of the grammar (config/document.h) in their plain spelling. Each function moves on and says true, or says
/// false, after which the place means nothing.
class Cursor {
 public:
  Cursor(const char* at, const char* end) : at_(at), end_(end) {}
  const char* at() const { return at_; }

  bool mark(char c) {
    skip();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  /// A name of small letters, digits and '_', and what follows it: '=' or '{'.
  bool name(std::string_view& out, char& follows) {
    skip();
    const char* start = at_;
    while (at_ != end_ && ((*at_ >= 'a' && *at_ <= 'z') || is_digit(*at_) || *at_ == '_')) ++at_;
    out = {start, static_cast<std::size_t>(at_ - start)};
    if (out.empty()) return false;
    skip();
    if (at_ == end_ || (*at_ != '=' && *at_ != '{')) return false;
    follows = *at_++;
    return true;
  }

  /// "..." without a backslash.
  bool string(std::string_view& out) {
    if (!mark('"')) return false;
    const char* start = at_;
    while (at_ != end_ && *at_ != '"' && *at_ != '\\') ++at_;
    if (at_ == end_ || *at_ != '"') return false;
    out = {start, static_cast<std::size_t>(at_++ - start)};
    return true;
  }

  /// At most 18 decimal digits without a sign or a leading 0, up to a blank or one of the marks of a list.
  bool number(std::uint64_t& out, std::uint64_t max) {
    skip();
    const char* start = at_;
    out = 0;
    while (at_ != end_ && is_digit(*at_) && at_ - start < 19) out = out * 10 + static_cast<std::uint64_t>(*at_++ - '0');
    const auto digits = at_ - start;
    if (digits == 0 || digits > 18 || (digits > 1 && *start == '0') || at_ == end_) return false;
    return (is_blank(*at_) || *at_ == ',' || *at_ == ']') && out <= max;
  }

 private:
  void skip() {
    while (at_ != end_) {
      if (is_blank(*at_)) {
        ++at_;
      } else if (*at_ == '#') {
        const void* newline = std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_));
        at_ = newline != nullptr ? static_cast<const char*>(newline) : end_;
      } else {
        return;
      }
    }
  }

  const char* at_;
  const char* end_;
};

bool read_id(Cursor& in, Uuid& id) {
  std::string_view word;
  if (!in.string(word)) return false;
  auto parsed = parse_uuid(word);
  if (!parsed) return false;
  id = *parsed;
  return true;
}

bool read_flag_words(Cursor& in, FlagSet<LvFlag>& flags) {
  if (!in.mark('[')) return false;
  if (in.mark(']')) return true;
  do {
    std::string_view word;
    if (!in.string(word)) return false;
    auto known = std::ranges::find(flag_words(LvFlag{}), word, &FlagWord::word);
    if (known == flag_words(LvFlag{}).end()) return false;
    flags.bits |= known->bit;
  } while (in.mark(','));
  return in.mark(']');
}

bool read_stripes(Cursor& in, const PvNames& pvs, std::vector<Area>& areas) {
  if (!in.mark('[')) return false;
  do {
    std::string_view pv;
    std::uint64_t start = 0;
    if (!in.string(pv) || !in.mark(',') || !in.number(start, kMaxU32)) return false;
    auto found = pvs.find(pv);
    if (found == pvs.end()) return false;
    areas.emplace_back(PvArea{found->second.id, {start}});
  } while (in.mark(','));
  return in.mark(']');
}

/// The keys of a section, each at most once.
template <std::size_t N>
class Keys {
 public:
  explicit constexpr Keys(const std::array<std::string_view, N>& names) : names_(names) {}
  /// Which one, N if it is none of them or was there before.
  std::size_t take(std::string_view name) {
    for (std::size_t i = 0; i < N; ++i) {
      if (names_[i] != name) continue;
      if (has(i)) return N;
      seen_ |= 1U << i;
      return i;
    }
    return N;
  }
  bool has(std::size_t i) const { return (seen_ >> i & 1U) != 0; }

 private:
  const std::array<std::string_view, N>& names_;
  unsigned seen_ = 0;
};

constexpr std::array<std::string_view, 6> kSegmentKeys = {"start_extent", "extent_count", "type",
                                                          "stripe_count", "stripe_size", "stripes"};
constexpr std::array<std::string_view, 6> kLvKeys = {"id",           "status",        "flags",
                                                     "creation_time", "creation_host", "segment_count"};

/// A segment behind its brace.
bool read_plain_segment(Cursor& in, const PvNames& pvs, Segment& segment) {
  Keys<kSegmentKeys.size()> keys(kSegmentKeys);
  Striped body;
  std::uint64_t count = 0;
  while (!in.mark('}')) {
    std::string_view name, type;
    std::uint64_t value = 0;
    char follows = 0;
    if (!in.name(name, follows) || follows != '=') return false;
    switch (keys.take(name)) {
      case 0:
        if (!in.number(value, kMaxU32)) return false;
        segment.start = {value};
        break;
      case 1:
        if (!in.number(value, kMaxU32)) return false;
        segment.length = {value};
        break;
      case 2:
        if (!in.string(type) || type != "striped") return false;
        break;
      case 3:
        if (!in.number(count, kMaxStripes) || count == 0) return false;
        break;
      case 4:
        if (!in.number(value, kMaxU32)) return false;
        body.stripe_size = {value};
        break;
      case 5:
        body.areas.reserve(std::max<std::size_t>(count, 1));
        if (!read_stripes(in, pvs, body.areas)) return false;
        break;
      default:
        return false;
    }
  }
  if (!keys.has(0) || !keys.has(1) || !keys.has(2) || count == 0 || body.areas.size() != count) return false;
  if (count == 1) body.stripe_size = {};  // LVM2 ignores it for a linear segment
  segment.body = std::move(body);
  return true;
}

/// "segment7" for 7, which keeps the names of a section apart.
bool is_segment(std::string_view name, std::size_t number) {
  constexpr std::string_view kWord = "segment";
  if (!name.starts_with(kWord)) return false;
  std::size_t value = 0;
  for (char c : name.substr(kWord.size())) {
    if (!is_digit(c) || value > kMaxU32) return false;
    value = value * 10 + static_cast<std::size_t>(c - '0');
  }
  return name.size() > kWord.size() && name[kWord.size()] != '0' && value == number;
}

/// An LV behind its brace.
bool read_plain_lv(Cursor& in, const PvNames& pvs, LogicalVolume& lv) {
  Keys<kLvKeys.size()> keys(kLvKeys);
  std::uint64_t segment_count = 0;
  while (!in.mark('}')) {
    std::string_view name, host;
    std::uint64_t time = 0;
    char follows = 0;
    if (!in.name(name, follows)) return false;
    if (follows == '{') {
      if (!is_segment(name, lv.segments.size() + 1)) return false;
      Segment& segment = lv.segments.emplace_back();
      if (!read_plain_segment(in, pvs, segment)) return false;
      if (lv.segments.size() > 1 && segment.start < lv.segments[lv.segments.size() - 2].start) return false;
      continue;
    }
    switch (keys.take(name)) {
      case 0:
        if (!read_id(in, lv.id)) return false;
        break;
      case 1:
      case 2:
        if (!read_flag_words(in, lv.status)) return false;
        break;
      case 3:
        if (!in.number(time, std::numeric_limits<std::int64_t>::max())) return false;
        lv.creation_time = time;
        break;
      case 4:
        if (!in.string(host)) return false;
        lv.creation_host = host;
        break;
      case 5:
        if (!in.number(segment_count, kMaxU32)) return false;
        lv.segments.reserve(std::min<std::size_t>(segment_count, 4));
        break;
      default:
        return false;
    }
  }
  return keys.has(0) && keys.has(1) && segment_count != 0 && segment_count == lv.segments.size() &&
         !lv.status.has(LvFlag::WriteLocked);
}

}  // namespace

/// The PVs stand before the LVs in what LVM2 writes; where they do not, nothing is plain.
bool PlainLvs::find_pvs(config::Node top) {
  if (state_ != Pvs::Unknown) return state_ == Pvs::Known;
  state_ = Pvs::Unusable;
  config::Node section = top.section("physical_volumes");
  if (!section) return false;
  std::size_t position = 0;
  for (config::Node pv : section) {
    auto id = pv.is_section() ? pv.find("id").string() : std::nullopt;
    auto parsed = id ? parse_uuid(*id) : std::nullopt;
    if (!parsed || !pvs_.emplace(pv.key(), PvSection{*parsed, position++}).second) return false;
  }
  state_ = Pvs::Known;
  return true;
}

std::uint32_t PlainLvs::read(config::Node top, config::Node parent, std::string_view name, std::string_view text,
                             std::uint32_t at) {
  if (parent.key() != "logical_volumes") return 0;
  LogicalVolume lv;
  Cursor in(text.data() + at, text.data() + text.size());
  if (!find_pvs(top) || !is_valid_name(name) || !read_plain_lv(in, pvs_, lv)) {
    declined.push_back(lvs.size());
    lvs.emplace_back();
    return 0;
  }
  lv.name = name;
  const auto end = static_cast<std::uint32_t>(in.at() - text.data());
  // All LVs of a VG take about the same room; a text cannot make this larger than a few times itself.
  if (lvs.empty()) lvs.reserve((text.size() - at) / (end - at) + 1);
  lvs.push_back(std::move(lv));
  return end;
}

}  // namespace ashlar::text
