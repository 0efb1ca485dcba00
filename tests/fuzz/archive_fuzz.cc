// SPDX-License-Identifier: LGPL-2.1-or-later
// The archive directory: names of files and what they mean together, and the bytes of its index.
#include <cstdlib>
#include <string>
#include <vector>

#include "archive/directory_index.h"
#include "archive/file_name.h"
#include "archive/history.h"

using namespace ashlar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (auto table = archive::decode(text)) {
    auto again = archive::decode(archive::encode(*table));
    if (!again || *again != *table) std::abort();
  }
  std::vector<std::string> names;
  for (std::size_t from = 0; from < text.size();) {
    std::size_t to = std::min(text.find('\n', from), text.size());
    names.push_back(text.substr(from, to - from));
    from = to + 1;
    if (auto parsed = archive::parse_archive_name(names.back())) {
      if (archive::archive_name(parsed->vg_name, parsed->tail) != names.back() ||
          parsed->vg_name.find('/') != std::string_view::npos)
        std::abort();
    }
  }
  for (auto& [vg, history] : archive::histories(names)) (void)history.next();
  return 0;
}
