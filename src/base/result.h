// SPDX-License-Identifier: LGPL-2.1-or-later
// Errors as values. A function that can fail returns Result<T> (Status for no value); TRY unwraps or
// returns; context() adds a line on the way up; the CLI prints the whole once. Decision: docs/decisions/0001.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ashlar {

/// What kind of failure, for programs; the message is for people.
enum class Errc {
  InvalidArgument,  ///< the caller asked for something that cannot be meant
  NotFound,         ///< a named PV, VG, LV, file or device is not there
  Exists,           ///< the name is taken
  Busy,             ///< in use: mounted, open, locked by somebody else
  NoSpace,          ///< not enough free extents, or a metadata area is full
  Io,               ///< the system refused a read, write, flush, open or ioctl, or a program that was run failed
  Corrupt,          ///< bytes on a disk or in a file are not what they must be
  Unsupported,      ///< legal, but Ashlar does not handle it
  Refused,          ///< a safety rule says no, or a person; the message names the option that allows it, if any
  Interrupted,      ///< a signal
  Partial,          ///< done in part; the message says which part is not
};

/// One failure: the innermost message plus what was being done, outermost last.
class [[nodiscard]] Error {
 public:
  Error(Errc code, std::string message, int sys_errno = 0)
      : code_(code), sys_errno_(sys_errno), message_(std::move(message)) {}

  Errc code() const { return code_; }
  int sys_errno() const { return sys_errno_; }  ///< errno of the system call behind it, or 0
  const std::string& message() const { return message_; }

  /// What was done or noticed before it, for people: said before it.
  const std::vector<std::string>& notes() const { return notes_; }
  Error noted(const std::vector<std::string>& notes) && {
    notes_.insert(notes_.begin(), notes.begin(), notes.end());
    return std::move(*this);
  }

  /// "what: message"; used on the way up.
  Error context(const std::string& what) && {
    message_ = what + ": " + message_;
    return std::move(*this);
  }

  friend bool operator==(const Error&, const Error&) = default;

 private:
  Errc code_;
  int sys_errno_;
  std::string message_;
  std::vector<std::string> notes_;
};

[[noreturn]] inline void broken_invariant(const char* file, int line, const char* what) {
  std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, what);
  std::abort();
}
/// For what only a bug of ours can break; never for input.
#define ASHLAR_REQUIRE(cond)                                            \
  do {                                                                  \
    if (!(cond)) ::ashlar::broken_invariant(__FILE__, __LINE__, #cond); \
  } while (false)

/// A value or an Error. Dropping one warns at compile time.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : v_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : v_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return v_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() & {
    ASHLAR_REQUIRE(ok());
    return *std::get_if<0>(&v_);
  }
  const T& value() const& {
    ASHLAR_REQUIRE(ok());
    return *std::get_if<0>(&v_);
  }
  T&& value() && {
    ASHLAR_REQUIRE(ok());
    return std::move(*std::get_if<0>(&v_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const& {
    ASHLAR_REQUIRE(!ok());
    return *std::get_if<1>(&v_);
  }
  Error&& error() && {
    ASHLAR_REQUIRE(!ok());
    return std::move(*std::get_if<1>(&v_));
  }

  Result context(const std::string& what) && {
    if (ok()) return std::move(*this);
    return std::move(*this).error().context(what);
  }
  /// The error, if it is one, with what was noticed before it.
  Result noted(const std::vector<std::string>& notes) && {
    if (ok()) return std::move(*this);
    return std::move(*this).error().noted(notes);
  }

 private:
  std::variant<T, Error> v_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }
  void value() const { ASHLAR_REQUIRE(ok()); }
  const Error& error() const& {
    ASHLAR_REQUIRE(!ok());
    return *error_;
  }
  Error&& error() && {
    ASHLAR_REQUIRE(!ok());
    return std::move(*error_);
  }

  Result context(const std::string& what) && {
    if (ok()) return {};
    return std::move(*this).error().context(what);
  }
  Result noted(const std::vector<std::string>& notes) && {
    if (ok()) return {};
    return std::move(*this).error().noted(notes);
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;
inline Status ok() { return {}; }

/// The value of a Result expression, or return its Error from the enclosing function.
/// A lambda that uses it names its return type.
#define TRY(expr) ASHLAR_TRY_NAMED(__COUNTER__, expr)
#define ASHLAR_TRY_NAMED(n, expr) \
  ASHLAR_TRY(n, expr)  // so that n is a number by now: a TRY within a TRY shadows nothing
#define ASHLAR_TRY(n, expr)                                             \
  (__extension__({                                                      \
    auto ashlar_try_##n = (expr);                                       \
    if (!ashlar_try_##n.ok()) return std::move(ashlar_try_##n).error(); \
    std::move(ashlar_try_##n).value();                                  \
  }))

}  // namespace ashlar
