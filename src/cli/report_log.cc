// SPDX-License-Identifier: LGPL-2.1-or-later
// Which objects a report has been at work on, as rows of the log: all that it looked at, selected or not. As in lvm2.
#include <algorithm>
#include <set>

#include "base/log.h"
#include "cli/report_options.h"
#include "cli/words.h"
#include "report/columns.h"
#include "report/engine.h"

namespace ashlar::cli {

namespace {
using report::Kind;
using report::Object;

using TextSet = std::set<std::string>;

constexpr int kPasses = 2;  ///< fullreport goes over PVs and LVs for themselves, and for their segments
const report::LogObject kOrphans{"orphan", "lvm2", "", "", ""};

bool is_tag(const std::string& name) { return name.starts_with('@'); }
bool any_tag(const std::vector<std::string>& names) { return std::any_of(names.begin(), names.end(), is_tag); }

/// The values of one field of what the report shows, with none of its selection.
TextSet shown_values(const ops::Inventory& inventory, report::Options options, const char* field) {
  options.fields = {field};
  options.sort.clear();
  options.default_sort.clear();
  options.select.clear();
  options.compact = options.headings = options.name_prefixes = options.columns_as_rows = options.aligned = false;
  options.compact_fields.clear();
  options.format = report::Options::Format::Basic;
  options.separator = "";
  auto lines = report::print(inventory, options);
  return lines ? TextSet(lines->begin(), lines->end()) : TextSet{};
}

bool is_among(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

/// Rows of the LVs whose ids are in `ids`, or of all.
void log_lvs(Session& session, const ops::VgInfo& vg, const TextSet* ids = nullptr) {
  for (const LogicalVolume& lv : vg.vg.lvs) {
    if (ids != nullptr && !ids->contains(lv.id.dashed())) continue;
    const CommandLog::Work work(session.log(), vg, lv);
  }
}

/// Rows of the PVs whose devices are in `shown`, or of all, and how many these are.
std::size_t log_pvs(Session& session, const ops::VgInfo* vg, const std::vector<ops::PvInfo>& pvs,
                    const TextSet* shown = nullptr) {
  std::size_t count = 0;
  for (const ops::PvInfo& pv : pvs) {
    if (shown != nullptr && !shown->contains(printable(pv.device))) continue;
    const CommandLog::Work work(session.log(), vg, pv);
    ++count;
  }
  return count;
}

/// Why each of the names is missing; one that is not has no line.
class Missing {
 public:
  Missing(const ops::Inventory& inventory, const report::Options& options, bool labels)
      : inventory_(inventory), options_(options), labels_(labels) {
    for (std::string& line : report::missing_names(inventory, options, labels)) all_.insert(std::move(line));
  }
  bool any() const { return !all_.empty(); }
  std::vector<std::string> why(const std::string& name) {
    if (all_.empty()) return {};
    options_.names = {name};
    std::vector<std::string> lines = report::missing_names(inventory_, options_, labels_);
    std::erase_if(lines, [&](const std::string& line) { return !all_.contains(line); });  // another name stands for it
    return lines;
  }

 private:
  const ops::Inventory& inventory_;
  report::Options options_;
  bool labels_;
  TextSet all_;
};

/// "vg/lv" of any of the forms that an LV's name has; `lv` empty: a VG, or no such name.
LvName split_name(const std::string& name) {
  auto split = parse_lv_name(name);
  return split ? *split : LvName{vg_word(name), ""};
}

void log_pv_report(Session& session, const ops::Inventory& inventory, const report::Options& options) {
  const TextSet shown = shown_values(inventory, options, "pv_name");
  if (report::asks_only(options, Object::Label)) {
    for (const std::string& device : shown) {
      const CommandLog::Work work(session.log(), {"label", device, "", "", ""});
    }
    return;
  }
  // Of PVs that are named the last one found ends it.
  const bool all = options.names.empty() || any_tag(options.names);
  std::size_t left = shown.size();
  for (const ops::VgInfo& vg : inventory.vgs) {
    const CommandLog::Work work(session.log(), vg);
    left -= std::min(left, log_pvs(session, &vg, vg.pvs, &shown));
    if (!all && left == 0) return;
  }
  const CommandLog::Work work(session.log(), kOrphans);
  log_pvs(session, nullptr, inventory.orphans, &shown);
}

/// Names of the VGs that were looked at, in the order in which they are named.
std::vector<std::string> vgs_of_report(const ops::Inventory& inventory, const report::Options& options) {
  std::vector<std::string> vgs;
  if (options.names.empty() || any_tag(options.names)) {
    for (const ops::VgInfo& vg : inventory.vgs) {
      const bool left_out = options.kind == Kind::Lvs && vg.vg.status.has(VgFlag::Exported);
      if (!left_out && (!vg.foreign || options.foreign)) vgs.push_back(vg.vg.name);
    }
  }
  for (const std::string& name : options.names)
    if (!is_tag(name) && !is_among(vgs, split_name(name).vg)) vgs.push_back(split_name(name).vg);
  return vgs;
}

/// Fails with what of a VG is named and not there. A VG that is not there itself is told once.
void fail_missing_of(Session& session, Missing& missing, const report::Options& options, const std::string& vg,
                     bool there) {
  std::vector<std::string> told;
  for (const std::string& word : options.names) {
    if (is_tag(word) || split_name(word).vg != vg) continue;
    for (const std::string& line : missing.why(word)) {
      if (is_among(told, line)) continue;
      told.push_back(line);
      const std::string lv = split_name(word).lv;
      const CommandLog::Work work(there && !lv.empty() ? session.log() : nullptr, session.log()->lv(vg, lv));
      session.fail(Error(Errc::NotFound, line));
    }
  }
}

bool log_vg_report(Session& session, const ops::Inventory& inventory, const report::Options& options) {
  const bool with_lvs =
      options.kind == Kind::Lvs ||
      report::asks(options, {Object::Lv, Object::LvInfo, Object::LvStatus, Object::LvInfoStatus, Object::Segment});
  const bool with_pvs =
      options.kind == Kind::Vgs && report::asks(options, {Object::Pv, Object::Label, Object::PvSegment});
  report::Options of_lvs = options;
  of_lvs.kind = Kind::Lvs;
  const TextSet lvs = with_lvs ? shown_values(inventory, of_lvs, "lv_uuid") : TextSet{};
  Missing missing(inventory, options, false);
  for (const std::string& name : vgs_of_report(inventory, options)) {
    const CommandLog::Work work(session.log(), session.log()->vg(name));
    const auto vg = std::find_if(inventory.vgs.begin(), inventory.vgs.end(),
                                 [&](const ops::VgInfo& each) { return each.vg.name == name; });
    const bool there = vg != inventory.vgs.end();
    if (there && with_lvs) log_lvs(session, *vg, &lvs);
    if (there && with_pvs) log_pvs(session, &*vg, vg->pvs);
    fail_missing_of(session, missing, options, name, there);
  }
  return missing.any();
}
}  // namespace

std::string_view report_title(const report::Options& options) {
  if (report::asks_help(options)) return {};
  // As in lvm2, where a report of PVs is one of labels as long as it need not know their VGs to find them.
  if (options.kind == Kind::Pvs && !options.segments && !any_tag(options.names))
    return report::group_title(Object::Label);
  return report::group_title(report::object_of(report::base_line(options)));
}

bool log_reported(Session& session, const ops::Inventory& inventory, const report::Options& options, bool labels) {
  if (options.kind != Kind::Pvs) return log_vg_report(session, inventory, options);
  const bool missing = fail_missing(session, inventory, options, labels);
  log_pv_report(session, inventory, options);
  return missing;
}

void log_full_report(Session& session, const ops::VgInfo& vg) {
  const CommandLog::Work work(session.log(), vg);
  for (int i = 0; i < kPasses; ++i) {
    log_pvs(session, &vg, vg.pvs);
    log_lvs(session, vg);
  }
}

void log_full_orphans(Session& session, const ops::Inventory& inventory) {
  const CommandLog::Work work(session.log(), kOrphans);
  for (int i = 0; i < kPasses; ++i) log_pvs(session, nullptr, inventory.orphans);
}

bool fail_missing(Session& session, const ops::Inventory& inventory, const report::Options& options, bool labels) {
  CommandLog* log = options.kind == Kind::Pvs ? nullptr : session.log();
  std::vector<std::string> told;
  Missing missing(inventory, options, labels);
  for (const std::string& name : options.names) {
    std::vector<std::string> lines = missing.why(name);
    std::erase_if(lines, [&](const std::string& line) { return is_among(told, line); });
    if (lines.empty()) continue;
    const LvName object = split_name(name);
    std::optional<CommandLog::Work> in_vg, in_lv;
    if (log != nullptr) in_vg.emplace(log, log->vg(object.vg));
    if (log != nullptr && !object.lv.empty()) in_lv.emplace(log, log->lv(object.vg, object.lv));
    for (const std::string& line : lines) session.fail(Error(Errc::NotFound, line));
    told.insert(told.end(), lines.begin(), lines.end());
    in_lv.reset();
  }
  return !told.empty();
}

}  // namespace ashlar::cli
