// SPDX-License-Identifier: LGPL-2.1-or-later
// Where a command's words go. stdout carries results, stderr everything else. Lines start with log/prefix (two blanks).
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace ashlar::cli {

class Output {
 public:
  using Sink = std::function<void(std::string_view)>;  ///< whole lines with their newline
  /// `report`: where reports go when not to `out`.
  Output(Sink out, Sink err, Sink report = {})
      : out_(std::move(out)), err_(std::move(err)), report_(std::move(report)) {}

  void line(std::string_view text) { out_(prefix + safe(text) + "\n"); }
  void error(std::string_view text) { err_(prefix + safe(text) + "\n"); }
  void plain_error(std::string_view text) { err_(safe(text) + "\n"); }  ///< usage errors have no prefix
  void report(std::string_view text) { (report_ ? report_ : out_)(prefix + std::string(text) + "\n"); }
  void raw(std::string_view text) { out_(text); }
  void question(std::string_view text) { err_(safe(text)); }

  std::string prefix = "  ";
  bool quiet = false;  ///< -q: no "successfully created"
  void done(std::string_view text) {
    if (!quiet) line(text);
  }

  /// Whatever a name or a message holds, no control byte but tab and newline reaches a terminal.
  static std::string safe(std::string_view text);

 private:
  Sink out_, err_, report_;
};

}  // namespace ashlar::cli
