// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/table_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "activation/names.h"
#include "activation/target.h"
#include "support/vg_builder.h"

namespace ashlar::test {

std::string print_table(const std::vector<dm::Target>& table) {
  std::vector<std::string> lines;
  for (const dm::Target& target : table)
    lines.push_back(fmt::format("{} {} {} {}", target.start.n, target.length.n, dm::target_type(target.params),
                                dm::print_params(target.params, [](const std::string& uuid) { return uuid; })));
  return fmt::format("{}", fmt::join(lines, " / "));
}

std::vector<dm::Target> parse_table(std::string_view text) {
  std::vector<dm::Target> table;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find(" / "));
    text.remove_prefix(std::min(text.size(), line.size() + 3));
    const std::vector<std::string_view> words = dm::split_words(line);
    const std::string_view params =
        words.size() > 3 ? line.substr(static_cast<std::size_t>(words[3].data() - line.data())) : std::string_view();
    table.push_back({Sectors{*dm::parse_number(words.at(0))}, Sectors{*dm::parse_number(words.at(1))},
                     dm::parse_params(words.at(2), params)});
  }
  return table;
}

dm::LayoutContext context_of(const VolumeGroup& vg) {
  dm::LayoutContext context;
  std::uint32_t minor = 0;
  for (const PhysicalVolume& pv : vg.pvs) {
    context.pv_numbers[pv.id] = {254, minor};
    context.pv_paths[pv.id] = "/dev/" + pv.device;
    context.pv_read_ahead[pv.id] = 256;
    minor += 16;
  }
  return context;
}

dm::Device device(const std::string& name, std::string_view table) {
  const dm::SplitName parts = dm::split_name(name);
  dm::Device made;
  made.name = name;
  made.uuid = dm::device_uuid(id_of(parts.vg), id_of(parts.lv));
  made.vg_name = parts.vg;
  made.lv_name = parts.lv;
  made.table = parse_table(table);
  return made;
}

dm::ActiveDevice active(const dm::Device& device, std::uint32_t minor) {
  dm::ActiveDevice made{device, {}};
  made.info.number = {253, minor};
  made.info.read_only = device.read_only;
  made.info.live_table = true;
  return made;
}

}  // namespace ashlar::test
