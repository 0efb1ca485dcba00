// SPDX-License-Identifier: LGPL-2.1-or-later
// The text of a devices file: what was read is written and read again as the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "device/devices_file.h"

using namespace ashlar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto file = device::parse_devices_file({reinterpret_cast<const char*>(data), size});
  if (!file) return 0;
  device::DevicesFile known = *file;
  known.odd_version = false;  // what could not be read is not written
  auto again = device::parse_devices_file(device::print_devices_file(*file, "fuzz pid 1 at some time"));
  if (!again || *again != known) std::abort();
  return 0;
}
