// SPDX-License-Identifier: LGPL-2.1-or-later
// --nolocking and --readonly. Source: docs/format.md 6.5.
#include "base/names.h"
#include "lock/locks.h"

namespace ashlar::lock {

namespace {
class Nothing final : public Lock {};

class NoLocks final : public Locks {
 public:
  Result<Held> global(Mode) override { return Held(std::make_unique<Nothing>()); }
  Result<Held> vg(const std::string& name, Mode mode) override {
    TRY(check_name("Volume group name", name));
    return global(mode);
  }
};

class ReadonlyLocks final : public Locks {
 public:
  Result<Held> global(Mode mode) override {
    if (mode == Mode::Exclusive) return Error(Errc::Refused, "Operation prohibited while --readonly is set.");
    return Held(std::make_unique<Nothing>());
  }
  Result<Held> vg(const std::string& name, Mode mode) override {
    TRY(check_name("Volume group name", name));
    return global(mode);
  }
};
}  // namespace

std::unique_ptr<Locks> no_locks() { return std::make_unique<NoLocks>(); }
std::unique_ptr<Locks> readonly_locks() { return std::make_unique<ReadonlyLocks>(); }

}  // namespace ashlar::lock
