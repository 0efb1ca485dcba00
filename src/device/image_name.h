// SPDX-License-Identifier: LGPL-2.1-or-later
// How an image is named on a command line: a file, a partition in it, or a range of its bytes. Source: docs/images.md.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/units.h"

namespace ashlar::device {

struct ImageName {
  std::string file;
  std::optional<unsigned> partition;  ///< FILE@p2
  std::optional<Bytes> offset;        ///< FILE@1m or FILE@1m+64m; whole sectors
  std::optional<Bytes> size;          ///< none: to the end of the file
  bool whole() const { return !partition && !offset; }
};

/// FILE, FILE@pN or FILE@OFFSET[+SIZE]; a number without a unit is bytes. What is there under the whole word is that
/// file, whatever its name looks like; and so is a word whose end is no such part. Errc::InvalidArgument for a
/// partition number or a size that cannot be.
Result<ImageName> parse_image_name(const std::string& word);

/// The regular file that a word names, or whose part it names; nothing for anything else.
std::optional<std::string> image_file_of(const std::string& word);

}  // namespace ashlar::device
