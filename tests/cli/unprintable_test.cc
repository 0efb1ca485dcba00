// SPDX-License-Identifier: LGPL-2.1-or-later
// Bytes that a terminal obeys and a reader does not see, and bytes that are no UTF-8: on terminals, in JSON, in plans.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/forge.h"
#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using testing::HasSubstr;
using testing::Not;
class Unprintable : public testing::Test {
 protected:
  /// vg0 with an LV that has this tag, which no command gives.
  void tag(const std::string& bytes) {
    m.disk("/dev/a");
    m.must("vgcreate vg0 /dev/a");
    m.must("lvcreate -an -Zn -l 1 -n old --addtag TAG vg0");
    const TempDir dir;
    m.must("pvck --dump metadata -f " + dir / "text" + " /dev/a");
    const std::vector<std::byte> saved = slurp(dir / "text");
    std::string text(reinterpret_cast<const char*>(saved.data()), saved.size());
    text.replace(text.find("TAG"), 3, bytes);
    ForgedPv pv{.id = m.vg("vg0").pvs[0].id};
    pv.mdas[0].text = text;
    forge(m.disks.disk("/dev/a"), pv);
    ASSERT_EQ(m.vg("vg0").lvs[0].tags, std::vector<std::string>{bytes});
  }
  TestMachine m;
};

TEST_F(Unprintable, BytesOfADiskReachAFileAndAPipeAsTheyAreAndATerminalPrintable) {
  const std::string evil = "\x1b[31m\xff\xc2\x9b\xe2\x80\xae";
  tag(evil);
  const std::string dump = "pvck --dump metadata /dev/a";
  const std::string piped = m.must(dump);
  EXPECT_THAT(piped, HasSubstr("tags = [\"" + evil + "\"]\n"));
  m.out_on_terminal = true;
  const std::string shown = m.must(dump);
  EXPECT_THAT(shown, HasSubstr("tags = [\"\\x1b[31m\\xff\\xc2\\x9b\\xe2\\x80\\xae\"]\n"));
  for (const char* part : {"\x1b", "\xff", "\x9b", "\xae"}) EXPECT_THAT(shown, Not(HasSubstr(part)));
}

}  // namespace
}  // namespace ashlar::test
