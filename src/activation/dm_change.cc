// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/dm_change.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <new>

#include "activation/names.h"
#include "activation/udev_flags.h"

namespace ashlar::dm {
namespace {

/// Devices handled between two waits for udev; each may count the semaphore up twice, and that ends at 32767.
constexpr std::size_t kBatch = 1000;

/// Where many devices come at once, udev may end the wait for them before the last of its links is there: it works on
/// several events at a time, and two of them may write one directory. So much is allowed for them all after a wait.
constexpr std::chrono::milliseconds kLinksAreLate{500};

DevNames names_of(const Device& device) { return {device.name, device.vg_name, device.lv_name}; }

/// The names a device has before it is renamed.
DevNames names_of(const std::string& dm_name) {
  const SplitName parts = split_name(dm_name);
  return {dm_name, parts.vg, parts.layer.empty() ? parts.lv : std::string()};
}

std::string count_of(std::size_t n, const std::string& first) {
  return n == 1 ? first : fmt::format("{} and {} more", first, n - 1);
}

}  // namespace

Result<std::unique_ptr<Preloaded>> DmChange::begin(const Change& change, const KernelOptions& options) {
  std::unique_ptr<DmChange> self(new DmChange(options, TRY(phases(change))));
  self->present_ = TRY(present_devices(options.dev_dir));
  TRY(locate(self->phases_, [&](const std::string& uuid) -> std::optional<DevNumber> {
    const auto found = self->present_.by_uuid.find(uuid);
    if (found == self->present_.by_uuid.end()) return std::nullopt;
    return found->second.number;
  }));
  TRY(check_phases(self->log_, self->present_, options.retry_deactivation, self->phases_));
  Status begun = self->load();
  if (begun.ok()) begun = self->suspend();
  if (begun.ok()) return std::unique_ptr<Preloaded>(std::move(self));
  Status undone = self->undo();
  self->finished_ = true;
  const Error error = self->with_names(begun.error());
  if (undone.ok()) return error;
  return Error(Errc::Partial, error.message() + "; and undoing it failed: " + undone.error().message());
}

DmChange::~DmChange() {
  if (finished_) return;
  try {
    if (const Status undone = undo(); !undone.ok())
      log(LogLevel::Warning, "Going back to the old tables failed: " + undone.error().message());
  } catch (const std::bad_alloc&) {
    resume_anyhow();
  }
}

std::uint16_t DmChange::flags() const {
  return udev_flags(options_.udev_rules, options_.verify_udev_operations || !udevd_);
}

/// New tables go into the inactive slots. What is to be created is prepared only: its devices are looked up now,
/// while a failure still costs nothing.
Status DmChange::load() {
  for (const Create& step : phases_.creates) {
    new_trees_.push_back(TRY(Tree::make(log_)));
    TRY(new_trees_.back().add_wanted(step.device, true, flags(), options_.dev_dir));
  }
  if (phases_.touched.empty()) return ok();
  touched_tree_.emplace(TRY(Tree::make(log_)));
  for (const Touched& touched : phases_.touched) {
    const std::string& uuid = touched.wanted.uuid;
    was_suspended_.push_back(TRY(device_state(log_, uuid)).suspended);
    TRY(touched_tree_->add_existing(present_.by_uuid.at(uuid).number, flags()));
  }
  for (const Touched& touched : phases_.touched)
    TRY(touched_tree_->add_wanted(touched.wanted, touched.reload, flags(), options_.dev_dir));
  return touched_tree_->preload();
}

Status DmChange::suspend() {
  if (phases_.touched.empty()) return ok();
  // Without a semaphore the events could not carry a cookie, and a resume that insists on one would fail.
  cookie_.emplace(log_, sync(), options_.verify_udev_operations);
  critical_.emplace();
  TRY(touched_tree_->suspend());
  for (const Touched& touched : phases_.touched)
    if (!TRY(device_state(log_, touched.wanted.uuid)).suspended)
      return log_.error(touched.current_name + ": suspending it had no effect");
  return ok();
}

Status DmChange::undo() {
  std::vector<std::string> failures;
  for (std::size_t i = was_suspended_.size(); i-- > 0;) {
    const Touched& touched = phases_.touched[i];
    const auto note = [&](const Error& error) {
      failures.push_back(fmt::format("{}: {}", touched.current_name, error.message()));
    };
    const Result<State> state = device_state(log_, touched.wanted.uuid);
    if (!state.ok()) {
      note(state.error());
      continue;
    }
    if (state->inactive_table)
      if (const Status cleared = clear_inactive_table(log_, touched.wanted.uuid); !cleared.ok()) note(cleared.error());
    if (state->suspended && !was_suspended_[i]) {
      const Status resumed = resume_one(touched.wanted.uuid);
      if (!resumed.ok()) note(resumed.error());
    }
  }
  critical_.reset();
  log_.flush();
  if (cookie_) cookie_->wait(std::chrono::seconds(options_.udev_timeout_seconds));
  if (failures.empty()) return ok();
  return Error(Errc::Partial, fmt::format("{}", fmt::join(failures, "; ")));
}

/// A tree of its own for one device: a tree that failed on another device must not keep this one suspended. Without a
/// tree if need be, but the library counts the devices that its trees suspend and resume.
Status DmChange::resume_one(const std::string& uuid) {
  Result<Tree> tree = Tree::make(log_);
  if (tree.ok() && tree->add_existing(present_.by_uuid.at(uuid).number, flags()).ok()) {
    tree->set_cookie(cookie_->value());
    if (tree->resume(uuid).ok() && !TRY(device_state(log_, uuid)).suspended) return ok();
  }
  return resume_device(log_, uuid, {cookie_->value(), flags()});
}

/// libdevmapper calls devices that exist by number only.
Error DmChange::with_names(const Error& error) const {
  std::string message = error.message();
  for (const Touched& touched : phases_.touched) {
    const DevNumber number = present_.by_uuid.at(touched.wanted.uuid).number;
    const std::string bare = fmt::format(" ({}:{})", number.major, number.minor);
    const std::size_t at = message.find(" " + bare);
    if (at != std::string::npos) message.insert(at + 1, touched.current_name);
  }
  return Error(error.code(), message, error.sys_errno());
}

Status DmChange::finish() {
  ASHLAR_REQUIRE(!finished_);
  finished_ = true;
  try {
    return carry_on();
  } catch (const std::bad_alloc&) {
    resume_anyhow();
    throw;
  }
}

/// Out of memory half-way: whatever else is not done, nothing stays suspended.
void DmChange::resume_anyhow() noexcept {
  if (!cookie_) return;  // nothing was suspended
  for (const Touched& touched : phases_.touched) {
    try {
      static_cast<void>(resume_device(log_, touched.wanted.uuid, {cookie_->value(), flags()}).ok());
    } catch (const std::bad_alloc&) {
    }
  }
  critical_.reset();
}

Status DmChange::carry_on() {
  if (!phases_.first.empty()) remove(phases_.first);
  if (!phases_.touched.empty()) resume();
  for (std::size_t begin = 0; begin < phases_.creates.size(); begin += kBatch)
    create(begin, std::min(begin + kBatch, phases_.creates.size()));
  for (std::size_t begin = 0; begin < phases_.last.size(); begin += kBatch) {
    const auto from = phases_.last.begin() + static_cast<std::ptrdiff_t>(begin);
    const std::size_t count = std::min(kBatch, phases_.last.size() - begin);
    remove({from, from + static_cast<std::ptrdiff_t>(count)});
  }
  log_.flush();
  if (problems_.empty()) return ok();
  return Error(Errc::Partial, fmt::format("{}", fmt::join(problems_, "; ")));
}

/// Renames and resumes, and ends the critical section before anything else is done.
void DmChange::resume() {
  touched_tree_->set_cookie(cookie_->value());
  const Status resumed = touched_tree_->activate();
  for (const Touched& touched : phases_.touched) {
    std::string left = settle(touched);
    if (left.empty()) continue;
    problem(resumed.ok() ? std::move(left) : left + " (" + with_names(resumed.error()).message() + ")");
  }
  critical_.reset();
  log_.flush();

  const Touched& example = phases_.touched.front();
  wait(*cookie_, count_of(phases_.touched.size(), example.wanted.name));
  for (const Touched& touched : phases_.touched) {
    const DevNumber number = present_.by_uuid.at(touched.wanted.uuid).number;
    if (!touched.renamed() || trusted_) continue;
    if (const Status removed = links_.remove(names_of(touched.current_name), number); !removed.ok())
      problem(removed.error().message());
  }
  for (const Touched& touched : phases_.touched) {
    const Result<State> state = device_state(log_, touched.wanted.uuid);
    const bool has_new_name = state.ok() && state->name == touched.wanted.name;
    make_names(has_new_name ? names_of(touched.wanted) : names_of(touched.current_name),
               present_.by_uuid.at(touched.wanted.uuid).number);
  }
}

/// Leaves no device suspended that can be resumed: with the new table, which the metadata already says, or else with
/// the old one. Tells what is wrong with the device then, or nothing.
std::string DmChange::settle(const Touched& touched) {
  const std::string& uuid = touched.wanted.uuid;
  const std::string& name = touched.current_name;
  const Result<State> state = device_state(log_, uuid);
  if (!state.ok()) return name + ": its state is unknown: " + state.error().message();
  if (!state->exists) return name + ": it is gone";
  if (state->suspended && !resume_one(uuid).ok()) {
    const Status cleared = clear_inactive_table(log_, uuid);
    const Status resumed = resume_one(uuid);
    if (!cleared.ok() || !resumed.ok()) {
      const Error& why = resumed.ok() ? cleared.error() : resumed.error();
      return fmt::format("{} is still suspended ({}); try \"dmsetup resume {}\"", name, why.message(), name);
    }
  }
  // The kernel may drop a new table when it cannot use it, so only the live one tells.
  const Result<std::optional<ActiveDevice>> now = query_device(log_, uuid);
  if (!now.ok() || !now.value()) return name + ": its table cannot be read";
  Device wanted = touched.wanted;
  wanted.name = (*now)->device.name;
  if (touched.reload && !diff({**now}, {wanted}).empty())
    return name + " still has its old table; refresh it when the cause is removed";
  if (wanted.name != touched.wanted.name)
    return fmt::format("{} could not be renamed to {}", name, touched.wanted.name);
  return {};
}

void DmChange::create(std::size_t begin, std::size_t end) {
  UdevCookie cookie(log_, sync(), options_.verify_udev_operations);
  std::vector<std::size_t> live;
  for (std::size_t i = begin; i < end; ++i) {
    const Status created = create_one(i, cookie);
    if (created.ok())
      live.push_back(i);
    else
      problem(created.error().message());
  }
  wait(cookie, count_of(end - begin, phases_.creates[begin].device.name));
  for (std::size_t i : live) {
    const Device& device = phases_.creates[i].device;
    make_names(names_of(device), new_trees_[i].state(device.uuid).number);
  }
}

Status DmChange::create_one(std::size_t i, UdevCookie& cookie) {
  const Device& device = phases_.creates[i].device;
  new_trees_[i].set_cookie(cookie.value());
  Status created = new_trees_[i].preload();
  if (created.ok()) created = new_trees_[i].activate();
  cookie.follow(new_trees_[i].cookie());
  const State seen = new_trees_[i].state(device.uuid);
  if (created.ok() && seen.live_table && !seen.suspended) return ok();
  const State state = TRY(device_state(log_, device.uuid));
  if (state.live_table && !state.suspended) return ok();
  if (state.exists) {
    TRY(remove_device(log_, device.uuid, {cookie.value(), flags()})
            .context(fmt::format("{0} is left without a table; try \"dmsetup remove {0}\"", device.name)));
  }
  const std::string why = created.ok() ? "the kernel has no table for it" : created.error().message();
  return Error(Errc::Io, fmt::format("{} could not be activated: {}", device.name, why));
}

void DmChange::remove(const std::vector<Remove>& removes) {
  std::optional<UdevCookie> own;
  if (!cookie_ || !critical_) own.emplace(log_, sync(), options_.verify_udev_operations);
  UdevCookie& cookie = own ? *own : *cookie_;
  std::vector<Status> outcomes;
  for (const Remove& step : removes) {
    const DevNumber number = present_.by_uuid.at(step.uuid).number;
    Result<Tree> tree = Tree::make(log_);
    Status removed = tree.ok() ? tree->add_existing(number, flags()) : Status(tree.error());
    if (removed.ok()) {
      tree->set_cookie(cookie.value());
      if (options_.retry_deactivation) tree->retry_remove();
      removed = tree->remove(step.uuid);
    }
    outcomes.push_back(std::move(removed));
  }
  // What the kernel still has counts, not what the library said. One question for all, but it opens a file.
  std::optional<Present> left;
  if (!critical_)
    if (Result<Present> now = present_devices(options_.dev_dir); now.ok()) left = std::move(now).value();
  const auto is_gone = [&](const std::string& uuid) {
    if (left) return left->by_uuid.count(uuid) == 0;
    const Result<State> state = device_state(log_, uuid);
    return state.ok() && !state->exists;
  };
  std::vector<const Remove*> gone;
  for (std::size_t i = 0; i < removes.size(); ++i) {
    if (is_gone(removes[i].uuid))
      gone.push_back(&removes[i]);
    else
      problem(fmt::format("{} is still active{}", removes[i].name,
                          outcomes[i].ok() ? "" : ": " + outcomes[i].error().message()));
  }
  // Devices that are suspended come first; their names are looked after by the same wait.
  if (!own) return;
  wait(cookie, count_of(removes.size(), removes.front().name));
  if (trusted_) return;
  for (const Remove* step : gone) {
    const DevNames names{step->name, step->vg_name, step->lv_name};
    if (const Status cleaned = links_.remove(names, present_.by_uuid.at(step->uuid).number); !cleaned.ok())
      problem(cleaned.error().message());
  }
}

void DmChange::wait(UdevCookie& cookie, const std::string& whose) {
  const bool synced = cookie.synced();
  const bool in_time = cookie.wait(std::chrono::seconds(options_.udev_timeout_seconds));
  trusted_ = synced && in_time && options_.udev_rules;
  links_due_ = std::chrono::steady_clock::now() + kLinksAreLate;
  if (in_time) return;
  log(LogLevel::Warning, fmt::format("udev has not handled the events of {} within {} seconds; device nodes and links "
                                     "are made without it.",
                                     whose, options_.udev_timeout_seconds));
}

void DmChange::make_names(const DevNames& names, DevNumber number) {
  const std::vector<std::string> missing =
      trusted_ ? links_.missing(names, number, links_due_) : links_.missing(names, number);
  if (missing.empty()) return;
  if (trusted_) log(LogLevel::Warning, fmt::format("udev did not make {}; it is made now.", fmt::join(missing, ", ")));
  if (const Status made = links_.make(names, number); !made.ok()) problem(made.error().message());
}

}  // namespace ashlar::dm
