// SPDX-License-Identifier: LGPL-2.1-or-later
// Chance and time of an operation, held fast: what was planned can be carried out exactly as it was shown.
#pragma once

#include <memory>
#include <string>

#include "ops/system.h"

namespace ashlar::ops {

/// Puts a recorder, or a player, in place of a System's random numbers and clock while it lives.
class Chance {
 public:
  explicit Chance(System& sys);                                   ///< notes what is drawn; time stands still
  Chance(System& sys, std::string drawn, std::uint64_t seconds);  ///< gives it again, then goes on with new numbers
  ~Chance();
  Chance(const Chance&) = delete;
  Chance& operator=(const Chance&) = delete;

  const std::string& drawn() const { return *drawn_; }  ///< bytes
  std::uint64_t seconds() const { return seconds_; }

 private:
  void stand_in(std::size_t given);

  System& sys_;
  std::unique_ptr<Random> random_;
  std::function<std::uint64_t()> now_;
  std::shared_ptr<std::string> drawn_;
  std::uint64_t seconds_;
};

}  // namespace ashlar::ops
