// SPDX-License-Identifier: LGPL-2.1-or-later
// rapidcheck generators of legal VGs.
#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "metadata/model/query.h"
#include "support/vg_builder.h"

namespace ashlar::test {

/// Evenly from [low, high), however early in the run: rapidcheck's own ranges start small.
template <class T>
T pick(T low, T high) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<T>(low, high));
}

/// "pv0 31" ... : 1 to 5 PVs of 1 to 60 extents, LVs of 1 to 4 segments, linear or striped, on distinct PEs, with some
/// tags and flags, and a thin pool now and then.
inline rc::Gen<VolumeGroup> any_vg() {
  return rc::gen::exec([]() -> VolumeGroup {
    VgBuilder builder("vg0");
    builder.vg.extent_size = {*rc::gen::element<std::uint64_t>(1, 8, 8192, 768)};
    int pvs = pick(1, 6);
    for (int i = 0; i < pvs; ++i) builder.pv("pv" + std::to_string(i), pick<std::uint64_t>(1, 61));
    VolumeGroup& vg = builder.vg;
    for (PhysicalVolume& pv : vg.pvs) {
      if (pick(0, 5) == 0) pv.tags.push_back("fast");
      if (pick(0, 20) == 0) pv.status.set(PvFlag::Allocatable, false);
    }
    vg.alloc =
        *rc::gen::element(AllocPolicy::Normal, AllocPolicy::Contiguous, AllocPolicy::Cling, AllocPolicy::Anywhere);

    std::vector<std::uint64_t> next(vg.pvs.size());  // first PE not used, of each PV
    auto take = [&](std::size_t pv, std::uint64_t length) {
      std::uint64_t start = next[pv];
      next[pv] += length;
      return Area{PvArea{vg.pvs[pv].id, {start}}};
    };
    int lvs = pick(0, 7);
    for (int l = 0; l < lvs; ++l) {
      LogicalVolume lv;
      lv.name = "lv" + std::to_string(l);
      lv.id = id_of(lv.name);
      for (LvFlag flag : {LvFlag::Read, LvFlag::Write, LvFlag::Visible}) lv.status.set(flag);
      if (pick(0, 4) == 0) lv.status.set(LvFlag::Write, false);
      if (pick(0, 4) == 0) lv.tags.push_back("t" + std::to_string(l));
      int segments = pick(1, 5);
      for (int s = 0; s < segments; ++s) {
        std::vector<std::size_t> order(vg.pvs.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
        std::size_t stripes = pick<std::size_t>(1, vg.pvs.size() + 1);
        if (pick(0, 2) == 0) stripes = 1;
        std::rotate(order.begin(), order.begin() + pick<std::ptrdiff_t>(0, std::ssize(order)), order.end());
        order.resize(stripes);
        std::uint64_t room = ~0ull;
        for (std::size_t pv : order) {
          next[pv] += pick<std::uint64_t>(0, 3);  // leave holes
          room = std::min(room, vg.pvs[pv].pe_count.n - std::min(vg.pvs[pv].pe_count.n, next[pv]));
        }
        if (room == 0) continue;
        std::uint64_t length = pick<std::uint64_t>(1, std::min<std::uint64_t>(room, 12) + 1);
        Striped body{{stripes > 1 ? 8u : 0u}, {}};
        for (std::size_t pv : order) body.areas.push_back(take(pv, length));
        lv.segments.push_back({lv.extents(), {length * stripes}, {}, std::move(body), {}});
      }
      if (!lv.segments.empty()) vg.lvs.push_back(std::move(lv));
    }
    if (next[0] + 3 <= vg.pvs[0].pe_count.n && pick(0, 4) == 0) {
      builder.lv("tp_tmeta", {{"pv0", next[0], 1}}).hidden().lv("tp_tdata", {{"pv0", next[0] + 1, 2}}).hidden();
      builder.foreign("tp", 2, "thin-pool", "metadata=\"tp_tmeta\"\npool=\"tp_tdata\"\nchunk_size=128");
      builder.foreign("th", 5, "thin", "thin_pool=\"tp\"\ndevice_id=1");
    }
    return vg;
  });
}

}  // namespace ashlar::test

namespace rc {
inline void showValue(const ashlar::VolumeGroup& vg, std::ostream& out) {
  for (const ashlar::PhysicalVolume& pv : vg.pvs) out << "pv " << pv.device << ' ' << pv.pe_count.n << '\n';
  for (const ashlar::LogicalVolume& lv : vg.lvs) {
    for (const ashlar::Segment& segment : lv.segments) {
      out << lv.name << ' ' << segment.start.n << '+' << segment.length.n << ' ' << ashlar::type_name(segment);
      if (const auto* striped = std::get_if<ashlar::Striped>(&segment.body)) {
        for (const ashlar::Area& area : striped->areas) {
          if (const auto* on_pv = std::get_if<ashlar::PvArea>(&area))
            out << ' ' << on_pv->pv.raw().substr(0, 4) << ':' << on_pv->start.n;
        }
      }
      out << '\n';
    }
  }
}
}  // namespace rc
