// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "cli/json_output.h"
#include "cli/json_parts.h"

namespace ashlar::cli {

namespace {
/// The character that begins `text`, if it is written as an escape, and how many bytes it has; {0, 1} of any other.
std::pair<unsigned, std::size_t> to_escape(std::string_view text) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const unsigned first = byte(0), second = byte(1), third = byte(2);
  if (first == 0x7f) return {0x7f, 1};
  if (first == 0xc2 && second >= 0x80 && second < 0xa0) return {second, 2};
  if (first == 0xd8 && second == 0x9c) return {0x61c, 2};
  if (first != 0xe2 || (second != 0x80 && second != 0x81)) return {0, 1};
  const unsigned code = 0x2000 + ((second & 1U) << 6U) + (third & 0x3fU);
  const bool marks = code == 0x200e || code == 0x200f, lines_and_turns = code >= 0x2028 && code <= 0x202e,
             isolates = code >= 0x2066 && code <= 0x2069;
  return marks || lines_and_turns || isolates ? std::pair<unsigned, std::size_t>{code, 3}
                                              : std::pair<unsigned, std::size_t>{0, 1};
}
}  // namespace

std::string dump(const Json& document) {
  const std::string plain = document.dump(2, ' ', false, Json::error_handler_t::replace);
  const bool ascii = std::none_of(plain.begin(), plain.end(), [](unsigned char c) { return c >= 0x7f; });
  if (ascii) return plain;
  std::string out;
  out.reserve(plain.size());
  for (std::string_view rest = plain; !rest.empty();) {
    const auto [code, bytes] = to_escape(rest);
    if (code != 0)
      out += fmt::format("\\u{:04x}", code);
    else
      out += rest.front();
    rest.remove_prefix(bytes);
  }
  return out;
}

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

Json optional_text(const std::string& text) { return text.empty() ? Json() : Json(printable(text)); }

namespace {
std::uint64_t bytes(Extents extents, Sectors extent_size) { return to_bytes(to_sectors(extents, extent_size)).n; }

std::string_view fate_name(Fate fate) {
  switch (fate) {
    case Fate::Made:
      return "created";
    case Fate::Changed:
      return "changed";
    case Fate::Removed:
      return "removed";
    case Fate::Unchanged:
      break;
  }
  return "unchanged";
}

Json runs(const std::vector<PeRun>& list) {
  Json out = Json::array();
  for (const PeRun& r : list) out.push_back({{"start", r.start.n}, {"count", r.length.n}});
  return out;
}

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
  Json out{{"name", lv.name}, {"uuid", lv.id.dashed()}, {"change", fate_name(lv.fate)}, {"type", printable(lv.type)}};
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
    if (pv.fate != Fate::Unchanged || !pv.taken.empty() || !pv.freed.empty())
      out["pvs"].push_back(pv_json(pv, change, vg.extent_size));
  for (const LvDifference& lv : d.lvs) out["lvs"].push_back(lv_json(lv, vg));
  for (const ops::TableDifference& t : vg.tables) {
    Json table{{"device", t.name},
               {"uuid", t.uuid},
               {"renamed_from", t.was_called.empty() ? Json() : Json(t.was_called)},
               {"before", Json()},
               {"after", Json()},
               {"reloaded", t.reloaded},
               {"read_only_before", t.read_only_before},
               {"read_only", t.read_only}};
    if (!t.before.empty()) table["before"] = strings(t.before);
    if (!t.after.empty()) table["after"] = strings(t.after);
    out["tables"].push_back(std::move(table));
  }
  return out;
}
}  // namespace

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
  for (const ops::PvEdit& edit : changes.edits)
    out["edited"].push_back({{"device", printable(edit.path)}, {"what", edit.what}});
  for (const ops::SignatureWipe& wipe : changes.wipes)
    out["wiped"].push_back({{"device", printable(wipe.path)},
                            {"type", printable(wipe.signature.type)},
                            {"offset", wipe.signature.offset.n}});
}

}  // namespace ashlar::cli
