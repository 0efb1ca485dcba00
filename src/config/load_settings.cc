// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string>

#include "base/unique_fd.h"
#include "config/files.h"
#include "config/host_tags.h"
#include "config/profiles.h"
#include "config/settings.h"

namespace ashlar::config {
namespace {

constexpr std::size_t kMaxFileSize = std::size_t{16} << 20;

}  // namespace

Result<std::optional<std::string>> read_file(const std::string& path) {
  // O_NONBLOCK: a fifo in this place must not hang every command.
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd) {
    if (errno == ENOENT) return std::optional<std::string>();
    return errno_error("cannot open the configuration file " + path);
  }
  std::string text;
  std::array<char, 65536> buffer{};
  while (true) {
    const ssize_t got = retry_eintr([&] { return ::read(fd.get(), buffer.data(), buffer.size()); });
    if (got < 0) return errno_error("cannot read the configuration file " + path);
    if (got == 0) return std::optional(std::move(text));
    if (text.size() + static_cast<std::size_t>(got) > kMaxFileSize) {
      return Error(Errc::Corrupt, "the configuration file " + path + " is larger than 16 MiB");
    }
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

Result<Document> parse_config_option(const std::string& text) {
  auto parsed = Document::parse(text, "--config");
  if (!parsed) return Error(Errc::InvalidArgument, parsed.error().message());
  return parsed;
}

namespace {
Result<std::optional<Document>> load_file(const std::string& path) {
  std::optional<std::string> text = TRY(read_file(path));
  if (!text) return std::optional<Document>();
  return std::optional<Document>(TRY(Document::parse(*std::move(text), path)));
}
}  // namespace

Result<Settings> load_settings(const SettingsRequest& request) {
  Settings files(request.directory);  // to learn config/profile_dir, which may stand in any of them
  std::vector<Document> layers;
  if (!request.command_line_config.empty()) layers.push_back(TRY(parse_config_option(request.command_line_config)));
  const std::size_t above_files = layers.size();
  std::vector<Document> of_tags;
  std::vector<std::string> tags;
  std::optional<Document> local = TRY(load_file(request.directory + "/lvmlocal.conf"));
  std::optional<Document> main = TRY(load_file(request.directory + "/lvm.conf"));
  if (main) TRY(add_host_tags(*main, request.host, tags));
  if (local) TRY(add_host_tags(*local, request.host, tags));
  for (std::size_t i = 0; i < tags.size(); ++i) {  // such a file may give the host further tags
    std::optional<Document> file = TRY(load_file(request.directory + "/lvm_" + tags[i] + ".conf"));
    if (!file) continue;
    TRY(add_host_tags(*file, request.host, tags));
    of_tags.insert(of_tags.begin(), *std::move(file));
  }
  for (Document& file : of_tags) layers.push_back(std::move(file));
  if (local) layers.push_back(*std::move(local));
  if (main) layers.push_back(*std::move(main));
  for (Document& layer : layers) files.add_layer(std::move(layer));
  const std::string profiles = files.text("config/profile_dir");
  std::vector<Document> of_profiles;
  if (request.command_profile)
    of_profiles.push_back(TRY(load_profile(profiles, *request.command_profile, ProfileKind::Command)));
  if (request.metadata_profile)
    of_profiles.push_back(TRY(load_profile(profiles, *request.metadata_profile, ProfileKind::Metadata)));
  files.insert_layers(above_files, std::move(of_profiles));
  files.set_host_tags(std::move(tags));
  return files;
}

Result<Settings> load_settings(const std::string& directory, const std::string& command_line_config) {
  return load_settings(SettingsRequest{.directory = directory, .command_line_config = command_line_config});
}

}  // namespace ashlar::config
