// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/dm_tree.h"

#include <libdevmapper.h>

#include "activation/dev_links.h"
#include "activation/names.h"
#include "metadata/model/segment.h"

namespace ashlar::dm {
namespace {

constexpr std::size_t kVgPrefixLength = kUuidPrefix.size() + 32;

struct NodeArea {
  std::string node, uuid;  ///< one of them
  std::uint64_t offset;
};

Result<NodeArea> find_area(const Below& below, const std::string& dev_dir) {
  if (const auto* uuid = std::get_if<std::string>(&below.device)) return NodeArea{{}, *uuid, below.offset.n};
  return NodeArea{TRY(device_node(dev_dir, std::get<DevNumber>(below.device))), {}, below.offset.n};
}

Status add_area(dm_tree_node* node, const Below& below, const std::string& dev_dir, DmLog& log) {
  const NodeArea area = TRY(find_area(below, dev_dir));
  if (dm_tree_node_add_target_area(node, area.node.empty() ? nullptr : area.node.c_str(),
                                   area.uuid.empty() ? nullptr : area.uuid.c_str(), area.offset) == 0)
    return log.error("adding " + area.node + area.uuid + " to a table");
  return ok();
}

Status add_target(dm_tree_node* node, const Target& target, const std::string& dev_dir, DmLog& log) {
  return std::visit(overloaded{[&](const LinearTarget& t) -> Status {
                                 if (dm_tree_node_add_linear_target(node, target.length.n) == 0)
                                   return log.error("adding a linear target");
                                 return add_area(node, t.area, dev_dir, log);
                               },
                               [&](const StripedTarget& t) -> Status {
                                 const auto chunk = static_cast<std::uint32_t>(t.chunk.n);
                                 if (chunk != t.chunk.n)
                                   return Error(Errc::InvalidArgument, "a stripe of more than 2^32-1 sectors");
                                 if (dm_tree_node_add_striped_target(node, target.length.n, chunk) == 0)
                                   return log.error("adding a striped target");
                                 for (const Below& area : t.areas) TRY(add_area(node, area, dev_dir, log));
                                 return ok();
                               },
                               [&](const UnbackedTarget& t) -> Status {
                                 int added = t.zero ? dm_tree_node_add_zero_target(node, target.length.n)
                                                    : dm_tree_node_add_error_target(node, target.length.n);
                                 if (added == 0)
                                   return log.error(t.zero ? "adding a zero target" : "adding an error target");
                                 return ok();
                               },
                               [&](const ForeignTarget& t) -> Status {
                                 return Error(Errc::Unsupported, "Ashlar does not make targets of type " + t.type);
                               }},
                    target.params);
}

}  // namespace

void Tree::Free::operator()(dm_tree* tree) const { dm_tree_free(tree); }

Result<Tree> Tree::make(DmLog& log) {
  dm_tree* tree = dm_tree_create();
  if (tree == nullptr) return log.error("making a tree of devices");
  return Tree(log, tree);
}

Status Tree::add_existing(DevNumber number, std::uint16_t udev_flags) {
  if (dm_tree_add_dev_with_udev_flags(tree_.get(), number.major, number.minor, udev_flags) == 0)
    return log_->error("looking at device " + std::to_string(number.major) + ":" + std::to_string(number.minor));
  return ok();
}

Status Tree::add_wanted(const Device& device, bool with_table, std::uint16_t udev_flags, const std::string& dev_dir) {
  const DevNumber fixed = device.fixed.value_or(DevNumber{});
  // A table that an interrupted command left in the inactive slot would be taken for ours: it is cleared.
  constexpr int kClearInactive = 1;
  dm_tree_node* node =
      dm_tree_add_new_dev_with_udev_flags(tree_.get(), device.name.c_str(), device.uuid.c_str(), fixed.major,
                                          fixed.minor, device.read_only ? 1 : 0, kClearInactive, nullptr, udev_flags);
  if (node == nullptr) return log_->error("preparing device " + device.name);
  if (device.read_ahead)
    dm_tree_node_set_read_ahead(node, *device.read_ahead,
                                device.read_ahead_is_minimum ? DM_READ_AHEAD_MINIMUM_FLAG : 0);
  if (with_table)
    for (const Target& target : device.table) TRY(add_target(node, target, dev_dir, *log_).context(device.name));
  vg_prefixes_.insert(device.uuid.substr(0, kVgPrefixLength));
  return ok();
}

State Tree::state(const std::string& uuid) const {
  const dm_tree_node* node = dm_tree_find_node_by_uuid(tree_.get(), uuid.c_str());
  const dm_info* info = node == nullptr ? nullptr : dm_tree_node_get_info(node);
  return info == nullptr ? State{} : state_of(*info);
}

std::uint32_t Tree::cookie() const { return dm_tree_get_cookie(dm_tree_find_node(tree_.get(), 0, 0)); }
void Tree::set_cookie(std::uint32_t cookie) { dm_tree_set_cookie(dm_tree_find_node(tree_.get(), 0, 0), cookie); }

void Tree::retry_remove() { dm_tree_retry_remove(dm_tree_find_node(tree_.get(), 0, 0)); }

Status Tree::for_each_vg(int (*action)(dm_tree_node*, const char*, std::size_t), const char* what) {
  dm_tree_node* root = dm_tree_find_node(tree_.get(), 0, 0);
  bool all = true;
  for (const std::string& prefix : vg_prefixes_) all = action(root, prefix.c_str(), prefix.size()) != 0 && all;
  if (!all) return log_->error(what);
  return ok();
}

Status Tree::preload() { return for_each_vg(dm_tree_preload_children, "loading tables"); }

Status Tree::suspend() {
  dm_tree_skip_lockfs(dm_tree_find_node(tree_.get(), 0, 0));
  return for_each_vg(dm_tree_suspend_children, "suspending");
}

Status Tree::activate() { return for_each_vg(dm_tree_activate_children, "resuming"); }

Status Tree::resume(const std::string& uuid) {
  if (dm_tree_activate_children(dm_tree_find_node(tree_.get(), 0, 0), uuid.c_str(), uuid.size()) == 0)
    return log_->error("resuming");
  return ok();
}

Status Tree::remove(const std::string& uuid) {
  if (dm_tree_deactivate_children(dm_tree_find_node(tree_.get(), 0, 0), uuid.c_str(), uuid.size()) == 0)
    return log_->error("removing");
  return ok();
}

}  // namespace ashlar::dm
