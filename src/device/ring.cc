// SPDX-License-Identifier: LGPL-2.1-or-later
// run() through io_uring: one slot per transfer under way, one device in a slot at a time, so that a device's ops stay
// in order while kQueueDepth devices work at once. A request that is not whole blocks becomes reads of its edge
// blocks and then one write, as in aligned.cc. What the ring cannot do goes through the device's own functions; so does
// all that is left once the kernel takes nothing more from it.
#include <fmt/core.h>
#include <liburing.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <utility>
#include <vector>

#include "base/log.h"
#include "device/aligned.h"
#include "device/direct_access.h"
#include "device/io.h"

namespace ashlar::device {

namespace {

class Ring {
 public:
  Ring() : ready_(::io_uring_queue_init(kQueueDepth, &ring_, 0) == 0) {}
  ~Ring() {
    if (ready_) ::io_uring_queue_exit(&ring_);
  }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  explicit operator bool() const { return ready_; }
  io_uring* get() { return &ring_; }

 private:
  io_uring ring_{};
  bool ready_;
};

/// One transfer of whole blocks, or a flush (no bytes).
struct Step {
  IoOp::Kind kind;
  std::uint64_t offset;
  std::span<std::byte> memory;
};

/// A device at work: its current op as at most three steps.
struct Slot {
  DeviceQueue* queue = nullptr;
  std::size_t op = 0;
  SharedFd fd;  ///< keeps the pool from closing it while the kernel uses it
  AlignedBuffer buffer;
  std::span<std::byte> blocks;
  Cover range;
  Step steps[3];
  unsigned step = 0, step_count = 0;
  std::size_t done = 0;  ///< bytes of the current step, after a short transfer
};

class Batch {
  static constexpr unsigned kMaxRefused = 100;  ///< times in a row, a millisecond each

 public:
  Batch(Ring& ring, std::span<DeviceQueue> queues) : ring_(ring), waiting_(queues), slots_(depth()) {
    unsent_.reserve(slots_.size());
  }
  /// After an exception the kernel may still be reading and writing our memory, which is about to go.
  ~Batch() {
    unsent_.clear();
    while (held_ > 0) {
      nap();
      reap([](Slot&, int) {});
    }
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  void run() {
    for (Slot& slot : slots_) take_next_device(slot);
    while (held_ > 0 || !unsent_.empty()) {
      if (!by_hand_)
        send();
      else
        nap();
      reap([&](Slot& slot, int result) {
        refused_ = 0;
        step_ended(slot, result);
      });
    }
  }

 private:
  /// Gives the kernel what is unsent, and waits for one that it holds to end. The descriptors and memory are ours and
  /// every entry was laid out as the kernel wants it: a signal or a full queue can get in between, and both pass. What
  /// it refuses for good is done without it.
  void send() {
    const int r = ::io_uring_submit_and_wait(ring_.get(), 1);
    const std::size_t sent = unsent_.size() - std::min<std::size_t>(unsent_.size(), ::io_uring_sq_ready(ring_.get()));
    unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(sent));
    held_ += sent;
    if (r >= 0 || r == -EINTR) return;
    nap();
    if (++refused_ < kMaxRefused) return;
    log(LogLevel::Debug, fmt::format("io_uring is refused ({}): going on without it", std::strerror(-r)));
    by_hand_ = true;
    // Entries in the ring that nobody sends are dropped with it.
    for (Slot* slot : std::exchange(unsent_, {})) op_ended(*slot, perform(*slot->queue->ops[slot->op]));
  }

  static void nap() {
    const timespec millisecond{0, 1'000'000};
    ::nanosleep(&millisecond, nullptr);
  }

  void reap(auto&& ended) {
    io_uring_cqe* completion = nullptr;
    while (held_ > 0 && ::io_uring_peek_cqe(ring_.get(), &completion) == 0) {
      Slot& slot = *static_cast<Slot*>(::io_uring_cqe_get_data(completion));
      const int result = completion->res;
      ::io_uring_cqe_seen(ring_.get(), completion);
      --held_;
      ended(slot, result);
    }
  }

  /// Each transfer holds a descriptor open, so a process that may have few gets few.
  static std::size_t depth() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1;
    return std::clamp<std::size_t>(limit.rlim_cur / 8, 1, kQueueDepth);
  }

  void take_next_device(Slot& slot) {
    while (next_ < waiting_.size()) {
      slot.queue = &waiting_[next_++];
      slot.op = 0;
      if (start_op(slot)) return;
    }
  }

  /// Starts the slot's op, or, where it needs no step, those after it; false when the device has none left.
  bool start_op(Slot& slot) {
    for (; slot.op < slot.queue->ops.size(); ++slot.op) {
      IoOp& op = *slot.queue->ops[slot.op];
      if (by_hand_ || !fits(op)) {
        op.result = perform(op);
        if (op.result.ok()) continue;
        fail_rest(*slot.queue, slot.op + 1, Error(op.result.error()));
        return false;
      }
      Result<SharedFd> fd = op.device->direct()->lease(op.kind == IoOp::Kind::Write ? Mode::Write : Mode::Read);
      if (!fd.ok()) {
        fail_rest(*slot.queue, slot.op, fd.error());
        return false;
      }
      slot.fd = std::move(fd).value();
      lay_out(slot, op);
      submit(slot);
      return true;
    }
    return false;
  }

  /// Whole blocks of it lie within the device and in one buffer. The rest is left to the device's own functions, which
  /// also word the error of a request past the end.
  static bool fits(const IoOp& op) {
    if (op.kind == IoOp::Kind::Flush) return true;
    std::size_t length = op.kind == IoOp::Kind::Read ? op.read_into.size() : op.write_from.size();
    DirectAccess& direct = *op.device->direct();
    if (length == 0 || length > kMaxTransfer - 2 * direct.unit() || op.offset.n > direct.direct_end()) return false;
    return cover(op.offset.n, length, direct.unit()).end <= direct.direct_end();
  }

  static void lay_out(Slot& slot, const IoOp& op) {
    slot.step = slot.step_count = 0;
    slot.done = 0;
    auto add = [&](Step step) { slot.steps[slot.step_count++] = step; };
    if (op.kind == IoOp::Kind::Flush) {
      if (log_enabled()) log(LogLevel::Debug, "flush " + op.device->path());
      return add({op.kind, 0, {}});
    }
    const std::uint64_t unit = op.device->direct()->unit();
    const bool reads = op.kind == IoOp::Kind::Read;
    const std::size_t length = reads ? op.read_into.size() : op.write_from.size();
    slot.range = cover(op.offset.n, length, unit);
    slot.blocks = slot.buffer.room(slot.range.length());
    if (!reads) {
      if (log_enabled())
        log(LogLevel::Debug, fmt::format("write {} bytes at {} of {}", length, op.offset.n, op.device->path()));
      const bool ragged_tail = slot.range.end != op.offset.n + length;
      const bool one_block = slot.range.length() == unit;
      if (slot.range.start != op.offset.n || (ragged_tail && one_block))
        add({IoOp::Kind::Read, slot.range.start, slot.blocks.first(unit)});
      if (ragged_tail && !one_block) add({IoOp::Kind::Read, slot.range.end - unit, slot.blocks.last(unit)});
    }
    add({op.kind, slot.range.start, slot.blocks});
  }

  void submit(Slot& slot) {
    if (by_hand_) return op_ended(slot, perform(*slot.queue->ops[slot.op]));
    Step& step = slot.steps[slot.step];
    const IoOp& op = *slot.queue->ops[slot.op];
    if (step.kind == IoOp::Kind::Write && slot.done == 0)
      std::memcpy(slot.blocks.data() + (op.offset.n - slot.range.start), op.write_from.data(), op.write_from.size());
    io_uring_sqe* entry = ::io_uring_get_sqe(ring_.get());
    ASHLAR_REQUIRE(entry != nullptr);  // as many entries as slots
    std::span<std::byte> rest = step.memory.subspan(slot.done);
    const auto length = static_cast<unsigned>(rest.size());
    switch (step.kind) {
      case IoOp::Kind::Read:
        ::io_uring_prep_read(entry, slot.fd->get(), rest.data(), length, step.offset + slot.done);
        break;
      case IoOp::Kind::Write:
        ::io_uring_prep_write(entry, slot.fd->get(), rest.data(), length, step.offset + slot.done);
        break;
      case IoOp::Kind::Flush:
        ::io_uring_prep_fsync(entry, slot.fd->get(), IORING_FSYNC_DATASYNC);
        break;
    }
    ::io_uring_sqe_set_data(entry, &slot);
    unsent_.push_back(&slot);
  }

  void step_ended(Slot& slot, int result) {
    Step& step = slot.steps[slot.step];
    if (result == -EINTR) return submit(slot);
    // A flush that failed is not tried again: the kernel tells of lost writes once, and would then say that all is
    // well.
    if (result < 0 && !unable(result) && step.kind == IoOp::Kind::Flush)
      return op_ended(slot, errno_error("Cannot flush " + slot.queue->device->path(), -result));
    // What the ring cannot do on this file or kernel (EAGAIN, EINVAL, EOPNOTSUPP) the device's own functions may; and
    // they word the error of what really fails, the same as without a ring.
    if (result < 0 || (result == 0 && !step.memory.empty())) return op_ended(slot, perform(*slot.queue->ops[slot.op]));
    slot.done += static_cast<std::size_t>(result);
    if (slot.done < step.memory.size()) return submit(slot);
    slot.done = 0;
    if (++slot.step < slot.step_count) return submit(slot);
    IoOp& op = *slot.queue->ops[slot.op];
    if (op.kind == IoOp::Kind::Read)
      std::memcpy(op.read_into.data(), slot.blocks.data() + (op.offset.n - slot.range.start), op.read_into.size());
    op_ended(slot, ok());
  }

  static bool unable(int result) { return result == -EAGAIN || result == -EINVAL || result == -EOPNOTSUPP; }

  void op_ended(Slot& slot, Status result) {
    slot.fd.reset();
    IoOp& op = *slot.queue->ops[slot.op++];
    op.result = std::move(result);
    if (!op.result.ok()) {
      fail_rest(*slot.queue, slot.op, Error(op.result.error()));
    } else if (start_op(slot)) {
      return;
    }
    take_next_device(slot);
  }

  Ring& ring_;
  std::span<DeviceQueue> waiting_;
  std::vector<Slot> slots_;
  std::size_t next_ = 0;
  std::vector<Slot*> unsent_;  ///< in the order of their entries
  std::size_t held_ = 0;       ///< by the kernel, which has not said yet how they ended
  unsigned refused_ = 0;
  bool by_hand_ = false;
};

}  // namespace

bool run_on_ring(std::span<DeviceQueue> queues) {
  Ring ring;
  if (!ring) return false;
  Batch(ring, queues).run();
  return true;
}

}  // namespace ashlar::device
