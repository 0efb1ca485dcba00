// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/ensure_lv.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/log.h"
#include "base/size_text.h"
#include "device/device_users.h"
#include "metadata/model/query.h"
#include "ops/clear_lv.h"
#include "ops/lv_content.h"
#include "ops/lv_devices.h"
#include "ops/vg_access.h"
#include "plan/desired.h"

namespace ashlar::ops {

namespace {
std::string shown(Extents extents, Sectors extent_size) {
  return human_size(to_bytes(to_sectors(extents, extent_size)));
}

/// All that is left is what no attempt finds any more of: with stripes, room may be left that they cannot take.
bool takes_the_rest(const WantedLv& lv) {
  const auto* percent = lv.size ? std::get_if<plan::Percent>(&lv.size->amount) : nullptr;
  return percent != nullptr && percent->of == plan::Percent::Of::Free;
}

/// What makes the filesystem all the same: "mkfs.ext4 -m 0 /dev/vg0/data". What lies in image files has no such node.
std::string remedy(const std::string& vg, const WantedLv& lv, bool images) {
  if (images) return fmt::format("lvremove {}/{}, and run this again", vg, lv.name);
  std::string line = mkfs_program(lv.filesystem->type);
  for (const std::string& option : lv.filesystem->options) line += " " + option;
  return fmt::format("{} /dev/{}/{}", printable(line), vg, lv.name);
}
}  // namespace

std::vector<std::string> without(const std::vector<std::string>& all, const std::vector<std::string>& some) {
  std::vector<std::string> left;
  std::copy_if(all.begin(), all.end(), std::back_inserter(left),
               [&](const std::string& each) { return std::find(some.begin(), some.end(), each) == some.end(); });
  return left;
}

std::vector<std::string> tag_words(const std::vector<std::string>& added, const std::vector<std::string>& removed) {
  std::vector<std::string> what;
  for (const std::string& tag : added) what.push_back("tag " + tag + " added");
  for (const std::string& tag : removed) what.push_back("tag " + tag + " removed");
  return what;
}

Result<std::optional<SeenVg>> find_seen_vg(System& sys, const std::string& vg) {
  auto picture = TRY(read_devices(sys));
  auto found = store::find_vg(*picture, vg);
  if (!found && found.error().code() == Errc::NotFound) return std::optional<SeenVg>();
  if (!found) return std::move(found).error();
  const store::VgState& state = **found;
  SeenVg seen{state.vg, {}, on_images(*picture, state)};
  for (std::size_t member : state.members)
    seen.devices.push_back(member == store::kNoPv ? "" : picture->scan.pvs[member].device->path());
  return std::optional<SeenVg>(std::move(seen));
}

Result<SeenVg> seen_vg(System& sys, const std::string& vg) {
  auto seen = TRY(find_seen_vg(sys, vg));
  if (!seen) return Error(Errc::NotFound, fmt::format("Volume group \"{}\" not found", vg));
  return std::move(*seen);
}

Status LvEnsurer::give() {
  const SeenVg now = TRY(seen_vg(sys_, vg_));
  const LogicalVolume* lv = find_lv(now.vg, wanted_.name);
  if (lv == nullptr) return ok();
  if (!wanted_.absent) {
    TRY(check_layout(now, *lv));
    return shrink(now, *lv);
  }
  RemovedLvs removed = TRY(remove_lvs(sys_, vg_, {wanted_.name}, 1));
  if (!removed.outcome.failures.empty()) return removed.outcome.failures.front();
  mine_.what.push_back("removed");
  return ok();
}

Status LvEnsurer::take() {
  if (wanted_.absent) return ok();
  const SeenVg now = TRY(seen_vg(sys_, vg_));
  const LogicalVolume* lv = find_lv(now.vg, wanted_.name);
  if (lv == nullptr) return make(now);
  TRY(grow(now, *lv));
  TRY(properties(*lv));
  TRY(activity(now, *lv));
  return filesystem(now, *lv);
}

/// None: none is said, or it is all that is left.
Result<std::optional<Extents>> LvEnsurer::wanted_extents(const SeenVg& now, const LogicalVolume* lv) {
  if (!wanted_.size || takes_the_rest(wanted_)) return std::optional<Extents>();
  // Of an LV its first segment: growing and shrinking leave that one as it is.
  const std::uint32_t stripes = wanted_.stripes.value_or(lv != nullptr ? plan::stripes_of(lv->segments.front()) : 1);
  return std::optional(TRY(plan::desired_extents(wanted_.size->amount, total_, now.vg.extent_size, stripes)));
}

Status LvEnsurer::make(const SeenVg& now) {
  if (!wanted_.size)
    return Error(Errc::InvalidArgument,
                 "it is not there, and neither \"size\" nor \"minimum\" says how large it is to be");
  CreateLv request;
  request.vg = vg_;
  request.plan = defaults_.lv;
  request.plan.name = wanted_.name;
  if (auto extents = TRY(wanted_extents(now, nullptr)))
    request.plan.size.amount = *extents;
  else
    request.plan.size.amount = std::get<plan::Percent>(wanted_.size->amount);
  request.plan.stripes = wanted_.stripes.value_or(1);
  request.plan.stripe_size = wanted_.stripe_size;
  request.plan.tags = wanted_.tags.value_or(std::vector<std::string>{});
  request.plan.writable = wanted_.writable.value_or(true);
  request.pvs = wanted_.devices;
  request.activate = wanted_.active.value_or(!now.images);
  if (wanted_.active.value_or(false) && now.images)
    return Error(Errc::Unsupported,
                 fmt::format("\"active\" cannot be true: VG {} lies in image files, which the kernel cannot map", vg_));
  if (wanted_.filesystem && ((!request.activate && !now.images) || !request.plan.writable))
    return Error(
        Errc::Unsupported,
        "\"filesystem\" needs a writable volume, and on disks an active one: its program writes to the volume's device");
  if (wanted_.filesystem && sys_.check_program) TRY(sys_.check_program(mkfs_program(wanted_.filesystem->type)));
  // A filesystem is made on nothing but what was wiped for it.
  request.zero = (request.activate || now.images) && request.plan.writable;
  request.wipe = (defaults_.wipe || wanted_.filesystem) && *request.zero;
  CreatedLv made = TRY(create_lv(sys_, request));
  take_notes(made.outcome);
  const SeenVg then = TRY(seen_vg(sys_, vg_));
  const LogicalVolume& lv = *find_lv(then.vg, wanted_.name);
  Extents size = lv.extents();
  if (takes_the_rest(wanted_)) size = TRY(fill(size, request.plan.stripes));
  mine_.what = {fmt::format("created, {}", shown(size, then.vg.extent_size))};
  if (!wanted_.filesystem) return ok();
  mine_.filesystem = {vg_, wanted_.name, lv.id, *wanted_.filesystem};
  mine_.what.push_back("with a filesystem, " + wanted_.filesystem->type);
  return ok();
}

Status LvEnsurer::check_layout(const SeenVg& now, const LogicalVolume& lv) {
  if (const Foreign* type = foreign(lv))
    return Error(Errc::Unsupported, fmt::format("it is of type {}, which is not handled yet", printable(type->type)));
  if (!wanted_.stripes) return ok();
  const Segment& segment = lv.segments.front();
  const auto* first = std::get_if<Striped>(&segment.body);
  if (first == nullptr)
    return Error(Errc::Refused,
                 fmt::format("it is of type {} and has no stripes, and cannot change that", type_name(segment)));
  if (first->areas.size() != *wanted_.stripes)
    return Error(Errc::Refused, fmt::format("it has {} stripes, not {}, and cannot change that", first->areas.size(),
                                            *wanted_.stripes));
  if (wanted_.stripe_size && *wanted_.stripes > 1 &&
      to_bytes(first->stripe_size) != std::min(*wanted_.stripe_size, to_bytes(now.vg.extent_size)))
    return Error(Errc::Refused,
                 fmt::format("its stripes are of {}, not of {}, and cannot change that",
                             human_size(to_bytes(first->stripe_size)), human_size(*wanted_.stripe_size)));
  return ok();
}

plan::ResizeLv LvEnsurer::growth(std::uint32_t stripes) const {
  plan::ResizeLv request;
  request.lv = wanted_.name;
  request.direction = plan::ResizeLv::Direction::Extend;
  request.stripes = stripes;
  request.stripe_size = wanted_.stripe_size;
  request.default_stripe_size = defaults_.lv.default_stripe_size;
  request.cling_tags = defaults_.lv.cling_tags;
  request.maximise_cling = defaults_.lv.maximise_cling;
  return request;
}

Status LvEnsurer::grow(const SeenVg& now, const LogicalVolume& lv) {
  if (!wanted_.size) return ok();
  // As it ends, or as it is to be: no number of stripes is left open, which an LV of several kinds of segments would
  // need.
  const std::uint32_t stripes = wanted_.stripes.value_or(plan::stripes_of(lv.segments.back()));
  Extents after = lv.extents();
  if (auto wanted = TRY(wanted_extents(now, &lv)); !wanted) {
    after = TRY(fill(after, stripes));
  } else if (after < *wanted) {
    plan::ResizeLv request = growth(stripes);
    request.size = {plan::SizeRequest::Sign::Absolute, *wanted};
    ResizedLv resized = TRY(resize_lv(sys_, vg_, request, wanted_.devices, false));
    take_notes(resized.outcome);
    after = resized.after;
  }
  if (after != lv.extents())
    mine_.what.push_back(fmt::format("resized from {} to {}", shown(lv.extents(), now.vg.extent_size),
                                     shown(after, now.vg.extent_size)));
  return ok();
}

/// Takes what is left until nothing can be taken: so the next run finds nothing either.
Result<Extents> LvEnsurer::fill(Extents now, std::uint32_t stripes) {
  while (free_extents(TRY(seen_vg(sys_, vg_)).vg).n >= stripes) {
    plan::ResizeLv request = growth(stripes);
    request.size = {plan::SizeRequest::Sign::Plus, std::get<plan::Percent>(wanted_.size->amount)};
    auto resized = resize_lv(sys_, vg_, request, wanted_.devices, false);
    if (!resized && resized.error().code() == Errc::NoSpace) break;
    if (!resized) return std::move(resized).error();
    if (resized->after == resized->before) break;
    take_notes(resized->outcome);
    now = resized->after;
  }
  return now;
}

Status LvEnsurer::shrink(const SeenVg& now, const LogicalVolume& lv) {
  const std::optional<Extents> wanted = TRY(wanted_extents(now, &lv));
  if (!wanted || wanted_.size->minimum || lv.extents() <= *wanted || plan::has_size(lv, *wanted)) return ok();
  const Sectors extent_size = now.vg.extent_size;
  if (!wanted_.may_shrink)
    return Error(
        Errc::Refused,
        fmt::format("it has {}, more than the {} it is to have: \"may_shrink\": true cuts it, \"minimum\" leaves it",
                    shown(lv.extents(), extent_size), shown(*wanted, extent_size)));
  TRY(check_cut(now, lv, *wanted));
  plan::ResizeLv request;
  request.lv = wanted_.name;
  request.direction = plan::ResizeLv::Direction::Reduce;
  request.size = {plan::SizeRequest::Sign::Absolute, *wanted};
  ResizedLv resized = TRY(resize_lv(sys_, vg_, request, {}, true));
  take_notes(resized.outcome);
  mine_.what.push_back(
      fmt::format("resized from {} to {}", shown(resized.before, extent_size), shown(resized.after, extent_size)));
  return ok();
}

/// The word in the specification says that it may be smaller, not that somebody looked at what lies on it today.
Status LvEnsurer::check_cut(const SeenVg& now, const LogicalVolume& lv, Extents to) {
  const LvDevices devices = TRY(LvDevices::read(sys_, now.vg.id, lv));
  if (devices.open(lv)) {
    const std::vector<std::string> users = device::device_users({}, devices.of(lv).front().info.number);
    return Error(
        Errc::Busy,
        fmt::format("it is in use{}, and is not cut to {}",
                    users.empty() ? "" : fmt::format(" ({})", printable(fmt::format("{}", fmt::join(users, ", ")))),
                    shown(to, now.vg.extent_size)));
  }
  const auto found = TRY(lv_signatures(sys_, vg_, lv.name).context("what it carries cannot be seen, so it is not cut"));
  if (!found.empty())
    return Error(
        Errc::Refused,
        fmt::format(
            "it carries {}, and is not cut to {} with that on it: lvreduce -r -l {} {}/{} makes a filesystem smaller too; lvreduce without -r cuts what it is told to",
            printable(found[0].type), shown(to, now.vg.extent_size), to.n, vg_, lv.name));
  const std::string question = fmt::format(
      "WARNING: {0}/{1} carries nothing that is known, and may hold data all the same. Cut it from {2} to {3}?", vg_,
      lv.name, shown(lv.extents(), now.vg.extent_size), shown(to, now.vg.extent_size));
  if (sys_.conduct.agrees(question)) return ok();
  return Error(Errc::Refused,
               fmt::format("it is not cut to {}: it may hold data; confirm with -y", shown(to, now.vg.extent_size)));
}

Status LvEnsurer::properties(const LogicalVolume& lv) {
  plan::ChangeLv change;
  change.lv = wanted_.name;
  std::vector<std::string> what;
  if (wanted_.tags) {
    change.add_tags = without(*wanted_.tags, lv.tags);
    change.del_tags = without(lv.tags, *wanted_.tags);
    what = tag_words(change.add_tags, change.del_tags);
  }
  if (wanted_.writable && *wanted_.writable != lv.status.has(LvFlag::Write)) {
    change.writable = wanted_.writable;
    what.push_back(*wanted_.writable ? "writable" : "read-only");
  }
  if (what.empty()) return ok();
  take_notes(TRY(change_lv(sys_, vg_, change)));
  mine_.what.insert(mine_.what.end(), what.begin(), what.end());
  return ok();
}

Status LvEnsurer::activity(const SeenVg& now, const LogicalVolume& lv) {
  if (!wanted_.active || TRY(LvDevices::read(sys_, now.vg.id, lv)).active(lv) == *wanted_.active) return ok();
  Activated activated =
      TRY(activate(sys_, {vg_, {wanted_.name}, *wanted_.active ? Activate::What::On : Activate::What::Off}));
  if (!activated.outcome.failures.empty()) return activated.outcome.failures.front();
  take_notes(activated.outcome);
  mine_.what.push_back(*wanted_.active ? "activated" : "deactivated");
  return ok();
}

/// An old volume gets none: data without a signature looks like nothing at all.
Status LvEnsurer::filesystem(const SeenVg& now, const LogicalVolume& lv) {
  if (!wanted_.filesystem) return ok();
  const auto found = TRY(lv_signatures(sys_, vg_, lv.name).context("whether it carries the filesystem cannot be seen"));
  if (std::any_of(found.begin(), found.end(), [&](const auto& each) { return each.type == wanted_.filesystem->type; }))
    return ok();
  if (!found.empty())
    return Error(Errc::Refused, fmt::format("it carries {}, not {}; nothing is made over it", printable(found[0].type),
                                            printable(wanted_.filesystem->type)));
  return Error(
      Errc::Refused,
      fmt::format(
          "it was there before and carries no filesystem that is known, but may hold data: a filesystem is made only on a volume that is made with it. "
          "If nothing on it is wanted: {}",
          remedy(vg_, wanted_, now.images)));
}

}  // namespace ashlar::ops
