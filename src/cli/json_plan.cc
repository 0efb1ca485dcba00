// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/json_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "cli/json_parts.h"
#include "cli/output.h"
#include "ops/version.h"

namespace ashlar::cli {

namespace {
/// All that a plan shows but its head, which is what it is made from.
Json shown_part(const Shown& shown) {
  Json out{{"steps", strings(shown.facts.steps)}, {"irreversible", strings(shown.facts.irreversible)}};
  out["remarks"] = strings(shown.changes.remarks);
  out["questions"] = strings(shown.changes.questions);
  out["warnings"] = strings(shown.warnings);
  out["locks"] = {{"global", shown.changes.needs.global}, {"vgs", shown.changes.needs.vgs}};
  add_changes(out, shown.changes, shown.facts);
  out["changed"] = !shown.facts.steps.empty();
  for (std::size_t i = 0; i < shown.facts.vgs.size(); ++i)
    out["vgs"][i]["metadata"] = shown.facts.vgs[i].text.empty() ? Json() : Json(Output::safe(shown.facts.vgs[i].text));
  out["unchanged_vgs"] = Json::array();
  for (const ops::UnchangedVg& vg : shown.changes.unchanged)
    out["unchanged_vgs"].push_back({{"name", vg.name}, {"uuid", vg.id.dashed()}, {"seqno", vg.seqno}});
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

bool is_utf8(const std::string& text) try {
  (void)Json(text).dump();
  return true;
} catch (const Json::exception&) {
  return false;
}

/// JSON cannot hold what is no UTF-8, and apply would take another file or text for the one that was meant.
Status check_can_be_saved(const PlanHead& head) {
  constexpr const char* kWhatThen =
      "is no UTF-8, and a plan in JSON cannot hold it; --plan shows the plan in words, and the command itself takes it";
  for (const std::string& word : head.command)
    if (!is_utf8(word))
      return Error(Errc::Refused, fmt::format("The word {} of the command {}", printable(word), kWhatThen));
  if (head.input && !is_utf8(*head.input))
    return Error(Errc::Refused, fmt::format("The input of the command {}", kWhatThen));
  return ok();
}
}  // namespace

Result<std::string> plan_json(const PlanHead& head, const Shown& shown, const std::vector<Error>& failures) {
  TRY(check_can_be_saved(head));
  Json out{{"schema", kSchema},
           {"kind", "plan"},
           {"ok", failures.empty()},
           {"made_by", std::string("Ashlar ") + ops::kVersion}};
  out["command"] = head.command;
  out["input"] = head.input ? Json(*head.input) : Json();
  out["time"] = head.seconds;
  out["random"] = to_hex(head.drawn);
  out["errors"] = errors(failures);
  out.update(shown_part(shown));
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
  Json shown = Json::object();
};

SavedPlan::SavedPlan(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SavedPlan::~SavedPlan() = default;
SavedPlan::SavedPlan(SavedPlan&&) noexcept = default;
SavedPlan& SavedPlan::operator=(SavedPlan&&) noexcept = default;
const PlanHead& SavedPlan::head() const { return impl_->head; }

Result<SavedPlan> SavedPlan::parse(const std::string& text) {
  auto bad = [](const std::string& why) {
    return Error(Errc::InvalidArgument, "This is no plan: " + printable(why) + "; CMD --plan=json makes one");
  };
  std::string where;  // the library's own words for a value of a wrong type do not name it
  auto at = [&where](const Json& object, const std::string& key, const std::string& of = "") -> const Json& {
    where = of + key;
    return object.at(key);
  };
  try {
    Json in = Json::parse(text);
    where = "kind";
    if (!in.is_object() || in.value("kind", "") != "plan") return bad("\"kind\" is not \"plan\"");
    where = "schema";
    if (in.value("schema", 0) != kSchema) return bad(fmt::format("\"schema\" is not {}", kSchema));
    auto impl = std::make_unique<Impl>();
    impl->head.command = at(in, "command").get<std::vector<std::string>>();
    if (impl->head.command.empty()) return bad("\"command\" is empty");
    if (const Json& input = at(in, "input"); !input.is_null()) impl->head.input = input.get<std::string>();
    impl->head.seconds = at(in, "time").get<std::uint64_t>();
    auto drawn = from_hex(at(in, "random").get<std::string>());
    if (!drawn) return bad("\"random\" is not hexadecimal");
    impl->head.drawn = std::move(*drawn);
    if (!at(in, "errors").empty())
      return Error(Errc::Refused,
                   "The plan itself has errors, so it cannot be carried out as a whole; see \"errors\" in it");
    const Json nothing = shown_part({{}, {}, {}});
    for (const auto& [part, value] : nothing.items()) impl->shown[part] = at(in, part);
    for (const Json& vg : impl->shown["unchanged_vgs"]) {
      const std::string of = "unchanged_vgs/";
      impl->vgs.push_back({at(vg, "name", of), at(vg, "uuid", of), at(vg, "seqno", of).get<std::uint32_t>()});
    }
    for (const Json& vg : impl->shown["vgs"]) {
      const std::string of = "vgs/";
      const Json& seqno = at(vg, "seqno_before", of);
      const auto before = seqno.is_null() ? std::nullopt : std::optional(seqno.get<std::uint32_t>());
      impl->vgs.push_back({at(vg, "name", of), at(vg, "uuid", of), before});
      if (const Json& renamed = at(vg, "renamed_from", of); !renamed.is_null()) impl->vgs.back().name = renamed;
    }
    return SavedPlan(std::move(impl));
  } catch (const Json::exception& e) {
    std::string why = e.what();  // "[json.exception.type_error.302] type must be array, but is string"
    if (const std::size_t end = why.find("] "); why.starts_with('[') && end != std::string::npos) why.erase(0, end + 2);
    return bad(where.empty() ? why : fmt::format("at \"{}\": {}", where, why));
  }
}

Status SavedPlan::unmoved(const store::Picture& now) const {
  constexpr const char* kWhatThen = "nothing was changed; make a new plan";
  for (const PlannedVg& then : impl_->vgs) {
    auto at = std::find_if(now.vgs.begin(), now.vgs.end(),
                           [&](const store::VgState& s) { return s.vg.id.dashed() == then.uuid; });
    auto named =
        std::find_if(now.vgs.begin(), now.vgs.end(), [&](const store::VgState& s) { return s.vg.name == then.name; });
    if (!then.seqno) {
      if (named == now.vgs.end()) continue;
      return Error(Errc::Refused, fmt::format("VG {} has been made since the plan was; {}", named->vg.name, kWhatThen));
    }
    if (at == now.vgs.end())
      return Error(Errc::Refused, fmt::format("VG {} with id {} of the plan is not there{}; {}", printable(then.name),
                                              printable(then.uuid),
                                              named != now.vgs.end() ? ", another one has its name" : "", kWhatThen));
    if (at->vg.seqno != *then.seqno)
      return Error(Errc::Refused,
                   fmt::format("VG {} has changed since the plan was made: its seqno is {}, in the plan {}; {}",
                               at->vg.name, at->vg.seqno, *then.seqno, kWhatThen));
  }
  return ok();
}

namespace {
/// Where two documents differ, in words: "/steps/2" is the third of the steps.
std::string in_words(const std::string& pointer, const nlohmann::json& then, const nlohmann::json& now) {
  constexpr std::size_t kMost = 300, kBefore = 40;  // characters; of these what is alike in both
  const nlohmann::json::json_pointer at(pointer);
  auto value = [&](const nlohmann::json& in) {
    return in.contains(at) ? in[at].dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
                           : std::string("nothing");
  };
  const std::string planned = value(then), found = value(now);
  const std::size_t alike = static_cast<std::size_t>(
      std::mismatch(planned.begin(), planned.end(), found.begin(), found.end()).first - planned.begin());
  auto part = [&](const std::string& text) {
    const std::size_t from = text.size() > kMost && alike > kBefore ? alike - kBefore : 0;
    return (from != 0 ? "..." : "") + printable(text.substr(from, kMost)) + (text.size() - from > kMost ? "..." : "");
  };
  return fmt::format("at {} the plan has {}, and now there would be {}", printable(pointer), part(planned),
                     part(found));
}
}  // namespace

Status SavedPlan::same(const Shown& shown) const {
  const nlohmann::json now = shown_part(shown), then = impl_->shown;  // order of keys means nothing
  const nlohmann::json differences = nlohmann::json::diff(then, now);
  if (differences.empty()) return ok();
  // A sentence says more than a number of the metadata.
  auto first = std::find_if(differences.begin(), differences.end(), [](const auto& each) {
    return each["path"].template get<std::string>().starts_with("/steps");
  });
  if (first == differences.end()) first = differences.begin();
  std::string pointer = (*first)["path"];
  if (pointer.ends_with("/-"))
    pointer.replace(pointer.size() - 1, 1,
                    std::to_string(then.value(nlohmann::json::json_pointer(pointer.substr(0, pointer.size() - 2)),
                                              nlohmann::json::array())
                                       .size()));
  return Error(
      Errc::Refused,
      fmt::format("The situation has changed since the plan was made: {}; nothing was changed, make a new plan",
                  in_words(pointer, then, now)));
}

}  // namespace ashlar::cli
