// SPDX-License-Identifier: LGPL-2.1-or-later
// vgchange -a, lvchange -a, --refresh, and the tables they would load.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_set>

#include "activation/names.h"
#include "base/log.h"
#include "metadata/model/query.h"
#include "metadata/model/visibility.h"
#include "ops/clear_lv.h"
#include "ops/layered.h"
#include "ops/lv_devices.h"
#include "ops/ops.h"
#include "ops/permission_rules.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

namespace {
using What = Activate::What;

/// Names of none are failures of their own.
std::vector<const LogicalVolume*> chosen_lvs(const VolumeGroup& vg, const std::vector<std::string>& names,
                                             std::vector<Error>& failures) {
  MeantLvs meant = meant_lvs(vg, names);
  for (const std::string& name : meant.missing) failures.push_back(no_such_lv(vg.name, name));
  return std::move(meant.lvs);
}

/// The steps for one LV: up, down, or its table loaded anew. `active`: its own device and those it lies on.
Result<dm::Change> change_for(const LogicalVolume& lv, const std::vector<dm::ActiveDevice>& active,
                              const Activate& request, const dm::VgLayout& layout) {
  if (request.what == What::Off) return dm::diff(active, {});
  if (request.what == What::Refresh && active.empty()) return dm::Change{};
  const std::vector<dm::Device> wanted = TRY(layout.devices(lv));
  dm::Change change = dm::diff(active, wanted);
  const bool reloads = std::any_of(change.steps.begin(), change.steps.end(), [&](const dm::Step& step) {
    const auto* reload = std::get_if<dm::Reload>(&step);
    return reload != nullptr && reload->device.uuid == wanted.back().uuid;
  });
  if (request.what == What::Refresh && !reloads)
    change.steps.insert(change.steps.begin(), dm::Reload{wanted.back(), false, true});
  return change;
}

/// Takes the steps of one kind for devices that LVs lie on out of a change.
template <typename Kind>
dm::Change take_hidden(dm::Change& change, const std::string& (*lv_name)(const Kind&)) {
  const auto taken = std::stable_partition(change.steps.begin(), change.steps.end(), [&](const dm::Step& step) {
    const auto* kind = std::get_if<Kind>(&step);
    return kind == nullptr || !lv_name(*kind).empty();
  });
  dm::Change hidden;
  std::move(taken, change.steps.end(), std::back_inserter(hidden.steps));
  change.steps.erase(taken, change.steps.end());
  return hidden;
}

/// `change` in an order that works: a table can only name what is there, and what a table names cannot go. Devices made
/// for tables that were not loaded are taken away again.
Status bring_up(System& sys, dm::Change change) {
  const bool reloads = std::any_of(change.steps.begin(), change.steps.end(),
                                   [](const dm::Step& step) { return std::holds_alternative<dm::Reload>(step); });
  const dm::Change below =
      take_hidden<dm::Create>(change, [](const dm::Create& s) -> const std::string& { return s.device.lv_name; });
  dm::Change unused;
  if (reloads)
    unused = take_hidden<dm::Remove>(change, [](const dm::Remove& s) -> const std::string& { return s.lv_name; });
  TRY(carry_out(sys, below));
  const Status done = carry_out(sys, change);
  if (done) return carry_out(sys, unused);
  for (const dm::Step& step : below.steps) {
    const dm::Device& made = std::get<dm::Create>(step).device;
    // One that is in use after all stays; the error tells the story.
    static_cast<void>(carry_out(sys, {{dm::Remove{made.name, made.uuid, made.vg_name, made.lv_name}}}).ok());
  }
  return done;
}

Result<Activate::Mode> activation_mode(const System& sys) {
  const std::string mode = sys.settings.text("activation/activation_mode");
  if (auto known = parse_activation_mode(mode)) return *known;
  return Error(
      Errc::InvalidArgument,
      fmt::format("activation/activation_mode is \"{}\"; it can be complete, degraded or partial", printable(mode)));
}

Result<dm::UnbackedTarget> filler(const System& sys) {
  const std::string word = sys.settings.text("activation/missing_stripe_filler");
  if (word == "error" || word == "zero") return dm::UnbackedTarget{word == "zero"};
  return Error(Errc::Unsupported,
               fmt::format("activation/missing_stripe_filler is \"{}\"; Ashlar knows error and zero", printable(word)));
}

/// Is an LV that Ashlar does not handle already as it is wanted? What its devices are like is not looked into, so that
/// what makes it anew is refused, and so is putting up one that others use: their layers may be missing.
bool as_wanted(const LogicalVolume& lv, bool is_active, Activate::What what) {
  if (what == Activate::What::Off || what == Activate::What::Refresh) return !is_active;
  return is_active && foreign(lv) != nullptr;
}

/// Refused by name, with the command that does it. LVM2 takes no hidden LV by its own name.
Error not_handled(const VolumeGroup& vg, const LogicalVolume& lv, bool shown, Activate::What what,
                  const std::string& why) {
  struct Words {
    const char *verb, *option;
  };
  const Words words = what == Activate::What::Off       ? Words{"deactivate", "-an"}
                      : what == Activate::What::Refresh ? Words{"refresh", "--refresh"}
                                                        : Words{"activate", "-ay"};
  const std::string name = vg.name + "/" + lv.name;
  return Error(Errc::Unsupported, fmt::format("Cannot {} {}: {}; `lvm {} {} {}` does it", words.verb, name, why,
                                              shown ? "lvchange" : "vgchange", words.option, shown ? name : vg.name));
}
}  // namespace

std::optional<Activate::Mode> parse_activation_mode(std::string_view word) {
  if (word == "complete") return Activate::Mode::Complete;
  if (word == "degraded") return Activate::Mode::Degraded;
  if (word == "partial") return Activate::Mode::Partial;
  return std::nullopt;
}

Result<Activated> activate(System& sys, const Activate& request) {
  const bool up = request.what != What::Off;
  OpenVg open = TRY(open_for_update(sys, request.vg, Need::Activation));
  const VolumeGroup& vg = open.vg();
  if (up && on_images(open.picture, open.state()))
    return Error(
        Errc::Unsupported,
        fmt::format("VG {} lies in image files, which the kernel cannot map; `ashlar tables {}` shows its tables",
                    vg.name, vg.name));
  if (up && !sys.ask_kernel) {
    log(LogLevel::Warning,
        "Activation is off (--driverloaded n or global/activation=0): VG " + vg.name + " stays as it is.");
    Activated unchanged;
    chosen_lvs(vg, request.lvs, unchanged.outcome.failures);
    return unchanged;
  }
  // Nothing is active where there is no kernel to ask: then there is nothing to refresh.
  if (up && request.what != What::Refresh) TRY(sys.kernel->available());
  LvDevices devices = TRY(request.lvs.empty() ? LvDevices::read(sys, vg.id) : LvDevices::read(sys, vg, request.lvs));
  dm::LayoutContext context = layout_context(sys, open.picture, open.state());
  context.may_fill = true;
  if (up && request.mode.value_or(TRY(activation_mode(sys))) == Activate::Mode::Partial)
    context.filler = TRY(filler(sys));
  const dm::VgLayout layout(vg, context);
  const Layered layered(vg);
  const std::vector<bool> visible = visibility(vg);
  const dm::ActivationRules rules = activation_rules(sys);

  Activated result;
  if (context.filler) log(LogLevel::Warning, "PARTIAL MODE. Incomplete logical volumes will be processed.");
  dm::Change all;
  std::vector<const LogicalVolume*> changing;
  for (const LogicalVolume* lv : chosen_lvs(vg, request.lvs, result.outcome.failures)) {
    const std::vector<dm::ActiveDevice>& active = devices.of(*lv);
    const std::optional<std::string> other = layered.why(*lv, active);
    if (other && as_wanted(*lv, !active.empty(), request.what)) continue;
    auto denied = up && active.empty()
                      ? dm::activation_denied(rules, vg, *lv, {request.what == What::AutoOn, request.ignore_skip})
                      : std::nullopt;
    if (denied) {
      log(LogLevel::Info, denied->message);
      continue;
    }
    if (other) {
      result.outcome.failures.push_back(
          not_handled(vg, *lv, visible[static_cast<std::size_t>(lv - vg.lvs.data())], request.what, *other));
      continue;
    }
    auto change = change_for(*lv, active, request, layout);
    if (!change) {
      result.outcome.failures.push_back(std::move(change).error());
    } else if (!change->empty()) {
      changing.push_back(lv);
      std::move(change->steps.begin(), change->steps.end(), std::back_inserter(all.steps));
    }
  }

  // One pass and one wait for udev serve all LVs. When that fails, one by one tells which of them stands in the way.
  Status together = bring_up(sys, std::move(all));
  result.changed = together ? changing.size() : 0;
  if (!together && !up && request.lvs.empty()) {
    // As LVM2 does: a VG with an open LV is not taken down in part.
    devices = TRY(LvDevices::read(sys, vg.id));
    const auto closed = std::stable_partition(changing.begin(), changing.end(),
                                              [&](const LogicalVolume* lv) { return devices.open(*lv); });
    if (closed != changing.begin()) changing.erase(closed, changing.end());
  }
  if (!together && changing.size() == 1) result.outcome.failures.push_back(std::move(together).error());
  for (std::size_t i = 0; !together && changing.size() > 1 && i < changing.size(); ++i) {
    devices = TRY(LvDevices::read(sys, vg.id, *changing[i]));
    Status one = bring_up(sys, TRY(change_for(*changing[i], devices.of(*changing[i]), request, layout)));
    if (one)
      ++result.changed;
    else
      result.outcome.failures.push_back(std::move(one).error());
  }

  std::unordered_set<Uuid> active;
  for (const std::string& uuid : TRY(sys.kernel->active_uuids(vg.id)))
    if (const auto ids = dm::split_uuid(uuid)) active.insert(ids->lv);
  for (std::size_t i = 0; i < vg.lvs.size(); ++i) result.active += visible[i] ? active.count(vg.lvs[i].id) : 0;
  if (!up && request.lvs.empty()) {
    const std::vector<std::string> left = layered.left_behind(visible, active);
    if (!left.empty())
      result.outcome.failures.push_back(Error(
          Errc::Unsupported,
          fmt::format(
              "Active beside the logical volumes of {0} that are shown: {1}; `lvm vgchange -ay {0}` and then `lvm vgchange "
              "-an {0}` take down what belongs to one, `dmsetup remove` what belongs to none",
              vg.name, fmt::join(left, ", "))));
    result.active += left.size();
  }
  return result;
}

}  // namespace ashlar::ops
