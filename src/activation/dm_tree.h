// SPDX-License-Identifier: LGPL-2.1-or-later
// A libdevmapper tree: devices with what they lie on, loaded, suspended, resumed or removed in the order that their
// dependencies ask for.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "activation/dm_log.h"
#include "activation/dm_task.h"
#include "activation/table.h"

struct dm_tree;
struct dm_tree_node;

namespace ashlar::dm {

class Tree {
 public:
  static Result<Tree> make(DmLog& log);

  /// A device of the kernel, and those below it.
  Status add_existing(DevNumber number, std::uint16_t udev_flags);
  /// A device to create, or what an added one is to become; `with_table` false leaves its table alone. `dev_dir` is
  /// where nodes of the devices below are found.
  Status add_wanted(const Device& device, bool with_table, std::uint16_t udev_flags, const std::string& dev_dir);

  void set_cookie(std::uint32_t cookie);
  /// libdevmapper takes another one once something has failed.
  std::uint32_t cookie() const;
  void retry_remove();

  /// What the library knows of a device since its last step.
  State state(const std::string& uuid) const;

  // These go through every VG of the wanted devices, and touch devices of these VGs alone.
  Status preload();   ///< creates, and loads into the inactive slot; leaves out identical tables
  Status suspend();   ///< flushes; file systems are not frozen, since the data below them stays the same
  Status activate();  ///< renames and resumes
  /// Resumes exactly the device of this UUID.
  Status resume(const std::string& uuid);
  /// Removes exactly the device of this UUID (and its layers), not what it lies on.
  Status remove(const std::string& uuid);

 private:
  struct Free {
    void operator()(dm_tree* tree) const;
  };
  explicit Tree(DmLog& log, dm_tree* tree) : log_(&log), tree_(tree) {}
  Status for_each_vg(int (*action)(dm_tree_node*, const char*, std::size_t), const char* what);

  DmLog* log_;
  std::unique_ptr<dm_tree, Free> tree_;
  std::set<std::string> vg_prefixes_;  ///< "LVM-" + VG id
};

}  // namespace ashlar::dm
