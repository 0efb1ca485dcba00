// SPDX-License-Identifier: LGPL-2.1-or-later
#include "lock/holders.h"

#include <fmt/format.h>
#include <sys/sysmacros.h>

#include <sstream>
#include <vector>

#include "base/log.h"
#include "base/system_file.h"

namespace ashlar::lock {

namespace {
constexpr std::size_t kMaxLocks = std::size_t{4} << 20;  // bytes of /proc/locks: some 80,000 locks
constexpr std::size_t kMaxCommand = 160;                 // bytes shown of a command line
constexpr std::size_t kMaxNamed = 3;

std::string command_of(pid_t pid, const std::string& proc) {
  std::string words = system_file(fmt::format("{}/{}/cmdline", proc, pid), kMaxCommand + 1);
  const bool cut = words.size() > kMaxCommand;
  words.resize(std::min(words.size(), kMaxCommand));
  while (!words.empty() && words.back() == '\0') words.pop_back();
  for (char& c : words)
    if (c == '\0') c = ' ';
  if (words.empty()) {  // a zombie or a kernel thread has no words, but a name
    words = system_file(fmt::format("{}/{}/comm", proc, pid), kMaxCommand);
    while (!words.empty() && words.back() == '\n') words.pop_back();
    if (words.empty()) return "no longer running";
    words = "[" + words + "]";
  }
  return printable(words) + (cut ? "..." : "");
}

/// The PID of a line such as "3: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF" if it is a held flock on `file`, or 0.
pid_t holder_in(const std::string& line, FileId file) {
  std::istringstream words(line);
  std::string number, kind, strictness, mode, where;
  pid_t pid = 0;
  words >> number >> kind >> strictness >> mode >> pid >> where;  // a waiter's line has "->" for its kind
  if (!words || kind != "FLOCK") return 0;
  const std::string wanted =
      fmt::format("{:02x}:{:02x}:{}", major(file.device), minor(file.device), static_cast<std::uint64_t>(file.inode));
  return where == wanted ? pid : 0;
}
}  // namespace

std::string holders_of(FileId file, const std::string& proc) {
  std::istringstream lines(system_file(proc + "/locks", kMaxLocks));
  std::vector<pid_t> pids;
  for (std::string line; std::getline(lines, line);) {
    pid_t pid = holder_in(line, file);
    if (pid > 0) pids.push_back(pid);
  }

  std::string text;
  for (std::size_t i = 0; i < pids.size() && i < kMaxNamed; ++i) {
    if (i > 0) text += i + 1 == pids.size() ? " and " : ", ";
    text += fmt::format("PID {} ({})", pids[i], command_of(pids[i], proc));
  }
  if (pids.size() > kMaxNamed) text += fmt::format(" and {} more", pids.size() - kMaxNamed);
  return text;
}

}  // namespace ashlar::lock
