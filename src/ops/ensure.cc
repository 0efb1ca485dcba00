// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ops/ensure.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "activation/names.h"
#include "base/log.h"
#include "base/size_text.h"
#include "base/unique_fd.h"
#include "metadata/model/query.h"
#include "metadata/model/visibility.h"
#include "ops/ensure_lv.h"
#include "ops/lv_content.h"
#include "ops/lv_data.h"
#include "ops/lv_on_pvs.h"
#include "ops/metadata_copies.h"
#include "ops/vg_access.h"

namespace ashlar::ops {

namespace {
using Names = std::vector<std::string>;

bool contains(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// One VG after the other; each step reads the VG anew, which in a transaction costs nothing.
class VgEnsurer {
 public:
  VgEnsurer(System& sys, const WantedVg& wanted, const EnsureDefaults& defaults, Ensure& done)
      : sys_(sys), wanted_(wanted), defaults_(defaults), done_(done) {}

  Status run() {
    Ensured vg{Ensured::Kind::Vg, wanted_.name, {}, {}};
    const bool there = TRY(find_seen_vg(sys_, wanted_.name)).has_value();
    if (wanted_.absent) {
      if (there) TRY(remove(vg));
      done_.objects.push_back(std::move(vg));
      return ok();
    }
    std::vector<Ensured> pvs;
    TRY(there ? update(vg, pvs) : create(vg, pvs));
    done_.objects.insert(done_.objects.end(), pvs.begin(), pvs.end());
    done_.objects.push_back(std::move(vg));
    TRY(volumes());
    for (const auto* gone : {&removed_, &left_}) done_.objects.insert(done_.objects.end(), gone->begin(), gone->end());
    return ok();
  }

 private:
  /// Room first: what goes and what shrinks comes before what grows. PVs that go do so in between: nothing new comes to
  /// lie on them.
  Status volumes() {
    const SeenVg now = TRY(seen_vg(sys_, wanted_.name));
    const Names leaving = TRY(leaving_of(now));
    Extents total;
    for (std::size_t i = 0; i < now.vg.pvs.size(); ++i)
      if (!contains(leaving, now.devices[i])) total += now.vg.pvs[i].pe_count;
    std::vector<Ensured> done;
    std::vector<LvEnsurer> each;
    done.reserve(wanted_.volumes.size());
    for (const WantedLv& lv : wanted_.volumes) {
      done.push_back({Ensured::Kind::Lv, wanted_.name + "/" + lv.name, {}, {}});
      each.emplace_back(sys_, wanted_.name, lv, defaults_, total, done_, done.back());
    }
    for (std::size_t i = 0; i < each.size(); ++i) TRY(each[i].give().context(done[i].name));
    if (wanted_.only_volumes) TRY(remove_unlisted());
    if (!leaving.empty()) TRY(reduce(leaving));
    for (std::size_t i = 0; i < each.size(); ++i) TRY(each[i].take().context(done[i].name));
    done_.objects.insert(done_.objects.end(), done.begin(), done.end());
    return ok();
  }

  Result<Names> leaving_of(const SeenVg& now) {
    Names keep, leaving;
    if (!wanted_.only_devices) return leaving;
    for (const std::string& device : wanted_.devices) keep.push_back(TRY(sys_.devices->find(device))->path());
    for (const std::string& device : now.devices)
      if (!device.empty() && !contains(keep, device)) leaving.push_back(device);
    return leaving;
  }

  void take(const Outcome& outcome) {
    done_.notes.insert(done_.notes.end(), outcome.notes.begin(), outcome.notes.end());
  }

  Status remove(Ensured& done) {
    const SeenVg now = TRY(seen_vg(sys_, wanted_.name));
    if (std::size_t lvs = visible_lv_count(now.vg); lvs != 0 && !wanted_.may_remove_volumes)
      return Error(
          Errc::Refused,
          fmt::format("VG {} is to be absent and holds {} volumes: \"may_remove_volumes\": true removes them with it",
                      wanted_.name, lvs));
    Outcome outcome = TRY(remove_vg(sys_, wanted_.name, 1));
    if (!outcome.failures.empty()) return outcome.failures.front();
    done.what.push_back("removed");
    return ok();
  }

  Status create(Ensured& done, std::vector<Ensured>& pvs) {
    if (wanted_.devices.empty())
      return Error(Errc::InvalidArgument,
                   fmt::format("VG {} is not there, and \"devices\" names none to make it of", wanted_.name));
    plan::CreateVg request;
    request.name = wanted_.name;
    request.extent_size = wanted_.extent_size.value_or(defaults_.extent_size);
    request.tags = wanted_.tags.value_or(Names{});
    request.metadata_copies = copies_of_new_vg(sys_.settings);
    request.system_id = sys_.host.system_ids.own;
    take(TRY(create_vg(sys_, request, wanted_.devices, defaults_.pv)));
    done.what.push_back(fmt::format("created with extents of {}", human_size(to_bytes(request.extent_size))));
    for (const std::string& device : wanted_.devices)
      pvs.push_back({Ensured::Kind::Pv, device, {"joined VG " + wanted_.name}, {}});
    return ok();
  }

  Status update(Ensured& done, std::vector<Ensured>& pvs) {
    const SeenVg now = TRY(seen_vg(sys_, wanted_.name));
    if (wanted_.extent_size && *wanted_.extent_size != now.vg.extent_size)
      return Error(Errc::Refused,
                   fmt::format("VG {} has extents of {}, not of {}, and cannot change that", wanted_.name,
                               human_size(to_bytes(now.vg.extent_size)), human_size(to_bytes(*wanted_.extent_size))));
    Names joining;
    for (const std::string& device : wanted_.devices) {
      const std::string path = TRY(sys_.devices->find(device))->path();
      bool member = contains(now.devices, path);
      if (!member) joining.push_back(device);
      pvs.push_back({Ensured::Kind::Pv, device, member ? Names{} : Names{"joined VG " + wanted_.name}, {}});
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

  Status reduce(const Names& leaving) {
    take(TRY(reduce_vg(sys_, wanted_.name, leaving, false)).outcome);
    for (const std::string& device : leaving)
      left_.push_back({Ensured::Kind::Pv, device, {"left VG " + wanted_.name}, {}});
    return ok();
  }

  Status remove_unlisted() {
    const SeenVg now = TRY(seen_vg(sys_, wanted_.name));
    std::vector<bool> visible = visibility(now.vg);
    Names gone;
    for (std::size_t i = 0; i < now.vg.lvs.size(); ++i) {
      const std::string& name = now.vg.lvs[i].name;
      bool listed = std::any_of(wanted_.volumes.begin(), wanted_.volumes.end(),
                                [&](const WantedLv& lv) { return lv.name == name; });
      if (visible[i] && !listed) gone.push_back(name);
    }
    if (gone.empty()) return ok();
    if (!wanted_.may_remove_volumes)
      return Error(
          Errc::Refused,
          fmt::format("VG {} has volumes that are not listed, {} among them: \"may_remove_volumes\": true removes them",
                      wanted_.name, gone[0]));
    RemovedLvs removed = TRY(remove_lvs(sys_, wanted_.name, gone, 1));
    if (!removed.outcome.failures.empty()) return removed.outcome.failures.front();
    for (const std::string& name : gone)
      removed_.push_back({Ensured::Kind::Lv, wanted_.name + "/" + name, {"removed"}, {}});
    return ok();
  }

  System& sys_;
  const WantedVg& wanted_;
  const EnsureDefaults& defaults_;
  Ensure& done_;
  std::vector<Ensured> removed_, left_;
};
}  // namespace

Result<Ensure> ensure(System& sys, const std::vector<WantedVg>& wanted, const EnsureDefaults& defaults) {
  Ensure done;
  for (const WantedVg& vg : wanted) TRY(VgEnsurer(sys, vg, defaults, done).run());
  return done;
}

namespace {
/// A file that is gone at the end.
class MomentaryFile {
 public:
  static Result<MomentaryFile> make(Bytes size) {
    const char* directory = std::getenv("TMPDIR");
    MomentaryFile file(
        fmt::format("{}/ashlar-mkfs.XXXXXX", directory != nullptr && *directory == '/' ? directory : "/var/tmp"));
    const UniqueFd fd(::mkostemp(file.path_.data(), O_CLOEXEC));
    if (!fd) return errno_error("Making " + std::exchange(file.path_, {}));
    if (::ftruncate(fd.get(), static_cast<off_t>(size.n)) != 0) return errno_error("Making " + file.path_);
    return file;
  }
  MomentaryFile(MomentaryFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  MomentaryFile& operator=(MomentaryFile&&) = delete;
  ~MomentaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  const std::string& path() const { return path_; }

 private:
  explicit MomentaryFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// An LV on image files has no device: its filesystem is made in a file of its size, nearly all of it a hole, and
/// copied.
Status make_through_file(System& sys, const MakeFilesystem& what, std::vector<std::string> arguments, Bytes size) {
  const MomentaryFile file = TRY(MomentaryFile::make(size));
  arguments.push_back(file.path());
  TRY(sys.run_program(arguments));
  TRY(write_lv(sys, {.vg = what.vg, .lv = what.lv, .file = file.path()}));
  return ok();
}

Status check_blank(System& sys, const MakeFilesystem& what) {
  const auto found = TRY(lv_signatures(sys, what.vg, what.lv));
  if (found.empty()) return ok();
  return Error(Errc::Refused, fmt::format("{}/{} carries {}; no filesystem is made over it", what.vg, what.lv,
                                          printable(found[0].type)));
}

Status make(System& sys, const MakeFilesystem& what) {
  if (!sys.run_program) return Error(Errc::Unsupported, "no programs are run here");
  std::vector<std::string> arguments = {mkfs_program(what.filesystem.type)};
  arguments.insert(arguments.end(), what.filesystem.options.begin(), what.filesystem.options.end());
  const SeenVg seen = TRY(seen_vg(sys, what.vg));
  const LogicalVolume* lv = find_lv(seen.vg, what.lv);
  if (lv == nullptr) return no_such_lv(what.vg, what.lv);
  if (seen.images)
    return make_through_file(sys, what, std::move(arguments), to_bytes(to_sectors(lv->extents(), seen.vg.extent_size)));
  arguments.push_back(sys.settings.text("devices/dir") + "/mapper/" + dm::device_name(what.vg, what.lv));
  return sys.run_program(arguments);
}

/// A program may end well and have made nothing (mkfs.ext4 -n) or something else (-t ext3), which the next run would
/// find.
Status check_made(System& sys, const MakeFilesystem& what) {
  const auto found = TRY(lv_signatures(sys, what.vg, what.lv).context("what was made cannot be seen"));
  std::string carries;
  for (const device::DeviceSource::Signature& each : found) {
    if (each.type == what.filesystem.type) return ok();
    carries += (carries.empty() ? "" : ", ") + printable(each.type);
  }
  return Error(
      Errc::Refused,
      printable(fmt::format("{} {} ended well, and the volume carries {}: change \"options\" in the specification",
                            mkfs_program(what.filesystem.type), fmt::join(what.filesystem.options, " "),
                            carries.empty() ? "nothing that is known" : carries + " and no " + what.filesystem.type)));
}

/// Nothing is lost with it: it is as new as the filesystem would be. One that somebody else has taken since is left
/// alone.
Status remove_again(System& sys, const MakeFilesystem& what) {
  const SeenVg now = TRY(seen_vg(sys, what.vg));
  const LogicalVolume* lv = find_lv(now.vg, what.lv);
  if (lv == nullptr || lv->id != what.id)
    return Error(Errc::NotFound, fmt::format("the {}/{} of this run is there no more", what.vg, what.lv));
  for (const device::DeviceSource::Signature& found : TRY(lv_signatures(sys, what.vg, what.lv)))
    if (found.type != what.filesystem.type) return Error(Errc::Refused, "it carries " + printable(found.type));
  const RemovedLvs removed = TRY(remove_lvs(sys, what.vg, {what.lv}, 1));
  return removed.outcome.failures.empty() ? ok() : Status(removed.outcome.failures.front());
}
}  // namespace

std::string mkfs_program(const std::string& type) { return type == "swap" ? "mkswap" : "mkfs." + type; }

Status make_filesystem(System& sys, Ensured& object) {
  const MakeFilesystem what = *std::exchange(object.filesystem, std::nullopt);
  const std::string& name = object.name;
  auto left = [&](const Error& why) {
    object.what.back() = "without its filesystem, " + what.filesystem.type;
    return fmt::format("{} is there, the {} on it is not: {}", name, what.filesystem.type, why.message());
  };
  if (Status blank = check_blank(sys, what); !blank) return Error(Errc::Partial, left(blank.error()));
  Status made = make(sys, what);
  if (made) made = check_made(sys, what);
  if (made) return ok();
  if (Status removed = remove_again(sys, what); !removed)
    return Error(
        Errc::Partial,
        fmt::format("{}. Nor was it removed again: {}. If nothing on it is wanted: lvremove {}, and run this again",
                    left(made.error()), removed.error().message(), name));
  object.what = {"made and removed again, for want of its filesystem, " + what.filesystem.type};
  return Error(
      Errc::Partial,
      fmt::format(
          "{} was made and removed again, since no {} could be made on it: {}. Once that is mended, run this again",
          name, what.filesystem.type, made.error().message()));
}

}  // namespace ashlar::ops
