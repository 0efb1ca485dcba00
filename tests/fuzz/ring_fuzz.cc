// SPDX-License-Identifier: LGPL-2.1-or-later
// Old texts in the ring of a metadata area: whatever the bytes are, what is offered lies in the area, and the work
// stays in proportion to it.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "metadata/text/ring_search.h"
#include "metadata/text/vg_reader.h"

using namespace ashlar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Whole sectors, as a disk has; of the size of a small area at most.
  std::string area(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 1 << 16));
  area.resize((area.size() + 511) / 512 * 512);
  const auto bytes = std::as_bytes(std::span<const char>(area));
  for (const std::string_view begins : {std::string_view(), std::string_view("id = ")}) {
    std::size_t offered = 0;
    text::search_ring(bytes, begins, [&](Bytes at, const std::string& text) {
      if (at.n % 512 != 0 || at.n >= area.size() || text.size() > area.size() || text.find('\0') != std::string::npos)
        std::abort();
      offered += text.size();
      return text::read_vg(text, "ring").ok();
    });
    if (offered > 64 * (area.size() + 512)) std::abort();
  }
  return 0;
}
