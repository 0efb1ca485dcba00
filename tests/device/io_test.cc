// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/io.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/resource.h>

#include "device/direct_access.h"
#include "device/direct_device.h"
#include "device/image_source.h"
#include "support/host.h"
#include "support/ram_disk.h"

namespace ashlar::device {
namespace {

using namespace ashlar::literals;
using test::TempDir;
using testing::HasSubstr;
using Kind = IoOp::Kind;

struct Images {
  Images(std::size_t count, std::uint64_t size) {
    for (std::size_t i = 0; i < count; ++i) {
      test::make_file(dir / std::to_string(i), size);
      devices.push_back(open_device(dir / std::to_string(i)).value());
    }
  }
  TempDir dir;
  std::vector<std::unique_ptr<BlockDevice>> devices;
};

IoOp write_op(BlockDevice& device, std::uint64_t offset, std::span<const std::byte> in) {
  return {.kind = Kind::Write, .device = &device, .offset = {offset}, .write_from = in};
}
IoOp read_op(BlockDevice& device, std::uint64_t offset, std::span<std::byte> out) {
  return {.kind = Kind::Read, .device = &device, .offset = {offset}, .read_into = out};
}
IoOp flush_op(BlockDevice& device) { return {.kind = Kind::Flush, .device = &device}; }

class EachEngine : public testing::TestWithParam<IoEngine> {
 protected:
  void go(std::span<IoOp> ops) { ASSERT_TRUE(run_with(GetParam(), ops)) << "this kernel has no io_uring"; }
};
INSTANTIATE_TEST_SUITE_P(, EachEngine, testing::Values(IoEngine::Ring, IoEngine::Threads),
                         [](const auto& engine) { return engine.param == IoEngine::Ring ? "Ring" : "Threads"; });

TEST_P(EachEngine, KeepsTheOrderOfOneDevicesOpsAmongManyDevices) {
  Images images(100, 1 << 16);
  const std::vector<std::byte> one(700, std::byte{1}), two(700, std::byte{2});
  std::vector<std::vector<std::byte>> between(100, std::vector<std::byte>(700)), after = between;
  std::vector<IoOp> ops;
  for (auto step : {0, 1, 2, 3, 4}) {
    for (std::size_t i = 0; i < 100; ++i) {
      BlockDevice& d = *images.devices[i];
      if (step == 0) ops.push_back(write_op(d, 300, one));
      if (step == 1) ops.push_back(read_op(d, 300, between[i]));
      if (step == 2) ops.push_back(write_op(d, 300, two));
      if (step == 3) ops.push_back(flush_op(d));
      if (step == 4) ops.push_back(read_op(d, 300, after[i]));
    }
  }
  go(ops);
  for (const IoOp& op : ops) ASSERT_TRUE(op.result.ok()) << op.result.error().message();
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_TRUE(between[i] == one) << i;
    EXPECT_TRUE(after[i] == two) << i;
    EXPECT_EQ(test::slurp(images.dir / std::to_string(i))[299], std::byte{0});
    EXPECT_EQ(test::slurp(images.dir / std::to_string(i))[1000], std::byte{0});
  }
}

TEST_P(EachEngine, AFailedOpStopsItsDeviceAndNoOther) {
  Images images(3, 1 << 16);
  const std::vector<std::byte> in(512, std::byte{5});
  std::vector<IoOp> ops;
  for (auto& device : images.devices) ops.push_back(write_op(*device, 0, in));
  ops.push_back(write_op(*images.devices[1], 1 << 20, in));  // past the end
  for (auto& device : images.devices) ops.push_back(write_op(*device, 4096, in));
  for (auto& device : images.devices) ops.push_back(flush_op(*device));
  go(ops);
  for (std::size_t i = 0; i < ops.size(); ++i) {
    bool fails = i == 3 || i == 5 || i == 8;
    EXPECT_EQ(ops[i].result.ok(), !fails) << i;
  }
  EXPECT_THAT(ops[3].result.error().message(), HasSubstr("past its end"));
  EXPECT_EQ(ops[5].result.error(), ops[3].result.error());
  EXPECT_EQ(test::slurp(images.dir / "1")[0], std::byte{5});
  EXPECT_EQ(test::slurp(images.dir / "1")[4096], std::byte{0}) << "an op after the failed one was carried out";
  EXPECT_EQ(test::slurp(images.dir / "2")[4096], std::byte{5});
}

TEST_P(EachEngine, AnOpThatTheKernelRefusesNamesPathOffsetAndLength) {
  TempDir dir;
  test::make_file(dir / "a", 4 << 20);
  test::make_file(dir / "b", 4 << 20);
  test::LoopDevice read_only(dir / "a", {.read_only = true});
  auto a = open_device(read_only.path()).value();
  auto b = open_device(dir / "b").value();
  const std::vector<std::byte> in(512);
  std::vector<IoOp> ops{write_op(*a, 0, in), write_op(*b, 0, in), flush_op(*b)};
  go(ops);
  ASSERT_FALSE(ops[0].result.ok());
  EXPECT_THAT(ops[0].result.error().message(), HasSubstr(read_only.path()));
  EXPECT_TRUE(ops[1].result.ok());
  EXPECT_TRUE(ops[2].result.ok());
}

TEST_P(EachEngine, AnImageCutShortBehindOurBackIsAnErrorNotGarbage) {
  Images images(3, 1 << 16);
  ASSERT_EQ(::truncate((images.dir / "1").c_str(), 4096), 0);
  std::vector<std::byte> out(3 * 8192);
  std::vector<IoOp> ops;
  for (std::size_t i = 0; i < 3; ++i)
    ops.push_back(read_op(*images.devices[i], 0, std::span(out).subspan(i * 8192, 8192)));
  go(ops);
  EXPECT_TRUE(ops[0].result.ok());
  ASSERT_FALSE(ops[1].result.ok());
  EXPECT_THAT(ops[1].result.error().message(), HasSubstr("it ends at 4096"));
}

RC_GTEST_PROP(Run, AnyBatchLeavesWhatDoingItOneByOneWould, ()) {
  Images images(4, 40000);
  const std::size_t size = images.devices[0]->size().n;
  std::vector<std::vector<std::byte>> model(4, std::vector<std::byte>(size));
  struct Read {
    std::vector<std::byte> got, wanted;
  };
  const auto engine = *rc::gen::element(IoEngine::Ring, IoEngine::Threads);
  const int count = *rc::gen::inRange(1, 40);
  std::vector<std::vector<std::byte>> inputs(static_cast<std::size_t>(count));
  std::vector<Read> reads(static_cast<std::size_t>(count));
  std::vector<IoOp> ops;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    auto d = *rc::gen::inRange<std::size_t>(0, 4);
    auto offset = *rc::gen::inRange<std::size_t>(0, size);
    auto length = std::min(*rc::gen::inRange<std::size_t>(0, 9000), size - offset);
    auto at = model[d].begin() + static_cast<std::ptrdiff_t>(offset);
    switch (*rc::gen::inRange(0, 5)) {
      case 0:
        ops.push_back(flush_op(*images.devices[d]));
        break;
      case 1:
      case 2:
        reads[i].got.resize(length);
        reads[i].wanted.assign(at, at + static_cast<std::ptrdiff_t>(length));
        ops.push_back(read_op(*images.devices[d], offset, reads[i].got));
        break;
      default:
        inputs[i].assign(length, static_cast<std::byte>(i + 1));
        std::copy(inputs[i].begin(), inputs[i].end(), at);
        ops.push_back(write_op(*images.devices[d], offset, inputs[i]));
    }
  }
  RC_ASSERT(run_with(engine, ops));
  for (const IoOp& op : ops) RC_ASSERT(op.result.ok());
  for (const Read& read : reads) RC_ASSERT(read.got == read.wanted);
  for (std::size_t d = 0; d < 4; ++d) {
    std::vector<std::byte> seen = test::slurp(images.dir / std::to_string(d));
    seen.resize(size);
    RC_ASSERT(seen == model[d]);
  }
}

TEST(Run, WritesThroughTheRingKeepNeighboursOn4096ByteBlocks) {
  TempDir dir;
  std::vector<std::unique_ptr<test::LoopDevice>> loops;
  std::vector<std::unique_ptr<BlockDevice>> devices;
  for (auto name : {"a", "b", "c"}) {
    test::make_file(dir / name, 4 << 20);
    loops.push_back(std::make_unique<test::LoopDevice>(dir / name, test::LoopDevice::Options{.block_size = 4096}));
    devices.push_back(open_device(loops.back()->path()).value());
    ASSERT_TRUE(devices.back()->write({0}, std::vector<std::byte>(3 * 4096, std::byte{9})).ok());
  }
  const std::vector<std::byte> in(5000, std::byte{1});
  std::vector<IoOp> ops;
  for (auto& device : devices) ops.push_back(write_op(*device, 512, in));
  ASSERT_TRUE(run_with(IoEngine::Ring, ops));
  for (auto& device : devices) {
    std::vector<std::byte> out(3 * 4096), wanted(3 * 4096, std::byte{9});
    std::copy(in.begin(), in.end(), wanted.begin() + 512);
    ASSERT_TRUE(device->read({0}, out).ok());
    EXPECT_TRUE(out == wanted);
  }
}

TEST(Run, DevicesInMemoryAreServedInTheOrderOfTheBatch) {
  test::RamMachine machine;
  auto& a = machine.add("/dev/a", 1_MiB);
  auto& b = machine.add("/dev/b", 1_MiB);
  const std::vector<std::byte> in(512, std::byte{1});
  std::vector<IoOp> ops{write_op(b, 0, in), write_op(a, 0, in), flush_op(b), write_op(b, 512, in), flush_op(a)};
  run(ops);
  std::vector<std::size_t> order;
  for (const auto& entry : machine.log()) order.push_back(entry.disk);
  EXPECT_THAT(order, testing::ElementsAre(1, 0, 1, 1, 0));
}

TEST(Run, NothingToDoIsDone) { run({}); }

/// In a process of its own, which may have only so many descriptors, and cannot raise that.
bool with_descriptors(rlim_t soft, rlim_t hard, const std::function<void()>& f) {
  return test::in_child([&] {
    rlimit limits{soft, hard};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limits), 0);
    f();
  });
}

void use_many(const std::vector<std::string>& paths) {
  auto source = image_source(paths);
  auto found = source->candidates();
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->devices.size(), paths.size());
  EXPECT_TRUE(found->problems.empty()) << found->problems.front();
  std::vector<std::vector<std::byte>> texts;
  std::vector<IoOp> ops;
  for (std::size_t i = 0; i < paths.size(); ++i)
    texts.push_back(std::vector<std::byte>(700, static_cast<std::byte>(i % 251 + 1)));
  for (std::size_t i = 0; i < paths.size(); ++i) {
    ops.push_back(write_op(*found->devices[i], 4608, texts[i]));
    ops.push_back(flush_op(*found->devices[i]));
    ops.push_back(write_op(*found->devices[i], 4096, std::span(texts[i]).first(512)));
    ops.push_back(flush_op(*found->devices[i]));
  }
  run(ops);
  for (const IoOp& op : ops) ASSERT_TRUE(op.result.ok()) << op.result.error().message();
  found = source->candidates();
  ASSERT_TRUE(found.ok());
  for (std::size_t i = 0; i < paths.size(); ++i) {
    ASSERT_EQ(found->first[i].size(), 8192U);
    EXPECT_EQ(found->first[i][4096 + 512 + 699], texts[i][0]) << paths[i];
    EXPECT_TRUE(found->devices[i]->unchanged().ok());
  }
}

TEST(FewDescriptors, AThousandImagesWorkWith256) {
  TempDir dir;
  std::vector<std::string> paths;
  for (int i = 0; i < 1000; ++i) {
    paths.push_back(dir / fmt::format("{}.img", i));
    test::make_file(paths.back(), 1 << 16);
  }
  EXPECT_TRUE(with_descriptors(256, 256, [&] { use_many(paths); }));
  EXPECT_TRUE(with_descriptors(64, 64, [&] { use_many({paths.begin(), paths.begin() + 100}); }));
}

TEST(FewDescriptors, ADeviceSwappedWhileItWasClosedIsNotTakenForTheOldOne) {
  TempDir dir;
  std::vector<std::string> paths;
  for (int i = 0; i < 100; ++i) {
    paths.push_back(dir / std::to_string(i));
    test::make_file(paths.back(), 1 << 16);
  }
  EXPECT_TRUE(with_descriptors(64, 64, [&] {
    auto source = image_source(paths);
    auto found = source->candidates();
    ASSERT_TRUE(found.ok());
    test::make_file(dir / "new", 1 << 16);
    ASSERT_EQ(::rename((dir / "new").c_str(), paths[0].c_str()), 0);
    Status written = found->devices[0]->write({0}, std::vector<std::byte>(512, std::byte{1}));
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.error().code(), Errc::Refused);
    EXPECT_EQ(test::slurp(paths[0])[0], std::byte{0});
  }));
}

TEST(FewDescriptors, TheSoftLimitIsRaisedRatherThanDevicesClosed) {
  TempDir dir;
  std::vector<std::string> paths;
  for (int i = 0; i < 100; ++i) {
    paths.push_back(dir / std::to_string(i));
    test::make_file(paths.back(), 1 << 16);
  }
  EXPECT_TRUE(with_descriptors(64, 4096, [&] {
    use_many(paths);
    rlimit limits{};
    ::getrlimit(RLIMIT_NOFILE, &limits);
    EXPECT_EQ(limits.rlim_cur, 100U + 100U + 64U);
  }));
}

}  // namespace
}  // namespace ashlar::device
