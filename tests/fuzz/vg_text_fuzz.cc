// SPDX-License-Identifier: LGPL-2.1-or-later
// Metadata text. What is read is written and read again in both forms, and must be the same VG where it is a legal one.
#include <cstdlib>
#include <string>

#include "metadata/model/query.h"
#include "metadata/model/validate.h"
#include "metadata/model/visibility.h"
#include "metadata/text/vg_writer.h"

using namespace ashlar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(data), size);
  text::peek_vg_name(text);
  // The header that each text must have is spared the fuzzer.
  std::string whole = text.substr(0, text.find('\0')) + "\ncontents = \"Text Format Volume Group\"\nversion = 1\n";
  if (text.find("contents") != std::string::npos) whole = text;
  auto read = text::read_vg(whole, "fuzz");
  // The short cut for plain LVs reads what the whole grammar reads.
  auto document = config::Document::view(whole, "fuzz");
  if (document.ok()) {
    auto slow = text::read_vg(*document);
    if (slow.ok() != read.ok() || (read.ok() && (slow->vg != read->vg || slow->header != read->header))) std::abort();
  } else if (read.ok()) {
    std::abort();
  }
  if (!read.ok()) return 0;
  bool legal = validate(read->vg).empty();
  if (!check_writable(read->vg).ok()) legal = false;
  order_as_written(read->vg);
  for (text::Form form : {text::Form::Raw, text::Form::File}) {
    auto again = text::read_vg(text::write_vg(read->vg, read->header, {"Ashlar", "Linux"}, form), "again");
    if (!again.ok() || (legal && (again->vg != read->vg || again->header != read->header))) std::abort();
  }
  return 0;
}
