// SPDX-License-Identifier: LGPL-2.1-or-later
// Metadata texts with good checksums and bad intentions, a row each: what is wrong, and what must be said of it.
#pragma once

#include <string>
#include <vector>

namespace ashlar::hostile {

struct Pv {
  std::string name = "pv0";
  std::string id = "pv0000-0000-0000-0000-0000-0000-000000";
  std::string keys = "dev_size = 262144\npe_start = 2048\npe_count = 31\n";
};

inline std::string segment(const std::string& keys, const std::string& start = "0", const std::string& count = "3") {
  return "segment1 {\nstart_extent = " + start + "\nextent_count = " + count + "\n" + keys + "}\n";
}
inline std::string linear(const std::string& on, const std::string& first = "0") {
  return segment("type = \"striped\"\nstripe_count = 1\nstripes = [\"" + on + "\", " + first + "]\n");
}
inline std::string lv(const std::string& name, const std::string& body, const std::string& id = "",
                      const std::string& keys = "segment_count = 1\n") {
  std::string own = id.empty() ? name + std::string(32 - name.size(), '0') : id;
  return name + " {\nid = \"" + own + "\"\nstatus = [\"READ\", \"WRITE\", \"VISIBLE\"]\nflags = []\n" + keys + body +
         "}\n";
}

struct Vg {
  std::string lvs;
  std::vector<Pv> pvs = {Pv{}};
  std::string name = "vg0";
  std::string seqno = "seqno = 7\n";
  std::string extent_size = "extent_size = 8192\n";
  std::string keys;
  std::string header = "creation_host = \"host\"\n";
};

inline std::string text_of(const Vg& vg) {
  std::string text = vg.name + " {\nid = \"vg0000-0000-0000-0000-0000-0000-000000\"\n" + vg.seqno +
                     "status = [\"RESIZEABLE\", \"READ\", \"WRITE\"]\nflags = []\n" + vg.extent_size +
                     "max_lv = 0\nmax_pv = 0\n" + vg.keys + "physical_volumes {\n";
  for (const Pv& pv : vg.pvs)
    text += pv.name + " {\nid = \"" + pv.id + "\"\nstatus = [\"ALLOCATABLE\"]\nflags = []\n" + pv.keys + "}\n";
  return text + "}\nlogical_volumes {\n" + vg.lvs + "}\n}\ncontents = \"Text Format Volume Group\"\nversion = 1\n" +
         vg.header;
}

inline Vg with(std::string lvs) {
  Vg vg;
  vg.lvs = std::move(lvs);
  return vg;
}

inline std::string repeated(const std::string& text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

/// A chain of LVs, each on the next, the last on the PV.
inline std::string chain(int length) {
  std::string lvs;
  for (int i = 0; i < length; ++i)
    lvs += lv("c" + std::to_string(i), linear(i + 1 == length ? "pv0" : "c" + std::to_string(i + 1)));
  return lvs;
}

struct Hostile {
  const char* what;  ///< and what must be said of it
  const char* said;
  Vg vg;
};

inline std::vector<Hostile> corpus() {
  std::vector<Hostile> all;
  auto add = [&](const char* what, const char* said, Vg vg) { all.push_back({what, said, std::move(vg)}); };
  add("4294967295 stripes", "stripe_count",
      with(lv("a", segment("type = \"striped\"\nstripe_count = 4294967295\nstripes = [\"pv0\", 0]\n"))));
  std::string many = "\"pv0\", 0";
  for (int i = 1; i < 129; ++i) many += ", \"pv0\", " + std::to_string(i);
  add("129 stripes", "stripe_count",
      with(lv("a", segment("type = \"striped\"\nstripe_count = 129\nstripe_size = 8\nstripes = [" + many + "]\n", "0",
                           "129"))));
  add("a PV of 2^32-1 extents", "more than its size",
      {.pvs = {{.keys = "dev_size = 262144\npe_start = 2048\npe_count = 4294967295\n"}}});
  add("the same without a size", "beyond 2^63",
      {.pvs = {{.keys = "pe_start = 9223372036854775807\npe_count = 4294967295\n"}},
       .extent_size = "extent_size = 4294967168\n"});
  add("an escape sequence as a VG name", "is no valid name", {.name = "\"\x1b]0;x\x07\""});
  add("an escape sequence in an LV name", "no valid name of an LV",
      with("\"a\x1b[31m\" " + lv("a", linear("pv0")).substr(1)));
  add("an escape sequence in a status word", "FUTURE\\x1b",
      with("a {\nid = \"" + std::string(32, 'a') + "\"\nstatus = [\"FUTURE\x1b[0m\"]\nsegment_count = 1\n" +
           linear("pv0") + "}\n"));
  add("an escape sequence as a key", "is not", with("a {\n\"id\" = 5\n}\n"));
  add("a cycle of two LVs", "which lies on it", with(lv("a", linear("b")) + lv("b", linear("a"))));
  add("an LV that lies on itself", "which lies on it", with(lv("a", linear("a"))));
  add("a cycle through a type that is carried along", "which lies on it",
      with(lv("a", segment("type = \"mirror\"\nmirror_count = 1\nmirrors = [\"b\", 0]\n")) + lv("b", linear("a"))));
  add("extents of no size", "extent size of 0", {.extent_size = "extent_size = 0\n"});
  add("extents of 2^32-1 sectors", "extent size of 4294967295", {.extent_size = "extent_size = 4294967295\n"});
  add("extents of three sectors", "extent size of 3", {.extent_size = "extent_size = 3\n"});
  add("two LVs of one id", "same id",
      with(lv("a", linear("pv0"), std::string(32, 'x')) + lv("b", linear("pv0", "5"), std::string(32, 'x'))));
  add("two LVs of one name", "repeats a name",
      with(lv("a", linear("pv0")) + lv("a", linear("pv0", "5"), std::string(32, 'x'))));
  add("overlapping extents", "both use extents 2-2", with(lv("a", linear("pv0")) + lv("b", linear("pv0", "2"))));
  add("overlapping stripes of one LV", "both use extents",
      with(lv("a", segment("type = \"striped\"\nstripe_count = 3\nstripe_size = 8\nstripes = [\"pv0\", 0, \"pv0\", 0, "
                           "\"pv0\", 1]\n"))));
  add("a negative extent_count", "extent_count", with(lv("a", segment("type = \"error\"\n", "0", "-3"))));
  add("2^63 extents", "range", with(lv("a", segment("type = \"error\"\n", "0", "9223372036854775808"))));
  add("2^63-1 extents", "extent_count", with(lv("a", segment("type = \"error\"\n", "0", "9223372036854775807"))));
  add("an LV of 2^32-1 extents of 2^31 sectors", "larger than 2^63",
      {.lvs = lv("a", segment("type = \"error\"\n", "0", "4294967295")),
       .pvs = {{.keys = "pe_start = 2048\npe_count = 0\n"}},
       .extent_size = "extent_size = 2147483648\n"});
  add("4000000000 segments", "segment_count says 4000000000",
      with(lv("a", linear("pv0"), "", "segment_count = 4000000000\n")));
  add("a segment of no extents", "is empty", with(lv("a", segment("type = \"error\"\n", "0", "0"))));
  add("a hole in front", "starts at extent 5, expected 0", with(lv("a", segment("type = \"error\"\n", "5", "1"))));
  add("an unknown PV", "does not exist", with(lv("a", linear("pv9"))));
  add("extents behind the PV's end", "needs 3 extents from 29", with(lv("a", linear("pv0", "29"))));
  add("extents far behind the PV's end", "needs 3 extents from 4294967295", with(lv("a", linear("pv0", "4294967295"))));
  add("extents behind an LV's end", "needs 3 extents from 1", with(lv("a", linear("b", "1")) + lv("b", linear("pv0"))));
  add("a path out of the directory as an LV name", "no valid name of an LV",
      with("\"..\" " + lv("a", linear("pv0")).substr(1)));
  add("a path as an LV name", "vg0/a/b: start_extent is missing", with("a/b " + lv("a", linear("pv0")).substr(1)));
  add("a path as a VG name", "vg0: id is missing", {.name = "vg0/x"});
  add("a path out of the directory as a VG name", "is no valid name", {.name = "\"..\""});
  add("a name of 128 characters", "no valid name of an LV",
      with(lv(std::string(128, 'n'), linear("pv0"), std::string(32, 'n'))));
  add("names longer together than a device's", "longer than 124",
      with(lv(std::string(125, 'n'), linear("pv0"), std::string(32, 'n'))));
  add("one PV listed twice", "is listed twice", {.pvs = {Pv{}, {.name = "pv1"}}});
  add("two PV sections of one name", "repeats a name", {.pvs = {Pv{}, Pv{}}});
  add("the last sequence number", "there is no next one", {.seqno = "seqno = 4294967295\n"});
  add("a segment of an unknown type", "futuretype", with(lv("a", segment("type = \"futuretype\"\n"))));
  add("a known type with an unknown flag", "striped+FUTURE",
      with(lv("a", segment("type = \"striped+FUTURE\"\nstripe_count = 1\nstripes = [\"pv0\", 0]\n"))));
  add("a dangling reference", "does not exist",
      with(lv("a", segment("type = \"thin\"\nthin_pool = \"nobody\"\ndevice_id = 1\n"))));
  const std::string chunk = "chunk_size = 8\n", pool = "transaction_id = 1\nchunk_size = 128\n";
  add("a snapshot of itself", "lies on LV vg0/s",
      with(lv("a", linear("pv0")) +
           lv("s", segment("type = \"snapshot\"\norigin = \"s\"\ncow_store = \"s\"\n" + chunk))));
  add("snapshots of one another", "which lies on it",
      with(lv("a", linear("pv0")) +
           lv("s", segment("type = \"snapshot\"\norigin = \"t\"\ncow_store = \"a\"\n" + chunk)) +
           lv("t", segment("type = \"snapshot\"\norigin = \"s\"\ncow_store = \"a\"\n" + chunk))));
  add("a thin pool in itself", "LV vg0/p lies on LV vg0/p",
      with(lv("p", segment("type = \"thin-pool\"\nmetadata = \"p\"\npool = \"p\"\n" + pool))));
  add("a cache in front of itself", "LV vg0/c lies on LV vg0/c",
      with(lv("c", segment("type = \"cache\"\ncache_pool = \"c\"\norigin = \"c\"\n"))));
  add("a write cache of itself", "LV vg0/w lies on LV vg0/w",
      with(lv("w", segment("type = \"writecache\"\norigin = \"w\"\nwritecache = \"w\"\n"))));
  add("a raid whose images are nowhere", "refers to LV r_rimage_0, which does not exist",
      with(lv(
          "r",
          segment(
              "type = \"raid5\"\ndevice_count = 4294967295\nstripe_size = 1\nraids = [\"r_rmeta_0\", \"r_rimage_0\"]\n"))));
  add("stripes of no size", "stripe size of 0",
      with(lv(
          "a",
          segment(
              "type = \"striped\"\nstripe_count = 3\nstripe_size = 0\nstripes = [\"pv0\", 0, \"pv0\", 1, \"pv0\", 2]\n"))));
  add("two segments of 2^32-1 extents", "more than 4294967295 extents",
      with(lv("a",
              segment("type = \"error\"\n", "0", "4294967295") +
                  "segment2 {\nstart_extent = 4294967295\nextent_count = 4294967295\ntype = \"error\"\n}\n",
              "", "segment_count = 2\n")));
  add("a bootloader area of 2^63-1 sectors", "bootloader area of 9223372036854775807",
      {.pvs = {{.keys = Pv{}.keys + "ba_start = 8\nba_size = 9223372036854775807\n"}}});
  add("a PV that begins at 2^64-1", "out of range",
      {.pvs = {{.keys = "pe_start = 18446744073709551615\npe_count = 1\n"}}});
  add("a number with an exponent", "expected = or {", {.keys = "x = 1e999999\n"});
  add("a VG name that begins with a dash", "is no valid name", {.name = "\"-x\""});
  add("a status that stands twice", "repeats a name", {.keys = "status = [\"EXPORTED\"]\n"});
  add("a creation host without a time", "without a creation time",
      with(lv("a", linear("pv0"), "", "creation_host = \"h\"\nsegment_count = 1\n")));
  return all;
}

}  // namespace ashlar::hostile
