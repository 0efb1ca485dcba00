// SPDX-License-Identifier: LGPL-2.1-or-later
// history, diff, undo, undelete.
#include "cli/history.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ctime>

#include "archive/archive.h"
#include "base/log.h"
#include "base/names.h"
#include "base/size_text.h"
#include "cli/table.h"
#include "cli/words.h"
#include "metadata/model/difference_text.h"
#include "metadata/text/vg_reader.h"

namespace ashlar::cli {

namespace {
using plan::Place;
using plan::Version;

std::string date(std::uint64_t seconds) {
  const auto t = static_cast<std::time_t>(seconds);
  std::tm parts{};
  char text[40] = "";
  if (::localtime_r(&t, &parts) == nullptr || std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %z", &parts) == 0)
    return "?";
  return text;
}

std::string device_of(const PvDifference& pv) {
  return pv.device.empty() || pv.device == "[unknown]" ? pv.id.dashed() : printable(pv.device);
}

std::vector<std::string> told(const VgDifference& d, Sectors extent_size) {
  return sentences(d, extent_size, device_of, FreeSpace::Untold);
}

/// Where a version is known from; copies are counted.
std::string places_text(const Version& v) {
  const std::vector<Place>& places = v.places;
  const bool old = v.standing == Version::Standing::Past;
  std::vector<std::string> words;
  auto add_areas = [&](Place::Kind kind, std::string_view one, std::string_view many) {
    const auto count = std::count_if(places.begin(), places.end(), [&](const Place& p) { return p.kind == kind; });
    const auto first = std::find_if(places.begin(), places.end(), [&](const Place& p) { return p.kind == kind; });
    if (count == 1) words.push_back(fmt::format("{}{}", one, printable(first->name)));
    if (count > 1) words.push_back(fmt::format("{} {}", count, many));
  };
  add_areas(Place::Kind::Committed, "", "metadata areas");
  add_areas(Place::Kind::Ring, old ? "an old copy in " : "a copy in ",
            old ? "old copies in metadata areas" : "copies in metadata areas");
  for (const Place& place : places) {
    const std::string file = printable(place.name.substr(place.name.rfind('/') + 1));
    if (place.kind == Place::Kind::Archive) words.push_back("archive " + file);
    if (place.kind == Place::Kind::Backup) words.push_back("backup " + file);
  }
  if (words.empty() && v.standing == Version::Standing::Current) return "the metadata areas, as what rules now";
  return words.empty() ? "no copy that can be read" : fmt::format("{}", fmt::join(words, ", "));
}

std::string standing_text(const Version& v) {
  switch (v.standing) {
    case Version::Standing::Current:
      return ", current";
    case Version::Standing::Past:
      return "";
    case Version::Standing::Disputed:
      return ", disputed: several texts have this seqno";
    case Version::Standing::Dropped:
      return ", not in effect: a write that was cut off";
    case Version::Standing::Elsewhere:
      return ", another history of this VG: the disks hold another seqno " + std::to_string(v.vg.seqno);
    case Version::Standing::Ahead:
      return ", not in effect: its seqno is above the current one";
  }
  return {};
}

}  // namespace

void show_version(Session& session, const HistoryRow& row, const std::string& this_host) {
  Output& out = session.out();
  const Version& v = *row.version;
  for (const plan::SeqnoRun& run : row.unknown_before)
    out.line(fmt::format("Seqno {}: unknown.", run.first == run.last ? fmt::format("{}", run.first)
                                                                     : fmt::format("{}-{}", run.first, run.last)));
  std::string line = fmt::format("Seqno {}{}", v.vg.seqno, standing_text(v));
  if (v.time != 0) line += ", " + date(v.time);
  if (!v.host.empty() && v.host != this_host) line += " on " + printable(v.host);
  out.line(line + (v.command.empty() ? "." : ": " + printable(v.command)));
  for (const std::string& sentence : row.differences) out.line("    " + sentence);
  out.line(fmt::format("    Found in {}.", places_text(v)));
  if (v.counts() && v.tie == Version::Tie::Contradicted)
    out.line(
        fmt::format("    Perhaps of another history of this VG: by its archive another command was to make seqno {}.",
                    v.vg.seqno + 1));
}

std::vector<HistoryRow> history_rows(const plan::History& history) {
  std::vector<HistoryRow> rows;
  const Version* before = nullptr;
  for (const Version& v : history.versions) {
    HistoryRow row{&v, {}, {}};
    const VgDifference d = difference(before != nullptr ? &before->vg : nullptr, &v.vg);
    if (before == nullptr && v.vg.seqno == 1)
      row.differences = {
          fmt::format("Make VG {} with extents of {}.", v.vg.name, human_size(to_bytes(v.vg.extent_size)))};
    if (before != nullptr && before->vg.name != v.vg.name)
      row.differences.push_back(fmt::format("Rename VG {} to {}.", printable(before->vg.name), v.vg.name));
    if (before != nullptr || v.vg.seqno == 1) {
      std::vector<std::string> more = told(d, v.vg.extent_size);
      row.differences.insert(row.differences.end(), more.begin(), more.end());
    } else {
      row.differences = {"What is older is not known."};
    }
    if (v.discarded == true) row.differences.emplace_back("The extents that it freed were discarded.");
    if (before != nullptr && v.was_in_effect())
      row.unknown_before = plan::unknown_between(history, before->vg.seqno, v.vg.seqno);
    rows.push_back(std::move(row));
    if (v.was_in_effect()) before = &v;
  }
  return rows;
}

namespace {
void tell_way_back(Session& session, const ops::Past& past, const std::string& vg) {
  if (!past.now_called.empty()) return session.out().line(fmt::format("VG {} is called {} now.", vg, past.now_called));
  const std::string back = ops::way_back(past, vg);
  session.out().line(fmt::format("VG {} is gone{}.", vg,
                                 back.empty() ? ", and no archive of it is left" : "; " + back + " brings it back"));
}

Status run_history(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  const std::string vg = TRY(parse_vg_name(args.positionals[0]));
  const auto past = std::make_shared<const ops::Past>(TRY(ops::past_of(sys, vg)));
  std::vector<HistoryRow> rows = history_rows(past->history);
  const bool gone = past->history.current() == nullptr;
  for (const HistoryRow& row : rows) show_version(session, row, sys.host.name);
  if (gone) tell_way_back(session, *past, vg);
  for (const std::string& note : past->notes) session.fail(Error(Errc::Partial, note));
  // The rows point into the past.
  session.document([vg, past, gone, rows = std::move(rows)] { return history_json(vg, gone, rows); });
  return ok();
}

/// "4", "current", the name of an archive, or a file.
Result<VolumeGroup> version_named(const plan::History& history, const std::string& vg, const std::string& word) {
  if (word == "current") {
    if (const Version* v = history.current()) return v->vg;
    return Error(Errc::NotFound, fmt::format("VG {} is gone", vg));
  }
  if (!word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    std::uint64_t seqno = word.size() > 10 ? UINT64_MAX : std::stoull(word);
    const Version* v = seqno > UINT32_MAX ? nullptr : history.find(static_cast<std::uint32_t>(seqno));
    if (v != nullptr) return v->vg;
    return Error(Errc::NotFound,
                 fmt::format("seqno {} of VG {} is not known any more ('history {}' lists what is)", word, vg, vg));
  }
  for (const Version& v : history.versions) {
    for (const Place& place : v.places) {
      const bool file = place.kind == Place::Kind::Archive || place.kind == Place::Kind::Backup;
      if (file && (place.name == word || place.name.ends_with("/" + word))) return v.vg;
    }
  }
  VolumeGroup read = TRY(text::read_vg(TRY(archive::read_file(word)), word)).vg;
  if (!history.versions.empty() && read.id != history.versions.front().vg.id)
    return Error(Errc::InvalidArgument, fmt::format("{} is of another VG: {} (id {})", printable(word),
                                                    printable(read.name), read.id.dashed()));
  return read;
}

Status run_diff(Session& session, const Args& args) {
  if (args.positionals.size() < 2 || args.positionals.size() > 3)
    return usage_error(
        "diff",
        "Please name a volume group and what to compare: a seqno, \"current\", an archive or a file, and another one unless \"current\" is meant.");
  ops::System& sys = *TRY(session.system());
  const std::string vg = TRY(parse_vg_name(args.positionals[0]));
  const ops::Past past = TRY(ops::past_of(sys, vg));
  VolumeGroup before = TRY(version_named(past.history, vg, args.positionals[1]));
  VolumeGroup after =
      TRY(version_named(past.history, vg, args.positionals.size() == 3 ? args.positionals[2] : "current"));
  const VgDifference d = difference(&before, &after);
  std::vector<std::string> lines;
  if (before.name != after.name)
    lines.push_back(fmt::format("Rename VG {} to {}.", printable(before.name), printable(after.name)));
  for (std::string& sentence : told(d, after.extent_size)) lines.push_back(std::move(sentence));
  if (lines.empty()) session.out().line("Nothing differs.");
  for (const std::string& line : lines) session.out().line(line);
  session.document([before = std::move(before), after = std::move(after), lines = std::move(lines)] {
    return diff_json(before, after, lines);
  });
  return ok();
}

Status run_undo(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  ops::UndoVg request{TRY(parse_vg_name(args.positionals[0])), TRY(parse_count(args, "to", UINT32_MAX)),
                      args.has("force")};
  const ops::Undone undone = TRY(ops::undo_vg(sys, request));
  session.tell(undone.outcome);
  session.out().done(fmt::format("Volume group \"{}\" is as it was at seqno {}.", request.vg, undone.from));
  session.out().done(undone.sure);
  return ok();
}

Status run_undelete(Session& session, const Args& args) {
  ops::System& sys = *TRY(session.system());
  const LvName name = TRY(parse_lv_name(args.positionals[0]));
  if (name.lv.empty()) return usage_error("undelete", "Please name one logical volume as VG/LV.");
  if (const auto new_name = args.value("name")) TRY(check_name("Logical volume name", *new_name));
  const ops::Undone undone =
      TRY(ops::undelete_lv(sys, {name.vg, name.lv, args.value_or("name", ""), args.has("force")}));
  session.tell(undone.outcome);
  session.out().done(
      fmt::format("Logical volume \"{0}\" is back as it was at seqno {1}; lvchange -ay {2}/{0} activates it.",
                  undone.lv, undone.from, name.vg));
  session.out().done(undone.sure);
  return ok();
}

constexpr Option kUndoOptions[] = {
    kAutobackup,
    {"to", 0, Arg::Value, "Seqno",
     "Back to that state instead of the one before the last change; 'history' lists them"},
    {"force", 'f', Arg::Flag, "",
     "Although versions in between are unknown or extents were or may have been discarded; asks nothing of that"},
};
constexpr Option kUndeleteOptions[] = {
    kAutobackup,
    {"name", 'n', Arg::Value, "String", "Call it so: its own name is taken"},
    {"force", 'f', Arg::Flag, "",
     "Although versions in between are unknown or extents were or may have been discarded; asks nothing of that"},
};
}  // namespace

const Command kHistory{"history",    "Show what a volume group was, change by change", "VG", {}, run_history,
                       Effect::Reads};
const Command kDiff{"diff",
                    "Tell how two states of a volume group differ",
                    "VG SEQNO|current|FILE [SEQNO|current|FILE]",
                    {},
                    run_diff,
                    Effect::Reads};
const Command kUndo{"undo", "Bring a volume group back to what it was before the last change", "VG", kUndoOptions,
                    run_undo};
const Command kUndelete{"undelete", "Bring a removed logical volume back", "VG/LV", kUndeleteOptions, run_undelete};

}  // namespace ashlar::cli
