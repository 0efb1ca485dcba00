// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/text/vg_reader.h"

#include <gtest/gtest.h>

#include "metadata/model/query.h"
#include "metadata/text/sample_text.h"
#include "support/vg_builder.h"

namespace ashlar::text {
namespace {

TEST(VgReader, ReadsEveryPart) {
  auto read = read_vg(kSample, "mda 1 of /dev/sda");
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->header, (Header{"Write from a test.", "host", "", 1700000000}));
  const VolumeGroup& vg = read->vg;
  EXPECT_EQ(vg.name, "vg0");
  EXPECT_EQ(vg.id, test::id_of("vg0"));
  EXPECT_EQ(vg.seqno, 7U);
  EXPECT_TRUE(vg.status.has(VgFlag::Resizeable) && vg.status.has(VgFlag::Read) && vg.status.has(VgFlag::Write));
  EXPECT_FALSE(vg.status.has(VgFlag::Exported));
  EXPECT_EQ(vg.extent_size, Sectors{8192});
  EXPECT_EQ(vg.max_lv, 0U);
  EXPECT_EQ(vg.max_pv, 5U);
  EXPECT_EQ(vg.alloc, AllocPolicy::Normal);
  EXPECT_TRUE(vg.extra.empty() && vg.historical.empty());

  ASSERT_EQ(vg.pvs.size(), 2U);
  EXPECT_EQ(vg.pvs[1].id, test::id_of("pv1"));
  EXPECT_EQ(vg.pvs[1].device, "/dev/sdb");
  EXPECT_TRUE(vg.pvs[1].status.has(PvFlag::Allocatable));
  EXPECT_EQ(vg.pvs[1].dev_size, Sectors{262144});
  EXPECT_EQ(vg.pvs[1].pe_start, Sectors{2048});
  EXPECT_EQ(vg.pvs[1].pe_count, Extents{31});

  ASSERT_EQ(vg.lvs.size(), 1U);
  const LogicalVolume& lv = vg.lvs[0];
  EXPECT_EQ(lv.name, "a");
  EXPECT_EQ(lv.id, *parse_uuid("aaaaaa-0000-0000-0000-0000-0000-000000"));
  EXPECT_TRUE(lv.visible());
  EXPECT_EQ(lv.creation_time, 1700000000U);
  EXPECT_EQ(lv.creation_host, "host");
  EXPECT_EQ(lv.alloc, AllocPolicy::Inherit);
  EXPECT_FALSE(lv.read_ahead || lv.major || lv.minor);
  ASSERT_EQ(lv.segments.size(), 2U);
  EXPECT_EQ(lv.segments[0], (Segment{{0}, {3}, {}, Striped{{0}, {PvArea{vg.pvs[0].id, {0}}}}, {}}));
  EXPECT_EQ(lv.segments[1],
            (Segment{{3}, {4}, {}, Striped{{128}, {PvArea{vg.pvs[0].id, {3}}, PvArea{vg.pvs[1].id, {0}}}}, {}}));
}

TEST(VgReader, TakesATextThatEndsInANulAndWhateverFollowsIt) {
  EXPECT_EQ(read_sample(kSample + '\0'), read_sample(kSample));
  EXPECT_EQ(read_sample(kSample + std::string("\0 } rubbish \xff", 13)), read_sample(kSample));
}

TEST(VgReader, TakesSectionsAndKeysInAnyOrder) {
  VolumeGroup vg = read_sample(kSample);
  std::size_t header = kSample.find("# Generated");
  EXPECT_EQ(read_sample(kSample.substr(header) + kSample.substr(0, header)), vg);
  std::size_t pvs = kSample.find("physical_volumes"), lvs = kSample.find("logical_volumes {\n\na");
  std::size_t end = header - 2;
  std::string turned =
      kSample.substr(0, pvs) + kSample.substr(lvs, end - lvs) + kSample.substr(pvs, lvs - pvs) + kSample.substr(end);
  EXPECT_EQ(read_sample(turned), vg);
}

TEST(VgReader, OrdersSegmentsByTheirStart) {
  std::string text = sample_with("segment1 {", "segmentX {");
  VolumeGroup swapped =
      read_sample(sample_with("start_extent = 0\nextent_count = 3", "start_extent = 4\nextent_count = 3"));
  EXPECT_EQ(read_sample(text), read_sample(kSample));
  EXPECT_EQ(swapped.lvs[0].segments[0].start, Extents{3});
  EXPECT_EQ(swapped.lvs[0].segments[1].start, Extents{4});
}

TEST(VgReader, TakesPvSectionsOfAnyName) {
  std::string text = kSample;
  for (std::size_t at; (at = text.find("pv0")) != std::string::npos;) text.replace(at, 3, "first");
  text.replace(text.find("first000"), 5, "pv0");
  EXPECT_EQ(read_sample(text), read_sample(kSample));
}

TEST(VgReader, TakesAnAreaThatIsNoPvAsAnLvs) {
  VolumeGroup vg = read_sample(sample_with("\"pv0\", 0\n", "\"pvmove0\", 17\n"));
  EXPECT_EQ(std::get<Striped>(vg.lvs[0].segments[0].body).areas[0], Area(LvArea{"pvmove0", {17}}));
}

// What a text must have, and the message without it.
TEST(VgReader, NamesTheKeyThatIsMissing) {
  const std::pair<const char*, const char*> table[] = {
      {"id = \"vg0", "sample: vg0: id is missing in the section of line 1"},
      {"seqno", "sample: vg0: seqno is missing in the section of line 1"},
      {"status = [\"RES", "sample: vg0: status is missing in the section of line 1"},
      {"extent_size", "sample: vg0: extent_size is missing in the section of line 1"},
      {"max_lv", "sample: vg0: max_lv is missing in the section of line 1"},
      {"max_pv", "sample: vg0: max_pv is missing in the section of line 1"},
      {"id = \"pv1", "sample: vg0/pv1: id is missing in the section of line 25"},
      {"status = [\"ALL", "sample: vg0/pv0: status is missing in the section of line 14"},
      {"pe_start", "sample: vg0/pv0: pe_start is missing in the section of line 14"},
      {"pe_count", "sample: vg0/pv0: pe_count is missing in the section of line 14"},
      {"id = \"aaa", "sample: vg0/a: id is missing in the section of line 39"},
      {"status = [\"READ\"", "sample: vg0/a: status is missing in the section of line 39"},
      {"segment_count", "sample: vg0/a: segment_count is missing in the section of line 39"},
      {"start_extent", "sample: vg0/a/segment1: start_extent is missing in the section of line 47"},
      {"extent_count", "sample: vg0/a/segment1: extent_count is missing in the section of line 47"},
      {"type", "sample: vg0/a/segment1: type is missing in the section of line 47"},
      {"stripe_count", "sample: vg0/a/segment1: stripe_count is missing in the section of line 47"},
      {"contents", "sample: metadata header: contents is not \"Text Format Volume Group\""},
      {"version", "sample: metadata header: version is not 1"},
  };
  for (const auto& [line, message] : table) {
    auto read = read_vg(sample_without(line), "sample");
    ASSERT_FALSE(read.ok()) << line;
    EXPECT_EQ(read.error().code(), Errc::Corrupt);
    EXPECT_EQ(read.error().message(), message);
  }
}

TEST(VgReader, DoesWithoutWhatIsOptional) {
  for (const char* line : {"format", "flags", "metadata_copies", "device", "dev_size",
                           "creation_time = 1700000000\ncreation_host", "description", "# Generated"})
    EXPECT_TRUE(read_vg(sample_without(line), "sample").ok()) << line;
  std::string text = kSample;
  std::size_t lvs = text.find("logical_volumes {\n\na"), end = text.find("}\n# Generated");
  text.erase(lvs, end - lvs);
  EXPECT_TRUE(read_sample(text).lvs.empty());
}

struct Bad {
  const char* from;
  const char* to;
  const char* message;
};

// One thing spoiled in a good text, and what must stand in the message.
const Bad kBad[] = {
    {"vg0 {", "\"../evil\" {", "is no valid name of a volume group"},
    {"vg0 {", "\"\x1b[31m\" {", "\"\\x1b[31m\" is no valid name"},
    {"vg0 {", "-vg {", "\"-vg\" is no valid name"},
    {"\na {", "\n\"../evil\" {", "no valid name of an LV"},
    {"\na {", "\n\"a b\" {", "vg0/a b: that is no valid name of an LV"},
    {"\na {", "\n\"a\x1b\" {", "vg0/a\\x1b: that is no valid name"},
    {"\na {", "\na { }\na {", "repeats a name"},
    {"\npv1 {", "\npv0 {", "repeats a name"},
    {"seqno = 7", "seqno = 7\nseqno = 8", "line 4 repeats a name"},
    {"segment2 {", "segment1 {", "repeats a name"},
    {"logical_volumes {\n\na", "logical_volumes = 5\nx {\n\na", "logical_volumes in line 37 is not a section"},
    {"physical_volumes {", "physical_volumes = [] x {", "physical_volumes in line 12 is not a section"},
    {"format = \"lvm2\"", "historical_logical_volumes = 1", "historical_logical_volumes in line 4 is not a section"},
    {"\npv0 {", "\nz = 5\npv0 {", "vg0/z: z in line 14 is not a section"},
    {"\na {", "\nz = 5\na {", "vg0/z: z in line 39 is not a section"},
    {"format = \"lvm2\"", "format = \"pool\"", "format \"pool\" is not lvm2"},
    {"format = \"lvm2\"", "format = 2", "vg0: format in line 4 is not a string"},
    // Ids.
    {"vg0000-0000", "vg0000-000", "vg0: id in line 2 is not a UUID"},
    {"\"vg0000-0000-0000-0000-0000-0000-000000\"", "17", "vg0: id in line 2 is not a UUID"},
    {"pv1000-0000", "pv1_00-0000", "vg0/pv1: id in line 26 is not a UUID"},
    {"aaaaaa-0000", "aaaaaa-00000", "vg0/a: id in line 40 is not a UUID"},
    // Numbers.
    {"seqno = 7", "seqno = -1", "vg0: seqno in line 3 is not a whole number in range"},
    {"seqno = 7", "seqno = 4294967296", "seqno in line 3 is not a whole number in range"},
    {"seqno = 7", "seqno = 99999999999999999999", "sample:3: "},
    {"seqno = 7", "seqno = \"7\"", "seqno in line 3 is not"},
    {"seqno = 7", "seqno = 7.5", "seqno in line 3 is not"},
    {"seqno = 7", "seqno = [7]", "seqno in line 3 is not"},
    {"seqno = 7", "seqno { }", "seqno"},
    {"extent_size = 8192", "extent_size = 4294967296", "extent_size in line 7 is not"},
    {"max_lv = 0", "max_lv = -5", "max_lv in line 8 is not"},
    {"max_pv = 5", "max_pv = 18446744073709551615", "sample:9: "},
    {"metadata_copies = 0", "metadata_copies = -1", "metadata_copies in line 10 is not"},
    {"dev_size = 262144", "dev_size = -1", "vg0/pv0: dev_size in line 20 is not"},
    {"pe_start = 2048", "pe_start = -1", "vg0/pv0: pe_start in line 21 is not"},
    {"pe_count = 31", "pe_count = 4294967296", "vg0/pv0: pe_count in line 22 is not"},
    {"pe_count = 31", "pe_count = -1", "vg0/pv0: pe_count in line 22 is not"},
    {"pe_count = 31", "pe_count = 31\nba_start = \"x\"", "vg0/pv0: ba_start in line 23 is not"},
    {"pe_count = 31", "pe_count = 31\nba_size = -1", "vg0/pv0: ba_size in line 23 is not"},
    {"creation_time = 1700000000\ncreation_host = \"host\"\nseg", "creation_time = -1\ncreation_host = \"host\"\nseg",
     "vg0/a: creation_time in line 43 is not"},
    {"creation_time = 1700000000\ncreation_host = \"host\"\nseg", "creation_time = 1\ncreation_host = 5\nseg",
     "vg0/a: creation_host in line 44 is not a string"},
    {"segment_count = 2", "segment_count = 3", "vg0/a: 2 segments are there, segment_count says 3"},
    {"segment_count = 2", "segment_count = 0", "vg0/a: segment_count is missing"},
    {"segment_count = 2", "segment_count = 4000000000", "segment_count says 4000000000"},
    {"segment_count = 2", "segment_count = -2", "vg0/a: segment_count in line 45 is not"},
    {"segment_count = 2", "segment_count = 2\nread_ahead = 4294967296",
     "read_ahead in line 46 is not a number in range"},
    {"segment_count = 2", "segment_count = 2\nmajor = -2147483649", "major in line 46 is not a number in range"},
    {"segment_count = 2", "segment_count = 2\nminor = \"1\"", "minor in line 46 is not a number in range"},
    {"start_extent = 0", "start_extent = -1", "vg0/a/segment1: start_extent in line 48 is not"},
    {"extent_count = 3", "extent_count = -3", "vg0/a/segment1: extent_count in line 49 is not"},
    {"extent_count = 3", "extent_count = 9223372036854775807", "extent_count in line 49 is not"},
    {"extent_count = 3", "extent_count = 9223372036854775808", "sample:49: "},
    // Stripes.
    {"stripe_count = 1", "stripe_count = 0", "vg0/a/segment1: stripe_count in line 52 is not"},
    {"stripe_count = 1", "stripe_count = -1", "vg0/a/segment1: stripe_count in line 52 is not"},
    {"stripe_count = 1", "stripe_count = 129", "vg0/a/segment1: stripe_count in line 52 is not"},
    {"stripe_count = 1", "stripe_count = 4294967295", "stripe_count in line 52 is not"},
    {"stripe_count = 1", "stripe_count = 2", "1 stripes are listed, stripe_count says 2"},
    {"stripe_count = 2", "stripe_count = 1", "2 stripes are listed, stripe_count says 1"},
    {"stripe_size = 128", "stripe_size = -128", "vg0/a/segment2: stripe_size in line 64 is not"},
    {"\"pv0\", 0\n", "\"pv0\"\n", "vg0/a/segment1: stripes in line 54 is not a list of names and extents"},
    {"\"pv0\", 0\n", "\"pv0\", -1\n", "stripes in line 54 is not a list of names and extents"},
    {"\"pv0\", 0\n", "\"pv0\", 4294967296\n", "stripes in line 54 is not a list of names and extents"},
    {"\"pv0\", 0\n", "\"pv0\", \"0\"\n", "stripes in line 54 is not a list of names and extents"},
    {"\"pv0\", 0\n", "0, \"pv0\"\n", "stripes in line 54 is not a list of names and extents"},
    {"\"pv0\", 0\n", "\"../x\", 0\n", "\"../x\" in line 54 is no name of a PV or LV"},
    {"stripes = [\n\"pv0\", 0\n]", "stripes { }", "vg0/a/segment1: stripes in line 54 is not a list"},
    {"type = \"striped\"", "type = 5", "vg0/a/segment1: type in line 51 is not a string"},
    // Lists.
    {"status = [\"RESIZEABLE\", \"READ\", \"WRITE\"]", "status { }", "vg0: status"},
    {"status = [\"ALLOCATABLE\"]", "status { }", "vg0/pv0: status"},
    {"flags = []\nextent", "tags = [1, 2]\nextent", "vg0: tags in line 6 is not a list of strings"},
    {"flags = []\nextent", "tags { }\nextent", "vg0: tags in line 6 is not a list of strings"},
    {"type = \"striped\"", "tags = [5] type = \"striped\"", "vg0/a/segment1: tags in line 51 is not a list of strings"},
    {"flags = []\nextent", "flags = 7\nextent", "vg0: flags in line 6 is not a list of strings"},
    {"flags = []\nextent", "flags = [\"READ\", 7]\nextent", "vg0: flags in line 6 is not a list of strings"},
    {"status = [\"RESIZEABLE\", \"READ\", \"WRITE\"]", "status = 7", "vg0: status in line 5 is not a list of strings"},
    {"\"ALLOCATABLE\"]\nflags = []", "\"ALLOCATABLE\"]\nflags = 7.5",
     "vg0/pv0: flags in line 19 is not a list of strings"},
    {"\"VISIBLE\"]\nflags = []", "\"VISIBLE\"]\nflags = 7", "vg0/a: flags in line 42 is not a list of strings"},
    // The header.
    {"Text Format Volume Group", "Text format volume group", "contents is not"},
    {"version = 1", "version = 2", "version is not 1"},
    {"version = 1", "version = \"1\"", "version is not 1"},
    {"description = \"Write from a test.\"", "description = 5", "metadata header: description"},
    {"creation_time = 1700000000\t", "creation_time = -1\t", "metadata header: creation_time"},
};

TEST(VgReader, RefusesBadTextsAndSaysWhatIsWrongWhere) {
  for (const Bad& bad : kBad) {
    auto read = read_vg(sample_with(bad.from, bad.to), "sample");
    ASSERT_FALSE(read.ok()) << bad.from << " -> " << bad.to;
    const std::string& message = read.error().message();
    EXPECT_TRUE(message.starts_with("sample")) << message;
    EXPECT_NE(message.find(bad.message), std::string::npos) << bad.from << " -> " << bad.to << ": " << message;
    EXPECT_EQ(message.find('\x1b'), std::string::npos);
  }
}

TEST(VgReader, SaysThatThereIsNoVg) {
  for (const char* text : {"", "contents = \"Text Format Volume Group\"\nversion = 1\n", "vg0 = 5\n", "# nothing\n"}) {
    auto read = read_vg(text, "/etc/lvm/backup/x");
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().message(), "/etc/lvm/backup/x: there is no volume group in it");
  }
}

TEST(VgReader, KeepsStatusWordsItDoesNotKnowAndFlagsThem) {
  struct {
    const char* from;
    const char* to;
  } const table[] = {{"\"RESIZEABLE\", ", "\"FUTURE\", \"RESIZEABLE\", "},
                     {"\"ALLOCATABLE\"", "\"FUTURE\", \"ALLOCATABLE\""},
                     {"\"READ\", \"WRITE\", \"VISIBLE\"", "\"READ\", \"FUTURE\""}};
  for (const auto& [from, to] : table) {
    VolumeGroup vg = read_sample(sample_with(from, to));
    std::vector<std::string> words = vg.status.unknown_status;
    words.insert(words.end(), vg.pvs[0].status.unknown_status.begin(), vg.pvs[0].status.unknown_status.end());
    words.insert(words.end(), vg.lvs[0].status.unknown_status.begin(), vg.lvs[0].status.unknown_status.end());
    EXPECT_EQ(words, (std::vector<std::string>{"FUTURE"})) << to;
    Status s = check_writable(vg);
    ASSERT_FALSE(s.ok()) << to;
    EXPECT_NE(s.error().message().find("FUTURE"), std::string::npos);
  }
}

TEST(VgReader, KeepsFlagsItDoesNotKnowAndStaysWritable) {
  VolumeGroup vg = read_sample(sample_with("flags = []", "flags = [\"FUTURE\", \"NOAUTOACTIVATE\"]"));
  EXPECT_TRUE(vg.status.has(VgFlag::NoAutoActivate));
  EXPECT_EQ(vg.status.unknown_flags, (std::vector<std::string>{"FUTURE"}));
  EXPECT_TRUE(check_writable(vg).ok());
}

TEST(VgReader, TakesAFlagWordInEitherList) {
  VolumeGroup vg = read_sample(sample_with("status = [\"ALLOCATABLE\"]", "status = [\"MISSING\", \"ALLOCATABLE\"]"));
  EXPECT_TRUE(vg.pvs[0].status.has(PvFlag::Missing));
  EXPECT_TRUE(vg.pvs[0].status.unknown_status.empty());
}

TEST(VgReader, TurnsWriteLockedBackIntoWrite) {
  VolumeGroup vg =
      read_sample(sample_with("\"READ\", \"WRITE\"]\nflags = []", "\"READ\"]\nflags = [\"WRITE_LOCKED\"]"));
  EXPECT_TRUE(vg.status.has(VgFlag::Write));
  EXPECT_FALSE(vg.status.has(VgFlag::WriteLocked));
  VolumeGroup lv =
      read_sample(sample_with("\"WRITE\", \"VISIBLE\"]\nflags = []", "\"VISIBLE\"]\nflags = [\"WRITE_LOCKED\"]"));
  EXPECT_TRUE(lv.lvs[0].status.has(LvFlag::Write));
  EXPECT_FALSE(lv.lvs[0].status.has(LvFlag::WriteLocked));
}

TEST(VgReader, ReadsAllocationPolicies) {
  const std::pair<const char*, AllocPolicy> table[] = {
      {"contiguous", AllocPolicy::Contiguous},      {"cling", AllocPolicy::Cling},
      {"cling_by_tags", AllocPolicy::ClingByTags},  {"normal", AllocPolicy::Normal},
      {"anywhere", AllocPolicy::Anywhere},          {"inherit", AllocPolicy::Inherit},
      {"a word of the future", AllocPolicy::Normal}};
  for (const auto& [word, policy] : table) {
    std::string line = std::string("allocation_policy = \"") + word + "\"\n";
    AllocPolicy of_vg = policy == AllocPolicy::Inherit ? AllocPolicy::Normal : policy;
    EXPECT_EQ(read_sample(sample_with("max_lv", line + "max_lv")).alloc, of_vg) << word;
    EXPECT_EQ(read_sample(sample_with("segment_count", line + "segment_count")).lvs[0].alloc, policy) << word;
  }
}

TEST(VgReader, ReadsOptionalNumbersOfAnLv) {
  VolumeGroup vg = read_sample(sample_with("segment_count", "read_ahead = -1\nmajor = 253\nminor = 7\nsegment_count"));
  EXPECT_EQ(vg.lvs[0].read_ahead, -1);
  EXPECT_EQ(vg.lvs[0].major, 253);
  EXPECT_EQ(vg.lvs[0].minor, 7);
}

// LVM2 once wrote dates of more than 64 bits.
TEST(VgReader, TakesACreationTimeThatDoesNotFitForTheDateLvm2Takes) {
  VolumeGroup vg = read_sample(sample_with("creation_time = 1700000000\ncreation_host = \"host\"\nseg",
                                           "creation_time = 99999999999999999999\ncreation_host = \"host\"\nseg"));
  EXPECT_EQ(vg.lvs[0].creation_time, 1527120000U);
}

TEST(PeekVgName, TakesTheFirstWordIfItIsAName) {
  EXPECT_EQ(peek_vg_name("vg0 {\n"), "vg0");
  EXPECT_EQ(peek_vg_name("vg0{"), "vg0");
  EXPECT_EQ(peek_vg_name("vg0"), "vg0");
  for (const char* text : {"", " vg0 {", "{", "../x {", "-x {", "a\x1b {", "\"vg0\" {"})
    EXPECT_EQ(peek_vg_name(text), std::nullopt) << text;
  EXPECT_EQ(peek_vg_name(std::string(1 << 20, 'x')), std::nullopt);
}

}  // namespace
}  // namespace ashlar::text
