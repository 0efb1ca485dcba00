// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/ensure.h"
#include "ops/lv_devices.h"

#include <algorithm>

#include <fmt/format.h>

#include "activation/names.h"
#include "base/log.h"
#include "base/size_text.h"
#include "metadata/model/query.h"
#include "metadata/model/visibility.h"
#include "ops/clear_lv.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

namespace {
using Names = std::vector<std::string>;

bool contains(const Names& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

Names without(const Names& all, const Names& some) {
  Names left;
  std::copy_if(all.begin(), all.end(), std::back_inserter(left), [&](const std::string& n) { return !contains(some, n); });
  return left;
}

Names tag_words(const Names& add, const Names& del) {
  Names what;
  for (const std::string& tag : add) what.push_back("tag " + tag + " added");
  for (const std::string& tag : del) what.push_back("tag " + tag + " removed");
  return what;
}

std::string shown(Extents extents, Sectors extent_size) { return human_size(to_bytes(to_sectors(extents, extent_size))); }

/// One VG after the other; each step reads the VG anew, which in a transaction costs nothing.
class VgEnsurer {
 public:
  VgEnsurer(System& sys, const WantedVg& wanted, const EnsureDefaults& defaults, Ensure& done)
      : sys_(sys), wanted_(wanted), defaults_(defaults), done_(done) {}

  Status run() {
    Ensured vg{Ensured::Kind::Vg, wanted_.name, {}};
    const bool there = TRY(state()).has_value();
    if (wanted_.absent) {
      if (there) TRY(remove(vg));
      done_.objects.push_back(std::move(vg));
      return ok();
    }
    std::vector<Ensured> pvs;
    TRY(there ? update(vg, pvs) : create(vg, pvs));
    done_.objects.insert(done_.objects.end(), pvs.begin(), pvs.end());
    done_.objects.push_back(std::move(vg));
    // Room first: what goes and what shrinks comes before what grows.
    for (bool giving : {true, false}) {
      for (const WantedLv& lv : wanted_.volumes) TRY(volume(lv, giving).context(wanted_.name + "/" + lv.name));
      if (giving && wanted_.only_volumes) TRY(remove_unlisted());
    }
    for (const WantedLv& lv : wanted_.volumes) {
      for (Ensured& each : lvs_) {
        if (each.name == wanted_.name + "/" + lv.name) done_.objects.push_back(std::move(each));
      }
    }
    done_.objects.insert(done_.objects.end(), removed_.begin(), removed_.end());
    if (wanted_.only_devices) TRY(reduce());
    return ok();
  }

 private:
  struct Seen {
    VolumeGroup vg;
    Names devices;  ///< of the PVs, "" for one that is missing
    bool images = false;
  };

  Result<std::optional<Seen>> state() {
    auto picture = TRY(read_devices(sys_));
    auto found = store::find_vg(*picture, wanted_.name);
    if (!found && found.error().code() == Errc::NotFound) return std::optional<Seen>();
    if (!found) return std::move(found).error();
    const store::VgState& vg_state = **found;
    Seen seen{vg_state.vg, {}, on_images(*picture, vg_state)};
    for (std::size_t member : vg_state.members) seen.devices.push_back(member == store::kNoPv ? "" : picture->scan.pvs[member].device->path());
    return std::optional<Seen>(std::move(seen));
  }
  Result<Seen> vg() {
    auto seen = TRY(state());
    if (!seen) return Error(Errc::NotFound, fmt::format("Volume group \"{}\" not found", wanted_.name));
    return std::move(*seen);
  }

  void take(const Outcome& outcome) { done_.notes.insert(done_.notes.end(), outcome.notes.begin(), outcome.notes.end()); }

  Status remove(Ensured& done) {
    Seen now = TRY(vg());
    if (std::size_t lvs = visible_lv_count(now.vg); lvs != 0 && !wanted_.may_remove_volumes)
      return Error(Errc::Refused, fmt::format("VG {} is to be absent and holds {} volumes: \"may_remove_volumes\": true removes them with it", wanted_.name, lvs));
    Outcome outcome = TRY(remove_vg(sys_, wanted_.name, 1));
    if (!outcome.failures.empty()) return outcome.failures.front();
    done.what.push_back("removed");
    return ok();
  }

  Status create(Ensured& done, std::vector<Ensured>& pvs) {
    if (wanted_.devices.empty()) return Error(Errc::InvalidArgument, fmt::format("VG {} is not there, and \"devices\" names none to make it of", wanted_.name));
    plan::CreateVg request;
    request.name = wanted_.name;
    request.extent_size = wanted_.extent_size.value_or(defaults_.extent_size);
    request.tags = wanted_.tags.value_or(Names{});
    take(TRY(create_vg(sys_, request, wanted_.devices, defaults_.pv)));
    done.what.push_back(fmt::format("created with extents of {}", human_size(to_bytes(request.extent_size))));
    for (const std::string& device : wanted_.devices) pvs.push_back({Ensured::Kind::Pv, device, {"joined VG " + wanted_.name}});
    return ok();
  }

  Status update(Ensured& done, std::vector<Ensured>& pvs) {
    Seen now = TRY(vg());
    if (wanted_.extent_size && *wanted_.extent_size != now.vg.extent_size)
      return Error(Errc::Refused, fmt::format("VG {} has extents of {}, not of {}, and cannot change that", wanted_.name, human_size(to_bytes(now.vg.extent_size)),
                                              human_size(to_bytes(*wanted_.extent_size))));
    Names joining;
    for (const std::string& device : wanted_.devices) {
      const std::string path = TRY(sys_.devices->find(device))->path();
      bool member = contains(now.devices, path);
      if (!member) joining.push_back(device);
      pvs.push_back({Ensured::Kind::Pv, device, member ? Names{} : Names{"joined VG " + wanted_.name}});
    }
    if (!joining.empty()) take(TRY(extend_vg(sys_, wanted_.name, joining, defaults_.pv)));
    if (!wanted_.tags) return ok();
    plan::ChangeVg change;
    change.add_tags = without(*wanted_.tags, now.vg.tags);
    change.del_tags = without(now.vg.tags, *wanted_.tags);
    done.what = tag_words(change.add_tags, change.del_tags);
    if (!done.what.empty()) take(TRY(change_vg(sys_, wanted_.name, change)));
    return ok();
  }

  Status reduce() {
    Seen now = TRY(vg());
    Names keep, leaving;
    for (const std::string& device : wanted_.devices) keep.push_back(TRY(sys_.devices->find(device))->path());
    for (const std::string& device : now.devices)
      if (!device.empty() && !contains(keep, device)) leaving.push_back(device);
    if (leaving.empty()) return ok();
    take(TRY(reduce_vg(sys_, wanted_.name, leaving, false)).outcome);
    for (const std::string& device : leaving) done_.objects.push_back({Ensured::Kind::Pv, device, {"left VG " + wanted_.name}});
    return ok();
  }

  Status remove_unlisted() {
    Seen now = TRY(vg());
    std::vector<bool> visible = visibility(now.vg);
    Names gone;
    for (std::size_t i = 0; i < now.vg.lvs.size(); ++i) {
      const std::string& name = now.vg.lvs[i].name;
      bool listed = std::any_of(wanted_.volumes.begin(), wanted_.volumes.end(), [&](const WantedLv& lv) { return lv.name == name; });
      if (visible[i] && !listed) gone.push_back(name);
    }
    if (gone.empty()) return ok();
    if (!wanted_.may_remove_volumes)
      return Error(Errc::Refused, fmt::format("VG {} has volumes that are not listed, {} among them: \"may_remove_volumes\": true removes them", wanted_.name, gone[0]));
    return remove_lvs_of(gone, removed_);
  }

  Status remove_lvs_of(const Names& names, std::vector<Ensured>& done) {
    RemovedLvs removed = TRY(remove_lvs(sys_, wanted_.name, names, 1));
    if (!removed.outcome.failures.empty()) return removed.outcome.failures.front();
    for (const std::string& name : names) done.push_back({Ensured::Kind::Lv, wanted_.name + "/" + name, {"removed"}});
    return ok();
  }

  Ensured& done_of(const WantedLv& lv) {
    const std::string name = wanted_.name + "/" + lv.name;
    for (Ensured& each : lvs_) {
      if (each.name == name) return each;
    }
    lvs_.push_back({Ensured::Kind::Lv, name, {}});
    return lvs_.back();
  }

  Status volume(const WantedLv& wanted, bool giving) {
    Ensured& done = done_of(wanted);
    Seen now = TRY(vg());
    const LogicalVolume* lv = find_lv(now.vg, wanted.name);
    if (wanted.absent) {
      std::vector<Ensured> removed;
      if (lv != nullptr) TRY(remove_lvs_of({wanted.name}, removed));
      if (!removed.empty()) done.what = std::move(removed[0].what);
      return ok();
    }
    if (lv == nullptr) return giving ? ok() : make(wanted, now, done);
    TRY(check_layout(wanted, now, *lv));
    TRY(resize(wanted, now, *lv, giving, done));
    if (giving) return ok();
    TRY(properties(wanted, *lv, done));
    TRY(activity(wanted, now, *lv, done));
    return filesystem(wanted, now, *lv);
  }

  /// In whole extents and stripes, as lvcreate rounds.
  Result<Extents> extents_of(const WantedLv& wanted, const VolumeGroup& vg, std::uint64_t stripes) {
    if (const auto* size = std::get_if<Bytes>(&wanted.size->amount)) {
      std::uint64_t extent = to_bytes(vg.extent_size).n;
      std::uint64_t count = size->n / extent + (size->n % extent != 0 ? 1 : 0);
      if (count == 0 || count > UINT32_MAX) return Error(Errc::InvalidArgument, fmt::format("a size of {} bytes is not between one extent and 2^32", size->n));
      return Extents{(count + stripes - 1) / stripes * stripes};
    }
    return Extents{total_extents(vg).n * std::get<plan::Percent>(wanted.size->amount).value / 100 / stripes * stripes};
  }

  static bool of_free(const WantedSize& size) {
    const auto* percent = std::get_if<plan::Percent>(&size.amount);
    return percent != nullptr && percent->of == plan::Percent::Of::Free;
  }

  Status make(const WantedLv& wanted, const Seen& now, Ensured& done) {
    if (!wanted.size) return Error(Errc::InvalidArgument, "it is not there, and neither \"size\" nor \"minimum\" says how large it is to be");
    CreateLv request;
    request.vg = wanted_.name;
    request.plan = defaults_.lv;
    request.plan.name = wanted.name;
    std::visit([&](const auto& amount) { request.plan.size.amount = amount; }, wanted.size->amount);
    request.plan.stripes = wanted.stripes.value_or(1);
    request.plan.stripe_size = wanted.stripe_size;
    request.plan.tags = wanted.tags.value_or(Names{});
    request.plan.writable = wanted.writable.value_or(true);
    request.pvs = wanted.devices;
    request.activate = wanted.active.value_or(!now.images);
    request.wipe = defaults_.wipe && (request.activate || now.images) && request.plan.writable;
    CreatedLv made = TRY(create_lv(sys_, request));
    take(made.outcome);
    Seen then = TRY(vg());
    done.what = {fmt::format("created, {}", shown(find_lv(then.vg, wanted.name)->extents(), then.vg.extent_size))};
    if (wanted.filesystem) {
      if (!request.activate || now.images) return cannot_make();
      done_.filesystems.push_back({wanted_.name, wanted.name, *wanted.filesystem});
      done.what.push_back("filesystem " + wanted.filesystem->type + " made");
    }
    return ok();
  }

  static Error cannot_make() { return Error(Errc::Unsupported, "\"filesystem\" needs an active volume: its program writes to the volume's device"); }

  Status check_layout(const WantedLv& wanted, const Seen& now, const LogicalVolume& lv) {
    if (const Foreign* type = foreign(lv)) return Error(Errc::Unsupported, fmt::format("it is of type {}, which is not handled yet", printable(type->type)));
    if (!wanted.stripes) return ok();
    const auto& first = std::get<Striped>(lv.segments.front().body);
    if (first.areas.size() != *wanted.stripes)
      return Error(Errc::Refused, fmt::format("it has {} stripes, not {}, and cannot change that", first.areas.size(), *wanted.stripes));
    if (wanted.stripe_size && *wanted.stripes > 1 && to_bytes(first.stripe_size) != std::min(*wanted.stripe_size, to_bytes(now.vg.extent_size)))
      return Error(Errc::Refused, fmt::format("its stripes are of {}, not of {}, and cannot change that", human_size(to_bytes(first.stripe_size)), human_size(*wanted.stripe_size)));
    return ok();
  }

  Status resize(const WantedLv& wanted, const Seen& now, const LogicalVolume& lv, bool giving, Ensured& done) {
    if (!wanted.size) return ok();
    plan::ResizeLv request;
    request.lv = wanted.name;
    request.default_stripe_size = defaults_.lv.default_stripe_size;
    request.cling_tags = defaults_.lv.cling_tags;
    request.maximise_cling = defaults_.lv.maximise_cling;
    if (of_free(*wanted.size)) {
      if (giving || free_extents(now.vg).n == 0) return ok();
      request.size = {plan::SizeRequest::Sign::Plus, std::get<plan::Percent>(wanted.size->amount)};
      request.direction = plan::ResizeLv::Direction::Extend;
    } else {
      const auto* striped = std::get_if<Striped>(&lv.segments.back().body);
      Extents target = TRY(extents_of(wanted, now.vg, striped != nullptr ? striped->areas.size() : 1));
      if (lv.extents() == target || (lv.extents() > target && wanted.size->minimum)) return ok();
      const bool shrinks = lv.extents() > target;
      if (shrinks && !wanted.may_shrink)
        return Error(Errc::Refused, fmt::format("it has {}, more than the {} it is to have: \"may_shrink\": true cuts it, \"minimum\" leaves it", shown(lv.extents(), now.vg.extent_size),
                                                shown(target, now.vg.extent_size)));
      if (shrinks != giving) return ok();
      request.size = {plan::SizeRequest::Sign::Absolute, target};
      request.direction = shrinks ? plan::ResizeLv::Direction::Reduce : plan::ResizeLv::Direction::Extend;
    }
    ResizedLv resized = TRY(resize_lv(sys_, wanted_.name, request, giving ? Names{} : wanted.devices, true));
    take(resized.outcome);
    done.what.push_back(fmt::format("resized from {} to {}", shown(resized.before, resized.extent_size), shown(resized.after, resized.extent_size)));
    return ok();
  }

  Status properties(const WantedLv& wanted, const LogicalVolume& lv, Ensured& done) {
    plan::ChangeLv change;
    change.lv = wanted.name;
    if (wanted.tags) {
      change.add_tags = without(*wanted.tags, lv.tags);
      change.del_tags = without(lv.tags, *wanted.tags);
    }
    Names what = tag_words(change.add_tags, change.del_tags);
    if (wanted.writable && *wanted.writable != lv.status.has(LvFlag::Write)) {
      change.writable = wanted.writable;
      what.push_back(*wanted.writable ? "writable" : "read-only");
    }
    if (what.empty()) return ok();
    take(TRY(change_lv(sys_, wanted_.name, change)));
    done.what.insert(done.what.end(), what.begin(), what.end());
    return ok();
  }

  Result<bool> is_active(const VolumeGroup& vg, const LogicalVolume& lv) {
    return TRY(LvDevices::read(sys_, vg.id)).active(lv);
  }

  Status activity(const WantedLv& wanted, const Seen& now, const LogicalVolume& lv, Ensured& done) {
    if (!wanted.active || TRY(is_active(now.vg, lv)) == *wanted.active) return ok();
    Activated activated = TRY(activate(sys_, {wanted_.name, {wanted.name}, *wanted.active ? Activate::What::On : Activate::What::Off}));
    if (!activated.outcome.failures.empty()) return activated.outcome.failures.front();
    take(activated.outcome);
    done.what.push_back(*wanted.active ? "activated" : "deactivated");
    return ok();
  }

  /// An old volume gets one only if it is active now and carries nothing at all.
  Status filesystem(const WantedLv& wanted, const Seen& now, const LogicalVolume& lv) {
    if (!wanted.filesystem) return ok();
    if (now.images || !TRY(is_active(now.vg, lv))) return cannot_make();
    auto device = sys_.open_lv(dm::device_name(now.vg.name, lv.name));
    if (!device && device.error().code() != Errc::NotFound) return std::move(device).error();
    if (!device) return Error(Errc::Refused, "it is not active yet, so nobody knows what it carries: activate it first");
    auto found = TRY(sys_.devices->signatures(**device));
    if (found.empty()) {
      done_of(wanted).what.push_back("filesystem " + wanted.filesystem->type + " made");
      done_.filesystems.push_back({wanted_.name, wanted.name, *wanted.filesystem});
      return ok();
    }
    if (found[0].type != wanted.filesystem->type)
      return Error(Errc::Refused, fmt::format("it carries {}, not {}; nothing is made over it", printable(found[0].type), printable(wanted.filesystem->type)));
    return ok();
  }

  System& sys_;
  const WantedVg& wanted_;
  const EnsureDefaults& defaults_;
  Ensure& done_;
  std::vector<Ensured> lvs_, removed_;
};
}  // namespace

Result<Ensure> ensure(System& sys, const std::vector<WantedVg>& wanted, const EnsureDefaults& defaults) {
  Ensure done;
  for (const WantedVg& vg : wanted) TRY(VgEnsurer(sys, vg, defaults, done).run());
  return done;
}

Status make_filesystem(System& sys, const MakeFilesystem& what) {
  const std::string name = fmt::format("/dev/{}/{}", what.vg, what.lv);
  {
    auto device = TRY(sys.open_lv(dm::device_name(what.vg, what.lv)).context("making a filesystem on " + name));
    auto found = TRY(sys.devices->signatures(*device));
    if (!found.empty()) return Error(Errc::Refused, fmt::format("{} carries {}; no filesystem is made over it", name, printable(found[0].type)));
  }
  if (!sys.run_program) return Error(Errc::Unsupported, "no programs are run here, so no filesystem can be made on " + name);
  std::vector<std::string> arguments = {"mkfs." + what.filesystem.type};
  arguments.insert(arguments.end(), what.filesystem.options.begin(), what.filesystem.options.end());
  arguments.push_back(sys.settings.text("devices/dir") + "/mapper/" + dm::device_name(what.vg, what.lv));
  return sys.run_program(arguments).context("making a filesystem on " + name);
}

}  // namespace ashlar::ops
