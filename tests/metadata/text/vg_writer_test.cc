// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/text/vg_writer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "metadata/model/visibility.h"
#include "metadata/text/sample_text.h"
#include "support/generators.h"
#include "support/vg_builder.h"

namespace ashlar::text {
namespace {

const Header kHeader{"Write from a test.", "host", "", 1700000000};
const Origin kOrigin{"Ashlar", "Linux host"};

std::string raw(const VolumeGroup& vg) { return write_vg(vg, kHeader, kOrigin, Form::Raw); }
std::string file(const VolumeGroup& vg) { return write_vg(vg, kHeader, kOrigin, Form::File); }

TEST(VgWriter, WritesTheTextThatIsOnDisk) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  EXPECT_EQ(raw(read_sample(kSample)), kSample);
}

rc::Gen<std::string> any_text() {
  return rc::gen::container<std::string>(
      rc::gen::map(rc::gen::inRange(1, 256), [](int c) { return static_cast<char>(c); }));
}
std::vector<std::string> some_texts() {
  return *rc::gen::container<std::vector<std::string>>(*rc::gen::inRange<std::size_t>(0, 3), any_text());
}
/// Keys as a newer program might add, in the compact form in which they are kept.
std::string some_extra() {
  static const std::string kExtras[] = {"",
                                        "future=5\n",
                                        "future=\"a \\\"b\\\" \\\\\"\nother=[1,\"two\",3.5]\nempty=[]\n",
                                        "deep {\n\tdeeper {\n\t\tx=-1\n\t}\n\tbare=word\n}\n",
                                        "\"a key\"=1\n",
                                        "octal=017\nlist=[a ]\n"};
  return *rc::gen::elementOf(std::vector<std::string>(std::begin(kExtras), std::end(kExtras)));
}
template <class F>
void some_unknown(FlagSet<F>& flags) {
  if (*rc::gen::inRange(0, 4) == 0) flags.unknown_status = {"FUTURE"};
  if (*rc::gen::inRange(0, 4) == 0) flags.unknown_flags = {"SOFT", "a \"b\""};
}
template <class F>
void some_bits(FlagSet<F>& flags) {
  for (const FlagWord& word : flag_words(F{}))
    if (word.word != "WRITE_LOCKED" && *rc::gen::inRange(0, 6) == 0) flags.bits ^= word.bit;
}

void decorate(PhysicalVolume& pv) {
  pv.device = *any_text();
  pv.tags = some_texts();
  if (*rc::gen::arbitrary<bool>()) pv.dev_size.reset();
  if (*rc::gen::arbitrary<bool>()) {
    pv.device_id = "a" + *any_text();
    pv.device_id_type = "a" + *any_text();
  }
  if (*rc::gen::arbitrary<bool>()) {
    pv.ba_start = {*rc::gen::inRange<std::uint64_t>(0, 1000)};
    pv.ba_size = {*rc::gen::inRange<std::uint64_t>(1, 1000)};
  }
  some_unknown(pv.status);
  some_bits(pv.status);
  pv.extra = some_extra();
}

void decorate(LogicalVolume& lv) {
  lv.tags = some_texts();
  if (*rc::gen::arbitrary<bool>()) {
    lv.creation_time = *rc::gen::inRange<std::uint64_t>(0, std::uint64_t{1} << 40);
    lv.creation_host = *any_text();
  }
  if (*rc::gen::arbitrary<bool>()) lv.lock_args = *any_text();
  if (*rc::gen::arbitrary<bool>()) lv.profile = *any_text();
  if (*rc::gen::arbitrary<bool>()) lv.read_ahead = *rc::gen::arbitrary<std::int32_t>();
  if (*rc::gen::arbitrary<bool>()) lv.major = *rc::gen::arbitrary<std::int32_t>();
  if (*rc::gen::arbitrary<bool>()) lv.minor = *rc::gen::arbitrary<std::int32_t>();
  lv.alloc = *rc::gen::element(AllocPolicy::Contiguous, AllocPolicy::Cling, AllocPolicy::ClingByTags,
                               AllocPolicy::Normal, AllocPolicy::Anywhere, AllocPolicy::Inherit);
  some_unknown(lv.status);
  some_bits(lv.status);
  lv.extra = some_extra();
  if (lv.extra.find('{') != std::string::npos) lv.extra.clear();  // a section in an LV is a segment
  for (Segment& segment : lv.segments) {
    segment.tags = some_texts();
    if (std::holds_alternative<Striped>(segment.body)) segment.extra = some_extra();
  }
}

VolumeGroup decorated() {
  VolumeGroup vg = *test::any_vg();
  vg.seqno = *rc::gen::arbitrary<std::uint32_t>();
  vg.tags = some_texts();
  if (*rc::gen::arbitrary<bool>()) vg.system_id = *any_text();
  if (*rc::gen::arbitrary<bool>()) vg.lock_type = *any_text();
  if (*rc::gen::arbitrary<bool>()) vg.lock_args = *any_text();
  if (*rc::gen::arbitrary<bool>()) vg.profile = *any_text();
  vg.metadata_copies = *rc::gen::arbitrary<std::uint32_t>();
  vg.max_lv = *rc::gen::arbitrary<std::uint32_t>();
  if (*rc::gen::arbitrary<bool>())
    vg.historical = "old {\n\tid=\"x\"\n\tcreation_time=5\n\tremoval_time=1700000000\n\tdescendants=[\"a\"]\n}\n";
  some_unknown(vg.status);
  some_bits(vg.status);
  vg.extra = some_extra();
  for (PhysicalVolume& pv : vg.pvs) decorate(pv);
  for (LogicalVolume& lv : vg.lvs) decorate(lv);
  for (LogicalVolume& lv : vg.lvs)  // the builder's bodies are not quite in the form in which the reader keeps them
    for (Segment& segment : lv.segments)
      if (auto* foreign = std::get_if<Foreign>(&segment.body); foreign && !foreign->body.ends_with('\n'))
        foreign->body += '\n';
  order_as_written(vg);
  return vg;
}

RC_GTEST_PROP(VgText, IsReadAsItWasWritten, ()) {
  VolumeGroup vg = decorated();
  Header header{*any_text(), *any_text(), *any_text(), *rc::gen::inRange<std::uint64_t>(0, std::uint64_t{1} << 40)};
  for (Form form : {Form::Raw, Form::File}) {
    std::string text = write_vg(vg, header, kOrigin, form);
    auto read = read_vg(text, "property");
    if (!read.ok()) RC_FAIL(read.error().message() + "\n" + text);
    RC_ASSERT(read->header == header);
    RC_ASSERT(read->vg == vg);
    RC_ASSERT(write_vg(read->vg, read->header, kOrigin, form) == text);
  }
}

TEST(VgWriter, KeepsKeysItDoesNotKnow) {
  std::string text = kSample;
  auto add = [&](const std::string& before, const std::string& keys) { text.insert(text.find(before), keys); };
  add("\nphysical_volumes", "future = [\"a\", 2]\nnest {\nx = 1\n}\n");
  add("}\n\npv1", "future = \"pv\"\n");
  add("segment_count", "future = 1.50\n");
  add("\nstripes = [", "future = bare\n");
  EXPECT_EQ(raw(read_sample(text)), text);
}

TEST(VgWriter, KeepsFlagsItDoesNotKnow) {
  std::string text = sample_with("flags = []", "flags = [\"NOAUTOACTIVATE\", \"FUTURE\"]");
  text.replace(text.find("\"ALLOCATABLE\"]"), 14, "\"ALLOCATABLE\", \"NEW\"]");
  EXPECT_EQ(raw(read_sample(text)), text);
}

// WRITE_LOCKED stands for WRITE where programs that know no system ID, or no lock type, must keep off.
TEST(VgWriter, LocksWriteWhereOthersMustNotWrite) {
  struct {
    std::string system_id, lock_type;
    bool locked;
  } const table[] = {
      {"", "", false}, {"", "none", false}, {"host", "", true}, {"host", "none", true}, {"", "sanlock", true}};
  for (const auto& [system_id, lock_type, locked] : table) {
    VolumeGroup vg = read_sample(kSample);
    vg.system_id = system_id;
    vg.lock_type = lock_type;
    std::string text = raw(vg);
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find("\"WRITE_LOCKED\"", at)) != std::string::npos; ++at) ++count;
    EXPECT_EQ(count, locked ? 2U : 0U) << system_id << lock_type;
    EXPECT_EQ(text.find("\"WRITE\"") == std::string::npos, locked);
    EXPECT_EQ(read_sample(text), vg);
  }
}

TEST(VgWriter, LeavesTheReadOnlyReadOnlyWhereWriteIsLocked) {
  VolumeGroup vg = read_sample(kSample);
  vg.system_id = "host";
  vg.lvs[0].status.set(LvFlag::Write, false);
  EXPECT_EQ(read_sample(raw(vg)), vg);
}

TEST(VgWriter, WritesPoliciesThatAreNotTheDefault) {
  VolumeGroup vg = read_sample(kSample);
  EXPECT_EQ(raw(vg).find("allocation_policy"), std::string::npos);
  vg.alloc = AllocPolicy::ClingByTags;
  vg.lvs[0].alloc = AllocPolicy::Normal;
  std::string text = raw(vg);
  EXPECT_NE(text.find("max_pv = 5\n\nallocation_policy = \"cling_by_tags\"\n"), std::string::npos);
  EXPECT_NE(text.find("creation_host = \"host\"\nallocation_policy = \"normal\"\nsegment_count"), std::string::npos);
}

// A COW LV is visible though it has no VISIBLE; its link LV is hidden though it has. One that is being merged is
// hidden.
TEST(VgWriter, PutsVisibleLvsFirstAsSnapshotsHaveThem) {
  test::VgBuilder builder;
  builder.pv("pv0", 31);
  builder.foreign("snapshot0", 2, "snapshot", "chunk_size=8\norigin=\"org\"\ncow_store=\"cow\"\n");
  builder.lv("hidden", {{"pv0", 0, 1}}).hidden();
  builder.lv("merging", {{"pv0", 1, 1}}).hidden();
  builder.foreign("snapshot1", 2, "snapshot", "chunk_size=8\norigin=\"org\"\nmerging_store=\"merging\"\n").hidden();
  builder.lv("cow", {{"pv0", 2, 1}}).hidden();
  builder.lv("org", {{"pv0", 3, 2}});
  std::vector<std::string> names;
  for (const LogicalVolume& lv : read_sample(raw(builder.vg)).lvs) names.push_back(lv.name);
  EXPECT_EQ(names, (std::vector<std::string>{"cow", "org", "snapshot0", "hidden", "merging", "snapshot1"}));
}

TEST(VgWriter, NamesPvsByTheirPosition) {
  VolumeGroup vg = read_sample(kSample);
  std::swap(vg.pvs[0], vg.pvs[1]);
  std::string text = raw(vg);
  EXPECT_NE(text.find("pv0 {\nid = \"pv1000"), std::string::npos);
  EXPECT_NE(text.find("stripes = [\n\"pv1\", 0\n]"), std::string::npos);
  EXPECT_EQ(read_sample(text), vg);
}

TEST(VgWriter, QuotesWhatAUserTyped) {
  Header header = kHeader;
  header.description = "vgcreate --config 'a = \"b\\c\"' vg0\n}";
  VolumeGroup vg = read_sample(kSample);
  std::string text = write_vg(vg, header, kOrigin, Form::Raw);
  EXPECT_NE(text.find(R"(description = "vgcreate --config 'a = \"b\\c\"' vg0)"), std::string::npos);
  EXPECT_EQ(read_vg(text, "sample")->header, header);
}

TEST(VgWriter, IndentsFilesAndLinesUpTheirComments) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  std::string text = file(read_sample(kSample));
  for (const char* part : {
           "# Generated by Ashlar: Tue Nov 14 22:13:20 2023\n\ncontents = \"Text Format Volume Group\"\nversion = "
           "1\n\n",
           "creation_time = 1700000000\t# Tue Nov 14 22:13:20 2023\n\nvg0 {\n",
           "\tformat = \"lvm2\"\t\t\t# informational\n",
           "\textent_size = 8192\t\t# 4 Megabytes\n",
           "\t\t\tdevice = \"/dev/sda\"\t# Hint only\n\n\t\t\tstatus",
           "\t\t\tdev_size = 262144\t# 128 Megabytes\n",
           "\t\t\tpe_count = 31\t# 124 Megabytes\n",
           "\t\t\tcreation_time = 1700000000\t# 2023-11-14 22:13:20 +0000\n",
           "\t\t\t\textent_count = 3\t# 12 Megabytes\n\n\t\t\t\ttype = \"striped\"\n\t\t\t\tstripe_count = 1\t# "
           "linear\n",
           "\t\t\t\tstripe_size = 128\t# 64 Kilobytes\n\n\t\t\t\tstripes = [\n\t\t\t\t\t\"pv0\", "
           "3,\n\t\t\t\t\t\"pv1\", 0\n\t\t\t\t]\n",
       })
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
  EXPECT_TRUE(text.ends_with("\t}\n\n}\n"));
  EXPECT_EQ(read_sample(text), read_sample(kSample));
}

}  // namespace
}  // namespace ashlar::text
