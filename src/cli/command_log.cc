// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/command_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "cli/report_options.h"
#include "cli/run.h"
#include "cli/words.h"
#include "metadata/model/query.h"
#include "ops/ops.h"
#include "report/columns.h"

namespace ashlar::cli {

namespace {
/// What the log of a command is about.
enum class Subject : std::uint8_t {
  Nothing,  ///< what it says
  Vg,       ///< the VG that its first word names
  Objects,  ///< those that it says itself, one after the other
};
struct Logged {
  std::string_view command;
  Subject subject;
};
/// Commands that have a log; of the others all words go where they always go. As in lvm2.
constexpr Logged kLogged[] = {
    {"fullreport", Subject::Objects},  {"lvchange", Subject::Objects},  {"lvcreate", Subject::Vg},
    {"lvdisplay", Subject::Objects},   {"lvextend", Subject::Vg},       {"lvreduce", Subject::Vg},
    {"lvremove", Subject::Objects},    {"lvrename", Subject::Vg},       {"lvresize", Subject::Vg},
    {"lvs", Subject::Objects},         {"lvscan", Subject::Objects},    {"pvchange", Subject::Objects},
    {"pvcreate", Subject::Nothing},    {"pvdisplay", Subject::Objects}, {"pvremove", Subject::Nothing},
    {"pvresize", Subject::Objects},    {"pvs", Subject::Objects},       {"pvscan", Subject::Objects},
    {"vgcfgbackup", Subject::Objects}, {"vgchange", Subject::Objects},  {"vgck", Subject::Objects},
    {"vgcreate", Subject::Nothing},    {"vgdisplay", Subject::Objects}, {"vgexport", Subject::Objects},
    {"vgextend", Subject::Vg},         {"vgimport", Subject::Objects},  {"vgreduce", Subject::Vg},
    {"vgremove", Subject::Objects},    {"vgrename", Subject::Vg},       {"vgs", Subject::Objects},
    {"vgscan", Subject::Objects},
};

const Logged* logged(std::string_view command) {
  const auto* at =
      std::find_if(std::begin(kLogged), std::end(kLogged), [&](const Logged& each) { return each.command == command; });
  return at == std::end(kLogged) ? nullptr : at;
}

/// The VG of a command that works in one: of its first word, else of --name, else of the environment.
std::string working_vg(const Args& args) {
  const std::string word = !args.positionals.empty() ? args.positionals[0] : args.value_or("name", "");
  if (auto name = parse_lv_name(word, args.positionals.empty()); name && !name->vg.empty()) return name->vg;
  return vg_word(word);
}

/// In the shell the log is the shell's.
Status check_own_settings(const Args& args) {
  config::Settings own;
  for (const std::string& text : args.list("config")) own.add_layer(TRY(config::parse_config_option(text)));
  for (const char* setting :
       {"log/report_command_log", "log/command_log_cols", "log/command_log_sort", "log/command_log_selection"}) {
    if (!own.where(setting).empty())
      return Error(Errc::InvalidArgument,
                   fmt::format("Configuration option \"{}\" is not allowed here: the log is the shell's. Set it in a "
                               "profile, and name that by LVM_COMMAND_PROFILE.",
                               setting));
  }
  return ok();
}

/// What is there before the command does anything. What is wrong with it is the command's to say.
ops::Inventory inventory_of(ops::System& sys) {
  const ScopedLogSink mute([](LogLevel, std::string_view) {});
  auto inventory = ops::inventory(sys);
  return inventory ? std::move(*inventory) : ops::Inventory{};
}

}  // namespace

CommandLog::CommandLog(Output& output, std::string_view command, ShellLog* shell)
    : output_(output), command_(command), shell_(shell) {
  if (shell_ == nullptr) return;
  options_ = shell_->options;
  objects_.push_back({"cmd", printable(command_), "", "", ""});
  keep();
}

CommandLog::~CommandLog() {
  const bool unprinted = kept_;
  leave();
  if (!unprinted) return;
  for (const report::LogRow& row : rows_)
    if (row.type != "status") output_.error(row.message);
}

void CommandLog::keep() {
  kept_ = true;
  output_.log = [this](Output::Kind kind, std::string_view text) { take(kind, text); };
}

void CommandLog::leave() {
  if (base_) base_->cancel();
  base_.reset();
  if (kept_) output_.log = {};
  kept_ = false;
}

void CommandLog::give_up() {
  if (shell_ == nullptr && rows_.empty()) leave();
}

Status CommandLog::begin(ops::System& sys, const Args& args, int verbose) {
  const Logged* command = logged(command_);
  if (command_ == "pvscan" && (args.has("cache") || args.has("listvg") || args.has("listlvs"))) command = nullptr;
  const bool wanted = sys.settings.flag("log/report_command_log") || args.has("logonly");
  if (!kept_ && (command == nullptr || !wanted)) return ok();
  if (shell_ != nullptr) TRY(check_own_settings(args));
  options_ = TRY(report_options(args, report::Kind::Log, sys.settings, verbose));
  auto empty = report::print_log({}, options_);
  if (!empty) {
    std::vector<std::string> notes = empty.error().notes();
    notes.push_back(empty.error().message());
    return Error(Errc::Refused, "Failed to create log report.").noted(std::move(notes));
  }
  if (report::asks_help(options_)) {
    for (const std::string& line : *empty) output_.report(line);
    shown_ = false;
  }
  keep();
  alone_ = args.has("logonly");
  working_ = command != nullptr;
  known_ = inventory_of(sys);
  if (command != nullptr && command->subject == Subject::Vg) base_.emplace(this, vg(working_vg(args)));
  return ok();
}

void CommandLog::end(int status) {
  base_.reset();
  working_ = false;
  if (!kept_) return;
  if (shell_ != nullptr) {
    add("status", status == 0 ? "success" : "failure", status == 0 ? 1 : static_cast<std::uint64_t>(status));
    shell_->last = rows_;
  }
  leave();
  if (!shown_) {
    if (document_open_) output_.report("}");
    return;
  }
  auto lines = log_lines(rows_, options_);
  if (!lines) return output_.error(lines.error().message());
  if (options_.format == report::Options::Format::Basic) {
    if (alone_) lines->erase(lines->begin(), lines->begin() + 2);
    if (reports_ && !alone_) output_.report("");
  } else if (reports_ && !alone_) {
    if (!document_open_)
      for (const char* line : {"{", "    \"report\": [", "    ]"}) output_.report(line);
    lines->front() = "    ,";
  }
  for (const std::string& line : *lines) output_.report(line);
}

void CommandLog::begin_report() { reports_ = true; }

void CommandLog::show(std::vector<std::string> lines, std::string_view title, bool json) {
  if (alone_) return;
  if (json && !lines.empty() && lines.front() == "{") {
    lines.pop_back();
    document_open_ = true;
  } else if (!lines.empty() && !title.empty()) {
    for (const std::string& line : title_lines(title)) output_.report(line);
  }
  for (const std::string& line : lines) output_.report(line);
}

void CommandLog::take(Output::Kind kind, std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  if (kind == Output::Kind::Error) {
    ++errors_;
    (working_ ? failed_at_work_ : failed_in_shell_) = true;
  }
  add(kind == Output::Kind::Print ? "print" : kind == Output::Kind::Warning ? "warn" : "error", text);
}

void CommandLog::add(std::string_view type, std::string_view message, std::uint64_t return_code) {
  report::LogRow& row = rows_.emplace_back();
  row.number = rows_.size();
  row.type = type;
  row.context = working_ ? "processing" : "shell";
  if (!objects_.empty()) row.object = objects_.back();
  row.message = message;
  row.error = working_ ? failed_at_work_ : failed_in_shell_;
  row.return_code = return_code;
}

CommandLog::Work::Work(CommandLog* log, report::LogObject object) : log_(log) {
  if (log_ == nullptr || !log_->kept_) {
    log_ = nullptr;
    return;
  }
  errors_ = log_->errors_;
  log_->objects_.push_back(std::move(object));
}

void CommandLog::Work::finish() {
  if (log_ == nullptr) return;
  const bool failed = log_->errors_ > errors_;
  log_->add("status", failed ? "failure" : "success", failed ? static_cast<std::uint64_t>(Exit::Failed) : 1);
  log_->objects_.pop_back();
  log_ = nullptr;
}

void CommandLog::Work::cancel() {
  if (log_ != nullptr) log_->objects_.pop_back();
  log_ = nullptr;
}

namespace {
report::LogObject object_of(const ops::VgInfo& vg) { return {"vg", vg.vg.name, vg.vg.id.dashed(), "", ""}; }
report::LogObject object_of(const ops::VgInfo& vg, const LogicalVolume& lv) {
  return {"lv", lv.name, lv.id.dashed(), vg.vg.name, vg.vg.id.dashed()};
}
report::LogObject object_of(const ops::VgInfo* vg, const ops::PvInfo& pv) {
  if (vg == nullptr) return {"pv", printable(pv.device), pv.pv.id.dashed(), "", ""};
  return {"pv", printable(pv.device), pv.pv.id.dashed(), vg->vg.name, vg->vg.id.dashed()};
}
}  // namespace

CommandLog::Work::Work(CommandLog* log, const ops::VgInfo& vg)
    : Work(log, log == nullptr ? report::LogObject{} : object_of(vg)) {}
CommandLog::Work::Work(CommandLog* log, const ops::VgInfo& vg, const LogicalVolume& lv)
    : Work(log, log == nullptr ? report::LogObject{} : object_of(vg, lv)) {}
CommandLog::Work::Work(CommandLog* log, const ops::VgInfo* vg, const ops::PvInfo& pv)
    : Work(log, log == nullptr ? report::LogObject{} : object_of(vg, pv)) {}

const ops::VgInfo* CommandLog::known_vg(const std::string& name) const {
  const auto at = std::find_if(known_.vgs.begin(), known_.vgs.end(), [&](const ops::VgInfo& each) {
    return each.vg.name == name || each.vg.id.dashed() == name;
  });
  return at == known_.vgs.end() ? nullptr : &*at;
}

void CommandLog::all_well(const std::string& vg, const std::vector<std::string>& lvs) {
  const ops::VgInfo* known = known_vg(vg);
  if (known == nullptr) return;
  for (const LogicalVolume& each : known->vg.lvs) {
    const bool named = std::find(lvs.begin(), lvs.end(), each.name) != lvs.end();
    if (!named && !(lvs.empty() && each.visible())) continue;
    const Work work(this, *known, each);
  }
}

report::LogObject CommandLog::vg(const std::string& name) const {
  const ops::VgInfo* known = known_vg(name);
  return known != nullptr ? object_of(*known) : report::LogObject{"vg", printable(name), "", "", ""};
}

report::LogObject CommandLog::lv(const std::string& vg_name, const std::string& name) const {
  const ops::VgInfo* known = known_vg(vg_name);
  if (known == nullptr) return {"lv", printable(name), "", printable(vg_name), ""};
  if (const LogicalVolume* found = find_lv(known->vg, name); found != nullptr) return object_of(*known, *found);
  return {"lv", printable(name), "", known->vg.name, known->vg.id.dashed()};
}

report::LogObject CommandLog::pv(const std::string& device) const {
  for (const ops::VgInfo& each : known_.vgs) {
    for (const ops::PvInfo& one : each.pvs)
      if (one.device == device) return object_of(&each, one);
  }
  for (const ops::PvInfo& one : known_.orphans)
    if (one.device == device) return object_of(nullptr, one);
  return {"pv", printable(device), "", "", ""};
}

Result<std::vector<std::string>> log_lines(const std::vector<report::LogRow>& rows, const report::Options& options) {
  const bool table = options.format == report::Options::Format::Basic;
  std::vector<std::string> lines = table ? title_lines("Command Log") : std::vector<std::string>{"{"};
  for (std::string& line : TRY(report::print_log(rows, options))) lines.push_back(std::move(line));
  if (!table) lines.emplace_back("}");
  return lines;
}

std::vector<std::string> title_lines(std::string_view title) {
  return {std::string(title), std::string(title.size(), '=')};
}

}  // namespace ashlar::cli
