// SPDX-License-Identifier: LGPL-2.1-or-later
// Words of a command line to the library's requests: names of VGs and LVs, sizes, policies.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/option.h"
#include "metadata/model/volume_group.h"
#include "plan/requests.h"

namespace ashlar::cli {

/// "VG", "VG/LV", "/dev/VG/LV", "/dev/mapper/VG-LV".
struct LvName {
  std::string vg, lv;  ///< lv empty: the VG as a whole
};
/// A word as an argument that may name a VG or an LV: a bare one is an LV of the VG that LVM_VG_NAME names, if that is
/// set.
std::string vg_or_lv(const std::string& word);

/// `lv` only ("data"): taken from LVM_VG_NAME where `bare_is_lv`. Errc::InvalidArgument for an LV's name that cannot be
/// one.
Result<LvName> parse_lv_name(const std::string& word, bool bare_is_lv = false);
/// Of a VG that should be there: Errc::NotFound for a name that none can have.
Result<std::string> parse_vg_name(const std::string& word);
/// Of one that is to be made, or restored: Errc::InvalidArgument.
Result<std::string> parse_new_vg_name(const std::string& word);
/// parse_lv_name() of one that is to be made or renamed: Errc::InvalidArgument also for the VG's name in it.
Result<LvName> parse_new_lv_name(const std::string& word, bool bare_is_lv = false);
/// The same of one that should be there: Errc::NotFound for a name that no LV can have.
Result<LvName> parse_old_lv_name(const std::string& word, bool bare_is_lv = false);
/// The same, not yet judged: "VG" of "VG", "/dev/VG" and "/dev/mapper/VG".
std::string vg_word(const std::string& word);

/// Of several names, what keeps LVM2 from all of them: a path in place of a VG, Errc::InvalidArgument; one that is too
/// long for an LV, Errc::NotFound. A name that is wrong otherwise is only one that is not there. Tags may be among them.
Status check_vg_words(const std::vector<std::string>& words);
Status check_lv_words(const std::vector<std::string>& words);

using LvsByVg = std::vector<std::pair<std::string, std::vector<std::string>>>;
/// LVs of a command line by VG, in the order of the VGs' first mention; an empty list means all of the VG.
struct GroupedLvs {
  LvsByVg groups;
  std::vector<Error> failures;  ///< of names that nothing can have
};
/// Errors of check_lv_words().
Result<GroupedLvs> group_lvs(const std::vector<std::string>& words);

/// -L and -l, exactly one of them; nothing if neither is there.
Result<std::optional<plan::SizeRequest>> parse_size_options(const Args& args);
Result<std::optional<AllocPolicy>> parse_alloc(const Args& args);
Result<std::optional<std::uint32_t>> parse_count(const Args& args, std::string_view option, std::uint64_t max);
/// --metadatatype, of which there is one.
Status check_metadata_type(const Args& args);
/// --vgmetadatacopies or --metadatacopies of a VG: plan::kAllCopies, 0 for "unmanaged", or the number.
Result<std::optional<std::uint32_t>> parse_copies(const Args& args);
/// Kibibytes if the number has no unit.
Result<std::optional<Bytes>> parse_bytes(const Args& args, std::string_view option, char default_unit);
/// --major, of which only a warning comes: the kernel gives it.
struct Major {
  std::optional<std::int32_t> number;
  std::string warning;  ///< empty: none
};
/// `dm_major`: the one the kernel has; 0: there is no driver.
Result<Major> parse_major(const Args& args, std::int32_t dm_major);
/// --permission: r or rw.
Result<std::optional<bool>> parse_writable(const Args& args);
/// "auto", "none" or sectors: as metadata has it.
Result<std::optional<std::int32_t>> parse_read_ahead(const Args& args);
/// The name of the metadata profile; empty: --detachprofile. Nothing: none of these options is there.
Result<std::optional<std::string>> parse_profile(const Args& args);
Result<std::vector<std::string>> parse_tags(const Args& args, std::string_view option);

}  // namespace ashlar::cli
