// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/text/ring_search.h"

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "metadata/text/vg_reader.h"

namespace ashlar::text {

namespace {
/// Bytes of texts that turn out to be none, beyond which a ring is not searched further: a hostile one could have a
/// beginning in each of its sectors and an end nowhere but behind them all.
constexpr std::uint64_t kMostWasted = 16;  // times the area

/// For each sector: the first NUL at or behind its start; the area's size where there is none.
std::vector<std::size_t> ends_of(std::string_view ring) {
  std::vector<std::size_t> ends(ring.size() / kSectorSize, ring.size());
  std::size_t next = ring.size();
  for (std::size_t sector = ends.size(); sector-- > 0;) {
    std::size_t nul = ring.substr(sector * kSectorSize, kSectorSize).find('\0');
    if (nul != std::string_view::npos) next = sector * kSectorSize + nul;
    ends[sector] = next;
  }
  return ends;
}
}  // namespace

bool search_ring(std::span<const std::byte> area, std::string_view begins, const TakeText& take) {
  const std::string_view all = as_text(area);
  const std::string_view ring = all.substr(0, all.size() / kSectorSize * kSectorSize);
  if (ring.size() < 2 * kSectorSize) return true;
  const std::vector<std::size_t> ends = ends_of(ring);
  std::uint64_t wasted = 0;
  for (std::size_t at = kSectorSize; at < ring.size();) {
    const std::size_t here = at;
    at += kSectorSize;
    const std::string_view first = ring.substr(here, kSectorSize);
    if (!peek_vg_name(first) || first.find(begins) == std::string_view::npos) continue;
    std::string text;
    if (std::size_t end = ends[here / kSectorSize]; end < ring.size()) {
      text = ring.substr(here, end - here);
    } else {
      // It goes on behind the header sector. One that came back to where it began would have no end.
      const std::size_t rest = ends[1];
      if (rest >= here) continue;
      text = ring.substr(here);
      text += ring.substr(kSectorSize, rest - kSectorSize);
    }
    if (text.size() >= ring.size() / 2) continue;  // two of them must fit beside one another
    if (take({here}, text)) {
      at = std::min<std::size_t>(ring.size(), here + round_up(text.size() + 1, kSectorSize));
      continue;
    }
    wasted += text.size();
    if (wasted > kMostWasted * ring.size()) return false;
  }
  return true;
}

}  // namespace ashlar::text
