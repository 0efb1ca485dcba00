// SPDX-License-Identifier: LGPL-2.1-or-later
// Children that run a function, and say when they have come to a point.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <thread>

namespace ashlar::test {

/// A forked child. Its exit status is what `body` returns; it can tell the parent that it is ready, and wait to go on.
class Child {
 public:
  explicit Child(const std::function<int(Child&)>& body) {
    if (::pipe(to_parent_) != 0 || ::pipe(to_child_) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) ::_exit(body(*this));
  }
  ~Child() {
    if (pid_ > 0) join();
    for (int fd : {to_parent_[0], to_parent_[1], to_child_[0], to_child_[1]}) ::close(fd);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // In the child.
  void ready() { put(to_parent_[1]); }
  void await_go() { get(to_child_[0]); }
  // In the parent.
  void await_ready() { get(to_parent_[0]); }
  void go() { put(to_child_[1]); }
  pid_t pid() const { return pid_; }
  int join() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  static void put(int fd) {
    if (::write(fd, "x", 1) != 1) std::abort();
  }
  static void get(int fd) {
    char c = 0;
    while (::read(fd, &c, 1) == -1 && errno == EINTR) {
    }
  }

  int to_parent_[2], to_child_[2];
  pid_t pid_ = 0;
};

/// True as soon as `condition` is; false after ten seconds.
inline bool eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 2000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

}  // namespace ashlar::test
