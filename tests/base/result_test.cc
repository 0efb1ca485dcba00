// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/unique_fd.h"

namespace ashlar {
namespace {

Result<int> half(int n) {
  if (n % 2 != 0) return Error(Errc::InvalidArgument, std::to_string(n) + " is odd");
  return n / 2;
}
Result<std::string> quarter(int n) {
  int once = TRY(half(n));
  return std::to_string(TRY(half(once)));
}
Status all_even(std::initializer_list<int> numbers) {
  for (int n : numbers) TRY(half(n));
  return ok();
}

TEST(Result, UnwrapsWithTryOrReturnsTheError) {
  EXPECT_EQ(*quarter(12), "3");
  auto odd = quarter(6);
  ASSERT_FALSE(odd.ok());
  EXPECT_EQ(odd.error(), Error(Errc::InvalidArgument, "3 is odd"));
  EXPECT_TRUE(all_even({2, 4}).ok());
  EXPECT_EQ(all_even({2, 3, 5}).error().message(), "3 is odd");
}

TEST(Result, AddsContextOnTheWayUp) {
  auto failed = half(3).context("reading").context("vg0");
  EXPECT_EQ(failed.error().message(), "vg0: reading: 3 is odd");
  EXPECT_EQ(failed.error().code(), Errc::InvalidArgument);
  EXPECT_EQ(*half(4).context("reading"), 2);
  Status s = Status(Error(Errc::Io, "no", 5)).context("vg0");
  EXPECT_EQ(s.error(), Error(Errc::Io, "vg0: no", 5));
  EXPECT_EQ(s.error().sys_errno(), 5);
}

TEST(Result, CarriesMoveOnlyValues) {
  Result<std::unique_ptr<int>> made(std::make_unique<int>(5));
  std::unique_ptr<int> taken = std::move(made).value();
  EXPECT_EQ(*taken, 5);
}

TEST(Result, HoldsAnErrorAsAValueApart) {
  Result<std::string> text(std::string("x"));
  EXPECT_TRUE(text);
  EXPECT_EQ(text->size(), 1U);
}

TEST(ResultDeathTest, AbortsWhereAnErrorIsTakenForAValue) {
  EXPECT_DEATH({ [[maybe_unused]] int n = half(3).value(); }, "broken invariant");
  EXPECT_DEATH({ [[maybe_unused]] Error e = half(4).error(); }, "broken invariant");
}

TEST(ErrnoError, MapsWhatCallersTellApart) {
  EXPECT_EQ(errno_error("/dev/x", ENOENT).code(), Errc::NotFound);
  EXPECT_EQ(errno_error("/dev/x", EBUSY).code(), Errc::Busy);
  EXPECT_EQ(errno_error("/dev/x", EEXIST).code(), Errc::Exists);
  EXPECT_EQ(errno_error("/dev/x", ENOSPC).code(), Errc::NoSpace);
  EXPECT_EQ(errno_error("/dev/x", EINTR).code(), Errc::Interrupted);
  Error io = errno_error("/dev/x", EIO);
  EXPECT_EQ(io, Error(Errc::Io, "/dev/x: Input/output error", EIO));
}

}  // namespace
}  // namespace ashlar
