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

  enum class Kind { Print, Warning, Error };
  /// Takes what is said in place of both streams while it is set: not reports, documents, questions and details.
  std::function<void(Kind, std::string_view)> log = {};

  void line(std::string_view text) { say(Kind::Print, text); }
  void error(std::string_view text) { say(text.starts_with("WARNING") ? Kind::Warning : Kind::Error, text); }
  void note(std::string_view text) { say(Kind::Warning, text); }            ///< beside an error
  void detail(std::string_view text) { err_(prefix + safe(text) + "\n"); }  ///< for -v
  void plain_error(std::string_view text) { err_(safe(text) + "\n"); }      ///< usage errors have no prefix
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
  void say(Kind kind, std::string_view text) {
    if (log)
      log(kind, safe(text));
    else
      (kind == Kind::Print ? out_ : err_)(prefix + safe(text) + "\n");
  }

  Sink out_, err_, report_;
};

}  // namespace ashlar::cli
