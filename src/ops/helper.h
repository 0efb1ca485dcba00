// SPDX-License-Identifier: LGPL-2.1-or-later
// Programs of others, such as resize2fs: by absolute path, without a shell, with a clean environment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ashlar::ops {

/// What a program wrote and how it ended.
struct HelperResult {
  int status = 0;      ///< exit status; 128 + N if signal N ended it
  std::string output;  ///< stdout and stderr, at most 64 KiB of it
};

/// Where the program is: in /usr/sbin, /sbin, /usr/bin or /bin. Errc::NotFound "The program NAME is not installed".
Result<std::string> find_program(const std::string& name);

struct HelperOptions {
  bool our_stdin = false;             ///< for a program that may ask; else its stdin is /dev/null
  std::optional<std::uint64_t> time;  ///< what it is to take for now, in seconds since 1970, if it can be told
};

/// Runs `words`; words[0] is looked for in /usr/sbin, /sbin, /usr/bin and /bin. Errc::NotFound names a program that is
/// not installed.
Result<HelperResult> run_helper(const std::vector<std::string>& words, const HelperOptions& options = {});

/// "WHAT failed with status N: …", of a program that did not do what it should.
Error helper_error(const std::string& what, const HelperResult& result);

/// The first number behind `name` in what a program prints.
std::optional<std::uint64_t> number_after(std::string_view text, std::string_view name);

/// Of the output of a program that failed what an error should say: its first lines that say something, without its
/// version and how it wants to be called; printable, and not long.
std::string complaint(const std::string& output);

}  // namespace ashlar::ops
