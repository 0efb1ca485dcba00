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
/// false, after which the place means nothing (but for starts(), which then has not moved).
class Cursor {
 public:
  Cursor(const char* at, const char* end) : at_(at), end_(end) {}
  const char* at() const { return at_; }
  bool is_at_digit() const { return at_ != end_ && is_digit(*at_); }

  /// White space and comments.
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
  bool mark(char c) {
    skip();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  template <std::size_t N>
  bool starts(const char (&literal)[N]) {
    if (static_cast<std::size_t>(end_ - at_) < N - 1 || std::memcmp(at_, literal, N - 1) != 0) return false;
    at_ += N - 1;
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
    const char* stop = end_ - at_ > 19 ? at_ + 19 : end_;
    std::uint64_t value = 0;
    while (at_ != stop && is_digit(*at_)) value = value * 10 + static_cast<std::uint64_t>(*at_++ - '0');
    const auto digits = at_ - start;
    if (digits == 0 || digits > 18 || (digits > 1 && *start == '0') || at_ == end_) return false;
    out = value;
    return (is_blank(*at_) || *at_ == ',' || *at_ == ']') && value <= max;
  }

 private:
  const char* at_;
  const char* end_;
};

bool read_id(Cursor& in, Uuid& id) {
  std::string_view word;
  if (!in.string(word)) return false;
  const std::optional<Uuid> parsed = parse_uuid(word);
  if (!parsed) return false;
  id = *parsed;
  return true;
}

bool read_flag_words(Cursor& in, FlagSet<LvFlag>& flags) {
  if (in.starts("[\"READ\", \"WRITE\", \"VISIBLE\"]")) {  // nearly all of them
    for (LvFlag flag : {LvFlag::Read, LvFlag::Write, LvFlag::Visible}) flags.set(flag);
    return true;
  }
  if (!in.mark('[')) return false;
  if (in.mark(']')) return true;
  do {
    std::string_view word;
    if (!in.string(word)) return false;
    bool known = false;
    for (const FlagWord& w : flag_words(LvFlag{})) {
      if (w.word.size() != word.size() || w.word != word) continue;
      flags.bits |= w.bit;
      known = true;
      break;
    }
    if (!known) return false;
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

/// Keys of a section, each at most once.
class Seen {
 public:
  /// False if it was there before.
  bool first(unsigned key) {
    const unsigned bit = 1U << key;
    const bool fresh = (bits_ & bit) == 0;
    bits_ |= bit;
    return fresh;
  }
  bool all(unsigned bits) const { return (bits_ & bits) == bits; }

 private:
  unsigned bits_ = 0;
};

/// A segment behind its brace.
bool read_plain_segment(Cursor& in, const PvNames& pvs, Segment& segment) {
  Seen seen;
  Striped body;
  std::uint64_t count = 0, value = 0;
  std::string_view type;
  while (!in.mark('}')) {
    bool good = false;
    if (in.starts("start_extent = ")) {
      good = seen.first(0) && in.number(segment.start.n, kMaxU32);
    } else if (in.starts("extent_count = ")) {
      good = seen.first(1) && in.number(segment.length.n, kMaxU32);
    } else if (in.starts("type = ")) {
      good = seen.first(2) && in.string(type) && type == "striped";
    } else if (in.starts("stripe_count = ")) {
      good = seen.first(3) && in.number(count, kMaxStripes) && count != 0;
    } else if (in.starts("stripe_size = ")) {
      good = seen.first(4) && in.number(value, kMaxU32);
    } else if (in.starts("stripes = ")) {
      body.areas.reserve(std::max<std::size_t>(count, 1));
      good = seen.first(5) && read_stripes(in, pvs, body.areas);
    }
    if (!good) return false;
  }
  if (!seen.all(0b101111) || body.areas.size() != count) return false;
  if (count > 1) body.stripe_size = {value};  // LVM2 ignores it for a linear segment
  segment.body = std::move(body);
  return true;
}

/// Behind the word segment: its number, part of the name, which keeps the names of a section apart, and the brace.
bool read_segment_number(Cursor& in, std::size_t number) {
  std::uint64_t value = 0;
  return in.is_at_digit() && in.number(value, kMaxU32) && value == number && in.mark('{');
}

/// An LV behind its brace.
bool read_plain_lv(Cursor& in, const PvNames& pvs, LogicalVolume& lv) {
  Seen seen;
  std::uint64_t segment_count = 0, time = 0;
  std::string_view host;
  while (!in.mark('}')) {
    bool good = false;
    if (in.starts("id = ")) {
      good = seen.first(0) && read_id(in, lv.id);
    } else if (in.starts("status = ")) {
      good = seen.first(1) && read_flag_words(in, lv.status);
    } else if (in.starts("flags = ")) {
      good = seen.first(2) && read_flag_words(in, lv.status);
    } else if (in.starts("creation_time = ")) {
      good = seen.first(3) && in.number(time, std::numeric_limits<std::int64_t>::max());
      lv.creation_time = time;
    } else if (in.starts("creation_host = ")) {
      good = seen.first(4) && in.string(host);
      lv.creation_host = host;
    } else if (in.starts("segment_count = ")) {
      good = seen.first(5) && in.number(segment_count, kMaxU32);
      lv.segments.reserve(std::min<std::size_t>(segment_count, 4));
    } else if (in.starts("segment")) {
      if (!read_segment_number(in, lv.segments.size() + 1)) return false;
      Segment& segment = lv.segments.emplace_back();
      good = read_plain_segment(in, pvs, segment) &&
             (lv.segments.size() == 1 || !(segment.start < lv.segments[lv.segments.size() - 2].start));
    }
    if (!good) return false;
  }
  return seen.all(0b11) && segment_count != 0 && segment_count == lv.segments.size() &&
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
  const std::size_t place = lvs.size();
  LogicalVolume& lv = lvs.emplace_back();
  Cursor in(text.data() + at, text.data() + text.size());
  if (!find_pvs(top) || !is_valid_name(name) || !read_plain_lv(in, pvs_, lv)) {
    lv = {};
    declined.push_back(place);
    return 0;
  }
  lv.name = name;
  const auto end = static_cast<std::uint32_t>(in.at() - text.data());
  // All LVs of a VG take about the same room; a text cannot make this larger than a few times itself.
  if (place == 0) lvs.reserve((text.size() - at) / (end - at) + 1);
  return end;
}

}  // namespace ashlar::text
