// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/names.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/names.h"
#include "support/vg_builder.h"

namespace ashlar::dm {
namespace {

TEST(DmName, JoinsVgAndLvWithEveryHyphenInsideDoubled) {
  EXPECT_EQ(device_name("vg0", "lin"), "vg0-lin");
  EXPECT_EQ(device_name("vg0", "st-r"), "vg0-st--r");
  EXPECT_EQ(device_name("my-vg", "a--b"), "my--vg-a----b");
  EXPECT_EQ(device_name("vg-", "lv-"), "vg---lv--");
}

TEST(DmName, SplitsAtTheFirstSingleHyphenAndTheLayerAtTheSecond) {
  const struct {
    const char *name, *vg, *lv, *layer;
  } cases[] = {
      {"vg0-lin", "vg0", "lin", ""},
      {"vg0-st--r", "vg0", "st-r", ""},
      {"vg0-org-real", "vg0", "org", "real"},
      {"vg0-tp-tpool", "vg0", "tp", "tpool"},
      {"vg0-la-missing_0_0", "vg0", "la", "missing_0_0"},
      {"vg0-cv_cvol-cdata", "vg0", "cv_cvol", "cdata"},
      {"vg---lv--", "vg-", "lv-", ""},
      {"vg---lv---real", "vg-", "lv-", "real"},
      {"cryptroot", "cryptroot", "", ""},
      {"", "", "", ""},
      {"-", "", "", ""},
      {"a-", "a", "", ""},
  };
  for (const auto& each : cases) {
    const SplitName parts = split_name(each.name);
    EXPECT_EQ(parts.vg, each.vg) << each.name;
    EXPECT_EQ(parts.lv, each.lv) << each.name;
    EXPECT_EQ(parts.layer, each.layer) << each.name;
  }
}

rc::Gen<std::string> legal_name() {
  const std::string alphabet = "-ab0_.+";
  return rc::gen::suchThat(rc::gen::container<std::string>(rc::gen::elementOf(alphabet)),
                           [](const std::string& name) { return is_valid_name(name); });
}

RC_GTEST_PROP(DmName, SplittingUndoesJoining, ()) {
  const std::string vg = *legal_name();
  const std::string lv = *legal_name();
  const SplitName parts = split_name(device_name(vg, lv));
  RC_ASSERT(parts.vg == vg);
  RC_ASSERT(parts.lv == lv);
  RC_ASSERT(parts.layer.empty());
}

TEST(DmUuid, IsThePrefixAndBothIdsWithoutHyphens) {
  const Uuid vg = *parse_uuid("zWp7Vt-XJgo-bpm8-Sq9T-s9hb-STq2-EE4CoT");
  const Uuid lv = *parse_uuid("zW0L2C-NbQd-jyJd-l5kG-aTOK-zf4k-GKVB37");
  const std::string uuid = device_uuid(vg, lv);
  EXPECT_EQ(uuid, "LVM-zWp7VtXJgobpm8Sq9Ts9hbSTq2EE4CoTzW0L2CNbQdjyJdl5kGaTOKzf4kGKVB37");
  const std::optional<SplitUuid> parts = split_uuid(uuid);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->vg, vg);
  EXPECT_EQ(parts->lv, lv);
  EXPECT_EQ(parts->suffix, "");
  EXPECT_EQ(split_uuid(uuid + "-real")->suffix, "real");
  EXPECT_EQ(split_uuid(uuid + "-missing_0_1")->suffix, "missing_0_1");
}

TEST(DmUuid, OfAnotherSubsystemOrLengthIsNotTaken) {
  const std::string good = device_uuid(test::id_of("vg0"), test::id_of("data"));
  for (const std::string& bad :
       {std::string(), std::string("LVM-"), good.substr(0, good.size() - 1), good + "x", good + "-",
        "CRYPT-LUKS2-" + good.substr(4), "lvm-" + good.substr(4), "LVM-" + std::string(64, '*')})
    EXPECT_FALSE(split_uuid(bad)) << bad;
}

TEST(DmName, ALayerLiesBeneathTheDeviceThatHasTheLvsName) {
  for (const char* layer : {"vg0-o-real", "vg0-sn-cow", "vg0-tp-tpool", "vg0-cv_cvol-cdata", "v--g-l--v-real"})
    EXPECT_TRUE(is_layer(layer)) << layer;
  for (const char* own : {"vg0-o", "vg0-tp_tdata", "vg0-co_corig", "v--g-l--v--real"})
    EXPECT_FALSE(is_layer(own)) << own;
}

}  // namespace
}  // namespace ashlar::dm
