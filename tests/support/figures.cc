// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/figures.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

namespace ashlar::test {

namespace {
class Printed final : public testing::Environment {
 public:
  Printed(std::string name, Figure figure) : name_(std::move(name)), figure_(std::move(figure)) {}
  void TearDown() override {
    const testing::UnitTest& all = *testing::UnitTest::GetInstance();
    const bool whole = all.test_to_run_count() == all.total_test_count() && all.failed_test_count() == 0 &&
                       all.skipped_test_count() == 0 && std::getenv("GTEST_TOTAL_SHARDS") == nullptr;
    std::printf("%s: %s\n", name_.c_str(), figure_(whole).c_str());
  }

 private:
  std::string name_;
  Figure figure_;
};
}  // namespace

Figures::Figures(std::string name, Figure figure) {
  testing::AddGlobalTestEnvironment(new Printed(std::move(name), std::move(figure)));
}

}  // namespace ashlar::test
