// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/logging.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>
#include <syslog.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/log.h"
#include "cli/syslog.h"

namespace ashlar::cli {

/// The state of one command's log.
struct LogTarget {
  Output* output = nullptr;
  std::string command;
  int verbose = 0;
  bool indent = false;
  std::shared_ptr<spdlog::logger> file;
  std::unique_ptr<Syslog> syslog;
  std::int64_t syslog_level = 0;  ///< as log/level counts, which is as syslog(3) does
};

namespace {
/// This thread's, as the sink is; a pointer, as what has a destructor takes memory where a thread first touches it, and
/// glibc ends the process where there is none.
thread_local LogTarget* target = nullptr;

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::Warning:
      return spdlog::level::warn;
    case LogLevel::Info:
      return spdlog::level::info;
    case LogLevel::Verbose:
      return spdlog::level::debug;
    case LogLevel::Debug:
      break;
  }
  return spdlog::level::trace;
}

/// log/level is 0 (nothing) to 7 (debugging); 2 to 4 are errors and warnings.
spdlog::level::level_enum file_level(std::int64_t level) {
  if (level >= 7) return spdlog::level::trace;
  if (level >= 6) return spdlog::level::debug;
  if (level >= 5) return spdlog::level::info;
  return spdlog::level::warn;
}

/// log/indent: the less weight, the further to the right.
std::string indentation(bool indent, LogLevel level) {
  return std::string(indent ? 2 * static_cast<std::size_t>(level) : 0, ' ');
}

void add_to_syslog(int priority, std::string_view message) {
  if (target != nullptr && target->syslog && priority <= target->syslog_level)
    target->syslog->add(priority, std::string(message));
}

void receive(LogLevel level, std::string_view message) {
  add_to_syslog(LOG_WARNING + static_cast<int>(level), message);
  if (target->file) target->file->log(to_spdlog(level), Output::safe(message));
  if (level == LogLevel::Warning)
    target->output->error("WARNING: " + std::string(message));
  else if (target->verbose >= static_cast<int>(level))
    target->output->detail(indentation(target->indent, level) + std::string(message));
}
}  // namespace

Logging::Logging(Output& output, std::string_view command, int verbose) : own_(std::make_unique<LogTarget>()) {
  own_->output = &output;
  own_->command = command;
  own_->verbose = verbose;
  around_ = std::exchange(target, own_.get());
  sink_ = std::make_unique<ScopedLogSink>(receive);
}

Logging::~Logging() {
  sink_.reset();
  target = around_;
}

void log_failure(const Error& error) {
  add_to_syslog(LOG_ERR, error.message());
  if (target != nullptr && target->file) target->file->error(Output::safe(error.message()));
}

void apply_log_settings(const config::Settings& settings, Output& output, int verbose) {
  output.prefix = (settings.flag("log/command_names") ? target->command : "") + settings.text("log/prefix");
  target->indent = settings.flag("log/indent");
  output.quiet = output.quiet || settings.flag("log/silent");
  target->verbose =
      std::max<int>(verbose, static_cast<int>(std::clamp<std::int64_t>(settings.number("log/verbose"), 0, 3)));
  std::string path = settings.text("log/file");
  std::int64_t level = settings.number("log/level");
  if (settings.flag("log/syslog") && level > 0) {
    target->syslog = std::make_unique<Syslog>();
    target->syslog_level = level;
  }
  if (path.empty() || level <= 0) return;
  const std::string folder = std::filesystem::path(path).parent_path();
  if (std::error_code none; !folder.empty() && !std::filesystem::is_directory(folder, none)) {
    output.error(fmt::format("WARNING: log/file: there is no folder {}, so nothing is logged to {}", printable(folder),
                             printable(path)));
    return;  // the library would make it
  }
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_st>(path, settings.flag("log/overwrite"));
    target->file = std::make_shared<spdlog::logger>("ashlar", std::move(sink));
    target->file->set_level(file_level(level));
    target->file->flush_on(spdlog::level::trace);
  } catch (const spdlog::spdlog_ex& e) {
    output.error("WARNING: log/file: " + printable(e.what()));
  }
}

}  // namespace ashlar::cli
