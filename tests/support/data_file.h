// SPDX-License-Identifier: LGPL-2.1-or-later
// Files of tests/data, found from any working directory.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace ashlar::test {

/// A file of the project. Compilers and their caches may make __FILE__ a relative name, so the build says where it is.
std::filesystem::path source_path(const std::string& name);
inline std::filesystem::path data_path(const std::string& name) { return source_path("tests/data/" + name); }

inline std::string read_data(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.is_open()) << path;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The lines of a file that are neither empty nor start with '#'.
inline std::vector<std::string> data_lines(const std::string& name) {
  std::istringstream in(read_data(data_path(name)));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line[0] != '#') lines.push_back(line);
  }
  return lines;
}

}  // namespace ashlar::test
