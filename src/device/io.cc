// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device/io.h"

#include <unordered_map>

#include "device/aligned.h"
#include "device/direct_access.h"
#include "device/parallel.h"

namespace ashlar::device {

Status BlockDevice::clear(Bytes offset, Bytes length) {
  const std::vector<std::byte> zeros(std::min(length.n, kMaxTransfer));
  for (std::uint64_t done = 0; done < length.n; done += zeros.size())
    TRY(write(Bytes{offset.n + done}, std::span(zeros).first(std::min<std::uint64_t>(zeros.size(), length.n - done))));
  return ok();
}

namespace {

void run_on_threads(std::span<DeviceQueue> queues) {
  in_parallel(queues.size(), kMaxThreads, [&](std::size_t i) { perform_in_order(queues[i]); });
}

/// One queue per device with a descriptor, in order of first appearance.
std::vector<DeviceQueue> queues_of(std::span<IoOp> ops) {
  std::vector<DeviceQueue> queues;
  std::unordered_map<BlockDevice*, std::size_t> index;
  for (IoOp& op : ops) {
    if (op.device->direct() == nullptr) continue;
    auto [it, fresh] = index.try_emplace(op.device, queues.size());
    if (fresh) queues.push_back({op.device, {}});
    queues[it->second].ops.push_back(&op);
  }
  return queues;
}

/// Devices without a descriptor live in memory: there is nothing to wait for, and a fixed order makes tests repeatable.
void run_in_memory(std::span<IoOp> ops) {
  std::unordered_map<BlockDevice*, Error> failed;
  for (IoOp& op : ops) {
    if (op.device->direct() != nullptr) continue;
    auto earlier = failed.find(op.device);
    op.result = earlier != failed.end() ? Status(earlier->second) : perform(op);
    if (!op.result.ok()) failed.try_emplace(op.device, op.result.error());
  }
}

}  // namespace

Status perform(const IoOp& op) {
  switch (op.kind) {
    case IoOp::Kind::Read:
      return op.device->read(op.offset, op.read_into);
    case IoOp::Kind::Write:
      return op.device->write(op.offset, op.write_from);
    case IoOp::Kind::Flush:
      return op.device->flush();
  }
  return ok();
}

void fail_rest(DeviceQueue& queue, std::size_t first, const Error& error) {
  for (std::size_t i = first; i < queue.ops.size(); ++i) queue.ops[i]->result = error;
}

void perform_in_order(DeviceQueue& queue, std::size_t first) {
  for (std::size_t i = first; i < queue.ops.size(); ++i) {
    IoOp& op = *queue.ops[i];
    op.result = perform(op);
    if (!op.result.ok()) return fail_rest(queue, i + 1, Error(op.result.error()));
  }
}

bool run_with(IoEngine engine, std::span<IoOp> ops) {
  std::vector<DeviceQueue> queues = queues_of(ops);
  if (engine == IoEngine::Ring && !run_on_ring(queues)) return false;
  if (engine == IoEngine::Threads) run_on_threads(queues);
  run_in_memory(ops);
  return true;
}

void run(std::span<IoOp> ops) {
  std::vector<DeviceQueue> queues = queues_of(ops);
  if (queues.size() <= 1 || ops.size() <= 2) {  // setting up costs more than it saves
    for (DeviceQueue& queue : queues) perform_in_order(queue);
  } else if (!run_on_ring(queues)) {
    run_on_threads(queues);
  }
  run_in_memory(ops);
}

}  // namespace ashlar::device
