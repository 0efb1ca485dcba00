// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/ensure_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/log.h"
#include "base/names.h"
#include "base/size_text.h"

namespace ashlar::cli {

namespace {
using Spec = nlohmann::json;
using Percent = plan::Percent;

/// A number without a fraction, which JSON may write as 4.0 too; nothing for any other value.
std::optional<std::uint64_t> whole_number(const Spec& value) {
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  constexpr double kExact = 1ULL << 53;  // whole numbers up to it are what they were written as
  const double number = value.is_number_float() ? value.get<double>() : -1;
  if (number < 0 || number > kExact || number != std::floor(number)) return std::nullopt;
  return static_cast<std::uint64_t>(number);
}

constexpr std::uint64_t kLeastStripe = 4096;  // bytes, as lvcreate -I has it

/// "10g", "1.5TiB": digits that may have a point in them, then a unit, as the schema's pattern has it.
bool has_unit(std::string_view word) {
  constexpr std::string_view kDigits = "0123456789";
  const std::size_t number = std::min(word.find_first_not_of("0123456789."), word.size());
  const std::string_view digits = word.substr(0, number);
  const std::string_view unit = word.substr(number);
  if (digits.find_first_of(kDigits) == std::string_view::npos || std::ranges::count(digits, '.') > 1) return false;
  if (unit.empty() || std::string_view("bBsSkKmMgGtTpPeE").find(unit[0]) == std::string_view::npos) return false;
  std::string_view rest = unit.substr(1);
  if (rest.starts_with('i') || rest.starts_with('I')) rest.remove_prefix(1);
  return rest.empty() || rest == "b" || rest == "B";
}

/// One object of the specification: every key is asked for once, and one that nobody asks for is refused.
class Section {
 public:
  static Result<Section> of(const Spec& json, std::string at) {
    if (!json.is_object()) return Error(Errc::InvalidArgument, at + ": an object belongs here");
    return Section(json, std::move(at));
  }

  Error error(std::string_view key, const std::string& what) const {
    return Error(Errc::InvalidArgument, fmt::format("{}/{}: {}", at_, printable(key), what));
  }

  /// Null if it is not there.
  const Spec* find(const char* key) {
    known_.emplace_back(key);
    auto found = json_->find(key);
    return found == json_->end() ? nullptr : &*found;
  }

  Result<std::optional<bool>> flag(const char* key) {
    const Spec* value = find(key);
    if (value == nullptr) return std::optional<bool>();
    if (!value->is_boolean()) return error(key, "true or false belongs here");
    return std::optional<bool>(value->get<bool>());
  }
  Result<bool> word(const char* key) { return TRY(flag(key)).value_or(false); }

  Result<std::optional<std::string>> text(const char* key) {
    const Spec* value = find(key);
    if (value == nullptr) return std::optional<std::string>();
    if (!value->is_string() || value->get_ref<const std::string&>().empty()) return error(key, "a text belongs here");
    return std::optional(value->get<std::string>());
  }

  Result<std::optional<std::vector<std::string>>> texts(const char* key) {
    const Spec* value = find(key);
    if (value == nullptr) return std::optional<std::vector<std::string>>();
    std::vector<std::string> all;
    bool good = value->is_array() &&
                std::all_of(value->begin(), value->end(), [](const Spec& each) { return each.is_string(); });
    if (!good) return error(key, "an array of texts belongs here");
    for (const Spec& each : *value) all.push_back(each.get<std::string>());
    return std::optional(std::move(all));
  }

  Result<std::optional<std::vector<std::string>>> tags(const char* key) {
    auto all = TRY(texts(key));
    for (const std::string& tag : all.value_or(std::vector<std::string>{})) {
      if (Status s = check_tag(tag); !s) return error(key, s.error().message());
    }
    return all;
  }

  /// Bytes as a number, or a text with a unit.
  Result<std::optional<Bytes>> bytes(const char* key) {
    const Spec* value = find(key);
    if (value == nullptr) return std::optional<Bytes>();
    return std::optional(TRY(to_bytes_of(key, *value)));
  }
  Result<Bytes> to_bytes_of(const char* key, const Spec& value) {
    if (auto number = whole_number(value)) return Bytes{*number};
    if (!value.is_string()) return error(key, "bytes as a whole number, or a text like \"10g\", belong here");
    const std::string word = value.get<std::string>();
    if (!has_unit(word))
      return error(key, fmt::format("\"{}\" is no number with a unit: b, s, k, m, g, t, p or e", printable(word)));
    auto size = parse_size(word);
    if (!size) return error(key, size.error().message());
    return *size;
  }

  /// Every key is known.
  Status done() const {
    for (const auto& [key, value] : json_->items()) {
      if (std::find(known_.begin(), known_.end(), key) == known_.end()) return error(key, "there is no such key");
    }
    return ok();
  }
  const std::string& at() const { return at_; }

 private:
  Section(const Spec& json, std::string at) : json_(&json), at_(std::move(at)) {}
  const Spec* json_;
  std::string at_;
  std::vector<std::string> known_;
};

/// "50%VG", "100%FREE".
Result<Percent> parse_percent(Section& section, const char* key, const std::string& word, bool minimum) {
  Percent percent;
  std::size_t sign = word.find('%');
  auto [end, ec] = std::from_chars(word.data(), word.data() + sign, percent.value);
  const std::string of = word.substr(sign + 1);
  bool number = !word.starts_with('0') && ec == std::errc() && end == word.data() + sign && percent.value >= 1 &&
                percent.value <= 100;
  if (number && of == "VG") return percent;
  percent.of = Percent::Of::Free;
  // Any other part of what is free would be another size each time it is looked at.
  if (number && of == "FREE" && percent.value == 100 && minimum) return percent;
  return section.error(key,
                       fmt::format("\"{}\" is neither 1%VG to 100%VG nor, for \"minimum\", 100%FREE", printable(word)));
}

Result<std::optional<ops::WantedSize>> parse_wanted_size(Section& section) {
  const Spec* size = section.find("size");
  const Spec* minimum = section.find("minimum");
  if (size != nullptr && minimum != nullptr)
    return section.error("size", "\"size\" and \"minimum\" exclude one another");
  const Spec* value = size != nullptr ? size : minimum;
  const char* key = size != nullptr ? "size" : "minimum";
  if (value == nullptr) return std::optional<ops::WantedSize>();
  ops::WantedSize wanted{Bytes{}, minimum != nullptr};
  if (value->is_string() && value->get_ref<const std::string&>().find('%') != std::string::npos)
    wanted.amount = TRY(parse_percent(section, key, value->get<std::string>(), wanted.minimum));
  else
    wanted.amount = TRY(section.to_bytes_of(key, *value));
  if (wanted.amount == std::variant<Bytes, Percent>(Bytes{0})) return section.error(key, "no volume has 0 bytes");
  return std::optional(wanted);
}

/// "present" if it is not there.
Result<bool> parse_absent(Section& section) {
  auto state = TRY(section.text("state"));
  if (!state || *state == "present") return false;
  if (*state == "absent") return true;
  return section.error("state", "\"present\" or \"absent\" belongs here");
}

Result<ops::WantedFilesystem> parse_filesystem(const Spec& json, const std::string& at) {
  Section section = TRY(Section::of(json, at));
  ops::WantedFilesystem filesystem;
  filesystem.type = TRY(section.text("type")).value_or("");
  // It becomes part of a program's name.
  bool plain = !filesystem.type.empty() && std::all_of(filesystem.type.begin(), filesystem.type.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
  if (!plain) return section.error("type", "the name of a filesystem, like \"ext4\", belongs here");
  filesystem.options = TRY(section.texts("options")).value_or(std::vector<std::string>{});
  TRY(section.done());
  return filesystem;
}

Result<ops::WantedLv> parse_lv(const Spec& json, const std::string& at) {
  Section section = TRY(Section::of(json, at));
  ops::WantedLv lv;
  lv.name = TRY(section.text("name")).value_or("");
  lv.absent = TRY(parse_absent(section));
  if (Status s = lv.absent ? check_name("Logical volume name", lv.name) : check_new_lv_name(lv.name); !s)
    return section.error("name", s.error().message());
  lv.size = TRY(parse_wanted_size(section));
  const std::string type = TRY(section.text("type")).value_or("");
  if (!type.empty() && type != "linear" && type != "striped")
    return section.error("type", "\"linear\" or \"striped\" belongs here");
  if (const Spec* stripes = section.find("stripes")) {
    const std::uint64_t number = whole_number(*stripes).value_or(0);
    if (number < 1 || number > kMaxStripes)
      return section.error("stripes", fmt::format("a number from 1 to {} belongs here", kMaxStripes));
    lv.stripes = static_cast<std::uint32_t>(number);
  }
  if (type == "striped" && lv.stripes.value_or(1) == 1)
    return section.error("type", "\"striped\" needs \"stripes\" of 2 or more");
  if (type == "linear" && lv.stripes.value_or(1) != 1) return section.error("type", "\"linear\" has no stripes");
  if (type == "linear") lv.stripes = 1;
  lv.stripe_size = TRY(section.bytes("stripe_size"));
  if (lv.stripe_size && (lv.stripe_size->n < kLeastStripe || !std::has_single_bit(lv.stripe_size->n)))
    return section.error("stripe_size", fmt::format("a power of two, at least {}, belongs here", kLeastStripe));
  lv.devices = TRY(section.texts("devices")).value_or(std::vector<std::string>{});
  lv.tags = TRY(section.tags("tags"));
  lv.active = TRY(section.flag("active"));
  if (auto read_only = TRY(section.flag("read_only"))) lv.writable = !*read_only;
  lv.may_shrink = TRY(section.word("may_shrink"));
  if (const Spec* filesystem = section.find("filesystem"))
    lv.filesystem = TRY(parse_filesystem(*filesystem, at + "/filesystem"));
  TRY(section.done());
  return lv;
}

Result<ops::WantedVg> parse_vg(const Spec& json, const std::string& at) {
  Section section = TRY(Section::of(json, at));
  ops::WantedVg vg;
  vg.name = TRY(section.text("name")).value_or("");
  if (Status s = check_name("Volume group name", vg.name); !s) return section.error("name", s.error().message());
  vg.absent = TRY(parse_absent(section));
  vg.devices = TRY(section.texts("devices")).value_or(std::vector<std::string>{});
  vg.only_devices = TRY(section.word("only_devices"));
  if (vg.only_devices && vg.devices.empty()) return section.error("only_devices", "\"devices\" names none");
  vg.only_volumes = TRY(section.word("only_volumes"));
  vg.may_remove_volumes = TRY(section.word("may_remove_volumes"));
  if (auto size = TRY(section.bytes("extent_size"))) {
    if (size->n == 0 || size->n % kSectorSize != 0)
      return section.error("extent_size", fmt::format("{} bytes are no multiple of {}", size->n, kSectorSize));
    vg.extent_size = to_sectors(*size);
  }
  vg.tags = TRY(section.tags("tags"));
  const Spec* volumes = section.find("volumes");
  if (volumes != nullptr && !volumes->is_array()) return section.error("volumes", "an array belongs here");
  for (std::size_t i = 0; volumes != nullptr && i < volumes->size(); ++i) {
    vg.volumes.push_back(TRY(parse_lv((*volumes)[i], fmt::format("{}/volumes/{}", at, i))));
    for (std::size_t j = 0; j < i; ++j) {
      if (vg.volumes[j].name == vg.volumes[i].name)
        return section.error(fmt::format("volumes/{}/name", i), vg.volumes[i].name + " is listed twice");
    }
  }
  if (vg.absent && !vg.volumes.empty()) return section.error("volumes", "a group that is to be absent has none");
  TRY(section.done());
  return vg;
}

/// Writes the first key that an object has twice to `twice`; the parser would take the last one without a word.
Spec::parser_callback_t seen_once(std::string& twice) {
  return [&twice, keys = std::vector<std::set<std::string>>()](int, Spec::parse_event_t event, Spec& parsed) mutable {
    if (event == Spec::parse_event_t::object_start) keys.emplace_back();
    if (event == Spec::parse_event_t::object_end) keys.pop_back();
    if (event == Spec::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second && twice.empty())
      twice = parsed.get<std::string>();
    return true;
  };
}
}  // namespace

Result<std::vector<ops::WantedVg>> parse_spec(const std::string& text) {
  Spec json;
  std::string twice;
  try {
    json = Spec::parse(text, seen_once(twice));
  } catch (const Spec::exception& e) {
    return Error(Errc::InvalidArgument, std::string("This is no JSON: ") + printable(e.what()));
  }
  if (!twice.empty())
    return Error(Errc::InvalidArgument,
                 fmt::format("The key \"{}\" is given twice in one object: which of them is meant cannot be told",
                             printable(twice)));
  Section section = TRY(Section::of(json, ""));
  TRY(section.text("$schema"));
  const Spec* groups = section.find("volume_groups");
  if (groups == nullptr || !groups->is_array()) return section.error("volume_groups", "an array belongs here");
  TRY(section.done());
  std::vector<ops::WantedVg> vgs;
  for (std::size_t i = 0; i < groups->size(); ++i) {
    vgs.push_back(TRY(parse_vg((*groups)[i], fmt::format("/volume_groups/{}", i))));
    for (std::size_t j = 0; j < i; ++j) {
      if (vgs[j].name == vgs[i].name)
        return section.error(fmt::format("volume_groups/{}/name", i), vgs[i].name + " is listed twice");
    }
  }
  return vgs;
}

std::string objects_json(const std::vector<ops::Ensured>& objects) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const ops::Ensured& each : objects) {
    const char* kind = each.kind == ops::Ensured::Kind::Pv ? "pv" : each.kind == ops::Ensured::Kind::Vg ? "vg" : "lv";
    nlohmann::ordered_json differences = nlohmann::ordered_json::array();
    for (const std::string& what : each.what) differences.push_back(printable(what));
    list.push_back({{"kind", kind},
                    {"name", printable(each.name)},
                    {"changed", !each.what.empty()},
                    {"differences", std::move(differences)}});
  }
  return nlohmann::ordered_json{{"objects", std::move(list)}}.dump(2, ' ', false,
                                                                   nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace ashlar::cli
