// SPDX-License-Identifier: LGPL-2.1-or-later
#include "archive/history.h"

#include <algorithm>

#include "archive/file_name.h"

namespace ashlar::archive {

std::uint32_t History::next() const {
  if (count == 0) return 0;
  return std::min(highest, kLastIndex - 1) + 1;
}

void History::add(Past newest) {
  highest = count == 0 ? newest.index : std::max(highest, newest.index);
  if (knows_all()) oldest.push_back(std::move(newest));
  ++count;
}

std::map<std::string, History, std::less<>> histories(const std::vector<std::string>& names) {
  std::map<std::string, History, std::less<>> all;
  for (const std::string& name : names) {
    const std::optional<ParsedName> parsed = parse_archive_name(name);
    if (!parsed) continue;
    auto at = all.find(parsed->vg_name);
    if (at == all.end()) at = all.emplace(parsed->vg_name, History{}).first;
    at->second.oldest.push_back({parsed->index, std::string(parsed->tail)});
  }
  for (auto& [vg_name, history] : all) {
    std::sort(history.oldest.begin(), history.oldest.end());
    history.count = history.oldest.size();
    history.highest = history.oldest.back().index;
  }
  return all;
}

bool expire(History& history, Retention rule, const std::function<std::optional<std::int64_t>(const Past&)>& mtime,
            const std::function<bool(const Past&)>& remove) {
  const std::uint64_t keep = std::max<std::uint32_t>(rule.keep, 1);
  std::vector<Past>& oldest = history.oldest;
  std::size_t at = 0, kept = 0, young = 0;
  bool last_went = true;
  for (; at < oldest.size() && history.count > keep && young < kMaxYoung; ++at) {
    const std::optional<std::int64_t> written = mtime(oldest[at]);
    last_went = !written || (*written <= rule.cutoff && remove(oldest[at]));
    if (last_went) {
      --history.count;
    } else {
      ++young;
      if (kept != at) oldest[kept] = std::move(oldest[at]);
      ++kept;
    }
  }
  const bool ran_out = at == oldest.size();
  oldest.erase(oldest.begin() + static_cast<std::ptrdiff_t>(kept), oldest.begin() + static_cast<std::ptrdiff_t>(at));
  // The last one that was known went: so may the next, which is not known.
  return !(ran_out && last_went && history.count > keep && !history.knows_all());
}

}  // namespace ashlar::archive
