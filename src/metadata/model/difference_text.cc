// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/model/difference_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/size_text.h"

namespace ashlar {

namespace {
std::string runs_text(const std::vector<PeRun>& runs) {
  std::vector<std::string> words;
  for (const PeRun& r : runs)
    words.push_back(r.length.n == 1 ? fmt::format("{}", r.start.n)
                                    : fmt::format("{}-{}", r.start.n, r.start.n + r.length.n - 1));
  return fmt::format("{}", fmt::join(words, ", "));
}

Extents length_of(const std::vector<PeRun>& runs) {
  Extents sum;
  for (const PeRun& r : runs) sum += r.length;
  return sum;
}

void tell_lv(const LvDifference& lv, const std::string& vg, Sectors extent_size, std::vector<std::string>& out) {
  const std::string name = vg + "/" + lv.name;
  if (lv.fate == Fate::Made)
    out.push_back(fmt::format("Create LV {}, {}, {}.", name, lv.type, size_in_words(lv.after, extent_size)));
  if (lv.fate == Fate::Removed)
    out.push_back(fmt::format("Remove LV {} of {}.", name, size_in_words(lv.before, extent_size)));
  if (!lv.old_name.empty()) out.push_back(fmt::format("Rename LV {}/{} to {}.", vg, lv.old_name, lv.name));
  if (lv.fate == Fate::Changed && lv.before != lv.after)
    out.push_back(fmt::format("Resize LV {} from {} to {}.", name, size_in_words(lv.before, extent_size),
                              size_in_words(lv.after, extent_size)));
  for (const std::string& what : lv.what) out.push_back(fmt::format("LV {}: {}.", name, what));
}
}  // namespace

std::string size_in_words(Extents extents, Sectors extent_size) {
  return fmt::format("{} {} ({})", extents.n, extents.n == 1 ? "extent" : "extents",
                     human_size(to_bytes(to_sectors(extents, extent_size))));
}

std::vector<std::string> sentences(const VgDifference& d, Sectors extent_size, const PvNames& name_of, FreeSpace free) {
  std::vector<std::string> out;
  for (const std::string& what : d.what) out.push_back(fmt::format("VG {}: {}.", d.name, what));
  for (const PvDifference& pv : d.pvs) {
    if (pv.fate == Fate::Made)
      out.push_back(fmt::format("{} joins VG {} with {}.", name_of(pv), d.name, size_in_words(pv.total, extent_size)));
    if (pv.fate == Fate::Removed) out.push_back(fmt::format("{} leaves VG {}.", name_of(pv), d.name));
    for (const std::string& what : pv.what) out.push_back(fmt::format("PV {}: {}.", name_of(pv), what));
  }
  for (const LvDifference& lv : d.lvs) tell_lv(lv, d.name, extent_size, out);
  for (const PvDifference& pv : d.pvs) {
    if (!pv.freed.empty() && pv.fate != Fate::Removed)
      out.push_back(fmt::format("On {} free extents {}: {}.", name_of(pv), runs_text(pv.freed),
                                size_in_words(length_of(pv.freed), extent_size)));
    if (!pv.taken.empty())
      out.push_back(fmt::format("On {} take extents {}: {}.", name_of(pv), runs_text(pv.taken),
                                size_in_words(length_of(pv.taken), extent_size)));
    if (free == FreeSpace::Told && (!pv.taken.empty() || !pv.freed.empty()))
      out.push_back(fmt::format("{} then has {} of {} free.", name_of(pv), size_in_words(pv.free_after, extent_size),
                                pv.total.n));
  }
  return out;
}

}  // namespace ashlar
