// SPDX-License-Identifier: LGPL-2.1-or-later
// Hostile disks beside a healthy VG, a row each. Whatever is on them: the fault is named with its place, nothing is
// written to them, memory stays within ten times the input, no byte reaches the terminal raw, what hides a VG ends in
// status 5, and the healthy VG works on.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <ctime>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "hostile/corpus.h"
#include "metadata/model/query.h"
#include "metadata/model/validate.h"
#include "support/figures.h"
#include "support/forge.h"
#include "support/heap.h"
#include "support/host.h"
#include "support/test_machine.h"

namespace ashlar::test {
namespace {
using namespace hostile;

constexpr Bytes kDiskSize{128 << 20};

/// What becomes of the VG on the hostile disks.
enum class Then {
  Gone,      ///< it cannot be shown: status 5
  ReadOnly,  ///< it is shown; nothing is written
  Partial,   ///< it is shown without one of its PVs
  Used,      ///< another copy serves, and the next change mends the rest
  None,      ///< there is no VG, and nothing that could hide one
};

struct Row {
  std::string what, said;
  Then then = Then::Gone;
  std::vector<ForgedPv> pvs{};  ///< of /dev/bad0, /dev/bad1, ...
  std::string vg = "vg0";
};

const Uuid kX = *parse_uuid("pv0000-0000-0000-0000-0000-0000-000000");
const Uuid kY = *parse_uuid("pv1000-0000-0000-0000-0000-0000-000000");

Pv pv_section(int n, const std::string& keys = Pv{}.keys) {
  return {.name = "pv" + std::to_string(n),
          .id = "pv" + std::to_string(n) + "000-0000-0000-0000-0000-0000-000000",
          .keys = keys};
}

/// A good PV with a good text on it.
ForgedPv holding(const std::string& text, const Uuid& id = kX) {
  ForgedPv pv{.id = id, .device_size = kDiskSize.n};
  pv.mdas[0].text = text;
  return pv;
}
const std::string kGood = text_of(with(lv("a", linear("pv0"))));
std::string of_two(const std::string& seqno = "seqno = 7\n") {
  Vg vg = with(lv("a", linear("pv0")) + lv("b", linear("pv1")));
  vg.pvs = {pv_section(0), pv_section(1)};
  vg.seqno = seqno;
  return text_of(vg);
}

/// Rows about one number of one PV whose VG has no other copy.
void add_alone(std::vector<Row>& rows) {
  auto label = [&](const char* what, const char* said, auto change, Then then = Then::Gone) {
    Row row{what, said, then, {holding(kGood)}};
    change(row.pvs[0]);
    rows.push_back(std::move(row));
  };
  auto mda = [&](const char* what, const char* said, auto change, Then then = Then::Gone) {
    label(
        what, said, [&](ForgedPv& pv) { change(pv.mdas[0]); }, then);
  };
  label("a label of another checksum", "has checksum", [](ForgedPv& p) { p.bad_checksum = true; });
  label("a label that says another sector", "says that it belongs in sector 3", [](ForgedPv& p) { p.sector_says = 3; });
  label("a label for sector 2^64-1", "says that it belongs in sector", [](ForgedPv& p) { p.sector_says = UINT64_MAX; });
  label("a label of an unknown type", "unknown type \"\\x1b[2J xx!\"", [](ForgedPv& p) { p.type = "\x1b[2J xx!"; });
  label("a PV header in the label's own header", "puts the PV header at byte 0", [](ForgedPv& p) { p.header_at = 0; });
  label("a PV header behind the sector", "puts the PV header at byte 4294967295",
        [](ForgedPv& p) { p.header_at = UINT32_MAX; });
  label("a PV header at the sector's end", "at byte 511", [](ForgedPv& p) { p.header_at = 511; });
  label("an escape sequence as PV id", "is not a PV UUID",
        [](ForgedPv& p) { p.raw_id = "\x1b[31m" + std::string(27, 'x'); });
  label("lists of areas without an end", "has no end in its sector", [](ForgedPv& p) {
    p.terminated = false;
    p.data = {};
    for (std::uint64_t i = 0; i < 4; ++i) p.data.emplace_back((i + 1) << 20, 1 << 20);
    p.mda_list = {};
    p.bootloader = Areas(30, {1 << 20, 512});
    p.header_at = 400;
  });
  label("thirty data areas", "more than 4 data areas", [](ForgedPv& p) { p.data = Areas(27, {1 << 20, 512}); });
  label("three metadata areas", "at most 2 are legal", [](ForgedPv& p) {
    p.mda_list = {{4096, 4096}, {8192, 4096}, {12288, 4096}};
  });
  label("metadata areas that overlap", "metadata areas 1 and 2 overlap", [](ForgedPv& p) {
    p.mda_list = {{4096, 65536}, {8192, 65536}};
  });
  label("one metadata area twice", "metadata areas 1 and 2 overlap", [](ForgedPv& p) {
    p.mda_list = {{4096, 65536}, {4096, 65536}};
  });
  label("a metadata area of 512 bytes", "is too small", [](ForgedPv& p) { p.mda_list = {{4096, 512}}; });
  label("a metadata area of no bytes", "is too small", [](ForgedPv& p) { p.mda_list = {{4096, 0}}; });
  label("a metadata area off the sectors", "not in whole sectors", [](ForgedPv& p) { p.mda_list = {{4097, 65536}}; });
  label("a metadata area over the label", "lies over the label", [](ForgedPv& p) { p.mda_list = {{512, 65536}}; });
  label("a metadata area that ends past 2^64", "is no place", [](ForgedPv& p) {
    p.mda_list = {{4096, UINT64_MAX - 511}};
  });
  label("a metadata area larger than the disk", "beyond the device", [](ForgedPv& p) {
    p.data = {}, p.mda_list = {{4096, std::uint64_t{1} << 40}};
  });
  label("a metadata area behind the disk", "beyond the device", [](ForgedPv& p) {
    p.mda_list = {{std::uint64_t{1} << 50, 1 << 20}};
  });
  label("a data area in the metadata area", "data area 1 at 8192 lies in metadata area 1", [](ForgedPv& p) {
    p.data = {{8192, 0}};
  });
  label("a data area over the metadata area", "lies in metadata area 1", [](ForgedPv& p) {
    p.data = {{2048, 1 << 20}};
  });
  label("a data area over the label", "lies over the label", [](ForgedPv& p) { p.data = {{1, 0}}; });
  label("data areas that overlap", "data areas 1 and 2 overlap", [](ForgedPv& p) {
    p.data = {{1 << 20, 4 << 20}, {2 << 20, 0}};
  });
  label("a data area that ends past 2^64", "is no place", [](ForgedPv& p) { p.data = {{1 << 20, UINT64_MAX}}; });
  label("a bootloader area in the metadata area", "bootloader area 1 at 4096 lies in", [](ForgedPv& p) {
    p.bootloader = {{4096, 512}};
  });
  label("a bootloader area over the label", "lies over the label", [](ForgedPv& p) { p.bootloader = {{512, 512}}; });
  label(
      "no metadata area, but marked in use", "", [](ForgedPv& p) { p.mdas.clear(); }, Then::None);
  label("an empty metadata area, but marked in use", "no VG was found using it",
        [](ForgedPv& p) { p.mdas[0].text.clear(); });
  label("a second, bad label", "label in sector 2", [](ForgedPv& p) { p.sector = 2, p.bad_checksum = true; });
  label(
      "a device size of 2^64-1", "", [](ForgedPv& p) { p.device_size = UINT64_MAX; }, Then::Used);
  label(
      "an extension of version 2^32-1", "", [](ForgedPv& p) { p.ext_version = UINT32_MAX, p.ext_flags = UINT32_MAX; },
      Then::Used);

  mda("a header of another checksum", "the header has checksum", [](ForgedMda& m) { m.bad_checksum = true; });
  mda("no header", "no metadata area header there", [](ForgedMda& m) { m.no_header = true; });
  mda("an escape sequence as the header's magic", "no metadata area header there",
      [](ForgedMda& m) { m.magic = "\x1b[31m56789012345"; });
  mda("a header of version 2", "header version 2", [](ForgedMda& m) { m.version = 2; });
  mda("a header that says another place", "says that it starts at byte 8192",
      [](ForgedMda& m) { m.header_offset = 8192; });
  mda("a header that says 2^64-1 bytes", "the header says 18446744073709551615 bytes",
      [](ForgedMda& m) { m.header_size = UINT64_MAX; });
  mda("a header that says no bytes", "the header says 0 bytes", [](ForgedMda& m) { m.header_size = 0; });
  mda("a header that says half a sector", "the header says 256 bytes", [](ForgedMda& m) { m.header_size = 256; });
  mda("a text of 2^40 bytes", "text of 1099511627776 bytes",
      [](ForgedMda& m) { m.locn_size = std::uint64_t{1} << 40; });
  mda("a text of 2^32-1 bytes", "text of 4294967295 bytes", [](ForgedMda& m) { m.locn_size = UINT32_MAX; });
  mda("a text of 2^64-1 bytes", "text of 18446744073709551615 bytes", [](ForgedMda& m) { m.locn_size = UINT64_MAX; });
  mda("a text of no bytes", "text of 0 bytes", [](ForgedMda& m) { m.locn_size = 0; });
  mda("a text of one byte", "checksum", [](ForgedMda& m) { m.locn_size = 1; });
  mda("a text as large as the area", "text of 1044480 bytes", [](ForgedMda& m) { m.locn_size = m.size; });
  mda("a text at 2^40", "text at offset 1099511627776 lies outside",
      [](ForgedMda& m) { m.locn_offset = std::uint64_t{1} << 40; });
  mda("a text at 2^64-512", "lies outside", [](ForgedMda& m) { m.locn_offset = UINT64_MAX - 511; });
  mda("a text over its header", "text at offset 8 lies outside", [](ForgedMda& m) { m.locn_offset = 8; });
  mda("a text at the area's end", "lies outside", [](ForgedMda& m) { m.locn_offset = m.size; });
  mda("a text one byte before the area's end", "checksum", [](ForgedMda& m) { m.locn_offset = m.size - 1; });
  mda("a text at offset 0: none", "no VG was found using it", [](ForgedMda& m) { m.locn_offset = 0; });
  mda("a text of another checksum", "has checksum", [](ForgedMda& m) { m.locn_checksum = 7; });
  mda("a text that is all NUL", "there is no volume group in it",
      [](ForgedMda& m) { m.text = std::string(600, '\0'); });
  mda("a NUL in the middle", "its text at offset 512 (VG vg0)", [](ForgedMda& m) { m.text[m.text.size() / 2] = '\0'; });
  mda(
      "an ignored area", "", [](ForgedMda& m) { m.locn_flags = 1; }, Then::None);
  mda(
      "unknown flags of a text", "", [](ForgedMda& m) { m.locn_flags = 0xfffffffe; }, Then::Used);
  mda(
      "a text that wraps", "", [](ForgedMda& m) { m.text_at = m.size - 512; }, Then::Used);
  mda(
      "a text behind the first sector", "", [](ForgedMda& m) { m.text_at = 700; }, Then::Used);
}

/// Rows about PVs that do not go together.
void add_together(std::vector<Row>& rows) {
  auto two = [&](const char* what, const char* said, Then then, auto change) {
    Row row{what, said, then, {holding(of_two()), holding(of_two(), kY)}};
    change(row.pvs[0], row.pvs[1]);
    rows.push_back(std::move(row));
  };
  two("one copy of another checksum", "metadata area 1 of /dev/bad0: its text at offset 512 has checksum", Then::Used,
      [](ForgedPv& x, ForgedPv&) { x.mdas[0].locn_checksum = 7; });
  two("one copy that is no text", "metadata area 1 of /dev/bad0: its text at offset 512", Then::Used,
      [](ForgedPv& x, ForgedPv&) { x.mdas[0].text = "{{{{"; });
  two("one copy of 2^40 bytes", "metadata area 1 of /dev/bad0", Then::Used,
      [](ForgedPv& x, ForgedPv&) { x.mdas[0].locn_size = std::uint64_t{1} << 40; });
  two("one header bad", "metadata area 1 of /dev/bad1", Then::Used,
      [](ForgedPv&, ForgedPv& y) { y.mdas[0].bad_checksum = true; });
  two("one area empty", "metadata area 1 of /dev/bad1: it has no text", Then::Used,
      [](ForgedPv&, ForgedPv& y) { y.mdas[0].text.clear(); });
  two("one copy old", "has seqno 3 of VG vg0, seqno 7 rules", Then::Used,
      [](ForgedPv& x, ForgedPv&) { x.mdas[0].text = of_two("seqno = 3\n"); });
  two("one seqno, two texts", "two different texts of VG vg0 have seqno 7", Then::ReadOnly,
      [](ForgedPv& x, ForgedPv&) { x.mdas[0].text = of_two() + "\n# other"; });
  two("a bad label on one PV", "missing PV", Then::Partial, [](ForgedPv& x, ForgedPv&) { x.bad_checksum = true; });
  two("both labels with one PV id", "Not using device /dev/bad", Then::ReadOnly,
      [](ForgedPv&, ForgedPv& y) { y.id = kX; });
  two("another VG name in one copy, and older", "seqno 7 rules", Then::Used, [](ForgedPv& x, ForgedPv&) {
    Vg vg = with(lv("a", linear("pv0")));
    vg.name = "vg1";
    vg.pvs = {pv_section(0), pv_section(1)};
    vg.seqno = "seqno = 6\n";
    x.mdas[0].text = text_of(vg);
  });
  two("two VGs with one id", "has the same id as another VG", Then::ReadOnly, [](ForgedPv& x, ForgedPv& y) {
    x.mdas[0].text = kGood;
    Vg vg = with(lv("b", linear("pv1")));
    vg.name = "vg1";
    vg.pvs = {pv_section(1)};
    vg.seqno = "seqno = 4000000000\n";
    y.mdas[0].text = text_of(vg);
  });
  two("a text that does not list the PV it is on", "does not list that PV", Then::Partial,
      [](ForgedPv& x, ForgedPv& y) {
        x.mdas[0].text = text_of({.pvs = {pv_section(7)}});
        y.mdas.clear();
        y.ext_flags = 0;
      });
  two("two VGs that list one PV without metadata", "both list /dev/bad1", Then::ReadOnly, [](ForgedPv& x, ForgedPv& y) {
    x.mdas[0].text = of_two();
    y.mdas.clear();
  });
  rows.back().pvs.push_back(holding({}, *parse_uuid("pv2000-0000-0000-0000-0000-0000-000000")));
  Vg claims = with(lv("c", linear("pv2")));
  claims.pvs = {pv_section(1), pv_section(2)};
  claims.name = "vg2";
  rows.back().pvs.back().mdas[0].text = text_of(claims);
  std::string& text = rows.back().pvs.back().mdas[0].text;
  text.replace(text.find("vg0000"), 6, "vg2000");

  two("two areas of one PV with different texts", "has seqno 3", Then::Used, [](ForgedPv& x, ForgedPv&) {
    x.mdas.push_back({.offset = kDiskSize.n - (1 << 20), .size = 1 << 20, .text = of_two("seqno = 3\n")});
  });
}

/// Rows about texts whose numbers do not fit the disk that they are on.
void add_misfits(std::vector<Row>& rows) {
  auto text = [&](const char* what, const char* said, Then then, const Vg& vg) {
    rows.push_back({what, said, then, {holding(text_of(vg))}});
  };
  auto pv = [](const std::string& keys) { return std::vector<Pv>{{.keys = keys}}; };
  text("extents over the metadata area", "lie over metadata area 1 of /dev/bad0", Then::ReadOnly,
       {.pvs = pv("dev_size = 262144\npe_start = 8\npe_count = 31\n")});
  text("extents over the label", "over its label", Then::ReadOnly,
       {.pvs = pv("dev_size = 262144\npe_start = 0\npe_count = 31\n")});
  Row second{
      "extents over a second metadata area", "lie over metadata area 2 of /dev/bad0", Then::ReadOnly, {holding(kGood)}};
  second.pvs[0].mdas.push_back({.offset = 64 << 20, .size = 1 << 20, .text = kGood});
  rows.push_back(std::move(second));
  const std::string evil = "\x1b]0;owned\x07\x1b[31m\xff\xc2\x9b\r\t'\n  forged";
  Vg vg =
      with(lv("a", linear("pv0"), "",
              "tags = [\"" + evil + "\"]\ncreation_time = 5\ncreation_host = \"" + evil + "\"\nprofile = \"" + evil +
                  "\"\nlock_args = \"" + evil + "\"\n\"" + "unknown\" = \"" + evil + "\"\nsegment_count = 1\n"));
  vg.pvs[0].keys += "device = \"" + evil + "\"\ndevice_id = \"" + evil + "\"\ndevice_id_type = \"" + evil +
                    "\"\ntags = [\"" + evil + "\"]\n";
  vg.keys = "tags = [\"" + evil + "\"]\nprofile = \"" + evil + "\"\n";
  vg.header = "creation_host = \"" + evil + "\"\ndescription = \"" + evil + "\"\n";
  text("escape sequences in every string", "", Then::Used, vg);
  text("escape sequences as a type", "", Then::ReadOnly, with(lv("a", segment("type = \"" + evil + "\"\n"))));
  vg.keys += "system_id = \"" + evil + "\"\n";
  rows.push_back({"an escape sequence as system ID", "", Then::ReadOnly, {holding(text_of(vg))}});
  vg.keys = "lock_type = \"" + evil + "\"\n";
  rows.push_back({"an escape sequence as lock type", "", Then::ReadOnly, {holding(text_of(vg))}});
}

std::vector<Row> all_rows() {
  std::vector<Row> rows;
  add_alone(rows);
  add_together(rows);
  add_misfits(rows);
  for (const Hostile& hostile : corpus()) {
    const std::string text = text_of(hostile.vg);
    auto read = text::read_vg(text, "row");
    rows.push_back(
        {std::string("text: ") + hostile.what, hostile.said, read ? Then::ReadOnly : Then::Gone, {holding(text)}});
    // What makes a VG read-only without being damage is told by the change that is refused.
    if (read && validate(read->vg).empty()) rows.back().said.clear();
  }
  return rows;
}

/// The machine of a row: /dev/bad0 ... as forged, and the VG "good" on two PVs.
void prepare(TestMachine& m, const Row& row) {
  m.disk("/dev/good0").disk("/dev/good1");
  m.must("vgcreate good /dev/good0 /dev/good1");
  m.must("lvcreate -an -Zn -l 2 -n lv good");
  for (std::size_t i = 0; i < row.pvs.size(); ++i) {
    const std::string path = "/dev/bad" + std::to_string(i);
    m.disk(path, kDiskSize);
    forge(m.disks.disk(path), row.pvs[i]);
  }
  m.disks.forget_log();
}

std::size_t writes_to_bad(const TestMachine& m) {
  std::size_t count = 0;
  for (const LogEntry& entry : m.disks.log()) count += entry.kind == LogEntry::Kind::Write && entry.disk >= 2 ? 1 : 0;
  return count;
}

/// Nothing that a terminal would act on.
void expect_printable(const Ran& ran, const std::string& line) {
  for (const std::string* text : {&ran.out, &ran.err}) {
    ASSERT_EQ(text->find("\t'"), std::string::npos) << line;
    ASSERT_EQ(text->find("\n  forged"), std::string::npos) << line;
    for (std::size_t from = 0; from < text->size();) {
      std::size_t to = std::min(text->find('\n', from), text->size());
      std::string one = text->substr(from, to - from);
      std::erase(one, '\t');
      ASSERT_EQ(one, printable(one)) << line;
      from = to + 1;
    }
  }
}

double cpu_seconds() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

struct Cost {
  std::size_t rows = 0;
  double seconds = 0;           ///< of CPU, of the slowest command: told, not judged
  double read = 0, repair = 0;  ///< memory at most, in times the input: to read, and to repair
  double history = 0, fullreport = 0, write = 0;
  std::string slowest, largest;
};
/// Of the rows, and of the large texts.
Cost small, large;

const Figures kSmall("hostile disks", [](bool whole) {
  if (whole) {
    EXPECT_GE(small.rows, 100U);
  }
  return fmt::format("{} rows; slowest command {:.3f} s of CPU ({}); most memory {:.1f} x the input ({})", small.rows,
                     small.seconds, small.slowest, small.read, small.largest);
});
const Figures kLarge("large texts", [](bool) {
  return fmt::format(
      "slowest command {:.3f} s of CPU ({}); most memory in times the input {:.1f} to read, {:.1f} fullreport in JSON, {:.1f} history, {:.1f} to write, "
      "{:.1f} to repair",
      large.seconds, large.slowest, large.read, large.fullreport, large.history, large.write, large.repair);
});

class HostileDisk : public testing::Test {
 protected:
  /// `whole`: bytes that the command reads beside the texts: who looks for older ones has a metadata area in memory.
  Ran run(TestMachine& m, const std::string& line, double Cost::*most = &Cost::read, std::size_t whole = 0) {
    const double began = cpu_seconds();
    const heap::Peak peak;
    Ran ran = m.run(line);
    // The first 8 KiB of each disk are always read, settings have a size of their own, and so has what is printed.
    const std::size_t beside = (256 << 10) + 4 * (ran.out.size() + ran.err.size()) + whole;
    const double times =
        static_cast<double>(peak.bytes() - std::min(peak.bytes(), beside)) / static_cast<double>(input_ + (16 << 10));
    EXPECT_LT(times, 10) << line << " takes " << peak.bytes() << " bytes";
    if (times > cost_->*most) cost_->*most = times, cost_->largest = what_;
    if (double took = cpu_seconds() - began; took > cost_->seconds) cost_->seconds = took, cost_->slowest = what_;
    expect_printable(ran, line);
    EXPECT_LT(ran.err.size(), 200'000U) << line;
    return ran;
  }

  void check(const Row& row) {
    SCOPED_TRACE(row.what);
    what_ = row.what;
    input_ = 0;
    for (const ForgedPv& pv : row.pvs) {
      for (const ForgedMda& mda : pv.mdas) input_ += mda.text.size();
    }
    TestMachine m;
    prepare(m, row);
    const bool gone = row.then == Then::Gone;
    if (row.then == Then::None) {
      EXPECT_EQ(run(m, "vgs").status, 0);
    }
    for (const char* line : {"vgcfgbackup -t", "vgchange -an"}) {
      Ran ran = run(m, line);
      if (gone) {
        EXPECT_EQ(ran.status, 5) << line << ran.err;
      }
    }
    for (const char* line :
         {"vgs", "lvs -a --segments", "pvs", "vgs -o all", "lvs -a -o all", "pvs -o all", "lvs -vvvv"}) {
      Ran ran = run(m, line);
      if (gone) {
        EXPECT_EQ(ran.status, 5) << line << ran.err;
      }
      EXPECT_NE(ran.err.find(row.said), std::string::npos) << line << "\n" << ran.err;
      if (gone) {
        EXPECT_NE(ran.err.find("/dev/bad0"), std::string::npos) << line << "\n" << ran.err;
      }
    }
    for (const char* line : {"vgs -o all --reportformat json", "lvs -a -o all --reportformat json",
                             "pvs -o all --reportformat json_std"}) {
      Ran ran = run(m, line);
      EXPECT_TRUE(nlohmann::json::accept(ran.out)) << line << "\n" << ran.out;
    }
    EXPECT_EQ(m.disks.write_count(), 0U);

    Ran vgs = run(m, "vgs --foreign --noheadings -o name");
    EXPECT_EQ(vgs.out.find(" " + row.vg) != std::string::npos, !gone && row.then != Then::None) << vgs.out << vgs.err;
    if (row.then == Then::Used) {
      EXPECT_EQ(vgs.status, 0) << vgs.err;
    }
    run(m, "vgchange -ay " + row.vg);
    run(m, "tables " + row.vg);
    run(m, "tables --json " + row.vg);
    EXPECT_TRUE(m.kernel.devices().empty() || !gone);
    EXPECT_EQ(m.disks.write_count(), 0U);
    run(m, "vgchange -an " + row.vg);

    healthy_works(m);
    EXPECT_EQ(writes_to_bad(m), 0U);
    Ran change = run(m, "vgchange --addtag x " + row.vg);
    if (row.then == Then::Used) {
      EXPECT_EQ(change.status, 0) << change.err;
      Ran mended = run(m, "vgs " + row.vg);
      EXPECT_EQ(mended.status, 0) << mended.err;
      EXPECT_EQ(mended.err, "");
    } else if (row.then == Then::Partial) {
      EXPECT_NE(run(m, "lvcreate -an -Zn -l1 -n z " + row.vg).status, 0);
    } else {
      EXPECT_EQ(change.status, 5);
      EXPECT_NE(change.err, "");
      for (const char* line : {"lvcreate -an -Zn -l1 -n z ", "lvremove -f ", "vgremove -f ", "vgextend --yes --force "})
        EXPECT_NE(run(m, line + row.vg).status, 0) << line;
      EXPECT_EQ(writes_to_bad(m), 0U);
    }
  }

  /// Commands that name only the healthy VG succeed.
  void healthy_works(TestMachine& m) {
    for (const char* line :
         {"vgs good", "lvs good", "lvs good/lv", "pvs /dev/good0", "tables good", "lvcreate -an -Zn -l 1 -n more good",
          "vgchange --addtag t good", "vgchange -ay good", "vgchange -an good", "lvremove good/more"}) {
      Ran ran = run(m, line);
      EXPECT_EQ(ran.status, 0) << line << "\n" << ran.err;
    }
  }

  std::string what_;
  std::uint64_t input_ = 0;
  Cost* cost_ = &small;
};

TEST_F(HostileDisk, IsRepairedOnceOrNotAtAllAndHarmsNoOther) {
  const TempDir saved;
  for (const Row& row : all_rows()) {
    SCOPED_TRACE(row.what);
    TestMachine m;
    prepare(m, row);
    m.archive.directory = saved.path();
    const VolumeGroup good = m.vg("good");
    expect_printable(m.run("repair"), "repair");
    expect_printable(m.run("repair --plan"), "repair --plan");
    EXPECT_EQ(m.disks.write_count(), 0U);
    expect_printable(m.run("repair -y"), "repair -y");
    EXPECT_EQ(m.vg("good"), good);
    const std::size_t writes = m.disks.write_count();
    m.run("repair -y");
    EXPECT_EQ(m.disks.write_count(), writes) << "a second time there is nothing to do";
  }
}

TEST_F(HostileDisk, IsNamedAndLeftAloneAndHarmsNoOther) {
  for (const Row& row : all_rows()) {
    check(row);
    ++small.rows;
  }
}

TEST(VgWithoutAnyOfItsPvs, IsNotSaidToBeRemoved) {
  TestMachine m;
  m.disk("/dev/bad0", kDiskSize);
  ForgedPv pv = holding(text_of({.pvs = {pv_section(7)}}));
  pv.ext_flags = 0;
  forge(m.disks.disk("/dev/bad0"), pv);
  Ran ran = m.run("vgremove -f vg0");
  EXPECT_EQ(ran.status, 5);
  EXPECT_NE(ran.err.find("none of its PVs is there"), std::string::npos) << ran.err;
}

/// Texts as large as an area takes: time and memory follow the input.
TEST_F(HostileDisk, OfAnySizeStaysWithinItsMeasure) {
  cost_ = &large;
  std::string keys, lvs;
  for (int i = 0; i < 60'000; ++i) keys += "k" + std::to_string(i) + " = 1\n";
  for (int i = 0; i < 3'000; ++i) lvs += lv("v" + std::to_string(i), segment("type = \"error\"\n"));
  const std::vector<std::pair<const char*, std::string>> texts = {
      {"60,000 keys", text_of({.keys = keys})},
      {"a list of 400,000 numbers", text_of({.keys = "k = [" + repeated("1,", 400'000) + "1]\n"})},
      {"a string of 900,000 bytes", text_of({.keys = "k = \"" + std::string(900'000, 'x') + "\"\n"})},
      {"a string of 900,000 escapes", text_of({.keys = "k = \"" + repeated("\x1b", 900'000) + "\"\n"})},
      {"a tag of 200,000 escapes", text_of({.keys = "tags = [\"" + repeated("\x1b", 200'000) + "\"]\n"})},
      {"a tag of 900,000 bytes", text_of({.keys = "tags = [\"" + std::string(900'000, 'x') + "\"]\n"})},
      {"50,000 nested sections", repeated("a {\n", 50'000) + repeated("}\n", 50'000)},
      {"100,000 nested lists", text_of({.keys = "x = " + repeated("[", 100'000) + repeated("]", 100'000) + "\n"})},
      {"3,000 LVs", text_of(with(lvs))},
      {"a stack of 3,000 LVs", text_of(with(chain(3'000)))},
      {"900,000 newlines", kGood + std::string(900'000, '\n')},
      {"a comment of 900,000 bytes", kGood + "#" + std::string(900'000, '#')},
  };
  for (const auto& [what, text] : texts) {
    SCOPED_TRACE(what);
    what_ = what;
    input_ = text.size();
    ASSERT_LT(text.size(), 1'040'000U);
    TestMachine m;
    prepare(m, {what, "", Then::Gone, {holding(text)}});
    for (const char* line : {"vgs -o all", "lvs -a", "vgs --reportformat json -o all"}) run(m, line);
    run(m, "fullreport --reportformat json", &Cost::fullreport);
    run(m, "history vg0", &Cost::history, ForgedMda{}.size);
    run(m, "repair", &Cost::repair, ForgedMda{}.size);
    run(m, "vgchange --addtag x vg0", &Cost::write);
    healthy_works(m);
  }
}

/// What a command takes from the heap over its time, in bytes and in requests, whether it is given back or not.
struct Work {
  double bytes, calls;
};

Work work_of(const std::string& text, const std::string& line) {
  TestMachine m;
  prepare(m, {"", "", Then::Gone, {holding(text)}});
  const std::size_t bytes = heap::taken, calls = heap::calls;
  m.run(line);
  return {static_cast<double>(heap::taken - bytes), static_cast<double>(heap::calls - calls)};
}

/// Twice the text is at most about twice the work; one that grows with its square would be four times.
TEST(LargeText, OfTwiceTheSizeTakesTwiceTheWork) {
  using Make = std::string (*)(std::size_t);
  const std::vector<std::pair<const char*, Make>> texts = {
      {"keys",
       [](std::size_t n) {
         std::string keys;
         for (std::size_t i = 0; i < n; ++i) keys += fmt::format("k{} = 1\n", i);
         return text_of({.keys = keys});
       }},
      {"numbers in a list", [](std::size_t n) { return text_of({.keys = "k = [" + repeated("1,", n) + "1]\n"}); }},
      {"escapes in a tag",
       [](std::size_t n) { return text_of({.keys = "tags = [\"" + repeated("\x1b", n) + "\"]\n"}); }},
      {"backslashes in a tag",
       [](std::size_t n) { return text_of({.keys = "tags = [\"" + repeated("\\\\", n) + "\"]\n"}); }},
      {"tags",
       [](std::size_t n) {
         std::string tags;
         for (std::size_t i = 0; i < n; ++i) tags += fmt::format("\"t{}\", ", i);
         return text_of({.keys = "tags = [" + tags + "\"t\"]\n"});
       }},
      {"LVs",
       [](std::size_t n) {
         std::string lvs;
         for (std::size_t i = 0; i < n / 20; ++i) lvs += lv(fmt::format("v{}", i), segment("type = \"error\"\n"));
         return text_of(with(lvs));
       }},
      {"LVs upon each other", [](std::size_t n) { return text_of(with(chain(static_cast<int>(n / 20)))); }},
      {"LVs on PVs that are missing",
       [](std::size_t n) {
         Vg vg;
         for (std::size_t i = 0; i < n / 100; ++i) {
           const std::string name = fmt::format("p{:04}", i);
           vg.pvs.push_back({.name = name, .id = name + std::string(27, 'x')});
           vg.lvs += lv(fmt::format("v{:05}", i), linear(name));
         }
         return text_of(vg);
       }},
      {"thin LVs",
       [](std::size_t n) {
         std::string lvs =
             lv("p",
                segment(
                    "type = \"thin-pool\"\nmetadata = \"m\"\npool = \"d\"\ntransaction_id = 1\nchunk_size = 128\n")) +
             lv("m", linear("pv0"), "", "segment_count = 1\n") + lv("d", linear("pv0", "5"));
         for (std::size_t i = 0; i < n / 50; ++i)
           lvs += lv(fmt::format("t{:05}", i),
                     segment("type = \"thin\"\nthin_pool = \"p\"\ntransaction_id = 0\ndevice_id = 1\n"));
         return text_of(with(lvs));
       }},
      {"newlines", [](std::size_t n) { return kGood + std::string(n, '\n'); }},
  };
  constexpr std::size_t kOnce = 20'000;
  for (const auto& [what, make] : texts) {
    for (const char* line :
         {"vgs -o all --reportformat json", "lvs -a -o all --reportformat json_std", "fullreport --reportformat json",
          "history vg0", "repair", "why vg0", "tables vg0", "vgchange -ay vg0", "vgchange --addtag x vg0"}) {
      const Work nothing = work_of(kGood, line), once = work_of(make(kOnce), line),
                 twice = work_of(make(2 * kOnce), line);
      // What a command takes whatever it reads (settings, its tables) is no part of the ratio, but for as much as makes
      // small ones calm.
      const double bytes = (twice.bytes - nothing.bytes + 65'536) / (once.bytes - nothing.bytes + 65'536);
      const double calls = (twice.calls - nothing.calls + 1'000) / (once.calls - nothing.calls + 1'000);
      EXPECT_LT(bytes, 3) << line << ", " << what << ": " << once.bytes << " bytes, then " << twice.bytes;
      EXPECT_LT(calls, 3) << line << ", " << what << ": " << once.calls << " requests, then " << twice.calls;
    }
  }
}

}  // namespace
}  // namespace ashlar::test
