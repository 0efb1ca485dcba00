// SPDX-License-Identifier: LGPL-2.1-or-later
// A device-mapper in memory: keeps live and inactive tables, refuses what the real one refuses and orders that would
// be dangerous, fails where a test wants it to, and writes down what it did.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "activation/kernel.h"
#include "activation/order.h"

namespace ashlar::test {

class FakeKernel final : public dm::Kernel {
 public:
  static constexpr std::int32_t kMajor = 253;  ///< of all its devices

  struct Table {
    std::vector<dm::Target> targets;
    bool read_only = false;
    friend bool operator==(const Table&, const Table&) = default;
  };
  struct FakeDevice {
    std::string name, uuid, vg_name, lv_name;
    dm::DevNumber number;
    std::optional<Table> live, inactive;
    bool suspended = false;
    std::int32_t opens = 0;
    std::optional<std::uint32_t> read_ahead;
  };

  /// Devices that tables may map to. A table that leaves them, or maps sectors that another device's table has, is
  /// refused.
  void add_backing(dm::DevNumber number, Sectors size) { backing_[number] = size; }
  void open(const std::string& name) { ++at(name).opens; }
  void close(const std::string& name) { --at(name).opens; }
  /// Somebody else's device of this name.
  void add_foreign(const std::string& name, const std::string& uuid) { devices_[uuid] = {name, uuid, "", "", {}}; }
  /// As a program leaves it that was killed between suspend and resume.
  void leave_suspended(const std::string& name) { at(name).suspended = true; }

  /// The n-th operation from now (1: the next) fails once; 0: none does. Operations are the trace's lines.
  void fail_at(std::size_t n) { fail_at_ = n == 0 ? 0 : operations_ + n; }
  /// Makes the driver vanish, or come back.
  void set_available(bool available) { available_ = available; }
  /// As if the program were killed: the change under way is neither finished nor undone.
  void crash() { in_flight_ = false, ++epoch_; }

  /// Every operation tried, in order: "load vg0-a: 0 8192 linear 8:0 2048", "suspend vg0-a", ...; one that failed ends
  /// in " (failed)".
  const std::vector<std::string>& trace() const { return trace_; }
  void clear_trace() { trace_.clear(); }
  /// How many devices' tables were asked for.
  std::size_t tables_read() const { return tables_read_; }
  bool nothing_suspended() const;
  bool in_flight() const { return in_flight_; }
  const std::map<std::string, FakeDevice>& devices() const { return devices_; }  ///< by UUID
  const FakeDevice* find(const std::string& name) const;

  Result<std::vector<dm::ActiveDevice>> active(const Uuid& vg) override;
  Result<std::vector<dm::ActiveDevice>> active_of(const Uuid& vg, std::span<const Uuid> lvs) override;
  Result<std::vector<std::string>> active_uuids(const Uuid& vg) override;
  Result<std::vector<dm::ActiveDevice>> list() override;
  Result<std::unordered_map<std::string, std::string>> names() override;
  Result<std::unique_ptr<dm::Preloaded>> preload(const dm::Change& change) override;
  Status available() override;
  Result<std::string> driver_version() override;

 private:
  friend class FakeChange;

  FakeDevice& at(const std::string& name);
  Status idle(const char* what) const;
  Status check(const dm::Phases& phases) const;
  Status check_maps(const dm::Phases& phases) const;
  /// Writes an operation down and tells whether it may go on.
  Status operation(const std::string& what);

  Status create(const dm::Create& step);
  Status load(const std::string& uuid, const dm::Device& wanted);
  Status suspend(const std::string& uuid);
  Status resume(const std::string& uuid);
  Status rename(const std::string& uuid, const dm::Device& wanted);
  Status clear(const std::string& uuid);
  Status remove(const std::string& uuid);

  std::map<dm::DevNumber, Sectors> backing_;
  std::map<std::string, FakeDevice> devices_;
  std::vector<std::string> trace_;
  std::size_t operations_ = 0, fail_at_ = 0, epoch_ = 0, tables_read_ = 0;
  bool available_ = true, in_flight_ = false;
};

}  // namespace ashlar::test
