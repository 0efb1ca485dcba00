// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fmt/format.h>

#include <set>

#include "base/log.h"
#include "base/names.h"
#include "lock/directory.h"
#include "lock/images.h"
#include "lock/lock_file.h"
#include "lock/locks.h"

namespace ashlar::lock {

namespace {
/// What the locks of one Locks know of one another; kept alive by each of them.
struct Shared {
  explicit Shared(std::vector<std::string> paths) : images(std::move(paths)) {}

  Images images;
  std::set<std::string> held;  // names of lock files; "P_global" sorts before every "V_NAME", as the order wants it
};

class FileLock final : public Lock {
 public:
  FileLock(std::shared_ptr<Shared> shared, std::string name, LockFile file)
      : shared_(std::move(shared)), name_(std::move(name)), file_(std::move(file)) {}
  ~FileLock() override {
    shared_->images.leave();
    shared_->held.erase(name_);
  }  // then the lock file, which was taken before the images

 private:
  std::shared_ptr<Shared> shared_;
  std::string name_;
  LockFile file_;
};

class FileLocks final : public Locks {
 public:
  explicit FileLocks(FileLockOptions options)
      : options_(std::move(options)), shared_(std::make_shared<Shared>(options_.images)) {}

  Result<Held> global(Mode mode) override {
    return take("P_global", "the global lock", "Can't get the global lock", mode);
  }
  Result<Held> vg(const std::string& name, Mode mode) override {
    TRY(check_name("Volume group name", name));
    return take("V_" + name, "the lock of VG " + name, "Can't get lock for " + name, mode);
  }

 private:
  /// Two processes that take the same locks in different orders can wait for one another for ever.
  Status check_order(const std::string& name, const std::string& what) const {
    if (shared_->held.contains(name)) return Error(Errc::Refused, what + " is held already, by this command itself");
    if (shared_->held.empty() || *shared_->held.rbegin() < name) return ok();
    return Error(Errc::Refused, fmt::format("{} is asked for while {} is held; the order is the global lock, then VGs "
                                            "by ascending name",
                                            what, *shared_->held.rbegin()));
  }

  Result<Held> take(const std::string& name, const std::string& what, const std::string& refusal, Mode mode) {
    TRY(check_order(name, what));
    // Opened anew each time: a program that runs for months must notice that the directory was made afresh.
    auto directory = std::make_shared<const UniqueFd>(TRY(open_lock_directory(options_.directory)));
    Wait wait(what, refusal, options_.wait, options_.on_wait);
    Result<LockFile> file =
        take_lock_file(directory, name, mode, options_.prioritise_writers, wait, [this] { shared_->images.let_go(); });
    if (!file.ok()) {
      Error error = std::move(file).error();
      if (error.code() == Errc::Busy || error.code() == Errc::Interrupted) return error;
      return std::move(error).context("Lock directory " + printable(options_.directory));
    }
    TRY(shared_->images.join(mode, wait));
    shared_->held.insert(name);
    return Held(std::make_unique<FileLock>(shared_, name, std::move(file).value()));
  }

  FileLockOptions options_;
  std::shared_ptr<Shared> shared_;
};
}  // namespace

std::unique_ptr<Locks> file_locks(FileLockOptions options) { return std::make_unique<FileLocks>(std::move(options)); }

}  // namespace ashlar::lock
