// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/damage.h"

#include "metadata/disk/mda_header.h"

namespace ashlar::test {

std::string name_of(Damage damage) {
  switch (damage) {
    case Damage::TextByte:
      return "TextByte";
    case Damage::HeaderByte:
      return "HeaderByte";
    case Damage::HeaderZeroed:
      return "HeaderZeroed";
    case Damage::LocnWrong:
      return "LocnWrong";
    case Damage::AreaEmptied:
      return "AreaEmptied";
    case Damage::AreaZeroed:
      return "AreaZeroed";
    case Damage::LabelByte:
      return "LabelByte";
    case Damage::LabelZeroed:
      return "LabelZeroed";
    case Damage::StartZeroed:
      break;
  }
  return "StartZeroed";
}

void do_damage(TestMachine& m, const store::FoundPv& pv, std::size_t area, Damage damage) {
  RamDisk& disk = m.disks.disk(pv.device->path());
  const store::Mda& mda = pv.mdas.at(area);
  auto flip = [&](Bytes at) {
    std::vector<std::byte> byte = disk.peek(at, 1);
    byte[0] ^= std::byte{0x20};
    disk.poke(at, byte);
  };
  auto zero = [&](Bytes at, std::size_t length) { disk.poke(at, std::vector<std::byte>(length)); };
  disk::MdaHeader header = *mda.header;
  switch (damage) {
    case Damage::TextByte:
      return flip(mda.area.offset + header.committed.offset + Bytes{100});
    case Damage::HeaderByte:
      return flip(mda.area.offset + Bytes{50});
    case Damage::HeaderZeroed:
      return zero(mda.area.offset, 512);
    case Damage::LocnWrong:
      header.committed.checksum ^= 1;
      break;
    case Damage::AreaEmptied:
      header.committed = {};
      break;
    case Damage::AreaZeroed:
      return zero(mda.area.offset, mda.area.size.n);
    case Damage::LabelByte:
      return flip(Bytes{512 + 70});
    case Damage::LabelZeroed:
      return zero({0}, 2048);
    case Damage::StartZeroed:
      return zero({0}, 4096 + 512);
  }
  disk.poke(mda.area.offset, disk::encode_mda_header(header));
}

OldHeaders::OldHeaders(TestMachine& m, const store::FoundPv& pv) : path(pv.device->path()) {
  for (const store::Mda& mda : pv.mdas)
    sectors.emplace_back(mda.area.offset, m.disks.disk(path).peek(mda.area.offset, 512));
}

void OldHeaders::put_back(TestMachine& m) const {
  for (const auto& [at, bytes] : sectors) m.disks.disk(path).poke(at, bytes);
}

}  // namespace ashlar::test
