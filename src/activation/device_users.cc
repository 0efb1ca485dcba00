// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/device_users.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <memory>
#include <sstream>

#include "activation/target.h"
#include "base/log.h"
#include "base/system_file.h"
#include "base/unique_fd.h"
#include "device/sysfs.h"

namespace ashlar::dm {
namespace {

std::optional<DevNumber> number_of_path(const std::string& path) {
  // Only under /dev: looking at a network file system's source could wait for its server.
  if (!path.starts_with("/dev/")) return std::nullopt;
  struct stat st {};
  if (stat(path.c_str(), &st) != 0 || !S_ISBLK(st.st_mode)) return std::nullopt;
  return DevNumber{major(st.st_rdev), minor(st.st_rdev)};
}

/// The kernel writes blanks, tabs, newlines and backslashes as \ooo.
std::string unescape(std::string_view word) {
  std::string out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const std::string_view digits = word.substr(i + (word[i] == '\\' ? 1 : 0), 3);
    const bool octal = word[i] == '\\' && digits.size() == 3 &&
                       std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '7'; });
    if (octal) {
      out += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
      i += 3;
    } else {
      out += word[i];
    }
  }
  return out;
}

std::vector<std::string> holders(DevNumber number) {
  const std::string path = fmt::format("/sys/dev/block/{}:{}/holders", number.major, number.minor);
  const UniqueDir dir(opendir(path.c_str()));
  std::vector<std::string> names;
  if (!dir) return names;
  while (const dirent* each = readdir(dir.get())) {
    const std::string name = each->d_name;
    if (name.starts_with('.')) continue;
    const std::string dm_name = device::read_line(path + "/" + name + "/dm/name").value_or("");
    names.push_back(dm_name.empty() ? name : fmt::format("{} ({})", name, printable(dm_name)));
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool is_swap(DevNumber number) {
  std::istringstream lines(system_file("/proc/swaps"));
  std::string line;
  std::getline(lines, line);  // the heading
  while (std::getline(lines, line))
    if (number_of_path(unescape(line.substr(0, line.find_first_of(" \t")))) == number) return true;
  return false;
}

}  // namespace

std::vector<std::string> mount_points(std::string_view mountinfo, DevNumber number,
                                      const std::function<std::optional<DevNumber>(const std::string&)>& look_up) {
  std::vector<std::string> points;
  const std::string numbers = fmt::format("{}:{}", number.major, number.minor);
  while (!mountinfo.empty()) {
    const std::string_view line = mountinfo.substr(0, mountinfo.find('\n'));
    mountinfo.remove_prefix(std::min(line.size() + 1, mountinfo.size()));
    // id parent MAJOR:MINOR root POINT options [optional fields] - type SOURCE super-options
    const std::vector<std::string_view> words = split_words(line);
    if (words.size() < 6) continue;
    const auto dash = std::find(words.begin() + 6, words.end(), "-");
    const bool has_source = words.end() - dash > 2;
    if (words[2] == numbers || (has_source && look_up(unescape(dash[2])) == number))
      points.push_back(unescape(words[4]));
  }
  return points;
}

std::vector<std::string> device_users(DevNumber number) {
  std::vector<std::string> users;
  for (const std::string& point : mount_points(system_file("/proc/self/mountinfo"), number, number_of_path))
    users.push_back("mounted on " + printable(point));
  if (is_swap(number)) users.push_back("used as swap");
  for (const std::string& name : holders(number)) users.push_back("used by " + name);
  return users;
}

}  // namespace ashlar::dm
