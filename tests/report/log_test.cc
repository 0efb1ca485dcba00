// SPDX-License-Identifier: LGPL-2.1-or-later
// The log of a command as a report. What is expected is what lvm2 2.03.16 prints.
#include "report/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ashlar::report::test {
namespace {
using ::testing::ElementsAre;
using Lines = std::vector<std::string>;

const LogObject kVg{"vg", "vga", "BlGRMk-bqvg-6Gxt-1R8X-0Mdz-anJG-6wyjdG", "", ""};
const LogObject kLv{"lv", "one", "pKz7qL-qCE0-lpCV-VT7o-oX0D-1EOI-KzFJch", "vga",
                    "BlGRMk-bqvg-6Gxt-1R8X-0Mdz-anJG-6wyjdG"};
const std::vector<LogRow> kRows = {{1, "status", "processing", kLv, "success", false, 1},
                                   {2, "error", "processing", kVg, "no \"such\" thing", true, 0},
                                   {3, "status", "processing", kVg, "failure", true, 5}};

Lines must_print(const std::vector<LogRow>& rows, Options options) {
  options.kind = Kind::Log;
  auto lines = print_log(rows, options);
  EXPECT_TRUE(lines.ok()) << (lines.ok() ? "" : lines.error().message());
  return lines.ok() ? *lines : Lines();
}

TEST(Log, HasItsHeadingsEvenWithoutARow) {
  constexpr const char* kHeadings =
      "Seq LogType Context ObjType ObjName ObjID   ObjGrp  ObjGrpID Msg     Errno RetCode";
  EXPECT_THAT(must_print({}, {}), ElementsAre(kHeadings));
  Options none;
  none.select = "log_type=nosuch";
  EXPECT_THAT(must_print(kRows, none), ElementsAre(kHeadings));
  Options bare;
  bare.headings = false;
  EXPECT_THAT(must_print({}, bare), ElementsAre());
}

TEST(Log, IsATableLikeAnyOther) {
  Options options;
  options.fields = {"log_seq_num,log_type,log_object_name,log_object_group,log_message,log_errno,log_ret_code"};
  EXPECT_THAT(must_print(kRows, options), ElementsAre("Seq LogType ObjName ObjGrp  Msg             Errno RetCode",
                                                      "  1 status  one     vga     success             0       1",
                                                      "  2 error   vga             no \"such\" thing    -1       0",
                                                      "  3 status  vga             failure            -1       5"));
}

TEST(Log, SortsAndSelects) {
  Options options;
  options.headings = false;
  options.fields = {"seq_num"};
  options.select = "log_errno=-1 && log_object_type=vg";
  options.sort = "-log_seq_num";
  EXPECT_THAT(must_print(kRows, options), ElementsAre("  3", "  2"));
  options.select = "!(log_type=status && message=success)";  // the usual one
  EXPECT_THAT(must_print(kRows, options), ElementsAre("  3", "  2"));
  options.select = "log_ret_code=1";
  EXPECT_THAT(must_print(kRows, options), ElementsAre("  1"));
}

TEST(Log, IsAnArrayInJson) {
  Options options;
  options.format = Options::Format::Json;
  options.fields = {"log_seq_num,log_message,log_errno"};
  EXPECT_THAT(
      must_print(kRows, options),
      ElementsAre(R"(    "log": [)", R"(        {"log_seq_num":"1", "log_message":"success", "log_errno":"0"},)",
                  R"(        {"log_seq_num":"2", "log_message":"no \"such\" thing", "log_errno":"-1"},)",
                  R"(        {"log_seq_num":"3", "log_message":"failure", "log_errno":"-1"})", "    ]"));
  EXPECT_THAT(must_print({}, options), ElementsAre(R"(    "log": [)", "    ]"));
  options.format = Options::Format::JsonStd;
  EXPECT_THAT(must_print({kRows[1]}, options),
              ElementsAre(R"(    "log": [)",
                          R"(        {"log_seq_num":2, "log_message":"no \"such\" thing", "log_errno":-1})", "    ]"));
}

TEST(Log, KnowsNoFieldsOfVolumes) {
  Options options;
  options.kind = Kind::Log;
  options.fields = {"lv_name"};
  auto lines = print_log(kRows, options);
  ASSERT_FALSE(lines.ok());
  EXPECT_EQ(lines.error().message(), "Unrecognised field: lv_name");
  options.fields = {"help"};
  auto help = print_log(kRows, options);
  ASSERT_TRUE(help.ok());
  EXPECT_EQ(help->front(), "Command Log Fields");
}

}  // namespace
}  // namespace ashlar::report::test
