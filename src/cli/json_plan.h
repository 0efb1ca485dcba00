// SPDX-License-Identifier: LGPL-2.1-or-later
// A plan as a document, and read back. Described in docs/plan.md.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ops/describe.h"
#include "store/consensus.h"

namespace ashlar::cli {

/// What makes a plan repeatable.
struct PlanHead {
  std::vector<std::string> command;
  std::optional<std::string> input;  ///< of a batch or a specification
  std::string drawn;                 ///< random bytes
  std::uint64_t seconds = 0;
};

/// What a plan shows, and what must come out the same again.
struct Shown {
  const ops::Changes& changes;
  const ops::Facts& facts;  ///< what comes after the change is among its steps
  const std::vector<std::string>& warnings;
};
/// `failures`: of single objects; such a plan is not applied. Errc::Refused where the command or its input is no UTF-8.
Result<std::string> plan_json(const PlanHead& head, const Shown& shown, const std::vector<Error>& failures);

/// A plan as saved.
class SavedPlan {
 public:
  static Result<SavedPlan> parse(const std::string& text);
  ~SavedPlan();
  SavedPlan(SavedPlan&&) noexcept;
  SavedPlan& operator=(SavedPlan&&) noexcept;
  const PlanHead& head() const;
  /// Are the VGs what they were when it was made, those included that it only looks at? Errc::Refused names the seqno
  /// that moved.
  Status unmoved(const store::Picture& now) const;
  /// Is what is about to happen all that was shown, and nothing else? Errc::Refused names the first difference.
  Status same(const Shown& now) const;

 private:
  struct Impl;
  explicit SavedPlan(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ashlar::cli
