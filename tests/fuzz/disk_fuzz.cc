// SPDX-License-Identifier: LGPL-2.1-or-later
// Two disks with a metadata text, checksums made good: read, judged and laid out. The input is the text of the first,
// then, behind a line of its own ("==== "), numbers for labels and headers, and the text of the second if it differs.
// A mutator that knows the text's structure changes numbers, names, sections and lists. Demanded: what imports prints
// and imports again as the same VG; what is legal gives tables that lie inside the PVs and never overlap.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "activation/layout.h"
#include "metadata/model/query.h"
#include "metadata/model/segment.h"
#include "metadata/model/validate.h"
#include "metadata/model/visibility.h"
#include "metadata/text/vg_writer.h"
#include "store/consensus.h"
#include "support/forge.h"

using namespace ashlar;
using namespace ashlar::test;

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {
constexpr std::string_view kSeparator = "\n==== ";
constexpr Bytes kSize{std::uint64_t{64} << 20};

void require(bool holds) {
  if (!holds) std::abort();
}

struct Run {
  std::uint64_t start, end;
};

/// Runs of sectors by device, of all LVs that lie on PVs alone.
void check_tables(const store::VgState& state, const dm::LayoutContext& context) {
  std::map<dm::DevNumber, std::vector<Run>> used;
  std::map<dm::DevNumber, Run> inside;
  for (const PhysicalVolume& pv : state.vg.pvs) {
    auto at = context.pv_numbers.find(pv.id);
    if (at == context.pv_numbers.end()) continue;
    inside[at->second] = {pv.pe_start.n, pv.pe_start.n + to_sectors(pv.pe_count, state.vg.extent_size).n};
  }
  for (const LogicalVolume& lv : state.vg.lvs) {
    auto device = dm::lv_device(state.vg, lv, context);
    if (!device.ok()) continue;
    std::uint64_t next = 0;
    for (const dm::Target& target : device->table) {
      require(target.start.n == next && target.length.n != 0);
      next += target.length.n;
      auto take = [&](const dm::Below& below, std::uint64_t length) {
        if (const auto* number = std::get_if<dm::DevNumber>(&below.device))
          used[*number].push_back({below.offset.n, below.offset.n + length});
      };
      std::visit(overloaded{[&](const dm::LinearTarget& t) { take(t.area, target.length.n); },
                            [&](const dm::StripedTarget& t) {
                              for (const dm::Below& area : t.areas) take(area, target.length.n / t.areas.size());
                            },
                            [](const auto&) {}},  // nothing below them
                 target.params);
    }
    require(next == to_sectors(lv.extents(), state.vg.extent_size).n);
  }
  for (auto& [number, runs] : used) {
    std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.start < b.start; });
    for (std::size_t i = 0; i < runs.size(); ++i) {
      require(runs[i].start >= inside[number].start && runs[i].end <= inside[number].end);
      require(i == 0 || runs[i - 1].end <= runs[i].start);
    }
  }
}

void check_state(const store::Picture& picture, const store::VgState& state) {
  VolumeGroup vg = state.vg;
  order_as_written(vg);
  const bool legal = validate(vg).empty() && check_writable(vg).ok();
  for (text::Form form : {text::Form::Raw, text::Form::File}) {
    auto again = text::read_vg(text::write_vg(vg, state.header, {"Ashlar", "Linux"}, form), "again");
    require(again.ok() && (!legal || again->vg == vg));
  }
  if (state.unsafe) return;
  dm::LayoutContext context;
  for (std::size_t i = 0; i < state.members.size(); ++i) {
    if (state.members[i] == store::kNoPv) continue;
    context.pv_numbers.emplace(state.vg.pvs[i].id, *picture.scan.pvs[state.members[i]].device->number());
    context.pv_paths.emplace(state.vg.pvs[i].id, "pv");
  }
  check_tables(state, context);
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = std::min(input.find(kSeparator), input.size());
  std::string numbers = cut == input.size() ? "" : input.substr(cut + kSeparator.size());
  std::string second;
  if (std::size_t end = numbers.find('\n'); end != std::string::npos) {
    second = numbers.substr(end + 1);
    numbers.resize(end);
  }
  auto number = [&](std::size_t i, std::uint64_t usual) -> std::uint64_t {
    if (i >= numbers.size() || numbers[i] == '.') return usual;
    // Letters are round numbers and their neighbours, so that a byte of input makes a large change.
    const auto c = static_cast<unsigned char>(numbers[i]);
    return (c & 1 ? std::uint64_t{1} << (c / 4) : usual + (c & 2 ? 512 : static_cast<std::uint64_t>(-512)) * (c / 4));
  };
  ForgedPv x{.id = *parse_uuid("pv0000-0000-0000-0000-0000-0000-000000"), .device_size = kSize.n};
  x.mdas[0].text = input.substr(0, cut);
  // The header that each text must have is spared the fuzzer.
  if (x.mdas[0].text.find("contents") == std::string::npos)
    x.mdas[0].text = x.mdas[0].text.substr(0, x.mdas[0].text.find('\0')) +
                     "\ncontents = \"Text Format Volume Group\"\nversion = 1\n";
  if (x.mdas[0].text.size() > 400'000) return 0;
  ForgedPv y = x;
  y.id = *parse_uuid("pv1000-0000-0000-0000-0000-0000-000000");
  if (!second.empty()) y.mdas[0].text = second;
  x.data[0].first = number(0, 1 << 20);
  x.mda_list = {{number(1, 4096), number(2, (1 << 20) - 4096)}};
  x.mdas[0].header_size = number(3, x.mdas[0].size);
  x.mdas[0].locn_offset = number(4, 512);
  x.mdas[0].locn_size = number(5, x.mdas[0].text.size() + 1);
  x.header_at = static_cast<std::uint32_t>(number(6, 32));
  x.ext_version = static_cast<std::uint32_t>(number(7, 2));

  RamMachine machine;
  forge(machine.add("/dev/x", kSize), x);
  forge(machine.add("/dev/y", kSize), y);
  auto scan = store::scan(machine);
  require(scan.ok());
  store::Picture picture = store::consensus(std::move(*scan));
  for (const store::VgState& state : picture.vgs) check_state(picture, state);
  return 0;
}

/// Half of the mutations are libFuzzer's, half know the grammar.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  std::minstd_rand draw(seed);
  auto below = [&](std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(draw()) % n; };
  if (size == 0 || below(2) == 0) return LLVMFuzzerMutate(data, size, max_size);
  std::string text(reinterpret_cast<const char*>(data), size);
  std::vector<std::size_t> lines{0};
  for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) lines.push_back(at + 1);
  auto line = [&] { return lines[below(lines.size())]; };
  auto end_of = [&](std::size_t at) { return std::min(text.find('\n', at), text.size() - 1) + 1; };
  switch (below(6)) {
    case 0: {  // another number
      static const char* const kNumbers[] = {"0",
                                             "1",
                                             "2",
                                             "3",
                                             "31",
                                             "128",
                                             "129",
                                             "4294967295",
                                             "4294967296",
                                             "9223372036854775807",
                                             "9223372036854775808",
                                             "18446744073709551615",
                                             "-1",
                                             "8192",
                                             "262144",
                                             "2047",
                                             "7.5"};
      std::size_t at = text.find_first_of("0123456789", below(text.size()));
      if (at == std::string::npos) break;
      std::size_t end = std::min(text.find_first_not_of("0123456789", at), text.size());
      text.replace(at, end - at, kNumbers[below(std::size(kNumbers))]);
      break;
    }
    case 1: {  // a word for another one of the text
      auto word = [&](std::size_t from) -> std::pair<std::size_t, std::size_t> {
        std::size_t at = std::min(text.find('"', from), text.size() - 1);
        return {at, std::min(text.find('"', at + 1), text.size() - 1) + 1 - at};
      };
      auto [from, length] = word(below(text.size()));
      auto [at, old] = word(below(text.size()));
      text.replace(at, old, text.substr(from, length));
      break;
    }
    case 2: {  // a line twice
      std::size_t at = line();
      text.insert(line(), text.substr(at, end_of(at) - at));
      break;
    }
    case 3: {  // a line less
      std::size_t at = line();
      text.erase(at, end_of(at) - at);
      break;
    }
    case 4: {  // a section somewhere else
      std::size_t open = text.find('{', below(text.size()));
      if (open == std::string::npos) break;
      std::size_t begin = text.rfind('\n', open);
      begin = begin == std::string::npos ? 0 : begin + 1;
      std::size_t depth = 0, end = open;
      for (; end < text.size(); ++end) {
        if (text[end] == '{') ++depth;
        if (text[end] == '}' && --depth == 0) break;
      }
      std::string section = text.substr(begin, end + 1 - begin) + "\n";
      text.insert(line(), section);
      break;
    }
    default: {  // numbers of the label and the header
      std::size_t at = text.find(kSeparator);
      if (at == std::string::npos) {
        text += std::string(kSeparator) + "........";
        break;
      }
      std::size_t place = at + kSeparator.size() + below(8);
      if (place < text.size()) text[place] = static_cast<char>(33 + below(94));
    }
  }
  text.resize(std::min(text.size(), max_size));
  std::copy(text.begin(), text.end(), data);
  return text.size();
}
