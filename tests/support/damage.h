// SPDX-License-Identifier: LGPL-2.1-or-later
// Ways in which PVs break, by name, done to the disks of a TestMachine behind its back.
#pragma once

#include <string>
#include <vector>

#include "support/test_machine.h"

namespace ashlar::test {

enum class Damage {
  TextByte,    ///< one byte of the committed text
  HeaderByte,  ///< one byte of the area's header
  HeaderZeroed,
  LocnWrong,    ///< the header's place of the text, with a right checksum of the header
  AreaEmptied,  ///< a good header that names no text
  AreaZeroed,
  LabelByte,    ///< one byte of the label, behind the id
  LabelZeroed,  ///< all four sectors in which one may be
  StartZeroed,  ///< labels and the first area's header
};
std::string name_of(Damage damage);

/// `pv`: as a look at the machine found it before it was damaged.
void do_damage(TestMachine& m, const store::FoundPv& pv, std::size_t area, Damage damage);

/// The sectors of the areas' headers: put back after a change, the areas are behind.
struct OldHeaders {
  OldHeaders(TestMachine& m, const store::FoundPv& pv);
  void put_back(TestMachine& m) const;
  std::string path;
  std::vector<std::pair<Bytes, std::vector<std::byte>>> sectors;
};

}  // namespace ashlar::test
