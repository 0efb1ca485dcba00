// SPDX-License-Identifier: LGPL-2.1-or-later
// Whatever a specification says and wherever the machine begins: what could be brought about once is so the second
// time.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <nlohmann/json.hpp>

#include "support/generators.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {

using Json = nlohmann::json;

bool now_and_then(int times) { return pick(0, times) == 0; }

Json any_size() {
  if (pick(0, 2) == 0) return std::to_string(pick(1, 101)) + "%VG";
  return pick<std::uint64_t>(1, 24 << 20);
}

Json any_volume(const std::string& name, const std::vector<std::string>& devices) {
  Json lv{{"name", name}};
  if (now_and_then(8)) {
    lv["state"] = "absent";
    return lv;
  }
  const int kind = pick(0, 6);
  if (kind == 0)
    lv["minimum"] = "100%FREE";
  else if (kind < 3)
    lv["minimum"] = any_size();
  else
    lv["size"] = any_size();
  if (now_and_then(2)) lv["stripes"] = pick(1, 4);
  if (lv.contains("stripes") && lv["stripes"] != 1 && now_and_then(3))
    lv["stripe_size"] = now_and_then(2) ? "8k" : "2m";
  lv["may_shrink"] = !now_and_then(4);
  if (now_and_then(4)) lv["active"] = now_and_then(2);
  if (now_and_then(4)) lv["read_only"] = now_and_then(2);
  if (now_and_then(4)) lv["tags"] = now_and_then(2) ? Json::array({"t"}) : Json::array();
  if (now_and_then(4)) lv["devices"] = {devices[pick<std::size_t>(0, devices.size())], devices.front()};
  if (lv.contains("devices") && lv["devices"][0] == lv["devices"][1]) lv["devices"].erase(1);
  return lv;
}

/// Volumes that are there before anybody has a specification, some of them of several kinds of segments.
void live_a_little(TestMachine& m) {
  const int steps = pick(0, 6);
  for (int i = 0; i < steps; ++i) {
    const std::string lv = "lv" + std::to_string(pick(0, 4)), size = std::to_string(pick(1, 9));
    const std::string stripes = now_and_then(2) ? " -i " + std::to_string(pick(1, 4)) : "";
    if (now_and_then(2))
      m.run("lvcreate -y -Zn -an -l " + size + stripes + " -n " + lv + " vg0");
    else
      m.run("lvextend -l +" + size + stripes + " vg0/" + lv);
  }
}

RC_GTEST_PROP(Ensure, ChangesNothingTheSecondTime, ()) {
  TestMachine m;
  std::vector<std::string> devices;
  const int disks = pick(1, 5);
  for (int i = 0; i < disks; ++i) {
    devices.push_back("/dev/d" + std::to_string(i));
    m.disk(devices.back(), {static_cast<std::uint64_t>(pick(4, 40)) << 20});
  }
  if (now_and_then(2)) {
    std::string all;
    for (const std::string& device : devices) all += " " + device;
    m.must("vgcreate -s 1m vg0" + all);
    live_a_little(m);
  }
  for (int round = 0; round < 4; ++round) {
    Json vg{{"name", "vg0"}, {"extent_size", "1m"}, {"devices", devices}, {"volumes", Json::array()}};
    if (now_and_then(5))
      vg["devices"] =
          std::vector<std::string>(devices.begin(), devices.begin() + pick<std::ptrdiff_t>(1, std::ssize(devices) + 1));
    vg["only_devices"] = now_and_then(3);
    vg["only_volumes"] = now_and_then(3);
    vg["may_remove_volumes"] = true;
    const int volumes = pick(1, 5);
    for (int i = 0; i < volumes; ++i) vg["volumes"].push_back(any_volume("lv" + std::to_string(i), devices));
    m.input = Json{{"volume_groups", {vg}}}.dump(1);

    const Ran plan = m.run("ensure - -y --plan");
    const std::vector<VolumeGroup> before = vgs_of(m.look());
    const Ran first = m.run("ensure - -y");
    RC_TAG(first.status == 0 ? "brought about" : "refused");
    if (plan.status != first.status) RC_FAIL("the plan says otherwise: " + plan.err + first.err + m.input);
    if (first.status != 0) {
      if (vgs_of(m.look()) != before) RC_FAIL("refused, and changed all the same: " + first.err + m.input);
      continue;
    }
    const std::uint32_t seqno = m.vg("vg0").seqno;
    m.disks.forget_log();
    m.kernel.clear_trace();
    const Ran second = m.run("ensure - -y");
    std::istringstream lines(second.out);
    bool unchanged =
        second.status == 0 && m.vg("vg0").seqno == seqno && m.disks.write_count() == 0 && m.kernel.trace().empty();
    for (std::string line; std::getline(lines, line);) unchanged = unchanged && line.ends_with(": unchanged");
    if (!unchanged)
      RC_FAIL("the second time:\n" + second.out + second.err + "after the first:\n" + first.out + m.input);
  }
}

}  // namespace
}  // namespace ashlar::test
