// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan/history.h"

#include <algorithm>
#include <unordered_map>

#include "metadata/model/visibility.h"

namespace ashlar::plan {

namespace {
bool is_file(const Place& place) { return place.kind == Place::Kind::Archive || place.kind == Place::Kind::Backup; }

std::optional<std::string> between(const std::string& text, const std::string& before, const std::string& after) {
  std::size_t at = text.find(before);
  if (at == std::string::npos || !text.ends_with(after) || text.size() < at + before.size() + after.size()) return std::nullopt;
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

/// A version with what its texts say of its successor.
struct Candidate {
  Version version;
  VolumeGroup content;
  std::optional<std::string> next_command;
  std::uint64_t next_time = 0;
};

void add_text(Candidate& to, OldText&& text) {
  Version& v = to.version;
  const bool on_disk = !is_file(text.places.front());
  if (auto command = maker(text); command && (v.command.empty() || on_disk)) {
    v.command = std::move(*command);
    v.host = text.host;
    v.time = text.time;
  }
  // The archive that was made last is of the command that went through.
  if (auto command = successor(text); command && text.time >= to.next_time) {
    to.next_command = std::move(*command);
    to.next_time = text.time;
  }
  // Which PVs were missing is as it was written only on the disks themselves.
  if (on_disk && v.standing != Version::Standing::Current) v.vg = std::move(text.vg);
  v.places.insert(v.places.end(), text.places.begin(), text.places.end());
}

void judge(std::vector<Candidate>& same_seqno, bool has_current, std::uint32_t current) {
  const std::uint32_t seqno = same_seqno.front().version.vg.seqno;
  auto filed = [](const Candidate& c) { return std::any_of(c.version.places.begin(), c.version.places.end(), is_file); };
  const auto files = std::count_if(same_seqno.begin(), same_seqno.end(), filed);
  for (Candidate& c : same_seqno) {
    Version& v = c.version;
    if (v.standing == Version::Standing::Current) continue;
    if (has_current && seqno > current)
      v.standing = Version::Standing::Ahead;
    else if (has_current && seqno == current)
      v.standing = Version::Standing::Dropped;
    else if (same_seqno.size() == 1)
      v.standing = Version::Standing::Past;
    else if (files == 1)  // what is archived was read from the disks as the VG's state
      v.standing = filed(c) ? Version::Standing::Past : Version::Standing::Dropped;
    else
      v.standing = Version::Standing::Disputed;
  }
}
}  // namespace

const Version* History::current() const {
  auto at = std::find_if(versions.begin(), versions.end(), [](const Version& v) { return v.standing == Version::Standing::Current; });
  return at == versions.end() ? nullptr : &*at;
}

const Version* History::find(std::uint32_t seqno) const {
  const Version* found = nullptr;
  for (const Version& v : versions) {
    if (v.vg.seqno != seqno || v.standing == Version::Standing::Dropped) continue;
    if (found == nullptr || v.was_in_effect()) found = &v;
  }
  return found;
}

VolumeGroup content_of(VolumeGroup vg) {
  vg.seqno = 0;
  for (PhysicalVolume& pv : vg.pvs) {
    pv.device.clear();
    pv.device_id.clear();
    pv.device_id_type.clear();
    pv.status.set(PvFlag::Missing, false);
  }
  order_as_written(vg);
  return vg;
}

History make_history(const OldText* current, std::vector<OldText> texts) {
  std::vector<Candidate> all;
  if (current != nullptr) {
    OldText copy = *current;
    Candidate made;
    made.content = content_of(copy.vg);
    made.version.vg = copy.vg;
    made.version.standing = Version::Standing::Current;
    if (auto command = maker(copy)) made.version.command = std::move(*command);
    made.version.host = copy.host;
    made.version.time = copy.time;
    all.push_back(std::move(made));
  }
  std::unordered_multimap<std::uint32_t, std::size_t> by_seqno;
  if (current != nullptr) by_seqno.emplace(current->vg.seqno, 0);
  for (OldText& text : texts) {
    VolumeGroup content = content_of(text.vg);
    auto [from, to] = by_seqno.equal_range(text.vg.seqno);
    auto known = std::find_if(from, to, [&](const auto& entry) { return all[entry.second].content == content; });
    if (known != to) {
      add_text(all[known->second], std::move(text));
      continue;
    }
    by_seqno.emplace(text.vg.seqno, all.size());
    Candidate& made = all.emplace_back();
    made.version.vg = text.vg;
    made.content = std::move(content);
    add_text(made, std::move(text));
  }
  std::stable_sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) { return a.version.vg.seqno < b.version.vg.seqno; });

  History history;
  const Candidate* before = nullptr;
  std::vector<Candidate> group;
  std::optional<Candidate> last;
  auto close = [&] {
    if (group.empty()) return;
    judge(group, current != nullptr, current != nullptr ? current->vg.seqno : 0);
    std::stable_sort(group.begin(), group.end(), [](const Candidate& a, const Candidate& b) { return !a.version.was_in_effect() && b.version.was_in_effect(); });
    for (Candidate& c : group) {
      if (c.version.command.empty() && c.version.was_in_effect() && before != nullptr && before->next_command) {
        c.version.command = *before->next_command;
        if (c.version.time == 0) c.version.time = before->next_time;
      }
      history.versions.push_back(c.version);
    }
    last = group.back().version.was_in_effect() ? std::optional(std::move(group.back())) : std::nullopt;
    before = last ? &*last : nullptr;
    group.clear();
  };
  for (Candidate& c : all) {
    if (!group.empty() && group.front().version.vg.seqno != c.version.vg.seqno) close();
    group.push_back(std::move(c));
  }
  close();
  return history;
}

std::vector<SeqnoRun> unknown_between(const History& history, std::uint32_t from, std::uint32_t to) {
  std::vector<SeqnoRun> unknown;
  std::uint32_t last = from;
  for (const Version& v : history.versions) {
    const bool counts = v.was_in_effect() || v.standing == Version::Standing::Disputed;
    if (!counts || v.vg.seqno <= last || v.vg.seqno > to) continue;
    const std::uint32_t skipped = v.vg.seqno - last - 1;
    const auto absent = std::count_if(v.vg.pvs.begin(), v.vg.pvs.end(), [](const PhysicalVolume& pv) { return pv.status.has(PvFlag::Missing); });
    if (skipped != 0 && skipped != absent) unknown.push_back({last + 1, v.vg.seqno - 1});
    last = v.vg.seqno;
  }
  return unknown;
}

}  // namespace ashlar::plan
