// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "metadata/model/visibility.h"

namespace ashlar::plan {

namespace {
std::optional<std::string> between(const std::string& text, const std::string& before, const std::string& after) {
  std::size_t at = text.find(before);
  if (at == std::string::npos || !text.ends_with(after) || text.size() < at + before.size() + after.size())
    return std::nullopt;
  at += before.size();
  return text.substr(at, text.size() - after.size() - at);
}

/// The command that made the version a text describes. Source: docs/format.md 3, 5.1.
std::optional<std::string> maker(const OldText& text) {
  if (text.description.starts_with("Write")) return between(text.description, " from ", ".");
  if (text.description.starts_with("Created *after*")) return between(text.description, " executing '", "'");
  return std::nullopt;
}
/// The command that was about to make the next one.
std::optional<std::string> successor(const OldText& text) {
  if (text.description.starts_with("Created *before*")) return between(text.description, " executing '", "'");
  return std::nullopt;
}

/// Who did something.
struct Deed {
  std::string command, host;
};

/// A version with what its texts say of its successor.
struct Candidate {
  Version version;
  std::vector<std::size_t> order;  ///< of its LVs, as a text has them
  std::optional<Deed> next_deed;   ///< the last of `next`
  std::uint64_t next_time = 0;
  std::vector<Deed> next;     ///< every deed that it was archived before; one of them may have failed
  std::optional<Deed> maker;  ///< as a text of its own says

  bool in_line() const {
    const std::vector<Place>& p = version.places;
    return version.standing == Version::Standing::Current ||
           std::any_of(p.begin(), p.end(), [](const Place& each) { return each.in_line; });
  }
  bool on_disk() const { return !std::ranges::all_of(version.places, &Place::is_file); }
};

void add_away(Version& v, const VolumeGroup& vg) {
  for (const PhysicalVolume& pv : vg.pvs) {
    if (pv.status.has(PvFlag::Missing) && std::find(v.away.begin(), v.away.end(), pv.id) == v.away.end())
      v.away.push_back(pv.id);
  }
}

PhysicalVolume without_hints(PhysicalVolume pv) {
  pv.device.clear();
  pv.device_id.clear();
  pv.device_id_type.clear();
  pv.status.set(PvFlag::Missing, false);
  return pv;
}

/// Whether content_of() is, of two with one seqno, without copies of either: they may be large. Both are as before when
/// it returns.
bool same_content(VolumeGroup& a, const std::vector<std::size_t>& order_a, VolumeGroup& b,
                  const std::vector<std::size_t>& order_b) {
  if (a.pvs.size() != b.pvs.size() || a.lvs.size() != b.lvs.size()) return false;
  for (std::size_t i = 0; i < a.pvs.size(); ++i) {
    if (without_hints(a.pvs[i]) != without_hints(b.pvs[i])) return false;
  }
  for (std::size_t i = 0; i < a.lvs.size(); ++i) {
    if (a.lvs[order_a[i]] != b.lvs[order_b[i]]) return false;
  }
  std::vector<PhysicalVolume> pvs_a = std::exchange(a.pvs, {}), pvs_b = std::exchange(b.pvs, {});
  std::vector<LogicalVolume> lvs_a = std::exchange(a.lvs, {}), lvs_b = std::exchange(b.lvs, {});
  const bool same = a == b;
  a.pvs = std::move(pvs_a), b.pvs = std::move(pvs_b);
  a.lvs = std::move(lvs_a), b.lvs = std::move(lvs_b);
  return same;
}

/// One more text of it, or its first one.
void add_text(Candidate& to, OldText text, std::vector<std::size_t> order) {
  Version& v = to.version;
  const bool on_disk = !text.places.front().is_file();
  add_away(v, text.vg);
  if (on_disk) v.skipped = std::max(v.skipped, text.skipped);
  if (text.discarded) v.discarded = v.discarded.value_or(false) || *text.discarded;
  if (auto command = maker(text); command && (v.command.empty() || on_disk)) {
    to.maker = Deed{*command, text.host};
    v.command = std::move(*command);
    v.host = text.host;
    v.time = text.time;
  }
  if (auto command = successor(text)) {
    to.next.push_back({std::move(*command), text.host});
    // The archive that was made last is of the command that went through.
    if (text.time >= to.next_time) {
      to.next_deed = to.next.back();
      to.next_time = text.time;
    }
  }
  // Which PVs were missing is as it was written only on the disks themselves.
  if (v.standing != Version::Standing::Current && (on_disk || v.places.empty())) {
    v.vg = std::move(text.vg);
    to.order = std::move(order);
  }
  v.places.insert(v.places.end(), text.places.begin(), text.places.end());
}

void judge(std::span<Candidate> same_seqno, bool has_current, std::uint32_t current) {
  const std::uint32_t seqno = same_seqno.front().version.vg.seqno;
  // The disks are the truth: files are of what this host saw, and the disks may since have been put back to a copy of
  // them and changed by another host.
  const auto lines =
      std::count_if(same_seqno.begin(), same_seqno.end(), [](const Candidate& c) { return c.in_line(); });
  for (Candidate& c : same_seqno) {
    Version& v = c.version;
    if (v.standing == Version::Standing::Current) continue;
    if (has_current && seqno > current)
      v.standing = Version::Standing::Ahead;
    else if (same_seqno.size() == 1 || (lines == 1 && c.in_line()))
      v.standing = Version::Standing::Past;
    else if (lines == 0 || c.in_line())
      v.standing = Version::Standing::Disputed;
    else
      v.standing = c.on_disk() ? Version::Standing::Dropped : Version::Standing::Elsewhere;
  }
}

constexpr std::string_view kCut = "...";

Version::Tie tie(const Candidate& older, const Candidate& newer) {
  if (older.in_line() && newer.in_line()) return Version::Tie::Proven;
  if (older.next.empty() || !newer.maker ||
      newer.version.vg.seqno != older.version.vg.seqno + 1 + newer.version.skipped)
    return Version::Tie::Unproven;
  const Deed& maker = *newer.maker;
  const auto told = [&](const auto& same) {
    return std::any_of(older.next.begin(), older.next.end(),
                       [&](const Deed& d) { return d.host == maker.host && same(d.command); });
  };
  if (told([&](const std::string& command) { return command == maker.command; })) return Version::Tie::Proven;
  // On the disks a long command line may be cut (ops/command_header.h): several begin as what is left of it does.
  const std::string_view whole = maker.command;
  const bool cut = whole.ends_with(kCut) && told([&](const std::string& command) {
                     return command.starts_with(whole.substr(0, whole.size() - kCut.size()));
                   });
  return cut ? Version::Tie::Unproven : Version::Tie::Contradicted;
}

/// Of each version that counts, to the next one. Sorted by seqno, the one in effect last among those of one seqno.
void tie_together(std::vector<Candidate>& all) {
  const Candidate* newer = nullptr;
  for (auto c = all.rbegin(); c != all.rend(); ++c) {
    if (!c->version.counts()) continue;
    if (newer != nullptr && newer->version.vg.seqno != c->version.vg.seqno) c->version.tie = tie(*c, *newer);
    if (newer == nullptr || c->version.was_in_effect() || newer->version.vg.seqno != c->version.vg.seqno) newer = &*c;
  }
}
}  // namespace

std::string dump_command(const Place& place) {
  return fmt::format("pvck --dump metadata_search --settings metadata_offset={} -f FILE {}", place.at.n,
                     printable(place.device));
}

const Version* History::current() const {
  auto at = std::find_if(versions.begin(), versions.end(),
                         [](const Version& v) { return v.standing == Version::Standing::Current; });
  return at == versions.end() ? nullptr : &*at;
}

const Version* History::find(std::uint32_t seqno) const {
  const Version* found = nullptr;
  for (const Version& v : versions) {
    if (v.vg.seqno != seqno || v.standing == Version::Standing::Dropped || v.standing == Version::Standing::Elsewhere)
      continue;
    if (found == nullptr || v.was_in_effect()) found = &v;
  }
  return found;
}

AreaTells History::area_of(const Uuid& pv) const {
  auto at = std::find_if(areas.begin(), areas.end(), [&](const AreaTells& area) { return area.pv == pv; });
  return at == areas.end() ? AreaTells{pv} : *at;
}

VolumeGroup content_of(VolumeGroup vg) {
  vg.seqno = 0;
  for (PhysicalVolume& pv : vg.pvs) pv = without_hints(std::move(pv));
  order_as_written(vg);
  return vg;
}

History make_history(std::optional<OldText> current, std::vector<OldText> texts) {
  std::vector<Candidate> all;
  const std::uint32_t now = current ? current->vg.seqno : 0;
  std::unordered_multimap<std::uint32_t, std::size_t> by_seqno;
  if (current) {
    Candidate made;
    made.version.standing = Version::Standing::Current;
    if (auto command = maker(*current)) {
      made.maker = Deed{*command, current->host};
      made.version.command = std::move(*command);
    }
    made.version.host = std::move(current->host);
    made.version.time = current->time;
    made.version.skipped = current->skipped;
    made.version.discarded = current->discarded;
    made.order = written_order(current->vg);
    made.version.vg = std::move(current->vg);
    add_away(made.version, made.version.vg);
    all.push_back(std::move(made));
    by_seqno.emplace(now, 0);
  }
  for (OldText& text : texts) {
    std::vector<std::size_t> order = written_order(text.vg);
    auto [from, to] = by_seqno.equal_range(text.vg.seqno);
    auto known = std::find_if(from, to, [&](const auto& entry) {
      return same_content(all[entry.second].version.vg, all[entry.second].order, text.vg, order);
    });
    const std::size_t at = known != to ? known->second : all.size();
    if (at == all.size()) {
      by_seqno.emplace(text.vg.seqno, at);
      all.emplace_back();
    }
    add_text(all[at], std::move(text), std::move(order));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Candidate& a, const Candidate& b) { return a.version.vg.seqno < b.version.vg.seqno; });
  for (auto first = all.begin(); first != all.end();) {
    auto last = std::find_if(first, all.end(),
                             [&](const Candidate& c) { return c.version.vg.seqno != first->version.vg.seqno; });
    judge(std::span(first, last), current.has_value(), now);
    std::stable_sort(first, last, [](const Candidate& a, const Candidate& b) {
      return !a.version.was_in_effect() && b.version.was_in_effect();
    });
    first = last;
  }
  tie_together(all);

  History history;
  const Candidate* before = nullptr;
  for (Candidate& c : all) {
    Version& v = c.version;
    const bool told = before != nullptr && before->version.vg.seqno != v.vg.seqno && before->version.was_in_effect() &&
                      before->next_deed;
    if (v.command.empty() && v.was_in_effect() && told) {
      v.command = before->next_deed->command;
      v.host = before->next_deed->host;
      if (v.time == 0) v.time = before->next_time;
    }
    if (before == nullptr || v.was_in_effect() || before->version.vg.seqno != v.vg.seqno) before = &c;
  }
  for (Candidate& c : all) history.versions.push_back(std::move(c.version));
  return history;
}

std::vector<SeqnoRun> unknown_between(const History& history, std::uint32_t from, std::uint32_t to) {
  std::vector<SeqnoRun> unknown;
  std::uint32_t last = from;
  for (const Version& v : history.versions) {
    if (!v.counts() || v.vg.seqno <= last || v.vg.seqno > to) continue;
    const std::uint32_t skipped = v.vg.seqno - last - 1;
    if (skipped != 0 && skipped != v.skipped) unknown.push_back({last + 1, v.vg.seqno - 1});
    last = v.vg.seqno;
  }
  return unknown;
}

}  // namespace ashlar::plan
