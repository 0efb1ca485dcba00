// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/diff.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <unordered_map>
#include <unordered_set>

#include "activation/target.h"
#include "metadata/model/segment.h"

namespace ashlar::dm {
namespace {

using ByUuid = std::unordered_map<std::string_view, const ActiveDevice*>;

Sectors length_of(const std::vector<Target>& table) {
  return table.empty() ? Sectors{} : table.back().start + table.back().length;
}

/// The kernel knows what lies below by number only; so that tables can be compared, UUIDs become numbers.
Params numbered(Params params, const ByUuid& active) {
  locate(params, [&](const std::string& uuid) -> std::optional<DevNumber> {
    const auto found = active.find(uuid);
    if (found == active.end()) return std::nullopt;
    return found->second->info.number;
  });
  return params;
}

bool same_table(const std::vector<Target>& has, const std::vector<Target>& wants, const ByUuid& active) {
  return std::equal(has.begin(), has.end(), wants.begin(), wants.end(), [&](const Target& a, const Target& b) {
    return a.start == b.start && a.length == b.length && a.params == numbered(b.params, active);
  });
}

/// Upper devices first: one cannot be removed while another's table holds it open.
std::vector<const ActiveDevice*> top_down(const std::vector<const ActiveDevice*>& devices) {
  std::unordered_map<std::string, const ActiveDevice*> by_number;
  for (const ActiveDevice* d : devices)
    by_number.emplace(fmt::format("{}:{}", d->info.number.major, d->info.number.minor), d);
  std::vector<const ActiveDevice*> bottom_up;
  std::unordered_set<const ActiveDevice*> seen;
  // Walked with a stack of our own: a deep pile of devices is no reason to overflow ours.
  struct Visit {
    const ActiveDevice* device;
    bool left;
  };
  for (const ActiveDevice* root : devices) {
    std::vector<Visit> pending{{root, false}};
    while (!pending.empty()) {
      const Visit visit = pending.back();
      pending.pop_back();
      if (visit.left) {
        bottom_up.push_back(visit.device);
        continue;
      }
      if (!seen.insert(visit.device).second) continue;
      pending.push_back({visit.device, true});
      for (const Target& target : visit.device->device.table) {
        const std::string words = print_params(target.params, [](const std::string& uuid) { return uuid; });
        for (std::string_view word : split_words(words))
          if (const auto below = by_number.find(std::string(word)); below != by_number.end())
            pending.push_back({below->second, false});
      }
    }
  }
  return {bottom_up.rbegin(), bottom_up.rend()};
}

/// A device takes the name another one leaves only after it has left it. Rings stay rings; phases() refuses them.
std::vector<Rename> names_freed_first(std::vector<Rename> renames) {
  std::unordered_map<std::string_view, std::size_t> holder;
  for (std::size_t i = 0; i < renames.size(); ++i) holder.emplace(renames[i].from, i);
  std::vector<Rename> ordered;
  std::vector<bool> done(renames.size());
  for (std::size_t i = 0; i < renames.size(); ++i) {
    std::vector<std::size_t> chain;
    for (std::size_t at = i; !done[at];) {
      done[at] = true;
      chain.push_back(at);
      const auto next = holder.find(renames[at].to);
      if (next == holder.end()) break;
      at = next->second;
    }
    for (auto at = chain.rbegin(); at != chain.rend(); ++at) ordered.push_back(renames[*at]);
  }
  return ordered;
}

std::string types_of(const std::vector<Target>& table) {
  std::vector<std::string_view> types;
  for (const Target& target : table) {
    const std::string_view type = target_type(target.params);
    if (std::find(types.begin(), types.end(), type) == types.end()) types.push_back(type);
  }
  return fmt::format("{}", fmt::join(types, " and "));
}

}  // namespace

Change diff(const std::vector<ActiveDevice>& active, const std::vector<Device>& wanted) {
  ByUuid by_uuid;
  for (const ActiveDevice& each : active) by_uuid.emplace(each.device.uuid, &each);

  std::unordered_set<std::string_view> kept, names_needed;
  std::vector<Rename> renames;
  std::vector<Step> reloads, creates;
  for (const Device& device : wanted) {
    kept.insert(device.uuid);
    const auto found = by_uuid.find(device.uuid);
    if (found == by_uuid.end()) {
      creates.push_back(Create{device});
      names_needed.insert(device.name);
      continue;
    }
    const ActiveDevice& has = *found->second;
    if (has.device.name != device.name) {
      renames.push_back(Rename{device.uuid, has.device.name, device.name, device});
      names_needed.insert(device.name);
    }
    const bool differs = !same_table(has.device.table, device.table, by_uuid) || has.info.read_only != device.read_only;
    // A device that an interrupted command left suspended blocks its users until somebody resumes it.
    if (differs || has.info.suspended)
      reloads.push_back(Reload{device, length_of(device.table) < length_of(has.device.table), !differs});
  }

  std::vector<const ActiveDevice*> unwanted;
  for (const ActiveDevice& each : active)
    if (kept.count(each.device.uuid) == 0) unwanted.push_back(&each);
  std::vector<Step> removes;
  Change change;
  for (const ActiveDevice* each : top_down(unwanted)) {
    const Device& device = each->device;
    (names_needed.count(device.name) != 0 ? change.steps : removes)
        .push_back(Remove{device.name, device.uuid, device.vg_name, device.lv_name});
  }
  for (Rename& rename : names_freed_first(std::move(renames))) change.steps.push_back(std::move(rename));
  for (std::vector<Step>* steps : {&reloads, &creates, &removes})
    std::move(steps->begin(), steps->end(), std::back_inserter(change.steps));
  return change;
}

std::string sentence(const Step& step) {
  return std::visit(overloaded{[](const Create& s) {
                                 return fmt::format("Create {} ({} sectors: {}{}).", s.device.name,
                                                    length_of(s.device.table).n, types_of(s.device.table),
                                                    s.device.read_only ? ", read-only" : "");
                               },
                               [](const Reload& s) {
                                 return fmt::format("{} {}{} and resume it.",
                                                    s.force     ? "Suspend, reload"
                                                    : s.shrinks ? "Load a smaller table into"
                                                                : "Load a new table into",
                                                    s.device.name, s.device.read_only ? " read-only" : "");
                               },
                               [](const Rename& s) { return fmt::format("Rename {} to {}.", s.from, s.to); },
                               [](const Remove& s) { return fmt::format("Remove {}.", s.name); }},
                    step);
}

}  // namespace ashlar::dm
