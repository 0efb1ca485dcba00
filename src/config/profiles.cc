// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/profiles.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "config/files.h"
#include "config/settings.h"

namespace ashlar::config {
namespace {

constexpr std::string_view kOfCommands[] = {
    "global/units", "global/si_unit_consistency", "global/suffix", "global/lvdisplay_shows_full_device_path",
    "log/report_command_log", "log/command_log_sort", "log/command_log_cols", "log/command_log_selection",
    "report/devtypes_sort", "report/devtypes_cols", "report/devtypes_cols_verbose",
};

constexpr std::string_view kOfMetadata[] = {
    "activation/thin_pool_autoextend_percent", "activation/thin_pool_autoextend_threshold",
    "activation/vdo_pool_autoextend_percent", "activation/vdo_pool_autoextend_threshold",
    "allocation/cache_metadata_format", "allocation/cache_mode", "allocation/cache_policy",
    "allocation/cache_pool_chunk_size", "allocation/cache_pool_max_chunks",
    "allocation/cache_pool_metadata_require_separate_pvs", "allocation/thin_pool_chunk_size",
    "allocation/thin_pool_chunk_size_policy", "allocation/thin_pool_discards", "allocation/thin_pool_zero",
    "allocation/vdo_ack_threads", "allocation/vdo_bio_rotation", "allocation/vdo_bio_threads",
    "allocation/vdo_block_map_cache_size_mb", "allocation/vdo_block_map_period", "allocation/vdo_check_point_frequency",
    "allocation/vdo_cpu_threads", "allocation/vdo_hash_zone_threads", "allocation/vdo_index_memory_size_mb",
    "allocation/vdo_logical_threads", "allocation/vdo_max_discard", "allocation/vdo_minimum_io_size",
    "allocation/vdo_physical_threads", "allocation/vdo_pool_header_size", "allocation/vdo_slab_size_mb",
    "allocation/vdo_use_compression", "allocation/vdo_use_deduplication", "allocation/vdo_use_metadata_hints",
    "allocation/vdo_use_sparse_index", "allocation/vdo_write_policy",
};

bool is_section_of(ProfileKind kind, std::string_view path) {
  if (kind == ProfileKind::Metadata) return path == "activation" || path == "allocation" || path.starts_with("allocation/cache_settings");
  return path == "report" || path == "global" || path == "log";
}

bool fits(ProfileKind kind, Node section, const std::string& above) {
  for (Node node : section) {
    const std::string path = above.empty() ? std::string(node.key()) : above + "/" + std::string(node.key());
    if (node.is_section() ? !is_section_of(kind, path) || !fits(kind, node, path) : !is_profilable(kind, path)) return false;
  }
  return true;
}

}  // namespace

bool is_profilable(ProfileKind kind, std::string_view path) {
  if (kind == ProfileKind::Metadata)
    return path.starts_with("allocation/cache_settings/") || std::ranges::find(kOfMetadata, path) != std::end(kOfMetadata);
  if (std::ranges::find(kOfCommands, path) != std::end(kOfCommands)) return true;
  return path.starts_with("report/") && std::ranges::find(all_settings(), path, &Setting::path) != all_settings().end();
}

Result<Document> load_profile(const std::string& directory, const std::string& name, ProfileKind kind) {
  const std::string_view word = kind == ProfileKind::Command ? "command" : "metadata";
  const std::string shown = printable(name);
  auto refused = [&](const std::string& why) {
    return Error(Errc::Refused, fmt::format("{}  Failed to apply {} profile {}.", why, word, shown));
  };
  if (name.empty()) return refused("Undefined profile name.");
  if (name.find('/') != std::string::npos) return refused(fmt::format("{}: bad profile name, it contains '/'.", shown));
  const std::string path = directory + "/" + name + ".profile";
  auto text = read_file(path);
  if (!text) return refused(text.error().message() + ".");
  if (!*text) return refused(path + ": no such file.");
  auto document = Document::parse(std::move(**text), path);
  if (!document) return refused(document.error().message() + ".");
  const bool legal = !document->root().first_child().empty() && fits(kind, document->root(), "") && wrong_types(*document).empty();
  if (!legal) return refused(fmt::format("Ignoring invalid {} profile {}.", word, shown));
  return document;
}

}  // namespace ashlar::config
