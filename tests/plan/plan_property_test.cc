// SPDX-License-Identifier: LGPL-2.1-or-later
// Laws of the plans, over random legal VGs.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "metadata/model/validate.h"
#include "plan/plan.h"
#include "support/generators.h"

namespace ashlar::plan {
namespace {

using test::pick;

rc::Gen<AllocPolicy> any_policy() {
  return rc::gen::element(AllocPolicy::Contiguous, AllocPolicy::Cling, AllocPolicy::Normal, AllocPolicy::Anywhere);
}

SizeRequest any_size(bool relative) {
  SizeRequest size;
  if (relative)
    size.sign = *rc::gen::element(SizeRequest::Sign::Plus, SizeRequest::Sign::Minus, SizeRequest::Sign::Absolute);
  switch (pick(0, 4)) {
    case 0:
      size.amount = Bytes{pick<std::uint64_t>(1, 200ull << 20)};
      break;
    case 1:
      size.amount = Percent{pick<std::uint32_t>(0, 130),
                            *rc::gen::element(Percent::Of::Vg, Percent::Of::Free, Percent::Of::Pvs, Percent::Of::Lv)};
      break;
    default:
      size.amount = Extents{pick<std::uint64_t>(0, 40)};
  }
  return size;
}

std::optional<std::vector<PvChoice>> any_pvs(const VolumeGroup& vg) {
  if (pick(0, 3) != 0) return std::nullopt;
  std::vector<PvChoice> pvs;
  for (const PhysicalVolume& pv : vg.pvs) {
    if (pick(0, 3) == 0) continue;
    PvChoice choice{pv.id, {}};
    if (pick(0, 2) == 0) {
      std::uint64_t start = pick<std::uint64_t>(0, pv.pe_count.n);
      choice.ranges.push_back({{start}, {pick<std::uint64_t>(1, pv.pe_count.n - start + 1)}});
    }
    pvs.push_back(std::move(choice));
  }
  return pvs;
}

CreateLv any_create(const VolumeGroup& vg) {
  CreateLv request;
  request.size = any_size(false);
  request.stripes = pick<std::uint32_t>(1, 4);
  if (pick(0, 2) == 0) request.alloc = *any_policy();
  request.pvs = any_pvs(vg);
  if (pick(0, 4) == 0) request.cling_tags = {"@fast"};
  request.maximise_cling = pick(0, 4) != 0;
  return request;
}

ResizeLv any_resize(const VolumeGroup& vg) {
  ResizeLv request;
  request.lv = vg.lvs[pick<std::size_t>(0, vg.lvs.size())].name;
  request.size = any_size(true);
  if (pick(0, 2) == 0) request.stripes = pick<std::uint32_t>(1, 4);
  if (pick(0, 2) == 0) request.alloc = *any_policy();
  request.pvs = any_pvs(vg);
  if (pick(0, 4) == 0) request.cling_tags = {"@*"};
  request.maximise_cling = pick(0, 4) != 0;
  return request;
}

/// One that has a good chance.
ResizeLv modest_extend(const VolumeGroup& vg) {
  ResizeLv request = any_resize(vg);
  request.direction = ResizeLv::Direction::Extend;
  request.size = {SizeRequest::Sign::Plus, Extents{pick<std::uint64_t>(1, 6)}};
  request.stripes = pick(0, 3) == 0 ? 2 : 1;
  if (request.alloc == AllocPolicy::Contiguous) request.alloc.reset();
  return request;
}

void check_legal(const Result<Planned>& planned) {
  if (!planned.ok()) {
    RC_ASSERT(planned.error().message().find("internal error") == std::string::npos);
    return;
  }
  for (const Violation& violation : validate(planned->vg)) RC_FAIL(violation.what);
}

/// Which LV has each PE, by PV and number.
std::map<std::pair<Uuid, std::uint64_t>, std::string> owners(const VolumeGroup& vg) {
  std::map<std::pair<Uuid, std::uint64_t>, std::string> owner;
  for (const LogicalVolume& lv : vg.lvs) {
    for (const Segment& segment : lv.segments) {
      const auto* striped = std::get_if<Striped>(&segment.body);
      if (striped == nullptr) continue;
      for (const Area& area : striped->areas) {
        const auto& on_pv = std::get<PvArea>(area);
        for (std::uint64_t i = 0; i < segment.length.n / striped->areas.size(); ++i) {
          bool fresh = owner.emplace(std::pair(on_pv.pv, on_pv.start.n + i), lv.name).second;
          RC_ASSERT(fresh);
        }
      }
    }
  }
  return owner;
}

bool allows(const std::optional<std::vector<PvChoice>>& pvs, const Uuid& pv, std::uint64_t pe) {
  if (!pvs) return true;
  for (const PvChoice& choice : *pvs) {
    if (choice.pv != pv) continue;
    if (choice.ranges.empty()) return true;
    for (const PeRun& range : choice.ranges)
      if (pe >= range.start.n && pe < range.start.n + range.length.n) return true;
  }
  return false;
}

RC_GTEST_PROP(PlanLaws, CreateTakesFreeExtentsThatTheRequestAllows, ()) {
  VolumeGroup vg = *test::any_vg();
  CreateLv request = any_create(vg);
  SeededRandom random(1);
  Result<Planned> planned = create_lv(vg, request, random);
  check_legal(planned);
  if (!planned.ok()) return;
  auto before = owners(vg), after = owners(planned->vg);
  for (const auto& [pe, lv] : after) {
    if (lv != planned->lv) {
      RC_ASSERT(before.at(pe) == lv);
      continue;
    }
    RC_ASSERT(!before.contains(pe));
    RC_ASSERT(allows(request.pvs, pe.first, pe.second));
    RC_ASSERT(find_pv(vg, pe.first)->status.has(PvFlag::Allocatable));
  }
  const LogicalVolume& lv = planned->vg.lvs.back();
  RC_ASSERT(after.size() == before.size() + lv.extents().n);
  for (const Segment& segment : lv.segments) {
    const auto& striped = std::get<Striped>(segment.body);
    RC_ASSERT(striped.areas.size() == request.stripes);
    std::set<Uuid> pvs;
    for (const Area& area : striped.areas) pvs.insert(std::get<PvArea>(area).pv);
    // "anywhere" alone may put two stripes on one PV.
    RC_ASSERT(pvs.size() == request.stripes || request.alloc.value_or(vg.alloc) == AllocPolicy::Anywhere);
  }
  if (request.alloc.value_or(vg.alloc) == AllocPolicy::Contiguous) RC_ASSERT(lv.segments.size() == 1u);
}

RC_GTEST_PROP(PlanLaws, ExactSizesAreMetExactly, ()) {
  VolumeGroup vg = *test::any_vg();
  CreateLv request = any_create(vg);
  request.size.amount = Extents{pick<std::uint64_t>(1, 40)};
  SeededRandom random(1);
  Result<Planned> planned = create_lv(vg, request, random);
  if (planned.ok())
    RC_ASSERT(planned->vg.lvs.back().extents().n ==
              round_up(std::get<Extents>(request.size.amount).n, request.stripes));
}

RC_GTEST_PROP(PlanLaws, NormalPolicyFindsAllThatIsFree, ()) {
  VolumeGroup vg = *test::any_vg();
  CreateLv request;
  request.alloc = AllocPolicy::Normal;
  request.size.amount = Percent{100, Percent::Of::Free};
  for (PhysicalVolume& pv : vg.pvs) pv.status.set(PvFlag::Allocatable);
  RC_PRE(free_extents(vg).n > 0);
  SeededRandom random(1);
  RC_ASSERT(free_extents(create_lv(vg, request, random).value().vg) == Extents{});
}

RC_GTEST_PROP(PlanLaws, RemoveUndoesCreate, ()) {
  VolumeGroup vg = *test::any_vg();
  SeededRandom random(1);
  CreateLv request = any_create(vg);
  request.size.amount = Extents{pick<std::uint64_t>(1, 6)};
  Result<Planned> created = create_lv(vg, request, random);
  RC_PRE(created.ok());
  RC_ASSERT(remove_lv(created->vg, created->lv).value().vg == vg);
}

RC_GTEST_PROP(PlanLaws, ReduceUndoesExtend, ()) {
  VolumeGroup vg = *test::any_vg();
  RC_PRE(!vg.lvs.empty());
  ResizeLv extend = modest_extend(vg);
  Result<Planned> extended = resize_lv(vg, extend);
  check_legal(extended);
  RC_PRE(extended.ok());
  Extents before = find_lv(vg, extend.lv)->extents();
  RC_ASSERT(find_lv(extended->vg, extend.lv)->extents() > before);
  ResizeLv reduce;
  reduce.lv = extend.lv;
  reduce.size.amount = before;
  RC_ASSERT(free_extents(resize_lv(extended->vg, reduce).value().vg) == free_extents(vg));
}

RC_GTEST_PROP(PlanLaws, ExtendKeepsEveryExtentWhereItIs, ()) {
  VolumeGroup vg = *test::any_vg();
  RC_PRE(!vg.lvs.empty());
  ResizeLv request = modest_extend(vg);
  Result<Planned> planned = resize_lv(vg, request);
  RC_PRE(planned.ok());
  auto before = owners(vg), after = owners(planned->vg);
  for (const auto& [pe, lv] : before) RC_ASSERT(after.at(pe) == lv);
  for (const auto& [pe, lv] : after)
    RC_ASSERT(before.contains(pe) || (lv == request.lv && allows(request.pvs, pe.first, pe.second)));
  const LogicalVolume &old = *find_lv(vg, request.lv), &now = *find_lv(planned->vg, request.lv);
  for (std::size_t i = 0; i + 1 < old.segments.size(); ++i) RC_ASSERT(now.segments[i] == old.segments[i]);
}

RC_GTEST_PROP(PlanLaws, RenamingBackIsNothing, ()) {
  VolumeGroup vg = *test::any_vg();
  RC_PRE(!vg.lvs.empty());
  Result<Planned> there = rename_lv(vg, vg.lvs[0].name, "elsewhere");
  RC_PRE(there.ok());
  RC_ASSERT(rename_lv(there->vg, "elsewhere", vg.lvs[0].name).value().vg == vg);
}

RC_GTEST_PROP(PlanLaws, EveryStepOfARandomSequenceIsLegal, ()) {
  VolumeGroup vg = *test::any_vg();
  SeededRandom random(1);
  for (int step = 0; step < 12; ++step) {
    Result<Planned> planned = [&]() -> Result<Planned> {
      int kind = pick(0, 10);
      if (kind < 4 || vg.lvs.empty()) return create_lv(vg, any_create(vg), random);
      if (kind < 8) return resize_lv(vg, any_resize(vg));
      return remove_lv(vg, vg.lvs[pick<std::size_t>(0, vg.lvs.size())].name);
    }();
    check_legal(planned);
    if (planned.ok()) vg = planned->vg;
  }
}

}  // namespace
}  // namespace ashlar::plan
