// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/choose.h"

#include <algorithm>

#include "base/log.h"
#include "cli/display.h"
#include "cli/report_options.h"
#include "metadata/model/query.h"

namespace ashlar::cli {

namespace {
using report::Kind;

constexpr const char* id_field(Kind kind) {
  return kind == Kind::Pvs ? "pv_uuid" : kind == Kind::Vgs ? "vg_uuid" : "lv_uuid";
}

std::string trimmed(const std::string& text) {
  std::size_t from = text.find_first_not_of(' ');
  return from == std::string::npos ? std::string() : text.substr(from, text.find_last_not_of(' ') - from + 1);
}

/// VGs in the order in which the words name them; those named by a tag alone come last.
void order_as_named(ops::Inventory& inventory, const std::vector<std::string>& words) {
  auto rank = [&](const ops::VgInfo& vg) {
    return std::find_if(words.begin(), words.end(),
                        [&](const std::string& word) {
                          auto name = parse_lv_name(word);
                          return name && name->vg == vg.vg.name;
                        }) -
           words.begin();
  };
  std::stable_sort(inventory.vgs.begin(), inventory.vgs.end(),
                   [&](const ops::VgInfo& a, const ops::VgInfo& b) { return rank(a) < rank(b); });
}

/// Is a VG left out without a word? LVM2 does so with exported ones that are not called by their names.
bool passed_over(const Args& args, const VolumeGroup& vg) {
  if (!vg.status.has(VgFlag::Exported)) return false;
  return std::none_of(args.positionals.begin(), args.positionals.end(),
                      [&](const std::string& word) { return vg_word(word) == vg.name; });
}

std::vector<std::string> chosen_names(const VolumeGroup& vg, const Choice& choice) {
  std::vector<std::string> names;
  for (const LogicalVolume& lv : vg.lvs) {
    if (choice.has(lv.id)) names.push_back(lv.name);
  }
  return names;
}
}  // namespace

bool needs_choice(const Args& args) {
  return args.positionals.empty() || args.has("select") ||
         std::any_of(args.positionals.begin(), args.positionals.end(),
                     [](const std::string& w) { return w.starts_with('@'); });
}

Result<Choice> Choice::make(Session& session, const Args& args, Kind kind) {
  ops::System& sys = *TRY(session.system());
  if (kind == Kind::Vgs) TRY(check_vg_words(args.positionals));
  if (kind == Kind::Lvs) TRY(check_lv_words(args.positionals));
  Choice choice;
  choice.foreign_ = args.has("foreign");
  choice.aside_ = !args.positionals.empty();
  choice.unknown_device_ = unknown_device(sys.settings);
  choice.inventory_ = TRY(ops::inventory(sys));
  for (const ops::VgInfo& vg : choice.inventory_.vgs) {
    for (const std::string& what : vg.damage) session.out().error("WARNING: " + what);
  }
  // The reports know names, paths, tags and the grammar of --select: they are asked for the ids.
  report::Options options;
  options.kind = kind;
  options.fields = {id_field(kind)};
  options.headings = false;
  options.all = args.has("all");
  options.foreign = choice.foreign_;
  options.select = args.value_or("select", "");
  options.now = sys.now();
  for (const std::string& word : args.positionals) {
    if (kind != Kind::Pvs || word.starts_with('@')) {
      options.names.push_back(kind == Kind::Lvs ? vg_or_lv(word) : word);
      continue;
    }
    auto device = sys.devices->find(word.substr(0, word.find(':')));
    if (device)
      options.names.push_back((*device)->path());
    else
      session.fail(device.error());
  }
  if (kind != Kind::Pvs) order_as_named(choice.inventory_, options.names);
  choice.named_ = !options.names.empty();
  const bool missing = fail_missing(session, choice.inventory_, options);
  tell_problems(session, choice.inventory_, options, missing);
  if (!args.positionals.empty() && options.names.empty()) return choice;
  // Duplicates have one id: who names one device does not mean the other.
  const bool by_device =
      kind == Kind::Pvs && std::none_of(options.names.begin(), options.names.end(),
                                        [](const std::string& name) { return name.starts_with('@'); });
  if (by_device) choice.devices_.insert(options.names.begin(), options.names.end());
  auto lines = report::print(choice.inventory_, options);
  if (!lines) return session.bad_report(lines.error());
  for (const std::string& line : *lines) {
    if (auto id = parse_uuid(trimmed(line))) choice.ids_.insert(*id);
  }
  return choice;
}

bool Choice::works_on(const ops::VgInfo& vg) const {
  if (vg.foreign && !foreign_) return false;
  return !named_ ||
         std::any_of(vg.vg.lvs.begin(), vg.vg.lvs.end(), [&](const LogicalVolume& lv) { return has(lv.id); });
}

std::vector<ChosenPv> Choice::pvs() const {
  std::vector<ChosenPv> chosen;
  for (const ops::VgInfo& vg : inventory_.vgs) {
    for (std::size_t i = 0; i < vg.pvs.size(); ++i) {
      if (has(vg.pvs[i]) && (foreign_ || !vg.foreign))
        chosen.push_back({&vg, &vg.pvs[i], &vg.usage[i], shown_device(vg.pvs[i], unknown_device_)});
    }
  }
  for (const ops::PvInfo& pv : inventory_.orphans) {
    if (!has(pv) || (pv.aside() && !aside_)) continue;
    auto of = std::find_if(inventory_.vgs.begin(), inventory_.vgs.end(),
                           [&](const ops::VgInfo& vg) { return find_pv(vg.vg, pv.pv.id) != nullptr; });
    chosen.push_back({of == inventory_.vgs.end() ? nullptr : &*of, &pv, nullptr, printable(pv.device)});
  }
  return chosen;
}

std::vector<const ops::VgInfo*> Choice::vgs() const {
  std::vector<const ops::VgInfo*> chosen;
  for (const ops::VgInfo& vg : inventory_.vgs) {
    if (has(vg.vg.id)) chosen.push_back(&vg);
  }
  return chosen;
}

Result<std::vector<std::string>> chosen_vgs(Session& session, const Args& args, ExportedVgs exported) {
  std::vector<std::string> names;
  if (!needs_choice(args)) {
    TRY(check_vg_words(args.positionals));
    for (const std::string& word : args.positionals) {
      auto name = parse_vg_name(word);
      if (!name)
        session.fail(name.error());
      else if (std::find(names.begin(), names.end(), *name) == names.end())
        names.push_back(*std::move(name));
    }
    return names;
  }
  Choice choice = TRY(Choice::make(session, args, Kind::Vgs));
  for (const ops::VgInfo* vg : choice.vgs()) {
    if (exported == ExportedVgs::Too || !passed_over(args, vg->vg)) names.push_back(vg->vg.name);
  }
  return names;
}

Status each_vg(Session& session, const Args& args, const std::function<Status(const std::string& vg)>& work,
               ExportedVgs exported) {
  for (const std::string& vg : TRY(chosen_vgs(session, args, exported))) {
    Status done = session.work_on_vg(vg, [&] { return work(vg); });
    if (!done && done.error().code() == Errc::InvalidArgument) return done;
    if (!done) session.fail(done.error());
  }
  return ok();
}

Result<LvsByVg> chosen_lvs(Session& session, const Args& args) {
  if (!needs_choice(args)) {
    GroupedLvs grouped = TRY(group_lvs(args.positionals));
    for (const Error& failure : grouped.failures) session.fail(failure);
    return std::move(grouped.groups);
  }
  Choice choice = TRY(Choice::make(session, args, Kind::Lvs));
  LvsByVg groups;
  for (const ops::VgInfo& vg : choice.inventory().vgs) {
    std::vector<std::string> names = chosen_names(vg.vg, choice);
    if (!names.empty()) groups.emplace_back(vg.vg.name, std::move(names));
  }
  return groups;
}

Result<std::vector<std::string>> chosen_pvs(Session& session, const Args& args) {
  if (!needs_choice(args)) {
    std::vector<std::string> words;
    for (const std::string& word : args.positionals) {
      if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
    }
    return words;
  }
  Choice choice = TRY(Choice::make(session, args, Kind::Pvs));
  std::vector<std::string> paths;
  for (const ChosenPv& chosen : choice.pvs()) {
    const bool named =
        std::find(args.positionals.begin(), args.positionals.end(), chosen.pv->device) != args.positionals.end();
    if (chosen.vg != nullptr && !named && passed_over(args, chosen.vg->vg)) continue;
    if (!chosen.pv->missing) paths.push_back(chosen.pv->device);
  }
  return paths;
}

}  // namespace ashlar::cli
