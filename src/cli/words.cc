// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "activation/names.h"
#include "base/log.h"
#include "base/names.h"
#include "base/size_text.h"
#include "metadata/model/alloc_policy.h"
#include "metadata/model/query.h"

namespace ashlar::cli {

namespace {
constexpr std::string_view kDev = "/dev/";
constexpr std::string_view kMapper = "mapper/";

Result<std::uint64_t> whole_number(std::string_view text, std::string_view option, std::uint64_t max) {
  std::uint64_t n = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (text.empty() || ec != std::errc() || end != text.data() + text.size() || n > max)
    return Error(Errc::InvalidArgument,
                 fmt::format("Invalid argument for --{}: {} (a number up to {})", option, printable(text), max));
  return n;
}

/// "50%FREE", "+20", "-3": what -l takes.
Result<plan::SizeRequest> parse_extents(std::string_view text) {
  plan::SizeRequest request;
  std::string_view rest = text;
  if (rest.starts_with('+')) request.sign = plan::SizeRequest::Sign::Plus;
  if (rest.starts_with('-')) request.sign = plan::SizeRequest::Sign::Minus;
  if (request.sign != plan::SizeRequest::Sign::Absolute) rest.remove_prefix(1);
  std::size_t percent = rest.find('%');
  const bool plain = percent == std::string_view::npos;
  std::uint64_t n = TRY(whole_number(rest.substr(0, percent), "extents", plain ? INT64_MAX : UINT32_MAX));
  if (plain) {
    request.amount = Extents{n};
    return request;
  }
  static constexpr std::pair<std::string_view, plan::Percent::Of> kBases[] = {{"VG", plan::Percent::Of::Vg},
                                                                              {"FREE", plan::Percent::Of::Free},
                                                                              {"PVS", plan::Percent::Of::Pvs},
                                                                              {"LV", plan::Percent::Of::Lv},
                                                                              {"ORIGIN", plan::Percent::Of::Origin}};
  std::string base(rest.substr(percent + 1));
  std::transform(base.begin(), base.end(), base.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  for (const auto& [word, of] : kBases) {
    if (!base.empty() && word.starts_with(base)) {
      request.amount = plan::Percent{static_cast<std::uint32_t>(n), of};
      return request;
    }
  }
  return Error(Errc::InvalidArgument,
               fmt::format("Invalid argument for --extents: {} (%VG, %FREE, %PVS, %LV or %ORIGIN)", printable(text)));
}

Result<plan::SizeRequest> parse_size_word(std::string_view text) {
  plan::SizeRequest request;
  if (text.starts_with('+')) request.sign = plan::SizeRequest::Sign::Plus;
  if (text.starts_with('-')) request.sign = plan::SizeRequest::Sign::Minus;
  if (request.sign != plan::SizeRequest::Sign::Absolute) text.remove_prefix(1);
  auto size = parse_size(text);
  if (!size)
    return Error(Errc::InvalidArgument, fmt::format("Invalid argument for --size: {}", size.error().message()));
  request.amount = *size;
  return request;
}
/// "vg//lv" is a path, and as such the same as "vg/lv".
std::string single_slashes(std::string name) {
  for (std::size_t twice; (twice = name.find("//")) != std::string::npos;) name.erase(twice, 1);
  return name;
}
}  // namespace

std::string vg_word(const std::string& word) {
  if (!word.starts_with(kDev)) return word;
  std::string name = word.substr(kDev.size());
  if (!name.starts_with(kMapper)) return name;
  const dm::SplitName split = dm::split_name(name.substr(kMapper.size()));
  return split.lv.empty() ? split.vg : split.vg + "/" + split.lv;
}

Result<std::string> parse_vg_name(const std::string& word) {
  std::string name = vg_word(word);
  if (is_valid_name(name)) return name;
  return Error(Errc::NotFound, fmt::format("Volume group name \"{}\" has invalid characters.", printable(name)));
}

Result<std::string> parse_new_vg_name(const std::string& word) {
  std::string name = vg_word(word);
  TRY(check_name("Volume group name", name));
  return name;
}

std::string vg_or_lv(const std::string& word) {
  const char* vg = std::getenv("LVM_VG_NAME");
  return vg == nullptr || word.starts_with('@') || word.find('/') != std::string::npos ? single_slashes(word)
                                                                                       : fmt::format("{}/{}", vg, word);
}

namespace {
/// The parts of a name, not yet judged. Nothing of an LV: the VG as a whole.
struct NameParts {
  std::string vg;
  std::optional<std::string> lv;
};

Result<NameParts> split_lv_name(const std::string& word, bool bare_is_lv) {
  std::string name = bare_is_lv ? vg_or_lv(word) : single_slashes(word);
  bool path = name.starts_with(kDev);
  if (path) name.erase(0, kDev.size());
  if (path && name.starts_with(kMapper)) {
    dm::SplitName split = dm::split_name(name.substr(kMapper.size()));
    if (split.lv.empty() && bare_is_lv)
      return Error(Errc::InvalidArgument, fmt::format("{} is not the name of a logical volume", printable(word)));
    return split.lv.empty() ? NameParts{split.vg, {}} : NameParts{split.vg, split.lv};
  }
  std::size_t slash = name.find('/');
  if (slash == std::string::npos && bare_is_lv)
    return Error(Errc::InvalidArgument,
                 fmt::format("Path required for Logical Volume \"{}\": VG/LV, or set LVM_VG_NAME", printable(word)));
  if (slash == std::string::npos) return NameParts{name, {}};
  if (slash == 0 || name.find('/', slash + 1) != std::string::npos)
    return Error(Errc::InvalidArgument, fmt::format("\"{}\": Invalid path for Logical Volume.", printable(word)));
  return NameParts{name.substr(0, slash), name.substr(slash + 1)};
}
}  // namespace

Result<LvName> parse_lv_name(const std::string& word, bool bare_is_lv) {
  NameParts parts = TRY(split_lv_name(word, bare_is_lv));
  LvName result{TRY(parse_vg_name(parts.vg)), parts.lv.value_or("")};
  if (parts.lv) TRY(check_name("Logical volume name", result.lv));
  return result;
}

Status check_vg_words(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (const std::string name = vg_word(word); !word.starts_with('@') && name.find('/') != std::string::npos)
      return Error(Errc::InvalidArgument, fmt::format("Invalid volume group name {}.", printable(name)));
  }
  return ok();
}

Status check_lv_words(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (word.starts_with('@')) continue;
    if (auto parts = split_lv_name(vg_or_lv(word), false); !parts)
      return Error(Errc::NotFound, parts.error().message());  // one that is not there, as scripts know it from LVM2
  }
  return ok();
}

Result<LvName> parse_new_lv_name(const std::string& word, bool bare_is_lv) {
  auto name = parse_lv_name(word, bare_is_lv);
  if (!name) return Error(Errc::InvalidArgument, name.error().message());
  return name;
}

Result<LvName> parse_old_lv_name(const std::string& word, bool bare_is_lv) {
  NameParts parts = TRY(split_lv_name(word, bare_is_lv));
  LvName name{TRY(parse_new_vg_name(parts.vg)), parts.lv.value_or("")};
  if (parts.lv && !is_valid_name(name.lv)) return no_such_lv(name.vg, name.lv);
  return name;
}

Result<GroupedLvs> group_lvs(const std::vector<std::string>& words) {
  TRY(check_lv_words(words));
  GroupedLvs grouped;
  LvsByVg& groups = grouped.groups;
  std::vector<std::pair<std::string, Error>> unnamable;  // with their VGs
  for (const std::string& word : words) {
    const NameParts name = TRY(split_lv_name(vg_or_lv(word), false));
    if (auto vg = parse_vg_name(name.vg); !vg) {
      grouped.failures.push_back(std::move(vg).error());
      continue;
    }
    if (name.lv && !is_valid_name(*name.lv)) {
      unnamable.emplace_back(name.vg, no_such_lv(name.vg, *name.lv));
      continue;
    }
    auto at = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == name.vg; });
    if (at == groups.end()) {
      groups.push_back({name.vg, {}});
      at = groups.end() - 1;
      if (name.lv) at->second.push_back(*name.lv);
      continue;
    }
    // A VG named as a whole swallows its single LVs.
    if (!name.lv || at->second.empty())
      at->second.clear();
    else if (std::find(at->second.begin(), at->second.end(), *name.lv) == at->second.end())
      at->second.push_back(*name.lv);
  }
  for (auto& [vg, failure] : unnamable) {
    const bool swallowed = std::any_of(groups.begin(), groups.end(),
                                       [&vg = vg](const auto& g) { return g.first == vg && g.second.empty(); });
    if (!swallowed) grouped.failures.push_back(std::move(failure));
  }
  return grouped;
}

Result<std::optional<plan::SizeRequest>> parse_size_options(const Args& args) {
  auto size = args.value("size"), extents = args.value("extents");
  if (size && extents) return Error(Errc::InvalidArgument, "Please specify either size or extents (not both)");
  if (size) return std::optional(TRY(parse_size_word(*size)));
  if (extents) return std::optional(TRY(parse_extents(*extents)));
  return std::optional<plan::SizeRequest>();
}

Result<std::optional<AllocPolicy>> parse_alloc(const Args& args) {
  auto word = args.value("alloc");
  if (!word) return std::optional<AllocPolicy>();
  // cling heeds tags too, and is what LVM2 writes for both.
  if (*word == "cling_by_tags") return std::optional(AllocPolicy::Cling);
  if (auto policy = parse_policy(*word)) return policy;
  return Error(
      Errc::InvalidArgument,
      fmt::format("Invalid argument for --alloc: {} (contiguous, cling, cling_by_tags, normal, anywhere or inherit)",
                  printable(*word)));
}

Result<std::optional<std::uint32_t>> parse_count(const Args& args, std::string_view option, std::uint64_t max) {
  auto word = args.value(option);
  if (!word) return std::optional<std::uint32_t>();
  const std::string_view number =
      std::string_view(*word).substr(option == "stripes" && word->starts_with('+') ? 1 : 0);  // LVM2 takes one
  return std::optional(static_cast<std::uint32_t>(TRY(whole_number(number, option, max))));
}

Status check_metadata_type(const Args& args) {
  const auto type = args.value("metadatatype");
  if (!type || *type == "2" || *type == "lvm2") return ok();
  return Error(Errc::InvalidArgument, fmt::format("Invalid argument for --metadatatype: {} (lvm2)", printable(*type)));
}

Result<std::optional<std::uint32_t>> parse_copies(const Args& args) {
  std::string_view option = args.has("vgmetadatacopies") ? "vgmetadatacopies" : "metadatacopies";
  auto word = args.value(option);
  if (!word) return std::optional<std::uint32_t>();
  if (*word == "all") return std::optional(plan::kAllCopies);
  if (*word == "unmanaged") return std::optional(std::uint32_t{0});
  return parse_count(args, option, plan::kAllCopies);
}

Result<std::optional<Bytes>> parse_bytes(const Args& args, std::string_view option, char default_unit) {
  auto word = args.value(option);
  if (!word) return std::optional<Bytes>();
  auto size = parse_size(std::string_view(*word).substr(word->starts_with('+') ? 1 : 0), default_unit);
  if (!size)
    return Error(Errc::InvalidArgument, fmt::format("Invalid argument for --{}: {}", option, size.error().message()));
  return std::optional(*size);
}

Result<Major> parse_major(const Args& args, std::int32_t dm_major) {
  auto given = TRY(parse_count(args, "major", INT32_MAX));
  if (!given) return Major{};
  const auto number = static_cast<std::int32_t>(*given);
  Major major{number, {}};
  if (dm_major == 0)
    major.warning =
        fmt::format("WARNING: Ignoring supplied major number {} - kernel assigns major numbers dynamically.", number);
  else if (number != dm_major)
    major.warning = fmt::format(
        "WARNING: Ignoring supplied major number {} - kernel assigns major numbers dynamically. Using major number {} instead.",
        number, dm_major);
  return major;
}

Result<std::optional<bool>> parse_writable(const Args& args) {
  auto word = args.value("permission");
  if (!word) return std::optional<bool>();
  if (*word != "r" && *word != "rw")
    return Error(Errc::InvalidArgument,
                 fmt::format("Invalid argument for --permission: {} (r or rw)", printable(*word)));
  return std::optional(*word == "rw");
}

Result<std::optional<std::int32_t>> parse_read_ahead(const Args& args) {
  auto word = args.value("readahead");
  if (!word) return std::optional<std::int32_t>();
  if (*word == "auto") return std::optional<std::int32_t>(0);
  if (*word == "none") return std::optional<std::int32_t>(-1);
  // A bare number is sectors; with a unit it is a size.
  auto size = parse_size(*word, 's');
  if (!size || to_sectors(*size).n > INT32_MAX)
    return Error(Errc::InvalidArgument,
                 fmt::format("Invalid argument for --readahead: {} (auto, none or sectors)", printable(*word)));
  // No read-ahead is stored as -1; a stored 0 means auto.
  return std::optional(size->n == 0 ? -1 : static_cast<std::int32_t>(to_sectors(*size).n));
}

Result<std::optional<std::string>> parse_profile(const Args& args) {
  std::optional<std::string> name = args.has("metadataprofile") ? args.value("metadataprofile") : args.value("profile");
  if (name && args.has("detachprofile"))
    return Error(Errc::InvalidArgument, "Only one of --profile and --detachprofile permitted.");
  if (args.has("detachprofile")) name.emplace();
  return name;
}

Result<std::vector<std::string>> parse_tags(const Args& args, std::string_view option) {
  std::vector<std::string> tags;
  for (std::string tag : args.list(option)) {
    if (tag.starts_with('@')) tag.erase(0, 1);
    TRY(check_tag(tag));
    tags.push_back(std::move(tag));
  }
  return tags;
}

}  // namespace ashlar::cli
