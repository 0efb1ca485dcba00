// SPDX-License-Identifier: LGPL-2.1-or-later
// The crash states of a log: cuts between writes, torn writes, writes lost from disks' caches.
#include <fmt/core.h>

#include <algorithm>
#include <random>
#include <set>
#include <tuple>

#include "support/ram_disk.h"
#include "support/ram_state.h"

namespace ashlar::test {

namespace {

std::string describe(const RamState& state, std::size_t i) {
  const LogEntry& e = state.log[i];
  return fmt::format("entry {} (write of {} bytes at {} of {})", i, e.data.size(), e.offset, state.disks[e.disk].path);
}

/// True for each 512-byte piece whose block, of `per_block` pieces, `keep` says arrives.
template <class F>
std::vector<bool> pieces(std::size_t count, std::size_t per_block, F keep) {
  std::vector<bool> arrived(count);
  for (std::size_t i = 0; i < count; ++i) arrived[i] = keep(i / per_block);
  return arrived;
}

std::string show(const std::vector<bool>& arrived) {
  std::string s;
  for (bool b : arrived) s += b ? '#' : '.';
  return s.size() <= 64 ? s : s.substr(0, 30) + "..." + s.substr(s.size() - 30);
}

/// The writes among the first `done` entries that no flush of their disk followed.
std::vector<std::size_t> unflushed(const RamState& state, std::size_t done) {
  std::vector<std::size_t> pending;
  for (std::size_t i = 0; i < done; ++i) {
    const LogEntry& e = state.log[i];
    if (e.kind == LogEntry::Kind::Write)
      pending.push_back(i);
    else
      std::erase_if(pending, [&](std::size_t w) { return state.log[w].disk == e.disk; });
  }
  return pending;
}

}  // namespace

std::vector<Crash> RamMachine::cuts() const {
  std::vector<Crash> all{{.text = "cut before the first write"}};
  for (std::size_t i = 0; i < state_->log.size(); ++i)
    if (state_->log[i].kind == LogEntry::Kind::Write)
      all.push_back({.text = "cut after " + describe(*state_, i), .done = i + 1});
  return all;
}

std::vector<Crash> RamMachine::tears() const {
  std::vector<Crash> all;
  for (std::size_t i = 0; i < state_->log.size(); ++i) {
    const LogEntry& e = state_->log[i];
    if (e.kind != LogEntry::Kind::Write) continue;
    const std::size_t per_block = state_->disks[e.disk].block_size.n / 512;
    const std::size_t count = e.data.size() / 512;
    if (count <= per_block) continue;
    std::set<std::vector<bool>> distinct{pieces(count, per_block, [&](std::size_t b) { return b % 2 == 1; })};
    for (std::size_t at = 1; at < count / per_block; ++at) {
      distinct.insert(pieces(count, per_block, [&](std::size_t b) { return b < at; }));
      distinct.insert(pieces(count, per_block, [&](std::size_t b) { return b >= at; }));
    }
    for (const std::vector<bool>& arrived : distinct)
      all.push_back(
          {.text = fmt::format("torn in {}: {}", describe(*state_, i), show(arrived)), .done = i, .torn = arrived});
  }
  return all;
}

std::vector<Crash> RamMachine::losses(std::uint64_t seed) const {
  std::vector<Crash> all;
  std::mt19937_64 draw(seed);
  for (std::size_t done = 1; done <= state_->log.size(); ++done) {
    if (state_->log[done - 1].kind != LogEntry::Kind::Write) continue;
    const std::vector<std::size_t> pending = unflushed(*state_, done);
    std::set<std::vector<std::size_t>> subsets;
    auto add = [&](auto lost) {
      std::vector<std::size_t> some;
      for (std::size_t i = 0; i < pending.size(); ++i)
        if (lost(i)) some.push_back(pending[i]);
      subsets.insert(std::move(some));
    };
    if (pending.size() <= kAllSubsetsOf) {
      for (std::size_t bits = 0; bits < std::size_t{1} << pending.size(); ++bits)
        add([&](std::size_t i) { return (bits >> i & 1) != 0; });
    } else {
      add([](std::size_t) { return true; });
      for (std::size_t w = 0; w < pending.size(); ++w) {
        add([&](std::size_t i) { return i == w; });
        add([&](std::size_t i) { return i != w; });
      }
      for (std::size_t n = 0; n < kRandomSubsets; ++n) add([&](std::size_t) { return (draw() & 1) != 0; });
    }
    subsets.erase(std::vector<std::size_t>{});  // nothing lost: a cut
    for (const std::vector<std::size_t>& lost : subsets) {
      std::string list;
      for (std::size_t w : lost) list += (list.empty() ? "" : ", ") + describe(*state_, w);
      all.push_back(
          {.text = fmt::format("after {}, lost: {}", describe(*state_, done - 1), list), .done = done, .lost = lost});
    }
  }
  return all;
}

Crash RamMachine::power_lost() const {
  const std::size_t end = state_->log.size();
  return {.text = "power lost at the end", .done = end, .lost = unflushed(*state_, end)};
}

std::vector<Crash> RamMachine::crashes() const {
  std::vector<Crash> all;
  std::set<std::tuple<std::size_t, std::vector<bool>, std::vector<std::size_t>>> seen;
  auto add = [&](std::vector<Crash> more) {
    for (Crash& crash : more)
      if (seen.insert({crash.done, crash.torn, crash.lost}).second) all.push_back(std::move(crash));
  };
  add(cuts());
  add(tears());
  add(losses());
  return all;
}

}  // namespace ashlar::test
