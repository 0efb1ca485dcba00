// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/syslog.h"

#include <syslog.h>

namespace ashlar::cli {

namespace {
constexpr std::size_t kMost = 10000;
}  // namespace

void Syslog::add(int priority, std::string message) {
  if (messages_.size() < kMost)
    messages_.emplace_back(priority, std::move(message));
  else
    ++lost_;
}

Syslog::~Syslog() {
  if (messages_.empty()) return;
  if (lost_ > 0) messages_.emplace_back(LOG_WARNING, std::to_string(lost_) + " more messages are not logged");
  // LVM2's name and facility: what is set up to find its messages finds these.
  ::openlog("lvm", LOG_PID, LOG_USER);
  for (const auto& [priority, message] : messages_) ::syslog(priority, "%s", message.c_str());
  ::closelog();
}

}  // namespace ashlar::cli
