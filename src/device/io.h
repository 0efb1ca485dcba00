// SPDX-License-Identifier: LGPL-2.1-or-later
// How run() carries out a batch; the engines are told apart only for tests and measurements.
#pragma once

#include <span>
#include <vector>

#include "device/block_device.h"

namespace ashlar::device {

/// Each engine works where the one before it does not: io_uring is often forbidden in containers.
enum class IoEngine : std::uint8_t { Ring, Threads };

/// Transfers under way at the same time, and threads where there is no ring.
inline constexpr unsigned kQueueDepth = 64;
inline constexpr unsigned kMaxThreads = 16;

/// The ops of one device, in order.
struct DeviceQueue {
  BlockDevice* device = nullptr;
  std::vector<IoOp*> ops;
};

/// run() with an engine of one's choice for devices that have a descriptor. False if the system has no such engine;
/// then nothing was done.
bool run_with(IoEngine engine, std::span<IoOp> ops);

/// Does one op by the device's own functions.
Status perform(const IoOp& op);
/// Does the ops from `first` on by perform(); after a failure the rest get its error.
void perform_in_order(DeviceQueue& queue, std::size_t first = 0);
/// Gives the ops from `first` on this error.
void fail_rest(DeviceQueue& queue, std::size_t first, const Error& error);

/// The ops of all queues through io_uring; false if the kernel refuses to make a ring.
bool run_on_ring(std::span<DeviceQueue> queues);

}  // namespace ashlar::device
