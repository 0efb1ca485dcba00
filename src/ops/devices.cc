// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/devices.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/log.h"
#include "metadata/model/query.h"

namespace ashlar::ops {

namespace {
Result<std::uint64_t> number(std::string_view text, const std::string& argument) {
  std::uint64_t n = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc() || end != text.data() + text.size())
    return Error(Errc::Refused,
                 fmt::format("Physical extent range \"{}\" in {} is not START-END, START+COUNT, START- or -END",
                             printable(text), printable(argument)));
  return n;
}

/// "S-E", "S+N", "S-", "-E", "S"; ends are inclusive, `count` is the PV's number of extents.
Result<PeRun> parse_range(std::string_view text, Extents count, const std::string& argument) {
  if (count.n == 0)
    return Error(Errc::NotFound, fmt::format("Physical extents {} are not there: the PV of {} has none",
                                             printable(text), printable(argument)));
  std::uint64_t first = 0, last = count.n - 1;
  std::size_t sign = text.find_first_of("-+");
  if (sign == std::string_view::npos) {
    first = TRY(number(text, argument));
    last = first;
  } else {
    std::string_view left = text.substr(0, sign), right = text.substr(sign + 1);
    if (!left.empty()) first = TRY(number(left, argument));
    if (text[sign] == '+') {
      std::uint64_t n = TRY(number(right, argument));
      auto end = checked_add(first, std::max<std::uint64_t>(n, 1) - 1);
      last = end ? *end : count.n;
    } else if (!right.empty()) {
      last = TRY(number(right, argument));
    }
  }
  if (first > last || last >= count.n)
    return Error(Errc::NotFound, fmt::format("Physical extents {}-{} in {} are not among the PV's 0-{}", first, last,
                                             printable(argument), count.n - 1));
  return PeRun{{first}, {last - first + 1}};
}

/// A PV named twice has the ranges of both, all of it being one: that they overlap is for the plan to say.
void add_choice(std::vector<plan::PvChoice>& choices, plan::PvChoice choice, Extents all) {
  for (plan::PvChoice& known : choices) {
    if (known.pv != choice.pv) continue;
    for (plan::PvChoice* each : {&known, &choice}) {
      if (each->ranges.empty()) each->ranges.push_back({{}, all});
    }
    known.ranges.insert(known.ranges.end(), choice.ranges.begin(), choice.ranges.end());
    return;
  }
  choices.push_back(std::move(choice));
}

Error not_in_vg(const std::string& name, const VolumeGroup& vg) {
  return {Errc::NotFound,
          fmt::format("Physical Volume \"{}\" not found in Volume Group \"{}\".", printable(name), vg.name)};
}
}  // namespace

Result<std::size_t> find_pv_by_name(System& sys, const store::Picture& picture, const std::string& name) {
  device::BlockDevice* device = TRY(sys.devices->find(name));
  for (std::size_t i = 0; i < picture.scan.pvs.size(); ++i) {
    if (picture.scan.pvs[i].device == device) return i;
  }
  return Error(Errc::NotFound, fmt::format("Failed to find physical volume \"{}\".", printable(name)));
}

const store::VgState* vg_of(const store::Picture& picture, std::size_t pv) {
  for (const store::VgState& state : picture.vgs) {
    if (std::find(state.members.begin(), state.members.end(), pv) != state.members.end()) return &state;
  }
  return nullptr;
}

const store::VgState* returned_to(const store::Picture& picture, std::size_t pv) {
  for (const store::VgState& state : picture.vgs) {
    if (std::find(state.returned.begin(), state.returned.end(), pv) != state.returned.end()) return &state;
  }
  return nullptr;
}

const store::VgState* vg_it_left(const store::Picture& picture, std::size_t pv) {
  for (const store::VgState& state : picture.vgs) {
    if (std::find(state.outdated.begin(), state.outdated.end(), pv) != state.outdated.end()) return &state;
  }
  return nullptr;
}

Status check_may_join(const store::Picture& picture, std::size_t pv, const Uuid& vg) {
  const std::string& path = picture.scan.pvs[pv].device->path();
  TRY(store::check_single(picture, pv));
  if (const store::VgState* owner = vg_of(picture, pv); owner != nullptr && owner->vg.id != vg)
    return Error(Errc::Refused, fmt::format("{} belongs to VG {} now", path, owner->vg.name));
  for (const store::VgState& state : picture.vgs) {
    const Uuid* other = store::carries_other(picture, pv, vg);
    if (other != nullptr && state.vg.id == *other)
      return Error(Errc::Refused, fmt::format("{} carries metadata of VG {}", path, state.vg.name));
  }
  return ok();
}

Status check_size(const store::FoundPv& found, const VolumeGroup& vg) {
  const PhysicalVolume* pv = find_pv(vg, found.label.pv);
  if (pv == nullptr) return ok();
  if (end_of(*pv, vg.extent_size) <= to_sectors(found.device->size())) return ok();
  return Error(Errc::Refused, fmt::format("{} is smaller than the PV that VG {} had", found.device->path(), vg.name));
}

Status check_unused(const store::Picture& picture, std::size_t pv) {
  const store::FoundPv& found = picture.scan.pvs[pv];
  const std::string& path = found.device->path();
  TRY(store::check_single(picture, pv));
  if (const store::VgState* state = returned_to(picture, pv))
    return Error(
        Errc::Refused,
        fmt::format(
            "Physical volume '{0}' is already in volume group '{1}', and marked as missing there; vgextend --restoremissing {1} {0} takes it back",
            path, state->vg.name));
  if (const store::VgState* state = vg_it_left(picture, pv))
    return Error(Errc::Refused,
                 fmt::format("Physical volume '{0}' left volume group '{1}' and keeps old metadata of it; vgck "
                             "--updatemetadata {1} takes that off, and makes it a physical volume of no volume group",
                             path, state->vg.name));
  if (found.label.used())
    return Error(
        Errc::Refused,
        fmt::format(
            "PV {0} is marked as belonging to a VG but its metadata is missing; ashlar why {0} says what is known of it, "
            "pvcreate -ff makes it anew and ends what it was",
            path));
  return ok();
}

Result<std::vector<plan::PvChoice>> choose_pvs(System& sys, const store::Picture& picture, const store::VgState& state,
                                               const std::vector<std::string>& arguments) {
  std::vector<plan::PvChoice> choices;
  for (const std::string& argument : arguments) {
    if (argument.starts_with('@')) {
      bool any = false;
      for (const PhysicalVolume& pv : state.vg.pvs) {
        if (std::find(pv.tags.begin(), pv.tags.end(), argument.substr(1)) == pv.tags.end()) continue;
        any = true;
        if (std::none_of(choices.begin(), choices.end(),
                         [&](const plan::PvChoice& known) { return known.pv == pv.id; }))
          choices.push_back({pv.id, {}});
      }
      if (!any)
        return Error(Errc::NotFound, fmt::format("No PV of VG {} has the tag {}", state.vg.name, printable(argument)));
      continue;
    }
    // A name may hold a colon, as an image file's or that of a link of udev: the longest that is there is meant.
    std::size_t colon = std::string::npos;
    auto at = find_pv_by_name(sys, picture, argument);
    while (!at && at.error().code() == Errc::NotFound && colon != 0) {
      const std::size_t shorter = argument.rfind(':', colon == std::string::npos ? colon : colon - 1);
      if (shorter == std::string::npos) break;
      colon = shorter;
      at = find_pv_by_name(sys, picture, argument.substr(0, colon));
    }
    if (!at && at.error().code() != Errc::NotFound) return std::move(at).error();
    const std::string name = argument.substr(0, colon);
    auto member = at ? std::find(state.members.begin(), state.members.end(), *at) : state.members.end();
    if (member == state.members.end()) return not_in_vg(name, state.vg);
    const PhysicalVolume& pv = state.vg.pvs[static_cast<std::size_t>(member - state.members.begin())];
    plan::PvChoice choice{pv.id, {}};
    while (colon != std::string::npos) {
      std::size_t next = argument.find(':', colon + 1);
      choice.ranges.push_back(
          TRY(parse_range(std::string_view(argument).substr(colon + 1, next - colon - 1), pv.pe_count, argument)));
      colon = next;
    }
    add_choice(choices, std::move(choice), pv.pe_count);
  }
  return choices;
}

}  // namespace ashlar::ops
