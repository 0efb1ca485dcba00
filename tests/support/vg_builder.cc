// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/vg_builder.h"

#include "base/result.h"

namespace ashlar::test {

Uuid id_of(std::string_view word) {
  Uuid id;
  id.chars.fill('0');
  for (std::size_t i = 0; i < word.size(); ++i) {
    // Characters that no id has, and words longer than an id, are folded in.
    char c = word[i];
    bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    id.chars[i % id.chars.size()] = plain && i < id.chars.size() ? c : static_cast<char>('a' + (c + 128) % 26);
  }
  return id;
}

VgBuilder::VgBuilder(std::string name) {
  vg.id = id_of(name);
  vg.name = std::move(name);
  vg.seqno = 1;
  vg.extent_size = {8192};
  vg.status.set(VgFlag::Resizeable);
  vg.status.set(VgFlag::Read);
  vg.status.set(VgFlag::Write);
}

VgBuilder& VgBuilder::pv(const std::string& name, std::uint64_t pe_count) {
  PhysicalVolume pv;
  pv.id = id_of(name);
  pv.device = name;
  pv.status.set(PvFlag::Allocatable);
  pv.pe_start = {2048};
  pv.pe_count = {pe_count};
  pv.dev_size = pv.pe_start + to_sectors(pv.pe_count, vg.extent_size);
  vg.pvs.push_back(std::move(pv));
  return *this;
}

LogicalVolume& VgBuilder::add(const std::string& name) {
  LogicalVolume lv;
  lv.name = name;
  lv.id = id_of(name);
  lv.status.set(LvFlag::Read);
  lv.status.set(LvFlag::Write);
  lv.status.set(LvFlag::Visible);
  vg.lvs.push_back(std::move(lv));
  return vg.lvs.back();
}

VgBuilder& VgBuilder::lv(const std::string& name, const std::vector<Pes>& runs) {
  LogicalVolume& lv = add(name);
  for (const Pes& run : runs)
    lv.segments.push_back({lv.extents(), {run.length}, {}, Striped{{}, {PvArea{id_of(run.pv), {run.start}}}}, {}});
  return *this;
}

VgBuilder& VgBuilder::striped(const std::string& name, const std::vector<Pes>& areas) {
  Striped body{{128}, {}};
  for (const Pes& area : areas) body.areas.push_back(PvArea{id_of(area.pv), {area.start}});
  add(name).segments.push_back({{}, {areas.front().length * areas.size()}, {}, std::move(body), {}});
  return *this;
}

VgBuilder& VgBuilder::foreign(const std::string& name, std::uint64_t length, const std::string& type,
                              const std::string& body) {
  add(name).segments.push_back({{}, {length}, {}, Foreign{type, body}, {}});
  return *this;
}

VgBuilder& VgBuilder::hidden() {
  vg.lvs.back().status.set(LvFlag::Visible, false);
  return *this;
}

VgBuilder& VgBuilder::tag(const std::string& tag) {
  vg.lvs.back().tags.push_back(tag);
  return *this;
}

}  // namespace ashlar::test
