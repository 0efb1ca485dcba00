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

const Foreign& foreign_of(const VolumeGroup& vg) { return std::get<Foreign>(vg.lvs[0].segments[0].body); }

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

TEST(ForeignSegment, ValuesOfAnUnexpectedFormAreKept) {
  const std::string pool = "type = \"thin-pool\"\nmetadata = \"m\"\npool = \"d\"\n";
  const std::string raid = "type = \"raid5\"\ndevice_count = 3\n\nraids = [\n\"r_rimage_0\"\n]\n";
  for (const std::string& keys :
       {pool + "chunk_size = -5\n", pool + "chunk_size = 064\n", "reshape_count = 010\n" + raid,
        pool + "chunk_size = \"big\"\nmessage1 = 7\n",
        std::string("type = \"vdo-pool\"\ndata = \"d\"\nvirtual_extents = [1, 2]\n"), "reshape_count = \"x\"\n" + raid,
        "reshape_count = 99999999999\n" + raid,
        std::string("type = \"cache-pool\"\ndata = \"d\"\nmetadata = \"m\"\npolicy_settings=5\n")})
    EXPECT_EQ(rewritten(with_segment(keys)), with_segment(keys)) << keys;
}

// What a type lies on; the rest of the message names what it is. LVM2 2.03.16 refuses each.
TEST(ForeignSegment, OfAKnownTypeMustSayWhatItLiesOn) {
  struct {
    const char* keys;
    const char* message;
  } const table[] = {
      {"type = \"mirror\"\n", "vg0/a/segment1: mirror_count is missing in the section of line 47"},
      {"type = \"mirror\"\nmirrors = [\"pv0\", 3]\n", "mirror_count is missing"},
      {"type = \"mirror\"\nmirror_count = 1\n", "vg0/a/segment1: mirrors is missing in the section of line 47"},
      {"type = \"mirror\"\nmirror_count = 0\nmirrors = [\"pv0\", 3]\n",
       "mirror_count in line 52 is not a count above 0"},
      {"type = \"mirror\"\nmirror_count = \"1\"\nmirrors = [\"pv0\", 3]\n",
       "mirror_count in line 52 is not a whole number"},
      {"type = \"mirror\"\nmirror_count = 2\nmirrors = [\"pv0\", 3]\n",
       "1 mirrors are listed in line 53, mirror_count says 2"},
      {"type = \"mirror\"\nmirror_count = 1\nmirrors = 5\n", "mirrors in line 53 is not a list of names and extents"},
      {"type = \"mirror\"\nmirror_count = 1\nmirrors = []\n", "mirrors in line 53 is not a list of names and extents"},
      {"type = \"mirror\"\nmirror_count = 1\nmirrors { x = 1 }\n", "mirrors is missing"},
      {"type = \"mirror\"\nmirror_count = 1\nmirrors = [\"pv0\"]\n", "mirrors in line 53 is not a list of names"},
      {"type = \"mirror\"\nmirror_count = 1\nmirrors = [\"pv0\", \"x\"]\n",
       "mirrors in line 53 is not a list of names"},
      {"type = \"mirror\"\nmirror_count = 1\nmirrors = [\"pv0\", -1]\n", "mirrors in line 53 is not a list of names"},
      {"type = \"mirror\"\nmirror_count = 1\nmirrors = [\"../x\", 1]\n", "mirrors in line 53 is not a list of names"},
      {"type = \"raid1\"\nraids = [\"r_rimage_0\"]\n", "device_count is missing"},
      {"type = \"raid1\"\ndevice_count = 2\n", "raids is missing"},
      {"type = \"raid0\"\nstripe_count = 2\nraid0_lvs = []\n", "raid0_lvs in line 53 is not a list of names of LVs"},
      {"type = \"raid1\"\ndevice_count = 2\nraids = [\"r_rmeta_0\", bare , \"r_rimage_0\"]\n",
       "raids in line 53 is not a list"},
      {"type = \"snapshot\"\nchunk_size = 8\ncow_store = \"c\"\n", "origin is missing"},
      {"type = \"snapshot\"\nchunk_size = 8\norigin = \"o\"\n", "cow_store is missing"},
      {"type = \"thin-pool\"\npool = \"d\"\n", "metadata is missing"},
      {"type = \"thin-pool+CROP_METADATA\"\nmetadata = \"m\"\n", "pool is missing"},
      {"type = \"thin\"\n", "thin_pool is missing"},
      {"type = \"thin\"\nthin_pool = 7\n", "thin_pool in line 52 is not the name of an LV"},
      {"type = \"cache-pool\"\nmetadata = \"m\"\n", "data is missing"},
      {"type = \"cache+CACHE_USES_CACHEVOL\"\norigin = \"o\"\n", "cache_pool is missing"},
      {"type = \"cache\"\ncache_pool = \"p\"\n", "origin is missing"},
      {"type = \"writecache\"\norigin = \"o\"\n", "writecache is missing"},
      {"type = \"integrity\"\n", "origin is missing"},
      {"type = \"vdo-pool\"\n", "data is missing"},
      {"type = \"vdo\"\n", "vdo_pool is missing"},
  };
  for (const auto& [keys, message] : table) {
    auto read = read_vg(with_segment(keys), "sample");
    ASSERT_FALSE(read.ok()) << keys;
    EXPECT_NE(read.error().message().find(message), std::string::npos) << keys << read.error().message();
  }
  EXPECT_TRUE(
      read_vg(with_segment("type = \"raid0\"\nstripe_count = 1\nraid0_lvs = [\"r_rimage_0\"]\n"), "sample").ok());
  EXPECT_TRUE(read_vg(with_segment("type = \"snapshot\"\norigin = \"o\"\nmerging_store = \"c\"\n"), "sample").ok());
}

}  // namespace
}  // namespace ashlar::text
