// SPDX-License-Identifier: LGPL-2.1-or-later
#include "activation/dm_log.h"

#include <libdevmapper.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <new>

namespace ashlar::dm {
namespace {

// libdevmapper's levels; higher bits of a level are options of its own.
constexpr int kLevelMask = 0x07;
constexpr int kErrorLevel = 3;
constexpr int kWarning = 4;

/// libdevmapper takes a bare function, so that where its messages go cannot be passed along.
thread_local DmLog* innermost = nullptr;

__attribute__((format(printf, 5, 6))) void receive(int level, const char*, int, int, const char* format, ...) {
  if (innermost == nullptr) return;
  char line[1024];
  va_list args;
  va_start(args, format);
  const int length = vsnprintf(line, sizeof line, format, args);
  va_end(args);
  if (length <= 0) return;
  try {
    innermost->receive(level & kLevelMask, line);
  } catch (const std::bad_alloc&) {
    // The message is lost. libdevmapper does not expect to be left from here: it may be about to destroy a semaphore.
  }
}

}  // namespace

DmLog::DmLog() : outer_(innermost) {
  innermost = this;
  dm_log_with_errno_init(dm::receive);
}

DmLog::~DmLog() {
  // A change may be dropped after a later question has begun: not always the innermost.
  DmLog** link = &innermost;
  while (*link != this && *link != nullptr) link = &(*link)->outer_;
  if (*link == this) *link = outer_;
  try {
    flush();
  } catch (const std::bad_alloc&) {  // maybe on the way out of a lack of memory
  }
}

void DmLog::receive(int level, std::string line) {
  if (level <= kErrorLevel) {
    if (!errors_.empty()) errors_ += "; ";
    errors_ += printable(line);
  }
  if (log_enabled()) lines_.emplace_back(level == kWarning ? LogLevel::Warning : LogLevel::Debug, std::move(line));
}

std::string DmLog::take_errors() { return std::exchange(errors_, {}); }

Error DmLog::error(const std::string& what, int sys_errno) {
  const std::string why = take_errors();
  const Errc code = sys_errno == EBUSY                          ? Errc::Busy
                    : sys_errno == ENOENT || sys_errno == ENXIO ? Errc::NotFound
                                                                : Errc::Io;
  return Error(code, why.empty() ? what : what + ": " + why, sys_errno);
}

void DmLog::flush() {
  for (const auto& [level, line] : std::exchange(lines_, {})) log(level, "device-mapper: " + printable(line));
}

}  // namespace ashlar::dm
