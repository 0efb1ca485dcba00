// SPDX-License-Identifier: LGPL-2.1-or-later
// A way round the Document for sections that come in thousands: whoever knows their usual form reads them straight from
// the text while it is parsed. What is not in that form goes into the Document as ever.
#pragma once

#include <cstdint>
#include <string_view>

#include "config/document.h"

namespace ashlar::config {

class SectionReader {
 public:
  virtual ~SectionReader() = default;

  /// A section named `name` is about to be parsed: text[at] is the first byte behind its brace, and `parent`, which
  /// lies directly in the first section of the file (`top`), is what it belongs to; both have what stood before.
  /// Returns the offset behind its closing brace, having taken it (it is then not in the Document), or 0.
  virtual std::uint32_t read(Node top, Node parent, std::string_view name, std::string_view text, std::uint32_t at) = 0;
};

}  // namespace ashlar::config
