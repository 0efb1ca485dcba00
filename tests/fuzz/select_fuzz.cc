// SPDX-License-Identifier: LGPL-2.1-or-later
// Any text as a selection, as a list of fields or as sort keys, over a VG of a few LVs.
#include <string>

#include "metadata/text/vg_reader.h"
#include "report/report.h"

using namespace ashlar;

namespace {
ops::Inventory inventory() {
  static const char kText[] =
      "vg0 {\nid = \"vg0000-0000-0000-0000-0000-0000-000000\"\nseqno = 7\nstatus = [\"RESIZEABLE\", \"READ\", \"WRITE\"]\n"
      "flags = []\nextent_size = 8192\nmax_lv = 0\nmax_pv = 0\ntags = [\"a\", \"b\"]\nphysical_volumes {\npv0 {\n"
      "id = \"pv0000-0000-0000-0000-0000-0000-000000\"\ndevice = \"/dev/sda\"\nstatus = [\"ALLOCATABLE\"]\nflags = []\n"
      "dev_size = 262144\npe_start = 2048\npe_count = 31\n}\n}\nlogical_volumes {\nlv {\n"
      "id = \"lv0000-0000-0000-0000-0000-0000-000000\"\nstatus = [\"READ\", \"WRITE\", \"VISIBLE\"]\nflags = []\n"
      "creation_time = 1700000000\ncreation_host = \"h\"\nsegment_count = 1\nsegment1 {\nstart_extent = 0\nextent_count = 3\n"
      "type = \"striped\"\nstripe_count = 1\nstripes = [\"pv0\", 0]\n}\n}\n}\n}\n"
      "contents = \"Text Format Volume Group\"\nversion = 1\n";
  ops::Inventory inventory;
  ops::VgInfo vg;
  vg.vg = text::read_vg(kText, "fuzz").value().vg;
  vg.usage = pv_usage(vg.vg);
  ops::PvInfo pv;
  pv.pv = vg.vg.pvs[0];
  pv.device = "/dev/sda";
  vg.pvs.push_back(std::move(pv));
  inventory.vgs.push_back(std::move(vg));
  return inventory;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ops::Inventory kInventory = inventory();
  if (size < 2) return 0;
  report::Options options;
  options.kind = static_cast<report::Kind>(data[0] % 3);
  options.default_fields = options.kind == report::Kind::Pvs   ? "pv_name,vg_name"
                           : options.kind == report::Kind::Vgs ? "vg_name,vg_size"
                                                               : "lv_name,lv_size";
  options.format = static_cast<report::Options::Format>(data[0] / 3 % 3);
  std::string text(reinterpret_cast<const char*>(data) + 2, size - 2);
  text.resize(std::min(text.find('\0'), text.size()));
  if (data[1] % 4 == 0)
    options.fields = {text};
  else if (data[1] % 4 == 1)
    options.sort = text;
  else
    options.select = text;
  (void)report::print(kInventory, options).ok();
  return 0;
}
