// SPDX-License-Identifier: LGPL-2.1-or-later
// One change on the real kernel, from its first check to its last link. Order of steps: docs/activation.md.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "activation/critical_section.h"
#include "activation/dev_links.h"
#include "activation/dm_list.h"
#include "activation/dm_log.h"
#include "activation/dm_task.h"
#include "activation/dm_tree.h"
#include "activation/dm_udev.h"
#include "activation/kernel.h"
#include "activation/order.h"

namespace ashlar::dm {

/// The kernel's devices when a change begins.
struct Present {
  std::unordered_map<std::string, Listed> by_uuid;
  std::unordered_map<std::string, std::string> uuid_by_name;
};
Result<Present> present_devices(const std::string& dev_dir);

/// Refuses what the kernel would refuse, before anything is touched: names, UUIDs and minors that are taken, devices
/// that are not there, removal of devices in use (Errc::Busy, naming the user). Removes that are done already are
/// dropped from `phases`.
Status check_phases(DmLog& log, const Present& present, bool retry, Phases& phases);

class DmChange final : public Preloaded {
 public:
  /// Loads and suspends; on failure all is as before, and an undo that fails too is told as well.
  static Result<std::unique_ptr<Preloaded>> begin(const Change& change, const KernelOptions& options);
  ~DmChange() override;
  Status finish() override;

 private:
  DmChange(const KernelOptions& options, Phases steps)
      : options_(options), links_(options.dev_dir), phases_(std::move(steps)) {}
  Status carry_on();
  void resume_anyhow() noexcept;
  Status load();
  Status suspend();
  Status undo();
  Status resume_one(const std::string& uuid);
  Error with_names(const Error& error) const;

  void resume();
  std::string settle(const Touched& touched);
  void create(std::size_t begin, std::size_t end);  ///< of phases_.creates
  Status create_one(std::size_t i, UdevCookie& cookie);
  void remove(const std::vector<Remove>& removes);
  void wait(UdevCookie& cookie, const std::string& whose);
  void make_names(const DevNames& names, DevNumber number);
  void problem(std::string text) { problems_.push_back(std::move(text)); }
  std::uint16_t flags() const;
  bool sync() const { return udevd_ && options_.udev_sync; }

  DmLog log_;  ///< first, so that it outlives what still speaks to libdevmapper
  KernelOptions options_;
  DevLinks links_;
  Phases phases_;
  bool udevd_ = udevd_listens();
  Present present_;
  std::vector<bool> was_suspended_;  ///< parallel to phases_.touched
  std::optional<Tree> touched_tree_;
  std::vector<Tree> new_trees_;       ///< parallel to phases_.creates: one that fails must not take others with it
  std::optional<UdevCookie> cookie_;  ///< of the devices touched; made before they are suspended
  std::optional<CriticalSection> critical_;
  bool finished_ = false;
  bool trusted_ = false;  ///< the last wait ended in time, so that udev has made what it makes
  std::chrono::steady_clock::time_point
      links_due_;  ///< until then a link may come later than the end of the wait for udev
  std::vector<std::string> problems_;
};

}  // namespace ashlar::dm
