// SPDX-License-Identifier: LGPL-2.1-or-later
// Types that are carried through. How LVM2 writes each known one is in tests/golden.
#include <gtest/gtest.h>

#include "metadata/text/sample_text.h"
#include "metadata/text/vg_writer.h"

namespace ashlar::text {
namespace {

/// kSample with this as the keys of segment1 behind the counts.
std::string with_segment(const std::string& keys) {
  std::size_t from = kSample.find("type = \"striped\"");
  std::size_t to = kSample.find("]\n}", from) + 2;
  return kSample.substr(0, from) + keys + kSample.substr(to);
}

std::string rewritten(const std::string& text) {
  return write_vg(read_sample(text), {"Write from a test.", "host", "", 1700000000}, {"Ashlar", "Linux host"},
                  Form::Raw);
}

const Foreign& foreign_of(const VolumeGroup& vg) {
  return std::get<Foreign>(vg.lvs[0].segments[0].body);
}

TEST(ForeignSegment, IsKeptToTheByte) {
  std::string text = with_segment(
      "type = \"futuretype\"\ntags = [\"t\"]\nstripe_count=1\nstripes=[\"pv0\",3]\nfloat=1.500000\n"
      "text=\"a \\\"b\\\" \\\\ c\"\nempty=[]\ndeep {\n\tdeeper {\n\t\tlist=[1,2,\"three\"]\n\t}\n"
      "\tsingle=\"x\"\n}\nnegative=-3\n");
  VolumeGroup vg = read_sample(text);
  EXPECT_EQ(foreign_of(vg).type, "futuretype");
  EXPECT_EQ(vg.lvs[0].segments[0].tags, (std::vector<std::string>{"t"}));
  EXPECT_EQ(rewritten(text), text);
}

TEST(ForeignSegment, OfAKnownTypeWithAFlagOfTheFutureIsNotKnown) {
  std::string text = with_segment("type = \"mirror+NEW\"\nmirror_count=1\nmirrors=[\"pv0\",3]\n");
  EXPECT_EQ(foreign_of(read_sample(text)).type, "mirror+NEW");
  EXPECT_EQ(rewritten(text), text);
}

TEST(ForeignSegment, TakesEveryWrittenFormOfAnImage) {
  std::string text = with_segment(
      "type = \"raid1\"\ndevice_count = 3\n\nraids = [\n\"a_rmeta_0\", \"a_rimage_0\",\n"
      "\"a_rimage_1\",\n\"a_rmeta_2\", \"a_rimage_2\"\n]\n");
  EXPECT_EQ(rewritten(text), text);
}

TEST(ForeignSegment, FollowsPvsToTheNamesTheyAreWrittenWith) {
  std::string text = with_segment("type = \"mirror\"\nmirror_count = 2\n\nmirrors = [\n\"first\", 3,\n\"pv1\", 7\n]\n");
  for (std::size_t at; (at = text.find("pv0 {")) != std::string::npos;) text.replace(at, 3, "first");
  for (std::size_t at; (at = text.find("\"pv0\"")) != std::string::npos;) text.replace(at, 5, "\"first\"");
  EXPECT_NE(rewritten(text).find("mirrors = [\n\"pv0\", 3,\n\"pv1\", 7\n]"), std::string::npos);
}

TEST(ForeignSegment, ValuesOfAnUnexpectedKindAreKept) {
  for (const char* keys :
       {"type = \"mirror\"\nmirrors = 5\n", "type = \"mirror\"\nmirrors {\nx = 1\n}\n",
        "type = \"thin-pool\"\nchunk_size = -5\n", "type = \"thin-pool\"\nchunk_size = \"big\"\nmessage1 = 7\n",
        "type = \"vdo-pool\"\nvirtual_extents = [1, 2]\n", "reshape_count = \"x\"\ntype = \"raid5\"\n",
        "reshape_count = 99999999999\ntype = \"raid5\"\n", "type = \"cache-pool\"\npolicy_settings=5\n",
        "type = \"raid1\"\n\nraids = [\n]\n", "type = \"raid1\"\nraids = [\"a_rmeta_0\", bare , \"a_rimage_0\"]\n"})
    EXPECT_EQ(rewritten(with_segment(keys)), with_segment(keys)) << keys;
}

}  // namespace
}  // namespace ashlar::text
