// SPDX-License-Identifier: LGPL-2.1-or-later
#include "support/ram_disk.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>
#include <set>

#include "support/ram_state.h"

namespace ashlar::test {

using device::BlockDevice;
using device::DevNumber;

void Content::read(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    std::size_t at = offset % kPage;
    std::size_t n = std::min(out.size(), kPage - at);
    auto page = pages_.find(offset / kPage);
    if (page == pages_.end())
      std::memset(out.data(), 0, n);
    else
      std::memcpy(out.data(), page->second->data() + at, n);
    out = out.subspan(n);
    offset += n;
  }
}

void Content::write(std::uint64_t offset, std::span<const std::byte> in) {
  while (!in.empty()) {
    std::size_t at = offset % kPage;
    std::size_t n = std::min(in.size(), kPage - at);
    auto page = pages_.find(offset / kPage);
    auto fresh = page != pages_.end() ? std::make_shared<Page>(*page->second) : std::make_shared<Page>();
    std::memcpy(fresh->data() + at, in.data(), n);
    pages_[offset / kPage] = std::move(fresh);
    in = in.subspan(n);
    offset += n;
  }
}

RamDisk::RamDisk(std::shared_ptr<RamState> state, std::size_t index, Requests requests)
    : state_(std::move(state)), index_(index), requests_(requests) {}

const std::string& RamDisk::path() const { return state_->disks[index_].path; }
std::optional<DevNumber> RamDisk::number() const { return state_->disks[index_].number; }
Bytes RamDisk::size() const { return state_->disks[index_].size; }
Bytes RamDisk::block_size() const { return state_->disks[index_].block_size; }
device::Topology RamDisk::topology() const { return state_->disks[index_].topology; }
device::Topology& RamDisk::set_topology() { return state_->disks[index_].topology; }
std::uint64_t RamDisk::unit() const { return block_size().n; }

Status RamDisk::bounded(const char* what, std::uint64_t offset, std::size_t length, bool aligned) const {
  std::optional<std::uint64_t> end = checked_add(offset, length);
  if (!end || *end > size().n)
    return Error(Errc::InvalidArgument, fmt::format("Cannot {} {} bytes at {} of {}: past its end at {}", what, length,
                                                    offset, path(), size().n));
  if (aligned && (offset % unit() != 0 || length % unit() != 0))
    return Error(Errc::InvalidArgument, fmt::format("Cannot {} {} bytes at {} of {}: not whole blocks of {}", what,
                                                    length, offset, path(), unit()));
  return ok();
}

Status RamDisk::read(Bytes offset, std::span<std::byte> out) {
  TRY(bounded("read", offset.n, out.size(), requests_ == Requests::OnlyAligned));
  return device::read_any(*this, offset.n, out);
}

Status RamDisk::write(Bytes offset, std::span<const std::byte> in) {
  TRY(bounded("write", offset.n, in.size(), requests_ == Requests::OnlyAligned));
  return device::write_any(*this, offset.n, in);
}

Status RamDisk::read_blocks(std::uint64_t offset, std::span<std::byte> out) {
  TRY(bounded("read", offset, out.size(), true));
  RamState::Disk& disk = state_->disks[index_];
  if (disk.read_faults.strikes() || disk.is_bad(offset, out.size()))
    return Error(Errc::Io,
                 fmt::format("Cannot read {} bytes at {} of {}: Input/output error", out.size(), offset, path()), EIO);
  disk.bytes_read += out.size();
  disk.now.read(offset, out);
  return ok();
}

Status RamDisk::write_blocks(std::uint64_t offset, std::span<const std::byte> in) {
  TRY(bounded("write", offset, in.size(), true));
  RamState::Disk& disk = state_->disks[index_];
  if (disk.write_faults.strikes() || disk.is_bad(offset, in.size()))
    return Error(Errc::Io,
                 fmt::format("Cannot write {} bytes at {} of {}: Input/output error", in.size(), offset, path()), EIO);
  disk.now.write(offset, in);
  state_->log.push_back({LogEntry::Kind::Write, index_, offset, {in.begin(), in.end()}});
  return ok();
}

Status RamDisk::flush() {
  RamState::Disk& disk = state_->disks[index_];
  if (disk.flush_faults.strikes()) return Error(Errc::Io, "Cannot flush " + path() + ": Input/output error", EIO);
  state_->log.push_back({LogEntry::Kind::Flush, index_, 0, {}});
  return ok();
}

Status RamDisk::discard(Bytes offset, Bytes length) {
  return write(offset, std::vector<std::byte>(length.n, std::byte{0xDD}));
}

Status RamDisk::unchanged() {
  if (!state_->disks[index_].replaced) return ok();
  return Error(Errc::Refused, path() + " was replaced by another device since it was scanned");
}

void RamDisk::fail_read(std::size_t nth, bool and_later) { state_->disks[index_].read_faults.set(nth, and_later); }
void RamDisk::fail_write(std::size_t nth, bool and_later) { state_->disks[index_].write_faults.set(nth, and_later); }
void RamDisk::fail_flush(std::size_t nth, bool and_later) { state_->disks[index_].flush_faults.set(nth, and_later); }
void RamDisk::bad_sectors(Bytes offset, Bytes length) {
  state_->disks[index_].bad.emplace_back(offset.n, offset.n + length.n);
}
void RamDisk::vanish() {
  fail_read(0, true);
  fail_write(0, true);
  fail_flush(0, true);
}
void RamDisk::resize(Bytes size) { state_->disks[index_].size = size; }
void RamDisk::replace() { state_->disks[index_].replaced = true; }
void RamDisk::heal() {
  RamState::Disk& disk = state_->disks[index_];
  disk.read_faults.clear();
  disk.write_faults.clear();
  disk.flush_faults.clear();
  disk.bad.clear();
  disk.replaced = false;
}

std::size_t RamDisk::reads() const { return state_->disks[index_].read_faults.calls(); }
std::uint64_t RamDisk::bytes_read() const { return state_->disks[index_].bytes_read; }
std::size_t RamDisk::writes() const { return state_->disks[index_].write_faults.calls(); }
std::size_t RamDisk::flushes() const { return state_->disks[index_].flush_faults.calls(); }

std::vector<std::byte> RamDisk::peek(Bytes offset, std::size_t length) const {
  std::vector<std::byte> out(length);
  state_->disks[index_].now.read(offset.n, out);
  return out;
}

/// Also below the log, so that a crash state has it too.
void RamDisk::poke(Bytes offset, std::span<const std::byte> in) {
  state_->disks[index_].now.write(offset.n, in);
  state_->disks[index_].base.write(offset.n, in);
}

void RamDisk::set_busy(std::string reason) { state_->disks[index_].busy = std::move(reason); }
bool RamDisk::claimed() const { return state_->disks[index_].claimed; }

void RamDisk::plant(const device::DeviceSource::Signature& signature) {
  poke(signature.offset, std::vector<std::byte>(signature.length.n, std::byte{0xee}));
  state_->disks[index_].planted.push_back(signature);
}

RamMachine::RamMachine(Requests requests) : state_(std::make_shared<RamState>()) { state_->requests = requests; }
RamMachine::RamMachine(std::shared_ptr<RamState> state) : state_(std::move(state)) {
  for (std::size_t i = 0; i < state_->disks.size(); ++i)
    disks_.push_back(std::make_unique<RamDisk>(state_, i, state_->requests));
}
RamMachine::RamMachine(RamMachine&&) noexcept = default;
RamMachine& RamMachine::operator=(RamMachine&&) noexcept = default;
RamMachine::~RamMachine() = default;

RamDisk& RamMachine::add_image(const std::string& path, Bytes size) {
  RamDisk& disk = add(path, size);
  state_->disks.back().number.reset();
  return disk;
}

RamDisk& RamMachine::add(const std::string& path, Bytes size, Bytes block_size, std::optional<DevNumber> number) {
  std::size_t index = disks_.size();
  RamState::Disk disk;
  disk.path = path;
  disk.size = size;
  disk.block_size = block_size;
  disk.number = number ? *number : DevNumber{250, static_cast<std::uint32_t>(index * 16)};
  state_->disks.push_back(std::move(disk));
  disks_.push_back(std::make_unique<RamDisk>(state_, index, state_->requests));
  return *disks_.back();
}

RamDisk& RamMachine::disk(const std::string& path) {
  for (auto& disk : disks_)
    if (disk->path() == path) return *disk;
  const bool there_is_a_disk_of_that_name = false;
  ASHLAR_REQUIRE(there_is_a_disk_of_that_name);
  return *disks_.front();
}

void RamMachine::remove(const std::string& path) { state_->disks[disk(path).index_].removed = true; }

void RamMachine::bring_back(const std::string& path) { state_->disks[disk(path).index_].removed = false; }

Result<device::DeviceSource::Candidates> RamMachine::candidates() {
  Candidates found;
  for (auto& disk : disks_) {
    if (state_->disks[disk->index_].removed) continue;
    found.devices.push_back(disk.get());
    std::vector<std::byte>& first = found.first.emplace_back(std::min(kFirstBytes, disk->size()).n);
    Status read = disk->read({0}, first);
    if (read.ok()) continue;
    first.clear();
    found.problems.push_back(read.error().message());
  }
  return found;
}

Result<BlockDevice*> RamMachine::find(const std::string& path) {
  for (auto& disk : disks_)
    if (disk->path() == path && !state_->disks[disk->index_].removed) return static_cast<BlockDevice*>(disk.get());
  return Error(Errc::NotFound, "No device found for " + path + ".");
}

Status RamMachine::check_claim(BlockDevice& device) {
  const RamState::Disk& disk = state_->disks[static_cast<RamDisk&>(device).index_];
  return disk.busy.empty() ? ok() : Status(Error(Errc::Busy, "Cannot use " + disk.path + ": " + disk.busy));
}

void RamMachine::unclaim(BlockDevice& device) { state_->disks[static_cast<RamDisk&>(device).index_].claimed = false; }

Status RamMachine::claim(BlockDevice& device) {
  RamState::Disk& disk = state_->disks[static_cast<RamDisk&>(device).index_];
  if (!disk.busy.empty()) return Error(Errc::Busy, "Cannot use " + disk.path + ": " + disk.busy);
  disk.claimed = true;
  return ok();
}

Result<std::vector<device::DeviceSource::Signature>> RamMachine::signatures(BlockDevice& device) {
  std::vector<Signature> found;
  auto* disk = dynamic_cast<RamDisk*>(&device);
  if (disk == nullptr) return found;  // an LV: nothing is planted there
  for (const Signature& s : state_->disks[disk->index_].planted) {
    std::vector<std::byte> bytes = disk->peek(s.offset, s.length.n);
    if (std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0xee}; })) found.push_back(s);
  }
  return found;
}

void RamMachine::forget_log() {
  for (RamState::Disk& disk : state_->disks) disk.base = disk.now;
  state_->log.clear();
}

const std::vector<LogEntry>& RamMachine::log() const { return state_->log; }

std::size_t RamMachine::write_count() const {
  return static_cast<std::size_t>(std::ranges::count(state_->log, LogEntry::Kind::Write, &LogEntry::kind));
}

RamMachine RamMachine::reopen(const Crash& crash) const {
  ASHLAR_REQUIRE(crash.done <= state_->log.size());
  auto state = std::make_shared<RamState>();
  state->requests = state_->requests;
  for (const RamState::Disk& disk : state_->disks) state->disks.push_back(disk.reopened());
  for (std::size_t i = 0; i < crash.done; ++i) {
    const LogEntry& entry = state_->log[i];
    if (entry.kind == LogEntry::Kind::Write && std::ranges::count(crash.lost, i) == 0)
      state->disks[entry.disk].base.write(entry.offset, entry.data);
  }
  for (std::size_t piece = 0; piece < crash.torn.size(); ++piece) {
    const LogEntry& entry = state_->log.at(crash.done);
    if (crash.torn[piece])
      state->disks[entry.disk].base.write(entry.offset + piece * 512, std::span(entry.data).subspan(piece * 512, 512));
  }
  for (RamState::Disk& disk : state->disks) disk.now = disk.base;
  return RamMachine(std::move(state));
}

RamMachine RamMachine::reopen() const { return reopen(Crash{.text = "no crash", .done = state_->log.size()}); }

RamMachine RamMachine::after_writes(std::size_t count) const {
  std::size_t done = 0;
  for (; count > 0; ++done) {
    ASHLAR_REQUIRE(done < state_->log.size());
    if (state_->log[done].kind == LogEntry::Kind::Write) --count;
  }
  return reopen(Crash{.text = "after writes", .done = done});
}

}  // namespace ashlar::test
