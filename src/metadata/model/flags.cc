// SPDX-License-Identifier: LGPL-2.1-or-later
#include "metadata/model/flags.h"

namespace ashlar {

namespace {
template <class F>
constexpr FlagWord word(F f, std::string_view text, bool compatible = false) {
  return {static_cast<std::uint32_t>(f), text, compatible};
}

constexpr FlagWord kVgWords[] = {
    word(VgFlag::Exported, "EXPORTED"),
    word(VgFlag::Resizeable, "RESIZEABLE"),
    word(VgFlag::PvMove, "PVMOVE"),
    word(VgFlag::Read, "READ"),
    word(VgFlag::Write, "WRITE"),
    word(VgFlag::Clustered, "CLUSTERED"),
    word(VgFlag::Shared, "SHARED"),
    word(VgFlag::WriteLocked, "WRITE_LOCKED", true),
    word(VgFlag::NoAutoActivate, "NOAUTOACTIVATE", true),
};
constexpr FlagWord kPvWords[] = {
    word(PvFlag::Allocatable, "ALLOCATABLE"),
    word(PvFlag::Exported, "EXPORTED"),
    word(PvFlag::Missing, "MISSING", true),
};
constexpr FlagWord kLvWords[] = {
    word(LvFlag::Read, "READ"),
    word(LvFlag::Write, "WRITE"),
    word(LvFlag::FixedMinor, "FIXED_MINOR"),
    word(LvFlag::Visible, "VISIBLE"),
    word(LvFlag::PvMove, "PVMOVE"),
    word(LvFlag::Locked, "LOCKED"),
    word(LvFlag::NotSynced, "NOTSYNCED"),
    word(LvFlag::Rebuild, "REBUILD"),
    word(LvFlag::WriteMostly, "WRITEMOSTLY"),
    word(LvFlag::WriteLocked, "WRITE_LOCKED", true),
    word(LvFlag::ActivationSkip, "ACTIVATION_SKIP", true),
    word(LvFlag::NoAutoActivate, "NOAUTOACTIVATE", true),
    word(LvFlag::ErrorWhenFull, "ERROR_WHEN_FULL", true),
    word(LvFlag::CacheVol, "CACHE_VOL", true),
};
}  // namespace

std::span<const FlagWord> flag_words(VgFlag) { return kVgWords; }
std::span<const FlagWord> flag_words(PvFlag) { return kPvWords; }
std::span<const FlagWord> flag_words(LvFlag) { return kLvWords; }

}  // namespace ashlar
