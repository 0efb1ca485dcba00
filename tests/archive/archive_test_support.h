// SPDX-License-Identifier: LGPL-2.1-or-later
// A temporary pair of directories with an Archive on it, and what is in them.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "archive/archive.h"
#include "archive/file_archive.h"
#include "support/host.h"
#include "support/processes.h"

namespace ashlar::archive {

namespace fs = std::filesystem;
using test::Child;
using test::put_file;
using test::TempDir;

constexpr std::int64_t kDay = 86400;

inline std::string text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

inline mode_t mode_of(const std::string& path) {
  struct stat st {};
  return ::lstat(path.c_str(), &st) == 0 ? st.st_mode & 07777U : 0;
}

/// Sets a file's time of last writing, which leaves its directory's alone.
inline void set_age(const std::string& path, std::int64_t seconds) {
  timespec times[2] = {};
  times[0].tv_sec = times[1].tv_sec = ::time(nullptr) - seconds;
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0) << path;
}

class InDirectories : public testing::Test {
 protected:
  Options options() {
    Options o;
    o.archive_dir = dir_ / "archive";
    o.backup_dir = dir_ / "backup";
    return o;
  }
  std::unique_ptr<Archive> archive() { return file_archive(options(), random_); }
  /// Counts the reads of directories in reads_.
  std::unique_ptr<Archive> counting(Options o) {
    Surroundings s;
    s.read_names = [this](int fd) {
      ++reads_;
      return read_names(fd);
    };
    s.now = [] { return std::int64_t{::time(nullptr)}; };
    return file_archive(std::move(o), random_, std::move(s));
  }

  /// Names in the archive directory but those with a dot in front, sorted.
  std::vector<std::string> files() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(dir_ / "archive"))
      names.push_back(entry.path().filename().string());
    std::erase_if(names, [](const std::string& name) { return name[0] == '.'; });
    std::sort(names.begin(), names.end());
    return names;
  }
  /// The indices of the VG's archives, in order, as list() gives them.
  std::vector<std::uint32_t> indices(const std::string& vg) {
    std::vector<std::uint32_t> all;
    auto entries = archive()->list(vg);
    EXPECT_TRUE(entries.ok()) << entries.error().message();
    for (const Entry& entry : entries.value())
      if (!entry.is_backup) all.push_back(entry.index);
    return all;
  }
  /// What another program leaves: VG_INDEX-7.vg, so old.
  void foreign(const std::string& vg, std::uint32_t index, std::int64_t age = 0) {
    char name[32];
    std::snprintf(name, sizeof name, "_%05u-7.vg", index);
    put_file(dir_ / ("archive/" + vg + name), "x");
    if (age > 0) set_age(dir_ / ("archive/" + vg + name), age);
  }
  /// The archive directory as Ashlar or LVM2 would have made it.
  void make_directories() {
    for (const char* name : {"archive", "backup"}) {
      fs::create_directory(dir_ / name);
      ::chmod((dir_ / name).c_str(), 0700);
    }
  }

  TempDir dir_;
  SeededRandom random_{7};
  int reads_ = 0;
};

#define EXPECT_SAVED(status)                              \
  do {                                                    \
    auto saved_ = (status);                               \
    EXPECT_TRUE(saved_.ok()) << saved_.error().message(); \
  } while (false)

}  // namespace ashlar::archive
