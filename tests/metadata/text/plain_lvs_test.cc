// SPDX-License-Identifier: LGPL-2.1-or-later
// The short cut for plain LVs reads what the reader of the whole grammar reads, or nothing.
#include "metadata/text/plain_lvs.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "metadata/text/vg_reader.h"
#include "metadata/text/vg_writer.h"
#include "support/generators.h"

namespace ashlar::text {
namespace {

const Origin kOrigin{"Ashlar", "Linux"};

/// By the whole grammar alone.
Result<ReadVg> read_slowly(const std::string& text) {
  config::Document document = TRY(config::Document::view(text, "text"));
  return read_vg(document);
}

std::string difference(const std::string& text) {
  auto fast = read_vg(text, "text");
  auto slow = read_slowly(text);
  if (fast.ok() != slow.ok()) return (fast.ok() ? slow : fast).error().message();
  if (!fast.ok()) return fast.error().message() == slow.error().message() ? "" : "another message";
  return fast->vg == slow->vg && fast->header == slow->header ? "" : "another VG";
}

std::string text_of(const VolumeGroup& vg, Form form) {
  return write_vg(vg, {"why", "host", "", 1700000000}, kOrigin, form);
}

RC_GTEST_PROP(PlainLvs, AreReadAsByTheWholeGrammarWhateverIsDoneToTheText, ()) {
  VolumeGroup vg = *test::any_vg();
  for (LogicalVolume& lv : vg.lvs) {
    lv.creation_time = 1700000000;
    lv.creation_host = "host";
  }
  std::string text = text_of(vg, test::pick(0, 2) == 0 ? Form::Raw : Form::File);
  RC_ASSERT(difference(text) == "");
  for (int i = 0; i < 20; ++i) {
    std::string damaged = text;
    const auto at = test::pick<std::size_t>(0, damaged.size()), length = test::pick<std::size_t>(0, 40);
    const std::string piece =
        damaged.substr(test::pick<std::size_t>(0, damaged.size()), test::pick<std::size_t>(1, 60));
    switch (test::pick(0, 4)) {
      case 0:
        damaged.erase(at, length);
        break;
      case 1:
        damaged.insert(at, piece);
        break;
      case 2:
        damaged.replace(at, std::min(length, damaged.size() - at), piece);
        break;
      default:
        damaged[at] =
            *rc::gen::element('"', '{', '}', '[', ']', '=', '#', '0', '-', '\n', ' ', '\\', '\0', 'x', ',', '.');
        break;
    }
    std::string found = difference(damaged);
    if (!found.empty()) RC_FAIL(found + "\n" + damaged);
  }
}

/// A VG of LVs with one segment each.
std::string text_with_lvs(int count) {
  test::VgBuilder builder("vg0");
  builder.pv("pv0", 100);
  for (int i = 0; i < count; ++i) {
    LogicalVolume lv;
    lv.name = "lv" + std::to_string(i);
    lv.id = test::id_of(lv.name);
    lv.status.set(LvFlag::Visible);
    const PvArea area{builder.vg.pvs[0].id, {static_cast<std::uint64_t>(4 * i)}};
    lv.segments.push_back({.start = {}, .length = {4}, .tags = {}, .body = Striped{{}, {area}}, .extra = {}});
    builder.vg.lvs.push_back(lv);
  }
  return text_of(builder.vg, Form::Raw);
}

TEST(PlainLvs, WithABlankInTheNameOfASegmentAreRefusedAsByTheWholeGrammar) {
  for (std::string_view between : {" ", "\n", "# and\n"}) {
    std::string damaged = text_with_lvs(1);
    const std::size_t word = damaged.find("segment1 {");
    ASSERT_NE(word, std::string::npos);
    damaged.insert(word + 7, between);
    EXPECT_EQ(difference(damaged), "") << damaged;
    EXPECT_FALSE(read_vg(damaged, "text").ok()) << damaged;
  }
}

TEST(PlainLvs, KeepTheirOrderWhereTheNameOfOneIsInQuotes) {
  for (std::string_view name : {"lv0", "lv1", "lv2"}) {
    std::string text = text_with_lvs(3);
    const std::size_t at = text.find(std::string(name) + " {");
    ASSERT_NE(at, std::string::npos);
    text.replace(at, name.size(), "\"" + std::string(name) + "\"");
    EXPECT_EQ(difference(text), "") << text;
    auto read = read_vg(text, "text");
    ASSERT_TRUE(read.ok()) << text;
    EXPECT_EQ(read->vg, read_vg(text_with_lvs(3), "text")->vg) << text;
  }
}

TEST(PlainLvs, TakeEveryLvThatIsLinearOrStripedOnPvs) {
  test::VgBuilder builder("vg0");
  builder.pv("pv0", 100).pv("pv1", 100);
  for (int i = 0; i < 3; ++i) {
    LogicalVolume lv;
    lv.name = "lv" + std::to_string(i);
    lv.id = test::id_of(lv.name);
    for (LvFlag flag : {LvFlag::Read, LvFlag::Write, LvFlag::Visible}) lv.status.set(flag);
    Striped body{{i == 0 ? 0u : 8u}, {PvArea{builder.vg.pvs[0].id, {static_cast<std::uint64_t>(10 * i)}}}};
    if (i != 0) body.areas.push_back(PvArea{builder.vg.pvs[1].id, {static_cast<std::uint64_t>(10 * i)}});
    lv.segments.push_back({.start = {}, .length = {4}, .tags = {}, .body = body, .extra = {}});
    builder.vg.lvs.push_back(lv);
  }
  for (Form form : {Form::Raw, Form::File}) {
    std::string text = text_of(builder.vg, form);
    PlainLvs plain;
    ASSERT_TRUE(config::Document::view(text, "text", &plain).ok());
    EXPECT_EQ(plain.lvs, builder.vg.lvs);
    EXPECT_TRUE(plain.declined.empty());
    EXPECT_EQ(difference(text), "");
  }
}

TEST(PlainLvs, KeepTheirPlacesAmongThoseThatAreNot) {
  test::VgBuilder builder("vg0");
  builder.pv("pv0", 100);
  for (int i = 0; i < 4; ++i) {
    LogicalVolume lv;
    lv.name = "lv" + std::to_string(i);
    lv.id = test::id_of(lv.name);
    for (LvFlag flag : {LvFlag::Read, LvFlag::Write, LvFlag::Visible}) lv.status.set(flag);
    if (i % 2 == 1) lv.tags.push_back("tagged");
    lv.segments.push_back({.start = {},
                           .length = {1},
                           .tags = {},
                           .body = Striped{{}, {PvArea{builder.vg.pvs[0].id, {static_cast<std::uint64_t>(i)}}}},
                           .extra = {}});
    builder.vg.lvs.push_back(lv);
  }
  auto read = read_vg(text_of(builder.vg, Form::Raw), "text");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->vg, builder.vg);
}

}  // namespace
}  // namespace ashlar::text
