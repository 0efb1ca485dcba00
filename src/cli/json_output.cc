// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/json_output.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "cli/command.h"
#include "cli/history.h"
#include "ops/version.h"

namespace ashlar::cli {

namespace {
using Json = nlohmann::ordered_json;
constexpr int kSchema = 1;

std::string dump(const Json& document) { return document.dump(2, ' ', false, Json::error_handler_t::replace); }

std::uint64_t bytes(Extents extents, Sectors extent_size) { return to_bytes(to_sectors(extents, extent_size)).n; }

Json errors(const std::vector<Error>& failures) {
  Json list = Json::array();
  for (const Error& e : failures) {
    Json one{{"code", code_name(e.code())}, {"message", printable(e.message())}};
    one["errno"] = e.sys_errno() != 0 ? Json(e.sys_errno()) : Json();
    list.push_back(std::move(one));
  }
  return list;
}

Json strings(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push_back(printable(text));
  return list;
}

std::string_view fate_name(Fate fate) {
  switch (fate) {
    case Fate::Made: return "created";
    case Fate::Changed: return "changed";
    case Fate::Removed: return "removed";
    case Fate::Unchanged: break;
  }
  return "unchanged";
}

Json runs(const std::vector<PeRun>& list) {
  Json out = Json::array();
  for (const PeRun& r : list) out.push_back({{"start", r.start.n}, {"count", r.length.n}});
  return out;
}

Json optional_text(const std::string& text) { return text.empty() ? Json() : Json(printable(text)); }

Json pv_json(const PvDifference& pv, const ops::VgChange& change, Sectors extent_size) {
  auto path = change.paths.find(pv.id);
  Json out{{"device", printable(path != change.paths.end() ? path->second : pv.device)}, {"uuid", pv.id.dashed()}};
  out["change"] = pv.fate == Fate::Made ? "joined" : pv.fate == Fate::Removed ? "left" : fate_name(pv.fate);
  out["size"] = bytes(pv.total, extent_size);
  out["free_before"] = bytes(pv.free_before, extent_size);
  out["free"] = bytes(pv.free_after, extent_size);
  out["taken"] = runs(pv.taken);
  out["freed"] = runs(pv.freed);
  out["differences"] = strings(pv.what);
  return out;
}

Json lv_json(const LvDifference& lv, const ops::VgFacts& vg) {
  Json out{{"name", lv.name}, {"uuid", lv.id.dashed()}, {"change", fate_name(lv.fate)}, {"type", lv.type}};
  out["renamed_from"] = optional_text(lv.old_name);
  out["size_before"] = lv.fate == Fate::Made ? Json() : Json(bytes(lv.before, vg.extent_size));
  out["size"] = lv.fate == Fate::Removed ? Json() : Json(bytes(lv.after, vg.extent_size));
  out["cleared"] = std::find(vg.cleared.begin(), vg.cleared.end(), lv.name) != vg.cleared.end();
  out["differences"] = strings(lv.what);
  return out;
}

Json vg_json(const ops::VgFacts& vg, const ops::VgChange& change) {
  const VgDifference& d = vg.difference;
  Json out{{"name", d.name}, {"uuid", d.id.dashed()}, {"change", fate_name(d.fate)}};
  out["renamed_from"] = optional_text(d.old_name);
  out["seqno_before"] = vg.seqno_before != 0 ? Json(vg.seqno_before) : Json();
  out["seqno"] = vg.seqno_after != 0 ? Json(vg.seqno_after) : Json();
  out["extent_size"] = to_bytes(vg.extent_size).n;
  out["peak_extra"] = bytes(vg.peak, vg.extent_size);
  out["differences"] = strings(d.what);
  for (const char* part : {"pvs", "lvs", "tables"}) out[part] = Json::array();
  for (const PvDifference& pv : d.pvs)
    if (pv.fate != Fate::Unchanged || !pv.taken.empty() || !pv.freed.empty()) out["pvs"].push_back(pv_json(pv, change, vg.extent_size));
  for (const LvDifference& lv : d.lvs) out["lvs"].push_back(lv_json(lv, vg));
  for (const ops::TableDifference& t : vg.tables) {
    Json table{{"device", t.name}, {"uuid", t.uuid}, {"before", Json()}, {"after", Json()}, {"reloaded", t.reloaded}};
    if (!t.before.empty()) table["before"] = strings(t.before);
    if (!t.after.empty()) table["after"] = strings(t.after);
    out["tables"].push_back(std::move(table));
  }
  return out;
}

void add_changes(Json& out, const ops::Changes& changes, const ops::Facts& facts) {
  out["changed"] = !changes.empty();
  for (const char* part : {"vgs", "pvs", "wiped"}) out[part] = Json::array();
  for (std::size_t i = 0; i < facts.vgs.size(); ++i) out["vgs"].push_back(vg_json(facts.vgs[i], changes.vgs[i]));
  for (const ops::PvChange& pv : changes.pvs) {
    Json one{{"device", printable(pv.path)}, {"size", pv.size.n}};
    one["uuid_before"] = pv.before ? Json(pv.before->dashed()) : Json();
    one["uuid"] = pv.after ? Json(pv.after->label.pv.dashed()) : Json();
    one["change"] = pv.after ? "created" : "removed";
    out["pvs"].push_back(std::move(one));
  }
  out["edited"] = Json::array();
  for (const ops::PvEdit& edit : changes.edits) out["edited"].push_back({{"device", printable(edit.path)}, {"what", edit.what}});
  for (const ops::SignatureWipe& wipe : changes.wipes)
    out["wiped"].push_back({{"device", printable(wipe.path)}, {"type", printable(wipe.signature.type)}, {"offset", wipe.signature.offset.n}});
}

/// The part of a plan that must come out the same again.
Json fixed_part(const ops::Changes& changes, const ops::Facts& facts) {
  Json out = Json::object();
  add_changes(out, changes, facts);
  for (std::size_t i = 0; i < facts.vgs.size(); ++i) out["vgs"][i]["metadata"] = facts.vgs[i].text.empty() ? Json() : Json(facts.vgs[i].text);
  return out;
}

std::string to_hex(const std::string& in) {
  std::string out;
  for (char c : in) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::optional<std::string> from_hex(const std::string& text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  for (std::size_t i = 0; i < text.size(); i += 2) {
    int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}
}  // namespace

std::string_view code_name(Errc code) {
  switch (code) {
    case Errc::InvalidArgument: return "invalid_argument";
    case Errc::NotFound: return "not_found";
    case Errc::Exists: return "exists";
    case Errc::Busy: return "busy";
    case Errc::NoSpace: return "no_space";
    case Errc::Io: return "io";
    case Errc::Corrupt: return "corrupt";
    case Errc::Unsupported: return "unsupported";
    case Errc::Refused: return "refused";
    case Errc::Interrupted: return "interrupted";
    case Errc::Partial: return "partial";
  }
  return "unknown";
}

std::string plan_json(const PlanHead& head, const ops::Changes& changes, const ops::Facts& facts) {
  Json out{{"schema", kSchema}, {"kind", "plan"}, {"made_by", std::string("Ashlar ") + ops::kVersion}};
  out["command"] = head.command;
  out["input"] = head.input ? Json(*head.input) : Json();
  out["time"] = head.seconds;
  out["random"] = to_hex(head.drawn);
  out["steps"] = strings(facts.steps);
  out["irreversible"] = strings(facts.irreversible);
  out["remarks"] = strings(changes.remarks);
  out["questions"] = strings(changes.questions);
  out["warnings"] = strings(head.warnings);
  out["errors"] = errors(head.failures);
  out["locks"] = {{"global", changes.needs.global}, {"vgs", changes.needs.vgs}};
  out.update(fixed_part(changes, facts));
  return dump(out);
}

namespace {
struct PlannedVg {
  std::string name, uuid;
  std::optional<std::uint32_t> seqno;  ///< before; none: the plan makes it
};
}  // namespace

struct SavedPlan::Impl {
  PlanHead head;
  std::vector<PlannedVg> vgs;
  Json fixed = Json::object();
};

SavedPlan::SavedPlan(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SavedPlan::~SavedPlan() = default;
SavedPlan::SavedPlan(SavedPlan&&) noexcept = default;
SavedPlan& SavedPlan::operator=(SavedPlan&&) noexcept = default;
const PlanHead& SavedPlan::head() const { return impl_->head; }

Result<SavedPlan> SavedPlan::parse(const std::string& text) {
  auto bad = [](const std::string& why) { return Error(Errc::InvalidArgument, "This is no plan: " + printable(why) + "; CMD --plan=json makes one"); };
  try {
    Json in = Json::parse(text);
    if (!in.is_object() || in.value("kind", "") != "plan") return bad("\"kind\" is not \"plan\"");
    if (in.value("schema", 0) != kSchema) return bad(fmt::format("\"schema\" is not {}", kSchema));
    auto impl = std::make_unique<Impl>();
    impl->head.command = in.at("command").get<std::vector<std::string>>();
    if (impl->head.command.empty()) return bad("\"command\" is empty");
    if (!in.at("input").is_null()) impl->head.input = in.at("input").get<std::string>();
    impl->head.seconds = in.at("time").get<std::uint64_t>();
    auto drawn = from_hex(in.at("random").get<std::string>());
    if (!drawn) return bad("\"random\" is not hexadecimal");
    impl->head.drawn = std::move(*drawn);
    if (!in.at("errors").empty()) return Error(Errc::Refused, "The plan itself has errors, so it cannot be carried out as a whole; see \"errors\" in it");
    for (const char* part : {"changed", "vgs", "pvs", "wiped", "edited"}) impl->fixed[part] = in.at(part);
    for (const Json& vg : impl->fixed["vgs"]) {
      const Json& seqno = vg.at("seqno_before");
      impl->vgs.push_back({vg.at("name"), vg.at("uuid"), seqno.is_null() ? std::nullopt : std::optional(seqno.get<std::uint32_t>())});
      if (!vg.at("renamed_from").is_null()) impl->vgs.back().name = vg["renamed_from"];
    }
    return SavedPlan(std::move(impl));
  } catch (const Json::exception& e) {
    return bad(e.what());
  }
}

Status SavedPlan::unmoved(const store::Picture& now) const {
  constexpr const char* kWhatThen = "nothing was changed; make a new plan";
  for (const PlannedVg& then : impl_->vgs) {
    auto at = std::find_if(now.vgs.begin(), now.vgs.end(), [&](const store::VgState& s) { return s.vg.id.dashed() == then.uuid; });
    auto named = std::find_if(now.vgs.begin(), now.vgs.end(), [&](const store::VgState& s) { return s.vg.name == then.name; });
    if (!then.seqno) {
      if (named == now.vgs.end()) continue;
      return Error(Errc::Refused, fmt::format("VG {} has been made since the plan was; {}", named->vg.name, kWhatThen));
    }
    if (at == now.vgs.end())
      return Error(Errc::Refused, fmt::format("VG {} with id {} of the plan is not there{}; {}", printable(then.name), printable(then.uuid),
                                              named != now.vgs.end() ? ", another one has its name" : "", kWhatThen));
    if (at->vg.seqno != *then.seqno)
      return Error(Errc::Refused, fmt::format("VG {} has changed since the plan was made: its seqno is {}, in the plan {}; {}", at->vg.name, at->vg.seqno, *then.seqno, kWhatThen));
  }
  return ok();
}

Status SavedPlan::same(const ops::Changes& changes, const ops::Facts& facts) const {
  const nlohmann::json now = fixed_part(changes, facts), shown = impl_->fixed;  // order of keys means nothing
  const nlohmann::json differences = nlohmann::json::diff(shown, now);
  if (differences.empty()) return ok();
  const nlohmann::json& first = differences.at(0);
  const std::string at = first["path"], what = first.contains("value") ? first["value"].dump() : "nothing";
  return Error(Errc::Refused, fmt::format("What would be done now is not what the plan shows: at {} there is now {}; nothing was changed, make a new plan",
                                          printable(at), printable(what.substr(0, 200))));
}

std::string answer_json(const Answer& answer) {
  Json out{{"schema", kSchema}, {"command", answer.command}, {"ok", answer.failures.empty()}};
  Json own = Json::parse(answer.output, nullptr, false);
  if (own.is_object()) {
    out.update(own);
  } else if (!answer.output.empty()) {
    out["lines"] = Json::array();
    std::string_view rest = answer.output;
    while (!rest.empty()) {
      std::string_view line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
      out["lines"].push_back(printable(line));
    }
  }
  if (answer.changes != nullptr) {
    add_changes(out, *answer.changes, *answer.facts);
    out["remarks"] = strings(answer.changes->remarks);
  }
  if (out.contains("report")) {
    std::vector<std::string> lacks = answer.lacks;
    for (const Error& e : answer.failures) {
      if (e.code() == Errc::Partial) lacks.push_back(e.message());
    }
    out["partial"] = !lacks.empty();
    out["missing"] = strings(lacks);
  }
  out["warnings"] = strings(answer.warnings);
  out["errors"] = errors(answer.failures);
  return dump(out);
}

namespace {
Json options_json(std::span<const Option> options) {
  Json list = Json::array();
  for (const Option& o : options) {
    Json one{{"name", o.name}, {"letter", o.letter != 0 ? Json(std::string(1, o.letter)) : Json()}};
    one["value"] = o.arg == Arg::Flag ? Json() : Json(o.value);
    one["repeats"] = o.arg == Arg::List;
    one["help"] = o.help;
    list.push_back(std::move(one));
  }
  return list;
}

std::string help_json(std::span<const Command* const> about) {
  Json out{{"commands", Json::array()}, {"common_options", options_json(common_options())}};
  for (const Command* command : about) {
    out["commands"].push_back({{"name", command->name}, {"summary", command->summary}, {"arguments", command->arguments},
                               {"changes", command->effect == Effect::Changes}, {"options", options_json(command->options)}});
  }
  return dump(out);
}
}  // namespace

std::string commands_json() { return help_json(commands()); }
std::string command_json(const Command& command) {
  const Command* one[] = {&command};
  return help_json(one);
}

std::string tables_json(const std::vector<std::string>& lines) {
  Json out{{"devices", Json::array()}};
  Json& devices = out["devices"];
  for (const std::string& line : lines) {
    const std::size_t colon = line.find(": ");
    const std::string name = line.substr(0, colon);
    if (devices.empty() || devices.back()["name"] != name) devices.push_back({{"name", name}, {"table", Json::array()}});
    devices.back()["table"].push_back(printable(line.substr(colon + 2)));
  }
  return dump(out);
}

namespace {
std::string_view standing_name(plan::Version::Standing standing) {
  switch (standing) {
    case plan::Version::Standing::Current: return "current";
    case plan::Version::Standing::Past: return "past";
    case plan::Version::Standing::Disputed: return "disputed";
    case plan::Version::Standing::Dropped: return "dropped";
    case plan::Version::Standing::Elsewhere: return "elsewhere";
    case plan::Version::Standing::Ahead: break;
  }
  return "ahead";
}

std::string_view place_name(plan::Place::Kind kind) {
  switch (kind) {
    case plan::Place::Kind::Committed: return "committed";
    case plan::Place::Kind::Ring: return "ring";
    case plan::Place::Kind::Archive: return "archive";
    case plan::Place::Kind::Backup: break;
  }
  return "backup";
}

Json versions_of(const std::vector<HistoryRow>& rows) {
  Json versions = Json::array();
  for (const HistoryRow& row : rows) {
    const plan::Version& v = *row.version;
    Json one{{"seqno", v.vg.seqno}, {"standing", standing_name(v.standing)}, {"name", printable(v.vg.name)}};
    one["time"] = v.time != 0 ? Json(v.time) : Json();
    one["host"] = optional_text(v.host);
    one["made_by"] = optional_text(v.command);
    one["differences"] = strings(row.differences);
    one["places"] = Json::array();
    for (const plan::Place& place : v.places) one["places"].push_back({{"kind", place_name(place.kind)}, {"name", printable(place.name)}});
    one["unknown_before"] = Json::array();
    for (const plan::SeqnoRun& run : row.unknown_before) one["unknown_before"].push_back({{"first", run.first}, {"last", run.last}});
    versions.push_back(std::move(one));
  }
  return versions;
}
}  // namespace

std::string history_json(const std::string& vg, bool gone, const std::vector<HistoryRow>& rows) {
  return dump({{"vg", vg}, {"gone", gone}, {"versions", versions_of(rows)}});
}

std::string repair_json(const std::vector<ops::Repair>& all, const std::vector<bool>& agreed) {
  Json out{{"repairs", Json::array()}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    const ops::Repair& repair = all[i];
    Json one{{"vg", printable(repair.vg)}, {"vg_uuid", repair.id ? Json(repair.id->dashed()) : Json()}, {"agreed", bool{agreed[i]}}, {"versions", versions_of(history_rows(repair.history))},
             {"damage", Json::array()}, {"steps", Json::array()}, {"obstacles", Json::array()}, {"rest", Json::array()}};
    for (const std::string& what : repair.damage) one["damage"].push_back(printable(what));
    for (const plan::RepairStep& step : repair.plan.steps) one["steps"].push_back({{"what", printable(step.what)}, {"unknown", optional_text(step.unknown)}});
    for (const plan::RepairObstacle& o : repair.plan.obstacles) one["obstacles"].push_back({{"what", printable(o.what)}, {"mend", optional_text(o.mend)}});
    for (const plan::RepairObstacle& o : repair.plan.rest) one["rest"].push_back({{"what", printable(o.what)}, {"mend", optional_text(o.mend)}});
    out["repairs"].push_back(std::move(one));
  }
  return dump(out);
}

std::string diff_json(const VolumeGroup& before, const VolumeGroup& after, const std::vector<std::string>& lines) {
  return dump({{"vg", printable(after.name)}, {"from", before.seqno}, {"to", after.seqno}, {"equal", lines.empty()}, {"differences", strings(lines)}});
}

std::string why_json(const std::vector<ops::Why>& all) {
  Json out{{"objects", Json::array()}};
  for (const ops::Why& why : all) {
    Json one{{"kind", why.kind}, {"name", printable(why.name)}, {"findings", Json::array()}};
    for (const ops::Finding& f : why.findings)
      one["findings"].push_back({{"good", f.good}, {"what", printable(f.what)}, {"mend", optional_text(f.mend)}});
    out["objects"].push_back(std::move(one));
  }
  return dump(out);
}

std::string listed_json(const std::vector<ops::ListedEntry>& entries) {
  Json out{{"devices_file", Json::array()}};
  auto text = [](const std::string& value) { return value.empty() ? Json() : Json(printable(value)); };
  for (const ops::ListedEntry& each : entries)
    out["devices_file"].push_back({{"device", text(each.device)}, {"id_type", text(each.entry.id_type)}, {"id_name", text(each.entry.id_name)},
                                   {"name", text(each.entry.name)}, {"pv_uuid", each.entry.pv ? Json(each.entry.pv->dashed()) : Json()},
                                   {"part", each.entry.part == 0 ? Json() : Json(each.entry.part)}});
  return dump(out);
}

std::string copied_json(const ops::LvCopy& copy, const ops::LvCopied& copied) {
  return dump({{"lv", copy.vg + "/" + copy.lv},
               {"file", optional_text(copy.file)},
               {"offset", copy.offset.n},
               {"bytes", copied.bytes.n},
               {"written", copied.written.n}});
}

std::string version_json(const std::optional<std::string>& driver) {
  return dump({{"version", ops::kVersion}, {"lvm_version", ops::kLvmVersion}, {"driver_version", driver ? Json(*driver) : Json()}});
}

}  // namespace ashlar::cli
