// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string>

#include "base/unique_fd.h"
#include "config/settings.h"

namespace ashlar::config {
namespace {

constexpr std::size_t kMaxFileSize = std::size_t{16} << 20;

/// The whole file, or nothing if there is none.
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

}  // namespace

Result<Document> parse_config_option(const std::string& text) {
  auto parsed = Document::parse(text, "--config");
  if (!parsed) return Error(Errc::InvalidArgument, parsed.error().message());
  return parsed;
}

Result<Settings> load_settings(const std::string& directory, const std::string& command_line_config) {
  Settings settings(directory);
  if (!command_line_config.empty()) settings.add_layer(TRY(parse_config_option(command_line_config)));
  for (const char* name : {"/lvmlocal.conf", "/lvm.conf"}) {
    const std::string path = directory + name;
    std::optional<std::string> text = TRY(read_file(path));
    if (text) settings.add_layer(TRY(Document::parse(*std::move(text), path)));
  }
  return settings;
}

}  // namespace ashlar::config
