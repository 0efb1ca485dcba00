// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/listed.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "device/device_id.h"

namespace ashlar::device {

namespace {
std::string pv_text(const std::optional<Uuid>& pv) { return pv ? std::string(pv->raw()) : "none"; }
}  // namespace

const HereDevice* ListedDevices::here(DevNumber number) const {
  auto at = std::ranges::lower_bound(devices_, number, {}, &HereDevice::number);
  return at != devices_.end() && at->number == number ? &*at : nullptr;
}

void ListedDevices::match(const HostPaths& host, std::vector<HereDevice> devices) {
  host_ = host;
  devices_ = std::move(devices);
  std::ranges::sort(devices_, {}, &HereDevice::number);
  states_.assign(file_.entries.size(), {});
  allowed_.clear();

  std::set<std::string> types;
  for (const DeviceEntry& entry : file_.entries)
    if (is_id_type(entry.id_type)) types.insert(entry.id_type);
  std::map<std::tuple<std::string, std::string, std::uint32_t>, DevNumber> by_id;
  std::map<std::string, DevNumber> by_name;
  for (const HereDevice& device : devices_) {
    for (const std::string& type : types)
      if (auto id = device_id(host, device.number, type))
        by_id.emplace(std::tuple(id->type, id->name, id->part), device.number);
    for (const std::string& name : device.names) by_name.emplace(name, device.number);
  }
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const DeviceEntry& entry = file_.entries[i];
    std::optional<DevNumber> number;
    if (entry.id_type == kDevnameId) {
      auto at = by_name.find(entry.id_name.empty() ? entry.name : entry.id_name);
      if (at != by_name.end()) number = at->second;
    } else if (auto at = by_id.find(std::tuple(entry.id_type, entry.id_name, entry.part)); at != by_id.end()) {
      number = at->second;
    }
    if (!number) continue;
    states_[i].device = number;
    states_[i].name = here(*number)->names.front();
    allowed_.insert(*number);
  }
}

bool ListedDevices::allows(DevNumber number) const {
  return !limits_ || searching_ || allowed_.contains(number) || admitted_.contains(number);
}

bool ListedDevices::settle(const std::map<DevNumber, std::optional<Uuid>>& seen, bool search) {
  const std::set<DevNumber> before = allowed_;
  std::map<Uuid, DevNumber> where;
  for (const auto& [number, pv] : seen)
    if (pv) where.emplace(*pv, number);
  allowed_.clear();
  bool lost = false;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const DeviceEntry& entry = file_.entries[i];
    State& state = states_[i];
    if (entry.id_type == kDevnameId && entry.pv) {
      auto on_it = state.device ? seen.find(*state.device) : seen.end();
      bool right = on_it != seen.end() && on_it->second == entry.pv;
      auto found = where.find(*entry.pv);
      if (!right && found != where.end() && here(found->second) != nullptr) {
        state.device = found->second;
        state.name = here(found->second)->names.front();
      } else if (!right && (on_it != seen.end() || !state.device)) {
        lost = true;
        state.device.reset();
      }
    }
    if (!state.device) continue;
    allowed_.insert(*state.device);
    auto on_it = seen.find(*state.device);
    state.read = on_it != seen.end();
    if (state.read) state.pv = on_it->second;
  }
  const bool was_searching = searching_;
  searching_ = lost && search && limits_ && !searched_;
  searched_ = searched_ || searching_;
  return searching_ || (limits_ && (was_searching || allowed_ != before));
}

const DeviceEntry* ListedDevices::entry_of(DevNumber number) const {
  for (std::size_t i = 0; i < states_.size(); ++i)
    if (states_[i].device == number) return &file_.entries[i];
  return nullptr;
}

std::optional<DeviceEntry> ListedDevices::make_entry(DevNumber number, std::string_view type,
                                                     const std::optional<Uuid>& pv) const {
  const HereDevice* device = here(number);
  if (device == nullptr) return std::nullopt;
  DeviceEntry entry;
  entry.name = device->names.front();
  entry.pv = pv;
  std::optional<DeviceId> id;
  if (type.empty())
    id = best_device_id(host_, number);
  else if (type != kDevnameId && !(id = device_id(host_, number, type)))
    return std::nullopt;
  if (!id) id = DeviceId{std::string(kDevnameId), entry.name, 0};
  entry.id_type = id->type;
  entry.id_name = id->name;
  entry.part = id->part;
  return entry;
}

std::vector<ListedDevices::Correction> ListedDevices::corrections() const {
  std::vector<Correction> all;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const DeviceEntry& was = file_.entries[i];
    const State& state = states_[i];
    if (!state.device) continue;
    DeviceEntry now = was;
    std::string sentence;
    if (was.name != state.name || (was.id_type == kDevnameId && was.id_name != state.name)) {
      // A name among others of the device is right as an id.
      const HereDevice* device = here(*state.device);
      const bool other = was.id_type == kDevnameId && device != nullptr &&
                         std::ranges::find(device->names, was.id_name) == device->names.end();
      if (other) now.id_name = state.name;
      now.name = state.name;
      sentence = was.id_type == kDevnameId && was.pv && other
                     ? fmt::format("Devices file PVID {} is found on {}, not on {}.", was.pv->raw(), state.name,
                                   was.id_name.empty() ? was.name : was.id_name)
                     : fmt::format("Device {} has updated name (devices file {})", state.name,
                                   was.name.empty() ? "none" : was.name);
    }
    if (state.read && state.pv != was.pv) {
      now.pv = state.pv;
      sentence = state.pv ? fmt::format("Device {} has PVID {} (devices file {})", state.name, state.pv->raw(),
                                        pv_text(was.pv))
                          : fmt::format("Device {} has no PVID (devices file {})", state.name, pv_text(was.pv));
    }
    if (now != was) all.push_back({was, now, printable(sentence)});
  }
  return all;
}

std::vector<std::string> ListedDevices::absent() const {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const DeviceEntry& entry = file_.entries[i];
    if (states_[i].device) continue;
    std::string id = entry.id_type == kDevnameId
                         ? std::string()
                         : fmt::format("{} {} ", entry.id_type, entry.id_name.empty() ? "none" : entry.id_name);
    all.push_back(printable(fmt::format("Devices file {}PVID {} last seen on {} not found.", id, pv_text(entry.pv),
                                        entry.name.empty() ? "none" : entry.name)));
  }
  return all;
}

}  // namespace ashlar::device
