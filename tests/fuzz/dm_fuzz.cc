// SPDX-License-Identifier: LGPL-2.1-or-later
// What the kernel's device-mapper says: the list of devices, lines of tables, names and UUIDs of devices.
#include <cstdlib>
#include <string>

#include "activation/dm_list.h"
#include "activation/names.h"
#include "activation/table.h"

using namespace ashlar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)dm::parse_device_list(std::as_bytes(std::span(data, size))).ok();
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::size_t blank = std::min(text.find(' '), text.size());
  const std::string type = text.substr(0, blank), rest = blank < text.size() ? text.substr(blank + 1) : "";
  const dm::Params params = dm::parse_params(type, rest);
  // What is understood is printed as it was.
  const std::string printed = dm::print_params(params, [](const std::string& uuid) { return uuid; });
  if (!std::holds_alternative<dm::ForeignTarget>(params) && printed != rest) std::abort();
  (void)dm::split_name(text);
  (void)dm::split_uuid(text);
  return 0;
}
