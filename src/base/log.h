// SPDX-License-Identifier: LGPL-2.1-or-later
// What the library says while it works. It never prints: lines go to the sink that the program installed
// for this thread (the CLI's spdlog one), or nowhere. Errors are returned, not logged.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace ashlar {

/// -v shows Info, -vv Verbose, -vvv and more Debug.
enum class LogLevel { Warning, Info, Verbose, Debug };

using LogSink = std::function<void(LogLevel, std::string_view)>;

/// Installs a sink for the calling thread while it lives.
class ScopedLogSink {
 public:
  explicit ScopedLogSink(LogSink sink);
  ~ScopedLogSink();
  ScopedLogSink(const ScopedLogSink&) = delete;
  ScopedLogSink& operator=(const ScopedLogSink&) = delete;

 private:
  LogSink sink_;
  const LogSink* outer_;
};

bool log_enabled();  ///< is anybody listening; guards costly message building
void log(LogLevel level, std::string_view message);

/// Bytes of a disk or a user made fit for a terminal or a log: control bytes, DEL and invalid UTF-8 become backslash, x
/// and two digits.
std::string printable(std::string_view bytes);

}  // namespace ashlar
