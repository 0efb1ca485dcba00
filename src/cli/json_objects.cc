// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include "base/log.h"
#include "cli/command.h"
#include "cli/history.h"
#include "cli/json_output.h"
#include "cli/json_parts.h"
#include "ops/version.h"

namespace ashlar::cli {

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
    out["commands"].push_back({{"name", command->name},
                               {"summary", command->summary},
                               {"arguments", command->arguments},
                               {"changes", command->effect != Effect::Reads},
                               {"options", options_json(command->options)}});
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
    if (devices.empty() || devices.back()["name"] != name)
      devices.push_back({{"name", name}, {"table", Json::array()}});
    devices.back()["table"].push_back(printable(line.substr(colon + 2)));
  }
  return dump(out);
}

std::string seen_json(const std::vector<ops::SeenDevice>& devices) {
  Json out{{"devices", Json::array()}};
  for (const ops::SeenDevice& each : devices)
    out["devices"].push_back({{"device", printable(each.path)}, {"size", each.size.n}, {"pv", each.pv}});
  return dump(out);
}

std::string archives_json(const std::vector<ops::HistoryEntry>& entries) {
  Json out{{"archives", Json::array()}};
  for (const ops::HistoryEntry& each : entries) {
    const bool good = each.problem.empty();
    auto known = [&](Json value) { return good ? std::move(value) : Json(); };
    out["archives"].push_back({{"file", printable(each.file.path)},
                               {"vg", known(printable(each.vg_name))},
                               {"description", known(printable(each.description))},
                               {"time", known(each.time)},
                               {"problem", good ? Json() : Json(each.problem)}});
  }
  return dump(out);
}

std::string cloned_json(const std::string& vg, const std::string& from) {
  return dump(Json{{"vg", vg}, {"from", printable(from)}});
}

namespace {
std::string_view standing_name(plan::Version::Standing standing) {
  switch (standing) {
    case plan::Version::Standing::Current:
      return "current";
    case plan::Version::Standing::Past:
      return "past";
    case plan::Version::Standing::Disputed:
      return "disputed";
    case plan::Version::Standing::Dropped:
      return "dropped";
    case plan::Version::Standing::Elsewhere:
      return "elsewhere";
    case plan::Version::Standing::Ahead:
      break;
  }
  return "ahead";
}

std::string_view place_name(plan::Place::Kind kind) {
  switch (kind) {
    case plan::Place::Kind::Committed:
      return "committed";
    case plan::Place::Kind::Ring:
      return "ring";
    case plan::Place::Kind::Archive:
      return "archive";
    case plan::Place::Kind::Backup:
      break;
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
    for (const plan::Place& place : v.places)
      one["places"].push_back({{"kind", place_name(place.kind)}, {"name", printable(place.name)}});
    one["unknown_before"] = Json::array();
    for (const plan::SeqnoRun& run : row.unknown_before)
      one["unknown_before"].push_back({{"first", run.first}, {"last", run.last}});
    versions.push_back(std::move(one));
  }
  return versions;
}
}  // namespace

std::string history_json(const std::string& vg, bool gone, const std::vector<HistoryRow>& rows) {
  return dump({{"vg", vg}, {"gone", gone}, {"versions", versions_of(rows)}});
}

std::string repair_json(const std::vector<RepairLook>& looks) {
  Json out{{"repairs", Json::array()}};
  for (const auto& [repair, agreed] : looks) {
    Json one{{"vg", printable(repair.vg)}, {"vg_uuid", repair.id ? Json(repair.id->dashed()) : Json()},
             {"agreed", agreed},           {"versions", versions_of(history_rows(repair.history))},
             {"damage", Json::array()},    {"steps", Json::array()},
             {"obstacles", Json::array()}, {"rest", Json::array()}};
    for (const std::string& what : repair.damage) one["damage"].push_back(printable(what));
    for (const plan::RepairStep& step : repair.plan.steps)
      one["steps"].push_back({{"what", printable(step.what)}, {"unknown", optional_text(step.unknown)}});
    for (const plan::RepairObstacle& o : repair.plan.obstacles)
      one["obstacles"].push_back({{"what", printable(o.what)}, {"mend", optional_text(o.mend)}});
    for (const plan::RepairObstacle& o : repair.plan.rest)
      one["rest"].push_back({{"what", printable(o.what)}, {"mend", optional_text(o.mend)}});
    out["repairs"].push_back(std::move(one));
  }
  return dump(out);
}

std::string diff_json(const VolumeGroup& before, const VolumeGroup& after, const std::vector<std::string>& lines) {
  return dump({{"vg", printable(after.name)},
               {"from", before.seqno},
               {"to", after.seqno},
               {"equal", lines.empty()},
               {"differences", strings(lines)}});
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
    out["devices_file"].push_back({{"device", text(each.device)},
                                   {"id_type", text(each.entry.id_type)},
                                   {"id_name", text(each.entry.id_name)},
                                   {"name", text(each.entry.name)},
                                   {"pv_uuid", each.entry.pv ? Json(each.entry.pv->dashed()) : Json()},
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
  return dump({{"version", ops::kVersion},
               {"lvm_version", ops::kLvmVersion},
               {"driver_version", driver ? Json(*driver) : Json()}});
}

}  // namespace ashlar::cli
