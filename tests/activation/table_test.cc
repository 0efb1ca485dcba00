// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/table.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace ashlar::dm {
namespace {

std::string no_uuids(const std::string& uuid) { return "?" + uuid; }

TEST(TargetParams, OfLinearAreADeviceAndAnOffset) {
  const Params params = parse_params("linear", "254:0 2048");
  EXPECT_EQ(params, Params(LinearTarget{{DevNumber{254, 0}, Sectors{2048}}}));
  EXPECT_EQ(target_type(params), "linear");
  EXPECT_EQ(print_params(params, no_uuids), "254:0 2048");
}

TEST(TargetParams, OfStripedAreACountAChunkAndThatManyAreas) {
  const Params params = parse_params("striped", "3 128 254:0 2048 254:16 2048 259:1048575 4096");
  EXPECT_EQ(params, Params(StripedTarget{Sectors{128},
                                         {{DevNumber{254, 0}, Sectors{2048}},
                                          {DevNumber{254, 16}, Sectors{2048}},
                                          {DevNumber{259, 1048575}, Sectors{4096}}}}));
  EXPECT_EQ(target_type(params), "striped");
}

TEST(TargetParams, PrintADeviceMapperDeviceBelowByItsNumber) {
  const Params params = LinearTarget{{std::string("LVM-x"), Sectors{8}}};
  EXPECT_EQ(print_params(params, [](const std::string& uuid) { return uuid == "LVM-x" ? "253:7" : "?"; }), "253:7 8");
}

TEST(TargetParams, OfAnotherTypeOrFormAreKeptWordForWord) {
  const struct {
    const char *type, *params;
  } cases[] = {
      {"snapshot", "253:1 253:2 P 8"},
      {"error", "1"},
      {"flakey", ""},
      {"thin-pool", "253:0 253:1 128 0 0 "},
      {"linear", "254:0"},
      {"linear", "254:0 2048 1 discard"},
      {"linear", "/dev/vda 2048"},
      {"linear", "254:0  2048"},
      {"linear", "254:0 02048"},
      {"linear", "254:0 18446744073709551616"},
      {"linear", "4294967296:0 0"},
      {"linear", "-1:0 0"},
      {"linear", " 254:0 2048"},
      {"striped", "2 128 254:0 2048"},
      {"striped", "3 128 254:0 2048 254:16 2048"},
      {"striped", "0 128"},
      {"striped", ""},
  };
  for (const auto& each : cases) {
    const Params params = parse_params(each.type, each.params);
    EXPECT_EQ(params, Params(ForeignTarget{each.type, each.params})) << each.type << " " << each.params;
    EXPECT_EQ(target_type(params), each.type);
    EXPECT_EQ(print_params(params, no_uuids), each.params);
  }
}

RC_GTEST_PROP(TargetParams, PrintedIsWhatWasParsed, (std::vector<std::uint16_t> numbers, bool striped)) {
  std::string text = striped ? fmt::format("{} 128", numbers.size()) : std::string();
  for (std::uint16_t n : numbers) text += fmt::format("{}254:{} {}", text.empty() ? "" : " ", n % 256, n);
  RC_ASSERT(print_params(parse_params(striped ? "striped" : "linear", text), no_uuids) == text);
}

RC_GTEST_PROP(TargetParams, AnyTextSurvives, ()) {
  const std::string alphabet = "0123 :/x";
  const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(alphabet));
  for (const char* type : {"linear", "striped", "raid"}) {
    const Params params = parse_params(type, text);
    RC_ASSERT(target_type(params) == type);
    RC_ASSERT(print_params(params, no_uuids) == text);
  }
}

}  // namespace
}  // namespace ashlar::dm
