// SPDX-License-Identifier: LGPL-2.1-or-later
#include "store/pv_layout.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <sstream>

#include "base/size_text.h"
#include "support/data_file.h"

namespace ashlar::store {
namespace {

/// One line of tests/data/pv_layout/cases.txt, which make.py beside it recorded from lvm2.
struct Case {
  std::string line, options, outcome;
  PvLayoutRequest request;
  bool parsed = true;  ///< false: an option's value is no size at all
};

std::vector<std::string> split(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (std::size_t at; (at = text.find(separator, from)) != std::string::npos; from = at + separator.size())
    parts.push_back(text.substr(from, at - from));
  parts.push_back(text.substr(from));
  return parts;
}

std::pair<std::string, std::string> key_value(const std::string& text) {
  std::size_t at = text.find('=');
  return {text.substr(0, at), text.substr(at + 1)};
}

void read_device(const std::string& words, PvLayoutRequest& request) {
  if (words == "-") return;
  for (const std::string& word : split(words, " ")) {
    auto [key, value] = key_value(word);
    long long n = std::stoll(value);
    Bytes bytes{n < 0 ? 0 : static_cast<std::uint64_t>(n)};
    if (key == "minimum_io_size") request.topology.minimum_io = bytes;
    if (key == "optimal_io_size") request.topology.optimal_io = bytes;
    if (key == "alignment_offset") request.topology.alignment_offset = bytes;
  }
}

void read_restore(const std::string& text, PvLayoutRequest& request) {
  std::map<std::string, std::uint64_t> n;
  for (const std::string& part : split(text, ",")) {
    auto [key, value] = key_value(part);
    n[key] = std::stoull(value);
  }
  PvLayoutRequest::Fixed fixed;
  fixed.pe_start = {n["pe_start"]};
  fixed.pe_end = {n["pe_start"] + n["pe_count"] * 8192};
  fixed.ba_start = {n["ba_start"]};
  fixed.ba_size = {n["ba_size"]};
  request.fixed = fixed;
}

void read_setting(const std::string& text, PvLayoutRequest& request) {
  auto [key, value] = key_value(text);
  std::uint64_t n = std::stoull(value);
  if (key == "devices/data_alignment" && !request.data_alignment) request.data_alignment = Bytes{n << 10};
  if (key == "devices/default_data_alignment") request.default_data_alignment = {n << 20};
  if (key == "devices/data_alignment_detection") request.detect_alignment = n != 0;
  if (key == "devices/data_alignment_offset_detection") request.detect_offset = n != 0;
  if (key == "metadata/pvmetadatasize") request.default_metadata_size = to_bytes(Sectors{n});
  if (key == "metadata/pvmetadatacopies") request.metadata_copies = static_cast<unsigned>(n);
}

bool read_options(const std::string& text, PvLayoutRequest& request) {
  if (text == "-") return true;
  std::vector<std::string> words = split(text, " ");
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].starts_with("restore:")) {
      read_restore(words[i].substr(8), request);
    } else if (words[i].starts_with("config:")) {
      read_setting(words[i].substr(7), request);
    } else {
      const std::string& option = words[i];
      const std::string& value = words[++i];
      if (option == "--metadatacopies") {
        request.metadata_copies = static_cast<unsigned>(std::stoul(value));
        continue;
      }
      if (option == "--labelsector") {
        request.label_sector = static_cast<std::uint32_t>(std::stoul(value));
        continue;
      }
      auto size = parse_size(value, option.starts_with("--data") ? 'k' : 'm');
      if (!size) return false;
      if (option == "--metadatasize") request.metadata_size = *size;
      if (option == "--dataalignment") request.data_alignment = *size;
      if (option == "--dataalignmentoffset") request.data_alignment_offset = *size;
      if (option == "--bootloaderareasize") request.bootloader_size = *size;
      if (option == "--setphysicalvolumesize" && size->n != 0) {
        request.real_size = request.device_size;
        request.device_size = *size;
      }
    }
  }
  return true;
}

std::vector<Case> recorded() {
  std::vector<Case> cases;
  for (const std::string& line : test::data_lines("pv_layout/cases.txt")) {
    std::vector<std::string> fields = split(line, " | ");
    Case c{line, fields.at(2), fields.at(3), {}, true};
    c.request.device_size = {std::stoull(fields[0])};
    read_device(fields[1], c.request);
    c.parsed = read_options(fields[2], c.request);
    cases.push_back(std::move(c));
  }
  return cases;
}

std::string area_text(const std::vector<disk::DiskArea>& areas) {
  std::string text;
  for (const disk::DiskArea& area : areas)
    text += fmt::format("{}{}+{}", text.empty() ? "" : ",", area.offset.n, area.size.n);
  return text.empty() ? "-" : text;
}

std::string label_text(const disk::Label& label) {
  return fmt::format("label {} size {} data {} mda {} ba {}", label.sector, label.device_size.n,
                     area_text(label.data_areas), area_text(label.mdas), area_text(label.bootloader));
}

// LVM2 lays these out so that areas overlap: data or a metadata area "of 2^64 bytes" over the label, and a metadata
// area over the bootloader area that the restore file names.
const std::map<std::string, std::string> kOverlapping = {
    {"--metadatacopies 0 --dataalignment 512b", "over the label"},
    {"restore:pe_start=1,pe_count=31", "too small"},
    {"restore:pe_start=2,pe_count=31", "too small"},
};
constexpr const char* kShortened = "restore:pe_start=8192,pe_count=30,ba_start=2048,ba_size=2048";

TEST(PvLayout, PutsAreasWhereLvm2Does) {
  std::size_t placed = 0, refused = 0;
  for (const Case& c : recorded()) {
    SCOPED_TRACE(c.line);
    if (!c.parsed) {
      EXPECT_TRUE(c.outcome.starts_with("refused Size is not a multiple of 512"));
      continue;
    }
    auto label = pv_layout(c.request);
    if (auto known = kOverlapping.find(c.options); known != kOverlapping.end()) {
      ASSERT_FALSE(label.ok());
      EXPECT_NE(label.error().message().find(known->second), std::string::npos) << label.error().message();
    } else if (c.options == kShortened) {
      ASSERT_TRUE(label.ok());
      EXPECT_EQ(area_text(label->mdas), "4096+1044480");
    } else if (c.outcome.starts_with("refused")) {
      EXPECT_FALSE(label.ok()) << label_text(*label);
      ++refused;
    } else {
      ASSERT_TRUE(label.ok()) << label.error().message();
      EXPECT_EQ(label_text(*label), c.outcome);
      EXPECT_EQ(label->ext_flags, 0U);
      ++placed;
    }
  }
  EXPECT_GT(placed, 200U);
  EXPECT_GT(refused, 30U);
}

PvLayoutRequest plain(Bytes size) {
  PvLayoutRequest request;
  request.device_size = size;
  return request;
}

TEST(PvLayout, NamesTheOptionAndTheNumbersOfWhatCannotBe) {
  using namespace literals;
  struct Bad {
    PvLayoutRequest request;
    Errc code;
    std::vector<std::string> words;
  };
  std::vector<Bad> table;
  auto bad = [&](Errc code, std::vector<std::string> words) -> PvLayoutRequest& {
    table.push_back({plain(128_MiB), code, std::move(words)});
    return table.back().request;
  };
  bad(Errc::NoSpace, {"1048576 bytes", "2097152", "devices/pv_min_size"}).device_size = 1_MiB;
  bad(Errc::InvalidArgument, {"--labelsector", "4"}).label_sector = 4;
  bad(Errc::InvalidArgument, {"--metadatacopies", "3"}).metadata_copies = 3;
  bad(Errc::InvalidArgument, {"--dataalignment", "1000 bytes", "multiple of 512"}).data_alignment = Bytes{1000};
  bad(Errc::InvalidArgument, {"--metadatasize", "18446744073709551104"}).metadata_size = Bytes{~std::uint64_t{511}};
  bad(Errc::InvalidArgument, {"--dataalignmentoffset", "1049600", "1048576"}).data_alignment_offset = 1025_KiB;
  bad(Errc::InvalidArgument, {"device's own alignment offset", "2097152", "1048576"}).topology.alignment_offset = 2_MiB;
  bad(Errc::NoSpace, {"--dataalignment", "135266304", "134217728"}).data_alignment = 129_MiB;
  bad(Errc::NoSpace, {"--bootloaderareasize", "134217728", "1048576"}).bootloader_size = 128_MiB;
  auto& tiny_mda = bad(Errc::NoSpace, {"16384 bytes", "at least 32768", "--metadatasize"});
  tiny_mda.metadata_size = 16_KiB;
  tiny_mda.data_alignment = 4_KiB;
  auto& second = bad(Errc::NoSpace, {"--metadatacopies 2", "134217728"});
  second.metadata_size = 127_MiB;
  second.metadata_copies = 2;
  auto& larger = bad(Errc::NoSpace, {"--setphysicalvolumesize", "268435456", "134217728"});
  larger.real_size = 128_MiB;
  larger.device_size = 256_MiB;
  larger.metadata_copies = 2;
  auto& over_label = bad(Errc::NoSpace, {"byte 512", "over the label", "--dataalignment"});
  over_label.data_alignment = Bytes{512};
  over_label.metadata_copies = 0;
  bad(Errc::InvalidArgument, {"sector 0", "pe_start"}).fixed = PvLayoutRequest::Fixed{};
  bad(Errc::NoSpace, {"135266304", "134217728"}).fixed = PvLayoutRequest::Fixed{{2048}, {}, {}, {264192}};
  bad(Errc::NoSpace, {"4608000+51200", "2097152"}).fixed = PvLayoutRequest::Fixed{{4096}, {9000}, {100}, {4096}};
  bad(Errc::InvalidArgument, {"18446744073709551615"}).fixed = PvLayoutRequest::Fixed{{~std::uint64_t{0}}, {}, {}, {}};
  auto& both = bad(Errc::InvalidArgument, {"--bootloaderareasize", "restore file"});
  both.fixed = PvLayoutRequest::Fixed{{8192}, {}, {}, {8192}};
  both.bootloader_size = 1_MiB;
  for (const Bad& b : table) {
    auto label = pv_layout(b.request);
    ASSERT_FALSE(label.ok()) << b.words[0];
    EXPECT_EQ(label.error().code(), b.code) << label.error().message();
    for (const std::string& word : b.words)
      EXPECT_NE(label.error().message().find(word), std::string::npos) << word << " in: " << label.error().message();
  }
}

TEST(PvLayout, StartsMetadataBehindTheFirstPageOfLargePages) {
  using namespace literals;
  PvLayoutRequest request = plain(128_MiB);
  request.page_size = 64_KiB;
  request.metadata_size = 512_KiB;
  request.data_alignment = 64_KiB;
  EXPECT_EQ(label_text(*pv_layout(request)), "label 1 size 134217728 data 589824+0 mda 65536+524288 ba -");
  request.metadata_size = 448_KiB;
  EXPECT_FALSE(pv_layout(request).ok());
}

/// Whole sectors up to `most` bytes: often small, often a power of two, else anything.
rc::Gen<Bytes> sizes(std::uint64_t most) {
  std::uint64_t sectors = most / kSectorSize;
  return rc::gen::map(
      rc::gen::oneOf(rc::gen::inRange<std::uint64_t>(0, 64), rc::gen::inRange<std::uint64_t>(0, sectors + 1),
                     rc::gen::map(rc::gen::inRange(0, 40), [](int n) { return std::uint64_t{1} << n; })),
      [sectors](std::uint64_t n) { return to_bytes(Sectors{std::min(n, sectors)}); });
}

rc::Gen<std::optional<Bytes>> perhaps(rc::Gen<Bytes> gen) {
  return rc::gen::oneOf(rc::gen::just(std::optional<Bytes>()),
                        rc::gen::map(std::move(gen), [](Bytes value) { return std::optional<Bytes>(value); }));
}

PvLayoutRequest::Fixed any_fixed() {
  PvLayoutRequest::Fixed fixed;
  fixed.pe_start = to_sectors(*sizes(16 << 20));
  fixed.pe_end = fixed.pe_start + to_sectors(*sizes(32 << 20));
  fixed.ba_start = to_sectors(*sizes(8 << 20));
  fixed.ba_size = to_sectors(*sizes(8 << 20));
  return fixed;
}

PvLayoutRequest any_request() {
  PvLayoutRequest request = plain({*rc::gen::inRange<std::uint64_t>(1, 131072) * kSectorSize});
  request.data_alignment = *perhaps(sizes(2 << 20));
  request.data_alignment_offset = *perhaps(sizes(4096));
  request.metadata_size = *perhaps(sizes(40 << 20));
  request.metadata_copies = *rc::gen::inRange(0U, 3U);
  request.label_sector = *rc::gen::inRange(0U, 4U);
  if (*rc::gen::arbitrary<bool>()) {
    request.topology.minimum_io = *sizes(65536);
    request.topology.optimal_io = *sizes(4 << 20);
    request.topology.alignment_offset = *sizes(4096);
  }
  request.minimum_size = {0};
  if (*rc::gen::inRange(0, 4) == 0)
    request.fixed = any_fixed();
  else
    request.bootloader_size = *perhaps(sizes(8 << 20));
  return request;
}

// The label sectors, each area and the data (to the device's end, or to the second metadata area) never share a byte.
void check_areas(const PvLayoutRequest& request, const disk::Label& label) {
  std::uint64_t end = label.device_size.n;
  RC_ASSERT(end == request.device_size.n);
  RC_ASSERT(label.data_areas.size() == 1U);
  RC_ASSERT(label.mdas.size() == request.metadata_copies);
  std::vector<disk::DiskArea> areas = label.mdas;
  areas.insert(areas.end(), label.bootloader.begin(), label.bootloader.end());
  areas.push_back({{0}, {disk::kLabelSectors * kSectorSize}});
  std::uint64_t data = label.data_areas[0].offset.n;
  std::uint64_t data_end = request.fixed            ? to_bytes(request.fixed->pe_end).n
                           : label.mdas.size() == 2 ? label.mdas[1].offset.n
                                                    : end;
  RC_ASSERT(data <= data_end);
  areas.push_back({{data}, {data_end - data}});
  for (std::size_t i = 0; i < areas.size(); ++i) {
    RC_ASSERT(areas[i].offset.n % kSectorSize == 0U);
    RC_ASSERT(areas[i].offset.n + areas[i].size.n <= end);
    for (std::size_t k = 0; k < i; ++k)
      RC_ASSERT(areas[k].offset.n + areas[k].size.n <= areas[i].offset.n ||
                areas[i].offset.n + areas[i].size.n <= areas[k].offset.n);
  }
  for (const disk::DiskArea& mda : label.mdas) RC_ASSERT(mda.size.n >= 32768U);
}

RC_GTEST_PROP(PvLayout, NeverOverlapsAreasNorLeavesTheDevice, ()) {
  std::size_t placed = 0;
  for (int i = 0; i < 20; ++i) {
    PvLayoutRequest request = any_request();
    auto label = pv_layout(request);
    if (!label.ok()) continue;
    ++placed;
    check_areas(request, *label);
  }
  RC_TAG(placed >= 5 ? "a quarter placed" : "few placed");
}

}  // namespace
}  // namespace ashlar::store
