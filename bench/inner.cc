// SPDX-License-Identifier: LGPL-2.1-or-later
// The parts of a command by themselves, against the number of LVs, free runs or PVs; each says its order of growth.
//   build/release/bench/inner [--benchmark_filter=Parse]
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "activation/layout.h"
#include "device/image_source.h"
#include "metadata/model/query.h"
#include "metadata/model/validate.h"
#include "metadata/text/vg_reader.h"
#include "metadata/text/vg_writer.h"
#include "plan/plan.h"
#include "report/report.h"
#include "store/consensus.h"
#include "store/pv_layout.h"
#include "store/pv_store.h"

using namespace ashlar;

namespace {

const text::Origin kOrigin{"Ashlar", "Linux"};
const text::Header kHeader{"", "bench", "", 1700000000};

Uuid id_of(char kind, std::size_t number) { return *parse_uuid(fmt::format("{}{:031}", kind, number)); }

/// `lvs` LVs of `pieces` extents each on one PV; between two extents in use one is free where `holes`.
VolumeGroup large_vg(std::size_t lvs, std::size_t pieces = 1, bool holes = false) {
  VolumeGroup vg;
  vg.name = "bvg";
  vg.id = id_of('V', 0);
  vg.seqno = 1;
  vg.extent_size = {8192};
  for (VgFlag flag : {VgFlag::Resizeable, VgFlag::Read, VgFlag::Write}) vg.status.set(flag);
  const std::uint64_t step = holes ? 2 : 1;
  PhysicalVolume pv;
  pv.id = id_of('P', 0);
  pv.device = "/dev/sda";
  pv.status.set(PvFlag::Allocatable);
  pv.pe_start = {2048};
  pv.pe_count = {lvs * pieces * step + 1000};
  vg.pvs.push_back(pv);
  std::uint64_t extent = 0;
  for (std::size_t i = 0; i < lvs; ++i) {
    LogicalVolume lv;
    lv.name = fmt::format("lv{}", i);
    lv.id = id_of('L', i);
    for (LvFlag flag : {LvFlag::Read, LvFlag::Write, LvFlag::Visible}) lv.status.set(flag);
    lv.creation_time = 1700000000 + i;
    lv.creation_host = "bench";
    for (std::size_t p = 0; p < pieces; ++p, extent += step)
      lv.segments.push_back({{p}, {1}, {}, Striped{{}, {PvArea{pv.id, {extent}}}}, {}});
    vg.lvs.push_back(std::move(lv));
  }
  return vg;
}

std::size_t size_of(const benchmark::State& state) { return static_cast<std::size_t>(state.range(0)); }

void Parse(benchmark::State& state) {
  const std::string text = text::write_vg(large_vg(size_of(state)), kHeader, kOrigin, text::Form::Raw);
  for (auto _ : state) benchmark::DoNotOptimize(text::read_vg(text, "bench"));
  state.SetComplexityN(state.range(0));
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * static_cast<std::int64_t>(state.iterations()));
}

void ParseByTheWholeGrammar(benchmark::State& state) {
  const std::string text = text::write_vg(large_vg(size_of(state)), kHeader, kOrigin, text::Form::Raw);
  for (auto _ : state) {
    auto document = config::Document::view(text, "bench");
    benchmark::DoNotOptimize(text::read_vg(*document));
  }
  state.SetComplexityN(state.range(0));
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * static_cast<std::int64_t>(state.iterations()));
}

void Print(benchmark::State& state) {
  const VolumeGroup vg = large_vg(size_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(text::write_vg(vg, kHeader, kOrigin, text::Form::File));
  state.SetComplexityN(state.range(0));
}

void Validate(benchmark::State& state) {
  const VolumeGroup vg = large_vg(size_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(validate(vg));
  state.SetComplexityN(state.range(0));
}

void Usage(benchmark::State& state) {
  const VolumeGroup vg = large_vg(size_of(state));
  for (auto _ : state) benchmark::DoNotOptimize(pv_usage(vg));
  state.SetComplexityN(state.range(0));
}

/// One LV more in a VG whose free space is in that many runs.
void AllocateAmongFreeRuns(benchmark::State& state) {
  const VolumeGroup vg = large_vg(size_of(state) / 100, 100, true);
  SeededRandom random(1);
  plan::CreateLv request;
  request.name = "new";
  request.size.amount = Extents{50};
  for (auto _ : state) {
    auto planned = plan::create_lv(vg, request, random);
    if (!planned.ok()) state.SkipWithError(planned.error().message().c_str());
    benchmark::DoNotOptimize(planned);
  }
  state.SetComplexityN(state.range(0));
}

/// The tables of all LVs, as activating them takes it.
void LayOutAll(benchmark::State& state) {
  const VolumeGroup vg = large_vg(size_of(state));
  dm::LayoutContext context;
  context.pv_numbers.emplace(vg.pvs[0].id, dm::DevNumber{8, 0});
  context.read_only = [](const VolumeGroup&, const LogicalVolume&) { return false; };
  for (auto _ : state) {
    const dm::VgLayout layout(vg, context);
    for (const LogicalVolume& lv : vg.lvs) benchmark::DoNotOptimize(layout.device(lv));
  }
  state.SetComplexityN(state.range(0));
}

void Report(benchmark::State& state) {
  ops::Inventory inventory;
  ops::VgInfo& info = inventory.vgs.emplace_back();
  info.vg = large_vg(size_of(state));
  info.usage = pv_usage(info.vg);
  info.pvs.emplace_back().pv = info.vg.pvs[0];
  report::Options options;
  for (auto _ : state) benchmark::DoNotOptimize(report::print(inventory, options));
  state.SetComplexityN(state.range(0));
}

/// Image files with a PV each; opened once.
void Scan(benchmark::State& state) {
  char place[] = "/tmp/ashlar-inner.XXXXXX";
  if (::mkdtemp(place) == nullptr) return state.SkipWithError("no temporary folder");
  std::vector<std::string> files;
  for (std::size_t i = 0; i < size_of(state); ++i) {
    files.push_back(fmt::format("{}/pv{}", place, i));
    std::filesystem::resize_file((std::ofstream(files.back()), files.back()), 8 << 20);
  }
  auto source = device::image_source(files, {});
  for (std::size_t i = 0; i < files.size(); ++i) {
    device::BlockDevice& device = **source->find(files[i]);
    store::PvLayoutRequest layout;
    layout.id = id_of('P', i);
    layout.device_size = layout.real_size = device.size();
    if (!store::write_pv(device, {*store::pv_layout(layout)}).ok()) state.SkipWithError("no PV could be made");
  }
  for (auto _ : state) benchmark::DoNotOptimize(store::consensus(*store::scan(*source)));
  state.SetComplexityN(state.range(0));
  std::filesystem::remove_all(place);
}

BENCHMARK(Parse)->Arg(100)->Arg(1000)->Arg(10000)->Arg(20000)->Complexity(benchmark::oN);
BENCHMARK(ParseByTheWholeGrammar)->Arg(100)->Arg(1000)->Arg(10000)->Arg(20000)->Complexity(benchmark::oN);
BENCHMARK(Print)->Arg(100)->Arg(1000)->Arg(10000)->Arg(20000)->Complexity(benchmark::oN);
BENCHMARK(Validate)->Arg(100)->Arg(1000)->Arg(10000)->Arg(20000)->Complexity(benchmark::oN);
BENCHMARK(Usage)->Arg(100)->Arg(1000)->Arg(10000)->Arg(20000)->Complexity(benchmark::oN);
BENCHMARK(AllocateAmongFreeRuns)->Arg(1000)->Arg(10000)->Arg(100000)->Complexity(benchmark::oN);
BENCHMARK(LayOutAll)->Arg(100)->Arg(500)->Arg(1000)->Arg(2000)->Complexity(benchmark::oN);
BENCHMARK(Report)->Arg(100)->Arg(1000)->Arg(10000)->Arg(20000)->Complexity(benchmark::oN);
BENCHMARK(Scan)->Arg(1)->Arg(10)->Arg(100)->Complexity(benchmark::oN);

}  // namespace

BENCHMARK_MAIN();
