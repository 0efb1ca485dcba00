// SPDX-License-Identifier: LGPL-2.1-or-later
// Is a state the end of the only line that is known of its VG? Where no copy counts, nothing else keeps one branch from
// being written over another.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "plan/repair.h"

namespace ashlar::plan {

namespace {
std::string told(const Version& v) {
  return where_text(v) + (v.host.empty() ? "" : fmt::format(" (written on host {})", printable(v.host)));
}

bool share_an_area(const Version& a, const Version& b) {
  return std::ranges::any_of(a.places, [&](const Place& p) {
    return !p.is_file() &&
           std::ranges::any_of(b.places, [&](const Place& q) { return !q.is_file() && p.name == q.name; });
  });
}

/// Does the tie of `older`, which is to the next one that counts, lead to `newer`?
bool tied(const std::vector<Version>& versions, const Version& older, const Version& newer) {
  if (!older.counts() || older.tie != Version::Tie::Proven) return false;
  auto next = std::find_if(versions.begin(), versions.end(),
                           [&](const Version& v) { return v.counts() && v.vg.seqno > older.vg.seqno; });
  return next != versions.end() && next->vg.seqno == newer.vg.seqno;
}
}  // namespace

std::vector<std::string> disputes(const History& history, const Version& newest) {
  const std::vector<Version>& all = history.versions;
  std::vector<std::string> disputes;
  for (auto v = all.begin(); v != all.end(); ++v) {
    for (auto other = v + 1; other != all.end() && other->vg.seqno == v->vg.seqno; ++other)
      disputes.push_back(fmt::format("Two different states of VG {} have seqno {}: {}, and {}.", printable(v->vg.name),
                                     v->vg.seqno, told(*v), told(*other)));
  }
  // What is known to be of one line with it: of the same ring, or archived before the command that made the next.
  std::vector<const Version*> line{&newest};
  for (std::size_t i = 0; i < line.size(); ++i) {
    for (const Version& v : all) {
      if (std::find(line.begin(), line.end(), &v) != line.end()) continue;
      const Version& from = *line[i];
      if (share_an_area(v, from) || tied(all, v, from) || tied(all, from, v)) line.push_back(&v);
    }
  }
  const Version* other = nullptr;
  for (const Version& v : all) {
    const bool on_disk = !std::ranges::all_of(v.places, &Place::is_file);
    if (on_disk && std::find(line.begin(), line.end(), &v) == line.end()) other = &v;
  }
  if (other != nullptr)
    disputes.push_back(fmt::format("Nothing says that seqno {} of VG {}, from {}, came after seqno {}, from {}.",
                                   newest.vg.seqno, printable(newest.vg.name), told(newest), other->vg.seqno,
                                   told(*other)));
  return disputes;
}

}  // namespace ashlar::plan
