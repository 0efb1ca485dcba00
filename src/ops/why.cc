// SPDX-License-Identifier: LGPL-2.1-or-later
// why: the reasons behind what a device, a VG or an LV can and cannot do, in the words of those who decide.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "activation/layout.h"
#include "activation/names.h"
#include "activation/permission.h"
#include "base/log.h"
#include "base/size_text.h"
#include "metadata/model/alloc_policy.h"
#include "metadata/model/lies_on.h"
#include "ops/clear_lv.h"
#include "ops/device_sizes.h"
#include "ops/devices.h"
#include "ops/ops.h"
#include "ops/past.h"
#include "ops/permission_rules.h"
#include "ops/stopped.h"
#include "ops/vg_access.h"
#include "plan/largest.h"
#include "store/text_copy.h"

namespace ashlar::ops {

namespace {
/// Collects findings.
class Findings {
 public:
  explicit Findings(Why& why) : why_(why) {}
  void good(std::string what) { why_.findings.push_back({true, std::move(what), {}}); }
  void bad(std::string what, std::string mend = {}) {
    why_.findings.push_back({false, std::move(what), std::move(mend)});
  }

 private:
  Why& why_;
};

std::string size_text(Extents extents, Sectors extent_size) {
  const Bytes size = to_bytes(to_sectors(extents, extent_size));
  return fmt::format("{} {} ({}, {} bytes)", extents.n, extents.n == 1 ? "extent" : "extents", human_size(size),
                     size.n);
}

/// An error's message as a sentence among others.
std::string sentence(std::string message) { return message.ends_with('.') ? message : message + "."; }

void tell_entry(const device::DeviceSource::Rule& rule, const std::string& device, Findings& out) {
  const std::string file = "The devices file " + printable(rule.setting), entry = printable(rule.pattern);
  if (rule.accepts && !entry.empty())
    out.good(fmt::format("{} lists it: {}.", file, entry));
  else if (!rule.accepts)
    out.bad(file + " does not list it, so it is not looked at.", "ashlar lvmdevices --adddev " + device);
}

void tell_rules(System& sys, const std::string& path, Findings& out) {
  for (const device::DeviceSource::Rule& rule : sys.devices->rules(path)) {
    if (rule.setting.starts_with('/')) {
      tell_entry(rule, printable(path), out);
      continue;
    }
    const std::string where =
        rule.pattern.empty() ? sys.settings.where(rule.setting) : sys.settings.where(rule.setting, rule.index);
    if (where.empty()) continue;  // the default, which accepts everything
    const std::string setting = fmt::format("{} ({})", rule.setting, printable(where));
    if (rule.pattern.empty())
      out.good(fmt::format("No pattern of {} matches it, so it is accepted.", setting));
    else if (rule.accepts)
      out.good(fmt::format("\"{}\" of {} accepts it.", printable(rule.pattern), setting));
    else
      out.bad(fmt::format("\"{}\" of {} rejects it, and no pattern before accepts any of its names.",
                          printable(rule.pattern), setting));
  }
}

/// Copies whose headers say what all say, and whose texts are not that: a scan reads one for all.
void tell_copies(const store::FoundPv& pv, const VolumeGroup& vg, Findings& out) {
  for (std::size_t m = 0; m < pv.mdas.size(); ++m) {
    const store::Mda& mda = pv.mdas[m];
    if (!mda.problem.empty() || !mda.header || mda.header->ignored() || mda.seqno != vg.seqno) continue;
    if (auto text = store::read_text(*pv.device, *mda.header); !text)
      out.bad(sentence(fmt::format("{}: {}", store::mda_name(pv, m), text.error().message())),
              "ashlar repair " + vg.name);
  }
}

/// What lies on a device that is looked at.
void tell_content(System& sys, const store::Picture& picture, device::BlockDevice& device, Findings& out) {
  const auto& pvs = picture.scan.pvs;
  auto found = std::find_if(pvs.begin(), pvs.end(), [&](const store::FoundPv& pv) { return pv.device == &device; });
  for (const store::Problem& problem : picture.problems) {
    if (problem.device == device.path()) out.bad(sentence(problem.what));
  }
  if (found == pvs.end()) {
    out.bad("It is no PV: it has no label.", "ashlar pvcreate " + device.path());
    auto signatures = sys.devices->signatures(device);
    for (std::size_t i = 0; signatures && i < signatures->size(); ++i)
      out.bad(fmt::format("It carries a signature of {} at offset {}: pvcreate asks before it wipes that.",
                          printable((*signatures)[i].type), (*signatures)[i].offset.n));
  } else {
    const auto at = static_cast<std::size_t>(found - pvs.begin());
    const std::string id = found->label.pv.dashed();
    const bool aside = std::find(picture.duplicates.begin(), picture.duplicates.end(), at) != picture.duplicates.end();
    if (Status single = store::check_single(picture, at); !single && !aside)
      out.bad(sentence(single.error().message()));
    if (aside)
      out.bad(fmt::format("It is set aside: another device carries the same PV id {}.", id),
              "ashlar vgimportclone, if it is a copy, or a filter that rejects one of them");
    else if (const store::VgState* state = vg_of(picture, at)) {
      out.good(fmt::format("It is a PV of VG {}, id {}.", state->vg.name, id));
      tell_copies(*found, state->vg, out);
    } else if (const store::VgState* misses = returned_to(picture, at))
      out.bad(fmt::format("It is a PV of VG {}, id {}, marked as missing there since the VG was changed without it.",
                          misses->vg.name, id),
              fmt::format("ashlar vgextend --restoremissing {} {} takes it back", misses->vg.name, device.path()));
    else if (found->label.used())
      out.bad(
          fmt::format("It is a PV, id {}, marked as belonging to a VG, and no metadata that names it was found.", id),
          "vgcfgrestore of that VG, or ashlar pvcreate -ff " + device.path() + " to make it anew");
    else
      out.good(fmt::format("It is a PV of no VG, id {}.", id));
  }
  if (found != pvs.end()) return;
  const auto least = static_cast<std::uint64_t>(std::max<std::int64_t>(sys.settings.number("devices/pv_min_size"), 0))
                     << 10;
  if (device.size().n < least)
    out.bad(fmt::format("It is too small to become a PV: {} bytes, devices/pv_min_size asks for {}.", device.size().n,
                        least));
  else if (Status free = sys.devices->check_claim(device); !free)
    out.bad(sentence(free.error().message()));
  else
    out.good("Nobody uses it: it could become a PV.");
}

constexpr std::size_t kDashedUuid = 38;  // characters

/// The VG's own state.
void tell_state(const System& sys, const store::VgState& state, Findings& out) {
  const VolumeGroup& vg = state.vg;
  if (!owns(sys.host.system_ids, vg.system_id))
    out.bad(fmt::format("It belongs to another host: its system ID is {}, this host's is {}.", printable(vg.system_id),
                        sys.host.system_ids.own.empty() ? "not set" : sys.host.system_ids.own),
            way_here(sys.host.system_ids, vg.name, vg.system_id));
  if (vg.status.has(VgFlag::Exported)) out.bad("It is exported: nobody may use it.", "ashlar vgimport " + vg.name);
  const LvsOnPvs lvs(vg);
  std::unordered_set<std::string> missing;
  for (const PhysicalVolume& pv : vg.pvs) {
    if (!pv.status.has(PvFlag::Missing)) continue;
    missing.insert(pv.id.dashed());
    std::string on_it;
    for (std::size_t lv : lvs.on(pv.id)) on_it += " " + printable(vg.lvs[lv].name);
    out.bad(
        fmt::format("It is partial: PV {} (last seen at {}) is missing; LVs on it:{}.", pv.id.dashed(),
                    printable(pv.device), on_it.empty() ? " none" : on_it),
        fmt::format(
            "bring the disk back, then ashlar vgextend --restoremissing {0} DEVICE; or give it up: ashlar vgreduce --removemissing{1} {0}",
            vg.name, on_it.empty() ? "" : " --force"));
  }
  const std::vector<PvUsage> usage = pv_usage(vg);
  for (std::size_t i = 0; i < vg.pvs.size(); ++i)
    if (!vg.pvs[i].status.has(PvFlag::Allocatable) && usage[i].free_extents.n != 0)
      out.bad(fmt::format("No LV is given what is free on PV {}, {}: it is not allocatable.",
                          printable(vg.pvs[i].device), size_text(usage[i].free_extents, vg.extent_size)),
              "ashlar pvchange -xy " + printable(vg.pvs[i].device));
  for (const std::string& damage : state.damage) {
    bool told = false;  // of a PV that is missing
    for (std::size_t at = 0; at < damage.size() && !told; at = std::min(damage.find(' ', at), damage.size()) + 1)
      told = missing.contains(damage.substr(at, kDashedUuid));
    if (!told)
      out.bad(sentence(damage), state.unsafe || state.read_only ? "" : "ashlar vgck --updatemetadata " + vg.name);
  }
  if (state.unsafe) out.bad(sentence(state.unsafe->message()));
  if (state.read_only && !state.unsafe && !vg.status.has(VgFlag::Exported))
    out.bad(sentence(state.read_only->message()));
}

/// How much more it takes, asked of the allocator with each policy that differs.
template <class Ask>
void tell_largest(const VolumeGroup& vg, AllocPolicy own, const std::string& what, const std::string& option, Ask ask,
                  Findings& out) {
  const plan::Largest with_own = ask(own);
  if (with_own.extents.n == 0)
    out.bad(sentence(fmt::format("{} nothing with allocation policy {}: {}", what, policy_word(own),
                                 with_own.refusal.empty() ? "there are no free extents" : with_own.refusal)));
  else
    out.good(fmt::format("{} at most {} with allocation policy {}: {}{}.", what,
                         size_text(with_own.extents, vg.extent_size), policy_word(own), option, with_own.extents.n));
  for (AllocPolicy policy : {AllocPolicy::Contiguous, AllocPolicy::Cling, AllocPolicy::Normal, AllocPolicy::Anywhere}) {
    if (policy == own) continue;
    if (const plan::Largest other = ask(policy); other.extents != with_own.extents)
      out.good(fmt::format("With --alloc {}: {}.", policy_word(policy),
                           other.extents.n == 0 ? "nothing" : size_text(other.extents, vg.extent_size)));
  }
}

AllocPolicy policy_of(const VolumeGroup& vg, AllocPolicy lv) {
  if (lv != AllocPolicy::Inherit) return lv;
  return vg.alloc == AllocPolicy::Inherit ? AllocPolicy::Normal : vg.alloc;
}

/// Of a VG that is not there: what its past says of where it lay.
Result<Why> why_not_found(System& sys, const store::Picture& picture, const std::string& vg) {
  Why why{"vg", vg, {}};
  Findings out(why);
  const Past past = TRY(read_past(sys, picture, nullptr, vg));
  const plan::Version& last = past.history.versions.back();
  if (!past.now_called.empty()) {
    out.bad(fmt::format("It is called {} now.", past.now_called), "ashlar why " + past.now_called);
    return why;
  }
  const std::string back = way_back(past, vg);
  out.bad(
      fmt::format("It is not there: no PV that can be seen has it. Its last known state is seqno {}.", last.vg.seqno),
      fmt::format("ashlar history {}{}", vg, back.empty() ? "" : "; or, if it was removed: " + back));
  for (const PhysicalVolume& pv : last.vg.pvs) {
    auto there = std::find_if(picture.scan.pvs.begin(), picture.scan.pvs.end(),
                              [&](const store::FoundPv& f) { return f.label.pv == pv.id; });
    if (there != picture.scan.pvs.end()) {
      const store::VgState* now = vg_of(picture, static_cast<std::size_t>(there - picture.scan.pvs.begin()));
      out.good(fmt::format("Its PV {} is {}{}.", pv.id.dashed(), there->device->path(),
                           now != nullptr ? ", of VG " + now->vg.name + " now" : ", of no VG now"));
      continue;
    }
    out.bad(fmt::format("Its PV {} (last seen at {}) is on no device that is looked at.", pv.id.dashed(),
                        printable(pv.device)));
    auto device =
        pv.device.empty() ? Result<device::BlockDevice*>(Error(Errc::NotFound, "")) : sys.devices->find(pv.device);
    if (!device && !pv.device.empty()) out.bad(sentence(device.error().message()));
    tell_rules(sys, pv.device, out);
  }
  return why;
}
}  // namespace

Result<Why> why_device(System& sys, const std::string& path) {
  Why why{"device", path, {}};
  Findings out(why);
  store::Picture picture = TRY(look(sys));
  auto found = sys.devices->find(path);
  if (!found && found.error().code() == Errc::NotFound) return std::move(found).error();
  tell_rules(sys, path, out);
  if (!found) {
    out.bad(sentence(found.error().message()));
    return why;
  }
  out.good(fmt::format("It is looked at: {}, {}.", (*found)->path(), human_size((*found)->size())));
  tell_content(sys, picture, **found, out);
  return why;
}

Result<Why> why_vg(System& sys, const std::string& name) {
  store::Picture picture = TRY(look(sys));
  auto found = store::find_vg(picture, name);
  if (!found && found.error().code() == Errc::NotFound) return why_not_found(sys, picture, name);
  const store::VgState& state = *TRY(std::move(found));
  const VolumeGroup& vg = state.vg;
  Why why{"vg", name, {}};
  Findings out(why);
  tell_state(sys, state, out);
  std::vector<std::string> smaller = size_warnings(sys, picture, state);
  if (!smaller.empty()) smaller.pop_back();  // that one is about the VG, which is spoken of already
  for (const std::string& device : smaller)
    out.bad(device, "give the device its size again; or, if nothing lies past its end: ashlar pvresize DEVICE");
  for (const std::size_t member : state.members)
    if (member != store::kNoPv) tell_copies(picture.scan.pvs[member], vg, out);
  if (why.findings.empty())
    out.good(fmt::format("Nothing is wrong with it: {} PVs, {} LVs, seqno {}, all copies alike.", vg.pvs.size(),
                         visible_lv_count(vg), vg.seqno));
  out.good(fmt::format("{} of {} are free.", size_text(free_extents(vg), vg.extent_size),
                       size_text(total_extents(vg), vg.extent_size)));
  if (!owns(sys.host.system_ids, vg.system_id)) return why;  // as was told
  if (Status may = check_allowed(sys, state, Need::Complete); !may) {
    out.bad(sentence("No LV can be made in it or grow: " + may.error().message()));
    return why;
  }
  auto ask = [&](AllocPolicy policy, std::uint32_t stripes) {
    plan::CreateLv request;
    request.alloc = policy;
    request.stripes = stripes;
    request.reach = reach(picture, state);
    return plan::largest_new(vg, request, *sys.random);
  };
  tell_largest(
      vg, policy_of(vg, AllocPolicy::Inherit), "A new LV can have", "lvcreate -l ",
      [&](AllocPolicy policy) { return ask(policy, 1); }, out);
  for (std::uint32_t stripes = 2; stripes <= std::min<std::size_t>(vg.pvs.size(), 8); ++stripes) {
    const plan::Largest striped = ask(policy_of(vg, AllocPolicy::Inherit), stripes);
    out.good(fmt::format("With {} stripes: {}.", stripes,
                         striped.extents.n == 0 ? "nothing" : size_text(striped.extents, vg.extent_size)));
  }
  return why;
}

namespace {
/// Why it is not active, or that it is.
Status tell_activity(System& sys, const store::Picture& picture, const store::VgState& state, const LogicalVolume& lv,
                     Findings& out) {
  const VolumeGroup& vg = state.vg;
  const std::string name = vg.name + "/" + lv.name;
  const Status kernel = sys.kernel->available();
  for (const dm::ActiveDevice& device : kernel ? TRY(sys.kernel->active(vg.id)) : std::vector<dm::ActiveDevice>()) {
    const auto ids = dm::split_uuid(device.device.uuid);
    if (!ids || ids->lv != lv.id || (!ids->suffix.empty() && dm::is_layer(device.device.name))) continue;
    out.good(fmt::format("It is active as {}.", device.device.name));
    if (const std::string still = still_sentence(vg, lv, device); !still.empty())
      out.bad(still, refresh_command("ashlar ", vg, lv, device));
    return ok();
  }
  bool can = true;
  auto keeps = [&](std::string what, std::string mend = {}) {
    can = false;
    out.bad(std::move(what), std::move(mend));
  };
  if (Status may = check_allowed(sys, state, Need::Activation); !may)
    keeps(sentence("It cannot be activated: " + may.error().message()), "ashlar why " + vg.name);
  if (on_images(picture, state))
    keeps("It lies in image files, which the kernel cannot map.",
          "losetup makes devices of them; ashlar tables shows its tables");
  else if (!kernel)
    keeps(sentence("There is no device-mapper: " + kernel.error().message()));
  if (const Foreign* type = foreign(lv))
    keeps(fmt::format("Its segment type {} is not handled yet.", printable(type->type)), "lvm lvchange -ay " + name);
  else if (is_partial(vg, lv))
    keeps("A PV that it lies on is missing.",
          fmt::format("ashlar why {}; or, with errors in its place: ashlar lvchange -ay --activationmode partial {}",
                      vg.name, name));
  else if (auto table = on_images(picture, state) ? Result<dm::Device>(dm::Device{})
                                                  : dm::lv_device(vg, lv, layout_context(sys, picture, state));
           !table)
    keeps(sentence(table.error().message()));
  const dm::ActivationRules rules = activation_rules(sys);
  auto denied_by = [&](const dm::Denial& denial) {
    using Reason = dm::Denial::Reason;
    const char* setting = denial.reason == Reason::NotListed       ? "activation/volume_list"
                          : denial.reason == Reason::NotAutoListed ? "activation/auto_activation_volume_list"
                                                                   : nullptr;
    const std::string where = setting != nullptr ? sys.settings.where(setting) : "";
    return denial.message + (where.empty() ? "" : fmt::format(" ({})", printable(where)));
  };
  if (auto denied = dm::activation_denied(rules, vg, lv, {}))
    keeps(denied_by(*denied),
          denied->reason == dm::Denial::Reason::ActivationSkip
              ? fmt::format("ashlar lvchange -ay -K {0}, or for good: ashlar lvchange -kn {0}", name)
              : "");
  if (can) out.bad("It is not active; nothing keeps it from it.", "ashlar lvchange -ay " + name);
  const bool skipped = lv.status.has(LvFlag::ActivationSkip);
  if (auto denied = dm::activation_denied(rules, vg, lv, {.automatic = true, .ignore_skip = true});
      denied && can && !skipped)
    out.bad("Events and the boot do not activate it: " + denied_by(*denied),
            denied->reason == dm::Denial::Reason::NoAutoActivate
                ? fmt::format("ashlar lvchange --setautoactivation y {} (or vgchange, of the VG)", name)
                : "");
  return ok();
}
}  // namespace

Result<Why> why_lv(System& sys, const std::string& vg_name, const std::string& lv_name) {
  store::Picture picture = TRY(look(sys));
  const store::VgState& state = *TRY(store::find_vg(picture, vg_name));
  const VolumeGroup& vg = state.vg;
  const LogicalVolume* lv = find_lv(vg, lv_name);
  if (lv == nullptr) return no_such_lv(vg_name, lv_name);
  Why why{"lv", vg_name + "/" + lv_name, {}};
  Findings out(why);
  TRY(tell_activity(sys, picture, state, *lv, out));
  if (Status may = check_allowed(sys, state, Need::Complete); !may) {
    out.bad(sentence("It cannot grow: " + may.error().message()), "ashlar why " + vg_name);
    return why;
  }
  auto ask = [&](AllocPolicy policy) {
    plan::ResizeLv request;
    request.lv = lv_name;
    request.alloc = policy;
    request.cling_tags = sys.settings.list("allocation/cling_tag_list");
    request.reach = reach(picture, state);
    return plan::largest_growth(vg, request);
  };
  tell_largest(vg, policy_of(vg, lv->alloc), "It can grow by", "lvextend -l +", ask, out);
  return why;
}

}  // namespace ashlar::ops
