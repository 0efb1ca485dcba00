// SPDX-License-Identifier: LGPL-2.1-or-later
// Waiting, for a time that is bounded, until udev has handled the events of a change. The kernel passes a cookie from
// each command to its event; udev's last rule counts it down. Source: docs/format.md 8.6, docs/activation.md.
#pragma once

#include <chrono>
#include <cstdint>

#include "activation/dm_log.h"

namespace ashlar::dm {

/// Does a udevd listen on /run/udev/control.
bool udevd_listens();

/// One semaphore for the events of one batch of commands; destroyed with it. 0 if there is nothing to wait for.
class UdevCookie {
 public:
  /// `sync`: a udevd is there and activation/udev_sync says to wait for it. Never fails: that no semaphore could be had
  /// is logged, and nobody waits.
  UdevCookie(DmLog& log, bool sync, bool verify_operations);
  ~UdevCookie();
  UdevCookie(const UdevCookie&) = delete;
  UdevCookie& operator=(const UdevCookie&) = delete;

  std::uint32_t value() const { return value_; }
  bool synced() const { return value_ != 0; }
  /// The events count there from now on: libdevmapper destroys the semaphore that it was given when it reverts, and makes
  /// one of its own.
  void follow(std::uint32_t cookie);

  /// True when udev has handled every event, false when it has not handled any for `patience`. Afterwards nodes that
  /// libdevmapper has to make are made, read-ahead is set, and the cookie is gone. Ends at once without a cookie.
  bool wait(std::chrono::seconds patience);

 private:
  void destroy();

  std::uint32_t value_ = 0;
};

}  // namespace ashlar::dm
