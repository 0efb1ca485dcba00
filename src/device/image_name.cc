// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/image_name.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <charconv>

#include "base/log.h"
#include "base/size_text.h"

namespace ashlar::device {

namespace {
constexpr unsigned kMaxPartition = 1024;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Result<unsigned> partition_number(std::string_view text, const std::string& word) {
  unsigned number = 0;
  auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (bad == std::errc{} && end == text.data() + text.size() && number >= 1 && number <= kMaxPartition) return number;
  return Error(Errc::InvalidArgument,
               fmt::format("{}: a partition is a number from 1 to {}, as in FILE@p2", printable(word), kMaxPartition));
}

Result<Bytes> place(std::string_view text, const std::string& word) {
  return parse_size(text, 'b').context(printable(word) + ": a part of a file is FILE@OFFSET or FILE@OFFSET+SIZE");
}
}  // namespace

Result<ImageName> parse_image_name(const std::string& word) {
  ImageName name{.file = word};
  struct stat st {};
  const std::size_t at = word.rfind('@');
  if (at == std::string::npos || at == 0 || at + 1 == word.size() || ::lstat(word.c_str(), &st) == 0) return name;
  const std::string_view part = std::string_view(word).substr(at + 1);
  if (part[0] == 'p' && part.size() > 1 && is_digit(part[1])) {
    name.partition = TRY(partition_number(part.substr(1), word));
  } else if (is_digit(part[0])) {
    const std::size_t plus = part.find('+');
    name.offset = TRY(place(part.substr(0, plus), word));
    if (plus != std::string_view::npos) name.size = TRY(place(part.substr(plus + 1), word));
    if (name.size && name.size->n == 0) return Error(Errc::InvalidArgument, printable(word) + ": a part of no bytes");
  } else {
    return name;
  }
  name.file = word.substr(0, at);
  return name;
}

std::optional<std::string> image_file_of(const std::string& word) {
  Result<ImageName> name = parse_image_name(word);
  struct stat st {};
  if (!name || ::stat(name->file.c_str(), &st) != 0 || !S_ISREG(st.st_mode)) return std::nullopt;
  return std::move(name->file);
}

}  // namespace ashlar::device
