// SPDX-License-Identifier: LGPL-2.1-or-later
// Metadata texts with good checksums and bad intentions: none may crash the reader, take long, reach a terminal raw, or
// pass as a VG that may be written. LVM2 2.03.16 crashes on, hangs on or accepts some of them.
#include <gtest/gtest.h>

#include <chrono>
#include <optional>

#include "base/log.h"
#include "hostile/corpus.h"
#include "metadata/model/query.h"
#include "metadata/model/validate.h"
#include "metadata/text/vg_writer.h"

namespace ashlar {
namespace {
using namespace hostile;

/// What is said about a text, in one string; nothing if it passes as a good VG.
std::string judged(const std::string& text) {
  auto began = std::chrono::steady_clock::now();
  std::string said;
  auto read = text::read_vg(text, "mda 1 of /dev/sda");
  if (!read.ok()) {
    said = read.error().message();
  } else {
    for (const Violation& v : validate(read->vg)) said += v.what + "\n";
    if (Status s = check_writable(read->vg); !s) said += s.error().message() + "\n";
    text::Origin origin{"Ashlar", "Linux"};
    if (said.empty()) text::write_vg(read->vg, read->header, origin, text::Form::File);
  }
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  EXPECT_LT(took.count(), 30.0) << text.substr(0, 200);
  EXPECT_EQ(said.find('\x1b'), std::string::npos) << printable(said);
  EXPECT_LT(said.size(), 100'000U);
  return said;
}

TEST(HostileText, HasAGoodTextToStartFrom) { EXPECT_EQ(judged(text_of(with(lv("a", linear("pv0"))))), ""); }

TEST(HostileText, IsRefusedOrFlaggedWithItsReason) {
  for (const Hostile& hostile : corpus()) {
    std::string said = judged(text_of(hostile.vg));
    EXPECT_NE(said, "") << hostile.what << " passed";
    EXPECT_NE(said.find(hostile.said), std::string::npos) << hostile.what << ": " << said;
  }
}

TEST(HostileText, OfAnyDepthIsRefused) {
  EXPECT_NE(judged(repeated("a {\n", 50'000) + repeated("}\n", 50'000)), "");
  EXPECT_NE(judged(text_of({.keys = "x = " + repeated("[", 100'000) + repeated("]", 100'000) + "\n"})), "");
  EXPECT_NE(judged(text_of({.keys = repeated("x {\n", 100) + repeated("}\n", 100)})), "");
  EXPECT_NE(judged(repeated("a {", 1'000'000)), "");
  EXPECT_NE(judged(repeated("a/", 1'000'000) + " = 1"), "");
}

TEST(HostileText, OfAnyLengthIsReadInLinearTime) {
  const std::string huge(4'000'000, 'x');
  EXPECT_NE(judged(text_of(with(lv("a", linear("pv0")))) + "unfinished = \"" + huge), "");
  EXPECT_EQ(judged(text_of({.keys = "future = \"" + huge + "\"\n"})), "");
  EXPECT_EQ(judged(text_of({.keys = "future = [" + repeated("1,", 500'000) + "1]\n"})), "");
  EXPECT_NE(judged(text_of({.name = huge})), "");
  EXPECT_NE(judged(text_of({.seqno = "seqno = " + std::string(1'000'000, '9') + "\n"})), "");
  EXPECT_NE(judged("# " + huge), "");
  std::string keys;
  for (int i = 0; i < 100'000; ++i) keys += "k" + std::to_string(i) + " = 1\n";
  EXPECT_EQ(judged(text_of({.keys = keys})), "");
  EXPECT_NE(judged(text_of({.keys = repeated("k = 1\n", 200'000)})), "");
}

TEST(HostileText, OfMoreLvsThanThereMayBeIsFlagged) {
  std::string lvs;
  for (int i = 0; i < 70'000; ++i) {
    std::string name = "v" + std::to_string(i);
    lvs += lv(name, segment("type = \"error\"\n"));
  }
  EXPECT_NE(judged(text_of(with(lvs))).find("70000 LVs, more than 65536"), std::string::npos);
}

TEST(HostileText, StackedTooHighIsFlagged) {
  EXPECT_EQ(judged(text_of(with(chain(10)))), "");
  EXPECT_NE(judged(text_of(with(chain(50)))), "");
  EXPECT_NE(judged(text_of(with(chain(30'000)))), "");
}

// Strings are bytes: kept as they are, made printable only where they are shown.
TEST(HostileText, BytesOfStringsAreKept) {
  const std::string evil = "\x1b[31m\xff\xfe\n\r\t\x01'\" \\ \xc2\x9b }";
  std::string escaped;
  for (char c : evil) escaped += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  Vg vg = with(
      lv("a", linear("pv0"), "",
         "tags = [\"" + escaped + "\"]\ncreation_time = 5\ncreation_host = \"" + escaped + "\"\nsegment_count = 1\n"));
  vg.pvs[0].keys += "device = \"" + escaped + "\"\n";
  vg.header = "creation_host = \"" + escaped + "\"\ndescription = \"" + escaped + "\"\n";
  std::string text = text_of(vg);
  judged(text);
  auto read = text::read_vg(text, "sample");
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->header.description, evil);
  EXPECT_EQ(read->vg.pvs[0].device, evil);
  EXPECT_EQ(read->vg.lvs[0].creation_host, evil);
  EXPECT_EQ(read->vg.lvs[0].tags, (std::vector<std::string>{evil}));
  for (text::Form form : {text::Form::Raw, text::Form::File}) {
    auto again = text::read_vg(text::write_vg(read->vg, read->header, {"Ashlar", "Linux"}, form), "again");
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(again->vg == read->vg);
    EXPECT_TRUE(again->header == read->header);
  }
}

TEST(HostileText, CutAnywhereIsRefusedOrTheSame) {
  std::string text = text_of(with(lv("a", linear("pv0"))));
  std::string whole = judged(text);
  for (std::size_t length = 0; length < text.size(); ++length) {
    auto read = text::read_vg(text.substr(0, length), "cut");
    EXPECT_TRUE(!read.ok() || length > text.find("version")) << "passed when cut to " << length;
  }
  EXPECT_EQ(whole, "");
}

TEST(HostileText, WithAnyByteChangedDoesNotCrash) {
  const std::string good = text_of(with(lv("a", linear("pv0"))));
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (char c : {'\0', '"', '{', '}', '[', '\x1b', '9', '/', '#'}) {
      std::string text = good;
      text[at] = c;
      judged(text);
    }
  }
}

}  // namespace
}  // namespace ashlar
