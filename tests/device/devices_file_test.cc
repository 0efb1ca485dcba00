// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/devices_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/device_id.h"
#include "device/fake_host.h"
#include "device/scanner.h"

namespace ashlar::device {
namespace {

using testing::HasSubstr;

// As lvm2 2.03.16 wrote it.
constexpr char kText[] =
    "# LVM uses devices listed in this file.\n"
    "# Created by LVM command lvmdevices pid 13730 at Sun Nov 22 01:30:32 2026\n"
    "SYSTEMID=hh\n"
    "VERSION=1.1.2\n"
    "IDTYPE=loop_file IDNAME=/srv/img/d1 DEVNAME=/dev/loop1 PVID=dxOtiDfka7305OrpsvzuSF9gWEPCI0AD\n"
    "IDTYPE=sys_serial IDNAME=__SER_IAL__ DEVNAME=/dev/sdz3 PVID=. PART=3\n"
    "IDTYPE=devname IDNAME=. DEVNAME=/dev/sdb PVID=.\n";

DevicesFile parsed(std::string_view text) {
  auto file = parse_devices_file(text);
  EXPECT_TRUE(file.ok());
  return file.ok() ? std::move(file).value() : DevicesFile{};
}

TEST(DevicesFile, IsReadAndWrittenAsLvm2WritesIt) {
  DevicesFile file = parsed(kText);
  ASSERT_EQ(file.entries.size(), 3U);
  EXPECT_EQ(file.system_id, "hh");
  EXPECT_EQ(file.version, (DevicesFile::Version{1, 1, 2}));
  EXPECT_EQ(file.entries[0].id_name, "/srv/img/d1");
  EXPECT_EQ(file.entries[0].pv, parse_uuid("dxOtiDfka7305OrpsvzuSF9gWEPCI0AD"));
  EXPECT_EQ(file.entries[1].part, 3U);
  EXPECT_FALSE(file.entries[1].pv);
  EXPECT_EQ(file.entries[2].id_name, "");
  EXPECT_EQ(print_devices_file(file, "lvmdevices pid 13730 at Sun Nov 22 01:30:32 2026"), kText);
}

TEST(DevicesFile, CarriesWhatItDoesNotKnowAndDropsAChecksumThatWouldBeWrong) {
  DevicesFile file = parsed(
      "PRODUCT_UUID=12\nHASH=34\nVERSION=1.1.2\ngarbage\n  IDTYPE=wwid_naa IDNAME=n.5 PVID=x NEW=1\nIDTYPE=loop_file\n");
  ASSERT_EQ(file.entries.size(), 1U);
  const std::string text = print_devices_file(file, "x");
  EXPECT_THAT(text, HasSubstr("IDTYPE=wwid_naa IDNAME=n.5 DEVNAME=. PVID=. NEW=1\n"));
  EXPECT_THAT(text, HasSubstr("PRODUCT_UUID=12\n"));
  EXPECT_THAT(text, testing::Not(HasSubstr("HASH")));
  EXPECT_EQ(parsed(text), file);
}

TEST(DevicesFile, OfALaterFormatIsNotWrittenOver) {
  EXPECT_TRUE(check_writable(parsed("")).ok());
  EXPECT_TRUE(check_writable(parsed("VERSION=1.9.4294967295\n")).ok());
  EXPECT_FALSE(check_writable(parsed("VERSION=2.1.7\n")).ok());
  for (const char* odd :
       {"VERSION=x\n", "VERSION=1.1\n", "VERSION=1.1.99999999999\n", "VERSION=1.1.-1\n", "VERSION=\n"})
    EXPECT_FALSE(check_writable(parsed(odd)).ok()) << odd;
}

TEST(DevicesFile, TooLargeOrWithAZeroByteIsRefused) {
  EXPECT_FALSE(parse_devices_file(std::string(kMaxDevicesFile + 1, '#')).ok());
  EXPECT_FALSE(parse_devices_file(std::string_view("IDTYPE=a\0b", 10)).ok());
}

TEST(DeviceIds, AreReadAsLvm2ReadsThem) {
  FakeHost host;
  DevNumber number = *parse_number(FakeHost::number(host.add("sda")));
  auto id = [&](std::string_view type) { return device_id(host.paths(), number, type).value_or(DeviceId{}).name; };
  EXPECT_FALSE(best_device_id(host.paths(), number));
  host.set("sda", "device/serial", "  SER IAL\1 \n");
  EXPECT_EQ(id("sys_serial"), "__SER_IAL__");
  EXPECT_EQ(best_device_id(host.paths(), number)->type, "sys_serial");
  host.set("sda", "wwid", "t10.ATA     X \t \n");
  EXPECT_EQ(id("sys_wwid"), "t10.ATA_____X___");
  host.set("sda", "device/wwid", "t10.QEMU HARDDISK QM1\n");
  EXPECT_EQ(id("sys_wwid"), "");
  host.set("sda", "device/wwid", "naa.5\n");
  EXPECT_EQ(id("sys_wwid"), "naa.5");
  host.set("sda", "loop/backing_file", "/a b (deleted)\n");
  EXPECT_EQ(id("loop_file"), "");
  host.set("sda", "loop/backing_file", "/a b\n");
  EXPECT_EQ(id("loop_file"), "/a_b");
  host.set("sda", "md/uuid", "01:23\n");
  EXPECT_EQ(id("md_uuid"), "01:23");
  host.set("sda", "dm/uuid", "CRYPT-LUKS2-x\n");
  EXPECT_EQ(id("crypt_uuid"), "CRYPT-LUKS2-x");
  EXPECT_EQ(id("mpath_uuid"), "");
  EXPECT_EQ(best_device_id(host.paths(), number)->type, "crypt_uuid");
}

TEST(DeviceIds, OfAPartitionAreThoseOfItsDisk) {
  FakeHost host;
  host.add("sda");
  host.set("sda", "device/wwid", "naa.5\n");
  auto& part = host.add("sda3");
  host.add_sys(FakeHost::number(part), "virtual/block/sda/sda3");
  host.set("sda3", "partition", "3\n");
  EXPECT_EQ(device_id(host.paths(), *parse_number(FakeHost::number(part)), "sys_wwid"),
            (DeviceId{"sys_wwid", "naa.5", 3}));
}

class Listed : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"a", "b", "c"}) {
      numbers_[name] = *parse_number(FakeHost::number(host_.add(name)));
      host_.set(name, "device/serial", std::string("S-") + name + "\n");
    }
  }
  /// `text` with @ for the folder of the nodes.
  void list(std::string text) {
    for (std::size_t at = 0; (at = text.find('@', at)) != std::string::npos;)
      text.replace(at, 1, host_.paths().dev + "/");
    listed_ = std::make_shared<ListedDevices>(parsed(text), true, "/etc/lvm/devices/x");
    ScanOptions options{.host = host_.paths(), .scan = {host_.paths().dev}};
    options.listed = listed_;
    auto source = machine_source(std::move(options));
    ASSERT_TRUE(source.ok());
    source_ = std::move(source).value();
  }
  std::string candidates() {
    std::string names;
    auto found = source_->candidates();
    EXPECT_TRUE(found.ok());
    if (found.ok())
      for (BlockDevice* device : found->devices) names += device->path().substr(host_.paths().dev.size() + 1);
    return names;
  }
  static std::optional<Uuid> pv(char c) { return parse_uuid(std::string(32, c)); }

  FakeHost host_;
  std::map<std::string, DevNumber> numbers_;
  std::shared_ptr<ListedDevices> listed_;
  std::unique_ptr<MachineSource> source_;
};

TEST_F(Listed, DevicesAloneAreUsedWhateverTheirNames) {
  list("IDTYPE=sys_serial IDNAME=S-b DEVNAME=@a PVID=.\nIDTYPE=sys_serial IDNAME=S-x DEVNAME=@c PVID=.\n");
  EXPECT_EQ(candidates(), "b");
  auto refused = source_->find(host_.dev("a"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(), "Cannot use " + host_.dev("a") +
                                           ": device is not in devices file /etc/lvm/devices/x: lvmdevices --adddev " +
                                           host_.dev("a") + " lists it there");
  const auto of_a = source_->rules(host_.dev("a")), of_b = source_->rules(host_.dev("b"));
  ASSERT_EQ(of_a.size(), 1U);
  EXPECT_FALSE(of_a[0].accepts);
  EXPECT_EQ(of_a[0].setting, "/etc/lvm/devices/x");
  ASSERT_EQ(of_b.size(), 1U);
  EXPECT_TRUE(of_b[0].accepts);
  EXPECT_THAT(of_b[0].pattern, HasSubstr("IDTYPE=sys_serial IDNAME=S-b"));
  EXPECT_THAT(of_b[0].pattern, testing::EndsWith("PVID=none"));
  auto corrections = listed_->corrections();
  ASSERT_EQ(corrections.size(), 1U);
  EXPECT_EQ(corrections[0].now.name, host_.dev("b"));
  EXPECT_THAT(corrections[0].sentence, HasSubstr("has updated name (devices file " + host_.dev("a") + ")"));
  ASSERT_EQ(listed_->absent().size(), 1U);
  EXPECT_THAT(listed_->absent()[0], HasSubstr("sys_serial S-x PVID none"));
}

TEST_F(Listed, AnAdmittedDeviceIsUsedToo) {
  list("IDTYPE=sys_serial IDNAME=S-b DEVNAME=@b PVID=.\n");
  EXPECT_EQ(candidates(), "b");
  ASSERT_TRUE(source_->admit(host_.dev("c")).ok());
  EXPECT_TRUE(source_->find(host_.dev("c")).ok());
  EXPECT_EQ(candidates(), "bc");
}

TEST_F(Listed, ANameThatIsNowAnothersLeadsToItsPvAllTheSame) {
  list("IDTYPE=devname IDNAME=@a DEVNAME=@a PVID=" + std::string(32, 'B') + "\n");
  EXPECT_EQ(candidates(), "a");
  // On a is another PV: all are looked at, and then b alone is what was meant.
  EXPECT_TRUE(listed_->settle({{numbers_["a"], pv('A')}}, true));
  EXPECT_EQ(candidates(), "abc");
  EXPECT_TRUE(listed_->settle({{numbers_["a"], pv('A')}, {numbers_["b"], pv('B')}, {numbers_["c"], {}}}, true));
  EXPECT_EQ(candidates(), "b");
  EXPECT_FALSE(listed_->settle({{numbers_["b"], pv('B')}}, true));
  auto corrections = listed_->corrections();
  ASSERT_EQ(corrections.size(), 1U);
  EXPECT_EQ(corrections[0].now.id_name, host_.dev("b"));
}

TEST_F(Listed, APvThatIsNowhereLeavesItsNameToNobody) {
  list("IDTYPE=devname IDNAME=@a DEVNAME=@a PVID=" + std::string(32, 'Z') + "\n");
  EXPECT_EQ(candidates(), "a");
  EXPECT_TRUE(listed_->settle({{numbers_["a"], pv('A')}}, false));
  EXPECT_EQ(candidates(), "");
  EXPECT_FALSE(listed_->settle({}, false));
  EXPECT_EQ(listed_->absent().size(), 1U);
}

TEST_F(Listed, AnotherPvOnADeviceIsNoted) {
  list("IDTYPE=sys_serial IDNAME=S-a DEVNAME=@a PVID=" + std::string(32, 'A') +
       "\nIDTYPE=sys_serial IDNAME=S-b DEVNAME=@b PVID=.\n");
  EXPECT_EQ(candidates(), "ab");
  EXPECT_FALSE(listed_->settle({{numbers_["a"], {}}, {numbers_["b"], pv('B')}}, true));
  auto corrections = listed_->corrections();
  ASSERT_EQ(corrections.size(), 2U);
  EXPECT_THAT(corrections[0].sentence, HasSubstr("has no PVID"));
  EXPECT_EQ(corrections[1].now.pv, pv('B'));
}

}  // namespace
}  // namespace ashlar::device
