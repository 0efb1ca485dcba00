// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/order.h"

#include <unordered_map>
#include <unordered_set>

#include "metadata/model/segment.h"

namespace ashlar::dm {
namespace {

Status check_table(const Device& device) {
  Sectors next{};
  for (const Target& target : device.table) {
    if (std::holds_alternative<ForeignTarget>(target.params))
      return Error(Errc::Unsupported,
                   device.name + ": Ashlar does not make targets of type " + std::string(target_type(target.params)));
    if (target.start != next || target.length == Sectors{})
      return Error(Errc::InvalidArgument, device.name + ": its table has a gap, an overlap or an empty line");
    next += target.length;
  }
  if (device.table.empty()) return Error(Errc::InvalidArgument, device.name + ": its table is empty");
  return ok();
}

class Sorter {
 public:
  Status add(const Create& step) {
    TRY(check_table(step.device));
    TRY(claim(step.device.uuid, step.device.name));
    names_needed_.insert(step.device.name);
    out_.creates.push_back(step);
    return ok();
  }
  Status add(const Reload& step) {
    TRY(check_table(step.device));
    Touched& touched = TRY(touch(step.device)).get();
    if (touched.reload) return twice(step.device.name);
    touched.reload = true;
    touched.force = step.force;
    touched.wanted = step.device;
    return ok();
  }
  Status add(const Rename& step) {
    if (step.device.uuid != step.uuid || step.device.name != step.to)
      return Error(Errc::InvalidArgument, step.from + ": the renamed device is not the one described");
    Touched& touched = TRY(touch(step.device)).get();
    if (touched.current_name != step.device.name) return twice(step.from);
    touched.current_name = step.from;
    names_needed_.insert(step.to);
    names_left_.emplace(step.from, step.to);
    return ok();
  }
  Status add(const Remove& step) {
    TRY(claim(step.uuid, step.name));
    removes_.push_back(step);
    return ok();
  }

  Result<Phases> finish() {
    TRY(check_rename_cycles());
    for (Remove& step : removes_)
      (names_needed_.count(step.name) != 0 ? out_.first : out_.last).push_back(std::move(step));
    return std::move(out_);
  }

 private:
  static Error twice(const std::string& name) {
    return Error(Errc::InvalidArgument, name + ": two steps of one change contradict each other");
  }
  Status claim(const std::string& uuid, const std::string& name) {
    if (uuid.empty()) return Error(Errc::InvalidArgument, name + ": the device has no UUID");
    if (!claimed_.insert(uuid).second) return twice(name);
    return ok();
  }
  Result<std::reference_wrapper<Touched>> touch(const Device& device) {
    if (const auto found = index_.find(device.uuid); found != index_.end())
      return std::ref(out_.touched[found->second]);
    TRY(claim(device.uuid, device.name));
    index_.emplace(device.uuid, out_.touched.size());
    out_.touched.push_back(Touched{device, device.name, false, false});
    return std::ref(out_.touched.back());
  }
  /// A device can take the name that another one leaves, but somebody has to be first.
  Status check_rename_cycles() {
    std::unordered_set<std::string> leads_out;
    for (const auto& [from, to] : names_left_) {
      std::unordered_set<std::string> path;
      std::string name = to;
      while (leads_out.count(name) == 0) {
        if (!path.insert(name).second || name == from)
          return Error(Errc::Unsupported, "cannot rename " + from + " to " + to +
                                              ": the devices exchange their names; deactivate one of them first");
        const auto next = names_left_.find(name);
        if (next == names_left_.end()) break;
        name = next->second;
      }
      leads_out.insert(path.begin(), path.end());
      leads_out.insert(from);
    }
    return ok();
  }

  Phases out_;
  std::vector<Remove> removes_;
  std::unordered_set<std::string> claimed_, names_needed_;
  std::unordered_map<std::string, std::string> names_left_;  ///< from, to
  std::unordered_map<std::string, std::size_t> index_;       ///< UUID, place in out_.touched
};

}  // namespace

Result<Phases> phases(const Change& change) {
  Sorter sorter;
  for (const Step& step : change.steps) {
    TRY(std::visit(
        overloaded{[&](const Create& s) { return sorter.add(s); }, [&](const Reload& s) { return sorter.add(s); },
                   [&](const Rename& s) { return sorter.add(s); }, [&](const Remove& s) { return sorter.add(s); }},
        step));
  }
  return sorter.finish();
}

Status locate(Phases& phases, const std::function<std::optional<DevNumber>(const std::string& uuid)>& number_of) {
  Status status = ok();
  const auto locate_all = [&](Device& device) {
    for (Target& target : device.table) {
      locate(target.params, [&](const std::string& uuid) {
        std::optional<DevNumber> number = number_of(uuid);
        if (!number && status)
          status = Error(Errc::InvalidArgument, device.name + " lies on " + uuid + ", which is not active");
        return number;
      });
    }
  };
  for (Touched& touched : phases.touched) locate_all(touched.wanted);
  for (Create& create : phases.creates) locate_all(create.device);
  return status;
}

}  // namespace ashlar::dm
