// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/device_users.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <sstream>

#include "base/log.h"
#include "base/system_file.h"

namespace ashlar::device {

namespace {

std::optional<DevNumber> number_at(const std::string& path) {
  // Only under /dev: looking at a network file system's source could wait for its server.
  if (!path.starts_with("/dev/")) return std::nullopt;
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0 || !S_ISBLK(st.st_mode)) return std::nullopt;
  return DevNumber{gnu_dev_major(st.st_rdev), gnu_dev_minor(st.st_rdev)};
}

std::vector<std::string> blank_separated(std::string_view line) {
  std::istringstream in{std::string(line)};
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(std::move(word));
  return words;
}

/// Of the mount, and those of the filesystem; the first of those is rw or ro too, and the mount's own rules.
std::string all_options(const std::string& of_mount, const std::string& of_filesystem) {
  const std::size_t comma = of_filesystem.find(',');
  return comma == std::string::npos ? of_mount : of_mount + of_filesystem.substr(comma);
}

}  // namespace

std::string unescape_octal(std::string_view text) {
  std::string out;
  auto digit = [&](std::size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '7'; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && digit(i + 1) && digit(i + 2) && digit(i + 3)) {
      const int value = (text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0');
      out += static_cast<char>(value & 0xff);
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::vector<Mount> mounts(std::string_view mountinfo, DevNumber number,
                          const std::function<std::optional<DevNumber>(const std::string&)>& number_of_path) {
  std::vector<Mount> found;
  const std::string wanted = to_text(number);
  while (!mountinfo.empty()) {
    const std::string_view line = mountinfo.substr(0, mountinfo.find('\n'));
    mountinfo.remove_prefix(std::min(line.size() + 1, mountinfo.size()));
    // id parent MAJOR:MINOR root POINT options [optional fields] - type SOURCE super-options
    const std::vector<std::string> words = blank_separated(line);
    if (words.size() < 6) continue;
    const auto dash = std::find(words.begin() + 6, words.end(), "-");
    const bool has_source = words[2].starts_with("0:") && words.end() - dash > 2;
    if (words[2] == wanted || (has_source && number_of_path(unescape_octal(dash[2])) == number))
      found.push_back(
          {unescape_octal(words[4]), all_options(words[5], words.end() - dash > 3 ? dash[3] : ""), words[3] == "/"});
  }
  return found;
}

std::vector<Mount> mounts(const HostPaths& host, DevNumber number) {
  return mounts(system_file(host.proc + "/self/mountinfo"), number, number_at);
}

std::vector<std::string> swaps(const HostPaths& host) {
  std::vector<std::string> paths;
  std::istringstream lines(system_file(host.proc + "/swaps"));
  std::string line;
  std::getline(lines, line);  // the heading
  while (std::getline(lines, line)) paths.push_back(unescape_octal(line.substr(0, line.find_first_of(" \t"))));
  return paths;
}

std::vector<std::string> device_users(const HostPaths& host, DevNumber number) {
  std::vector<std::string> users;
  for (const Mount& mount : mounts(host, number)) users.push_back("mounted on " + printable(mount.point));
  for (const std::string& path : swaps(host))
    if (number_at(path) == number) users.emplace_back("used as swap");
  for (const Holder& holder : holders(host, number)) users.push_back("used by " + to_text(holder));
  return users;
}

}  // namespace ashlar::device
