// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/model/validate.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <functional>

#include "support/generators.h"
#include "support/vg_builder.h"

namespace ashlar {
namespace {

using test::id_of;
using test::VgBuilder;

VolumeGroup good() {
  return VgBuilder("vg0")
      .pv("pv0", 31)
      .pv("pv1", 31)
      .lv("a", {{"pv0", 0, 5}, {"pv1", 0, 3}})
      .striped("s", {{"pv0", 10, 4}, {"pv1", 10, 4}})
      .lv("tp_tdata", {{"pv0", 20, 4}})
      .hidden()
      .lv("tp_tmeta", {{"pv1", 20, 1}})
      .hidden()
      .foreign("tp", 4, "thin-pool", "metadata=\"tp_tmeta\"\npool=\"tp_tdata\"")
      .vg;
}

Segment on_lv(const std::string& lv, std::uint64_t start, std::uint64_t length) {
  return {{}, {length}, {}, Striped{{}, {LvArea{lv, {start}}}}, {}};
}

TEST(Validate, FindsNothingWrongInALegalVg) {
  for (const Violation& violation : validate(good())) ADD_FAILURE() << violation.what;
}

struct Damage {
  const char* name;
  std::function<void(VolumeGroup&)> make;
  const char* sentence;  ///< part of the only violation, or of one of several
  bool fatal = false;
};

const Damage kDamages[] = {
    {"VgName", [](VolumeGroup& vg) { vg.name = "../evil"; }, "Volume group name \"../evil\" is not valid"},
    {"VgId", [](VolumeGroup& vg) { vg.id = {}; }, "VG vg0 has no id"},
    {"Seqno", [](VolumeGroup& vg) { vg.seqno = 0xFFFFFFFF; }, "sequence number 4294967295"},
    {"ExtentSizeZero", [](VolumeGroup& vg) { vg.extent_size = {0}; }, "extent size of 0 sectors", true},
    {"ExtentSizeOdd", [](VolumeGroup& vg) { vg.extent_size = {200}; }, "extent size of 200 sectors", true},
    {"ExtentSizeHuge", [](VolumeGroup& vg) { vg.extent_size = {1ull << 32}; }, "extent size of 4294967296", true},
    {"VgTag", [](VolumeGroup& vg) { vg.tags = {"b ad"}; }, "VG vg0: Tag \"b ad\" is not valid"},
    {"PvTag",
     [](VolumeGroup& vg) {
       vg.pvs[0].tags = {"good", "@bad"};
     },
     "0000-000000): Tag \"@bad\" is not valid"},
    {"LvTag", [](VolumeGroup& vg) { vg.lvs[0].tags = {""}; }, "LV vg0/a: Tag \"\" is not valid"},
    {"SegmentTag", [](VolumeGroup& vg) { vg.lvs[0].segments[1].tags = {"a\x1b"}; },
     "LV vg0/a, segment 2: Tag \"a\\x1b\""},
    {"LockTypeAlone", [](VolumeGroup& vg) { vg.lock_type = "dlm"; }, "VG vg0 has the lock_type dlm and no lock_args"},
    {"LockTypeOfNobody", [](VolumeGroup& vg) { vg.lock_type = "foo"; }, "VG vg0 has the lock_type \"foo\""},
    {"PvTwice", [](VolumeGroup& vg) { vg.pvs[1].id = vg.pvs[0].id; }, "listed twice in VG vg0", true},
    {"PvWithoutId", [](VolumeGroup& vg) { vg.pvs.push_back({}); }, "has no id", true},
    {"PeCountHuge", [](VolumeGroup& vg) { vg.pvs[0].pe_count = {0xFFFFFFFF}; },
     "PV pv0 (pv0000-0000-0000-0000-0000-0000-000000) has 4294967295 extents of 8192 sectors, more than its size"},
    {"PeCountTooWide", [](VolumeGroup& vg) { vg.pvs[0].pe_count = {1ull << 32}; }, "4294967296 extents, more than",
     true},
    {"PvPastEightEib", [](VolumeGroup& vg) { vg.pvs[0].pe_start = {~0ull - 10}; }, "ends beyond 2^63 bytes", true},
    {"ExtentsOfAllPvs",
     [](VolumeGroup& vg) {
       vg.pvs[0].pe_count = {1u << 31};
       vg.pvs[1].pe_count = {1u << 31};
     },
     "VG vg0 has 4294967296 extents, more than 4294967295"},
    {"BootArea",
     [](VolumeGroup& vg) {
       vg.pvs[0].ba_start = {~0ull};
       vg.pvs[0].ba_size = {2};
     },
     "bootloader area of 2"},
    {"LvName", [](VolumeGroup& vg) { vg.lvs[0].name = "a/b"; }, "Logical volume name \"a/b\" is not valid"},
    {"LvNameEscape", [](VolumeGroup& vg) { vg.lvs[0].name = "a\x1b[2J"; }, "\\x1b"},
    {"LvNameTwice", [](VolumeGroup& vg) { vg.lvs[1].name = "a"; }, "LV name a is listed twice", true},
    {"LongNames", [](VolumeGroup& vg) { vg.lvs[0].name.assign(122, 'x'); }, "together longer than 124"},
    {"LvIdTwice", [](VolumeGroup& vg) { vg.lvs[1].id = vg.lvs[0].id; }, "LV vg0/a and LV vg0/s have the same id"},
    {"LvWithoutId", [](VolumeGroup& vg) { vg.lvs[0].id = {}; }, "LV vg0/a has no id"},
    {"NoSegments", [](VolumeGroup& vg) { vg.lvs[0].segments.clear(); }, "LV vg0/a has no segments"},
    {"CreationHostAlone", [](VolumeGroup& vg) { vg.lvs[0].creation_host = "h"; }, "without a creation time"},
    {"EmptySegment", [](VolumeGroup& vg) { vg.lvs[0].segments[1].length = {0}; }, "LV vg0/a, segment 2 is empty"},
    {"Gap", [](VolumeGroup& vg) { vg.lvs[0].segments[1].start = {6}; },
     "LV vg0/a, segment 2 starts at extent 6, expected 5", true},
    {"StartsLate", [](VolumeGroup& vg) { vg.lvs[0].segments.erase(vg.lvs[0].segments.begin()); },
     "segment 1 starts at extent 5, expected 0", true},
    {"LengthHuge", [](VolumeGroup& vg) { vg.lvs[0].segments[1].length = {~0ull}; }, "more than 4294967295 extents",
     true},
    {"LvPastEightEib",
     [](VolumeGroup& vg) {
       vg.extent_size = {1u << 31};
       vg.lvs[4].segments[0].length = {1u << 31};
     },
     "LV vg0/tp is larger than 2^63 bytes", true},
    {"NoAreas", [](VolumeGroup& vg) { std::get<Striped>(vg.lvs[0].segments[0].body).areas.clear(); },
     "has 0 stripes, 1 to 128", true},
    {"ManyAreas",
     [](VolumeGroup& vg) {
       std::get<Striped>(vg.lvs[0].segments[0].body).areas.resize(129, LvArea{"x", {}});
     },
     "has 129 stripes", true},
    {"StripeSizeOfLinear", [](VolumeGroup& vg) { std::get<Striped>(vg.lvs[0].segments[0].body).stripe_size = {128}; },
     "one stripe and a stripe size of 128"},
    {"StripeSizeMissing", [](VolumeGroup& vg) { std::get<Striped>(vg.lvs[1].segments[0].body).stripe_size = {0}; },
     "a stripe size of 0 sectors"},
    {"LengthNotMultiple", [](VolumeGroup& vg) { vg.lvs[1].segments[0].length = {7}; },
     "LV vg0/s, segment 1 has 7 extents, not a multiple of its 2 stripes"},
    {"UnknownPv", [](VolumeGroup& vg) { vg.pvs.pop_back(); }, "which is not in VG vg0", true},
    {"PastThePv", [](VolumeGroup& vg) { vg.pvs[1].pe_count = {12}; }, "needs 4 extents from 10 of PV pv1"},
    {"AreaStartHuge",
     [](VolumeGroup& vg) {
       std::get<PvArea>(std::get<Striped>(vg.lvs[0].segments[0].body).areas[0]).start = {~0ull - 1};
     },
     "needs 5 extents from 18446744073709551614"},
    {"Overlap",
     [](VolumeGroup& vg) { std::get<PvArea>(std::get<Striped>(vg.lvs[0].segments[0].body).areas[0]).start = {8}; },
     "LV vg0/a and LV vg0/s both use extents 10-12 of PV pv0"},
    {"MirrorOverlap",
     [](VolumeGroup& vg) {
       vg.lvs[4].segments[0].body = Foreign{"mirror", "mirrors=[\"pv0\",2,\"pv1\",25]"};
     },
     "LV vg0/a and LV vg0/tp both use extents 2-4 of PV pv0"},
    {"UnknownLv", [](VolumeGroup& vg) { vg.lvs[0].segments = {on_lv("nope", 0, 3)}; }, "refers to LV nope", true},
    {"PastTheLv", [](VolumeGroup& vg) { vg.lvs[0].segments = {on_lv("s", 6, 3)}; },
     "needs 3 extents from 6 of LV vg0/s, which has 8"},
    {"ForeignToNowhere",
     [](VolumeGroup& vg) {
       vg.lvs[4].segments[0].body = Foreign{"thin-pool", "pool=\"zz\""};
     },
     "LV vg0/tp, segment 1 refers to LV zz, which does not exist"},
    {"SelfReference", [](VolumeGroup& vg) { vg.lvs[0].segments = {on_lv("a", 0, 3)}; }, "LV vg0/a lies on LV vg0/a",
     true},
    {"Cycle",
     [](VolumeGroup& vg) {
       vg.lvs[0].segments = {on_lv("s", 0, 3)};
       vg.lvs[1].segments = {on_lv("a", 0, 3)};
     },
     "lies on LV vg0/a, which lies on it", true},
    {"CycleThroughForeign", [](VolumeGroup& vg) { vg.lvs[2].segments = {on_lv("tp", 0, 4)}; }, "which lies on it",
     true},
};

class ValidateDamage : public testing::TestWithParam<Damage> {};

TEST_P(ValidateDamage, IsSaidInASentence) {
  VolumeGroup vg = good();
  GetParam().make(vg);
  std::vector<Violation> found = validate_import(vg);
  bool said = false, fatal = false;
  std::string all;
  for (const Violation& violation : found) {
    all += violation.what + "\n";
    if (violation.what.find(GetParam().sentence) == std::string::npos) continue;
    said = true;
    fatal = violation.fatal;
  }
  EXPECT_TRUE(said) << "expected: " << GetParam().sentence << "\nfound:\n" << all;
  EXPECT_EQ(fatal, GetParam().fatal);
}

INSTANTIATE_TEST_SUITE_P(All, ValidateDamage, testing::ValuesIn(kDamages),
                         [](const auto& param) { return param.param.name; });

TEST_P(ValidateDamage, OfAnLvIsSaidOfThatLvToo) {
  const VolumeGroup before = good();
  VolumeGroup vg = before;
  GetParam().make(vg);
  std::size_t at = 0;
  while (at < vg.lvs.size() && vg.lvs[at] == before.lvs[at]) ++at;
  VolumeGroup without_it = vg;
  if (at < vg.lvs.size()) without_it.lvs[at] = before.lvs[at];
  if (at == vg.lvs.size() || without_it != before) return;  // it is not of one LV alone
  EXPECT_EQ(validate_lv(vg, at).empty(), validate(vg).empty());
}

TEST(Validate, AllowsTheReducedDeviceSizeThatPvresizeWrites) {
  VolumeGroup vg = good();
  // docs/format.md 3.4: 327680 sectors of device become 325632, without pe_start.
  vg.pvs[0].dev_size = Sectors{325632};
  vg.pvs[0].pe_count = {325632 / 8192};
  EXPECT_TRUE(validate(vg).empty());
}

TEST(Validate, AllowsLockTypesAndTagsThatLvm2Writes) {
  VolumeGroup vg = good();
  vg.tags = {"-a/b=c!:#&"};
  for (const char* type : {"none", "clvm", "dlm", "sanlock", "idm"}) {
    vg.lock_type = type;
    vg.lock_args = "1.0.0:lvmlock";
    EXPECT_TRUE(validate_import(vg).empty()) << type;
  }
}

TEST(Validate, KeepsNoVgOnDisksFromBeingUsedForItsTagsOrItsLockType) {
  VolumeGroup vg = good();
  vg.tags = vg.pvs[0].tags = vg.lvs[0].tags = vg.lvs[0].segments[0].tags = {"b ad"};
  vg.lock_type = "dlm";
  EXPECT_TRUE(validate(vg).empty());
}

TEST(Validate, AllowsAStripeSizeCutDownToAnUnevenExtentSize) {
  VolumeGroup vg = good();
  vg.extent_size = {768};
  std::get<Striped>(vg.lvs[1].segments[0].body).stripe_size = {768};
  EXPECT_TRUE(validate(vg).empty());
}

TEST(Validate, AllowsThinSnapshotsOfSnapshotsHoweverDeep) {
  VolumeGroup vg = good();
  for (int i = 0; i < 100; ++i) {
    LogicalVolume lv;
    lv.name = "th" + std::to_string(i) + "x";
    lv.id = id_of(lv.name);
    std::string origin = i == 0 ? "" : "\norigin=\"th" + std::to_string(i - 1) + "x\"";
    lv.segments.push_back({{}, {4}, {}, Foreign{"thin", "thin_pool=\"tp\"" + origin}, {}});
    vg.lvs.push_back(std::move(lv));
  }
  EXPECT_TRUE(validate(vg).empty());
}

/// LVs, each on the next; the last on pv0.
VolumeGroup tower(int height) {
  VolumeGroup vg = VgBuilder("vg0").pv("pv0", 31).vg;
  for (int i = 0; i < height; ++i) {
    LogicalVolume lv;
    lv.name = "t" + std::to_string(i) + "x";
    lv.id = id_of(lv.name);
    lv.segments = {on_lv("t" + std::to_string(i + 1) + "x", 0, 1)};
    if (i + 1 == height) lv.segments = {{{}, {1}, {}, Striped{{}, {PvArea{id_of("pv0"), {}}}}, {}}};
    vg.lvs.push_back(std::move(lv));
  }
  return vg;
}

TEST(Validate, LimitsHowHighLvsAreStacked) {
  EXPECT_TRUE(validate(tower(32)).empty());
  ASSERT_EQ(validate(tower(33)).size(), 1u);
  EXPECT_TRUE(validate(tower(33))[0].fatal);
  EXPECT_FALSE(validate(tower(60000)).empty()) << "and does not run out of stack";
}

TEST(Validate, ListsAtMostAHundred) {
  VolumeGroup vg = good();
  for (int i = 0; i < 1000; ++i) vg.lvs.push_back(vg.lvs[0]);
  EXPECT_EQ(validate(vg).size(), 100u);
}

TEST(Validate, LimitsTheNumberOfMembers) {
  VolumeGroup vg = VgBuilder("vg0").pv("pv0", 31).vg;
  vg.lvs.resize((1u << 16) + 1);
  EXPECT_NE(validate(vg)[0].what.find("has 65537 LVs, more than 65536"), std::string::npos);
  vg.lvs.clear();
  vg.pvs.resize((1u << 16) + 1);
  EXPECT_NE(validate(vg)[0].what.find("has 65537 PVs, more than 65536"), std::string::npos);
}

TEST(Validate, IsLinearInTheNumberOfSegments) {
  VgBuilder builder("vg0");
  builder.pv("pv0", 400'000);
  std::vector<test::Pes> runs;
  for (std::uint64_t i = 0; i < 100'000; ++i) runs.push_back({"pv0", 3 * i, 2});
  builder.lv("a", runs);
  auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(validate(builder.vg).empty());
  // About 30 ms optimised; a quadratic pass takes minutes.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

RC_GTEST_PROP(ValidateProperty, GeneratedVgsAreLegal, ()) {
  VolumeGroup vg = *test::any_vg();
  for (const Violation& violation : validate(vg)) RC_FAIL(violation.what);
}

RC_GTEST_PROP(ValidateProperty, OfOneLvFindsWhatValidatingTheVgFinds, ()) {
  VolumeGroup vg = *test::any_vg();
  RC_PRE(!vg.lvs.empty());
  for (std::size_t i = 0; i < vg.lvs.size(); ++i) RC_ASSERT(validate_lv(vg, i).empty());
  const auto at = test::pick<std::size_t>(0, vg.lvs.size()), other = test::pick<std::size_t>(0, vg.lvs.size());
  LogicalVolume& lv = vg.lvs[at];
  const auto small = [] { return Extents{test::pick<std::uint64_t>(0, 40)}; };
  switch (test::pick(0, 5)) {
    case 0:
      lv.id = vg.lvs[other].id;
      break;
    case 1:
      lv.segments.back().length = small();
      break;
    case 2:
      lv.segments.push_back({lv.extents(), small(), {}, vg.lvs[other].segments.front().body, {}});
      break;
    case 3:
      lv.segments.insert(lv.segments.begin(), lv.segments.back());
      break;
    default:
      for (Segment& segment : lv.segments)
        if (auto* striped = std::get_if<Striped>(&segment.body))
          for (Area& area : striped->areas)
            if (auto* on_pv = std::get_if<PvArea>(&area)) on_pv->start = small();
  }
  RC_ASSERT(validate_lv(vg, at).empty() == validate(vg).empty());
}

RC_GTEST_PROP(ValidateProperty, SurvivesAnyNumbers, ()) {
  VolumeGroup vg = *test::any_vg();
  auto number = [] {
    return *rc::gen::weightedOneOf<std::uint64_t>(
        {{1, rc::gen::arbitrary<std::uint64_t>()},
         {1, rc::gen::element<std::uint64_t>(0, 1, 0xFFFFFFFF, 1ull << 63, ~0ull)}});
  };
  for (PhysicalVolume& pv : vg.pvs) {
    if (*rc::gen::arbitrary<bool>()) pv.pe_count = {number()};
    if (*rc::gen::arbitrary<bool>()) pv.pe_start = {number()};
  }
  for (LogicalVolume& lv : vg.lvs) {
    for (Segment& segment : lv.segments) {
      if (*rc::gen::arbitrary<bool>()) segment.start = {number()};
      if (*rc::gen::arbitrary<bool>()) segment.length = {number()};
      if (auto* striped = std::get_if<Striped>(&segment.body)) {
        for (Area& area : striped->areas)
          if (*rc::gen::arbitrary<bool>()) std::visit([&](auto& each) { each.start = {number()}; }, area);
      }
    }
  }
  vg.extent_size = {number()};
  validate(vg);
  pv_usage(vg);
}

}  // namespace
}  // namespace ashlar
